//! Folds: from the rows of a space to the lanes of its parent. Rows of a collection are laid out once a block and shared
//! by all folds over it; rows within rows are laid out for one fold at a time, so many pairs at once as memory bears.

mod compared;

use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

use seg_ir::fold::{partition, reduce};
use seg_ir::node::{Aggregate, AggregateKind, Bound, Scope, Window};
use seg_ir::number::divide_half_even;
use seg_ir::operation::{MILLION, Sum};
use seg_ir::{NodeId, Reason, TableId, Type, Value, fault};

use super::Evaluation;
use super::runs::Runs;
use super::space::{CUSTOMERS, Space, SpaceId, rows_of};
use crate::column::Column;
use crate::kernel;
use crate::mask::{self, Words};
use crate::vector::{Filling, Vector, whole};

/// The most rows within rows that are laid out at once, unless one row alone has more.
const PAIRS_MAX: usize = 1 << 18;
/// So many times are held to all bounds before the next are: they stay in the nearest cache. Whole words.
const PIECE: usize = 1024;

/// What a fold looks at: which lanes of its rows, and which of the parent's lanes it is made for.
pub(super) struct Frame {
    pub rows: SpaceId,
    parent: SpaceId,
    window: Rc<(Words, Words)>,
}

impl Frame {
    /// The lanes of the rows within the window.
    fn within(&self) -> &[u64] {
        &self.window.0
    }

