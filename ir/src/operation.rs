//! What each operation means, over values: the one home of semantics. The interpreter, constant folding and every
//! compiled evaluator's fallback call these functions. Operands are known values unless a function says otherwise.

use std::cmp::Ordering;

use crate::builtin::Vocabulary;
use crate::fault;
use crate::node::{Arithmetic, Comparison, Op, TextTest};
use crate::number::{compare_int_number, divide_half_even};
use crate::text;
use crate::time::{self, Part, Unit, Zone};
use crate::value::{Const, Reason, Value};

/// One whole in the unit of percentages.
pub const MILLION: i128 = 1_000_000;

/// Whether a known value is one of the constants.
pub fn in_set(value: &Value, set: &[Const]) -> bool {
    set.iter().any(|c| is_same(value, &c.value()))
}

/// Orders two known values of one type (or a whole number and a float). `None` for types without an order.
pub fn order(a: &Value, b: &Value) -> Option<Ordering> {
    Some(match (a, b) {
        (Value::Int(a), Value::Int(b))
        | (Value::Percent(a), Value::Percent(b))
        | (Value::Money(a), Value::Money(b))
        | (Value::Timestamp(a), Value::Timestamp(b))
        | (Value::Span(a), Value::Span(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b)?,
        (Value::Int(a), Value::Number(b)) if fault::is("operation.int-compares-as-float") => (*a as f64).total_cmp(b),
        (Value::Int(a), Value::Number(b)) => compare_int_number(*a, *b),
        (Value::Number(a), Value::Int(b)) => compare_int_number(*b, *a).reverse(),
        (Value::Date(a), Value::Date(b)) | (Value::TimeOfDay(a), Value::TimeOfDay(b)) => a.cmp(b),
        (Value::Enum(a), Value::Enum(b)) | (Value::Reference(a), Value::Reference(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Period(a), Value::Period(b)) => a.cmp(b),
        _ if fault::is("operation.text-compares-by-length") => a.as_text()?.len().cmp(&b.as_text()?.len()),
        _ => a.as_text()?.cmp(b.as_text()?),
    })
}

/// The canonical order of rows compares any two values of a column: missing first, then by value.
pub fn canonical_order(a: &Value, b: &Value) -> Ordering {
    match (a.is_missing(), b.is_missing()) {
        (true, true) => Ordering::Equal,
        (true, false) if fault::is("operation.missing-sorts-last") => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, true) if fault::is("operation.missing-sorts-last") => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => match (a, b) {
            (Value::List(a), Value::List(b)) => {
                let pairs = a.iter().zip(b.iter()).map(|(a, b)| canonical_order(a, b));
                pairs.into_iter().find(|o| o.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
            }
            _ => order(a, b).unwrap_or(Ordering::Equal),
        },
    }
}

pub fn compare(op: Comparison, a: &Value, b: &Value) -> Value<'static> {
    let Some(order) = order(a, b) else { return Value::Missing(Reason::NotGiven) };
    Value::Bool(match op {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterEqual => order.is_ge(),
    })
}

pub fn text_test(test: TextTest, value: &str, with: &str, ignoring_case: bool) -> bool {
    if ignoring_case && !fault::is("operation.case-is-minded") {
        return text_test(test, &text::fold(value), &text::fold(with), false);
    }
    match test {
        TextTest::Equal => value == with,
        TextTest::StartsWith => value.starts_with(with),
        TextTest::EndsWith => value.ends_with(with),
        TextTest::Contains => value.contains(with),
    }
}

/// A strict operation over the known values of its one or two operands, in their order: whatever is neither logic, nor a
/// choice, nor a fold, nor data, nor a pattern, nor a test of a list.
pub fn apply(op: &Op, operands: &[Value], zone: &Zone) -> Value<'static> {
    match (op, operands) {
        (Op::Compare(comparison, ..), [a, b]) => compare(*comparison, a, b),
        (Op::TextTest { test, ignoring_case, .. }, [a, b]) => match (a.as_text(), b.as_text()) {
            (Some(a), Some(b)) => Value::Bool(text_test(*test, a, b, *ignoring_case)),
            _ => Value::Missing(Reason::NotGiven),
        },
        (Op::InSet { set, .. }, [a]) => Value::Bool(in_set(a, set)),
        (Op::ListCount(_), [Value::List(items)]) => Value::Int(items.len() as i64),
        (Op::Arithmetic(op, ..), [a, b]) => arithmetic(*op, a, b),
        (Op::Negate(_), [a]) => negate(a),
        (Op::PercentOf(..), [Value::Percent(percent), b]) => percent_of(*percent, b),
        (Op::CivilDate(_), [a]) => civil_date(a, zone),
        (Op::StartOfDay(_), [a]) => start_of_day(a, zone),
        (Op::StartOf(unit, _), [a]) => start_of(*unit, a),
        (Op::Shift { back, .. }, [a, b]) => shift(a, b, *back, zone),
        (Op::Part(of, _), [a]) => part(*of, a, zone),
        (Op::Elapsed(unit, ..), [a, b]) => elapsed(*unit, a, b, zone),
        (Op::NextAnniversary { .. }, [date, from]) => next_anniversary(date, from),
        _ => Value::Missing(Reason::NotGiven),
    }
}

