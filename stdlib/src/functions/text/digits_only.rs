//! The number inside a telephone number or a postcode. Knows the ten digits 0 to 9 and no others.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{made, of_text};

pub static BUILTIN: Builtin = Builtin {
    name: "digits_only",
    version: 1,
    family: "text",
    parameters: &[Parameter { name: "text", shape: Shape::Is(Type::Text) }],
    result: Shape::Is(Type::Text),
    partial: false,
    call,
    cost: 4,
    sql: "regexp_replace({0}, '[^0-9]+', '', 'g')",
    doc: "The digits 0 to 9 of the text, in their order, and nothing else.",
    examples: &[
        Example { expression: r#"digits_only("+44 (0)20 7946-0958")"#, gives: r#""4402079460958""# },
        Example { expression: r#"digits_only("SW1A 1AA")"#, gives: r#""11""# },
        Example { expression: r#"digits_only("none")"#, gives: r#""""# },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_text(arguments, |text| made(&text.chars().filter(char::is_ascii_digit).collect::<String>()))
}
