//! Conditions over conditions as plain Boolean algebra. By polarity: what makes a node true and what makes it false are two
//! gates, `not` only changes them about, and unknown is neither; so it is exactly Kleene's logic in two values. Gates over
//! equal gates are one. Knows nothing of machine code, and of data only which nodes' masks it starts from.

use std::collections::HashMap;

use seg_ir::{Const, NodeId, Op, Type, fault};

use crate::plan::Plan;

/// A mask that is computed elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Leaf {
    Yes(NodeId),
    No(NodeId),
    /// Whether it has a value.
    Known(NodeId),
}

/// Names a gate; its operands' names are smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GateId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Gate {
    False,
    True,
    Leaf(u32),
    Not(GateId),
    And(GateId, GateId),
    Or(GateId, GateId),
}

const FALSE: GateId = GateId(0);
const TRUE: GateId = GateId(1);

/// The conditions of some nodes.
#[derive(Debug, Clone)]
pub(crate) struct Conditions {
    pub gates: Vec<Gate>,
    pub leaves: Vec<Leaf>,
    /// Each node with what makes it true and what makes it false.
    pub roots: Vec<(NodeId, GateId, GateId)>,
}

impl Conditions {
    /// The conditions among `nodes` that are made of other conditions.
    pub fn of(plan: &Plan, nodes: impl IntoIterator<Item = NodeId>) -> Conditions {
        let mut maker = Maker {
            plan,
            known: HashMap::new(),
            of_leaves: HashMap::new(),
            of_nodes: HashMap::new(),
            conditions: Conditions { gates: Vec::new(), leaves: Vec::new(), roots: Vec::new() },
        };
        maker.gate(Gate::False);
        maker.gate(Gate::True);
        for node in nodes {
            if maker.is_made_of_conditions(node) && !maker.conditions.roots.iter().any(|(known, ..)| *known == node) {
                let (yes, no) = (maker.truth(node, true), maker.truth(node, false));
                maker.conditions.roots.push((node, yes, no));
            }
        }
        maker.conditions
    }
}

struct Maker<'p> {
    plan: &'p Plan<'p>,
    known: HashMap<Gate, GateId>,
    of_leaves: HashMap<Leaf, GateId>,
    /// What makes a node true, or false.
    of_nodes: HashMap<(NodeId, bool), GateId>,
    conditions: Conditions,
}

