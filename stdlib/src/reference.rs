//! The reference page of the standard library, made from the vocabulary and the modules themselves, so that it cannot
//! say anything else than they do. Does not run the examples.

use std::fmt::Write;

use seg_ir::builtin::{Builtin, Shape};
use seg_ir::types::Type;

use crate::{MODULES, VOCABULARY};

/// What a reader must know before the first function.
const INTRODUCTION: &str = "\
# Functions

<!-- Made from the standard library by its tests: `SEG_UPDATE=1 cargo test -p seg-stdlib` writes it anew. -->

A function is called by its name: `round(2.5)`. When an argument is missing, so is what it gives, with the same reason.
A result marked `?` can be missing although every argument is known. What is too large for its type is missing with the
reason *overflow*, and so is a made text of more than 1 MiB. *Numeric* stands for Int, Number, Percent or Money, the
same everywhere in one call; an Int beside a Number counts as a Number.

The civil date of a Timestamp is `date_of(t)`; `weekday of`, `month of` and their like are operators.
";

/// What a reader must know before the first module.
const MODULES_INTRODUCTION: &str = "\
## Modules

These are written in Seg. `use std.lifecycle` brings what it declares into a playbook; a table whose thresholds do not
fit your business is a good beginning for one of your own.
";

/// `docs/reference/functions.md`, whole.
pub fn reference_markdown() -> String {
    let mut page = String::from(INTRODUCTION);
    let mut family = "";
    for builtin in VOCABULARY.0 {
        if builtin.family != family {
            family = builtin.family;
            let _ = write!(page, "\n## {}\n", heading(family));
        }
        function(&mut page, builtin);
    }
    let _ = write!(page, "\n{MODULES_INTRODUCTION}");
    for (name, source) in MODULES {
        let _ = write!(page, "\n### `{name}`\n\n```seg\n{}\n```\n", source.trim_end());
    }
    page
}

fn heading(family: &str) -> String {
    let mut letters = family.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn function(page: &mut String, builtin: &Builtin) {
    let _ = write!(page, "\n### `{}`\n\n`{}`\n\n{}\n\n", builtin.name, signature(builtin), builtin.doc);
    for example in builtin.examples {
        let _ = writeln!(page, "- `{}` gives `{}`", example.expression, example.gives);
    }
}

/// `left(text: Text, count: Int) -> Text`
fn signature(builtin: &Builtin) -> String {
    let parameter = |p: &seg_ir::builtin::Parameter| format!("{}: {}", p.name, shape_name(&p.shape));
    let parameters: Vec<String> = builtin.parameters.iter().map(parameter).collect();
    let mark = if builtin.partial { "?" } else { "" };
    format!("{}({}) -> {}{mark}", builtin.name, parameters.join(", "), shape_name(&builtin.result))
}

fn shape_name(shape: &Shape) -> String {
    match shape {
        Shape::AnyNumeric => "Numeric".to_string(),
        Shape::Is(ty) => type_name(ty),
    }
}

fn type_name(ty: &Type) -> String {
    match ty {
        Type::Bool => "Bool".to_string(),
        Type::Int => "Int".to_string(),
        Type::Number => "Number".to_string(),
        Type::Percent => "Percent".to_string(),
        Type::Money(currency) => format!("Money({})", currency.code()),
        Type::Text => "Text".to_string(),
        Type::Date => "Date".to_string(),
        Type::Timestamp => "Timestamp".to_string(),
        Type::TimeOfDay => "TimeOfDay".to_string(),
        Type::Span => "exact span".to_string(),
        Type::Period => "calendar period".to_string(),
        Type::Enum(_) => "enum".to_string(),
        Type::List(of) => format!("List({})", type_name(of)),
        Type::Reference(_) => "record".to_string(),
    }
}
