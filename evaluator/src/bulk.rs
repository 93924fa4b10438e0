//! Evaluating many customers: one plan, made once, then any number of batches from any number of threads. Whatever the
//! method, the answers and the tally are the same.

use std::collections::HashMap;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once, OnceLock};

use arrow_array::{ArrayRef, BooleanArray};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use seg_ir::interpret::{Context, Interpreter, Tally};
use seg_ir::{CollectionId, Const, NodeId};

use crate::batch::Batch;
use crate::machine::{Bits, Desk, Kind, Machine, Machines, Sources, Spare};
use crate::mask::{self, Words};
use crate::masks::{CUSTOMERS, Decided, Evaluation};
use crate::output::{Answers, Builder, Counts, interpret};
use crate::plan::Plan;
use crate::vector::{Form, Vector};

/// How expressions are evaluated. The answers do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Compiled where there is enough to do to be worth compiling for.
    #[default]
    Auto,
    /// The reference interpreter, customer by customer.
    Interp,
    /// Kernels write masks of 64 customers a word; conditions are interpreted mask by mask.
    Masks,
    /// As masks, with all conditions as one program of gates, each of which decides 1,024 customers.
    Gates,
    /// As masks, with the conditions compiled to machine code; one record is decided by code of its own.
    Jit,
}

impl Method {
    pub const ALL: [Method; 5] = [Method::Auto, Method::Interp, Method::Masks, Method::Gates, Method::Jit];

    pub fn name(self) -> &'static str {
        match self {
            Method::Auto => "auto",
            Method::Interp => "interp",
            Method::Masks => "masks",
            Method::Gates => "gates",
            Method::Jit => "jit",
        }
    }
}

/// Customers to a block: what one column of them takes stays in the nearest cache.
const BLOCK: usize = 1024;
/// Blocks are halved until they have no more events than this, or are two words.
const EVENTS_MAX: usize = 1 << 16;
const BLOCK_MIN: usize = 128;

/// With `Auto`, where gates are not faster, so many customers are done by masks before their conditions are worth compiling.
const CUSTOMERS_BEFORE_CODE: usize = 16_384;

/// Evaluates nodes of a playbook over batches.
pub struct Bulk<'p> {
    context: Context<'p>,
    nodes: Vec<NodeId>,
    method: Method,
    /// None where the interpreter does everything.
    plan: Option<Plan<'p>>,
    /// The customers that were begun.
    seen: AtomicUsize,
    begun: Once,
    /// What decides conditions; where it is machine code it is compiled beside the first batches, and none where this machine
    /// cannot.
    machines: Arc<OnceLock<Option<Machines>>>,
    /// By node: where machine code writes it.
    places: OnceLock<Vec<Option<Place>>>,
    /// What is known of reference tables.
    decided: Decided,
    /// Memory of answers that were let go.
    spare: Arc<Spare>,
}

