//! Conditions as machine code: each instruction decides 128 customers. Gates are cut into functions of bounded size, in
//! their order; what a later function needs of an earlier one goes through memory.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I64, I64X2};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value};
use cranelift_frontend::FunctionBuilder;
use seg_ir::fault;

use super::sheet::Sheet;
use super::{PIECE_WORDS, Written};
use crate::code::{Builder, Code, NoCode, Optimise};
use crate::conditions::{Conditions, Gate, GateId};
use crate::guard::{self, Masks};
use crate::mask;

/// The most gates to a function: compile time grows faster than the function does.
const GATES_MAX: usize = 1024;
/// Bytes that one step of the loop takes: two words.
const STEP: i64 = 16;
const WORD: usize = size_of::<u64>();

/// `(slab, table, bytes, at)`: leaves and what functions pass on, the addresses of the masks that are written, how many bytes
/// of each to do, and from which byte of the written ones on.
type Entry = unsafe extern "C" fn(*mut u64, *const *mut u64, usize, usize);

/// Where a place of the slab begins.
fn displacement(place: usize) -> i32 {
    (place * PIECE_WORDS * WORD) as i32
}

/// Functions that decide the conditions, one after another.
#[derive(Debug)]
pub(super) struct Compiled {
    /// How many places the slab has: the leaves come first.
    pub slab: usize,
    /// How many masks a sheet has.
    written: usize,
    entries: Vec<Entry>,
    /// Owns what `entries` point to.
    _code: Arc<Code>,
}

impl Compiled {
    /// **Errors**: those of code generation.
    pub fn of(conditions: &Conditions, written: &Written) -> Result<Compiled, NoCode> {
        let slots = Slots::of(conditions, written);
        let written = written.len();
        if i32::try_from(slots.slab * PIECE_WORDS * WORD).is_err() || i32::try_from(written * WORD).is_err() {
            return Err(NoCode::new("too many conditions"));
        }
        // Gates are made without repetition and in their simplest form: there is nothing left to find.
        let mut builder = Builder::new(Optimise::Nothing)?;
        let mut functions = Vec::new();
        for first in (0..conditions.gates.len()).step_by(GATES_MAX) {
            let end = (first + GATES_MAX).min(conditions.gates.len());
            functions.push(builder.define(&[I64; 4], |b, given| {
                let [slab, table, bytes, at] = *given else { return Ok(()) };
                let emitter = Emitter { conditions, slots: &slots, slab, table, at, values: HashMap::new() };
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
        Ok(Compiled { slab: slots.slab, written, entries, _code: code })
    }

    /// Calls with the functions over the masks of a sheet; what they write is there when this returns.
    pub fn over(&self, sheet: &mut Sheet, mut each: impl FnMut(&Running)) {
        let stride = sheet.stride();
        each(&Running { compiled: self, written: Masks::of(sheet.masks_mut()), stride });
    }
}

/// Functions, and the masks that they write.
pub(super) struct Running<'r> {
    compiled: &'r Compiled,
    written: Masks<'r>,
    /// The words of each mask.
    stride: usize,
}

impl Running<'_> {
    /// Decides the lanes of a piece, which go to the words of each mask from `first` on.
    pub fn run(&self, slab: &mut [u64], first: usize, lanes: usize) {
        let Running { compiled, written, stride } = self;
        let words = mask::words(lanes);
        let fit = first + words <= *stride && words <= PIECE_WORDS && lanes > 0 && written.len() == compiled.written;
        assert!(fit && slab.len() == compiled.slab * PIECE_WORDS, "each mask has a place to go");
        let mut slab = guard::lent_mut(slab);
        for entry in &compiled.entries {
            // SAFETY: the slab has `PIECE_WORDS` words, of which `words` are used, for each place that the code was compiled
            // with. `written` has the address of each mask that it writes, of `stride` words, so that, by the assertion
            // above, `words` words from `first` on lie within each; they are an even number and some, as the loop takes
            // them. Both are borrowed here for as long as the code runs, and it reads and writes nothing else.
            unsafe { entry(slab.as_mut_ptr(), written.table(), words * WORD, first * WORD) };
        }
    }
}

/// Where masks lie in memory.
#[derive(Debug)]
struct Slots<'c> {
    /// The masks of roots, by their place in a sheet.
    written: &'c Written,
    /// Gates that a later function needs, by their place in the slab, after the leaves.
    passed: HashMap<GateId, usize>,
    /// How many places the slab has.
    slab: usize,
}

impl<'c> Slots<'c> {
    fn of(conditions: &Conditions, written: &'c Written) -> Slots<'c> {
        let mut passed = HashMap::new();
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
    slots: &'e Slots<'e>,
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
            let (written, passed) = (self.slots.written.get(gate), self.slots.passed.get(&gate));
            if written.is_none() && passed.is_none() && is_simple(self.conditions.gates[at]) {
                continue;
            }
            let value = self.gate(b, gate, from);
            if let Some(place) = passed {
                b.ins().store(MemFlagsData::new().with_notrap(), value, from, displacement(*place));
            }
            if let Some(place) = written {
                let base =
                    b.ins().load(I64, MemFlagsData::trusted().with_readonly(), self.table, (place * WORD) as i32);
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
