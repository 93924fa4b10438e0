//! Where results are made and how they come under their name: a folder beside the target, locked while its run lives, put
//! in place in one step. What killed runs have left is found by its lock being free. Knows no formats.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FlockOperation, Mode, OFlags, RenameFlags, flock, renameat_with};
use rustix::io::Errno;

use crate::error::Error;
use crate::file;

/// A folder in the making. Dropping it removes what was made, unless it was published.
pub(super) struct Place {
    target: PathBuf,
    parent: PathBuf,
    temporary: PathBuf,
    /// Held until the run ends, however it ends; none where the file system knows no locks.
    _lock: Option<File>,
    published: bool,
}

/// Names to try, where others make theirs at the same time.
const TRIES: u32 = 64;

impl Place {
    /// Makes a folder beside the target; first removes what killed runs have left there. **Errors**: the target is no name
    /// for a folder, or is something else; no folder can be made beside it.
    pub fn beside(target: &Path) -> Result<Place, Error> {
        let no_name = || Error::Write { path: target.to_path_buf(), what: "it is no name for a folder".to_string() };
        let name = target.file_name().ok_or_else(no_name)?.to_string_lossy().into_owned();
        check_folder(target)?;
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        if !parent.is_dir() {
            fs::create_dir_all(&parent).map_err(Error::io(&parent, "the folder cannot be made"))?;
        }
        clear(&parent, &name, target);
        for attempt in 0..TRIES {
            let temporary = parent.join(format!(".{name}.{}-{attempt}.part", std::process::id()));
            match fs::create_dir(&temporary) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io(target, "no folder can be made beside it")(error)),
                Ok(()) => {
                    let lock = match lock(&temporary) {
                        // Just now a run that clears has taken it for the remains of another.
                        Err(Errno::WOULDBLOCK | Errno::NOENT) => continue,
                        lock => lock.ok(),
                    };
                    let target = target.to_path_buf();
                    return Ok(Place { target, parent, temporary, _lock: lock, published: false });
                }
            }
        }
        Err(Error::Write { path: parent, what: "other runs make their folders in it without end".to_string() })
    }

    pub fn folder(&self) -> &Path {
        &self.temporary
    }

    /// Puts the folder under the target's name; what was there is gone. Whoever looks sees the old one or the new, also
    /// after a crash. **Errors**: it cannot be put there, and the old one stays.
    pub fn publish(&mut self) -> Result<(), Error> {
        check_folder(&self.target)?;
        sync(&self.temporary)?;
        let is_new = !self.target.exists();
        match if is_new { fs::rename(&self.temporary, &self.target) } else { Ok(()) } {
            Ok(()) if is_new => {}
            // Another run was there first.
            Err(error) if error.kind() != io::ErrorKind::DirectoryNotEmpty => {
                return Err(Error::io(&self.target, "the results cannot be put in place")(error));
            }
            _ => self.exchange()?,
        }
        self.published = true;
        let synced = sync(&self.parent);
        // Under the temporary name is now what was replaced, if anything.
        match fs::remove_dir_all(&self.temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io(&self.temporary, "the new results are in place, but the old cannot be removed")(error))
            }
            _ => synced,
        }
    }

    fn exchange(&self) -> Result<(), Error> {
        match renameat_with(CWD, &self.temporary, CWD, &self.target, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(()),
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => return Err(Error::io(&self.target, "it cannot be replaced")(error.into())),
        }
        // A file system that cannot exchange: the old results step aside, and come back if the new cannot take their place.
        let aside = self.temporary.with_extension(ASIDE);
        fs::rename(&self.target, &aside).map_err(Error::io(&self.target, "it cannot be replaced"))?;
        if let Err(error) = fs::rename(&self.temporary, &self.target) {
            let _ = fs::rename(&aside, &self.target);
            return Err(Error::io(&self.target, "the results cannot be put in place")(error));
        }
        fs::rename(&aside, &self.temporary).map_err(Error::io(&aside, "the old results cannot be moved"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.published {
            // The run failed, and its error says why; a remainder is harmless, and the next run removes it.
            let _ = fs::remove_dir_all(&self.temporary);
        }
    }
}

/// The ending of results that stepped aside.
const ASIDE: &str = "old";

/// Removes what runs that were killed have left beside the target, and brings back results that had stepped aside. What
/// cannot be removed is left: it is in nobody's way.
fn clear(parent: &Path, name: &str, target: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let entry = path.file_name().unwrap_or_default().to_string_lossy();
        let rest = entry.strip_prefix('.').and_then(|rest| rest.strip_prefix(name)).and_then(|r| r.strip_prefix('.'));
        let Some((run, ending)) = rest.and_then(|rest| rest.split_once('.')) else { continue };
        let is_run =
            run.starts_with(|c: char| c.is_ascii_digit()) && run.chars().all(|c| c.is_ascii_digit() || c == '-');
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|m| m.is_dir());
        if !is_run || !is_folder || !matches!(ending, "part" | ASIDE) {
            continue;
        }
        // A lock that nobody holds: its run is no more.
        let Ok(_lock) = lock(&path) else { continue };
        if ending == ASIDE && !target.exists() {
            let _ = fs::rename(&path, target);
        } else {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Locks a folder. **Errors**: somebody else has locked it; it is not there any more; there are no locks.
fn lock(folder: &Path) -> Result<File, Errno> {
    let file =
        File::from(rustix::fs::open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?);
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    // It may have been replaced by another of its name before it was locked.
    let is_same = |m: fs::Metadata| file.metadata().is_ok_and(|own| ids(&own) == ids(&m));
    if fs::symlink_metadata(folder).is_ok_and(is_same) { Ok(file) } else { Err(Errno::NOENT) }
}

fn ids(metadata: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// **Errors**: under the name is something that is no folder.
fn check_folder(target: &Path) -> Result<(), Error> {
    let Ok(metadata) = fs::symlink_metadata(target) else { return Ok(()) };
    let what = match metadata.file_type() {
        kind if kind.is_dir() => return Ok(()),
        kind if kind.is_symlink() => "it is a symbolic link; name the folder that it leads to".to_string(),
        kind => format!("it is {}, not a folder", file::other(kind).unwrap_or("a file")),
    };
    Err(Error::Write { path: target.to_path_buf(), what })
}

/// Waits until a folder's entries are on disk.
fn sync(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(Error::io(folder, "it cannot be flushed"))
}
