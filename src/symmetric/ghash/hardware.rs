//! GHASH by the carry-less multiplication of x86-64 (PCLMULQDQ), reduced once for eight blocks.
//!
//! *Constant time. Secret: H, its powers, the value, the data.*
//!
//! A block is one register, read big-endian and mirrored, with H kept divided by u, as in
//! [`super::portable`], which this equals. Of eight blocks X₁ … X₈,
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
    /// Hⁱ⁺¹ at index i.
    h: [__m128i; BLOCKS],
    /// For Karatsuba, the sum of the two halves of each: that of H¹ and H² in the lower and upper half at
    /// index 0, that of H³ and H⁴ at index 1, and so on.
    folded: [__m128i; BLOCKS / 2],
    token: cpu::AesNi,
}

impl Powers {
    pub(in crate::symmetric) fn new(token: cpu::AesNi, h: &Block) -> Self {
        let mut h = portable::divided_by_u(u128::from_be_bytes(*h)).to_be_bytes();
        // SAFETY: the token proves that the processor has the features of `powers`.
        let powers = unsafe { powers(token, &h) };
        h.zeroize();
        powers
    }

    pub(in crate::symmetric) fn token(&self) -> cpu::AesNi {
        self.token
    }
}

impl Drop for Powers {
    fn drop(&mut self) {
        self.h.zeroize();
        self.folded.zeroize();
    }
}

/// The powers of H, from H/u: each is the one before, times H.
#[target_feature(enable = "pclmulqdq,avx")]
fn powers(token: cpu::AesNi, h: &Block) -> Powers {
    let zero = _mm_setzero_si128();
    let h = load_block(token, h);
    let mut powers = Powers { h: [h; BLOCKS], folded: [fold(token, h, zero); BLOCKS / 2], token };
    for i in 1..BLOCKS {
        powers.h[i] = Sum::new(token).add_pair(token, zero, powers.h[i - 1], &powers, 0).reduced(token);
        powers.folded[i / 2] = fold(token, powers.h[i & !1], powers.h[i]);
    }
    powers
}

#[target_feature(enable = "pclmulqdq,avx")]
fn update(token: cpu::AesNi, powers: &Powers, y: Block, data: &[u8]) -> Block {
    let mut hash = Running::new(token, load_block(token, &y));
    hash.push(token, powers, data);
    store_block(token, hash.finish(token, powers))
}

/// A value, and up to eight blocks that wait to be hashed together.
pub(in crate::symmetric) struct Running {
    pub(in crate::symmetric) y: __m128i,
    waiting: [Block; BLOCKS],
    count: usize,
}

impl Running {
    #[inline]
    #[target_feature(enable = "avx")]
    pub(in crate::symmetric) fn new(_: cpu::AesNi, y: __m128i) -> Self {
        Self { y, waiting: [[0; 16]; BLOCKS], count: 0 }
    }

    /// Takes in `data`, its last block filled up with zeros.
    #[inline]
    #[target_feature(enable = "pclmulqdq,avx")]
    pub(in crate::symmetric) fn push(&mut self, token: cpu::AesNi, powers: &Powers, data: &[u8]) {
        let (blocks, rest) = data.as_chunks();
        for block in blocks {
            self.push_block(token, powers, *block);
        }
        if !rest.is_empty() {
            let mut block = [0; 16];
            block[..rest.len()].copy_from_slice(rest);
            self.push_block(token, powers, block);
        }
    }

    #[inline]
    #[target_feature(enable = "pclmulqdq,avx")]
    fn push_block(&mut self, token: cpu::AesNi, powers: &Powers, block: Block) {
        if self.count == BLOCKS {
            self.finish(token, powers);
        }
        self.waiting[self.count] = block;
        self.count += 1;
    }

