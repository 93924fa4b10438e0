//! Functions that are run one after another over one memory: how they are made, and how they are run. Knows neither what is
//! asked for nor what becomes of it.

use std::collections::BTreeSet;
use std::ffi::c_void;
use std::sync::Arc;

use cranelift_codegen::ir::types::I64;
use seg_ir::host::Cell;
use seg_ir::interpret::Context;
use seg_ir::node::Scope;
use seg_ir::{NodeId, Reason, fault};

use super::Fault;
use super::arena::Arena;
use super::emit::{Emitter, Shared};
use super::gates::{Deciding, Gates};
use super::host::{Host, Job, Made, Site};
use super::input::{Input, References};
use super::plan::{Layout, Plan};
use super::run::{Body, Frame, Lookup, Memory};
use crate::code::{Builder, Code, Function, NoCode, Optimise};
use crate::guard;

/// The functions of some gates, and the words that they write.
struct Deciders {
    bodies: Vec<Body>,
    words: usize,
}

/// Functions made together.
pub(super) struct Routine<'p> {
    context: Context<'p>,
    plan: Plan,
    sites: Vec<Site<'p>>,
    gathering: usize,
    /// The functions' addresses, good as long as `code`: those of the plan, and those of each of the gates.
    bodies: Vec<Body>,
    deciding: Vec<Deciders>,
    /// Cells of the profile, and slots of the run, that gates take to be known.
    cells: Vec<usize>,
    slots: Vec<usize>,
    code: Arc<Code>,
    /// What constants in the code lead to.
    _constants: Arena,
}

impl<'p> Routine<'p> {
    /// Code for the nodes, operands first, of which those that are `kept` have a slot; and for gates over them, all of the
    /// same outputs. **Errors**: those of code generation.
    pub fn new(
        context: Context<'p>,
        layout: &Layout,
        nodes: &[NodeId],
        mut kept: BTreeSet<NodeId>,
        gates: &[Gates<'p>],
    ) -> Result<Routine<'p>, NoCode> {
        let needed = gates.first().map(|gates| (gates, gates.needed(nodes)));
        let light = |id| needed.as_ref().is_some_and(|(gates, needed)| gates.is_light(id, needed));
        kept.extend(gates.iter().flat_map(|gates| gates.reads(&light)));
        let plan = Plan::new(context.ir, nodes, &kept, &light);
        let mut shared =
            Shared { context, plan: &plan, layout, sites: Vec::new(), constants: Arena::default(), gathering: 0 };
        let mut builder = Builder::new(Optimise::Speed)?;
        let mut functions: Vec<Function> = Vec::with_capacity(plan.functions.len());
        let none = || NoCode::new("a function without frame");
        for (index, nodes) in plan.functions.iter().enumerate() {
            functions.push(builder.define(&[I64], |b, given| {
                let frame = given.first().copied().ok_or_else(none)?;
                Emitter::new(b, &mut shared, index, frame).function(nodes)
            })?);
        }
        let called = shared.sites.len();
        for gates in gates {
            let mut begun = BTreeSet::new();
            for part in 0..gates.functions() {
                functions.push(builder.define(&[I64], |b, given| {
                    let frame = given.first().copied().ok_or_else(none)?;
                    let mut emitter = Emitter::new(b, &mut shared, plan.functions.len(), frame);
                    Deciding::new(gates, &mut emitter, &mut begun).part(part)
                })?);
            }
        }
        if shared.sites.len() > called {
            // They are run without a host, over slots that others read.
            return Err(NoCode::new("gates that call out"));
        }
        let Shared { sites, constants, gathering, .. } = shared;
        let code = builder.finish()?;
        let body = |function: &Function| {
            let address = code.address(*function)?;
            // SAFETY: the function was defined above with one parameter of a pointer's size and no result, by the system's
            // calling convention; its code lives as long as `code`, beside which the address is kept.
            Ok(unsafe { std::mem::transmute::<*const u8, Body>(address) })
        };
        let mut bodies = functions.iter().map(body).collect::<Result<Vec<Body>, NoCode>>()?;
        let mut deciding = Vec::new();
        for gates in gates.iter().rev() {
            let bodies = bodies.split_off(bodies.len().saturating_sub(gates.functions()));
            deciding.insert(0, Deciders { bodies, words: gates.words() });
        }
        let complete = || gates.iter().flat_map(Gates::complete);
        let cells = complete().filter_map(|id| layout.cell(context.ir, id)).collect();
        let of_run = complete().filter(|id| context.ir.node(*id).scope <= Scope::Run);
        let slots = of_run.filter_map(|id| plan.slot(id)).collect();
        let _constants = constants;
        Ok(Routine { context, plan, sites, gathering, bodies, deciding, cells, slots, code, _constants })
    }

    /// Bytes of machine code.
    pub fn bytes(&self) -> usize {
        self.code.bytes()
    }

