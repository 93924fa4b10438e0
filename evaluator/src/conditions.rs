//! Conditions over conditions as plain Boolean algebra. By polarity: what makes a node true and what makes it false are two
//! gates, `not` only changes them about, and unknown is neither; so it is exactly Kleene's logic in two values. Gates over
//! equal gates are one. Knows nothing of machine code, and of data only which nodes' masks it starts from.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;

use seg_ir::{Const, Ir, NodeId, Op, Type, fault};

/// What conditions are over: the columns of many customers, or the cells of one.
pub(crate) trait Ground {
    /// Tells tests apart. Equal ones have equal results.
    type Test: Eq + Hash;

    fn ir(&self) -> &Ir;

    /// The value of what depends on no data.
    fn constant(&self, id: NodeId) -> Option<&Const>;

    /// Whether a node is logic over other conditions, and none of the run's constants.
    fn is_logic(&self, id: NodeId) -> bool;

    /// How a condition that is no logic is decided, where it is one of plain tests; else its own evaluation tells.
    fn test(&self, id: NodeId) -> Option<Tested<Self::Test>>;
}

/// A test whose result is the condition's wherever what it needs is known; where not, the condition is not known either.
#[derive(Debug)]
pub(crate) struct Tested<T> {
    pub test: T,
    /// The condition is true where the test fails.
    pub negated: bool,
    pub needs: Vec<Need>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Need {
    pub node: NodeId,
    /// It is taken to have a value.
    pub complete: bool,
}

/// A truth that is computed elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Leaf {
    /// Whether the node's test is passed. Without a value, anything.
    Found(NodeId),
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
pub(crate) const TRUE: GateId = GateId(1);

/// The conditions of some nodes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    pub gates: Vec<Gate>,
    pub leaves: Vec<Leaf>,
    /// Nodes that are taken to have a value.
    pub complete: BTreeSet<NodeId>,
    /// Each node with what makes it true and what makes it known.
    pub roots: Vec<Root>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Root {
    pub node: NodeId,
    pub yes: GateId,
    pub known: GateId,
}

impl Conditions {
    /// What makes some nodes true and known, each of them a condition.
    pub fn of<G: Ground>(ground: &G, nodes: impl IntoIterator<Item = NodeId>) -> Conditions {
        let mut maker = Maker::new(ground);
        let mut seen = HashSet::new();
        for node in nodes {
            if seen.insert(node) {
                let (yes, known) = (maker.truth(node, true), maker.has_value(node));
                let (yes, known) =
                    if fault::is("conditions.parts-are-exchanged") { (known, yes) } else { (yes, known) };
                maker.conditions.roots.push(Root { node, yes, known });
            }
        }
        maker.conditions
    }

    /// What makes some nodes true, or what makes them known, each of them a condition; and the gate of each.
    pub fn asked<G: Ground>(
        ground: &G,
        nodes: impl IntoIterator<Item = NodeId>,
        asked: Asked,
    ) -> (Conditions, Vec<GateId>) {
        let mut maker = Maker::new(ground);
        let gate = |node| match asked {
            Asked::IsTrue => maker.truth(node, true),
            Asked::IsKnown => maker.has_value(node),
        };
        let gates = nodes.into_iter().map(gate).collect();
        (maker.conditions, gates)
    }
}

/// What is to be told of conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    IsTrue,
    IsKnown,
}

/// Whether a node is logic over other conditions by its operation.
pub(crate) fn is_logic(ir: &Ir, id: NodeId) -> bool {
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
    logic && node.ty == Type::Bool
}

struct Maker<'g, G: Ground> {
    ground: &'g G,
    known: HashMap<Gate, GateId>,
    of_leaves: HashMap<Leaf, GateId>,
    /// Conditions that differ in their sense alone share their tests.
    of_tests: HashMap<G::Test, GateId>,
    /// What makes a node true, or false.
    of_nodes: HashMap<(NodeId, bool), GateId>,
    conditions: Conditions,
}

