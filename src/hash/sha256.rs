//! SHA-256 (FIPS 180-4 §6.2): 32 bytes of digest, blocks of 64 bytes.
//!
//! Read [`textbook`] first: it is the standard, step by step, and can be watched. [`Sha256`] is what the
//! rest of the house uses; its rungs must equal the textbook.
//!
//! *Constant time. Secret: what is hashed; its length is public.*

use std::fmt;

use zeroize::Zeroize;

use super::Hash;
use super::block::BlockBuffer;
use crate::rung::Rung;

mod portable;
pub mod textbook;

/// A running SHA-256, zeroed when dropped.
///
/// ```
/// use cutaway::hash::{Hash, Sha256};
///
/// let digest = Sha256::digest(b"abc");
/// assert_eq!(hex::encode(&digest[..4]), "ba7816bf");
/// ```
#[derive(Clone)]
pub struct Sha256 {
    hash_value: textbook::State,
    buffer: BlockBuffer<64>,
}

impl Sha256 {
    /// The rungs that this machine can run, slowest first.
    #[must_use]
    pub fn rungs() -> Vec<Rung> {
        vec![Rung::Portable]
    }

    /// A hash of nothing yet on `rung`, or `None` if this machine does not have it.
    #[must_use]
    pub fn on(rung: Rung) -> Option<Self> {
        (rung == Rung::Portable).then(Self::new)
    }

    /// The rung that it runs on.
    #[must_use]
    pub fn rung(&self) -> Rung {
        Rung::Portable
    }
}

impl Hash for Sha256 {
    const BLOCK: usize = 64;
    const OUTPUT: usize = 32;
    type Digest = [u8; 32];

    fn new() -> Self {
        Self { hash_value: textbook::H0, buffer: BlockBuffer::new() }
    }

    fn update(&mut self, data: &[u8]) {
        self.buffer.update(data, |blocks| portable::compress(&mut self.hash_value, blocks));
    }

    fn finish(mut self) -> [u8; 32] {
        self.buffer.finish::<8>(|blocks| portable::compress(&mut self.hash_value, blocks));
        let mut digest = [0; 32];
        for (bytes, h) in digest.as_chunks_mut().0.iter_mut().zip(self.hash_value) {
            *bytes = h.to_be_bytes();
        }
        digest
    }
}

impl Drop for Sha256 {
    fn drop(&mut self) {
        self.hash_value.zeroize();
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sha256").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2 appendix B.1.
    #[test]
    fn abc_gives_the_digest_of_the_standard() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex::encode(Sha256::digest(b"abc")), expected);
        assert_eq!(hex::encode(textbook::sha256(b"abc", |_, _| ())), expected);
    }

    #[test]
    fn every_length_around_the_padding_equals_the_textbook() {
        for length in 0..=130 {
            let message = vec![0x61; length];
            assert_eq!(Sha256::digest(&message), textbook::sha256(&message, |_, _| ()), "{length}");
        }
    }
}