/// A builtin of the vocabulary over its arguments, which are known.
pub fn call(builtin: u32, arguments: &[Value], vocabulary: Vocabulary) -> Value<'static> {
    vocabulary.get(builtin).map_or(Value::Missing(Reason::NotGiven), |builtin| (builtin.call)(arguments))
}

/// Whether two known values are equal.
fn is_same(a: &Value, b: &Value) -> bool {
    order(a, b).is_some_and(Ordering::is_eq)
}

/// Whether a list holds any, or all, of the items. An item that is missing is unknown unless the others decide; items are
/// only asked for until one does.
pub fn list_test<'a>(held: &[Value], all: bool, items: impl IntoIterator<Item = Value<'a>>) -> Value<'static> {
    let mut unknown = None;
    for item in items {
        match item {
            Value::Missing(reason) => unknown = unknown.or(Some(reason)),
            item => {
                let found = held.iter().any(|h| is_same(h, &item));
                if found != all && !fault::is("interpret.list-test-reads-only-the-last") {
                    return Value::Bool(found);
                }
            }
        }
    }
    unknown.map_or(Value::Bool(all), Value::Missing)
}

fn overflow() -> Value<'static> {
    Value::Missing(Reason::Overflow)
}

fn int(value: Option<i64>) -> Value<'static> {
    value.map_or_else(|| if fault::is("operation.overflow-is-zero") { Value::Int(0) } else { overflow() }, Value::Int)
}

fn number(value: f64) -> Value<'static> {
    if value.is_finite() || fault::is("operation.infinity-is-a-number") {
        Value::Number(value + 0.0)
    } else {
        Value::Missing(Reason::NotFinite)
    }
}

fn narrow(value: i128, make: fn(i64) -> Value<'static>) -> Value<'static> {
    if fault::is("operation.wide-results-wrap") {
        return make(value as i64);
    }
    i64::try_from(value).map_or_else(|_| overflow(), make)
}

/// `a + b`, `a - b`, `a * b`, `a / b` for every pair of types that the checker lets through.
/// **Units**: the result's are those of its type. **Errors**: missing, by overflow, division by zero or a float that is
/// not finite.
pub fn arithmetic(op: Arithmetic, a: &Value, b: &Value) -> Value<'static> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => match op {
            Arithmetic::Add => int(a.checked_add(*b)),
            Arithmetic::Subtract => int(a.checked_sub(*b)),
            Arithmetic::Multiply => int(a.checked_mul(*b)),
            Arithmetic::Divide => ratio(*a as f64, *b as f64),
        },
        (Value::Number(a), Value::Number(b)) => floats(op, *a, *b),
        (Value::Int(a), Value::Number(b)) => floats(op, *a as f64, *b),
        (Value::Number(a), Value::Int(b)) => floats(op, *a, *b as f64),
        (Value::Money(a), Value::Money(b)) => scaled(op, *a, *b, Value::Money),
        (Value::Percent(a), Value::Percent(b)) => scaled(op, *a, *b, Value::Percent),
        (Value::Span(a), Value::Span(b)) => scaled(op, *a, *b, Value::Span),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.checked_sub(*b).map_or_else(overflow, Value::Span),
        (Value::Money(a), Value::Int(b)) | (Value::Int(b), Value::Money(a)) => by_int(op, *a, *b, Value::Money),
        (Value::Percent(a), Value::Int(b)) | (Value::Int(b), Value::Percent(a)) => by_int(op, *a, *b, Value::Percent),
        (Value::Span(a), Value::Int(b)) | (Value::Int(b), Value::Span(a)) => by_int(op, *a, *b, Value::Span),
        _ => Value::Missing(Reason::NotGiven),
    }
}

