//! What every authenticated encryption with associated data has in common ([RFC 5116]).
//!
//! It *seals* a plaintext under a key and a nonce: out come a ciphertext of the same length and a tag
//! of 16 bytes. *Opening* checks the tag, over the ciphertext and over the associated data, which
//! travels in the clear; if one bit of either was changed, nothing is released.
//!
//! [RFC 5116]: https://www.rfc-editor.org/rfc/rfc5116

use crate::secret;

/// The number used once: two messages sealed under one key must never share it.
///
/// It is not secret. With GCM a repeated nonce gives away the XOR of the two plaintexts and, worse,
/// the key of GHASH, with which anyone can forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce(pub [u8; 12]);

/// The proof that whoever sealed had the key: 16 bytes over ciphertext and associated data.
///
/// Two tags are compared in constant time, so that the time taken by a refusal does not tell a forger
/// how many bytes were right.
#[derive(Clone, Copy, Debug)]
pub struct Tag(pub [u8; 16]);

impl Tag {
    /// Sixteen bytes, in every AEAD that is here.
    pub const LEN: usize = 16;
}

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        secret::equal(&self.0, &other.0)
    }
}

impl Eq for Tag {}

/// More bytes than the standard allows under one nonce (for GCM 2³⁶ − 32, NIST SP 800-38D §5.2.1.1),
/// or more associated data than its length field can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more bytes than may be sealed under one nonce")]
pub struct TooLong;

/// The tag does not belong to these bytes: something was changed on the way, or the key, the nonce or
/// the associated data is another one. Which of these it was cannot be known, and nothing is released.
/// (HMAC has a [`Forged`](crate::hash::hmac::Forged) of its own.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("forged: the tag does not belong to these bytes")]
pub struct Forged;
