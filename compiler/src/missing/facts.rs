//! Facts: what is known where. A set of IR nodes that have a value, that are not zero, and of folds that are not empty.

use std::collections::BTreeSet;

use seg_ir::node::{Aggregate, AggregateKind, Comparison, Op, Scope, Window};
use seg_ir::schema::CollectionId;
use seg_ir::{Const, Ir, NodeId};

use super::Analysis;
use crate::hir::{ExprId, Kind, State};

/// What holds at some place of a condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    pub known: BTreeSet<NodeId>,
    pub nonzero: BTreeSet<NodeId>,
    /// Rows of which there is at least one.
    nonempty: BTreeSet<RowsKey>,
}

/// The rows of a fold: its collection, window and filter.
type RowsKey = (CollectionId, Option<Window>, Option<NodeId>);

impl Facts {
    /// The facts that still hold inside a fold at `scope`: those about its own rows are about others.
    pub fn outside(&self, scope: Scope, ir: &Ir) -> Facts {
        let keep = |ids: &BTreeSet<NodeId>| ids.iter().copied().filter(|id| ir.node(*id).scope < scope).collect();
        Facts { known: keep(&self.known), nonzero: keep(&self.nonzero), nonempty: self.nonempty.clone() }
    }

    fn intersect(&mut self, other: &Facts) {
        self.known.retain(|id| other.known.contains(id));
        self.nonzero.retain(|id| other.nonzero.contains(id));
        self.nonempty.retain(|key| other.nonempty.contains(key));
    }

    fn extend(&mut self, other: Facts) {
        self.known.extend(other.known);
        self.nonzero.extend(other.nonzero);
        self.nonempty.extend(other.nonempty);
    }

    /// Whether the rows that a fold needs are at least one.
    pub fn is_nonempty(&self, node: NodeId, ir: &Ir) -> bool {
        let Op::Aggregate(aggregate) = &ir.node(node).op else { return false };
        let (collection, window, filter) = rows_key(aggregate);
        self.nonempty.iter().any(|(c, w, f)| {
            *c == collection && (*w == window || window.is_none()) && (*f == filter || filter.is_none())
        })
    }

    /// A node has a value: so has everything that it could not be computed without.
    fn know_node(&mut self, node: NodeId, ir: &Ir) {
        if !self.known.insert(node) {
            return;
        }
        match &ir.node(node).op {
            Op::Aggregate(aggregate) => {
                if is_missing_when_empty(aggregate.kind) {
                    self.nonempty.insert(rows_key(aggregate));
                }
            }
            Op::And(_)
            | Op::Or(_)
            | Op::Else(..)
            | Op::Choose { .. }
            | Op::IsKnown(_)
            | Op::IsTrue(_)
            | Op::IsFalse(_) => {}
            op => {
                let mut operands = Vec::new();
                op.for_each_operand(|id| operands.push(id));
                operands.into_iter().for_each(|id| self.know_node(id, ir));
            }
        }
    }
}

/// The rows without which a fold is missing: a share and an `every` need any row of the window.
fn rows_key(aggregate: &Aggregate) -> RowsKey {
    let of_all = matches!(aggregate.kind, AggregateKind::Share | AggregateKind::Every);
    (aggregate.collection, aggregate.window, aggregate.filter.filter(|_| !of_all))
}

fn is_missing_when_empty(kind: AggregateKind) -> bool {
    match kind {
        AggregateKind::Share
        | AggregateKind::Every
        | AggregateKind::Mean
        | AggregateKind::Min
        | AggregateKind::Max
        | AggregateKind::Latest
        | AggregateKind::Earliest
        | AggregateKind::LatestRow
        | AggregateKind::EarliestRow
        | AggregateKind::MostFrequent => true,
        AggregateKind::Count
        | AggregateKind::Any
        | AggregateKind::Sum
        | AggregateKind::Distinct
        | AggregateKind::List => false,
    }
}

