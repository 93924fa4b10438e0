//! Profiles, event tables, reference tables and enums: how fields, types and members are written.

use super::{Stuck, is_lower, is_reserved, is_upper, lower_snake, upper_camel, with_edits};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;

pub(super) fn mistake(s: &Stuck) -> Option<Diagnostic> {
    match s.head() {
        "profile" | "event" | "reference" if s.open_brackets().is_empty() => header(s),
        "profile" | "event" | "reference" => field(s),
        "enum" | "ordered" => enum_decl(s),
        _ => None,
    }
}

fn header(s: &Stuck) -> Option<Diagnostic> {
    let word = s.word(0);
    let head = s.head().to_string();
    let key = if head == "event" { "by" } else { "key" };
    if s.position() == 1 {
        return table_name(s);
    }
    if s.position() == 2 {
        let diagnostic = match key {
            "by" => s.syntax(
                0,
                "an event table says `by` which field its events belong to a customer",
                "expected `by` here",
            ),
            _ => s.syntax(0, format!("a {head} says which field is its `key`"), "expected `key` here"),
        };
        let help = match head.as_str() {
            "event" => "write `event Order by customer_id at placed_at { ... }`",
            "reference" => "write `reference Item key item_id { ... }`",
            _ => "write `profile Customer key customer_id { ... }`",
        };
        return Some(match (word, s.word(1)) {
            ("primary" | "unique", "key") => {
                diagnostic.fix(format!("remove `{word}`"), s.before(0).to(s.before(1)), "")
            }
            ("key", _) if key == "by" => diagnostic.fix("write `by`", s.span(0), "by"),
            ("by", _) if key == "key" => diagnostic.fix("write `key`", s.span(0), "key"),
            ("at", _) if s.word(2) == "by" => {
                let swapped = format!("by {} at {}", s.word(3), s.word(1));
                diagnostic.fix(format!("write `{swapped}`"), s.span(0).to(s.span(3)), swapped)
            }
            _ => diagnostic.help(help),
        });
    }
    match word {
        "(" => {
            let close = s.closing(0)?;
            let diagnostic = s.syntax(0, "fields stand between `{` and `}`", "expected `{` here");
            Some(with_edits(diagnostic, "write `{` and `}`", &[(s.span(0), "{"), (s.span(close), "}")], true))
        }
        "," => {
            let diagnostic = s.syntax(0, format!("a table has one field behind `{key}`"), "a second one begins here");
            Some(diagnostic.help("give the data a column that is unique on its own, or write `key row`"))
        }
        "{" => Some(
            s.syntax(0, format!("`{}` is followed by the name of a field", s.word(-1)), "expected a name before this")
                .help(format!("write `{} customer_id`", s.word(-1))),
        ),
        _ if s.kind(-1) == Some(TokenKind::Word)
            && s.kind(0) == Some(TokenKind::Word)
            && !matches!(s.word(-1), "key" | "by" | "at") =>
        {
            let diagnostic = s.syntax(0, "the fields stand between `{` and `}`", "expected `{` before this");
            Some(diagnostic.help(format!(
                "write `{head} {} {key} {} {{ ... }}`",
                s.word(s.ahead_of(s.base) + 1),
                s.word(s.ahead_of(s.base) + 3)
            )))
        }
        _ => name_of_field(s),
    }
}

fn table_name(s: &Stuck) -> Option<Diagnostic> {
    let word = s.word(0);
    let is_name = matches!(s.kind(0), Some(TokenKind::Word | TokenKind::Text)) && !is_upper(word);
    is_name.then(|| {
        let fixed = upper_camel(word);
        let diagnostic = s.syntax(0, "the name of a table begins with a capital", "expected a name such as `Customer`");
        diagnostic.suggest(format!("write `{fixed}`"), s.span(0), fixed.clone())
    })
}

