//! Folds over a customer's rows as loops; meanings are those of [`seg_ir::interpret`]. Windows are found once for each pair
//! of bounds, by halving, since rows are in the order of time.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I8, I32, I64, I128};
use cranelift_codegen::ir::{Block, InstBuilder, Value};
use cranelift_frontend::Variable;
use seg_ir::node::{Aggregate, AggregateKind, Bound, Comparison, Scope};
use seg_ir::{NodeId, Op, Reason, Type, fault};

use super::emit::{Emitter, Range, Val, has_length, memory, offset};
use super::host::Job;
use super::run::field;
use super::values::{Compared, compared};
use crate::code::NoCode;

type Emitted = Result<Val, NoCode>;

/// A value that changes from row to row.
#[derive(Clone, Copy)]
struct Kept {
    bits: Variable,
    len: Option<Variable>,
    missing: Variable,
}

impl<'p> Emitter<'_, '_, 'p, '_> {
    /// A fold whose bounds, and whatever else of it does not depend on its rows, are emitted already.
    pub(super) fn fold(&mut self, op: &'p Op, aggregate: &'p Aggregate, ty: &Type) -> Emitted {
        let range = self.range(aggregate)?;
        let level = std::mem::replace(&mut self.level, aggregate.scope);
        let place = usize::from(aggregate.scope == Scope::InnerRow);
        let outer = self.rows.get(place).copied().flatten();
        let value = self.fold_rows(op, aggregate, ty, range);
        self.level = level;
        if let Some(slot) = self.rows.get_mut(place) {
            *slot = outer;
        }
        let value = value?;
        // Without rows to look at there is no value; Bool's bits must say so.
        let bad = self.b.ins().icmp_imm_u(IntCC::NotEqual, range.missing, 0);
        let none = Val { missing: Some(range.missing), ..self.missing(Reason::NotBound, ty) };
        if fault::is("record.fold-without-rows-has-a-value") {
            return Ok(value);
        }
        Ok(self.select(bad, none, value))
    }

    fn fold_rows(&mut self, op: &'p Op, aggregate: &'p Aggregate, ty: &Type, range: Range) -> Emitted {
        let total = self.b.ins().isub(range.high, range.low);
        match aggregate.kind {
            AggregateKind::Count => Ok(Val::known(self.count(aggregate, range)?)),
            AggregateKind::Share => {
                let kept = self.count(aggregate, range)?;
                let million = self.b.ins().iconst(I64, 1_000_000);
                let kept = self.b.ins().imul(kept, million);
                let one = self.b.ins().iconst(I64, 1);
                let by = self.b.ins().smax(total, one);
                let share = self.half_even(kept, by);
                let empty = self.b.ins().icmp_imm_u(IntCC::Equal, total, 0);
                if fault::is("record.share-of-none-is-zero") {
                    return Ok(Val::known(share));
                }
                Ok(Val { bits: share, len: None, missing: self.or_fault(None, empty, Reason::Empty) })
            }
            AggregateKind::Every if fault::is("record.every-of-none-is-true") => {
                self.quantifier(aggregate, range, false)
            }
            AggregateKind::Latest if fault::is("record.latest-takes-the-first") => {
                self.end_of(aggregate, range, ty, false)
            }
            AggregateKind::Any => self.quantifier(aggregate, range, true),
            AggregateKind::Every => {
                let value = self.quantifier(aggregate, range, false)?;
                let some = self.b.ins().icmp_imm_u(IntCC::NotEqual, total, 0);
                let empty = self.missing(Reason::Empty, ty);
                Ok(self.select(some, value, empty))
            }
            AggregateKind::Latest | AggregateKind::LatestRow => self.end_of(aggregate, range, ty, true),
            AggregateKind::Earliest | AggregateKind::EarliestRow => self.end_of(aggregate, range, ty, false),
            AggregateKind::Sum | AggregateKind::Mean => self.sum(op, aggregate, range, ty),
            AggregateKind::Min => self.extreme(op, aggregate, range, ty, Comparison::Less),
            AggregateKind::Max => self.extreme(op, aggregate, range, ty, Comparison::Greater),
            AggregateKind::Distinct | AggregateKind::MostFrequent | AggregateKind::List => {
                self.gather(op, aggregate, range, ty)
            }
        }
    }

    /// The rows within the window of a fold.
    fn range(&mut self, aggregate: &Aggregate) -> Result<Range, NoCode> {
        let key = (aggregate.collection, aggregate.window);
        if let Some(range) = self.find_range(key) {
            return Ok(range);
        }
        let collection = self.collection(aggregate)?;
        let rows = self.frame(field::ROWS);
        let rows = self.b.ins().load(I64, memory(), rows, offset(collection * 8)?);
        let zero = self.b.ins().iconst(I64, 0);
        let unbound = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, rows, 0);
        let mut missing = self.or_fault(None, unbound, Reason::NotBound);
        let end = self.b.ins().smax(rows, zero);
        let (mut low, mut high) = (zero, end);
        if let Some(window) = aggregate.window {
            for (bound, is_low) in [(window.low, true), (window.high, false)] {
                let Some(Bound { at, mut inclusive }) = bound else { continue };
                inclusive ^= is_low && fault::is("record.window-low-is-flipped");
                inclusive ^= !is_low && fault::is("record.window-high-is-flipped");
                let limit = self.get(at)?;
                let both = [Val { bits: zero, len: None, missing }, limit];
                missing = self.first_missing(&both);
                let found = self.partition(collection, limit, inclusive != is_low, end)?;
                if is_low { low = found } else { high = found }
            }
            if !fault::is("record.window-ends-before-it-begins") {
                high = self.b.ins().smax(low, high);
            }
        }
        let missing = missing.unwrap_or_else(|| self.b.ins().iconst(I32, 0));
        let low = self.b.ins().select(missing, zero, low);
        let high = self.b.ins().select(missing, zero, high);
        let range = Range { low, high, missing };
        self.keep_range(key, range);
        Ok(range)
    }

    fn collection(&self, aggregate: &Aggregate) -> Result<usize, NoCode> {
        let at = self.shared.layout.rows_at(aggregate.collection);
        at.ok_or_else(|| NoCode::new("a fold over rows without a place"))
    }

    /// The first row whose time is not before the limit; with `or_equal`, not at it either.
    fn partition(&mut self, collection: usize, limit: Val, or_equal: bool, end: Value) -> Result<Value, NoCode> {
        let rows = self.shared.layout.collections.get(collection);
        let at = rows.and_then(|rows| rows.at).ok_or_else(|| NoCode::new("a window over rows without time"))?;
        let (low, high) = (self.b.declare_var(I64), self.b.declare_var(I64));
        let zero = self.b.ins().iconst(I64, 0);
        self.b.def_var(low, zero);
        self.b.def_var(high, end);
        let (head, body, exit) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.ins().jump(head, &[]);
        self.b.switch_to_block(head);
        let (l, h) = (self.b.use_var(low), self.b.use_var(high));
        let more = self.b.ins().icmp(IntCC::SignedLessThan, l, h);
        self.b.ins().brif(more, body, &[], exit, &[]);
        self.b.seal_block(body);
        self.b.switch_to_block(body);
        let distance = self.b.ins().isub(h, l);
        let half = self.b.ins().ushr_imm_u(distance, 1);
        let middle = self.b.ins().iadd(l, half);
        let time = self.row_field(collection, at, middle, &Type::Timestamp)?;
        let condition = if or_equal { IntCC::SignedLessThanOrEqual } else { IntCC::SignedLessThan };
        let before = self.b.ins().icmp(condition, time.bits, limit.bits);
        let before = self.truth(before, time.missing);
        let next = self.b.ins().iadd_imm_u(middle, 1);
        let l = self.b.ins().select(before, next, l);
        let h = self.b.ins().select(before, h, middle);
        self.b.def_var(low, l);
        self.b.def_var(high, h);
        self.b.ins().jump(head, &[]);
        self.b.seal_block(head);
        self.b.seal_block(exit);
        self.b.switch_to_block(exit);
        Ok(self.b.use_var(low))
    }

    /// Goes through the rows of a range, from either end; `body` may leave by jumping to the block it is given, but ends
    /// in a block that goes on.
    fn each_row(
        &mut self,
        aggregate: &Aggregate,
        range: Range,
        backward: bool,
        body: impl FnOnce(&mut Self, Block) -> Result<(), NoCode>,
    ) -> Result<(), NoCode> {
        let collection = self.collection(aggregate)?;
        let place = usize::from(aggregate.scope == Scope::InnerRow);
        // How many rows are done.
        let done = self.b.declare_var(I64);
        let zero = self.b.ins().iconst(I64, 0);
        self.b.def_var(done, zero);
        let total = self.b.ins().isub(range.high, range.low);
        let total = self.b.ins().iadd_imm_s(total, -i64::from(fault::is("record.last-row-is-not-visited")));
        let (head, row, exit) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.ins().jump(head, &[]);
        self.b.switch_to_block(head);
        let at = self.b.use_var(done);
        let more = self.b.ins().icmp(IntCC::SignedLessThan, at, total);
        self.b.ins().brif(more, row, &[], exit, &[]);
        self.b.seal_block(row);
        self.b.switch_to_block(row);
        let index = if backward {
            let last = self.b.ins().iadd_imm_s(range.high, -1);
            self.b.ins().isub(last, at)
        } else {
            self.b.ins().iadd(range.low, at)
        };
        if let Some(slot) = self.rows.get_mut(place) {
            *slot = Some((collection, index));
        }
        self.within(|e| body(e, exit))?;
        let at = self.b.ins().iadd_imm_u(at, 1);
        self.b.def_var(done, at);
        self.b.ins().jump(head, &[]);
        self.b.seal_block(head);
        self.b.seal_block(exit);
        self.b.switch_to_block(exit);
        Ok(())
    }

    /// Goes through the rows that pass the filter.
    fn each_kept(
        &mut self,
        aggregate: &Aggregate,
        range: Range,
        backward: bool,
        body: impl FnOnce(&mut Self, Block) -> Result<(), NoCode>,
    ) -> Result<(), NoCode> {
        self.each_row(aggregate, range, backward, |e, exit| {
            let Some(filter) = aggregate.filter else { return body(e, exit) };
            let filter = e.value(filter)?;
            if fault::is("record.filter-is-lost") {
                return body(e, exit);
            }
            e.when(filter.bits, |e| body(e, exit))
        })
    }

    /// Emits what is done only where a condition holds, and goes on after it.
    fn when(&mut self, condition: Value, emit: impl FnOnce(&mut Self) -> Result<(), NoCode>) -> Result<(), NoCode> {
        let (then, after) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(condition, then, &[], after, &[]);
        self.b.seal_block(then);
        self.b.switch_to_block(then);
        self.within(emit)?;
        self.b.ins().jump(after, &[]);
        self.b.seal_block(after);
        self.b.switch_to_block(after);
        Ok(())
    }

    /// Leaves a loop where a condition holds.
    fn leave_if(&mut self, condition: Value, exit: Block) {
        let on = self.b.create_block();
        self.b.ins().brif(condition, exit, &[], on, &[]);
        self.b.seal_block(on);
        self.b.switch_to_block(on);
    }

    /// Does something with every known value of the rows that pass.
    fn each_known(
        &mut self,
        aggregate: &Aggregate,
        range: Range,
        body: impl FnOnce(&mut Self, Val) -> Result<(), NoCode>,
    ) -> Result<(), NoCode> {
        let id = value_of(aggregate)?;
        self.each_kept(aggregate, range, false, |e, _| {
            let value = e.value(id)?;
            let missing = value.missing.filter(|_| !fault::is("record.missing-values-are-folded"));
            let Some(missing) = missing else { return body(e, value) };
            let known = e.b.ins().icmp_imm_u(IntCC::Equal, missing, 0);
            e.when(known, |e| body(e, Val { missing: None, ..value }))
        })
    }

    fn variable(&mut self, ty: cranelift_codegen::ir::Type, start: Value) -> Variable {
        let variable = self.b.declare_var(ty);
        self.b.def_var(variable, start);
        variable
    }

    fn counter(&mut self) -> Variable {
        let zero = self.b.ins().iconst(I64, 0);
        self.variable(I64, zero)
    }

    fn add(&mut self, to: Variable, value: Value) {
        let sum = self.b.use_var(to);
        let sum = self.b.ins().iadd(sum, value);
        self.b.def_var(to, sum);
    }

    fn keep_in(&mut self, start: Val, ty: &Type) -> Kept {
        let zero = self.b.ins().iconst(I32, 0);
        let bits = self.variable(I64, start.bits);
        let len = has_length(ty).then(|| self.variable(I32, start.len.unwrap_or(zero)));
        let missing = self.variable(I32, start.missing.unwrap_or(zero));
        Kept { bits, len, missing }
    }

    fn put(&mut self, kept: Kept, value: Val) {
        let zero = self.b.ins().iconst(I32, 0);
        self.b.def_var(kept.bits, value.bits);
        if let Some(len) = kept.len {
            self.b.def_var(len, value.len.unwrap_or(zero));
        }
        self.b.def_var(kept.missing, value.missing.unwrap_or(zero));
    }

    fn kept(&mut self, kept: Kept) -> Val {
        let bits = self.b.use_var(kept.bits);
        let len = kept.len.map(|len| self.b.use_var(len));
        Val { bits, len, missing: Some(self.b.use_var(kept.missing)) }
    }

    /// How many rows pass.
    fn count(&mut self, aggregate: &Aggregate, range: Range) -> Result<Value, NoCode> {
        let Some(filter) = aggregate.filter else { return Ok(self.b.ins().isub(range.high, range.low)) };
        let count = self.counter();
        self.each_row(aggregate, range, false, |e, _| {
            let passes = e.value(filter)?;
            e.add(count, passes.bits);
            Ok(())
        })?;
        Ok(self.b.use_var(count))
    }

    /// `any` (decided by a row for which the filter is true) or `every` (by one for which it is false).
    fn quantifier(&mut self, aggregate: &Aggregate, range: Range, decides: bool) -> Emitted {
        let Some(filter) = aggregate.filter else {
            let total = self.b.ins().isub(range.high, range.low);
            let some = self.b.ins().icmp_imm_u(IntCC::NotEqual, total, 0);
            let always = self.b.ins().iconst(I64, 1);
            return Ok(Val::known(if decides { self.b.ins().uextend(I64, some) } else { always }));
        };
        let decided = self.counter();
        let zero = self.b.ins().iconst(I32, 0);
        let unknown = self.variable(I32, zero);
        self.each_row(aggregate, range, false, |e, exit| {
            let test = e.value(filter)?;
            if let Some(own) = test.missing.filter(|_| !fault::is("record.quantifier-forgets-the-unknown")) {
                let first = e.b.use_var(unknown);
                let first = e.b.ins().select(first, first, own);
                e.b.def_var(unknown, first);
            }
            let decides = if decides {
                test.bits
            } else {
                let no = e.b.ins().icmp_imm_u(IntCC::Equal, test.bits, 0);
                e.truth(no, test.missing)
            };
            e.b.def_var(decided, decides);
            if !fault::is("record.quantifier-goes-on") {
                e.leave_if(decides, exit);
            }
            Ok(())
        })?;
        let decided = self.b.use_var(decided);
        let unknown = self.b.use_var(unknown);
        let zero = self.b.ins().iconst(I32, 0);
        let missing = self.b.ins().select(decided, zero, unknown);
        let bits = if decides {
            decided
        } else {
            let no = self.b.ins().icmp_imm_u(IntCC::Equal, decided, 0);
            self.truth(no, Some(unknown))
        };
        Ok(Val { bits, len: None, missing: Some(missing) })
    }

    /// The value at the last or first row that passes: the first known one from that end, or of that very row.
    fn end_of(&mut self, aggregate: &Aggregate, range: Range, ty: &Type, last: bool) -> Emitted {
        let this_row = matches!(aggregate.kind, AggregateKind::LatestRow | AggregateKind::EarliestRow);
        let empty = self.missing(Reason::Empty, ty);
        let kept = self.keep_in(empty, ty);
        self.each_kept(aggregate, range, last, |e, exit| {
            let value = match aggregate.value {
                Some(id) => e.value(id)?,
                None => Val::known(e.b.ins().iconst(I64, 1)),
            };
            match value.missing {
                Some(missing) if this_row == fault::is("record.latest-stops-at-missing") => {
                    let known = e.b.ins().icmp_imm_u(IntCC::Equal, missing, 0);
                    let before = e.kept(kept);
                    let chosen = e.select(known, Val { missing: None, ..value }, before);
                    e.put(kept, chosen);
                    e.leave_if(known, exit);
                }
                _ => {
                    e.put(kept, value);
                    let always = e.b.ins().iconst(I8, 1);
                    e.leave_if(always, exit);
                }
            }
            Ok(())
        })?;
        Ok(self.kept(kept))
    }

    fn sum(&mut self, op: &'p Op, aggregate: &Aggregate, range: Range, ty: &Type) -> Emitted {
        let value_ty = self.ty(value_of(aggregate)?);
        let is_mean = aggregate.kind == AggregateKind::Mean;
        let count = self.counter();
        if compared(value_ty) == Compared::Float {
            let zero = self.b.ins().f64const(0.0);
            let sum = self.variable(F64, zero);
            self.each_known(aggregate, range, |e, value| {
                let (so_far, own) = (e.b.use_var(sum), e.float(value.bits));
                let so_far = e.b.ins().fadd(so_far, own);
                e.b.def_var(sum, so_far);
                let one = e.b.ins().iconst(I64, 1);
                e.add(count, one);
                Ok(())
            })?;
            let (sum, count) = (self.b.use_var(sum), self.b.use_var(count));
            if !is_mean {
                return Ok(self.number(sum, None));
            }
            let by = self.b.ins().fcvt_from_sint(F64, count);
            let mean = self.ratio(sum, by, None);
            return Ok(self.unless_empty(count, mean, ty));
        }
        let zero = self.b.ins().iconst(I64, 0);
        let wide = self.b.ins().sextend(I128, zero);
        let sum = self.variable(I128, wide);
        self.each_known(aggregate, range, |e, value| {
            let own = e.b.ins().sextend(I128, value.bits);
            e.add(sum, own);
            let one = e.b.ins().iconst(I64, 1);
            e.add(count, one);
            Ok(())
        })?;
        let (sum, count) = (self.b.use_var(sum), self.b.use_var(count));
        let (low, mut high) = self.b.ins().isplit(sum);
        if fault::is("record.sum-in-sixty-four-bits") {
            high = self.b.ins().sshr_imm_u(low, 63);
        }
        let sign = self.b.ins().sshr_imm_u(low, 63);
        let beyond = self.b.ins().icmp(IntCC::NotEqual, sign, high);
        if !is_mean {
            return Ok(Val { bits: low, len: None, missing: self.or_fault(None, beyond, Reason::Overflow) });
        }
        let mean = if *value_ty == Type::Int {
            let (sum, by) = (self.b.ins().fcvt_from_sint(F64, low), self.b.ins().fcvt_from_sint(F64, count));
            self.ratio(sum, by, None)
        } else {
            let one = self.b.ins().iconst(I64, 1);
            let by = self.b.ins().smax(count, one);
            Val::known(self.half_even(low, by))
        };
        let operands = [low, high, count].map(|bits| (Val::known(bits), Type::Int));
        let job = Job::Mean(value_ty.clone());
        let mean = self.if_then(beyond, mean, |e| e.call(op, &operands, ty, job))?;
        Ok(self.unless_empty(count, mean, ty))
    }

    fn unless_empty(&mut self, count: Value, value: Val, ty: &Type) -> Val {
        let some = self.b.ins().icmp_imm_u(IntCC::NotEqual, count, 0);
        let empty = self.missing(Reason::Empty, ty);
        if fault::is("record.mean-of-none-is-a-value") {
            return value;
        }
        self.select(some, value, empty)
    }

    /// The first of the values than which none is better.
    fn extreme(&mut self, op: &'p Op, aggregate: &Aggregate, range: Range, ty: &Type, better: Comparison) -> Emitted {
        let is_less = better == Comparison::Less;
        let kind = compared(ty);
        if matches!(kind, Compared::Text | Compared::Other) {
            return Err(NoCode::new(format!("`{}` of values without order", op.name())));
        }
        let empty = self.missing(Reason::Empty, ty);
        let best = self.keep_in(empty, ty);
        self.each_known(aggregate, range, |e, value| {
            let so_far = e.kept(best);
            let wins = if kind == Compared::Float {
                let (x, y) = (e.float(value.bits), e.float(so_far.bits));
                e.b.ins().fcmp(if is_less { FloatCC::LessThan } else { FloatCC::GreaterThan }, x, y)
            } else {
                let condition = if is_less { IntCC::SignedLessThan } else { IntCC::SignedGreaterThan };
                e.b.ins().icmp(condition, value.bits, so_far.bits)
            };
            let missing = so_far.missing.unwrap_or_else(|| e.b.ins().iconst(I32, 0));
            let none = e.b.ins().icmp_imm_u(IntCC::NotEqual, missing, 0);
            let wins = if fault::is("record.extreme-begins-at-zero") { wins } else { e.b.ins().bor(wins, none) };
            let chosen = e.select(wins, value, so_far);
            e.put(best, chosen);
            Ok(())
        })?;
        Ok(self.kept(best))
    }

    /// The host gathers the values and says what they come down to.
    fn gather(&mut self, op: &'p Op, aggregate: &Aggregate, range: Range, ty: &Type) -> Emitted {
        let value_ty = self.ty(value_of(aggregate)?).clone();
        let fold = self.shared.gathering;
        self.shared.gathering += 1;
        self.call(op, &[], &Type::Bool, Job::Begin { fold })?;
        self.each_known(aggregate, range, |e, value| {
            e.call(op, &[(value, value_ty.clone())], &Type::Bool, Job::Gather { fold })?;
            Ok(())
        })?;
        self.call(op, &[], ty, Job::Reduce { fold, kind: aggregate.kind, ty: value_ty })
    }
}

fn value_of(aggregate: &Aggregate) -> Result<NodeId, NoCode> {
    aggregate.value.ok_or_else(|| NoCode::new("a fold of no value"))
}
