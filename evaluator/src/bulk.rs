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
use crate::machine::{Machine, Machines, Sources};
use crate::mask::{self, Words};
use crate::masks::{CUSTOMERS, Decided, Evaluation};
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
    routes: OnceLock<Routes>,
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
            routes: OnceLock::new(),
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

    /// The machine code to use for one more batch, if any: `Auto` never waits for it.
    fn machines(&self, batch: &Batch) -> Option<&Machines> {
        let machines = match self.method {
            Method::Jit => self.machines.wait().as_ref(),
            Method::Auto => {
                if self.seen.fetch_add(batch.len(), Ordering::Relaxed) >= CUSTOMERS_BEFORE_CODE {
                    self.compile();
                }
                self.machines.get().and_then(Option::as_ref)
            }
            Method::Interp | Method::Masks => None,
        };
        machines.filter(|machines| machines.fit(batch))
    }

    /// The nodes' values for every customer of a batch. May be called from several threads at once.
    pub fn evaluate(&self, batch: &Batch) -> Answers {
        let Some(plan) = &self.plan else { return interpret(self.context, batch, &self.nodes) };
        let machines = self.machines(batch);
        let code = machines.map(|machines| {
            let customers = &machines.customers;
            (customers, self.routes.get_or_init(|| Routes::of(customers, &self.nodes)))
        });
        let decided = |at: usize| code.and_then(|(_, routes)| routes.decided[at]);
        let output =
            |(at, id): (usize, &NodeId)| Output::new(&self.context, *id, batch.len(), decided(at) == Some(true));
        let mut columns: Vec<Output> = self.nodes.iter().enumerate().map(output).collect();
        let mut tally = Tally::default();
        self.each_block(plan, machines, batch, |evaluation, lanes| {
            if let Some((machine, routes)) = code {
                routes.run(machine, evaluation, &mut columns, &lanes);
            }
            for (at, (column, id)) in columns.iter_mut().zip(&self.nodes).enumerate() {
                if decided(at).is_none() {
                    column.take(&evaluation.customers(*id), *id, &self.context, batch, &lanes);
                }
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

/// Which of the masks that machine code writes go into which outputs.
#[derive(Debug)]
struct Routes {
    /// By output: whether machine code decides it, and so that it is known everywhere.
    decided: Vec<Option<KnownEverywhere>>,
    /// By stored mask: the output that it is written into.
    to: Vec<Option<(usize, Part)>>,
    /// Outputs that are equal to another in part.
    copies: Vec<((usize, Part), (usize, Part))>,
}

type KnownEverywhere = bool;

/// What is told of a condition.
#[derive(Debug, Clone, Copy)]
enum Part {
    Yes,
    Known,
}

impl Routes {
    fn of(machine: &Machine, nodes: &[NodeId]) -> Routes {
        let mut routes = Routes { decided: Vec::new(), to: vec![None; machine.stored()], copies: Vec::new() };
        let roots: HashMap<NodeId, _> = machine.roots().map(|(node, yes, known)| (node, (yes, known))).collect();
        for (at, node) in nodes.iter().enumerate() {
            let (yes, known) = roots.get(node).copied().unwrap_or_default();
            routes.decided.push(yes.map(|_| known.is_none()));
            for (place, part) in [(yes, Part::Yes), (known, Part::Known)] {
                let Some(place) = place else { continue };
                match &routes.to[place] {
                    Some(first) => routes.copies.push((*first, (at, part))),
                    None => routes.to[place] = Some((at, part)),
                }
            }
        }
        routes
    }

    /// Decides a block's customers, straight into the outputs.
    fn run(&self, machine: &Machine, evaluation: &mut Evaluation, columns: &mut [Output], lanes: &Range<usize>) {
        let words = words_of(lanes);
        let mut places: Vec<[Option<&mut [u64]>; 2]> = Vec::with_capacity(columns.len());
        places.extend(columns.iter_mut().map(|column| match column {
            Output::Truth { yes, known } => {
                [Some(&mut yes[words.clone()]), known.as_mut().map(|known| &mut known[words.clone()])]
            }
            Output::Values(_) => [None, None],
        }));
        let given = self.to.iter().map(|to| to.and_then(|(at, part)| places[at][part as usize].take())).collect();
        machine.run_to(evaluation, CUSTOMERS, given);
        for ((from, part), (to, other)) in &self.copies {
            let copied = columns[*from].part(*part)[words.clone()].to_vec();
            columns[*to].part(*other)[words.clone()].copy_from_slice(&copied);
        }
    }
}

/// The words of an output that hold a block's customers; blocks begin with a pair of words.
fn words_of(lanes: &Range<usize>) -> Range<usize> {
    let first = lanes.start / 64;
    first..first + mask::words(lanes.len())
}

/// The column of an output, filled block by block.
enum Output<'p> {
    /// Where it is true, and where it is known if that is not everywhere.
    Truth {
        yes: Words,
        known: Option<Words>,
    },
    Values(Builder<'p>),
}

impl<'p> Output<'p> {
    fn new(context: &Context<'p>, id: NodeId, customers: usize, known_everywhere: bool) -> Output<'p> {
        let ty = context.ir.ty(id);
        match Form::of(ty) {
            Form::Truth => {
                Output::Truth { yes: mask::none(customers), known: (!known_everywhere).then(|| mask::none(customers)) }
            }
            _ => Output::Values(Builder::new(ty, context.schema)),
        }
    }

    fn part(&mut self, part: Part) -> &mut [u64] {
        match (self, part) {
            (Output::Truth { yes, .. }, Part::Yes) => yes,
            (Output::Truth { known: Some(known), .. }, Part::Known) => known,
            _ => &mut [],
        }
    }

    /// Takes a block's values.
    fn take(&mut self, vector: &Vector, id: NodeId, context: &Context, batch: &Batch, lanes: &Range<usize>) {
        if let Output::Values(builder) = self {
            let ty = context.ir.ty(id);
            return (0..lanes.len()).for_each(|lane| builder.push(&vector.value(lane, ty), batch));
        }
        let words = words_of(lanes);
        self.part(Part::Yes)[words.clone()].copy_from_slice(&vector.yes(lanes.len()));
        self.part(Part::Known)[words].copy_from_slice(&vector.known(lanes.len()));
    }

    fn finish(self, customers: usize) -> ArrayRef {
        match self {
            Output::Values(builder) => builder.finish(),
            Output::Truth { yes, known } => {
                let bits = |words: Words| BooleanBuffer::new(Buffer::from_vec(words), 0, customers);
                let known = known.map(|known| NullBuffer::new(bits(known))).filter(|known| known.null_count() > 0);
                Arc::new(BooleanArray::new(bits(yes), known))
            }
        }
    }
}
