//! What the tests of safety share: folders with a playbook, the command, and system calls watched or made to fail.

#![allow(dead_code, reason = "each test uses its part")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn seg() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seg"));
    command.env_clear();
    command
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder that goes with the test.
pub struct Files(pub tempfile::TempDir);

impl Files {
    pub fn new(files: &[(&str, &str)]) -> Files {
        let folder = Files(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| folder.write(name, text));
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs the command in the folder.
    pub fn seg(&self, arguments: &[&str]) -> Output {
        seg().current_dir(self.0.path()).args(arguments).output().unwrap()
    }

    /// The names in a folder, hidden ones too.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// Makes a pipe that nobody writes to: whoever opens it as a file is, waits.
pub fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// The command under `strace`, with its options (`-f` for all threads, else the first alone), and where the trace goes; nothing where that is not to be had.
pub fn traced(options: &[&str], trace: &Path) -> Option<Command> {
    let strace = ["/usr/bin/strace", "/usr/local/bin/strace"].into_iter().find(|path| Path::new(path).exists())?;
    let probe = Command::new(strace).args(["-f", "-o", "/dev/null", "/bin/true"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let mut command = Command::new(strace);
    command.env_clear().args(["-qq", "-o"]).arg(trace).args(options).arg(env!("CARGO_BIN_EXE_seg"));
    Some(command)
}

/// Says to whoever reads the test's output that a part of it could not be done here.
pub fn not_done(what: &str) {
    // Not by a macro: their output is kept back for tests that pass.
    let _ = writeln!(std::io::stderr(), "not checked here: {what}");
}
