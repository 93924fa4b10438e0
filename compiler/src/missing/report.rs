//! What is told about unstated missing data, with the repairs to choose from.

use seg_grammar::{Diagnostic, Span, codes};

use super::drops::Drop;
use super::{Analysis, Cause, Facts, fold_space};
use crate::hir::{Aggregate, ExprId, Kind};
use crate::suggest::more_arms;

impl Analysis<'_> {
    /// `not` or `except` over a condition that can be unknown.
    pub(super) fn negation(&mut self, id: ExprId, inner: ExprId, facts: &Facts, found: &mut Vec<Diagnostic>) {
        let span = self.hir.expr(id).span;
        let text = fold_space(self.map.text(self.hir.expr(inner).span));
        let is_except = !fold_space(self.map.text(span)).starts_with("not");
        if !self.stated
            && let Some(cause) = self.may_miss(inner, facts)
        {
            let written = fold_space(self.map.text(span));
            let tested = in_parentheses(&text);
            let what = if is_except { format!("`except {written}`") } else { format!("`{written}`") };
            let diagnostic = self.unstated(span, &what, &cause);
            let when = &cause.when;
            let diagnostic = if is_except {
                let (kept, taken) = (format!("{tested} is true"), format!("{tested} is not false"));
                diagnostic
                    .suggest(format!("write `except {kept}`, which keeps customers in when {when}"), span, kept)
                    .suggest(format!("write `except {taken}`, which takes customers out when {when}"), span, taken)
            } else {
                let holds = format!("{tested} is not true");
                let out = match &cause.guard {
                    Some(guard) => self.joined(span, "and", format!("{guard} is known and not {tested}")),
                    None => format!("{tested} is false"),
                };
                diagnostic.suggest(format!("write `{out}`, which does not hold when {when}"), span, out).suggest(
                    format!("write `{holds}`, which holds when {when}"),
                    span,
                    holds,
                )
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
            format!("`{word} {text}` can hold only because events were left out"),
            format!("an event is left out when {}", drop.cause.when),
        )
        .label(drop.span, "such events are not counted here");
        let stated = format!("{} is {}true", in_parentheses(text), if is_except { "" } else { "not " });
        let shown = if is_except { format!("except {stated}") } else { stated.clone() };
        let diagnostic = diagnostic.suggest(format!("write `{shown}`, if leaving them out is meant"), span, stated);
        self.guard_help(diagnostic, drop)
    }

    fn guard_help(&self, diagnostic: Diagnostic, drop: &Drop) -> Diagnostic {
        match &drop.cause.guard {
            Some(guard) => {
                diagnostic.help(format!("say behind `where` which events are meant: `where {guard} is known and ...`"))
            }
            None => diagnostic.help("say what is meant by `is true`, `is not true` or `is unknown`"),
        }
    }

    /// `!=`, `not in` and their like over a value that can be missing.
    pub(super) fn negative_test(&mut self, id: ExprId, facts: &Facts, found: &mut Vec<Diagnostic>) {
        let cause = if self.stated { None } else { self.may_miss(id, facts) };
        let Some(cause) = cause else { return };
        let span = self.hir.expr(id).span;
        let text = fold_space(self.map.text(span));
        let diagnostic = self.unstated(span, &format!("`{text}`"), &cause);
        let when = &cause.when;
        let diagnostic = match &cause.guard {
            Some(guard) => {
                let out = self.joined(span, "and", format!("{guard} is known and {text}"));
                let holds = self.joined(span, "or", format!("{guard} is missing or {text}"));
                diagnostic.suggest(format!("write `{out}`, which does not hold when {when}"), span, out).suggest(
                    format!("write `{holds}`, which holds when {when}"),
                    span,
                    holds,
                )
            }
            None => {
                let (out, holds) = (format!("({text}) is true"), format!("({text}) is not false"));
                diagnostic.suggest(format!("write `{out}`, which does not hold when {when}"), span, out).suggest(
                    format!("write `{holds}`, which holds when {when}"),
                    span,
                    holds,
                )
            }
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
        if !self.stated
            && let Some(cause) = self.test_unknown(aggregate, rows)
        {
            let any = text.replacen("none", "any", 1);
            let diagnostic = self.unstated(span, "`none`", &cause);
            let fixed = format!("{any} is not true");
            let diagnostic = diagnostic.suggest(
                format!("write `{fixed}`, which holds unless an event is known to be so"),
                span,
                fixed,
            );
            found.push(match &cause.guard {
                Some(guard) => diagnostic
                    .help(format!("or say behind `where` which events are meant: `where {guard} is known and ...`")),
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
    pub(super) fn unstated(&self, span: Span, what: &str, cause: &Cause) -> Diagnostic {
        let diagnostic = Diagnostic::error(
            codes::UNSTATED_MISSING,
            span,
            format!("{what} does not say what happens when {}", cause.when),
            "neither true nor false then",
        );
        if cause.span == span || contains(span, cause.span) {
            return diagnostic;
        }
        diagnostic.label(cause.span, "because of this")
    }

    pub(super) fn dropped(&self, id: ExprId, drop: &Drop) -> Diagnostic {
        let span = self.hir.expr(id).span;
        let fold = fold_space(self.map.text(drop.span));
        let direction = match drop.only_less {
            true => "it can be too small, so that this holds by mistake",
            false => "it can be too large or too small, so that this holds by mistake",
        };
        let diagnostic = Diagnostic::error(
            codes::UNSTATED_MISSING,
            span,
            format!("`{}` silently leaves out events when {}", shorten(&fold), drop.cause.when),
            direction,
        );
        let diagnostic = if contains(span, drop.cause.span) {
            diagnostic.label(drop.cause.span, "because of this")
        } else {
            diagnostic.label(drop.span, "events are left out here")
        };
        let insert = self.where_insert(drop);
        match (insert, &drop.cause.guard) {
            (Some((at, text)), Some(guard)) => diagnostic.suggest(
                format!("write `where {guard} is known and ...`, if only such events are meant"),
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
        self.folds.get(&span).copied().flatten()
    }

    pub(super) fn match_without_missing(&self, span: Span, subject: ExprId, cause: &Cause) -> Diagnostic {
        let text = fold_space(self.map.text(self.hir.expr(subject).span));
        let (at, arm) = more_arms(span, self.map.text(span), &["missing".to_string()]);
        Diagnostic::error(
            codes::MATCH_MISSING,
            span,
            format!("this `match` says nothing for when `{text}` is missing"),
            format!("no branch when {}", cause.when),
        )
        .suggest("add the branch `missing => missing`, with the right value behind the arrow", at, arm)
        .help("or write `otherwise => ...` for everything that no other branch names")
    }

    /// A condition that is joined by a word, in parentheses where what stands around it would read it otherwise.
    fn joined(&self, span: Span, word: &str, condition: String) -> String {
        let whole = &self.map.file(span.file).text;
        let before = whole.get(..span.start as usize).unwrap_or("").trim_end();
        let behind = whole.get(span.end as usize..).unwrap_or("").trim_start();
        let last = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        let next = behind.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        let free_before = before.ends_with('(') || ["when", "where", "except", word].contains(&last);
        let free_behind = !behind.starts_with('#') && !["and", "or", "is"].iter().any(|w| *w == next && *w != word);
        if free_before && free_behind { condition } else { format!("({condition})") }
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

/// A condition as one part of another: in parentheses, unless it is a name or a call by itself.
fn in_parentheses(text: &str) -> String {
    let is_name = |t: &str| !t.is_empty() && t.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    let is_call = text
        .split_once('(')
        .is_some_and(|(name, rest)| is_name(name) && rest.ends_with(')') && rest.matches(['(', ')']).count() == 1);
    if is_name(text) || is_call { text.to_string() } else { format!("({text})") }
}

/// A fold's text without its clauses, where it is long.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        None => text.to_string(),
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or("")),
    }
}