impl Analysis<'_> {
    pub(super) fn know(&self, id: ExprId, facts: &mut Facts) {
        facts.know_node(self.lowered.node(id), &self.lowered.ir);
    }

    /// Adds what holds where a condition is true (or, with `truth` false, is false: known to be so).
    pub(super) fn assume(&mut self, id: ExprId, truth: bool, facts: &mut Facts) {
        self.steps += 1;
        let hir = self.hir;
        match &hir.expr(id).kind {
            Kind::And(parts) => self.assume_parts(parts, truth, truth, facts),
            Kind::Or(parts) => self.assume_parts(parts, truth, !truth, facts),
            Kind::Not(inner) => self.assume(*inner, !truth, facts),
            Kind::Segment(segment) => {
                let condition = hir.segment(*segment).condition;
                self.assume(condition, truth, facts);
            }
            Kind::Attribute(attribute) => {
                let value = hir.attribute(*attribute).value;
                self.assume(value, truth, facts);
                self.know(id, facts);
            }
            Kind::Is { value, state, negated } => match (state, truth != *negated) {
                (State::Known, true) | (State::Missing, false) | (State::Unknown, false) => self.know(*value, facts),
                (State::True, true) => self.assume(*value, true, facts),
                (State::False, true) => self.assume(*value, false, facts),
                _ => {}
            },
            Kind::Compare { op, left, right } => {
                self.know(id, facts);
                self.assume_comparison(*op, *left, *right, truth, facts);
            }
            Kind::Between { .. } | Kind::InWindow { .. } | Kind::AnniversaryIn { .. } => {
                self.know_operands(id, truth, facts);
            }
            Kind::Aggregate(aggregate) => {
                self.know(id, facts);
                if truth
                    && !aggregate.none
                    && let Op::Aggregate(fold) = &self.lowered.ir.node(self.lowered.node(id)).op
                {
                    facts.nonempty.insert(rows_key(fold));
                    let all = (fold.collection, fold.window, None);
                    facts.nonempty.insert(all);
                }
            }
            _ => self.know(id, facts),
        }
    }

    /// A range test lowers to a conjunction: when it is true, both halves are; when it is false, one is, and each of them
    /// knows the value.
    fn know_operands(&mut self, id: ExprId, truth: bool, facts: &mut Facts) {
        facts.known.insert(self.lowered.node(id));
        let (value, bounds) = match &self.hir.expr(id).kind {
            Kind::Between { value, low, high } => (*value, vec![*low, *high]),
            Kind::InWindow { value, window, .. } | Kind::AnniversaryIn { date: value, window, .. } => {
                (*value, [window.low, window.high].into_iter().flatten().map(|(at, _)| at).collect())
            }
            _ => return,
        };
        self.know(value, facts);
        if truth {
            for bound in bounds {
                self.know(bound, facts);
            }
        }
    }

    /// `all`: every part has that truth; otherwise one of them has, and only what they share holds.
    fn assume_parts(&mut self, parts: &[ExprId], truth: bool, all: bool, facts: &mut Facts) {
        if all {
            for part in parts {
                self.assume(*part, truth, facts);
            }
            return;
        }
        let mut shared: Option<Facts> = None;
        for part in parts {
            let mut own = Facts::default();
            self.assume(*part, truth, &mut own);
            match &mut shared {
                None => shared = Some(own),
                Some(shared) => shared.intersect(&own),
            }
        }
        if let Some(shared) = shared {
            facts.extend(shared);
        }
    }

    /// What a comparison with a constant says of zero and of emptiness.
    fn assume_comparison(&mut self, op: Comparison, left: ExprId, right: ExprId, truth: bool, facts: &mut Facts) {
        let Some(limit) = self.constant(right).as_ref().and_then(number_of) else { return };
        let op = if truth { op } else { opposite(op) };
        let nonzero = match op {
            Comparison::Equal => limit != 0.0,
            Comparison::NotEqual => limit == 0.0,
            Comparison::Greater => limit >= 0.0,
            Comparison::GreaterEqual => limit > 0.0,
            Comparison::Less => limit <= 0.0,
            Comparison::LessEqual => limit < 0.0,
        };
        if !nonzero {
            return;
        }
        let node = self.lowered.node(left);
        facts.nonzero.insert(node);
        if let Op::Aggregate(fold) = &self.lowered.ir.node(node).op
            && matches!(fold.kind, AggregateKind::Count | AggregateKind::Distinct)
        {
            facts.nonempty.insert((fold.collection, fold.window, fold.filter));
        }
    }
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

fn number_of(value: &Const) -> Option<f64> {
    match value {
        Const::Int(v) | Const::Money(v) | Const::Percent(v) | Const::Span(v) => Some(*v as f64),
        Const::Number(bits) => Some(f64::from_bits(*bits)),
        _ => None,
    }
}
