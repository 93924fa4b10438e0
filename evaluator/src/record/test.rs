//! Conditions that a few instructions decide, where what they are about is known: which they are, and the instructions.
//! Knows nothing of missing values.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Value};
use seg_ir::interpret::Context;
use seg_ir::node::{Comparison, Scope, TextTest};
use seg_ir::{Const, NodeId, Op, Type, fault};

use super::emit::{Emitter, Val};
use super::values::{Compared, compared, is_narrow, whole};
use crate::code::NoCode;

/// Sets up to this many are compared one by one.
const SET_IN_PLACE: usize = 8;
/// Texts up to this many bytes are compared in place.
const TEXT_IN_PLACE: usize = 64;

/// What is looked at in place of a text that is too short.
static NOTHING: [u8; TEXT_IN_PLACE] = [0; TEXT_IN_PLACE];

/// What decides a condition.
#[derive(Debug)]
pub(super) enum Test<'p> {
    /// A field that is a condition itself.
    Truth(NodeId),
    Whole(Comparison, NodeId, NodeId),
    Float(Comparison, Side, Side),
    /// A text against a constant; any other than that constant where `negated`.
    Text {
        test: TextTest,
        value: NodeId,
        with: &'p str,
        negated: bool,
    },
    /// In rising order.
    Wholes(NodeId, Vec<i64>),
    Texts(NodeId, Vec<&'p str>),
}

/// A side of a comparison of floats: a node, or a whole number that is a float as well.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    Node(NodeId),
    Exact(f64),
}

impl<'p> Test<'p> {
    /// `None` for what is no such condition.
    pub fn of(context: Context<'p>, id: NodeId) -> Option<Test<'p>> {
        let ir = context.ir;
        match &ir.node(id).op {
            Op::Field { scope: Scope::Customer, .. } if *ir.ty(id) == Type::Bool => Some(Test::Truth(id)),
            Op::Compare(comparison, a, b) => compares(context, *comparison, *a, *b),
            Op::TextTest { test, value, with, ignoring_case: false } if *test != TextTest::Contains => {
                let with = short(ir.constant(*with)?)?;
                Some(Test::Text { test: *test, value: *value, with, negated: false })
            }
            Op::InSet { value, set } => among(ir.ty(*value), *value, set),
            _ => None,
        }
    }

    /// The nodes that must be known.
    pub fn operands(&self) -> impl Iterator<Item = NodeId> {
        let node = |side: &Side| if let Side::Node(id) = side { Some(*id) } else { None };
        let both = match self {
            Test::Truth(id) | Test::Wholes(id, _) | Test::Texts(id, _) | Test::Text { value: id, .. } => {
                [Some(*id), None]
            }
            Test::Whole(_, a, b) => [Some(*a), Some(*b)],
            Test::Float(_, a, b) => [node(a), node(b)],
        };
        both.into_iter().flatten()
    }
}

fn compares<'p>(context: Context<'p>, comparison: Comparison, a: NodeId, b: NodeId) -> Option<Test<'p>> {
    let ir = context.ir;
    let (a_ty, b_ty) = (ir.ty(a), ir.ty(b));
    let exact = |id, ty: &Type| ir.constant(id).filter(|_| *ty == Type::Int).and_then(exact_float).map(Side::Exact);
    match (compared(a_ty), compared(b_ty)) {
        (Compared::Whole, Compared::Whole) if a_ty == b_ty => Some(Test::Whole(comparison, a, b)),
        (Compared::Float, Compared::Float) => Some(Test::Float(comparison, Side::Node(a), Side::Node(b))),
        (Compared::Float, Compared::Whole) => Some(Test::Float(comparison, Side::Node(a), exact(b, b_ty)?)),
        (Compared::Whole, Compared::Float) => Some(Test::Float(comparison, exact(a, a_ty)?, Side::Node(b))),
        (Compared::Text, Compared::Text) if matches!(comparison, Comparison::Equal | Comparison::NotEqual) => {
            let constant = |id| ir.constant(id).and_then(short);
            let (value, with) = match (constant(a), constant(b)) {
                (_, Some(with)) => (a, with),
                (Some(with), None) => (b, with),
                (None, None) => return None,
            };
            Some(Test::Text { test: TextTest::Equal, value, with, negated: comparison == Comparison::NotEqual })
        }
        _ => None,
    }
}

