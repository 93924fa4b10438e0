//! Words of English, SQL and spreadsheets for what Seg says otherwise.

use super::{Stuck, is_reserved, with_edits};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::source::Span;

/// `WHEN`, `AND`, `Or`: keywords are written in lower case.
pub(super) fn upper_case_keyword(s: &Stuck) -> Option<Diagnostic> {
    for ahead in [0, -1] {
        let word = s.word(ahead);
        let lower = word.to_ascii_lowercase();
        if word != lower && is_reserved(&lower) {
            let span = s.span(ahead);
            let message = "the words of the language are written in lower case";
            let diagnostic = s.keyword(span, message, format!("`{word}` is read as a name"));
            return Some(diagnostic.fix(format!("write `{lower}`"), span, lower));
        }
    }
    None
}

/// What is said otherwise, with what Seg says; a longer phrase stands before its beginning.
const SAYINGS: &[(&str, &str)] = &[
    ("is greater than or equal to", ">="),
    ("is less than or equal to", "<="),
    ("greater than or equal to", ">="),
    ("less than or equal to", "<="),
    ("is not equal to", "!="),
    ("is equal to", "="),
    ("not equal to", "!="),
    ("not equals", "!="),
    ("not equal", "!="),
    ("equal to", "="),
    ("equals", "="),
    ("equal", "="),
    ("is exactly", "="),
    ("exactly", "="),
    ("is greater than", ">"),
    ("is more than", ">"),
    ("greater than", ">"),
    ("no more than", "<="),
    ("more than", ">"),
    ("exceeds", ">"),
    ("is above", ">"),
    ("is over", ">"),
    ("above", ">"),
    ("over", ">"),
    ("is less than", "<"),
    ("is fewer than", "<"),
    ("no less than", ">="),
    ("no fewer than", ">="),
    ("less than", "<"),
    ("fewer than", "<"),
    ("is below", "<"),
    ("is under", "<"),
    ("below", "<"),
    ("under", "<"),
    ("is at least", ">="),
    ("at least", ">="),
    ("is at most", "<="),
    ("at most", "<="),
    ("up to", "<="),
    ("is not one of", "not in"),
    ("is one of", "in"),
    ("one of", "in"),
    ("is not in", "not in"),
    ("is in", "in"),
    ("is between", "between"),
    ("is before", "before"),
    ("is after", "after"),
    ("is since", "since"),
    ("begins with", "starts with"),
    ("finishes with", "ends with"),
    ("includes", "contains"),
    ("include", "contains"),
    ("ignore case", "ignoring case"),
    ("ignoring the case", "ignoring case"),
    ("case insensitive", "ignoring case"),
    ("but not", "and not"),
    ("but", "and"),
    ("minus", "-"),
    ("plus", "+"),
    ("multiplied by", "*"),
    ("divided by", "/"),
];

/// Words that have no counterpart, with what to write instead.
const OTHERWISE: &[(&str, &str)] = &[
    ("if", "write `when` in a segment, or `choose { when CONDITION => VALUE otherwise => VALUE }` for a value"),
    ("then", "a choice between values is written `choose { when CONDITION => VALUE otherwise => VALUE }`"),
    ("case", "write `choose { when CONDITION => VALUE otherwise => VALUE }`"),
    ("switch", "write `match card { Gold => VALUE, any => VALUE, missing => VALUE }`"),
    ("like", "write `contains \"...\"`, `starts with \"...\"`, `ends with \"...\"` or `matches /.../`"),
    ("ilike", "write `contains \"...\" ignoring case`"),
    ("unless", "write `except` below the `when` of a segment"),
    ("without", "write `count(orders) = 0` or `none(orders where CONDITION)`"),
    ("has", "write `count(orders) > 0`, or `any(orders where CONDITION)`"),
    ("have", "write `count(orders) > 0`, or `any(orders where CONDITION)`"),
    ("exists", "write `count(orders) > 0`, or `any(orders where CONDITION)`"),
    ("having", "write a condition behind `when`: `count(orders) > 3`"),
    ("distinct", "write `distinct(orders.item)`: it counts the different values"),
    ("order", "a segment has no order; offers are ranked where they are placed"),
    ("group", "rows are gathered per customer: `sum(orders.total)`"),
    ("limit", "a segment has no limit on its members"),
    ("interval", "write the length alone: `30 days`"),
    ("from", "a condition names its table where it counts: `count(orders in last 30 days)`"),
    ("null", "write `is missing` for no value, `is known` for a value"),
    ("isnull", "write `is missing`"),
    ("be", "write the condition alone: `expect in GoldHolders`"),
];

