//! What a run did, as plain data. How it is shown is the caller's affair.

use seg_ir::outcome::Counts;
use serde::{Deserialize, Serialize};

/// A whole run. Everything but `elapsed` is the same for the same inputs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub playbook: String,
    pub digest: String,
    /// RFC 3339.
    pub as_of: String,
    pub timezone: String,
    pub timezone_database: String,
    /// How many customers a sample was to have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<u64>,
    /// Customers that were decided.
    pub customers: u64,
    /// Rejected rows of all tables.
    pub rejected: u64,
    /// Whether a table had more rejected rows than `reject_max` allows.
    pub over_threshold: bool,
    /// In the order of declaration.
    pub sources: Vec<SourceSummary>,
    /// In the order of declaration.
    pub segments: Vec<SegmentSummary>,
    /// Values that could not be computed, by reason and line.
    pub faults: Vec<FaultSummary>,
    /// Missing values that aggregates passed over, by line.
    pub skipped: Vec<SkippedSummary>,
    pub elapsed: Elapsed,
}

/// What was read of one table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceSummary {
    pub table: String,
    pub files: Vec<Digest>,
    pub rows: u64,
    pub rejected: u64,
    /// Events after the as-of instant; they were not looked at.
    pub later_than_as_of: u64,
    /// Events of customers that the profile does not have.
    pub unknown_customers: u64,
    /// Rows outside the sample.
    pub outside_sample: u64,
    pub civil: Civil,
    /// Amounts that were rounded to the smallest coin by more than a millionth.
    pub money_rounded: u64,
    pub defaults: Vec<DefaultSummary>,
}

/// A file as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Its name without its folder, so that a summary does not depend on the machine.
    pub file: String,
    pub bytes: u64,
    pub sha256: String,
}

/// Civil times that the zone had to place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Civil {
    /// Skipped by the zone, moved forward.
    pub gaps: u64,
    /// Had twice by the zone, taken as the earlier.
    pub folds: u64,
}

/// How often a field's default stood in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultSummary {
    pub field: String,
    pub rows: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentSummary {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultSummary {
    /// In words: `overflow`, `division by zero`.
    pub reason: String,
    /// `file.seg:12`, where it is known.
    pub place: Option<String>,
    pub count: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedSummary {
    pub place: Option<String>,
    pub values: u64,
}

/// What a run took. `total_s` is by the clock; the stages add up what their threads used of the cores.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Elapsed {
    pub total_s: f64,
    pub read_s: f64,
    pub group_s: f64,
    pub evaluate_s: f64,
    pub write_s: f64,
    pub rows_read_per_s: f64,
    pub customers_evaluated_per_s: f64,
    /// Events that were put on disk, since they were beyond the memory for them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spilled_bytes: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
