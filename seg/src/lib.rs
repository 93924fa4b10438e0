//! Seg for Rust programs: load a playbook, check it, test it, run it over data or over one record, and explain what it
//! decided. The one place where the compiler and the runtime meet.

pub mod check;
pub mod config;
pub mod eval;
pub mod explain;
pub mod files;
pub mod fix;
pub mod inspect;
pub mod playbook;
pub mod render;
pub mod run;
pub mod sql;
pub mod stats;
pub mod testing;
pub mod why;

pub use check::{Checked, Session, check};
pub use config::Settings;
pub use files::{Error, Folder};
pub use playbook::Playbook;

pub use seg_compiler::{Diagnosed, Sources};
pub use seg_grammar::format::format;
pub use seg_grammar::{Diagnostic, Severity, SourceMap};
pub use seg_runtime::Error as RunError;
pub use seg_runtime::ir;
pub use seg_runtime::ir::Program;
pub use seg_runtime::ir::time::show_instant;
pub use seg_runtime::is_reading;
pub use seg_runtime::{Format, Method, Options, Summary};
