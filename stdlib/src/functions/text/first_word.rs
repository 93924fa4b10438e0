//! The word to greet somebody by. Does not know titles: `Dr Ann Smith` begins with `Dr`.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::{Reason, Value};

use crate::arguments::{made, of_text};

pub static BUILTIN: Builtin = Builtin {
    name: "first_word",
    version: 1,
    family: "text",
    parameters: &[Parameter { name: "text", shape: Shape::Is(Type::Text) }],
    result: Shape::Is(Type::Text),
    partial: true,
    call,
    cost: 4,
    sql: r"nullif(regexp_extract({0}, '[^\s\pZ\x0b\x85]+'), '')",
    doc: "What stands before the first white space, leading white space aside; missing when there is no word.",
    examples: &[
        Example { expression: r#"first_word("Ann Marie Smith")"#, gives: r#""Ann""# },
        Example { expression: r#"first_word("  Zoë ")"#, gives: r#""Zoë""# },
        Example { expression: r#"first_word("")"#, gives: "missing" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_text(arguments, |text| text.split_whitespace().next().map_or(Value::Missing(Reason::Empty), made))
}
