//! GHASH by the carry-less multiplication of x86-64 (PCLMULQDQ), reduced once for eight blocks.
//!
//! *Constant time. Secret: H, its powers, the value, the data.*
//!
//! A block is one register, read big-endian and mirrored, with H kept divided by u, as in
//! [`portable`](super::portable), which this equals. Of eight blocks X₁ … X₈,
//!
//! Y₈ = (((Y₀ + X₁)·H + X₂)·H + …)·H = (Y₀ + X₁)·H⁸ + X₂·H⁷ + … + X₈·H:
//!
//! with the powers of H at hand, the eight products do not wait for one another, and are reduced as one sum.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use zeroize::Zeroize;

use super::{Block, portable};
use crate::cpu;
use crate::symmetric::aes::hardware::{load, store};

/// A running GHASH. Zeroed when dropped.
#[derive(Clone)]
pub struct Ghash {
    powers: Powers,
    y: Block,
}

impl Ghash {
    /// Nothing hashed yet, under the hash subkey `h`.
    #[must_use]
    pub fn new(token: cpu::AesNi, h: &Block) -> Self {
        Self::with(Powers::new(token, h))
    }

    /// Nothing hashed yet, under an H whose powers are known.
    pub(in crate::symmetric) fn with(powers: Powers) -> Self {
        Self { powers, y: [0; 16] }
    }

    /// Yᵢ = (Yᵢ₋₁ ⊕ Xᵢ) • H for each block of `data`, the last one filled up with zeros.
    pub fn update(&mut self, data: &[u8]) {
        let token = self.powers.token;
        // SAFETY: the token proves that the processor has the features of `update`.
        self.y = unsafe { update(token, &self.powers, self.y, data) };
    }

    /// The last Yᵢ.
    #[must_use]
    pub fn value(&self) -> Block {
        self.y
    }
}

impl Drop for Ghash {
    fn drop(&mut self) {
        self.y.zeroize();
    }
}

/// How many blocks are reduced at once, and so how many powers of H are kept.
pub(in crate::symmetric) const BLOCKS: usize = 8;

/// H¹ … H⁸, each divided by u. Zeroed when dropped.
///
/// Whoever holds them holds the token: the processor has the instructions.
#[derive(Clone)]
pub(in crate::symmetric) struct Powers {
    powers: [Power; BLOCKS],
    token: cpu::AesNi,
}

#[derive(Clone, Copy)]
struct Power {
    h: __m128i,
    /// The sum of the halves of h, in both halves, for Karatsuba.
    folded: __m128i,
}

impl Powers {
    pub(in crate::symmetric) fn new(token: cpu::AesNi, h: &Block) -> Self {
        let mut h = portable::divided_by_u(u128::from_be_bytes(*h)).to_be_bytes();
        // SAFETY: the token proves that the processor has the features of `powers`.
        let powers = unsafe { powers(token, &h) };
        h.zeroize();
        Self { powers, token }
    }

    pub(in crate::symmetric) fn token(&self) -> cpu::AesNi {
        self.token
    }
}

impl Drop for Powers {
    fn drop(&mut self) {
        for power in &mut self.powers {
            power.h.zeroize();
            power.folded.zeroize();
        }
    }
}

/// The powers of H, from H/u.
#[target_feature(enable = "pclmulqdq,sse2,ssse3")]
fn powers(token: cpu::AesNi, h: &Block) -> [Power; BLOCKS] {
    let first = Power::new(token, load_block(token, h));
    let mut powers = [first; BLOCKS];
    for i in 1..BLOCKS {
        // (Hⁱ/u) • H
        let next = Sum::new(token).add(token, powers[i - 1].h, &first).reduced(token);
        powers[i] = Power::new(token, next);
    }
    powers
}

#[target_feature(enable = "pclmulqdq,sse2,ssse3")]
fn update(token: cpu::AesNi, powers: &Powers, y: Block, data: &[u8]) -> Block {
    let mut y = load_block(token, &y);
    let (blocks, rest) = data.as_chunks();
    for blocks in blocks.chunks(BLOCKS) {
        y = absorb(token, powers, y, blocks);
    }
    if !rest.is_empty() {
        let mut block = [0; 16];
        block[..rest.len()].copy_from_slice(rest);
        y = absorb(token, powers, y, &[block]);
    }
    store_block(token, y)
}

