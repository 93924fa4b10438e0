//! What is known of a node before any data: whether it can be missing, and whether evaluating it can count something.

use seg_ir::node::{Aggregate, AggregateKind};
use seg_ir::{NodeId, Op, fault};

use super::Rewriter;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// Never missing, in data that keep to the schema.
    pub known: bool,
    /// By itself it may count a fault or a skipped value.
    pub counts: bool,
    /// It or what it is computed from may.
    pub noisy: bool,
}

impl Facts {
    pub(super) fn of(rewriter: &Rewriter, op: &Op) -> Facts {
        let counts = counts(rewriter, op);
        let mut noisy = counts;
        if !fault::is("optimise.noise-is-not-inherited") {
            op.for_each_operand(|id| noisy |= rewriter.facts(id).noisy);
        }
        Facts { known: known(rewriter, op), counts, noisy }
    }
}

fn counts(rewriter: &Rewriter, op: &Op) -> bool {
    match op {
        Op::Arithmetic(..)
        | Op::Negate(_)
        | Op::PercentOf(..)
        | Op::CivilDate(_)
        | Op::StartOfDay(_)
        | Op::StartOf(..)
        | Op::Shift { .. }
        | Op::Part(..)
        | Op::Elapsed(..)
        | Op::NextAnniversary { .. }
        | Op::Call { .. } => true,
        Op::Aggregate(aggregate) => match aggregate.kind {
            AggregateKind::Sum | AggregateKind::Mean => !fault::is("optimise.sums-are-quiet"),
            AggregateKind::Min
            | AggregateKind::Max
            | AggregateKind::Distinct
            | AggregateKind::MostFrequent
            | AggregateKind::List => !aggregate.value.is_some_and(|v| rewriter.facts(v).known),
            AggregateKind::Count
            | AggregateKind::Share
            | AggregateKind::Any
            | AggregateKind::Every
            | AggregateKind::Latest
            | AggregateKind::Earliest
            | AggregateKind::LatestRow
            | AggregateKind::EarliestRow => false,
        },
        _ => false,
    }
}

fn known(rewriter: &Rewriter, op: &Op) -> bool {
    let is = |id: &NodeId| rewriter.facts(*id).known;
    match op {
        Op::Constant(value) => !value.is_missing(),
        Op::AsOf | Op::IsKnown(_) | Op::IsTrue(_) | Op::IsFalse(_) => true,
        Op::Field { .. } if fault::is("optimise.optional-fields-are-known") => true,
        Op::Field { table, field, .. } => !rewriter.schema.field(*table, *field).optional,
        Op::Not(a) | Op::InSet { value: a, .. } | Op::Matches { value: a, .. } | Op::ListCount(a) => is(a),
        Op::And(operands) | Op::Or(operands) if fault::is("optimise.one-known-operand-is-enough") => {
            operands.iter().any(is)
        }
        Op::And(operands) | Op::Or(operands) => operands.iter().all(is),
        Op::Else(a, b) => is(a) || is(b),
        Op::Compare(_, a, _) if fault::is("optimise.right-sides-are-known") => is(a),
        Op::Compare(_, a, b) | Op::TextTest { value: a, with: b, .. } => is(a) && is(b),
        Op::ListTest { list, items, .. } => is(list) && items.iter().all(is),
        Op::Choose { arms, .. } if fault::is("optimise.otherwise-is-known") => arms.iter().all(|(_, value)| is(value)),
        Op::Choose { arms, otherwise } => is(otherwise) && arms.iter().all(|(_, value)| is(value)),
        Op::Aggregate(aggregate) => known_fold(rewriter, aggregate),
        _ => false,
    }
}

fn known_fold(rewriter: &Rewriter, aggregate: &Aggregate) -> bool {
    let is = |id: NodeId| rewriter.facts(id).known;
    let bounds = aggregate.window.iter().flat_map(|w| [w.low, w.high]).flatten();
    let rows = !rewriter.schema.collection(aggregate.collection).optional && bounds.map(|b| b.at).all(is);
    rows && match aggregate.kind {
        AggregateKind::Count | AggregateKind::Distinct | AggregateKind::List => true,
        AggregateKind::Any => aggregate.filter.is_none_or(is) || fault::is("optimise.any-is-known"),
        _ => false,
    }
}