impl<'p> Bulk<'p> {
    /// A plan for nodes of scope customer or below.
    pub fn new(context: Context<'p>, nodes: &[NodeId], method: Method) -> Bulk<'p> {
        let plan = (method != Method::Interp).then(|| Plan::new(context, nodes));
        let bulk = Bulk {
            context,
            nodes: nodes.to_vec(),
            method,
            plan,
            seen: AtomicUsize::new(0),
            begun: Once::new(),
            machines: Arc::default(),
            places: OnceLock::new(),
            decided: Decided::default(),
            spare: Arc::default(),
        };
        match method {
            Method::Jit => bulk.compile(),
            Method::Gates => bulk.make_steps(),
            Method::Auto if Kind::faster() == Kind::Steps => bulk.make_steps(),
            Method::Auto | Method::Interp | Method::Masks => {}
        }
        bulk
    }

    /// Whether machine code decides conditions, once what is being compiled is ready.
    pub fn is_compiled(&self) -> bool {
        self.begun.is_completed() && self.machines.wait().as_ref().is_some_and(Machines::are_code)
    }

    /// Makes the program of gates, which takes no longer than the plan did.
    fn make_steps(&self) {
        let Some(plan) = &self.plan else { return };
        self.begun.call_once(|| {
            self.machines.get_or_init(|| Machines::new(Sources::of(plan), Kind::Steps).ok());
        });
    }

    /// Begins to compile, on a thread of its own.
    fn compile(&self) {
        let Some(plan) = &self.plan else { return };
        self.begun.call_once(|| {
            let (sources, machines) = (Sources::of(plan), Arc::clone(&self.machines));
            std::thread::spawn(move || {
                // A panic of the code generator must not leave anybody waiting: masks do all that code does.
                let compiled = std::panic::catch_unwind(AssertUnwindSafe(|| Machines::new(sources, Kind::Code)));
                machines.get_or_init(|| compiled.ok().and_then(Result::ok));
            });
        });
    }

    /// What decides the conditions of one more batch, if not masks: `Auto` never waits for machine code.
    fn machines(&self, batch: &Batch) -> Option<&Machines> {
        let machines = match self.method {
            Method::Jit => self.machines.wait().as_ref(),
            Method::Auto => {
                if self.seen.fetch_add(batch.len(), Ordering::Relaxed) >= CUSTOMERS_BEFORE_CODE {
                    self.compile();
                }
                self.machines.get().and_then(Option::as_ref)
            }
            Method::Gates => self.machines.get().and_then(Option::as_ref),
            Method::Interp | Method::Masks => None,
        };
        machines.filter(|machines| machines.fit(batch))
    }

    /// The nodes' values for every customer of a batch. May be called from several threads at once.
    pub fn evaluate(&self, batch: &Batch) -> Answers {
        let Some(plan) = &self.plan else { return interpret(self.context, batch, &self.nodes) };
        let machines = self.machines(batch);
        let machine = machines.map(|machines| &machines.customers);
        let places = machine.map(|machine| self.places.get_or_init(|| places(machine, &self.nodes)));
        let mut sheet = machine.map(|machine| machine.sheet(batch.len(), &self.spare));
        let mut desk = Desk::default();
        let output = |(at, id): (usize, &NodeId)| match places.and_then(|places| places[at]) {
            Some(place) => Output::Decided(place),
            None => Output::new(&self.context, *id, batch.len()),
        };
        let mut columns: Vec<Output> = self.nodes.iter().enumerate().map(output).collect();
        let mut tally = Tally::default();
        self.each_block(plan, machines, batch, |evaluation, lanes| {
            if let (Some(machine), Some(sheet)) = (machine, &mut sheet) {
                machine.run_to(evaluation, CUSTOMERS, sheet, lanes.start / 64, &mut desk);
            }
            for (column, id) in columns.iter_mut().zip(&self.nodes) {
                if !matches!(column, Output::Decided(_)) {
                    column.take(&evaluation.customers(*id), *id, &self.context, batch, &lanes);
                }
            }
            tally.add(evaluation.tally());
        });
        let decided = Bits::of(sheet, batch.len(), &self.spare);
        let counts = columns.iter().map(|column| column.counts(&decided)).collect();
        Answers { columns: columns.into_iter().map(|column| column.finish(&decided)).collect(), counts, tally }
    }

    /// Only for how many customers of a batch each node is true and for how many unknown; none of what is no condition. The tally
    /// is that of [`Bulk::evaluate`].
    pub fn count(&self, batch: &Batch) -> (Vec<Option<Counts>>, Tally) {
        let machines = self.machines(batch);
        let (Some(plan), Some(machine)) = (&self.plan, machines.map(|machines| &machines.customers)) else {
            let answers = self.evaluate(batch);
            return ((0..self.nodes.len()).map(|at| answers.counts(at)).collect(), answers.tally);
        };
        let places = self.places.get_or_init(|| places(machine, &self.nodes));
        let is_condition = |id: &NodeId| Form::of(self.context.ir.ty(*id)) == Form::Truth;
        let mut counts: Vec<Option<Counts>> =
            self.nodes.iter().map(|id| is_condition(id).then(Counts::default)).collect();
        let (mut of_masks, mut tally, mut desk) = (vec![0; machine.masks()], Tally::default(), Desk::default());
        self.each_block(plan, machines, batch, |evaluation, lanes| {
            machine.count(evaluation, CUSTOMERS, &mut of_masks, &self.spare, &mut desk);
            for ((counts, place), id) in counts.iter_mut().zip(places).zip(&self.nodes) {
                if place.is_some() {
                    continue;
                }
                let vector = evaluation.customers(*id);
                if let Some(counts) = counts {
                    counts.inside += mask::count(&vector.yes(lanes.len()));
                    counts.unknown += lanes.len() as u64 - mask::count(&vector.known(lanes.len()));
                }
            }
            tally.add(evaluation.tally());
        });
        for (counts, place) in counts.iter_mut().zip(places) {
            if let (Some(counts), Some(Place { yes, known })) = (counts, place) {
                let known = known.map_or(batch.len() as u64, |known| of_masks[known]);
                *counts = Counts { inside: of_masks[*yes], unknown: (batch.len() as u64).saturating_sub(known) };
            }
        }
        (counts, tally)
    }

    /// The same as plain values: by node, by customer.
    pub fn values(&self, batch: &Batch) -> Vec<Vec<Const>> {
        let mut values: Vec<Vec<Const>> = vec![Vec::new(); self.nodes.len()];
        match &self.plan {
            None => {
                let mut interpreter = Interpreter::new(self.context, batch);
                for customer in 0..batch.len() as u32 {
                    interpreter.customer(customer);
                    for (values, id) in values.iter_mut().zip(&self.nodes) {
                        values.push(interpreter.value(*id).to_const());
                    }
                }
            }
            Some(plan) => {
                let machines = self.machines(batch);
                self.each_block(plan, machines, batch, |evaluation, lanes| {
                    if let Some(machines) = machines {
                        machines.customers.run(evaluation, CUSTOMERS);
                    }
                    for (values, id) in values.iter_mut().zip(&self.nodes) {
                        let (vector, ty) = (evaluation.customers(*id), self.context.ir.ty(*id));
                        values.extend((0..lanes.len()).map(|lane| vector.value(lane, ty).to_const()));
                    }
                });
            }
        }
        values
    }

    /// Calls with the evaluation of each block, and which customers of the batch it is of.
    fn each_block(
        &self,
        plan: &Plan,
        machines: Option<&Machines>,
        batch: &Batch,
        mut each: impl FnMut(&mut Evaluation, Range<usize>),
    ) {
        let mut first = 0;
        while first < batch.len() {
            let len = self.block(batch, first);
            each(&mut Evaluation::new(plan, machines, &self.decided, batch, first, len), first..first + len);
            first += len;
        }
    }

    /// How many customers from `first` are done together: whole pairs of words, but for the last.
    fn block(&self, batch: &Batch, first: usize) -> usize {
        let mut len = BLOCK;
        let collections = (0..self.context.schema.collections.len() as u32).map(CollectionId);
        for ranges in collections.filter_map(|id| batch.ranges(id)) {
            let events = |len: usize| -> usize {
                let rows = ranges.starts.iter().zip(&ranges.ends).skip(first).take(len);
                rows.map(|(start, end)| (end - start) as usize).sum()
            };
            while len > BLOCK_MIN && events(len) > EVENTS_MAX {
                len /= 2;
            }
        }
        len.min(batch.len() - first)
    }
}

/// The words of an output that hold a block's customers; blocks begin with a pair of words.
fn words_of(lanes: &Range<usize>) -> Range<usize> {
    let first = lanes.start / 64;
    first..first + mask::words(lanes.len())
}

/// Which masks of a sheet tell where a condition is true, and where it is known if that is not everywhere.
#[derive(Debug, Clone, Copy)]
struct Place {
    yes: usize,
    known: Option<usize>,
}

fn places(machine: &Machine, nodes: &[NodeId]) -> Vec<Option<Place>> {
    let roots = machine.roots().filter_map(|(node, yes, known)| Some((node, Place { yes: yes?, known })));
    let roots: HashMap<NodeId, Place> = roots.collect();
    nodes.iter().map(|node| roots.get(node).copied()).collect()
}

/// The column of an output, filled block by block.
enum Output<'p> {
    /// By a machine.
    Decided(Place),
    Truth {
        yes: Words,
        known: Words,
    },
    Values(Builder<'p>),
}

impl<'p> Output<'p> {
    fn new(context: &Context<'p>, id: NodeId, customers: usize) -> Output<'p> {
        let ty = context.ir.ty(id);
        match Form::of(ty) {
            Form::Truth => Output::Truth { yes: mask::none(customers), known: mask::none(customers) },
            _ => Output::Values(Builder::new(ty, context.schema)),
        }
    }

    /// Takes a block's values.
    fn take(&mut self, vector: &Vector, id: NodeId, context: &Context, batch: &Batch, lanes: &Range<usize>) {
        match self {
            Output::Decided(_) => {}
            Output::Truth { yes, known } => {
                let words = words_of(lanes);
                yes[words.clone()].copy_from_slice(&vector.yes(lanes.len()));
                known[words].copy_from_slice(&vector.known(lanes.len()));
            }
            Output::Values(builder) => {
                let ty = context.ir.ty(id);
                (0..lanes.len()).for_each(|lane| builder.push(&vector.value(lane, ty), batch));
            }
        }
    }

    /// What was counted while it was decided.
    fn counts(&self, decided: &Bits) -> Option<Counts> {
        let Output::Decided(Place { yes, known }) = self else { return None };
        let missing = known.map_or(0, |known| decided.missing(known));
        Some(Counts { inside: decided.count(*yes), unknown: missing })
    }

    fn finish(self, decided: &Bits) -> ArrayRef {
        let (yes, nulls) = match self {
            Output::Values(builder) => return builder.finish(),
            Output::Decided(Place { yes, known }) => (decided.mask(yes), known.and_then(|known| decided.nulls(known))),
            Output::Truth { yes, known } => {
                let bits = |words: Words| BooleanBuffer::new(Buffer::from_vec(words), 0, decided.customers());
                (bits(yes), Some(NullBuffer::new(bits(known))).filter(|nulls| nulls.null_count() > 0))
            }
        };
        Arc::new(BooleanArray::new(yes, nulls))
    }
}
