//! The outputs that are conditions, as a bit each: whether it is true, or whether it is known. Their logic is that of
//! [`crate::conditions`], a gate an instruction or two; why a condition is missing is none of it, and not worked out here.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, Value};
use seg_ir::interpret::Context;
use seg_ir::node::Scope;
use seg_ir::{Const, Ir, NodeId, Op, Type, fault};

use super::emit::{Emitter, memory, offset};
use super::test::Test;
use crate::code::NoCode;
use crate::conditions::{self, Asked, Conditions, Gate, GateId, Ground, Leaf, Need, Tested};

/// Gates of one function: compile time grows faster than a function does.
const GATES_MAX: usize = 1024;
/// Outputs of one function.
const OUTPUTS_MAX: usize = 128;
const WORD: usize = size_of::<u64>();

/// The conditions among a playbook's outputs, and how they are decided.
pub(super) struct Gates<'p> {
    context: Context<'p>,
    conditions: Conditions,
    tests: HashMap<NodeId, Test<'p>>,
    /// The outputs that are conditions, last first, in which order words fill up without a shift of each bit.
    outputs: Vec<Output>,
    cuts: Vec<Cut>,
    /// Gates that a later function needs, by their word.
    passed: HashMap<GateId, usize>,
    /// The words of one bit an output.
    width: usize,
}

#[derive(Debug, Clone, Copy)]
struct Output {
    /// Its place among all outputs.
    at: usize,
    gate: GateId,
}

/// A function's part.
#[derive(Debug)]
struct Cut {
    gates: Range<usize>,
    /// Outputs by their place in [`Gates::outputs`].
    outputs: Range<usize>,
}

/// What needs machine code of its own besides gates.
pub(super) struct Needed {
    /// Logic whose values, with their reasons, something else than conditions uses.
    valued: BTreeSet<NodeId>,
}

/// One record's cells as what conditions are over. What depends on the instant alone, and what the schema requires, is taken
/// to have a value.
struct Cells<'g, 'p> {
    context: Context<'p>,
    tests: &'g HashMap<NodeId, Test<'p>>,
}

impl Ground for Cells<'_, '_> {
    type Test = NodeId;

    fn ir(&self) -> &Ir {
        self.context.ir
    }

    fn constant(&self, id: NodeId) -> Option<&Const> {
        self.context.ir.constant(id)
    }

    fn is_logic(&self, id: NodeId) -> bool {
        is_logic(self.context.ir, id)
    }

    fn test(&self, id: NodeId) -> Option<Tested<NodeId>> {
        let needs = self.tests.get(&id)?.operands().filter(|of| self.context.ir.constant(*of).is_none());
        let needs = needs.map(|node| Need { node, complete: self.is_complete(node) }).collect();
        Some(Tested { test: id, negated: false, needs })
    }
}

impl Cells<'_, '_> {
    fn is_complete(&self, id: NodeId) -> bool {
        let node = self.context.ir.node(id);
        let optional = match node.op {
            Op::Field { scope: Scope::Customer, table, field } => self.context.schema.field(table, field).optional,
            _ => node.scope > Scope::Run,
        };
        !optional
    }
}

/// Whether a node of the customer is logic over other conditions.
fn is_logic(ir: &Ir, id: NodeId) -> bool {
    ir.node(id).scope == Scope::Customer && conditions::is_logic(ir, id)
}

