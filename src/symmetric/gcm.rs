//! AES in Galois/Counter Mode, [NIST SP 800-38D]: encryption that notices every change.
//!
//! The text is XORed with AES of a counter that starts at the nonce, and the ciphertext, with the associated
//! data before it, is hashed by [`ghash`](super::ghash) under H = AES(0); the tag is that hash, XORed with
//! AES of the counter's first value. TLS seals its records so (RFC 5288), and Kubernetes can keep its secrets so.
//!
//! [`textbook`] is the standard's pseudocode, which can be watched. The rungs:
//!
//! - [`portable`]: the portable rungs of AES and GHASH, one after the other.
//! - `hardware`: eight counters through AES-NI while eight blocks go through PCLMULQDQ.
//!
//! *Constant time. Secret: key, plaintext, and the tag that would be right; lengths, nonce, associated
//! data and ciphertext are public.*
//!
//! [NIST SP 800-38D]: https://doi.org/10.6028/NIST.SP.800-38D

pub mod portable;
pub mod textbook;

#[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
pub mod hardware;

use std::fmt;

use zeroize::Zeroize;

use super::aead::{Forged, Nonce, Tag, TooLong};
use super::aes::{self, Block};
use super::ghash::Ghash;
#[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
use crate::cpu;
use crate::rung::Rung;

/// AES-GCM with a key of 16 bytes.
pub type Aes128Gcm = AesGcm<16>;

/// AES-GCM with a key of 32 bytes.
pub type Aes256Gcm = AesGcm<32>;

/// AES-GCM under one key of `KEY` bytes. Use the names [`Aes128Gcm`] and [`Aes256Gcm`].
///
/// Under one key, at most 2³² messages with random nonces (SP 800-38D §8.3); with a counter for a nonce,
/// as in TLS, that limit does not apply. Never the same nonce twice.
///
/// ```
/// use cutaway::symmetric::aead::{Forged, Nonce};
/// use cutaway::symmetric::gcm::Aes256Gcm;
///
/// let key = Aes256Gcm::new(&[7; 32]);
/// let nonce = Nonce([0; 12]);
/// let sealed = key.seal(&nonce, b"to: bob", b"attack at dawn")?;
/// assert_eq!(sealed.len(), 14 + 16);
///
/// assert_eq!(key.open(&nonce, b"to: bob", &sealed).as_deref(), Ok(&b"attack at dawn"[..]));
/// assert_eq!(key.open(&nonce, b"to: eve", &sealed), Err(Forged));
/// # Ok::<(), cutaway::symmetric::aead::TooLong>(())
/// ```
#[derive(Clone)]
pub struct AesGcm<const KEY: usize>(Key);

/// The expanded key, in the form that its rung wants; each zeroes itself when dropped.
#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // A box would cost an indirection in every call.
enum Key {
    Portable(portable::Key),
    #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
    AesNi(hardware::Key),
}

/// Which of the two: GHASH sees the ciphertext, which is what comes out of the one and goes into the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Seal,
    Open,
}

impl<const KEY: usize> AesGcm<KEY> {
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

