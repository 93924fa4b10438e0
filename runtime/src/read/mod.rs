//! The border to file formats: opens files, tells their columns, gives their rows in chunks. A reader that panics on a
//! damaged file becomes an error of that file here. Judges no cells.

mod arrow;
mod csv;
mod ndjson;
mod parquet;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::error::Error;
use crate::json::Json;

pub(crate) use self::csv::TextColumn;

/// What a file tells of itself before its rows are read.
pub(crate) struct Opened {
    pub columns: Columns,
    pub rows: Option<u64>,
    /// What the rows take in memory, estimated.
    pub bytes: u64,
}

/// The columns of a file.
pub(crate) enum Columns {
    Typed(SchemaRef),
    /// By name alone.
    Named(Vec<String>),
    /// Each row has its own.
    Open,
}

/// Some rows of a file.
pub(crate) struct Chunk {
    pub rows: usize,
    /// The 1-based number of each row in its file.
    pub numbers: Numbers,
    pub data: Data,
    /// Rows that could not be read at all, and why; their cells are missing.
    pub malformed: Vec<(u32, String)>,
}

pub(crate) enum Numbers {
    From(u64),
    Each(Vec<u64>),
}

pub(crate) enum Data {
    Arrow(RecordBatch),
    Csv(Vec<TextColumn>),
    Json(Vec<Json>),
}

pub(crate) type Chunks = Box<dyn Iterator<Item = Result<Chunk, String>> + Send>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Parquet,
    Arrow,
    Csv,
    Ndjson,
}

impl Chunk {
    /// Cuts off the rows from one on.
    pub fn split_off(&mut self, row: usize) -> Chunk {
        let rows = self.rows.saturating_sub(row);
        self.rows -= rows;
        let numbers = match &mut self.numbers {
            Numbers::From(first) => Numbers::From(*first + self.rows as u64),
            Numbers::Each(numbers) => Numbers::Each(numbers.split_off(self.rows.min(numbers.len()))),
        };
        let data = match &mut self.data {
            Data::Arrow(batch) => {
                let rest = batch.slice(self.rows, rows);
                *batch = batch.slice(0, self.rows);
                Data::Arrow(rest)
            }
            Data::Csv(columns) => Data::Csv(columns.iter_mut().map(|column| column.split_off(self.rows)).collect()),
            Data::Json(values) => Data::Json(values.split_off(self.rows.min(values.len()))),
        };
        let here = self.malformed.partition_point(|(malformed, _)| (*malformed as usize) < self.rows);
        let mut malformed = self.malformed.split_off(here);
        malformed.iter_mut().for_each(|(row, _)| *row -= self.rows as u32);
        Chunk { rows, numbers, data, malformed }
    }
}

impl Numbers {
    pub fn of(&self, row: usize) -> u64 {
        match self {
            Numbers::From(first) => first + row as u64,
            Numbers::Each(numbers) => numbers.get(row).copied().unwrap_or(0),
        }
    }
}

/// Whether a file's name says a format that can be read.
pub(crate) fn is_known(file: &Path) -> bool {
    format(file).is_some()
}

fn format(file: &Path) -> Option<Format> {
    let ending = file.extension()?.to_str()?.to_ascii_lowercase();
    Some(match ending.as_str() {
        "parquet" => Format::Parquet,
        "arrow" | "ipc" | "feather" => Format::Arrow,
        "csv" => Format::Csv,
        "ndjson" | "jsonl" => Format::Ndjson,
        _ => return None,
    })
}

/// Reads what a file tells of itself. **Errors**: it is not there, or is not what its name says.
pub(crate) fn open(file: &Path) -> Result<Opened, Error> {
    guarded(file, || match format(file) {
        Some(Format::Parquet) => parquet::open(file),
        Some(Format::Arrow) => arrow::open(file),
        Some(Format::Csv) => csv::open(file),
        Some(Format::Ndjson) => ndjson::open(file),
        None => Err("its ending names no known format".to_string()),
    })
}

