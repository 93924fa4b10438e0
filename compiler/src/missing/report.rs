//! What is told about unstated missing data, with the repairs to choose from.

use seg_grammar::{Diagnostic, Span, codes};

use super::drops::Drop;
use super::{Analysis, Cause, Facts, fold_space};
use crate::hir::{Aggregate, ExprId, Kind};

impl Analysis<'_> {
    /// `not` or `except` over a condition that can be unknown.
    pub(super) fn negation(&mut self, id: ExprId, inner: ExprId, facts: &Facts, found: &mut Vec<Diagnostic>) {
        let span = self.hir.expr(id).span;
        let text = fold_space(self.map.text(self.hir.expr(inner).span));
        let is_except = !fold_space(self.map.text(span)).starts_with("not");
        if let Some(cause) = self.may_miss(inner, facts) {
            let what = if is_except { format!("`except {text}`") } else { format!("`not {text}`") };
            let negated = if is_except { format!("({text}) is true") } else { format!("({text}) is not true") };
            let diagnostic = self.unstated(span, &what, &cause, None);
            let diagnostic = if is_except {
                diagnostic.suggest("take out only those for whom it is true; the unknown stay in", span, negated)
            } else {
                diagnostic.suggest("let the unknown in: whoever is not known to be so", span, negated)
            };
            let diagnostic = match &cause.guard {
                Some(guard) if !is_except => {
                    let fixed = format!("({guard} is known and not {})", in_parentheses(&text));
                    diagnostic.suggest(format!("leave them out: only where `{guard}` is known"), span, fixed)
                }
                _ if is_except => {
                    let fixed = format!("({text}) is not false");
                    diagnostic.suggest("take out the unknown as well", span, fixed)
                }
                _ => diagnostic.suggest("leave them out", span, format!("({text}) is false")),
            };
            found.push(diagnostic);
            return;
        }
        if let Some(drop) = self.drops(inner, facts) {
            found.push(self.negated_drop(span, &text, is_except, &drop));
        }
    }

    fn negated_drop(&self, span: Span, text: &str, is_except: bool, drop: &Drop) -> Diagnostic {
        let word = if is_except { "except" } else { "not" };
        let diagnostic = Diagnostic::error(
            codes::UNSTATED_MISSING,
            span,
            format!("`{word} {text}` does not say what happens with events whose test is unknown"),
            format!("it becomes true because events are left out when {}", drop.cause.when),
        )
        .label(drop.span, "such events are not counted here");
        let diagnostic = if is_except {
            diagnostic.suggest("state it: take out those for whom it is true", span, format!("({text}) is true"))
        } else {
            diagnostic.suggest("state it", span, format!("({text}) is not true"))
        };
        self.guard_help(diagnostic, drop)
    }

    fn guard_help(&self, diagnostic: Diagnostic, drop: &Drop) -> Diagnostic {
        match &drop.cause.guard {
            Some(guard) => diagnostic
                .help(format!("state in the `where` which events are meant: `where {guard} is known and ...`")),
            None => diagnostic.help("state what is meant by `is true`, `is not true` or `is unknown`"),
        }
    }

    /// `!=`, `not in` and their like over a value that can be missing.
    pub(super) fn negative_test(&mut self, id: ExprId, facts: &Facts, found: &mut Vec<Diagnostic>) {
        let Some(cause) = self.may_miss(id, facts) else { return };
        let span = self.hir.expr(id).span;
        let text = fold_space(self.map.text(span));
        let diagnostic = self.unstated(span, &format!("`{text}`"), &cause, None);
        let diagnostic = match &cause.guard {
            Some(guard) => diagnostic
                .suggest(
                    format!("leave them out: `{guard} is known and {text}`"),
                    span,
                    format!("({guard} is known and {text})"),
                )
                .suggest(
                    format!("let them in: `{guard} is missing or {text}`"),
                    span,
                    format!("({guard} is missing or {text})"),
                ),
            None => diagnostic.suggest("leave the unknown out", span, format!("({text}) is true")),
        };
        found.push(diagnostic);
    }

    pub(super) fn none_of_unknown(
        &mut self,
        id: ExprId,
        aggregate: &Aggregate,
        rows: &Facts,
        found: &mut Vec<Diagnostic>,
    ) {
        let span = self.hir.expr(id).span;
        let text = fold_space(self.map.text(span));
        if let Some(cause) = self.test_unknown(aggregate, rows) {
            let any = text.replacen("none", "any", 1);
            let diagnostic = self.unstated(span, "`none`", &cause, Some("events"));
            let diagnostic = diagnostic.suggest(
                "let in whoever has no event that is known to be so",
                span,
                format!("({any}) is not true"),
            );
            found.push(match &cause.guard {
                Some(guard) => diagnostic.help(format!("or state in the `where` which events are meant: `{guard} is known and ...`")),
                None => diagnostic,
            });
            return;
        }
        if let Some(filter) = aggregate.filter
            && let Some(drop) = self.drops(filter, rows)
        {
            found.push(self.negated_drop(span, &text, false, &drop));
        }
    }

    /// The finding itself, without repairs.
    pub(super) fn unstated(&self, span: Span, what: &str, cause: &Cause, of: Option<&str>) -> Diagnostic {
        let who = of.unwrap_or("customers");
        let diagnostic = Diagnostic::error(
            codes::UNSTATED_MISSING,
            span,
            format!("{what} does not say what happens when {}", cause.when),
            format!("unknown for {who} where {}", cause.when),
        );
        if cause.span == span || contains(span, cause.span) {
            return diagnostic;
        }
        diagnostic.label(cause.span, "it comes from here")
    }

    pub(super) fn dropped(&self, id: ExprId, drop: &Drop) -> Diagnostic {
        let span = self.hir.expr(id).span;
        let fold = fold_space(self.map.text(drop.span));
        let direction = match drop.only_less {
            true => "the result can be too small, and a test for little becomes true by it",
            false => "leaving events out can change the result in any direction",
        };
        let diagnostic = Diagnostic::error(
            codes::UNSTATED_MISSING,
            span,
            format!("`{}` leaves out events without saying so", shorten(&fold)),
            direction,
        );
        let diagnostic = if contains(span, drop.cause.span) {
            diagnostic.label(drop.cause.span, format!("unknown when {}", drop.cause.when))
        } else {
            diagnostic.label(drop.span, format!("its `where` is unknown when {}", drop.cause.when))
        };
        let insert = self.where_insert(drop);
        match (insert, &drop.cause.guard) {
            (Some((at, text)), Some(guard)) => diagnostic.suggest(
                format!("state it: only events whose `{guard}` is known"),
                at,
                text,
            ),
            _ => self.guard_help(diagnostic, drop),
        }
    }

    /// Where a guard goes into the fold's `where`, when its condition can simply be put behind it.
    fn where_insert(&self, drop: &Drop) -> Option<(Span, String)> {
        let guard = drop.cause.guard.as_ref()?;
        let text = self.map.text(drop.span);
        let at = text.find(" where ")? + " where ".len();
        let filter = self.fold_filter(drop.span)?;
        if matches!(self.hir.expr(filter).kind, Kind::Or(_)) {
            return None;
        }
        let start = drop.span.start + u32::try_from(at).ok()?;
        Some((Span { start, end: start, ..drop.span }, format!("{guard} is known and ")))
    }

    fn fold_filter(&self, span: Span) -> Option<ExprId> {
        self.hir.exprs.iter().find_map(|e| match &e.kind {
            Kind::Aggregate(a) if e.span == span => a.filter,
            _ => None,
        })
    }

    pub(super) fn match_without_missing(&self, span: Span, subject: ExprId, cause: &Cause) -> Diagnostic {
        let text = fold_space(self.map.text(self.hir.expr(subject).span));
        let end = Span { start: span.end.saturating_sub(1), end: span.end.saturating_sub(1), ..span };
        Diagnostic::error(
            codes::MATCH_MISSING,
            span,
            format!("this `match` says nothing for when `{text}` is missing"),
            format!("no branch when {}", cause.when),
        )
        .suggest("add a branch for it", end, ", missing => missing ")
        .help("write `missing => ...`, or `otherwise => ...` for everything that no other branch names")
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

fn in_parentheses(text: &str) -> String {
    if text.starts_with('(') && text.ends_with(')') { text.to_string() } else { format!("({text})") }
}

/// A fold's text without its clauses, where it is long.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        None => text.to_string(),
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or("")),
    }
}
