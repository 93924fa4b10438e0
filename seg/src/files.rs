//! A playbook on disk: its folder, its `seg.toml`, its `.seg` files and the CSV files that these name. Opens nothing else, no
//! data, nothing outside the folder whatever links say, and nothing that is no regular file.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use seg_compiler::Sources;
use seg_runtime::file;
pub use seg_runtime::file::other;

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
    #[error("`{path}` is refused: {reason}")]
    NotOurs { path: PathBuf, reason: String },
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
/// A file of a playbook that is larger than this is data, not part of it.
const BYTES_MAX: u64 = 64 << 20;
/// A longer file holds no key.
const KEY_BYTES_MAX: u64 = 64 << 10;

impl Folder {
    /// Opens a folder, a `seg.toml` or a single `.seg` file; none means the folder at hand or the nearest above it.
    pub fn open(path: Option<&Path>) -> Result<Folder, Error> {
        match path {
            None => Folder::nearest(),
            Some(path) if path.is_dir() => Folder::of(path),
            Some(path) if path.extension().is_some_and(|e| e == "seg") && path.is_file() => Folder::single(path),
            Some(path) if path.ends_with("seg.toml") && path.is_file() => {
                Folder::of(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))
            }
            Some(path) if is_compiled(path) && path.is_file() => Err(Error::Compiled(path.to_path_buf())),
            Some(path) => Err(match fs::metadata(path).ok().and_then(|m| file::other(m.file_type())) {
                Some(what) => not_ours(path, format!("it is {what}, not a playbook")),
                None => Error::NoPlaybook(path.to_path_buf()),
            }),
        }
    }

    /// A playbook that is in memory alone.
    pub fn of_sources(sources: Sources) -> Folder {
        Folder { root: PathBuf::new(), settings: Settings::default(), sources }
    }

    fn nearest() -> Result<Folder, Error> {
        let here = std::env::current_dir().map_err(|_| Error::NoPlaybookHere)?;
        let found = here.ancestors().find(|folder| folder.join("seg.toml").is_file());
        Folder::of(found.ok_or(Error::NoPlaybookHere)?)
    }

    fn of(root: &Path) -> Result<Folder, Error> {
        let toml = root.join("seg.toml");
        let settings = match fs::symlink_metadata(&toml) {
            Ok(_) => {
                let text = read_inside(&toml, root)?;
                Settings::parse(&text).map_err(|(line, reason)| Error::Settings { path: toml, line, reason })?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Settings::default(),
            Err(error) => return Err(unreadable(&toml, &error)),
        };
        let mut folder = Folder { root: root.to_path_buf(), settings, sources: Sources::default() };
        folder.sources.name = folder.settings.name.clone().unwrap_or_else(|| folder_name(root));
        folder.collect(root)?;
        if folder.sources.files.is_empty() {
            return Err(Error::NoPlaybook(root.to_path_buf()));
        }
        folder.take_named_csv();
        Ok(folder)
    }

    /// One file by itself: the CSV files that it names, none of the other `.seg` files.
    fn single(path: &Path) -> Result<Folder, Error> {
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let root = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let text = read_inside(path, root)?;
        let mut folder = Folder {
            root: root.to_path_buf(),
            settings: Settings::default(),
            sources: Sources { name: name.trim_end_matches(".seg").to_string(), ..Sources::default() },
        };
        folder.sources.files.insert(name, text);
        folder.take_named_csv();
        Ok(folder)
    }

    /// Takes in the `.seg` files of a folder and of those below; hidden ones, other playbooks and folders that are links
    /// are passed over.
    fn collect(&mut self, folder: &Path) -> Result<(), Error> {
        let entries = fs::read_dir(folder).map_err(|e| unreadable(folder, &e))?;
        let mut entries: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
        entries.sort();
        for path in entries {
            if path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.')) {
                continue;
            }
            if path.is_dir() {
                if !path.is_symlink() && !path.join("seg.toml").exists() {
                    self.collect(&path)?;
                }
                continue;
            }
            let relative = path.strip_prefix(&self.root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            match path.extension().and_then(|e| e.to_str()) {
                Some("seg") => self.take(&path, relative)?,
                Some("csv") => {
                    self.sources.unread.insert(relative);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, relative: String) -> Result<(), Error> {
        if self.sources.files.len() >= FILES_MAX {
            let root = self.root.display();
            return Err(Error::Usage(format!("more than {FILES_MAX} `.seg` files below `{root}`")));
        }
        self.sources.files.insert(relative, read_inside(path, &self.root)?);
        Ok(())
    }

    /// Reads the CSV files that the `.seg` files name; the others are data, and none of the playbook's.
    fn take_named_csv(&mut self) {
        let named: Vec<String> = self.sources.files.values().flat_map(|text| quoted_csv(text)).collect();
        for name in named {
            let path = self.root.join(&name);
            if Sources::leads_out(&name) || fs::symlink_metadata(&path).is_err() {
                continue;
            }
            match read_inside(&path, &self.root) {
                Ok(text) => {
                    self.sources.csv.insert(name, text);
                }
                Err(Error::NotOurs { reason, .. } | Error::Unreadable { reason, .. }) => {
                    self.sources.refused.insert(name, reason);
                }
                Err(other) => {
                    self.sources.refused.insert(name, other.to_string());
                }
            }
        }
    }
}

/// Whether a path is named as compiled playbooks are.
pub fn is_compiled(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "segb")
}

/// Replaces a file in one step: whoever reads it sees the old one or the new. **Errors**: it cannot be written; under the
/// name is something that is no regular file, such as a link or a device.
pub fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<(), Error> {
    let unwritable = |reason: String| Error::Unwritable { path: path.to_path_buf(), reason };
    let before = fs::symlink_metadata(path).ok();
    if let Some(what) = before.as_ref().and_then(|m| file::other(m.file_type())) {
        return Err(unwritable(format!("it is {what}, not a file")));
    }
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    // What is there under this name is of a process that is no more, or of somebody who wants it written through.
    let _ = fs::remove_file(&beside);
    let fill = || {
        let mut file = fs::File::create_new(&beside)?;
        file.write_all(text.as_ref())?;
        if let Some(metadata) = &before {
            file.set_permissions(metadata.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    fill().map_err(|error: io::Error| {
        let _ = fs::remove_file(&beside);
        unwritable(error.to_string())
    })
}

fn folder_name(root: &Path) -> String {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    real.file_name().map_or_else(|| "playbook".to_string(), |n| n.to_string_lossy().into_owned())
}

/// The CSV files that a source text names.
fn quoted_csv(text: &str) -> Vec<String> {
    text.split('"').filter(|part| part.ends_with(".csv") && !part.contains('\n')).map(String::from).collect()
}

/// The text of a file that must lie in a folder, wherever links lead.
pub(crate) fn read_inside(path: &Path, root: &Path) -> Result<String, Error> {
    // A link that leads nowhere has no other fault than that.
    if path.exists() && !file::is_within(path, &[root.to_path_buf()]) {
        return Err(not_ours(path, "it is a link out of the playbook's folder; put the file itself there".to_string()));
    }
    text(path, BYTES_MAX)
}

/// The text of a `.seg` file, wherever it is.
pub fn source(path: &Path) -> Result<String, Error> {
    text(path, BYTES_MAX)
}

/// The text of a key's file, wherever it is.
pub(crate) fn read_key(path: &Path) -> Result<String, Error> {
    text(path, KEY_BYTES_MAX)
}

fn text(path: &Path, bytes_max: u64) -> Result<String, Error> {
    let bytes = file::read(path, bytes_max).map_err(|e| unreadable(path, &e))?;
    String::from_utf8(bytes).map_err(|e| {
        let line = 1 + e.as_bytes().iter().take(e.utf8_error().valid_up_to()).filter(|b| **b == b'\n').count();
        Error::Unreadable {
            path: path.to_path_buf(),
            reason: format!("line {line} is not UTF-8 text; save the file as UTF-8"),
        }
    })
}

fn not_ours(path: &Path, reason: String) -> Error {
    Error::NotOurs { path: path.to_path_buf(), reason }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::Unreadable { path: path.to_path_buf(), reason: error.to_string() }
}
