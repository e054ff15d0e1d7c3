//! GCM by the instructions of x86-64: eight counters go through AES while the eight blocks before them are
//! hashed.
//!
//! *Constant time. Secret: key, plaintext, tag; lengths, nonce and associated data are public.*
//!
//! An AES round takes some four cycles, and the processor can begin two in each: eight blocks side by side
//! keep it busy. Carry-less products go to the same units, so they are sown between the rounds, and neither
//! of the two waits for the other. When sealing, what is hashed is the ciphertext of the round of eight
//! before; when opening, it is the ciphertext at hand.
//!
//! Equals [`portable`](super::portable).

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::{Direction, lengths};
use crate::cpu;
use crate::symmetric::aes::Block;
use crate::symmetric::aes::hardware::{RoundKeys, key_expansion, load, store};
use crate::symmetric::ghash::hardware::{BLOCKS, Ghash, Powers, Sum, absorb, byte_swapped, load_block};

/// The round keys, and the powers of H. Each zeroes itself when dropped.
#[derive(Clone)]
pub struct Key {
    w: RoundKeys,
    powers: Powers,
}

/// Eight blocks.
type Chunk = [Block; BLOCKS];

impl Key {
    /// Expands a key of 16, 24 or 32 bytes, and computes H = CIPH(0¹²⁸) and its powers.
    #[must_use]
    pub fn new<const KEY: usize>(token: cpu::AesNi, key: &[u8; KEY]) -> Self {
        // SAFETY: the token proves that the processor has the features of `key_expansion` and `hash_subkey`.
        let (w, h) = unsafe {
            let w = key_expansion(token, key);
            let h = hash_subkey(token, &w);
            (w, h)
        };
        Self { w, powers: Powers::new(token, &h) }
    }

    /// GHASH under H, nothing hashed yet.
    pub(super) fn ghash(&self) -> Ghash {
        Ghash::with(self.powers.clone())
    }

    /// Encrypts or decrypts `buffer`, and gives the tag.
    pub(super) fn crypt(&self, direction: Direction, j0: &Block, aad: &[u8], buffer: &mut [u8]) -> Block {
        let token = self.powers.token();
        // SAFETY: the token proves that the processor has the features of `crypt`.
        unsafe {
            match (self.w.rounds, direction) {
                (10, Direction::Seal) => crypt::<10, true>(token, self, j0, aad, buffer),
                (10, Direction::Open) => crypt::<10, false>(token, self, j0, aad, buffer),
                (12, Direction::Seal) => crypt::<12, true>(token, self, j0, aad, buffer),
                (12, Direction::Open) => crypt::<12, false>(token, self, j0, aad, buffer),
                (_, Direction::Seal) => crypt::<14, true>(token, self, j0, aad, buffer),
                (_, Direction::Open) => crypt::<14, false>(token, self, j0, aad, buffer),
            }
        }
    }
}

#[target_feature(enable = "aes,sse2")]
fn hash_subkey(token: cpu::AesNi, w: &RoundKeys) -> Block {
    let [h] = match w.rounds {
        10 => cipher::<10, 1>(token, w, [_mm_setzero_si128()]),
        12 => cipher::<12, 1>(token, w, [_mm_setzero_si128()]),
        _ => cipher::<14, 1>(token, w, [_mm_setzero_si128()]),
    };
    store(h)
}

/// GCM-AE or GCM-AD but for the comparison (SP 800-38D Algorithms 4 and 5), with Nr = `ROUNDS`.
#[target_feature(enable = "aes,pclmulqdq,sse2,ssse3,sse4.1")]
fn crypt<const ROUNDS: usize, const SEAL: bool>(
    token: cpu::AesNi,
    key: &Key,
    j0: &Block,
    aad: &[u8],
    buffer: &mut [u8],
) -> Block {
    let Key { w, powers } = key;
    let text = buffer.len();
    let mut y = hash_padded(token, powers, _mm_setzero_si128(), aad);
    let mut counter = Counter::new(token, j0);

    let (blocks, _) = buffer.as_chunks_mut::<16>();
    let (chunks, _) = blocks.as_chunks_mut::<BLOCKS>();
    let whole = chunks.len() * BLOCKS * 16;
    if SEAL {
        // The first eight are not yet there to be hashed, the last eight are left over.
        let mut before: Option<&mut Chunk> = None;
        for chunk in chunks {
            let counters = counter.next_blocks(token);
            let key_stream = match before {
                None => cipher::<ROUNDS, BLOCKS>(token, w, counters),
                Some(before) => {
                    let (key_stream, hashed) =
                        cipher_while_hashing::<ROUNDS>(token, key, counters, y, before);
                    y = hashed;
                    key_stream
                }
            };
            xor(token, chunk, &key_stream);
            before = Some(chunk);
        }
        if let Some(last) = before {
            y = absorb(token, powers, y, last);
        }
    } else {
        for chunk in chunks {
            let counters = counter.next_blocks(token);
            let (key_stream, hashed) = cipher_while_hashing::<ROUNDS>(token, key, counters, y, chunk);
            y = hashed;
            xor(token, chunk, &key_stream);
        }
    }

    // What is left, 0 to 127 bytes, together with the mask of the tag.
    let rest = &mut buffer[whole..];
    let mut counters = [load(j0); BLOCKS + 1];
    counters[..BLOCKS].copy_from_slice(&counter.next_blocks(token));
    let key_stream = cipher::<ROUNDS, { BLOCKS + 1 }>(token, w, counters);
    if !SEAL {
        y = hash_padded(token, powers, y, rest);
    }
    for (bytes, key) in rest.chunks_mut(16).zip(key_stream) {
        for (byte, key) in bytes.iter_mut().zip(store(key)) {
            *byte ^= key;
        }
    }
    if SEAL {
        y = hash_padded(token, powers, y, rest);
    }
    y = absorb(token, powers, y, &[lengths(aad.len(), text)]);
    let [.., mask] = key_stream;
    store(_mm_xor_si128(byte_swapped(token, y), mask))
}

