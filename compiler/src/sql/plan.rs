//! Which nodes become columns, and in which layer of which relation. A layer's columns are computed from the layers before it,
//! so that nothing is written twice and nothing nests without bound. Writes no SQL.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use seg_ir::node::{Aggregate, AggregateKind, Op, Scope};
use seg_ir::{NodeId, Program, TableId};

use super::expression::Columns;
use super::literal::unique;
use super::say::Sayer;

/// Operations that one expression nests, and holds, at most.
const DEPTH_MAX: u32 = 12;
const WEIGHT_MAX: u32 = 60;
/// What holds no more than this is written again rather than given a column.
const WEIGHT_TRIVIAL: u32 = 3;

/// The customers and the groups of folds over their rows.
pub struct Plan {
    pub customers: Relation,
    pub groups: Vec<Group>,
}

/// Columns by layer.
#[derive(Default)]
pub struct Relation {
    pub columns: Columns,
    /// The nodes that become columns in each layer above the first.
    pub layers: Vec<Vec<NodeId>>,
}

/// Folds that share their rows: of one table, of one layer of customers, addressing their rows alike.
pub struct Group {
    pub table: TableId,
    /// The layer of customers that the rows look at.
    pub layer: u32,
    pub folds: Vec<NodeId>,
    /// Nodes of the customer that the rows look at.
    pub of_customer: Vec<NodeId>,
    pub rows: Relation,
}

/// What wants a column of its own, under which name.
pub struct Wanted {
    pub node: NodeId,
    pub name: String,
}

pub fn plan(program: &Program, sayer: &Sayer, outputs: &[Wanted]) -> Plan {
    let mut planner = Planner { program, sayer, uses: HashMap::new(), shape: HashMap::new() };
    let roots: Vec<NodeId> = outputs.iter().map(|o| o.node).collect();
    let reached = planner.reach(&roots);
    planner.count_uses(&reached, &roots);
    let crossing = planner.crossing(&reached);
    let names: HashMap<NodeId, &str> = outputs.iter().rev().map(|o| (o.node, o.name.as_str())).collect();
    let tables = program.schema.tables.iter();
    let own = tables.flat_map(|t| t.fields.iter().map(|f| f.name.as_str()).chain(t.by.as_deref()));
    let mut taken: HashSet<String> = own.map(str::to_lowercase).collect();
    taken.extend(outputs.iter().map(|o| o.name.to_lowercase()));
    let of_customer: Vec<NodeId> =
        reached.iter().copied().filter(|id| program.ir.node(*id).scope <= Scope::Customer).collect();
    let customers = planner.relation(&of_customer, &crossing, &names, &mut taken, None);
    let groups = planner.groups(&reached, &customers, &mut taken);
    Plan { customers, groups }
}

struct Planner<'a> {
    program: &'a Program,
    sayer: &'a Sayer<'a>,
    uses: HashMap<NodeId, u32>,
    /// How deep a node is and how much it holds, where it is written out.
    shape: HashMap<NodeId, (u32, u32)>,
}

