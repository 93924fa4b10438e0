//! The IR: a hash-consed DAG of typed, total operations. Equal operations over equal operands are one node, so what many
//! segments share is computed once.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::schema::{CollectionId, FieldId, TableId};
use crate::time::{Part, Unit};
use crate::types::Type;
use crate::value::Const;

/// Names a node of an [`Ir`]. Operands always have smaller ids than the node that uses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeId(pub u32);

/// What a node's value depends on, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Nothing: it is a constant.
    Constant,
    /// The as-of instant alone.
    Run,
    Customer,
    /// A row of a collection.
    Row,
    /// A row of a collection, within the test of another row.
    InnerRow,
}

impl Scope {
    /// The scope of rows of a collection that is folded at `self`.
    pub fn of_rows(self) -> Scope {
        if self >= Scope::Row { Scope::InnerRow } else { Scope::Row }
    }
}

/// An operation. Every one is total: what it cannot compute is missing, with a reason.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Op {
    Constant(Const),
    /// The instant at which everything is evaluated.
    AsOf,
    /// A field of the customer, of the row or of the inner row, as `scope` says.
    Field {
        scope: Scope,
        table: TableId,
        field: FieldId,
    },
    /// A field of the reference row that `pointer` gives.
    Lookup {
        pointer: NodeId,
        table: TableId,
        field: FieldId,
    },

    /// Kleene's.
    Not(NodeId),
    And(Vec<NodeId>),
    Or(Vec<NodeId>),
    /// Never missing.
    IsKnown(NodeId),
    /// Never missing.
    IsTrue(NodeId),
    /// Never missing.
    IsFalse(NodeId),
    /// The first unless it is missing, then the second.
    Else(NodeId, NodeId),

    Compare(Comparison, NodeId, NodeId),
    TextTest {
        test: TextTest,
        value: NodeId,
        with: NodeId,
        ignoring_case: bool,
    },
    Matches {
        value: NodeId,
        pattern: String,
        ignoring_case: bool,
    },
    /// Whether the value is one of the constants, which are sorted and unique.
    InSet {
        value: NodeId,
        set: Vec<Const>,
    },
    /// Whether the list holds any, or all, of the constants.
    ListTest {
        list: NodeId,
        all: bool,
        items: Vec<NodeId>,
    },
    ListCount(NodeId),

    Arithmetic(Arithmetic, NodeId, NodeId),
    Negate(NodeId),
    /// `Percent of` Money, Percent, Int or Number.
    PercentOf(NodeId, NodeId),

    /// The civil date of an instant.
    CivilDate(NodeId),
    /// The first instant of a date.
    StartOfDay(NodeId),
    /// The first day of the unit that a date lies in.
    StartOf(Unit, NodeId),
    /// A date or an instant, and a period or a span.
    Shift {
        value: NodeId,
        by: NodeId,
        back: bool,
    },
    Part(Part, NodeId),
    /// Complete units from the first to the second, both dates or both instants.
    Elapsed(Unit, NodeId, NodeId),
    /// The first anniversary of `date` on or after `from`.
    NextAnniversary {
        date: NodeId,
        from: NodeId,
    },

    /// The value beside the first condition that is true; `otherwise` when none is.
    Choose {
        arms: Vec<(NodeId, NodeId)>,
        otherwise: NodeId,
    },
    /// A builtin of the vocabulary, by its index.
    Call {
        builtin: u32,
        arguments: Vec<NodeId>,
    },
    Aggregate(Box<Aggregate>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TextTest {
    Equal,
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// A fold over a customer's rows of one collection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Aggregate {
    pub kind: AggregateKind,
    pub collection: CollectionId,
    /// `Row` or `InnerRow`: how the row's fields are addressed in `filter` and `value`.
    pub scope: Scope,
    pub window: Option<Window>,
    /// The `where`. A row counts where it is true; `Any` and `Every` fold it by Kleene.
    pub filter: Option<NodeId>,
    /// What is folded; none for `Count`, `Share`, `Any` and `Every`.
    pub value: Option<NodeId>,
}

/// Bounds on a row's time, both instants or both dates as the table's time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    pub low: Option<Bound>,
    pub high: Option<Bound>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bound {
    pub at: NodeId,
    pub inclusive: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AggregateKind {
    Count,
    /// The share of the window's rows for which the filter is true.
    Share,
    Any,
    Every,
    Sum,
    Mean,
    Min,
    Max,
    /// The last known value.
    Latest,
    /// The first known value.
    Earliest,
    /// The value of the last row, known or not.
    LatestRow,
    /// The value of the first row, known or not.
    EarliestRow,
    /// How many different known values.
    Distinct,
    MostFrequent,
    /// The different known values, in the order of events.
    List,
}

/// A node: its operation, its type, and what it depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub op: Op,
    pub ty: Type,
    pub scope: Scope,
}

/// The nodes of one playbook. **Shape**: `nodes[i]` uses only nodes below `i`.
#[derive(Debug, Clone, Default)]
pub struct Ir {
    /// To be read; only `add` makes one.
    pub nodes: Vec<Node>,
    /// By node: the scopes that it reads from outside of itself, a bit each.
    reads: Vec<u8>,
    known: HashMap<(Op, Type), NodeId>,
}

impl Ir {
    /// The node of an operation: the one that is there, or a new one. Sharing is by structure, so what is written twice is
    /// one node.
    pub fn add(&mut self, op: Op, ty: Type) -> NodeId {
        let key = (op, ty);
        if let Some(id) = self.known.get(&key) {
            return *id;
        }
        let id = self.add_apart(key.0.clone(), key.1.clone());
        self.known.insert(key, id);
        id
    }

    /// A node of its own, although an equal one may be there: what it counts is told apart from what that one counts.
    pub fn add_apart(&mut self, op: Op, ty: Type) -> NodeId {
        let reads = self.reads_of(&op);
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { op, ty, scope: highest(reads) });
        self.reads.push(reads);
        id
    }

    pub fn node(&self, id: NodeId) -> &Node {
        // INVARIANT: ids are made by `add` or checked by the verifier.
        &self.nodes[id.0 as usize]
    }

    pub fn ty(&self, id: NodeId) -> &Type {
        &self.node(id).ty
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The constant that a node is, if it is one.
    pub fn constant(&self, id: NodeId) -> Option<&Const> {
        match &self.node(id).op {
            Op::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The IR of operations and types that came from elsewhere. **Errors**: a node that uses one that does not stand before
    /// it. What its operations claim is left to the verifier.
    pub fn from_parts(parts: Vec<(Op, Type)>) -> Result<Ir, (NodeId, &'static str)> {
        let mut ir = Ir::default();
        for (index, (op, ty)) in parts.into_iter().enumerate() {
            let id = NodeId(index as u32);
            let mut ordered = true;
            op.for_each_operand(|operand| ordered &= operand < id);
            if !ordered {
                return Err((id, "it uses a node that does not stand before it"));
            }
            ir.add_apart(op, ty);
        }
        Ok(ir)
    }

    /// What an operation depends on, from what its operands depend on.
    pub fn scope_of(&self, op: &Op) -> Scope {
        highest(self.reads_of(op))
    }

    /// The scopes that an operation reads. A fold's own rows are bound inside it, and reference rows are the run's.
    fn reads_of(&self, op: &Op) -> u8 {
        let reads = |id: NodeId| self.reads.get(id.0 as usize).copied().unwrap_or(u8::MAX);
        let mut all = match op {
            Op::AsOf => bit(Scope::Run),
            Op::Field { scope, .. } => bit(*scope),
            Op::Aggregate(_) => bit(Scope::Customer),
            _ => bit(Scope::Constant),
        };
        if let Op::Aggregate(aggregate) = op {
            let inside = aggregate.filter.iter().chain(&aggregate.value).fold(0, |all, id| all | reads(*id));
            all |= inside & !bit(aggregate.scope);
            for bound in aggregate.window.iter().flat_map(|w| [w.low, w.high]).flatten() {
                all |= reads(bound.at);
            }
        } else {
            op.for_each_operand(|id| all |= reads(id));
        }
        all
    }
}

fn bit(scope: Scope) -> u8 {
    1 << scope as u8
}

fn highest(reads: u8) -> Scope {
    let all = [Scope::InnerRow, Scope::Row, Scope::Customer, Scope::Run];
    all.into_iter().find(|scope| reads & bit(*scope) != 0).unwrap_or(Scope::Constant)
}

/// The one list of every operation's operands, to be looked at (`iter, ()`) or changed (`iter_mut, (mut)`).
macro_rules! each_operand {
    ($op:expr, $visit:ident, $iter:ident, ($($mutable:tt)?)) => {
        match $op {
            Op::Constant(_) | Op::AsOf | Op::Field { .. } => {}
            Op::Lookup { pointer: a, .. }
            | Op::Not(a)
            | Op::IsKnown(a)
            | Op::IsTrue(a)
            | Op::IsFalse(a)
            | Op::Matches { value: a, .. }
            | Op::InSet { value: a, .. }
            | Op::ListCount(a)
            | Op::Negate(a)
            | Op::CivilDate(a)
            | Op::StartOfDay(a)
            | Op::StartOf(_, a)
            | Op::Part(_, a) => $visit(a),
            Op::Else(a, b)
            | Op::Compare(_, a, b)
            | Op::TextTest { value: a, with: b, .. }
            | Op::Arithmetic(_, a, b)
            | Op::PercentOf(a, b)
            | Op::Shift { value: a, by: b, .. }
            | Op::Elapsed(_, a, b)
            | Op::NextAnniversary { date: a, from: b } => {
                $visit(a);
                $visit(b);
            }
            Op::And(operands) | Op::Or(operands) => operands.$iter().for_each($visit),
            Op::Call { arguments, .. } => arguments.$iter().for_each($visit),
            Op::ListTest { list, items, .. } => {
                $visit(list);
                items.$iter().for_each($visit);
            }
            Op::Choose { arms, otherwise } => {
                for (when, value) in arms {
                    $visit(when);
                    $visit(value);
                }
                $visit(otherwise);
            }
            Op::Aggregate(aggregate) => {
                if let Some(window) = &$($mutable)? aggregate.window {
                    for bound in [&$($mutable)? window.low, &$($mutable)? window.high].into_iter().flatten() {
                        $visit(&$($mutable)? bound.at);
                    }
                }
                aggregate.filter.$iter().for_each(&mut $visit);
                aggregate.value.$iter().for_each(&mut $visit);
            }
        }
    };
}

impl Op {
    /// Calls `visit` with every operand, in order.
    pub fn for_each_operand(&self, mut visit: impl FnMut(NodeId)) {
        let mut visit = |id: &NodeId| visit(*id);
        each_operand!(self, visit, iter, ());
    }

    /// The same operation over other operands.
    pub fn map_operands(&self, mut map: impl FnMut(NodeId) -> NodeId) -> Op {
        let mut op = self.clone();
        let mut visit = |id: &mut NodeId| *id = map(*id);
        each_operand!(&mut op, visit, iter_mut, (mut));
        op
    }

    /// The operation's name, for reports and coverage.
    pub fn name(&self) -> &'static str {
        match self {
            Op::Constant(_) => "constant",
            Op::AsOf => "as of",
            Op::Field { .. } => "field",
            Op::Lookup { .. } => "lookup",
            Op::Not(_) => "not",
            Op::And(_) => "and",
            Op::Or(_) => "or",
            Op::IsKnown(_) => "is known",
            Op::IsTrue(_) => "is true",
            Op::IsFalse(_) => "is false",
            Op::Else(..) => "else",
            Op::Compare(..) => "compare",
            Op::TextTest { .. } => "text test",
            Op::Matches { .. } => "matches",
            Op::InSet { .. } => "in",
            Op::ListTest { .. } => "list test",
            Op::ListCount(_) => "list count",
            Op::Arithmetic(..) => "arithmetic",
            Op::Negate(_) => "negate",
            Op::PercentOf(..) => "percent of",
            Op::CivilDate(_) => "civil date",
            Op::StartOfDay(_) => "start of day",
            Op::StartOf(..) => "start of unit",
            Op::Shift { .. } => "shift",
            Op::Part(..) => "part",
            Op::Elapsed(..) => "elapsed",
            Op::NextAnniversary { .. } => "anniversary",
            Op::Choose { .. } => "choose",
            Op::Call { .. } => "call",
            Op::Aggregate(_) => "aggregate",
        }
    }
}
