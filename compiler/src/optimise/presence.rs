//! `is known`, `is true`, `is false` and `else` of what cannot be missing, or is asked the long way round.

use seg_ir::{NodeId, Op, fault};

use super::{Rewrite, Rewriter};

impl Rewriter<'_> {
    pub(super) fn is_known(&mut self, a: NodeId) -> Option<Rewrite> {
        if let Some(value) = self.ir.constant(a) {
            let known = !value.is_missing() || fault::is("optimise.constants-are-known");
            return Some(Rewrite::Node(self.truth(known)));
        }
        if self.is_known_quietly(a) {
            return Some(Rewrite::Node(self.truth(true)));
        }
        // These are missing where their operand is, and nowhere else.
        let (value, with) = match &self.ir.node(a).op {
            Op::Not(value) | Op::InSet { value, .. } | Op::Matches { value, .. } | Op::ListCount(value) => {
                (*value, None)
            }
            Op::Compare(_, value, with) | Op::TextTest { value, with, .. } => (*value, Some(*with)),
            _ => return None,
        };
        with.is_none_or(|with| self.is_known_quietly(with) || fault::is("optimise.presence-asks-one-side"))
            .then_some(Rewrite::Op(Op::IsKnown(value)))
    }

    /// `a is true` or `a is false`.
    pub(super) fn is_truth(&mut self, a: NodeId, wanted: bool) -> Option<Rewrite> {
        if let Some(truth) = self.constant_truth(a) {
            return Some(Rewrite::Node(
                self.truth(truth == Some(wanted) || (truth.is_none() && fault::is("optimise.unknown-is-as-wanted"))),
            ));
        }
        if self.facts(a).known {
            return Some(if wanted { Rewrite::Node(a) } else { Rewrite::Op(Op::Not(a)) });
        }
        match self.ir.node(a).op {
            Op::Not(inner) if wanted && fault::is("optimise.is-true-of-not-is-is-true") => {
                Some(Rewrite::Op(Op::IsTrue(inner)))
            }
            Op::Not(inner) if wanted => Some(Rewrite::Op(Op::IsFalse(inner))),
            Op::Not(inner) => Some(Rewrite::Op(Op::IsTrue(inner))),
            _ => None,
        }
    }

    pub(super) fn or_else(&mut self, a: NodeId, b: NodeId) -> Option<Rewrite> {
        if self.facts(a).known
            || a == b
            || (self.facts(b).known && fault::is("optimise.else-goes-where-the-second-is-known"))
        {
            return Some(Rewrite::Node(a));
        }
        self.ir.constant(a).is_some_and(|c| c.is_missing()).then_some(Rewrite::Node(b))
    }
}
