//! Columns of data as raw cells: Arrow arrays, CSV text and JSON values behind one small trait, so that a loop over a
//! column knows its layout once and not per cell. Judges nothing.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float64Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, LargeListArray, LargeStringArray, PrimitiveArray};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_cast::cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field, TimeUnit};
use seg_ir::time::DAY_US;

use crate::cell::Raw;
use crate::decimal::Decimal;
use crate::json::Json;
use crate::rule::Kind;

/// A column of raw cells.
pub(crate) trait Cells {
    fn raw(&self, row: usize) -> Raw<'_>;
}

/// Calls a generic function with the cells of an Arrow array.
macro_rules! with_cells {
    ($array:expr, $cells:ident => $body:expr) => {{
        let array: &ArrayRef = $array;
        match $crate::cells::Layout::of(array) {
            $crate::cells::Layout::Bool($cells) => $body,
            $crate::cells::Layout::Int($cells) => $body,
            $crate::cells::Layout::Float($cells) => $body,
            $crate::cells::Layout::Exact($cells) => $body,
            $crate::cells::Layout::Text($cells) => $body,
            $crate::cells::Layout::Date($cells) => $body,
            $crate::cells::Layout::Instant($cells) => $body,
            $crate::cells::Layout::Time($cells) => $body,
            $crate::cells::Layout::List($cells) => $body,
            $crate::cells::Layout::Nothing($cells) => $body,
        }
    }};
}
pub(crate) use with_cells;

/// A prepared Arrow array by its layout.
pub(crate) enum Layout<'a> {
    Bool(&'a BooleanArray),
    Int(&'a PrimitiveArray<Int64Type>),
    Float(&'a PrimitiveArray<Float64Type>),
    Exact(ExactCells<'a>),
    Text(&'a LargeStringArray),
    Date(&'a PrimitiveArray<Date32Type>),
    Instant(InstantCells),
    Time(&'a PrimitiveArray<Time64MicrosecondType>),
    List(ListCells<'a>),
    Nothing(NullCells),
}

pub(crate) struct ExactCells<'a>(&'a PrimitiveArray<Decimal128Type>, i32);

/// Instants or civil times in any unit.
pub(crate) struct InstantCells {
    values: ScalarBuffer<i64>,
    nulls: Option<NullBuffer>,
    unit: TimeUnit,
    civil: bool,
}

pub(crate) struct ListCells<'a> {
    list: &'a LargeListArray,
    items: Box<dyn Cells + 'a>,
}

pub(crate) struct NullCells;

/// CSV cells of one column; an empty one is missing.
pub(crate) struct CsvCells<'a> {
    pub column: &'a crate::read::TextColumn,
}

/// The values that JSON rows have at a path.
pub(crate) struct JsonCells<'a> {
    pub rows: &'a [Json],
    pub path: &'a [String],
}

impl<'a> Layout<'a> {
    /// **Errors**: none; an array that [`prepare`] did not make is all missing, which no caller relies on.
    pub fn of(array: &'a ArrayRef) -> Layout<'a> {
        match array.data_type() {
            DataType::Boolean => Layout::Bool(array.as_boolean()),
            DataType::Int64 => Layout::Int(array.as_primitive()),
            DataType::Float64 => Layout::Float(array.as_primitive()),
            DataType::Decimal128(_, scale) => Layout::Exact(ExactCells(array.as_primitive(), i32::from(*scale))),
            DataType::LargeUtf8 => Layout::Text(array.as_string()),
            DataType::Date32 => Layout::Date(array.as_primitive()),
            DataType::Time64(TimeUnit::Microsecond) => Layout::Time(array.as_primitive()),
            DataType::Timestamp(unit, zone) => Layout::Instant(InstantCells {
                values: match unit {
                    TimeUnit::Second => array.as_primitive::<TimestampSecondType>().values().clone(),
                    TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().values().clone(),
                    TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().values().clone(),
                    TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().values().clone(),
                },
                nulls: array.nulls().cloned(),
                unit: *unit,
                civil: zone.is_none(),
            }),
            DataType::LargeList(_) => {
                let list: &LargeListArray = array.as_list();
                let items: Box<dyn Cells + 'a> = with_cells!(list.values(), cells => Box::new(cells));
                Layout::List(ListCells { list, items })
            }
            _ => Layout::Nothing(NullCells),
        }
    }
}

/// Brings an array into one of the layouts that are read, without loss. **Errors**: a decimal too long for 128 bits.
pub(crate) fn prepare(array: &ArrayRef) -> Result<ArrayRef, String> {
    match layout_type(array.data_type()) {
        None => Ok(array.clone()),
        Some(target) if target == *array.data_type() => Ok(array.clone()),
        Some(target) => {
            let options = CastOptions { safe: false, ..CastOptions::default() };
            cast_with_options(array, &target, &options).map_err(|e| e.to_string())
        }
    }
}

/// The layout that arrays of a type are read in; `None` for types that fit no field.
fn layout_type(ty: &DataType) -> Option<DataType> {
    Some(match ty {
        DataType::Null | DataType::Boolean | DataType::Date32 | DataType::Timestamp(..) => ty.clone(),
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => DataType::Int64,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => DataType::Int64,
        DataType::UInt64 => DataType::Decimal128(20, 0),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => DataType::Float64,
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) | DataType::Decimal128(p, s) => {
            DataType::Decimal128(*p, *s)
        }
        DataType::Decimal256(_, s) => DataType::Decimal128(38, *s),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::LargeUtf8,
        DataType::Date64 => DataType::Timestamp(TimeUnit::Millisecond, None),
        DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            DataType::LargeList(Arc::new(Field::new("item", layout_type(item.data_type())?, true)))
        }
        DataType::Dictionary(_, values) => layout_type(values)?,
        DataType::RunEndEncoded(_, values) => layout_type(values.data_type())?,
        _ => return None,
    })
}

/// Whether some value of an Arrow type can be a value of the kind.
pub(crate) fn can_hold(ty: &DataType, kind: &Kind) -> bool {
    let Some(layout) = layout_type(ty) else { return false };
    if layout == DataType::Null {
        return true;
    }
    let number = matches!(layout, DataType::Int64 | DataType::Float64 | DataType::Decimal128(..));
    let whole = matches!(layout, DataType::Int64 | DataType::Decimal128(_, 0));
    let text = layout == DataType::LargeUtf8;
    match kind {
        Kind::Bool => layout == DataType::Boolean,
        Kind::Int | Kind::Number | Kind::Percent => number,
        Kind::Money(_) => number || text,
        Kind::Text | Kind::Enum(_) => text || whole,
        Kind::Date | Kind::Timestamp => text || matches!(layout, DataType::Date32 | DataType::Timestamp(..)),
        Kind::TimeOfDay => text || matches!(layout, DataType::Time64(_)),
        Kind::Reference(_, key) => can_hold(ty, &key.kind),
        Kind::List(item) => match &layout {
            DataType::LargeList(of) => can_hold(of.data_type(), &item.kind),
            _ => false,
        },
    }
}

macro_rules! cells {
    ($ty:ty, $make:expr) => {
        impl Cells for &$ty {
            #[inline(always)]
            fn raw(&self, row: usize) -> Raw<'_> {
                if self.is_null(row) { Raw::Null } else { $make(self.value(row)) }
            }
        }
    };
}

cells!(BooleanArray, Raw::Bool);
cells!(PrimitiveArray<Int64Type>, Raw::Int);
cells!(PrimitiveArray<Float64Type>, Raw::Float);
cells!(LargeStringArray, Raw::Text);
cells!(PrimitiveArray<Date32Type>, Raw::Date);
cells!(PrimitiveArray<Time64MicrosecondType>, Raw::Time);

impl Cells for ExactCells<'_> {
    #[inline(always)]
    fn raw(&self, row: usize) -> Raw<'_> {
        if self.0.is_null(row) {
            return Raw::Null;
        }
        let scale = self.1 + i32::from(seg_ir::fault::is("ingest.decimal-columns-have-another-scale"));
        Raw::Exact(Decimal { unscaled: self.0.value(row), scale })
    }
}

