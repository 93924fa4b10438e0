//! Comparisons, ranges and windows over values.

use seg_grammar::ast::{Direction, WindowKind};
use seg_ir::node::{AggregateKind, Comparison, Scope};
use seg_ir::program::Piece;
use seg_ir::time::Part;
use seg_ir::{Const, Type};

use super::clause::Clause;
use super::condition::said;
use super::text::{Text, say, short_list};
use super::value::Thing;
use super::{Reader, View, literal, quantity};
use crate::hir::{ExprId, Kind, Window};

impl Reader<'_> {
    pub(super) fn comparison(&self, view: &View, op: Comparison, left: ExprId, right: ExprId, negated: bool) -> Clause {
        let op = if negated { opposite(op) } else { op };
        let (mut left, mut right, mut op) = (self.bare(left), self.bare(right), op);
        if self.is_fixed(left) && !self.is_fixed(right) {
            (left, right, op) = (right, left, mirrored(op));
        }
        self.counted(view, op, left, right)
            .or_else(|| self.elapsed_ago(view, op, left, right))
            .or_else(|| self.at_time(view, op, left, right))
            .unwrap_or_else(|| self.plain_comparison(view, op, left, right))
    }

    fn plain_comparison(&self, view: &View, op: Comparison, left: ExprId, right: ExprId) -> Clause {
        let negated = op == Comparison::NotEqual;
        if let Kind::Constant(value) = &self.expr(right).kind {
            if let (Const::Bool(value), Comparison::Equal | Comparison::NotEqual) = (value, op) {
                return self.condition(view, left, *value == negated);
            }
            if matches!(op, Comparison::Equal | Comparison::NotEqual) {
                let shown = literal::spoken(self.schema(), self.expr(right).ty.get().unwrap_or(&Type::Text), value);
                if let Some(clause) = self.calendar(view, left, &[shown], negated) {
                    return clause;
                }
            }
        }
        let thing = self.subject(view, left);
        let verb = self.compares(thing.be(), op, right, self.value(view, right));
        said(&thing, verb, negated)
    }

    /// `is at least £5`, `is on or after 1 March 2026`, `is Gold or higher`
    fn compares(&self, be: &str, op: Comparison, right: ExprId, value: Text) -> Text {
        let ty = self.expr(right).ty.get();
        let words = match ty {
            Some(Type::Date | Type::Timestamp | Type::TimeOfDay) => moment_words(op, matches!(ty, Some(Type::Date))),
            Some(Type::Enum(_)) => {
                return match op {
                    Comparison::Equal => say![be, " ", value],
                    Comparison::NotEqual => say![be, " not ", value],
                    Comparison::Less => say![be, " below ", value],
                    Comparison::LessEqual => say![be, " ", value, " or lower"],
                    Comparison::Greater => say![be, " above ", value],
                    Comparison::GreaterEqual => say![be, " ", value, " or higher"],
                };
            }
            _ => number_words(op),
        };
        say![be, words, " ", value]
    }

    /// A fold of rows against a number: `have at least 3 orders`.
    fn counted(&self, view: &View, op: Comparison, left: ExprId, right: ExprId) -> Option<Clause> {
        let Kind::Aggregate(aggregate) = &self.expr(left).kind else { return None };
        let Kind::Constant(limit) = &self.expr(right).kind else { return None };
        match (aggregate.kind, limit) {
            (AggregateKind::Count | AggregateKind::Distinct, Const::Int(count)) => {
                let how_many = how_many(op, *count)?;
                let rows = self.rows(view, aggregate);
                let of = match aggregate.kind {
                    AggregateKind::Distinct => {
                        say!["different ", self.folded_plural(view, aggregate), " among ", rows]
                    }
                    _ => rows,
                };
                Some(self.having(view, say!["have ", how_many, " ", of]))
            }
            (AggregateKind::Share, Const::Percent(_)) => {
                let share = say![number_words(op).trim_start(), " ", self.value(view, right)];
                let share = if op == Comparison::Equal { self.value(view, right) } else { share };
                let (rows, test) = self.rows_and_test(view, aggregate);
                let whose = if view.scope == Scope::Customer {
                    "their ".to_string()
                } else {
                    format!("the {}'s ", self.person())
                };
                Some(Clause::For(say![share, " of ", whose, rows, " ", test]))
            }
            _ => None,
        }
    }

    /// `days since latest(orders).placed_at >= 30`: what was at least 30 days ago.
    fn elapsed_ago(&self, view: &View, op: Comparison, left: ExprId, right: ExprId) -> Option<Clause> {
        let Kind::Elapsed { unit, direction: Direction::Since, of } = &self.expr(left).kind else { return None };
        let Kind::Constant(Const::Int(count)) = self.expr(right).kind else { return None };
        let of_events = self.event_of_time(view, self.bare(*of)).is_some();
        let (words, count) = match op {
            Comparison::GreaterEqual if count > 0 => ("at least", count),
            Comparison::Greater if count >= 0 => ("at least", count.checked_add(1)?),
            // A field's date may lie ahead, and then it was not so many days ago.
            Comparison::Less if of_events && count > 0 => ("less than", count),
            Comparison::LessEqual if of_events && count >= 0 => ("less than", count.checked_add(1)?),
            _ => return None,
        };
        let thing = self.time_thing(view, *of);
        let was = if thing.plural { "were" } else { "was" };
        Some(said(&thing, say![was, format!(" {words} {} ago", literal::counted(count, unit.name()))], false))
    }

    /// The time of events against a moment: `was before`, `fall after`.
    fn at_time(&self, view: &View, op: Comparison, left: ExprId, right: ExprId) -> Option<Clause> {
        let is_date = self.expr(right).ty.is(&Type::Date);
        let when = say![moment_words(op, is_date), " ", self.value(view, right)];
        let on = |verb: &str| match op {
            Comparison::Equal => say![verb, " on", when.clone()],
            _ => say![verb, when.clone()],
        };
        if self.is_own_time(view, left) {
            let verb = if op == Comparison::NotEqual { "do not fall on" } else { "fall" };
            return Some(match op {
                Comparison::NotEqual => Clause::Who(say![verb, " ", self.value(view, right)]),
                _ => Clause::Who(on(verb)),
            });
        }
        let thing = self.event_of_time(view, left)?;
        Some(said(&thing, on("was"), op == Comparison::NotEqual))
    }

    pub(super) fn between(&self, view: &View, value: ExprId, low: ExprId, high: ExprId, negated: bool) -> Clause {
        let (value, low, high) = (self.bare(value), self.bare(low), self.bare(high));
        let (from, until) = (self.value(view, low), self.value(view, high));
        let timely = matches!(self.expr(low).ty.get(), Some(Type::Date | Type::Timestamp));
        let range = match (timely, negated) {
            (true, false) => say!["between ", from, " and ", until],
            (true, true) => say!["before ", from, " or after ", until],
            (false, false) => say!["from ", from, " to ", until],
            (false, true) => say!["less than ", from, " or more than ", until],
        };
        if self.is_own_time(view, value) {
            return Clause::Who(say!["fall ", range]);
        }
        if let Some(thing) = self.event_of_time(view, value) {
            return said(&thing, say!["was ", range], negated);
        }
        let thing = self.subject(view, value);
        let verb = if self.is_moment(value) { "lies" } else { thing.be() };
        said(&thing, say![verb, " ", range], negated)
    }

    pub(super) fn in_window(&self, view: &View, value: ExprId, window: &Window, negated: bool) -> Clause {
        let value = self.bare(value);
        let within = self.within(view, window);
        let not = if negated { " not " } else { " " };
        if self.is_own_time(view, value) {
            return Clause::Who(say![if negated { "do not fall " } else { "fall " }, within]);
        }
        if let Some(thing) = self.event_of_time(view, value) {
            return said(&thing, say!["was", not, within], negated);
        }
        let thing = self.subject(view, value);
        let be = if self.is_moment(value) { "lies" } else { thing.be() };
        said(&thing, say![be, not, within], negated)
    }

    /// A window behind a verb: `between 1 March 2026 and 31 March 2026`.
    pub(super) fn within(&self, view: &View, window: &Window) -> Text {
        match (&window.words, self.bounds(window)) {
            (WindowKind::Today, Some((from, _))) => say!["on ", from],
            (WindowKind::Since(_), Some((from, _))) => say!["on or after ", from],
            (_, Some((from, until))) => say!["between ", from, " and ", until],
            (_, None) => self.worded(view, window),
        }
    }

    /// A window behind a noun: `from 1 March 2026 to 31 March 2026`.
    pub(super) fn over(&self, view: &View, window: &Window) -> Text {
        match (&window.words, self.bounds(window)) {
            (WindowKind::Today, Some((from, _))) => say!["on ", from],
            (WindowKind::Since(_), Some((from, _))) => say!["since ", from],
            (_, Some((from, until))) => say!["from ", from, " to ", until],
            (_, None) => self.worded(view, window),
        }
    }

    /// Both ends, when they depend on nothing but the as-of instant.
    fn bounds(&self, window: &Window) -> Option<(Text, Text)> {
        let fixed = |(at, inclusive): (ExprId, bool)| {
            let node = self.node(at);
            (self.lowered.ir.node(node).scope <= Scope::Run).then_some((node, inclusive))
        };
        let (low, from) = fixed(window.low?)?;
        let (high, until) = fixed(window.high?)?;
        let from = Text::piece(Piece::From { at: low, inclusive: from });
        Some((from, Text::piece(Piece::Until { at: high, inclusive: until })))
    }

    /// A window whose bounds are the customer's own.
    fn worded(&self, view: &View, window: &Window) -> Text {
        let bound = |bound: Option<(ExprId, bool)>| match bound {
            Some((at, _)) => self.time_thing(view, self.whole_day(at)).full(),
            None => Text::from("any time"),
        };
        match &window.words {
            WindowKind::Last { length, .. } => say!["in the ", quantity(*length), " before ", bound(window.high)],
            WindowKind::Since(_) => say!["since ", bound(window.low)],
            _ => say!["from ", bound(window.low), " to ", bound(window.high)],
        }
    }

    /// The last day of a window that was written by it, and ends where the next one begins.
    fn whole_day(&self, at: ExprId) -> ExprId {
        let day = self.bare(at);
        match &self.expr(day).kind {
            Kind::Shift { value, by, back: false } if day != at => match &self.expr(*by).kind {
                Kind::Constant(Const::Period(p)) if (p.months, p.days) == (0, 1) => *value,
                _ => at,
            },
            _ => at,
        }
    }

    /// `weekday of placed_at in [Saturday, Sunday]`: what falls on a Saturday or Sunday.
    pub(super) fn calendar(&self, view: &View, id: ExprId, shown: &[String], negated: bool) -> Option<Clause> {
        let Kind::Part(part, of) = &self.expr(self.bare(id)).kind else { return None };
        let names = short_list(shown.to_vec(), "or");
        let when = match part {
            Part::Weekday => say!["on a ", names],
            Part::Month => say!["in ", names],
            Part::Year => say!["in ", Text::from(shown.join(" or ").replace(',', ""))],
            Part::Hour | Part::Day | Part::Quarter => return None,
        };
        if self.is_own_time(view, *of) {
            return Some(Clause::Who(say![if negated { "do not fall " } else { "fall " }, when]));
        }
        let not = if negated { " not " } else { " " };
        let event = self.event_of_time(view, self.bare(*of));
        let be = if event.is_some() { "was" } else { "is" };
        let thing = event.unwrap_or_else(|| self.thing(view, *of));
        Some(said(&Thing { plural: false, ..thing }, say![be, not, when], negated))
    }

    /// Whether it is the same for all customers.
    fn is_fixed(&self, id: ExprId) -> bool {
        self.lowered.ir.node(self.node(id)).scope <= Scope::Run
    }
}

