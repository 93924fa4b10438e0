//! Comparisons, sets and text tests: by a kernel where a column meets a constant, in a loop over numbers otherwise.
//! `None` means that the pair goes lane by lane, through `seg_ir::operation`.

use std::ops::Range;

use seg_ir::node::{Comparison, TextTest};
use seg_ir::{Const, NodeId, Type, Value, fault, operation, text};

use super::codes::Codes;
use super::compute::{known_in, known_of, wholes};
use super::space::{Rows, SpaceId};
use super::{CUSTOMERS, Evaluation};
use crate::ahead::{self, Share};
use crate::atom::{Atom, Test, among, basic, floats, longs, numbers, turned};
use crate::column::Column;
use crate::kernel::{self, Near};
use crate::mask::{self, Words};
use crate::texts::Cut;
use crate::vector::{Form, Vector, whole};

/// Where a comparison is true and false, from where its basic one is true.
fn truth(found: Words, negated: bool, known: &[u64]) -> Vector<'static> {
    let yes = if fault::is("kernel.missing-is-compared") { found.clone() } else { mask::and(&found, known) };
    let no = mask::without(known, &found);
    let negated = negated && !fault::is("kernel.negation-is-lost");
    if negated { Vector::Truth { yes: no, no: yes } } else { Vector::Truth { yes, no } }
}

impl<'b> Evaluation<'b> {
    /// A condition on a column whose rows lie together.
    pub(super) fn by_column(&self, space: SpaceId, id: NodeId) -> Option<Vector<'b>> {
        let atom = self.plan.atoms[id.0 as usize].as_ref()?;
        let (lanes, mut found) = (self.len(space), mask::none(self.len(space)));
        if !self.test_part(space, atom, 0..lanes, &mut Cut::default(), &mut found) {
            return None;
        }
        let column = self.column(space, atom.field.node)?;
        if column.nulls().is_none() && !matches!(column, Column::Unread(_)) {
            let mut others: Words = found.iter().map(|found| !found).collect();
            mask::clear_tail(&mut others, lanes);
            let negated = atom.negated && !fault::is("kernel.negation-is-lost");
            let (yes, no) = if negated { (others, found) } else { (found, others) };
            return Some(Vector::Truth { yes, no });
        }
        let nulls = !fault::is("kernel.nulls-are-ignored");
        let known = if nulls { self.known_of_field(space, atom.field.node) } else { None };
        Some(truth(found, atom.negated, &known.unwrap_or_else(|| mask::all(lanes))))
    }

    /// Writes which of some lanes pass an atom's test. False where its column's rows do not lie together, or it was not read.
    pub fn test_part(&self, space: SpaceId, atom: &Atom, lanes: Range<usize>, cut: &mut Cut, out: &mut [u64]) -> bool {
        let Some((column, rows)) = self.rows_together(space, atom.field.node, lanes.clone()) else { return false };
        self.test_codes(space, atom, column, rows.start - lanes.start, &lanes, out) || atom.test(column, rows, cut, out)
    }

    /// Writes in which of some lanes a field has a value. False as above.
    pub fn known_part(&self, space: SpaceId, field: NodeId, lanes: Range<usize>, out: &mut [u64]) -> bool {
        let Some((column, rows)) = self.rows_together(space, field, lanes) else { return false };
        known_in(column, rows.start, rows.len(), out);
        true
    }

    /// A field's column and its rows of some lanes, where these lie together.
    fn rows_together(&self, space: SpaceId, field: NodeId, lanes: Range<usize>) -> Option<(&'b Column, Range<usize>)> {
        match (self.column(space, field)?, &self.spaces[space.0].rows) {
            (column, Rows::From(first)) => Some((column, *first as usize + lanes.start..*first as usize + lanes.end)),
            _ => None,
        }
    }

    /// Tells the processor that lanes beyond those of a space will be tested next, where its rows lie together.
    pub fn ask_ahead(&self, space: SpaceId, atom: &Atom, lanes: Range<usize>, share: Share) {
        if let Some((column, rows)) = self.rows_together(space, atom.field.node, lanes) {
            ahead::ask(column, rows, share);
        }
    }

    /// The same by bytes, of a field of a collection's rows that many conditions ask for a few of its numbers.
    fn test_codes(
        &self,
        space: SpaceId,
        atom: &Atom,
        column: &Column,
        first: usize,
        lanes: &Range<usize>,
        out: &mut [u64],
    ) -> bool {
        let (Column::Enum(numbers) | Column::Reference(numbers), Test::Member(set)) = (column, &atom.test) else {
            return false;
        };
        let (rows, field) = (&self.spaces[space.0], &atom.field);
        let is_gain = space != CUSTOMERS && !lanes.is_empty() && self.plan.coded.contains(&(field.table, field.field));
        if !is_gain || !Codes::take(*set) || !Codes::are_fast() {
            return false;
        }
        let codes = rows.codes(field.field, || &numbers.values()[first..][..rows.len]);
        codes.test(lanes.clone(), *set, out);
        true
    }

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
        let numbers = numbers(set)?;
        let vector = self.value(space, value);
        let Vector::Whole { values, known } = &*vector else { return None };
        let mut found = mask::none(self.len(space));
        match Near::of(&numbers) {
            Some(near) => (kernel::best().near_i64)(values, near, &mut found),
            None => among(values, &numbers, &mut found),
        }
        Some(truth(found, false, known))
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
            return Some(self.test_text(space, value, |text| operation::text_test(test, text, with, false)));
        }
        let with = if fault::is("kernel.case-of-the-constant-stays") { with.to_string() } else { text::fold(with) };
        Some(self.test_text(space, value, move |value| operation::text_test(test, &text::fold(value), &with, false)))
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
        self.test_each(space, id, |value: &Value| value.as_text().map(&test))
    }
}

/// Compares two slices, value by value.
fn each<T: Copy>(left: &[T], right: &[T], out: &mut [u64], test: impl Fn(T, T) -> bool) {
    for ((left, right), word) in left.chunks(64).zip(right.chunks(64)).zip(out) {
        let pairs = left.iter().zip(right).enumerate();
        *word = pairs.fold(0, |bits, (at, (x, y))| bits | u64::from(test(*x, *y)) << at);
    }
}