    /// The value, with nothing left waiting.
    #[target_feature(enable = "pclmulqdq,avx")]
    pub(in crate::symmetric) fn finish(&mut self, token: cpu::AesNi, powers: &Powers) -> __m128i {
        let mut sum = Sum::new(token);
        let mut waiting = &self.waiting[..self.count];
        let mut y = self.y;
        if let [first, rest @ ..] = waiting
            && rest.len() % 2 == 0
        {
            let x = _mm_xor_si128(load_block(token, first), y);
            sum = sum.add_pair(token, _mm_setzero_si128(), x, powers, rest.len());
            y = _mm_setzero_si128();
            waiting = rest;
        }
        while let [first, second, rest @ ..] = waiting {
            let x = _mm_xor_si128(load_block(token, first), y);
            sum = sum.add_pair(token, x, load_block(token, second), powers, rest.len());
            y = _mm_setzero_si128();
            waiting = rest;
        }
        if self.count > 0 {
            self.y = sum.reduced(token);
            self.count = 0;
        }
        self.y
    }
}

/// The sums of the two halves of a and of b, in the lower and the upper half.
#[inline]
#[target_feature(enable = "avx")]
fn fold(_: cpu::AesNi, a: __m128i, b: __m128i) -> __m128i {
    _mm_xor_si128(_mm_unpacklo_epi64(a, b), _mm_unpackhi_epi64(a, b))
}

/// A sum of products of 256 bits, not yet reduced, in the three parts of Karatsuba.
#[derive(Clone, Copy)]
pub(in crate::symmetric) struct Sum {
    pub(in crate::symmetric) high: __m128i,
    pub(in crate::symmetric) middle: __m128i,
    pub(in crate::symmetric) low: __m128i,
}

impl Sum {
    #[inline]
    #[target_feature(enable = "avx")]
    pub(in crate::symmetric) fn new(_: cpu::AesNi) -> Self {
        let zero = _mm_setzero_si128();
        Self { high: zero, middle: zero, low: zero }
    }

    /// Plus two neighbours, a and b, each times the power of H that it needs when `after` blocks, an even
    /// number, come behind them.
    #[inline]
    #[target_feature(enable = "pclmulqdq,avx")]
    pub(in crate::symmetric) fn add_pair(
        self,
        token: cpu::AesNi,
        a: __m128i,
        b: __m128i,
        powers: &Powers,
        after: usize,
    ) -> Self {
        let (for_a, for_b) = (powers.h[after + 1], powers.h[after]);
        let (folded, powers) = (fold(token, a, b), powers.folded[after / 2]);
        let sum = |x, y, z| _mm_xor_si128(x, _mm_xor_si128(y, z));
        Self {
            high: sum(
                self.high,
                _mm_clmulepi64_si128::<0x11>(a, for_a),
                _mm_clmulepi64_si128::<0x11>(b, for_b),
            ),
            middle: sum(
                self.middle,
                _mm_clmulepi64_si128::<0x10>(folded, powers),
                _mm_clmulepi64_si128::<0x01>(folded, powers),
            ),
            low: sum(
                self.low,
                _mm_clmulepi64_si128::<0x00>(a, for_a),
                _mm_clmulepi64_si128::<0x00>(b, for_b),
            ),
        }
    }

    /// The sum modulo u¹²⁸ + u⁷ + u² + u + 1.
    ///
    /// The lower register holds u¹²⁸ and above, mirrored. Its lower half L goes first: L times u¹²⁸ is L
    /// times 1 + u + u² + u⁷. The 1 moves L up by 128 bits; with the half above it, which waits for its turn,
    /// that is an exchange of halves. The rest is a product with the mirrored u + u² + u⁷, which, since
    /// products come out one bit too low, is taken one bit higher: c2 00 …. Then the other half likewise.
    #[inline]
    #[target_feature(enable = "pclmulqdq,avx")]
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

/// The control that makes PSHUFD exchange the two halves of a register.
const SWAP: i32 = 0b01_00_11_10;

/// A block as a big-endian number of 128 bits.
#[inline]
#[target_feature(enable = "avx")]
pub(in crate::symmetric) fn load_block(token: cpu::AesNi, block: &Block) -> __m128i {
    byte_swapped(token, load(block))
}

/// [`load_block`] undone.
#[inline]
#[target_feature(enable = "avx")]
pub(in crate::symmetric) fn store_block(token: cpu::AesNi, register: __m128i) -> Block {
    store(byte_swapped(token, register))
}

/// The sixteen bytes in reverse.
#[inline]
#[target_feature(enable = "avx")]
pub(in crate::symmetric) fn byte_swapped(_: cpu::AesNi, register: __m128i) -> __m128i {
    let reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    _mm_shuffle_epi8(register, reverse)
}
