//! Answers as Arrow columns: what the interpreter gives for every customer of a batch, by the type of the node.
//! Money and percentages leave as exact decimals, enum members as their data text, pointers as their keys.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, DurationMicrosecondBuilder, Float64Builder, Int64Builder,
    StringBuilder, Time32SecondBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, ListArray, new_null_array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, TimeUnit};
use seg_ir::interpret::{Context, Interpreter, Source, Tally};
use seg_ir::{NodeId, Schema, Type, Value};

use crate::batch::Batch;
use crate::column::Column;

/// Digits of a decimal: every 64-bit amount fits.
const DIGITS: u8 = 19;

/// The answers for a batch. **Shape**: one column a node, one row a customer; null is missing or unknown.
#[derive(Debug, Clone)]
pub struct Answers {
    pub columns: Vec<ArrayRef>,
    /// By column: what was counted while it was decided, if it was. [`Answers::counts`] asks for all.
    pub(crate) counts: Vec<Option<Counts>>,
    pub tally: Tally,
}

/// For how many customers a condition is true, and for how many it is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub inside: u64,
    pub unknown: u64,
}

impl Answers {
    /// The counts of a column; none where its node is no condition.
    pub fn counts(&self, at: usize) -> Option<Counts> {
        if let Some(counted) = self.counts.get(at)? {
            return Some(*counted);
        }
        let values = self.columns.get(at)?.as_boolean_opt()?;
        Some(Counts { inside: values.true_count() as u64, unknown: values.null_count() as u64 })
    }
}

/// Evaluates nodes for every customer of a batch by the reference interpreter.
pub fn interpret(context: Context<'_>, batch: &Batch, nodes: &[NodeId]) -> Answers {
    let mut interpreter = Interpreter::new(context, batch);
    let mut builders: Vec<Builder> = nodes.iter().map(|id| Builder::new(context.ir.ty(*id), context.schema)).collect();
    for customer in 0..batch.len() as u32 {
        interpreter.customer(customer);
        for (builder, id) in builders.iter_mut().zip(nodes) {
            builder.push(&interpreter.value(*id), batch);
        }
    }
    let columns = builders.into_iter().map(Builder::finish).collect();
    Answers { columns, counts: vec![None; nodes.len()], tally: interpreter.tally }
}

/// A stored column as it leaves, for keys.
pub fn export<S: Source>(column: &Column, ty: &Type, schema: &Schema, source: &S) -> ArrayRef {
    let mut builder = Builder::new(ty, schema);
    (0..column.len()).for_each(|row| builder.push(&column.value(row), source));
    builder.finish()
}

/// The Arrow type in which values of a type leave.
pub fn arrow_type(ty: &Type, schema: &Schema) -> DataType {
    match ty {
        Type::Bool => DataType::Boolean,
        Type::Int => DataType::Int64,
        Type::Number => DataType::Float64,
        Type::Percent => DataType::Decimal128(DIGITS, 6),
        Type::Money(currency) => DataType::Decimal128(DIGITS, currency.exponent() as i8),
        Type::Text | Type::Enum(_) | Type::Period => DataType::Utf8,
        Type::Date => DataType::Date32,
        Type::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Type::TimeOfDay => DataType::Time32(TimeUnit::Second),
        Type::Span => DataType::Duration(TimeUnit::Microsecond),
        Type::List(item) => DataType::List(item_field(item, schema)),
        Type::Reference(table) => {
            let table = schema.table(*table);
            table
                .key
                .and_then(|key| table.fields.get(key.0 as usize))
                .map_or(DataType::Utf8, |f| arrow_type(&f.ty, schema))
        }
    }
}

fn item_field(item: &Type, schema: &Schema) -> Arc<Field> {
    Arc::new(Field::new("item", arrow_type(item, schema), true))
}

pub(crate) enum Builder<'s> {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Number(Float64Builder),
    Decimal(Decimal128Builder),
    Text(StringBuilder),
    Enum(StringBuilder, &'s [seg_ir::schema::Member]),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    TimeOfDay(Time32SecondBuilder),
    Span(DurationMicrosecondBuilder),
    Period(StringBuilder),
    List {
        item: Arc<Field>,
        items: Box<Builder<'s>>,
        lengths: Vec<usize>,
        valid: Vec<bool>,
    },
    /// A pointer leaves as the key of the row that it points to.
    Pointer {
        table: seg_ir::TableId,
        key: seg_ir::FieldId,
        keys: Box<Builder<'s>>,
    },
    /// A pointer into a table without key: there is nothing to name its rows by.
    Nothing(usize),
}

