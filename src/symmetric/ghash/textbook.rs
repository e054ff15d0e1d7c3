//! GHASH as [NIST SP 800-38D] §6 writes it, bit by bit.
//!
//! Variable-time: it branches on secret bits. Nothing uses it by default; it is there to be read, to be
//! watched, and to say what every rung must compute.
//!
//! A block of 128 bits x₀x₁…x₁₂₇ stands for x₀ + x₁u + … + x₁₂₇u¹²⁷: the *first* bit, which is the top bit
//! of the first byte, is the coefficient of 1. Products are reduced modulo u¹²⁸ + u⁷ + u² + u + 1.
//!
//! ```
//! use cutaway::symmetric::ghash::textbook::{Step, ghash};
//!
//! let mut values = Vec::new();
//! let h = [0x66; 16];
//! let s = ghash(&h, &[[1; 16], [2; 16]], |step, block| {
//!     if let Step::Y(i) = step {
//!         values.push((i, *block));
//!     }
//! });
//! assert_eq!(values.len(), 2);
//! assert_eq!(values[1], (2, s));
//! ```
//!
//! [NIST SP 800-38D]: https://doi.org/10.6028/NIST.SP.800-38D

use super::Block;

/// What is watched: a value with the standard's name and index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Zᵢ of Algorithm 1: the product of the first i bits of X with Y.
    Z(usize),
    /// Vᵢ of Algorithm 1: Y·uⁱ.
    V(usize),
    /// Yᵢ of Algorithm 2: the value after block i, which counts from 1.
    Y(usize),
}

/// R = 11100001 ‖ 0¹²⁰ (§6.3): u¹²⁸ reduced, that is, 1 + u + u² + u⁷.
const R: u128 = 0b1110_0001 << 120;

/// X • Y, SP 800-38D Algorithm 1.
pub fn multiply(x: &Block, y: &Block, mut watch: impl FnMut(Step, &Block)) -> Block {
    let x = u128::from_be_bytes(*x);
    let mut z = 0;
    let mut v = u128::from_be_bytes(*y);
    for i in 0..128 {
        if x >> (127 - i) & 1 == 1 {
            z ^= v;
        }
        // A step to the right is a multiplication by u; u¹²⁸ falls out at the end, and comes back as R.
        v = if v & 1 == 0 { v >> 1 } else { v >> 1 ^ R };
        watch(Step::Z(i + 1), &z.to_be_bytes());
        watch(Step::V(i + 1), &v.to_be_bytes());
    }
    z.to_be_bytes()
}

/// GHASH_H(X₁ ‖ … ‖ Xₘ), SP 800-38D Algorithm 2: Yᵢ = (Yᵢ₋₁ ⊕ Xᵢ) • H, and the last Y is the value.
pub fn ghash(h: &Block, x: &[Block], mut watch: impl FnMut(Step, &Block)) -> Block {
    let mut y = [0; 16];
    for (i, x) in x.iter().enumerate() {
        let sum = std::array::from_fn(|j| y[j] ^ x[j]);
        y = multiply(&sum, h, &mut watch);
        watch(Step::Y(i + 1), &y);
    }
    y
}
