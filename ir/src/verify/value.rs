//! What the verifier asks of a type, a constant and a text, wherever one stands.

use crate::fault;
use crate::schema::{Schema, TableKind};
use crate::time::{DATE_MAX, DATE_MIN, DAY_US};
use crate::types::Type;
use crate::value::Const;

/// Nothing, or what is wrong in words.
pub type Checked = Result<(), String>;

pub fn ensure(holds: bool, reason: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(reason()) }
}

/// A type that names only what the schema has; a list holds scalars.
pub fn well_formed(schema: &Schema, ty: &Type) -> Checked {
    match ty {
        Type::Enum(id) => ensure((id.0 as usize) < schema.enums.len(), || "no such enum".into()),
        Type::Reference(id) => {
            let kind = schema.tables.get(id.0 as usize).map(|t| t.kind);
            ensure(kind == Some(TableKind::Reference), || "it points to what is no reference table".into())
        }
        Type::List(item) => {
            ensure(!matches!(**item, Type::List(_)), || "a list of lists".into())?;
            well_formed(schema, item)
        }
        Type::Bool
        | Type::Int
        | Type::Number
        | Type::Percent
        | Type::Money(_)
        | Type::Text
        | Type::Date
        | Type::Timestamp
        | Type::TimeOfDay
        | Type::Span
        | Type::Period => Ok(()),
    }
}

/// A constant of a type, within the type's range. Rows of a reference table are data: no constant names one.
pub fn constant(schema: &Schema, value: &Const, ty: &Type) -> Checked {
    let fits = match (value, ty) {
        (Const::Enum(member), Type::Enum(id)) => {
            let members = schema.enums.get(id.0 as usize).map(|e| e.members.len());
            members.is_some_and(|count| (*member as usize) < count || fault::is("verify.member-beyond-the-last"))
        }
        (Const::Number(bits), Type::Number) => {
            let number = f64::from_bits(*bits);
            let fits = number.is_finite() && (number != 0.0 || *bits == 0);
            fits || fault::is("verify.number-may-be-infinite")
        }
        (Const::Date(date), Type::Date) => (DATE_MIN..=DATE_MAX).contains(date),
        (Const::Timestamp(instant), Type::Timestamp) => is_instant(*instant),
        (Const::TimeOfDay(second), Type::TimeOfDay) => (0..86_400).contains(second),
        (Const::Missing(_), _)
        | (Const::Int(_), Type::Int)
        | (Const::Bool(_), Type::Bool)
        | (Const::Percent(_), Type::Percent)
        | (Const::Money(_), Type::Money(_))
        | (Const::Text(_), Type::Text)
        | (Const::Span(_), Type::Span)
        | (Const::Period(_), Type::Period) => true,
        (Const::List(items), Type::List(item)) => {
            return items.iter().try_for_each(|i| constant(schema, i, item));
        }
        _ => false,
    };
    ensure(fits, || format!("{value:?} is no {ty:?}"))
}

/// Whether an instant lies in the years 1 to 9999 of some zone.
pub fn is_instant(instant: i64) -> bool {
    let (first, last) = (i64::from(DATE_MIN) * DAY_US, i64::from(DATE_MAX + 1) * DAY_US);
    (first - DAY_US..last + DAY_US).contains(&instant)
}

/// A name, a path or a clause: what is shown on one line.
pub fn one_line(text: &str) -> Checked {
    ensure(!text.chars().any(char::is_control), || "a text with control characters".into())
}

/// What an author wrote in sentences.
pub fn prose(text: &str) -> Checked {
    let odd = text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    ensure(!odd, || "a text with control characters".into())
}
