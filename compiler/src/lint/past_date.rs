//! `past-date`: a test of the calendar whose answer will not change any more, because its date has passed.
//! Looks only at tests of time itself (`today before ...`), of anniversaries, and at countdowns. A date that a field or an
//! event is compared with is history, and fine.

use seg_grammar::{Code, Diagnostic, Edit, Fix, Span};
use seg_ir::node::Scope;
use seg_ir::time::ymd;
use seg_ir::value::Period;
use seg_ir::{Const, time};

use super::{Lint, Playbook};
use crate::config::Level;
use crate::hir::{ExprId, Kind, Window};

pub const LINT: Lint =
    Lint { name: "past-date", level: Level::Warn, page: include_str!("../../../docs/lints/past-date.md"), check };

fn check(playbook: &Playbook, out: &mut Vec<Diagnostic>) {
    let Some(as_of) = playbook.config.as_of else { return };
    let Some(today) = playbook.schemas.zone.date(as_of) else { return };
    let lint = Look { playbook, as_of, today };
    for (_, expr) in playbook.expressions() {
        let found = match &expr.kind {
            Kind::Compare { left, right, .. } => {
                lint.comparison(*left, *right).or_else(|| lint.comparison(*right, *left))
            }
            Kind::Between { value, low, high } if lint.moves(*value) => lint.past(*high, Some(*low)),
            Kind::InWindow { value, window, .. } if lint.moves(*value) => lint.past_window(window),
            Kind::AnniversaryIn { window, .. } => lint.past_window(window),
            Kind::Elapsed { direction: seg_grammar::ast::Direction::Until, of, .. } => lint.past(*of, None),
            _ => None,
        };
        if let Some(past) = found {
            out.push(lint.told(expr.span, &past));
        }
    }
}

/// A date that has passed, where it is written, and where the stretch of time began that it ends.
struct Past {
    date: i32,
    at: Span,
    begin: Option<(i32, Span)>,
}

struct Look<'a> {
    playbook: &'a Playbook<'a>,
    as_of: i64,
    today: i32,
}

impl Look<'_> {
    /// A moment that moves with time, against a date that time has left behind.
    fn comparison(&self, moving: ExprId, fixed: ExprId) -> Option<Past> {
        if !self.moves(moving) {
            return None;
        }
        let (date, at) = self.fixed_date(fixed)?;
        let here = match &self.playbook.hir.expr(moving).kind {
            Kind::NextAnniversary(_) => self.today,
            _ => self.date(&self.playbook.value_at(moving, self.as_of)?)?,
        };
        (date < here).then_some(Past { date, at, begin: None })
    }

    /// Whether an expression is the present, or a fixed time from it, or the next anniversary of something.
    fn moves(&self, id: ExprId) -> bool {
        match &self.playbook.hir.expr(id).kind {
            Kind::AsOf => true,
            Kind::NextAnniversary(of) => self.playbook.scope(*of) > Scope::Run,
            Kind::CivilDate(of) | Kind::StartOfDay(of) | Kind::StartOf(_, of) => self.moves(*of),
            Kind::Shift { value, by, .. } => self.moves(*value) && self.playbook.scope(*by) == Scope::Constant,
            _ => false,
        }
    }

    fn past_window(&self, window: &Window) -> Option<Past> {
        let (high, inclusive) = window.high?;
        let (date, at) = self.fixed_date(high)?;
        let last = if inclusive { date } else { date - 1 };
        let begin = window.low.and_then(|(low, _)| self.fixed_date(low));
        (last < self.today).then_some(Past { date: last, at, begin })
    }

    fn past(&self, id: ExprId, begin: Option<ExprId>) -> Option<Past> {
        let (date, at) = self.fixed_date(id)?;
        let begin = begin.and_then(|begin| self.fixed_date(begin));
        (date < self.today).then_some(Past { date, at, begin })
    }

    fn fixed_date(&self, id: ExprId) -> Option<(i32, Span)> {
        if self.playbook.scope(id) != Scope::Constant {
            return None;
        }
        let date = self.date(&self.playbook.value_at(id, self.as_of)?)?;
        Some((date, self.playbook.hir.expr(id).span))
    }

    fn date(&self, value: &Const) -> Option<i32> {
        match value {
            Const::Date(date) => Some(*date),
            Const::Timestamp(instant) => self.playbook.schemas.zone.date(*instant),
            _ => None,
        }
    }

    fn told(&self, span: Span, past: &Past) -> Diagnostic {
        let (shown, today) = (time::show_date(past.date), time::show_date(self.today));
        let mut diagnostic = Diagnostic::warning(
            Code(LINT.name),
            span,
            format!("{shown} has passed, so the answer will not change any more"),
            "settled for good",
        );
        if past.at != span {
            diagnostic = diagnostic.label(past.at, format!("before {today}"));
        }
        match self.moved_on(past) {
            Some(fix) => {
                diagnostic.fixes.push(fix);
                diagnostic.help("or remove the test: what it waited for is over")
            }
            None => diagnostic.help("remove the test, or move its dates on"),
        }
    }

    /// The same days of a later year, so that the last is not before today. Only dates that are written as such can be
    /// moved.
    fn moved_on(&self, past: &Past) -> Option<Fix> {
        let years = i32::from(ymd(self.today)?.0) - i32::from(ymd(past.date)?.0);
        let moved = |date: i32, years: i32| time::add(date, Period { months: years * 12, days: 0 });
        let years = [years, years + 1].into_iter().find(|y| moved(past.date, *y).is_some_and(|d| d >= self.today))?;
        let dates = past.begin.into_iter().chain([(past.date, past.at)]);
        let mut edits = Vec::new();
        for (date, span) in dates {
            time::parse_date(&self.playbook.text(span))?;
            edits.push(Edit { span, replacement: time::show_date(moved(date, years)?) });
        }
        let to: Vec<&str> = edits.iter().map(|e| e.replacement.as_str()).collect();
        Some(Fix { title: format!("move on to {}", to.join(" and ")), edits, safe: false })
    }
}
