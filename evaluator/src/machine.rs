//! Conditions as machine code: each instruction decides 128 customers. Gates are cut into functions of bounded size, in
//! their order; what a later function needs of an earlier one goes through memory.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I64, I64X2};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value};
use cranelift_frontend::FunctionBuilder;
use seg_ir::node::Scope;
use seg_ir::{CollectionId, FieldId, NodeId, Op, TableId, fault};

use crate::atom::Atom;
use crate::batch::Batch;
use crate::code::{Builder, Code, NoCode};
use crate::column::Column;
use crate::conditions::{Conditions, Gate, GateId, Ground as _, Leaf, Root, TRUE};
use crate::guard::{self, Masks};
use crate::mask::{self, Words};
use crate::masks::{Evaluation, SpaceId};
use crate::plan::Plan;
use crate::vector::Vector;

/// The most gates to a function: compile time grows faster than the function does.
const GATES_MAX: usize = 1024;
/// Bytes that one step of the loop takes: two words.
const STEP: i64 = 16;
const WORD: usize = size_of::<u64>();
/// The most lanes that the code is run for at once: what one mask of them takes has a fixed place in the slab.
const PIECE: usize = 1024;
const PIECE_WORDS: usize = PIECE / 64;

/// `(slab, table, bytes, at)`: leaves and what functions pass on, the addresses of the masks that are written, how many bytes
/// of each to do, and from which byte of the written ones on.
type Entry = unsafe extern "C" fn(*mut u64, *const *mut u64, usize, usize);

/// Where a place of the slab begins.
fn displacement(place: usize) -> i32 {
    (place * PIECE_WORDS * WORD) as i32
}

/// The compiled conditions of a playbook: those of its customers, and those by which folds choose rows.
#[derive(Debug)]
pub(crate) struct Machines {
    pub customers: Machine,
    pub rows: HashMap<CollectionId, Machine>,
}

/// The conditions of a playbook, by the space that they are of.
pub(crate) struct Sources {
    customers: Source,
    rows: Vec<(CollectionId, Source)>,
    /// Nodes that something else than conditions uses.
    used: HashSet<NodeId>,
}

/// The conditions of one space.
struct Source {
    conditions: Conditions,
    /// Of the leaves that are tests.
    atoms: HashMap<NodeId, Arc<Atom>>,
    /// Fields that are taken to have a value in every row.
    complete: Vec<(TableId, FieldId)>,
}

impl Source {
    /// The conditions among `nodes` that are made of others or of tests.
    fn of(plan: &Plan, nodes: &[NodeId]) -> Source {
        let ours = |id: &NodeId| plan.is_logic(*id) || plan.atoms[id.0 as usize].is_some();
        let conditions = Conditions::of(plan, nodes.iter().copied().filter(ours));
        let atom = |leaf: &Leaf| match leaf {
            Leaf::Found(id) => plan.atoms[id.0 as usize].clone().map(|atom| (*id, atom)),
            _ => None,
        };
        let atoms = conditions.leaves.iter().filter_map(atom).collect();
        let field = |id: &NodeId| match plan.context.ir.node(*id).op {
            Op::Field { table, field, .. } => Some((table, field)),
            _ => None,
        };
        let complete = conditions.complete.iter().filter_map(field).collect();
        Source { conditions, atoms, complete }
    }
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
            if !plan.is_logic(*id) {
                node.op.for_each_operand(|operand| {
                    used.insert(operand);
                });
            }
        }
        Sources {
            customers: Source::of(plan, &plan.outputs),
            rows: filters.into_iter().map(|(id, filters)| (id, Source::of(plan, &filters))).collect(),
            used,
        }
    }
}

impl Machines {
    /// **Errors**: those of code generation.
    pub fn new(sources: Sources) -> Result<Machines, NoCode> {
        let rows = sources.rows.into_iter().filter(|(_, source)| !source.conditions.roots.is_empty());
        let rows = rows.map(|(id, source)| Ok((id, Machine::new(source, &sources.used)?)));
        let rows = rows.collect::<Result<_, NoCode>>()?;
        Ok(Machines { customers: Machine::new(sources.customers, &sources.used)?, rows })
    }

    /// Whether the code may decide the customers of a batch: no value is missing in a column that it takes to be complete. A
    /// batch says so by its schema, and a test may leave out what the schema requires.
    pub fn fit(&self, batch: &Batch) -> bool {
        let machines = std::iter::once(&self.customers).chain(self.rows.values());
        let lacks = |column: &Column| {
            matches!(column, Column::Unread(_)) || column.nulls().is_some_and(|nulls| nulls.null_count() > 0)
        };
        let mut fields = machines.flat_map(|machine| &machine.complete);
        fields.all(|(table, field)| !batch.column(*table, *field).is_some_and(lacks))
            || fault::is("machine.what-is-left-out-is-complete")
    }
}

