//! ChaCha20, the stream cipher of [RFC 8439] §2, and the generator of random numbers built on it.
//!
//! A state of sixteen words (a constant, the key, a counter, a nonce) is stirred by additions, XORs and
//! rotations, twenty rounds long, and added to what it was: 64 bytes of key stream. The next block has the
//! next counter. There is no table in it and no branch, so it is constant-time by nature.
//!
//! [`textbook`] is the RFC's pseudocode, which can be watched; [`portable`] is four blocks side by side.
//!
//! *Constant time. Secret: the key, and the text as far as its user says.*
//!
//! [RFC 8439]: https://www.rfc-editor.org/rfc/rfc8439

mod generator;
pub mod portable;
pub mod textbook;

use std::fmt;

pub use self::generator::Generator;
use super::aead::{Nonce, TooLong};
use crate::rung::Rung;

/// ChaCha20 under one key of 32 bytes. It hides a text and protects it from nothing else: whoever flips a
/// bit of the ciphertext flips that bit of the text.
///
/// ```
/// use cutaway::symmetric::aead::Nonce;
/// use cutaway::symmetric::chacha20::ChaCha20;
///
/// let cipher = ChaCha20::new(&[7; 32]);
/// let mut text = *b"attack at dawn";
/// cipher.apply(1, &Nonce([0; 12]), &mut text)?;
/// assert_ne!(&text, b"attack at dawn");
/// cipher.apply(1, &Nonce([0; 12]), &mut text)?;
/// assert_eq!(&text, b"attack at dawn");
/// # Ok::<(), cutaway::symmetric::aead::TooLong>(())
/// ```
#[derive(Clone)]
pub struct ChaCha20(portable::Key);

impl ChaCha20 {
    /// The cipher under `key`, on the best rung of this machine.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(portable::Key::new(key))
    }

    /// The cipher under `key`, on this rung; `None` if this machine cannot run it.
    #[must_use]
    pub fn on(rung: Rung, key: &[u8; 32]) -> Option<Self> {
        (rung == Rung::Portable).then(|| Self::new(key))
    }

    /// The rungs that this machine can run, slowest first.
    #[must_use]
    pub fn rungs() -> Vec<Rung> {
        vec![Rung::Portable]
    }

    /// The rung of this cipher.
    #[must_use]
    pub fn rung(&self) -> Rung {
        Rung::Portable
    }

    /// chacha20_encrypt(), RFC 8439 §2.4, in place: XORs the key stream from block `counter` on.
    /// Applying it again takes it off.
    ///
    /// # Errors
    /// [`TooLong`] if the counter would pass its last value, 2³² − 1; `buffer` is then left as it was.
    pub fn apply(&self, counter: u32, nonce: &Nonce, buffer: &mut [u8]) -> Result<(), TooLong> {
        if buffer.len().div_ceil(64) as u64 > (1 << 32) - u64::from(counter) {
            return Err(TooLong);
        }
        self.0.apply(counter, nonce, buffer);
        Ok(())
    }

    /// chacha20_block(), RFC 8439 §2.3: the 64 bytes of key stream at `counter`.
    #[must_use]
    pub fn block(&self, counter: u32, nonce: &Nonce) -> [u8; 64] {
        let mut block = [0; 64];
        self.0.apply(counter, nonce, &mut block);
        block
    }
}

impl fmt::Debug for ChaCha20 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChaCha20({})", self.rung())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_before_the_counter_comes_round() {
        let cipher = ChaCha20::new(&[0; 32]);
        let nonce = Nonce([0; 12]);
        let mut two_blocks = [1; 128];
        assert_eq!(cipher.apply(u32::MAX, &nonce, &mut two_blocks), Err(TooLong));
        assert_eq!(two_blocks, [1; 128]);
        assert_eq!(cipher.apply(u32::MAX - 1, &nonce, &mut two_blocks), Ok(()));
    }

    #[test]
    fn prints_the_rung_and_no_key() {
        assert_eq!(format!("{:?}", ChaCha20::new(&[0x61; 32])), "ChaCha20(Portable)");
    }
}
