//! What each operation on values comes down to in machine code; meanings are those of [`seg_ir::operation`]. What is rare
//! or long calls the host.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I32, I64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value};
use seg_ir::host::Cell;
use seg_ir::node::Arithmetic;
use seg_ir::time::Unit;
use seg_ir::{Const, FieldId, NodeId, Op, Reason, TableId, Type, fault, text};

use super::emit::{Emitter, Val, memory, offset};
use super::host::Job;
use super::run::field;
use super::test::{Test, wholes};
use crate::code::NoCode;

type Emitted = Result<Val, NoCode>;

/// How the bits of a type compare.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    Whole,
    Float,
    Text,
    /// By the host.
    Other,
}

pub(super) fn compared(ty: &Type) -> Compared {
    match ty {
        Type::Number => Compared::Float,
        Type::Text => Compared::Text,
        Type::Period | Type::List(_) => Compared::Other,
        _ => Compared::Whole,
    }
}

impl<'p> Emitter<'_, '_, 'p, '_> {
    /// An operation whose operands are emitted already.
    pub(super) fn operation(&mut self, id: NodeId, op: &'p Op, ty: &Type) -> Emitted {
        match op {
            Op::Lookup { pointer, table, field } => self.lookup(*pointer, *table, *field, ty),
            Op::Not(a) => {
                let a = self.get(*a)?;
                let holds = self.b.ins().icmp_imm_u(IntCC::Equal, a.bits, 0);
                Ok(Val { bits: self.truth(holds, a.missing), ..a })
            }
            Op::And(operands) => self.connective(operands, false),
            Op::Or(operands) => self.connective(operands, true),
            Op::IsKnown(a) => {
                let a = self.get(*a)?;
                let yes = self.b.ins().icmp(IntCC::Equal, a.bits, a.bits);
                Ok(Val::known(self.truth(yes, a.missing)))
            }
            Op::IsTrue(a) if fault::is("record.is-true-is-unknown-too") => self.get(*a),
            Op::IsTrue(a) => Ok(Val::known(self.get(*a)?.bits)),
            Op::IsFalse(a) => {
                let a = self.get(*a)?;
                let no = self.b.ins().icmp_imm_u(IntCC::Equal, a.bits, 0);
                Ok(Val::known(self.truth(no, a.missing)))
            }
            Op::Else(a, b) => {
                let (a, b) = (self.get(*a)?, self.get(*b)?);
                let Some(missing) = a.missing.filter(|_| !fault::is("record.else-takes-the-first")) else {
                    return Ok(a);
                };
                let known = self.b.ins().icmp_imm_u(IntCC::Equal, missing, 0);
                Ok(self.select(known, Val { missing: None, ..a }, b))
            }
            Op::Choose { arms, otherwise } => {
                let mut chosen = self.get(*otherwise)?;
                let mut arms: Vec<_> = arms.iter().rev().collect();
                if fault::is("record.choose-takes-the-last") {
                    arms.reverse();
                }
                for (when, value) in arms {
                    let (when, value) = (self.get(*when)?, self.get(*value)?);
                    chosen = self.select(when.bits, value, chosen);
                }
                Ok(chosen)
            }
            Op::Compare(_, a, b) => match Test::of(self.shared.context, id) {
                Some(test) => self.tested(&test),
                None => self.host(op, &[*a, *b], ty, Job::Apply(op)),
            },
            Op::TextTest { test, value, with, ignoring_case } => {
                if let Some(test) = Test::of(self.shared.context, id) {
                    return self.tested(&test);
                }
                let Some(Const::Text(with)) = self.shared.context.ir.constant(*with) else {
                    return self.host(op, &[*value, *with], ty, Job::Apply(op));
                };
                let with = if *ignoring_case { text::fold(with).into() } else { (&**with).into() };
                self.host(op, &[*value], ty, Job::Text { test: *test, with, ignoring_case: *ignoring_case })
            }
            Op::Matches { value, pattern, ignoring_case } => {
                self.host(op, &[*value], ty, Job::Matches(text::pattern(pattern, *ignoring_case).ok()))
            }
            Op::InSet { value, set } => match Test::of(self.shared.context, id) {
                Some(test) => self.tested(&test),
                None => self.host(op, &[*value], ty, in_set(op, self.ty(*value), set)),
            },
            Op::ListTest { list, all, items } => {
                let mut operands = vec![*list];
                operands.extend(items);
                let list = self.get(*list)?;
                let operands = self.typed(&operands)?;
                let job = Job::ListTest { all: *all };
                let Some(missing) = list.missing else { return self.call(op, &operands, ty, job) };
                let known = self.b.ins().icmp_imm_u(IntCC::Equal, missing, 0);
                let otherwise = Val { missing: Some(missing), ..self.missing(Reason::NotGiven, ty) };
                self.if_then(known, otherwise, |e| e.call(op, &operands, ty, job))
            }
            Op::ListCount(a) => {
                let a = self.get(*a)?;
                let len = a.len.ok_or_else(|| NoCode::new("a list without length"))?;
                Ok(Val { bits: self.b.ins().uextend(I64, len), len: None, missing: a.missing })
            }
            Op::Arithmetic(arithmetic, a, b) => self.arithmetic(op, *arithmetic, *a, *b, ty),
            Op::Negate(a) => self.negate(*a, ty),
            Op::PercentOf(a, b) => self.percent_of(op, *a, *b, ty),
            Op::Elapsed(unit @ (Unit::Day | Unit::Week), a, b) if *self.ty(*a) == Type::Date => {
                let (from, to) = (self.get(*a)?, self.get(*b)?);
                let days = self.b.ins().isub(to.bits, from.bits);
                let seven = self.b.ins().iconst(I64, 7);
                let bits = if *unit == Unit::Week && !fault::is("record.weeks-are-days") {
                    self.b.ins().sdiv(days, seven)
                } else {
                    days
                };
                Ok(Val { bits, len: None, missing: self.first_missing(&[from, to]) })
            }
            Op::CivilDate(a) | Op::StartOfDay(a) | Op::StartOf(_, a) | Op::Part(_, a) => {
                self.host(op, &[*a], ty, Job::Apply(op))
            }
            Op::Shift { value: a, by: b, .. } | Op::Elapsed(_, a, b) | Op::NextAnniversary { date: a, from: b } => {
                self.host(op, &[*a, *b], ty, Job::Apply(op))
            }
            Op::Call { builtin, arguments } => match self.shared.context.vocabulary.get(*builtin) {
                Some(builtin) => self.host(op, arguments, ty, Job::Call(builtin)),
                None => Err(NoCode::new("no such function")),
            },
            Op::Aggregate(aggregate) => self.fold(op, aggregate, ty),
            Op::Constant(_) | Op::AsOf | Op::Field { .. } => Err(NoCode::new(format!("node {} is no operation", id.0))),
        }
    }

    pub(super) fn ty(&self, id: NodeId) -> &'p Type {
        self.shared.context.ir.ty(id)
    }

    fn typed(&self, operands: &[NodeId]) -> Result<Vec<(Val, Type)>, NoCode> {
        operands.iter().map(|id| Ok((self.get(*id)?, self.ty(*id).clone()))).collect()
    }

    /// The host computes it where all operands are known.
    fn host(&mut self, op: &Op, operands: &[NodeId], ty: &Type, job: Job<'p>) -> Emitted {
        let operands = self.typed(operands)?;
        self.strict_call(op, &operands, ty, job)
    }

    fn lookup(&mut self, pointer: NodeId, table: TableId, of: FieldId, ty: &Type) -> Emitted {
        let pointer = self.get(pointer)?;
        let at = self.shared.layout.lookup_at(table, of).ok_or_else(|| NoCode::new("a lookup has no column"))?;
        let lookups = self.frame(field::LOOKUPS);
        let at = offset(at * field::LOOKUP as usize)?;
        let rows = self.b.ins().load(I64, memory(), lookups, at + field::LOOKUP_ROWS);
        let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, pointer.bits, rows);
        let there = self.truth(inside, pointer.missing);
        let mut otherwise = self.missing(Reason::NotGiven, ty);
        if let (Some(missing), Some(outside)) = (pointer.missing, otherwise.missing) {
            otherwise.missing = Some(self.b.ins().select(missing, missing, outside));
        }
        self.if_then(there, otherwise, |e| {
            let base = e.b.ins().load(I64, memory(), lookups, at);
            let row = e.b.ins().ishl_imm_u(pointer.bits, 4);
            let address = if fault::is("record.lookup-takes-the-first-row") { base } else { e.b.ins().iadd(base, row) };
            Ok(e.load(address, 0, ty))
        })
    }

    /// `and` (decided by false) or `or` (decided by true); the first unknown gives the reason of an unknown result.
    fn connective(&mut self, operands: &[NodeId], decides: bool) -> Emitted {
        let mut values = Vec::with_capacity(operands.len());
        for id in operands {
            values.push(self.get(*id)?);
        }
        let mut decided: Option<Value> = None;
        for value in &values {
            // 1 where the operand decides: for `or` its bits, for `and` that it is neither true nor missing.
            let own = if decides {
                value.bits
            } else {
                let no = self.b.ins().icmp_imm_u(IntCC::Equal, value.bits, 0);
                self.truth(no, value.missing)
            };
            decided = Some(decided.map_or(own, |decided| self.b.ins().bor(decided, own)));
        }
        let decided = decided.unwrap_or_else(|| self.b.ins().iconst(I64, 0));
        let unknown = self.first_missing(&values);
        let Some(unknown) = unknown else {
            let bits = if decides { decided } else { self.b.ins().bxor_imm_u(decided, 1) };
            return Ok(Val::known(bits));
        };
        let zero = self.b.ins().iconst(I32, 0);
        let yields = !fault::is("record.unknown-does-not-yield");
        let missing = if yields { self.b.ins().select(decided, zero, unknown) } else { unknown };
        let bits = if decides {
            decided
        } else {
            let no = self.b.ins().icmp_imm_u(IntCC::Equal, decided, 0);
            self.truth(no, Some(unknown))
        };
        Ok(Val { bits, len: None, missing: Some(missing) })
    }

    fn float_bits(&mut self, float: Value) -> Value {
        self.b.ins().bitcast(I64, MemFlagsData::new(), float)
    }

    /// A test as a condition: missing where an operand is.
    fn tested(&mut self, test: &Test<'p>) -> Emitted {
        let operands = test.operands().map(|id| self.get(id)).collect::<Result<Vec<_>, _>>()?;
        let passes = self.passes(test)?;
        let missing = self.first_missing(&operands);
        let bits = self.where_known(passes, missing);
        Ok(Val { bits, len: None, missing })
    }

    /// A float, or that it is none. There is no negative zero.
    pub(super) fn number(&mut self, float: Value, missing: Option<Value>) -> Val {
        let zero = self.b.ins().f64const(0.0);
        let float = self.b.ins().fadd(float, zero);
        let size = self.b.ins().fabs(float);
        let infinity = self.b.ins().f64const(f64::INFINITY);
        let finite = self.b.ins().fcmp(FloatCC::LessThan, size, infinity);
        let not = self.b.ins().bxor_imm_u(finite, 1);
        let not = if fault::is("record.infinity-is-a-number") { self.b.ins().bxor(not, not) } else { not };
        let missing = self.or_fault(missing, not, Reason::NotFinite);
        Val { bits: self.float_bits(float), len: None, missing }
    }

    /// `a / b` of floats.
    pub(super) fn ratio(&mut self, a: Value, b: Value, missing: Option<Value>) -> Val {
        let zero = self.b.ins().f64const(0.0);
        let by_zero = self.b.ins().fcmp(FloatCC::Equal, b, zero);
        let reason =
            if fault::is("record.division-by-zero-is-not-finite") { Reason::NotFinite } else { Reason::DivisionByZero };
        let missing = self.or_fault(missing, by_zero, reason);
        let quotient = self.b.ins().fdiv(a, b);
        self.number(quotient, missing)
    }

    /// `n / d`, rounded half to even; `d` is above zero.
    pub(super) fn half_even(&mut self, n: Value, d: Value) -> Value {
        let toward_zero = self.b.ins().sdiv(n, d);
        let product = self.b.ins().imul(toward_zero, d);
        let rest = self.b.ins().isub(n, product);
        // Down to the whole number below: the sign of the rest is 0 or -1.
        let sign = self.b.ins().sshr_imm_u(rest, 63);
        let quotient = self.b.ins().iadd(toward_zero, sign);
        if fault::is("record.rounds-down") {
            return quotient;
        }
        let back = self.b.ins().band(sign, d);
        let rest = self.b.ins().iadd(rest, back);
        // `rest` against `d - rest` rather than twice `rest` against `d`, which may be beyond 64 bits.
        let other = self.b.ins().isub(d, rest);
        let above = self.b.ins().icmp(IntCC::SignedGreaterThan, rest, other);
        let half = self.b.ins().icmp(IntCC::Equal, rest, other);
        let odd = self.b.ins().band_imm_u(quotient, 1);
        let odd = self.b.ins().icmp_imm_u(IntCC::NotEqual, odd, 0);
        let to_even = if fault::is("record.half-rounds-up") { half } else { self.b.ins().band(half, odd) };
        let up = self.b.ins().bor(above, to_even);
        let up = self.b.ins().uextend(I64, up);
        self.b.ins().iadd(quotient, up)
    }

    fn as_float(&mut self, value: Val, ty: &Type) -> Value {
        if *ty == Type::Number { self.float(value.bits) } else { self.b.ins().fcvt_from_sint(F64, value.bits) }
    }

    fn arithmetic(&mut self, op: &'p Op, arithmetic: Arithmetic, a: NodeId, b: NodeId, ty: &Type) -> Emitted {
        let (left, right) = (self.get(a)?, self.get(b)?);
        let (a_ty, b_ty) = (self.ty(a), self.ty(b));
        let missing = self.first_missing(&[left, right]);
        if *ty == Type::Number {
            let (x, y) = (self.as_float(left, a_ty), self.as_float(right, b_ty));
            let result = match arithmetic {
                Arithmetic::Add => self.b.ins().fadd(x, y),
                Arithmetic::Subtract => self.b.ins().fsub(x, y),
                Arithmetic::Multiply => self.b.ins().fmul(x, y),
                Arithmetic::Divide => return Ok(self.ratio(x, y, missing)),
            };
            return Ok(self.number(result, missing));
        }
        let (bits, overflow) = match arithmetic {
            Arithmetic::Add => self.b.ins().sadd_overflow(left.bits, right.bits),
            Arithmetic::Subtract => self.b.ins().ssub_overflow(left.bits, right.bits),
            Arithmetic::Multiply => self.b.ins().smul_overflow(left.bits, right.bits),
            // Of money and the like by a whole number.
            Arithmetic::Divide => match self.shared.context.ir.constant(b) {
                Some(Const::Int(1..)) => {
                    let bits = self.half_even(left.bits, right.bits);
                    return Ok(Val { bits, len: None, missing });
                }
                _ => return self.host(op, &[a, b], ty, Job::Apply(op)),
            },
        };
        if fault::is("record.overflow-wraps") {
            return Ok(Val { bits, len: None, missing });
        }
        Ok(Val { bits, len: None, missing: self.or_fault(missing, overflow, Reason::Overflow) })
    }

    fn negate(&mut self, id: NodeId, ty: &Type) -> Emitted {
        let value = self.get(id)?;
        match compared(ty) {
            Compared::Float => {
                let float = self.float(value.bits);
                let float = self.b.ins().fneg(float);
                Ok(self.number(float, value.missing))
            }
            Compared::Whole => {
                let zero = self.b.ins().iconst(I64, 0);
                let (bits, overflow) = self.b.ins().ssub_overflow(zero, value.bits);
                if fault::is("record.negated-minimum-wraps") {
                    return Ok(Val { bits, ..value });
                }
                Ok(Val { bits, len: None, missing: self.or_fault(value.missing, overflow, Reason::Overflow) })
            }
            Compared::Text | Compared::Other => Ok(self.negate_period(value)),
        }
    }

    /// Months above days, each within 32 bits.
    fn negate_period(&mut self, value: Val) -> Val {
        let zero = self.b.ins().iconst(I32, 0);
        let (days, months) = (self.b.ins().ireduce(I32, value.bits), self.b.ins().ushr_imm_u(value.bits, 32));
        let months = self.b.ins().ireduce(I32, months);
        let (days, beyond) = self.b.ins().ssub_overflow(zero, days);
        let (months, also_beyond) = self.b.ins().ssub_overflow(zero, months);
        let overflow = self.b.ins().bor(beyond, also_beyond);
        let (days, months) = (self.b.ins().uextend(I64, days), self.b.ins().uextend(I64, months));
        let months = self.b.ins().ishl_imm_u(months, 32);
        let missing = self.or_fault(value.missing, overflow, Reason::Overflow);
        Val { bits: self.b.ins().bor(months, days), len: None, missing }
    }

    fn percent_of(&mut self, op: &'p Op, a: NodeId, b: NodeId, ty: &Type) -> Emitted {
        let (percent, of) = (self.get(a)?, self.get(b)?);
        let missing = self.first_missing(&[percent, of]);
        let of_ty = self.ty(b);
        if *ty == Type::Number {
            let (x, y) = (self.b.ins().fcvt_from_sint(F64, percent.bits), self.as_float(of, of_ty));
            let product = self.b.ins().fmul(x, y);
            let million = self.b.ins().f64const(1e6);
            let quotient = self.b.ins().fdiv(product, million);
            return Ok(self.number(quotient, missing));
        }
        // In 64 bits where the product fits, else by the host.
        let (product, overflow) = self.b.ins().smul_overflow(percent.bits, of.bits);
        let million = self.b.ins().iconst(I64, 1_000_000);
        let bits = self.half_even(product, million);
        if fault::is("record.percent-in-sixty-four-bits") {
            return Ok(Val { bits, len: None, missing });
        }
        let wide = self.truth(overflow, missing);
        let operands = self.typed(&[a, b])?;
        let narrow = Val { bits, len: None, missing };
        self.if_then(wide, narrow, |e| e.call(op, &operands, ty, Job::Apply(op)))
    }
}

