//! The project's tests that no single crate owns: one runner for all fixtures, the suites of other languages, generated
//! matrices and variants. Nothing here is part of what users get.

pub mod fixture;
pub mod judge;
pub mod suites;
pub mod guards;
pub mod random;