impl<'p> Gates<'p> {
    /// What is asked of the outputs that are conditions. **Shape** of `nodes`: all that the outputs need.
    pub fn of(context: Context<'p>, nodes: &[NodeId], outputs: &[NodeId], asked: Asked) -> Gates<'p> {
        let ir = context.ir;
        let is_known = |id| ir.constant(id).is_none_or(|value| !value.is_missing());
        let test = |id: &NodeId| {
            let ours = *ir.ty(*id) == Type::Bool && ir.node(*id).scope == Scope::Customer;
            let test = Test::of(context, *id).filter(|test| ours && test.operands().all(is_known))?;
            Some((*id, test))
        };
        let tests: HashMap<_, _> = nodes.iter().filter_map(test).collect();
        let cells = Cells { context, tests: &tests };
        let wanted = outputs.iter().enumerate().rev().filter(|(_, id)| *ir.ty(**id) == Type::Bool);
        let (conditions, gates) = Conditions::asked(&cells, wanted.clone().map(|(_, id)| *id), asked);
        let outputs_made: Vec<Output> = wanted.zip(gates).map(|((at, _), gate)| Output { at, gate }).collect();
        let cuts = cut(&conditions, &outputs_made);
        let width = outputs.len().div_ceil(64);
        let passed = passed(&conditions, &outputs_made, &cuts, width);
        Gates { context, conditions, tests, outputs: outputs_made, cuts, passed, width }
    }

    /// How many functions there are.
    pub fn functions(&self) -> usize {
        self.cuts.len()
    }

    /// The words that functions write: those of the outputs' bits, and what is passed on.
    pub fn words(&self) -> usize {
        self.width + self.passed.len()
    }

    /// The nodes that are taken to have a value.
    pub fn complete(&self) -> impl Iterator<Item = NodeId> {
        self.conditions.complete.iter().copied()
    }

    /// What else has to be computed for the outputs. **Shape** of `nodes`: all that they need.
    pub fn needed(&self, nodes: &[NodeId]) -> Needed {
        let ir = self.context.ir;
        let mut stack = Vec::new();
        for id in nodes.iter().filter(|id| !is_logic(ir, **id)) {
            ir.node(*id).op.for_each_operand(|operand| stack.push(operand));
        }
        let mut valued = BTreeSet::new();
        while let Some(id) = stack.pop() {
            if is_logic(ir, id) && valued.insert(id) {
                ir.node(id).op.for_each_operand(|operand| stack.push(operand));
            }
        }
        Needed { valued }
    }

    /// Whether a node is decided here, or wherever its value is needed, in a few instructions.
    pub fn is_light(&self, id: NodeId, needed: &Needed) -> bool {
        self.tests.contains_key(&id) || (is_logic(self.context.ir, id) && !needed.valued.contains(&id))
    }

    /// The nodes that gates read, directly or through what is light, but for those that are at hand anywhere.
    pub fn reads(&self, light: &dyn Fn(NodeId) -> bool) -> BTreeSet<NodeId> {
        let ir = self.context.ir;
        let mut stack = Vec::new();
        for leaf in &self.conditions.leaves {
            match leaf {
                Leaf::Found(id) => stack.extend(self.tests.get(id).into_iter().flat_map(Test::operands)),
                Leaf::Yes(id) | Leaf::No(id) | Leaf::Known(id) => stack.push(*id),
            }
        }
        let (mut seen, mut read) = (BTreeSet::new(), BTreeSet::new());
        while let Some(id) = stack.pop() {
            let node = ir.node(id);
            if matches!(node.op, Op::Constant(_) | Op::Field { .. }) || !seen.insert(id) {
                continue;
            }
            if light(id) {
                node.op.for_each_operand(|operand| stack.push(operand));
            } else {
                read.insert(id);
            }
        }
        read
    }

    fn gate(&self, id: GateId) -> Gate {
        self.conditions.gates.get(id.0 as usize).copied().unwrap_or(Gate::False)
    }

    fn is_simple(&self, id: GateId) -> bool {
        is_simple(self.gate(id))
    }
}

/// Made anew wherever it is needed.
fn is_simple(gate: Gate) -> bool {
    matches!(gate, Gate::False | Gate::True | Gate::Leaf(_))
}

/// Gates in their order, with the outputs that they decide.
fn cut(conditions: &Conditions, outputs: &[Output]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    if outputs.is_empty() {
        return cuts;
    }
    let mut now = Cut { gates: 0..0, outputs: 0..0 };
    for output in outputs {
        if now.outputs.len() >= OUTPUTS_MAX {
            let next = Cut { gates: now.gates.end..now.gates.end, outputs: now.outputs.end..now.outputs.end };
            cuts.push(std::mem::replace(&mut now, next));
        }
        let top = (output.gate.0 as usize + 1).min(conditions.gates.len());
        while now.gates.end < top {
            if now.gates.len() >= GATES_MAX {
                let next = Cut { gates: now.gates.end..now.gates.end, outputs: now.outputs.end..now.outputs.end };
                cuts.push(std::mem::replace(&mut now, next));
            }
            now.gates.end = top.min(now.gates.start + GATES_MAX);
        }
        now.outputs.end += 1;
    }
    cuts.push(now);
    cuts
}

/// A word for each gate that a later function needs.
fn passed(conditions: &Conditions, outputs: &[Output], cuts: &[Cut], first: usize) -> HashMap<GateId, usize> {
    let mut passed = HashMap::new();
    let gate = |id: GateId| conditions.gates.get(id.0 as usize).copied().unwrap_or(Gate::False);
    for cut in cuts {
        let mut read = |id: GateId| {
            if (id.0 as usize) < cut.gates.start && !is_simple(gate(id)) {
                let next = first + passed.len();
                passed.entry(id).or_insert(next);
            }
        };
        for at in cut.gates.clone() {
            match gate(GateId(at as u32)) {
                Gate::Not(a) => read(a),
                Gate::And(a, b) | Gate::Or(a, b) => [a, b].into_iter().for_each(&mut read),
                Gate::False | Gate::True | Gate::Leaf(_) => {}
            }
        }
        for output in outputs.get(cut.outputs.clone()).unwrap_or(&[]) {
            read(output.gate);
        }
    }
    passed
}

/// Bits of a word that are gathered from the highest down.
struct Word {
    /// Which of the frame's words.
    at: usize,
    bits: Value,
    /// The place of the lowest bit so far.
    lowest: usize,
}

/// Emits one function of gates.
pub(super) struct Deciding<'g, 'p, 'x, 'e, 's, 'f> {
    pub gates: &'g Gates<'p>,
    pub emitter: &'x mut Emitter<'e, 's, 'p, 'f>,
    /// The words that earlier functions wrote, and this one.
    pub begun: &'g mut BTreeSet<usize>,
    values: HashMap<GateId, Value>,
    /// Where the frame's words lie.
    words: Value,
    /// The first gate that is no earlier function's.
    first: usize,
}

impl<'g, 'p, 'x, 'e, 's, 'f> Deciding<'g, 'p, 'x, 'e, 's, 'f> {
    pub fn new(
        gates: &'g Gates<'p>,
        emitter: &'x mut Emitter<'e, 's, 'p, 'f>,
        begun: &'g mut BTreeSet<usize>,
    ) -> Deciding<'g, 'p, 'x, 'e, 's, 'f> {
        let words = emitter.frame(super::run::field::WORDS);
        Deciding { gates, emitter, begun, values: HashMap::new(), words, first: 0 }
    }

