//! What the caller says about a run: where the data is, at which instant, and within which bounds. Plain data; how it
//! was written down (flags, seg.toml) is the caller's affair.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use seg_evaluator::Method;

/// Where the data of each declared table is, by the table's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bindings {
    pub tables: BTreeMap<String, Binding>,
    /// What relative paths start from; the current folder when empty.
    pub base: PathBuf,
    /// The folders that files must lie in when all links are followed; anywhere when none are named.
    pub within: Option<Vec<PathBuf>>,
}

/// The files of one table. Globs are allowed; their matches are read in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    pub files: Vec<String>,
    /// Field name to column name, where they differ. The `by` column of an event table counts as a field.
    pub rename: BTreeMap<String, String>,
    /// Whether they may lie anywhere, whatever [`Bindings::within`] says: who started the run named them.
    pub is_trusted: bool,
}

/// What a run may be told.
#[derive(Clone)]
pub struct Options {
    /// Microseconds since 1970-01-01T00:00Z.
    pub as_of: i64,
    pub bindings: Bindings,
    /// The digest of the playbook, for the summary.
    pub digest: String,
    /// The segments and attributes to compute; all of the playbook's own when none is named.
    pub only: Vec<String>,
    /// So many customers: those whose keys have the smallest hashes, whatever the order of the data.
    pub sample: Option<u64>,
    pub reject_max: RejectMax,
    /// How to evaluate. Results do not depend on it.
    pub method: Method,
    /// Threads that evaluate; all of the machine's when none.
    pub threads: Option<usize>,
    /// Customers to a batch. Results do not depend on it.
    pub batch_rows: usize,
    /// The most memory for events; what is beyond goes to disk. Half of what is available when none. Results do not depend on
    /// it.
    pub memory_max_bytes: Option<u64>,
    /// Where events go that are beyond it; what the environment variable TMPDIR names, or a folder of the system's, when none.
    pub spill_folder: Option<PathBuf>,
    pub progress: Option<Arc<dyn Fn(Progress) + Send + Sync>>,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    /// The table being read.
    pub table: String,
    pub rows: u64,
    /// How many rows there will be, where that is known.
    pub of: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Read,
    Evaluate,
}

/// How many rows of a table may be rejected before a run counts as failed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RejectMax {
    /// Of the table's rows, from 0 to 1.
    Fraction(f64),
    Rows(u64),
}

/// A format of output files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    #[default]
    Parquet,
    Arrow,
    Ndjson,
    Csv,
}

impl Options {
    /// A run at an instant with nothing else said.
    pub fn new(as_of: i64, bindings: Bindings) -> Options {
        Options {
            as_of,
            bindings,
            digest: String::new(),
            only: Vec::new(),
            sample: None,
            reject_max: RejectMax::Fraction(0.0),
            method: Method::Auto,
            threads: None,
            batch_rows: 8192,
            memory_max_bytes: None,
            spill_folder: None,
            progress: None,
        }
    }

    pub(crate) fn report(&self, stage: Stage, table: &str, rows: u64, of: Option<u64>) {
        if let Some(progress) = &self.progress {
            progress(Progress { stage, table: table.to_string(), rows, of });
        }
    }

    pub(crate) fn spill_folder(&self) -> PathBuf {
        // Unlike the folder for small files, which is often in memory, this one is on disk.
        let large =
            Some(PathBuf::from("/var/tmp")).filter(|large| large.is_dir() && std::env::var_os("TMPDIR").is_none());
        self.spill_folder.clone().or(large).unwrap_or_else(std::env::temp_dir)
    }

    pub(crate) fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(all).max(1)
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("as_of", &self.as_of).field("bindings", &self.bindings).finish_non_exhaustive()
    }
}

impl Bindings {
    /// Binds a table to one file or glob.
    pub fn bind(mut self, table: &str, file: impl Into<String>) -> Bindings {
        self.tables.entry(table.to_string()).or_default().files.push(file.into());
        self
    }

    /// Says that a field's column has another name.
    pub fn rename(mut self, table: &str, field: &str, column: &str) -> Bindings {
        let binding = self.tables.entry(table.to_string()).or_default();
        binding.rename.insert(field.to_string(), column.to_string());
        self
    }
}

impl RejectMax {
    pub(crate) fn is_exceeded(self, rejected: u64, rows: u64) -> bool {
        match self {
            RejectMax::Rows(max) => rejected > max,
            RejectMax::Fraction(max) => rejected as f64 > max * rows as f64,
        }
    }
}

impl FromStr for RejectMax {
    type Err = String;

    /// `0.1%` or `250`.
    fn from_str(text: &str) -> Result<RejectMax, String> {
        let wrong = || format!("`{text}` is neither a percentage like `0.1%` nor a number of rows");
        match text.trim().strip_suffix('%') {
            Some(percent) => match percent.trim().parse::<f64>() {
                Ok(p) if (0.0..=100.0).contains(&p) => Ok(RejectMax::Fraction(p / 100.0)),
                _ => Err(wrong()),
            },
            None => text.trim().parse().map(RejectMax::Rows).map_err(|_| wrong()),
        }
    }
}

impl Format {
    pub fn extension(self) -> &'static str {
        match self {
            Format::Parquet => "parquet",
            Format::Arrow => "arrow",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        let all = [Format::Parquet, Format::Arrow, Format::Ndjson, Format::Csv];
        all.into_iter()
            .find(|f| f.extension() == text)
            .ok_or_else(|| format!("`{text}` is no output format; use parquet, arrow, ndjson or csv"))
    }
}
