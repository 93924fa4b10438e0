//! Small letters. Knows no languages.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{made, of_text};
use crate::case;

pub static BUILTIN: Builtin = Builtin {
    name: "lower",
    version: 1,
    family: "text",
    parameters: &[Parameter { name: "text", shape: Shape::Is(Type::Text) }],
    result: Shape::Is(Type::Text),
    partial: false,
    call,
    cost: 8,
    sql: "nfc_normalize(lower({0}))",
    doc: "The text in small letters, one for one.",
    examples: &[
        Example { expression: r#"lower("Ann@Brand.EXAMPLE")"#, gives: r#""ann@brand.example""# },
        Example { expression: r#"lower("ÉCOLE")"#, gives: r#""école""# },
        Example { expression: r#"lower("")"#, gives: r#""""# },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_text(arguments, |text| made(&text.chars().map(case::lower).collect::<String>()))
}
