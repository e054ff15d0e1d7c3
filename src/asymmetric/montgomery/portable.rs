//! The portable rung: products and Montgomery's reduction, in safe Rust.
//!
//! *Constant time. Secret: every limb; the widths, multiples of [`BLOCK`], are public.* A 64 × 64 →
//! 128-bit multiplication is taken to be constant-time, as it is on today's 64-bit processors.
//!
//! It is the long multiplication of school, with digits of 512 bits: blocks of eight limbs, so that
//! what carries from one to the next stays in the processor's registers ([`multiply_block`]).

use super::limbs::{add, add_limb, mask, multiply_add, select, subtract_limb};

/// The limbs of a block. Widths are multiples of it.
pub(crate) const BLOCK: usize = 8;

type Block = [u64; BLOCK];

/// `a · limb + row + carry` as (lowest limb, the eight above it). Written out, since the dev profile
/// does not unroll loops.
#[inline(always)]
fn multiply_add_row(a: &Block, limb: u64, row: Block, carry: u64) -> (u64, Block) {
    let (lowest, carry) = multiply_add(a[0], limb, row[0], carry);
    let (r0, carry) = multiply_add(a[1], limb, row[1], carry);
    let (r1, carry) = multiply_add(a[2], limb, row[2], carry);
    let (r2, carry) = multiply_add(a[3], limb, row[3], carry);
    let (r3, carry) = multiply_add(a[4], limb, row[4], carry);
    let (r4, carry) = multiply_add(a[5], limb, row[5], carry);
    let (r5, carry) = multiply_add(a[6], limb, row[6], carry);
    let (r6, carry) = multiply_add(a[7], limb, row[7], carry);
    (lowest, [r0, r1, r2, r3, r4, r5, r6, carry])
}

/// `a · b + low + carry` as (low block, carry block): [`multiply_add`] with digits of 512 bits.
#[inline(never)]
fn multiply_block(low: &mut Block, carry: &mut Block, a: &Block, b: &Block) {
    let mut row = *carry;
    for i in 0..BLOCK {
        (low[i], row) = multiply_add_row(a, b[i], row, low[i]);
    }
    *carry = row;
}

/// `product = a · b`, `product` being as long as both together.
pub(crate) fn multiply(product: &mut [u64], a: &[u64], b: &[u64]) {
    product.fill(0);
    let (product, a, b) = (blocks_mut(product), blocks(a), blocks(b));
    for (i, b) in b.iter().enumerate() {
        let mut carry = [0; BLOCK];
        for (j, a) in a.iter().enumerate() {
            multiply_block(&mut product[i + j], &mut carry, a, b);
        }
        product[i + a.len()] = carry;
    }
}

/// `product = a²`: each product of two different blocks is computed once and doubled.
pub(crate) fn square(product: &mut [u64], a: &[u64]) {
    product.fill(0);
    let a = blocks(a);
    for i in 0..a.len() {
        let product = blocks_mut(product);
        let mut carry = [0; BLOCK];
        for j in i + 1..a.len() {
            multiply_block(&mut product[i + j], &mut carry, &a[j], &a[i]);
        }
        product[i + a.len()] = carry;
    }
    let mut shifted_out = 0;
    for limb in product.iter_mut() {
        (*limb, shifted_out) = (*limb << 1 | shifted_out, *limb >> 63);
    }
    let mut carry = [0; BLOCK];
    for (pair, a) in blocks_mut(product).chunks_exact_mut(2).zip(a) {
        let [low, high] = pair else { continue };
        multiply_block(low, &mut carry, a, a);
        carry = [add(high, &carry), 0, 0, 0, 0, 0, 0, 0];
    }
}

/// Montgomery's reduction: `into = product · R⁻¹ mod modulus`, where R = 2^(64 · width) and
/// `product` < modulus · R; `factor` is −modulus⁻¹ mod 2⁶⁴. The product is used up.
pub(crate) fn reduce(into: &mut [u64], product: &mut [u64], modulus: &[u64], factor: u64) {
    let width = modulus.len();
    let n = blocks(modulus);
    let mut carry_bit = 0;
    for i in 0..n.len() {
        let product = blocks_mut(product);
        let (mut carry, multiple) = clear_block(&product[i], &n[0], factor);
        for j in 1..n.len() {
            multiply_block(&mut product[i + j], &mut carry, &n[j], &multiple);
        }
        for (limb, &carry) in product[i + n.len()].iter_mut().zip(&carry) {
            (*limb, carry_bit) = add_limb(*limb, carry, carry_bit);
        }
    }
    // What is left above is < 2 · modulus: take the modulus off, unless that borrows from nothing.
    let high = &product[width..];
    let mut borrow = 0;
    for ((limb, &a), &b) in into.iter_mut().zip(high).zip(modulus) {
        (*limb, borrow) = subtract_limb(a, b, borrow);
    }
    select(mask(borrow & (carry_bit ^ 1)), into, high);
}

/// The multiple of the modulus, `multiple` < 2⁵¹² times, that makes `low` zero when it is added, and
/// what that carries: (carry block, multiple). `n` is the lowest block of the modulus.
fn clear_block(low: &Block, n: &Block, factor: u64) -> (Block, Block) {
    let (mut row, mut multiple) = (*low, [0; BLOCK]);
    for limb in &mut multiple {
        *limb = row[0].wrapping_mul(factor);
        (_, row) = multiply_add_row(n, *limb, row, 0);
    }
    (row, multiple)
}

fn blocks(limbs: &[u64]) -> &[Block] {
    limbs.as_chunks().0
}

fn blocks_mut(limbs: &mut [u64]) -> &mut [Block] {
    limbs.as_chunks_mut().0
}
