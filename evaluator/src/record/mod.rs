//! One record: the outputs of a playbook as straight-line machine code over cells. Made once; then evaluated for any
//! customer at any instant, without allocating once its memory has grown to what is needed. Knows no formats.
//!
//! Everything is computed, in the order of the IR, but what folds do not look at; that changes no value, since every
//! operation is total. What depends on the instant alone is computed when the instant changes.

mod arena;
mod emit;
mod folds;
mod gates;
mod host;
mod input;
mod plan;
mod routine;
mod run;
mod test;
mod values;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use seg_ir::host::Cell;
use seg_ir::interpret::{Context, Source};
use seg_ir::verify::verify;
use seg_ir::{Const, NodeId, Reason, TableId, Type, Value, fault};

use crate::code::NoCode;
use crate::conditions::Asked as Told;
use gates::Gates;
pub use host::CALLS;
pub use input::{Buffer, Events, Input, References};
use plan::Layout;
use routine::Routine;
use run::Asked;
pub use run::Scratch;

/// A function of the vocabulary that panicked: its answers cannot be trusted, and there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The function's name, or the operation's.
    pub of: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "evaluating failed: `{}` broke down, which is a fault of the program, not of the record", self.of)
    }
}

impl std::error::Error for Fault {}

/// The gates of a routine by their number: those that tell what is true, and those that tell what is known.
const YES: usize = 0;
const KNOWN: usize = 1;

/// Compiled outputs of a playbook. Conditions are decided as gates, which do not tell why one is unknown; who asks has them
/// computed once more as values, with their reasons, by code that is made the first time.
pub struct Compiled<'p> {
    context: Context<'p>,
    layout: Arc<Layout>,
    outputs: Vec<Output<'p>>,
    /// How many words hold a bit for each output.
    width: usize,
    quick: Routine<'p>,
    whole: OnceLock<Result<Routine<'p>, NoCode>>,
}

/// Where an output is found.
struct Output<'p> {
    id: NodeId,
    ty: &'p Type,
    /// Its slot, unless it is a condition, which has its bits.
    slot: Option<usize>,
}

impl<'p> Compiled<'p> {
    /// Code for nodes of scope customer or below; the context's instant plays no part. **Errors**: a processor that
    /// Cranelift does not know; IR that the verifier does not let pass, which is asked here, since code follows what a node's
    /// type says without looking.
    pub fn new(context: Context<'p>, nodes: &[NodeId]) -> Result<Compiled<'p>, NoCode> {
        verify(context.ir, context.schema, context.vocabulary)
            .map_err(|fault| NoCode::new(format!("node {}: {}", fault.node.0, fault.reason)))?;
        let reached = plan::reached(context.ir, nodes);
        let layout = Layout::of(context.ir, context.schema, &reached);
        let gates = [Told::IsTrue, Told::IsKnown].map(|told| Gates::of(context, &reached, nodes, told));
        let is_condition = |id: NodeId| *context.ir.ty(id) == Type::Bool;
        let kept = nodes.iter().copied().filter(|id| !is_condition(*id)).collect();
        let quick = Routine::new(context, &layout, &reached, kept, &gates)?;
        let output = |id: &NodeId| {
            let slot = if is_condition(*id) { None } else { quick.slot(*id) };
            Output { id: *id, ty: context.ir.ty(*id), slot }
        };
        let outputs = nodes.iter().map(output).collect();
        let (layout, width) = (Arc::new(layout), nodes.len().div_ceil(64));
        Ok(Compiled { context, layout, outputs, width, quick, whole: OnceLock::new() })
    }

    /// Code for the conditions as values.
    fn whole(&self) -> Result<&Routine<'p>, &NoCode> {
        let make = || {
            let ids = self.outputs.iter().map(|output| output.id);
            let conditions: BTreeSet<NodeId> = ids.filter(|id| *self.context.ir.ty(*id) == Type::Bool).collect();
            let reached = plan::reached(self.context.ir, &conditions.iter().copied().collect::<Vec<_>>());
            Routine::new(self.context, &self.layout, &reached, conditions, &[])
        };
        self.whole.get_or_init(make).as_ref()
    }

    /// Bytes of machine code.
    pub fn bytes(&self) -> usize {
        let whole = self.whole.get().and_then(|whole| whole.as_ref().ok());
        self.quick.bytes() + whole.map_or(0, Routine::bytes)
    }

