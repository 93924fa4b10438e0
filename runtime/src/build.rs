//! Builds typed columns from validated cells, and picks rows of them. Knows no raw data.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, LargeStringBuilder, PrimitiveBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float64Type, Int32Type, Int64Type, UInt32Type};
use arrow_array::{Array, PrimitiveArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_select::take::take;
use seg_evaluator::{Column, ListColumn};
use seg_ir::Const;

use crate::error::Error;
use crate::rule::Kind;

/// A column that grows.
pub(crate) enum Builder {
    Bool(BooleanBuilder),
    Wide(PrimitiveBuilder<Int64Type>, Wide),
    Number(PrimitiveBuilder<Float64Type>),
    Narrow(PrimitiveBuilder<Int32Type>, Narrow),
    Code(PrimitiveBuilder<UInt32Type>, Code),
    Text(LargeStringBuilder),
    List { items: Box<Builder>, lengths: Vec<usize>, valid: Vec<bool> },
}

/// What whole numbers of 64 bits stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wide {
    Int,
    Percent,
    Money,
    Timestamp,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Narrow {
    Date,
    TimeOfDay,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Code {
    Enum,
    Reference,
}

impl Builder {
    /// A column that is likely to get so many rows.
    pub fn new(kind: &Kind, rows: usize) -> Builder {
        let wide = |what| Builder::Wide(PrimitiveBuilder::with_capacity(rows), what);
        let narrow = |what| Builder::Narrow(PrimitiveBuilder::with_capacity(rows), what);
        let code = |what| Builder::Code(PrimitiveBuilder::with_capacity(rows), what);
        match kind {
            Kind::Bool => Builder::Bool(BooleanBuilder::with_capacity(rows)),
            Kind::Int => wide(Wide::Int),
            Kind::Percent => wide(Wide::Percent),
            Kind::Money(_) => wide(Wide::Money),
            Kind::Timestamp => wide(Wide::Timestamp),
            Kind::Number => Builder::Number(PrimitiveBuilder::with_capacity(rows)),
            Kind::Date => narrow(Narrow::Date),
            Kind::TimeOfDay => narrow(Narrow::TimeOfDay),
            Kind::Enum(_) => code(Code::Enum),
            Kind::Reference(..) => code(Code::Reference),
            Kind::Text => Builder::Text(LargeStringBuilder::with_capacity(rows, rows * 8)),
            Kind::List(item) => {
                let items = Box::new(Builder::new(&item.kind, rows));
                Builder::List { items, lengths: Vec::with_capacity(rows), valid: Vec::with_capacity(rows) }
            }
        }
    }

    /// Adds a constant of the column's type; anything else is missing.
    pub fn push(&mut self, value: &Const) {
        match (self, value) {
            (Builder::Bool(b), Const::Bool(v)) => b.append_value(*v),
            (Builder::Wide(b, _), Const::Int(v) | Const::Percent(v) | Const::Money(v) | Const::Timestamp(v)) => {
                b.append_value(*v);
            }
            (Builder::Number(b), Const::Number(bits)) => b.append_value(f64::from_bits(*bits)),
            (Builder::Narrow(b, _), Const::Date(v) | Const::TimeOfDay(v)) => b.append_value(*v),
            (Builder::Code(b, _), Const::Enum(v) | Const::Reference(v)) => b.append_value(*v),
            (Builder::Text(b), Const::Text(v)) => b.append_value(v),
            (Builder::List { items, lengths, valid }, Const::List(list)) => {
                list.iter().for_each(|item| items.push(item));
                lengths.push(list.len());
                valid.push(true);
            }
            (builder, _) => builder.push_missing(),
        }
    }

    pub fn push_missing(&mut self) {
        match self {
            Builder::Bool(b) => b.append_null(),
            Builder::Wide(b, _) => b.append_null(),
            Builder::Number(b) => b.append_null(),
            Builder::Narrow(b, _) => b.append_null(),
            Builder::Code(b, _) => b.append_null(),
            Builder::Text(b) => b.append_null(),
            Builder::List { lengths, valid, .. } => {
                lengths.push(0);
                valid.push(false);
            }
        }
    }

    pub fn finish(self) -> Column {
        match self {
            Builder::Bool(mut b) => Column::Bool(b.finish()),
            Builder::Wide(mut b, what) => match what {
                Wide::Int => Column::Int(b.finish()),
                Wide::Percent => Column::Percent(b.finish()),
                Wide::Money => Column::Money(b.finish()),
                Wide::Timestamp => Column::Timestamp(b.finish()),
            },
            Builder::Number(mut b) => Column::Number(b.finish()),
            Builder::Narrow(mut b, what) => match what {
                Narrow::Date => Column::Date(b.finish()),
                Narrow::TimeOfDay => Column::TimeOfDay(b.finish()),
            },
            Builder::Code(mut b, what) => match what {
                Code::Enum => Column::Enum(b.finish()),
                Code::Reference => Column::Reference(b.finish()),
            },
            Builder::Text(mut b) => Column::Text(b.finish()),
            Builder::List { items, lengths, valid } => Column::List(ListColumn {
                offsets: OffsetBuffer::from_lengths(lengths),
                items: Box::new(items.finish()),
                nulls: Some(NullBuffer::from(valid)),
            }),
        }
    }
}

/// Columns of one field, one after another.
pub(crate) fn concat(parts: &[Column]) -> Result<Column, Error> {
    macro_rules! joined {
        ($what:ident, $layout:ident) => {{
            let arrays =
                parts.iter().filter_map(|part| if let Column::$what(array) = part { Some(array) } else { None });
            let arrays: Vec<&dyn Array> = arrays.map(|array| array as &dyn Array).collect();
            Column::$what(arrow(arrow_select::concat::concat(&arrays))?.$layout().clone())
        }};
    }
    let Some(first) = parts.first().filter(|_| parts.len() > 1) else {
        return Ok(parts.first().cloned().unwrap_or(Column::Unread(0)));
    };
    Ok(match first {
        Column::Bool(_) => joined!(Bool, as_boolean),
        Column::Int(_) => joined!(Int, as_primitive),
        Column::Percent(_) => joined!(Percent, as_primitive),
        Column::Money(_) => joined!(Money, as_primitive),
        Column::Timestamp(_) => joined!(Timestamp, as_primitive),
        Column::Span(_) => joined!(Span, as_primitive),
        Column::Number(_) => joined!(Number, as_primitive),
        Column::Date(_) => joined!(Date, as_primitive),
        Column::TimeOfDay(_) => joined!(TimeOfDay, as_primitive),
        Column::Enum(_) => joined!(Enum, as_primitive),
        Column::Reference(_) => joined!(Reference, as_primitive),
        Column::Text(_) => joined!(Text, as_string),
        Column::Unread(_) => Column::Unread(parts.iter().map(Column::len).sum()),
        Column::List(_) => {
            let lists: Vec<&ListColumn> =
                parts.iter().filter_map(|part| if let Column::List(list) = part { Some(list) } else { None }).collect();
            let items: Vec<Column> = lists.iter().map(|list| (*list.items).clone()).collect();
            let lengths = lists.iter().flat_map(|list| (0..list.offsets.len() - 1).map(|row| list.range(row).len()));
            let valid = |list: &&ListColumn| {
                let rows = 0..list.offsets.len() - 1;
                rows.map(|row| list.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))).collect::<Vec<bool>>()
            };
            Column::List(ListColumn {
                offsets: OffsetBuffer::from_lengths(lengths),
                items: Box::new(concat(&items)?),
                nulls: Some(lists.iter().flat_map(valid).collect::<Vec<bool>>().into()),
            })
        }
    })
}

