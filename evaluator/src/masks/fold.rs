//! Folds: from the rows of a space to the lanes of its parent. Rows of a collection are laid out once a block and shared
//! by all folds over it; rows within rows are laid out for one fold at a time, so many pairs at once as memory bears.

use std::ops::Range;
use std::rc::Rc;

use seg_ir::fold::{partition, reduce};
use seg_ir::node::{Aggregate, AggregateKind, Bound, Comparison, Scope, Window};
use seg_ir::number::divide_half_even;
use seg_ir::operation::{MILLION, Sum};
use seg_ir::{NodeId, Reason, TableId, Type, Value, fault};

use super::Evaluation;
use super::space::{CUSTOMERS, Space, SpaceId, rows_of};
use crate::column::Column;
use crate::kernel;
use crate::mask::{self, Words};
use crate::vector::{Filling, Vector, whole};

/// The most rows within rows that are laid out at once, unless one row alone has more.
const PAIRS_MAX: usize = 1 << 18;

/// What a fold looks at: which lanes of its rows, and which of the parent's lanes it is made for.
pub(super) struct Frame {
    pub rows: SpaceId,
    parent: SpaceId,
    within: Words,
    open: Words,
}

impl<'b> Evaluation<'b> {
    pub(super) fn aggregate(&mut self, space: SpaceId, id: NodeId, aggregate: &Aggregate) -> Vector<'b> {
        let plan = self.plan;
        let ty = plan.context.ir.ty(id);
        let is_bound = self.batch.is_some_and(|batch| batch.ranges(aggregate.collection).is_some());
        if !is_bound {
            return Vector::missing();
        }
        let mut filling = Filling::new(ty, self.len(space));
        if space == CUSTOMERS && aggregate.scope == Scope::Row {
            let rows = self.rows_of_customers(aggregate.collection);
            // Laying the rows out decides their conditions, which may need this very fold.
            if let Some(known) = self.spaces[space.0].memo.get(id) {
                return (**known).clone();
            }
            let (within, open) = (*self.window(rows, aggregate.window)).clone();
            self.fold(&Frame { rows, parent: space, within, open }, id, aggregate, &mut filling);
        } else {
            let wanted = self.wanted.get(&space).cloned();
            self.each_layout(space, aggregate, wanted.as_deref(), |evaluation, frame| {
                evaluation.fold(&frame, id, aggregate, &mut filling);
                let failed = evaluation.raw.keys().filter(|(space, _)| *space == frame.rows).map(|(_, id)| *id);
                evaluation.failed_within.extend(failed);
            });
        }
        filling.finish()
    }

    /// Lays out the rows that a fold looks at from each lane of a space (of those wanted), some lanes at a time. What was
    /// computed for them is gone afterwards.
    pub(super) fn each_layout(
        &mut self,
        parent: SpaceId,
        aggregate: &Aggregate,
        wanted: Option<&[u64]>,
        mut each: impl FnMut(&mut Self, Frame),
    ) {
        let plan = self.plan;
        let (lanes, table) = (self.len(parent), plan.context.schema.collection(aggregate.collection).table);
        let ranges = self.ranges(parent, aggregate, table);
        let mut first = 0;
        while first < lanes {
            let (mut last, mut pairs, mut open) = (first, 0, mask::none(lanes));
            while last < lanes && (pairs == 0 || pairs < PAIRS_MAX) {
                if let Some(range) = ranges[last].as_ref().filter(|_| wanted.is_none_or(|w| mask::has(w, last))) {
                    pairs += range.len();
                    mask::set(&mut open, last);
                }
                last += 1;
            }
            let laid_out = ranges.iter().enumerate().map(|(lane, range)| match range {
                Some(range) if mask::has(&open, lane) => range.clone(),
                _ => 0..0,
            });
            let rows = Space::rows(aggregate.scope, parent, table, laid_out);
            self.events += rows.len as u64;
            let within = mask::all(rows.len);
            let rows = self.add(rows);
            each(self, Frame { rows, parent, within, open });
            self.drop_space(rows);
            first = last;
        }
    }

    /// The rows within the window, for each lane of a space; none where a bound of the window is missing.
    fn ranges(&mut self, parent: SpaceId, aggregate: &Aggregate, table: TableId) -> Vec<Option<Range<u32>>> {
        let plan = self.plan;
        let lanes = self.len(parent);
        let customers = match parent {
            CUSTOMERS => (0..lanes as u32).collect(),
            _ => self.lanes_in(parent, CUSTOMERS),
        };
        let Some(batch) = self.batch else { return vec![None; lanes] };
        let first = self.spaces[CUSTOMERS.0].rows.row(0);
        let mut ranges: Vec<Option<Range<u32>>> =
            customers.iter().map(|lane| Some(rows_of(batch, aggregate.collection, first + lane))).collect();
        let Some(window) = aggregate.window else { return ranges };
        let at = plan.context.schema.table(table).at;
        let Some(times) = at.and_then(|at| batch.tables().get(table)?.columns.get(at.0 as usize)) else {
            return vec![None; lanes];
        };
        // Events have a time, all of them.
        let time: Box<dyn Fn(u32) -> i64> = match times {
            Column::Timestamp(times) => Box::new(|row| times.value(row as usize)),
            Column::Date(times) => Box::new(|row| i64::from(times.value(row as usize))),
            _ => return vec![None; lanes],
        };
        let whole_ranges = ranges.clone();
        for (bound, is_low) in [(window.low, true), (window.high, false)] {
            let Some(Bound { at, mut inclusive }) = bound else { continue };
            inclusive ^= is_low && fault::is("masks.inner-window-low-is-flipped");
            inclusive ^= !is_low && fault::is("masks.inner-window-high-is-flipped");
            let (limits, ty) = (self.value(parent, at), plan.context.ir.ty(at));
            for (lane, range) in ranges.iter_mut().enumerate() {
                let limit = whole(&limits.value(lane, ty));
                let (Some(limit), Some(within), Some(of)) = (limit, range.as_mut(), &whole_ranges[lane]) else {
                    *range = None;
                    continue;
                };
                let end = partition(of.clone(), |row| {
                    let time = time(row);
                    time < limit || (time == limit && inclusive != is_low)
                });
                match is_low {
                    true => within.start = end.min(within.end),
                    false => within.end = end.max(within.start),
                }
            }
        }
        ranges
    }

    /// The lanes of a collection's rows within a window, and the customers whose window has its bounds.
    pub(super) fn window(&mut self, rows: SpaceId, window: Option<Window>) -> Rc<(Words, Words)> {
        let (lanes, customers) = (self.len(rows), self.len(CUSTOMERS));
        let Some(window) = window else { return Rc::new((mask::all(lanes), mask::all(customers))) };
        if let Some(known) = self.spaces[rows.0].windows.get(&window) {
            return Rc::clone(known);
        }
        let plan = self.plan;
        let table = self.spaces[rows.0].table;
        let at = plan.context.schema.table(table).at;
        let times = at.map_or_else(Vector::missing, |at| self.field(rows, table, at));
        let (mut within, mut open) = (times.known(lanes), mask::all(customers));
        let times = match &times {
            Vector::Whole { values, .. } => &**values,
            _ => &[],
        };
        for (bound, is_low) in [(window.low, true), (window.high, false)] {
            let Some(Bound { at, mut inclusive }) = bound else { continue };
            inclusive ^= is_low && fault::is("masks.window-low-is-flipped");
            inclusive ^= !is_low && fault::is("masks.window-high-is-flipped");
            if !fault::is("masks.unknown-bound-is-none") {
                mask::and_into(&mut open, &self.value(CUSTOMERS, at).known(customers));
            }
            let limits = self.value(rows, at);
            let ty = plan.context.ir.ty(at);
            // Beyond the bound: earlier than the low one, later than the high one, or at it where it is not included.
            let beyond = if is_low { Comparison::Less } else { Comparison::Greater };
            let mut out = mask::none(lanes);
            match &*limits {
                Vector::Same(limit) => {
                    let Some(limit) = whole(limit) else { continue };
                    let (kernels, mut same) = (kernel::best(), mask::none(lanes));
                    match beyond {
                        Comparison::Less => (kernels.less_i64)(times, limit, &mut out),
                        _ => (kernels.greater_i64)(times, limit, &mut out),
                    }
                    if !inclusive {
                        (kernels.equal_i64)(times, limit, &mut same);
                        mask::or_into(&mut out, &same);
                    }
                }
                limits => {
                    for (lane, time) in times.iter().enumerate() {
                        let Some(limit) = whole(&limits.value(lane, ty)) else { continue };
                        let is_beyond = if is_low { *time < limit } else { *time > limit };
                        if is_beyond || (*time == limit && !inclusive) {
                            mask::set(&mut out, lane);
                        }
                    }
                }
            }
            mask::without_into(&mut within, &out);
        }
        let found = Rc::new((within, open));
        self.spaces[rows.0].windows.insert(window, Rc::clone(&found));
        found
    }

    /// Folds the rows of each open lane of the parent.
    fn fold(&mut self, frame: &Frame, id: NodeId, aggregate: &Aggregate, filling: &mut Filling<'b>) {
        let lanes = self.len(frame.rows);
        let filter = aggregate.filter.map(|filter| self.rows_value(frame, filter, None));
        let starts = &self.spaces[frame.rows.0].starts;
        let any = |mask: &[u64]| mask::any_between(mask, starts);
        match (aggregate.kind, &filter) {
            (AggregateKind::Any, Some(test)) => {
                let (yes, no) = (mask::and(&frame.within, &test.yes(lanes)), test.no(lanes));
                let unknown = mask::without(&mask::without(&frame.within, &yes), &no);
                let (yes, mut open) = (any(&yes), frame.open.clone());
                if !fault::is("masks.unknown-of-any-is-false") {
                    mask::without_into(&mut open, &any(&unknown));
                }
                filling.set_truths(&mask::and(&frame.open, &yes), &mask::without(&open, &yes));
            }
            (AggregateKind::Every, Some(test)) => {
                let (yes, no) = (test.yes(lanes), mask::and(&frame.within, &test.no(lanes)));
                let unknown = mask::without(&mask::without(&frame.within, &no), &yes);
                let (no, mut open) = (any(&no), frame.open.clone());
                if !fault::is("masks.every-of-none-is-true") {
                    mask::and_into(&mut open, &any(&frame.within));
                }
                let refuted = mask::and(&open, &no);
                if !fault::is("masks.unknown-of-every-is-true") {
                    mask::without_into(&mut open, &any(&unknown));
                }
                filling.set_truths(&mask::without(&open, &no), &refuted);
            }
            (AggregateKind::Any, None) => {
                let found = any(&frame.within);
                filling.set_truths(&mask::and(&frame.open, &found), &mask::without(&frame.open, &found));
            }
            (AggregateKind::Every, None) => {
                filling.set_truths(&mask::and(&frame.open, &any(&frame.within)), &[]);
            }
            (kind, _) => {
                let kept = match &filter {
                    Some(filter) if fault::is("masks.unknown-passes-a-filter") => {
                        mask::without(&frame.within, &filter.no(lanes))
                    }
                    Some(filter) if fault::is("masks.filter-forgets-the-window") => filter.yes(lanes).into_owned(),
                    Some(filter) => mask::and(&frame.within, &filter.yes(lanes)),
                    None => frame.within.clone(),
                };
                match kind {
                    AggregateKind::Count => {
                        let counts = mask::counts(&kept, starts).map(i64::from);
                        filling.set_wholes(&frame.open, counts.map(Some));
                    }
                    AggregateKind::Share => {
                        let all = if fault::is("masks.share-is-of-the-kept") { &kept } else { &frame.within };
                        let counts = mask::counts(&kept, starts).zip(mask::counts(all, starts));
                        let share = |(kept, all)| divide_half_even(i128::from(kept) * MILLION, i128::from(all));
                        filling.set_wholes(&frame.open, counts.map(|pair| share(pair).map(|share| share as i64)));
                    }
                    _ => self.fold_values(frame, id, aggregate, &kept, filling),
                }
            }
        }
    }

    /// Folds the values of the kept rows.
    fn fold_values(
        &mut self,
        frame: &Frame,
        id: NodeId,
        aggregate: &Aggregate,
        kept: &[u64],
        filling: &mut Filling<'b>,
    ) {
        let (ir, lanes) = (self.plan.context.ir, self.len(frame.rows));
        let values = match aggregate.value {
            Some(value) => self.rows_value(frame, value, Some(kept)),
            None => Rc::new(Vector::Same(Value::Bool(true))),
        };
        let ty = aggregate.value.map_or(&Type::Bool, |value| ir.ty(value));
        let has_value = mask::and(kept, &values.known(lanes));
        let flipped = match aggregate.kind {
            AggregateKind::Latest if fault::is("masks.latest-takes-the-first") => AggregateKind::Earliest,
            AggregateKind::Earliest if fault::is("masks.earliest-takes-the-last") => AggregateKind::Latest,
            AggregateKind::LatestRow if fault::is("masks.latest-row-skips-missing") => AggregateKind::Latest,
            AggregateKind::EarliestRow if fault::is("masks.earliest-row-takes-the-last") => AggregateKind::LatestRow,
            kind => kind,
        };
        match flipped {
            AggregateKind::Latest => {
                return self.each(frame, |range, lane| {
                    if let Some(row) = mask::ones_in(&has_value, range).next_back() {
                        filling.set(lane, values.value(row, ty));
                    }
                });
            }
            AggregateKind::Earliest => {
                return self.each(frame, |range, lane| {
                    if let Some(row) = mask::ones_in(&has_value, range).next() {
                        filling.set(lane, values.value(row, ty));
                    }
                });
            }
            AggregateKind::LatestRow | AggregateKind::EarliestRow => {
                let last = flipped == AggregateKind::LatestRow;
                return self.each(frame, |range, lane| {
                    let mut rows = mask::ones_in(kept, range);
                    if let Some(row) = if last { rows.next_back() } else { rows.next() } {
                        filling.set(lane, values.value(row, ty));
                    }
                });
            }
            _ => {}
        }
        let without = mask::without(kept, &has_value);
        if mask::any(&without) && !fault::is("masks.skipped-is-not-counted") {
            let missing = mask::counts(&without, &self.spaces[frame.rows.0].starts).enumerate();
            let skipped = missing.filter(|(lane, count)| *count > 0 && mask::has(&frame.open, *lane));
            let skipped: Vec<(usize, u64)> = skipped.map(|(lane, count)| (lane, u64::from(count))).collect();
            if !skipped.is_empty() {
                self.raw.entry((frame.parent, id)).or_default().skipped.extend(skipped);
            }
        }
        if let Some((numbers, known)) = whole_folds(aggregate.kind, &values, ty, &has_value, &self.spaces[frame.rows.0])
        {
            return filling.set_wholes(&mask::and(&frame.open, &known), numbers.into_iter().map(Some));
        }
        let mut faults = Vec::new();
        let result_type = ir.ty(id);
        let mut gathered: Vec<Value> = Vec::new();
        self.each(frame, |range, lane| {
            let value = match of_numbers(aggregate.kind, &values, ty, &has_value, range.clone()) {
                Some(value) => value,
                None => {
                    gathered.clear();
                    gathered.extend(mask::ones_in(&has_value, range).map(|row| values.value(row, ty)));
                    reduce(aggregate.kind, &gathered, result_type, Some(ty))
                }
            };
            match value {
                Value::Missing(reason) if reason.is_fault() => faults.push((lane, reason)),
                value => filling.set(lane, value),
            }
        });
        for (lane, reason) in faults.into_iter().filter(|_| !fault::is("masks.fault-of-a-fold-is-not-noted")) {
            self.fault(frame.parent, id, reason, lane);
        }
    }

    /// The values of a node for the rows that a fold looks at, or of them only those kept.
    fn rows_value(&mut self, frame: &Frame, id: NodeId, kept: Option<&[u64]>) -> Rc<Vector<'b>> {
        if !self.plan.within_rows[id.0 as usize] {
            return self.value(frame.rows, id);
        }
        let mut looked_at = self.rows_looked_at(frame);
        if let Some(kept) = kept {
            mask::and_into(&mut looked_at, kept);
        }
        self.value_for(frame.rows, id, &looked_at)
    }

    /// The lanes within the window whose parent's lane is folded.
    fn rows_looked_at(&self, frame: &Frame) -> Words {
        let rows = &self.spaces[frame.rows.0];
        let mut looked_at = mask::none(rows.len);
        mask::ones(&frame.open).for_each(|lane| mask::fill(&mut looked_at, rows.lanes_of(lane)));
        if !fault::is("masks.rows-beyond-the-window-are-looked-at") {
            mask::and_into(&mut looked_at, &frame.within);
        }
        looked_at
    }

    /// Calls `each` with the rows' lanes of every open lane of the parent.
    fn each(&self, frame: &Frame, mut each: impl FnMut(Range<usize>, usize)) {
        let rows = &self.spaces[frame.rows.0];
        for (lane, ends) in rows.starts.windows(2).enumerate() {
            if mask::has(&frame.open, lane) {
                each(ends[0] as usize..ends[1] as usize, lane);
            }
        }
    }
}

