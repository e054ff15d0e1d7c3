//! GCM by the instructions of x86-64: eight counters go through AES while the eight blocks before them are
//! hashed.
//!
//! *Constant time. Secret: key, plaintext, tag; lengths, nonce and associated data are public.*
//!
//! An AES round takes some four cycles, and a processor of today can begin two in each: eight blocks side by side
//! keep it busy. Carry-less products go to the same units, so they are sown between the rounds, and neither
//! of the two waits for the other. When sealing, what is hashed is the ciphertext of the round of eight
//! before; when opening, it is the ciphertext at hand.
//!
//! Equals [`portable`](super::portable).

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use zeroize::Zeroize;

use super::{Direction, lengths};
use crate::cpu;
use crate::symmetric::aes::Block;
use crate::symmetric::aes::hardware::{RoundKeys, Schedule, load, store};
use crate::symmetric::ghash::hardware::{BLOCKS, Ghash, Powers, Running, Sum, byte_swapped, load_block};

/// The round keys, and the powers of H. Each zeroes itself when dropped.
#[derive(Clone)]
pub struct Key {
    w: RoundKeys,
    powers: Powers,
}

/// Eight blocks in memory.
type Chunk = [Block; BLOCKS];
/// Eight blocks in registers.
type Registers = [__m128i; BLOCKS];

impl Key {
    /// Expands a key of 16 or 32 bytes, and computes H = CIPH(0¹²⁸) and its powers.
    #[must_use]
    pub fn new<const KEY: usize>(token: cpu::AesNi, key: &[u8; KEY]) -> Self {
        let aes = Schedule::new(token, key);
        let mut h = [0; 16];
        aes.encrypt(&mut h);
        let powers = Powers::new(token, &h);
        h.zeroize();
        Self { w: aes.into_round_keys(), powers }
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
                (_, Direction::Seal) => crypt::<14, true>(token, self, j0, aad, buffer),
                (_, Direction::Open) => crypt::<14, false>(token, self, j0, aad, buffer),
            }
        }
    }
}

/// GCM-AE or GCM-AD but for the comparison (SP 800-38D Algorithms 4 and 5), with Nr = `ROUNDS`.
#[target_feature(enable = "aes,pclmulqdq,avx")]
fn crypt<const ROUNDS: usize, const SEAL: bool>(
    token: cpu::AesNi,
    key: &Key,
    j0: &Block,
    aad: &[u8],
    buffer: &mut [u8],
) -> Block {
    let Key { w, powers } = key;
    let text = buffer.len();
    let mut hash = Running::new(token, _mm_setzero_si128());
    hash.push(token, powers, aad);

    // The first group of counters has J₀ among them; those before it are not used, those behind it are.
    let (mut counter, place) = Counter::new(token, w, j0);
    let key_stream = cipher::<ROUNDS>(token, w, counter.next_group(token));
    let mask = key_stream[place];
    let key_stream = &key_stream[place + 1..];
    let (head, buffer) = buffer.split_at_mut(text.min(16 * key_stream.len()));
    crypt_and_push::<SEAL>(token, powers, &mut hash, head, key_stream);

    let whole = buffer.len() / (16 * BLOCKS) * (16 * BLOCKS);
    let (bulk, tail) = buffer.split_at_mut(whole);
    if !bulk.is_empty() {
        let chunks = bulk.as_chunks_mut().0.as_chunks_mut().0;
        let y = hash.finish(token, powers);
        hash.y = crypt_chunks::<ROUNDS, SEAL>(token, key, &mut counter, y, chunks);
    }
    if !tail.is_empty() {
        let key_stream = cipher::<ROUNDS>(token, w, counter.next_group(token));
        crypt_and_push::<SEAL>(token, powers, &mut hash, tail, &key_stream);
    }
    hash.push(token, powers, &lengths(aad.len(), text));
    let y = hash.finish(token, powers);
    store(_mm_xor_si128(byte_swapped(token, y), mask))
}

