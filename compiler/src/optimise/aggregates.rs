//! Filters of folds.

use seg_ir::node::{Aggregate, AggregateKind};
use seg_ir::{Op, fault};

use super::{Rewrite, Rewriter};

impl Rewriter<'_> {
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate) -> Option<Rewrite> {
        let filter = aggregate.filter?;
        let with = |filter| Rewrite::Op(Op::Aggregate(Box::new(Aggregate { filter, ..aggregate.clone() })));
        if self
            .constant_truth(filter)
            .is_some_and(|t| t == Some(true) || fault::is("optimise.filter-that-takes-none-is-lost"))
        {
            return Some(with(None));
        }
        // Any and Every fold the filter by Kleene; the others only ask whether it is true.
        match self.ir.node(filter).op {
            Op::IsTrue(inner)
                if !matches!(aggregate.kind, AggregateKind::Any | AggregateKind::Every)
                    || fault::is("optimise.any-asks-only-for-true") =>
            {
                Some(with(Some(inner)))
            }
            _ => None,
        }
    }
}
