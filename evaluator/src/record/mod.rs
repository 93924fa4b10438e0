//! One record: the outputs of a playbook as straight-line machine code over cells. Made once; then evaluated for any
//! customer at any instant, without allocating once its memory has grown to what is needed. Knows no formats.
//!
//! Everything is computed, in the order of the IR, but what folds do not look at; that changes no value, since every
//! operation is total. What depends on the instant alone is computed when the instant changes.

mod arena;
mod emit;
mod folds;
mod host;
mod input;
mod plan;
mod run;
mod values;

use std::ffi::c_void;
use std::sync::Arc;

use cranelift_codegen::ir::types::I64;
use seg_ir::host::Cell;
use seg_ir::interpret::{Context, Source};
use seg_ir::verify::verify;
use seg_ir::{Const, NodeId, Reason, TableId, Type, Value};

use crate::code::{Builder, Code, Function, NoCode, Optimise};
use crate::guard;
use arena::Arena;
use emit::{Emitter, Shared};
pub use host::CALLS;
use host::{Host, Job, Site};
pub use input::{Buffer, Events, Input, References};
use plan::{Layout, Plan};
pub use run::Scratch;
use run::{Body, Frame, Lookup};

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

/// Compiled outputs of a playbook.
pub struct Compiled<'p> {
    context: Context<'p>,
    layout: Arc<Layout>,
    plan: Plan,
    types: Vec<&'p Type>,
    sites: Vec<Site<'p>>,
    gathering: usize,
    /// The functions' addresses, good as long as `code`.
    bodies: Vec<Body>,
    code: Arc<Code>,
    /// What constants in the code lead to.
    _constants: Arena,
}

impl<'p> Compiled<'p> {
    /// Code for nodes of scope customer or below; the context's instant plays no part. **Errors**: a processor that
    /// Cranelift does not know; IR that the verifier does not let pass, which is asked here, since code follows what a node's
    /// type says without looking.
    pub fn new(context: Context<'p>, nodes: &[NodeId]) -> Result<Compiled<'p>, NoCode> {
        verify(context.ir, context.schema, context.vocabulary)
            .map_err(|fault| NoCode::new(format!("node {}: {}", fault.node.0, fault.reason)))?;
        let (plan, layout) = Plan::new(context, nodes);
        let mut shared = Shared {
            context,
            plan: &plan,
            layout: &layout,
            sites: Vec::new(),
            constants: Arena::default(),
            gathering: 0,
        };
        let mut builder = Builder::new(Optimise::Speed)?;
        let mut functions: Vec<Function> = Vec::with_capacity(plan.functions.len());
        for (index, nodes) in plan.functions.iter().enumerate() {
            let function = builder.define(&[I64], |b, given| {
                let frame = given.first().copied().ok_or_else(|| NoCode::new("a function without frame"))?;
                Emitter::new(b, &mut shared, index, frame).function(nodes)
            });
            functions.push(function?);
        }
        let Shared { sites, constants, gathering, .. } = shared;
        let code = builder.finish()?;
        let body = |function: &Function| {
            let address = code.address(*function)?;
            // SAFETY: the function was defined above with one parameter of a pointer's size and no result, by the system's
            // calling convention; its code lives as long as `code`, beside which the address is kept.
            Ok(unsafe { std::mem::transmute::<*const u8, Body>(address) })
        };
        let bodies = functions.iter().map(body).collect::<Result<_, NoCode>>()?;
        let types = nodes.iter().map(|id| context.ir.ty(*id)).collect();
        let layout = Arc::new(layout);
        Ok(Compiled { context, layout, plan, types, sites, gathering, bodies, code, _constants: constants })
    }

    /// Bytes of machine code.
    pub fn bytes(&self) -> usize {
        self.code.bytes()
    }

    /// The operations for which the code calls its host, in the order of its calls.
    pub fn calls(&self) -> impl Iterator<Item = &'static str> {
        self.sites.iter().map(|site| site.name)
    }

    /// The cells of a customer, to be filled in.
    pub fn input<'b, 'd>(&self, buffer: &'b mut Buffer) -> Input<'b, 'd> {
        Input::new(buffer, self.layout.clone())
    }

    /// What lookups need of the reference tables, which have so many rows.
    pub fn references<S: Source>(&self, source: &S, rows: impl Fn(TableId) -> u32) -> References {
        References::new(self.layout.clone(), source, rows)
    }

