//! Stretches of time as they are said in English: `in the last 30 days`, `within 30 days`, `last month`.

use super::{Stuck, with_edits};
use crate::ast::Unit;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;

pub(super) fn mistake(s: &Stuck) -> Option<Diagnostic> {
    number_in_words(s)
        .or_else(|| article(s))
        .or_else(|| last_unit(s))
        .or_else(|| otherwise_said(s))
        .or_else(|| without_in(s))
        .or_else(|| bare_length(s))
        .or_else(|| ago_before_length(s))
        .or_else(|| before_the_rows(s))
        .or_else(|| behind_where(s))
        .or_else(|| comma_before(s))
}

const SMALL_NUMBERS: [&str; 13] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/// `last thirty days`, `one day ago`
fn number_in_words(s: &Stuck) -> Option<Diagnostic> {
    let at = [0, -1].into_iter().find(|ahead| Unit::from_word(s.word(ahead + 1)).is_some())?;
    let word = s.word(at);
    let number = SMALL_NUMBERS.iter().position(|n| *n == word).or(match word {
        "a" | "an" => Some(1),
        "fourteen" => Some(14),
        "fifteen" => Some(15),
        "twenty" => Some(20),
        "thirty" => Some(30),
        "sixty" => Some(60),
        "ninety" => Some(90),
        _ => None,
    })?;
    let diagnostic = s.syntax(at, "a length of time has its number in digits", "a number in words");
    Some(diagnostic.fix(format!("write `{number}`"), s.span(at), number.to_string()))
}

/// `in the last 30 days`, `within the last 30 days`
fn article(s: &Stuck) -> Option<Diagnostic> {
    let at = [0, -1, 1].into_iter().find(|ahead| s.word(*ahead) == "the")?;
    let next = s.word(at + 1);
    if !matches!(next, "last" | "past" | "previous" | "next" | "coming") {
        return None;
    }
    let direction = if matches!(next, "next" | "coming") { "next" } else { "last" };
    let lead = matches!(s.word(at - 1), "in" | "within" | "over" | "during" | "for");
    let span = if lead { s.span(at - 1).to(s.span(at + 1)) } else { s.span(at).to(s.span(at + 1)) };
    let right = format!("in {direction}");
    let message = format!("a window of time is written `{right} 30 days`");
    Some(s.keyword(span, message, "said otherwise here").fix(format!("write `{right}`"), span, right.clone()))
}

/// `in last month`: a month up to now, or the last of the calendar?
fn last_unit(s: &Stuck) -> Option<Diagnostic> {
    let at = [0, -1].into_iter().find(|ahead| matches!(s.word(*ahead), "last" | "next"))?;
    let unit = Unit::from_word(s.word(at + 1))?.name();
    let direction = s.word(at);
    let lead = if s.word(at - 1) == "in" { "" } else { "in " };
    let span = s.span(at).to(s.span(at + 1));
    let (rolling, calendar) = (format!("{lead}{direction} 1 {unit}"), format!("{lead}{direction} calendar {unit}"));
    let message = format!("`{direction} {unit}` can be read in two ways");
    Some(
        s.syntax(at, message, "counted from now, or by the calendar?")
            .suggest(format!("`{rolling}`: up to now"), span, rolling)
            .suggest(format!("`{calendar}`: a complete one of the calendar"), span, calendar),
    )
}

/// `in past 30 days`, `within 30 days`, `over last 30 days`
fn otherwise_said(s: &Stuck) -> Option<Diagnostic> {
    for at in [0, -1] {
        let word = s.word(at);
        let next = s.word(at + 1);
        let length =
            |ahead: isize| s.word(ahead).split_whitespace().nth(1).is_some_and(|w| Unit::from_word(w).is_some());
        let (span, right) = if matches!(word, "past" | "previous" | "recent" | "prior") && length(at + 1) {
            match s.word(at - 1) {
                "in" | "within" | "over" | "during" => (s.span(at - 1).to(s.span(at)), "in last"),
                _ => (s.span(at), "in last"),
            }
        } else if matches!(word, "coming" | "following") && length(at + 1) {
            (s.span(at), if s.word(at - 1) == "in" { "next" } else { "in next" })
        } else if matches!(word, "within" | "over" | "during" | "for") && matches!(next, "last" | "next") {
            (s.span(at), "in")
        } else if word == "within" && length(at + 1) && !s.follows("then") {
            let diagnostic =
                s.keyword(s.span(at), "`within` stands behind `then no`, with `of` and a row", "a window is meant?");
            return Some(diagnostic.suggest("write `in last`", s.span(at), "in last").suggest(
                "write `in next`",
                s.span(at),
                "in next",
            ));
        } else {
            continue;
        };
        let message = "a window of time is written `in last 30 days`";
        return Some(s.keyword(span, message, "said otherwise here").fix(format!("write `{right}`"), span, right));
    }
    None
}

