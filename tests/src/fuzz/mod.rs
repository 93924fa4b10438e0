//! Inputs that nobody meant to send: what must hold of any bytes, for everything that reads bytes. One target a reader,
//! with its property, its bounds and the inputs that it starts from. The tests replay the saved inputs and a few changed
//! ones, `cargo xtask fuzz` changes them by the million, and the folder `fuzz` hands the same properties to libFuzzer.

pub mod campaign;
mod data;
mod files;
mod mutate;
mod sources;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use seg_evaluator::{Spent, measured};

use crate::random::Random;

/// What became of an input, in a word or two. **Errors**: what does not hold.
pub type Verdict = Result<&'static str, String>;

/// Something that reads bytes.
pub struct Target {
    pub name: &'static str,
    /// The property: it holds for any bytes.
    pub check: fn(&[u8]) -> Verdict,
    /// Good inputs besides the saved ones, from the root of the repository.
    pub seeds: fn(&Path) -> Result<Vec<Vec<u8>>, String>,
    /// Changes a seed.
    pub change: fn(&[Vec<u8>], &mut Random) -> Vec<u8>,
    /// Verdicts that occur among changed seeds; else the changes reach nothing.
    pub verdicts: &'static [&'static str],
    /// The most memory at a time, in bytes.
    pub memory: Bound,
    /// How often memory may be asked for: a count of steps, for no loop of these readers runs long without.
    pub steps: Bound,
}

/// So much for any input, and so much more for each of its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    pub fixed: u64,
    pub per_byte: u64,
}

impl Bound {
    pub fn of(self, bytes: usize) -> u64 {
        self.fixed + self.per_byte * bytes as u64
    }
}

pub const TARGETS: &[Target] = &[
    sources::PARSER,
    sources::FORMATTER,
    sources::CHECKER,
    sources::ARTEFACT,
    data::CSV,
    data::NDJSON,
    data::JSON,
    files::PARQUET,
    files::ARROW,
];

/// The target of a name. **Errors**: those that there are.
pub fn target(name: &str) -> Result<&'static Target, String> {
    let known = || TARGETS.iter().map(|t| t.name).collect::<Vec<_>>().join(", ");
    TARGETS.iter().find(|t| t.name == name).ok_or_else(|| format!("there is no target `{name}`; there are {}", known()))
}

/// Where a target's saved inputs are: those that once broke something, and a few good ones.
pub fn corpus(root: &Path, target: &Target) -> PathBuf {
    root.join("tests/fuzz/corpus").join(target.name)
}

/// A target's saved inputs with their names, in the order of these. **Errors**: a file that cannot be read.
pub fn saved(root: &Path, target: &Target) -> Result<Vec<(String, Vec<u8>)>, String> {
    let folder = corpus(root, target);
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(Vec::new()) };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok((path.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned()), bytes))
    };
    paths.into_iter().map(read).collect()
}

/// Holds a target to its property and its bounds for one input, and tells what that took. Bounds hold only where
/// [`seg_evaluator::Counting`] is the allocator.
pub fn judge(target: &Target, bytes: &[u8]) -> (Verdict, Spent) {
    let (done, spent) = measured(|| catch_unwind(AssertUnwindSafe(|| (target.check)(bytes))));
    let verdict = done.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word");
        Err(format!("a panic at {}: {text}", place_of_panic()))
    });
    let beyond = |what: &str, spent: u64, bound: Bound| {
        let most = bound.of(bytes.len());
        (spent > most).then(|| format!("{what}: {spent} for {} bytes, and the bound is {most}", bytes.len()))
    };
    let over = beyond("memory", spent.peak_bytes, target.memory).or_else(|| beyond("steps", spent.calls, target.steps));
    (verdict.and_then(|verdict| over.map_or(Ok(verdict), Err)), spent)
}

static PANICKED_AT: Mutex<String> = Mutex::new(String::new());

/// Keeps panics from being printed, and remembers where the last one was: [`judge`] tells it.
pub fn watch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or(String::new(), ToString::to_string);
        *PANICKED_AT.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }));
}

fn place_of_panic() -> String {
    PANICKED_AT.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// For a fuzzer that knows a broken property by the end of the process.
pub fn or_abort(name: &str, bytes: &[u8]) {
    static WATCHED: std::sync::Once = std::sync::Once::new();
    WATCHED.call_once(watch_panics);
    let broken = match target(name) {
        Ok(target) => judge(target, bytes).0.err(),
        Err(unknown) => Some(unknown),
    };
    if let Some(what) = broken {
        eprintln!("{name}: {what}");
        std::process::abort();
    }
}
