//! The dispatch over expressions, and the logical ones.

use seg_grammar::ast::{self, Expr, ExprKind, IsState};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::Type;

use super::{Checker, Env, mismatch};
use crate::hir::{ExprId, Kind, State, Ty};

impl Checker<'_> {
    /// Any expression. `want` is the type that its place wants: members, texts and moments adapt to it; whether the
    /// result fits is for the caller to say.
    pub(crate) fn expression(&mut self, expr: &Expr, env: &Env, want: Option<&Type>) -> ExprId {
        match &expr.kind {
            ExprKind::Paren(inner) => self.expression(inner, env, want),
            _ => self.nested(expr.span, |checker| checker.operation(expr, env, want)),
        }
    }

    fn operation(&mut self, expr: &Expr, env: &Env, want: Option<&Type>) -> ExprId {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Literal(literal) => self.literal(expr, literal, want),
            ExprKind::Path(path) => self.path(path, env, want),
            ExprKind::Field(base, name) => self.field_of(base, name, span, env, want),
            ExprKind::Call { callee, arguments } => self.call(span, callee, arguments, env, want),
            ExprKind::List(items) => self.list(span, items, env, want),
            ExprKind::Paren(inner) => self.expression(inner, env, want),
            ExprKind::Not(_, inner) => {
                let inner = self.condition(inner, env);
                self.bool(span, Kind::Not(inner))
            }
            ExprKind::And(parts) => {
                let parts = parts.iter().map(|p| self.condition(p, env)).collect();
                self.bool(span, Kind::And(parts))
            }
            ExprKind::Or(parts) => {
                let parts = (0..parts.len()).map(|n| self.alternative(parts, n, env)).collect();
                self.bool(span, Kind::Or(parts))
            }
            ExprKind::Negate(inner) => self.negate(expr, inner, env, want),
            ExprKind::Compare { op, op_span, left, right, ignoring_case } => {
                self.compare(span, (*op, *op_span), left, right, *ignoring_case, env)
            }
            ExprKind::Matches { value, pattern, ignoring_case } => {
                self.matches(span, value, pattern, *ignoring_case, env)
            }
            ExprKind::Between { value, low, high } => self.between(span, value, low, high, env),
            ExprKind::In { value, negated, set, ignoring_case } => {
                self.is_in(span, value, *negated, set, *ignoring_case, env)
            }
            ExprKind::Is { value, negated, state, state_span } => {
                self.is(span, value, *negated, state, *state_span, env)
            }
            ExprKind::Else(value, fallback) => self.or_else(span, value, fallback, env, want),
            ExprKind::Arithmetic { op, left, right, .. } => self.arithmetic(span, *op, left, right, env, want),
            ExprKind::Of(percent, value) => self.percent_of(span, percent, value, env),
            ExprKind::Ago(length) => self.ago(span, length, env, want),
            ExprKind::Anniversary(date) => self.anniversary(span, date, env),
            ExprKind::Part(part, of) => self.part(span, *part, of, env),
            ExprKind::Elapsed { unit, direction, of } => self.elapsed(span, *unit, *direction, of, env),
            ExprKind::Choose { arms, otherwise } => self.choose(span, arms, otherwise.as_deref(), env, want),
            ExprKind::Match { subject, arms } => self.match_expr(span, subject, arms, env, want),
        }
    }

    /// A part of an `or`. `card = Gold or Platinum` says `card =` once and means it twice.
    fn alternative(&mut self, parts: &[Expr], n: usize, env: &Env) -> ExprId {
        let Some(part) = parts.get(n) else { return self.poison(Span::new(seg_grammar::FileId(0), 0, 0)) };
        let is_name = |e: &Expr| match &e.kind {
            ExprKind::Path(path) => is_flexible(e) && !self.names().globals.contains_key(&path.head().text),
            ExprKind::Literal(literal) => !matches!(literal, ast::Literal::Bool(_) | ast::Literal::Missing),
            _ => false,
        };
        let compared = parts.get(..n).unwrap_or_default().iter().rev().find_map(|e| match &e.kind {
            ExprKind::Compare { op, left, .. } => Some((op.text(), left.span)),
            _ => None,
        });
        let (Some((op, left)), true) = (compared, is_name(part)) else { return self.condition(part, env) };
        let text = self.text(part.span).to_string();
        let fixed = format!("{} {op} {text}", self.text(left));
        self.fail(
            Diagnostic::error(
                codes::NOT_A_CONDITION,
                part.span,
                format!("`{text}` is a value, not a condition"),
                "what is it compared with?",
            )
            .suggest(format!("write `{fixed}`"), part.span, fixed),
        )
    }

    fn list(&mut self, span: Span, items: &[Expr], env: &Env, want: Option<&Type>) -> ExprId {
        if items.is_empty() {
            return self.fail(empty_list(span));
        }
        let want_item = match want {
            Some(Type::List(item)) => Some((**item).clone()),
            _ => None,
        };
        let mut ids = Vec::new();
        let mut item_ty: Option<Type> = want_item;
        for item in items {
            let id = self.expression(item, env, item_ty.as_ref());
            match (self.ty(id).clone(), &item_ty) {
                (Ty::Of(ty), None) => item_ty = Some(ty),
                (Ty::Of(ty), Some(known)) if ty != *known => {
                    let (a, b) = (self.schemas.words(known), self.schemas.words(&ty));
                    let first = items.first().map_or(span, |f| f.span);
                    let known = known.clone();
                    let diagnostic = mismatch(
                        codes::MIXED_LIST,
                        item.span,
                        "a list holds values of one kind".into(),
                        (first, a),
                        (item.span, b),
                    );
                    return self.fail(match self.as_wanted(item.span, &known) {
                        Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), item.span, fixed),
                        None => diagnostic.help("write all of them alike"),
                    });
                }
                (Ty::Error, _) => return self.poison(span),
                _ => {}
            }
            ids.push(id);
        }
        let consts: Option<Vec<_>> = ids
            .iter()
            .map(|id| match &self.expr(*id).kind {
                Kind::Constant(c) => Some(c.clone()),
                _ => None,
            })
            .collect();
        match (consts, item_ty) {
            (Some(consts), Some(ty)) => {
                self.add(span, Type::List(Box::new(ty)), Kind::Constant(seg_ir::Const::List(consts)))
            }
            _ => self.fail(
                Diagnostic::error(
                    codes::MIXED_LIST,
                    span,
                    "a list in brackets holds plain values",
                    "some of these differ from customer to customer",
                )
                .help("compare with each of them by itself, joined by `or`"),
            ),
        }
    }

    fn is(&mut self, span: Span, value: &Expr, negated: bool, state: &IsState, state_span: Span, env: &Env) -> ExprId {
        if let IsState::Value(other) = state {
            return self.is_value(span, value, negated, other, state_span);
        }
        let truth = matches!(state, IsState::True | IsState::False);
        let id = match (truth, state) {
            (true, _) | (_, IsState::Unknown) => self.condition(value, env),
            _ => self.presence_operand(value, env),
        };
        if self.ty(id) == &Ty::Error {
            return id;
        }
        if let (Ty::Row(_), Kind::Error) = (self.ty(id), &self.expr(id).kind) {
            let diagnostic = self.rows_as_value(id, value.span);
            return self.fail(diagnostic);
        }
        if negated && !truth {
            return self.is_not_state(span, value, state);
        }
        let state = match state {
            IsState::Known => State::Known,
            IsState::Missing => State::Missing,
            IsState::Unknown => State::Unknown,
            IsState::True => State::True,
            IsState::False | IsState::Value(_) => State::False,
        };
        self.bool(span, Kind::Is { value: id, state, negated })
    }

    /// What `is known` may ask about: a value, an event (`latest(orders) is known`), never a condition.
    fn presence_operand(&mut self, value: &Expr, env: &Env) -> ExprId {
        self.expression(value, env, None)
    }

    fn is_not_state(&mut self, span: Span, value: &Expr, state: &IsState) -> ExprId {
        let right = match state {
            IsState::Known => "is missing",
            IsState::Missing => "is known",
            _ => "is known",
        };
        let text = self.text(value.span).to_string();
        let after = Span { start: value.span.end, ..span };
        self.fail(
            Diagnostic::error(
                codes::IS_NOT_KNOWN,
                span,
                "only `true` and `false` stand behind `is not`",
                "say what it is instead",
            )
            .fix(format!("write `{text} {right}`"), after, format!(" {right}")),
        )
    }

    /// `card is Gold`: what it would be in Seg.
    fn is_value(&mut self, span: Span, value: &Expr, negated: bool, other: &Expr, state_span: Span) -> ExprId {
        let op = if negated { "!=" } else { "=" };
        let (left, right) = (self.text(value.span).to_string(), self.text(other.span).to_string());
        let fixed = format!("{left} {op} {right}");
        let between = Span { start: value.span.end, end: state_span.start, ..span };
        self.fail(
            Diagnostic::error(
                codes::IS_VALUE,
                span,
                format!("a value is compared with `{op}`"),
                "`is` only asks whether something is known, missing, true or false",
            )
            .fix(format!("write `{fixed}`"), between, format!(" {op} ")),
        )
    }

    fn or_else(&mut self, span: Span, value: &Expr, fallback: &Expr, env: &Env, want: Option<&Type>) -> ExprId {
        let left = self.expression(value, env, want);
        let left_ty = self.ty(left).clone();
        if let Ty::Row(_) = left_ty {
            let diagnostic = self.rows_as_value(left, value.span);
            return self.fail(diagnostic);
        }
        let right = self.expression(fallback, env, left_ty.get());
        match (&left_ty, self.ty(right).clone()) {
            (Ty::Error, _) | (_, Ty::Error) => self.poison(span),
            (Ty::Of(a), Ty::Of(b)) if *a == b => self.add(span, a.clone(), Kind::Else(left, right)),
            (Ty::Of(Type::Number), Ty::Of(Type::Int)) => {
                let right = self.as_number(right);
                self.add(span, Type::Number, Kind::Else(left, right))
            }
            (_, right_ty) => {
                let (a, b) = (self.words(&left_ty), self.words(&right_ty));
                let diagnostic = mismatch(
                    codes::ELSE_TYPES,
                    span,
                    "the value behind `else` is of another kind".into(),
                    (value.span, a.clone()),
                    (fallback.span, b),
                );
                let fixed = left_ty.get().and_then(|wanted| self.as_wanted(fallback.span, wanted));
                self.fail(match fixed {
                    Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), fallback.span, fixed),
                    None => diagnostic.help(format!("write {a} behind `else`")),
                })
            }
        }
    }

    /// A value, for operators that take any scalar: events and `missing` are refused.
    pub(super) fn value(&mut self, expr: &Expr, env: &Env, want: Option<&Type>) -> ExprId {
        let id = self.expression(expr, env, want);
        match self.ty(id) {
            Ty::Row(_) => {
                let diagnostic = self.rows_as_value(id, expr.span);
                self.fail(diagnostic)
            }
            Ty::Missing => self.fail(
                Diagnostic::error(
                    codes::EQUALS_MISSING,
                    expr.span,
                    "`missing` is not a value",
                    "nothing can be done with it",
                )
                .help("to ask whether there is a value, write `... is missing` or `... is known`"),
            ),
            _ => id,
        }
    }
}

pub(super) fn empty_list(span: Span) -> Diagnostic {
    Diagnostic::error(codes::EMPTY_LIST, span, "an empty list holds nothing to compare with", "nothing is listed here")
        .help("write at least one value, such as `[Gold, Platinum]`")
}

/// Whether an expression takes its type from what stands beside it: a member's name, a text, a moment.
pub(super) fn is_flexible(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::Paren(inner) | ExprKind::Negate(inner) => is_flexible(inner),
        ExprKind::Literal(literal) => !matches!(literal, ast::Literal::Money(_) | ast::Literal::Percent(_)),
        ExprKind::Ago(_) => true,
        ExprKind::Path(path) => path.parts.len() == 1 && path.head().text.starts_with(|c: char| c.is_ascii_uppercase()),
        ExprKind::Choose { .. } | ExprKind::Match { .. } => true,
        _ => false,
    }
}
