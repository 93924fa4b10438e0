//! Facts: what is known where. A set of IR nodes that have a value, that are not zero, and of folds that are not empty.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use seg_ir::node::{Aggregate, AggregateKind, Comparison, Op, Scope, Window};
use seg_ir::schema::CollectionId;
use seg_ir::{Const, Ir, NodeId};

use super::Analysis;
use crate::hir::{ExprId, Kind, State};

/// What holds at some place of a condition. Copies share it until one of them learns more.
#[derive(Debug, Clone, Default)]
pub struct Facts(Rc<Shared>);

#[derive(Debug, Clone, Default)]
struct Shared {
    set: Set,
    /// The name of the set, once it has one.
    key: OnceCell<u32>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Set {
    known: BTreeSet<NodeId>,
    nonzero: BTreeSet<NodeId>,
    /// Rows of which there is at least one.
    nonempty: BTreeSet<RowsKey>,
}

impl Set {
    fn len(&self) -> usize {
        self.known.len() + self.nonzero.len() + self.nonempty.len()
    }
}

/// The rows of a fold: its collection, window and filter.
type RowsKey = (CollectionId, Option<Window>, Option<NodeId>);

/// A number for each set of facts: equal sets have the same.
#[derive(Default)]
pub(super) struct Keys(HashMap<Set, u32>);

impl Keys {
    /// The number of some facts, and the steps that it took to find it.
    pub(super) fn of(&mut self, facts: &Facts) -> (u32, u64) {
        if let Some(key) = facts.0.key.get() {
            return (*key, 0);
        }
        let next = self.0.len() as u32;
        let key = match self.0.get(&facts.0.set) {
            Some(key) => *key,
            None => *self.0.entry(facts.0.set.clone()).or_insert(next),
        };
        let _ = facts.0.key.set(key);
        (key, facts.0.set.len() as u64)
    }
}

impl Facts {
    pub fn is_empty(&self) -> bool {
        self.0.set.len() == 0
    }

    pub fn is_known(&self, node: NodeId) -> bool {
        self.0.set.known.contains(&node)
    }

    pub fn is_nonzero(&self, node: NodeId) -> bool {
        self.0.set.nonzero.contains(&node)
    }

    fn change(&mut self) -> &mut Set {
        let shared = Rc::make_mut(&mut self.0);
        shared.key = OnceCell::new();
        &mut shared.set
    }

    fn add_known(&mut self, node: NodeId) {
        if !self.is_known(node) {
            self.change().known.insert(node);
        }
    }

    fn add_nonzero(&mut self, node: NodeId) {
        if !self.is_nonzero(node) {
            self.change().nonzero.insert(node);
        }
    }

    fn add_nonempty(&mut self, rows: RowsKey) {
        if !self.0.set.nonempty.contains(&rows) {
            self.change().nonempty.insert(rows);
        }
    }

    /// The facts that still hold inside a fold at `scope`: those about its own rows are about others.
    pub fn outside(&self, scope: Scope, ir: &Ir) -> Facts {
        let set = &self.0.set;
        let of_rows = |id: &NodeId| ir.node(*id).scope >= scope;
        if !set.known.iter().chain(&set.nonzero).any(of_rows) {
            return self.clone();
        }
        let keep = |ids: &BTreeSet<NodeId>| ids.iter().copied().filter(|id| !of_rows(id)).collect();
        let nonempty = set.nonempty.clone();
        let set = Set { known: keep(&set.known), nonzero: keep(&set.nonzero), nonempty };
        Facts(Rc::new(Shared { set, key: OnceCell::new() }))
    }

    fn intersect(&mut self, other: &Facts) {
        let other = &other.0.set;
        let set = self.change();
        set.known.retain(|id| other.known.contains(id));
        set.nonzero.retain(|id| other.nonzero.contains(id));
        set.nonempty.retain(|key| other.nonempty.contains(key));
    }

    fn extend(&mut self, other: &Facts) {
        let other = &other.0.set;
        other.known.iter().for_each(|id| self.add_known(*id));
        other.nonzero.iter().for_each(|id| self.add_nonzero(*id));
        other.nonempty.iter().for_each(|rows| self.add_nonempty(*rows));
    }

