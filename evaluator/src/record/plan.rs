//! What is to be computed and in which order: which fields the outputs need, which function computes which node, and
//! which values pass from one function to another. Knows no machine code.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use seg_ir::node::Scope;
use seg_ir::schema::PROFILE;
use seg_ir::{CollectionId, FieldId, Ir, NodeId, Op, Schema, TableId, Type};

/// Nodes of one function: compile time grows faster than a function does.
const FUNCTION_NODES: usize = 200;

/// The fields that the outputs need, and where their cells lie.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The profile's fields, in the order of their cells.
    pub profile: Vec<(FieldId, Type)>,
    /// For every field of the profile: its cell, where it has one.
    places: Vec<Option<usize>>,
    pub collections: Vec<Rows>,
    /// Fields of reference tables, in the order of their columns.
    pub lookups: Vec<(TableId, FieldId, Type)>,
    /// All columns of all collections.
    pub columns: usize,
}

/// The columns of one collection.
#[derive(Debug)]
pub(crate) struct Rows {
    pub id: CollectionId,
    pub table: TableId,
    pub at: Option<FieldId>,
    /// The field of each column, and the column's number among all.
    pub fields: Vec<(FieldId, usize)>,
    /// The types of all fields of the table.
    pub types: Vec<Type>,
}

impl Layout {
    pub fn profile_at(&self, field: FieldId) -> Option<usize> {
        self.places.get(field.0 as usize).copied().flatten()
    }

    /// The cell of a node that is a field of the profile.
    pub fn cell(&self, ir: &Ir, id: NodeId) -> Option<usize> {
        match ir.node(id).op {
            Op::Field { scope: Scope::Customer, field, .. } => self.profile_at(field),
            _ => None,
        }
    }

    pub fn rows_at(&self, id: CollectionId) -> Option<usize> {
        self.collections.iter().position(|rows| rows.id == id)
    }

    pub fn lookup_at(&self, table: TableId, field: FieldId) -> Option<usize> {
        self.lookups.iter().position(|(t, f, _)| (*t, *f) == (table, field))
    }

    pub fn of(ir: &Ir, schema: &Schema, nodes: &[NodeId]) -> Layout {
        let (mut profile, mut lookups) = (BTreeSet::new(), BTreeSet::new());
        let (mut rows, mut collections) = (BTreeSet::new(), BTreeSet::new());
        for id in nodes {
            match &ir.node(*id).op {
                Op::Field { scope: Scope::Customer, field, .. } => drop(profile.insert(*field)),
                Op::Field { table, field, .. } => drop(rows.insert((*table, *field))),
                Op::Lookup { table, field, .. } => drop(lookups.insert((*table, *field))),
                Op::Aggregate(aggregate) => {
                    collections.insert((aggregate.collection, aggregate.window.is_some()));
                }
                _ => {}
            }
        }
        let mut columns = 0;
        let windowed: BTreeMap<CollectionId, bool> = collections.into_iter().collect();
        let of_collection = |(id, windowed): (CollectionId, bool)| {
            let table = schema.collection(id).table;
            let declared = schema.table(table);
            let at = declared.at.filter(|_| windowed);
            let needed = declared.field_ids().map(|(f, _)| f).filter(|f| rows.contains(&(table, *f)) || at == Some(*f));
            let fields: Vec<(FieldId, usize)> = needed.zip(columns..).collect();
            columns += fields.len();
            let types = declared.fields.iter().map(|f| f.ty.clone()).collect();
            Rows { id, table, at: declared.at, fields, types }
        };
        let collections = windowed.into_iter().map(of_collection).collect();
        let typed = |table, field| schema.field(table, field).ty.clone();
        let profile: Vec<_> = profile.into_iter().map(|f| (f, typed(PROFILE, f))).collect();
        let place = |(field, _)| profile.iter().position(|(f, _)| *f == field);
        let places = schema.profile().field_ids().map(place).collect();
        let lookups = lookups.into_iter().map(|(t, f)| (t, f, typed(t, f))).collect();
        Layout { profile, places, collections, lookups, columns }
    }
}

impl Rows {
    pub fn column(&self, field: FieldId) -> Option<usize> {
        self.fields.iter().find(|(f, _)| *f == field).map(|(_, column)| *column)
    }
}