impl Planner<'_> {
    fn is_constant(&self, id: NodeId) -> bool {
        self.sayer.constant(id).is_some()
    }

    fn op(&self, id: NodeId) -> &Op {
        &self.program.ir.node(id).op
    }

    fn operands(&self, id: NodeId) -> Vec<NodeId> {
        let mut operands = Vec::new();
        if !self.is_constant(id) {
            self.op(id).for_each_operand(|operand| operands.push(operand));
        }
        operands
    }

    /// Everything that takes part, operands first.
    fn reach(&self, roots: &[NodeId]) -> BTreeSet<NodeId> {
        let mut reached = BTreeSet::new();
        let mut stack = roots.to_vec();
        while let Some(id) = stack.pop() {
            if reached.insert(id) {
                stack.extend(self.operands(id));
            }
        }
        reached
    }

    fn count_uses(&mut self, reached: &BTreeSet<NodeId>, roots: &[NodeId]) {
        for id in reached {
            let times = self.times_written(*id);
            for operand in self.operands(*id) {
                *self.uses.entry(operand).or_default() += times;
            }
        }
        for root in roots {
            *self.uses.entry(*root).or_default() += 1;
        }
    }

    /// How often an operation's SQL repeats its operands.
    fn times_written(&self, id: NodeId) -> u32 {
        match self.op(id) {
            Op::Call { builtin, .. } => {
                let sql = self.program.vocabulary.get(*builtin).map_or("", |b| b.sql);
                if sql.matches('{').count() > 3 || sql.matches("{0}").count() > 1 { 2 } else { 1 }
            }
            Op::Arithmetic(..) | Op::PercentOf(..) | Op::NextAnniversary { .. } | Op::Shift { .. } => 2,
            Op::Aggregate(aggregate) if matches!(aggregate.kind, AggregateKind::Any | AggregateKind::Every) => 2,
            _ => 1,
        }
    }

    /// Nodes of the customer that stand among those of a row, or bound a fold's window.
    fn crossing(&self, reached: &BTreeSet<NodeId>) -> HashSet<NodeId> {
        let mut crossing = HashSet::new();
        for id in reached {
            let is_row = self.program.ir.node(*id).scope >= Scope::Row;
            let is_fold = matches!(self.op(*id), Op::Aggregate(_));
            if !is_row && !is_fold {
                continue;
            }
            for operand in self.operands(*id) {
                if self.program.ir.node(operand).scope == Scope::Customer && !self.is_constant(operand) {
                    crossing.insert(operand);
                }
            }
        }
        crossing
    }

    /// Gives columns to the nodes of a relation. `own`: the relation of a fold's rows, rather than of the customers.
    fn relation(
        &mut self,
        nodes: &[NodeId],
        crossing: &HashSet<NodeId>,
        names: &HashMap<NodeId, &str>,
        taken: &mut HashSet<String>,
        own: Option<&Relation>,
    ) -> Relation {
        let mut relation = Relation::default();
        if let Some(own) = own {
            relation.columns = own.columns.clone();
        }
        let mut available: HashMap<NodeId, u32> = HashMap::new();
        for id in nodes {
            if self.is_constant(*id) || relation.columns.0.contains_key(id) {
                available.insert(*id, 0);
                self.shape.insert(*id, (0, 1));
                continue;
            }
            let operands = self.operands(*id);
            let (mut depth, mut weight, mut layer) = (0, 1_u32, 0);
            for operand in &operands {
                let (d, w) = self.shape.get(operand).copied().unwrap_or((0, 1));
                (depth, weight) = (depth.max(d + 1), weight.saturating_add(w));
                layer = layer.max(available.get(operand).copied().unwrap_or(0));
            }
            if self.is_dear(*id) {
                weight = weight.saturating_add(WEIGHT_TRIVIAL);
            }
            let is_leaf = self.is_leaf(*id);
            // A fold's rows are of its own relation: of the customers they see the layer at which they look.
            let is_fold = matches!(self.op(*id), Op::Aggregate(_));
            let is_shared = self.uses.get(id).copied().unwrap_or(0) > 1 && weight > WEIGHT_TRIVIAL;
            let is_much = depth > DEPTH_MAX || weight > WEIGHT_MAX;
            let is_used_output = names.contains_key(id) && self.uses.get(id).copied().unwrap_or(0) > 1;
            let wanted = is_fold || is_shared || is_much || is_used_output || crossing.contains(id);
            if is_leaf || !wanted {
                available.insert(*id, layer);
                self.shape.insert(*id, if is_leaf { (0, 1) } else { (depth, weight) });
                continue;
            }
            if is_fold {
                layer = self.layer_of_rows(*id, &available);
            }
            let name = match names.get(id) {
                Some(name) => (*name).to_string(),
                None => unique(taken, &self.describe(*id)),
            };
            relation.columns.0.insert(*id, (name, layer + 1));
            relation.layers.resize_with(relation.layers.len().max(layer as usize + 1), Vec::new);
            if let Some(of_layer) = relation.layers.get_mut(layer as usize) {
                of_layer.push(*id);
            }
            available.insert(*id, layer + 1);
            self.shape.insert(*id, (0, 1));
        }
        relation
    }

    /// Whether an operation costs so much that even a short one is not written twice.
    fn is_dear(&self, id: NodeId) -> bool {
        match self.op(id) {
            Op::Shift { .. } | Op::StartOfDay(_) | Op::NextAnniversary { .. } | Op::Matches { .. } => true,
            Op::TextTest { ignoring_case, .. } => *ignoring_case,
            _ => false,
        }
    }

    fn is_leaf(&self, id: NodeId) -> bool {
        match self.op(id) {
            Op::Field { .. } => true,
            Op::Lookup { pointer, .. } => matches!(self.op(*pointer), Op::Field { .. }),
            _ => false,
        }
    }

    /// The first layer at which everything that a fold needs from outside its rows is there.
    fn layer_of_rows(&self, fold: NodeId, available: &HashMap<NodeId, u32>) -> u32 {
        let mut layer = 0;
        let mut stack = self.operands(fold);
        let mut seen = HashSet::new();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            match available.get(&id) {
                Some(of) => layer = layer.max(*of),
                None => stack.extend(self.operands(id)),
            }
        }
        layer
    }

    fn groups(&mut self, reached: &BTreeSet<NodeId>, customers: &Relation, taken: &mut HashSet<String>) -> Vec<Group> {
        let mut by_rows: BTreeMap<(TableId, Scope, u32), Vec<NodeId>> = BTreeMap::new();
        for (layer, nodes) in customers.layers.iter().enumerate() {
            for id in nodes {
                if let Op::Aggregate(aggregate) = self.op(*id) {
                    let table = self.program.schema.collection(aggregate.collection).table;
                    by_rows.entry((table, aggregate.scope, layer as u32)).or_default().push(*id);
                }
            }
        }
        let mut groups = Vec::new();
        for ((table, _, layer), folds) in by_rows {
            let inside = self.inside(&folds);
            let mut of_customer: Vec<NodeId> = Vec::new();
            for id in folds.iter().chain(&inside) {
                for operand in self.operands(*id) {
                    let is_customer = self.program.ir.node(operand).scope == Scope::Customer;
                    if is_customer && !self.is_constant(operand) && !of_customer.contains(&operand) {
                        of_customer.push(operand);
                    }
                }
            }
            let mut own = Relation::default();
            for id in &of_customer {
                let name = unique(taken, &format!("customer_{}", self.describe(*id)));
                own.columns.0.insert(*id, (name, 0));
            }
            let nodes: Vec<NodeId> = inside.iter().copied().filter(|id| reached.contains(id)).collect();
            let outer: Vec<NodeId> = nodes.into_iter().filter(|id| self.is_of_rows(*id, &folds)).collect();
            let rows = self.relation(&outer, &HashSet::new(), &HashMap::new(), taken, Some(&own));
            groups.push(Group { table, layer, folds, of_customer, rows });
        }
        groups
    }

    /// All nodes of rows within folds, inner rows included.
    fn inside(&self, folds: &[NodeId]) -> BTreeSet<NodeId> {
        let mut inside = BTreeSet::new();
        let mut stack: Vec<NodeId> = folds.iter().flat_map(|f| self.operands(*f)).collect();
        while let Some(id) = stack.pop() {
            let is_row = self.program.ir.node(id).scope >= Scope::Row && !self.is_constant(id);
            if is_row && inside.insert(id) {
                stack.extend(self.operands(id));
            }
        }
        inside
    }

    /// Whether a node belongs to the folds' own rows rather than to inner ones: it is reached without passing an inner fold.
    fn is_of_rows(&self, id: NodeId, folds: &[NodeId]) -> bool {
        let mut stack: Vec<NodeId> = folds.iter().flat_map(|f| self.operands(*f)).collect();
        let mut seen = HashSet::new();
        while let Some(at) = stack.pop() {
            if at == id {
                return true;
            }
            if seen.insert(at)
                && self.program.ir.node(at).scope >= Scope::Row
                && !matches!(self.op(at), Op::Aggregate(_))
            {
                stack.extend(self.operands(at));
            }
        }
        false
    }

    /// A name for a column that the playbook gives none.
    fn describe(&self, id: NodeId) -> String {
        let schema = &self.program.schema;
        let plain = |text: &str| text.replace('.', "_");
        match self.op(id) {
            Op::Field { table, field, .. } => plain(&schema.field(*table, *field).name),
            Op::Lookup { table, field, .. } => plain(&schema.field(*table, *field).name),
            Op::Aggregate(aggregate) => self.describe_fold(aggregate),
            Op::Choose { .. } => "choice".into(),
            Op::Arithmetic(..) | Op::Negate(_) | Op::PercentOf(..) => "amount".into(),
            Op::Call { builtin, .. } => self.program.vocabulary.get(*builtin).map_or("value", |b| b.name).to_string(),
            Op::Shift { .. } | Op::StartOf(..) | Op::StartOfDay(_) | Op::CivilDate(_) | Op::NextAnniversary { .. } => {
                "moment".into()
            }
            _ if *self.program.ir.ty(id) == seg_ir::Type::Bool => "condition".into(),
            _ => "value".into(),
        }
    }

    fn describe_fold(&self, aggregate: &Aggregate) -> String {
        let what = match aggregate.kind {
            AggregateKind::Count => "count",
            AggregateKind::Share => "share",
            AggregateKind::Any => "any",
            AggregateKind::Every => "every",
            AggregateKind::Sum => "sum",
            AggregateKind::Mean => "mean",
            AggregateKind::Min => "min",
            AggregateKind::Max => "max",
            AggregateKind::Latest | AggregateKind::LatestRow => "latest",
            AggregateKind::Earliest | AggregateKind::EarliestRow => "earliest",
            AggregateKind::Distinct => "distinct",
            AggregateKind::MostFrequent => "most_frequent",
            AggregateKind::List => "list",
        };
        let of = match aggregate.value {
            Some(value) if matches!(self.op(value), Op::Field { .. } | Op::Lookup { .. }) => self.describe(value),
            _ => self.program.schema.collection(aggregate.collection).name.clone(),
        };
        format!("{what}_{of}")
    }
}
