//! From the arguments of a call to what a function computes with, and back to values. Does not know any one function:
//! what the arguments must be is each function's signature, which the checker has held them to.

use std::cmp::Ordering;
use std::sync::Arc;

use seg_ir::operation;
use seg_ir::text::normalise;
use seg_ir::value::{Reason, Value};

/// The longest text that a function makes. Without a bound, nested calls could double a text at every level.
const MADE_BYTES_MAX: usize = 1 << 20;

/// 2^63, the first float beyond the whole numbers.
const EDGE: f64 = 9_223_372_036_854_775_808.0;

/// What a call gives for arguments that its signature does not have. The checker lets none through.
pub fn mistyped() -> Value<'static> {
    Value::Missing(Reason::NotGiven)
}

/// A function of one text.
pub fn of_text(arguments: &[Value], make: impl Fn(&str) -> Value<'static>) -> Value<'static> {
    match arguments {
        [text] => text.as_text().map_or_else(mistyped, make),
        _ => mistyped(),
    }
}

/// A function of a text and a count of characters; a negative count is none.
pub fn of_text_and_count(arguments: &[Value], make: impl Fn(&str, usize) -> Value<'static>) -> Value<'static> {
    match arguments {
        [text, Value::Int(count)] => {
            let count = usize::try_from((*count).max(0)).unwrap_or(usize::MAX);
            text.as_text().map_or_else(mistyped, |text| make(text, count))
        }
        _ => mistyped(),
    }
}

/// A function of one plain number.
pub fn of_number(arguments: &[Value], make: impl Fn(f64) -> Value<'static>) -> Value<'static> {
    match arguments {
        [number] => as_number(number).map_or_else(mistyped, make),
        _ => mistyped(),
    }
}

/// A function of one date; `None` is beyond the years 1 to 9999.
pub fn of_date(arguments: &[Value], make: impl Fn(i32) -> Option<i32>) -> Value<'static> {
    match arguments {
        [Value::Date(day)] => make(*day).map_or(Value::Missing(Reason::Overflow), Value::Date),
        _ => mistyped(),
    }
}

/// A function that counts something from one date to another.
pub fn of_dates(arguments: &[Value], count: impl Fn(i32, i32) -> Value<'static>) -> Value<'static> {
    match arguments {
        [Value::Date(from), Value::Date(to)] => count(*from, *to),
        _ => mistyped(),
    }
}

/// A plain number; a whole number stands for the float next to it.
pub fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Int(int) => Some(*int as f64),
        _ => None,
    }
}

/// A made text, in the normal form that all texts have.
pub fn made(text: &str) -> Value<'static> {
    if text.len() > MADE_BYTES_MAX {
        return too_long();
    }
    Value::Made(Arc::from(normalise(text).as_ref()))
}

/// Whether a text of so many bytes would be longer than a function may make one; `None` is longer than memory.
pub fn is_too_long(bytes: Option<usize>) -> bool {
    bytes.is_none_or(|bytes| bytes > MADE_BYTES_MAX)
}

pub fn too_long() -> Value<'static> {
    Value::Missing(Reason::Overflow)
}

/// A float without a fraction as a whole number.
pub fn whole(number: f64) -> Value<'static> {
    if number.is_nan() {
        Value::Missing(Reason::NotFinite)
    } else if (-EDGE..EDGE).contains(&number) {
        Value::Int(number as i64)
    } else {
        Value::Missing(Reason::Overflow)
    }
}

/// A float, or that it is none: not finite. There is no negative zero.
pub fn number(number: f64) -> Value<'static> {
    if number.is_finite() { Value::Number(number + 0.0) } else { Value::Missing(Reason::NotFinite) }
}

/// One of the arguments as the result of a call over numbers of one type. Where whole numbers stand beside plain ones,
/// all are plain.
pub fn chosen(arguments: &[Value], value: &Value) -> Value<'static> {
    let plain = arguments.iter().any(|a| matches!(a, Value::Number(_)));
    match value {
        Value::Int(int) if plain => number(*int as f64),
        Value::Int(int) => Value::Int(*int),
        Value::Number(float) => number(*float),
        Value::Percent(percent) => Value::Percent(*percent),
        Value::Money(money) => Value::Money(*money),
        _ => mistyped(),
    }
}

/// The first value, unless the second one is on the given side of it.
pub fn unless<'v, 'a>(first: &'v Value<'a>, second: &'v Value<'a>, side: Ordering) -> &'v Value<'a> {
    if operation::order(second, first) == Some(side) { second } else { first }
}
