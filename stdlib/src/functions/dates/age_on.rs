//! How old somebody is on a day. Does not know what day it is: `today` is given like any other.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::time::{self, Unit};
use seg_ir::types::Type;
use seg_ir::value::{Reason, Value};

use crate::arguments::of_dates;

pub static BUILTIN: Builtin = Builtin {
    name: "age_on",
    version: 1,
    family: "dates",
    parameters: &[
        Parameter { name: "birthday", shape: Shape::Is(Type::Date) },
        Parameter { name: "day", shape: Shape::Is(Type::Date) },
    ],
    result: Shape::Is(Type::Int),
    partial: true,
    call,
    cost: 2,
    sql: "CASE WHEN {1} >= {0} THEN date_sub('year', {0}, {1}) END",
    doc: "The age in complete years on a day (29 February counts as 28 in other years); missing before the birthday.",
    examples: &[
        Example { expression: "age_on(1990-06-15, 2026-06-14)", gives: "35" },
        Example { expression: "age_on(1990-06-15, 2026-06-15)", gives: "36" },
        Example { expression: "age_on(2004-02-29, 2026-02-28)", gives: "22" },
        Example { expression: "age_on(2026-01-01, 2025-12-31)", gives: "missing" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_dates(arguments, |birthday, day| {
        if day < birthday {
            return Value::Missing(Reason::Empty);
        }
        time::elapsed(Unit::Year, birthday, day).map_or(Value::Missing(Reason::Overflow), Value::Int)
    })
}
