//! Random numbers from a seed: the same ones for ever, on every machine.

use std::convert::Infallible;
use std::fmt;

use rand::{TryCryptoRng, TryRng};
use zeroize::Zeroize;

use super::portable::{BLOCKS, Key};

/// A generator of random numbers that a seed decides, so that a run can be replayed: the key stream of
/// ChaCha20, byte after byte.
///
/// **For demonstrations and tests only.** A seed of 64 bits can be guessed, and whoever knows it knows all.
///
/// The stream is fixed for ever: the key is the text `cutaway seeded generator` and the eight bytes of
/// `seed`, little-endian; words 12 and 13 of the state count the blocks, from 0; words 14 and 15 are
/// `stream`, lower half first. So one seed gives each role in a play a stream of its own. A number is
/// the next four or eight bytes, little-endian.
///
/// ```
/// use cutaway::symmetric::chacha20::Generator;
/// use rand::Rng;
///
/// let mut alice = Generator::new(1, 0);
/// let mut again = Generator::new(1, 0);
/// let mut bob = Generator::new(1, 1);
/// let number = alice.next_u64();
/// assert_eq!(again.next_u64(), number);
/// assert_ne!(bob.next_u64(), number);
/// ```
pub struct Generator {
    key: Key,
    stream: u64,
    /// The number of the next block.
    counter: u64,
    /// Key stream, of which the first `used` bytes were given out.
    buffer: [u8; 64 * BLOCKS],
    used: usize,
}

impl Generator {
    /// The generator for this seed and stream, at its beginning.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut key = [0; 32];
        key[..24].copy_from_slice(b"cutaway seeded generator");
        key[24..].copy_from_slice(&seed.to_le_bytes());
        let buffer = [0; 64 * BLOCKS];
        Self { key: Key::new(&key), stream, counter: 0, used: buffer.len(), buffer }
    }

    /// The next `BLOCKS` blocks. The counter is a multiple of that, so its lower half never wraps within.
    fn refill(&mut self) {
        let halves = |number: u64| [number as u32, (number >> 32) as u32];
        let [[c0, c1], [s0, s1]] = [halves(self.counter), halves(self.stream)];
        self.key.key_stream([c0, c1, s0, s1], &mut self.buffer);
        self.counter = self.counter.wrapping_add(BLOCKS as u64);
        self.used = 0;
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        let Ok(()) = self.try_fill_bytes(&mut bytes);
        bytes
    }
}

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.take()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.take()))
    }

    fn try_fill_bytes(&mut self, mut into: &mut [u8]) -> Result<(), Infallible> {
        while !into.is_empty() {
            if self.used == self.buffer.len() {
                self.refill();
            }
            let ready = &self.buffer[self.used..];
            let count = ready.len().min(into.len());
            let (now, later) = into.split_at_mut(count);
            now.copy_from_slice(&ready[..count]);
            self.used += count;
            into = later;
        }
        Ok(())
    }
}

impl TryCryptoRng for Generator {}

impl Drop for Generator {
    fn drop(&mut self) {
        self.buffer.zeroize();
    }
}

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Generator(stream {})", self.stream)
    }
}
