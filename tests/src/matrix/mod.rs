//! Every operator with every type: a table written from the reference says which pairs have a meaning, and a model of its own
//! says what they give for missing, extreme and boundary values. What the table leaves out must be refused for its types.
//! The model shares no line with the interpreter; it knows one time zone, UTC.

mod calendar;
mod cell;
mod folds;
mod model;
mod operators;
mod types;
mod windows;

pub use cell::{AS_OF, Cell, Question, Verdict, judge};
pub use folds::fold_cells;
pub use operators::{binary_cells, unary_cells};
pub use types::{Kind, V};
pub use windows::window_cells;

/// All cells of the matrix.
pub fn all_cells() -> Vec<Cell> {
    [binary_cells(), unary_cells(), window_cells(), fold_cells()].concat()
}

/// The codes that say that types do not go together; a refusal for anything else is no answer.
pub const CODES_OF_TYPES: &[&str] = &[
    "ago-length",
    "argument-type",
    "arithmetic-types",
    "compare-types",
    "currency-mismatch",
    "date-arithmetic",
    "date-equals-timestamp",
    "date-expected",
    "else-types",
    "enum-order",
    "fold-type",
    "hour-of-date",
    "list-expected",
    "match-subject",
    "mixed-list",
    "money-expected",
    "money-times-money",
    "money-times-number",
    "next-events",
    "not-a-condition",
    "not-events",
    "of-types",
    "percent-expected",
    "percent-times",
    "text-expected",
    "text-order",
    "unknown-member",
];
