//! A date from its parts. Does not repair: there is no 30 February.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::time;
use seg_ir::types::Type;
use seg_ir::value::{Reason, Value};

use crate::arguments::mistyped;

pub static BUILTIN: Builtin = Builtin {
    name: "make_date",
    version: 1,
    family: "dates",
    parameters: &[
        Parameter { name: "year", shape: Shape::Is(Type::Int) },
        Parameter { name: "month", shape: Shape::Is(Type::Int) },
        Parameter { name: "day", shape: Shape::Is(Type::Int) },
    ],
    result: Shape::Is(Type::Date),
    partial: true,
    call,
    cost: 2,
    sql: "CASE WHEN {0} BETWEEN 1 AND 9999 AND {1} BETWEEN 1 AND 12 AND {2} BETWEEN 1 AND 31 \
          THEN TRY_CAST(printf('%04d-%02d-%02d', {0}, {1}, {2}) AS DATE) END",
    doc: "The date with these parts; missing when there is no such day in the years 1 to 9999.",
    examples: &[
        Example { expression: "make_date(2026, 3, 15)", gives: "2026-03-15" },
        Example { expression: "make_date(2024, 2, 29)", gives: "2024-02-29" },
        Example { expression: "make_date(2026, 2, 29)", gives: "missing" },
        Example { expression: "make_date(0, 1, 1)", gives: "missing" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    match arguments {
        [Value::Int(year), Value::Int(month), Value::Int(day)] => {
            date(*year, *month, *day).map_or(Value::Missing(Reason::Overflow), Value::Date)
        }
        _ => mistyped(),
    }
}

fn date(year: i64, month: i64, day: i64) -> Option<i32> {
    time::date(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
}