impl Maker<'_> {
    fn is_made_of_conditions(&self, id: NodeId) -> bool {
        let ir = self.plan.context.ir;
        let node = ir.node(id);
        let logic = matches!(
            node.op,
            Op::Not(_)
                | Op::And(_)
                | Op::Or(_)
                | Op::IsTrue(_)
                | Op::IsFalse(_)
                | Op::IsKnown(_)
                | Op::Else(..)
                | Op::Choose { .. }
        );
        logic && node.ty == Type::Bool && self.plan.constants[id.0 as usize].is_none()
    }

    fn gate(&mut self, gate: Gate) -> GateId {
        let next = GateId(self.conditions.gates.len() as u32);
        *self.known.entry(gate).or_insert_with(|| {
            self.conditions.gates.push(gate);
            next
        })
    }

    fn leaf(&mut self, leaf: Leaf) -> GateId {
        let leaf = match leaf {
            Leaf::No(id) if fault::is("conditions.false-of-a-leaf-is-true") => Leaf::Yes(id),
            Leaf::Known(id) if fault::is("conditions.known-of-a-leaf-is-true") => Leaf::Yes(id),
            leaf => leaf,
        };
        if let Some(known) = self.of_leaves.get(&leaf) {
            return *known;
        }
        self.conditions.leaves.push(leaf);
        let gate = self.gate(Gate::Leaf(self.conditions.leaves.len() as u32 - 1));
        self.of_leaves.insert(leaf, gate);
        gate
    }

    fn not(&mut self, a: GateId) -> GateId {
        match self.conditions.gates[a.0 as usize] {
            Gate::False => TRUE,
            Gate::True => FALSE,
            Gate::Not(inner) => inner,
            _ => self.gate(Gate::Not(a)),
        }
    }

    fn and(&mut self, a: GateId, b: GateId) -> GateId {
        match (a.min(b), a.max(b)) {
            (FALSE, _) => FALSE,
            (TRUE, _) if fault::is("conditions.true-and-is-true") => TRUE,
            (TRUE, other) => other,
            (a, b) if a == b => a,
            (a, b) => self.gate(Gate::And(a, b)),
        }
    }

    fn or(&mut self, a: GateId, b: GateId) -> GateId {
        match (a.min(b), a.max(b)) {
            (FALSE, other) => other,
            (TRUE, _) => TRUE,
            (a, b) if a == b => a,
            (a, b) if fault::is("conditions.or-gate-is-and") => self.gate(Gate::And(a, b)),
            (a, b) => self.gate(Gate::Or(a, b)),
        }
    }

    /// What makes a node true (`wanted`) or false.
    fn truth(&mut self, id: NodeId, wanted: bool) -> GateId {
        if let Some(known) = self.of_nodes.get(&(id, wanted)) {
            return *known;
        }
        let gate = match (&self.plan.constants[id.0 as usize], self.is_made_of_conditions(id)) {
            (Some(constant), _) => {
                let missing_too = constant.is_missing() && fault::is("conditions.missing-constant-is-both");
                if *constant == Const::Bool(wanted) || missing_too { TRUE } else { FALSE }
            }
            (None, true) => self.logic(id, wanted),
            (None, false) => self.leaf(if wanted { Leaf::Yes(id) } else { Leaf::No(id) }),
        };
        self.of_nodes.insert((id, wanted), gate);
        gate
    }

    fn logic(&mut self, id: NodeId, wanted: bool) -> GateId {
        let plan = self.plan;
        match &plan.context.ir.node(id).op {
            Op::Not(a) => self.truth(*a, wanted == fault::is("conditions.not-is-lost")),
            Op::And(operands) if fault::is("conditions.and-is-false-where-all-are") => {
                self.all_or_any(operands, wanted, true)
            }
            Op::And(operands) => self.all_or_any(operands, wanted, wanted),
            Op::Or(operands) if fault::is("conditions.or-is-false-where-one-is") => {
                self.all_or_any(operands, wanted, false)
            }
            Op::Or(operands) => self.all_or_any(operands, wanted, !wanted),
            Op::IsTrue(a) if fault::is("conditions.is-true-is-unknown-too") => self.truth(*a, wanted),
            Op::IsTrue(a) => self.decided(*a, true, wanted),
            Op::IsFalse(a) => self.decided(*a, fault::is("conditions.is-false-is-true"), wanted),
            Op::IsKnown(a) => {
                let known = self.has_value(*a);
                if wanted { known } else { self.not(known) }
            }
            Op::Else(a, b) => {
                // The second counts where the first is neither; that it is not the other way is all that is left to ask.
                let (first, contrary) = (self.truth(*a, wanted), self.truth(*a, !wanted));
                let (open, second) = (self.not(contrary), self.truth(*b, wanted));
                let open = if fault::is("conditions.else-takes-both") { TRUE } else { open };
                let first = if fault::is("conditions.else-takes-the-second") { FALSE } else { first };
                let second = self.and(open, second);
                self.or(first, second)
            }
            Op::Choose { arms, otherwise } => {
                let (mut found, mut open) = (FALSE, TRUE);
                for (when, value) in arms {
                    let when = self.truth(*when, true);
                    let (taken, value) = (self.and(open, when), self.truth(*value, wanted));
                    let here = self.and(taken, value);
                    found = self.or(found, here);
                    let not_when = self.not(when);
                    if !fault::is("conditions.choose-stays-open") {
                        open = self.and(open, not_when);
                    }
                }
                let last = self.truth(*otherwise, wanted);
                let last = if fault::is("conditions.otherwise-is-left-out") { FALSE } else { self.and(open, last) };
                self.or(found, last)
            }
            _ => self.leaf(if wanted { Leaf::Yes(id) } else { Leaf::No(id) }),
        }
    }

    /// All operands (or one of them) so.
    fn all_or_any(&mut self, operands: &[NodeId], wanted: bool, all: bool) -> GateId {
        let mut sum = if all { TRUE } else { FALSE };
        for operand in operands {
            let operand = self.truth(*operand, wanted);
            sum = if all { self.and(sum, operand) } else { self.or(sum, operand) };
        }
        sum
    }

    /// Whether a node is true, or is false; either way known.
    fn decided(&mut self, a: NodeId, asked: bool, wanted: bool) -> GateId {
        let is = self.truth(a, asked);
        if wanted { is } else { self.not(is) }
    }

    fn has_value(&mut self, a: NodeId) -> GateId {
        match (&self.plan.constants[a.0 as usize], self.is_made_of_conditions(a)) {
            (Some(constant), _) => {
                if constant.is_missing() {
                    FALSE
                } else {
                    TRUE
                }
            }
            (None, true) => {
                let (yes, no) = (self.truth(a, true), self.truth(a, false));
                if fault::is("conditions.known-is-true") { yes } else { self.or(yes, no) }
            }
            (None, false) => self.leaf(Leaf::Known(a)),
        }
    }
}
