//! Conditions as machine code: each instruction decides 128 customers. Gates are cut into functions of bounded size, in
//! their order; what a later function needs of an earlier one goes through memory.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I64, I64X2};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value};
use cranelift_frontend::FunctionBuilder;
use seg_ir::node::Scope;
use seg_ir::{CollectionId, NodeId, Op, fault};

use crate::batch::Batch;
use crate::code::{Builder, Code, NoCode};
use crate::column::Column;
use crate::conditions::{self, Conditions, Gate, GateId, Leaf, Root, TRUE};
use crate::mask::{self, Words};
use crate::masks::{Evaluation, SpaceId};
use crate::plan::Plan;
use crate::vector::Vector;

/// The most gates to a function: compile time grows faster than the function does.
const GATES_MAX: usize = 1024;
/// Bytes that one step of the loop takes: two words.
const STEP: i64 = 16;

/// `(slots, bytes)`: the masks' addresses, leaves first, and how long each is.
type Entry = unsafe extern "C" fn(*const *mut u64, usize);

/// The compiled conditions of a playbook: those of its customers, and those by which folds choose rows.
#[derive(Debug)]
pub(crate) struct Machines {
    pub customers: Machine,
    pub rows: HashMap<CollectionId, Machine>,
}

/// The conditions of a playbook, by the space that they are of.
pub(crate) struct Sources {
    customers: Conditions,
    rows: Vec<(CollectionId, Conditions)>,
    /// Nodes that something else than conditions uses.
    used: HashSet<NodeId>,
}

impl Sources {
    pub fn of(plan: &Plan) -> Sources {
        let ir = plan.context.ir;
        let mut filters: BTreeMap<CollectionId, Vec<NodeId>> = BTreeMap::new();
        let mut used = HashSet::new();
        for id in &plan.reachable {
            let node = ir.node(*id);
            if let Op::Aggregate(aggregate) = &node.op
                && let (Scope::Row, Some(filter)) = (aggregate.scope, aggregate.filter)
                && ir.node(filter).scope == Scope::Row
                && !plan.within_rows[filter.0 as usize]
            {
                filters.entry(aggregate.collection).or_default().push(filter);
            }
            if !conditions::is_made_of_conditions(plan, *id) {
                node.op.for_each_operand(|operand| {
                    used.insert(operand);
                });
            }
        }
        Sources {
            customers: Conditions::of(plan, plan.outputs.iter().copied()),
            rows: filters.into_iter().map(|(id, filters)| (id, Conditions::of(plan, filters))).collect(),
            used,
        }
    }
}

impl Machines {
    /// **Errors**: those of code generation.
    pub fn new(sources: Sources) -> Result<Machines, NoCode> {
        let rows = sources.rows.into_iter().filter(|(_, conditions)| !conditions.roots.is_empty());
        let rows = rows.map(|(id, conditions)| Ok((id, Machine::new(conditions, &sources.used)?)));
        let rows = rows.collect::<Result<_, NoCode>>()?;
        Ok(Machines { customers: Machine::new(sources.customers, &sources.used)?, rows })
    }

    /// Whether the code may decide the customers of a batch: no column was left unread that it takes to be complete.
    pub fn fit(&self, batch: &Batch) -> bool {
        let machines = std::iter::once(&self.customers).chain(self.rows.values());
        let mut fields = machines.flat_map(|machine| machine.conditions.atoms.values().map(|atom| atom.field));
        fields.all(|field| {
            let column = batch.column(field.table, field.field);
            !field.complete || !matches!(column, Some(Column::Unread(_))) || fault::is("machine.unread-is-complete")
        })
    }
}

/// Compiled conditions of one space.
#[derive(Debug)]
pub(crate) struct Machine {
    conditions: Conditions,
    /// The leaves, those that test one column beside each other.
    order: Vec<usize>,
    /// Gates that are kept in memory, by their slot after the leaves'.
    stored: Vec<GateId>,
    slots: HashMap<GateId, usize>,
    /// The roots that something else than conditions uses.
    used: Vec<Root>,
    entries: Vec<Entry>,
    /// Owns what `entries` point to.
    _code: Arc<Code>,
}

