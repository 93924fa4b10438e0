//! The versions of everything that a decision rests on besides the playbook and the data.

use serde::{Deserialize, Serialize};

use crate::time::database_version;

/// Raised when a program that was legal means something else, or no longer is.
const LANGUAGE: u32 = 1;
/// Raised when an operation of the IR means something else.
const IR: u32 = 1;
/// Raised when customers are spread over samples in another way.
const HASH: u32 = 1;

/// What a playbook was built with. Builtins have versions of their own, one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    pub language: u32,
    pub ir: u32,
    /// The release of the IANA time zone database: `2025b`.
    pub timezones: String,
    /// Of normal forms and case folding: `16.0.0`.
    pub unicode: String,
    pub hash: u32,
}

impl Versions {
    /// Those of this library.
    pub fn here() -> Versions {
        let (major, minor, patch) = unicode_normalization::UNICODE_VERSION;
        Versions {
            language: LANGUAGE,
            ir: IR,
            timezones: database_version().to_string(),
            unicode: format!("{major}.{minor}.{patch}"),
            hash: HASH,
        }
    }
}
