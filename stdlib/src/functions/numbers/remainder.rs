//! What is left of a division of whole numbers. Never negative, so that it deals rows out evenly.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::{Reason, Value};

use crate::arguments::mistyped;

pub static BUILTIN: Builtin = Builtin {
    name: "remainder",
    version: 1,
    family: "numbers",
    parameters: &[
        Parameter { name: "value", shape: Shape::Is(Type::Int) },
        Parameter { name: "divisor", shape: Shape::Is(Type::Int) },
    ],
    result: Shape::Is(Type::Int),
    partial: true,
    call,
    cost: 1,
    sql: "CASE WHEN {1} = 0 THEN NULL WHEN {1} = -1 THEN {0} - {0} WHEN {0} % {1} >= 0 THEN {0} % {1} \
          WHEN {1} < 0 THEN {0} % {1} - {1} ELSE {0} % {1} + {1} END",
    doc: "What is left when the value is divided by the divisor, from zero up; missing when the divisor is zero.",
    examples: &[
        Example { expression: "remainder(7, 3)", gives: "1" },
        Example { expression: "remainder(-7, 3)", gives: "2" },
        Example { expression: "remainder(7, -3)", gives: "1" },
        Example { expression: "remainder(7, 0)", gives: "missing" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    match arguments {
        [Value::Int(_), Value::Int(0)] => Value::Missing(Reason::DivisionByZero),
        // Wrapping differs only for the smallest number by -1, whose remainder is zero.
        [Value::Int(value), Value::Int(divisor)] => Value::Int(value.wrapping_rem_euclid(*divisor)),
        _ => mistyped(),
    }
}
