//! Where an e-mail address lives. Does not know whether the domain exists.

use seg_ir::builtin::{Builtin, Example, Parameter, Shape};
use seg_ir::types::Type;
use seg_ir::value::{Reason, Value};

use crate::arguments::{made, of_text};
use crate::case;

pub static BUILTIN: Builtin = Builtin {
    name: "domain_of",
    version: 1,
    family: "text",
    parameters: &[Parameter { name: "email", shape: Shape::Is(Type::Text) }],
    result: Shape::Is(Type::Text),
    partial: true,
    call,
    cost: 8,
    sql: r"nfc_normalize(nullif(lower(regexp_extract({0}, '(?s)^.+@([^@\s\pZ\x0b\x85]+)[\s\pZ\x0b\x85]*$', 1)), ''))",
    doc: "The part of an e-mail address behind the last `@`, in small letters; missing when the text is no address.",
    examples: &[
        Example { expression: r#"domain_of("Ann@Brand.EXAMPLE")"#, gives: r#""brand.example""# },
        Example { expression: r#"domain_of("ann@a@b.example ")"#, gives: r#""b.example""# },
        Example { expression: r#"domain_of("ann")"#, gives: "missing" },
        Example { expression: r#"domain_of("@brand.example")"#, gives: "missing" },
    ],
};

fn call(arguments: &[Value]) -> Value<'static> {
    of_text(arguments, |email| match domain(email) {
        Some(domain) => made(&domain.chars().map(case::lower).collect::<String>()),
        None => Value::Missing(Reason::Empty),
    })
}

fn domain(email: &str) -> Option<&str> {
    let (name, domain) = email.rsplit_once('@')?;
    let domain = domain.trim_end();
    let is_one_word = !domain.is_empty() && !domain.contains(char::is_whitespace);
    (is_one_word && !name.is_empty()).then_some(domain)
}
