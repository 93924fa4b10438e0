//! The smaller of two values of one type. Over many rows, `min` does it.

use std::cmp::Ordering;

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::value::Value;

use crate::arguments::{chosen, mistyped, unless};

pub static BUILTIN: Builtin = Builtin {
    name: "smaller_of",
    version: 1,
    family: "numbers",
    parameters: &[
        Parameter { name: "first", shape: Shape::AnyNumeric },
        Parameter { name: "second", shape: Shape::AnyNumeric },
    ],
    result: Shape::AnyNumeric,
    partial: false,
    call,
    cost: 1,
    sql: "CASE WHEN {0} <= {1} THEN {0} WHEN {0} > {1} THEN {1} END",
    doc: "The smaller of two values.",
    examples: &[
        Example { expression: "smaller_of(3, 5)", gives: "3" },
        Example { expression: "smaller_of(£20, £9.99)", gives: "£9.99" },
        Example { expression: "smaller_of(15%, 10%)", gives: "10%" },
        Example { expression: "smaller_of(-2.5, -2.5)", gives: "-2.5" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    match arguments {
        [first, second] => chosen(arguments, unless(first, second, Ordering::Less)),
        _ => mistyped(),
    }
}
