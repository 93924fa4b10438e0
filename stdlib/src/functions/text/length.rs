//! How long a text is. Does not know how wide or how many bytes it is.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{of_text, too_long};

pub static BUILTIN: Builtin = Builtin {
    name: "length",
    version: 1,
    family: "text",
    parameters: &[Parameter { name: "text", shape: Shape::Is(Type::Text) }],
    result: Shape::Is(Type::Int),
    partial: false,
    call,
    cost: 4,
    sql: "length({0})",
    doc: "How many characters the text has, spaces included; each Unicode scalar value counts once.",
    examples: &[
        Example { expression: r#"length("hello")"#, gives: "5" },
        Example { expression: r#"length("naïve")"#, gives: "5" },
        Example { expression: r#"length("👍🏽")"#, gives: "2" },
        Example { expression: r#"length("")"#, gives: "0" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_text(arguments, |text| i64::try_from(text.chars().count()).map_or_else(|_| too_long(), Value::Int))
}
