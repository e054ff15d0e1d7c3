//! Hashes, and what is built on them.
//!
//! A hash turns any number of bytes into a short digest, and nobody knows how to find two inputs with
//! the same one. A hash and a key make a proof that a message came from one who holds the key.
//!
//! | file, in the order of reading | what it holds |
//! |---|---|
//! | [`sha256`] | SHA-256 (FIPS 180-4 §6.2); its `textbook` can be watched, read that first |
//! | [`sha512`] | SHA-512 and SHA-384 (§6.4, §6.5): wider words, more rounds, the same plan |
//! | `block` | what both share: bytes to blocks, and the padding (§5.1) |
//! | [`hmac`] | HMAC (FIPS 198-1) |
//!
//! Each hash is a type with the methods of [`Hash`], for code that knows which one it uses;
//! [`HashAlgorithm`] is the name of one as a value, for code that learns it from the wire.
//!
//! ```
//! use cutaway::hash::{Hash, Sha256};
//!
//! let mut running = Sha256::new();
//! running.update(b"client_hello");
//! running.update(b"server_hello");
//! assert_eq!(running.finish(), Sha256::digest(b"client_helloserver_hello"));
//! ```
//!
//! *Constant time. Secret: what is hashed; its length is public.*

use std::fmt;

use zeroize::Zeroize;

mod block;
pub mod hmac;
pub mod sha256;
pub mod sha512;

pub use hmac::Hmac;
pub use sha256::Sha256;
pub use sha512::{Sha384, Sha512};

/// A hash function in the middle of its work: bytes go in, piece by piece, and a digest comes out.
///
/// Implementations zero their state when dropped, since what is hashed may be a key.
pub trait Hash: Clone {
    /// The bytes that are mixed in at once: what HMAC pads its key to.
    const BLOCK: usize;

    /// The bytes of a digest.
    const OUTPUT: usize;

    /// A digest: an array of [`OUTPUT`](Self::OUTPUT) bytes.
    type Digest: AsRef<[u8]> + AsMut<[u8]> + Copy + Eq + fmt::Debug + Zeroize;

    /// A hash of nothing yet, on the best rung that this machine has.
    fn new() -> Self;

    /// Takes in the next bytes. How the message is cut into calls makes no difference.
    fn update(&mut self, data: &[u8]);

    /// The digest of all that was taken in.
    fn finish(self) -> Self::Digest;

    /// The digest of `data`, in one call.
    #[must_use]
    fn digest(data: &[u8]) -> Self::Digest {
        let mut running = Self::new();
        running.update(data);
        running.finish()
    }
}

/// The name of a hash function, as a value.
///
/// ```
/// use cutaway::hash::HashAlgorithm;
///
/// let digest = HashAlgorithm::Sha384.digest(b"abc");
/// assert_eq!(digest.len(), HashAlgorithm::Sha384.output_len());
/// assert_eq!(HashAlgorithm::Sha384.to_string(), "SHA-384");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HashAlgorithm {
    /// SHA-256: 32 bytes.
    Sha256,
    /// SHA-384: 48 bytes.
    Sha384,
    /// SHA-512: 64 bytes.
    Sha512,
}

impl HashAlgorithm {
    /// The bytes of a digest.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha256 => Sha256::OUTPUT,
            Self::Sha384 => Sha384::OUTPUT,
            Self::Sha512 => Sha512::OUTPUT,
        }
    }

    /// The digest of `data`.
    #[must_use]
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        let mut running = self.hasher();
        running.update(data);
        running.finish()
    }

    /// A hash of nothing yet.
    #[must_use]
    pub fn hasher(self) -> Hasher {
        Hasher(match self {
            Self::Sha256 => Running::Sha256(Sha256::new()),
            Self::Sha384 => Running::Sha384(Sha384::new()),
            Self::Sha512 => Running::Sha512(Sha512::new()),
        })
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// A running hash of an algorithm that was chosen at run time, as by a cipher suite.
///
/// A clone goes its own way: the digest of a transcript so far is `running.clone().finish()`.
///
/// ```
/// use cutaway::hash::HashAlgorithm;
///
/// let mut transcript = HashAlgorithm::Sha256.hasher();
/// transcript.update(b"client_hello");
/// let so_far = transcript.clone().finish();
/// transcript.update(b"server_hello");
/// assert_ne!(transcript.finish(), so_far);
/// ```
#[derive(Clone, Debug)]
pub struct Hasher(Running);

#[derive(Clone, Debug)]
enum Running {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    /// Which algorithm it runs.
    #[must_use]
    pub const fn algorithm(&self) -> HashAlgorithm {
        match self.0 {
            Running::Sha256(_) => HashAlgorithm::Sha256,
            Running::Sha384(_) => HashAlgorithm::Sha384,
            Running::Sha512(_) => HashAlgorithm::Sha512,
        }
    }

    /// Takes in the next bytes.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.0 {
            Running::Sha256(running) => running.update(data),
            Running::Sha384(running) => running.update(data),
            Running::Sha512(running) => running.update(data),
        }
    }

    /// The digest of all that was taken in, [`output_len`](HashAlgorithm::output_len) bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        match self.0 {
            Running::Sha256(running) => running.finish().to_vec(),
            Running::Sha384(running) => running.finish().to_vec(),
            Running::Sha512(running) => running.finish().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_algorithm_chosen_at_run_time_is_the_type_of_that_name() {
        assert_eq!(HashAlgorithm::Sha256.digest(b"abc"), Sha256::digest(b"abc"));
        assert_eq!(HashAlgorithm::Sha384.digest(b"abc"), Sha384::digest(b"abc"));
        assert_eq!(HashAlgorithm::Sha512.digest(b"abc"), Sha512::digest(b"abc"));
        for algorithm in [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512] {
            assert_eq!(algorithm.hasher().algorithm(), algorithm);
            assert_eq!(algorithm.digest(b"").len(), algorithm.output_len());
        }
    }

    #[test]
    fn nothing_that_was_hashed_is_printed() {
        let mut running = HashAlgorithm::Sha256.hasher();
        running.update(&[0xab; 65]);
        assert_eq!(format!("{running:?}"), "Hasher(Sha256(Sha256 { .. }))");
    }
}