    /// The lanes of the parent whose window has its bounds.
    fn open(&self) -> &[u64] {
        &self.window.1
    }
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
            let window = self.window(rows, aggregate.window);
            self.fold(&Frame { rows, parent: space, window }, id, aggregate, &mut filling);
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
            each(self, Frame { rows, parent, window: Rc::new((within, open)) });
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
        let window = window.unwrap_or(Window { low: None, high: None });
        if let Some((_, known)) = self.spaces[rows.0].windows.iter().find(|(known, _)| *known == window) {
            return Rc::clone(known);
        }
        let times = self.times(rows);
        let (mut within, mut open) = (times.known(lanes), mask::all(customers));
        if window.low.is_none() && window.high.is_none() {
            within = mask::all(lanes);
        }
        for (bound, is_low) in [(window.low, true), (window.high, false)] {
            let Some(bound) = bound else { continue };
            if !fault::is("masks.unknown-bound-is-none") {
                mask::and_into(&mut open, &self.value(CUSTOMERS, bound.at).known(customers));
            }
            mask::without_into(&mut within, &self.beyond(rows, bound, is_low));
        }
        let found = Rc::new((within, open));
        self.spaces[rows.0].windows.push((window, Rc::clone(&found)));
        found
    }

    /// The time of each of a collection's rows.
    fn times(&mut self, rows: SpaceId) -> Rc<Vector<'b>> {
        if let Some(known) = &self.spaces[rows.0].times {
            return Rc::clone(known);
        }
        let table = self.spaces[rows.0].table;
        let at = self.plan.context.schema.table(table).at;
        let times = Rc::new(at.map_or_else(Vector::missing, |at| self.field(rows, table, at)));
        self.spaces[rows.0].times = Some(Rc::clone(&times));
        times
    }

    /// The lanes of a collection's rows beyond a bound of a window: earlier than the low one, later than the high one, or at it
    /// where it is not included.
    fn beyond(&mut self, rows: SpaceId, bound: Bound, is_low: bool) -> Rc<Words> {
        if self.spaces[rows.0].beyond.is_empty() {
            self.beyond_constants(rows);
        }
        let key = (bound, is_low);
        if let Some((_, known)) = self.spaces[rows.0].beyond.iter().find(|(known, _)| *known == key) {
            return Rc::clone(known);
        }
        let (lanes, ty, times) = (self.len(rows), self.plan.context.ir.ty(bound.at), self.times(rows));
        let (limits, inclusive, mut out) = (self.value(rows, bound.at), is_inclusive(bound, is_low), mask::none(lanes));
        for (lane, time) in numbers(&times).iter().enumerate() {
            let Some(limit) = whole(&limits.value(lane, ty)) else { continue };
            let is_beyond = if is_low { *time < limit } else { *time > limit };
            if is_beyond || (*time == limit && !inclusive) {
                mask::set(&mut out, lane);
            }
        }
        let out = Rc::new(out);
        self.spaces[rows.0].beyond.push((key, Rc::clone(&out)));
        out
    }

    /// The same for all bounds over these rows that are constants of the run, so that each time is read from memory once.
    fn beyond_constants(&mut self, rows: SpaceId) {
        let (lanes, kernels, times) = (self.len(rows), kernel::best(), self.times(rows));
        let Some(bounds) = self.plan.bounds.get(&self.spaces[rows.0].table) else { return };
        let limit = |(bound, is_low): &(Bound, bool)| {
            let limit = self.plan.constants[bound.at.0 as usize].as_ref().and_then(|limit| whole(&limit.value()));
            // Up to a limit is before the next number; at the end of all numbers there is none.
            let next = |limit: i64| if *is_low { limit.checked_add(1) } else { limit.checked_sub(1) };
            limit.map(|limit| if is_inclusive(*bound, *is_low) { Some(limit) } else { next(limit) })
        };
        let mut beyond: Vec<_> = bounds.iter().map(|bound| (limit(bound), *bound, mask::none(lanes))).collect();
        for (at, times) in numbers(&times).chunks(PIECE).enumerate() {
            for (limit, (_, is_low), out) in &mut beyond {
                let out = &mut out[at * PIECE / 64..][..times.len().div_ceil(64)];
                match (limit, is_low) {
                    (Some(Some(limit)), true) => (kernels.less_i64)(times, *limit, out),
                    (Some(Some(limit)), false) => (kernels.greater_i64)(times, *limit, out),
                    (Some(None), _) => out.copy_from_slice(&mask::all(times.len())[..out.len()]),
                    // Where there is no bound, nothing is beyond it; that it is missing closes the window.
                    (None, _) => {}
                }
            }
        }
        let beyond = beyond.into_iter().map(|(_, bound, out)| (bound, Rc::new(out)));
        self.spaces[rows.0].beyond.extend(beyond);
    }

    /// Folds the rows of each open lane of the parent.
    fn fold(&mut self, frame: &Frame, id: NodeId, aggregate: &Aggregate, filling: &mut Filling<'b>) {
        let lanes = self.len(frame.rows);
        let filter = aggregate.filter.map(|filter| self.rows_value(frame, filter, None));
        let (runs, starts) = (self.spaces[frame.rows.0].runs(), &self.spaces[frame.rows.0].starts);
        let (within, open) = (frame.within(), frame.open());
        match (aggregate.kind, &filter) {
            (AggregateKind::Any, Some(test)) => {
                let (yes, no) = (test.yes(lanes), test.no(lanes));
                let found = runs.any(both(within, &yes));
                let mut refuted = mask::without(open, &found);
                if neither(within, &yes, &no).any(|word| word != 0) && !fault::is("masks.unknown-of-any-is-false") {
                    mask::without_into(&mut refuted, &runs.any(neither(within, &yes, &no)));
                }
                filling.set_truths(&mask::and(open, &found), &refuted);
            }
            (AggregateKind::Every, Some(test)) => {
                let (yes, no) = (test.yes(lanes), test.no(lanes));
                let (refuting, mut open) = (runs.any(both(within, &no)), open.to_vec());
                if !fault::is("masks.every-of-none-is-true") {
                    mask::and_into(&mut open, &runs.any(within.iter().copied()));
                }
                let refuted = mask::and(&open, &refuting);
                if !fault::is("masks.unknown-of-every-is-true") {
                    mask::without_into(&mut open, &runs.any(neither(within, &yes, &no)));
                }
                filling.set_truths(&mask::without(&open, &refuting), &refuted);
            }
            (AggregateKind::Any, None) => {
                let found = runs.any(within.iter().copied());
                filling.set_truths(&mask::and(open, &found), &mask::without(open, &found));
            }
            (AggregateKind::Every, None) => {
                filling.set_truths(&mask::and(open, &runs.any(within.iter().copied())), &[]);
            }
            (kind, _) => {
                let (some, others) = chosen(frame, filter.as_deref(), lanes);
                let kept: Cow<[u64]> = if filter.is_some() { mask::and(&some, &others).into() } else { some };
                match kind {
                    AggregateKind::Count => {
                        filling.set_wholes(open, mask::counts(&kept, starts).map(i64::from).collect());
                    }
                    AggregateKind::Share => {
                        let all = if fault::is("masks.share-is-of-the-kept") { &*kept } else { within };
                        let counts = mask::counts(&kept, starts).zip(mask::counts(all, starts));
                        let share = |(kept, all)| divide_half_even(i128::from(kept) * MILLION, i128::from(all));
                        let shares = counts.map(|counts| share(counts).unwrap_or_default() as i64).collect();
                        filling.set_wholes(&mask::and(open, &runs.any(all.iter().copied())), shares);
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
        let known = values.known_lanes(lanes);
        let lacks_any = kept.iter().zip(&*known).any(|(kept, known)| kept & !known != 0);
        let has_value: Cow<[u64]> = if lacks_any { mask::and(kept, &known).into() } else { kept.into() };
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
        if lacks_any && !fault::is("masks.skipped-is-not-counted") {
            let without = mask::without(kept, &has_value);
            let missing = mask::counts(&without, &self.spaces[frame.rows.0].starts).enumerate();
            let skipped = missing.filter(|(lane, count)| *count > 0 && mask::has(frame.open(), *lane));
            let skipped: Vec<(usize, u64)> = skipped.map(|(lane, count)| (lane, u64::from(count))).collect();
            if !skipped.is_empty() {
                self.raw.entry((frame.parent, id)).or_default().skipped.extend(skipped);
            }
        }
        let runs = self.spaces[frame.rows.0].runs();
        if let Some((numbers, known)) = whole_folds(aggregate.kind, &values, ty, &has_value, runs) {
            return filling.set_wholes(&mask::and(frame.open(), &known), numbers);
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
        mask::ones(frame.open()).for_each(|lane| mask::fill(&mut looked_at, rows.lanes_of(lane)));
        if !fault::is("masks.rows-beyond-the-window-are-looked-at") {
            mask::and_into(&mut looked_at, frame.within());
        }
        looked_at
    }

    /// Calls `each` with the rows' lanes of every open lane of the parent.
    fn each(&self, frame: &Frame, mut each: impl FnMut(Range<usize>, usize)) {
        let rows = &self.spaces[frame.rows.0];
        for (lane, ends) in rows.starts.windows(2).enumerate() {
            if mask::has(frame.open(), lane) {
                each(ends[0] as usize..ends[1] as usize, lane);
            }
        }
    }
}

/// Whether a window takes what lies at a bound of it.
fn is_inclusive(bound: Bound, is_low: bool) -> bool {
    let is_flipped =
        (is_low && fault::is("masks.window-low-is-flipped")) || (!is_low && fault::is("masks.window-high-is-flipped"));
    bound.inclusive != is_flipped
}

/// The times of rows as numbers; none where they were not read.
fn numbers<'v>(times: &'v Vector) -> &'v [i64] {
    match times {
        Vector::Whole { values, .. } => values,
        _ => &[],
    }
}

/// The words of two masks together.
fn both<'m>(a: &'m [u64], b: &'m [u64]) -> impl Iterator<Item = u64> + 'm {
    a.iter().zip(b).map(|(a, b)| a & b)
}

/// The words of a mask without those of two others.
fn neither<'m>(of: &'m [u64], a: &'m [u64], b: &'m [u64]) -> impl Iterator<Item = u64> + 'm {
    of.iter().zip(a).zip(b).map(|((of, a), b)| of & !a & !b)
}

