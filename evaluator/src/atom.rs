//! Conditions that one column decides against constants of the run: the kernel, the constant and the sense are known before
//! any data. Knows columns and their rows, neither missing values nor how conditions are combined.

use std::ops::Range;

use seg_ir::interpret::Context;
use seg_ir::node::{Comparison, TextTest};
use seg_ir::schema::TableKind;
use seg_ir::{Const, FieldId, NodeId, Op, TableId, Type, fault};

use crate::column::Column;
use crate::kernel::{self, Kernels, Near};
use crate::mask;
use crate::texts::{self, Cut};
use crate::vector::whole;

/// A test of a field of a space's own rows. Conditions that differ in their sense alone have equal tests.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Atom {
    pub field: Field,
    pub test: Test,
    /// It is true where the test fails.
    pub negated: bool,
}

/// The field that an atom is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Field {
    pub node: NodeId,
    pub table: TableId,
    pub field: FieldId,
    /// No row lacks a value, unless the column was not read.
    pub complete: bool,
}

/// What a column's values are held to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    /// A condition that is a field.
    Truth,
    Long(Comparison, i64),
    Int(Comparison, i32),
    /// The bits of a float that is finite and not -0.
    Float(Comparison, u64),
    Near(Near),
    /// In rising order.
    Among(Vec<i64>),
    /// Members of an enum, by their bits.
    Member(u64),
    Text(TextTest, Box<str>),
}

impl Atom {
    /// `None` for what is no such condition. **Shape** of `constants`: by node, those of the run.
    pub fn of(context: &Context, constants: &[Option<Const>], id: NodeId) -> Option<Atom> {
        let ir = context.ir;
        let field = |id: NodeId| Field::of(context, id);
        let constant = |id: NodeId| constants[id.0 as usize].as_ref().filter(|value| !value.is_missing());
        let atom = |field, (test, negated)| Atom { field, test, negated };
        match &ir.node(id).op {
            Op::Field { .. } if *ir.ty(id) == Type::Bool => Some(atom(field(id)?, (Test::Truth, false))),
            Op::Compare(comparison, a, b) => match (field(*a), field(*b)) {
                (Some(a), None) => Some(atom(a, comparison_with(*comparison, ir.ty(a.node), constant(*b)?)?)),
                (None, Some(b)) => Some(atom(b, comparison_with(turned(*comparison), ir.ty(b.node), constant(*a)?)?)),
                _ => None,
            },
            Op::InSet { value, set } => {
                let field = field(*value)?;
                Some(atom(field, (one_of(ir.ty(*value), numbers(set)?)?, false)))
            }
            Op::TextTest { test, value, with, ignoring_case: false } => {
                let (field, Const::Text(with)) = (field(*value)?, constant(*with)?) else { return None };
                let by_bytes = *ir.ty(*value) == Type::Text && *test != TextTest::Contains;
                by_bytes.then(|| atom(field, (Test::Text(*test, with.as_ref().into()), false)))
            }
            _ => None,
        }
    }

    /// Writes which of the rows pass the test; those without a value may or may not. False where the column is not of the
    /// field's layout. **Shape**: a word for each 64 rows begun. `cut` is kept from one test of these rows to the next.
    pub fn test(&self, column: &Column, rows: Range<usize>, cut: &mut Cut, out: &mut [u64]) -> bool {
        let (kernels, first, lanes) = (kernel::best(), rows.start, rows.len());
        match (&self.test, column) {
            (Test::Truth, Column::Bool(a)) => mask::copy_buffer(a.values(), first, lanes, out),
            (test, Column::Int(a) | Column::Percent(a) | Column::Money(a) | Column::Timestamp(a) | Column::Span(a)) => {
                let values = &a.values()[first..][..lanes];
                match test {
                    Test::Long(comparison, with) => longs(kernels, *comparison, values, *with, out),
                    Test::Near(near) => (kernels.near_i64)(values, *near, out),
                    Test::Among(numbers) => among(values, numbers, out),
                    _ => return false,
                }
            }
            (Test::Int(comparison, with), Column::Date(a) | Column::TimeOfDay(a)) => {
                ints(kernels, *comparison, &a.values()[first..][..lanes], *with, out);
            }
            (Test::Float(comparison, with), Column::Number(a)) => {
                floats(kernels, *comparison, &a.values()[first..][..lanes], f64::from_bits(*with), out);
            }
            (Test::Member(set), Column::Enum(a) | Column::Reference(a)) => {
                (kernels.member_u32)(&a.values()[first..][..lanes], *set, out);
            }
            (Test::Text(test, with), Column::Text(a)) => return texts::test(cut, a, rows, *test, with, out),
            _ => return false,
        }
        true
    }
}

impl Field {
    fn of(context: &Context, node: NodeId) -> Option<Field> {
        let Op::Field { table, field, scope } = context.ir.node(node).op else { return None };
        let declared = context.schema.table(table);
        // A reference row may lack what its table requires: it is a fault of the data that was told when it was read.
        let complete = declared.kind != TableKind::Reference && !context.schema.field(table, field).optional;
        let complete = complete || fault::is("atom.optional-is-complete");
        (scope == context.ir.node(node).scope).then_some(Field { node, table, field, complete })
    }
}

/// The comparison with its sides changed.
pub(crate) fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal | Comparison::NotEqual => comparison,
        Comparison::Less if fault::is("kernel.sides-are-not-turned") => comparison,
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
    }
}