/// `Id Text`, `"id" Text`, `first-name Text`: a field is `lower_snake`.
fn name_of_field(s: &Stuck) -> Option<Diagnostic> {
    let word = s.word(0);
    let span = s.span(0);
    if is_reserved(word) {
        let diagnostic =
            s.keyword(span, format!("`{word}` is a word of the language and cannot be a name"), "choose another name");
        return Some(
            diagnostic
                .help(format!("a column of that name is bound by `rename = {{ my_{word} = \"{word}\" }}` in seg.toml")),
        );
    }
    let fixed = lower_snake(word);
    match s.kind(0)? {
        TokenKind::Text => Some(s.syntax(0, "a field is named without quotes", "a name is no text").fix(
            format!("write `{fixed}`"),
            span,
            fixed.clone(),
        )),
        TokenKind::Word if is_upper(word) => Some(
            s.syntax(0, "a field is named in small letters", "begins with a capital")
                .suggest(format!("write `{fixed}`"), span, fixed.clone())
                .help("a column with another name is bound by `rename = { ... }` in seg.toml"),
        ),
        _ => None,
    }
}

/// The type that a word of another language, or of none, stands for.
fn known_type(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "text" | "string" | "str" | "varchar" | "char" => "Text",
        "int" | "integer" | "bigint" | "long" | "whole" => "Int",
        "number" | "float" | "double" | "decimal" | "numeric" => "Number",
        "bool" | "boolean" | "flag" => "Bool",
        "date" => "Date",
        "datetime" | "timestamp" => "Timestamp",
        "time" | "timeofday" => "TimeOfDay",
        "percent" | "percentage" => "Percent",
        _ => return None,
    })
}

fn field(s: &Stuck) -> Option<Diagnostic> {
    type_shape(s).or_else(|| after_type(s)).or_else(|| after_name(s)).or_else(|| start_of_field(s))
}

/// `Text!`, `List<Text>`, `Text[]`, `[Order]`, `Text(40)`, `Money(gbp)`
fn type_shape(s: &Stuck) -> Option<Diagnostic> {
    let span = s.span(0);
    match s.word(0) {
        "!" => Some(
            Diagnostic::error(
                codes::SYNTAX_OPERATOR,
                span,
                "a field is present unless its type ends in `?`",
                "this `!` is not needed",
            )
            .fix("remove the `!`", span, ""),
        ),
        "<" if s.word(2) == ">" => {
            let whole = s.span(-1).to(s.span(2));
            let fixed = format!("{}({})", s.word(-1), s.word(1));
            let diagnostic = s.syntax(0, "what a type is made of stands in parentheses", "expected `(` here");
            Some(diagnostic.fix(format!("write `{fixed}`"), whole, fixed.clone()))
        }
        "[" if s.word(1) == "]" => {
            let whole = s.span(-1).to(s.span(1));
            let fixed = format!("List({})", s.word(-1));
            let diagnostic = s.syntax(0, "a list of values is written `List(...)`", "expected another field, or `}`");
            Some(diagnostic.fix(format!("write `{fixed}`"), whole, fixed.clone()))
        }
        "[" if s.word(2) == "]" => {
            let whole = span.to(s.span(2));
            let (rows, list) = (format!("many {}", s.word(1)), format!("List({})", s.word(1)));
            let diagnostic = s.syntax(0, "a type is no list in brackets", "expected a type here");
            Some(
                diagnostic
                    .suggest(format!("write `{rows}` for the rows of an event table"), whole, rows.clone())
                    .suggest(format!("write `{list}` for a list of values"), whole, list.clone()),
            )
        }
        _ if s.word(-1) == "(" && s.kind(0) == Some(TokenKind::Number) && s.word(1) == ")" => {
            let whole = s.span(-1).to(s.span(1));
            let fixed = format!(" max {}", s.word(0));
            let diagnostic = s.syntax(0, "the length of a field is bounded by `max`", "no type is made of a number");
            Some(diagnostic.fix(format!("write `{}`", fixed.trim()), whole, fixed.clone()))
        }
        word if s.word(-1) == "(" && is_lower(word) => {
            let fixed = if s.word(-2) == "Money" { word.to_ascii_uppercase() } else { known_type(word)?.to_string() };
            let diagnostic =
                s.syntax(0, "a currency or type begins with a capital", "expected a currency or type here");
            Some(diagnostic.fix(format!("write `{fixed}`"), span, fixed.clone()))
        }
        _ => None,
    }
}

