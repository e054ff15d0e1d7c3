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
            for [a, b, c, d] in COLUMNS.into_iter().chain(DIAGONALS) {
                quarter_round(&mut state, a, b, c, d);
            }
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

const COLUMNS: [[usize; 4]; 4] = [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]];
const DIAGONALS: [[usize; 4]; 4] = [[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];

/// QUARTERROUND, RFC 8439 §2.1, in each of the four blocks.
#[inline]
fn quarter_round(state: &mut [Lanes; 16], a: usize, b: usize, c: usize, d: usize) {
    for (x, y, z, turn) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        state[x] = add(state[x], state[y]);
        state[z] = array::from_fn(|i| (state[z][i] ^ state[x][i]).rotate_left(turn));
    }
}

#[inline]
fn add(a: Lanes, b: Lanes) -> Lanes {
    array::from_fn(|i| a[i].wrapping_add(b[i]))
}