    /// Encrypts and authenticates: the ciphertext, as long as `plaintext`, and behind it the tag.
    ///
    /// # Errors
    /// [`TooLong`] above 2³⁶ − 32 bytes of text or 2⁶¹ − 1 of associated data (§5.2.1.1).
    pub fn seal(&self, nonce: &Nonce, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, TooLong> {
        let mut sealed = Vec::with_capacity(plaintext.len() + Tag::LEN);
        sealed.extend_from_slice(plaintext);
        match self.seal_in_place(nonce, aad, &mut sealed) {
            Ok(tag) => sealed.extend_from_slice(&tag.0),
            Err(error) => {
                sealed.zeroize();
                return Err(error);
            }
        }
        Ok(sealed)
    }

    /// Checks the tag, which is the last 16 bytes of `sealed`, and decrypts what is before it.
    ///
    /// # Errors
    /// [`Forged`] if the tag does not belong to these bytes, or if there is no room for one.
    pub fn open(&self, nonce: &Nonce, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Forged> {
        let (ciphertext, tag) = sealed.split_last_chunk().ok_or(Forged)?;
        let mut plaintext = ciphertext.to_vec();
        self.open_in_place(nonce, aad, &mut plaintext, &Tag(*tag))?;
        Ok(plaintext)
    }

    /// Encrypts `buffer` where it lies, and gives the tag.
    ///
    /// # Errors
    /// [`TooLong`] as for [`seal`](Self::seal); `buffer` is then left as it was.
    pub fn seal_in_place(&self, nonce: &Nonce, aad: &[u8], buffer: &mut [u8]) -> Result<Tag, TooLong> {
        self.seal_with_nonce_of_any_length(&nonce.0, aad, buffer)
    }

    /// Decrypts `buffer` where it lies, if the tag belongs to it.
    ///
    /// # Errors
    /// [`Forged`] if it does not; `buffer` is then zeroed.
    pub fn open_in_place(
        &self,
        nonce: &Nonce,
        aad: &[u8],
        buffer: &mut [u8],
        tag: &Tag,
    ) -> Result<(), Forged> {
        self.open_with_nonce_of_any_length(&nonce.0, aad, buffer, tag)
    }

    /// Sealing for test vectors: the standard admits nonces of 1 to 2⁶¹ − 1 bytes, and all but those of
    /// twelve are hashed first, so that two of them may collide. An empty nonce is refused as `TooLong`.
    #[doc(hidden)]
    pub fn seal_with_nonce_of_any_length(
        &self,
        nonce: &[u8],
        aad: &[u8],
        buffer: &mut [u8],
    ) -> Result<Tag, TooLong> {
        check_lengths(aad.len() as u64, buffer.len() as u64)?;
        let j0 = self.pre_counter_block(nonce).ok_or(TooLong)?;
        Ok(self.crypt(Direction::Seal, &j0, aad, buffer))
    }

    /// Opening for test vectors; an empty nonce is `Forged`.
    #[doc(hidden)]
    pub fn open_with_nonce_of_any_length(
        &self,
        nonce: &[u8],
        aad: &[u8],
        buffer: &mut [u8],
        tag: &Tag,
    ) -> Result<(), Forged> {
        let expected = check_lengths(aad.len() as u64, buffer.len() as u64)
            .ok()
            .and_then(|()| self.pre_counter_block(nonce))
            .map(|j0| self.crypt(Direction::Open, &j0, aad, buffer));
        if expected.is_some_and(|expected| expected == *tag) {
            return Ok(());
        }
        buffer.zeroize();
        Err(Forged)
    }

    /// J₀, SP 800-38D Algorithm 4 step 2: the counter block that masks the tag; its successors mask the text.
    fn pre_counter_block(&self, nonce: &[u8]) -> Option<Block> {
        if let Ok(nonce) = <[u8; 12]>::try_from(nonce) {
            let mut j0 = [0; 16];
            j0[..12].copy_from_slice(&nonce);
            j0[15] = 1;
            return Some(j0);
        }
        if nonce.is_empty() || nonce.len() as u64 > MAX_HASHED {
            return None;
        }
        let mut ghash = self.ghash();
        ghash.update(nonce);
        ghash.update(&lengths(0, nonce.len()));
        Some(ghash.finish())
    }

    /// GHASH under this key's H.
    fn ghash(&self) -> Ghash {
        match &self.0 {
            Key::Portable(key) => key.ghash().into(),
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            Key::AesNi(key) => key.ghash().into(),
        }
    }

    /// Encrypts or decrypts `buffer`, and gives the tag of the ciphertext: GCM-AE (Algorithm 4) and GCM-AD
    /// (Algorithm 5) but for the comparison, which the caller makes before anybody sees the plaintext.
    fn crypt(&self, direction: Direction, j0: &Block, aad: &[u8], buffer: &mut [u8]) -> Tag {
        Tag(match &self.0 {
            Key::Portable(key) => key.crypt(direction, j0, aad, buffer),
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            Key::AesNi(key) => key.crypt(direction, j0, aad, buffer),
        })
    }
}

impl<const KEY: usize> fmt::Debug for AesGcm<KEY> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aes{}Gcm({})", KEY * 8, self.rung())
    }
}