/// The rows of a column in another order, or only some of them.
pub(crate) fn pick(column: &Column, rows: &UInt32Array) -> Result<Column, Error> {
    Ok(match column {
        Column::Bool(a) => Column::Bool(taken(a, rows)?.as_boolean().clone()),
        Column::Int(a) => Column::Int(primitive(a, rows)?),
        Column::Percent(a) => Column::Percent(primitive(a, rows)?),
        Column::Money(a) => Column::Money(primitive(a, rows)?),
        Column::Timestamp(a) => Column::Timestamp(primitive(a, rows)?),
        Column::Span(a) => Column::Span(primitive(a, rows)?),
        Column::Number(a) => Column::Number(primitive(a, rows)?),
        Column::Date(a) => Column::Date(primitive(a, rows)?),
        Column::TimeOfDay(a) => Column::TimeOfDay(primitive(a, rows)?),
        Column::Enum(a) => Column::Enum(primitive(a, rows)?),
        Column::Reference(a) => Column::Reference(primitive(a, rows)?),
        Column::Text(a) => Column::Text(taken(a, rows)?.as_string().clone()),
        Column::Unread(_) => Column::Unread(rows.len()),
        Column::List(list) => {
            let picked = rows.values().iter().map(|row| *row as usize);
            let ranges: Vec<_> = picked.clone().map(|row| list.range(row)).collect();
            let items: UInt32Array = ranges.iter().cloned().flatten().map(|i| i as u32).collect::<Vec<u32>>().into();
            let nulls = list.nulls.as_ref().map(|n| NullBuffer::from_iter(picked.map(|row| n.is_valid(row))));
            Column::List(ListColumn {
                offsets: OffsetBuffer::from_lengths(ranges.iter().map(std::iter::ExactSizeIterator::len)),
                items: Box::new(pick(&list.items, &items)?),
                nulls,
            })
        }
    })
}