impl Machine {
    /// **Errors**: those of code generation.
    pub fn new(conditions: Conditions, used: &HashSet<NodeId>) -> Result<Machine, NoCode> {
        let (stored, slots) = slots(&conditions);
        let mut builder = Builder::new()?;
        let mut functions = Vec::new();
        for first in (0..conditions.gates.len()).step_by(GATES_MAX) {
            let end = (first + GATES_MAX).min(conditions.gates.len());
            functions.push(builder.define(&[I64, I64], |b, given| {
                let emitter =
                    Emitter { conditions: &conditions, slots: &slots, table: given[0], values: HashMap::new() };
                let end = end - usize::from(fault::is("machine.last-gate-is-dropped"));
                emitter.looped(b, given[1], first..end);
                Ok(())
            })?);
        }
        let code = builder.finish()?;
        let entry = |function| {
            // SAFETY: the function was defined above with these two parameters and no result, by the system's calling
            // convention; its code lives as long as `_code`, beside which the address is kept.
            unsafe { std::mem::transmute::<*const u8, Entry>(code.address(function)) }
        };
        let entries = functions.into_iter().map(entry).collect();
        let mut order: Vec<usize> = (0..conditions.leaves.len()).collect();
        order.sort_by_key(|leaf| match &conditions.leaves[*leaf] {
            Leaf::Found(id) => conditions.atoms.get(id).map(|atom| (atom.field.table, atom.field.field)),
            _ => None,
        });
        let used = conditions.roots.iter().filter(|root| used.contains(&root.node)).copied().collect();
        Ok(Machine { conditions, order, stored, slots, used, entries, _code: code })
    }

    /// How many masks the code writes.
    pub fn stored(&self) -> usize {
        self.stored.len()
    }

    /// Each root, and which of the masks that the code writes are its own; it is known everywhere where none tells.
    pub fn roots(&self) -> impl Iterator<Item = (NodeId, Option<usize>, Option<usize>)> {
        self.conditions.roots.iter().map(|root| (root.node, self.slot_of(root.yes), self.slot_of(root.known)))
    }

    fn slot_of(&self, gate: GateId) -> Option<usize> {
        self.slots.get(&gate).map(|slot| slot - self.conditions.leaves.len())
    }

    /// Decides all roots for the lanes of a space, and hands them to its evaluation.
    pub fn run(&self, evaluation: &mut Evaluation, space: SpaceId) {
        self.run_into(evaluation, space, Vec::new(), &self.conditions.roots);
    }

    /// Decides all roots for the lanes of a space, and writes them where they belong, if that is given: by stored mask, a word
    /// for each 64 lanes and an even number of words. Only roots that something else than conditions uses are handed to the
    /// evaluation.
    pub fn run_to(&self, evaluation: &mut Evaluation, space: SpaceId, given: Vec<Option<&mut [u64]>>) {
        self.run_into(evaluation, space, given, &self.used);
    }

    fn run_into(&self, evaluation: &mut Evaluation, space: SpaceId, given: Vec<Option<&mut [u64]>>, supplied: &[Root]) {
        let lanes = evaluation.len(space);
        if lanes == 0 {
            return;
        }
        let words = mask::words(lanes);
        let mut given: Vec<Option<&mut [u64]>> = given;
        given.resize_with(self.stored.len(), || None);
        let mut own: Words = vec![0; words * given.iter().filter(|place| place.is_none()).count()];
        let mut free = own.chunks_exact_mut(words);
        let mut stored: Vec<&mut [u64]> = given.into_iter().filter_map(|place| place.or_else(|| free.next())).collect();
        self.decide(evaluation, space, &mut stored);
        for root in supplied {
            let of = |gate| self.slot_of(gate).map(|at| &*stored[at]);
            let yes = of(root.yes).map_or_else(|| mask::none(lanes), <[u64]>::to_vec);
            let known = of(root.known).map_or_else(|| mask::all(lanes), <[u64]>::to_vec);
            let no = mask::without(&known, &yes);
            evaluation.supply(space, root.node, Vector::Truth { yes, no });
        }
    }