    /// The operations for which the code calls its host, in the order of its calls.
    pub fn calls(&self) -> impl Iterator<Item = &'static str> {
        self.quick.calls()
    }

    /// The cells of a customer, to be filled in.
    pub fn input<'b, 'd>(&'b self, buffer: &'b mut Buffer) -> Input<'b, 'd> {
        Input::new(buffer, &self.layout)
    }

    /// What lookups need of the reference tables, which have so many rows.
    pub fn references<S: Source>(&self, source: &S, rows: impl Fn(TableId) -> u32) -> References {
        References::new(self.layout.clone(), source, rows)
    }

    /// The outputs for one customer at an instant. Events later than it must not be among the input's. An input or
    /// references made for other code give missing values. **Errors**: a function that panicked.
    pub fn evaluate<'o>(
        &'o self,
        input: &'o Input<'o, 'o>,
        references: &'o References,
        as_of: i64,
        scratch: &'o mut Scratch,
    ) -> Result<Outputs<'o>, Fault> {
        let ours = |layout: &Arc<Layout>| Arc::ptr_eq(layout, &self.layout);
        if !scratch.of.as_ref().is_some_and(ours) {
            *scratch = Scratch { of: Some(self.layout.clone()), ..Scratch::default() };
        }
        if !ours(input.layout) || !ours(&references.layout) {
            return Ok(Outputs { code: self, over: None, yes: &[], slots: &[] });
        }
        let Scratch { quick, yes, asked, .. } = scratch;
        let later = asked.get_mut();
        (later.is_known_done, later.is_whole_done) = (false, false);
        if self.quick.run(input, references, as_of, quick)? {
            self.quick.decide(YES, input, &quick.slots, yes);
        } else {
            self.decide_whole(input, references, as_of, yes, later)?;
        }
        let (slots, yes) = (quick.slots.as_slice(), yes.get(..self.width).unwrap_or_default());
        let over = Some(Over { input, references, as_of, slots, asked });
        Ok(Outputs { code: self, over, yes, slots })
    }

    /// The conditions of a customer who lacks what gates take to be known.
    #[cold]
    fn decide_whole(
        &self,
        input: &Input<'_, '_>,
        references: &References,
        as_of: i64,
        yes: &mut Vec<u64>,
        later: &mut Asked,
    ) -> Result<(), Fault> {
        let Asked { known, is_known_done, whole: memory, is_whole_done } = later;
        let whole = self.whole().map_err(|why| Fault { of: why.to_string() })?;
        whole.run(input, references, as_of, memory)?;
        for words in [&mut *yes, &mut *known] {
            words.clear();
            words.resize(self.width, 0);
        }
        for (at, output) in self.outputs.iter().enumerate().filter(|(_, output)| *output.ty == Type::Bool) {
            let Some(cell) = whole.slot(output.id).and_then(|slot| memory.slots.get(slot)) else { continue };
            let parts = [(yes.get_mut(at / 64), cell.bits == 1), (known.get_mut(at / 64), cell.missing == 0)];
            for (word, is) in parts {
                word.into_iter().for_each(|word| *word |= u64::from(is) << (at % 64));
            }
        }
        (*is_known_done, *is_whole_done) = (true, true);
        Ok(())
    }

    /// The outputs for a customer of any source, whose reference tables are read as far as its pointers lead.
    /// **Errors**: a function that panicked.
    pub fn over_source<S: Source>(&self, source: &S, customer: u32, as_of: i64) -> Result<Vec<Const>, Fault> {
        let (mut buffer, mut scratch) = (Buffer::default(), Scratch::default());
        let mut input = self.input(&mut buffer);
        input.fill(source, customer);
        let schema = self.context.schema;
        let mut rows: Vec<u32> = vec![0; schema.tables.len()];
        // A row that is reached may lead to others: as often as there are tables, since pointers make no circle.
        let references = loop {
            let references = self.references(source, |table| rows.get(table.0 as usize).copied().unwrap_or(0));
            let last = |(id, _)| input.last_row(id).max(references.last_row(id)).map_or(0, |row| row + 1);
            let wanted: Vec<u32> = schema.table_ids().map(last).collect();
            if wanted == rows {
                break references;
            }
            rows = wanted;
        };
        let outputs = self.evaluate(&input, &references, as_of, &mut scratch)?;
        Ok((0..outputs.len()).map(|at| outputs.value(at).to_const()).collect())
    }
}