/// Compiled conditions of one space.
#[derive(Debug)]
pub(crate) struct Machine {
    conditions: Conditions,
    /// Fields that are taken to have a value in every row.
    complete: Vec<(TableId, FieldId)>,
    /// The leaves and the tests that some are made by, those of one column beside each other.
    order: Vec<(usize, Option<Arc<Atom>>)>,
    slots: Slots,
    /// The roots that something else than conditions uses.
    used: Vec<Root>,
    entries: Vec<Entry>,
    /// Owns what `entries` point to.
    _code: Arc<Code>,
}

/// Masks of one length, one after another: what the code decided.
#[derive(Debug)]
pub(crate) struct Sheet {
    words: Words,
    /// The words of one mask, an even number.
    stride: usize,
}

impl Sheet {
    fn new(masks: usize, lanes: usize) -> Sheet {
        let stride = mask::words(lanes);
        Sheet { words: vec![0; masks * stride], stride }
    }

    /// All words, and how many are one mask's.
    pub fn into_words(self) -> (Words, usize) {
        (self.words, self.stride)
    }

    fn mask(&self, at: usize, words: Range<usize>) -> &[u64] {
        &self.words[at * self.stride..][..self.stride][words]
    }
}

impl Machine {
    /// **Errors**: those of code generation.
    fn new(source: Source, used: &HashSet<NodeId>) -> Result<Machine, NoCode> {
        let Source { conditions, atoms, complete } = source;
        let slots = Slots::of(&conditions);
        if i32::try_from(slots.slab * PIECE_WORDS * WORD).is_err() || i32::try_from(slots.written.len() * WORD).is_err()
        {
            return Err(NoCode::new("too many conditions"));
        }
        let mut builder = Builder::new()?;
        let mut functions = Vec::new();
        for first in (0..conditions.gates.len()).step_by(GATES_MAX) {
            let end = (first + GATES_MAX).min(conditions.gates.len());
            functions.push(builder.define(&[I64; 4], |b, given| {
                let [slab, table, bytes, at] = *given else { return Ok(()) };
                let emitter =
                    Emitter { conditions: &conditions, slots: &slots, slab, table, at, values: HashMap::new() };
                let end = end - usize::from(fault::is("machine.last-gate-is-dropped"));
                emitter.looped(b, bytes, first..end);
                Ok(())
            })?);
        }
        let code = builder.finish()?;
        let entry = |function| {
            let address = code.address(function)?;
            // SAFETY: the function was defined above with these four parameters and no result, by the system's calling
            // convention; its code lives as long as `_code`, beside which the address is kept.
            Ok(unsafe { std::mem::transmute::<*const u8, Entry>(address) })
        };
        let entries = functions.into_iter().map(entry).collect::<Result<_, NoCode>>()?;
        let atom = |leaf: &Leaf| match leaf {
            Leaf::Found(id) => atoms.get(id).cloned(),
            _ => None,
        };
        let mut order: Vec<_> = conditions.leaves.iter().map(atom).enumerate().collect();
        order.sort_by_key(|(_, atom)| atom.as_ref().map(|atom| (atom.field.table, atom.field.field)));
        let used = conditions.roots.iter().filter(|root| used.contains(&root.node)).copied().collect();
        Ok(Machine { conditions, complete, order, slots, used, entries, _code: code })
    }

    /// Each root, and which masks of a sheet are its own; it is known everywhere where none tells.
    pub fn roots(&self) -> impl Iterator<Item = (NodeId, Option<usize>, Option<usize>)> {
        let place = |gate| self.slots.written.get(&gate).copied();
        self.conditions.roots.iter().map(move |root| (root.node, place(root.yes), place(root.known)))
    }

    /// A sheet for so many lanes.
    pub fn sheet(&self, lanes: usize) -> Sheet {
        Sheet::new(self.slots.written.len(), lanes)
    }

    /// Decides all roots for the lanes of a space, and hands them to its evaluation.
    pub fn run(&self, evaluation: &mut Evaluation, space: SpaceId) {
        let mut sheet = self.sheet(evaluation.len(space));
        self.decide(evaluation, space, &mut sheet, 0);
        self.supply(evaluation, space, &sheet, 0, &self.conditions.roots);
    }

    /// Decides all roots for the lanes of a space, from a word of a sheet on. Only those that something else than conditions
    /// uses are handed to the evaluation.
    pub fn run_to(&self, evaluation: &mut Evaluation, space: SpaceId, sheet: &mut Sheet, first: usize) {
        self.decide(evaluation, space, sheet, first);
        self.supply(evaluation, space, sheet, first, &self.used);
    }

