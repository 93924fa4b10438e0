//! Months, long and short.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::time;
use seg_ir::types::Type;
use seg_ir::value::{Period, Value};

use crate::arguments::of_date;

pub static BUILTIN: Builtin = Builtin {
    name: "end_of_month",
    version: 1,
    family: "dates",
    parameters: &[Parameter { name: "day", shape: Shape::Is(Type::Date) }],
    result: Shape::Is(Type::Date),
    partial: false,
    call,
    cost: 2,
    sql: "last_day({0})",
    doc: "The last day of the month that the day lies in.",
    examples: &[
        Example { expression: "end_of_month(2026-02-10)", gives: "2026-02-28" },
        Example { expression: "end_of_month(2024-02-29)", gives: "2024-02-29" },
        Example { expression: "end_of_month(9999-12-01)", gives: "9999-12-31" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_date(arguments, |day| {
        let (year, month, _) = time::ymd(day)?;
        // The clamp at month ends does the work: no month is longer than January.
        let january_31 = time::date(year, 1, 31)?;
        time::add(january_31, Period { months: i32::from(month) - 1, days: 0 })
    })
}
