//! ChaCha20, four blocks side by side: each word of the state is four words, one of each block, so that
//! a compiler may put them into one register.
//!
//! *Constant time. Secret: key, state, key stream. Additions wrap; nothing branches on a value.*
//!
//! Equals [`textbook`](super::textbook).

use std::array;

use zeroize::Zeroize;

use super::Nonce;

/// How many blocks are computed side by side.
pub(super) const BLOCKS: usize = 4;

/// The same word of four blocks.
type Lanes = [u32; BLOCKS];

/// The eight words of a key. Zeroed when dropped.
#[derive(Clone)]
pub struct Key([u32; 8]);

impl Key {
    /// The key's bytes as little-endian words, RFC 8439 §2.3.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let words = key.as_chunks().0;
        Self(array::from_fn(|i| u32::from_le_bytes(words[i])))
    }

    /// XORs the key stream from block `counter` on. The counter wraps; the caller has checked the length.
    pub(super) fn apply(&self, counter: u32, nonce: &Nonce, buffer: &mut [u8]) {
        let words = nonce.0.as_chunks().0;
        let [n0, n1, n2] = array::from_fn(|i| u32::from_le_bytes(words[i]));
        let mut key_stream = [0; 64 * BLOCKS];
        for (n, chunk) in buffer.chunks_mut(64 * BLOCKS).enumerate() {
            let counter = counter.wrapping_add((n * BLOCKS) as u32);
            self.key_stream([counter, n0, n1, n2], &mut key_stream);
            for (byte, key) in chunk.iter_mut().zip(&key_stream) {
                *byte ^= key;
            }
        }
        key_stream.zeroize();
    }

    /// Four blocks of key stream. `last_row` is words 12 to 15 of the first; from block to block, word 12
    /// counts up and wraps.
    pub(super) fn key_stream(&self, last_row: [u32; 4], into: &mut [u8; 64 * BLOCKS]) {
        let mut initial = [[0; BLOCKS]; 16];
        // "expand 32-byte k"
        let constants = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
        for (lanes, word) in initial.iter_mut().zip(constants.iter().chain(&self.0).chain(&last_row)) {
            *lanes = [*word; BLOCKS];
        }
        initial[12] = array::from_fn(|block| last_row[0].wrapping_add(block as u32));

        let mut state = initial;
        for _ in 0..10 {
            inner_block(&mut state);
        }
        for (i, (lanes, initial)) in state.iter_mut().zip(&initial).enumerate() {
            *lanes = add(*lanes, *initial);
            for (block, word) in lanes.iter().enumerate() {
                into[64 * block + 4 * i..][..4].copy_from_slice(&word.to_le_bytes());
            }
        }
        state.zeroize();
        initial.zeroize();
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// inner_block(), RFC 8439 §2.3.1: the columns, then the diagonals.
#[inline]
fn inner_block(state: &mut [Lanes; 16]) {
    quarter_round(state, 0, 4, 8, 12);
    quarter_round(state, 1, 5, 9, 13);
    quarter_round(state, 2, 6, 10, 14);
    quarter_round(state, 3, 7, 11, 15);
    quarter_round(state, 0, 5, 10, 15);
    quarter_round(state, 1, 6, 11, 12);
    quarter_round(state, 2, 7, 8, 13);
    quarter_round(state, 3, 4, 9, 14);
}

/// QUARTERROUND, RFC 8439 §2.1, in each of the four blocks.
#[inline]
fn quarter_round(state: &mut [Lanes; 16], a: usize, b: usize, c: usize, d: usize) {
    state[a] = add(state[a], state[b]);
    state[d] = xor_and_turn(state[d], state[a], 16);
    state[c] = add(state[c], state[d]);
    state[b] = xor_and_turn(state[b], state[c], 12);
    state[a] = add(state[a], state[b]);
    state[d] = xor_and_turn(state[d], state[a], 8);
    state[c] = add(state[c], state[d]);
    state[b] = xor_and_turn(state[b], state[c], 7);
}

#[inline]
fn add([a0, a1, a2, a3]: Lanes, [b0, b1, b2, b3]: Lanes) -> Lanes {
    [a0.wrapping_add(b0), a1.wrapping_add(b1), a2.wrapping_add(b2), a3.wrapping_add(b3)]
}

/// XOR and rotation to the left.
#[inline]
fn xor_and_turn(a: Lanes, b: Lanes, by: u32) -> Lanes {
    let turned = |i: usize| (a[i] ^ b[i]).rotate_left(by);
    [turned(0), turned(1), turned(2), turned(3)]
}