/// What outputs were computed of.
#[derive(Clone, Copy)]
struct Over<'o> {
    input: &'o Input<'o, 'o>,
    references: &'o References,
    as_of: i64,
    slots: &'o [Cell],
    asked: &'o RefCell<Asked>,
}

/// What code tells of its outputs where somebody asks.
trait Later {
    /// An output's type, and its slot where it is no condition.
    fn output(&self, at: usize) -> Option<(&Type, Option<usize>)>;
    fn len(&self) -> usize;
    /// Whether a condition is known.
    fn is_known(&self, at: usize, over: Over<'_>) -> bool;
    /// Why a condition is unknown.
    fn reason(&self, at: usize, over: Over<'_>) -> Reason;
}

impl Later for Compiled<'_> {
    fn output(&self, at: usize) -> Option<(&Type, Option<usize>)> {
        self.outputs.get(at).map(|output| (output.ty, output.slot))
    }

    fn len(&self) -> usize {
        self.outputs.len()
    }

    fn is_known(&self, at: usize, over: Over<'_>) -> bool {
        let mut asked = over.asked.borrow_mut();
        if !asked.is_known_done {
            self.quick.decide(KNOWN, over.input, over.slots, &mut asked.known);
            asked.is_known_done = true;
        }
        bit(&asked.known, at)
    }

    #[cold]
    fn reason(&self, at: usize, over: Over<'_>) -> Reason {
        let (Ok(whole), Some(output)) = (self.whole(), self.outputs.get(at)) else { return Reason::NotGiven };
        let mut asked = over.asked.borrow_mut();
        let Asked { whole: memory, is_whole_done, .. } = &mut *asked;
        if !*is_whole_done {
            // What panics here has panicked before, where it was computed for the gates.
            *is_whole_done = whole.run(over.input, over.references, over.as_of, memory).is_ok();
        }
        let cell = whole.slot(output.id).and_then(|slot| memory.slots.get(slot));
        cell.and_then(Cell::reason).unwrap_or(Reason::NotGiven)
    }
}

/// The outputs for one customer, in the order of the nodes that were asked for.
#[derive(Clone, Copy)]
pub struct Outputs<'o> {
    code: &'o (dyn Later + 'o),
    /// None where nothing could be computed.
    over: Option<Over<'o>>,
    yes: &'o [u64],
    slots: &'o [Cell],
}

fn bit(words: &[u64], at: usize) -> bool {
    words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
}

impl<'o> Outputs<'o> {
    pub fn len(&self) -> usize {
        self.code.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Which outputs are conditions that are true. **Shape**: a bit an output, from the lowest on, 64 a word.
    pub fn are_true(&self) -> &'o [u64] {
        self.yes
    }

    /// Whether an output is true or false; `None` where it is unknown or no condition. As [`Outputs::value`], but for the
    /// reason, which takes longer than the answer. What is not true takes longer than what is, the first time.
    pub fn truth(&self, at: usize) -> Option<bool> {
        if bit(self.yes, at) {
            return Some(true);
        }
        self.over.filter(|over| self.code.is_known(at, *over)).map(|_| false)
    }

    /// An output's value; missing beyond the last. A list's value is a copy.
    pub fn value(&self, at: usize) -> Value<'o> {
        let (Some(over), Some((ty, slot))) = (self.over, self.code.output(at)) else {
            return Value::Missing(Reason::NotGiven);
        };
        if *ty == Type::Bool {
            return match self.truth(at) {
                Some(truth) => Value::Bool(truth),
                None if fault::is("record.unknown-has-no-reason") => Value::Missing(Reason::NotGiven),
                None => Value::Missing(self.code.reason(at, over)),
            };
        }
        match slot.and_then(|slot| self.slots.get(slot)) {
            // SAFETY: the cell was computed for a node of this type; what it leads to is kept by the code, by the input
            // and the references and by the scratch, all of which are borrowed for `'o`.
            Some(cell) => unsafe { host::value(*cell, ty) },
            None => Value::Missing(Reason::NotGiven),
        }
    }
}
