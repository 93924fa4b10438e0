//! Complete years from one date to another. What is left over does not count.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::time::{self, Unit};
use seg_ir::types::Type;
use seg_ir::value::{Reason, Value};

use crate::arguments::of_dates;

pub static BUILTIN: Builtin = Builtin {
    name: "years_between",
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
    sql: "date_sub('year', {0}, {1})",
    doc: "How many complete years lie between two days; negative when the second is earlier.",
    examples: &[
        Example { expression: "years_between(2020-06-01, 2026-05-31)", gives: "5" },
        Example { expression: "years_between(2004-02-29, 2026-02-28)", gives: "22" },
        Example { expression: "years_between(2026-01-01, 2024-01-01)", gives: "-2" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_dates(arguments, |from, to| {
        time::elapsed(Unit::Year, from, to).map_or(Value::Missing(Reason::Overflow), Value::Int)
    })
}