    /// Whether the rows that a fold needs are at least one.
    pub fn is_nonempty(&self, node: NodeId, ir: &Ir) -> bool {
        let Op::Aggregate(aggregate) = &ir.node(node).op else { return false };
        let (collection, window, filter) = rows_key(aggregate);
        self.0.set.nonempty.iter().any(|(c, w, f)| {
            *c == collection && (*w == window || window.is_none()) && (*f == filter || filter.is_none())
        })
    }

    /// A node has a value: so has everything that it could not be computed without. What follows from that again is not
    /// kept. Gives the steps that it took.
    fn know_node(&mut self, node: NodeId, ir: &Ir) -> u64 {
        let mut seen = HashSet::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            if self.is_known(node) || !seen.insert(node) {
                continue;
            }
            let op = &ir.node(node).op;
            if !follows_from_operands(op) {
                self.add_known(node);
            }
            match op {
                Op::Aggregate(aggregate) => {
                    if is_missing_when_empty(aggregate.kind) {
                        self.add_nonempty(rows_key(aggregate));
                    }
                }
                Op::And(_)
                | Op::Or(_)
                | Op::Else(..)
                | Op::Choose { .. }
                | Op::IsKnown(_)
                | Op::IsTrue(_)
                | Op::IsFalse(_) => {}
                op => op.for_each_operand(|id| open.push(id)),
            }
        }
        seen.len() as u64
    }
}

/// Whether a value is known exactly where its operands are.
fn follows_from_operands(op: &Op) -> bool {
    matches!(
        op,
        Op::Constant(_)
            | Op::AsOf
            | Op::Not(_)
            | Op::Compare(..)
            | Op::TextTest { .. }
            | Op::Matches { .. }
            | Op::InSet { .. }
    )
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
    pub(super) fn know(&mut self, id: ExprId, facts: &mut Facts) {
        self.steps += facts.know_node(self.lowered.node(id), &self.lowered.ir);
    }

    /// Adds what holds where a condition is true (or, with `truth` false, is false: known to be so).
    pub(super) fn assume(&mut self, id: ExprId, truth: bool, facts: &mut Facts) {
        self.steps += 1;
        if self.is_over() {
            return;
        }
        let hir = self.hir;
        match &hir.expr(id).kind {
            Kind::And(parts) => self.assume_parts(parts, truth, truth, facts),
            Kind::Or(parts) => self.assume_parts(parts, truth, !truth, facts),
            Kind::Not(inner) => self.assume(*inner, !truth, facts),
            Kind::Segment(segment) => {
                let condition = hir.segment(*segment).condition;
                self.assume_definition(condition, truth, facts);
            }
            Kind::Attribute(attribute) => {
                let value = hir.attribute(*attribute).value;
                self.assume_definition(value, truth, facts);
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
                    facts.add_nonempty(rows_key(fold));
                    let all = (fold.collection, fold.window, None);
                    facts.add_nonempty(all);
                }
            }
            _ => self.know(id, facts),
        }
    }

    /// What a definition says by being true, or false, is found out once: many may build on it.
    fn assume_definition(&mut self, id: ExprId, truth: bool, facts: &mut Facts) {
        let said = match self.assumed.get(&(id, truth)) {
            Some(said) => said.clone(),
            None => {
                let mut said = Facts::default();
                self.assume(id, truth, &mut said);
                self.assumed.insert((id, truth), said.clone());
                said
            }
        };
        self.steps += said.0.set.len() as u64;
        facts.extend(&said);
    }

    /// A range test lowers to a conjunction: when it is true, both halves are; when it is false, one is, and each of them
    /// knows the value.
    fn know_operands(&mut self, id: ExprId, truth: bool, facts: &mut Facts) {
        facts.add_known(self.lowered.node(id));
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
            self.steps += shared.0.set.len() as u64;
            facts.extend(&shared);
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
        facts.add_nonzero(node);
        if let Op::Aggregate(fold) = &self.lowered.ir.node(node).op
            && matches!(fold.kind, AggregateKind::Count | AggregateKind::Distinct)
        {
            facts.add_nonempty((fold.collection, fold.window, fold.filter));
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
