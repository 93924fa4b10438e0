//! A number to so many decimals. What it gives is a float still: the nearest to the decimal one.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{as_number, mistyped, number};

pub static BUILTIN: Builtin = Builtin {
    name: "round_to",
    version: 1,
    family: "numbers",
    parameters: &[
        Parameter { name: "number", shape: Shape::Is(Type::Number) },
        Parameter { name: "decimals", shape: Shape::Is(Type::Int) },
    ],
    result: Shape::Is(Type::Number),
    partial: false,
    call,
    cost: 2,
    sql: "CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL \
          WHEN abs({0}) < 9007199254740992 / pow(10::DOUBLE, least(greatest({1}, 0), 15)) \
          THEN CAST(CAST({0} * pow(10::DOUBLE, least(greatest({1}, 0), 15)) AS DOUBLE) AS BIGINT) \
          / pow(10::DOUBLE, least(greatest({1}, 0), 15)) ELSE CAST({0} AS DOUBLE) END",
    doc: "The number rounded to so many decimals, a half to the even one; below 0 counts as 0, above 15 as 15.",
    examples: &[
        Example { expression: "round_to(3.14159, 2)", gives: "3.14" },
        Example { expression: "round_to(0.125, 2)", gives: "0.12" },
        Example { expression: "round_to(2.5, -3)", gives: "2.0" },
        Example { expression: "round_to(1234.5678, 20)", gives: "1234.5678" },
    ],
};

/// The powers of ten that a float holds and that leave a number's digits above the point.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// 2^53: from here on a float has no fraction.
const NO_FRACTION: f64 = 9_007_199_254_740_992.0;

fn call(arguments: &[Value]) -> Value<'static> {
    match arguments {
        [value, Value::Int(decimals)] => as_number(value).map_or_else(mistyped, |value| rounded(value, *decimals)),
        _ => mistyped(),
    }
}

fn rounded(value: f64, decimals: i64) -> Value<'static> {
    let power = usize::try_from(decimals.clamp(0, 15)).ok().and_then(|n| POWERS.get(n)).copied().unwrap_or(1.0);
    let has_more = value.abs() < NO_FRACTION / power;
    number(if has_more { (value * power).round_ties_even() / power } else { value })
}
