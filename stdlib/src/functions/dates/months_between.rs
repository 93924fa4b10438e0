//! Complete months from one date to another. What is left over does not count.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::time::{self, Unit};
use seg_ir::types::Type;
use seg_ir::value::{Reason, Value};

use crate::arguments::of_dates;

pub static BUILTIN: Builtin = Builtin {
    name: "months_between",
    version: 1,
    family: "dates",
    parameters: &[
        Parameter { name: "first", shape: Shape::Is(Type::Date) },
        Parameter { name: "second", shape: Shape::Is(Type::Date) },
    ],
    result: Shape::Is(Type::Int),
    partial: false,
    call,
    cost: 2,
    sql: "date_sub('month', {0}, {1})",
    doc: "How many complete months lie between two days; negative when the second is earlier.",
    examples: &[
        Example { expression: "months_between(2026-01-15, 2026-03-14)", gives: "1" },
        Example { expression: "months_between(2026-01-31, 2026-02-28)", gives: "1" },
        Example { expression: "months_between(2026-03-15, 2026-01-15)", gives: "-2" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_dates(arguments, |from, to| {
        time::elapsed(Unit::Month, from, to).map_or(Value::Missing(Reason::Overflow), Value::Int)
    })
}
