//! The container: what stands around the contents. A header that every version of the format keeps, a checksum, and a
//! signature at the end where somebody signed.
//!
//! **Shape**, little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 0..8 | `SEGB` and four bytes that a transfer as text would change |
//! | 8..10 | version of the format |
//! | 10..16 | zero |
//! | 16..24 | length of the contents, n |
//! | 24..56 | SHA-256 of bytes 0..24 and the contents |
//! | 56..56+n | the contents |
//! | the next 96, or nothing | the signer's public key and the Ed25519 signature of all bytes before it |

use sha2::{Digest, Sha256};

use super::error::Error;
use super::keys::{PublicKey, SecretKey};

/// What every compiled playbook begins with.
pub const MAGIC: [u8; 8] = *b"SEGB\r\n\x1a\n";
/// The format that is written.
pub const FORMAT: u16 = 1;
/// The formats that are read: this one and the one before it.
pub const FORMATS_READ: std::ops::RangeInclusive<u16> = 1..=FORMAT;
/// The largest file that is looked at.
pub const BYTES_MAX: usize = 32 << 20;

const HEADER: usize = 56;
const SUMMED: usize = 24;
const KEY: usize = 32;
const SIGNATURE: usize = KEY + 64;

/// What can be read of a compiled playbook of any version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub format: u16,
    /// The length of the contents in bytes.
    pub length: u64,
    /// The SHA-256 of header and contents.
    pub checksum: [u8; 32],
}

/// The header of a compiled playbook. **Errors**: it is none, or cut off.
pub fn header(bytes: &[u8]) -> Result<Header, Error> {
    if !bytes.starts_with(&MAGIC) {
        return Err(Error::NoPlaybook);
    }
    let head = bytes.get(..HEADER).ok_or(Error::Damaged("it is cut off in its header"))?;
    let word = |at: usize| head.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
    let checksum = head.get(SUMMED..).and_then(|b| b.try_into().ok()).unwrap_or_default();
    Ok(Header { format: (word(8) & 0xffff) as u16, length: word(16), checksum })
}

/// Contents in their container, unsigned.
pub(super) fn seal(contents: &[u8]) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(HEADER + contents.len());
    bytes.extend(MAGIC);
    bytes.extend(u64::from(FORMAT).to_le_bytes());
    bytes.extend((contents.len() as u64).to_le_bytes());
    bytes.extend([0; HEADER - SUMMED]);
    bytes.extend(contents);
    within_bounds(&bytes)?;
    reseal(&mut bytes);
    Ok(bytes)
}

/// Writes the checksum anew, for bytes that were changed on purpose; what has no header is left as it is.
pub fn reseal(bytes: &mut [u8]) {
    let Ok(Header { length, .. }) = header(bytes) else { return };
    let end = usize::try_from(length).ok().and_then(|n| HEADER.checked_add(n)).filter(|end| *end <= bytes.len());
    let sum = checksum(bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default());
    if let Some(slot) = bytes.get_mut(SUMMED..HEADER) {
        slot.copy_from_slice(&sum);
    }
}

/// The checksum of a container without its signature.
fn checksum(bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(bytes.get(..SUMMED).unwrap_or_default());
    hash.update(bytes.get(HEADER..).unwrap_or_default());
    hash.finalize().into()
}

/// The contents of a container. **Errors**: the first check that fails.
pub(super) fn open<'b>(bytes: &'b [u8], key: Option<&PublicKey>) -> Result<&'b [u8], Error> {
    within_bounds(bytes)?;
    let (signed, signature) = split(bytes)?;
    if checksum(signed) != header(bytes)?.checksum {
        return Err(Error::Damaged("its checksum does not fit"));
    }
    match (signature, key) {
        (None, None) => {}
        (None, Some(_)) => return Err(Error::Unsigned),
        (Some((signer, signature)), key) => {
            let signer = PublicKey::from_bytes(signer).ok_or(Error::Damaged("its signer's key is none"))?;
            if key.is_some_and(|key| *key != signer) {
                return Err(Error::AnotherSigner(signer.to_string()));
            }
            if !signer.verifies(signed, signature) {
                return Err(Error::Forged);
            }
        }
    }
    Ok(signed.get(HEADER..).unwrap_or_default())
}

/// The container with a signature at its end, in place of one that was there. **Errors**: it does not hold together.
pub fn sign(bytes: &[u8], key: &SecretKey) -> Result<Vec<u8>, Error> {
    let (signed, _) = split(bytes)?;
    let mut out = signed.to_vec();
    out.extend(key.public().to_bytes());
    out.extend(key.sign(signed));
    Ok(out)
}

/// Whose signature a container bears, if it bears one. It says nothing unless the container was opened.
pub fn signer(bytes: &[u8]) -> Option<PublicKey> {
    let (_, signature) = split(bytes).ok()?;
    PublicKey::from_bytes(signature?.0)
}

/// A signer's public key and the signature.
type Signature<'b> = (&'b [u8; KEY], &'b [u8; 64]);

/// The bytes that a signature covers, and the signature.
fn split(bytes: &[u8]) -> Result<(&[u8], Option<Signature<'_>>), Error> {
    let Header { format, length, .. } = header(bytes)?;
    if !FORMATS_READ.contains(&format) {
        return Err(Error::Format(format));
    }
    if bytes.get(10..16).is_none_or(|rest| rest.iter().any(|b| *b != 0)) {
        return Err(Error::Damaged("its header is not as the format has it"));
    }
    let end = usize::try_from(length).ok().and_then(|n| HEADER.checked_add(n));
    let (signed, rest) = end
        .and_then(|end| bytes.split_at_checked(end))
        .ok_or(Error::Damaged("it is cut off, or its length is wrong"))?;
    match rest.len() {
        0 => Ok((signed, None)),
        SIGNATURE => {
            let signature = rest.split_first_chunk::<KEY>().and_then(|(key, rest)| Some((key, rest.first_chunk()?)));
            Ok((signed, signature))
        }
        _ => Err(Error::Damaged("there is more behind its end than a signature")),
    }
}

fn within_bounds(bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() > BYTES_MAX { Err(Error::TooLarge(bytes.len())) } else { Ok(()) }
}