/// Words behind a verb; they begin with a space, as the plain "is" has none.
fn number_words(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "",
        Comparison::NotEqual => " not",
        Comparison::Less => " less than",
        Comparison::LessEqual => " at most",
        Comparison::Greater => " more than",
        Comparison::GreaterEqual => " at least",
    }
}

fn moment_words(op: Comparison, date: bool) -> &'static str {
    match (op, date) {
        (Comparison::Equal, _) => "",
        (Comparison::NotEqual, _) => " not",
        (Comparison::Less, _) => " before",
        (Comparison::LessEqual, true) => " on or before",
        (Comparison::LessEqual, false) => " at or before",
        (Comparison::Greater, _) => " after",
        (Comparison::GreaterEqual, true) => " on or after",
        (Comparison::GreaterEqual, false) => " at or after",
    }
}

/// How many of something that is named in the plural; `None` where the plural does not fit.
fn how_many(op: Comparison, count: i64) -> Option<String> {
    let shown = literal::spoken(&seg_ir::schema::Schema::default(), &Type::Int, &Const::Int(count));
    Some(match (op, count) {
        (Comparison::Greater, 0) | (Comparison::GreaterEqual, 1) | (Comparison::NotEqual, 0) => "one or more".into(),
        (Comparison::Equal | Comparison::LessEqual, 0) | (Comparison::Less, 1) => "no".into(),
        (Comparison::Less, 2) => return None,
        (Comparison::Equal | Comparison::LessEqual | Comparison::NotEqual, 1) => return None,
        (_, count) if count < 0 => return None,
        (Comparison::Greater, _) => format!("more than {shown}"),
        (Comparison::GreaterEqual, _) => format!("at least {shown}"),
        (Comparison::Equal, _) => format!("exactly {shown}"),
        (Comparison::Less, _) => format!("fewer than {shown}"),
        (Comparison::LessEqual, _) => format!("at most {shown}"),
        (Comparison::NotEqual, _) => return None,
    })
}

fn opposite(op: Comparison) -> Comparison {
    match op {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterEqual,
        Comparison::LessEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessEqual,
        Comparison::GreaterEqual => Comparison::Less,
    }
}

fn mirrored(op: Comparison) -> Comparison {
    match op {
        Comparison::Equal | Comparison::NotEqual => op,
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
    }
}
