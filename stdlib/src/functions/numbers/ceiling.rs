//! Rounding up.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{of_number, whole};

pub static BUILTIN: Builtin = Builtin {
    name: "ceiling",
    version: 1,
    family: "numbers",
    parameters: &[Parameter { name: "number", shape: Shape::Is(Type::Number) }],
    result: Shape::Is(Type::Int),
    partial: false,
    call,
    cost: 1,
    sql: "TRY_CAST(ceil({0}) AS BIGINT)",
    doc: "The smallest whole number that is not below the number.",
    examples: &[
        Example { expression: "ceiling(2.1)", gives: "3" },
        Example { expression: "ceiling(-2.9)", gives: "-2" },
        Example { expression: "ceiling(5.0)", gives: "5" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_number(arguments, |number| whole(number.ceil()))
}
