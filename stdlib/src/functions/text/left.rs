//! The beginning of a text. Counts Unicode scalar values, not what a reader sees as one sign.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{made, of_text_and_count};

pub static BUILTIN: Builtin = Builtin {
    name: "left",
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
    sql: "left({0}, CASE WHEN {1} < 0 THEN 0 WHEN {1} > 1000000000 THEN 1000000000 ELSE {1} END)",
    doc: "The first `count` characters of the text: all when it is shorter, none when `count` is below one.",
    examples: &[
        Example { expression: r#"left("SW1A 1AA", 2)"#, gives: r#""SW""# },
        Example { expression: r#"left("Zoë", 10)"#, gives: r#""Zoë""# },
        Example { expression: r#"left("Ann", -1)"#, gives: r#""""# },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_text_and_count(arguments, |text, count| {
        let end = text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
        made(text.get(..end).unwrap_or(text))
    })
}
