//! Quarters of the calendar year. Knows no fiscal years.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::time::{self, Unit};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::of_date;

pub static BUILTIN: Builtin = Builtin {
    name: "start_of_quarter",
    version: 1,
    family: "dates",
    parameters: &[Parameter { name: "day", shape: Shape::Is(Type::Date) }],
    result: Shape::Is(Type::Date),
    partial: false,
    call,
    cost: 2,
    sql: "CAST(date_trunc('quarter', {0}) AS DATE)",
    doc: "The first day of the calendar quarter that the day lies in.",
    examples: &[
        Example { expression: "start_of_quarter(2026-03-31)", gives: "2026-01-01" },
        Example { expression: "start_of_quarter(2026-04-01)", gives: "2026-04-01" },
        Example { expression: "start_of_quarter(9999-12-31)", gives: "9999-10-01" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_date(arguments, |day| time::start_of(Unit::Quarter, day))
}