/// So many rows of a column from one on, shared with it.
pub(crate) fn slice(column: &Column, from: usize, rows: usize) -> Column {
    match column {
        Column::Bool(a) => Column::Bool(a.slice(from, rows)),
        Column::Int(a) => Column::Int(a.slice(from, rows)),
        Column::Percent(a) => Column::Percent(a.slice(from, rows)),
        Column::Money(a) => Column::Money(a.slice(from, rows)),
        Column::Timestamp(a) => Column::Timestamp(a.slice(from, rows)),
        Column::Span(a) => Column::Span(a.slice(from, rows)),
        Column::Number(a) => Column::Number(a.slice(from, rows)),
        Column::Date(a) => Column::Date(a.slice(from, rows)),
        Column::TimeOfDay(a) => Column::TimeOfDay(a.slice(from, rows)),
        Column::Enum(a) => Column::Enum(a.slice(from, rows)),
        Column::Reference(a) => Column::Reference(a.slice(from, rows)),
        Column::Text(a) => Column::Text(a.slice(from, rows)),
        Column::Unread(_) => Column::Unread(rows),
        Column::List(list) => {
            let ranges = (from..from + rows).map(|row| list.range(row));
            let start = list.range(from).start;
            let end = ranges.clone().next_back().map_or(start, |range| range.end);
            Column::List(ListColumn {
                offsets: OffsetBuffer::from_lengths(ranges.map(|range| range.len())),
                items: Box::new(slice(&list.items, start, end - start)),
                nulls: list.nulls.as_ref().map(|nulls| nulls.slice(from, rows)),
            })
        }
    }
}

/// The bytes of a column's values, those of rows that it was cut out of not counted.
pub(crate) fn bytes(column: &Column) -> usize {
    let rows = column.len();
    let values = match column {
        Column::Bool(_) => rows.div_ceil(8),
        Column::Int(_) | Column::Percent(_) | Column::Money(_) | Column::Timestamp(_) => 8 * rows,
        Column::Span(_) | Column::Number(_) => 8 * rows,
        Column::Date(_) | Column::TimeOfDay(_) | Column::Enum(_) | Column::Reference(_) => 4 * rows,
        Column::Text(a) => {
            let offsets = a.value_offsets();
            let (first, last) = (offsets.first().copied().unwrap_or(0), offsets.last().copied().unwrap_or(0));
            8 * rows + usize::try_from(last - first).unwrap_or(0)
        }
        Column::List(list) => 8 * rows + bytes(&list.items),
        Column::Unread(_) => 0,
    };
    values + column.nulls().map_or(0, |_| rows.div_ceil(8))
}

fn taken(array: &dyn Array, rows: &UInt32Array) -> Result<Arc<dyn Array>, Error> {
    arrow(take(array, rows, None))
}

fn arrow<T>(result: Result<T, arrow_schema::ArrowError>) -> Result<T, Error> {
    result.map_err(|e| Error::Invalid(seg_evaluator::Invalid(e.to_string())))
}

fn primitive<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, rows: &UInt32Array) -> Result<PrimitiveArray<T>, Error> {
    Ok(taken(array, rows)?.as_primitive().clone())
}
