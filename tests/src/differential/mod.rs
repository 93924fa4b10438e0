//! The differential campaign: whole playbooks are made at random as source text, with customers to decide, and every way to
//! evaluate them must give the same answers. What disagrees is made small and written as a fixture.

pub mod adapters;
pub mod campaign;
pub mod compare;
pub mod conditions;
pub mod coverage;
pub mod data;
pub mod files;
pub mod fixture;
pub mod folds;
pub mod literal;
pub mod maker;
pub mod playbook;
pub mod shrink;
pub mod sql;
pub mod tree;
pub mod values;
pub mod world;
