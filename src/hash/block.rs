//! What stands between calls of any length and a compression function that takes whole blocks.
//!
//! *Constant time. Secret: the bytes; their number is public, and all branches here are on it.*

use zeroize::Zeroize;

/// The bytes that wait until a block of `SIZE` is full, and the count of all that came.
#[derive(Clone)]
pub(super) struct BlockBuffer<const SIZE: usize> {
    waiting: [u8; SIZE],
    /// How many of `waiting` are there: always below `SIZE` between calls.
    filled: usize,
    /// All bytes so far. 2⁶⁴ of them cannot be hashed in a lifetime.
    total: u64,
}

impl<const SIZE: usize> BlockBuffer<SIZE> {
    pub(super) const fn new() -> Self {
        Self { waiting: [0; SIZE], filled: 0, total: 0 }
    }

    /// Takes in `data` and hands each block that gets full to `compress`, those that lie whole in
    /// `data` all at once and without a copy.
    pub(super) fn update(&mut self, mut data: &[u8], mut compress: impl FnMut(&[[u8; SIZE]])) {
        self.total = self.total.wrapping_add(data.len() as u64);
        if self.filled > 0 {
            let taken = data.len().min(SIZE - self.filled);
            let (first, rest) = data.split_at(taken);
            self.waiting[self.filled..self.filled + taken].copy_from_slice(first);
            self.filled += taken;
            data = rest;
            if self.filled < SIZE {
                return;
            }
            compress(&[self.waiting]);
            self.filled = 0;
        }
        let (blocks, rest) = data.as_chunks();
        if !blocks.is_empty() {
            compress(blocks);
        }
        self.waiting[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
    }

    /// Ends the message as FIPS 180-4 §5.1 has it: a one bit, zeros, and the length in bits as a
    /// big-endian number that fills the last `LENGTH` bytes of a block.
    pub(super) fn finish<const LENGTH: usize>(&mut self, mut compress: impl FnMut(&[[u8; SIZE]])) {
        self.waiting[self.filled] = 0x80;
        self.waiting[self.filled + 1..].fill(0);
        if self.filled + 1 + LENGTH > SIZE {
            compress(&[self.waiting]);
            self.waiting.fill(0);
        }
        let bits = u128::from(self.total) << 3;
        let bits = bits.to_be_bytes();
        self.waiting[SIZE - LENGTH..].copy_from_slice(&bits[bits.len() - LENGTH..]);
        compress(&[self.waiting]);
    }
}

impl<const SIZE: usize> Drop for BlockBuffer<SIZE> {
    fn drop(&mut self) {
        self.waiting.zeroize();
    }
}