    /// Computes the leaves, and runs the code over them. **Shape** of `stored`: by stored gate, a word for each 64 lanes and
    /// an even number of them.
    fn decide(&self, evaluation: &mut Evaluation, space: SpaceId, stored: &mut [&mut [u64]]) {
        let lanes = evaluation.len(space);
        let words = mask::words(lanes);
        let mut found: Words = vec![0; words * self.conditions.atoms.len()];
        let mut free = found.chunks_exact_mut(words);
        let mut leaves: Vec<Held> = self.conditions.leaves.iter().map(|_| Held::Found(&[])).collect();
        for at in &self.order {
            let leaf = self.conditions.leaves[*at];
            leaves[*at] = if let Leaf::Found(id) = leaf
                && let Some((atom, words)) = self.conditions.atoms.get(&id).zip(free.next())
                && evaluation.test(space, atom, words)
            {
                Held::Found(words)
            } else {
                Held::of(evaluation, space, leaf, &self.conditions)
            };
        }
        let sizes = leaves.iter().map(|held| held.words().len()).chain(stored.iter().map(|words| words.len()));
        assert!(sizes.min().is_none_or(|least| least >= words), "each mask has a word for each 64 lanes");
        let read = leaves.iter().map(|held| held.words().as_ptr().cast_mut());
        let table: Vec<*mut u64> = read.chain(stored.iter_mut().map(|words| words.as_mut_ptr())).collect();
        for entry in &self.entries {
            // SAFETY: the table has an address for each slot that the code was compiled with; each mask has as many bytes as
            // are told, by the assertion above, and that is a multiple of the loop's step; the code writes to those of
            // `stored` alone, which nothing else borrows here.
            unsafe { entry(table.as_ptr(), words * size_of::<u64>()) };
        }
        if !fault::is("machine.tail-is-not-cleared") {
            stored.iter_mut().for_each(|words| mask::clear_tail(words, lanes));
        }
    }
}

/// A leaf's mask, held for as long as the code reads it.
enum Held<'s, 'b> {
    Found(&'s [u64]),
    Yes(Rc<Vector<'b>>),
    No(Rc<Vector<'b>>),
    Made(Words),
}

impl<'b> Held<'_, 'b> {
    fn of(evaluation: &mut Evaluation<'b>, space: SpaceId, leaf: Leaf, conditions: &Conditions) -> Self {
        let lanes = evaluation.len(space);
        let (id, yes) = match leaf {
            Leaf::Yes(id) => (id, true),
            Leaf::No(id) => (id, false),
            Leaf::Known(id) => return Held::Made(evaluation.known(space, id)),
            // A column whose rows do not lie together is tested elsewhere.
            Leaf::Found(id) => (id, conditions.atoms.get(&id).is_none_or(|atom| !atom.negated)),
        };
        let vector = evaluation.value(space, id);
        match (&*vector, yes) {
            (Vector::Truth { .. }, true) => Held::Yes(vector),
            (Vector::Truth { .. }, false) if fault::is("machine.false-is-read-as-true") => Held::Yes(vector),
            (Vector::Truth { .. }, false) => Held::No(vector),
            (_, true) => Held::Made(vector.yes(lanes).into_owned()),
            (_, false) => Held::Made(vector.no(lanes).into_owned()),
        }
    }

    fn words(&self) -> &[u64] {
        match self {
            Held::Found(words) => words,
            Held::Made(words) => words,
            Held::Yes(vector) | Held::No(vector) => match (&**vector, self) {
                (Vector::Truth { yes, .. }, Held::Yes(_)) => yes,
                (Vector::Truth { no, .. }, _) => no,
                _ => &[],
            },
        }
    }
}

/// The gates that are kept in memory (roots, and what another function needs), and the slot of each of those and of each
/// leaf.
fn slots(conditions: &Conditions) -> (Vec<GateId>, HashMap<GateId, usize>) {
    let function_of = |gate: GateId| gate.0 as usize / GATES_MAX;
    let mut kept = vec![false; conditions.gates.len()];
    for root in &conditions.roots {
        kept[root.yes.0 as usize] = true;
        kept[root.known.0 as usize] |= root.known != TRUE;
    }
    for (at, gate) in conditions.gates.iter().enumerate() {
        let operands: &[GateId] = match gate {
            Gate::Not(a) => &[*a],
            Gate::And(a, b) | Gate::Or(a, b) => &[*a, *b],
            Gate::False | Gate::True | Gate::Leaf(_) => &[],
        };
        for operand in operands {
            let simple = matches!(conditions.gates[operand.0 as usize], Gate::False | Gate::True | Gate::Leaf(_));
            kept[operand.0 as usize] |= !simple && function_of(*operand) != at / GATES_MAX;
        }
    }
    let stored: Vec<GateId> = (0..kept.len() as u32).map(GateId).filter(|gate| kept[gate.0 as usize]).collect();
    let first = conditions.leaves.len();
    let slots = stored.iter().enumerate().map(|(at, gate)| (*gate, first + at)).collect();
    (stored, slots)
}

struct Emitter<'e> {
    conditions: &'e Conditions,
    slots: &'e HashMap<GateId, usize>,
    /// The table of the masks' addresses.
    table: Value,
    /// What the gates of this function are, within the loop.
    values: HashMap<GateId, Value>,
}

impl Emitter<'_> {
    /// A loop over the masks, two words at a time, that computes a run of gates and stores those that are kept.
    fn looped(mut self, b: &mut FunctionBuilder, bytes: Value, gates: std::ops::Range<usize>) {
        let (body, done) = (b.create_block(), b.create_block());
        let offset = b.append_block_param(body, I64);
        let start = b.ins().iconst(I64, 0);
        b.ins().jump(body, &[start.into()]);
        b.switch_to_block(body);
        for at in gates {
            let gate = GateId(at as u32);
            if self.slots.contains_key(&gate) || !is_simple(self.conditions.gates[at]) {
                let value = self.gate(b, gate, offset);
                if let Some(slot) = self.slots.get(&gate) {
                    let address = self.address(b, *slot, offset);
                    b.ins().store(MemFlagsData::new().with_notrap(), value, address, 0);
                }
            }
        }
        let next = b.ins().iadd_imm_u(offset, STEP);
        let again = if fault::is("machine.only-two-words-are-done") { IntCC::Equal } else { IntCC::UnsignedLessThan };
        let more = b.ins().icmp(again, next, bytes);
        b.ins().brif(more, body, &[next.into()], done, &[]);
        b.seal_block(body);
        b.switch_to_block(done);
        b.seal_block(done);
    }