/// Y after one to eight more blocks.
#[inline]
#[target_feature(enable = "pclmulqdq,sse2,ssse3")]
pub(in crate::symmetric) fn absorb(
    token: cpu::AesNi,
    powers: &Powers,
    mut y: __m128i,
    blocks: &[Block],
) -> __m128i {
    let mut sum = Sum::new(token);
    for (block, power) in blocks.iter().zip(powers.powers[..blocks.len()].iter().rev()) {
        sum = sum.add(token, _mm_xor_si128(load_block(token, block), y), power);
        y = _mm_setzero_si128();
    }
    sum.reduced(token)
}

impl Power {
    #[inline]
    #[target_feature(enable = "sse2")]
    fn new(_: cpu::AesNi, h: __m128i) -> Self {
        Self { h, folded: _mm_xor_si128(h, _mm_shuffle_epi32::<SWAP>(h)) }
    }
}

/// The control that makes PSHUFD exchange the two halves of a register.
const SWAP: i32 = 0b01_00_11_10;

/// A sum of products of 256 bits, not yet reduced, in the three parts of Karatsuba.
#[derive(Clone, Copy)]
pub(in crate::symmetric) struct Sum {
    high: __m128i,
    middle: __m128i,
    low: __m128i,
}

impl Sum {
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::symmetric) fn new(_: cpu::AesNi) -> Self {
        let zero = _mm_setzero_si128();
        Self { high: zero, middle: zero, low: zero }
    }

    /// Plus x times the power of H that the block with `after` blocks behind it needs.
    #[inline]
    #[target_feature(enable = "pclmulqdq,sse2")]
    pub(in crate::symmetric) fn add_block(
        self,
        token: cpu::AesNi,
        x: __m128i,
        powers: &Powers,
        after: usize,
    ) -> Self {
        self.add(token, x, &powers.powers[after])
    }

    /// Plus x times this power of H.
    #[inline]
    #[target_feature(enable = "pclmulqdq,sse2")]
    fn add(self, _: cpu::AesNi, x: __m128i, power: &Power) -> Self {
        let folded = _mm_xor_si128(x, _mm_shuffle_epi32::<SWAP>(x));
        Self {
            high: _mm_xor_si128(self.high, _mm_clmulepi64_si128::<0x11>(x, power.h)),
            middle: _mm_xor_si128(self.middle, _mm_clmulepi64_si128::<0x00>(folded, power.folded)),
            low: _mm_xor_si128(self.low, _mm_clmulepi64_si128::<0x00>(x, power.h)),
        }
    }

    /// The sum modulo u¹²⁸ + u⁷ + u² + u + 1.
    ///
    /// The lower register holds u¹²⁸ and above, mirrored. Its lower half L goes first: L times u¹²⁸ is L
    /// times 1 + u + u² + u⁷. The 1 moves L up by 128 bits; with the half above it, which waits for its turn,
    /// that is an exchange of halves. The rest is a product with the mirrored u + u² + u⁷, which, since
    /// products come out one bit too low, is taken one bit higher: c2 00 …. Then the other half likewise.
    #[inline]
    #[target_feature(enable = "pclmulqdq,sse2")]
    pub(in crate::symmetric) fn reduced(self, _: cpu::AesNi) -> __m128i {
        let u_u2_u7 = _mm_set_epi64x(0, 0xc200_0000_0000_0000_u64 as i64);
        let middle = _mm_xor_si128(self.middle, _mm_xor_si128(self.high, self.low));
        let low = _mm_xor_si128(self.low, _mm_slli_si128::<8>(middle));
        let high = _mm_xor_si128(self.high, _mm_srli_si128::<8>(middle));

        let product = _mm_clmulepi64_si128::<0x00>(low, u_u2_u7);
        let low = _mm_xor_si128(_mm_shuffle_epi32::<SWAP>(low), product);
        let product = _mm_clmulepi64_si128::<0x00>(low, u_u2_u7);
        _mm_xor_si128(high, _mm_xor_si128(_mm_shuffle_epi32::<SWAP>(low), product))
    }
}

/// A block as a big-endian number of 128 bits.
#[inline]
#[target_feature(enable = "sse2,ssse3")]
pub(in crate::symmetric) fn load_block(token: cpu::AesNi, block: &Block) -> __m128i {
    byte_swapped(token, load(block))
}

/// [`load_block`] undone.
#[inline]
#[target_feature(enable = "sse2,ssse3")]
pub(in crate::symmetric) fn store_block(token: cpu::AesNi, register: __m128i) -> Block {
    store(byte_swapped(token, register))
}

/// The sixteen bytes in reverse.
#[inline]
#[target_feature(enable = "sse2,ssse3")]
pub(in crate::symmetric) fn byte_swapped(_: cpu::AesNi, register: __m128i) -> __m128i {
    let reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    _mm_shuffle_epi8(register, reverse)
}