/// One of the three comparisons that kernels make, and whether its result is to be negated.
pub(crate) fn basic(comparison: Comparison) -> (Comparison, bool) {
    match comparison {
        Comparison::Less if fault::is("kernel.less-takes-equal") => (Comparison::Greater, true),
        Comparison::LessEqual if fault::is("kernel.at-most-drops-equal") => (Comparison::Less, false),
        Comparison::Greater if fault::is("kernel.greater-takes-equal") => (Comparison::Less, true),
        Comparison::GreaterEqual if fault::is("kernel.at-least-drops-equal") => (Comparison::Greater, false),
        Comparison::Equal if fault::is("kernel.equal-is-less") => (Comparison::Less, false),
        Comparison::NotEqual if fault::is("kernel.unequal-is-equal") => (Comparison::Equal, false),
        Comparison::Equal => (Comparison::Equal, false),
        Comparison::NotEqual => (Comparison::Equal, true),
        Comparison::Less => (Comparison::Less, false),
        Comparison::GreaterEqual => (Comparison::Less, true),
        Comparison::Greater => (Comparison::Greater, false),
        Comparison::LessEqual => (Comparison::Greater, true),
    }
}

fn comparison_with(comparison: Comparison, ty: &Type, with: &Const) -> Option<(Test, bool)> {
    let (basic, negated) = basic(comparison);
    let test = match (ty, with) {
        (Type::Text, Const::Text(with)) if basic == Comparison::Equal => {
            Test::Text(TextTest::Equal, with.as_ref().into())
        }
        (Type::Number, Const::Number(bits)) => Test::Float(basic, *bits),
        (Type::Int | Type::Percent | Type::Money(_) | Type::Timestamp | Type::Span, _) => {
            Test::Long(basic, whole(&with.value())?)
        }
        (Type::Date | Type::TimeOfDay, _) => Test::Int(basic, i32::try_from(whole(&with.value())?).ok()?),
        (Type::Enum(_), Const::Enum(with)) => {
            let with = if fault::is("kernel.member-is-the-first") { 0 } else { *with };
            let compares = |member: &u32| match basic {
                Comparison::Less => *member < with,
                Comparison::Greater => *member > with,
                _ => *member == with,
            };
            if with >= u64::BITS {
                return None;
            }
            Test::Member((0..u64::BITS).filter(compares).fold(0, |set, member| set | 1 << member))
        }
        (Type::Reference(_), Const::Reference(with)) if basic == Comparison::Equal && *with < u64::BITS => {
            Test::Member(1 << with)
        }
        _ => return None,
    };
    Some((test, negated))
}

/// The numbers of a set of constants of one type, in rising order.
pub(crate) fn numbers(set: &[Const]) -> Option<Vec<i64>> {
    let same_type = set.windows(2).all(|pair| std::mem::discriminant(&pair[0]) == std::mem::discriminant(&pair[1]));
    let numbers: Option<Vec<i64>> = set.iter().map(|item| whole(&item.value())).collect();
    let mut numbers = numbers.filter(|_| same_type)?;
    numbers.sort_unstable();
    numbers.dedup();
    if fault::is("kernel.set-lacks-a-member") {
        numbers.pop();
    }
    Some(numbers)
}

fn one_of(ty: &Type, numbers: Vec<i64>) -> Option<Test> {
    match ty {
        Type::Enum(_) => {
            let bit = |number: &i64| 1_u64.checked_shl(u32::try_from(*number).ok()?);
            numbers.iter().try_fold(0, |set, number| Some(set | bit(number)?)).map(Test::Member)
        }
        Type::Int | Type::Percent | Type::Money(_) | Type::Timestamp | Type::Span => {
            Some(Near::of(&numbers).map_or(Test::Among(numbers), Test::Near))
        }
        _ => None,
    }
}

/// Which values compare so with the constant, by one of the basic comparisons.
pub(crate) fn longs(kernels: &Kernels, comparison: Comparison, values: &[i64], with: i64, out: &mut [u64]) {
    let with = if fault::is("kernel.constant-is-one-more") { with.saturating_add(1) } else { with };
    let with = if with < 0 && fault::is("kernel.constant-loses-its-sign") { with.saturating_neg() } else { with };
    let with =
        if i32::try_from(with).is_err() && fault::is("kernel.constant-is-cut") { with as i32 as i64 } else { with };
    match comparison {
        Comparison::Less => (kernels.less_i64)(values, with, out),
        Comparison::Greater => (kernels.greater_i64)(values, with, out),
        _ => (kernels.equal_i64)(values, with, out),
    }
}

fn ints(kernels: &Kernels, comparison: Comparison, values: &[i32], with: i32, out: &mut [u64]) {
    let with = if fault::is("kernel.day-is-one-more") { with + 1 } else { with };
    match comparison {
        Comparison::Less => (kernels.less_i32)(values, with, out),
        Comparison::Greater => (kernels.greater_i32)(values, with, out),
        _ => (kernels.equal_i32)(values, with, out),
    }
}

/// The same of floats.
pub(crate) fn floats(kernels: &Kernels, comparison: Comparison, values: &[f64], with: f64, out: &mut [u64]) {
    let with = if fault::is("kernel.float-is-narrowed") { f64::from(with as f32) } else { with };
    match comparison {
        Comparison::Less => (kernels.less_f64)(values, with, out),
        Comparison::Greater => (kernels.greater_f64)(values, with, out),
        _ => (kernels.equal_f64)(values, with, out),
    }
}

/// Which values are among the numbers, which are in rising order.
pub(crate) fn among(values: &[i64], numbers: &[i64], out: &mut [u64]) {
    for (chunk, word) in values.chunks(64).zip(out) {
        let found = chunk.iter().map(|value| u64::from(numbers.binary_search(value).is_ok()));
        *word = found.enumerate().fold(0, |bits, (at, found)| bits | found << at);
    }
}
