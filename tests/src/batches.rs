//! Plain records as Arrow batches, so that what one record gives can be held against what columns give.

use std::sync::Arc;

use arrow_array::builder::BooleanBuilder;
use arrow_array::{Float64Array, Int32Array, Int64Array, LargeStringArray, UInt32Array};
use arrow_buffer::OffsetBuffer;
use seg_evaluator::{Batch, Column, ListColumn, Ranges, Table, Tables};
use seg_ir::interpret::Source;
use seg_ir::schema::{PROFILE, TableKind};
use seg_ir::{FieldId, Record, Schema, TableId, Type, Value};

/// A batch of one customer. A `test` block may leave out what data must have, and so may the batch.
/// **Errors**: what the schema forbids.
pub fn of_record(schema: &Schema, record: &Record) -> Result<Batch, String> {
    let mut lenient = schema.clone();
    lenient.tables.iter_mut().flat_map(|table| &mut table.fields).for_each(|field| field.optional = true);
    let schema = &lenient;
    let table = |id: TableId| {
        let fields = schema.table(id).fields.iter().enumerate();
        let columns = fields.map(|(n, field)| {
            let values = (0..record.rows(id).len() as u32).map(|row| record.field(id, FieldId(n as u32), row));
            column(&field.ty, values)
        });
        Table { columns: columns.collect(), rows: record.rows(id).len() }
    };
    let tables = schema.table_ids().map(|(id, declared)| (declared.kind != TableKind::Profile).then(|| table(id)));
    let tables = Tables::new(schema, tables.collect()).map_err(|e| e.to_string())?;
    let ranges = schema.collection_ids().map(|(id, _)| {
        let rows = record.events(id, 0)?;
        Some(Ranges { starts: vec![rows.start].into(), ends: vec![rows.end].into() })
    });
    let keys = Column::Int(Int64Array::from(vec![0]));
    Batch::new(schema, table(PROFILE), keys, Arc::new(tables), ranges.collect()).map_err(|e| e.to_string())
}

/// A column of values of a type.
pub fn column<'v>(ty: &Type, values: impl Iterator<Item = Value<'v>>) -> Column {
    let values: Vec<Value> = values.collect();
    let longs = || -> Int64Array {
        let long = |value: &Value| match value {
            Value::Int(v) | Value::Percent(v) | Value::Money(v) | Value::Timestamp(v) | Value::Span(v) => Some(*v),
            _ => None,
        };
        values.iter().map(long).collect()
    };
    let ints = || -> Int32Array {
        let int = |value: &Value| match value {
            Value::Date(v) | Value::TimeOfDay(v) => Some(*v),
            _ => None,
        };
        values.iter().map(int).collect()
    };
    let indices = || -> UInt32Array {
        let index = |value: &Value| match value {
            Value::Enum(v) | Value::Reference(v) => Some(*v),
            _ => None,
        };
        values.iter().map(index).collect()
    };
    match ty {
        Type::Bool => {
            let mut builder = BooleanBuilder::new();
            values.iter().for_each(|value| builder.append_option(value.as_bool()));
            Column::Bool(builder.finish())
        }
        Type::Int => Column::Int(longs()),
        Type::Percent => Column::Percent(longs()),
        Type::Money(_) => Column::Money(longs()),
        Type::Timestamp => Column::Timestamp(longs()),
        Type::Span => Column::Span(longs()),
        Type::Number => {
            let number = |value: &Value| match value {
                Value::Number(v) => Some(*v),
                _ => None,
            };
            Column::Number(values.iter().map(number).collect::<Float64Array>())
        }
        Type::Text => Column::Text(values.iter().map(Value::as_text).collect::<LargeStringArray>()),
        Type::Date => Column::Date(ints()),
        Type::TimeOfDay => Column::TimeOfDay(ints()),
        Type::Enum(_) => Column::Enum(indices()),
        Type::Reference(_) => Column::Reference(indices()),
        // No field is of this type.
        Type::Period => Column::Unread(values.len()),
        Type::List(item) => {
            let lists = values.iter().map(|value| match value {
                Value::List(items) => items.to_vec(),
                _ => Vec::new(),
            });
            let lists: Vec<Vec<Value>> = lists.collect();
            Column::List(ListColumn {
                offsets: OffsetBuffer::from_lengths(lists.iter().map(Vec::len)),
                items: Box::new(column(item, lists.into_iter().flatten())),
                nulls: Some(values.iter().map(|value| !value.is_missing()).collect::<Vec<bool>>().into()),
            })
        }
    }
}