/// The bulk: Y after all the ciphertext of `chunks`.
#[inline]
#[target_feature(enable = "aes,pclmulqdq,avx")]
fn crypt_chunks<const ROUNDS: usize, const SEAL: bool>(
    token: cpu::AesNi,
    key: &Key,
    counter: &mut Counter,
    mut y: __m128i,
    chunks: &mut [Chunk],
) -> __m128i {
    if !SEAL {
        for chunk in chunks {
            let counters = counter.next_group(token);
            let key_stream;
            (key_stream, y) = cipher_while_hashing::<ROUNDS, SEAL>(token, key, counters, y, chunk);
            xor(token, chunk, &key_stream);
        }
        return y;
    }
    // The ciphertext of each chunk is hashed beside the rounds of the next.
    let mut before: Option<&mut Chunk> = None;
    for chunk in chunks {
        let counters = counter.next_group(token);
        let key_stream;
        match before {
            None => key_stream = cipher::<ROUNDS>(token, &key.w, counters),
            Some(before) => {
                (key_stream, y) = cipher_while_hashing::<ROUNDS, SEAL>(token, key, counters, y, before);
            }
        }
        xor(token, chunk, &key_stream);
        before = Some(chunk);
    }
    let mut hash = Running::new(token, y);
    if let Some(last) = before {
        hash.push(token, &key.powers, last.as_flattened());
    }
    hash.finish(token, &key.powers)
}

/// Adds the key stream to at most eight blocks, the last of which may be short, and has the ciphertext hashed.
#[inline]
#[target_feature(enable = "pclmulqdq,avx")]
fn crypt_and_push<const SEAL: bool>(
    token: cpu::AesNi,
    powers: &Powers,
    hash: &mut Running,
    bytes: &mut [u8],
    key_stream: &[__m128i],
) {
    if !SEAL {
        hash.push(token, powers, bytes);
    }
    let (blocks, rest) = bytes.as_chunks_mut();
    for (block, key) in blocks.iter_mut().zip(key_stream) {
        *block = store(_mm_xor_si128(load(block), *key));
    }
    if let Some(key) = key_stream.get(blocks.len()) {
        for (byte, key) in rest.iter_mut().zip(store(*key)) {
            *byte ^= key;
        }
    }
    if SEAL {
        hash.push(token, powers, bytes);
    }
}

/// The counter blocks, in groups of eight that begin at a multiple of eight, each already with the first round
/// key added. So within a group the counters differ in the last three bits only, and are made by one XOR each;
/// from group to group the counter goes up by eight, modulo 2³² (inc₃₂).
struct Counter {
    /// The first round key plus the block without the counter.
    fixed: __m128i,
    /// The first counter of the next group.
    next: u32,
}

impl Counter {
    /// The groups from that of J₀ on, and the place of J₀ in its group.
    #[inline]
    #[target_feature(enable = "avx")]
    fn new(_: cpu::AesNi, w: &RoundKeys, j0: &Block) -> (Self, usize) {
        let [.., c0, c1, c2, c3] = *j0;
        let first = u32::from_be_bytes([c0, c1, c2, c3]);
        let fixed = _mm_xor_si128(_mm_insert_epi32::<3>(load(j0), 0), w.keys[0]);
        let place = first % BLOCKS as u32;
        (Self { fixed, next: first - place }, place as usize)
    }

    #[inline]
    #[target_feature(enable = "avx")]
    fn next_group(&mut self, _: cpu::AesNi) -> Registers {
        let big_endian = |number: u32| _mm_set_epi32(number.swap_bytes() as i32, 0, 0, 0);
        let first = _mm_xor_si128(self.fixed, big_endian(self.next));
        self.next = self.next.wrapping_add(BLOCKS as u32);
        let mut blocks = [first; BLOCKS];
        for (i, block) in blocks.iter_mut().enumerate() {
            *block = _mm_xor_si128(*block, big_endian(i as u32));
        }
        blocks
    }
}

