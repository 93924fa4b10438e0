//! The compiled playbook: a checked program with everything that a run and an explanation need, as bytes that any machine
//! reads. Portable typed IR, never machine code. Knows no files: bytes come in and go out.
//!
//! Loading goes: size, header, checksum, signature, bounded decoding to the exact end, verification.

mod container;
mod contents;
mod error;
mod keys;
mod settings;
mod versions;

use sha2::{Digest as _, Sha256};

use crate::builtin::Vocabulary;
use crate::program::Program;

pub use container::{BYTES_MAX, FORMAT, FORMATS_READ, Header, MAGIC, header, reseal, sign, signer};
pub use error::Error;
pub use keys::{PublicKey, SecretKey};
pub use settings::{Data, Moment, Settings};
pub use versions::Versions;

/// A compiled playbook.
#[derive(Debug, Clone)]
pub struct Playbook {
    pub program: Program,
    /// What `seg.toml` said that a run needs.
    pub settings: Settings,
    /// The SHA-256 of the sources, as summaries tell it.
    pub sources: [u8; 32],
    /// What it was built with.
    pub versions: Versions,
}

impl Playbook {
    /// A playbook of a program that was compiled here and now.
    pub fn new(program: Program, settings: Settings, sources: [u8; 32]) -> Playbook {
        Playbook { program, settings, sources, versions: Versions::here() }
    }

    /// The playbook as bytes: the same for the same playbook, on every machine. **Errors**: what would not load again.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        crate::verify::program::program(&self.program).map_err(Error::Unfit)?;
        let bytes = container::seal(&contents::encode(self)?)?;
        match Playbook::decode(&bytes, self.program.vocabulary) {
            Ok(_) => Ok(bytes),
            Err(Error::Unsound(what)) => Err(Error::Unfit(what)),
            Err(error) => Err(error),
        }
    }

    /// The playbook that bytes hold. A signature that is there must fit; whose it is, [`Playbook::open`] asks.
    pub fn decode(bytes: &[u8], vocabulary: Vocabulary) -> Result<Playbook, Error> {
        Playbook::open(bytes, None, vocabulary)
    }

    /// The playbook that bytes hold; with a key, only one that this key signed. **Errors**: the first check that fails.
    pub fn open(bytes: &[u8], key: Option<&PublicKey>, vocabulary: Vocabulary) -> Result<Playbook, Error> {
        let payload = container::open(bytes, key)?;
        contents::decode(payload, vocabulary)
    }
}

/// The SHA-256 of bytes.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// `0a1b...`, two digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
