//! Size without sign. Does not round.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::operation;
use seg_ir::value::Value;

use crate::arguments::{chosen, mistyped, number};

pub static BUILTIN: Builtin = Builtin {
    name: "abs",
    version: 1,
    family: "numbers",
    parameters: &[Parameter { name: "value", shape: Shape::AnyNumeric }],
    result: Shape::AnyNumeric,
    partial: false,
    call,
    cost: 1,
    // The smallest whole number has no counterpart; DuckDB stops at it, and `TRY` takes no aggregates.
    sql: "CASE WHEN CAST({0} AS VARCHAR) <> '-9223372036854775808' THEN abs({0}) END",
    doc: "The value without its sign.",
    examples: &[
        Example { expression: "abs(-3)", gives: "3" },
        Example { expression: "abs(2.5)", gives: "2.5" },
        Example { expression: "abs(-£5)", gives: "£5" },
        Example { expression: "abs(-10%)", gives: "10%" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    match arguments {
        [Value::Number(value)] => number(value.abs()),
        [value @ (Value::Int(v) | Value::Percent(v) | Value::Money(v))] if *v < 0 => operation::negate(value),
        [value] => chosen(arguments, value),
        _ => mistyped(),
    }
}
