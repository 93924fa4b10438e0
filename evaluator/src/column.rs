//! The physical layout of a field: Arrow buffers of primitive types, with validity. Knows neither tables nor customers.

use arrow_array::{Array, BooleanArray, Float64Array, Int32Array, Int64Array, LargeStringArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use seg_ir::schema::Schema;
use seg_ir::{Reason, Type, Value};

/// The values of one field. **Units**: those of the field's [`Type`]. A null is a missing value.
#[derive(Debug, Clone)]
pub enum Column {
    Bool(BooleanArray),
    Int(Int64Array),
    /// Finite, never -0.
    Number(Float64Array),
    /// Millionths.
    Percent(Int64Array),
    /// Minor units.
    Money(Int64Array),
    /// In normal form C.
    Text(LargeStringArray),
    Date(Int32Array),
    Timestamp(Int64Array),
    TimeOfDay(Int32Array),
    Span(Int64Array),
    /// Indices of members.
    Enum(UInt32Array),
    /// Rows of the reference table.
    Reference(UInt32Array),
    List(ListColumn),
    /// Nothing reads the field, so it is not kept: that many rows, all missing.
    Unread(usize),
}

/// Short lists: the items of row `i` are those from `offsets[i]` to `offsets[i + 1]`.
#[derive(Debug, Clone)]
pub struct ListColumn {
    pub offsets: OffsetBuffer<i64>,
    pub items: Box<Column>,
    pub nulls: Option<NullBuffer>,
}

impl Column {
    pub fn len(&self) -> usize {
        match self {
            Column::Bool(a) => a.len(),
            Column::Int(a) | Column::Percent(a) | Column::Money(a) | Column::Timestamp(a) | Column::Span(a) => a.len(),
            Column::Number(a) => a.len(),
            Column::Text(a) => a.len(),
            Column::Date(a) | Column::TimeOfDay(a) => a.len(),
            Column::Enum(a) | Column::Reference(a) => a.len(),
            Column::List(a) => a.offsets.len().saturating_sub(1),
            Column::Unread(rows) => *rows,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Which rows have a value; `None` when all have.
    pub fn nulls(&self) -> Option<&NullBuffer> {
        match self {
            Column::Bool(a) => a.nulls(),
            Column::Int(a) | Column::Percent(a) | Column::Money(a) | Column::Timestamp(a) | Column::Span(a) => {
                a.nulls()
            }
            Column::Number(a) => a.nulls(),
            Column::Text(a) => a.nulls(),
            Column::Date(a) | Column::TimeOfDay(a) => a.nulls(),
            Column::Enum(a) | Column::Reference(a) => a.nulls(),
            Column::List(a) => a.nulls.as_ref(),
            Column::Unread(_) => None,
        }
    }

    /// The value of a row. Only lists allocate. A row beyond the end is missing.
    pub fn value(&self, row: usize) -> Value<'_> {
        if row >= self.len() || self.nulls().is_some_and(|n| n.is_null(row)) {
            return Value::Missing(Reason::NotGiven);
        }
        match self {
            Column::Bool(a) => Value::Bool(a.value(row)),
            Column::Int(a) => Value::Int(a.value(row)),
            Column::Number(a) => Value::Number(a.value(row)),
            Column::Percent(a) => Value::Percent(a.value(row)),
            Column::Money(a) => Value::Money(a.value(row)),
            Column::Text(a) => Value::Text(a.value(row)),
            Column::Date(a) => Value::Date(a.value(row)),
            Column::Timestamp(a) => Value::Timestamp(a.value(row)),
            Column::TimeOfDay(a) => Value::TimeOfDay(a.value(row)),
            Column::Span(a) => Value::Span(a.value(row)),
            Column::Enum(a) => Value::Enum(a.value(row)),
            Column::Reference(a) => Value::Reference(a.value(row)),
            Column::List(a) => Value::List(a.range(row).map(|i| a.items.value(i)).collect()),
            Column::Unread(_) => Value::Missing(Reason::NotGiven),
        }
    }

    /// What breaks the layout of a field of type `ty`, in words. `targets(t)` is how many rows reference table `t` has.
    pub fn fault(&self, ty: &Type, schema: &Schema, targets: &dyn Fn(seg_ir::TableId) -> usize) -> Option<String> {
        let below = |a: &UInt32Array, limit: usize| a.iter().flatten().all(|v| (v as usize) < limit);
        let fits = match (self, ty) {
            (Column::Unread(_), _)
            | (Column::Bool(_), Type::Bool)
            | (Column::Int(_), Type::Int)
            | (Column::Percent(_), Type::Percent)
            | (Column::Money(_), Type::Money(_))
            | (Column::Text(_), Type::Text)
            | (Column::Date(_), Type::Date)
            | (Column::Timestamp(_), Type::Timestamp)
            | (Column::TimeOfDay(_), Type::TimeOfDay)
            | (Column::Span(_), Type::Span) => true,
            (Column::Number(a), Type::Number) => a.iter().flatten().all(f64::is_finite),
            (Column::Enum(a), Type::Enum(id)) => below(a, schema.enum_type(*id).members.len()),
            (Column::Reference(a), Type::Reference(id)) => below(a, targets(*id)),
            (Column::List(a), Type::List(item)) => {
                let end = a.offsets.last().copied().unwrap_or(0);
                if !usize::try_from(end).is_ok_and(|end| end <= a.items.len()) {
                    return Some("a list reaches beyond its items".to_string());
                }
                if a.nulls.as_ref().is_some_and(|nulls| nulls.len() != self.len()) {
                    return Some("its lists and their validity differ in number".to_string());
                }
                return a.items.fault(item, schema, targets);
            }
            _ => false,
        };
        (!fits).then(|| format!("its column does not hold values of {}", schema.show_type(ty)))
    }
}

impl ListColumn {
    /// Where the items of a row stand. **Errors**: none; a row beyond the end has no items.
    pub fn range(&self, row: usize) -> std::ops::Range<usize> {
        let at = |i: usize| self.offsets.get(i).and_then(|o| usize::try_from(*o).ok()).unwrap_or(0);
        at(row)..at(row + 1)
    }
}
