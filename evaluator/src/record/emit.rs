//! The emitter's core: where the value of a node is found, how it is kept, and the one place that emits a call. What an
//! operation comes down to is in [`super::values`] and [`super::folds`].

use std::collections::{BTreeSet, HashMap, HashSet};

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{AbiParam, BlockArg, InstBuilder, MemFlagsData, SigRef, Signature, Value};
use cranelift_frontend::FunctionBuilder;
use seg_ir::host::{Cell, code};
use seg_ir::interpret::Context;
use seg_ir::node::{Scope, Window};
use seg_ir::{CollectionId, NodeId, Op, Reason, Type, fault};

use super::arena::Arena;
use super::host::{CALLS, Job, Site, constant, thunk};
use super::plan::{Layout, Plan};
use super::run::{CELL, field};
use crate::code::NoCode;

/// A node's value in registers: of text and lists also the length; `missing` is none where it is always known.
#[derive(Clone, Copy)]
pub(super) struct Val {
    pub bits: Value,
    pub len: Option<Value>,
    pub missing: Option<Value>,
}

impl Val {
    pub fn known(bits: Value) -> Val {
        Val { bits, len: None, missing: None }
    }
}

/// What the functions of one code share.
pub(super) struct Shared<'e, 'p> {
    pub context: Context<'p>,
    pub plan: &'e Plan,
    pub layout: &'e Layout,
    pub sites: Vec<Site<'p>>,
    pub constants: Arena,
    /// Folds that gather values.
    pub gathering: usize,
}

/// The rows within a window: `low..high`, and the reason's code where they cannot be known (then there are none).
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub low: Value,
    pub high: Value,
    pub missing: Value,
}

/// Values that hold in one block and those it dominates.
#[derive(Default)]
struct Layer {
    values: HashMap<NodeId, Val>,
    pub ranges: HashMap<(CollectionId, Option<Window>), Range>,
}

/// Emits one function.
pub(super) struct Emitter<'e, 's, 'p, 'f> {
    pub b: &'e mut FunctionBuilder<'f>,
    pub shared: &'e mut Shared<'s, 'p>,
    function: usize,
    frame: Value,
    slots: Value,
    profile: Value,
    call: SigRef,
    layers: Vec<Layer>,
    /// What the values being emitted may depend on.
    pub level: Scope,
    /// The collection and the row at hand, of the rows and of the inner rows.
    pub rows: [Option<(usize, Value)>; 2],
}

/// Memory that is there, aligned and nobody else's.
pub(super) fn memory() -> MemFlagsData {
    MemFlagsData::trusted()
}

impl<'e, 's, 'p, 'f> Emitter<'e, 's, 'p, 'f> {
    pub fn new(
        b: &'e mut FunctionBuilder<'f>,
        shared: &'e mut Shared<'s, 'p>,
        function: usize,
        frame: Value,
    ) -> Emitter<'e, 's, 'p, 'f> {
        let mut signature = Signature::new(b.func.signature.call_conv);
        signature.params.extend([I64, I32, I64].map(AbiParam::new));
        let call = b.import_signature(signature);
        let slots = b.ins().load(I64, memory(), frame, field::SLOTS);
        let profile = b.ins().load(I64, memory(), frame, field::PROFILE);
        let layers = vec![Layer::default()];
        let rows = [None, None];
        Emitter { b, shared, function, frame, slots, profile, call, layers, level: Scope::Customer, rows }
    }

    /// Emits the function's nodes, and stores those that pass to other functions or out.
    pub fn function(&mut self, nodes: &[NodeId]) -> Result<(), NoCode> {
        for id in nodes {
            let value = self.value(*id)?;
            if let Some(slot) = self.shared.plan.slot(*id) {
                let at = self.slot_offset(slot)?;
                self.store(value, self.slots, at);
            }
        }
        Ok(())
    }

    fn slot_offset(&self, slot: usize) -> Result<i32, NoCode> {
        offset(slot * CELL)
    }

