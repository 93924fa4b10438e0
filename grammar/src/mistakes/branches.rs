//! `choose` and `match`: what parts a condition from its value, and which branch stands for the rest.

use super::{Stuck, with_edits};
use crate::diagnostic::Diagnostic;

pub(super) fn mistake(s: &Stuck) -> Option<Diagnostic> {
    let kind = s.in_choice();
    otherwise_first(s, kind?)
        .or_else(|| rest(s, kind?))
        .or_else(|| members(s, kind?))
        .or_else(|| arrow(s, kind?))
        .or_else(|| when(s, kind?))
        .or_else(|| empty_arm(s, kind?))
}

/// `when card = Gold : 1`, `otherwise 0`
fn arrow(s: &Stuck, kind: &str) -> Option<Diagnostic> {
    let span = s.span(0);
    let message = "a branch gives its value behind `=>`";
    if matches!(s.word(0), ":" | "=" | "->" | "then" | "return" | ">=") && s.bracket() == "{" {
        let right = if s.touches(0) { " =>" } else { "=>" };
        return Some(s.syntax(0, message, "expected `=>` here").fix("write `=>`", span, right));
    }
    if s.word(-1) == "otherwise" && s.word(0) != "=>" {
        return Some(s.syntax(0, message, "expected `=>` here").fix("write `=>` before it", s.before(0), "=> "));
    }
    let closes = s.word(0) == "}" || matches!(s.word(0), "when" | "otherwise");
    (kind == "choose" && closes && s.bracket() == "{" && last_mark(s) == "when").then(|| {
        s.syntax(0, message, "expected `=>` and a value before this")
            .help("write `choose { when card = Gold => 10% otherwise => 5% }`")
    })
}

/// The last of `when`, `otherwise` and `=>` before the place, within its braces.
fn last_mark<'s>(s: &'s Stuck) -> &'s str {
    let Some(open) = s.open_brackets().last().copied() else { return "" };
    let found = (open..0).rev().find(|ahead| matches!(s.word(*ahead), "when" | "otherwise" | "=>"));
    found.map_or("", |ahead| s.word(ahead))
}

/// `choose { card = Gold => 1 }`
fn when(s: &Stuck, kind: &str) -> Option<Diagnostic> {
    let starts = s.word(-1) == "{" || s.word(-1) == ",";
    (kind == "choose" && starts && !matches!(s.word(0), "when" | "otherwise" | "}")).then(|| {
        let diagnostic = s.syntax(0, "a branch of `choose` begins with `when`", "expected `when` before this");
        diagnostic
            .fix("write `when` before it", s.before(0), "when ")
            .help("to compare one field with each member, use `match card { ... }`")
    })
}

/// `else => 0`, `default => 0`, `_ => 0`
fn rest(s: &Stuck, kind: &str) -> Option<Diagnostic> {
    let at = [0, -1]
        .into_iter()
        .find(|ahead| matches!(s.word(*ahead), "else" | "default" | "_" | "*" | "others" | "other"))?;
    let starts_branch =
        matches!(s.word(at + 1), "=>" | ":" | "->") || (s.word(at) == "else" && !s.word(at + 1).is_empty() && at == 0);
    if !starts_branch {
        return None;
    }
    let span = s.span(at);
    let diagnostic =
        s.keyword(span, format!("`{}` is no branch", s.word(at)), "the branch for the rest is named otherwise");
    Some(match kind {
        "choose" => diagnostic.fix("write `otherwise`", span, "otherwise"),
        _ => diagnostic.suggest("write `any`: every other member", span, "any").suggest(
            "write `otherwise`: every other member, and a missing value",
            span,
            "otherwise",
        ),
    })
}

/// `Gold | Blue => 1`, `Gold, Blue => 1`
fn members(s: &Stuck, kind: &str) -> Option<Diagnostic> {
    let parts = matches!(s.word(0), "|" | "||" | "," | "/") && s.bracket() == "{";
    (kind == "match" && parts).then(|| {
        let diagnostic = s.syntax(0, "members that share a branch are joined by `or`", "expected `or` here");
        let right = if s.touches(0) { " or" } else { "or" };
        diagnostic.fix("write `or`", s.span(0), right)
    })
}

/// `choose { otherwise => 0 when card = Gold => 1 }`
fn otherwise_first(s: &Stuck, kind: &str) -> Option<Diagnostic> {
    (kind == "choose" && s.word(0) == "when" && s.bracket() == "{" && s.follows("otherwise")).then(|| {
        let diagnostic = s.syntax(0, "`otherwise` is the last branch", "a branch below it");
        diagnostic.help("the first branch that holds decides; move `otherwise` to the end")
    })
}

/// `match card { when Gold => 1 }`
fn empty_arm(s: &Stuck, kind: &str) -> Option<Diagnostic> {
    (kind == "match" && s.word(0) == "when").then(|| {
        let diagnostic = s.syntax(0, "a branch of `match` begins with the member", "`when` belongs to `choose`");
        with_edits(diagnostic, "remove `when`", &[(s.before(0).to(s.before(1)), "")], true)
    })
}
