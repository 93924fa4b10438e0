//! `not`, `and`, `or`. Operands keep their order: the first that is unknown gives the reason, and one that decides keeps
//! those behind it from being evaluated.

use seg_ir::limits::FLAT_MAX;
use seg_ir::node::Comparison;
use seg_ir::{NodeId, Op, fault};

use super::{Rewrite, Rewriter};

impl Rewriter<'_> {
    pub(super) fn not(&mut self, a: NodeId) -> Option<Rewrite> {
        if let Some(truth) = self.constant_truth(a) {
            if truth.is_none() && fault::is("optimise.not-unknown-is-true") {
                return Some(Rewrite::Node(self.truth(true)));
            }
            return Some(Rewrite::Node(truth.map_or(a, |t| self.truth(!t))));
        }
        if let Op::Not(inner) = self.ir.node(a).op
            && !fault::is("optimise.double-denials-stay")
        {
            return Some(Rewrite::Node(inner));
        }
        if !self.is_single(a) {
            return None;
        }
        match self.ir.node(a).op.clone() {
            Op::Compare(op, a, b) => Some(Rewrite::Op(Op::Compare(opposite(op), a, b))),
            Op::And(operands) => self
                .de_morgan(&operands)
                .map(|o| Rewrite::Op(if fault::is("optimise.de-morgan-keeps-and") { Op::And(o) } else { Op::Or(o) })),
            Op::Or(operands) => self
                .de_morgan(&operands)
                .map(|o| Rewrite::Op(if fault::is("optimise.de-morgan-keeps-or") { Op::Or(o) } else { Op::And(o) })),
            _ => None,
        }
    }

    /// The operands denied, where that takes no more nodes than there are.
    fn de_morgan(&mut self, operands: &[NodeId]) -> Option<Vec<NodeId>> {
        let is_free = |id: &NodeId| match self.ir.node(*id).op {
            Op::Not(_) => true,
            Op::Compare(..) => self.is_single(*id),
            _ => false,
        };
        operands.iter().all(is_free).then(|| operands.iter().map(|id| self.bool(Op::Not(*id))).collect())
    }

    pub(super) fn connective(&mut self, operands: &[NodeId], and: bool) -> Option<Rewrite> {
        let mut kept = self.flat(operands, and);
        kept = self.without_constants(kept, and);
        self.absorb(&mut kept, and);
        kept = self.merged_tests(kept, and);
        match kept.as_slice() {
            [] => Some(Rewrite::Node(self.truth(and))),
            [one] => Some(Rewrite::Node(*one)),
            _ if self.is_contradictory(&kept) => Some(Rewrite::Node(self.truth(!and))),
            _ if kept == operands => None,
            _ if and => Some(Rewrite::Op(Op::And(kept))),
            _ => Some(Rewrite::Op(Op::Or(kept))),
        }
    }

    /// The operands with those of the same connective in their place, each once.
    fn flat(&self, operands: &[NodeId], and: bool) -> Vec<NodeId> {
        let mut seen = std::collections::HashSet::new();
        let mut flat = Vec::new();
        for id in operands {
            let inner = match &self.ir.node(*id).op {
                Op::And(inner) | Op::Or(inner) if inner.len() > FLAT_MAX => std::slice::from_ref(id),
                Op::And(inner) if and => inner.as_slice(),
                Op::Or(inner) if !and || fault::is("optimise.or-is-flattened-into-and") => inner.as_slice(),
                _ => std::slice::from_ref(id),
            };
            flat.extend(inner.iter().copied().filter(|id| seen.insert(*id) || !self.is_quiet(*id)));
        }
        flat
    }

    /// What decides ends the list; what changes nothing is left out; of unknown constants the first gives the reason.
    fn without_constants(&self, operands: Vec<NodeId>, and: bool) -> Vec<NodeId> {
        let mut kept: Vec<NodeId> = Vec::new();
        let mut unknown = false;
        for id in operands {
            match self.constant_truth(id) {
                Some(Some(truth)) if truth == and || fault::is("optimise.what-decides-is-left-out") => continue,
                None | Some(None)
                    if fault::is("optimise.unknown-constants-are-left-out") && self.ir.constant(id).is_some() =>
                {
                    continue;
                }
                Some(Some(_)) => {
                    // What stands before it is evaluated still where that may count something.
                    while kept.last().is_some_and(|last| self.is_quiet(*last)) {
                        kept.pop();
                    }
                    kept.push(id);
                    break;
                }
                Some(None) if fault::is("optimise.the-last-unknown-gives-the-reason") => {
                    kept.retain(|k| self.ir.constant(*k).is_none());
                    kept.push(id);
                }
                Some(None) if std::mem::replace(&mut unknown, true) => continue,
                _ => kept.push(id),
            }
        }
        kept
    }

    /// `a and (a or b)` is `a`, and `a or (a and b)` too, where `a` comes first and leaving out `b` changes no count.
    fn absorb(&self, operands: &mut Vec<NodeId>, and: bool) {
        let mut earlier = std::collections::HashSet::new();
        operands.retain(|id| {
            let inner = match &self.ir.node(*id).op {
                Op::Or(inner) if and => inner.as_slice(),
                Op::And(inner) if !and => inner.as_slice(),
                Op::Not(inner) if fault::is("optimise.denials-are-absorbed") => std::slice::from_ref(inner),
                _ => &[],
            };
            let absorbed = self.is_quiet(*id) && inner.iter().any(|id| earlier.contains(id));
            earlier.insert(*id);
            !absorbed
        });
    }

    /// Whether one operand denies another, and neither can be unknown.
    fn is_contradictory(&self, operands: &[NodeId]) -> bool {
        let all: std::collections::HashSet<NodeId> = operands.iter().copied().collect();
        let denies = |id: &NodeId| match self.ir.node(*id).op {
            Op::Not(inner) => all.contains(&inner),
            _ => false,
        };
        operands.iter().all(|id| self.is_quiet(*id))
            && operands.iter().any(|id| {
                (self.facts(*id).known || fault::is("optimise.unknown-contradictions-are-false")) && denies(id)
            })
    }
}

/// The comparison that is true where this one is false.
pub(super) fn opposite(op: Comparison) -> Comparison {
    match op {
        Comparison::Equal if fault::is("optimise.not-equal-is-less") => Comparison::Less,
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less if fault::is("optimise.not-less-is-greater") => Comparison::Greater,
        Comparison::Less => Comparison::GreaterEqual,
        Comparison::LessEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessEqual,
        Comparison::GreaterEqual => Comparison::Less,
    }
}
