//! SHA-384 and SHA-512 as FIPS 180-4 states them, to be read beside the standard and to be watched.
//!
//! They are SHA-256 over again with words of 64 bits, blocks of 128 bytes, 80 rounds and other
//! rotations. [`sha512`] is the whole of it; [`sha384`] starts from other numbers and cuts the end off.
//!
//! ```
//! use cutaway::hash::sha512::textbook::{sha512, Step};
//!
//! let mut after_the_first_round = None;
//! sha512(b"abc", |step, state| {
//!     if step == (Step::Round { block: 1, t: 0 }) {
//!         after_the_first_round = Some(*state);
//!     }
//! });
//! // A round moves the variables down by one: b is now what a was.
//! let [_, b, ..] = after_the_first_round.unwrap();
//! assert_eq!(b, cutaway::hash::sha512::textbook::SHA512_H0[0]);
//! ```

/// Eight words: the working variables a, b, c, d, e, f, g, h, or the hash value H₀ … H₇.
pub type State = [u64; 8];

/// The points at which a watcher sees the [`State`]. Blocks are counted from 1, as the standard does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The working variables before the first round of a block: the hash value H⁽ⁱ⁻¹⁾ (§6.4.2, 2).
    Start {
        /// i, the number of the block.
        block: usize,
    },
    /// The working variables after round `t` (§6.4.2, 3).
    Round {
        /// i, the number of the block.
        block: usize,
        /// t, the number of the round, 0 to 79.
        t: usize,
    },
    /// The hash value H⁽ⁱ⁾ after a block (§6.4.2, 4).
    HashValue {
        /// i, the number of the block.
        block: usize,
    },
}

/// The SHA-512 digest of a message of whole bytes (§6.4), while `watch` looks on.
pub fn sha512(message: &[u8], watch: impl FnMut(Step, &State)) -> [u8; 64] {
    let mut digest = [0; 64];
    let hash_value = hash_value(SHA512_H0, message, watch);
    for (bytes, h) in digest.as_chunks_mut().0.iter_mut().zip(hash_value) {
        *bytes = h.to_be_bytes();
    }
    digest
}

/// The SHA-384 digest (§6.5): another H⁽⁰⁾, and of the hash value only H₀ … H₅.
pub fn sha384(message: &[u8], watch: impl FnMut(Step, &State)) -> [u8; 48] {
    let mut digest = [0; 48];
    let hash_value = hash_value(SHA384_H0, message, watch);
    for (bytes, h) in digest.as_chunks_mut().0.iter_mut().zip(hash_value) {
        *bytes = h.to_be_bytes();
    }
    digest
}

/// H⁽ᴺ⁾, where a message of N blocks has led from H⁽⁰⁾ (§6.4.2).
pub fn hash_value(initial: State, message: &[u8], mut watch: impl FnMut(Step, &State)) -> State {
    let mut hash_value = initial;
    for (i, block) in (1..).zip(pad(message).as_chunks().0) {
        let w = message_schedule(block);
        let mut working = hash_value;
        watch(Step::Start { block: i }, &working);
        for t in 0..80 {
            working = round(working, K[t], w[t]);
            watch(Step::Round { block: i, t }, &working);
        }
        for (h, variable) in hash_value.iter_mut().zip(working) {
            *h = add([*h, variable]);
        }
        watch(Step::HashValue { block: i }, &hash_value);
    }
    hash_value
}

/// The message, a one bit, as few zeros as will do, and the length in bits as 128 bits: a whole number
/// of blocks of 128 bytes (§5.1.2).
#[must_use]
pub fn pad(message: &[u8]) -> Vec<u8> {
    let mut padded = message.to_vec();
    padded.push(0b1000_0000);
    while padded.len() % 128 != 112 {
        padded.push(0);
    }
    let length = 8 * message.len() as u128;
    padded.extend(length.to_be_bytes());
    padded
}

/// The words W₀ … W₇₉ of one block (§6.4.2, 1): its own sixteen, and 64 that grow out of them.
#[must_use]
pub fn message_schedule(block: &[u8; 128]) -> [u64; 80] {
    let mut w = [0; 80];
    for (word, bytes) in w.iter_mut().zip(block.as_chunks().0) {
        *word = u64::from_be_bytes(*bytes);
    }
    for t in 16..80 {
        w[t] = add([sigma_1(w[t - 2]), w[t - 7], sigma_0(w[t - 15]), w[t - 16]]);
    }
    w
}

/// One round with its constant Kₜ and its word Wₜ of the schedule (§6.4.2, 3).
#[must_use]
pub fn round([a, b, c, d, e, f, g, h]: State, k: u64, w: u64) -> State {
    let t1 = add([h, capital_sigma_1(e), ch(e, f, g), k, w]);
    let t2 = add([capital_sigma_0(a), maj(a, b, c)]);
    [add([t1, t2]), a, b, c, add([d, t1]), e, f, g]
}

/// Addition modulo 2⁶⁴ (§3.2): what the standard writes as +.
#[must_use]
pub fn add<const N: usize>(terms: [u64; N]) -> u64 {
    terms.into_iter().fold(0, u64::wrapping_add)
}

/// ROTRⁿ(x), the rotation to the right by n bits, 0 < n < 64, in the standard's words (§3.2). Rust has
/// `rotate_right`, which in a build for debugging is a call where this is one instruction.
#[inline]
#[must_use]
#[expect(clippy::manual_rotate, reason = "written as FIPS 180-4 §3.2 has it")]
pub fn rotr(n: u32, x: u64) -> u64 {
    (x >> n) | (x << (64 - n))
}

/// Ch(x, y, z): x chooses, bit for bit, between y and z (4.8).
#[inline]
#[must_use]
pub fn ch(x: u64, y: u64, z: u64) -> u64 {
    (x & y) ^ (!x & z)
}

/// Maj(x, y, z): the majority, bit for bit (4.9).
#[inline]
#[must_use]
pub fn maj(x: u64, y: u64, z: u64) -> u64 {
    (x & y) ^ (x & z) ^ (y & z)
}

/// Σ₀ (4.10).
#[inline]
#[must_use]
pub fn capital_sigma_0(x: u64) -> u64 {
    rotr(28, x) ^ rotr(34, x) ^ rotr(39, x)
}

/// Σ₁ (4.11).
#[inline]
#[must_use]
pub fn capital_sigma_1(x: u64) -> u64 {
    rotr(14, x) ^ rotr(18, x) ^ rotr(41, x)
}

/// σ₀ (4.12). The last of the three is a shift, not a rotation.
#[inline]
#[must_use]
pub fn sigma_0(x: u64) -> u64 {
    rotr(1, x) ^ rotr(8, x) ^ (x >> 7)
}

/// σ₁ (4.13).
#[inline]
#[must_use]
pub fn sigma_1(x: u64) -> u64 {
    rotr(19, x) ^ rotr(61, x) ^ (x >> 6)
}

/// H⁽⁰⁾ of SHA-384 (§5.3.4): the first 64 bits of the fractional parts of the square roots of the
/// ninth to the sixteenth prime.
#[rustfmt::skip]
pub const SHA384_H0: State = [
    0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
    0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
];

/// H⁽⁰⁾ of SHA-512 (§5.3.5): the same of the first eight primes.
#[rustfmt::skip]
pub const SHA512_H0: State = [
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
];

/// K (§4.2.3): the first 64 bits of the fractional parts of the cube roots of the first 80 primes.
#[rustfmt::skip]
pub const K: [u64; 80] = [
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
];
