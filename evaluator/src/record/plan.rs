//! What is to be computed and in which order: which fields the outputs need, which function computes which node, and
//! which values pass from one function to another. Knows no machine code.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use seg_ir::interpret::Context;
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

    pub fn rows_at(&self, id: CollectionId) -> Option<usize> {
        self.collections.iter().position(|rows| rows.id == id)
    }

    pub fn lookup_at(&self, table: TableId, field: FieldId) -> Option<usize> {
        self.lookups.iter().position(|(t, f, _)| (*t, *f) == (table, field))
    }

    fn of(ir: &Ir, schema: &Schema, nodes: &[NodeId]) -> Layout {
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

/// The order of work. Nodes of rows have no place in it: they are computed inside the folds that need them.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The nodes of each function, operands first.
    pub functions: Vec<Vec<NodeId>>,
    /// How many of the functions depend on nothing but the instant.
    pub run: usize,
    home: HashMap<NodeId, usize>,
    slots: HashMap<NodeId, usize>,
    pub outputs: Vec<usize>,
    /// The most operands that a call out has.
    pub operands: usize,
}

impl Plan {
    pub fn new(context: Context<'_>, outputs: &[NodeId]) -> (Plan, Layout) {
        let ir = context.ir;
        let reached = reached(ir, outputs);
        let layout = Layout::of(ir, context.schema, &reached);
        let operands = reached.iter().map(|id| passed(&ir.node(*id).op)).max().unwrap_or(0).max(3);
        let is_output: BTreeSet<NodeId> = outputs.iter().copied().collect();
        let own = |id: &NodeId| {
            let node = ir.node(*id);
            node.scope <= Scope::Customer && (!matches!(node.op, Op::Constant(_)) || is_output.contains(id))
        };
        let (run, customer): (Vec<NodeId>, Vec<NodeId>) =
            reached.into_iter().filter(own).partition(|id| ir.node(*id).scope <= Scope::Run);
        let mut functions = Vec::new();
        chunk(ir, run, &mut functions);
        let run = functions.len();
        chunk(ir, customer, &mut functions);
        let mut plan =
            Plan { functions, run, home: HashMap::new(), slots: HashMap::new(), outputs: Vec::new(), operands };
        for (function, nodes) in plan.functions.iter().enumerate() {
            plan.home.extend(nodes.iter().map(|id| (*id, function)));
        }
        let mut passed = is_output;
        for (function, nodes) in plan.functions.iter().enumerate() {
            let uses = nodes.iter().flat_map(|id| uses(ir, *id).0);
            passed.extend(uses.filter(|id| plan.home.get(id).is_some_and(|home| *home != function)));
        }
        plan.slots = passed.into_iter().enumerate().map(|(slot, id)| (id, slot)).collect();
        plan.outputs = outputs.iter().filter_map(|id| plan.slot(*id)).collect();
        (plan, layout)
    }

    /// Where a value lies that passes from one function to another or out.
    pub fn slot(&self, id: NodeId) -> Option<usize> {
        self.slots.get(&id).copied()
    }

    pub fn slots(&self) -> usize {
        self.slots.len()
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
fn reached(ir: &Ir, outputs: &[NodeId]) -> Vec<NodeId> {
    let mut seen = BTreeSet::new();
    let mut stack = outputs.to_vec();
    while let Some(id) = stack.pop() {
        if seen.insert(id) {
            ir.node(id).op.for_each_operand(|operand| stack.push(operand));
        }
    }
    seen.into_iter().collect()
}

/// The nodes outside of rows that a node needs, directly or inside its folds; and how many nodes of rows it has.
fn uses(ir: &Ir, id: NodeId) -> (Vec<NodeId>, usize) {
    let mut seen = BTreeSet::new();
    let mut stack = Vec::new();
    let mut found = Vec::new();
    ir.node(id).op.for_each_operand(|operand| stack.push(operand));
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        if ir.node(id).scope <= Scope::Customer {
            found.push(id);
        } else {
            ir.node(id).op.for_each_operand(|operand| stack.push(operand));
        }
    }
    let rows = seen.len() - found.len();
    (found, rows)
}

fn chunk(ir: &Ir, nodes: Vec<NodeId>, functions: &mut Vec<Vec<NodeId>>) {
    let mut room = 0;
    for id in nodes {
        let (operands, rows) = uses(ir, id);
        let weight = 1 + rows + operands.len() / 4;
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
