//! Test blocks: the order and the words of their parts.

use super::{Stuck, with_edits};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;

pub(super) fn mistake(s: &Stuck) -> Option<Diagnostic> {
    if s.head() != "test" {
        return None;
    }
    if s.position() <= 2 {
        return title(s);
    }
    match s.open_brackets().len() {
        1 => part(s),
        _ => given(s),
    }
}

fn title(s: &Stuck) -> Option<Diagnostic> {
    if s.position() == 1 && s.kind(0) == Some(TokenKind::Word) {
        let fixed = format!("\"{}\"", s.word(0));
        let diagnostic = s.syntax(0, "a test has its title in quotes", "expected a text in quotes");
        return Some(diagnostic.suggest(format!("write `{fixed}`"), s.span(0), fixed.clone()));
    }
    None
}

const ORDER: &str = "a test says `given { ... }`, then `as of 2026-03-15`, then what it expects";

fn part(s: &Stuck) -> Option<Diagnostic> {
    let span = s.span(0);
    let given = s.follows("given");
    let as_of = (1..s.tokens.len())
        .filter_map(|back| 0_isize.checked_sub_unsigned(back))
        .any(|at| s.word(at) == "as" && s.word(at + 1) == "of");
    match s.word(0) {
        "given" => None,
        _ if s.word(-1) == "given" && s.word(0) != "{" => {
            let diagnostic = s.syntax(0, "what is given stands between `{` and `}`", "expected `{` here");
            Some(diagnostic.help("write `given { card: Gold }`"))
        }
        _ if !given && s.word(-1) == "{" => {
            let diagnostic = s.syntax(0, "a test begins with what is given", "expected `given { ... }` before this");
            Some(diagnostic.suggest(
                "write `given {}`: a customer of whom nothing is known",
                s.before(0),
                "given {}\n  ",
            ))
        }
        "expect" | "}" if !as_of => {
            let diagnostic =
                s.syntax(0, "a test says `as of` which moment it is", "expected `as of` and a date before this");
            Some(diagnostic.help(ORDER))
        }
        "as" => Some(s.syntax(0, "`as of` stands above what is expected", "too far down").help(ORDER)),
        "on" | "at" if !as_of => {
            let diagnostic = s.syntax(0, "the moment of a test stands behind `as of`", "expected `as of` here");
            Some(diagnostic.fix("write `as of`", span, "as of"))
        }
        _ if s.word(-1) == "of" && s.word(-2) == "as" => {
            let text = s.word(0).trim_matches('"');
            let diagnostic =
                s.syntax(0, "`as of` is followed by a date in digits", "expected a date such as `2026-03-15`");
            Some(if s.kind(0) == Some(TokenKind::Text) && text.len() == 10 {
                diagnostic.fix(format!("write `{text}`"), span, text)
            } else {
                diagnostic.help("a test gives the same answer every day, so it names its own: `as of 2026-03-15`")
            })
        }
        "expects" | "assert" | "then" | "should" | "except" => {
            let diagnostic = s.keyword(span, "a test says what it expects behind `expect`", "expected `expect` here");
            Some(diagnostic.fix("write `expect`", span, "expect"))
        }
        _ => expectation(s),
    }
}

/// `expect is in A`, `expect to be in A`, `expect Hero = LoyaltyDiscount with value £30`
fn expectation(s: &Stuck) -> Option<Diagnostic> {
    let expect = (-4..=0).rev().find(|ahead| s.word(*ahead) == "expect")?;
    let mut last = expect;
    while matches!(s.word(last + 1), "is" | "to" | "be" | "that" | "customer" | "member" | "of") {
        last += 1;
    }
    let rest = s.word(last + 1);
    if last > expect && (rest == "in" || (rest == "not" && s.word(last + 2) == "in")) {
        let span = s.behind(expect).to(s.span(last));
        let said = s.span(expect + 1).to(s.span(last));
        let diagnostic = s.keyword(said, "`expect` is followed by `in` or `not in` and a segment", "not needed");
        return Some(diagnostic.fix("remove it", span, ""));
    }
    (s.word(0) == "with").then(|| {
        let message = "this version of Seg does not have offers yet";
        Diagnostic::error(codes::NOT_YET, s.span(0), message, "`with` says what an offer is worth")
            .help("write `expect in GoldHolders` or a condition such as `expect tier = Gold`")
    })
}

/// `given { card = Gold }`
fn given(s: &Stuck) -> Option<Diagnostic> {
    if s.word(0) == "{" && s.word(-1) == "(" {
        let close = s.closing(-1)?;
        let diagnostic = s.syntax(-1, "rows stand between `[` and `]`", "expected `[` here");
        return Some(with_edits(diagnostic, "write `[` and `]`", &[(s.span(-1), "["), (s.span(close), "]")], true));
    }
    let at = [0, -1].into_iter().find(|ahead| matches!(s.word(*ahead), "=" | "=>" | "is"))?;
    let name = s.kind(at - 1) == Some(TokenKind::Word);
    (name && s.bracket() == "{").then(|| {
        let diagnostic = s.syntax(at, "a given value stands behind `:`", "expected `:` here");
        diagnostic.fix("write `:`", s.behind(at - 1).to(s.span(at)), ":")
    })
}
