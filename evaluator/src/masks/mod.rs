//! The mask evaluator: every node's values for all lanes of a space at once. It is ready without compiling, and the
//! machine code of `crate::code` takes from it what is not a condition over conditions. Knows no order of evaluation: what
//! the interpreter would have looked at is worked out afterwards, in [`tally`], and only where something failed.

mod codes;
mod compare;
mod compute;
mod fold;
mod runs;
mod space;
mod tally;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use seg_ir::interpret::Tally;
use seg_ir::node::Scope;
use seg_ir::{CollectionId, Const, NodeId, Reason, Type, fault};

use crate::batch::{Batch, References};
use crate::machine::Machines;
use crate::mask::{self, Words};
use crate::plan::Plan;
use crate::vector::Vector;
pub(crate) use space::{CUSTOMERS, SpaceId};
use space::{Memo, Space};

/// Conditions on the rows of reference tables, decided once for a run.
#[derive(Debug, Default)]
pub(crate) struct Decided(Mutex<OfTables>);

/// Kept for the reference tables at hand; a batch of others begins anew.
#[derive(Debug, Default)]
struct OfTables {
    references: Option<Arc<References>>,
    conditions: HashMap<NodeId, Arc<Targets>>,
}

/// A condition on the rows of a reference table.
#[derive(Debug, Default)]
struct Targets {
    yes: Words,
    no: Words,
    /// What it is where the pointer leads nowhere.
    without: Option<bool>,
}

impl Decided {
    fn of<'b>(&self, plan: &'b Plan<'b>, batch: &'b Batch, pointer: NodeId, id: NodeId) -> Arc<Targets> {
        let mut of = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let references = batch.tables().references();
        let keeps = of.references.is_some() && fault::is("masks.targets-of-other-tables-are-kept");
        if !keeps && !of.references.as_ref().is_some_and(|known| Arc::ptr_eq(known, references)) {
            *of = OfTables { references: Some(Arc::clone(references)), conditions: HashMap::new() };
        }
        let make = || Arc::new(Evaluation::over_targets(plan, batch, pointer, id));
        Arc::clone(of.conditions.entry(id).or_insert_with(make))
    }
}

/// What went wrong in a node of a space, lane by lane.
#[derive(Debug, Default)]
struct Raw {
    faults: Vec<(Reason, Words)>,
    /// How many missing values a fold skipped.
    skipped: Vec<(usize, u64)>,
}

/// The evaluation of one block of a batch.
pub(crate) struct Evaluation<'b> {
    plan: &'b Plan<'b>,
    batch: Option<&'b Batch>,
    machines: Option<&'b Machines>,
    decided: Option<&'b Decided>,
    /// The pointer whose target's rows are the lanes, where conditions on those are decided.
    target_of: Option<NodeId>,
    spaces: Vec<Space<'b>>,
    /// The space of each collection's rows, once it is needed.
    of_collections: HashMap<CollectionId, SpaceId>,
    constants: Memo<'b>,
    /// The lanes of a space that are looked at just now; all where none are named. Only folds of rows within rows heed it.
    wanted: HashMap<SpaceId, Words>,
    /// The lanes in which such nodes were computed.
    done: HashMap<(SpaceId, NodeId), Words>,
    raw: HashMap<(SpaceId, NodeId), Raw>,
    /// What went wrong among rows within rows; their spaces are gone.
    failed_within: HashSet<NodeId>,
    /// Event rows visited: each once for a block and collection, and once for each row that it is looked at from.
    pub events: u64,
}

