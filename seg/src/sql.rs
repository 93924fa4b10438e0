//! A playbook as SQL: what `seg sql` prints, with the files of `seg.toml` where they are wanted.

use std::collections::BTreeMap;

use seg_compiler::sql::{self, Files, Options, Required};
pub use seg_compiler::sql::{Script, Unsaid};

use crate::files::Error;
use crate::ir::CollectionId;
use crate::playbook::Playbook;
use crate::run::{Request, options};

/// Whether the script reads the bound files itself, or finds the tables there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    Expected,
    Bound,
}

/// Writes a playbook as a script for DuckDB. `now` is the instant to take where neither the request nor `seg.toml` names one.
/// **Errors**: a name that is no segment or attribute; an instant or an environment that is none.
pub fn duckdb(playbook: &Playbook, request: &Request, tables: Tables, now: i64) -> Result<Script, Error> {
    let program = &playbook.program;
    if let Some(name) = request.only.iter().find(|n| program.segment(n).is_none() && program.attribute(n).is_none()) {
        return Err(Error::Usage(format!("--only: the playbook has no segment or attribute `{name}`")));
    }
    let run = options(playbook, request, now)?;
    let files: BTreeMap<String, Files> = run
        .bindings
        .tables
        .iter()
        .map(|(table, binding)| {
            let paths = binding.files.iter().map(|f| shown(&run.bindings.base.join(f)));
            (table.clone(), Files { paths: paths.collect(), rename: binding.rename.clone() })
        })
        .collect();
    let is_bound = |table: &str| files.get(table).is_some_and(|f| !f.paths.is_empty());
    let unbound: Vec<CollectionId> = match tables {
        Tables::Expected => Vec::new(),
        Tables::Bound => {
            let all = program.schema.collection_ids();
            all.filter(|(_, c)| !is_bound(&program.schema.table(c.table).name)).map(|(id, _)| id).collect()
        }
    };
    Ok(sql::duckdb(
        program,
        &Options {
            as_of: run.as_of,
            only: &request.only,
            conditions: &[],
            unbound: &unbound,
            required: Required::Present,
            files: (tables == Tables::Bound).then_some(&files),
        },
    ))
}

/// A path as it is reached from the folder at hand, where it lies below it.
fn shown(path: &std::path::Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).to_string_lossy().into_owned()
}
