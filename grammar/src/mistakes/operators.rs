//! Marks of other languages: `&&`, `!`, `;`, single quotes.

use super::{Stuck, is_lower, is_upper, with_edits};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;

/// `'shoes'` and `` `shoes` ``; anything else that stands in such quotes would only mislead.
pub(super) fn quoted_otherwise(s: &Stuck) -> Option<Diagnostic> {
    let at = (-8..=1).find(|ahead| matches!(s.word(*ahead), "'" | "`"))?;
    let quote = s.word(at);
    let close = (at + 1..at + 40).take_while(|ahead| s.same_line(*ahead)).find(|ahead| s.word(*ahead) == quote);
    let open_span = s.span(at);
    let code = codes::SYNTAX_OPERATOR;
    let message = format!("a text stands between `\"`, not `{quote}`");
    let Some(close) = close else {
        return Some(Diagnostic::error(code, open_span, message, "this is no quote").help("write `\"shoes\"`"));
    };
    let span = open_span.to(s.span(close));
    let inner = s.source(span).trim_matches(['\'', '`']).replace('\\', "\\\\").replace('"', "\\\"");
    let fixed = format!("\"{inner}\"");
    Some(Diagnostic::error(code, span, message, "a text in other quotes").fix(
        format!("write `{fixed}`"),
        span,
        fixed.clone(),
    ))
}

pub(super) fn mistake(s: &Stuck) -> Option<Diagnostic> {
    doubled(s).or_else(|| question_mark(s)).or_else(|| [0, -1].into_iter().find_map(|ahead| single(s, ahead)))
}

/// Two tokens that make one foreign mark: `===`, `!==`, `=<`, `//`, `+=`, `..`.
fn doubled(s: &Stuck) -> Option<Diagnostic> {
    for ahead in [1, 0, -1] {
        if !s.touches(ahead) {
            continue;
        }
        let span = s.span(ahead - 1).to(s.span(ahead));
        let right = match (s.word(ahead - 1), s.word(ahead)) {
            ("==", "=") => "=",
            ("!=", "=") => "!=",
            ("=", "<") => "<=",
            ("=", "!") => "!=",
            ("=", ">") => ">=",
            ("/", "/") | ("/", "*") => {
                let diagnostic = Diagnostic::error(
                    codes::SYNTAX_OPERATOR,
                    span,
                    format!("`{}` does not start a comment", s.source(span)),
                    "a comment starts with `#`",
                );
                return Some(
                    diagnostic.suggest("write `#`", span, "#").help("a comment goes on to the end of its line"),
                );
            }
            ("+" | "-" | "*" | "/", "=") => {
                return Some(
                    Diagnostic::error(
                        codes::SYNTAX_OPERATOR,
                        span,
                        format!("there is no `{}` in Seg", s.source(span)),
                        "nothing in a playbook changes",
                    )
                    .help("a name stands for one value: `attribute total = a + b`"),
                );
            }
            _ => continue,
        };
        return Some(s.operator(span, right).fix(format!("write `{right}`"), span, right));
    }
    None
}

/// `a ? b : c`, `a ?? b`, `a?.b`
fn question_mark(s: &Stuck) -> Option<Diagnostic> {
    let at = [0, -1].into_iter().find(|ahead| s.word(*ahead) == "?")?;
    match s.word(at + 1) {
        "?" => {
            let span = s.span(at).to(s.span(at + 1));
            Some(s.operator(span, "else").fix("write `else`", span, "else"))
        }
        "." => {
            let span = s.span(at).to(s.span(at + 1));
            let diagnostic = s.operator(span, ".").fix("write `.`", span, ".");
            Some(diagnostic.help("a field of a group that is missing is missing"))
        }
        _ if matches!(s.head(), "profile" | "event" | "reference") => None,
        _ => Some(
            Diagnostic::error(
                codes::SYNTAX_OPERATOR,
                s.span(at),
                "there is no `?` in a value",
                "a choice is written in words",
            )
            .help("write `choose { when CONDITION => VALUE otherwise => VALUE }`"),
        ),
    }
}

fn single(s: &Stuck, ahead: isize) -> Option<Diagnostic> {
    let span = s.span(ahead);
    match s.word(ahead) {
        "&&" => Some(s.operator(span, "and").fix("write `and`", span, "and")),
        "&" => Some(
            s.operator(span, "and")
                .suggest("write `and`", span, "and")
                .help("a condition is joined by `and`; texts are not joined"),
        ),
        "||" if s.head() != "table" => Some(s.operator(span, "or").fix("write `or`", span, "or")),
        "|" if s.head() != "table" && s.in_choice().is_none() => {
            Some(s.operator(span, "or").suggest("write `or`", span, "or"))
        }
        "==" if s.head() == "attribute" && s.position() == 2 => Some(s.operator(span, "=").fix("write `=`", span, "=")),
        "!" => Some(s.operator(span, "not").fix("write `not`", span, "not ")),
        ";" if s.bracket() == "(" => {
            let label = "arguments are parted by `,`";
            let diagnostic = Diagnostic::error(codes::SYNTAX_OPERATOR, span, "`;` does not part values", label);
            Some(diagnostic.fix("write `,`", span, ","))
        }
        ";" => Some(
            Diagnostic::error(codes::SYNTAX_OPERATOR, span, "nothing ends a line in Seg", "this `;` is not needed")
                .fix("remove the `;`", span, ""),
        ),
        "=>" if s.in_choice().is_none() && s.head() != "table" => Some(arrow(s, ahead)),
        "%" if s.kind(ahead - 1) != Some(TokenKind::Number) || is_operand(s, ahead + 1) => Some(
            Diagnostic::error(
                codes::SYNTAX_OPERATOR,
                span,
                "there is no `%` between two values",
                "a percentage is a number and `%`",
            )
            .help("write `10%` for a percentage, `10% of last_premium` for a part of an amount"),
        ),
        "^" => Some(
            Diagnostic::error(codes::SYNTAX_OPERATOR, span, "there is no `^` in Seg", "it has `+`, `-`, `*` and `/`")
                .help("multiply a value by itself: `a * a`"),
        ),
        "[" if ahead == 0 && s.kind(-1) == Some(TokenKind::Word) && s.touches(0) => {
            let place = s.span(-1).to(span);
            let diagnostic = Diagnostic::error(
                codes::SYNTAX_OPERATOR,
                place,
                "rows and lists have no numbered places",
                "`[` starts a list, and a list cannot stand here",
            );
            Some(diagnostic.help("write `latest(orders).total` or `earliest(orders).total` for a field of one row"))
        }
        _ => None,
    }
}

/// `=>` where no branch is: meant as `>=`, or as the arrow of a function.
fn arrow(s: &Stuck, ahead: isize) -> Diagnostic {
    let span = s.span(ahead);
    if s.word(ahead - 2) == "," && is_lower(s.word(ahead - 1)) {
        let whole = s.span(ahead - 2).to(span);
        let diagnostic = Diagnostic::error(
            codes::SYNTAX_OPERATOR,
            whole,
            "there are no functions to pass on",
            "rows are picked by `where`",
        );
        let diagnostic = with_edits(diagnostic, "write `where`", &[(whole, " where")], false);
        return diagnostic
            .help("inside `where` the fields of the row have their own names: `any(orders where total > £5)`");
    }
    s.operator(span, ">=").fix("write `>=`", span, ">=")
}

fn is_operand(s: &Stuck, ahead: isize) -> bool {
    let word = s.word(ahead);
    s.kind(ahead) == Some(TokenKind::Number)
        || word == "("
        || is_upper(word)
        || (is_lower(word) && !super::is_reserved(word))
}
