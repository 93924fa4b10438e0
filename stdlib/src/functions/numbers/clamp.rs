//! A value held within bounds. Does not say whether it was outside; compare for that.

use std::cmp::Ordering;

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::value::Value;

use crate::arguments::{chosen, mistyped, unless};

pub static BUILTIN: Builtin = Builtin {
    name: "clamp",
    version: 1,
    family: "numbers",
    parameters: &[
        Parameter { name: "value", shape: Shape::AnyNumeric },
        Parameter { name: "low", shape: Shape::AnyNumeric },
        Parameter { name: "high", shape: Shape::AnyNumeric },
    ],
    result: Shape::AnyNumeric,
    partial: false,
    call,
    cost: 2,
    sql: "CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL AND {2} IS NOT NULL \
          THEN least(greatest({0}, {1}), {2}) END",
    doc: "The value held between `low` and `high`; `high` when the bounds are the wrong way round.",
    examples: &[
        Example { expression: "clamp(7, 0, 5)", gives: "5" },
        Example { expression: "clamp(-£3, £0, £50)", gives: "£0" },
        Example { expression: "clamp(12%, 5%, 20%)", gives: "12%" },
        Example { expression: "clamp(3, 10, 1)", gives: "1" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    match arguments {
        [value, low, high] => {
            let raised = unless(value, low, Ordering::Greater);
            chosen(arguments, unless(raised, high, Ordering::Less))
        }
        _ => mistyped(),
    }
}
