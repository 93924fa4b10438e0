//! Two texts as one. A message joins its pieces by itself; this is for keys and comparisons.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{is_too_long, made, mistyped, too_long};

pub static BUILTIN: Builtin = Builtin {
    name: "join",
    version: 1,
    family: "text",
    parameters: &[
        Parameter { name: "first", shape: Shape::Is(Type::Text) },
        Parameter { name: "second", shape: Shape::Is(Type::Text) },
    ],
    result: Shape::Is(Type::Text),
    partial: false,
    call,
    cost: 4,
    sql: "nfc_normalize({0} || {1})",
    doc: "The first text with the second one right behind it.",
    examples: &[
        Example { expression: r#"join("GB-", "SW1A")"#, gives: r#""GB-SW1A""# },
        Example { expression: r#"join(join("Ann", " "), "Smith")"#, gives: r#""Ann Smith""# },
        Example { expression: r#"join("", "")"#, gives: r#""""# },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    let [first, second] = arguments else { return mistyped() };
    match (first.as_text(), second.as_text()) {
        (Some(first), Some(second)) if is_too_long(first.len().checked_add(second.len())) => too_long(),
        (Some(first), Some(second)) => made(&[first, second].concat()),
        _ => mistyped(),
    }
}
