//! Bands of equal width, for counting by. Bands of unequal width are a decision table.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::value::{Reason, Value};

use crate::arguments::{as_number, mistyped, number};

pub static BUILTIN: Builtin = Builtin {
    name: "band_start",
    version: 1,
    family: "numbers",
    parameters: &[
        Parameter { name: "value", shape: Shape::AnyNumeric },
        Parameter { name: "width", shape: Shape::AnyNumeric },
    ],
    result: Shape::AnyNumeric,
    partial: true,
    call,
    cost: 2,
    // DuckDB divides before it looks at the condition when both sides are literals.
    sql: "TRY(CASE WHEN {1} > 0 THEN {0} - ({0} % nullif({1}, 0)) \
          - CASE WHEN {0} % nullif({1}, 0) < 0 THEN {1} ELSE {1} - {1} END END)",
    doc: "Where the value's band begins, with bands of one width from zero; missing when the width is not above zero.",
    examples: &[
        Example { expression: "band_start(37, 10)", gives: "30" },
        Example { expression: "band_start(£57.50, £25)", gives: "£50" },
        Example { expression: "band_start(-1, 10)", gives: "-10" },
        Example { expression: "band_start(5, 0)", gives: "missing" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    match arguments {
        [Value::Int(value), Value::Int(width)] => start(*value, *width, Value::Int),
        [Value::Percent(value), Value::Percent(width)] => start(*value, *width, Value::Percent),
        [Value::Money(value), Value::Money(width)] => start(*value, *width, Value::Money),
        [value, width] => match (as_number(value), as_number(width)) {
            (Some(value), Some(width)) => float_start(value, width),
            _ => mistyped(),
        },
        _ => mistyped(),
    }
}

fn start(value: i64, width: i64, make: fn(i64) -> Value<'static>) -> Value<'static> {
    if width <= 0 {
        return Value::Missing(Reason::DivisionByZero);
    }
    value.checked_sub(value.rem_euclid(width)).map_or(Value::Missing(Reason::Overflow), make)
}

fn float_start(value: f64, width: f64) -> Value<'static> {
    if width <= 0.0 {
        return Value::Missing(Reason::DivisionByZero);
    }
    let over = value % width;
    number(value - over - if over < 0.0 { width } else { 0.0 })
}