/// What stands behind a type: `= 0`, `default: 0`, `not null`, `pii`.
fn after_type(s: &Stuck) -> Option<Diagnostic> {
    let span = s.span(0);
    let behind_type = is_upper(s.word(-1)) || matches!(s.word(-1), "?" | ")");
    match s.word(0) {
        "=" if behind_type => {
            Some(s.syntax(0, "the value for a missing field is written `default`", "expected `default` here").fix(
                "write `default`",
                span,
                "default",
            ))
        }
        ":" | "=" if s.word(-1) == "default" => {
            Some(s.syntax(0, "`default` is followed by the value alone", "not needed").fix(
                format!("remove the `{}`", s.word(0)),
                span,
                "",
            ))
        }
        "not" if matches!(s.word(1).to_ascii_lowercase().as_str(), "null" | "missing") => {
            let whole = s.behind(-1).to(s.span(1));
            let diagnostic =
                s.keyword(span.to(s.span(1)), "a field is present unless its type ends in `?`", "not needed");
            Some(diagnostic.fix("remove it", whole, ""))
        }
        "null" | "optional" if behind_type => {
            let diagnostic =
                s.keyword(span, "a field that may be missing has a `?` behind its type", "said otherwise here");
            Some(diagnostic.fix("write `?`", s.behind(-1).to(span), "?"))
        }
        // A label without its `@` was read as the name of the next field.
        _ if is_lower(s.word(-1)) && s.same_line(-1) && is_type_end(s.word(-2)) && !is_type_start(s, 0) => {
            let label = s.word(-1);
            let diagnostic = s.syntax(
                -1,
                format!("`{label}` is neither a field nor a label"),
                "a field would have a type behind it",
            );
            Some(diagnostic.suggest(format!("write the label `@{label}`"), s.before(-1), "@"))
        }
        _ => None,
    }
}

fn is_type_end(word: &str) -> bool {
    is_upper(word) || matches!(word, "?" | ")")
}

fn is_type_start(s: &Stuck, ahead: isize) -> bool {
    let word = s.word(ahead);
    is_upper(word) || matches!(word, "{" | "many") || known_type(word).is_some()
}

/// Behind the name of a field: `id: Text`, `card? Card`, `id text`, `first-name Text`, nothing.
fn after_name(s: &Stuck) -> Option<Diagnostic> {
    let span = s.span(0);
    if !is_lower(s.word(-1)) || s.kind(-1) != Some(TokenKind::Word) || matches!(s.word(-1), "default" | "max") {
        return None;
    }
    match s.word(0) {
        ":" | "=" => Some(s.syntax(0, "a field is its name and its type, with nothing between", "not needed").fix(
            format!("remove the `{}`", s.word(0)),
            span,
            "",
        )),
        "?" if s.kind(1) == Some(TokenKind::Word) => {
            let diagnostic = s.syntax(0, "the `?` stands behind the type", "a name has no `?`");
            Some(with_edits(diagnostic, format!("write `{}?`", s.word(1)), &[(span, ""), (s.behind(1), "?")], true))
        }
        "-" if s.kind(1) == Some(TokenKind::Word) => {
            let whole = s.span(-1).to(s.span(1));
            let fixed = lower_snake(s.source(whole));
            let diagnostic = s.syntax(0, "a name has no dashes", "a dash in a name");
            Some(
                diagnostic
                    .suggest(format!("write `{fixed}`"), whole, fixed.clone())
                    .help("a column with another name is bound by `rename = { ... }` in seg.toml"),
            )
        }
        "}" | "," => {
            let name = s.word(-1);
            let diagnostic = s.syntax(-1, format!("the field `{name}` has no type"), "expected a type behind it");
            Some(diagnostic.help(format!(
                "write `{name} Text?`, or another type: Bool, Int, Number, Percent, Money(GBP), Date, Timestamp"
            )))
        }
        word if is_lower(word) && !is_reserved(word) => {
            let fixed = known_type(word).map_or_else(|| upper_camel(word), str::to_string);
            let diagnostic = s.syntax(0, "a type begins with a capital", "expected a type here");
            Some(if known_type(word).is_some() {
                diagnostic.fix(format!("write `{fixed}`"), span, fixed.clone())
            } else {
                diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone())
            })
        }
        word if is_reserved(word) => {
            let name = s.word(-1);
            let diagnostic = s.syntax(-1, format!("the field `{name}` has no type"), "expected a type behind it");
            Some(diagnostic.help(format!("write `{name} Text?`")))
        }
        _ => None,
    }
}

