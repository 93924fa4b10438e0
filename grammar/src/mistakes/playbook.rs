//! The playbook declaration.

use super::Stuck;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;

pub(super) fn mistake(s: &Stuck) -> Option<Diagnostic> {
    if s.head() != "playbook" {
        return None;
    }
    let span = s.span(0);
    match s.word(0) {
        ":" | "=" => {
            let diagnostic = s.syntax(0, "a property is its name and its value, with nothing between", "not needed");
            Some(diagnostic.fix(format!("remove the `{}`", s.word(0)), span, ""))
        }
        "," | ";" => {
            let diagnostic = s.syntax(0, "each property has a line of its own", "not needed");
            Some(diagnostic.fix(format!("remove the `{}`", s.word(0)), span, ""))
        }
        "{" if s.position() == 1 => Some(
            s.syntax(0, "a playbook has a title", "expected a text in quotes before this")
                .help("write `playbook \"Spring renewal\" { ... }`"),
        ),
        word if s.position() == 1 && s.kind(0) == Some(TokenKind::Word) => {
            let fixed = format!("\"{word}\"");
            let diagnostic = s.syntax(0, "the title of a playbook stands between quotes", "expected a text in quotes");
            Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()))
        }
        _ => None,
    }
}
