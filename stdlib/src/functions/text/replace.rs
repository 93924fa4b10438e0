//! One piece of text for another, everywhere. Knows no patterns and does not fold case.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{is_too_long, made, mistyped, too_long};

pub static BUILTIN: Builtin = Builtin {
    name: "replace",
    version: 1,
    family: "text",
    parameters: &[
        Parameter { name: "text", shape: Shape::Is(Type::Text) },
        Parameter { name: "old", shape: Shape::Is(Type::Text) },
        Parameter { name: "new", shape: Shape::Is(Type::Text) },
    ],
    result: Shape::Is(Type::Text),
    partial: false,
    call,
    cost: 8,
    sql: "nfc_normalize(replace({0}, {1}, {2}))",
    doc: "The text with every `old` in it replaced by `new`, from the left; nothing is replaced when `old` is empty.",
    examples: &[
        Example { expression: r#"replace("SW1A 1AA", " ", "")"#, gives: r#""SW1A1AA""# },
        Example { expression: r#"replace("aaa", "aa", "b")"#, gives: r#""ba""# },
        Example { expression: r#"replace("Zoë", "ë", "e")"#, gives: r#""Zoe""# },
        Example { expression: r#"replace("Ann", "", "x")"#, gives: r#""Ann""# },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    let [text, old, new] = arguments else { return mistyped() };
    match (text.as_text(), old.as_text(), new.as_text()) {
        (Some(text), Some(old), Some(new)) => replaced(text, old, new),
        _ => mistyped(),
    }
}

/// The length is computed first, so that a text that would be too long is never made.
fn replaced(text: &str, old: &str, new: &str) -> Value<'static> {
    if old.is_empty() {
        return made(text);
    }
    let found = text.matches(old).count();
    let kept = text.len().saturating_sub(found.saturating_mul(old.len()));
    if is_too_long(found.checked_mul(new.len()).and_then(|added| added.checked_add(kept))) {
        return too_long();
    }
    made(&text.replace(old, new))
}