/// Two masks whose common lanes are those within the window that pass the filter.
fn chosen<'m>(frame: &'m Frame, filter: Option<&'m Vector>, lanes: usize) -> (Cow<'m, [u64]>, Cow<'m, [u64]>) {
    let within = frame.within();
    match filter {
        Some(filter) if fault::is("masks.unknown-passes-a-filter") => {
            (within.into(), mask::without(within, &filter.no(lanes)).into())
        }
        Some(filter) if fault::is("masks.filter-forgets-the-window") => (filter.yes(lanes), filter.yes(lanes)),
        Some(filter) => (within.into(), filter.yes(lanes)),
        None => (within.into(), within.into()),
    }
}

/// Sums or extremes of whole numbers for all lanes of the parent in one pass over the rows, and which of them are known.
/// `None` for other folds, and where a sum may leave 64 bits on its way.
fn whole_folds(
    kind: AggregateKind,
    values: &Vector,
    ty: &Type,
    has_value: &[u64],
    runs: &Runs,
) -> Option<(Vec<i64>, Words)> {
    let Vector::Whole { values, .. } = values else { return None };
    let kind = match kind {
        AggregateKind::Min if fault::is("masks.extremes-are-exchanged") => AggregateKind::Max,
        kind => kind,
    };
    let any = || runs.any(has_value.iter().copied());
    match kind {
        AggregateKind::Sum if matches!(Sum::of(ty), Some(Sum::Whole(..))) => {
            Some((runs.sums(values, has_value)?, mask::all(runs.parents())))
        }
        AggregateKind::Min => Some((runs.fold(values, has_value, i64::MAX, i64::min), any())),
        AggregateKind::Max => Some((runs.fold(values, has_value, i64::MIN, i64::max), any())),
        _ => None,
    }
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
