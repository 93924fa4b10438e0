//! Types of values. Whether a value may be missing is told beside its type, never inside it.

use serde::{Deserialize, Serialize};

use crate::currency::Currency;
use crate::schema::TableId;

/// Names an enum of a [`crate::Schema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EnumId(pub u32);

/// What a value is. Currency and enum are part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    Bool,
    /// 64-bit, checked.
    Int,
    /// Finite 64-bit float.
    Number,
    /// Millionths of one, checked.
    Percent,
    /// Minor units, checked.
    Money(Currency),
    Text,
    /// Days since 1970-01-01, years 1 to 9999.
    Date,
    /// Microseconds since 1970-01-01T00:00Z.
    Timestamp,
    /// Seconds since midnight.
    TimeOfDay,
    /// An exact length in microseconds.
    Span,
    /// A stretch of the calendar: months and days.
    Period,
    Enum(EnumId),
    /// A short list of scalars.
    List(#[serde(deserialize_with = "crate::bounded::nested")] Box<Type>),
    /// A row of a reference table.
    Reference(TableId),
}

impl Type {
    /// Whether `<` means something between two values of the type (for enums only the schema knows).
    pub fn is_ordered(&self) -> bool {
        match self {
            Type::Int
            | Type::Number
            | Type::Percent
            | Type::Money(_)
            | Type::Date
            | Type::Timestamp
            | Type::TimeOfDay
            | Type::Span => true,
            Type::Bool | Type::Text | Type::Period | Type::Enum(_) | Type::List(_) | Type::Reference(_) => false,
        }
    }

    pub fn is_numeric(&self) -> bool {
        matches!(self, Type::Int | Type::Number | Type::Percent | Type::Money(_))
    }
}