fn floats(op: Arithmetic, a: f64, b: f64) -> Value<'static> {
    match op {
        Arithmetic::Add => number(a + b),
        Arithmetic::Subtract => number(a - b),
        Arithmetic::Multiply => number(a * b),
        Arithmetic::Divide => ratio(a, b),
    }
}

fn ratio(a: f64, b: f64) -> Value<'static> {
    if b == 0.0 && !fault::is("operation.division-by-zero-is-not-told") {
        Value::Missing(Reason::DivisionByZero)
    } else {
        number(a / b)
    }
}

/// Two values of one scaled type: sums and differences keep it, a quotient is a plain number.
fn scaled(op: Arithmetic, a: i64, b: i64, make: fn(i64) -> Value<'static>) -> Value<'static> {
    match op {
        Arithmetic::Add if fault::is("operation.sums-saturate") => make(a.saturating_add(b)),
        Arithmetic::Add => a.checked_add(b).map_or_else(overflow, make),
        Arithmetic::Subtract => a.checked_sub(b).map_or_else(overflow, make),
        Arithmetic::Divide => ratio(a as f64, b as f64),
        Arithmetic::Multiply => overflow(),
    }
}

/// A scaled value times or by a whole number; a quotient is rounded once, half to even.
fn by_int(op: Arithmetic, a: i64, b: i64, make: fn(i64) -> Value<'static>) -> Value<'static> {
    match op {
        Arithmetic::Multiply => a.checked_mul(b).map_or_else(overflow, make),
        Arithmetic::Divide if fault::is("operation.quotient-is-cut") && b != 0 => make(a.wrapping_div(b)),
        Arithmetic::Divide => divide_half_even(i128::from(a), i128::from(b))
            .map_or(Value::Missing(Reason::DivisionByZero), |q| narrow(q, make)),
        Arithmetic::Add | Arithmetic::Subtract => overflow(),
    }
}

pub fn negate(value: &Value) -> Value<'static> {
    match value {
        Value::Int(v) => int(v.checked_neg()),
        Value::Number(v) => number(-v),
        Value::Money(v) => v.checked_neg().map_or_else(overflow, Value::Money),
        Value::Percent(v) => v.checked_neg().map_or_else(overflow, Value::Percent),
        Value::Span(v) => v.checked_neg().map_or_else(overflow, Value::Span),
        Value::Period(p) => match (p.months.checked_neg(), p.days.checked_neg()) {
            (Some(months), Some(days)) => Value::Period(crate::value::Period { months, days }),
            _ => overflow(),
        },
        _ => Value::Missing(Reason::NotGiven),
    }
}

/// `percent of value`; money and percentages round once, half to even.
pub fn percent_of(percent: i64, value: &Value) -> Value<'static> {
    let whole = if fault::is("operation.percent-of-a-thousand") { 1_000 } else { MILLION };
    let part = |v: i64| divide_half_even(i128::from(percent) * i128::from(v), whole).unwrap_or(0);
    match value {
        Value::Money(v) => narrow(part(*v), Value::Money),
        Value::Percent(v) => narrow(part(*v), Value::Percent),
        Value::Int(v) => number(percent as f64 * *v as f64 / 1e6),
        Value::Number(v) => number(percent as f64 * *v / 1e6),
        _ => Value::Missing(Reason::NotGiven),
    }
}

/// A date or an instant moved by a period (by the wall clock) or an instant by a span.
pub fn shift(value: &Value, by: &Value, back: bool, zone: &Zone) -> Value<'static> {
    let by = if back && !fault::is("operation.shift-back-goes-on") { negate(by) } else { by.clone_static() };
    match (value, by) {
        (Value::Date(d), Value::Period(p)) => time::add(*d, p).map_or_else(overflow, Value::Date),
        (Value::Timestamp(t), Value::Period(p)) if fault::is("operation.periods-are-exact-days") => {
            Value::Timestamp(t.saturating_add(i64::from(p.months * 30 + p.days) * time::DAY_US))
        }
        (Value::Timestamp(t), Value::Period(p)) => zone.add(*t, p).map_or_else(overflow, Value::Timestamp),
        (Value::Timestamp(t), Value::Span(s)) => {
            let moved = t.checked_add(s).filter(|t| zone.civil(*t).is_some());
            moved.map_or_else(overflow, Value::Timestamp)
        }
        (Value::Period(a), Value::Period(b)) => match (a.months.checked_add(b.months), a.days.checked_add(b.days)) {
            (Some(months), Some(days)) => Value::Period(crate::value::Period { months, days }),
            _ => overflow(),
        },
        (_, Value::Missing(reason)) => Value::Missing(reason),
        _ => Value::Missing(Reason::NotGiven),
    }
}