    /// Emits a part: its gates in their order, and the outputs' bits as soon as they are known.
    pub fn part(mut self, at: usize) -> Result<(), NoCode> {
        let gates = self.gates;
        let Some(cut) = gates.cuts.get(at) else { return Ok(()) };
        self.first = cut.gates.start;
        let mut next = cut.gates.start;
        let mut word: Option<Word> = None;
        for output in gates.outputs.get(cut.outputs.clone()).unwrap_or(&[]) {
            let top = (output.gate.0 as usize + 1).min(cut.gates.end);
            self.run(next..top)?;
            next = next.max(top);
            let is = self.operand(output.gate)?;
            self.put(&mut word, output.at / 64, output.at % 64, is)?;
        }
        self.run(next..cut.gates.end)?;
        match word {
            Some(word) => self.store(word),
            None => Ok(()),
        }
    }

    fn run(&mut self, gates: Range<usize>) -> Result<(), NoCode> {
        for at in gates {
            let id = GateId(at as u32);
            if !self.gates.is_simple(id) {
                let value = self.operand(id)?;
                if let Some(word) = self.gates.passed.get(&id) {
                    self.emitter.b.ins().store(memory(), value, self.words, offset(word * WORD)?);
                }
            }
        }
        Ok(())
    }

    /// Adds a bit to a word, after those above it.
    fn put(&mut self, to: &mut Option<Word>, at: usize, bit: usize, value: Value) -> Result<(), NoCode> {
        let bit = if fault::is("record.outputs-change-places") { bit ^ 1 } else { bit };
        match to {
            Some(word) if word.at == at && bit < word.lowest => {
                let above = self.emitter.b.ins().ishl_imm_u(word.bits, (word.lowest - bit) as i64);
                *word = Word { at, bits: self.emitter.b.ins().iadd(above, value), lowest: bit };
            }
            _ => {
                if let Some(done) = to.replace(Word { at, bits: value, lowest: bit }) {
                    self.store(done)?;
                }
            }
        }
        Ok(())
    }

