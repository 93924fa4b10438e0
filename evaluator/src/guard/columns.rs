//! Columns whose every buffer lies in a mapping of its own: no byte more than its rows need. Knows Arrow's layouts.

use std::sync::Arc;

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, BooleanArray, LargeStringArray, PrimitiveArray};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

use super::pages::Fence;
use crate::batch::{Ranges, Table};
use crate::column::{Column, ListColumn};

pub(crate) fn table(table: Table) -> Table {
    Table { columns: table.columns.into_iter().map(column).collect(), rows: table.rows }
}

pub(crate) fn ranges(ranges: Ranges) -> Ranges {
    Ranges { starts: numbers(&ranges.starts), ends: numbers(&ranges.ends) }
}

pub(crate) fn column(column: Column) -> Column {
    match column {
        Column::Bool(a) => Column::Bool(BooleanArray::new(bits(a.values()), nulls(a.nulls()))),
        Column::Int(a) => Column::Int(primitive(&a)),
        Column::Number(a) => Column::Number(primitive(&a)),
        Column::Percent(a) => Column::Percent(primitive(&a)),
        Column::Money(a) => Column::Money(primitive(&a)),
        Column::Text(a) => Column::Text(texts(&a)),
        Column::Date(a) => Column::Date(primitive(&a)),
        Column::Timestamp(a) => Column::Timestamp(primitive(&a)),
        Column::TimeOfDay(a) => Column::TimeOfDay(primitive(&a)),
        Column::Span(a) => Column::Span(primitive(&a)),
        Column::Enum(a) => Column::Enum(primitive(&a)),
        Column::Reference(a) => Column::Reference(primitive(&a)),
        Column::List(a) => Column::List(ListColumn {
            offsets: offsets(&a.offsets),
            items: Box::new(self::column(*a.items)),
            nulls: nulls(a.nulls.as_ref()),
        }),
        Column::Unread(rows) => Column::Unread(rows),
    }
}

fn primitive<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>) -> PrimitiveArray<T> {
    PrimitiveArray::new(numbers(array.values()), nulls(array.nulls()))
}

/// Texts with the bytes of theirs alone, from the first's first to the last's last.
fn texts(array: &LargeStringArray) -> LargeStringArray {
    let ends = array.value_offsets();
    let (first, last) = (ends.first().copied().unwrap_or(0), ends.last().copied().unwrap_or(0));
    let bytes = array.value_data().get(first as usize..last as usize).unwrap_or(&[]);
    let ends: Vec<i64> = ends.iter().map(|end| end - first).collect();
    let ends = OffsetBuffer::new(ScalarBuffer::new(buffer(&ends), 0, ends.len()));
    LargeStringArray::new(ends, buffer(bytes), nulls(array.nulls()))
}

fn offsets(given: &OffsetBuffer<i64>) -> OffsetBuffer<i64> {
    OffsetBuffer::new(numbers(given.inner()))
}

fn numbers<T: ArrowNativeType>(values: &ScalarBuffer<T>) -> ScalarBuffer<T> {
    ScalarBuffer::new(buffer(values), 0, values.len())
}

fn nulls(given: Option<&NullBuffer>) -> Option<NullBuffer> {
    given.map(|nulls| NullBuffer::new(bits(nulls.inner())))
}

/// The bytes that hold any of the bits, and no others.
fn bits(given: &BooleanBuffer) -> BooleanBuffer {
    let (first, len) = (given.offset(), given.len());
    let bytes = given.values().get(first / 8..(first + len).div_ceil(8)).unwrap_or(&[]);
    BooleanBuffer::new(buffer(bytes), first % 8, len)
}

fn buffer<T: ArrowNativeType>(values: &[T]) -> Buffer {
    let (first, bytes, pages) = Fence::sealed(values).into_parts();
    // SAFETY: there are so many bytes from `first` on, for as long as the pages are there, which the buffer keeps.
    unsafe { Buffer::from_custom_allocation(first, bytes, Arc::new(pages)) }
}
