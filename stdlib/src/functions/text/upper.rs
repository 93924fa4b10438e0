//! Capital letters. Knows no languages.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{made, of_text};
use crate::case;

pub static BUILTIN: Builtin = Builtin {
    name: "upper",
    version: 1,
    family: "text",
    parameters: &[Parameter { name: "text", shape: Shape::Is(Type::Text) }],
    result: Shape::Is(Type::Text),
    partial: false,
    call,
    cost: 8,
    sql: "nfc_normalize(upper({0}))",
    doc: "The text in capital letters, one for one, so that it stays as long as it is.",
    examples: &[
        Example { expression: r#"upper("sw1a 1aa")"#, gives: r#""SW1A 1AA""# },
        Example { expression: r#"upper("straße")"#, gives: r#""STRAẞE""# },
        Example { expression: r#"upper("")"#, gives: r#""""# },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_text(arguments, |text| made(&text.chars().map(case::upper).collect::<String>()))
}
