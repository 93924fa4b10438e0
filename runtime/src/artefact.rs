//! Reads a compiled playbook from a file, with the functions of the standard library: all that deciding needs.

use std::io::Read;
use std::path::Path;

use seg_ir::playbook::{BYTES_MAX, Playbook, PublicKey};

use crate::error::Error;

/// The bytes of a compiled playbook. A file that is too large is read no further than tells so. **Errors**: it cannot be
/// read.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |e: std::io::Error| Error::Read { file: path.to_path_buf(), what: e.to_string() };
    let mut bytes = Vec::new();
    let file = crate::file::open(path).map_err(unreadable)?;
    file.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// The compiled playbook in a file; with a key, only one that this key signed. **Errors**: it cannot be read, or the first
/// check that fails.
pub fn load(path: &Path, key: Option<&PublicKey>) -> Result<Playbook, Error> {
    let refused = |what| Error::Playbook { file: path.to_path_buf(), what };
    Playbook::open(&bytes(path)?, key, seg_stdlib::VOCABULARY).map_err(refused)
}