/// What the host does for a set that is not looked through in place.
fn in_set<'p>(op: &'p Op, ty: &Type, set: &[Const]) -> Job<'p> {
    match compared(ty) {
        Compared::Whole => Job::InWholes(wholes(ty, set)),
        Compared::Text => {
            let text = |c: &Const| if let Const::Text(text) = c { Some(text.clone()) } else { None };
            let mut texts: Vec<_> = set.iter().filter_map(text).collect();
            texts.sort_unstable();
            Job::InTexts(texts)
        }
        Compared::Float | Compared::Other => Job::Apply(op),
    }
}

/// The bits of a constant as those of a value of a type to which it can be equal.
pub(super) fn whole(constant: &Const, ty: &Type) -> Option<i64> {
    if let (Const::Number(bits), Type::Int) = (constant, ty) {
        let float = f64::from_bits(*bits);
        let inside = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
        return (inside && float.trunc() == float).then_some(float as i64);
    }
    let value = constant.value();
    let cell = Cell::scalar(&value).filter(|cell| cell.missing == 0)?;
    let same_type = cell.to_scalar(ty).is_some_and(|back| back.to_const() == *constant);
    same_type.then(|| cell.bits.cast_signed())
}

/// Whether sorted values lie within 64 of each other.
pub(super) fn is_narrow(sorted: &[i64]) -> bool {
    sorted.first().zip(sorted.last()).is_some_and(|(first, last)| first.abs_diff(*last) < 64)
}