impl<'s> Builder<'s> {
    pub(crate) fn new(ty: &Type, schema: &'s Schema) -> Builder<'s> {
        match ty {
            Type::Bool => Builder::Bool(BooleanBuilder::new()),
            Type::Int => Builder::Int(Int64Builder::new()),
            Type::Number => Builder::Number(Float64Builder::new()),
            Type::Percent | Type::Money(_) => {
                Builder::Decimal(Decimal128Builder::new().with_data_type(arrow_type(ty, schema)))
            }
            Type::Text => Builder::Text(StringBuilder::new()),
            Type::Enum(id) => Builder::Enum(StringBuilder::new(), &schema.enum_type(*id).members),
            Type::Date => Builder::Date(Date32Builder::new()),
            Type::Timestamp => {
                Builder::Timestamp(TimestampMicrosecondBuilder::new().with_data_type(arrow_type(ty, schema)))
            }
            Type::TimeOfDay => Builder::TimeOfDay(Time32SecondBuilder::new()),
            Type::Span => Builder::Span(DurationMicrosecondBuilder::new()),
            Type::Period => Builder::Period(StringBuilder::new()),
            Type::List(item) => Builder::List {
                item: item_field(item, schema),
                items: Box::new(Builder::new(item, schema)),
                lengths: Vec::new(),
                valid: Vec::new(),
            },
            Type::Reference(id) => match schema.table(*id).key {
                Some(key) => Builder::Pointer {
                    table: *id,
                    key,
                    keys: Box::new(Builder::new(&schema.field(*id, key).ty, schema)),
                },
                None => Builder::Nothing(0),
            },
        }
    }

    /// Adds a value; one that is missing, or of another type than the node's, is null.
    pub(crate) fn push<S: Source>(&mut self, value: &Value<'_>, source: &S) {
        match (self, value) {
            (Builder::Bool(b), value) => b.append_option(value.as_bool()),
            (Builder::Int(b), Value::Int(v)) => b.append_value(*v),
            (Builder::Number(b), Value::Number(v)) => b.append_value(*v),
            // A whole number where a node says Number, as `Int` operands of a choice may give.
            (Builder::Number(b), Value::Int(v)) => b.append_value(*v as f64),
            (Builder::Decimal(b), Value::Percent(v) | Value::Money(v)) => b.append_value(i128::from(*v)),
            (Builder::Text(b), value) => b.append_option(value.as_text()),
            (Builder::Enum(b, members), Value::Enum(v)) => b.append_option(members.get(*v as usize).map(|m| &m.value)),
            (Builder::Date(b), Value::Date(v)) => b.append_value(*v),
            (Builder::Timestamp(b), Value::Timestamp(v)) => b.append_value(*v),
            (Builder::TimeOfDay(b), Value::TimeOfDay(v)) => b.append_value(*v),
            (Builder::Span(b), Value::Span(v)) => b.append_value(*v),
            (Builder::Period(b), Value::Period(v)) => b.append_value(format!("P{}M{}D", v.months, v.days)),
            (Builder::List { items, lengths, valid, .. }, value) => {
                let list: &[Value] = if let Value::List(list) = value { list } else { &[] };
                list.iter().for_each(|item| items.push(item, source));
                lengths.push(list.len());
                valid.push(!value.is_missing());
            }
            (Builder::Pointer { table, key, keys }, Value::Reference(row)) => {
                keys.push(&source.field(*table, *key, *row), source);
            }
            (builder, _) => builder.push_null(),
        }
    }

    fn push_null(&mut self) {
        match self {
            Builder::Bool(b) => b.append_null(),
            Builder::Int(b) => b.append_null(),
            Builder::Number(b) => b.append_null(),
            Builder::Decimal(b) => b.append_null(),
            Builder::Text(b) | Builder::Enum(b, _) | Builder::Period(b) => b.append_null(),
            Builder::Date(b) => b.append_null(),
            Builder::Timestamp(b) => b.append_null(),
            Builder::TimeOfDay(b) => b.append_null(),
            Builder::Span(b) => b.append_null(),
            Builder::List { lengths, valid, .. } => {
                lengths.push(0);
                valid.push(false);
            }
            Builder::Pointer { keys, .. } => keys.push_null(),
            Builder::Nothing(rows) => *rows += 1,
        }
    }

    pub(crate) fn finish(self) -> ArrayRef {
        match self {
            Builder::Bool(mut b) => Arc::new(b.finish()),
            Builder::Int(mut b) => Arc::new(b.finish()),
            Builder::Number(mut b) => Arc::new(b.finish()),
            Builder::Decimal(mut b) => Arc::new(b.finish()),
            Builder::Text(mut b) | Builder::Enum(mut b, _) | Builder::Period(mut b) => Arc::new(b.finish()),
            Builder::Date(mut b) => Arc::new(b.finish()),
            Builder::Timestamp(mut b) => Arc::new(b.finish()),
            Builder::TimeOfDay(mut b) => Arc::new(b.finish()),
            Builder::Span(mut b) => Arc::new(b.finish()),
            Builder::List { item, items, lengths, valid } => {
                let offsets = OffsetBuffer::<i32>::from_lengths(lengths);
                Arc::new(ListArray::new(item, offsets, items.finish(), Some(NullBuffer::from(valid))))
            }
            Builder::Pointer { keys, .. } => keys.finish(),
            Builder::Nothing(rows) => new_null_array(&DataType::Utf8, rows),
        }
    }
}