/// Where a field begins: `Text id`, `Id Text`, `"id" Text`.
fn start_of_field(s: &Stuck) -> Option<Diagnostic> {
    let (first, second) = (s.word(0), s.word(1));
    if is_upper(first) && is_lower(second) && s.same_line(1) && !matches!(second, "max" | "default") {
        let span = s.span(0).to(s.span(1));
        let fixed = format!("{second} {first}");
        let diagnostic = s.syntax(0, "the name of a field stands before its type", "expected a name here");
        return Some(diagnostic.fix(format!("write `{fixed}`"), span, fixed.clone()));
    }
    name_of_field(s)
}

fn enum_decl(s: &Stuck) -> Option<Diagnostic> {
    let span = s.span(0);
    let word = s.word(0);
    if s.head() == "ordered" && s.position() == 1 {
        return Some(s.syntax(0, "`ordered` is followed by `enum`", "expected `enum` here").fix(
            "write `enum` before it",
            s.before(0),
            "enum ",
        ));
    }
    if s.word(-1) == "enum" && s.kind(0) == Some(TokenKind::Word) && !is_upper(word) {
        let fixed = upper_camel(word);
        let diagnostic = s.syntax(0, "the name of an enum begins with a capital", "begins with a small letter");
        return Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()));
    }
    if s.open_brackets().is_empty() {
        return match word {
            "=" | ":" => Some(s.syntax(0, "the members of an enum follow its name", "not needed").fix(
                format!("remove the `{word}`"),
                span,
                "",
            )),
            "[" | "(" => {
                let close = s.closing(0)?;
                let diagnostic = s.syntax(0, "the members of an enum stand between `{` and `}`", "expected `{` here");
                Some(with_edits(diagnostic, "write `{` and `}`", &[(span, "{"), (s.span(close), "}")], true))
            }
            _ if s.at_end() && s.kind(-1) == Some(TokenKind::Text) => Some(
                s.syntax(
                    -1,
                    "the members come from a column of the file, and none is named",
                    "expected `column` and its name behind this",
                )
                .help("write `enum State from \"data/states.csv\" column code`"),
            ),
            _ => None,
        };
    }
    match word {
        "|" | ";" | "or" => Some(s.syntax(0, "members are parted by `,`", "expected `,` here").fix(
            "write `,`",
            s.behind(-1).to(span),
            ",",
        )),
        ":" => Some(s.syntax(0, "the text of a member stands behind `=`", "expected `=` here").fix(
            "write `=`",
            span,
            " =",
        )),
        _ => member(s),
    }
}

fn member(s: &Stuck) -> Option<Diagnostic> {
    let word = s.word(0);
    let span = s.span(0);
    let name = upper_camel(word);
    match s.kind(0)? {
        TokenKind::Text => {
            let plain = word.trim_matches('"') == name;
            let fixed = if plain { name } else { format!("{name} = {word}") };
            let diagnostic = s.syntax(0, "a member has a name; a text may follow it", "expected a name here");
            Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()))
        }
        TokenKind::Number => {
            let fixed = format!("{name} = \"{word}\"");
            let diagnostic = s.syntax(0, "the name of a member begins with a capital letter", "begins with a digit");
            Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()))
        }
        TokenKind::Word if is_lower(word) || word.starts_with('_') => {
            let fixed = format!("{name} = \"{word}\"");
            let diagnostic = s.syntax(0, "the name of a member begins with a capital", "begins with a small letter");
            Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()))
        }
        TokenKind::Punctuation if word == "-" && s.kind(-1) == Some(TokenKind::Word) => {
            let whole = s.span(-1).to(s.span(1));
            let fixed = format!("{} = \"{}\"", upper_camel(s.source(whole)), s.source(whole));
            let diagnostic = s.syntax(0, "the name of a member is one word", "a dash in a name");
            Some(diagnostic.suggest(format!("write `{fixed}`"), whole, fixed.clone()))
        }
        _ => None,
    }
}
