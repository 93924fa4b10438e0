//! What evaluating gives besides values: what was refused and what a run did.

use serde::{Deserialize, Serialize};

/// A row or a record that breaks the schema. Nothing of it was used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reject {
    /// The declared name of the table: `Customer`, `Order`.
    pub source: String,
    /// The file that it came from, where it came from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The 1-based row in that file, or line of a request.
    pub row: u64,
    /// The row's key, or its customer's, where it could be read.
    pub key: Option<String>,
    /// The dotted path of the field.
    pub field: String,
    pub code: RejectCode,
    /// What is wrong with it, in words, with the value where that is not personal.
    pub reason: String,
}

/// Why a row was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejectCode {
    /// A required field has no value.
    MissingValue,
    /// The value is of another type.
    WrongType,
    /// The text is no member of the enum.
    NoSuchMember,
    /// Beyond what the type can hold.
    OutOfRange,
    /// NaN or infinite.
    NotFinite,
    /// Longer than the field's `max`.
    TooLong,
    /// More rows than the collection's `max`.
    TooManyRows,
    /// The key was seen before.
    DuplicateKey,
    /// A required pointer's target is not in the reference table.
    NoTarget,
    /// The record has a field that the schema lacks.
    UnknownField,
    /// The line is not JSON, or not an object.
    Malformed,
    /// A required event table was not sent.
    NotSent,
    /// A function of the vocabulary broke down: a fault of the program, not of the record.
    EvaluationFailed,
}

impl RejectCode {
    pub const ALL: [RejectCode; 13] = [
        RejectCode::MissingValue,
        RejectCode::WrongType,
        RejectCode::NoSuchMember,
        RejectCode::OutOfRange,
        RejectCode::NotFinite,
        RejectCode::TooLong,
        RejectCode::TooManyRows,
        RejectCode::DuplicateKey,
        RejectCode::NoTarget,
        RejectCode::UnknownField,
        RejectCode::Malformed,
        RejectCode::NotSent,
        RejectCode::EvaluationFailed,
    ];

    /// The code as reports write it.
    pub fn name(self) -> &'static str {
        match self {
            RejectCode::MissingValue => "missing-value",
            RejectCode::WrongType => "wrong-type",
            RejectCode::NoSuchMember => "no-such-member",
            RejectCode::OutOfRange => "out-of-range",
            RejectCode::NotFinite => "not-finite",
            RejectCode::TooLong => "too-long",
            RejectCode::TooManyRows => "too-many-rows",
            RejectCode::DuplicateKey => "duplicate-key",
            RejectCode::NoTarget => "no-target",
            RejectCode::UnknownField => "unknown-field",
            RejectCode::Malformed => "malformed",
            RejectCode::NotSent => "not-sent",
            RejectCode::EvaluationFailed => "evaluation-failed",
        }
    }
}

/// How many customers a condition takes, leaves and cannot decide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    #[serde(rename = "in")]
    pub inside: u64,
    pub out: u64,
    pub unknown: u64,
}

impl Counts {
    pub fn count(&mut self, value: Option<bool>) {
        match value {
            Some(true) => self.inside += 1,
            Some(false) => self.out += 1,
            None => self.unknown += 1,
        }
    }

    pub fn total(&self) -> u64 {
        self.inside + self.out + self.unknown
    }
}
