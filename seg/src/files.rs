//! A playbook on disk: its folder, its `seg.toml`, its `.seg` files and the CSV files beside them. Reads nothing outside
//! the folder, and follows no links out of it.

use std::fs;
use std::path::{Path, PathBuf};

use seg_compiler::Sources;

use crate::config::Settings;

/// What can go wrong around a playbook, as opposed to inside it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no playbook at `{0}`: name a folder with a `seg.toml`, a `.seg` file, or a compiled `.segb`")]
    NoPlaybook(PathBuf),
    #[error("no `seg.toml` here or in any folder above: name the playbook, or start one in this folder")]
    NoPlaybookHere,
    #[error("`{path}` cannot be read: {reason}")]
    Unreadable { path: PathBuf, reason: String },
    #[error("`{path}`, line {line}: {reason}")]
    Settings { path: PathBuf, line: usize, reason: String },
    #[error("the playbook has errors; `seg check` shows them")]
    HasErrors,
    #[error("`{0}` is a compiled playbook; name its sources")]
    Compiled(PathBuf),
    #[error("`{path}`: {reason}")]
    Refused { path: PathBuf, reason: crate::ir::playbook::Error },
    #[error("{0}")]
    Usage(String),
    #[error("`{path}` cannot be written: {reason}")]
    Unwritable { path: PathBuf, reason: String },
}

/// A playbook's files and settings.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The folder that paths go from.
    pub root: PathBuf,
    pub settings: Settings,
    pub sources: Sources,
}

/// Files in a playbook beyond which something is wrong, such as a home folder taken for one.
const FILES_MAX: usize = 10_000;
/// A CSV file beside a playbook that is larger than this is data, not part of it.
const CSV_BYTES_MAX: u64 = 64 << 20;

impl Folder {
    /// Opens a folder, a `seg.toml` or a single `.seg` file; none means the folder at hand or the nearest above it.
    pub fn open(path: Option<&Path>) -> Result<Folder, Error> {
        match path {
            None => Folder::nearest(),
            Some(path) if path.is_dir() => Folder::of(path),
            Some(path) if path.extension().is_some_and(|e| e == "seg") && path.is_file() => Folder::single(path),
            Some(path) if path.ends_with("seg.toml") && path.is_file() => {
                Folder::of(path.parent().unwrap_or(Path::new(".")))
            }
            Some(path) if is_compiled(path) && path.is_file() => Err(Error::Compiled(path.to_path_buf())),
            Some(path) => Err(Error::NoPlaybook(path.to_path_buf())),
        }
    }

    fn nearest() -> Result<Folder, Error> {
        let here = std::env::current_dir().map_err(|_| Error::NoPlaybookHere)?;
        let found = here.ancestors().find(|folder| folder.join("seg.toml").is_file());
        Folder::of(found.ok_or(Error::NoPlaybookHere)?)
    }

    fn of(root: &Path) -> Result<Folder, Error> {
        let toml = root.join("seg.toml");
        let settings = match read(&toml) {
            Ok(text) => {
                Settings::parse(&text).map_err(|(line, reason)| Error::Settings { path: toml, line, reason })?
            }
            Err(_) if !toml.exists() => Settings::default(),
            Err(error) => return Err(error),
        };
        let mut folder = Folder { root: root.to_path_buf(), settings, sources: Sources::default() };
        folder.sources.name = folder.settings.name.clone().unwrap_or_else(|| folder_name(root));
        let canonical = root.canonicalize().map_err(|e| unreadable(root, &e))?;
        folder.collect(root, &canonical)?;
        if folder.sources.files.is_empty() {
            return Err(Error::NoPlaybook(root.to_path_buf()));
        }
        Ok(folder)
    }

    /// One file by itself: its folder's settings and CSV files, none of the other `.seg` files.
    fn single(path: &Path) -> Result<Folder, Error> {
        let text = read(path)?;
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let root = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut folder = Folder {
            root: root.to_path_buf(),
            settings: Settings::default(),
            sources: Sources { name: name.trim_end_matches(".seg").to_string(), ..Sources::default() },
        };
        folder.sources.files.insert(name, text.clone());
        for named in quoted_csv(&text) {
            let file = root.join(&named);
            if is_inside(&file, root)
                && let Ok(text) = read(&file)
            {
                folder.sources.csv.insert(named, text);
            }
        }
        Ok(folder)
    }

    fn collect(&mut self, folder: &Path, canonical: &Path) -> Result<(), Error> {
        let mut entries: Vec<_> = fs::read_dir(folder)
            .map_err(|e| unreadable(folder, &e))?
            .filter_map(Result::ok)
            .map(|e| e.path())
            .collect();
        entries.sort();
        for path in entries {
            let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
            let Ok(real) = path.canonicalize() else { continue };
            if hidden || !real.starts_with(canonical) {
                continue;
            }
            if path.is_dir() {
                let nested = path.join("seg.toml").is_file() || path.is_symlink();
                if !nested {
                    self.collect(&path, canonical)?;
                }
                continue;
            }
            self.take(&path)?;
        }
        Ok(())
    }

    fn take(&mut self, path: &Path) -> Result<(), Error> {
        let relative = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        match path.extension().and_then(|e| e.to_str()) {
            Some("seg") => {
                if self.sources.files.len() >= FILES_MAX {
                    return Err(Error::Usage(format!(
                        "more than {FILES_MAX} `.seg` files below `{}`",
                        self.root.display()
                    )));
                }
                self.sources.files.insert(relative, read(path)?);
            }
            // Data sets are CSV too; only what a `.seg` file could name is read, and text that is not UTF-8 is data.
            Some("csv") if fs::metadata(path).is_ok_and(|m| m.len() <= CSV_BYTES_MAX) && !self.is_data(&relative) => {
                if let Ok(text) = read(path) {
                    self.sources.csv.insert(relative, text);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether `seg.toml` binds the file to a table.
    fn is_data(&self, relative: &str) -> bool {
        self.settings.run.all_data_files().any(|file| file == relative)
    }
}

/// Whether a path is named as compiled playbooks are.
pub fn is_compiled(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "segb")
}

/// Replaces a file in one step: whoever reads it sees the old one or the new.
pub fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<(), Error> {
    let unwritable = |e: std::io::Error| Error::Unwritable { path: path.to_path_buf(), reason: e.to_string() };
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    fs::write(&beside, text).map_err(unwritable)?;
    if let Ok(metadata) = fs::metadata(path) {
        let _ = fs::set_permissions(&beside, metadata.permissions());
    }
    fs::rename(&beside, path).map_err(|e| {
        let _ = fs::remove_file(&beside);
        unwritable(e)
    })
}

fn folder_name(root: &Path) -> String {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    real.file_name().map_or_else(|| "playbook".to_string(), |n| n.to_string_lossy().into_owned())
}

fn is_inside(path: &Path, root: &Path) -> bool {
    match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        _ => false,
    }
}

/// The CSV files that a source text names.
fn quoted_csv(text: &str) -> Vec<String> {
    text.split('"').filter(|part| part.ends_with(".csv") && !part.contains('\n')).map(String::from).collect()
}

pub(crate) fn read(path: &Path) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|e| unreadable(path, &e))?;
    String::from_utf8(bytes).map_err(|e| {
        let line = 1 + e.as_bytes().iter().take(e.utf8_error().valid_up_to()).filter(|b| **b == b'\n').count();
        Error::Unreadable {
            path: path.to_path_buf(),
            reason: format!("line {line} is not UTF-8 text; save the file as UTF-8"),
        }
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unreadable { path: path.to_path_buf(), reason: error.to_string() }
}
