//! One record at a time: JSON in, a JSON decision out.

use crate::ir::outcome::{Reject, RejectCode};
use crate::ir::schema::{PROFILE, Schema};
use crate::ir::{Const, NodeId, Program, Type, time};
use seg_runtime::{Decider, Decision, Options, References};
pub use seg_runtime::{RequestOptions, UnknownFields};
use serde_json::{Map, Number, Value as Json, json};

/// Decides single records of one playbook.
pub struct Evaluator<'p> {
    program: &'p Program,
    decider: Decider<'p>,
    as_of: i64,
    segments: Vec<&'p str>,
    attributes: Vec<(&'p str, &'p Type)>,
}

impl<'p> Evaluator<'p> {
    /// Loads the reference tables once, and compiles as `options.method` says. **Errors**: a reference table that is not
    /// bound or cannot be read.
    pub fn new(program: &'p Program, options: &Options, request: RequestOptions) -> Result<Self, seg_runtime::Error> {
        let references = References::load(program, options)?;
        let wanted = |name: &String, own: bool| if options.only.is_empty() { own } else { options.only.contains(name) };
        let run = &program.optimised;
        let segments = program.segments.iter().zip(&run.segments).filter(|(s, _)| wanted(&s.name, s.own));
        let (segments, mut nodes): (Vec<&str>, Vec<NodeId>) =
            segments.map(|(s, node)| (s.name.as_str(), *node)).unzip();
        let attributes = program.attributes.iter().zip(&run.attributes).filter(|(a, _)| wanted(&a.name, a.own));
        let (attributes, values): (Vec<_>, Vec<NodeId>) =
            attributes.map(|(a, node)| ((a.name.as_str(), program.ir.ty(a.node)), *node)).unzip();
        nodes.extend(values);
        let decider = Decider::new(program, references, request, options.method, nodes)?;
        Ok(Evaluator { program, decider, as_of: options.as_of, segments, attributes })
    }

    /// The decision on one record: the key under its own name, `segments` (true, false, null), `attributes`, and
    /// `rejects` where events of it break the schema and were left out; or the key, where it could be read, and `error`
    /// with code, path and reason.
    pub fn decide(&self, line: &str, row: u64) -> Json {
        let decided = self.decider.decide(line, row, self.as_of, |decision| self.show(decision));
        decided.unwrap_or_else(|reject| self.refusal(&reject))
    }

    /// As [`Evaluator::decide`], over bytes that may not be text.
    pub fn decide_bytes(&self, line: &[u8], row: u64) -> Json {
        match std::str::from_utf8(line) {
            Ok(text) => self.decide(text, row),
            // A character that is cut off ends no record; of a record that is too long that is not the first fault.
            Err(error) if error.error_len().is_none() => self.decide(&String::from_utf8_lossy(line), row),
            Err(_) => self.refusal(&Reject {
                source: self.program.schema.profile().name.clone(),
                file: None,
                row,
                key: None,
                field: String::new(),
                code: RejectCode::Malformed,
                reason: "the record is not UTF-8 text".to_string(),
            }),
        }
    }

    fn show(&self, decision: &Decision<'_>) -> Json {
        let schema = &self.program.schema;
        let mut out = Map::new();
        if let Some(key) = schema.profile().key {
            let field = schema.field(PROFILE, key);
            out.insert(field.name.clone(), to_json(schema, &field.ty, &decision.key.to_const()));
        }
        let segments = self.segments.iter().enumerate();
        let segments = segments.map(|(at, name)| ((*name).to_string(), json!(decision.truth(at))));
        let attributes = self.attributes.iter().zip(self.segments.len()..);
        let attributes = attributes.map(|((name, ty), at)| {
            let value = to_json(schema, ty, &decision.value(at).to_const());
            ((*name).to_string(), value)
        });
        out.insert("segments".into(), Json::Object(segments.collect()));
        out.insert("attributes".into(), Json::Object(attributes.collect()));
        if !decision.rejects.is_empty() {
            out.insert("rejects".into(), decision.rejects.iter().map(fault).collect());
        }
        Json::Object(out)
    }

    fn refusal(&self, reject: &Reject) -> Json {
        let mut out = Map::new();
        let schema = &self.program.schema;
        if let (Some(key), Some(text)) = (schema.profile().key, &reject.key) {
            let field = schema.field(PROFILE, key);
            let value = match field.ty {
                Type::Int => text.parse::<i64>().map_or_else(|_| json!(text), |n| json!(n)),
                _ => json!(text),
            };
            out.insert(field.name.clone(), value);
        }
        out.insert("error".into(), fault(reject));
        Json::Object(out)
    }
}

fn fault(reject: &Reject) -> Json {
    json!({ "code": reject.code.name(), "path": reject.field, "row": reject.row, "reason": reject.reason })
}

/// A value as JSON, in the form in which records give it: money in major units, percentages as fractions, dates and
/// instants as text, members by their text. Missing is null.
pub fn to_json(schema: &Schema, ty: &Type, value: &Const) -> Json {
    match (value, ty) {
        (Const::Missing(_), _) => Json::Null,
        (Const::Bool(v), _) => json!(v),
        (Const::Int(v), _) => json!(v),
        (Const::Number(bits), _) => json!(f64::from_bits(*bits)),
        (Const::Percent(v), _) => decimal(*v, 6),
        (Const::Money(v), Type::Money(currency)) => decimal(*v, currency.exponent() as usize),
        (Const::Money(v), _) => json!(v),
        (Const::Text(v), _) => json!(&**v),
        (Const::Date(v), _) => json!(time::show_date(*v)),
        (Const::Timestamp(v), _) => json!(time::show_instant(*v)),
        (Const::TimeOfDay(v), _) => json!(time::show_time(i64::from(*v) * 1_000_000)),
        (Const::Span(_) | Const::Period(_), _) => json!(seg_compiler::literal(schema, ty, value)),
        (Const::Enum(v), Type::Enum(id)) => {
            json!(schema.enum_type(*id).members.get(*v as usize).map(|m| m.value.as_str()))
        }
        (Const::Enum(v) | Const::Reference(v), _) => json!(v),
        (Const::List(items), Type::List(item)) => items.iter().map(|i| to_json(schema, item, i)).collect(),
        (Const::List(_), _) => Json::Null,
    }
}

/// A scaled whole number as an exact JSON number.
fn decimal(value: i64, places: usize) -> Json {
    let digits = format!("{:0width$}", value.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if value < 0 { "-" } else { "" };
    let fraction = if places > 2 { fraction.trim_end_matches('0') } else { fraction };
    let text = if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    text.parse::<Number>().map_or(Json::Null, Json::Number)
}