/// 2³⁶ − 32 bytes of text: so many blocks that a counter of 32 bits does not come round to J₀ (§5.2.1.1).
const MAX_TEXT: u64 = (1 << 36) - 32;
/// 2⁶¹ − 1 bytes of associated data, or of nonce: what a field of 64 bits can say in bits (§5.2.1.1).
const MAX_HASHED: u64 = (1 << 61) - 1;

fn check_lengths(aad: u64, text: u64) -> Result<(), TooLong> {
    if aad > MAX_HASHED || text > MAX_TEXT { Err(TooLong) } else { Ok(()) }
}

/// \[len(A)\]₆₄ ‖ \[len(C)\]₆₄, in bits: the last block that is hashed.
fn lengths(aad: usize, text: usize) -> Block {
    let bits = |bytes: usize| (bytes as u64).wrapping_mul(8);
    (u128::from(bits(aad)) << 64 | u128::from(bits(text))).to_be_bytes()
}

/// AES-GCM with a key whose length is known only at run time, as that of a cipher suite is.
///
/// ```
/// use cutaway::symmetric::aead::Nonce;
/// use cutaway::symmetric::gcm::AnyAesGcm;
///
/// let gcm = AnyAesGcm::new(&[7; 16]).unwrap();
/// let mut buffer = *b"attack at dawn";
/// let tag = gcm.seal_in_place(&Nonce([0; 12]), b"", &mut buffer).unwrap();
/// assert!(gcm.open_in_place(&Nonce([0; 12]), b"", &mut buffer, &tag).is_ok());
/// assert!(AnyAesGcm::new(&[7; 24]).is_none());
/// ```
#[derive(Debug)]
pub enum AnyAesGcm {
    /// With a key of 16 bytes.
    Aes128(Box<Aes128Gcm>),
    /// With a key of 32 bytes.
    Aes256(Box<Aes256Gcm>),
}

impl AnyAesGcm {
    /// With this key, on the best rung; `None` if it is neither 16 nor 32 bytes long.
    #[must_use]
    pub fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Some(Self::Aes128(Box::new(Aes128Gcm::new(key.try_into().ok()?)))),
            32 => Some(Self::Aes256(Box::new(Aes256Gcm::new(key.try_into().ok()?)))),
            _ => None,
        }
    }

    /// Encrypts `buffer` where it lies, and gives the tag.
    ///
    /// # Errors
    /// [`TooLong`] if the standard's bounds are passed.
    pub fn seal_in_place(&self, nonce: &Nonce, aad: &[u8], buffer: &mut [u8]) -> Result<Tag, TooLong> {
        match self {
            Self::Aes128(gcm) => gcm.seal_in_place(nonce, aad, buffer),
            Self::Aes256(gcm) => gcm.seal_in_place(nonce, aad, buffer),
        }
    }

    /// Decrypts `buffer` where it lies, if the tag belongs to it.
    ///
    /// # Errors
    /// [`Forged`] if it does not; `buffer` is then zeroed.
    pub fn open_in_place(
        &self,
        nonce: &Nonce,
        aad: &[u8],
        buffer: &mut [u8],
        tag: &Tag,
    ) -> Result<(), Forged> {
        match self {
            Self::Aes128(gcm) => gcm.open_in_place(nonce, aad, buffer, tag),
            Self::Aes256(gcm) => gcm.open_in_place(nonce, aad, buffer, tag),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_standard() {
        assert_eq!(check_lengths(0, (1 << 36) - 32), Ok(()));
        assert_eq!(check_lengths(0, (1 << 36) - 31), Err(TooLong));
        assert_eq!(check_lengths((1 << 61) - 1, 0), Ok(()));
        assert_eq!(check_lengths(1 << 61, 0), Err(TooLong));
    }

    #[test]
    fn prints_size_and_rung_and_no_key() {
        let key = Aes128Gcm::on(Rung::Portable, &[0x61; 16]).expect("portable is everywhere");
        assert_eq!(format!("{key:?}"), "Aes128Gcm(Portable)");
    }
}
