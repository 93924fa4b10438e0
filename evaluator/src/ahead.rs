//! Memory asked ahead: while one block of customers is decided, what the next one will read is on its way. Changes no answer,
//! and nothing is read: the processor is told what will be.

use std::ops::Range;

use crate::column::Column;

/// Bytes that memory gives at once.
const LINE: usize = 64;

/// One of the equal parts of some work, so that the processor is asked little by little: it waits for few lines at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub part: usize,
    pub of: usize,
}

/// Asks for a share of what some rows of a column take; rows beyond its end are not asked for.
pub(crate) fn ask(column: &Column, rows: Range<usize>, share: Share) {
    match column {
        Column::Int(a) | Column::Percent(a) | Column::Money(a) | Column::Timestamp(a) | Column::Span(a) => {
            lines(a.values(), &rows, share);
        }
        Column::Number(a) => lines(a.values(), &rows, share),
        Column::Date(a) | Column::TimeOfDay(a) => lines(a.values(), &rows, share),
        Column::Enum(a) | Column::Reference(a) => lines(a.values(), &rows, share),
        Column::Text(a) => {
            let offsets = a.value_offsets();
            lines(offsets, &rows, share);
            let end = rows.end.min(offsets.len().saturating_sub(1));
            let at = |row: usize| offsets.get(row).and_then(|offset| usize::try_from(*offset).ok());
            if let (Some(first), Some(last)) = (at(rows.start), at(end)) {
                lines(a.value_data(), &(first..last), share);
            }
        }
        // A bit for each row is two lines a block.
        Column::Bool(_) | Column::List(_) | Column::Unread(_) => {}
    }
}

/// A share of the lines that a range of values lies in.
fn lines<T>(values: &[T], range: &Range<usize>, share: Share) {
    let end = range.end.min(values.len());
    let Some(values) = values.get(range.start.min(end)..end) else { return };
    let per_line = (LINE / size_of::<T>()).max(1);
    let part = values.len().div_ceil(share.of.max(1)).next_multiple_of(per_line);
    for line in values.chunks(part.max(1)).nth(share.part).unwrap_or(&[]).chunks(per_line) {
        fetch(line.as_ptr());
    }
}

#[cfg(target_arch = "x86_64")]
fn fetch<T>(at: *const T) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a hint; it reads nothing and cannot fault, wherever the address leads.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
}

#[cfg(not(target_arch = "x86_64"))]
fn fetch<T>(_: *const T) {}
