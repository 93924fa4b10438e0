//! Result columns as CSV and NDJSON. Amounts are written exactly, in whole coins; a text that a spreadsheet would take for
//! a formula is disarmed. **Source**: RFC 4180; OWASP, CSV injection.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, DurationMicrosecondType, Float64Type, Int64Type, Time32SecondType,
    TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use seg_ir::time;

use crate::decimal::Decimal;

pub(super) fn csv_header(schema: &SchemaRef) -> String {
    let names: Vec<Cow<'_, str>> = schema.fields().iter().map(|f| csv_cell(f.name())).collect();
    names.join(",") + "\n"
}

/// Adds the rows of a batch.
pub(super) fn csv(batch: &RecordBatch, out: &mut String) {
    let columns = columns(batch);
    for row in 0..batch.num_rows() {
        for (index, (column, flags)) in columns.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            if let Some(flags) = flags {
                out.push_str(flag(flags, row).unwrap_or_default());
                continue;
            }
            match plain(column, row) {
                Plain::Missing => {}
                Plain::Bare(text) => out.push_str(&text),
                Plain::Text(text) => out.push_str(&csv_cell(&disarm(text))),
                Plain::List(items) => out.push_str(&csv_cell(&disarm(&json_list(&items)))),
            }
        }
        out.push('\n');
    }
}

/// Adds the rows of a batch.
pub(super) fn ndjson(batch: &RecordBatch, out: &mut String) {
    let columns = columns(batch);
    let schema = batch.schema();
    let before = schema.fields().iter().enumerate();
    let before: Vec<String> =
        before.map(|(index, f)| format!("{}{}:", if index == 0 { '{' } else { ',' }, json_text(f.name()))).collect();
    for row in 0..batch.num_rows() {
        for (before, (column, flags)) in before.iter().zip(&columns) {
            out.push_str(before);
            match flags {
                Some(flags) => out.push_str(flag(flags, row).unwrap_or("null")),
                None => out.push_str(&json(column, row)),
            }
        }
        out.push_str("}\n");
    }
}

/// The columns; and as what they are if they are Boolean, as most are.
fn columns(batch: &RecordBatch) -> Vec<(&ArrayRef, Option<&BooleanArray>)> {
    batch.columns().iter().map(|column| (column, column.as_boolean_opt())).collect()
}

fn flag(flags: &BooleanArray, row: usize) -> Option<&'static str> {
    if flags.nulls().is_some_and(|nulls| nulls.is_null(row)) {
        return None;
    }
    Some(if flags.values().value(row) { "true" } else { "false" })
}

/// A cell before it is put into a format.
enum Plain<'a> {
    Missing,
    /// Digits, `true`, a date: nothing that needs quotes.
    Bare(String),
    Text(&'a str),
    /// The items as JSON.
    List(Vec<String>),
}

fn plain(column: &ArrayRef, row: usize) -> Plain<'_> {
    if column.is_null(row) {
        return Plain::Missing;
    }
    Plain::Bare(match column.data_type() {
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => {
            let value = column.as_primitive::<Float64Type>().value(row);
            // The shortest digits that read back as the same float.
            serde_json::Number::from_f64(value).map_or_else(String::new, |n| n.to_string())
        }
        DataType::Decimal128(_, scale) => {
            let unscaled = column.as_primitive::<Decimal128Type>().value(row);
            Decimal { unscaled, scale: i32::from(*scale) }.show()
        }
        DataType::Date32 => time::show_date(column.as_primitive::<Date32Type>().value(row)),
        DataType::Timestamp(..) => time::show_instant(column.as_primitive::<TimestampMicrosecondType>().value(row)),
        DataType::Time32(_) => {
            time::show_time(i64::from(column.as_primitive::<Time32SecondType>().value(row)) * 1_000_000)
        }
        // Seconds, as other programs read spans.
        DataType::Duration(_) => {
            let micros = column.as_primitive::<DurationMicrosecondType>().value(row);
            Decimal { unscaled: i128::from(micros), scale: 6 }.show()
        }
        DataType::Utf8 => return Plain::Text(column.as_string::<i32>().value(row)),
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(row);
            return Plain::List((0..items.len()).map(|i| json(&items, i)).collect());
        }
        _ => return Plain::Missing,
    })
}

fn json(column: &ArrayRef, row: usize) -> String {
    let number = matches!(
        column.data_type(),
        DataType::Boolean | DataType::Int64 | DataType::Float64 | DataType::Decimal128(..) | DataType::Duration(_)
    );
    match plain(column, row) {
        Plain::Missing => "null".to_string(),
        Plain::Bare(text) if number => text,
        Plain::Bare(text) => json_text(&text),
        Plain::Text(text) => json_text(text),
        Plain::List(items) => json_list(&items),
    }
}

fn json_list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn json_text(text: &str) -> String {
    let plain = text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
    if plain { format!("\"{text}\"") } else { serde_json::Value::from(text).to_string() }
}

/// A text that no spreadsheet takes for a formula.
fn disarm(text: &str) -> Cow<'_, str> {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if risky { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn csv_cell(text: &str) -> Cow<'_, str> {
    let quote =
        text.is_empty() || text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ');
    if quote { Cow::Owned(format!("\"{}\"", text.replace('"', "\"\""))) } else { Cow::Borrowed(text) }
}
