//! Parquet files.

use std::path::Path;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{Chunks, Columns, Opened, number};

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

pub(super) fn chunks(path: &Path, projection: &[usize], rows: usize) -> Result<Chunks, String> {
    let builder = builder(path)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), projection.iter().copied());
    let reader = builder.with_projection(mask).with_batch_size(rows).build().map_err(|e| e.to_string())?;
    Ok(number(reader.map(|batch| batch.map_err(|e| e.to_string())), rows))
}

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<std::fs::File>, String> {
    ParquetRecordBatchReaderBuilder::try_new(super::file(path)?).map_err(|e| e.to_string())
}