    /// The outputs for one customer at an instant. Events later than it must not be among the input's. An input or
    /// references made for other code give missing values. **Errors**: a function that panicked.
    pub fn evaluate<'o>(
        &'o self,
        input: &Input<'o, 'o>,
        references: &'o References,
        as_of: i64,
        scratch: &'o mut Scratch,
    ) -> Result<Outputs<'o>, Fault> {
        let ours = |layout: &Arc<Layout>| Arc::ptr_eq(layout, &self.layout);
        scratch.outputs.clear();
        if !ours(&input.layout) || !ours(&references.layout) {
            scratch.outputs.resize(self.types.len(), Cell::missing(Reason::NotGiven));
            return Ok(Outputs { cells: &scratch.outputs, types: &self.types });
        }
        self.run(input, references, as_of, scratch)?;
        let slots = scratch.slots.get(self.plan.operands..).unwrap_or(&[]);
        let outputs = self.plan.outputs.iter().map(|slot| slots.get(*slot).copied());
        scratch.outputs.extend(outputs.map(|cell| cell.unwrap_or(Cell::missing(Reason::NotGiven))));
        Ok(Outputs { cells: &scratch.outputs, types: &self.types })
    }

    fn run(
        &self,
        input: &Input<'_, '_>,
        references: &References,
        as_of: i64,
        scratch: &mut Scratch,
    ) -> Result<(), Fault> {
        let Scratch { slots, run, customer, ready, columns, lookups, .. } = scratch;
        let is_ready = ready.as_ref().is_some_and(|(layout, at)| Arc::ptr_eq(layout, &self.layout) && *at == as_of);
        if !is_ready {
            // Until this run is over nothing is ready, whatever ends it.
            *ready = None;
        }
        slots.resize(self.plan.operands + self.plan.slots(), Cell::missing(Reason::NotGiven));
        let (cells, targets) = (guard::each(&input.buffer.columns), guard::each(&references.columns));
        columns.clear();
        columns.extend(cells.iter().map(|column| column.as_ptr().expose_provenance()));
        lookups.clear();
        lookups.extend(targets.iter().map(|column| {
            let (cells, rows) = (column.as_ptr().expose_provenance(), column.len() as u64);
            Lookup { cells, rows }
        }));
        let (profile, rows) = (guard::lent(&input.buffer.profile), guard::lent(&input.buffer.rows));
        let (columns, lookups) = (guard::lent(columns), guard::lent(lookups));
        let mut slots = guard::lent_mut(slots);
        let (of_run, of_customer) = self.bodies.split_at(self.plan.run.min(self.bodies.len()));
        let parts = [(if is_ready { &[] } else { of_run }, run), (of_customer, customer)];
        for (bodies, made) in parts {
            if bodies.is_empty() {
                continue;
            }
            made.arena.reset();
            made.fit(self.gathering);
            let mut host = Host { sites: &self.sites, zone: self.context.zone, made, fault: None };
            let mut frame = Frame {
                slots: slots.as_mut_ptr(),
                profile: profile.as_ptr(),
                columns: columns.as_ptr(),
                rows: rows.as_ptr(),
                lookups: lookups.as_ptr(),
                as_of,
                host: std::ptr::from_mut(&mut host).cast::<c_void>(),
            };
            for body in bodies {
                // SAFETY: `code` keeps the function, made of verified IR. The frame leads to as many slots, cells, columns,
                // counts and lookups as the plan and the layout have, which are those that the function was made for
                // (`evaluate` has compared the layouts); a column has at least as many cells as its collection has rows, for
                // these are set last; a lookup is compared with its rows. Texts and lists in cells are kept by the input's
                // and the references' data, by the constants' arena and by `made`; those of the run's slots by the last two
                // alone, since the verifier lets no constant name a row. Nobody else uses host or slots meanwhile.
                unsafe { body(&mut frame) };
            }
            if let Some(site) = host.fault {
                *ready = None;
                return Err(self.fault(site));
            }
        }
        *ready = Some((self.layout.clone(), as_of));
        Ok(())
    }

    fn fault(&self, site: u32) -> Fault {
        let of = match self.sites.get(site as usize) {
            Some(Site { job: Job::Call(builtin), .. }) => builtin.name,
            Some(site) => site.name,
            None => "a call",
        };
        Fault { of: of.to_string() }
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

/// The outputs for one customer, in the order of the nodes that were asked for.
#[derive(Debug, Clone, Copy)]
pub struct Outputs<'o> {
    cells: &'o [Cell],
    types: &'o [&'o Type],
}

impl<'o> Outputs<'o> {
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// An output's value; missing beyond the last. A list's value is a copy.
    pub fn value(&self, at: usize) -> Value<'o> {
        match (self.cells.get(at), self.types.get(at)) {
            // SAFETY: the cell was computed for a node of this type; what it leads to is kept by the code, by the input
            // and the references and by the scratch, all of which are borrowed for `'o`.
            (Some(cell), Some(ty)) => unsafe { host::value(*cell, ty) },
            _ => Value::Missing(Reason::NotGiven),
        }
    }
}
