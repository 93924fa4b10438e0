//! The part before the point. Always towards zero; `floor` goes down.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{of_number, whole};

pub static BUILTIN: Builtin = Builtin {
    name: "whole",
    version: 1,
    family: "numbers",
    parameters: &[Parameter { name: "number", shape: Shape::Is(Type::Number) }],
    result: Shape::Is(Type::Int),
    partial: false,
    call,
    cost: 1,
    sql: "TRY_CAST(trunc({0}) AS BIGINT)",
    doc: "The whole part of the number: what stands before its point.",
    examples: &[
        Example { expression: "whole(2.9)", gives: "2" },
        Example { expression: "whole(-2.9)", gives: "-2" },
        Example { expression: "whole(0.5)", gives: "0" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_number(arguments, |number| whole(number.trunc()))
}
