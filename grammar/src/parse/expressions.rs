//! Pairs of expressions to tree nodes.

use pest::iterators::Pair;

use super::declarations::{compare_op, words_out};
use super::literals::unit;
use super::{Builder, Rule, child, first};
use crate::ast::*;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// How many operators one chain of `+ - * /`, `else` or `.` may have.
const CHAIN_MAX: usize = 256;

impl Builder<'_> {
    /// Any rule of the expression ladder, from `expr` down to `atom`.
    pub(super) fn expr(&mut self, pair: Pair<Rule>) -> Expr {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::expr => self.connective(pair, span, true),
            Rule::and_expr => self.connective(pair, span, false),
            Rule::not_expr => self.not_expr(pair),
            Rule::test => self.test_expr(pair, span),
            Rule::value => self.value(pair),
            Rule::sum | Rule::product => self.arithmetic(pair),
            Rule::share => self.share(pair, span),
            Rule::negated | Rule::negative => self.negated(pair, span),
            Rule::postfix => self.postfix(pair, span),
            Rule::atom => self.expr(first(pair)),
            Rule::literal => self.literal_expr(pair, span),
            Rule::paren => Expr { span, kind: ExprKind::Paren(Box::new(self.expr(first(pair)))) },
            Rule::list => Expr { span, kind: ExprKind::List(pair.into_inner().map(|p| self.expr(p)).collect()) },
            Rule::choose => self.choose(pair, span),
            Rule::match_expr => self.match_expr(pair, span),
            Rule::elapsed => self.elapsed(pair, span),
            Rule::part_of => self.part_of(pair, span),
            Rule::call => self.call(pair, span),
            _ => Expr { span, kind: ExprKind::Path(self.path(pair)) },
        }
    }

    /// `a or b or c`, or `a and b and c`. An `and` beside an `or` without parentheses is an error with both readings.
    fn connective(&mut self, pair: Pair<Rule>, span: Span, or: bool) -> Expr {
        let mut operands: Vec<Expr> = words_out(pair).into_iter().map(|p| self.expr(p)).collect();
        if operands.len() == 1 {
            return operands.remove(0);
        }
        if or {
            if let Some(n) = operands.iter().position(|o| matches!(o.kind, ExprKind::And(_))) {
                self.mixed_and_or(span, &operands, n);
            }
            return Expr { span, kind: ExprKind::Or(operands) };
        }
        Expr { span, kind: ExprKind::And(operands) }
    }

    fn mixed_and_or(&mut self, span: Span, operands: &[Expr], n: usize) {
        let text = |span: Span| self.source.get(span.range()).unwrap_or("").to_string();
        let Some(and) = operands.get(n) else { return };
        let first_reading: Vec<String> = operands
            .iter()
            .map(|o| match o.kind {
                ExprKind::And(_) => format!("({})", text(o.span)),
                _ => text(o.span),
            })
            .collect();
        let parts = match &and.kind {
            ExprKind::And(parts) => parts.as_slice(),
            _ => &[],
        };
        let before: Vec<String> = operands.iter().take(n).map(|o| text(o.span)).collect();
        let after: Vec<String> = operands.iter().skip(n + 1).map(|o| text(o.span)).collect();
        let mut inner: Vec<String> = parts.iter().map(|p| text(p.span)).collect();
        if let (Some(head), false) = (inner.first_mut(), before.is_empty()) {
            *head = format!("({} or {head})", before.join(" or "));
        }
        if let (Some(tail), false) = (inner.last_mut(), after.is_empty()) {
            *tail = format!("({tail} or {})", after.join(" or "));
        }
        let other = inner.join(" and ");
        let first_reading = first_reading.join(" or ");
        self.diagnostics.push(
            Diagnostic::error(
                codes::MIXED_AND_OR,
                span,
                "`and` beside `or` can be read in two ways",
                "put parentheses around what belongs together",
            )
            .suggest(format!("`{first_reading}`"), span, first_reading.clone())
            .suggest(format!("`{other}`"), span, other.clone()),
        );
    }

    fn not_expr(&mut self, pair: Pair<Rule>) -> Expr {
        let span = self.span(&pair);
        let mut nots = Vec::new();
        let mut inner = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::not_word => nots.push(self.span(&part)),
                _ => inner = Some(self.expr(part)),
            }
        }
        let mut expr = inner.unwrap_or(Expr { span, kind: ExprKind::Literal(Literal::Missing) });
        if nots.len() > 2 {
            self.diagnostics.push(
                Diagnostic::error(codes::TOO_DEEP, span, "`not` stands more than twice in a row", "here")
                    .help("two of them cancel each other; remove them in pairs"),
            );
            return expr;
        }
        for not in nots.into_iter().rev() {
            expr = Expr { span: not.to(expr.span), kind: ExprKind::Not(not, Box::new(expr)) };
        }
        expr
    }

    fn test_expr(&mut self, pair: Pair<Rule>, span: Span) -> Expr {
        let mut parts = pair.into_inner();
        let value = self.expr(child(&mut parts));
        match parts.next() {
            None => value,
            Some(tail) => Expr { span, kind: self.tail(Box::new(value), first(tail)) },
        }
    }

    fn tail(&mut self, value: Box<Expr>, tail: Pair<Rule>) -> ExprKind {
        let span = self.span(&tail);
        let rule = tail.as_rule();
        let ignoring_case = tail.clone().into_inner().any(|p| p.as_rule() == Rule::ignoring_case);
        let mut parts = words_out(tail);
        match rule {
            Rule::is_tail => {
                let negated = parts.first().is_some_and(|p| p.as_rule() == Rule::is_not);
                let state = parts.remove(usize::from(negated));
                let state_span = self.span(&state);
                let state = self.is_state(state);
                ExprKind::Is { value, negated, state, state_span }
            }
            Rule::in_tail => {
                let op = parts.remove(0);
                let negated = op.as_str().starts_with("not").then(|| self.span(&op));
                let set = self.in_set(parts.remove(0));
                ExprKind::In { value, negated, set, ignoring_case }
            }
            Rule::between_tail => {
                let low = Box::new(self.expr(parts.remove(0)));
                ExprKind::Between { value, low, high: Box::new(self.expr(parts.remove(0))) }
            }
            Rule::matches_tail => {
                let regex = parts.remove(0);
                let raw = regex.as_str();
                let pattern = raw.get(1..raw.len() - 1).unwrap_or("").replace("\\/", "/");
                let span = self.span(&regex);
                ExprKind::Matches { value, pattern: Text { value: pattern, span }, ignoring_case }
            }
            Rule::window_tail => {
                let kind = self.window_kind(parts.remove(0));
                let set = InSet::Window(Window { span, kind, with_in: false });
                ExprKind::In { value, negated: None, set, ignoring_case }
            }
            _ => {
                let op = parts.remove(0);
                let op_span = self.span(&op);
                let op = compare_op(op);
                let right = Box::new(self.expr(parts.remove(0)));
                self.compared_with_null(op, op_span, &right);
                ExprKind::Compare { op, op_span, left: value, right, ignoring_case }
            }
        }
    }

    fn is_state(&mut self, pair: Pair<Rule>) -> IsState {
        match (pair.as_rule(), pair.as_str()) {
            (Rule::is_state, "known") => IsState::Known,
            (Rule::is_state, "missing") => IsState::Missing,
            (Rule::is_state, "unknown") => IsState::Unknown,
            (Rule::is_state, "true") => IsState::True,
            (Rule::is_state, _) => IsState::False,
            _ => {
                let value = self.expr(pair);
                self.is_null(&value);
                IsState::Value(Box::new(value))
            }
        }
    }

    fn in_set(&mut self, pair: Pair<Rule>) -> InSet {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::list => InSet::List(pair.into_inner().map(|p| self.expr(p)).collect(), span),
            Rule::window => InSet::Window(Window { span, kind: self.window_kind(first(pair)), with_in: true }),
            _ => {
                let path = self.path(pair);
                self.in_member(&path);
                InSet::Path(path)
            }
        }
    }

    pub(super) fn window_kind(&mut self, pair: Pair<Rule>) -> WindowKind {
        let rule = pair.as_rule();
        let mut parts = words_out(pair);
        match rule {
            Rule::rolling_window => {
                let next = parts.remove(0).as_str().starts_with("next");
                let length = self.quantity(parts.remove(0));
                if next {
                    return WindowKind::Next { length };
                }
                let before = parts.into_iter().next().map(|p| Box::new(self.expr(p)));
                WindowKind::Last { length, before }
            }
            Rule::calendar_window => {
                let next = parts.remove(0).as_str().starts_with("next");
                let unit = parts.pop().map_or(Unit::Day, |p| unit(p.as_str()));
                let count = parts.first().map_or(1, |p| self.int(p));
                WindowKind::Calendar { next, count, unit }
            }
            Rule::this_window => WindowKind::This(parts.first().map_or(Unit::Day, |p| unit(p.as_str()))),
            Rule::today_window => WindowKind::Today,
            Rule::since_window => WindowKind::Since(Box::new(self.expr(parts.remove(0)))),
            _ => {
                let low = Box::new(self.expr(parts.remove(0)));
                WindowKind::Between(low, Box::new(self.expr(parts.remove(0))))
            }
        }
    }

    fn value(&mut self, pair: Pair<Rule>) -> Expr {
        if pair.clone().into_inner().len() > 2 * CHAIN_MAX {
            return self.long_chain(pair.into_inner());
        }
        let mut parts = words_out(pair).into_iter();
        let mut expr = match parts.next() {
            Some(first) => self.expr(first),
            None => return self.nothing(),
        };
        for fallback in parts {
            let fallback = self.expr(fallback);
            let span = expr.span.to(fallback.span);
            expr = Expr { span, kind: ExprKind::Else(Box::new(expr), Box::new(fallback)) };
        }
        expr
    }

    fn arithmetic(&mut self, pair: Pair<Rule>) -> Expr {
        let mut parts = pair.into_inner();
        if parts.len() > 2 * CHAIN_MAX {
            return self.long_chain(parts);
        }
        let mut left = self.expr(child(&mut parts));
        while let (Some(op), Some(right)) = (parts.next(), parts.next()) {
            let op_span = self.span(&op);
            let right = self.expr(right);
            let span = left.span.to(right.span);
            let op = match op.as_str() {
                "+" => ArithmeticOp::Add,
                "-" => ArithmeticOp::Subtract,
                "*" => ArithmeticOp::Multiply,
                _ => ArithmeticOp::Divide,
            };
            left =
                Expr { span, kind: ExprKind::Arithmetic { op, op_span, left: Box::new(left), right: Box::new(right) } };
        }
        left
    }

    /// A chain nests one level a link in the tree, so that it is bounded like brackets are.
    fn long_chain(&mut self, mut parts: pest::iterators::Pairs<Rule>) -> Expr {
        let (first, last) = (child(&mut parts), parts.next_back());
        let end = last.map_or_else(|| self.span(&first), |last| self.span(&last));
        self.diagnostics.push(
            Diagnostic::error(
                codes::TOO_DEEP,
                self.span(&first).to(end),
                format!("more than {CHAIN_MAX} operators stand in a row"),
                "this chain is too long",
            )
            .help("give parts of it names of their own with `attribute`, or keep the values in a reference table"),
        );
        self.nothing()
    }

    fn share(&mut self, pair: Pair<Rule>, span: Span) -> Expr {
        let mut parts = words_out(pair).into_iter();
        let left = match parts.next() {
            Some(left) => self.expr(left),
            None => return self.nothing(),
        };
        match parts.next() {
            None => left,
            Some(right) => {
                let right = self.expr(right);
                Expr { span, kind: ExprKind::Of(Box::new(left), Box::new(right)) }
            }
        }
    }

    fn negated(&mut self, pair: Pair<Rule>, span: Span) -> Expr {
        let mut parts: Vec<Pair<Rule>> = pair.into_inner().collect();
        let minus = parts.len() == 2;
        let inner = self.expr(parts.remove(usize::from(minus)));
        if minus { Expr { span, kind: ExprKind::Negate(Box::new(inner)) } } else { inner }
    }

    fn postfix(&mut self, pair: Pair<Rule>, span: Span) -> Expr {
        let mut parts = pair.into_inner();
        if parts.len() > CHAIN_MAX {
            return self.long_chain(parts);
        }
        let mut expr = self.expr(child(&mut parts));
        for part in parts {
            expr = match part.as_rule() {
                Rule::ago => Expr { span, kind: ExprKind::Ago(Box::new(expr)) },
                Rule::anniversary => Expr { span, kind: ExprKind::Anniversary(Box::new(expr)) },
                _ => {
                    let name = self.ident(part);
                    Expr { span: expr.span.to(name.span), kind: ExprKind::Field(Box::new(expr), name) }
                }
            };
        }
        expr
    }

    fn literal_expr(&mut self, pair: Pair<Rule>, span: Span) -> Expr {
        let inner = first(pair);
        if inner.as_rule() == Rule::text {
            self.plain_text(&inner);
        }
        Expr { span, kind: ExprKind::Literal(self.literal_of(&inner)) }
    }

    fn choose(&mut self, pair: Pair<Rule>, span: Span) -> Expr {
        let mut arms = Vec::new();
        let mut otherwise = None;
        for part in words_out(pair) {
            let rule = part.as_rule();
            let mut inner = words_out(part);
            match rule {
                Rule::choose_arm => {
                    let when = self.expr(inner.remove(0));
                    arms.push(ChooseArm { when, value: self.expr(inner.remove(0)) });
                }
                _ => otherwise = Some(Box::new(self.expr(inner.remove(0)))),
            }
        }
        Expr { span, kind: ExprKind::Choose { arms, otherwise } }
    }

    fn match_expr(&mut self, pair: Pair<Rule>, span: Span) -> Expr {
        let mut parts = words_out(pair).into_iter();
        let subject = match parts.next() {
            Some(subject) => self.expr(subject),
            None => return self.nothing(),
        };
        let arms = parts.map(|p| self.match_arm(p)).collect();
        Expr { span, kind: ExprKind::Match { subject: Box::new(subject), arms } }
    }

    fn match_arm(&mut self, pair: Pair<Rule>) -> MatchArm {
        let span = self.span(&pair);
        let mut patterns = Vec::new();
        let mut value = None;
        for part in words_out(pair) {
            match part.as_rule() {
                Rule::pattern => patterns.push(self.pattern(part)),
                _ => value = Some(self.expr(part)),
            }
        }
        MatchArm { patterns, value: value.unwrap_or_else(|| self.nothing()), span }
    }

    fn pattern(&mut self, pair: Pair<Rule>) -> Pattern {
        let span = self.span(&pair);
        let inner = first(pair);
        match inner.as_rule() {
            Rule::k_missing => Pattern::Missing(span),
            Rule::k_otherwise => Pattern::Otherwise(span),
            Rule::any_word => Pattern::Any(span),
            _ => Pattern::Value(self.expr(inner)),
        }
    }

    fn elapsed(&mut self, pair: Pair<Rule>, span: Span) -> Expr {
        let mut parts = pair.into_inner();
        let unit = unit(child(&mut parts).as_str());
        let direction = match child(&mut parts).as_str().trim() {
            "since" => Direction::Since,
            _ => Direction::Until,
        };
        let of = Box::new(self.expr(child(&mut parts)));
        Expr { span, kind: ExprKind::Elapsed { unit, direction, of } }
    }

    fn part_of(&mut self, pair: Pair<Rule>, span: Span) -> Expr {
        let mut parts = words_out(pair);
        let part = match parts.remove(0).as_str() {
            "weekday" => Part::Weekday,
            "month" => Part::Month,
            "hour" => Part::Hour,
            "day" => Part::Day,
            "quarter" => Part::Quarter,
            _ => Part::Year,
        };
        let of = Box::new(self.expr(parts.remove(0)));
        Expr { span, kind: ExprKind::Part(part, of) }
    }

    fn nothing(&self) -> Expr {
        let span = Span::new(self.file, self.offset, self.offset);
        Expr { span, kind: ExprKind::Literal(Literal::Missing) }
    }
}