fn among<'p>(ty: &Type, value: NodeId, set: &'p [Const]) -> Option<Test<'p>> {
    match compared(ty) {
        Compared::Whole => {
            let wholes = wholes(ty, set);
            (wholes.len() <= SET_IN_PLACE || is_narrow(&wholes)).then_some(Test::Wholes(value, wholes))
        }
        Compared::Text if set.len() <= SET_IN_PLACE => {
            let texts: Option<Vec<&str>> = set.iter().map(short).collect();
            Some(Test::Texts(value, texts?))
        }
        Compared::Text | Compared::Float | Compared::Other => None,
    }
}

/// The bits of those constants that a value of the type can be equal to, in rising order.
pub(super) fn wholes(ty: &Type, set: &[Const]) -> Vec<i64> {
    let mut wholes: Vec<i64> = set.iter().filter_map(|c| whole(c, ty)).collect();
    wholes.sort_unstable();
    wholes.dedup();
    wholes
}

/// A text that is compared in place.
fn short(constant: &Const) -> Option<&str> {
    match constant {
        Const::Text(text) if text.len() <= TEXT_IN_PLACE => Some(text),
        _ => None,
    }
}

/// A whole number that is a float as well, exactly.
fn exact_float(constant: &Const) -> Option<f64> {
    const EXACT: u64 = 1 << 53;
    match constant {
        Const::Int(v) if v.unsigned_abs() <= EXACT => Some(*v as f64),
        _ => None,
    }
}

impl<'p> Emitter<'_, '_, 'p, '_> {
    /// Whether a test is passed, as 0 or 1 in 64 bits; its operands are emitted already. Where one of them is missing, it
    /// means nothing.
    pub fn passes(&mut self, test: &Test<'p>) -> Result<Value, NoCode> {
        let holds = match test {
            Test::Truth(id) => return Ok(self.get(*id)?.bits),
            Test::Whole(comparison, a, b) => {
                let (left, right) = (self.get(*a)?, self.get(*b)?);
                self.b.ins().icmp(whole_condition(*comparison), left.bits, right.bits)
            }
            Test::Float(comparison, a, b) => {
                let (x, y) = (self.side(*a)?, self.side(*b)?);
                self.b.ins().fcmp(float_condition(*comparison), x, y)
            }
            Test::Text { test, value, with, negated } => {
                let value = self.get(*value)?;
                let holds = self.text(*test, value, with.as_bytes())?;
                if *negated { self.b.ins().bxor_imm_u(holds, 1) } else { holds }
            }
            Test::Wholes(value, set) => {
                let value = self.get(*value)?;
                return Ok(self.is_among(value.bits, set));
            }
            Test::Texts(value, set) => {
                let value = self.get(*value)?;
                let mut any = self.b.ins().icmp(IntCC::NotEqual, value.bits, value.bits);
                for text in set {
                    let own = self.text(TextTest::Equal, value, text.as_bytes())?;
                    any = self.b.ins().bor(any, own);
                }
                any
            }
        };
        Ok(self.b.ins().uextend(I64, holds))
    }

    fn side(&mut self, side: Side) -> Result<Value, NoCode> {
        Ok(match side {
            Side::Node(id) => {
                let value = self.get(id)?;
                self.float(value.bits)
            }
            Side::Exact(float) => self.b.ins().f64const(float),
        })
    }

    /// Whether a text is, starts or ends with that constant. A missing one has no length, and is followed nowhere.
    fn text(&mut self, test: TextTest, value: Val, with: &[u8]) -> Result<Value, NoCode> {
        let len = value.len.ok_or_else(|| NoCode::new("a text without length"))?;
        let enough = if test == TextTest::Equal { IntCC::Equal } else { IntCC::UnsignedGreaterThanOrEqual };
        let fits = self.b.ins().icmp_imm_u(enough, len, with.len() as i64);
        let address = match test {
            TextTest::EndsWith if !fault::is("record.end-is-looked-for-at-the-start") => {
                let len = self.b.ins().uextend(I64, len);
                let end = self.b.ins().iadd(value.bits, len);
                self.b.ins().iadd_imm_s(end, -(with.len() as i64))
            }
            _ => value.bits,
        };
        let with = match with.split_last() {
            Some((_, but_last)) if fault::is("record.last-letter-is-not-compared") => but_last,
            _ => with,
        };
        let Some(width) = [8, 4, 2, 1].into_iter().find(|width| *width <= with.len()) else { return Ok(fits) };
        // Without a branch: where there is too little to look at, something else is looked at.
        let nothing = self.b.ins().iconst(I64, NOTHING.as_ptr().expose_provenance() as i64);
        let address = self.b.ins().select(fits, address, nothing);
        let ty = cranelift_codegen::ir::Type::int(width as u16 * 8).ok_or_else(|| NoCode::new("no such integer"))?;
        // The last part overlaps the one before it, so that all are equally wide.
        let last = with.len() - width;
        let starts = (0..last).step_by(width).chain([last]);
        let mut differ: Option<Value> = None;
        for at in starts {
            let part = with.iter().skip(at).take(width).rev();
            let want = part.fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
            // Texts lie at any address.
            let flags = MemFlagsData::new().with_notrap().with_endianness(Endianness::Little);
            let have = self.b.ins().load(ty, flags, address, at as i32);
            let have = if ty == I64 { have } else { self.b.ins().uextend(I64, have) };
            let want = self.b.ins().iconst(I64, want.cast_signed());
            let own = self.b.ins().bxor(have, want);
            differ = Some(differ.map_or(own, |differ| self.b.ins().bor(differ, own)));
        }
        let Some(differ) = differ else { return Ok(fits) };
        let same = self.b.ins().icmp_imm_u(IntCC::Equal, differ, 0);
        Ok(self.b.ins().band(fits, same))
    }

    fn is_among(&mut self, value: Value, set: &[i64]) -> Value {
        let (Some(first), Some(last)) = (set.first().copied(), set.last().copied()) else {
            return self.b.ins().iconst(I64, 0);
        };
        if set.len() > 1 && is_narrow(set) {
            // From zero where that does, so that other tests of the value ask the same.
            let base = if (0..64).contains(&first) && last < 64 { 0 } else { first };
            let mask = set.iter().fold(0_u64, |mask, v| mask | 1 << v.abs_diff(base));
            let at = if base == 0 { value } else { self.b.ins().iadd_imm_s(value, base.wrapping_neg()) };
            let inside = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, at, 64);
            let inside = self.b.ins().uextend(I64, inside);
            let mask = self.b.ins().iconst(I64, mask.cast_signed());
            let bit = self.b.ins().ushr(mask, at);
            let one = self.b.ins().iconst(I64, 1);
            let inside = if fault::is("record.set-wraps-around") { one } else { inside };
            return self.b.ins().band(bit, inside);
        }
        let mut any = None;
        for item in set {
            let item = self.b.ins().iconst(I64, *item);
            let own = self.b.ins().icmp(IntCC::Equal, value, item);
            any = Some(any.map_or(own, |any| self.b.ins().bor(any, own)));
        }
        let any = any.unwrap_or_else(|| self.b.ins().icmp(IntCC::NotEqual, value, value));
        self.b.ins().uextend(I64, any)
    }

    pub(super) fn float(&mut self, bits: Value) -> Value {
        self.b.ins().bitcast(F64, MemFlagsData::new(), bits)
    }
}

