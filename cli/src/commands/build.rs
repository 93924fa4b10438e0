//! `seg build`: sources into one file that runs anywhere.

use super::checked;
use crate::args::Build;
use crate::output::Output;
use crate::table::thousands;
use crate::{Failure, Status};

pub fn build(args: &Build, output: &mut Output) -> Result<Status, Failure> {
    let path = &args.output;
    if !seg::files::is_compiled(path) {
        // Other commands know a compiled playbook by its ending.
        return Err(Failure::Told(format!("`{}` does not end in `.segb`", path.display())));
    }
    let key = args.sign.as_deref().map(seg::playbook::secret_key).transpose()?;
    let playbook = checked(args.playbook.as_deref(), output)?;
    let bytes = playbook.encode(key.as_ref())?;
    seg::files::write(path, &bytes)?;
    let signed = if key.is_some() { ", signed" } else { "" };
    output.note(&format!("wrote {} ({} bytes{signed})", path.display(), thousands(bytes.len() as u64)));
    Ok(Status::Done)
}
