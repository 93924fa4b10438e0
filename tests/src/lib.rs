//! The project's tests that no single crate owns: one runner for all fixtures, the suites of other languages, a matrix of
//! operators and types, variants of conditions. Nothing here is part of what users get.

pub mod fixture;
pub mod golden;
pub mod guards;
pub mod judge;
pub mod matrix;
pub mod mutate;
pub mod random;
pub mod records;
pub mod suites;
