//! CBC on the bitsliced AES.
//!
//! *Constant time. Secret: key and plaintext; the number of blocks is public.*
//!
//! Equals [`textbook`](super::textbook).

use crate::symmetric::aes::Block;
use crate::symmetric::aes::portable::{BLOCKS, Schedule};

/// The round keys, which zero themselves when dropped.
#[derive(Clone)]
pub struct Key(Schedule);

impl Key {
    /// Expands a key of 16, 24 or 32 bytes.
    #[must_use]
    pub fn new<const KEY: usize>(key: &[u8; KEY]) -> Self {
        Self(Schedule::new(key))
    }

    /// Cⱼ = CIPH(Pⱼ ⊕ Cⱼ₋₁), one block after the other: three quarters of the planes lie idle.
    pub fn encrypt(&self, iv: &Block, blocks: &mut [Block]) {
        let mut before = *iv;
        for block in blocks {
            xor(block, &before);
            self.0.encrypt(std::slice::from_mut(block));
            before = *block;
        }
    }

    /// Pⱼ = CIPH⁻¹(Cⱼ) ⊕ Cⱼ₋₁, as many blocks at a time as AES likes.
    pub fn decrypt(&self, iv: &Block, blocks: &mut [Block]) {
        let mut before = *iv;
        for chunk in blocks.chunks_mut(BLOCKS) {
            let mut ciphertext = [[0; 16]; BLOCKS];
            let ciphertext = &mut ciphertext[..chunk.len()];
            ciphertext.copy_from_slice(chunk);
            self.0.decrypt(chunk);
            for (block, c) in chunk.iter_mut().zip(ciphertext) {
                xor(block, &before);
                before = *c;
            }
        }
    }
}

fn xor(block: &mut Block, other: &Block) {
    for (byte, other) in block.iter_mut().zip(other) {
        *byte ^= other;
    }
}
