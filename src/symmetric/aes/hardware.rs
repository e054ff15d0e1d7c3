//! AES by the instructions of x86-64: one for each round (AES-NI).
//!
//! *Constant time. Secret: key, round keys, blocks. The instructions' own time does not depend on data.*
//!
//! Equals [`portable`](super::portable).

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use zeroize::Zeroize;

use super::Block;
use crate::cpu;

/// The round keys.
///
/// Whoever holds one holds the token: the processor has the instructions.
#[derive(Clone)]
pub struct Schedule {
    round_keys: RoundKeys,
    token: cpu::AesNi,
}

/// Fifteen round keys at most, and Nr. Zeroed when dropped.
#[derive(Clone)]
pub(in crate::symmetric) struct RoundKeys {
    pub(in crate::symmetric) keys: [__m128i; 15],
    /// Nr: 10, 12 or 14.
    pub(in crate::symmetric) rounds: usize,
}

impl Schedule {
    /// KEYEXPANSION(), FIPS 197 Algorithm 2, for a key of 16, 24 or 32 bytes.
    #[must_use]
    pub fn new<const KEY: usize>(token: cpu::AesNi, key: &[u8; KEY]) -> Self {
        // SAFETY: the token proves that the processor has the features of `key_expansion`.
        let round_keys = unsafe { key_expansion(token, key) };
        Self { round_keys, token }
    }

    pub(in crate::symmetric) fn into_round_keys(self) -> RoundKeys {
        self.round_keys
    }

    /// CIPHER(), FIPS 197 Algorithm 1.
    pub fn encrypt(&self, block: &mut Block) {
        // SAFETY: the token proves that the processor has the features of `cipher`.
        unsafe { cipher(self.token, &self.round_keys, block) }
    }

    /// EQINVCIPHER(), FIPS 197 Algorithm 4, which equals INVCIPHER().
    pub fn decrypt(&self, block: &mut Block) {
        // SAFETY: the token proves that the processor has the features of `inv_cipher`.
        unsafe { inv_cipher(self.token, &self.round_keys, block) }
    }
}

impl Drop for RoundKeys {
    fn drop(&mut self) {
        self.keys.zeroize();
    }
}

/// KEYEXPANSION(), FIPS 197 Algorithm 2, with SUBWORD() by AESKEYGENASSIST.
#[target_feature(enable = "aes,avx")]
fn key_expansion<const KEY: usize>(_: cpu::AesNi, key: &[u8; KEY]) -> RoundKeys {
    let nk = KEY / 4;
    let rounds = nk + 6;
    let mut w = [0; 60];
    for (word, bytes) in w.iter_mut().zip(key.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let mut rcon = 0x01;
    for i in nk..4 * (rounds + 1) {
        let temp = w[i - 1];
        // The instruction gives SUBWORD() of the second word in word 0 of its result, and in word 1 that
        // with ROTWORD(), which commutes with SUBWORD().
        let assisted = _mm_aeskeygenassist_si128::<0>(_mm_set1_epi32(temp as i32));
        w[i] = w[i - nk]
            ^ if i % nk == 0 {
                let rotated = _mm_extract_epi32::<1>(assisted) as u32 ^ rcon;
                // The constants are public: this branch is on none but the round.
                rcon = if rcon == 0x80 { 0x1b } else { rcon << 1 };
                rotated
            } else if nk > 6 && i % nk == 4 {
                _mm_extract_epi32::<0>(assisted) as u32
            } else {
                temp
            };
    }
    let mut expanded = RoundKeys { keys: [_mm_setzero_si128(); 15], rounds };
    for (key, words) in expanded.keys.iter_mut().zip(w.as_chunks().0) {
        let [w0, w1, w2, w3] = words.map(u32::cast_signed);
        *key = _mm_setr_epi32(w0, w1, w2, w3);
    }
    w.zeroize();
    expanded
}

#[target_feature(enable = "aes,avx")]
fn cipher(_: cpu::AesNi, w: &RoundKeys, block: &mut Block) {
    let mut state = _mm_xor_si128(load(block), w.keys[0]);
    for round_key in &w.keys[1..w.rounds] {
        state = _mm_aesenc_si128(state, *round_key);
    }
    *block = store(_mm_aesenclast_si128(state, w.keys[w.rounds]));
}

/// AESDEC does the steps of a round in the order of the equivalent inverse cipher, for which the inner
/// round keys go through INVMIXCOLUMNS() (FIPS 197 §5.3.5).
#[target_feature(enable = "aes,avx")]
fn inv_cipher(_: cpu::AesNi, w: &RoundKeys, block: &mut Block) {
    let mut state = _mm_xor_si128(load(block), w.keys[w.rounds]);
    for round_key in w.keys[1..w.rounds].iter().rev() {
        state = _mm_aesdec_si128(state, _mm_aesimc_si128(*round_key));
    }
    *block = store(_mm_aesdeclast_si128(state, w.keys[0]));
}

/// Sixteen bytes to a register; the least significant byte is the first.
#[inline]
pub(in crate::symmetric) fn load(block: &Block) -> __m128i {
    // SAFETY: `block` is 16 readable bytes, and this load asks for no alignment.
    unsafe { _mm_loadu_si128(block.as_ptr().cast()) }
}

/// A register to sixteen bytes; the least significant byte is the first.
#[inline]
pub(in crate::symmetric) fn store(register: __m128i) -> Block {
    let mut block = [0; 16];
    // SAFETY: `block` is 16 writable bytes, and this store asks for no alignment.
    unsafe { _mm_storeu_si128(block.as_mut_ptr().cast(), register) };
    block
}