impl Cells for InstantCells {
    #[inline(always)]
    fn raw(&self, row: usize) -> Raw<'_> {
        if self.nulls.as_ref().is_some_and(|n| n.is_null(row)) && !seg_ir::fault::is("ingest.null-instants-are-values")
        {
            return Raw::Null;
        }
        let Some(value) = self.values.get(row) else { return Raw::Null };
        let micros = match self.unit {
            TimeUnit::Second => value.saturating_mul(1_000_000),
            TimeUnit::Millisecond if seg_ir::fault::is("ingest.milliseconds-are-microseconds") => *value,
            TimeUnit::Millisecond => value.saturating_mul(1_000),
            TimeUnit::Microsecond => *value,
            TimeUnit::Nanosecond if seg_ir::fault::is("ingest.nanoseconds-are-rounded-to-zero") => value / 1_000,
            TimeUnit::Nanosecond => value.div_euclid(1_000),
        };
        if !self.civil {
            return Raw::Instant(micros);
        }
        // 2^63 microseconds are fewer days than an i32 counts.
        Raw::Civil(micros.div_euclid(DAY_US) as i32, micros.rem_euclid(DAY_US))
    }
}

impl Cells for ListCells<'_> {
    fn raw(&self, row: usize) -> Raw<'_> {
        if self.list.is_null(row) {
            return Raw::Null;
        }
        let at = |i: usize| self.list.value_offsets().get(i).map_or(0, |o| *o as usize);
        Raw::List((at(row)..at(row + 1)).map(|i| self.items.raw(i)).collect())
    }
}

impl Cells for NullCells {
    fn raw(&self, _: usize) -> Raw<'_> {
        Raw::Null
    }
}

impl Cells for CsvCells<'_> {
    #[inline(always)]
    fn raw(&self, row: usize) -> Raw<'_> {
        match self.column.get(row) {
            "" if seg_ir::fault::is("ingest.empty-csv-cells-are-texts") => Raw::Untyped(""),
            "" => Raw::Null,
            text => Raw::Untyped(text),
        }
    }
}

impl Cells for JsonCells<'_> {
    fn raw(&self, row: usize) -> Raw<'_> {
        self.rows.get(row).map_or(Raw::Null, |json| json.at(self.path))
    }
}
