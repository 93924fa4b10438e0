//! One file a command.

pub mod build;
pub mod check;
pub mod eval;
pub mod explain;
pub mod fmt;
pub mod inspect;
pub mod run;
pub mod shell;
pub mod sql;
pub mod stats;
pub mod test;
pub mod why;

use std::path::Path;

use seg::ir::cost::Cost;
use seg::{Checked, Folder, Playbook, Severity};

use crate::Failure;
use crate::args::Trust;
use crate::output::Output;
use crate::table::{Side, table, thousands};

/// A playbook that must be ready to decide: a compiled one, or sources that check. With a key to verify, only a compiled
/// one that it signed.
fn playbook(path: Option<&Path>, trust: &Trust, output: &mut Output) -> Result<Playbook, Failure> {
    let key = trust.verify_key.as_deref().map(seg::playbook::public_key).transpose()?;
    match path.filter(|path| seg::files::is_compiled(path)) {
        Some(path) => Ok(Playbook::load(path, key.as_ref())?),
        None if key.is_some() => Err(Failure::Told(
            "--verify-key takes a compiled playbook, and sources bear no signature; make one with `seg build --sign KEY`"
                .to_string(),
        )),
        None => checked(path, output),
    }
}

/// The playbook of sources that must be sound; its errors are shown, its warnings are not.
fn checked(path: Option<&Path>, output: &mut Output) -> Result<Playbook, Failure> {
    let folder = Folder::open(path)?;
    let checked = seg::check(&folder);
    match &checked.program {
        Some(program) => Ok(Playbook::of(&folder, program.clone())),
        None => {
            show(&checked, output, |severity| severity == Severity::Error);
            Err(Failure::Told(seg::Error::HasErrors.to_string()))
        }
    }
}

/// The worst case of one customer, as lines of a table.
fn worst_case(cost: &Cost, collections: &[&str], operations: usize) -> Vec<String> {
    let bound = |n: Option<u64>| n.map_or("no bound".to_string(), thousands);
    let mut rows = vec![vec!["operations".to_string(), bound(cost.operations)]];
    rows.push(vec!["events scanned".into(), bound(cost.events)]);
    rows.push(vec!["bytes of output".into(), bound(cost.bytes)]);
    rows.push(vec!["operations without events".into(), thousands(cost.fixed)]);
    for (collection, operations) in &cost.per_event {
        let name = collections.get(collection.0 as usize).unwrap_or(&"?");
        rows.push(vec![format!("operations for each of {name}"), thousands(*operations)]);
    }
    rows.push(vec!["distinct operations in the playbook".into(), thousands(operations as u64)]);
    table(&[("worst case of one customer", Side::Left), ("", Side::Right)], &rows)
}

/// Draws the diagnostics that are wanted on stderr.
fn show(checked: &Checked, output: &mut Output, wanted: impl Fn(Severity) -> bool) {
    let color = output.error_color;
    let wanted: Vec<_> = checked.diagnostics.iter().filter(|d| wanted(d.severity)).collect();
    for text in seg::render::all_human(&checked.sources, wanted, color) {
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