/// `count(orders last 30 days)`
fn without_in(s: &Stuck) -> Option<Diagnostic> {
    let window = matches!(s.word(0), "last" | "next") && matches!(s.kind(1), Some(TokenKind::Number | TokenKind::Word));
    if !window || s.word(-1) == "in" || s.kind(-1) != Some(TokenKind::Word) {
        return None;
    }
    let message = format!("a window that says `{}` begins with `in`", s.word(0));
    Some(s.syntax(0, message, "expected `in` before this").fix("write `in` before it", s.before(0), "in "))
}

/// `in 30 days`
fn bare_length(s: &Stuck) -> Option<Diagnostic> {
    let length = s.word(0).split_whitespace().nth(1).is_some_and(|w| Unit::from_word(w).is_some());
    if s.word(-1) != "in" || !length {
        return None;
    }
    if s.word(1) == "ago" {
        let span = s.span(-1);
        let diagnostic = s.syntax(0, "a day is no window of time", "`in` needs a window such as `last 30 days`");
        return Some(
            diagnostic.suggest("write `before`", span, "before").suggest("write `after`", span, "after").suggest(
                "write `in last`",
                span.to(s.span(1)),
                format!("in last {}", s.word(0)),
            ),
        );
    }
    Some(
        s.syntax(0, "a window says whether it is past or to come", "the last ones, or the next?")
            .suggest("write `last` before it", s.before(0), "last ")
            .suggest("write `next` before it", s.before(0), "next "),
    )
}

/// `before ago 30 days`
fn ago_before_length(s: &Stuck) -> Option<Diagnostic> {
    let at = [0, -1].into_iter().find(|ahead| s.word(*ahead) == "ago" && s.word(ahead + 1).contains(' '))?;
    let span = s.span(at).to(s.span(at + 1));
    let fixed = format!("{} ago", s.word(at + 1));
    Some(s.syntax(at, "`ago` stands behind the length", "expected the length first").fix(
        format!("write `{fixed}`"),
        span,
        fixed.clone(),
    ))
}

/// `count(last 30 days orders)`
fn before_the_rows(s: &Stuck) -> Option<Diagnostic> {
    let at =
        [0, -1, -2].into_iter().find(|ahead| s.word(*ahead) == "last" && matches!(s.word(ahead - 1), "(" | "in"))?;
    let (length, rows) = (s.word(at + 1), s.word(at + 2));
    if s.kind(at + 1) != Some(TokenKind::Number)
        || !super::is_lower(rows)
        || super::is_reserved(rows)
        || s.word(at - 1) == "in"
    {
        return None;
    }
    let span = s.span(at).to(s.span(at + 2));
    let fixed = format!("{rows} in last {length}");
    let diagnostic =
        s.syntax(at, "the window stands behind the rows that it is about", "expected the name of an event table");
    Some(diagnostic.fix(format!("write `{fixed}`"), span, fixed.clone()))
}

/// `count(orders where total > £5 in last 30 days)`
fn behind_where(s: &Stuck) -> Option<Diagnostic> {
    let open = *s.open_brackets().last()?;
    let again = matches!(s.word(0), "where" | "in" | "since" | "between" | "this" | "today");
    if s.word(open) != "(" || !again {
        return None;
    }
    let wheres: Vec<isize> = (open..0).filter(|ahead| s.word(*ahead) == "where").collect();
    let first = *wheres.first()?;
    if s.word(0) == "where" {
        let diagnostic = s.syntax(0, "rows are picked by one `where`", "a second `where`");
        return Some(diagnostic.label(s.span(first), "the first one").fix("write `and`", s.span(0), "and"));
    }
    let close = s.closing(open)?;
    let window = s.span(0).to(s.span(close - 1));
    let text = format!("{} ", s.source(window));
    let diagnostic = s.syntax(0, "the window stands before `where`", "behind `where` it would belong to the condition");
    let gap = s.behind(-1).to(s.behind(close - 1));
    Some(with_edits(
        diagnostic,
        format!("write `{}` before `where`", text.trim()),
        &[(s.before(first), &text), (gap, "")],
        false,
    ))
}

/// `count(orders, in last 30 days)`
fn comma_before(s: &Stuck) -> Option<Diagnostic> {
    let window = matches!(s.word(0), "in" | "where" | "since");
    if !window || s.word(-1) != "," {
        return None;
    }
    let diagnostic = s.syntax(-1, format!("no comma stands before `{}`", s.word(0)), "this comma ends the argument");
    Some(diagnostic.fix("remove the comma", s.span(-1), ""))
}
