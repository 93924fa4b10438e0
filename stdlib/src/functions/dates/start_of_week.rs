//! Weeks, which begin on Monday.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::time::{self, Unit};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::of_date;

pub static BUILTIN: Builtin = Builtin {
    name: "start_of_week",
    version: 1,
    family: "dates",
    parameters: &[Parameter { name: "day", shape: Shape::Is(Type::Date) }],
    result: Shape::Is(Type::Date),
    partial: false,
    call,
    cost: 2,
    sql: "CAST(date_trunc('week', {0}) AS DATE)",
    doc: "The Monday of the week that the day lies in.",
    examples: &[
        Example { expression: "start_of_week(2026-03-15)", gives: "2026-03-09" },
        Example { expression: "start_of_week(2026-03-16)", gives: "2026-03-16" },
        Example { expression: "start_of_week(2026-01-01)", gives: "2025-12-29" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_date(arguments, |day| time::start_of(Unit::Week, day))
}
