//! The typed tree read back in plain English.

use seg_ir::program::{Piece, Sentence};
use seg_ir::schema::Schema;
use seg_ir::{Const, Type, time};

use crate::hir::{Attribute, Hir, Segment};
use crate::lower::Lowered;
use crate::schema::Schemas;

pub fn segment(_hir: &Hir, _schemas: &Schemas, _lowered: &Lowered, segment: &Segment, needs: Vec<String>) -> Sentence {
    Sentence { pieces: vec![Piece::Words(segment.name.text.clone())], needs }
}

pub fn attribute(_hir: &Hir, _schemas: &Schemas, _lowered: &Lowered, attribute: &Attribute) -> Sentence {
    Sentence { pieces: vec![Piece::Words(attribute.name.text.clone())], needs: Vec::new() }
}

/// A constant as the language writes it.
pub fn literal(schema: &Schema, ty: &Type, value: &Const) -> String {
    match (value, ty) {
        (Const::Missing(_), _) => "missing".into(),
        (Const::Bool(v), _) => v.to_string(),
        (Const::Int(v), _) => v.to_string(),
        (Const::Number(bits), _) => format!("{:?}", f64::from_bits(*bits)),
        (Const::Percent(v), _) => percent(*v),
        (Const::Money(v), Type::Money(currency)) => currency.show(*v).replace(',', "_"),
        (Const::Money(v), _) => v.to_string(),
        (Const::Text(v), _) => format!("\"{}\"", v.replace('\\', "\\\\").replace('"', "\\\"")),
        (Const::Date(v), _) => time::show_date(*v),
        (Const::Timestamp(v), _) => time::show_instant(*v),
        (Const::TimeOfDay(v), _) => time::show_time(i64::from(*v) * 1_000_000),
        (Const::Span(v), _) => span(*v),
        (Const::Period(p), _) => period(p.months, p.days),
        (Const::Enum(v), Type::Enum(id)) => {
            schema.enum_type(*id).members.get(*v as usize).map_or("?".into(), |m| m.name.clone())
        }
        (Const::Enum(v) | Const::Reference(v), _) => v.to_string(),
        (Const::List(items), Type::List(item)) => {
            let items: Vec<String> = items.iter().map(|i| literal(schema, item, i)).collect();
            format!("[{}]", items.join(", "))
        }
        (Const::List(_), _) => "[..]".into(),
    }
}

fn percent(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let (whole, rest) = (millionths.unsigned_abs() / 10_000, millionths.unsigned_abs() % 10_000);
    let fraction = format!("{rest:04}");
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}%")
}

fn counted(count: i64, unit: &str) -> String {
    let plural = if count.abs() == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

fn span(micros: i64) -> String {
    for (unit, length) in [("hour", 3_600_000_000), ("minute", 60_000_000), ("second", 1_000_000)] {
        if micros % length == 0 {
            return counted(micros / length, unit);
        }
    }
    format!("{micros} microseconds")
}

fn period(months: i32, days: i32) -> String {
    let months_text = match months {
        0 => None,
        m if m % 12 == 0 => Some(counted(i64::from(m / 12), "year")),
        m => Some(counted(i64::from(m), "month")),
    };
    let days_text = match days {
        0 if months != 0 => None,
        d if d != 0 && d % 7 == 0 => Some(counted(i64::from(d / 7), "week")),
        d => Some(counted(i64::from(d), "day")),
    };
    [months_text, days_text].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}
