//! Folds that nothing but a comparison with a constant asks for: whether a count reaches a number, or an extreme does, is a
//! question about masks of the rows, so that no count and no extreme is made. Takes only what is exactly the same; what it
//! does not take is folded and compared.

use std::rc::Rc;

use seg_ir::node::{Aggregate, AggregateKind, Comparison, Scope};
use seg_ir::{NodeId, Op, fault};

use super::super::Evaluation;
use super::super::space::{CUSTOMERS, SpaceId};
use super::{Frame, both, chosen};
use crate::atom::{basic, turned};
use crate::kernel;
use crate::mask::{self, Words};
use crate::vector::{Form, Vector, whole};

/// Counts are held to numbers up to this by taking so many rows off; beyond it they are counted.
const COUNT_MAX: i64 = 8;

impl<'b> Evaluation<'b> {
    /// A comparison of a fold over a customer's rows with a constant of the run, if the rows' masks decide it.
    pub(in crate::masks) fn compare_fold(
        &mut self,
        space: SpaceId,
        comparison: Comparison,
        a: NodeId,
        b: NodeId,
    ) -> Option<Vector<'b>> {
        let (plan, ir) = (self.plan, self.plan.context.ir);
        let (comparison, id, with) = match (&ir.node(a).op, &ir.node(b).op) {
            (Op::Aggregate(_), _) => (comparison, a, b),
            (_, Op::Aggregate(_)) => (turned(comparison), b, a),
            _ => return None,
        };
        let Op::Aggregate(aggregate) = &ir.node(id).op else { return None };
        let is_taken = matches!(aggregate.kind, AggregateKind::Count | AggregateKind::Min | AggregateKind::Max);
        if !is_taken || space != CUSTOMERS || aggregate.scope != Scope::Row || ir.ty(id) != ir.ty(with) {
            return None;
        }
        let with = plan.constants[with.0 as usize].as_ref().filter(|_| Form::of(ir.ty(id)) == Form::Whole)?;
        let with = whole(&with.value())?;
        let within_rows = |id: NodeId| plan.within_rows[id.0 as usize];
        if aggregate.filter.is_some_and(within_rows) || aggregate.value.is_some_and(within_rows) {
            return None;
        }
        self.batch?.ranges(aggregate.collection)?;
        let rows = self.rows_of_customers(aggregate.collection);
        if self.spaces[space.0].memo.get(id).is_some() {
            return None;
        }
        let window = self.window(rows, aggregate.window);
        let frame = Frame { rows, parent: space, window };
        let (comparison, negated) = basic(comparison);
        let (found, known) = match aggregate.kind {
            AggregateKind::Count => (self.counts_compare(&frame, aggregate, comparison, with)?, frame.open().to_vec()),
            _ => self.extremes_compare(&frame, aggregate, comparison, with)?,
        };
        let (yes, no) = (mask::and(&known, &found), mask::without(&known, &found));
        Some(if negated { Vector::Truth { yes: no, no: yes } } else { Vector::Truth { yes, no } })
    }

    /// The customers whose count of rows compares so with a number.
    fn counts_compare(
        &mut self,
        frame: &Frame,
        aggregate: &Aggregate,
        comparison: Comparison,
        with: i64,
    ) -> Option<Words> {
        if !(0..COUNT_MAX).contains(&with) {
            return None;
        }
        let (lanes, customers) = (self.len(frame.rows), self.len(CUSTOMERS));
        let filter = aggregate.filter.map(|filter| self.value(frame.rows, filter));
        let (some, others) = chosen(frame, filter.as_deref(), lanes);
        let runs = self.spaces[frame.rows.0].runs();
        // The rows without so many of each customer, once more than one is asked for.
        let (mut left, mut dropped): (Words, i64) = (Words::new(), 0);
        // Those with so many rows or more.
        let mut at_least = |number: i64| match number {
            0 => mask::all(customers),
            1 => runs.any(both(&some, &others)),
            _ => {
                if dropped == 0 {
                    left = both(&some, &others).collect();
                }
                while dropped + 1 < number && !fault::is("masks.one-row-is-any-count") {
                    runs.drop_first(&mut left);
                    dropped += 1;
                }
                runs.any(left.iter().copied())
            }
        };
        Some(match comparison {
            Comparison::Less => mask::without(&mask::all(customers), &at_least(with)),
            Comparison::Greater => at_least(with + 1),
            _ => {
                let reach = at_least(with);
                mask::without(&reach, &at_least(with + 1))
            }
        })
    }

    /// The customers whose least or greatest value compares so with a number, and those that have one. `None` where a value is
    /// missing, which would have to be counted.
    fn extremes_compare(
        &mut self,
        frame: &Frame,
        aggregate: &Aggregate,
        comparison: Comparison,
        with: i64,
    ) -> Option<(Words, Words)> {
        let value = aggregate.value?;
        let lanes = self.len(frame.rows);
        let filter = aggregate.filter.map(|filter| self.value(frame.rows, filter));
        let values = self.value(frame.rows, value);
        let Vector::Whole { values, known } = &*values else { return None };
        let (some, others) = chosen(frame, filter.as_deref(), lanes);
        if both(&some, &others).zip(known).any(|(kept, known)| kept & !known != 0) {
            return None;
        }
        let is_max = (aggregate.kind == AggregateKind::Max) != fault::is("masks.compared-extremes-are-exchanged");
        let beyond = if is_max { Comparison::Greater } else { Comparison::Less };
        let at_or_beyond = |evaluation: &mut Self| {
            // Those that do not lie on the other side.
            let contrary = if is_max { Comparison::Less } else { Comparison::Greater };
            let contrary = if fault::is("masks.extreme-is-never-the-number") { Comparison::Equal } else { contrary };
            let contrary = evaluation.compared(frame.rows, value, values, contrary, with);
            evaluation.spaces[frame.rows.0]
                .runs()
                .any(both(&some, &others).zip(&*contrary).map(|(kept, contrary)| kept & !contrary))
        };
        let found_beyond = |evaluation: &mut Self| {
            let beyond = evaluation.compared(frame.rows, value, values, beyond, with);
            evaluation.spaces[frame.rows.0]
                .runs()
                .any(both(&some, &others).zip(&*beyond).map(|(kept, beyond)| kept & beyond))
        };
        let any = self.spaces[frame.rows.0].runs().any(both(&some, &others));
        let found = match comparison {
            Comparison::Equal => {
                let reach = at_or_beyond(self);
                mask::without(&reach, &found_beyond(self))
            }
            comparison if comparison == beyond => found_beyond(self),
            // The extreme lies on the near side where nothing reaches the number.
            _ => mask::without(&any, &at_or_beyond(self)),
        };
        Some((found, mask::and(&any, frame.open())))
    }

    /// The lanes of some rows whose value compares so with a number, by one of the basic comparisons.
    fn compared(&mut self, rows: SpaceId, id: NodeId, values: &[i64], comparison: Comparison, with: i64) -> Rc<Words> {
        let key = (id, comparison, with);
        if let Some((_, known)) = self.spaces[rows.0].compared.iter().find(|(known, _)| *known == key) {
            return Rc::clone(known);
        }
        let (kernels, mut found) = (kernel::best(), mask::none(values.len()));
        match comparison {
            Comparison::Less => (kernels.less_i64)(values, with, &mut found),
            Comparison::Greater => (kernels.greater_i64)(values, with, &mut found),
            _ => (kernels.equal_i64)(values, with, &mut found),
        }
        let found = Rc::new(found);
        self.spaces[rows.0].compared.push((key, Rc::clone(&found)));
        found
    }
}
