//! CBC by the instructions of x86-64.
//!
//! *Constant time. Secret: key and plaintext; the number of blocks is public.*
//!
//! An AES round takes some four cycles, and a processor of today can begin two in each. To decrypt, eight
//! blocks go side by side and keep it busy. To encrypt, each block waits for the one before it, and the
//! units for most of the time: the mode is what makes it slow, and no instruction mends that.
//!
//! Equals [`portable`](super::portable).

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use crate::cpu;
use crate::symmetric::aes::Block;
use crate::symmetric::aes::hardware::{RoundKeys, Schedule, load, store};

/// How many blocks go through the rounds side by side.
const BLOCKS: usize = 8;

/// The round keys for either way. They zero themselves when dropped.
///
/// Whoever holds one holds the token: the processor has the instructions.
#[derive(Clone)]
pub struct Key {
    w: RoundKeys,
    /// The round keys of the equivalent inverse cipher, in the order of their use (FIPS 197 §5.3.5).
    dw: RoundKeys,
    token: cpu::AesNi,
}

impl Key {
    /// Expands a key of 16 or 32 bytes.
    #[must_use]
    pub fn new<const KEY: usize>(token: cpu::AesNi, key: &[u8; KEY]) -> Self {
        let w = Schedule::new(token, key).into_round_keys();
        // SAFETY: the token proves that the processor has the features of `inverse`.
        let dw = unsafe { inverse(token, &w) };
        Self { w, dw, token }
    }

    /// Cⱼ = CIPH(Pⱼ ⊕ Cⱼ₋₁), one block after the other.
    pub fn encrypt(&self, iv: &Block, blocks: &mut [Block]) {
        // SAFETY: the token proves that the processor has the features of `encrypt`.
        unsafe {
            match self.w.rounds {
                10 => encrypt::<10>(self.token, &self.w, iv, blocks),
                _ => encrypt::<14>(self.token, &self.w, iv, blocks),
            }
        }
    }

    /// Pⱼ = CIPH⁻¹(Cⱼ) ⊕ Cⱼ₋₁, eight blocks at a time.
    pub fn decrypt(&self, iv: &Block, blocks: &mut [Block]) {
        // SAFETY: the token proves that the processor has the features of `decrypt`.
        unsafe {
            match self.dw.rounds {
                10 => decrypt::<10>(self.token, &self.dw, iv, blocks),
                _ => decrypt::<14>(self.token, &self.dw, iv, blocks),
            }
        }
    }
}

/// KEYEXPANSIONEIC(), FIPS 197 Algorithm 5: the inner round keys go through INVMIXCOLUMNS().
#[target_feature(enable = "aes,avx")]
fn inverse(_: cpu::AesNi, w: &RoundKeys) -> RoundKeys {
    let mut dw = RoundKeys { keys: [_mm_setzero_si128(); 15], rounds: w.rounds };
    for (round, key) in dw.keys[..=w.rounds].iter_mut().enumerate() {
        let mirrored = w.keys[w.rounds - round];
        let outer = round == 0 || round == w.rounds;
        *key = if outer { mirrored } else { _mm_aesimc_si128(mirrored) };
    }
    dw
}

/// The previous block is XORed to the plaintext beside the chain, together with the first round key, so
/// that only the rounds themselves wait for one another.
#[target_feature(enable = "aes,avx")]
fn encrypt<const ROUNDS: usize>(_: cpu::AesNi, w: &RoundKeys, iv: &Block, blocks: &mut [Block]) {
    let mut chain = load(iv);
    for block in blocks {
        let input = _mm_xor_si128(load(block), w.keys[0]);
        let mut state = _mm_xor_si128(input, chain);
        for round_key in &w.keys[1..ROUNDS] {
            state = _mm_aesenc_si128(state, *round_key);
        }
        chain = _mm_aesenclast_si128(state, w.keys[ROUNDS]);
        *block = store(chain);
    }
}

#[target_feature(enable = "aes,avx")]
fn decrypt<const ROUNDS: usize>(token: cpu::AesNi, dw: &RoundKeys, iv: &Block, blocks: &mut [Block]) {
    let mut before = load(iv);
    let (chunks, rest) = blocks.as_chunks_mut::<BLOCKS>();
    for chunk in chunks {
        before = decrypt_side_by_side::<ROUNDS, BLOCKS>(token, dw, before, chunk);
    }
    for block in rest.as_chunks_mut::<1>().0 {
        before = decrypt_side_by_side::<ROUNDS, 1>(token, dw, before, block);
    }
}

/// `N` blocks, of which the first follows the ciphertext block `before`; returns the last ciphertext block.
#[inline]
#[target_feature(enable = "aes,avx")]
fn decrypt_side_by_side<const ROUNDS: usize, const N: usize>(
    _: cpu::AesNi,
    dw: &RoundKeys,
    mut before: __m128i,
    blocks: &mut [Block; N],
) -> __m128i {
    let mut states = [dw.keys[0]; N];
    for (state, block) in states.iter_mut().zip(&*blocks) {
        *state = _mm_xor_si128(*state, load(block));
    }
    for round_key in &dw.keys[1..ROUNDS] {
        for state in &mut states {
            *state = _mm_aesdec_si128(*state, *round_key);
        }
    }
    for (state, block) in states.iter().zip(blocks) {
        let ciphertext = load(block);
        let opened = _mm_aesdeclast_si128(*state, dw.keys[ROUNDS]);
        *block = store(_mm_xor_si128(opened, before));
        before = ciphertext;
    }
    before
}