/// Sums or extremes of whole numbers for all lanes of the parent in one pass over the rows, and which of them are known.
/// `None` for other folds, and where a sum leaves 64 bits on its way.
fn whole_folds(
    kind: AggregateKind,
    values: &Vector,
    ty: &Type,
    has_value: &[u64],
    rows: &Space,
) -> Option<(Vec<i64>, Words)> {
    let Vector::Whole { values, .. } = values else { return None };
    let (of, parents) = (rows.of(), rows.starts.len() - 1);
    let kind = match kind {
        AggregateKind::Min if fault::is("masks.extremes-are-exchanged") => AggregateKind::Max,
        kind => kind,
    };
    let mut overflows = false;
    let folded = match kind {
        AggregateKind::Sum if matches!(Sum::of(ty), Some(Sum::Whole(..))) => {
            let mut sums = vec![0_i64; parents];
            mask::each_in(has_value, 0..rows.len, |row| {
                let sum = &mut sums[of[row] as usize];
                let (total, over) = sum.overflowing_add(values[row]);
                *sum = total;
                overflows |= over;
            });
            sums
        }
        AggregateKind::Min => {
            let mut least = vec![i64::MAX; parents];
            mask::each_in(has_value, 0..rows.len, |row| {
                let best = &mut least[of[row] as usize];
                *best = values[row].min(*best);
            });
            least
        }
        AggregateKind::Max => {
            let mut most = vec![i64::MIN; parents];
            mask::each_in(has_value, 0..rows.len, |row| {
                let best = &mut most[of[row] as usize];
                *best = values[row].max(*best);
            });
            most
        }
        _ => return None,
    };
    let known = match kind {
        AggregateKind::Sum => mask::all(parents),
        _ => mask::any_between(has_value, &rows.starts),
    };
    (!overflows || fault::is("masks.sum-in-sixty-four-bits")).then_some((folded, known))
}

/// A sum or a mean of whole numbers or floats; `None` for other folds.
fn of_numbers(
    kind: AggregateKind,
    values: &Vector,
    ty: &Type,
    has_value: &[u64],
    range: Range<usize>,
) -> Option<Value<'static>> {
    let mut sum = match kind {
        AggregateKind::Sum | AggregateKind::Mean => Sum::of(ty)?,
        _ => return None,
    };
    match (&mut sum, values) {
        (Sum::Whole(total, _), Vector::Whole { values, .. }) => {
            mask::each_in(has_value, range.clone(), |row| *total += i128::from(values[row]));
        }
        (Sum::Float(total), Vector::Float { values, .. }) => {
            mask::each_in(has_value, range.clone(), |row| *total += values[row]);
        }
        _ => return None,
    }
    if kind == AggregateKind::Sum {
        return Some(sum.total());
    }
    let over_all = fault::is("masks.mean-is-over-all-rows");
    Some(match if over_all { range.len() as u32 } else { mask::count_in(has_value, range) } {
        0 => Value::Missing(Reason::Empty),
        count => sum.mean(u64::from(count)),
    })
}
