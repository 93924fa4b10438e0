//! Running a playbook over the data that `seg.toml` binds.

use std::path::{Path, PathBuf};

use crate::ir::Program;
use seg_runtime::{Binding, Bindings, Options};
pub use seg_runtime::{Progress, Stage};
use sha2::{Digest, Sha256};

use crate::config::{Data, parse_moment};
use crate::files::{Error, Folder};
use crate::playbook::Playbook;

/// What a user may say about a run, over what `seg.toml` says.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// RFC 3339.
    pub as_of: Option<String>,
    /// An `[env.NAME]` of `seg.toml`.
    pub env: Option<String>,
    /// `NAME=FILE`: the file of one table, instead of the bound one.
    pub data: Vec<String>,
    /// Folders, besides the playbook's own, that `seg.toml` may bind files in.
    pub data_roots: Vec<PathBuf>,
    pub only: Vec<String>,
    pub sample: Option<u64>,
    /// `4 GB`
    pub memory_max: Option<String>,
}

/// Options of a run: the request, then the environment, then `[data]` and `[run]`. `now` is the instant to take where
/// neither the request nor `seg.toml` names one.
pub fn options(playbook: &Playbook, request: &Request, now: i64) -> Result<Options, Error> {
    let as_of = match &request.as_of {
        Some(text) => instant(&playbook.program, text)?,
        None => playbook.settings.as_of.map_or(now, |moment| moment.in_zone(&playbook.program.zone)),
    };
    let mut options = Options::new(as_of, bindings(playbook, request)?);
    options.digest = crate::ir::playbook::hex(&playbook.sources);
    options.only = request.only.clone();
    options.sample = request.sample;
    if let Some(text) = &playbook.settings.reject_max {
        options.reject_max = text.parse().map_err(|reason| setting(playbook, "reject_max", reason))?;
    }
    let no_size = |text: &str| format!("`{text}` is no size of memory, such as `4 GB` or `500 MB`");
    options.memory_max_bytes = match (&request.memory_max, &playbook.settings.memory_max) {
        (Some(text), _) => {
            Some(parse_bytes(text).ok_or_else(|| Error::Usage(format!("--memory-max: {}", no_size(text))))?)
        }
        (None, Some(text)) => Some(parse_bytes(text).ok_or_else(|| setting(playbook, "memory_max", no_size(text)))?),
        (None, None) => None,
    };
    Ok(options)
}

/// An as-of instant as a user gives it: RFC 3339, or a date, which is its first instant in the playbook's zone.
pub fn instant(program: &Program, text: &str) -> Result<i64, Error> {
    match parse_moment(text) {
        Ok(moment) => Ok(moment.in_zone(&program.zone)),
        Err(reason) => Err(Error::Usage(format!("--as-of: {reason}"))),
    }
}

/// A setting that is wrong, at its line of `seg.toml` where that is there.
fn setting(playbook: &Playbook, key: &str, reason: String) -> Error {
    let path = playbook.root.join("seg.toml");
    let text = crate::files::read_inside(&path, &playbook.root).unwrap_or_default();
    match text.lines().position(|l| l.trim_start().starts_with(key)) {
        Some(line) => Error::Settings { path, line: line + 1, reason },
        None => Error::Usage(format!("`{key}` of the seg.toml that the playbook was built with: {reason}")),
    }
}

fn bindings(playbook: &Playbook, request: &Request) -> Result<Bindings, Error> {
    let env = request.env.as_deref();
    let data = playbook.settings.bindings(env).ok_or_else(|| {
        let known: Vec<&str> = playbook.settings.env.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_string() } else { known.join(", ") };
        Error::Usage(format!("seg.toml has no environment `{}`; it has {known}", env.unwrap_or("")))
    })?;
    let binding = |data: Data| Binding { files: data.files, rename: data.rename, is_trusted: false };
    let tables = data.into_iter().map(|(table, data)| (table, binding(data)));
    let within = std::iter::once(&playbook.root).chain(&request.data_roots).cloned().collect();
    let mut bindings = Bindings { tables: tables.collect(), base: playbook.root.clone(), within: Some(within) };
    for pair in &request.data {
        let (table, file) =
            pair.split_once('=').ok_or_else(|| Error::Usage(format!("--data takes NAME=FILE, not `{pair}`")))?;
        // A file named on the command line is relative to where the command runs.
        let file = std::path::absolute(file).unwrap_or_else(|_| PathBuf::from(file));
        let binding = bindings.tables.entry(table.to_string()).or_default();
        binding.files = vec![file.to_string_lossy().into_owned()];
        binding.is_trusted = true;
    }
    Ok(bindings)
}

/// The digest of a playbook's sources. **Source**: SHA-256 over each file's path and text, both preceded by their length.
pub fn digest(folder: &Folder) -> [u8; 32] {
    let mut hash = Sha256::new();
    for (path, text) in folder.sources.files.iter().chain(&folder.sources.csv) {
        for part in [path, text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize().into()
}

fn parse_bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let scale: u64 = match unit.trim() {
        "" | "B" => 1,
        "KB" | "KiB" => 1 << 10,
        "MB" | "MiB" => 1 << 20,
        "GB" | "GiB" => 1 << 30,
        "TB" | "TiB" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(scale)
}

/// Runs a playbook and writes what it gives into a folder, or keeps only the summary.
pub fn run(
    program: &Program,
    options: &Options,
    output: Option<(&Path, seg_runtime::Format)>,
) -> Result<seg_runtime::Summary, seg_runtime::Error> {
    match output {
        None => seg_runtime::run(program, options, &mut seg_runtime::Nothing),
        Some((folder, format)) => {
            let mut sink = seg_runtime::Folder::create(folder, format)?;
            seg_runtime::run(program, options, &mut sink)
        }
    }
}
