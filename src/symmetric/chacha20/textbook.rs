//! ChaCha20 as [RFC 8439] §2 writes it, step by step.
//!
//! One block at a time; it is there to be read, to be watched, and to say what every rung must compute.
//!
//! ```
//! use cutaway::symmetric::chacha20::textbook::{Step, chacha20_block};
//!
//! let mut rounds = 0;
//! let block = chacha20_block(&[0; 32], 0, &[0; 12], |step, _state| {
//!     if matches!(step, Step::ColumnRound(_) | Step::DiagonalRound(_)) {
//!         rounds += 1;
//!     }
//! });
//! assert_eq!(rounds, 20);
//! assert_eq!(hex::encode(&block[..8]), "76b8e0ada0f13d90");
//! ```
//!
//! [RFC 8439]: https://www.rfc-editor.org/rfc/rfc8439

use std::fmt;

/// The state, RFC 8439 §2.2: sixteen words, seen as four rows of four. It prints like the RFC's pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State(pub [u32; 16]);

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, row) in self.0.chunks(4).enumerate() {
            let end = if i < 3 { "\n" } else { "" };
            write!(f, "{:08x}  {:08x}  {:08x}  {:08x}{end}", row[0], row[1], row[2], row[3])?;
        }
        Ok(())
    }
}

/// What is watched: the state after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// constants | key | counter | nonce: a new block begins.
    Setup,
    /// After a round on the four columns; rounds count from 1 to 20, and these are the odd ones.
    ColumnRound(usize),
    /// After a round on the four diagonals, an even one.
    DiagonalRound(usize),
    /// After the state of [`Step::Setup`] was added: the key stream, before it is written as bytes.
    Added,
}

/// QUARTERROUND on four words, RFC 8439 §2.1.
pub fn quarter_round(a: &mut u32, b: &mut u32, c: &mut u32, d: &mut u32) {
    *a = a.wrapping_add(*b);
    *d = (*d ^ *a).rotate_left(16);
    *c = c.wrapping_add(*d);
    *b = (*b ^ *c).rotate_left(12);
    *a = a.wrapping_add(*b);
    *d = (*d ^ *a).rotate_left(8);
    *c = c.wrapping_add(*d);
    *b = (*b ^ *c).rotate_left(7);
}

impl State {
    /// The four words at these places, through [`quarter_round`]: QUARTERROUND(x, y, z, w), RFC 8439 §2.2.
    ///
    /// # Panics
    /// If a place is above 15.
    pub fn quarter_round(&mut self, x: usize, y: usize, z: usize, w: usize) {
        let [mut a, mut b, mut c, mut d] = [x, y, z, w].map(|i| self.0[i]);
        quarter_round(&mut a, &mut b, &mut c, &mut d);
        for (i, word) in [(x, a), (y, b), (z, c), (w, d)] {
            self.0[i] = word;
        }
    }

    fn setup(key: &[u8; 32], counter: u32, nonce: &[u8; 12]) -> Self {
        let mut state = Self([0; 16]);
        // "expand 32-byte k"
        state.0[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
        for (word, bytes) in state.0[4..12].iter_mut().zip(key.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        state.0[12] = counter;
        for (word, bytes) in state.0[13..].iter_mut().zip(nonce.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        state
    }
}

/// inner_block(), RFC 8439 §2.3.1: a round on the columns and a round on the diagonals. `round` is the
/// number of the first of them.
pub fn inner_block(state: &mut State, round: usize, mut watch: impl FnMut(Step, &State)) {
    state.quarter_round(0, 4, 8, 12);
    state.quarter_round(1, 5, 9, 13);
    state.quarter_round(2, 6, 10, 14);
    state.quarter_round(3, 7, 11, 15);
    watch(Step::ColumnRound(round), state);
    state.quarter_round(0, 5, 10, 15);
    state.quarter_round(1, 6, 11, 12);
    state.quarter_round(2, 7, 8, 13);
    state.quarter_round(3, 4, 9, 14);
    watch(Step::DiagonalRound(round + 1), state);
}

/// chacha20_block(), RFC 8439 §2.3.1: 64 bytes of key stream.
pub fn chacha20_block(
    key: &[u8; 32],
    counter: u32,
    nonce: &[u8; 12],
    mut watch: impl FnMut(Step, &State),
) -> [u8; 64] {
    let initial = State::setup(key, counter, nonce);
    let mut state = initial;
    watch(Step::Setup, &state);
    for i in 0..10 {
        inner_block(&mut state, 2 * i + 1, &mut watch);
    }
    for (word, initial) in state.0.iter_mut().zip(initial.0) {
        *word = word.wrapping_add(initial);
    }
    watch(Step::Added, &state);
    std::array::from_fn(|i| state.0[i / 4].to_le_bytes()[i % 4])
}

/// chacha20_encrypt(), RFC 8439 §2.4.1: the text XORed with one block after the other.
pub fn chacha20_encrypt(
    key: &[u8; 32],
    counter: u32,
    nonce: &[u8; 12],
    plaintext: &[u8],
    mut watch: impl FnMut(Step, &State),
) -> Vec<u8> {
    let mut encrypted_message = Vec::with_capacity(plaintext.len());
    for (j, block) in plaintext.chunks(64).enumerate() {
        let key_stream = chacha20_block(key, counter.wrapping_add(j as u32), nonce, &mut watch);
        encrypted_message.extend(block.iter().zip(key_stream).map(|(byte, key)| byte ^ key));
    }
    encrypted_message
}
