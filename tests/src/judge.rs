//! Answers the questions of the suites: compiles a playbook, decodes the record as a request would be, and gives the value
//! of an attribute or a segment as JSON.

use seg_grammar::Severity;
use seg_ir::interpret::Interpreter;
use seg_ir::time::{ParsedTime, parse_timestamp, show_date, show_instant, show_time};
use seg_ir::{Const, NodeId, Program, Schema, Type};
use seg_runtime::{Decoder, References, RequestOptions};
use serde_json::Value as Json;

use crate::fixture::compile_text;
use crate::suites::{Judge, Outcome};

/// The compiler and the interpreter.
pub struct Interpreted;

impl Judge for Interpreted {
    fn run(&self, source: &str, result_name: &str, record: &Json, as_of: &str) -> Outcome {
        let compiled = compile_text(source);
        let Some(program) = &compiled.program else {
            let errors = compiled.diagnostics.iter().filter(|d| d.severity == Severity::Error);
            return Outcome::Refused { codes: errors.map(|d| d.code.0.to_string()).collect() };
        };
        match answer(program, result_name, record, as_of) {
            Ok(value) => Outcome::Value(value),
            // Not one of the compiler's codes, so that it never counts as an answer.
            Err(fault) => Outcome::Value(Json::String(format!("({fault})"))),
        }
    }
}

fn answer(program: &Program, name: &str, record: &Json, as_of: &str) -> Result<Json, String> {
    let (node, ty) = result(program, name).ok_or_else(|| format!("there is no `{name}`"))?;
    let Some(ParsedTime::Instant(as_of)) = parse_timestamp(as_of) else {
        return Err(format!("`{as_of}` is no instant"));
    };
    let references = References::default();
    let decoder = Decoder::new(program, &references, RequestOptions::default()).map_err(|e| e.to_string())?;
    let decoded = decoder
        .decode(&record.to_string(), 1, as_of)
        .map_err(|reject| format!("rejected: {} {}", reject.field, reject.reason))?;
    let mut interpreter = Interpreter::new(program.context(as_of), &decoded.record);
    interpreter.customer(0);
    Ok(json(&program.schema, ty, &interpreter.value(node).to_const()))
}

fn result<'p>(program: &'p Program, name: &str) -> Option<(NodeId, &'p Type)> {
    let attribute = program.attribute(name).map(|a| (a.node, &a.ty));
    attribute.or_else(|| program.segment(name).map(|s| (s.node, &Type::Bool)))
}

/// A value as a suite's expectation is compared with: numbers in full, members by name, moments as text.
fn json(schema: &Schema, ty: &Type, value: &Const) -> Json {
    match (value, ty) {
        (Const::Missing(_) | Const::Reference(_), _) => Json::Null,
        (Const::Bool(v), _) => Json::Bool(*v),
        (Const::Int(v) | Const::Money(v) | Const::Percent(v) | Const::Span(v), _) => Json::from(*v),
        (Const::Number(bits), _) => Json::from(f64::from_bits(*bits)),
        (Const::Text(v), _) => Json::from(v.as_ref()),
        (Const::Date(v), _) => Json::from(show_date(*v)),
        (Const::Timestamp(v), _) => Json::from(show_instant(*v)),
        (Const::TimeOfDay(v), _) => Json::from(show_time(i64::from(*v) * 1_000_000)),
        (Const::Period(p), _) => Json::from(format!("{} months {} days", p.months, p.days)),
        (Const::Enum(member), Type::Enum(id)) => {
            let member = schema.enum_type(*id).members.get(*member as usize);
            member.map_or(Json::Null, |m| Json::from(m.name.as_str()))
        }
        (Const::Enum(_), _) => Json::Null,
        (Const::List(items), Type::List(item)) => Json::Array(items.iter().map(|i| json(schema, item, i)).collect()),
        (Const::List(_), _) => Json::Null,
    }
}
