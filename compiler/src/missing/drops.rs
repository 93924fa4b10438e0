//! Folds that drop rows whose test can be unknown. What they give can only be too small (`count`, `sum`, `share`,
//! `distinct`, `max`), or anything (`mean`, `min`, `latest`...). Dropping must never make an answer true.

use seg_grammar::{Diagnostic, Span};
use seg_ir::node::{AggregateKind, Arithmetic, Comparison};
use seg_ir::value::Const;

use super::{Analysis, Cause, Facts};
use crate::hir::{Aggregate, ExprId, Kind, State};

/// A value that some fold below it may have got wrong by dropping rows.
#[derive(Debug, Clone)]
pub(super) struct Drop {
    /// The fold.
    pub span: Span,
    pub cause: Cause,
    /// Whether the value can only be too small (a condition: only be false where it should be unknown).
    pub only_less: bool,
}

impl Analysis<'_> {
    /// The fold that makes an expression's value doubtful, if one does.
    pub(super) fn drops(&mut self, id: ExprId, facts: &Facts) -> Option<Drop> {
        self.steps += 1;
        if self.is_over() {
            return None;
        }
        // As with what is missing: what drops nothing where nothing is known drops nothing anywhere.
        if !facts.is_empty() {
            let nothing = self.nothing.clone();
            self.drops(id, &nothing)?;
        }
        let key = (id, self.key(facts));
        if let Some(known) = self.dropped.get(&key) {
            return known.clone();
        }
        let found = self.drops_kind(id, facts);
        self.dropped.insert(key, found.clone());
        found
    }

    fn drops_kind(&mut self, id: ExprId, facts: &Facts) -> Option<Drop> {
        let hir = self.hir;
        match &hir.expr(id).kind {
            Kind::Aggregate(aggregate) => self.fold_drops(id, aggregate, facts),
            Kind::Attribute(a) => {
                let value = hir.attribute(*a).value;
                self.drops(value, facts)
            }
            Kind::Segment(s) => {
                let condition = hir.segment(*s).condition;
                self.drops(condition, facts)
            }
            Kind::And(parts) | Kind::Or(parts) => self.first_drop(parts, facts),
            Kind::ToNumber(a) => self.drops(*a, facts),
            Kind::Arithmetic { op, left, right } => self.arithmetic_drops(*op, *left, *right, facts),
            Kind::PercentOf(percent, value) => {
                let positive = matches!(self.constant(*percent), Some(Const::Percent(p)) if p >= 0);
                self.drops(*value, facts).map(|d| Drop { only_less: d.only_less && positive, ..d })
            }
            // Comparisons that were let through can only be false by dropping.
            Kind::Compare { left, right, .. } => self.first_drop(&[*left, *right], facts).map(less),
            Kind::Between { value, .. } | Kind::InSet { value, .. } => self.drops(*value, facts).map(anything),
            // Stated, or chosen: the author said what the unknown is.
            Kind::Is { state: State::True | State::False | State::Unknown, .. } => None,
            Kind::Is { value, .. } => self.drops(*value, facts).map(less),
            Kind::Choose { arms, otherwise } => {
                let values: Vec<ExprId> = arms.iter().map(|(_, v)| *v).chain(*otherwise).collect();
                self.first_drop(&values, facts).map(anything)
            }
            Kind::Match { arms, .. } => {
                let values: Vec<ExprId> = arms.iter().map(|a| a.value).collect();
                self.first_drop(&values, facts).map(anything)
            }
            Kind::Decide { arguments, .. } | Kind::Call { arguments, .. } => {
                self.first_drop(arguments, facts).map(anything)
            }
            Kind::Not(a)
            | Kind::Negate(a)
            | Kind::Else(a, _)
            | Kind::ListCount(a)
            | Kind::CivilDate(a)
            | Kind::StartOfDay(a)
            | Kind::StartOf(_, a)
            | Kind::Shift { value: a, .. }
            | Kind::Part(_, a)
            | Kind::NextAnniversary(a)
            | Kind::Lookup { pointer: a, .. }
            | Kind::TextTest { value: a, .. }
            | Kind::Matches { value: a, .. }
            | Kind::ListTest { list: a, .. }
            | Kind::InWindow { value: a, .. }
            | Kind::AnniversaryIn { date: a, .. }
            | Kind::Elapsed { of: a, .. } => self.drops(*a, facts).map(anything),
            Kind::Error | Kind::Constant(_) | Kind::AsOf | Kind::Field { .. } => None,
        }
    }

    fn first_drop(&mut self, ids: &[ExprId], facts: &Facts) -> Option<Drop> {
        let mut found: Option<Drop> = None;
        for id in ids {
            if let Some(drop) = self.drops(*id, facts) {
                let worse = found.as_ref().is_none_or(|f| f.only_less && !drop.only_less);
                if worse {
                    found = Some(drop);
                }
            }
        }
        found
    }

    fn fold_drops(&mut self, id: ExprId, aggregate: &Aggregate, facts: &Facts) -> Option<Drop> {
        let rows = facts.outside(aggregate.scope, &self.lowered.ir);
        let span = self.hir.expr(id).span;
        let only_less = match aggregate.kind {
            // These fold what is unknown; they drop nothing.
            AggregateKind::Any | AggregateKind::Every => {
                let inner = aggregate.filter.and_then(|f| self.drops(f, &rows))?;
                return Some(Drop { span, ..inner });
            }
            AggregateKind::Count
            | AggregateKind::Sum
            | AggregateKind::Share
            | AggregateKind::Distinct
            | AggregateKind::Max => true,
            AggregateKind::Mean
            | AggregateKind::Min
            | AggregateKind::Latest
            | AggregateKind::Earliest
            | AggregateKind::LatestRow
            | AggregateKind::EarliestRow
            | AggregateKind::MostFrequent
            | AggregateKind::List => false,
        };
        if let Some(cause) = self.test_unknown(aggregate, &rows) {
            return Some(Drop { span, cause, only_less });
        }
        let inner = aggregate.filter.and_then(|f| self.drops(f, &rows))?;
        Some(Drop { span, only_less: only_less && inner.only_less, ..inner })
    }

    fn arithmetic_drops(&mut self, op: Arithmetic, left: ExprId, right: ExprId, facts: &Facts) -> Option<Drop> {
        let positive = |value: Option<Const>| match value {
            Some(Const::Int(v) | Const::Money(v) | Const::Percent(v) | Const::Span(v)) => v > 0,
            Some(Const::Number(bits)) => f64::from_bits(bits) > 0.0,
            _ => false,
        };
        let (a, b) = (self.drops(left, facts), self.drops(right, facts));
        match (op, a, b) {
            (_, None, None) => None,
            (Arithmetic::Add, Some(a), Some(b)) => Some(if a.only_less { b } else { a }),
            (Arithmetic::Add, Some(d), None) | (Arithmetic::Add | Arithmetic::Subtract, None, Some(d))
                if op == Arithmetic::Add || !d.only_less =>
            {
                Some(d)
            }
            (Arithmetic::Subtract, Some(d), None) => Some(d),
            (Arithmetic::Multiply | Arithmetic::Divide, Some(d), None) => {
                let keeps = positive(self.constant(right));
                Some(Drop { only_less: d.only_less && keeps, ..d })
            }
            (Arithmetic::Multiply, None, Some(d)) => {
                let keeps = positive(self.constant(left));
                Some(Drop { only_less: d.only_less && keeps, ..d })
            }
            (_, Some(d), _) | (_, None, Some(d)) => Some(anything(d)),
        }
    }

    /// A comparison lets a doubtful value through only where being too small cannot make it true.
    pub(super) fn compared_drops(
        &mut self,
        id: ExprId,
        op: Comparison,
        (left, right): (ExprId, ExprId),
        facts: &Facts,
        found: &mut Vec<Diagnostic>,
    ) {
        let (a, b) = (self.drops(left, facts), self.drops(right, facts));
        let drop = match (op, a, b) {
            (_, None, None) => return,
            (Comparison::Greater | Comparison::GreaterEqual, Some(d), None) if d.only_less => return,
            (Comparison::Less | Comparison::LessEqual, None, Some(d)) if d.only_less => return,
            (_, Some(d), None) | (_, None, Some(d)) => d,
            (_, Some(a), Some(b)) => match op {
                Comparison::Greater | Comparison::GreaterEqual => b,
                _ => a,
            },
        };
        found.push(self.dropped(id, &drop));
    }

    /// A test that takes a doubtful value as it is.
    pub(super) fn other_drops(&mut self, id: ExprId, values: &[ExprId], facts: &Facts, found: &mut Vec<Diagnostic>) {
        if let Some(drop) = self.first_drop(values, facts) {
            found.push(self.dropped(id, &drop));
        }
    }

    /// `max(...) is missing` would be true because rows were dropped.
    pub(super) fn missing_of_drop(&mut self, id: ExprId, value: ExprId, facts: &Facts, found: &mut Vec<Diagnostic>) {
        if let Some(drop) = self.drops(value, facts) {
            found.push(self.dropped(id, &drop));
        }
    }
}

fn less(drop: Drop) -> Drop {
    Drop { only_less: true, ..drop }
}

fn anything(drop: Drop) -> Drop {
    Drop { only_less: false, ..drop }
}