    fn supply(&self, evaluation: &mut Evaluation, space: SpaceId, sheet: &Sheet, first: usize, roots: &[Root]) {
        let lanes = evaluation.len(space);
        let words = first..first + mask::words(lanes);
        let of = |gate| self.slots.written.get(&gate).map(|at| sheet.mask(*at, words.clone()));
        for root in roots {
            let yes = of(root.yes).map_or_else(|| mask::none(lanes), <[u64]>::to_vec);
            let known = of(root.known).map_or_else(|| mask::all(lanes), <[u64]>::to_vec);
            let no = mask::without(&known, &yes);
            evaluation.supply(space, root.node, Vector::Truth { yes, no });
        }
    }

    /// Computes the leaves, and runs the code over them, some lanes at a time.
    fn decide(&self, evaluation: &mut Evaluation, space: SpaceId, sheet: &mut Sheet, first: usize) {
        let lanes = evaluation.len(space);
        let held: Vec<Option<Held>> =
            self.order.iter().map(|(leaf, atom)| self.held(evaluation, space, *leaf, atom.as_deref())).collect();
        let mut slab: Words = vec![0; self.slots.slab * PIECE_WORDS];
        let (stride, written) = (sheet.stride, Masks::of(sheet.words.chunks_exact_mut(sheet.stride.max(1))));
        for start in (0..lanes).step_by(PIECE) {
            let piece = start..lanes.min(start + PIECE);
            let words = mask::words(piece.len());
            for ((leaf, atom), held) in self.order.iter().zip(&held) {
                let place = &mut slab[leaf * PIECE_WORDS..][..words];
                match (held, atom) {
                    (Some(held), _) => place.copy_from_slice(&held.words()[start / 64..][..words]),
                    (None, Some(atom)) => {
                        evaluation.test_part(space, atom, piece.clone(), place);
                    }
                    (None, None) => {}
                }
            }
            let at = first + start / 64;
            assert!(at + words <= stride && written.len() == self.slots.written.len(), "each mask has a place to go");
            let mut slab = guard::lent_mut(&mut slab);
            for entry in &self.entries {
                // SAFETY: the slab has `PIECE_WORDS` words, of which `words` are used, for each place that the code was compiled
                // with. `written` has the address of each mask that it writes, of `stride` words, so that, by the assertion
                // above, `words` words from `at` on lie within each; they are an even number and some, as the loop takes
                // them. Both are borrowed here for as long as the code runs, and it reads and writes nothing else.
                unsafe { entry(slab.as_mut_ptr(), written.table(), words * WORD, at * WORD) };
            }
        }
        drop(written);
        if !lanes.is_multiple_of(128) && !fault::is("machine.tail-is-not-cleared") {
            let words = mask::words(lanes);
            let masks = sheet.words.chunks_exact_mut(sheet.stride);
            masks.for_each(|mask| mask::clear_tail(&mut mask[first..first + words], lanes));
        }
    }

    /// A leaf that is not tested piece by piece: what is no test of a column, or of one whose rows do not lie together.
    fn held<'b>(
        &self,
        evaluation: &mut Evaluation<'b>,
        space: SpaceId,
        leaf: usize,
        atom: Option<&Atom>,
    ) -> Option<Held<'b>> {
        match atom {
            Some(atom) if evaluation.test_part(space, atom, 0..0, &mut []) => None,
            Some(atom) => Some(Held::of(evaluation, space, self.conditions.leaves[leaf], atom.negated)),
            None => Some(Held::of(evaluation, space, self.conditions.leaves[leaf], false)),
        }
    }
}

