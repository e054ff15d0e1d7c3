//! GHASH without tables and without branches: carry-less products out of integer products.
//!
//! *Constant time. Secret: H, the value, the data. A 64-bit multiplication of the processor is taken to be
//! constant-time, as it is on every processor of today's servers and laptops; see SECURITY.md.*
//!
//! A block is one `u128`, read big-endian, so that the coefficient of uⁱ is bit 127 − i: everything is
//! mirrored. The mirrored product of two blocks comes out one bit too low (the product of 1 and 1 would be
//! bit 254, and 1 should be bit 255 of 256), so H is kept divided by u, once and for all.
//!
//! Equals [`textbook`](super::textbook).

use zeroize::Zeroize;

use super::Block;

/// A running GHASH. Zeroed when dropped.
#[derive(Clone)]
pub struct Ghash {
    /// H / u.
    h: u128,
    /// Yᵢ, the value so far.
    y: u128,
}

impl Ghash {
    /// Nothing hashed yet, under the hash subkey `h`.
    #[must_use]
    pub fn new(h: &Block) -> Self {
        Self { h: divided_by_u(u128::from_be_bytes(*h)), y: 0 }
    }

    /// Yᵢ = (Yᵢ₋₁ ⊕ Xᵢ) • H for each block of `data`, the last one filled up with zeros.
    pub fn update(&mut self, data: &[u8]) {
        let (blocks, rest) = data.as_chunks::<16>();
        for block in blocks {
            self.absorb(block);
        }
        if !rest.is_empty() {
            let mut block = [0; 16];
            block[..rest.len()].copy_from_slice(rest);
            self.absorb(&block);
        }
    }

    fn absorb(&mut self, block: &Block) {
        self.y = multiply(self.y ^ u128::from_be_bytes(*block), self.h);
    }

    /// The last Yᵢ.
    #[must_use]
    pub fn value(&self) -> Block {
        self.y.to_be_bytes()
    }
}

impl Drop for Ghash {
    fn drop(&mut self) {
        self.h.zeroize();
        self.y.zeroize();
    }
}

/// Division by u: one bit to the left. The coefficient of 1 falls out at the top and comes back as
/// u⁻¹ = u¹²⁷ + u⁶ + u + 1 (times u, that is u¹²⁸ + u⁷ + u² + u, which is 1).
pub(super) fn divided_by_u(x: u128) -> u128 {
    let fell_out = (x >> 127).wrapping_neg();
    x << 1 ^ fell_out & 0xc200_0000_0000_0000_0000_0000_0000_0001
}

/// X • H, with H given divided by u.
fn multiply(x: u128, h: u128) -> u128 {
    let (x1, x0) = ((x >> 64) as u64, x as u64);
    let (h1, h0) = ((h >> 64) as u64, h as u64);
    // Karatsuba: three products of halves instead of four.
    let high = multiply_64(x1, h1);
    let low = multiply_64(x0, h0);
    let middle = multiply_64(x1 ^ x0, h1 ^ h0) ^ high ^ low;
    reduce(high ^ middle >> 64, low ^ middle << 64)
}

/// The lower half holds u¹²⁸ (at bit 127) and what is above: each uⁱ⁺¹²⁸ is uⁱ + uⁱ⁺¹ + uⁱ⁺² + uⁱ⁺⁷.
fn reduce(high: u128, low: u128) -> u128 {
    // The shifted copies reach over the end again, by at most seven bits: first put these where they come
    // back, then fold everything at once.
    let low = low ^ low << 127 ^ low << 126 ^ low << 121;
    high ^ low ^ low >> 1 ^ low >> 2 ^ low >> 7
}

/// The carry-less product of `x` and `y`.
///
/// Where only every fourth bit of two numbers is set, a column of their integer product adds up to as many
/// ones as meet there, and there are four bits for that sum before the next column begins. Up to fifteen
/// ones never carry into it, and the lowest bit of the sum is their XOR. So each number is taken apart
/// into four with holes, and all sixteen pairs are multiplied. Fifteen is why the top four bits of x,
/// the sixteenth of each kind, go another way: masks.
#[inline]
fn multiply_64(x: u64, y: u64) -> u128 {
    const EVERY_FOURTH: u128 = 0x1111_1111_1111_1111_1111_1111_1111_1111;
    let [x0, x1, x2, x3] = with_holes(x & 0x0fff_ffff_ffff_ffff);
    let [y0, y1, y2, y3] = with_holes(y);
    let times = u128::wrapping_mul;
    let mut product = (times(x0, y0) ^ times(x1, y3) ^ times(x2, y2) ^ times(x3, y1)) & EVERY_FOURTH
        | (times(x0, y1) ^ times(x1, y0) ^ times(x2, y3) ^ times(x3, y2)) & EVERY_FOURTH << 1
        | (times(x0, y2) ^ times(x1, y1) ^ times(x2, y0) ^ times(x3, y3)) & EVERY_FOURTH << 2
        | (times(x0, y3) ^ times(x1, y2) ^ times(x2, y1) ^ times(x3, y0)) & EVERY_FOURTH << 3;
    for i in 60..64 {
        let mask = u128::from(x >> i & 1).wrapping_neg();
        product ^= u128::from(y) << i & mask;
    }
    product
}

/// Bits 0, 4, 8 …; bits 1, 5, 9 …; and so on, as wide as their products will be.
#[inline]
fn with_holes(v: u64) -> [u128; 4] {
    let every_fourth = 0x1111_1111_1111_1111;
    [v & every_fourth, v & every_fourth << 1, v & every_fourth << 2, v & every_fourth << 3].map(u128::from)
}

#[cfg(test)]
mod tests {
    use super::super::textbook;
    use super::*;

    #[test]
    fn the_product_with_holes_is_carryless_for_all_ones() {
        // (2⁶⁴ − 1)² without carries: every column is the parity of how many ones meet there.
        let expected = (0..127).filter(|k| k % 2 == 0).fold(0, |sum, k| sum | 1u128 << k);
        assert_eq!(multiply_64(u64::MAX, u64::MAX), expected);
    }

    #[test]
    fn multiplies_as_the_textbook() {
        let mut x = 0x0123_4567_89ab_cdef_0f1e_2d3c_4b5a_6978_u128;
        for _ in 0..200 {
            let y = x.rotate_left(77).wrapping_mul(0x2545_f491_4f6c_dd1d);
            let expected = textbook::multiply(&x.to_be_bytes(), &y.to_be_bytes(), |_, _| ());
            assert_eq!(multiply(x, divided_by_u(y)).to_be_bytes(), expected);
            x = y;
        }
    }
}