/// CIPHER() of eight blocks side by side, behind the first AddRoundKey.
#[inline]
#[target_feature(enable = "aes,avx")]
fn cipher<const ROUNDS: usize>(token: cpu::AesNi, w: &RoundKeys, mut states: Registers) -> Registers {
    rounds(token, &mut states, &w.keys[1..ROUNDS]);
    last_round(token, &mut states, w.keys[ROUNDS]);
    states
}

#[inline]
#[target_feature(enable = "aes,avx")]
fn rounds(_: cpu::AesNi, states: &mut Registers, round_keys: &[__m128i]) {
    for round_key in round_keys {
        for state in &mut *states {
            *state = _mm_aesenc_si128(*state, *round_key);
        }
    }
}

#[inline]
#[target_feature(enable = "aes,avx")]
fn last_round(_: cpu::AesNi, states: &mut Registers, round_key: __m128i) {
    for state in states {
        *state = _mm_aesenclast_si128(*state, round_key);
    }
}

/// [`cipher`] of eight blocks, and Y after the eight blocks of `hashed`: a pair of these every few rounds.
///
/// `SEAL` makes one copy for each caller, so that the compiler puts it in place.
#[inline]
#[target_feature(enable = "aes,pclmulqdq,avx")]
fn cipher_while_hashing<const ROUNDS: usize, const SEAL: bool>(
    token: cpu::AesNi,
    Key { w, powers }: &Key,
    mut states: Registers,
    mut y: __m128i,
    hashed: &Chunk,
) -> (Registers, __m128i) {
    let mut sum = Sum::new(token);
    let every = (ROUNDS - 1) / (BLOCKS / 2);
    for pair in 0..BLOCKS / 2 {
        rounds(token, &mut states, &w.keys[1 + pair * every..][..every]);
        let a = _mm_xor_si128(load_block(token, &hashed[2 * pair]), y);
        let b = load_block(token, &hashed[2 * pair + 1]);
        sum = sum.add_pair(token, a, b, powers, BLOCKS - 2 - 2 * pair);
        y = _mm_setzero_si128();
        keep_order(&mut states, &mut sum);
    }
    rounds(token, &mut states, &w.keys[1 + every * (BLOCKS / 2)..ROUNDS]);
    last_round(token, &mut states, w.keys[ROUNDS]);
    (states, sum.reduced(token))
}

/// No instruction, but the compiler must believe that it changes all these registers: so what stands before it
/// stays before it, and what stands behind it stays behind. Without it, LLVM (of Rust 1.95) gathers all
/// products in one place, and the units that they share with the rounds are first idle and then overrun:
/// sealing takes a twelfth longer, opening nearly half as long again.
#[inline]
fn keep_order([s0, s1, s2, s3, s4, s5, s6, s7]: &mut Registers, sum: &mut Sum) {
    // SAFETY: there is nothing in it but a comment.
    unsafe {
        std::arch::asm!(
            "/* {} {} {} {} {} {} {} {} {} {} {} */",
            inout(xmm_reg) *s0,
            inout(xmm_reg) *s1,
            inout(xmm_reg) *s2,
            inout(xmm_reg) *s3,
            inout(xmm_reg) *s4,
            inout(xmm_reg) *s5,
            inout(xmm_reg) *s6,
            inout(xmm_reg) *s7,
            inout(xmm_reg) sum.high,
            inout(xmm_reg) sum.middle,
            inout(xmm_reg) sum.low,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
}

/// Adds the key stream to eight blocks.
#[inline]
#[target_feature(enable = "avx")]
fn xor(_: cpu::AesNi, chunk: &mut Chunk, key_stream: &Registers) {
    for (block, key) in chunk.iter_mut().zip(key_stream) {
        *block = store(_mm_xor_si128(load(block), *key));
    }
}