/// A leaf's mask, held for as long as it is read.
enum Held<'b> {
    Yes(Rc<Vector<'b>>),
    No(Rc<Vector<'b>>),
    Made(Words),
}

impl<'b> Held<'b> {
    fn of(evaluation: &mut Evaluation<'b>, space: SpaceId, leaf: Leaf, negated: bool) -> Self {
        let lanes = evaluation.len(space);
        let (id, yes) = match leaf {
            Leaf::Yes(id) => (id, true),
            Leaf::No(id) => (id, false),
            Leaf::Known(id) => return Held::Made(evaluation.known(space, id)),
            Leaf::Found(id) => (id, !negated),
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
            Held::Made(words) => words,
            Held::Yes(vector) | Held::No(vector) => match (&**vector, self) {
                (Vector::Truth { yes, .. }, Held::Yes(_)) => yes,
                (Vector::Truth { no, .. }, _) => no,
                _ => &[],
            },
        }
    }
}

/// Where masks lie in memory.
#[derive(Debug)]
struct Slots {
    /// The masks of roots, by their place in a sheet.
    written: HashMap<GateId, usize>,
    /// Gates that a later function needs, by their place in the slab, after the leaves.
    passed: HashMap<GateId, usize>,
    /// How many places the slab has.
    slab: usize,
}

impl Slots {
    fn of(conditions: &Conditions) -> Slots {
        let (mut written, mut passed) = (HashMap::new(), HashMap::new());
        for root in &conditions.roots {
            for gate in [Some(root.yes), Some(root.known).filter(|known| *known != TRUE)].into_iter().flatten() {
                let next = written.len();
                written.entry(gate).or_insert(next);
            }
        }
        for (at, gate) in conditions.gates.iter().enumerate() {
            let operands: &[GateId] = match gate {
                Gate::Not(a) => &[*a],
                Gate::And(a, b) | Gate::Or(a, b) => &[*a, *b],
                Gate::False | Gate::True | Gate::Leaf(_) => &[],
            };
            for operand in operands {
                let simple = is_simple(conditions.gates[operand.0 as usize]);
                if !simple && operand.0 as usize / GATES_MAX != at / GATES_MAX {
                    let next = conditions.leaves.len() + passed.len();
                    passed.entry(*operand).or_insert(next);
                }
            }
        }
        let slab = conditions.leaves.len() + passed.len();
        Slots { written, passed, slab }
    }
}

struct Emitter<'e> {
    conditions: &'e Conditions,
    slots: &'e Slots,
    /// The address of the slab.
    slab: Value,
    /// The table of the addresses of the masks that are written.
    table: Value,
    /// From which byte of those on.
    at: Value,
    /// What the gates of this function are, within the loop.
    values: HashMap<GateId, Value>,
}

impl Emitter<'_> {
    /// A loop over the masks, two words at a time, that computes a run of gates and stores those that are kept.
    fn looped(mut self, b: &mut FunctionBuilder, bytes: Value, gates: Range<usize>) {
        let (body, done) = (b.create_block(), b.create_block());
        let offset = b.append_block_param(body, I64);
        let start = b.ins().iconst(I64, 0);
        b.ins().jump(body, &[start.into()]);
        b.switch_to_block(body);
        let (from, to) = (b.ins().iadd(self.slab, offset), b.ins().iadd(self.at, offset));
        for at in gates {
            let gate = GateId(at as u32);
            let (written, passed) = (self.slots.written.get(&gate), self.slots.passed.get(&gate));
            if written.is_none() && passed.is_none() && is_simple(self.conditions.gates[at]) {
                continue;
            }
            let value = self.gate(b, gate, from);
            if let Some(place) = passed {
                b.ins().store(MemFlagsData::new().with_notrap(), value, from, displacement(*place));
            }
            if let Some(place) = written {
                let base =
                    b.ins().load(I64, MemFlagsData::trusted().with_readonly(), self.table, (*place * WORD) as i32);
                let address = b.ins().iadd(base, to);
                b.ins().store(MemFlagsData::new().with_notrap(), value, address, 0);
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

    /// A mask of the slab. Leaves are loaded again where they are needed again: most are at hand in the nearest cache, and
    /// registers are few.
    fn load(&self, b: &mut FunctionBuilder, place: usize, from: Value) -> Value {
        b.ins().load(I64X2, MemFlagsData::new().with_notrap(), from, displacement(place))
    }

    fn gate(&mut self, b: &mut FunctionBuilder, gate: GateId, from: Value) -> Value {
        if let Some(known) = self.values.get(&gate) {
            return *known;
        }
        let value = match self.conditions.gates[gate.0 as usize] {
            Gate::False => return constant(b, 0),
            Gate::True => return constant(b, if fault::is("machine.true-is-one-lane") { 1 } else { -1 }),
            Gate::Leaf(leaf) => return self.load(b, leaf as usize, from),
            Gate::Not(a) => {
                let a = self.operand(b, gate, a, from);
                if fault::is("machine.not-is-lost") { a } else { b.ins().bnot(a) }
            }
            Gate::And(x, y) => {
                let (x, y) = (self.operand(b, gate, x, from), self.operand(b, gate, y, from));
                if fault::is("machine.and-is-or") { b.ins().bor(x, y) } else { b.ins().band(x, y) }
            }
            Gate::Or(x, y) => {
                let (x, y) = (self.operand(b, gate, x, from), self.operand(b, gate, y, from));
                b.ins().bor(x, y)
            }
        };
        self.values.insert(gate, value);
        value
    }

    /// An operand: of this function, or one that an earlier function passed on.
    fn operand(&mut self, b: &mut FunctionBuilder, user: GateId, id: GateId, from: Value) -> Value {
        let elsewhere = id.0 as usize / GATES_MAX != user.0 as usize / GATES_MAX;
        match self.slots.passed.get(&id) {
            Some(place) if elsewhere => {
                let first = self.conditions.leaves.len();
                let place = if fault::is("machine.passed-gate-is-another") { first } else { *place };
                self.load(b, place, from)
            }
            _ => self.gate(b, id, from),
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