    /// The operations for which the code calls its host, in the order of its calls.
    pub fn calls(&self) -> impl Iterator<Item = &'static str> {
        self.sites.iter().map(|site| site.name)
    }

    /// Where a kept value lies.
    pub fn slot(&self, id: NodeId) -> Option<usize> {
        self.plan.slot(id)
    }

    /// Computes what is kept of a customer; gives whether gates may decide, which they may where all is known that they take
    /// to be. **Errors**: a function that panicked. **Shape**: input and references are of the layout that the code was made
    /// for.
    pub fn run(
        &self,
        input: &Input<'_, '_>,
        references: &References,
        as_of: i64,
        memory: &mut Memory,
    ) -> Result<bool, Fault> {
        let Memory { slots, run, customer, ready, is_complete, columns, lookups, .. } = memory;
        if slots.len() != self.plan.slots() {
            slots.clear();
            slots.resize(self.plan.slots(), Cell::missing(Reason::NotGiven));
            *ready = None;
        }
        let buffer = &*input.buffer;
        let (cells, targets) = (guard::each(&buffer.columns), guard::each(&references.columns));
        columns.clear();
        columns.extend(cells.iter().map(|column| column.as_ptr().expose_provenance()));
        lookups.clear();
        lookups.extend(targets.iter().map(|column| {
            let (cells, rows) = (column.as_ptr().expose_provenance(), column.len() as u64);
            Lookup { cells, rows }
        }));
        let (profile, rows) = (guard::lent(&buffer.profile), guard::lent(&buffer.rows));
        let (columns, lookups) = (guard::lent(columns), guard::lent(lookups));
        let mut slots = guard::lent_mut(slots);
        let mut frame = Frame {
            slots: slots.as_mut_ptr(),
            words: std::ptr::null_mut(),
            profile: profile.as_ptr(),
            columns: columns.as_ptr(),
            rows: rows.as_ptr(),
            lookups: lookups.as_ptr(),
            as_of,
            host: std::ptr::null_mut(),
        };
        let (of_run, of_customer) = self.bodies.split_at(self.plan.run.min(self.bodies.len()));
        let lacks = |cell: Option<&Cell>| cell.is_none_or(|cell| cell.missing != 0);
        if *ready != Some(as_of) {
            // Until this is over nothing is ready, whatever ends it.
            *ready = None;
            run.begin(self.gathering);
            self.call(&mut frame, of_run, run)?;
            *is_complete = !self.slots.iter().any(|slot| lacks(slots.get(*slot)));
            frame.slots = slots.as_mut_ptr();
            *ready = Some(as_of);
        }
        if !of_customer.is_empty() {
            customer.begin(self.gathering);
            self.call(&mut frame, of_customer, customer)?;
        }
        let missing =
            self.cells.iter().fold(0, |missing, at| missing | profile.get(*at).map_or(1, |cell| cell.missing));
        Ok((*is_complete && missing == 0) || fault::is("record.what-is-required-is-there"))
    }

    /// Runs some of the gates over a customer for whom they may decide, and of whom everything is kept.
    pub fn decide(&self, which: usize, input: &Input<'_, '_>, slots: &[Cell], words: &mut Vec<u64>) {
        let Some(Deciders { bodies, words: count }) = self.deciding.get(which) else { return };
        if words.len() != *count || slots.len() != self.plan.slots() {
            words.clear();
            words.resize(*count, 0);
        }
        if slots.len() != self.plan.slots() {
            return;
        }
        let (profile, slots, mut words) =
            (guard::lent(&input.buffer.profile), guard::lent(slots), guard::lent_mut(words));
        let mut frame = Frame {
            slots: slots.as_ptr().cast_mut(),
            words: words.as_mut_ptr(),
            profile: profile.as_ptr(),
            columns: std::ptr::null(),
            rows: std::ptr::null(),
            lookups: std::ptr::null(),
            as_of: 0,
            host: std::ptr::null_mut(),
        };
        for body in bodies {
            // SAFETY: `code` keeps the function, made of verified IR. Gates read the profile's cells, as many as the layout
            // has, and slots, as many as the plan has; they write words, of which there are as many as they were made for;
            // they read no rows and call nobody (`new` has seen to it), so that the rest of the frame is not looked at, and
            // no slot is written. Texts in cells are kept by the input's data and by whoever keeps the slots.
            unsafe { body(&mut frame) };
        }
    }

    fn call(&self, frame: &mut Frame, bodies: &[Body], made: &mut Made) -> Result<(), Fault> {
        let mut host = Host { sites: &self.sites, zone: self.context.zone, made, fault: None };
        frame.host = std::ptr::from_mut(&mut host).cast::<c_void>();
        for body in bodies {
            // SAFETY: `code` keeps the function, made of verified IR. The frame leads to as many slots, words, cells, columns,
            // counts and lookups as the plan, the gates and the layout have, which are those that the function was made for
            // (`run` asks for the layout's); a column has at least as many cells as its collection has rows, for these are
            // set last; a lookup is compared with its rows. Texts and lists in cells are kept by the input's and the
            // references' data, by the constants' arena and by `made`; those of the run's slots by the last two alone, since
            // the verifier lets no constant name a row. Nobody else uses host, slots or words meanwhile.
            unsafe { body(frame) };
        }
        match host.fault {
            Some(site) => Err(self.fault(site)),
            None => Ok(()),
        }
    }

    fn fault(&self, site: u32) -> Fault {
        let of = match self.sites.get(site as usize) {
            Some(Site { job: Job::Call(builtin), .. }) => builtin.name,
            Some(site) => site.name,
            None => "a call",
        };
        Fault { of: of.to_string() }
    }
}