    fn store(&mut self, word: Word) -> Result<(), NoCode> {
        let place = offset(word.at * WORD)?;
        let b = &mut self.emitter.b;
        let mut bits = b.ins().ishl_imm_u(word.bits, word.lowest as i64);
        if !self.begun.insert(word.at) && !fault::is("record.a-later-function-writes-over") {
            let before = b.ins().load(I64, memory(), self.words, place);
            bits = b.ins().bor(before, bits);
        }
        b.ins().store(memory(), bits, self.words, place);
        Ok(())
    }

    /// A gate's value, 0 or 1: of this function, or one that an earlier function passed on.
    fn operand(&mut self, id: GateId) -> Result<Value, NoCode> {
        if let Some(known) = self.values.get(&id) {
            return Ok(*known);
        }
        let value = match self.gates.gate(id) {
            Gate::False => self.emitter.b.ins().iconst(I64, 0),
            Gate::True => self.emitter.b.ins().iconst(I64, 1),
            Gate::Leaf(at) => self.leaf(at)?,
            gate => match self.earlier(id) {
                Some(word) => {
                    let place = offset(word * WORD)?;
                    self.emitter.b.ins().load(I64, memory(), self.words, place)
                }
                None => self.made(gate)?,
            },
        };
        self.values.insert(id, value);
        Ok(value)
    }

    /// The word of a gate of an earlier function.
    fn earlier(&self, id: GateId) -> Option<usize> {
        self.gates.passed.get(&id).copied().filter(|_| (id.0 as usize) < self.first)
    }

    fn made(&mut self, gate: Gate) -> Result<Value, NoCode> {
        // What a gate of this function is the opposite of.
        let not = |of: &Self, id: GateId| match of.gates.gate(id) {
            Gate::Not(inner) if id.0 as usize >= of.first => Some(inner),
            _ => None,
        };
        Ok(match gate {
            Gate::Not(a) => {
                let a = self.operand(a)?;
                self.emitter.b.ins().bxor_imm_u(a, 1)
            }
            Gate::And(a, b) => {
                // One of them may be a negation, which is part of the instruction then.
                let (a, b) = if not(self, a).is_some() { (b, a) } else { (a, b) };
                let this = self.operand(a)?;
                match not(self, b).filter(|_| not(self, a).is_none()) {
                    Some(inner) => {
                        let that = self.operand(inner)?;
                        self.emitter.b.ins().band_not(this, that)
                    }
                    None => {
                        let that = self.operand(b)?;
                        self.emitter.b.ins().band(this, that)
                    }
                }
            }
            Gate::Or(a, b) => {
                let (a, b) = (self.operand(a)?, self.operand(b)?);
                self.emitter.b.ins().bor(a, b)
            }
            Gate::False | Gate::True | Gate::Leaf(_) => return Err(NoCode::new("a gate of no operands")),
        })
    }

    fn leaf(&mut self, at: u32) -> Result<Value, NoCode> {
        let gates = self.gates;
        let leaf = gates.conditions.leaves.get(at as usize).ok_or_else(|| NoCode::new("a gate over no leaf"))?;
        match leaf {
            Leaf::Found(id) => {
                let test = gates.tests.get(id).ok_or_else(|| NoCode::new("a leaf without its test"))?;
                for operand in test.operands() {
                    self.emitter.value(operand)?;
                }
                self.emitter.passes(test)
            }
            Leaf::Yes(id) => Ok(self.emitter.value(*id)?.bits),
            Leaf::Known(id) => self.known(*id),
            Leaf::No(id) => {
                let (yes, known) = (self.emitter.value(*id)?.bits, self.known(*id)?);
                Ok(self.emitter.b.ins().band_not(known, yes))
            }
        }
    }

    fn known(&mut self, id: NodeId) -> Result<Value, NoCode> {
        let Some(missing) = self.emitter.value(id)?.missing else {
            return Ok(self.emitter.b.ins().iconst(I64, 1));
        };
        let known = self.emitter.b.ins().icmp_imm_u(cranelift_codegen::ir::condcodes::IntCC::Equal, missing, 0);
        Ok(self.emitter.b.ins().uextend(I64, known))
    }
}
