//! Parquet files.

mod lengths;

use std::path::Path;
use std::sync::Arc;

use arrow_schema::{DECIMAL64_MAX_PRECISION, DataType, Field, FieldRef, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use self::lengths::Bounded;
use super::{Chunks, Columns, Opened, number};
use crate::whole::dictionary_type;

pub(super) fn open(path: &Path) -> Result<Opened, String> {
    let builder = builder(path)?;
    let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    // A dictionary page holds a text once however often it occurs; so a row counts for at least its fixed widths.
    let stored: i64 = builder.metadata().row_groups().iter().map(|g| g.total_byte_size()).sum();
    let stored = u64::try_from(stored).unwrap_or(0);
    let columns = builder.schema().fields().len() as u64;
    let bytes = stored.max(rows.saturating_mul(columns).saturating_mul(8));
    Ok(Opened { columns: Columns::Typed(builder.schema().clone()), rows: Some(rows), bytes })
}

/// The rows of a file; texts of columns in `named` come as dictionaries.
pub(super) fn chunks(path: &Path, projection: &[usize], named: &[usize], rows: usize) -> Result<Chunks, String> {
    let builder = layouts(path, builder(path)?, named)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), projection.iter().copied());
    let reader = builder.with_projection(mask).with_batch_size(rows).build().map_err(|e| e.to_string())?;
    Ok(number(reader.map(|batch| batch.map_err(|e| e.to_string())), rows))
}

/// Has columns read into the layouts that fields are made of, where that needs no second pass over their values.
fn layouts(path: &Path, plain: Builder, named: &[usize]) -> Result<Builder, String> {
    let layout = |(index, field): (usize, &FieldRef)| {
        let ty = match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 if named.contains(&index) => dictionary_type(),
            DataType::Utf8 => DataType::LargeUtf8,
            DataType::Decimal128(precision, scale) if *precision <= DECIMAL64_MAX_PRECISION => {
                DataType::Decimal64(*precision, *scale)
            }
            other => other.clone(),
        };
        Field::new(field.name(), ty, field.is_nullable())
    };
    let wanted = Schema::new(plain.schema().fields().iter().enumerate().map(layout).collect::<Vec<Field>>());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(wanted));
    match ArrowReaderMetadata::try_new(Arc::clone(plain.metadata()), options) {
        Ok(metadata) => Ok(Builder::new_with_metadata(Bounded::new(super::file(path)?)?, metadata)),
        // A file that insists on its own layouts is read in them.
        Err(_) => Ok(plain),
    }
}

type Builder = ParquetRecordBatchReaderBuilder<Bounded>;

fn builder(path: &Path) -> Result<Builder, String> {
    Builder::try_new(Bounded::new(super::file(path)?)?).map_err(|e| e.to_string())
}