    /// A node's value; what it needs and is not there yet is emitted first, each thing where it holds longest.
    pub fn value(&mut self, root: NodeId) -> Result<Val, NoCode> {
        if let Some(value) = self.find(root) {
            return Ok(value);
        }
        let mut wanted = BTreeSet::new();
        let mut seen = HashSet::new();
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            if !seen.insert(id) || self.find(id).is_some() {
                continue;
            }
            let node = self.shared.context.ir.node(id);
            // Inside a fold, what depends on its rows is left to the fold; all else it needs is emitted before it.
            if node.scope <= self.level {
                wanted.insert(id);
            }
            let given = matches!(node.op, Op::Constant(_)) || self.shared.plan.is_elsewhere(id, self.function);
            if !given {
                node.op.for_each_operand(|operand| stack.push(operand));
            }
        }
        for id in wanted {
            let value = self.emit(id)?;
            self.keep(id, value);
        }
        self.get(root)
    }

    fn find(&self, id: NodeId) -> Option<Val> {
        self.layers.iter().rev().find_map(|layer| layer.values.get(&id)).copied()
    }

    /// A value that was emitted before.
    pub fn get(&self, id: NodeId) -> Result<Val, NoCode> {
        self.find(id).ok_or_else(|| NoCode::new(format!("node {} is used before it is computed", id.0)))
    }

    fn keep(&mut self, id: NodeId, value: Val) {
        if let Some(layer) = self.layers.last_mut() {
            layer.values.insert(id, value);
        }
    }

    pub fn find_range(&self, key: (CollectionId, Option<Window>)) -> Option<Range> {
        self.layers.iter().rev().find_map(|layer| layer.ranges.get(&key)).copied()
    }

    pub fn keep_range(&mut self, key: (CollectionId, Option<Window>), range: Range) {
        if let Some(layer) = self.layers.last_mut() {
            layer.ranges.insert(key, range);
        }
    }

    /// Emits into a block of its own, whose values are forgotten after it.
    pub fn within<T>(&mut self, emit: impl FnOnce(&mut Self) -> Result<T, NoCode>) -> Result<T, NoCode> {
        self.layers.push(Layer::default());
        let result = emit(self);
        self.layers.pop();
        result
    }

    fn emit(&mut self, id: NodeId) -> Result<Val, NoCode> {
        let node = self.shared.context.ir.node(id);
        match &node.op {
            Op::Constant(value) => {
                let cell = constant(value, &node.ty, &mut self.shared.constants);
                Ok(self.cell(cell, &node.ty))
            }
            _ if self.shared.plan.is_elsewhere(id, self.function) => {
                let slot = self.shared.plan.slot(id).ok_or_else(|| NoCode::new("a value has no slot"))?;
                let at = self.slot_offset(slot)?;
                Ok(self.load(self.slots, at, &node.ty))
            }
            Op::AsOf if fault::is("record.as-of-is-never") => Ok(Val::known(self.b.ins().iconst(I64, 0))),
            Op::AsOf => Ok(Val::known(self.frame(field::AS_OF))),
            Op::Field { scope: Scope::Customer, field: of, .. } => {
                let at = self.shared.layout.profile_at(*of).ok_or_else(|| NoCode::new("a field has no cell"))?;
                Ok(self.load(self.profile, offset(at * CELL)?, &node.ty))
            }
            Op::Field { scope, field, .. } => {
                let at = self.rows.get(usize::from(*scope == Scope::InnerRow)).copied().flatten();
                let (collection, row) = at.ok_or_else(|| NoCode::new("a row's field outside of its fold"))?;
                self.row_field(collection, *field, row, &node.ty)
            }
            op => self.operation(id, op, &node.ty),
        }
    }

    /// A word of the frame.
    pub fn frame(&mut self, at: i32) -> Value {
        self.b.ins().load(I64, memory(), self.frame, at)
    }

    /// A field of a row of a collection.
    pub fn row_field(
        &mut self,
        collection: usize,
        field: seg_ir::FieldId,
        row: Value,
        ty: &Type,
    ) -> Result<Val, NoCode> {
        let rows = self.shared.layout.collections.get(collection);
        let column = rows.and_then(|rows| rows.column(field)).ok_or_else(|| NoCode::new("a field has no column"))?;
        let columns = self.frame(field::COLUMNS);
        let base = self.b.ins().load(I64, memory(), columns, offset(column * 8)?);
        let at = self.b.ins().ishl_imm_u(row, 4);
        let address = self.b.ins().iadd(base, at);
        Ok(self.load(address, 0, ty))
    }

    pub fn load(&mut self, base: Value, at: i32, ty: &Type) -> Val {
        let bits = self.b.ins().load(I64, memory(), base, at);
        let len = has_length(ty).then(|| self.b.ins().load(I32, memory(), base, at + field::LEN));
        let missing = Some(self.b.ins().load(I32, memory(), base, at + field::MISSING));
        Val { bits, len, missing }
    }

    pub fn store(&mut self, value: Val, base: Value, at: i32) {
        let zero = self.b.ins().iconst(I32, 0);
        self.b.ins().store(memory(), value.bits, base, at);
        self.b.ins().store(memory(), value.len.unwrap_or(zero), base, at + field::LEN);
        self.b.ins().store(memory(), value.missing.unwrap_or(zero), base, at + field::MISSING);
    }

    /// A constant.
    pub fn cell(&mut self, cell: Cell, ty: &Type) -> Val {
        let bits = self.b.ins().iconst(I64, cell.bits.cast_signed());
        let len = has_length(ty).then(|| self.b.ins().iconst(I32, i64::from(cell.len)));
        let missing = (cell.missing != 0).then(|| self.b.ins().iconst(I32, i64::from(cell.missing)));
        Val { bits, len, missing }
    }

    pub fn missing(&mut self, reason: Reason, ty: &Type) -> Val {
        self.cell(Cell::missing(reason), ty)
    }

    pub fn reason(&mut self, reason: Reason) -> Value {
        self.b.ins().iconst(I32, i64::from(code(reason)))
    }

    /// The first reason of several; none where all are always known.
    pub fn first_missing(&mut self, of: &[Val]) -> Option<Value> {
        let mut reasons = of.iter().rev().filter_map(|v| v.missing);
        let last = reasons.next()?;
        if fault::is("record.last-reason-alone-counts") {
            return Some(last);
        }
        Some(reasons.fold(last, |later, own| self.b.ins().select(own, own, later)))
    }

    /// The reason, or that of a fault where there is one.
    pub fn or_fault(&mut self, missing: Option<Value>, faulty: Value, reason: Reason) -> Option<Value> {
        let fault = self.reason(reason);
        let zero = self.b.ins().iconst(I32, 0);
        let own = self.b.ins().select(faulty, fault, zero);
        let missing = missing.filter(|_| !fault::is("record.fault-hides-what-is-missing"));
        Some(missing.map_or(own, |missing| self.b.ins().select(missing, missing, own)))
    }

    /// The bits of a Bool: 1 where it is known and the condition holds.
    pub fn truth(&mut self, holds: Value, missing: Option<Value>) -> Value {
        let holds = self.b.ins().uextend(I64, holds);
        self.where_known(holds, missing)
    }

    /// 0 or 1 in 64 bits, and 0 where it is not known.
    pub fn where_known(&mut self, bits: Value, missing: Option<Value>) -> Value {
        match missing.filter(|_| !fault::is("record.unknown-keeps-its-bits")) {
            Some(missing) => {
                let known = self.b.ins().icmp_imm_u(IntCC::Equal, missing, 0);
                let known = self.b.ins().uextend(I64, known);
                self.b.ins().band(bits, known)
            }
            None => bits,
        }
    }

    /// A choice between two values of one type.
    pub fn select(&mut self, condition: Value, a: Val, b: Val) -> Val {
        let zero = |e: &mut Self| e.b.ins().iconst(I32, 0);
        let bits = self.b.ins().select(condition, a.bits, b.bits);
        let len = match (a.len, b.len) {
            (Some(a), Some(b)) => Some(self.b.ins().select(condition, a, b)),
            (one, other) => one.or(other),
        };
        let missing = match (a.missing, b.missing) {
            (None, None) => None,
            (a, None) if fault::is("record.choice-is-missing-as-its-first") => a,
            (a, b) => {
                let zero = zero(self);
                Some(self.b.ins().select(condition, a.unwrap_or(zero), b.unwrap_or(zero)))
            }
        };
        Val { bits, len, missing }
    }

    /// What a block gives where a condition holds, else the other value.
    pub fn if_then(
        &mut self,
        condition: Value,
        otherwise: Val,
        emit: impl FnOnce(&mut Self) -> Result<Val, NoCode>,
    ) -> Result<Val, NoCode> {
        let (then, after) = (self.b.create_block(), self.b.create_block());
        let bits = self.b.append_block_param(after, I64);
        let len = otherwise.len.map(|_| self.b.append_block_param(after, I32));
        let missing = self.b.append_block_param(after, I32);
        let arguments = self.arguments(otherwise, len.is_some());
        self.b.ins().brif(condition, then, &[], after, &arguments);
        self.b.seal_block(then);
        self.b.switch_to_block(then);
        let value = self.within(emit)?;
        let arguments = self.arguments(value, len.is_some());
        self.b.ins().jump(after, &arguments);
        self.b.seal_block(after);
        self.b.switch_to_block(after);
        Ok(Val { bits, len, missing: Some(missing) })
    }

    fn arguments(&mut self, value: Val, has_len: bool) -> Vec<BlockArg> {
        let zero = self.b.ins().iconst(I32, 0);
        let mut arguments = vec![BlockArg::Value(value.bits)];
        if has_len {
            arguments.push(BlockArg::Value(value.len.unwrap_or(zero)));
        }
        arguments.push(BlockArg::Value(value.missing.unwrap_or(zero)));
        arguments
    }

    /// Calls the host where all operands are known; else the first reason is the result's.
    pub fn strict_call(&mut self, op: &Op, operands: &[(Val, Type)], ty: &Type, job: Job<'p>) -> Result<Val, NoCode> {
        let values: Vec<Val> = operands.iter().map(|(value, _)| *value).collect();
        let Some(missing) = self.first_missing(&values) else { return self.call(op, operands, ty, job) };
        let known = self.b.ins().icmp_imm_u(IntCC::Equal, missing, 0);
        let otherwise = Val { missing: Some(missing), ..self.missing(Reason::NotGiven, ty) };
        self.if_then(known, otherwise, |e| e.call(op, operands, ty, job))
    }

    /// Calls the host. The only place that emits a call. **Errors**: an operation that [`CALLS`] does not list.
    pub fn call(&mut self, op: &Op, operands: &[(Val, Type)], ty: &Type, job: Job<'p>) -> Result<Val, NoCode> {
        let name = op.name();
        if !CALLS.contains(&name) {
            return Err(NoCode::new(format!("`{name}` may not call out")));
        }
        if operands.len() > self.shared.plan.operands {
            return Err(NoCode::new(format!("`{name}` has too many operands")));
        }
        for (at, (value, _)) in operands.iter().enumerate() {
            self.store(*value, self.slots, offset(at * CELL)?);
        }
        let site = self.shared.sites.len();
        let types = operands.iter().map(|(_, ty)| ty.clone()).collect();
        self.shared.sites.push(Site { name, operands: types, result: ty.clone(), job });
        let host = self.frame(field::HOST);
        let site = self.b.ins().iconst(I32, site as i64);
        let address = self.b.ins().iconst(I64, thunk as *const () as i64);
        self.b.ins().call_indirect(self.call, address, &[host, site, self.slots]);
        Ok(self.load(self.slots, 0, ty))
    }
}

/// A distance in bytes, as an instruction holds it.
pub(super) fn offset(bytes: usize) -> Result<i32, NoCode> {
    i32::try_from(bytes).map_err(|_| NoCode::new("too many values"))
}

pub(super) fn has_length(ty: &Type) -> bool {
    matches!(ty, Type::Text | Type::List(_))
}