pub(super) fn mistake(s: &Stuck) -> Option<Diagnostic> {
    not_yet(s)
        .or_else(|| negated_containment(s))
        .or_else(|| relative_age(s))
        .or_else(|| said_otherwise(s))
        .or_else(|| is_chained(s))
        .or_else(|| otherwise_word(s))
}

/// Where a phrase stands that reaches the place: how far behind it begins, and its span.
fn phrase(s: &Stuck, phrase: &str) -> Option<(isize, Span)> {
    let words: Vec<&str> = phrase.split(' ').collect();
    let count = isize::try_from(words.len()).unwrap_or(0);
    (-count..=0).find_map(|from| {
        let matches = words.iter().zip(from..).all(|(word, ahead)| s.word(ahead).eq_ignore_ascii_case(word));
        let named = s.word(from - 1) == "." || matches!(s.word(from + count), "." | "(");
        (matches && !named).then(|| (from, s.span(from).to(s.span(from + count - 1))))
    })
}

fn said_otherwise(s: &Stuck) -> Option<Diagnostic> {
    SAYINGS.iter().find_map(|(said, right)| {
        let (_, span) = phrase(s, said)?;
        let message = format!("`{}` is written `{right}`", s.source(span));
        Some(s.keyword(span, message, "said otherwise here").fix(format!("write `{right}`"), span, *right))
    })
}

/// `name does not contain "a"`, `name not contains "a"`, `name not like "a"`: the `not` stands before the whole test.
fn negated_containment(s: &Stuck) -> Option<Diagnostic> {
    const NEGATED: &[(&str, &str)] = &[
        ("does not contain", "contains"),
        ("doesn t contain", "contains"),
        ("not contains", "contains"),
        ("not contain", "contains"),
        ("does not start with", "starts with"),
        ("not starts with", "starts with"),
        ("does not end with", "ends with"),
        ("not ends with", "ends with"),
        ("not matches", "matches"),
        ("not between", "between"),
        ("is not between", "between"),
    ];
    NEGATED.iter().find_map(|(said, right)| {
        let (from, span) = phrase(s, said)?;
        let mut left = from - 1;
        while s.word(left - 1) == "." {
            left -= 2;
        }
        let diagnostic = s.keyword(
            span,
            format!(
                "`not` stands before the whole test: `not {} {right} ...`",
                s.source(s.span(left).to(s.span(from - 1)))
            ),
            "said otherwise here",
        );
        let title = format!("write `not` in front and `{right}` here");
        Some(with_edits(diagnostic, title, &[(s.before(left), "not "), (span, right)], true))
    })
}

/// `reachable by email`
fn not_yet(s: &Stuck) -> Option<Diagnostic> {
    let (_, span) = phrase(s, "reachable by")?;
    Some(
        Diagnostic::error(
            codes::NOT_YET,
            span,
            "this version of Seg does not have `reachable` yet",
            "it comes with channels",
        )
        .help("write the fields that it depends on: `email is known and consent.email`"),
    )
}

/// `joined more than 30 days ago`
fn relative_age(s: &Stuck) -> Option<Diagnostic> {
    let (from, span) = phrase(s, "more than")
        .map(|found| (found, "before"))
        .or_else(|| phrase(s, "less than").map(|found| (found, "after")))
        .and_then(|((from, span), word)| (s.word(from + 3) == "ago").then_some((word, span)))?;
    let message = format!("a day that long ago is compared by `{from}`");
    Some(s.keyword(span, message, "said otherwise here").fix(format!("write `{from}`"), span, from))
}

/// `card is not Gold and is not Blue`: each `is` needs its own left side.
fn is_chained(s: &Stuck) -> Option<Diagnostic> {
    let at = [0, -1].into_iter().find(|ahead| matches!(s.word(*ahead), "is" | "=" | "!=" | ">" | "<" | ">=" | "<="))?;
    let joined = matches!(s.word(at - 1), "and" | "or" | "when" | "expect");
    joined.then(|| {
        s.syntax(at, format!("nothing stands before `{}`", s.word(at)), "expected what is compared")
            .help("name it again: `total > £5 and total < £10`")
    })
}

fn otherwise_word(s: &Stuck) -> Option<Diagnostic> {
    for ahead in [0, -1] {
        let word = s.word(ahead);
        let lower = word.to_ascii_lowercase();
        let named = s.word(ahead - 1) == "." || s.word(ahead + 1) == "." || s.kind(ahead) != Some(TokenKind::Word);
        if let Some((_, help)) = OTHERWISE.iter().find(|(said, _)| *said == lower && !named) {
            let span = s.span(ahead);
            let diagnostic = Diagnostic::error(
                codes::SYNTAX_KEYWORD,
                span,
                format!("`{word}` means nothing to Seg here"),
                "said otherwise in Seg",
            );
            return Some(diagnostic.help(*help));
        }
    }
    None
}
