//! Names as they are written in a greeting. Knows no languages and no names: `McDonald` becomes `Mcdonald`.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::Value;

use crate::arguments::{made, of_text};
use crate::case;

pub static BUILTIN: Builtin = Builtin {
    name: "title_case",
    version: 1,
    family: "text",
    parameters: &[Parameter { name: "text", shape: Shape::Is(Type::Text) }],
    result: Shape::Is(Type::Text),
    partial: false,
    call,
    cost: 8,
    sql: "nfc_normalize(array_to_string([upper(left(w, 1)) || lower(substr(w, 2)) FOR w IN \
          regexp_extract_all({0}, '[^\\s\\pZ\\x0b\\x85-]+|[\\s\\pZ\\x0b\\x85-]+')], ''))",
    doc: "The text with a capital at the start of every word and after every hyphen, small letters elsewhere.",
    examples: &[
        Example { expression: r#"title_case("ANN")"#, gives: r#""Ann""# },
        Example { expression: r#"title_case("mary-jane o'neill")"#, gives: r#""Mary-Jane O'neill""# },
        Example { expression: r#"title_case("élodie  DE la tour")"#, gives: r#""Élodie  De La Tour""# },
        Example { expression: r#"title_case("")"#, gives: r#""""# },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_text(arguments, |text| {
        let mut starts = true;
        let titled = |c: char| {
            let cased = if starts { case::upper(c) } else { case::lower(c) };
            starts = c.is_whitespace() || c == '-';
            cased
        };
        made(&text.chars().map(titled).collect::<String>())
    })
}