/// The order of work. Nodes of rows have no place in it: they are computed inside the folds that need them. Nor has what is
/// at hand anywhere: constants and fields of the profile, and whatever is said to be computed wherever it is needed.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The nodes of each function, operands first.
    pub functions: Vec<Vec<NodeId>>,
    /// How many of the functions depend on nothing but the instant.
    pub run: usize,
    home: HashMap<NodeId, usize>,
    slots: HashMap<NodeId, usize>,
    /// The most operands that a call out has.
    pub operands: usize,
}

impl Plan {
    /// Computes what the nodes need, and keeps those that are `kept`. What is `light` is computed wherever it is needed.
    pub fn new(ir: &Ir, nodes: &[NodeId], kept: &BTreeSet<NodeId>, light: &dyn Fn(NodeId) -> bool) -> Plan {
        let operands = nodes.iter().map(|id| passed(&ir.node(*id).op)).max().unwrap_or(0).max(3);
        let own = |id: &NodeId| {
            let node = ir.node(*id);
            let at_hand = matches!(node.op, Op::Constant(_) | Op::Field { .. }) || light(*id);
            node.scope <= Scope::Customer && (!at_hand || kept.contains(id))
        };
        let (run, customer): (Vec<NodeId>, Vec<NodeId>) =
            nodes.iter().copied().filter(own).partition(|id| ir.node(*id).scope <= Scope::Run);
        let mut functions = Vec::new();
        chunk(ir, run, &own, &mut functions);
        let run = functions.len();
        chunk(ir, customer, &own, &mut functions);
        let mut plan = Plan { functions, run, home: HashMap::new(), slots: HashMap::new(), operands };
        for (function, nodes) in plan.functions.iter().enumerate() {
            plan.home.extend(nodes.iter().map(|id| (*id, function)));
        }
        let mut passed: BTreeSet<NodeId> = kept.iter().copied().filter(|id| plan.home.contains_key(id)).collect();
        for (function, nodes) in plan.functions.iter().enumerate() {
            let uses = nodes.iter().flat_map(|id| uses(ir, *id, &own).0);
            passed.extend(uses.filter(|id| plan.home.get(id).is_some_and(|home| *home != function)));
        }
        plan.slots = passed.into_iter().enumerate().map(|(slot, id)| (id, slot)).collect();
        plan
    }

    /// Where a value lies that passes from one function to another or out.
    pub fn slot(&self, id: NodeId) -> Option<usize> {
        self.slots.get(&id).map(|slot| slot + self.operands)
    }

    /// How many slots there are, with those through which operands pass.
    pub fn slots(&self) -> usize {
        self.slots.len() + self.operands
    }

    /// Whether another function than this one computes the node.
    pub fn is_elsewhere(&self, id: NodeId, function: usize) -> bool {
        self.home.get(&id).is_some_and(|home| *home != function)
    }
}

/// How many operands an operation may pass to its host.
fn passed(op: &Op) -> usize {
    match op {
        Op::Call { arguments, .. } => arguments.len(),
        Op::ListTest { items, .. } => items.len() + 1,
        _ => 2,
    }
}

/// All nodes that the outputs need, operands first.
pub(crate) fn reached(ir: &Ir, outputs: &[NodeId]) -> Vec<NodeId> {
    let mut seen = BTreeSet::new();
    let mut stack = outputs.to_vec();
    while let Some(id) = stack.pop() {
        if seen.insert(id) {
            ir.node(id).op.for_each_operand(|operand| stack.push(operand));
        }
    }
    seen.into_iter().collect()
}

/// The nodes with a function of their own that a node needs, directly or through what has none; and how many of those it has.
fn uses(ir: &Ir, id: NodeId, own: &dyn Fn(&NodeId) -> bool) -> (Vec<NodeId>, usize) {
    let mut seen = BTreeSet::new();
    let mut stack = Vec::new();
    let mut found = Vec::new();
    ir.node(id).op.for_each_operand(|operand| stack.push(operand));
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        if own(&id) {
            found.push(id);
        } else {
            ir.node(id).op.for_each_operand(|operand| stack.push(operand));
        }
    }
    let rest = seen.len() - found.len();
    (found, rest)
}

fn chunk(ir: &Ir, nodes: Vec<NodeId>, own: &dyn Fn(&NodeId) -> bool, functions: &mut Vec<Vec<NodeId>>) {
    let mut room = 0;
    for id in nodes {
        let (operands, rest) = uses(ir, id, own);
        let weight = 1 + rest + operands.len() / 4;
        match functions.last_mut() {
            Some(function) if room >= weight => function.push(id),
            _ => {
                functions.push(vec![id]);
                room = FUNCTION_NODES;
            }
        }
        room = room.saturating_sub(weight);
    }
}
