//! The end of a text. Counts Unicode scalar values, not what a reader sees as one sign.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{made, of_text_and_count};

pub static BUILTIN: Builtin = Builtin {
    name: "right",
    version: 1,
    family: "text",
    parameters: &[
        Parameter { name: "text", shape: Shape::Is(Type::Text) },
        Parameter { name: "count", shape: Shape::Is(Type::Int) },
    ],
    result: Shape::Is(Type::Text),
    partial: false,
    call,
    cost: 4,
    sql: "right({0}, CASE WHEN {1} < 0 THEN 0 WHEN {1} > 1000000000 THEN 1000000000 ELSE {1} END)",
    doc: "The last `count` characters of the text: all when it is shorter, none when `count` is below one.",
    examples: &[
        Example { expression: r#"right("4929 1234 5678", 4)"#, gives: r#""5678""# },
        Example { expression: r#"right("Zoë", 1)"#, gives: r#""ë""# },
        Example { expression: r#"right("Ann", 0)"#, gives: r#""""# },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_text_and_count(arguments, |text, count| {
        let start = match count.checked_sub(1) {
            None => text.len(),
            Some(before) => text.char_indices().nth_back(before).map_or(0, |(at, _)| at),
        };
        made(text.get(start..).unwrap_or(text))
    })
}
