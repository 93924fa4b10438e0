//! Keys of signatures: Ed25519, in the PEM files that `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout`
//! write. **Source**: RFC 8032; RFC 8410 for the files.

use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::error::Error;

/// Precedes what is signed, so that a signature of a playbook can be taken for nothing else.
const DOMAIN: &[u8] = b"seg playbook v1\0";

/// A key that signs.
#[derive(Debug)]
pub struct SecretKey(SigningKey);

/// A key that tells whose signature it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl SecretKey {
    /// The key in a PEM file (PKCS #8). **Errors**: the text is none.
    pub fn from_pem(text: &str) -> Result<SecretKey, Error> {
        SigningKey::from_pkcs8_pem(text.trim()).map(SecretKey).map_err(|_| match is_public(text) {
            true => Error::Key("it holds a public key, and signing takes the secret one"),
            false => Error::Key("it is no secret Ed25519 key; `openssl genpkey -algorithm ed25519` writes one"),
        })
    }

    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(&[DOMAIN, bytes].concat()).to_bytes()
    }
}

impl PublicKey {
    /// The key in a PEM file (SubjectPublicKeyInfo). **Errors**: the text is none.
    pub fn from_pem(text: &str) -> Result<PublicKey, Error> {
        VerifyingKey::from_public_key_pem(text.trim()).map(PublicKey).map_err(|_| match is_secret(text) {
            true => Error::Key("it holds a secret key; `openssl pkey -in KEY -pubout` writes its public one"),
            false => Error::Key("it is no public Ed25519 key; `openssl pkey -in KEY -pubout` writes one"),
        })
    }

    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Option<PublicKey> {
        VerifyingKey::from_bytes(bytes).ok().map(PublicKey)
    }

    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Strictly: one signature of one message by one key, and no weak keys.
    pub(super) fn verifies(&self, bytes: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        self.0.verify_strict(&[DOMAIN, bytes].concat(), &signature).is_ok()
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ed25519:{}", super::hex(&self.to_bytes()))
    }
}

fn is_public(text: &str) -> bool {
    text.contains("BEGIN PUBLIC KEY")
}

fn is_secret(text: &str) -> bool {
    text.contains("PRIVATE KEY")
}
