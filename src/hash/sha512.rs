//! SHA-384 and SHA-512 (FIPS 180-4 §6.5, §6.4): 48 and 64 bytes of digest, blocks of 128 bytes.
//!
//! Both are one machine with two starting points. Read [`textbook`] first: it is the standard, step by
//! step, and can be watched. [`Sha384`] and [`Sha512`] are what the rest of the house uses; their rungs
//! must equal the textbook.
//!
//! *Constant time. Secret: what is hashed; its length is public.*

use std::fmt;

use zeroize::Zeroize;

use super::Hash;
use super::block::BlockBuffer;
use crate::rung::Rung;

mod portable;
pub mod textbook;

/// A running SHA-384, zeroed when dropped.
///
/// ```
/// use cutaway::hash::{Hash, Sha384};
///
/// let digest = Sha384::digest(b"abc");
/// assert_eq!(hex::encode(&digest[..4]), "cb00753f");
/// ```
#[derive(Clone)]
pub struct Sha384(Engine);

/// A running SHA-512, zeroed when dropped.
///
/// ```
/// use cutaway::hash::{Hash, Sha512};
///
/// let digest = Sha512::digest(b"abc");
/// assert_eq!(hex::encode(&digest[..4]), "ddaf35a1");
/// ```
#[derive(Clone)]
pub struct Sha512(Engine);

impl Sha384 {
    /// The rungs that this machine can run, slowest first.
    #[must_use]
    pub fn rungs() -> Vec<Rung> {
        Engine::rungs()
    }

    /// A hash of nothing yet on `rung`, or `None` if this machine does not have it.
    #[must_use]
    pub fn on(rung: Rung) -> Option<Self> {
        Engine::on(rung, textbook::SHA384_H0).map(Self)
    }

    /// The rung that it runs on.
    #[must_use]
    pub fn rung(&self) -> Rung {
        Rung::Portable
    }
}

impl Sha512 {
    /// The rungs that this machine can run, slowest first.
    #[must_use]
    pub fn rungs() -> Vec<Rung> {
        Engine::rungs()
    }

    /// A hash of nothing yet on `rung`, or `None` if this machine does not have it.
    #[must_use]
    pub fn on(rung: Rung) -> Option<Self> {
        Engine::on(rung, textbook::SHA512_H0).map(Self)
    }

    /// The rung that it runs on.
    #[must_use]
    pub fn rung(&self) -> Rung {
        Rung::Portable
    }
}

impl Hash for Sha384 {
    const BLOCK: usize = 128;
    const OUTPUT: usize = 48;
    type Digest = [u8; 48];

    fn new() -> Self {
        Self(Engine::new(textbook::SHA384_H0))
    }

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finish(mut self) -> [u8; 48] {
        let mut digest = [0; 48];
        self.0.finish(&mut digest);
        digest
    }
}

impl Hash for Sha512 {
    const BLOCK: usize = 128;
    const OUTPUT: usize = 64;
    type Digest = [u8; 64];

    fn new() -> Self {
        Self(Engine::new(textbook::SHA512_H0))
    }

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finish(mut self) -> [u8; 64] {
        let mut digest = [0; 64];
        self.0.finish(&mut digest);
        digest
    }
}

/// What the two share.
#[derive(Clone)]
struct Engine {
    hash_value: textbook::State,
    buffer: BlockBuffer<128>,
}

impl Engine {
    fn rungs() -> Vec<Rung> {
        vec![Rung::Portable]
    }

    fn on(rung: Rung, initial: textbook::State) -> Option<Self> {
        (rung == Rung::Portable).then(|| Self::new(initial))
    }

    fn new(initial: textbook::State) -> Self {
        Self { hash_value: initial, buffer: BlockBuffer::new() }
    }

    fn update(&mut self, data: &[u8]) {
        self.buffer.update(data, |blocks| portable::compress(&mut self.hash_value, blocks));
    }

    /// Fills `digest` with the hash value from its left: SHA-384 takes six of the eight words.
    fn finish(&mut self, digest: &mut [u8]) {
        self.buffer.finish::<16>(|blocks| portable::compress(&mut self.hash_value, blocks));
        for (bytes, h) in digest.as_chunks_mut().0.iter_mut().zip(self.hash_value) {
            *bytes = h.to_be_bytes();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.hash_value.zeroize();
    }
}

impl fmt::Debug for Sha384 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sha384").finish_non_exhaustive()
    }
}

impl fmt::Debug for Sha512 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sha512").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2 appendices C.1 and D.1.
    #[test]
    fn abc_gives_the_digests_of_the_standard() {
        let expected = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                        2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
        assert_eq!(hex::encode(Sha512::digest(b"abc")), expected);
        assert_eq!(hex::encode(textbook::sha512(b"abc", |_, _| ())), expected);

        let expected = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed\
                        8086072ba1e7cc2358baeca134c825a7";
        assert_eq!(hex::encode(Sha384::digest(b"abc")), expected);
        assert_eq!(hex::encode(textbook::sha384(b"abc", |_, _| ())), expected);
    }

    #[test]
    fn every_length_around_the_padding_equals_the_textbook() {
        for length in 0..=260 {
            let message = vec![0x61; length];
            assert_eq!(Sha512::digest(&message), textbook::sha512(&message, |_, _| ()), "{length}");
        }
    }
}
