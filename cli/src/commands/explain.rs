//! `seg explain`: the page of a code, or a definition read back in plain words.

use super::{now, playbook};
use crate::args::Explain;
use crate::output::Output;
use crate::{Failure, Status};

pub fn explain(args: &Explain, output: &mut Output) -> Result<Status, Failure> {
    let Some(what) = &args.what else {
        for (code, line) in seg::explain::codes() {
            output.line(&format!("{code:<24}  {line}"))?;
        }
        return Ok(Status::Done);
    };
    if let Some(page) = seg::explain::page(what) {
        output.line(page.trim_end())?;
        return Ok(Status::Done);
    }
    let playbook = playbook(args.playbook.as_deref(), &args.trust, output)?;
    let program = &playbook.program;
    let as_of = match &args.as_of {
        Some(text) => seg::run::instant(program, text)?,
        None => playbook.settings.as_of.map_or_else(now, |moment| moment.in_zone(&program.zone)),
    };
    match seg::explain::name(program, what, as_of) {
        Some(text) => {
            output.line(text.trim_end())?;
            Ok(Status::Done)
        }
        None => Err(Failure::Told(format!(
            "`{what}` is no code, and the playbook has no segment or attribute of that name; `seg explain` lists the codes"
        ))),
    }
}
