//! GCM from the portable rungs of AES and GHASH.
//!
//! *Constant time. Secret: key, plaintext, tag; lengths, nonce and associated data are public.*
//!
//! Equals [`textbook`](super::textbook).

use zeroize::{Zeroize, Zeroizing};

use super::{Direction, lengths};
use crate::symmetric::aes::Block;
use crate::symmetric::aes::portable::{BLOCKS, Schedule};
use crate::symmetric::ghash::portable::Ghash;

/// The round keys, and GHASH under H. Each zeroes itself when dropped.
#[derive(Clone)]
pub struct Key {
    aes: Schedule,
    ghash: Ghash,
}

impl Key {
    /// Expands a key of 16, 24 or 32 bytes, and computes H = CIPH(0¹²⁸).
    #[must_use]
    pub fn new<const KEY: usize>(key: &[u8; KEY]) -> Self {
        let aes = Schedule::new(key);
        let mut h = [[0; 16]];
        aes.encrypt(&mut h);
        let ghash = Ghash::new(&h[0]);
        h.zeroize();
        Self { aes, ghash }
    }

    /// GHASH under H, nothing hashed yet.
    pub(super) fn ghash(&self) -> Ghash {
        self.ghash.clone()
    }

    /// Encrypts or decrypts `buffer`, and gives the tag.
    pub(super) fn crypt(&self, direction: Direction, j0: &Block, aad: &[u8], buffer: &mut [u8]) -> Block {
        let mut ghash = self.ghash();
        ghash.update(aad);
        if direction == Direction::Open {
            ghash.update(buffer);
        }
        self.counter_mode(j0, buffer);
        if direction == Direction::Seal {
            ghash.update(buffer);
        }
        ghash.update(&lengths(aad.len(), buffer.len()));

        let mut mask = Zeroizing::new([*j0]);
        self.aes.encrypt(&mut *mask);
        let hash = ghash.value();
        std::array::from_fn(|i| mask[0][i] ^ hash[i])
    }

    /// GCTR(inc₃₂(J₀), X), SP 800-38D Algorithm 3, as many blocks at a time as AES likes.
    fn counter_mode(&self, j0: &Block, buffer: &mut [u8]) {
        let counter = u32::from_be_bytes([j0[12], j0[13], j0[14], j0[15]]);
        let mut key_stream = [*j0; BLOCKS];
        for (n, chunk) in buffer.chunks_mut(16 * BLOCKS).enumerate() {
            for (i, block) in key_stream.iter_mut().enumerate() {
                // Lengths are checked, so n · BLOCKS fits; the counter may come round, modulo 2³² (inc₃₂).
                let count = counter.wrapping_add((n * BLOCKS + i + 1) as u32);
                block[..12].copy_from_slice(&j0[..12]);
                block[12..].copy_from_slice(&count.to_be_bytes());
            }
            self.aes.encrypt(&mut key_stream);
            for (byte, key) in chunk.iter_mut().zip(key_stream.as_flattened()) {
                *byte ^= key;
            }
        }
        key_stream.zeroize();
    }
}
