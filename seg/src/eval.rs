//! One record at a time: JSON in, a JSON decision out.

use crate::ir::interpret::Interpreter;
use crate::ir::outcome::Reject;
use crate::ir::schema::{PROFILE, Schema};
use crate::ir::{Const, Program, Type, time};
use seg_runtime::{Decoder, Options, References};
pub use seg_runtime::{RequestOptions, UnknownFields};
use serde_json::{Map, Number, Value as Json, json};

/// Decides single records of one playbook.
pub struct Evaluator<'p> {
    program: &'p Program,
    references: References,
    decoder: Decoder<'p>,
    as_of: i64,
    only: Vec<String>,
}

impl<'p> Evaluator<'p> {
    /// Loads the reference tables once. **Errors**: a reference table that is not bound or cannot be read.
    pub fn new(program: &'p Program, options: &Options, request: RequestOptions) -> Result<Self, seg_runtime::Error> {
        let references = References::load(program, options)?;
        let decoder = Decoder::new(program, &references, request)?;
        Ok(Evaluator { program, references, decoder, as_of: options.as_of, only: options.only.clone() })
    }

    /// The decision on one record: the key under its own name, `segments` (true, false, null), `attributes`, and
    /// `rejects` where events of it break the schema and were left out; or the key, where it could be read, and `error`
    /// with code, path and reason.
    pub fn decide(&self, line: &str, row: u64) -> Json {
        match self.decoder.decode(line, row, self.as_of) {
            Err(reject) => self.refusal(&reject),
            Ok(decoded) => {
                let source = self.references.join(&decoded.record);
                let mut interpreter = Interpreter::new(self.program.running(self.as_of), &source);
                interpreter.customer(0);
                let schema = &self.program.schema;
                let mut out = Map::new();
                if let Some(key) = schema.profile().key {
                    let field = schema.field(PROFILE, key);
                    out.insert(field.name.clone(), to_json(schema, &field.ty, &decoded.key));
                }
                let wanted =
                    |name: &String, own: bool| if self.only.is_empty() { own } else { self.only.contains(name) };
                let optimised = &self.program.optimised;
                let segments = self.program.segments.iter().zip(&optimised.segments);
                let segments: Map<String, Json> = segments
                    .filter(|(s, _)| wanted(&s.name, s.own))
                    .map(|(s, node)| (s.name.clone(), json!(interpreter.value(*node).as_bool())))
                    .collect();
                let attributes = self.program.attributes.iter().zip(&optimised.attributes);
                let attributes: Map<String, Json> = attributes
                    .filter(|(a, _)| wanted(&a.name, a.own))
                    .map(|(a, node)| (a.name.clone(), to_json(schema, &a.ty, &interpreter.value(*node).to_const())))
                    .collect();
                out.insert("segments".into(), Json::Object(segments));
                out.insert("attributes".into(), Json::Object(attributes));
                if !decoded.rejects.is_empty() {
                    out.insert("rejects".into(), decoded.rejects.iter().map(fault).collect());
                }
                Json::Object(out)
            }
        }
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
