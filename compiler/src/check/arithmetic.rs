//! Arithmetic, percentages, moments and parts of dates.

use seg_grammar::ast::{self, ArithmeticOp, Expr};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::node::Arithmetic;
use seg_ir::time::{Part, Unit};
use seg_ir::verify::{arithmetic_type, part_type, percent_of_type};
use seg_ir::{Const, Type};

use super::literal::unit;
use super::{Checker, Env, mismatch};
use crate::hir::{ExprId, Kind, Ty};

impl Checker<'_> {
    pub(super) fn arithmetic(
        &mut self,
        span: Span,
        op: ArithmeticOp,
        left: &Expr,
        right: &Expr,
        env: &Env,
        want: Option<&Type>,
    ) -> ExprId {
        let want = want.filter(|_| matches!(op, ArithmeticOp::Add | ArithmeticOp::Subtract));
        let a = self.value(left, env, want);
        let b = self.value(right, env, None);
        let (Ty::Of(a_ty), Ty::Of(b_ty)) = (self.ty(a).clone(), self.ty(b).clone()) else { return self.poison(span) };
        let arithmetic = match op {
            ArithmeticOp::Add => Arithmetic::Add,
            ArithmeticOp::Subtract => Arithmetic::Subtract,
            ArithmeticOp::Multiply => Arithmetic::Multiply,
            ArithmeticOp::Divide => Arithmetic::Divide,
        };
        if let Some(id) = self.moved(span, op, (a, &a_ty), (b, &b_ty)) {
            return id;
        }
        if let Some(ty) = arithmetic_type(arithmetic, &a_ty, &b_ty) {
            return self.add(span, ty, Kind::Arithmetic { op: arithmetic, left: a, right: b });
        }
        let diagnostic = self.no_arithmetic(span, op, (left.span, &a_ty), (right.span, &b_ty));
        self.fail(diagnostic)
    }

    /// A date or an instant plus or minus a length.
    fn moved(&mut self, span: Span, op: ArithmeticOp, a: (ExprId, &Type), b: (ExprId, &Type)) -> Option<ExprId> {
        let length = |ty: &Type| matches!(ty, Type::Period | Type::Span);
        let fits = |value: &Type, by: &Type| {
            matches!(
                (value, by),
                (Type::Date | Type::Timestamp | Type::Period, Type::Period) | (Type::Timestamp, Type::Span)
            )
        };
        let back = op == ArithmeticOp::Subtract;
        let (value, by) = match op {
            ArithmeticOp::Add if length(a.1) && !length(b.1) => (b, a),
            ArithmeticOp::Add | ArithmeticOp::Subtract => (a, b),
            ArithmeticOp::Multiply | ArithmeticOp::Divide => return None,
        };
        if !fits(value.1, by.1) {
            return None;
        }
        Some(self.add(span, value.1.clone(), Kind::Shift { value: value.0, by: by.0, back }))
    }

    fn no_arithmetic(&self, span: Span, op: ArithmeticOp, left: (Span, &Type), right: (Span, &Type)) -> Diagnostic {
        let shown = (self.schemas.words(left.1), self.schemas.words(right.1));
        let text = (self.text(left.0).to_string(), self.text(right.0).to_string());
        let explain = |code, message: &str| {
            mismatch(code, span, message.to_string(), (left.0, shown.0.clone()), (right.0, shown.1.clone()))
        };
        match (left.1, op, right.1) {
            (Type::Money(a), _, Type::Money(b)) if a != b => {
                explain(codes::CURRENCY_MISMATCH, &format!("amounts in {a} and in {b} are not reckoned together"))
                    .help("exchange rates are not known here; use amounts of one currency")
            }
            (Type::Money(_), ArithmeticOp::Multiply, Type::Money(_)) => {
                explain(codes::MONEY_TIMES_MONEY, "an amount of money is not multiplied by another one")
                    .help("multiply by a plain whole number, or take a percentage: `10% of ...`")
            }
            (Type::Money(_), ArithmeticOp::Multiply, Type::Percent) => {
                let fixed = format!("{} of {}", text.1, text.0);
                explain(codes::PERCENT_TIMES, "a percentage is taken `of` an amount").suggest(
                    format!("write `{fixed}`"),
                    span,
                    fixed.clone(),
                )
            }
            (Type::Percent, ArithmeticOp::Multiply, Type::Money(_) | Type::Percent | Type::Int | Type::Number)
                if op == ArithmeticOp::Multiply =>
            {
                let fixed = format!("{} of {}", text.0, text.1);
                explain(codes::PERCENT_TIMES, "a percentage is taken `of` something").suggest(
                    format!("write `{fixed}`"),
                    span,
                    fixed.clone(),
                )
            }
            (Type::Int | Type::Number, ArithmeticOp::Multiply, Type::Percent) => {
                let fixed = format!("{} of {}", text.1, text.0);
                explain(codes::PERCENT_TIMES, "a percentage is taken `of` something").suggest(
                    format!("write `{fixed}`"),
                    span,
                    fixed.clone(),
                )
            }
            (Type::Money(_), ArithmeticOp::Multiply | ArithmeticOp::Divide, Type::Number)
            | (Type::Number, ArithmeticOp::Multiply | ArithmeticOp::Divide, Type::Money(_)) => {
                let (amount, number) =
                    if matches!(left.1, Type::Money(_)) { (left.0, right.0) } else { (right.0, left.0) };
                let diagnostic =
                    explain(codes::MONEY_TIMES_NUMBER, "money is not multiplied or divided by a number with decimals");
                match self.percent_for(number).filter(|_| op == ArithmeticOp::Multiply) {
                    Some(percent) => {
                        let fixed = format!("{percent} of {}", self.text(amount));
                        diagnostic.suggest(format!("write `{fixed}`"), span, fixed)
                    }
                    None => diagnostic.help("take a percentage, such as `12.5% of ...`, which is rounded in a known way, or use a whole number"),
                }
            }
            (Type::Date | Type::Timestamp, ArithmeticOp::Add, Type::Date | Type::Timestamp) => {
                explain(codes::DATE_ARITHMETIC, "two dates are not added")
                    .help(format!("add a length of time: `{} + 30 days`", text.0))
            }
            (Type::Date, ArithmeticOp::Subtract, Type::Date) => {
                let fixed = match (text.0.as_str(), text.1.as_str()) {
                    ("today", since) => format!("days since {since}"),
                    (until, "today") => format!("days until {until}"),
                    (later, earlier) => format!("days_between({earlier}, {later})"),
                };
                explain(
                    codes::DATE_ARITHMETIC,
                    "one date is not subtracted from another: the result would have no unit",
                )
                .suggest(format!("write `{fixed}`"), span, fixed)
                .help("the same goes for months and years: `months since ...`, `years_between(..., ...)`")
            }
            (Type::Date | Type::Timestamp, _, Type::Int) => {
                let fixed = format!("{} days", text.1);
                explain(codes::DATE_ARITHMETIC, "a date is moved by a length of time, and this number has no unit")
                    .suggest(format!("write `{fixed}`"), right.0, fixed.clone())
            }
            (Type::Date, _, Type::Span) => explain(codes::DATE_ARITHMETIC, "a date has no hours to move by")
                .help("use days, weeks, months or years with a date"),
            (Type::Text, ArithmeticOp::Add, Type::Text) => {
                let fixed = format!("join({}, {})", text.0, text.1);
                explain(codes::ARITHMETIC_TYPES, "texts are not added").suggest(format!("write `{fixed}`"), span, fixed)
            }
            (Type::Money(_) | Type::Int | Type::Number, ArithmeticOp::Add | ArithmeticOp::Subtract, Type::Percent) => {
                let whole = if text.0.contains(' ') { format!("({})", text.0) } else { text.0.clone() };
                let fixed = format!("{} {} {} of {whole}", text.0, op.text(), text.1);
                let message = format!("a percentage of what is meant by `{} {}`?", op.text(), text.1);
                explain(codes::ARITHMETIC_TYPES, &message).suggest(format!("write `{fixed}`"), span, fixed)
            }
            (Type::Money(_) | Type::Percent, ArithmeticOp::Add | ArithmeticOp::Subtract, Type::Int | Type::Number) => {
                let message = format!("`{}` does not take {} and {}", op.text(), shown.0, shown.1);
                let diagnostic = explain(codes::ARITHMETIC_TYPES, &message);
                match self.as_wanted(right.0, left.1) {
                    Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), right.0, fixed),
                    None => diagnostic.help(format!("use {} on both sides", shown.0)),
                }
            }
            _ => {
                explain(codes::ARITHMETIC_TYPES, &format!("`{}` does not take {} and {}", op.text(), shown.0, shown.1))
                    .help("reckon with numbers, amounts of one currency, percentages, or a date and a length of time")
            }
        }
    }

    /// A number with decimals as the percentage that multiplies alike: `1.2` is `120%`.
    fn percent_for(&self, span: Span) -> Option<String> {
        let (whole, fraction) = self.text(span).split_once('.')?;
        let whole: u64 = whole.parse().ok()?;
        let digits = format!("{fraction:0<2}");
        let (hundredths, rest) = digits.split_at_checked(2)?;
        let count = whole.checked_mul(100)?.checked_add(hundredths.parse().ok()?)?;
        let rest = rest.trim_end_matches('0');
        (rest.len() <= 4).then(|| if rest.is_empty() { format!("{count}%") } else { format!("{count}.{rest}%") })
    }

    pub(super) fn negate(&mut self, expr: &Expr, inner: &Expr, env: &Env, want: Option<&Type>) -> ExprId {
        if let Some(want) = want
            && let Ok(value) = super::literal_as(self.schemas, expr, want)
        {
            return self.add(expr.span, want.clone(), Kind::Constant(value));
        }
        let id = self.value(inner, env, want);
        match self.ty(id).clone() {
            Ty::Of(ty @ (Type::Int | Type::Number | Type::Percent | Type::Money(_) | Type::Span | Type::Period)) => {
                match super::literal_as(self.schemas, expr, &ty) {
                    Ok(value) => self.add(expr.span, ty, Kind::Constant(value)),
                    Err(()) => self.add(expr.span, ty, Kind::Negate(id)),
                }
            }
            Ty::Error => id,
            ty => {
                let shown = self.words(&ty);
                self.fail(
                    Diagnostic::error(
                        codes::ARITHMETIC_TYPES,
                        expr.span,
                        format!("{shown} has no negative"),
                        "behind this `-`",
                    )
                    .help(
                        "`-` takes numbers, amounts, percentages and lengths of time; a condition is negated by `not`",
                    ),
                )
            }
        }
    }

    pub(super) fn percent_of(&mut self, span: Span, percent: &Expr, value: &Expr, env: &Env) -> ExprId {
        let a = self.value(percent, env, Some(&Type::Percent));
        let b = self.value(value, env, None);
        let (Ty::Of(a_ty), Ty::Of(b_ty)) = (self.ty(a).clone(), self.ty(b).clone()) else { return self.poison(span) };
        match (&a_ty, percent_of_type(&b_ty)) {
            (Type::Percent, Some(ty)) => self.add(span, ty, Kind::PercentOf(a, b)),
            _ => {
                let (x, y) = (self.schemas.words(&a_ty), self.schemas.words(&b_ty));
                let diagnostic = mismatch(
                    codes::OF_TYPES,
                    span,
                    "`of` takes a percentage of an amount, of a number or of another percentage".into(),
                    (percent.span, x),
                    (value.span, y),
                );
                self.fail(match self.as_wanted(percent.span, &Type::Percent).filter(|_| a_ty != Type::Percent) {
                    Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), percent.span, fixed),
                    None => diagnostic
                        .help("write a percentage in front, such as `10% of ...`, and what it is taken of behind"),
                })
            }
        }
    }

    /// `90 days ago`: a Date or an instant, as what stands beside it is.
    pub(super) fn ago(&mut self, span: Span, length: &Expr, env: &Env, want: Option<&Type>) -> ExprId {
        let by = self.value(length, env, None);
        let now = self.add(span, Type::Timestamp, Kind::AsOf);
        match (self.ty(by).clone(), want) {
            (Ty::Of(Type::Span), _) | (Ty::Of(Type::Period), Some(Type::Timestamp)) => {
                self.add(span, Type::Timestamp, Kind::Shift { value: now, by, back: true })
            }
            (Ty::Of(Type::Period), _) => {
                let today = self.add(span, Type::Date, Kind::CivilDate(now));
                self.add(span, Type::Date, Kind::Shift { value: today, by, back: true })
            }
            (Ty::Error, _) => self.poison(span),
            (ty, _) => {
                let shown = self.words(&ty);
                let diagnostic = Diagnostic::error(
                    codes::AGO_LENGTH,
                    length.span,
                    "`ago` stands behind a length of time",
                    format!("this is {shown}"),
                );
                let text = self.text(length.span).to_string();
                self.fail(match ty {
                    Ty::Of(Type::Int) => {
                        diagnostic.suggest(format!("write `{text} days ago`"), length.span, format!("{text} days"))
                    }
                    _ => diagnostic.help("write `90 days ago` or `3 months ago`"),
                })
            }
        }
    }

    pub(super) fn anniversary(&mut self, span: Span, date: &Expr, env: &Env) -> ExprId {
        let id = self.value(date, env, Some(&Type::Date));
        let id = self.as_date(id);
        match self.ty(id).clone() {
            Ty::Of(Type::Date) => self.add(span, Type::Date, Kind::NextAnniversary(id)),
            Ty::Error => id,
            ty => {
                let shown = self.words(&ty);
                self.fail(
                    Diagnostic::error(
                        codes::DATE_EXPECTED,
                        date.span,
                        "only a date has anniversaries",
                        format!("this is {shown}"),
                    )
                    .help("write `anniversary` behind a field of type `Date`, such as a birthday"),
                )
            }
        }
    }

    pub(super) fn part(&mut self, span: Span, part: ast::Part, of: &Expr, env: &Env) -> ExprId {
        let id = self.value(of, env, None);
        let ir_part = match part {
            ast::Part::Weekday => Part::Weekday,
            ast::Part::Month => Part::Month,
            ast::Part::Hour => Part::Hour,
            ast::Part::Day => Part::Day,
            ast::Part::Quarter => Part::Quarter,
            ast::Part::Year => Part::Year,
        };
        match self.ty(id).clone() {
            Ty::Of(Type::Date) if part == ast::Part::Hour => self.fail(
                Diagnostic::error(codes::HOUR_OF_DATE, of.span, "a date has no hour", "this is a date")
                    .help("take the hour of a field of type `Timestamp`"),
            ),
            Ty::Of(Type::Date | Type::Timestamp) => self.add(span, part_type(ir_part), Kind::Part(ir_part, id)),
            Ty::Error => id,
            ty => {
                let shown = self.words(&ty);
                self.fail(
                    Diagnostic::error(
                        codes::DATE_EXPECTED,
                        of.span,
                        "only dates and timestamps have such a part",
                        format!("this is {shown}"),
                    )
                    .help("write a field of type `Date` or `Timestamp` behind `of`"),
                )
            }
        }
    }

    /// `years since birthday`, `days until renewal_date`
    pub(super) fn elapsed(
        &mut self,
        span: Span,
        unit_word: ast::Unit,
        direction: ast::Direction,
        of: &Expr,
        env: &Env,
    ) -> ExprId {
        let id = self.value(of, env, None);
        match self.ty(id).clone() {
            Ty::Of(Type::Date) if unit_word.is_exact() => self.fail(
                Diagnostic::error(
                    codes::HOUR_OF_DATE,
                    span,
                    format!("a date has no {}s", unit_word.name()),
                    "this is counted in days or longer",
                )
                .label(of.span, "this is a date")
                .help("write `days`, `weeks`, `months` or `years`"),
            ),
            Ty::Of(Type::Date | Type::Timestamp) => {
                self.add(span, Type::Int, Kind::Elapsed { unit: unit(unit_word), direction, of: id })
            }
            Ty::Error => id,
            ty => {
                let shown = self.words(&ty);
                let word = if direction == ast::Direction::Since { "since" } else { "until" };
                self.fail(
                    Diagnostic::error(
                        codes::DATE_EXPECTED,
                        of.span,
                        format!("`{word}` takes a date"),
                        format!("this is {shown}"),
                    )
                    .help(format!("write a field of type `Date` or `Timestamp` behind `{word}`")),
                )
            }
        }
    }

    /// A constant of the tree that no text stands for.
    pub(super) fn made(&mut self, span: Span, ty: Type, value: Const) -> ExprId {
        self.add(span, ty, Kind::Constant(value))
    }

    pub(super) fn start_of(&mut self, span: Span, unit: Unit, date: ExprId) -> ExprId {
        self.add(span, Type::Date, Kind::StartOf(unit, date))
    }
}
