//! Decision tables: their header, bars and cells.

use super::{Stuck, with_edits};
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;

pub(super) fn mistake(s: &Stuck) -> Option<Diagnostic> {
    if s.head() != "table" {
        return None;
    }
    if s.bracket() == "{" { columns(s).or_else(|| row(s)) } else { header(s) }
}

const SHAPE: &str = "write `table rate(card) -> Percent { card || result  Gold || 10%  any || 0% }`";

fn header(s: &Stuck) -> Option<Diagnostic> {
    let span = s.span(0);
    match (s.word(-1), s.word(0)) {
        (")", "=>" | ":" | "=") => {
            let diagnostic = s.syntax(0, "the type of a table's result stands behind `->`", "expected `->` here");
            Some(diagnostic.fix("write `->`", span, if s.touches(0) { " ->" } else { "->" }))
        }
        (")", "{") => {
            let diagnostic =
                s.syntax(0, "a table says what type its result has", "expected `->` and a type before this");
            Some(diagnostic.help(SHAPE))
        }
        (_, "->" | "{") if s.position() == 2 => {
            let diagnostic =
                s.syntax(0, "a table names what it decides on", "expected `(` and the names of its columns");
            Some(diagnostic.help(SHAPE))
        }
        _ => None,
    }
}

/// Whether the header row is already complete: `||` stands before the place on another line, or further on.
fn columns(s: &Stuck) -> Option<Diagnostic> {
    let open = *s.open_brackets().last()?;
    let complete = (open..0).any(|ahead| s.word(ahead) == "||");
    let span = s.span(0);
    if complete {
        return None;
    }
    if s.word(0) == "|" && s.word(-1) == "{" {
        return Some(outer_bar(s));
    }
    match s.word(0) {
        "," | ";" => {
            let diagnostic = s.syntax(0, "columns are parted by `|`", "expected `|` here");
            Some(diagnostic.fix("write `|`", s.behind(-1).to(span), " |"))
        }
        "|" => None,
        _ if s.word(-2) == "|" && !s.same_line(0) => {
            let bar = s.span(-2);
            let diagnostic = s.syntax(-2, "two bars stand before the result", "expected `||` here");
            Some(diagnostic.fix("write `||`", bar, "||"))
        }
        _ if s.word(-1) == "{" || s.word(-1) == "|" => {
            let diagnostic = s.syntax(0, "the first row of a table names its columns", "expected the name of a column");
            Some(diagnostic.help(SHAPE))
        }
        _ => None,
    }
}

fn outer_bar(s: &Stuck) -> Diagnostic {
    let diagnostic = s.syntax(0, "bars stand between cells only", "a bar at the edge of a row");
    diagnostic.fix("remove the `|`", s.span(0), "")
}

/// The first token of the row in which the place is.
fn row_start(s: &Stuck) -> isize {
    let mut ahead = 0;
    while s.same_line(ahead) {
        ahead -= 1;
    }
    ahead
}

fn row(s: &Stuck) -> Option<Diagnostic> {
    let span = s.span(0);
    let start = row_start(s);
    let result_before = (start..0).any(|ahead| s.word(ahead) == "||");
    let help = "a cell is a value, `any`, `missing`, `>= 5`, `between 1 and 5`, `Gold or Blue`";
    let anything = |at: isize| {
        let diagnostic = s.syntax(at, "a cell that matches every known value says `any`", "no cell");
        diagnostic
            .suggest("write `any`", s.span(at), "any")
            .help("`any` leaves out missing values; those have a row of their own: `missing`")
    };
    match s.word(0) {
        "|" if start == 0 || (result_before && !s.same_line(1)) => Some(outer_bar(s)),
        "|" | "||" if matches!(s.word(-1), "|" | "||") || start == 0 => {
            let diagnostic = s.syntax(0, "a cell is empty", "expected a cell before this");
            Some(diagnostic.suggest("write `any`", s.before(0), "any ").help(help))
        }
        "|" if matches!(s.word(1), "|" | "||") => {
            let diagnostic = s.syntax(1, "a cell is empty", "expected a cell before this");
            Some(diagnostic.suggest("write `any`", s.before(1), "any ").help(help))
        }
        "||" if s.word(-1) == "-" => Some(anything(-1)),
        "*" | "otherwise" | "else" | "default" | "_" if matches!(s.word(1), "|" | "||") => Some(anything(0)),
        "-" if s.kind(-1) == Some(TokenKind::Number) && s.kind(1) == Some(TokenKind::Number) && !result_before => {
            Some(range(s, -1, 0, 1))
        }
        "." if s.word(-1) == "." => Some(range(s, -2, -1, 1)),
        "." if s.word(1) == "." => Some(range(s, -1, 0, 2)),
        "+" | "-" | "*" | "/" | "of" | "else" if result_before => {
            let first = (start..0).find(|ahead| s.word(*ahead) == "||")? + 1;
            let mut last = 0;
            while s.same_line(last + 1) && s.word(last + 1) != "}" {
                last += 1;
            }
            let diagnostic =
                s.syntax(0, "a result that is worked out stands in parentheses", "the next row could begin here");
            Some(with_edits(diagnostic, "write parentheses", &[(s.before(first), "("), (s.behind(last), ")")], true))
        }
        "|" if result_before => {
            Some(s.syntax(0, "the result is the last cell of a row", "another cell follows it").help(SHAPE))
        }
        "," | ";" if !result_before => {
            let diagnostic = s.syntax(0, "cells are parted by `|`, values of one cell by `or`", "no `,` in a cell");
            Some(diagnostic.suggest("write `|`", span, " |").suggest("write `or`", span, " or"))
        }
        "," | ";" => Some(s.syntax(0, "each row has a line of its own", "not needed").fix("remove it", span, "")),
        _ if !s.same_line(0) && !result_in_row_above(s) => {
            let bar = (1..40)
                .map(|back| -back)
                .take_while(|ahead| s.same_line(ahead + 1) || *ahead == -1)
                .find(|ahead| s.word(*ahead) == "|");
            let diagnostic =
                s.syntax(-1, "a row ends in `||` and its result", "expected `||` and a result behind this");
            Some(match bar {
                Some(bar) => diagnostic.suggest("write `||` for the last `|`", s.span(bar), "||"),
                None => diagnostic.help(SHAPE),
            })
        }
        _ => None,
    }
}

/// Whether the row that ends before the place has its result.
fn result_in_row_above(s: &Stuck) -> bool {
    let mut ahead = -1;
    loop {
        if s.word(ahead) == "||" {
            return true;
        }
        if !s.same_line(ahead) {
            return false;
        }
        ahead -= 1;
    }
}

/// `1-5`, `1..5`
fn range(s: &Stuck, low: isize, mark: isize, high: isize) -> Diagnostic {
    let span = s.span(low).to(s.span(high));
    let fixed = format!("between {} and {}", s.word(low).trim_end_matches('.'), s.word(high).trim_start_matches('.'));
    let diagnostic = s.syntax(mark, "a range is written with `between`", "no range");
    diagnostic.fix(format!("write `{fixed}`"), span, fixed.clone())
}
