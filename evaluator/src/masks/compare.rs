//! Comparisons, sets and text tests: by a kernel where a column meets a constant, in a loop over numbers otherwise.
//! `None` means that the pair goes lane by lane, through `seg_ir::operation`.

use seg_ir::node::{Comparison, TextTest};
use seg_ir::{Const, NodeId, Type, Value, fault, operation, text};

use super::Evaluation;
use super::compute::{known_of, wholes};
use super::space::{Rows, SpaceId};
use crate::column::Column;
use crate::kernel::{self, Kernels, Near};
use crate::mask::{self, Words};
use crate::texts;
use crate::vector::{Form, Vector, whole};

/// The comparison with its sides changed.
pub(super) fn turned(comparison: Comparison) -> Comparison {
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
fn basic(comparison: Comparison) -> (Comparison, bool) {
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

/// Where a comparison is true and false, from where its basic one is true.
fn truth(found: Words, negated: bool, known: &[u64]) -> Vector<'static> {
    let yes = if fault::is("kernel.missing-is-compared") { found.clone() } else { mask::and(&found, known) };
    let no = mask::without(known, &found);
    let negated = negated && !fault::is("kernel.negation-is-lost");
    if negated { Vector::Truth { yes: no, no: yes } } else { Vector::Truth { yes, no } }
}

fn longs(kernels: &Kernels, comparison: Comparison, values: &[i64], with: i64, out: &mut [u64]) {
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

fn floats(kernels: &Kernels, comparison: Comparison, values: &[f64], with: f64, out: &mut [u64]) {
    let with = if fault::is("kernel.float-is-narrowed") { f64::from(with as f32) } else { with };
    match comparison {
        Comparison::Less => (kernels.less_f64)(values, with, out),
        Comparison::Greater => (kernels.greater_f64)(values, with, out),
        _ => (kernels.equal_f64)(values, with, out),
    }
}

impl<'b> Evaluation<'b> {
    pub(super) fn compare(
        &mut self,
        space: SpaceId,
        comparison: Comparison,
        a: NodeId,
        b: NodeId,
    ) -> Option<Vector<'b>> {
        let ir = self.plan.context.ir;
        if let (Comparison::Equal, Type::Text) = (comparison, ir.ty(a)) {
            return self.text_test(space, TextTest::Equal, a, b, false);
        }
        let (form_a, form_b) = (Form::of(ir.ty(a)), Form::of(ir.ty(b)));
        if form_a != form_b || !matches!(form_a, Form::Whole | Form::Float) {
            return None;
        }
        let constant = |evaluation: &Self, id: NodeId| evaluation.plan.constants[id.0 as usize].clone();
        match (constant(self, a), constant(self, b)) {
            (Some(_), Some(_)) => None,
            (None, Some(with)) => self.compare_with(space, comparison, a, &with),
            (Some(with), None) => self.compare_with(space, turned(comparison), b, &with),
            (None, None) => self.compare_lanes(space, comparison, a, b),
        }
    }

    /// A node against a constant of the run.
    fn compare_with(&mut self, space: SpaceId, comparison: Comparison, id: NodeId, with: &Const) -> Option<Vector<'b>> {
        if with.is_missing() {
            // What the other side fails by is still to be counted.
            self.value(space, id);
            if fault::is("kernel.missing-constant-is-false") {
                return Some(Vector::Same(Value::Bool(false)));
            }
            return Some(Vector::missing());
        }
        let (comparison, negated) = basic(comparison);
        if let Some((found, known)) = self.compare_column(space, comparison, id, with) {
            return Some(truth(found, negated, &known));
        }
        let (lanes, kernels) = (self.len(space), kernel::best());
        let vector = self.value(space, id);
        let mut found = mask::none(lanes);
        match (&*vector, with) {
            (Vector::Whole { values, .. }, _) => {
                longs(kernels, comparison, values, whole(&with.value())?, &mut found);
            }
            (Vector::Float { values, .. }, Const::Number(bits)) => {
                floats(kernels, comparison, values, f64::from_bits(*bits), &mut found);
            }
            _ => return None,
        }
        Some(truth(found, negated, &vector.known(lanes)))
    }

    /// A column against a constant, straight from its buffer.
    fn compare_column(
        &self,
        space: SpaceId,
        comparison: Comparison,
        id: NodeId,
        with: &Const,
    ) -> Option<(Words, Words)> {
        let at = &self.spaces[space.0];
        let (Some(column), Rows::From(first)) = (self.column(space, id), &at.rows) else { return None };
        let (first, lanes, kernels) = (*first as usize, at.len, kernel::best());
        let mut found = mask::none(lanes);
        match (column, with) {
            (Column::Number(a), Const::Number(bits)) => {
                floats(kernels, comparison, &a.values()[first..][..lanes], f64::from_bits(*bits), &mut found);
            }
            (Column::Int(a) | Column::Percent(a) | Column::Money(a) | Column::Timestamp(a) | Column::Span(a), with) => {
                longs(kernels, comparison, &a.values()[first..][..lanes], whole(&with.value())?, &mut found);
            }
            (Column::Date(a) | Column::TimeOfDay(a), with) => {
                let with = i32::try_from(whole(&with.value())?).ok()?;
                ints(kernels, comparison, &a.values()[first..][..lanes], with, &mut found);
            }
            (Column::Enum(a) | Column::Reference(a), Const::Enum(with) | Const::Reference(with))
                if comparison == Comparison::Equal && *with < u64::BITS =>
            {
                let with = if fault::is("kernel.member-is-the-first") { 0 } else { *with };
                (kernels.member_u32)(&a.values()[first..][..lanes], 1 << with, &mut found);
            }
            _ => return None,
        }
        let known =
            if fault::is("kernel.nulls-are-ignored") { mask::all(lanes) } else { known_of(column, first, lanes) };
        Some((found, known))
    }

    fn compare_lanes(&mut self, space: SpaceId, comparison: Comparison, a: NodeId, b: NodeId) -> Option<Vector<'b>> {
        let lanes = self.len(space);
        let (left, right) = (self.value(space, a), self.value(space, b));
        let known = mask::and(&left.known(lanes), &right.known(lanes));
        let known = if fault::is("kernel.pair-needs-its-first-alone") { left.known(lanes) } else { known };
        let (comparison, negated) = basic(comparison);
        let mut found = mask::none(lanes);
        if let (Vector::Float { values: left, .. }, Vector::Float { values: right, .. }) = (&*left, &*right) {
            each(left, right, &mut found, |x, y| match comparison {
                Comparison::Less => x < y,
                Comparison::Greater => x > y,
                _ => x == y,
            });
        } else {
            let (left, right) = (wholes(&left, lanes)?, wholes(&right, lanes)?);
            each(&left, &right, &mut found, |x, y| match comparison {
                Comparison::Less => x < y,
                Comparison::Greater => x > y,
                _ => x == y,
            });
        }
        Some(truth(found, negated, &known))
    }

    /// Whether a value is one of a set of constants of its own type.
    pub(super) fn in_set(&mut self, space: SpaceId, value: NodeId, set: &[Const]) -> Option<Vector<'b>> {
        if Form::of(self.plan.context.ir.ty(value)) != Form::Whole {
            return None;
        }
        let same_type = set.windows(2).all(|pair| std::mem::discriminant(&pair[0]) == std::mem::discriminant(&pair[1]));
        let numbers: Option<Vec<i64>> = set.iter().map(|item| whole(&item.value())).collect();
        let mut numbers = numbers.filter(|_| same_type)?;
        numbers.sort_unstable();
        numbers.dedup();
        if fault::is("kernel.set-lacks-a-member") {
            numbers.pop();
        }
        if let Some((found, known)) = self.member_of_column(space, value, &numbers) {
            return Some(truth(found, false, &known));
        }
        let vector = self.value(space, value);
        let Vector::Whole { values, known } = &*vector else { return None };
        let mut found = mask::none(self.len(space));
        members(values, &numbers, &mut found);
        Some(truth(found, false, known))
    }

    fn member_of_column(&self, space: SpaceId, id: NodeId, numbers: &[i64]) -> Option<(Words, Words)> {
        let at = &self.spaces[space.0];
        let (Some(column), Rows::From(first)) = (self.column(space, id), &at.rows) else { return None };
        let (first, mut found) = (*first as usize, mask::none(at.len));
        match column {
            Column::Enum(a) => {
                let bit = |number: &i64| 1_u64.checked_shl(u32::try_from(*number).ok()?);
                let set = numbers.iter().try_fold(0, |set, number| Some(set | bit(number)?))?;
                (kernel::best().member_u32)(&a.values()[first..][..at.len], set, &mut found);
            }
            Column::Int(a) | Column::Percent(a) | Column::Money(a) | Column::Timestamp(a) | Column::Span(a) => {
                members(&a.values()[first..][..at.len], numbers, &mut found);
            }
            _ => return None,
        }
        Some((found, known_of(column, first, at.len)))
    }

    /// A text against a constant text; its folding is done once.
    pub(super) fn text_test(
        &mut self,
        space: SpaceId,
        test: TextTest,
        value: NodeId,
        with: NodeId,
        ignoring_case: bool,
    ) -> Option<Vector<'b>> {
        let plan = self.plan;
        let Some(Const::Text(with)) = &plan.constants[with.0 as usize] else { return None };
        if *plan.context.ir.ty(value) != Type::Text {
            return None;
        }
        if !ignoring_case {
            let bytes = self.test_bytes(space, value, test, with);
            let by_text = || self.test_text(space, value, |text| operation::text_test(test, text, with, false));
            return Some(bytes.unwrap_or_else(by_text));
        }
        let with = if fault::is("kernel.case-of-the-constant-stays") { with.to_string() } else { text::fold(with) };
        Some(self.test_text(space, value, move |value| operation::text_test(test, &text::fold(value), &with, false)))
    }

    /// A test of the texts of a column by their bytes.
    fn test_bytes(&self, space: SpaceId, id: NodeId, test: TextTest, with: &str) -> Option<Vector<'b>> {
        let at = &self.spaces[space.0];
        let (Some(column @ Column::Text(a)), Rows::From(first)) = (self.column(space, id), &at.rows) else {
            return None;
        };
        let (first, lanes) = (*first as usize, at.len);
        let mut found = mask::none(lanes);
        texts::test(a, first, lanes, test, with, &mut found)
            .then(|| truth(found, false, &known_of(column, first, lanes)))
    }

    /// A test of each text, straight from the column where there is one.
    fn test_text(&mut self, space: SpaceId, id: NodeId, test: impl Fn(&str) -> bool) -> Vector<'b> {
        let at = &self.spaces[space.0];
        if let (Some(column @ Column::Text(a)), Rows::From(first)) = (self.column(space, id), &at.rows) {
            let (first, lanes) = (*first as usize, at.len);
            let (known, mut found) = (known_of(column, first, lanes), mask::none(lanes));
            let lanes = lanes - usize::from(fault::is("kernel.last-text-is-not-tested"));
            for lane in 0..lanes {
                found[lane / 64] |= u64::from(test(a.value(first + lane))) << (lane % 64);
            }
            return truth(found, false, &known);
        }
        self.test(space, id, |value: &Value| value.as_text().map(&test))
    }
}

/// Which values are among the numbers, which are in rising order.
fn members(values: &[i64], numbers: &[i64], out: &mut [u64]) {
    match Near::of(numbers) {
        Some(near) => (kernel::best().near_i64)(values, near, out),
        None => {
            for (chunk, word) in values.chunks(64).zip(out) {
                let found = chunk.iter().map(|value| u64::from(numbers.binary_search(value).is_ok()));
                *word = found.enumerate().fold(0, |bits, (at, found)| bits | found << at);
            }
        }
    }
}

/// Compares two slices, value by value.
fn each<T: Copy>(left: &[T], right: &[T], out: &mut [u64], test: impl Fn(T, T) -> bool) {
    for ((left, right), word) in left.chunks(64).zip(right.chunks(64)).zip(out) {
        let pairs = left.iter().zip(right).enumerate();
        *word = pairs.fold(0, |bits, (at, (x, y))| bits | u64::from(test(*x, *y)) << at);
    }
}