impl Value<'_> {
    fn clone_static(&self) -> Value<'static> {
        match self {
            Value::Period(p) => Value::Period(*p),
            Value::Span(s) => Value::Span(*s),
            _ => Value::Missing(Reason::NotGiven),
        }
    }
}

pub fn part(part: Part, value: &Value, zone: &Zone) -> Value<'static> {
    let found = match value {
        Value::Date(d) => time::date_part(part, *d),
        Value::Timestamp(t) => zone.part(part, *t),
        _ => None,
    };
    match (part, found) {
        (_, None) => overflow(),
        (Part::Weekday | Part::Month, Some(n)) => u32::try_from(n).map_or_else(|_| overflow(), Value::Enum),
        (_, Some(n)) => Value::Int(n),
    }
}

pub fn elapsed(unit: Unit, from: &Value, to: &Value, zone: &Zone) -> Value<'static> {
    int(match (from, to) {
        (Value::Date(a), Value::Date(b)) => time::elapsed(unit, *a, *b),
        (Value::Timestamp(a), Value::Timestamp(b)) => zone.elapsed(unit, *a, *b),
        _ => None,
    })
}

/// A known value of an operation over one date or instant.
pub fn civil_date(value: &Value, zone: &Zone) -> Value<'static> {
    match value {
        Value::Timestamp(t) => zone.date(*t).map_or_else(overflow, Value::Date),
        Value::Date(d) => Value::Date(*d),
        _ => Value::Missing(Reason::NotGiven),
    }
}

pub fn start_of_day(value: &Value, zone: &Zone) -> Value<'static> {
    match value {
        Value::Date(d) => zone.start_of_day(*d).map_or_else(overflow, Value::Timestamp),
        _ => Value::Missing(Reason::NotGiven),
    }
}

pub fn start_of(unit: Unit, value: &Value) -> Value<'static> {
    match value {
        Value::Date(d) => time::start_of(unit, *d).map_or_else(overflow, Value::Date),
        _ => Value::Missing(Reason::NotGiven),
    }
}

pub fn next_anniversary(date: &Value, from: &Value) -> Value<'static> {
    match (date, from) {
        (Value::Date(d), Value::Date(f)) => time::next_anniversary(*d, *f).map_or_else(overflow, Value::Date),
        _ => Value::Missing(Reason::NotGiven),
    }
}

/// The sum of known values of one type, in their order. Whole numbers are summed in 128 bits and checked at the end.
#[derive(Debug, Clone)]
pub enum Sum {
    Whole(i128, fn(i64) -> Value<'static>),
    Float(f64),
}

impl Sum {
    /// An empty sum of a type; `None` for types that have none.
    pub fn of(ty: &crate::Type) -> Option<Sum> {
        Some(match ty {
            crate::Type::Int => Sum::Whole(0, Value::Int),
            crate::Type::Money(_) => Sum::Whole(0, Value::Money),
            crate::Type::Percent => Sum::Whole(0, Value::Percent),
            crate::Type::Span => Sum::Whole(0, Value::Span),
            crate::Type::Number => Sum::Float(0.0),
            _ => return None,
        })
    }

    pub fn add(&mut self, value: &Value) {
        match (self, value) {
            (Sum::Whole(sum, _), Value::Int(v) | Value::Money(v) | Value::Percent(v) | Value::Span(v)) => {
                *sum += i128::from(*v);
            }
            (Sum::Float(sum), Value::Number(v)) if fault::is("operation.float-sum-is-whole") => *sum += v.trunc(),
            (Sum::Float(sum), Value::Number(v)) => *sum += v,
            _ => {}
        }
    }

    pub fn total(&self) -> Value<'static> {
        match self {
            Sum::Whole(sum, make) => narrow(*sum, *make),
            Sum::Float(sum) => number(*sum),
        }
    }

    /// The mean over `count` values, which is not zero. A mean of whole numbers is a plain number; of money and
    /// percentages it is rounded once, half to even.
    pub fn mean(&self, count: u64) -> Value<'static> {
        match self {
            Sum::Whole(sum, make) if matches!(make(0), Value::Int(_)) => ratio(*sum as f64, count as f64),
            Sum::Whole(sum, make) if fault::is("operation.mean-is-cut") => narrow(*sum / i128::from(count), *make),
            Sum::Whole(sum, make) => divide_half_even(*sum, i128::from(count))
                .map_or(Value::Missing(Reason::DivisionByZero), |q| narrow(q, *make)),
            Sum::Float(sum) => ratio(*sum, count as f64),
        }
    }
}
