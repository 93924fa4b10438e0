//! The project's tests that no single crate owns: one runner for all fixtures, the suites of other languages, a matrix of
//! operators and types, variants of conditions, what must hold of any input, and the campaign that holds evaluators against
//! each other. Nothing here is part of what users get.

pub mod batches;
pub mod bulky;
pub mod differential;
pub mod fixture;
pub mod fuzz;
pub mod golden;
pub mod guards;
pub mod hostile;
pub mod judge;
pub mod matrix;
pub mod mutate;
pub mod optimiser;
pub mod random;
pub mod records;
pub mod sql_judge;
pub mod suites;
pub mod unsafe_page;
pub mod verifier;
