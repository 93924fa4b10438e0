//! One file a command.

pub mod check;
pub mod eval;
pub mod explain;
pub mod fmt;
pub mod run;
pub mod shell;
pub mod sql;
pub mod stats;
pub mod test;
pub mod why;

use std::path::Path;

use seg::{Checked, Folder, Program, Severity};

use crate::Failure;
use crate::output::Output;

/// Opens and checks a playbook that must be sound; its errors are shown, its warnings are not.
fn program(path: Option<&Path>, output: &mut Output) -> Result<(Folder, Program), Failure> {
    let folder = Folder::open(path)?;
    let checked = seg::check(&folder);
    match &checked.program {
        Some(program) => Ok((folder, program.clone())),
        None => {
            show(&checked, output, |severity| severity == Severity::Error);
            Err(Failure::Told(seg::Error::HasErrors.to_string()))
        }
    }
}

/// Draws the diagnostics that are wanted on stderr.
fn show(checked: &Checked, output: &mut Output, wanted: impl Fn(Severity) -> bool) {
    let color = output.error_color;
    for diagnostic in checked.diagnostics.iter().filter(|d| wanted(d.severity)) {
        let text = seg::render::human(&checked.sources, diagnostic, color);
        output.beside(&text);
    }
}

/// `3 errors`, `1 warning`
fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{} {what}s", crate::table::thousands(count as u64)) }
}

/// Microseconds since 1970-01-01T00:00Z, from the system's clock: the as-of instant of last resort.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX))
}
