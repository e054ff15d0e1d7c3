//! AES in Cipher Block Chaining mode, [NIST SP 800-38A] §6.2: each block is XORed with the ciphertext
//! block before it, then goes through AES; the first with an *initialization vector*.
//!
//! It hides, and notices nothing: whoever changes a bit of a ciphertext block changes that very bit of the
//! next plaintext block, and garbles this one. So CBC never stands alone. TLS puts a MAC outside of it
//! ([`protection::cbc`](crate::tls::protection::cbc)), and even that was done the wrong way round for
//! fifteen years. In new designs there is no place for it: take [`gcm`](super::gcm).
//!
//! [`textbook`] is the standard's two equations, which can be watched. The rungs:
//!
//! - [`portable`]: on the bitsliced AES. Decryption does four blocks at a time; encryption cannot, for
//!   each block waits for the one before it.
//! - `hardware`: AES-NI, eight blocks at a time to decrypt.
//!
//! What is here takes whole blocks. How a text is filled up to whole blocks, and how that is checked, is
//! the protocol's own matter.
//!
//! *Constant time. Secret: key and plaintext; length, initialization vector and ciphertext are public.*
//!
//! [NIST SP 800-38A]: https://doi.org/10.6028/NIST.SP.800-38A

pub mod portable;
pub mod textbook;

#[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
pub mod hardware;

use std::fmt;

use super::aes::{self, Block};
#[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
use crate::cpu;
use crate::rung::Rung;

/// AES-CBC with a key of 16 bytes.
pub type Aes128Cbc = AesCbc<16>;

/// AES-CBC with a key of 32 bytes.
pub type Aes256Cbc = AesCbc<32>;

/// AES-CBC under one key of `KEY` bytes. Use the names [`Aes128Cbc`] and [`Aes256Cbc`].
///
/// The initialization vector need not be secret, and must be one that nobody can foretell (SP 800-38A,
/// Appendix C): 16 fresh random bytes for each message.
///
/// ```
/// use cutaway::symmetric::cbc::Aes128Cbc;
///
/// let key = Aes128Cbc::new(&[7; 16]);
/// let iv = [0x42; 16]; // in earnest: random
/// let mut blocks = [*b"the same block, ", *b"the same block, "];
/// key.encrypt(&iv, &mut blocks);
/// assert_ne!(blocks[0], blocks[1]);
///
/// // Nothing notices a change: one bit here is that bit of the next block.
/// blocks[0][0] ^= 1;
/// key.decrypt(&iv, &mut blocks);
/// assert_eq!(&blocks[1], b"uhe same block, ");
/// ```
#[derive(Clone)]
pub struct AesCbc<const KEY: usize>(Key);

/// The expanded key, in the form that its rung wants; each zeroes itself when dropped.
#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // A box would cost an indirection in every call.
enum Key {
    Portable(portable::Key),
    #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
    AesNi(hardware::Key),
}

impl<const KEY: usize> AesCbc<KEY> {
    /// Expands `key` for the best rung of this machine.
    #[must_use]
    pub fn new(key: &[u8; KEY]) -> Self {
        const { assert!(KEY == 16 || KEY == 32, "AES-128 or AES-256") };
        #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
        if let Some(token) = cpu::AesNi::detect() {
            return Self(Key::AesNi(hardware::Key::new(token, key)));
        }
        Self(Key::Portable(portable::Key::new(key)))
    }

    /// Expands `key` for this rung; `None` if this machine cannot run it.
    #[must_use]
    pub fn on(rung: Rung, key: &[u8; KEY]) -> Option<Self> {
        const { assert!(KEY == 16 || KEY == 32, "AES-128 or AES-256") };
        match rung {
            Rung::Portable => Some(Self(Key::Portable(portable::Key::new(key)))),
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            Rung::AesNi => Some(Self(Key::AesNi(hardware::Key::new(cpu::AesNi::detect()?, key)))),
            #[allow(unreachable_patterns)]
            _ => None,
        }
    }

    /// The rungs that this machine can run, slowest first.
    #[must_use]
    pub fn rungs() -> Vec<Rung> {
        aes::rungs()
    }

    /// The rung that this key was expanded for.
    #[must_use]
    pub fn rung(&self) -> Rung {
        match self.0 {
            Key::Portable(_) => Rung::Portable,
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            Key::AesNi(_) => Rung::AesNi,
        }
    }

    /// CBC encryption, in place.
    pub fn encrypt(&self, iv: &Block, blocks: &mut [Block]) {
        match &self.0 {
            Key::Portable(key) => key.encrypt(iv, blocks),
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            Key::AesNi(key) => key.encrypt(iv, blocks),
        }
    }

    /// CBC decryption, in place. It always gives something: see above.
    pub fn decrypt(&self, iv: &Block, blocks: &mut [Block]) {
        match &self.0 {
            Key::Portable(key) => key.decrypt(iv, blocks),
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            Key::AesNi(key) => key.decrypt(iv, blocks),
        }
    }
}

impl<const KEY: usize> fmt::Debug for AesCbc<KEY> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aes{}Cbc({})", KEY * 8, self.rung())
    }
}

/// AES-CBC with a key whose length is known only at run time, as that of a cipher suite is.
///
/// ```
/// use cutaway::symmetric::cbc::AnyAesCbc;
///
/// let cbc = AnyAesCbc::new(&[7; 16]).unwrap();
/// let mut blocks = [*b"attack at dawn!!"];
/// cbc.encrypt(&[0x42; 16], &mut blocks);
/// cbc.decrypt(&[0x42; 16], &mut blocks);
/// assert_eq!(&blocks[0], b"attack at dawn!!");
/// assert!(AnyAesCbc::new(&[7; 24]).is_none());
/// ```
#[derive(Debug)]
pub enum AnyAesCbc {
    /// With a key of 16 bytes.
    Aes128(Box<Aes128Cbc>),
    /// With a key of 32 bytes.
    Aes256(Box<Aes256Cbc>),
}

impl AnyAesCbc {
    /// With this key, on the best rung; `None` if it is neither 16 nor 32 bytes long.
    #[must_use]
    pub fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Some(Self::Aes128(Box::new(Aes128Cbc::new(key.try_into().ok()?)))),
            32 => Some(Self::Aes256(Box::new(Aes256Cbc::new(key.try_into().ok()?)))),
            _ => None,
        }
    }

    /// CBC encryption, in place.
    pub fn encrypt(&self, iv: &Block, blocks: &mut [Block]) {
        match self {
            Self::Aes128(cbc) => cbc.encrypt(iv, blocks),
            Self::Aes256(cbc) => cbc.encrypt(iv, blocks),
        }
    }

    /// CBC decryption, in place.
    pub fn decrypt(&self, iv: &Block, blocks: &mut [Block]) {
        match self {
            Self::Aes128(cbc) => cbc.decrypt(iv, blocks),
            Self::Aes256(cbc) => cbc.decrypt(iv, blocks),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_size_and_rung_and_no_key() {
        let key = Aes128Cbc::on(Rung::Portable, &[0x61; 16]).expect("portable is everywhere");
        assert_eq!(format!("{key:?}"), "Aes128Cbc(Portable)");
    }
}
