//! Evaluating many customers: one plan, made once, then any number of batches from any number of threads. Whatever the
//! method, the answers and the tally are the same.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once, OnceLock};

use arrow_array::{ArrayRef, BooleanArray};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use seg_ir::interpret::{Context, Interpreter, Tally};
use seg_ir::{CollectionId, Const, NodeId};

use crate::batch::Batch;
use crate::machine::{Machines, Sources};
use crate::mask;
use crate::masks::{Decided, Evaluation};
use crate::output::{Answers, Builder, interpret};
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
    /// As masks, with the conditions compiled to machine code; one record is decided by code of its own.
    Jit,
}

impl Method {
    pub const ALL: [Method; 4] = [Method::Auto, Method::Interp, Method::Masks, Method::Jit];

    pub fn name(self) -> &'static str {
        match self {
            Method::Auto => "auto",
            Method::Interp => "interp",
            Method::Masks => "masks",
            Method::Jit => "jit",
        }
    }
}

/// Customers to a block: what one column of them takes stays in the nearest cache.
const BLOCK: usize = 1024;
/// Blocks are halved until they have no more events than this, or are two words.
const EVENTS_MAX: usize = 1 << 16;
const BLOCK_MIN: usize = 128;

/// With `Auto`, so many customers are done by masks before their conditions are worth compiling.
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
    /// What is compiled beside the first batches; none where this machine cannot.
    machines: Arc<OnceLock<Option<Machines>>>,
    /// What is known of reference tables.
    decided: Decided,
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
            decided: Decided::default(),
        };
        if method == Method::Jit {
            bulk.compile();
        }
        bulk
    }

    /// Whether machine code decides conditions, once what is being compiled is ready.
    pub fn is_compiled(&self) -> bool {
        self.begun.is_completed() && self.machines.wait().is_some()
    }

    /// Begins to compile, on a thread of its own.
    fn compile(&self) {
        let Some(plan) = &self.plan else { return };
        self.begun.call_once(|| {
            let (sources, machines) = (Sources::of(plan), Arc::clone(&self.machines));
            std::thread::spawn(move || {
                // A panic of the code generator must not leave anybody waiting: masks do all that code does.
                let compiled = std::panic::catch_unwind(AssertUnwindSafe(|| Machines::new(sources)));
                machines.get_or_init(|| compiled.ok().and_then(Result::ok));
            });
        });
    }

    /// The machine code to use for so many more customers, if any: `Auto` never waits for it.
    fn machines(&self, customers: usize) -> Option<&Machines> {
        match self.method {
            Method::Jit => self.machines.wait().as_ref(),
            Method::Auto => {
                if self.seen.fetch_add(customers, Ordering::Relaxed) >= CUSTOMERS_BEFORE_CODE {
                    self.compile();
                }
                self.machines.get().and_then(Option::as_ref)
            }
            Method::Interp | Method::Masks => None,
        }
    }

    /// The nodes' values for every customer of a batch. May be called from several threads at once.
    pub fn evaluate(&self, batch: &Batch) -> Answers {
        let Some(plan) = &self.plan else { return interpret(self.context, batch, &self.nodes) };
        let mut columns: Vec<Output> = self.nodes.iter().map(|id| Output::new(&self.context, *id)).collect();
        let mut tally = Tally::default();
        self.each_block(plan, batch, |evaluation, len| {
            for (column, id) in columns.iter_mut().zip(&self.nodes) {
                column.push(&evaluation.customers(*id), *id, &self.context, batch, len);
            }
            tally.add(evaluation.tally());
        });
        Answers { columns: columns.into_iter().map(|column| column.finish(batch.len())).collect(), tally }
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
            Some(plan) => self.each_block(plan, batch, |evaluation, len| {
                for (values, id) in values.iter_mut().zip(&self.nodes) {
                    let (vector, ty) = (evaluation.customers(*id), self.context.ir.ty(*id));
                    values.extend((0..len).map(|lane| vector.value(lane, ty).to_const()));
                }
            }),
        }
        values
    }

    fn each_block(&self, plan: &Plan, batch: &Batch, mut each: impl FnMut(&mut Evaluation, usize)) {
        let machines = self.machines(batch.len());
        let mut first = 0;
        while first < batch.len() {
            let len = self.block(batch, first);
            each(&mut Evaluation::new(plan, machines, &self.decided, batch, first, len), len);
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

/// The column of an output as it grows, block by block.
enum Output<'p> {
    Truth { yes: Vec<u64>, known: Vec<u64> },
    Values(Builder<'p>),
}

impl<'p> Output<'p> {
    fn new(context: &Context<'p>, id: NodeId) -> Output<'p> {
        let ty = context.ir.ty(id);
        match Form::of(ty) {
            Form::Truth => Output::Truth { yes: Vec::new(), known: Vec::new() },
            _ => Output::Values(Builder::new(ty, context.schema)),
        }
    }

    fn push(&mut self, vector: &Vector, id: NodeId, context: &Context, batch: &Batch, lanes: usize) {
        match self {
            Output::Truth { yes, known } => {
                yes.extend_from_slice(&vector.yes(lanes));
                known.extend_from_slice(&vector.known(lanes));
            }
            Output::Values(builder) => {
                let ty = context.ir.ty(id);
                (0..lanes).for_each(|lane| builder.push(&vector.value(lane, ty), batch));
            }
        }
    }

    fn finish(self, customers: usize) -> ArrayRef {
        match self {
            Output::Values(builder) => builder.finish(),
            Output::Truth { yes, known } => {
                let bits = |words: Vec<u64>| BooleanBuffer::new(Buffer::from_vec(words), 0, customers);
                let unknown = customers as u64 - mask::count(&known);
                let nulls = (unknown > 0).then(|| NullBuffer::new(bits(known)));
                Arc::new(BooleanArray::new(bits(yes), nulls))
            }
        }
    }
}
