//! GHASH ([NIST SP 800-38D] §6.4): a fingerprint of blocks under a secret block H.
//!
//! The blocks are the coefficients of a polynomial over GF(2¹²⁸), and the fingerprint is its value at H.
//! Two messages of one length have equal values for few H only, so whoever does not know H cannot make
//! a second message that fits. Once H is known, this is easy: GHASH is no hash function.
//!
//! [`textbook`] multiplies bit by bit, as the standard writes it. The rungs:
//!
//! - [`portable`]: carry-less products from integer products, through numbers with holes.
//! - `hardware`: the processor's carry-less multiplication (PCLMULQDQ), eight blocks at a time.
//!
//! *Constant time. Secret: H and every intermediate value; the number of bytes is public.*
//!
//! [NIST SP 800-38D]: https://doi.org/10.6028/NIST.SP.800-38D

pub mod portable;
pub mod textbook;

#[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
pub mod hardware;

use std::fmt;

use super::aes::{self, Block};
#[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
use crate::cpu;
use crate::rung::Rung;

/// A running GHASH under one H. Zeroed when dropped.
///
/// ```
/// use cutaway::symmetric::ghash::Ghash;
///
/// // Of two blocks, the second: (x₁·H + x₂)·H. With H = 1 (the first bit) that is x₁ + x₂.
/// let mut one = [0; 16];
/// one[0] = 0x80;
/// let mut ghash = Ghash::new(&one);
/// ghash.update(&[0x0f; 16]);
/// ghash.update(&[0xff; 16]);
/// assert_eq!(ghash.finish(), [0xf0; 16]);
/// ```
#[derive(Clone)]
pub struct Ghash(State);

#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // A box would cost an indirection in every call.
enum State {
    Portable(portable::Ghash),
    #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
    AesNi(hardware::Ghash),
}

impl Ghash {
    /// Nothing hashed yet, under the hash subkey `h`, on the best rung of this machine.
    #[must_use]
    pub fn new(h: &Block) -> Self {
        #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
        if let Some(token) = cpu::AesNi::detect() {
            return Self(State::AesNi(hardware::Ghash::new(token, h)));
        }
        Self(State::Portable(portable::Ghash::new(h)))
    }

    /// Nothing hashed yet, on this rung; `None` if this machine cannot run it.
    #[must_use]
    pub fn on(rung: Rung, h: &Block) -> Option<Self> {
        match rung {
            Rung::Portable => Some(Self(State::Portable(portable::Ghash::new(h)))),
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            Rung::AesNi => Some(Self(State::AesNi(hardware::Ghash::new(cpu::AesNi::detect()?, h)))),
            #[allow(unreachable_patterns)]
            _ => None,
        }
    }

    /// The rungs that this machine can run, slowest first.
    #[must_use]
    pub fn rungs() -> Vec<Rung> {
        aes::rungs()
    }

    /// The rung that this state lives on.
    #[must_use]
    pub fn rung(&self) -> Rung {
        match self.0 {
            State::Portable(_) => Rung::Portable,
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            State::AesNi(_) => Rung::AesNi,
        }
    }

    /// Takes in `data`, its last block filled up with zeros. So data that belongs together must come in
    /// one call, or in calls of whole blocks before the last.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.0 {
            State::Portable(ghash) => ghash.update(data),
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            State::AesNi(ghash) => ghash.update(data),
        }
    }

    /// The fingerprint of the blocks so far.
    #[must_use]
    pub fn finish(self) -> Block {
        match &self.0 {
            State::Portable(ghash) => ghash.value(),
            #[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
            State::AesNi(ghash) => ghash.value(),
        }
    }
}

impl fmt::Debug for Ghash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ghash({})", self.rung())
    }
}

impl From<portable::Ghash> for Ghash {
    fn from(ghash: portable::Ghash) -> Self {
        Self(State::Portable(ghash))
    }
}

#[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
impl From<hardware::Ghash> for Ghash {
    fn from(ghash: hardware::Ghash) -> Self {
        Self(State::AesNi(ghash))
    }
}
