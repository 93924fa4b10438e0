//! The nearest whole number. Money and percentages are exact and need none.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{of_number, whole};

pub static BUILTIN: Builtin = Builtin {
    name: "round",
    version: 1,
    family: "numbers",
    parameters: &[Parameter { name: "number", shape: Shape::Is(Type::Number) }],
    result: Shape::Is(Type::Int),
    partial: false,
    call,
    cost: 1,
    sql: "TRY_CAST(CAST({0} AS DOUBLE) AS BIGINT)",
    doc: "The nearest whole number; a half goes to the even one.",
    examples: &[
        Example { expression: "round(2.4)", gives: "2" },
        Example { expression: "round(2.5)", gives: "2" },
        Example { expression: "round(3.5)", gives: "4" },
        Example { expression: "round(-0.5)", gives: "0" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_number(arguments, |number| whole(number.round_ties_even()))
}
