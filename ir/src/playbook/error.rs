//! Why bytes are no compiled playbook that may decide anything: the check that failed, and what to do.

use super::container::{BYTES_MAX, FORMATS_READ};

/// The check that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// It does not begin as a compiled playbook does.
    NoPlaybook,
    /// A version of the format that is not read here.
    Format(u16),
    /// Bytes, of more than are looked at.
    TooLarge(usize),
    /// The bytes are not those that were written.
    Damaged(&'static str),
    /// A key was given, and nobody signed.
    Unsigned,
    /// Signed with another key than the one given.
    AnotherSigner(String),
    /// The signature is not of these bytes.
    Forged,
    /// A key file that is none.
    Key(&'static str),
    /// A part of the language in a version that is not here: what, the version there, the version here.
    Version(String, u32, Option<u32>),
    /// The bytes are whole, and what they say breaks the rules of the IR.
    Unsound(String),
    /// The playbook is beyond what a compiled playbook can hold.
    Unfit(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::NoPlaybook => write!(f, "it is no compiled playbook; `seg build` makes one"),
            Error::Format(found) => {
                let (first, last) = (FORMATS_READ.start(), FORMATS_READ.end());
                let read = if first == last { first.to_string() } else { format!("{first} and {last}") };
                let repair = if found > last { "use a newer seg, or build" } else { "build" };
                write!(
                    f,
                    "it is of format version {found}, and this seg reads {read}; {repair} it again from its sources"
                )
            }
            Error::TooLarge(bytes) => write!(f, "it has {bytes} bytes, and at most {BYTES_MAX} are read"),
            Error::Damaged(what) => write!(f, "it is damaged: {what}; fetch or build it again"),
            Error::Unsigned => write!(f, "it is not signed; sign it with `seg build --sign KEY`"),
            Error::AnotherSigner(signer) => write!(f, "it is signed with another key, {signer}"),
            Error::Forged => write!(f, "its signature is not of these bytes: they were changed after signing"),
            Error::Key(what) => f.write_str(what),
            Error::Version(what, there, None) => {
                write!(f, "it uses {what} in version {there}, which this seg does not have; use a newer seg")
            }
            Error::Version(what, there, Some(here)) => write!(
                f,
                "it uses {what} in version {there}, and this seg has version {here}; build it again from its sources"
            ),
            Error::Unsound(what) => write!(f, "what it says does not hold together: {what}; build it again"),
            Error::Unfit(what) => write!(f, "it cannot be a compiled playbook: {what}"),
        }
    }
}

impl std::error::Error for Error {}
