//! What the operators give, by the reference.

use std::cmp::Ordering;

use super::calendar::{DAY_US, exists, moved};
use super::types::V;

/// Whether an operand is missing; then most operators are.
fn missing(a: &V, b: &V) -> bool {
    *a == V::Missing || *b == V::Missing
}

fn int_with_float(int: i64, float: f64) -> Ordering {
    // Beyond 2^100 no whole number of 64 bits reaches it; below, the whole part of the float is exact in 128 bits.
    if float.abs() > 1e30 {
        return if float > 0.0 { Ordering::Less } else { Ordering::Greater };
    }
    let whole = float.floor();
    i128::from(int).cmp(&(whole as i128)).then(if float > whole { Ordering::Less } else { Ordering::Equal })
}

/// The order of two known values that are compared with each other.
pub fn order(a: &V, b: &V) -> Option<Ordering> {
    Some(match (a, b) {
        (V::Bool(a), V::Bool(b)) => a.cmp(b),
        (V::Int(a), V::Int(b))
        | (V::Percent(a), V::Percent(b))
        | (V::Money(a), V::Money(b))
        | (V::Date(a), V::Date(b))
        | (V::Stamp(a), V::Stamp(b))
        | (V::Clock(a), V::Clock(b))
        | (V::Span(a), V::Span(b)) => a.cmp(b),
        (V::Number(a), V::Number(b)) => a.partial_cmp(b)?,
        (V::Int(a), V::Number(b)) => int_with_float(*a, *b),
        (V::Number(a), V::Int(b)) => int_with_float(*b, *a).reverse(),
        (V::Date(a), V::Stamp(b)) => a.cmp(&b.div_euclid(DAY_US)),
        (V::Stamp(a), V::Date(b)) => a.div_euclid(DAY_US).cmp(b),
        (V::Text(a), V::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (V::Period(a, b), V::Period(c, d)) => (a, b).cmp(&(c, d)),
        (V::Member(a), V::Member(b)) | (V::Row(a), V::Row(b)) => a.cmp(b),
        _ => return None,
    })
}

/// A comparison, by its sign.
pub fn compare(sign: &str, a: &V, b: &V) -> V {
    if missing(a, b) {
        return V::Missing;
    }
    let Some(order) = order(a, b) else { return V::Missing };
    V::Bool(match sign {
        "=" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" | "before" => order.is_lt(),
        "<=" => order.is_le(),
        ">" | "after" => order.is_gt(),
        _ => order.is_ge(),
    })
}

pub fn and(a: &V, b: &V) -> V {
    match (a, b) {
        (V::Bool(false), _) | (_, V::Bool(false)) => V::Bool(false),
        (V::Bool(true), V::Bool(true)) => V::Bool(true),
        _ => V::Missing,
    }
}

pub fn not(a: &V) -> V {
    match a {
        V::Bool(a) => V::Bool(!a),
        _ => V::Missing,
    }
}

pub fn or(a: &V, b: &V) -> V {
    not(&and(&not(a), &not(b)))
}

pub fn or_else(a: &V, b: &V) -> V {
    match (a, b) {
        (V::Missing, V::Int(b)) => V::Int(*b),
        (V::Missing, b) => b.clone(),
        (a, _) => a.clone(),
    }
}

fn narrow(value: i128, make: fn(i64) -> V) -> V {
    i64::try_from(value).map_or(V::Missing, make)
}

fn finite(value: f64) -> V {
    if value.is_finite() { V::Number(value) } else { V::Missing }
}

fn ratio(a: f64, b: f64) -> V {
    if b == 0.0 { V::Missing } else { finite(a / b) }
}

/// `n / d`, a half to the even neighbour.
pub fn half_even(n: i128, d: i128) -> i128 {
    let (n, d) = if d < 0 { (-n, -d) } else { (n, d) };
    let (down, rest) = (n.div_euclid(d), n.rem_euclid(d));
    let up = rest > d - rest || (rest == d - rest && down % 2 != 0);
    down + i128::from(up)
}

/// Makes a value of a kind from its count.
type Make = fn(i64) -> V;

/// The constructor of a scaled value's kind, and its count.
fn scaled(value: &V) -> Option<(Make, i64)> {
    Some(match value {
        V::Money(v) => (V::Money, *v),
        V::Percent(v) => (V::Percent, *v),
        V::Span(v) => (V::Span, *v),
        _ => return None,
    })
}

fn float(value: &V) -> Option<f64> {
    match value {
        V::Int(v) => Some(*v as f64),
        V::Number(v) => Some(*v),
        _ => None,
    }
}

/// Plus, minus, times and divided by.
pub fn arithmetic(sign: &str, a: &V, b: &V) -> V {
    if missing(a, b) {
        return V::Missing;
    }
    if let Some(moved) = shifted(sign, a, b) {
        return moved;
    }
    if let (V::Int(a), V::Int(b)) = (a, b)
        && sign != "/"
    {
        let (a, b) = (i128::from(*a), i128::from(*b));
        return narrow(whole(sign, a, b), V::Int);
    }
    if let (Some(a), Some(b)) = (float(a), float(b)) {
        return match sign {
            "+" => finite(a + b),
            "-" => finite(a - b),
            "*" => finite(a * b),
            _ => ratio(a, b),
        };
    }
    match (scaled(a), scaled(b), a, b) {
        (Some((_, a)), Some((_, b)), ..) if sign == "/" => ratio(a as f64, b as f64),
        (Some((make, a)), Some((_, b)), ..) => narrow(whole(sign, i128::from(a), i128::from(b)), make),
        (Some((_, _)), None, _, V::Int(0)) if sign == "/" => V::Missing,
        (Some((make, a)), None, _, V::Int(b)) if sign == "/" => narrow(half_even(i128::from(a), i128::from(*b)), make),
        (Some((make, a)), None, _, V::Int(b)) | (None, Some((make, a)), V::Int(b), _) => {
            narrow(i128::from(a) * i128::from(*b), make)
        }
        (None, None, V::Stamp(a), V::Stamp(b)) => V::Span(a - b),
        _ => V::Missing,
    }
}

fn whole(sign: &str, a: i128, b: i128) -> i128 {
    match sign {
        "+" => a + b,
        "-" => a - b,
        _ => a * b,
    }
}

/// A moment and a length, in either order where they are added; two periods.
fn shifted(sign: &str, a: &V, b: &V) -> Option<V> {
    let sign_of = if sign == "-" { -1 } else { 1 };
    let stamp = |t: i64| if exists(t.div_euclid(DAY_US)) { V::Stamp(t) } else { V::Missing };
    Some(match (a, b) {
        (V::Date(d), V::Period(m, n)) => moved(*d, sign_of * m, sign_of * n).map_or(V::Missing, V::Date),
        (V::Stamp(t), V::Period(m, n)) => {
            let day = moved(t.div_euclid(DAY_US), sign_of * m, sign_of * n);
            day.map_or(V::Missing, |day| stamp(day * DAY_US + t.rem_euclid(DAY_US)))
        }
        (V::Stamp(t), V::Span(s)) => stamp(t + sign_of * s),
        (V::Period(..) | V::Span(_), V::Date(_) | V::Stamp(_)) => return shifted(sign, b, a),
        (V::Period(a, b), V::Period(c, d)) => V::Period(a + sign_of * c, b + sign_of * d),
        _ => return None,
    })
}

pub fn negated(a: &V) -> V {
    match a {
        V::Int(v) => v.checked_neg().map_or(V::Missing, V::Int),
        V::Number(v) => V::Number(0.0 - v),
        V::Percent(v) => v.checked_neg().map_or(V::Missing, V::Percent),
        V::Money(v) => v.checked_neg().map_or(V::Missing, V::Money),
        V::Span(v) => v.checked_neg().map_or(V::Missing, V::Span),
        V::Period(months, days) => V::Period(-months, -days),
        _ => V::Missing,
    }
}

pub fn percent_of(a: &V, b: &V) -> V {
    let V::Percent(percent) = a else { return V::Missing };
    match b {
        V::Money(v) => narrow(half_even(i128::from(*percent) * i128::from(*v), 1_000_000), V::Money),
        V::Percent(v) => narrow(half_even(i128::from(*percent) * i128::from(*v), 1_000_000), V::Percent),
        V::Int(v) => finite(*percent as f64 * *v as f64 / 1e6),
        V::Number(v) => finite(*percent as f64 * *v / 1e6),
        _ => V::Missing,
    }
}

/// The tests of texts, and of lists that hold texts.
pub fn text_test(word: &str, a: &V, b: &V) -> V {
    match (a, b) {
        (V::Text(a), V::Text(b)) => V::Bool(match word {
            "starts with" => a.len() >= b.len() && a.as_bytes()[..b.len()] == *b.as_bytes(),
            "ends with" => a.len() >= b.len() && a.as_bytes()[a.len() - b.len()..] == *b.as_bytes(),
            _ => b.is_empty() || a.as_bytes().windows(b.len()).any(|w| w == b.as_bytes()),
        }),
        (V::List(items), V::Text(_)) => V::Bool(items.iter().any(|item| item == b)),
        _ => V::Missing,
    }
}
