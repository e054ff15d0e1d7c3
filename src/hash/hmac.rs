//! HMAC (RFC 2104, FIPS 198-1): a hash and a key make a tag that only those who hold the key can make
//! or check.
//!
//! HMAC(K, text) = H(K₀ ⊕ opad ‖ H(K₀ ⊕ ipad ‖ text)). Why twice? With a single H(K ‖ text) whoever
//! sees one tag could go on hashing where it ended, and so forge the tag of a longer message.
//! [`textbook`] has the steps of FIPS 198-1 to be watched.
//!
//! *Constant time. Secret: the key, the message, and the tag until it is given out; lengths are public.*

use std::fmt;

use zeroize::Zeroize;

use super::Hash;
use crate::secret::equal;

pub mod textbook;

/// A running HMAC with the hash `H`, zeroed when dropped.
///
/// ```
/// use cutaway::hash::{Hmac, Sha256};
///
/// let mut sender = Hmac::<Sha256>::new(b"Jefe");
/// sender.update(b"what do ya want for nothing?");
/// let tag = sender.finish();
///
/// let mut receiver = Hmac::<Sha256>::new(b"Jefe");
/// receiver.update(b"what do ya want for nothing!");
/// assert!(receiver.verify(&tag).is_err());
/// ```
#[derive(Clone)]
pub struct Hmac<H: Hash> {
    /// Has taken in K₀ ⊕ ipad, and takes in the text.
    inner: H,
    /// Has taken in K₀ ⊕ opad, and waits for the inner digest.
    outer: H,
}

/// The tag is not the one that the key and the message give. Nothing more is said on purpose. (Authenticated
/// encryption has a [`Forged`](crate::symmetric::aead::Forged) of its own.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tag does not match")]
pub struct Forged;

impl<H: Hash> Hmac<H> {
    /// An HMAC of nothing yet. The key may have any length: one that is longer than a block is hashed
    /// first, and fewer bytes than the hash has output are less than it could protect (RFC 2104 §3).
    ///
    /// Keeping a fresh HMAC and cloning it for each message saves the two blocks that take in the key.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        let mut padded = vec![0; H::BLOCK];
        if key.len() <= H::BLOCK {
            padded[..key.len()].copy_from_slice(key);
        } else {
            let mut digest = H::digest(key);
            padded[..H::OUTPUT].copy_from_slice(digest.as_ref());
            digest.zeroize();
        }

        let mut hmac = Self { inner: H::new(), outer: H::new() };
        padded.iter_mut().for_each(|byte| *byte ^= textbook::IPAD);
        hmac.inner.update(&padded);
        padded.iter_mut().for_each(|byte| *byte ^= textbook::IPAD ^ textbook::OPAD);
        hmac.outer.update(&padded);
        padded.zeroize();
        hmac
    }

    /// Takes in the next bytes of the message.
    pub fn update(&mut self, data: &[u8]) {
        self.inner.update(data);
    }

    /// The tag, as long as the hash's digest.
    #[must_use]
    pub fn finish(self) -> H::Digest {
        let Self { inner, mut outer } = self;
        let mut inner = inner.finish();
        outer.update(inner.as_ref());
        inner.zeroize();
        outer.finish()
    }

    /// Whether `tag` is the tag of the message, whole: a shorter one is refused.
    ///
    /// # Errors
    /// [`Forged`] if it is not.
    pub fn verify(self, tag: &[u8]) -> Result<(), Forged> {
        let mut expected = self.finish();
        let holds = equal(expected.as_ref(), tag);
        expected.zeroize();
        if holds { Ok(()) } else { Err(Forged) }
    }

    /// Whether `tag` is the leftmost `LENGTH` bytes of the tag, for protocols that cut it. The length
    /// is the protocol's, never the sender's, or a forger would choose one byte; so it is part of the
    /// type, and what is shorter than RFC 2104 §5 has it, half the digest or ten bytes, does not compile:
    ///
    /// ```compile_fail
    /// # use cutaway::hash::{Hmac, Sha256};
    /// let _ = Hmac::<Sha256>::new(b"key").verify_truncated(&[0; 15]);
    /// ```
    ///
    /// # Errors
    /// [`Forged`] if it is not.
    pub fn verify_truncated<const LENGTH: usize>(self, tag: &[u8; LENGTH]) -> Result<(), Forged> {
        const {
            assert!(LENGTH >= 10 && LENGTH >= H::OUTPUT / 2, "RFC 2104 §5: too short to prove anything");
            assert!(LENGTH <= H::OUTPUT, "longer than the hash's output");
        }
        let mut expected = self.finish();
        let holds = equal(&expected.as_ref()[..LENGTH], tag);
        expected.zeroize();
        if holds { Ok(()) } else { Err(Forged) }
    }
}

impl<H: Hash> fmt::Debug for Hmac<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hmac").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Sha256;

    /// RFC 4231 §4.3.
    const TAG: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    fn jefe() -> Hmac<Sha256> {
        let mut hmac = Hmac::new(b"Jefe");
        hmac.update(b"what do ya want ");
        hmac.update(b"for nothing?");
        hmac
    }

    #[test]
    fn gives_the_tag_of_the_rfc() {
        assert_eq!(hex::encode(jefe().finish()), TAG);
    }

    #[test]
    fn verify_takes_the_whole_tag_and_nothing_else() {
        let tag = jefe().finish();
        assert_eq!(jefe().verify(&tag), Ok(()));
        assert_eq!(jefe().verify(&tag[..31]), Err(Forged));
        assert_eq!(jefe().verify(&[]), Err(Forged));
        for i in 0..tag.len() {
            let mut changed = tag;
            changed[i] ^= 1;
            assert_eq!(jefe().verify(&changed), Err(Forged));
        }
    }

    #[test]
    fn a_cut_tag_is_compared_from_the_left() {
        let tag = jefe().finish();
        assert_eq!(jefe().verify_truncated::<16>(tag.first_chunk().unwrap()), Ok(()));
        assert_eq!(jefe().verify_truncated::<16>(tag.last_chunk().unwrap()), Err(Forged));
        assert_eq!(jefe().verify_truncated(&tag), Ok(()));
    }
}