/// Y after `data`, its last block filled up with zeros.
#[inline]
#[target_feature(enable = "pclmulqdq,sse2,ssse3")]
fn hash_padded(token: cpu::AesNi, powers: &Powers, mut y: __m128i, data: &[u8]) -> __m128i {
    for chunk in data.chunks(16 * BLOCKS) {
        let mut blocks = [[0; 16]; BLOCKS];
        blocks.as_flattened_mut()[..chunk.len()].copy_from_slice(chunk);
        y = absorb(token, powers, y, &blocks[..chunk.len().div_ceil(16)]);
    }
    y
}

/// The counter blocks CB₁, CB₂, …: byte-swapped, so that the counter is the lowest of four numbers, which do
/// not carry into one another (inc₃₂).
struct Counter(__m128i);

impl Counter {
    #[inline]
    #[target_feature(enable = "sse2,ssse3")]
    fn new(token: cpu::AesNi, j0: &Block) -> Self {
        Self(load_block(token, j0))
    }

    #[inline]
    #[target_feature(enable = "sse2,ssse3")]
    fn next_blocks(&mut self, token: cpu::AesNi) -> [__m128i; BLOCKS] {
        let mut blocks = [self.0; BLOCKS];
        for (i, block) in blocks.iter_mut().enumerate() {
            *block = byte_swapped(token, _mm_add_epi32(self.0, _mm_set_epi32(0, 0, 0, i as i32 + 1)));
        }
        self.0 = _mm_add_epi32(self.0, _mm_set_epi32(0, 0, 0, BLOCKS as i32));
        blocks
    }
}

/// CIPHER() of several blocks side by side.
#[inline]
#[target_feature(enable = "aes,sse2")]
fn cipher<const ROUNDS: usize, const N: usize>(
    _: cpu::AesNi,
    w: &RoundKeys,
    mut states: [__m128i; N],
) -> [__m128i; N] {
    for state in &mut states {
        *state = _mm_xor_si128(*state, w.keys[0]);
    }
    for round_key in &w.keys[1..ROUNDS] {
        for state in &mut states {
            *state = _mm_aesenc_si128(*state, *round_key);
        }
    }
    for state in &mut states {
        *state = _mm_aesenclast_si128(*state, w.keys[ROUNDS]);
    }
    states
}

/// CIPHER() of eight blocks, and Y after the eight blocks of `hashed`: one of these between two rounds.
#[inline]
#[target_feature(enable = "aes,pclmulqdq,sse2,ssse3")]
fn cipher_while_hashing<const ROUNDS: usize>(
    token: cpu::AesNi,
    key: &Key,
    mut states: [__m128i; BLOCKS],
    y: __m128i,
    hashed: &Chunk,
) -> ([__m128i; BLOCKS], __m128i) {
    let Key { w, powers } = key;
    let mut sum = Sum::new(token);
    for state in &mut states {
        *state = _mm_xor_si128(*state, w.keys[0]);
    }
    for (i, block) in hashed.iter().enumerate() {
        for state in &mut states {
            *state = _mm_aesenc_si128(*state, w.keys[i + 1]);
        }
        let mut x = load_block(token, block);
        if i == 0 {
            x = _mm_xor_si128(x, y);
        }
        sum = sum.add_block(token, x, powers, BLOCKS - 1 - i);
    }
    let y = sum.reduced(token);
    for round_key in &w.keys[BLOCKS + 1..ROUNDS] {
        for state in &mut states {
            *state = _mm_aesenc_si128(*state, *round_key);
        }
    }
    for state in &mut states {
        *state = _mm_aesenclast_si128(*state, w.keys[ROUNDS]);
    }
    (states, y)
}

/// Adds the key stream to eight blocks.
#[inline]
#[target_feature(enable = "sse2")]
fn xor(_: cpu::AesNi, chunk: &mut Chunk, key_stream: &[__m128i; BLOCKS]) {
    for (block, key) in chunk.iter_mut().zip(key_stream) {
        *block = store(_mm_xor_si128(load(block), *key));
    }
}
