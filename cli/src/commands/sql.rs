//! `seg sql`: the playbook's attributes and segments as a script for a database.

use super::{counted, now, playbook};
use crate::args::Sql;
use crate::output::Output;
use crate::{Failure, Status};

pub fn sql(args: &Sql, output: &mut Output) -> Result<Status, Failure> {
    let playbook = playbook(args.playbook.as_deref(), &args.trust, output)?;
    let request = args.data.request(&args.only, None);
    let tables = if args.bind { seg::sql::Tables::Bound } else { seg::sql::Tables::Expected };
    let script = seg::sql::duckdb(&playbook, &request, tables, now())?;
    match &args.output {
        Some(file) => seg::files::write(file, script.text())?,
        None => output.line(script.text().trim_end())?,
    }
    for unsaid in &script.unsaid {
        output.note(&format!("note: `{}` is left out: {}", unsaid.name, unsaid.reason));
    }
    if args.output.is_some() {
        output.note(&format!("{} said, {} left out", counted(script.columns.len(), "column"), script.unsaid.len()));
    }
    Ok(Status::Done)
}