fn whole_condition(comparison: Comparison) -> IntCC {
    match comparison {
        Comparison::Less if fault::is("record.less-takes-equal") => IntCC::SignedLessThanOrEqual,
        Comparison::Greater if fault::is("record.greater-has-no-sign") => IntCC::UnsignedGreaterThan,
        Comparison::GreaterEqual if fault::is("record.at-least-drops-equal") => IntCC::SignedGreaterThan,
        Comparison::Equal => IntCC::Equal,
        Comparison::NotEqual => IntCC::NotEqual,
        Comparison::Less => IntCC::SignedLessThan,
        Comparison::LessEqual => IntCC::SignedLessThanOrEqual,
        Comparison::Greater => IntCC::SignedGreaterThan,
        Comparison::GreaterEqual => IntCC::SignedGreaterThanOrEqual,
    }
}

fn float_condition(comparison: Comparison) -> FloatCC {
    match comparison {
        Comparison::LessEqual if fault::is("record.at-most-of-floats-drops-equal") => FloatCC::LessThan,
        Comparison::Equal => FloatCC::Equal,
        Comparison::NotEqual => FloatCC::NotEqual,
        Comparison::Less => FloatCC::LessThan,
        Comparison::LessEqual => FloatCC::LessThanOrEqual,
        Comparison::Greater => FloatCC::GreaterThan,
        Comparison::GreaterEqual => FloatCC::GreaterThanOrEqual,
    }
}
