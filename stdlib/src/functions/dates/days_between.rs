//! Days from one date to another.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::time::{self, Unit};
use seg_ir::types::Type;
use seg_ir::value::{Reason, Value};

use crate::arguments::of_dates;

pub static BUILTIN: Builtin = Builtin {
    name: "days_between",
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
    sql: "date_diff('day', {0}, {1})",
    doc: "How many days later the second day is than the first; negative when it is earlier.",
    examples: &[
        Example { expression: "days_between(2026-03-01, 2026-03-15)", gives: "14" },
        Example { expression: "days_between(2026-03-15, 2026-03-01)", gives: "-14" },
        Example { expression: "days_between(2024-02-28, 2024-03-01)", gives: "2" },
        Example { expression: "days_between(0001-01-01, 9999-12-31)", gives: "3652058" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_dates(arguments, |from, to| {
        time::elapsed(Unit::Day, from, to).map_or(Value::Missing(Reason::Overflow), Value::Int)
    })
}
