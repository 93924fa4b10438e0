//! White space around a text, as Unicode defines it. Leaves what stands inside.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{made, of_text};

pub static BUILTIN: Builtin = Builtin {
    name: "trim",
    version: 1,
    family: "text",
    parameters: &[Parameter { name: "text", shape: Shape::Is(Type::Text) }],
    result: Shape::Is(Type::Text),
    partial: false,
    call,
    cost: 4,
    sql: r"regexp_replace({0}, '^[\s\pZ\x0b\x85]+|[\s\pZ\x0b\x85]+$', '', 'g')",
    doc: "The text without the white space before and behind it.",
    examples: &[
        Example { expression: r#"trim("  Ann ")"#, gives: r#""Ann""# },
        Example { expression: r#"trim("New  York")"#, gives: r#""New  York""# },
        Example { expression: r#"trim("   ")"#, gives: r#""""# },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_text(arguments, |text| made(text.trim()))
}
