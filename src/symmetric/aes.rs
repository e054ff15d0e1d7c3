//! The Advanced Encryption Standard, [FIPS 197]: a permutation of blocks of 16 bytes, chosen by a key.
//!
//! [`textbook`] is the standard's pseudocode, which can be watched; read it first. The rungs:
//!
//! - [`portable`]: bitsliced, four blocks at a time, the S-box as a circuit of XORs and ANDs.
//! - `hardware`: the processor's own AES rounds (AES-NI).
//!
//! A block cipher alone keeps nothing secret but single blocks: two equal blocks look equal. Use a
//! mode, such as [`gcm`](super::gcm).
//!
//! *Constant time. Secret: the key, and the block as far as its user says.*
//!
//! [FIPS 197]: https://doi.org/10.6028/NIST.FIPS.197-upd1

pub mod portable;
pub mod textbook;

#[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
pub mod hardware;

use std::fmt;

#[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
use crate::cpu;
use crate::rung::Rung;

/// Sixteen bytes: what AES takes in and gives out at once.
pub type Block = [u8; 16];

/// AES with a key of 16 bytes: ten rounds.
pub type Aes128 = Aes<16>;

/// AES with a key of 32 bytes: fourteen rounds.
pub type Aes256 = Aes<32>;

/// AES under one key of `KEY` bytes, expanded once. Use the names [`Aes128`] and [`Aes256`].
///
/// ```
/// use cutaway::symmetric::aes::Aes128;
///
/// // FIPS 197, Appendix B.
/// let mut key = [0; 16];
/// let mut block = [0; 16];
/// hex::decode_to_slice("2b7e151628aed2a6abf7158809cf4f3c", &mut key)?;
/// hex::decode_to_slice("3243f6a8885a308d313198a2e0370734", &mut block)?;
///
/// let aes = Aes128::new(&key);
/// aes.encrypt_block(&mut block);
/// assert_eq!(hex::encode(block), "3925841d02dc09fbdc118597196a0b32");
/// aes.decrypt_block(&mut block);
/// assert_eq!(hex::encode(block), "3243f6a8885a308d313198a2e0370734");
/// # Ok::<(), hex::FromHexError>(())
/// ```
#[derive(Clone)]
pub struct Aes<const KEY: usize>(Schedule);

/// The expanded key, in the form that its rung wants; each zeroes itself when dropped.
#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // A box would cost an indirection in every call.
enum Schedule {
    Portable(portable::Schedule),
    #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
    AesNi(hardware::Schedule),
}

impl<const KEY: usize> Aes<KEY> {
    /// Expands `key` for the best rung of this machine.
    #[must_use]
    pub fn new(key: &[u8; KEY]) -> Self {
        const { assert!(KEY == 16 || KEY == 32, "AES-128 or AES-256") };
        #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
        if let Some(token) = cpu::AesNi::detect() {
            return Self(Schedule::AesNi(hardware::Schedule::new(token, key)));
        }
        Self(Schedule::Portable(portable::Schedule::new(key)))
    }

    /// Expands `key` for this rung; `None` if this machine cannot run it.
    #[must_use]
    pub fn on(rung: Rung, key: &[u8; KEY]) -> Option<Self> {
        const { assert!(KEY == 16 || KEY == 32, "AES-128 or AES-256") };
        match rung {
            Rung::Portable => Some(Self(Schedule::Portable(portable::Schedule::new(key)))),
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            Rung::AesNi => {
                let token = cpu::AesNi::detect()?;
                Some(Self(Schedule::AesNi(hardware::Schedule::new(token, key))))
            }
            #[allow(unreachable_patterns)]
            _ => None,
        }
    }

    /// The rungs that this machine can run, slowest first.
    #[must_use]
    pub fn rungs() -> Vec<Rung> {
        rungs()
    }

    /// The rung that this key was expanded for.
    #[must_use]
    pub fn rung(&self) -> Rung {
        match self.0 {
            Schedule::Portable(_) => Rung::Portable,
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            Schedule::AesNi(_) => Rung::AesNi,
        }
    }

    /// FIPS 197 CIPHER(), in place.
    pub fn encrypt_block(&self, block: &mut Block) {
        match &self.0 {
            Schedule::Portable(schedule) => schedule.encrypt(std::slice::from_mut(block)),
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            Schedule::AesNi(schedule) => schedule.encrypt(block),
        }
    }

    /// FIPS 197 INVCIPHER(), in place.
    pub fn decrypt_block(&self, block: &mut Block) {
        match &self.0 {
            Schedule::Portable(schedule) => schedule.decrypt(std::slice::from_mut(block)),
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            Schedule::AesNi(schedule) => schedule.decrypt(block),
        }
    }
}

impl<const KEY: usize> fmt::Debug for Aes<KEY> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aes{}({})", KEY * 8, self.rung())
    }
}

/// The rungs of AES, which GHASH and GCM share.
pub(super) fn rungs() -> Vec<Rung> {
    #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
    if cpu::AesNi::detect().is_some() {
        return vec![Rung::Portable, Rung::AesNi];
    }
    vec![Rung::Portable]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_size_and_rung_and_no_key() {
        let aes = Aes256::on(Rung::Portable, &[0x61; 32]).expect("portable is everywhere");
        assert_eq!(format!("{aes:?}"), "Aes256(Portable)");
    }

    /// FIPS 197 (2001), Appendix C.1 and C.3.
    #[test]
    fn every_rung_gives_the_standards_example_vectors() {
        let plaintext: Block = std::array::from_fn(|i| 0x11 * i as u8);
        let key: [u8; 32] = std::array::from_fn(|i| i as u8);
        for rung in rungs() {
            let short = Aes128::on(rung, key.first_chunk().expect("16 of 32")).expect("listed");
            let mut block = plaintext;
            short.encrypt_block(&mut block);
            assert_eq!(hex::encode(block), "69c4e0d86a7b0430d8cdb78070b4c55a", "{rung}");
            short.decrypt_block(&mut block);
            assert_eq!(block, plaintext, "{rung}");

            let long = Aes256::on(rung, &key).expect("listed");
            long.encrypt_block(&mut block);
            assert_eq!(hex::encode(block), "8ea2b7ca516745bfeafc49904b496089", "{rung}");
            long.decrypt_block(&mut block);
            assert_eq!(block, plaintext, "{rung}");
        }
    }
}
