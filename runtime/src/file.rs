//! The one door to files that are read: what is no regular file (a device, a pipe, a socket, a folder) is refused before
//! anybody waits for it or reads it without end. Knows no formats.

use std::fs::{File, FileType};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

/// Opens a file for reading. **Errors**: it cannot be opened, or is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    // Opening a device may do something to it; so its kind is asked before, and again of what was opened, which may be
    // another file by then.
    check(std::fs::metadata(path)?.file_type())?;
    // Opening a pipe would wait for its writer.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    check(file.metadata()?.file_type())?;
    Ok(file)
}

/// The bytes of a file. **Errors**: those of [`open`]; it is larger than `bytes_max`.
pub fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let large =
        |bytes: u64| io::Error::other(format!("it has {bytes} bytes, and at most {bytes_max} are read of such"));
    let length = file.metadata()?.len();
    if length > bytes_max {
        return Err(large(length));
    }
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max { Err(large(bytes.len() as u64)) } else { Ok(bytes) }
}

/// What something is that is no regular file, in words: `a folder`.
pub fn other(kind: FileType) -> Option<&'static str> {
    let what = match () {
        () if kind.is_file() => return None,
        () if kind.is_dir() => "a folder",
        () if kind.is_symlink() => "a symbolic link",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_char_device() || kind.is_block_device() => "a device",
        () => "something else",
    };
    Some(what)
}

fn check(kind: FileType) -> io::Result<()> {
    other(kind).map_or(Ok(()), |what| Err(io::Error::other(format!("it is {what}, not a file"))))
}

/// Whether a path leads into one of the folders when all its links are followed. What is not there leads nowhere.
pub fn is_within(path: &Path, folders: &[PathBuf]) -> bool {
    let Ok(real) = path.canonicalize() else { return false };
    folders.iter().filter_map(|folder| folder.canonicalize().ok()).any(|folder| real.starts_with(folder))
}
