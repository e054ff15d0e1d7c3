//! SHA-256 as FIPS 180-4 states it, to be read beside the standard and to be watched.
//!
//! The names are the standard's; its Greek letters are spelled out. [`sha256`] is the whole of it, and
//! calls the rest in the order of the standard: [`pad`] (§5.1.1), [`message_schedule`] (§6.2.2, 1) and
//! [`round`] (§6.2.2, 3).
//!
//! ```
//! use cutaway::hash::sha256::textbook::{sha256, Step};
//!
//! // How many rounds does a message of 56 bytes take? One bit less, and it would be half as many.
//! let mut rounds = 0;
//! sha256(&[0; 56], |step, _| rounds += usize::from(matches!(step, Step::Round { .. })));
//! assert_eq!(rounds, 128);
//! ```

/// Eight words: the working variables a, b, c, d, e, f, g, h, or the hash value H₀ … H₇.
pub type State = [u32; 8];

/// The points at which a watcher sees the [`State`]. Blocks are counted from 1, as the standard does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The working variables before the first round of a block: the hash value H⁽ⁱ⁻¹⁾ (§6.2.2, 2).
    Start {
        /// i, the number of the block.
        block: usize,
    },
    /// The working variables after round `t` (§6.2.2, 3).
    Round {
        /// i, the number of the block.
        block: usize,
        /// t, the number of the round, 0 to 63.
        t: usize,
    },
    /// The hash value H⁽ⁱ⁾ after a block (§6.2.2, 4).
    HashValue {
        /// i, the number of the block.
        block: usize,
    },
}

/// The digest of a message of whole bytes (§6.2), while `watch` looks on.
pub fn sha256(message: &[u8], mut watch: impl FnMut(Step, &State)) -> [u8; 32] {
    let mut hash_value = H0;
    for (i, block) in (1..).zip(pad(message).as_chunks().0) {
        let w = message_schedule(block);
        let mut working = hash_value;
        watch(Step::Start { block: i }, &working);
        for t in 0..64 {
            working = round(working, K[t], w[t]);
            watch(Step::Round { block: i, t }, &working);
        }
        for (h, variable) in hash_value.iter_mut().zip(working) {
            *h = add([*h, variable]);
        }
        watch(Step::HashValue { block: i }, &hash_value);
    }
    let mut digest = [0; 32];
    for (bytes, h) in digest.as_chunks_mut().0.iter_mut().zip(hash_value) {
        *bytes = h.to_be_bytes();
    }
    digest
}

/// The message, a one bit, as few zeros as will do, and the length in bits as 64 bits: a whole number of
/// blocks of 64 bytes (§5.1.1).
#[must_use]
pub fn pad(message: &[u8]) -> Vec<u8> {
    let mut padded = message.to_vec();
    padded.push(0b1000_0000);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    let length = 8 * message.len() as u64;
    padded.extend(length.to_be_bytes());
    padded
}

/// The words W₀ … W₆₃ of one block (§6.2.2, 1): its own sixteen, and 48 that grow out of them.
#[must_use]
pub fn message_schedule(block: &[u8; 64]) -> [u32; 64] {
    let mut w = [0; 64];
    for (word, bytes) in w.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for t in 16..64 {
        w[t] = add([sigma_1(w[t - 2]), w[t - 7], sigma_0(w[t - 15]), w[t - 16]]);
    }
    w
}

/// One round with its constant Kₜ and its word Wₜ of the schedule (§6.2.2, 3).
#[must_use]
pub fn round([a, b, c, d, e, f, g, h]: State, k: u32, w: u32) -> State {
    let t1 = add([h, capital_sigma_1(e), ch(e, f, g), k, w]);
    let t2 = add([capital_sigma_0(a), maj(a, b, c)]);
    [add([t1, t2]), a, b, c, add([d, t1]), e, f, g]
}

/// Addition modulo 2³² (§3.2): what the standard writes as +.
#[must_use]
pub fn add<const N: usize>(terms: [u32; N]) -> u32 {
    terms.into_iter().fold(0, u32::wrapping_add)
}

/// ROTRⁿ(x), the rotation to the right by n bits, 0 < n < 32, in the standard's words (§3.2). Rust has
/// `rotate_right`, which in a build for debugging is a call where this is one instruction.
#[inline]
#[must_use]
#[expect(clippy::manual_rotate, reason = "written as FIPS 180-4 §3.2 has it")]
pub fn rotr(n: u32, x: u32) -> u32 {
    (x >> n) | (x << (32 - n))
}

/// Ch(x, y, z): x chooses, bit for bit, between y and z (4.2).
#[inline]
#[must_use]
pub fn ch(x: u32, y: u32, z: u32) -> u32 {
    (x & y) ^ (!x & z)
}

/// Maj(x, y, z): the majority, bit for bit (4.3).
#[inline]
#[must_use]
pub fn maj(x: u32, y: u32, z: u32) -> u32 {
    (x & y) ^ (x & z) ^ (y & z)
}

/// Σ₀ (4.4).
#[inline]
#[must_use]
pub fn capital_sigma_0(x: u32) -> u32 {
    rotr(2, x) ^ rotr(13, x) ^ rotr(22, x)
}

/// Σ₁ (4.5).
#[inline]
#[must_use]
pub fn capital_sigma_1(x: u32) -> u32 {
    rotr(6, x) ^ rotr(11, x) ^ rotr(25, x)
}

/// σ₀ (4.6). The last of the three is a shift, not a rotation.
#[inline]
#[must_use]
pub fn sigma_0(x: u32) -> u32 {
    rotr(7, x) ^ rotr(18, x) ^ (x >> 3)
}

/// σ₁ (4.7).
#[inline]
#[must_use]
pub fn sigma_1(x: u32) -> u32 {
    rotr(17, x) ^ rotr(19, x) ^ (x >> 10)
}

/// H⁽⁰⁾ (§5.3.3): the first 32 bits of the fractional parts of the square roots of the first eight
/// primes. Numbers with nothing up their sleeve: anybody can derive them, and the tests do.
pub const H0: State =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/// K (§4.2.2): the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
pub const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];