impl<'g, G: Ground> Maker<'g, G> {
    fn new(ground: &'g G) -> Maker<'g, G> {
        let mut maker = Maker {
            ground,
            known: HashMap::new(),
            of_leaves: HashMap::new(),
            of_tests: HashMap::new(),
            of_nodes: HashMap::new(),
            conditions: Conditions::default(),
        };
        maker.gate(Gate::False);
        maker.gate(Gate::True);
        maker
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
            (a, b) if self.are_contrary(a, b) => FALSE,
            (a, b) => match (self.negated(a), self.negated(b)) {
                (Some(a), Some(b)) => {
                    let either = self.or(a, b);
                    self.not(either)
                }
                _ => self.gate(Gate::And(a, b)),
            },
        }
    }

    fn or(&mut self, a: GateId, b: GateId) -> GateId {
        match (a.min(b), a.max(b)) {
            (FALSE, other) => other,
            (TRUE, _) => TRUE,
            (a, b) if a == b => a,
            (a, b) if fault::is("conditions.or-gate-is-and") => self.gate(Gate::And(a, b)),
            (a, b) if self.are_contrary(a, b) => TRUE,
            (a, b) => match (self.negated(a), self.negated(b)) {
                (Some(a), Some(b)) => {
                    let both = self.and(a, b);
                    self.not(both)
                }
                _ => self.gate(Gate::Or(a, b)),
            },
        }
    }

    /// What a gate is the opposite of.
    fn negated(&self, a: GateId) -> Option<GateId> {
        match self.conditions.gates[a.0 as usize] {
            Gate::Not(inner) => Some(inner),
            _ => None,
        }
    }

    fn are_contrary(&self, a: GateId, b: GateId) -> bool {
        self.negated(a) == Some(b) || self.negated(b) == Some(a)
    }

    /// What makes a node true (`wanted`) or false.
    fn truth(&mut self, id: NodeId, wanted: bool) -> GateId {
        if let Some(known) = self.of_nodes.get(&(id, wanted)) {
            return *known;
        }
        let gate = match (self.ground.constant(id), self.ground.is_logic(id)) {
            (Some(constant), _) => {
                let missing_too = constant.is_missing() && fault::is("conditions.missing-constant-is-both");
                if *constant == Const::Bool(wanted) || missing_too { TRUE } else { FALSE }
            }
            (None, true) => self.logic(id, wanted),
            (None, false) => self.given(id, wanted),
        };
        self.of_nodes.insert((id, wanted), gate);
        gate
    }

    fn logic(&mut self, id: NodeId, wanted: bool) -> GateId {
        let ground = self.ground;
        match &ground.ir().node(id).op {
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
            _ => self.given(id, wanted),
        }
    }

    /// A condition that is not made of conditions.
    fn given(&mut self, id: NodeId, wanted: bool) -> GateId {
        let Some(Tested { test, negated, needs }) = self.ground.test(id) else {
            return self.leaf(if wanted { Leaf::Yes(id) } else { Leaf::No(id) });
        };
        let found = match self.of_tests.get(&test) {
            Some(found) => *found,
            None => {
                let found = self.leaf(Leaf::Found(id));
                self.of_tests.insert(test, found);
                found
            }
        };
        let contrary = (wanted == negated) != fault::is("conditions.sense-of-an-atom-is-lost");
        let is = if contrary { self.not(found) } else { found };
        let known = self.are_known(&needs);
        if fault::is("conditions.missing-passes-a-test") { is } else { self.and(is, known) }
    }

    /// Whether all that a test needs has a value.
    fn are_known(&mut self, needs: &[Need]) -> GateId {
        let mut known = TRUE;
        for need in needs {
            if need.complete {
                self.conditions.complete.insert(need.node);
            } else {
                let own = self.leaf(Leaf::Known(need.node));
                known = self.and(known, own);
            }
        }
        known
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
        match (self.ground.constant(a), self.ground.is_logic(a)) {
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
            (None, false) => match self.ground.test(a) {
                Some(tested) => self.are_known(&tested.needs),
                None => self.leaf(Leaf::Known(a)),
            },
        }
    }
}
