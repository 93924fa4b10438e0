//! Parquet files.

mod flat;
mod lengths;
mod packed;
#[cfg(test)]
mod tests;
mod together;

use std::path::Path;
use std::sync::Arc;

use arrow_schema::{DECIMAL64_MAX_PRECISION, DataType, Field, FieldRef, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use self::flat::Flat;
use self::lengths::Bounded;
use self::together::{Column, Together};
use super::{Chunks, Columns, Helped, Opened, number};
use crate::whole::dictionary_type;

type Builder = ParquetRecordBatchReaderBuilder<Bounded>;

pub(super) fn open(path: &Path) -> Result<Opened, String> {
    let (_, metadata) = opened(path)?;
    let rows = u64::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
    // A dictionary page holds a text once however often it occurs; so a row counts for at least its fixed widths.
    let stored: i64 = metadata.metadata().row_groups().iter().map(|g| g.total_byte_size()).sum();
    let stored = u64::try_from(stored).unwrap_or(0);
    let columns = metadata.schema().fields().len() as u64;
    let bytes = stored.max(rows.saturating_mul(columns).saturating_mul(8));
    Ok(Opened { columns: Columns::Typed(metadata.schema().clone()), rows: Some(rows), bytes })
}

/// The rows of a file; texts of columns in `named` come as dictionaries, where they are stored so.
pub(super) fn chunks(
    path: &Path,
    projection: &[usize],
    named: &[usize],
    rows: usize,
    threads: usize,
    helped: &Helped,
) -> Result<Chunks, String> {
    let (file, plain) = opened(path)?;
    let metadata = layouts(plain, named);
    let Some(all) = rows_of(&metadata).filter(|_| !projection.is_empty()) else {
        let mask = ProjectionMask::roots(metadata.parquet_schema(), projection.iter().copied());
        let builder = Builder::new_with_metadata(file, metadata).with_projection(mask);
        let reader = builder.with_batch_size(rows).build().map_err(|e| e.to_string())?;
        return Ok(number(reader.map(|batch| batch.map_err(|e| e.to_string())), rows));
    };
    let shared = Arc::new(file.clone());
    let column = |root: &usize| {
        let field = metadata.schema().fields().get(*root).ok_or("it lacks a column that it told of")?;
        let flat = leaf(&metadata, *root).and_then(|leaf| Flat::new(&shared, metadata.metadata(), leaf, field));
        let column = match flat {
            Some(flat) => Column::Flat(Box::new(flat)),
            None => {
                let mask = ProjectionMask::roots(metadata.parquet_schema(), [*root]);
                let builder = Builder::new_with_metadata(file.clone(), metadata.clone()).with_projection(mask);
                Column::Other(Box::new(builder.with_batch_size(rows).build().map_err(|e| e.to_string())?))
            }
        };
        Ok((field.name().clone(), column))
    };
    let columns = projection.iter().map(column).collect::<Result<Vec<_>, String>>()?;
    Ok(number(Together::new(columns, all, rows, threads, helped)?, rows))
}

/// How many rows the row groups have. `None`: some say that they have fewer than none, or all have too many.
fn rows_of(metadata: &ArrowReaderMetadata) -> Option<u64> {
    let groups = metadata.metadata().row_groups().iter();
    groups.map(|group| u64::try_from(group.num_rows()).ok()).try_fold(0_u64, |sum, rows| sum.checked_add(rows?))
}

/// The place among all leaves of a column that is one.
fn leaf(metadata: &ArrowReaderMetadata, root: usize) -> Option<usize> {
    let schema = metadata.parquet_schema();
    let mut leaves = (0..schema.num_columns()).filter(|leaf| schema.get_column_root_idx(*leaf) == root);
    leaves.next().filter(|_| leaves.next().is_none())
}

/// Has columns read into the layouts that fields are made of, where that needs no second pass over their values.
fn layouts(plain: ArrowReaderMetadata, named: &[usize]) -> ArrowReaderMetadata {
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
    // A file that insists on its own layouts is read in them.
    ArrowReaderMetadata::try_new(Arc::clone(plain.metadata()), options).unwrap_or(plain)
}

fn opened(path: &Path) -> Result<(Bounded, ArrowReaderMetadata), String> {
    let file = Bounded::new(super::file(path)?)?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::default()).map_err(|e| e.to_string())?;
    Ok((file, metadata))
}
