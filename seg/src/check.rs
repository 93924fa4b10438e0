//! Checking: from a folder's files to diagnostics and, where there is no error, a program; once, or again and again while
//! the files are being written.

use seg_compiler::{Compiled, Diagnosed, Parsed, compile, compile_again, diagnose};

use crate::files::Folder;

/// What checking gives.
pub type Checked = Compiled;

/// Checks a playbook. Never fails: what is wrong with it is among the diagnostics.
pub fn check(folder: &Folder) -> Checked {
    compile(&folder.sources, &folder.settings.compiler())
}

/// A playbook that is being written: its files change, and what there is to say of it is wanted again after each change.
/// What it says is what [`check`] would say of the same files; only the files that have changed are parsed again.
///
/// ```
/// let mut session = seg::Session::new(seg::Folder::of_sources(Default::default()));
/// session.put("main.seg", "segment All when tru");
/// assert_eq!(session.diagnostics().diagnostics.len(), 1);
/// session.put("main.seg", "segment All when true");
/// assert!(session.diagnostics().diagnostics.is_empty());
/// ```
pub struct Session {
    folder: Folder,
    parsed: Parsed,
}

impl Session {
    pub fn new(folder: Folder) -> Session {
        Session { folder, parsed: Parsed::default() }
    }

    /// The playbook as it stands.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Sets the text of a `.seg` file, by its path in the playbook, as an editor has it; it need not be on disk.
    pub fn put(&mut self, path: &str, text: impl Into<String>) {
        self.folder.sources.files.insert(path.to_string(), text.into());
    }

    /// Takes a `.seg` file out.
    pub fn remove(&mut self, path: &str) {
        self.folder.sources.files.remove(path);
    }

    /// All that is to be said of the playbook, without making a program: what an editor shows after each key.
    pub fn diagnostics(&mut self) -> Diagnosed {
        self.diagnostics_observed(&mut |_| {})
    }

    /// The same; each pass is told when it is done.
    pub fn diagnostics_observed(&mut self, done: &mut (dyn FnMut(&'static str) + Send)) -> Diagnosed {
        diagnose(&self.folder.sources, &self.folder.settings.compiler(), &mut self.parsed, done)
    }

    /// Checks the playbook, and makes its program where there is no error.
    pub fn check(&mut self) -> Checked {
        self.check_observed(&mut |_| {})
    }

    /// The same; each pass is told when it is done.
    pub fn check_observed(&mut self, done: &mut (dyn FnMut(&'static str) + Send)) -> Checked {
        compile_again(&self.folder.sources, &self.folder.settings.compiler(), &mut self.parsed, done)
    }

    /// How many files were parsed when it was last checked.
    pub fn files_parsed(&self) -> usize {
        self.parsed.parsed
    }
}