impl<'b> Evaluation<'b> {
    /// The customers `first..first + len` of a batch; conditions on rows are decided by machine code where there is some.
    pub fn new(
        plan: &'b Plan<'b>,
        machines: Option<&'b Machines>,
        decided: &'b Decided,
        batch: &'b Batch,
        first: usize,
        len: usize,
    ) -> Evaluation<'b> {
        let mut evaluation = Evaluation::bare(plan, len, first as u32);
        (evaluation.batch, evaluation.machines, evaluation.decided) = (Some(batch), machines, Some(decided));
        evaluation
    }

    fn bare(plan: &'b Plan<'b>, len: usize, first: u32) -> Evaluation<'b> {
        Evaluation {
            plan,
            batch: None,
            machines: None,
            decided: None,
            target_of: None,
            spaces: vec![Space::customers(first, len)],
            of_collections: HashMap::new(),
            constants: Memo::default(),
            wanted: HashMap::new(),
            done: HashMap::new(),
            raw: HashMap::new(),
            failed_within: HashSet::new(),
            events: 0,
        }
    }

    /// What a condition comes to for each row of the table that a pointer leads into.
    fn over_targets(plan: &'b Plan<'b>, batch: &'b Batch, pointer: NodeId, id: NodeId) -> Targets {
        let Type::Reference(table) = plan.context.ir.ty(pointer) else { return Targets::default() };
        let rows = batch.tables().get(*table).map_or(0, |table| table.rows);
        let mut evaluation = Evaluation::bare(plan, rows, 0);
        (evaluation.batch, evaluation.target_of) = (Some(batch), Some(pointer));
        let vector = evaluation.compute(CUSTOMERS, id);
        // Without a batch, every field is missing.
        let mut nowhere = Evaluation::bare(plan, 1, 0);
        nowhere.target_of = Some(pointer);
        let without = nowhere.compute(CUSTOMERS, id).value(0, &Type::Bool).as_bool();
        Targets { yes: vector.yes(rows).into_owned(), no: vector.no(rows).into_owned(), without }
    }

    /// The value of a node that depends on nothing but the as-of instant, its operands' being known, and how it failed.
    pub fn constant(plan: &Plan, id: NodeId) -> (Const, Vec<Reason>) {
        let mut evaluation = Evaluation::bare(plan, 1, 0);
        let value = evaluation.compute(CUSTOMERS, id).value(0, plan.context.ir.ty(id)).to_const();
        let faults: Vec<Reason> = evaluation.raw.values().flat_map(|raw| raw.faults.iter().map(|(r, _)| *r)).collect();
        match faults.first() {
            Some(reason) => (Const::Missing(*reason), faults),
            None => (value, faults),
        }
    }

    /// The values of a node for the block's customers.
    pub fn customers(&mut self, id: NodeId) -> Rc<Vector<'b>> {
        self.value(CUSTOMERS, id)
    }

    /// Gives a node's values in a space, computed elsewhere.
    pub fn supply(&mut self, space: SpaceId, id: NodeId, vector: Vector<'b>) {
        self.spaces[space.0].memo.set(id, Rc::new(vector));
    }

    /// What the interpreter would have counted.
    pub fn tally(&mut self) -> Tally {
        let mut tally = Tally { events: self.events, ..Tally::default() };
        tally::count(self, &mut tally);
        tally
    }

    /// The values of a node in a space, wherever it is computed.
    pub fn value(&mut self, space: SpaceId, id: NodeId) -> Rc<Vector<'b>> {
        let plan = self.plan;
        let partial = plan.within_rows[id.0 as usize];
        if let Some(known) = self.spaces[space.0].memo.get(id)
            && !(partial && self.lacks(space, id))
        {
            return Rc::clone(known);
        }
        let node = plan.context.ir.node(id);
        if node.scope <= Scope::Run
            && let Some(constant) = &plan.constants[id.0 as usize]
        {
            if let Some(kept) = self.constants.get(id) {
                return Rc::clone(kept);
            }
            let made = Rc::new(Vector::Same(constant.value()));
            self.constants.set(id, Rc::clone(&made));
            return made;
        }
        let home = self.home(space, node.scope);
        let vector = match home == space {
            true if partial => Rc::new(self.compute_where_wanted(space, id)),
            true => Rc::new(self.compute(space, id)),
            false => {
                let vector = self.value(home, id);
                self.brought(space, home, &vector)
            }
        };
        self.spaces[space.0].memo.set(id, Rc::clone(&vector));
        vector
    }

    /// The values of a node for some lanes at least: those where the interpreter would look.
    fn value_for(&mut self, space: SpaceId, id: NodeId, lanes: &[u64]) -> Rc<Vector<'b>> {
        if !self.plan.within_rows[id.0 as usize] {
            return self.value(space, id);
        }
        let before = self.wanted.insert(space, lanes.to_vec());
        let vector = self.value(space, id);
        match before {
            Some(before) => self.wanted.insert(space, before),
            None => self.wanted.remove(&space),
        };
        vector
    }

    /// Whether a node was not computed in all lanes that are looked at.
    fn lacks(&self, space: SpaceId, id: NodeId) -> bool {
        let Some(done) = self.done.get(&(space, id)).filter(|_| !fault::is("masks.some-lanes-are-all")) else {
            return false;
        };
        match self.wanted.get(&space) {
            Some(wanted) => mask::any(&mask::without(wanted, done)),
            None => mask::count(done) < self.len(space) as u64,
        }
    }

    fn compute_where_wanted(&mut self, space: SpaceId, id: NodeId) -> Vector<'b> {
        let mut lanes = self.wanted.get(&space).cloned().unwrap_or_else(|| mask::all(self.len(space)));
        if let Some(done) = self.done.get(&(space, id))
            && !fault::is("masks.lanes-done-are-forgotten")
        {
            mask::or_into(&mut lanes, done);
        }
        // What fails is found again.
        if !fault::is("masks.skipped-is-counted-twice") {
            self.raw.remove(&(space, id));
        }
        let before = self.wanted.insert(space, lanes.clone());
        let vector = self.compute(space, id);
        match before {
            Some(before) => self.wanted.insert(space, before),
            None => self.wanted.remove(&space),
        };
        self.done.insert((space, id), lanes);
        vector
    }

    /// The space, from `space` upwards, in which nodes of a scope are computed.
    fn home(&self, space: SpaceId, scope: Scope) -> SpaceId {
        let mut home = space;
        while self.spaces[home.0].scope > scope && home != CUSTOMERS {
            home = self.spaces[home.0].parent;
        }
        home
    }

    /// A wider space's values, for each lane of a space.
    fn brought(&self, space: SpaceId, from: SpaceId, vector: &Rc<Vector<'b>>) -> Rc<Vector<'b>> {
        if matches!(**vector, Vector::Same(_)) {
            return Rc::clone(vector);
        }
        let mut lanes = self.lanes_in(space, from);
        if fault::is("masks.gather-is-off-by-one") {
            lanes.iter_mut().for_each(|lane| *lane = lane.saturating_sub(1));
        }
        Rc::new(vector.gather(&lanes))
    }

    /// The lane of an enclosing space that each lane of a space belongs to.
    fn lanes_in(&self, space: SpaceId, enclosing: SpaceId) -> Vec<u32> {
        let mut lanes = self.spaces[space.0].of().to_vec();
        let mut at = self.spaces[space.0].parent;
        while at != enclosing {
            let of = self.spaces[at.0].of();
            lanes.iter_mut().for_each(|lane| *lane = of[*lane as usize]);
            at = self.spaces[at.0].parent;
        }
        lanes
    }

    pub fn len(&self, space: SpaceId) -> usize {
        self.spaces[space.0].len
    }

    /// Notes that a node's own computation failed in a lane.
    fn fault(&mut self, space: SpaceId, id: NodeId, reason: Reason, lane: usize) {
        let lanes = self.len(space);
        let raw = self.raw.entry((space, id)).or_default();
        let at = raw.faults.iter().position(|(known, _)| *known == reason).unwrap_or_else(|| {
            raw.faults.push((reason, mask::none(lanes)));
            raw.faults.len() - 1
        });
        mask::set(&mut raw.faults[at].1, lane);
    }

    /// The space of a collection's rows. Each row is visited here once, whatever looks at it.
    fn rows_of_customers(&mut self, collection: CollectionId) -> SpaceId {
        if let Some(known) =
            self.of_collections.get(&collection).filter(|_| !fault::is("masks.rows-are-laid-out-again"))
        {
            return *known;
        }
        let (plan, len) = (self.plan, self.len(CUSTOMERS));
        let first = self.spaces[CUSTOMERS.0].rows.row(0);
        let table = plan.context.schema.collection(collection).table;
        let batch = self.batch;
        let customers = first as usize..first as usize + len;
        let together = batch.and_then(|batch| batch.ranges(collection));
        let together = together.and_then(|ranges| Space::together(table, ranges, customers));
        let rows = together.unwrap_or_else(|| {
            let ranges = (0..len as u32)
                .map(move |lane| batch.map_or(0..0, |batch| space::rows_of(batch, collection, first + lane)));
            Space::rows(Scope::Row, CUSTOMERS, table, ranges)
        });
        self.events += rows.len as u64 * if fault::is("masks.rows-are-counted-twice") { 2 } else { 1 };
        let id = self.add(rows);
        self.of_collections.insert(collection, id);
        // A test of a column takes longer through machine code than by itself.
        let machines = self.machines.filter(|_| plan.composed.contains(&collection));
        if let Some(machine) = machines.and_then(|machines| machines.rows.get(&collection)) {
            machine.run(self, id);
        }
        id
    }

    /// Forgets a space that nothing refers to any more. Others may have been made since; they keep their names.
    fn drop_space(&mut self, id: SpaceId) {
        self.raw.retain(|(space, _), _| *space != id);
        self.done.retain(|(space, _), _| *space != id);
        if id.0 + 1 == self.spaces.len() {
            self.spaces.pop();
        } else {
            self.spaces[id.0] = Space::customers(0, 0);
        }
    }

    fn add(&mut self, space: Space<'b>) -> SpaceId {
        self.spaces.push(space);
        SpaceId(self.spaces.len() - 1)
    }
}
