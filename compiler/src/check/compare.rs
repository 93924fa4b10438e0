//! Comparisons and tests of texts, lists and ranges.

use seg_grammar::ast::{CompareOp, Expr, ExprKind, InSet, Literal, Text, Window, WindowKind};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::node::{Comparison, TextTest};
use seg_ir::{Const, Type};

use super::expression::{empty_list, is_flexible};
use super::{Checker, Env, mismatch};
use crate::hir::{ExprId, Kind, Ty};

impl Checker<'_> {
    pub(super) fn compare(
        &mut self,
        span: Span,
        (op, op_span): (CompareOp, Span),
        left: &Expr,
        right: &Expr,
        ignoring_case: bool,
        env: &Env,
    ) -> ExprId {
        if let Some(diagnostic) = self.compared_with_missing(span, op, left, right) {
            return self.fail(diagnostic);
        }
        match op {
            CompareOp::StartsWith | CompareOp::EndsWith => {
                self.text_test(span, (op, op_span), left, right, ignoring_case, env)
            }
            CompareOp::Contains => self.contains(span, op_span, left, right, ignoring_case, env),
            CompareOp::ContainsAny | CompareOp::ContainsAll => self.contains_of(span, op, left, right, env),
            CompareOp::Before | CompareOp::After => self.before_after(span, (op, op_span), left, right, env),
            _ => {
                let (a, b) = self.pair(left, right, env);
                self.comparison(span, comparison(op), op_span, (a, left.span), (b, right.span), ignoring_case)
            }
        }
    }

    /// Two operands, each checked with the other's type in mind.
    pub(super) fn pair(&mut self, left: &Expr, right: &Expr, env: &Env) -> (ExprId, ExprId) {
        if is_flexible(left) && !is_flexible(right) {
            let b = self.value(right, env, None);
            let a = self.beside(left, b, env);
            return (a, b);
        }
        let a = self.value(left, env, None);
        let b = self.beside(right, a, env);
        (a, b)
    }

    /// A value beside another one, whose type it may take. Beside something that an error was told about, a name that may
    /// be a member of anything says nothing.
    fn beside(&mut self, expr: &Expr, other: ExprId, env: &Env) -> ExprId {
        if self.ty(other) == &Ty::Error
            && let ExprKind::Path(path) = &expr.kind
            && is_flexible(expr)
            && !self.names().globals.contains_key(&path.head().text)
        {
            return self.poison(expr.span);
        }
        let want = self.ty(other).get().cloned();
        self.value(expr, env, want.as_ref())
    }

    /// `card = missing`, `card = null`: what is meant is a presence test.
    fn compared_with_missing(&self, span: Span, op: CompareOp, left: &Expr, right: &Expr) -> Option<Diagnostic> {
        let is_missing = |e: &Expr| matches!(&e.kind, ExprKind::Literal(Literal::Missing));
        if !is_missing(right) && !is_missing(left) {
            return None;
        }
        let (known, other) = if is_missing(right) { (left, right) } else { (right, left) };
        let text = self.text(known.span);
        let word = if op == CompareOp::NotEqual { "is known" } else { "is missing" };
        let fixed = format!("{text} {word}");
        Some(
            Diagnostic::error(codes::EQUALS_MISSING, span, "nothing is equal to what is missing", "this is never true")
                .label(other.span, "not a value")
                .fix(format!("write `{fixed}`"), span, fixed.clone()),
        )
    }

    /// A comparison of two checked operands.
    pub(super) fn comparison(
        &mut self,
        span: Span,
        op: Comparison,
        op_span: Span,
        (left, left_span): (ExprId, Span),
        (right, right_span): (ExprId, Span),
        ignoring_case: bool,
    ) -> ExprId {
        let (left_ty, right_ty) = (self.ty(left).clone(), self.ty(right).clone());
        let (Ty::Of(a), Ty::Of(b)) = (&left_ty, &right_ty) else { return self.poison(span) };
        let equality = matches!(op, Comparison::Equal | Comparison::NotEqual);
        if ignoring_case {
            if *a == Type::Text && *b == Type::Text && equality {
                let negated = op == Comparison::NotEqual;
                let kind = Kind::TextTest { test: TextTest::Equal, value: left, with: right, ignoring_case, negated };
                return self.bool(span, kind);
            }
            return self.case_of_no_text(span);
        }
        let operands = [(left_span, a), (right_span, b)];
        match (a, b) {
            (Type::Date, Type::Timestamp) | (Type::Timestamp, Type::Date) => {
                if equality {
                    return self.date_equals_timestamp(span, operands);
                }
                let left = self.as_date(left);
                let right = self.as_date(right);
                return self.bool(span, Kind::Compare { op, left, right });
            }
            _ => {}
        }
        let numbers = |t: &Type| matches!(t, Type::Int | Type::Number);
        if a != b && !(numbers(a) && numbers(b)) {
            let diagnostic = self.incomparable(span, operands, (left, right));
            return self.fail(diagnostic);
        }
        if let Type::List(_) = a {
            return self.fail(
                Diagnostic::error(
                    codes::COMPARE_TYPES,
                    span,
                    "two lists are not compared as a whole",
                    "both sides are lists",
                )
                .help("write `contains`, `contains any of [..]` or `contains all of [..]`"),
            );
        }
        if !equality && !self.is_ordered(a) {
            return self.no_order(op_span, a);
        }
        self.bool(span, Kind::Compare { op, left, right })
    }

    fn is_ordered(&self, ty: &Type) -> bool {
        match ty {
            Type::Enum(id) => self.schemas.schema.enum_type(*id).ordered,
            ty => ty.is_ordered(),
        }
    }

    /// The civil date of an instant; a date stays as it is.
    pub(super) fn as_date(&mut self, id: ExprId) -> ExprId {
        if self.ty(id).is(&Type::Timestamp) {
            let span = self.expr(id).span;
            return self.add(span, Type::Date, Kind::CivilDate(id));
        }
        id
    }

    fn no_order(&mut self, op_span: Span, ty: &Type) -> ExprId {
        let shown = self.schemas.show(ty);
        let (code, message, help) = match ty {
            Type::Text => (
                codes::TEXT_ORDER,
                "texts have no order".to_string(),
                "compare texts with `=`, or keep the value as a number, a date or an ordered enum".to_string(),
            ),
            Type::Enum(_) => (
                codes::ENUM_ORDER,
                format!("the members of `{shown}` have no order"),
                format!(
                    "list the ones that are meant, `in [...]`; or declare `ordered enum {shown}` if they go from low to high"
                ),
            ),
            Type::Period => (
                codes::COMPARE_TYPES,
                "lengths in days, months or years have no order".to_string(),
                "months differ in length: compare dates instead, such as `renewal_date < today + 3 months`".to_string(),
            ),
            _ => (
                codes::COMPARE_TYPES,
                format!("{} has no order", self.schemas.words(ty)),
                "compare with `=` or `!=`".to_string(),
            ),
        };
        self.fail(Diagnostic::error(code, op_span, message, "this needs an order").help(help))
    }

    fn case_of_no_text(&mut self, span: Span) -> ExprId {
        self.fail(
            Diagnostic::error(codes::IGNORING_CASE, span, "`ignoring case` is for texts", "no text is tested here")
                .help("leave `ignoring case` out"),
        )
    }

    fn date_equals_timestamp(&mut self, span: Span, operands: [(Span, &Type); 2]) -> ExprId {
        let stamp = operands.iter().find(|(_, t)| **t == Type::Timestamp).map_or(span, |(s, _)| *s);
        let text = self.text(stamp).to_string();
        self.fail(
            Diagnostic::error(
                codes::DATE_EQUALS_TIMESTAMP,
                span,
                "a date never equals a timestamp, which has a time of day",
                "one side is a date, the other a timestamp",
            )
            .suggest(format!("compare the day: `date_of({text})`"), stamp, format!("date_of({text})")),
        )
    }

    /// Why two types do not compare, with the repair that is likeliest meant.
    fn incomparable(&self, span: Span, operands: [(Span, &Type); 2], ids: (ExprId, ExprId)) -> Diagnostic {
        let [(left_span, a), (right_span, b)] = operands;
        let shown = (self.schemas.words(a), self.schemas.words(b));
        let bare = |ty: &Type| matches!(ty, Type::Int | Type::Number);
        let sides = [(a, left_span, b, right_span, ids.1), (b, right_span, a, left_span, ids.0)];
        for (wanted, wanted_span, given, at, id) in sides {
            let (code, message) = match (wanted, given) {
                (Type::Percent, given) if bare(given) => {
                    (codes::PERCENT_EXPECTED, "a percentage is compared with a plain number")
                }
                (Type::Money(_), given) if bare(given) => {
                    (codes::MONEY_EXPECTED, "an amount of money is compared with a plain number")
                }
                _ => continue,
            };
            let diagnostic = Diagnostic::error(code, at, message, "this is a plain number")
                .label(wanted_span, format!("this is {}", self.schemas.words(wanted)));
            let fixed = self.constant(id).and_then(|_| self.as_wanted(at, wanted));
            return match fixed {
                Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), at, fixed),
                None if code == codes::PERCENT_EXPECTED => {
                    diagnostic.help("compare two percentages; one number divided by another is a plain number")
                }
                None => diagnostic.help("compare two amounts of one currency"),
            };
        }
        if let (Type::Money(x), Type::Money(y)) = (a, b) {
            return mismatch(
                codes::CURRENCY_MISMATCH,
                span,
                format!("an amount in {x} is not compared with one in {y}"),
                (left_span, shown.0),
                (right_span, shown.1),
            )
            .help("exchange rates are not known here; compare amounts of one currency");
        }
        let message = match (a, b) {
            (Type::Span | Type::Period, Type::Span | Type::Period) => {
                "hours are not compared with days: not every day has 24 hours".to_string()
            }
            _ => format!("{} is not compared with {}", shown.0, shown.1),
        };
        let diagnostic =
            mismatch(codes::COMPARE_TYPES, span, message, (left_span, shown.0.clone()), (right_span, shown.1.clone()));
        let text = self.text(right_span).to_string();
        match (a, b) {
            (Type::Date | Type::Timestamp, Type::Period | Type::Span) => {
                return diagnostic.suggest(format!("write `{text} ago`"), right_span, format!("{text} ago"));
            }
            // A text that is a date or a number but for its quotes means nothing else.
            (Type::Date | Type::Timestamp, Type::Text) => {
                return match self.as_wanted(right_span, &Type::Date) {
                    Some(date) => diagnostic.fix(format!("write the date `{date}` without quotes"), right_span, date),
                    None => diagnostic.help("write a date without quotes, the year first: `2026-03-01`"),
                };
            }
            (Type::Int | Type::Number, Type::Text) => {
                if let Some(plain) = self.as_wanted(right_span, a) {
                    return diagnostic.fix(format!("write the number `{plain}` without quotes"), right_span, plain);
                }
            }
            (Type::List(item), item_given) if **item == *item_given => {
                let between = Span { start: left_span.end, end: right_span.start, ..span };
                let fixed = format!("{} contains {text}", self.text(left_span));
                return diagnostic.suggest(format!("write `{fixed}`"), between, " contains ");
            }
            _ => {}
        }
        for (wanted, at) in [(a, right_span), (b, left_span)] {
            if let Some(fixed) = self.as_wanted(at, wanted) {
                return diagnostic.suggest(format!("write `{fixed}`"), at, fixed);
            }
        }
        match (a, b) {
            (Type::Span | Type::Period, Type::Span | Type::Period) => {
                diagnostic.help("write both in hours, or both in days")
            }
            (Type::List(_), _) => diagnostic.help("to look into a list, write `contains`"),
            _ => diagnostic.help("compare two values of the same kind"),
        }
    }

    fn text_test(
        &mut self,
        span: Span,
        (op, _): (CompareOp, Span),
        left: &Expr,
        right: &Expr,
        ignoring_case: bool,
        env: &Env,
    ) -> ExprId {
        let value = self.of_text(left, env, op.text());
        let with = self.of_text(right, env, op.text());
        let (Some(value), Some(with)) = (value, with) else { return self.poison(span) };
        let test = match op {
            CompareOp::StartsWith => TextTest::StartsWith,
            CompareOp::EndsWith => TextTest::EndsWith,
            _ => TextTest::Contains,
        };
        self.bool(span, Kind::TextTest { test, value, with, ignoring_case, negated: false })
    }

    /// An operand that must be a text.
    fn of_text(&mut self, expr: &Expr, env: &Env, op: &str) -> Option<ExprId> {
        let id = self.value(expr, env, Some(&Type::Text));
        match self.ty(id).clone() {
            Ty::Of(Type::Text) => Some(id),
            Ty::Error => None,
            ty => {
                let shown = self.words(&ty);
                self.error(
                    Diagnostic::error(
                        codes::TEXT_EXPECTED,
                        expr.span,
                        format!("`{op}` takes texts"),
                        format!("this is {shown}"),
                    )
                    .help("use it with a field of type `Text` and a text in quotes"),
                );
                None
            }
        }
    }

    fn contains(
        &mut self,
        span: Span,
        op_span: Span,
        left: &Expr,
        right: &Expr,
        ignoring_case: bool,
        env: &Env,
    ) -> ExprId {
        let list = self.value(left, env, None);
        let Ty::Of(Type::List(item)) = self.ty(list).clone() else {
            if self.ty(list) == &Ty::Error {
                return self.poison(span);
            }
            return self.text_test(span, (CompareOp::Contains, op_span), left, right, ignoring_case, env);
        };
        if ignoring_case {
            return self.case_of_no_text(span);
        }
        let id = self.value(right, env, Some(&item));
        match self.list_item(id, right.span, &item) {
            Some(id) => self.bool(span, Kind::ListTest { list, all: false, items: vec![id], negated: None }),
            None => self.poison(span),
        }
    }

    fn contains_of(&mut self, span: Span, op: CompareOp, left: &Expr, right: &Expr, env: &Env) -> ExprId {
        let list = self.value(left, env, None);
        let item = match self.ty(list).clone() {
            Ty::Of(Type::List(item)) => item,
            Ty::Error => return self.poison(span),
            ty => {
                let shown = self.words(&ty);
                let diagnostic = Diagnostic::error(
                    codes::LIST_EXPECTED,
                    left.span,
                    format!("`{}` looks into a list", op.text()),
                    format!("this is {shown}"),
                );
                let text = self.text(left.span);
                return self.fail(match ty {
                    Ty::Of(Type::Text) => {
                        diagnostic.help(format!("for a piece of a text, write `{text} contains ...`, joined by `or`"))
                    }
                    _ => diagnostic.help(format!("for one value, write `{text} in [...]`")),
                });
            }
        };
        let ExprKind::List(items) = &right.kind else {
            return self.fail(
                Diagnostic::error(
                    codes::LIST_EXPECTED,
                    right.span,
                    format!("`{}` takes a list in brackets", op.text()),
                    "this is not in brackets",
                )
                .help("write `[\"a\", \"b\"]`"),
            );
        };
        if items.is_empty() {
            return self.fail(empty_list(right.span));
        }
        let mut ids = Vec::new();
        for expr in items {
            let id = self.value(expr, env, Some(&item));
            ids.extend(self.list_item(id, expr.span, &item));
        }
        if ids.len() < items.len() {
            return self.poison(span);
        }
        self.bool(span, Kind::ListTest { list, all: op == CompareOp::ContainsAll, items: ids, negated: None })
    }

    fn list_item(&mut self, id: ExprId, span: Span, item: &Type) -> Option<ExprId> {
        match self.ty(id).clone() {
            Ty::Of(ty) if ty == *item => Some(id),
            Ty::Error => None,
            ty => {
                let (shown, wanted) = (self.words(&ty), self.schemas.words(item));
                let diagnostic = Diagnostic::error(
                    codes::COMPARE_TYPES,
                    span,
                    format!("each value of the list is {wanted}"),
                    format!("this is {shown}"),
                );
                self.error(match self.as_wanted(span, item) {
                    Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), span, fixed),
                    None => diagnostic.help(format!("write {wanted}")),
                });
                None
            }
        }
    }

    fn before_after(
        &mut self,
        span: Span,
        (op, op_span): (CompareOp, Span),
        left: &Expr,
        right: &Expr,
        env: &Env,
    ) -> ExprId {
        let (a, b) = self.pair(left, right, env);
        for (id, expr) in [(a, left), (b, right)] {
            match self.ty(id).clone() {
                Ty::Of(Type::Date | Type::Timestamp | Type::TimeOfDay) => {}
                Ty::Error => return self.poison(span),
                Ty::Of(Type::Period | Type::Span) => {
                    let text = self.text(expr.span).to_string();
                    return self.fail(
                        Diagnostic::error(
                            codes::DATE_EXPECTED,
                            expr.span,
                            format!("`{}` compares dates and times, and `{text}` is a length of time", op.text()),
                            "from when is it counted?",
                        )
                        .suggest(
                            format!("write `{text} ago`"),
                            expr.span,
                            format!("{text} ago"),
                        ),
                    );
                }
                ty => {
                    let shown = self.words(&ty);
                    let diagnostic = Diagnostic::error(
                        codes::DATE_EXPECTED,
                        expr.span,
                        format!("`{}` compares dates and times", op.text()),
                        format!("this is {shown}"),
                    );
                    let sign = if op == CompareOp::Before { "<" } else { ">" };
                    return self.fail(match self.as_wanted(expr.span, &Type::Date) {
                        Some(date) => diagnostic.suggest(format!("write `{date}`"), expr.span, date),
                        None => diagnostic.help(format!("for numbers and amounts, write `{sign}`")),
                    });
                }
            }
        }
        let comparison = if op == CompareOp::Before { Comparison::Less } else { Comparison::Greater };
        self.comparison(span, comparison, op_span, (a, left.span), (b, right.span), false)
    }

    pub(super) fn matches(
        &mut self,
        span: Span,
        value: &Expr,
        pattern: &Text,
        ignoring_case: bool,
        env: &Env,
    ) -> ExprId {
        let Some(value) = self.of_text(value, env, "matches") else { return self.poison(span) };
        if let Err(reason) = seg_ir::text::pattern(&pattern.value, ignoring_case) {
            return self.fail(
                Diagnostic::error(
                    codes::BAD_PATTERN,
                    pattern.span,
                    format!("this pattern cannot be read: {reason}"),
                    "in this pattern",
                )
                .help("write `\\` before a mark that stands for itself, such as `\\.` or `\\(`; or use `contains`, `starts with` or `ends with`"),
            );
        }
        self.bool(span, Kind::Matches { value, pattern: pattern.value.clone(), ignoring_case })
    }

    pub(super) fn between(&mut self, span: Span, value: &Expr, low: &Expr, high: &Expr, env: &Env) -> ExprId {
        if super::window::anniversary_of(value).is_some() {
            // Any anniversary may fall between the two, not only the next.
            let kind = WindowKind::Between(Box::new(low.clone()), Box::new(high.clone()));
            let window = Window { span: low.span.to(high.span), kind, with_in: false };
            return self.in_window(span, value, None, &window, env);
        }
        let id = self.value(value, env, None);
        let want = self.ty(id).get().cloned();
        let low_id = self.value(low, env, want.as_ref());
        let high_id = self.value(high, env, want.as_ref());
        if let (Some(l), Some(h)) = (self.constant(low_id), self.constant(high_id))
            && seg_ir::operation::order(&l.value(), &h.value()).is_some_and(|o| o.is_gt())
        {
            return self.fail(
                Diagnostic::error(
                    codes::EMPTY_RANGE,
                    span,
                    "nothing lies between these two",
                    "the first is greater than the second",
                )
                .suggest(
                    format!("write `between {} and {}`", self.text(high.span), self.text(low.span)),
                    low.span.to(high.span),
                    format!("{} and {}", self.text(high.span), self.text(low.span)),
                ),
            );
        }
        // Both halves are checked as comparisons, so that every rule of theirs holds here.
        let at = value.span;
        let from = self.comparison(span, Comparison::GreaterEqual, span, (id, at), (low_id, low.span), false);
        let until = self.comparison(span, Comparison::LessEqual, span, (id, at), (high_id, high.span), false);
        match (&self.expr(from).kind, &self.expr(until).kind) {
            (Kind::Compare { left, right: low, .. }, Kind::Compare { left: same, right: high, .. })
                if self.ty(*left) == self.ty(*same) =>
            {
                let kind = Kind::Between { value: *left, low: *low, high: *high };
                self.bool(span, kind)
            }
            // A timestamp between a timestamp and a date is compared with the one as an instant, with the other as a day.
            (Kind::Compare { .. }, Kind::Compare { .. }) => self.bool(span, Kind::And(vec![from, until])),
            _ => self.poison(span),
        }
    }

    pub(super) fn constant(&self, id: ExprId) -> Option<Const> {
        match &self.expr(id).kind {
            Kind::Constant(value) => Some(value.clone()),
            _ => None,
        }
    }

    pub(super) fn is_in(
        &mut self,
        span: Span,
        value: &Expr,
        negated: Option<Span>,
        set: &InSet,
        ignoring_case: bool,
        env: &Env,
    ) -> ExprId {
        match set {
            InSet::Window(window) => self.in_window(span, value, negated, window, env),
            InSet::Path(path) => self.in_list_of(span, value, negated, path, env),
            InSet::List(items, list_span) => {
                if items.is_empty() {
                    return self.fail(empty_list(*list_span));
                }
                let id = self.value(value, env, None);
                self.in_set(span, (id, value.span), negated, items, ignoring_case, env)
            }
        }
    }

    fn in_set(
        &mut self,
        span: Span,
        (id, value_span): (ExprId, Span),
        negated: Option<Span>,
        items: &[Expr],
        ignoring_case: bool,
        env: &Env,
    ) -> ExprId {
        let Ty::Of(ty) = self.ty(id).clone() else { return self.poison(span) };
        if ignoring_case && ty != Type::Text {
            return self.case_of_no_text(span);
        }
        let mut set = Vec::new();
        let mut fine = true;
        for item in items {
            let item_id = self.value(item, env, Some(&ty));
            // The rules of `=` hold for each item.
            let test = self.comparison(span, Comparison::Equal, span, (id, value_span), (item_id, item.span), false);
            if self.ty(test) == &Ty::Error {
                fine = false;
                continue;
            }
            match self.constant(item_id) {
                Some(value) if ignoring_case => {
                    let folded = value.value().as_text().map(seg_ir::text::fold).unwrap_or_default();
                    set.push(Const::text(&folded));
                }
                Some(value) => set.push(value),
                None => {
                    let (value, text) = (self.text(value_span), self.text(item.span));
                    let help = format!("compare with it by itself: `or {value} = {text}`");
                    self.error(
                        Diagnostic::error(
                            codes::MIXED_LIST,
                            item.span,
                            "a list in brackets holds plain values",
                            "this differs from customer to customer",
                        )
                        .help(help),
                    );
                    fine = false;
                }
            }
        }
        if !fine {
            return self.poison(span);
        }
        self.bool(span, Kind::InSet { value: id, set, ignoring_case, negated })
    }

    /// `"vip" in tags`: the list is a field or an attribute.
    fn in_list_of(
        &mut self,
        span: Span,
        value: &Expr,
        negated: Option<Span>,
        path: &seg_grammar::ast::Path,
        env: &Env,
    ) -> ExprId {
        let list = self.path(path, env, None);
        let item = match self.ty(list).clone() {
            Ty::Of(Type::List(item)) => item,
            Ty::Error => return self.poison(span),
            ty => {
                let shown = self.words(&ty);
                let is_segment = matches!(self.expr(list).kind, Kind::Segment(_));
                let is_text = ty == Ty::Of(Type::Text);
                let (text, piece) = (self.text(path.span).to_string(), self.text(value.span).to_string());
                let diagnostic = Diagnostic::error(
                    codes::LIST_EXPECTED,
                    path.span,
                    "`in` takes a list or a window of time",
                    format!("this is {shown}"),
                );
                return self.fail(if is_segment {
                    diagnostic.help("a segment is a condition by itself: write its name alone")
                } else if is_text && negated.is_none() && piece.starts_with('"') {
                    let fixed = format!("{text} contains {piece}");
                    diagnostic.suggest(format!("write `{fixed}`"), span, fixed)
                } else {
                    diagnostic.help(format!("for one value write `{piece} = {text}`, for several `{piece} in [...]`"))
                });
            }
        };
        let id = self.value(value, env, Some(&item));
        match self.list_item(id, value.span, &item) {
            Some(id) => self.bool(span, Kind::ListTest { list, all: false, items: vec![id], negated }),
            None => self.poison(span),
        }
    }
}

fn comparison(op: CompareOp) -> Comparison {
    match op {
        CompareOp::NotEqual => Comparison::NotEqual,
        CompareOp::Less | CompareOp::Before => Comparison::Less,
        CompareOp::LessEqual => Comparison::LessEqual,
        CompareOp::Greater | CompareOp::After => Comparison::Greater,
        CompareOp::GreaterEqual => Comparison::GreaterEqual,
        CompareOp::Equal
        | CompareOp::StartsWith
        | CompareOp::EndsWith
        | CompareOp::Contains
        | CompareOp::ContainsAny
        | CompareOp::ContainsAll => Comparison::Equal,
    }
}
