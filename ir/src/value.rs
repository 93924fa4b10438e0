//! Values: what an expression gives, or why it gives nothing.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Why a value is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reason {
    /// The data does not have it.
    NotGiven,
    /// An aggregate over no rows, or over rows without the value.
    Empty,
    /// The event table was not bound or not sent.
    NotBound,
    /// No branch of a choice was true.
    NoBranch,
    /// The time within which something may still happen has not passed.
    StillOpen,
    /// Beyond 64 bits, or beyond the years 1 to 9999.
    Overflow,
    DivisionByZero,
    /// A float that is not finite.
    NotFinite,
}

impl Reason {
    /// The reason in words, as reports show it.
    pub fn text(self) -> &'static str {
        match self {
            Reason::NotGiven => "not given",
            Reason::Empty => "nothing to take it from",
            Reason::NotBound => "the event table is not there",
            Reason::NoBranch => "no branch is true",
            Reason::StillOpen => "its time has not passed yet",
            Reason::Overflow => "overflow",
            Reason::DivisionByZero => "division by zero",
            Reason::NotFinite => "not a finite number",
        }
    }

    /// Whether it is a fault of computing rather than a gap in the data; runs count these by line.
    pub fn is_fault(self) -> bool {
        matches!(self, Reason::Overflow | Reason::DivisionByZero | Reason::NotFinite)
    }
}

/// A calendar period: months, then days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    pub months: i32,
    pub days: i32,
}

/// A value of any type, borrowed from the data where it can be. The unit of each variant is that of its [`crate::Type`].
#[derive(Debug, Clone)]
pub enum Value<'a> {
    Missing(Reason),
    Bool(bool),
    Int(i64),
    Number(f64),
    Percent(i64),
    Money(i64),
    Text(&'a str),
    /// A text that was computed.
    Made(Arc<str>),
    Date(i32),
    Timestamp(i64),
    TimeOfDay(i32),
    Span(i64),
    Period(Period),
    /// The index of the member.
    Enum(u32),
    List(Arc<[Value<'a>]>),
    /// The row of the reference table.
    Reference(u32),
}

impl<'a> Value<'a> {
    pub fn is_missing(&self) -> bool {
        matches!(self, Value::Missing(_))
    }

    /// The reason, if it is missing.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Value::Missing(reason) => Some(*reason),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Made(text) => Some(text),
            _ => None,
        }
    }

    /// The same value with every text owned.
    pub fn to_const(&self) -> Const {
        match self {
            Value::Missing(reason) => Const::Missing(*reason),
            Value::Bool(v) => Const::Bool(*v),
            Value::Int(v) => Const::Int(*v),
            Value::Number(v) => Const::number(*v),
            Value::Percent(v) => Const::Percent(*v),
            Value::Money(v) => Const::Money(*v),
            Value::Text(v) => Const::Text((*v).into()),
            Value::Made(v) => Const::Text(v.clone()),
            Value::Date(v) => Const::Date(*v),
            Value::Timestamp(v) => Const::Timestamp(*v),
            Value::TimeOfDay(v) => Const::TimeOfDay(*v),
            Value::Span(v) => Const::Span(*v),
            Value::Period(v) => Const::Period(*v),
            Value::Enum(v) => Const::Enum(*v),
            Value::List(items) => Const::List(items.iter().map(Value::to_const).collect()),
            Value::Reference(v) => Const::Reference(*v),
        }
    }
}

/// A value that stands in a program or a record: owned, comparable, hashable. Two missing values of one reason are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Const {
    Missing(Reason),
    Bool(bool),
    Int(i64),
    /// The bits of a finite float, never those of -0.
    Number(u64),
    Percent(i64),
    Money(i64),
    Text(Arc<str>),
    Date(i32),
    Timestamp(i64),
    TimeOfDay(i32),
    Span(i64),
    Period(Period),
    Enum(u32),
    List(#[serde(deserialize_with = "crate::bounded::nested")] Vec<Const>),
    Reference(u32),
}

impl Const {
    /// A finite float; -0 becomes 0 and what is not finite is missing.
    pub fn number(value: f64) -> Const {
        if value.is_finite() { Const::Number((value + 0.0).to_bits()) } else { Const::Missing(Reason::NotFinite) }
    }

    pub fn text(value: &str) -> Const {
        Const::Text(value.into())
    }

    pub fn is_missing(&self) -> bool {
        matches!(self, Const::Missing(_))
    }

    /// The value, borrowing its texts.
    pub fn value(&self) -> Value<'_> {
        match self {
            Const::Missing(reason) => Value::Missing(*reason),
            Const::Bool(v) => Value::Bool(*v),
            Const::Int(v) => Value::Int(*v),
            Const::Number(bits) => Value::Number(f64::from_bits(*bits)),
            Const::Percent(v) => Value::Percent(*v),
            Const::Money(v) => Value::Money(*v),
            Const::Text(v) => Value::Text(v),
            Const::Date(v) => Value::Date(*v),
            Const::Timestamp(v) => Value::Timestamp(*v),
            Const::TimeOfDay(v) => Value::TimeOfDay(*v),
            Const::Span(v) => Value::Span(*v),
            Const::Period(v) => Value::Period(*v),
            Const::Enum(v) => Value::Enum(*v),
            Const::List(items) => Value::List(items.iter().map(Const::value).collect()),
            Const::Reference(v) => Value::Reference(*v),
        }
    }
}