    fn address(&self, b: &mut FunctionBuilder, slot: usize, offset: Value) -> Value {
        let base = b.ins().load(I64, MemFlagsData::trusted().with_readonly(), self.table, (slot * 8) as i32);
        b.ins().iadd(base, offset)
    }

    fn load(&self, b: &mut FunctionBuilder, slot: usize, offset: Value) -> Value {
        let address = self.address(b, slot, offset);
        b.ins().load(I64X2, MemFlagsData::new().with_notrap(), address, 0)
    }

    fn gate(&mut self, b: &mut FunctionBuilder, gate: GateId, offset: Value) -> Value {
        if let Some(known) = self.values.get(&gate) {
            return *known;
        }
        let value = match self.conditions.gates[gate.0 as usize] {
            Gate::False => constant(b, 0),
            Gate::True => constant(b, if fault::is("machine.true-is-one-lane") { 1 } else { -1 }),
            Gate::Leaf(leaf) => self.load(b, leaf as usize, offset),
            Gate::Not(a) => {
                let a = self.operand(b, gate, a, offset);
                if fault::is("machine.not-is-lost") { a } else { b.ins().bnot(a) }
            }
            Gate::And(x, y) => {
                let (x, y) = (self.operand(b, gate, x, offset), self.operand(b, gate, y, offset));
                if fault::is("machine.and-is-or") { b.ins().bor(x, y) } else { b.ins().band(x, y) }
            }
            Gate::Or(x, y) => {
                let (x, y) = (self.operand(b, gate, x, offset), self.operand(b, gate, y, offset));
                b.ins().bor(x, y)
            }
        };
        self.values.insert(gate, value);
        value
    }

    /// An operand: of this function, or one that an earlier function stored.
    fn operand(&mut self, b: &mut FunctionBuilder, user: GateId, id: GateId, offset: Value) -> Value {
        let elsewhere = id.0 as usize / GATES_MAX != user.0 as usize / GATES_MAX;
        match self.slots.get(&id) {
            Some(slot) if elsewhere && !is_simple(self.conditions.gates[id.0 as usize]) => {
                if let Some(known) = self.values.get(&id) {
                    return *known;
                }
                let slot =
                    if fault::is("machine.spilled-gate-is-another") { self.conditions.leaves.len() } else { *slot };
                let value = self.load(b, slot, offset);
                self.values.insert(id, value);
                value
            }
            _ => self.gate(b, id, offset),
        }
    }
}

/// Made anew wherever it is needed.
fn is_simple(gate: Gate) -> bool {
    matches!(gate, Gate::False | Gate::True | Gate::Leaf(_))
}

fn constant(b: &mut FunctionBuilder, word: i64) -> Value {
    let word = b.ins().iconst(I64, word);
    b.ins().splat(I64X2, word)
}
