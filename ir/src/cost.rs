//! The worst case of a playbook, computed when it is compiled: operations, bytes of output and events scanned for one
//! customer. Bounded by declared maxima; what has none is told as unbounded.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::builtin::Vocabulary;
use crate::node::{Ir, NodeId, Op, Scope};
use crate::schema::{CollectionId, Schema};
use crate::types::Type;

/// What one customer can cost at worst. An operation is one node computed by the interpreter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Operations that do not depend on how many events there are.
    pub fixed: u64,
    /// Operations for each event row, by collection.
    pub per_event: Vec<(CollectionId, u64)>,
    /// Event rows visited, for each row that the customer has, by collection: how many folds go over it.
    pub visits: Vec<(CollectionId, u64)>,
    /// The operations and visits of the worst customer; `None` where a collection without `max` takes part.
    pub operations: Option<u64>,
    pub events: Option<u64>,
    /// Bytes of one customer's row of output; `None` where a text without `max` is put out.
    pub bytes: Option<u64>,
    /// The collections without `max` that make a bound impossible.
    pub unbounded: Vec<String>,
}

/// The cost of evaluating `outputs` for one customer.
pub fn cost(ir: &Ir, schema: &Schema, vocabulary: Vocabulary, outputs: &[NodeId]) -> Cost {
    let mut reached = Reached { ir, schema, vocabulary, seen: vec![0; ir.len()], walks: 0 };
    let mut cost = Cost::default();
    let mut per_event: HashMap<CollectionId, u64> = HashMap::new();
    let mut visits: HashMap<CollectionId, u64> = HashMap::new();
    let mut operations = Some(0_u64);
    let mut events = Some(0_u64);
    for id in reached.all(outputs) {
        let node = ir.node(id);
        let own = reached.own_cost(id);
        if node.scope <= Scope::Customer {
            cost.fixed = cost.fixed.saturating_add(own);
            operations = add(operations, Some(own));
        }
        let Op::Aggregate(aggregate) = &node.op else { continue };
        let inside = reached.inside(id);
        let max = schema.collection(aggregate.collection).max;
        // A fold inside a row's test runs once for each row of every collection whose test holds it.
        let repeats = if node.scope >= Scope::Row { reached.rows_around() } else { Some(1) };
        let for_row = per_event.entry(aggregate.collection).or_default();
        *for_row = for_row.saturating_add(inside).saturating_add(1);
        *visits.entry(aggregate.collection).or_default() += 1;
        operations = add(operations, multiply(multiply(max, inside.checked_add(1)), repeats));
        events = add(events, multiply(max, repeats));
        if max.is_none() {
            let name = schema.collection(aggregate.collection).name.clone();
            if !cost.unbounded.contains(&name) {
                cost.unbounded.push(name);
            }
        }
    }
    cost.per_event = sorted(per_event);
    cost.visits = sorted(visits);
    cost.operations = operations;
    cost.events = events;
    cost.bytes = bytes(ir, schema, outputs);
    cost
}

fn sorted(map: HashMap<CollectionId, u64>) -> Vec<(CollectionId, u64)> {
    let mut list: Vec<_> = map.into_iter().collect();
    list.sort();
    list
}

fn add(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a?.checked_add(b?)
}

fn multiply(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a?.checked_mul(b?)
}

struct Reached<'a> {
    ir: &'a Ir,
    schema: &'a Schema,
    vocabulary: Vocabulary,
    /// By node: the last walk that came by.
    seen: Vec<u32>,
    walks: u32,
}

impl Reached<'_> {
    fn all(&mut self, outputs: &[NodeId]) -> Vec<NodeId> {
        self.walks += 1;
        let mut stack: Vec<NodeId> = outputs.to_vec();
        let mut all = Vec::new();
        while let Some(id) = stack.pop() {
            if std::mem::replace(&mut self.seen[id.0 as usize], self.walks) == self.walks {
                continue;
            }
            all.push(id);
            self.ir.node(id).op.for_each_operand(|operand| stack.push(operand));
        }
        all
    }

    fn own_cost(&self, id: NodeId) -> u64 {
        match &self.ir.node(id).op {
            Op::Call { builtin, .. } => self.vocabulary.get(*builtin).map_or(1, |b| b.cost),
            _ => 1,
        }
    }

    /// Operations in a fold's filter and value that belong to its rows.
    fn inside(&mut self, id: NodeId) -> u64 {
        let Op::Aggregate(aggregate) = &self.ir.node(id).op else { return 0 };
        let roots: Vec<NodeId> = aggregate.filter.iter().chain(&aggregate.value).copied().collect();
        let all = self.all(&roots);
        let of_rows = all.into_iter().filter(|n| self.ir.node(*n).scope >= Scope::Row);
        of_rows.map(|n| self.own_cost(n)).fold(0, u64::saturating_add)
    }

    /// The most rows that any one collection can have: how often a fold inside a row's test can run, summed.
    fn rows_around(&self) -> Option<u64> {
        self.schema.collections.iter().try_fold(0_u64, |sum, c| sum.checked_add(c.max?))
    }
}

/// The bytes of one row of output.
fn bytes(ir: &Ir, schema: &Schema, outputs: &[NodeId]) -> Option<u64> {
    let text_max = text_max(ir, schema);
    let of = |id: NodeId| type_bytes(ir.ty(id), text_max.get(id.0 as usize).copied().flatten());
    outputs.iter().try_fold(0_u64, |sum, id| sum.checked_add(of(*id)?))
}

/// By node: the longest text that it can give, in bytes, where its fields say.
fn text_max(ir: &Ir, schema: &Schema) -> Vec<Option<u64>> {
    let mut found: Vec<Option<u64>> = Vec::with_capacity(ir.len());
    for node in &ir.nodes {
        let of = |id: NodeId| found.get(id.0 as usize).copied().flatten();
        let max = match &node.op {
            Op::Constant(crate::Const::Text(text)) => Some(text.len() as u64),
            Op::Constant(_) => Some(0),
            Op::Field { table, field, .. } | Op::Lookup { table, field, .. } => {
                schema.field(*table, *field).max.map(|m| m.saturating_mul(4))
            }
            Op::Else(a, b) => of(*a).zip(of(*b)).map(|(a, b)| a.max(b)),
            Op::Choose { arms, otherwise } => {
                arms.iter().map(|(_, v)| *v).chain([*otherwise]).try_fold(0, |max, v| Some(of(v)?.max(max)))
            }
            Op::Aggregate(aggregate) => aggregate.value.and_then(of),
            _ => None,
        };
        found.push(max);
    }
    found
}

fn type_bytes(ty: &Type, text_max: Option<u64>) -> Option<u64> {
    Some(match ty {
        Type::Bool => 1,
        Type::Enum(_) | Type::Date | Type::TimeOfDay | Type::Reference(_) => 4,
        Type::Int | Type::Number | Type::Percent | Type::Money(_) | Type::Timestamp | Type::Span | Type::Period => 8,
        Type::Text => text_max?,
        Type::List(_) => return None,
    })
}