/// The rows of a file: its columns at `projection` (in rising order), so many rows at a time. Columns in `named` hold the
/// names of few things. So many threads read where columns can be read each by itself, the one that asks among them.
pub(crate) fn chunks(
    file: &Path,
    projection: &[usize],
    named: &[usize],
    rows: usize,
    threads: usize,
) -> Result<Guarded, Error> {
    let helped = Helped::default();
    let chunks = guarded(file, || match format(file) {
        Some(Format::Parquet) => parquet::chunks(file, projection, named, rows, threads, &helped),
        Some(Format::Arrow) => arrow::chunks(file, projection, rows),
        Some(Format::Csv) => csv::chunks(file, projection, rows),
        Some(Format::Ndjson) => ndjson::chunks(file, rows),
        None => Err("its ending names no known format".to_string()),
    })?;
    Ok(Guarded { file: file.into(), chunks: Some(chunks), helped })
}

/// Chunks whose reader may panic; the panic ends them with an error.
pub(crate) struct Guarded {
    file: Arc<Path>,
    chunks: Option<Chunks>,
    helped: Helped,
}

/// Seconds of a core that other threads than the one that asks for chunks have read.
#[derive(Debug, Clone, Default)]
struct Helped(Arc<Mutex<f64>>);

impl Helped {
    fn add(&self, seconds: f64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += seconds;
    }
}

impl Guarded {
    /// Seconds of a core that other threads than this one have read; to be asked after the last chunk.
    pub fn helped_s(&self) -> f64 {
        *self.helped.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Iterator for Guarded {
    type Item = Result<Chunk, Error>;

    fn next(&mut self) -> Option<Result<Chunk, Error>> {
        let mut chunks = self.chunks.take()?;
        // The reader is dropped after a panic, so nothing sees it in a broken state.
        match expected(|| (chunks.next(), chunks)) {
            Ok((Some(Ok(chunk)), rest)) => {
                self.chunks = Some(rest);
                Some(Ok(chunk))
            }
            Ok((Some(Err(what)), _)) => Some(Err(Error::read(&self.file, what))),
            Ok((None, _)) => None,
            Err(_) => Some(Err(Error::read(&self.file, DAMAGED))),
        }
    }
}

const DAMAGED: &str = "the file is damaged; write it again from its source";

thread_local! {
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is within a reader, whose panic is the file's fault and becomes an error of that file: nothing for a
/// panic hook to tell.
pub fn is_reading() -> bool {
    READING.get()
}

fn expected<T>(read: impl FnOnce() -> T) -> std::thread::Result<T> {
    let before = READING.replace(true);
    let done = catch_unwind(AssertUnwindSafe(read));
    READING.set(before);
    done
}

fn guarded<T>(file: &Path, read: impl FnOnce() -> Result<T, String>) -> Result<T, Error> {
    match expected(read) {
        Ok(result) => result.map_err(|what| Error::read(file, what)),
        Err(_) => Err(Error::read(file, DAMAGED)),
    }
}

fn file(path: &Path) -> Result<std::fs::File, String> {
    crate::file::open(path).map_err(|e| e.to_string())
}

/// Cuts batches that are larger than asked for.
fn cut(batch: RecordBatch, rows: usize) -> Vec<RecordBatch> {
    if batch.num_rows() <= rows {
        return vec![batch];
    }
    (0..batch.num_rows()).step_by(rows).map(|from| batch.slice(from, rows.min(batch.num_rows() - from))).collect()
}

/// Numbers batches from 1.
fn number(batches: impl Iterator<Item = Result<RecordBatch, String>> + Send + 'static, rows: usize) -> Chunks {
    let mut next = 1;
    let cut = batches.flat_map(move |batch| match batch {
        Ok(batch) => cut(batch, rows).into_iter().map(Ok).collect(),
        Err(what) => vec![Err(what)],
    });
    Box::new(cut.map(move |batch| {
        let batch = batch?;
        let first = next;
        next += batch.num_rows() as u64;
        Ok(Chunk {
            rows: batch.num_rows(),
            numbers: Numbers::From(first),
            data: Data::Arrow(batch),
            malformed: Vec::new(),
        })
    }))
}
