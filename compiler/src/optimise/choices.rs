//! Choices: arms that are never or always taken, arms that make no difference, and choices between truths, which are
//! connectives.

use std::collections::HashSet;

use seg_ir::{NodeId, Op, Type, fault};

use super::{Rewrite, Rewriter};

type Arm = (NodeId, NodeId);

/// Arms that are made one connective within the other; more would hang too deep.
const CONNECTED_MAX: usize = 100;

impl Rewriter<'_> {
    pub(super) fn choose(&mut self, arms: &[Arm], otherwise: NodeId, ty: &Type) -> Option<Rewrite> {
        let (kept, last) = self.kept(arms, otherwise);
        if kept.is_empty() {
            return Some(Rewrite::Node(last));
        }
        if *ty == Type::Bool
            && kept.len() <= CONNECTED_MAX
            && kept.iter().all(|(_, value)| matches!(self.constant_truth(*value), Some(Some(_))))
        {
            return Some(Rewrite::Node(self.connected(&kept, last)));
        }
        if let [(when, value)] = kept.as_slice()
            && *ty == Type::Bool
            && let Some(Some(other)) = self.constant_truth(last)
        {
            // Otherwise false: both must hold. Otherwise true: the condition does not hold, or the value does.
            let when = match fault::is("optimise.conditions-stay-unknown") {
                true => *when,
                false => self.bool(Op::IsTrue(*when)),
            };
            return Some(Rewrite::Op(match other {
                false => Op::And(vec![when, *value]),
                true => Op::Or(vec![self.bool(Op::Not(when)), *value]),
            }));
        }
        let is_same = kept == arms && last == otherwise;
        (!is_same).then_some(Rewrite::Op(Op::Choose { arms: kept, otherwise: last }))
    }

    /// The arms that can be taken and make a difference, and what is left when none is.
    fn kept(&mut self, arms: &[Arm], mut otherwise: NodeId) -> (Vec<Arm>, NodeId) {
        let mut kept: Vec<(Vec<NodeId>, NodeId)> = Vec::new();
        let mut earlier = HashSet::new();
        for (when, value) in arms {
            // Only whether the condition is true is asked.
            let when = match self.ir.node(*when).op {
                Op::IsTrue(inner) => inner,
                _ => *when,
            };
            match self.constant_truth(when) {
                Some(Some(true)) => {
                    otherwise = *value;
                    break;
                }
                Some(None) if fault::is("optimise.unknown-arm-is-taken") => {
                    otherwise = *value;
                    break;
                }
                Some(_) => continue,
                None => {}
            }
            let is_second = earlier.contains(&when);
            if self.is_quiet(when) && (is_second || (!kept.is_empty() && fault::is("optimise.second-arms-are-lost"))) {
                continue;
            }
            earlier.insert(when);
            match kept.last_mut() {
                Some((conditions, same)) if same == value => conditions.push(when),
                _ => kept.push((vec![when], *value)),
            }
        }
        let mut kept: Vec<Arm> = kept.into_iter().map(|(conditions, value)| (self.any_of(conditions), value)).collect();
        if fault::is("optimise.arms-like-otherwise-are-lost") {
            kept.retain(|(_, value)| *value != otherwise);
        }
        while kept.last().is_some_and(|(when, value)| *value == otherwise && self.is_quiet(*when)) {
            kept.pop();
        }
        (kept, otherwise)
    }

    fn any_of(&mut self, conditions: Vec<NodeId>) -> NodeId {
        match conditions.as_slice() {
            [one] => *one,
            _ if fault::is("optimise.adjacent-arms-must-both-hold") => self.bool(Op::And(conditions)),
            _ => self.bool(Op::Or(conditions)),
        }
    }

    /// Arms that all give a constant truth, as connectives: from the last to the first, `c or rest` and `not c and rest`.
    fn connected(&mut self, arms: &[Arm], otherwise: NodeId) -> NodeId {
        let first = fault::is("optimise.choice-is-folded-from-its-first");
        let mut arms = arms.to_vec();
        if first {
            arms.reverse();
        }
        arms.iter().rev().fold(otherwise, |rest, (when, value)| {
            let when = match fault::is("optimise.constant-arms-stay-unknown") {
                true => *when,
                false => self.bool(Op::IsTrue(*when)),
            };
            if self.constant_truth(*value) == Some(Some(true)) {
                return self.bool(Op::Or(vec![when, rest]));
            }
            let not = self.bool(Op::Not(when));
            self.bool(Op::And(vec![not, rest]))
        })
    }
}
