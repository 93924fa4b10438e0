//! Checking: from a folder's files to diagnostics and, where there is no error, a program.

use seg_compiler::{Compiled, compile};

use crate::files::Folder;

/// What checking gives.
pub type Checked = Compiled;

/// Checks a playbook. Never fails: what is wrong with it is among the diagnostics.
pub fn check(folder: &Folder) -> Checked {
    compile(&folder.sources, &folder.settings.compiler())
}
