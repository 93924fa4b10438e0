//! Saturday and Sunday. Knows no public holidays.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::time::{self, Part};
use seg_ir::types::Type;
use seg_ir::value::{Reason, Value};

use crate::arguments::mistyped;

pub static BUILTIN: Builtin = Builtin {
    name: "is_weekend",
    version: 1,
    family: "dates",
    parameters: &[Parameter { name: "day", shape: Shape::Is(Type::Date) }],
    result: Shape::Is(Type::Bool),
    partial: false,
    call,
    cost: 1,
    sql: "isodow({0}) >= 6",
    doc: "Whether the day is a Saturday or a Sunday.",
    examples: &[
        Example { expression: "is_weekend(2026-03-14)", gives: "true" },
        Example { expression: "is_weekend(2026-03-16)", gives: "false" },
        Example { expression: "is_weekend(0001-01-01)", gives: "false" },
    ],
};

/// The place of Saturday in the week.
const SATURDAY: i64 = 5;

fn call(arguments: &[Value]) -> Value<'static> {
    match arguments {
        [Value::Date(day)] => time::date_part(Part::Weekday, *day)
            .map_or(Value::Missing(Reason::Overflow), |weekday| Value::Bool(weekday >= SATURDAY)),
        _ => mistyped(),
    }
}
