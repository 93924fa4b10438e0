//! Windows of time to bounds. Half-open, ending at the as-of instant: (T - 30 days, T].

use seg_grammar::ast::{self, Expr, ExprKind, Quantity, WindowKind};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::Type;
use seg_ir::time::Unit;
use seg_ir::value::{Const, Period};

use super::literal::{period_of, span_of, unit};
use super::{Checker, Env};
use crate::hir::{ExprId, Kind, Ty, Window};

type Bound = Option<(ExprId, bool)>;

impl Checker<'_> {
    /// `renewal_date in next 30 days`, `birthday anniversary in next 7 days`, `placed_at this month`
    pub(super) fn in_window(
        &mut self,
        span: Span,
        value: &Expr,
        negated: Option<Span>,
        window: &ast::Window,
        env: &Env,
    ) -> ExprId {
        if let Some(date) = anniversary_of(value) {
            let id = self.anniversary(value.span, date, env);
            let Kind::NextAnniversary(date) = self.expr(id).kind else { return self.poison(span) };
            return match self.window(window, &Type::Date, env, false) {
                Some(window) => self.bool(span, Kind::AnniversaryIn { date, window, negated }),
                None => self.poison(span),
            };
        }
        let id = self.value(value, env, None);
        let ty = match self.ty(id).clone() {
            Ty::Of(ty @ (Type::Date | Type::Timestamp)) => ty,
            Ty::Error => return self.poison(span),
            ty => {
                let shown = self.words(&ty);
                return self.fail(
                    Diagnostic::error(
                        codes::DATE_EXPECTED,
                        value.span,
                        "only a date or a timestamp lies in a window of time",
                        format!("this is {shown}"),
                    )
                    .help("write a field of type `Date` or `Timestamp`; to count events, write `count(orders in last 30 days)`"),
                );
            }
        };
        match self.window(window, &ty, env, false) {
            Some(window) => self.bool(span, Kind::InWindow { value: id, window, negated }),
            None => self.poison(span),
        }
    }

    /// The bounds of a window over dates or instants. `over_events`: the future is empty there.
    pub(super) fn window(&mut self, window: &ast::Window, ty: &Type, env: &Env, over_events: bool) -> Option<Window> {
        let span = window.span;
        if !self.window_words(window) {
            return None;
        }
        let (low, high) = match &window.kind {
            WindowKind::Last { length, before } => self.last(span, *length, before.as_deref(), ty, env)?,
            WindowKind::Next { length } => {
                self.not_over_events(span, over_events)?;
                self.next(span, *length, ty)?
            }
            WindowKind::Calendar { next, count, unit: word } => {
                if *next {
                    self.not_over_events(span, over_events)?;
                }
                self.calendar(span, *next, *count, *word, ty)?
            }
            WindowKind::This(word) => self.this(span, *word, ty)?,
            WindowKind::Today => self.this(span, ast::Unit::Day, ty)?,
            WindowKind::Since(from) => self.since(from, ty, env)?,
            WindowKind::Between(from, until) => self.both_ends(from, until, ty, env)?,
        };
        Some(Window { span, low, high, words: window.kind.clone() })
    }

    /// `in` stands before `last` and `next`, and before nothing else.
    fn window_words(&mut self, window: &ast::Window) -> bool {
        let wants_in =
            matches!(window.kind, WindowKind::Last { .. } | WindowKind::Next { .. } | WindowKind::Calendar { .. });
        if window.with_in == wants_in {
            return true;
        }
        let text = self.text(window.span).to_string();
        let start = window.span.start as usize;
        let lead = self.text(Span::new(window.span.file, start.saturating_sub(16), start)).to_string();
        let in_at = lead.rfind("in").map_or(0, |n| lead.len() - n);
        let span = Span::new(window.span.file, start - in_at, window.span.end as usize);
        self.error(
            Diagnostic::error(
                codes::WINDOW_WORDS,
                window.span,
                format!("`{text}` stands without `in`"),
                "`in` only goes with `last` and `next`",
            )
            .fix(format!("write `{text}`"), span, text.clone()),
        );
        false
    }

    fn not_over_events(&mut self, span: Span, over_events: bool) -> Option<()> {
        if over_events {
            self.error(
                Diagnostic::error(codes::NEXT_EVENTS, span, "events lie in the past, never in the future", "nothing has happened there yet")
                    .help("look back, such as `in last 30 days`; a date that lies ahead is a field, such as `renewal_date in next 30 days`"),
            );
            return None;
        }
        Some(())
    }

    fn now(&mut self, span: Span, ty: &Type) -> ExprId {
        let now = self.add(span, Type::Timestamp, Kind::AsOf);
        match ty {
            Type::Date => self.add(span, Type::Date, Kind::CivilDate(now)),
            _ => now,
        }
    }

    fn shifted(&mut self, span: Span, value: ExprId, ty: &Type, by: (Type, Const), back: bool) -> ExprId {
        let by = self.made(span, by.0, by.1);
        self.add(span, ty.clone(), Kind::Shift { value, by, back })
    }

    /// A window's length as something that a date or an instant can be moved by.
    fn length(&mut self, span: Span, length: Quantity, ty: &Type) -> Option<(Type, Const)> {
        if length.count < 1 {
            self.error(
                Diagnostic::error(
                    codes::WINDOW_LENGTH,
                    span,
                    "a window of no length holds nothing",
                    "it must be at least 1",
                )
                .help("write `in last 1 day`, or `today`"),
            );
            return None;
        }
        if length.unit.is_exact() && *ty == Type::Date {
            self.error(
                Diagnostic::error(
                    codes::HOUR_OF_DATE,
                    span,
                    format!("a date has no {}s", length.unit.name()),
                    "dates are whole days",
                )
                .help("write the window in days or longer, or use a field of type `Timestamp`"),
            );
            return None;
        }
        let found = match length.unit.is_exact() {
            true => span_of(length).map(|c| (Type::Span, c)),
            false => period_of(length).map(|c| (Type::Period, c)),
        };
        if found.is_none() {
            self.error(
                Diagnostic::error(codes::WINDOW_LENGTH, span, "this window is too long", "beyond all dates")
                    .help("dates run from the year 1 to 9999"),
            );
        }
        found
    }

    fn last(
        &mut self,
        span: Span,
        length: Quantity,
        before: Option<&Expr>,
        ty: &Type,
        env: &Env,
    ) -> Option<(Bound, Bound)> {
        let by = self.length(span, length, ty)?;
        let high = match before {
            None => self.now(span, ty),
            Some(before) => self.moment_of(before, ty, env)?,
        };
        let low = match self.two_lengths_back(high, &by) {
            Some((from, both)) => self.shifted(span, from, ty, both, true),
            None => self.shifted(span, high, ty, by, true),
        };
        Some((Some((low, false)), Some((high, true))))
    }

    /// `last 1 month before 2 months ago` begins three months ago, not one month before the clamped or shifted end: so
    /// adjacent windows tile at month ends and clock changes too. Only where both lengths are months, or both days.
    fn two_lengths_back(&self, high: ExprId, by: &(Type, Const)) -> Option<(ExprId, (Type, Const))> {
        let Kind::Shift { value, by: end, back: true } = self.expr(high).kind else { return None };
        let (Const::Period(a), Some(Const::Period(b))) = (&by.1, self.constant(end)) else { return None };
        let alike = (a.days == 0 && b.days == 0) || (a.months == 0 && b.months == 0);
        let both = Period { months: a.months.checked_add(b.months)?, days: a.days.checked_add(b.days)? };
        alike.then_some((value, (Type::Period, Const::Period(both))))
    }

    /// For dates today counts on both ends, so that `in next 14 days` agrees with `14 days before`.
    fn next(&mut self, span: Span, length: Quantity, ty: &Type) -> Option<(Bound, Bound)> {
        let by = self.length(span, length, ty)?;
        let now = self.now(span, ty);
        let high = self.shifted(span, now, ty, by, false);
        Some((Some((now, *ty == Type::Date)), Some((high, true))))
    }

    fn calendar(&mut self, span: Span, next: bool, count: i64, word: ast::Unit, ty: &Type) -> Option<(Bound, Bound)> {
        if word.is_exact() {
            self.error(
                Diagnostic::error(
                    codes::CALENDAR_UNIT,
                    span,
                    format!("there is no calendar {}", word.name()),
                    "the calendar has days, weeks, months, quarters and years",
                )
                .help("leave out `calendar`: `in last 3 hours`"),
            );
            return None;
        }
        let length = Quantity { count, unit: word };
        let (_, by) = self.length(span, length, &Type::Date)?;
        let by = (Type::Period, by);
        let one = (Type::Period, Const::Period(period(unit(word), 1)));
        let today = self.now(span, &Type::Date);
        let start = self.start_of(span, unit(word), today);
        let (low, high) = if next {
            let from = self.shifted(span, start, &Type::Date, one, false);
            (from, self.shifted(span, from, &Type::Date, by, false))
        } else {
            (self.shifted(span, start, &Type::Date, by, true), start)
        };
        let low = self.first_instant(low, ty);
        let high = self.first_instant(high, ty);
        Some((Some((low, true)), Some((high, false))))
    }

    /// The current unit: up to now for instants, the whole of it for dates.
    fn this(&mut self, span: Span, word: ast::Unit, ty: &Type) -> Option<(Bound, Bound)> {
        if word.is_exact() {
            self.error(
                Diagnostic::error(
                    codes::CALENDAR_UNIT,
                    span,
                    format!("there is no `this {}`", word.name()),
                    "the calendar has days and longer",
                )
                .help("write `this day`, `this week`, `this month`, `this quarter` or `this year`"),
            );
            return None;
        }
        let today = self.now(span, &Type::Date);
        let start = self.start_of(span, unit(word), today);
        if *ty == Type::Timestamp {
            let low = self.first_instant(start, ty);
            let high = self.now(span, ty);
            return Some((Some((low, true)), Some((high, true))));
        }
        let one = (Type::Period, Const::Period(period(unit(word), 1)));
        let end = self.shifted(span, start, &Type::Date, one, false);
        Some((Some((start, true)), Some((end, false))))
    }

    fn since(&mut self, from: &Expr, ty: &Type, env: &Env) -> Option<(Bound, Bound)> {
        let low = self.moment_of(from, ty, env)?;
        let high = self.now(from.span, ty);
        Some((Some((low, true)), Some((high, true))))
    }

    /// Both ends included; a date at the end of a window over instants includes the whole day.
    fn both_ends(&mut self, from: &Expr, until: &Expr, ty: &Type, env: &Env) -> Option<(Bound, Bound)> {
        let low = self.moment_of(from, ty, env)?;
        let high = self.value(until, env, Some(ty));
        match (self.ty(high).clone(), ty) {
            (Ty::Of(Type::Date), Type::Timestamp) => {
                let one = (Type::Period, Const::Period(Period { months: 0, days: 1 }));
                let next = self.shifted(until.span, high, &Type::Date, one, false);
                let next = self.first_instant(next, ty);
                Some((Some((low, true)), Some((next, false))))
            }
            _ => {
                let high = self.moment(high, until.span, ty)?;
                Some((Some((low, true)), Some((high, true))))
            }
        }
    }

    /// A moment as the window's type; a date where instants are compared is its first instant.
    fn moment_of(&mut self, expr: &Expr, ty: &Type, env: &Env) -> Option<ExprId> {
        let id = self.value(expr, env, Some(ty));
        self.moment(id, expr.span, ty)
    }

    fn moment(&mut self, id: ExprId, span: Span, ty: &Type) -> Option<ExprId> {
        match (self.ty(id).clone(), ty) {
            (Ty::Of(given), _) if given == *ty => Some(id),
            (Ty::Of(Type::Date), Type::Timestamp) => Some(self.first_instant(id, ty)),
            (Ty::Of(Type::Timestamp), Type::Date) => Some(self.as_date(id)),
            (Ty::Error, _) => None,
            (Ty::Of(Type::Period | Type::Span), _) => {
                let text = self.text(span).to_string();
                self.error(
                    Diagnostic::error(
                        codes::DATE_EXPECTED,
                        span,
                        "a window begins and ends at a date",
                        "this is a length of time",
                    )
                    .suggest(format!("write `{text} ago`"), span, format!("{text} ago")),
                );
                None
            }
            (given, _) => {
                let shown = self.words(&given);
                let diagnostic = Diagnostic::error(
                    codes::DATE_EXPECTED,
                    span,
                    "a window begins and ends at a date",
                    format!("this is {shown}"),
                );
                self.error(match self.as_wanted(span, &Type::Date) {
                    Some(date) => diagnostic.suggest(format!("write `{date}`"), span, date),
                    None => diagnostic.help("write a date such as `2026-03-01`, or `90 days ago`"),
                });
                None
            }
        }
    }

    fn first_instant(&mut self, date: ExprId, ty: &Type) -> ExprId {
        if *ty != Type::Timestamp {
            return date;
        }
        let span = self.expr(date).span;
        self.add(span, Type::Timestamp, Kind::StartOfDay(date))
    }
}

fn period(unit: Unit, count: i64) -> Period {
    unit.period(count).unwrap_or(Period { months: 0, days: 0 })
}

pub(super) fn anniversary_of(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Anniversary(date) => Some(date),
        ExprKind::Paren(inner) => anniversary_of(inner),
        _ => None,
    }
}
