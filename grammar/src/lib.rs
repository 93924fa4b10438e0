//! Text to tree: spans, diagnostics as plain data, the lexer, the pest grammar and the syntax tree of a `.seg` file.
//! Knows no names, no types and no files on disk.

pub mod ast;
pub mod codes;
pub mod diagnostic;
pub mod format;
pub mod lex;
mod mistakes;
pub mod parse;
mod preflight;
mod scan;
pub mod source;

pub use codes::Code;
pub use diagnostic::{Diagnostic, Edit, Fix, Label, Severity};
pub use parse::parse;
pub use source::{FileId, SourceMap, Span};
