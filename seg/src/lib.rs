//! Seg for Rust programs: load a playbook, check it, test it, run it over data or over one record, and explain what it
//! decided. The one place where the compiler and the runtime meet.

pub mod check;
pub mod config;
pub mod files;
pub mod fix;
pub mod render;
pub mod testing;

pub use check::{Checked, check};
pub use config::Settings;
pub use files::{Error, Folder};

pub use seg_grammar::{Diagnostic, Severity, SourceMap};
pub use seg_ir::Program;
