//! The installation's keys, all derived from one seed of 32 bytes.

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The Ed25519 key that signs receipts and audit heads, and the secrets behind ETags and throttling.
#[derive(Clone)]
pub struct Keys {
    signing: SigningKey,
    etag: [u8; 32],
    subject: [u8; 32],
}

impl Keys {
    /// Derives the keys from the installation's seed.
    pub fn from_seed(seed: &[u8; 32]) -> Keys {
        let derive = |purpose: &str| -> [u8; 32] { mac(seed, purpose.as_bytes()) };
        Keys {
            signing: SigningKey::from_bytes(&derive("jtc signing v1")),
            etag: derive("jtc etag v1"),
            subject: derive("jtc login subject v1"),
        }
    }

    /// A short name of the public key: the first 16 hex digits of its SHA-256.
    pub fn key_id(&self) -> String {
        key_id(&self.public_key())
    }

    /// The public key, 32 bytes.
    pub fn public_key(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }

    /// Signs bytes; answers the key's id and the signature.
    pub fn sign(&self, bytes: &[u8]) -> (String, Vec<u8>) {
        (self.key_id(), self.signing.sign(bytes).to_bytes().to_vec())
    }

    /// The ETag of a representation: a function of nothing but the bytes that this viewer sees.
    pub fn etag(&self, representation: &[u8]) -> String {
        let tag = mac(&self.etag, representation);
        format!("\"{}\"", hex::encode(&tag[..16]))
    }

    /// An e-mail address as the login throttle knows it.
    pub fn login_subject(&self, email: &str) -> Vec<u8> {
        mac(&self.subject, email.to_lowercase().as_bytes()).to_vec()
    }
}

/// The short name of a public key.
pub fn key_id(public_key: &[u8; 32]) -> String {
    hex::encode(&Sha256::digest(public_key)[..8])
}

/// Whether `signature` is the key's over `bytes`. A malformed key or signature is no signature.
pub fn verify(public_key: &[u8; 32], bytes: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(public_key) else {
        return false;
    };
    Signature::from_slice(signature).is_ok_and(|signature| key.verify(bytes, &signature).is_ok())
}

fn mac(key: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    // A key of 32 bytes is always accepted; any other outcome would be a fault of the library.
    let mut mac = match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => return [0; 32],
    };
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}
