//! The portable rung: products and Montgomery's reduction, in safe Rust.
//!
//! *Constant time. Secret: every limb; the widths, multiples of [`BLOCK`], are public.* A 64 × 64 →
//! 128-bit multiplication is taken to be constant-time, as it is on today's 64-bit processors.
//!
//! It is the long multiplication of school, with digits of 512 bits: blocks of eight limbs, so that
//! what carries from one to the next stays in the processor's registers ([`multiply_block`]).
//!
//! Rows are written out and loops count by hand, here and in what else runs for each limb: the dev
//! profile neither unrolls loops nor puts an iterator's `next` in place.

use super::limbs::{add, add_limb, mask, multiply_add, select, subtract};

/// The limbs of a block. Widths are multiples of it.
pub(crate) const BLOCK: usize = 8;

type Block = [u64; BLOCK];

/// `row = a · limb + row + carry`, which has nine limbs: the lowest is returned, `row` keeps the eight above.
#[inline(always)]
fn multiply_add_row(a: &Block, limb: u64, row: &mut Block, carry: u64) -> u64 {
    let (lowest, carry) = multiply_add(a[0], limb, row[0], carry);
    let (r0, carry) = multiply_add(a[1], limb, row[1], carry);
    let (r1, carry) = multiply_add(a[2], limb, row[2], carry);
    let (r2, carry) = multiply_add(a[3], limb, row[3], carry);
    let (r3, carry) = multiply_add(a[4], limb, row[4], carry);
    let (r4, carry) = multiply_add(a[5], limb, row[5], carry);
    let (r5, carry) = multiply_add(a[6], limb, row[6], carry);
    let (r6, carry) = multiply_add(a[7], limb, row[7], carry);
    *row = [r0, r1, r2, r3, r4, r5, r6, carry];
    lowest
}

/// `a · b + low + carry` as (low block, carry block): [`multiply_add`] with digits of 512 bits.
#[inline(never)]
fn multiply_block(low: &mut Block, carry: &mut Block, a: &Block, b: &Block) {
    let mut row = *carry;
    low[0] = multiply_add_row(a, b[0], &mut row, low[0]);
    low[1] = multiply_add_row(a, b[1], &mut row, low[1]);
    low[2] = multiply_add_row(a, b[2], &mut row, low[2]);
    low[3] = multiply_add_row(a, b[3], &mut row, low[3]);
    low[4] = multiply_add_row(a, b[4], &mut row, low[4]);
    low[5] = multiply_add_row(a, b[5], &mut row, low[5]);
    low[6] = multiply_add_row(a, b[6], &mut row, low[6]);
    low[7] = multiply_add_row(a, b[7], &mut row, low[7]);
    *carry = row;
}

/// `product = a · b`, `product` being as long as both together.
pub(crate) fn multiply(product: &mut [u64], a: &[u64], b: &[u64]) {
    product.fill(0);
    let (product, a, b) = (blocks_mut(product), blocks(a), blocks(b));
    let mut i = 0;
    while i < b.len() {
        let mut carry = [0; BLOCK];
        let mut j = 0;
        while j < a.len() {
            multiply_block(&mut product[i + j], &mut carry, &a[j], &b[i]);
            j += 1;
        }
        product[i + j] = carry;
        i += 1;
    }
}

/// `product = a²`: each product of two different blocks is computed once and doubled.
pub(crate) fn square(product: &mut [u64], a: &[u64]) {
    product.fill(0);
    let (product, a) = (blocks_mut(product), blocks(a));
    let mut i = 0;
    while i < a.len() {
        let mut carry = [0; BLOCK];
        let mut j = i + 1;
        while j < a.len() {
            multiply_block(&mut product[i + j], &mut carry, &a[j], &a[i]);
            j += 1;
        }
        product[i + j] = carry;
        i += 1;
    }
    let (mut shifted_out, mut above) = (0, 0);
    let mut i = 0;
    while i < a.len() {
        shifted_out = double(&mut product[2 * i], shifted_out);
        shifted_out = double(&mut product[2 * i + 1], shifted_out);
        let mut carry = [above, 0, 0, 0, 0, 0, 0, 0];
        multiply_block(&mut product[2 * i], &mut carry, &a[i], &a[i]);
        above = add(&mut product[2 * i + 1], &carry);
        i += 1;
    }
}

/// `block = 2 · block + bit`; the bit that is shifted out.
fn double(block: &mut Block, mut bit: u64) -> u64 {
    let mut i = 0;
    while i < BLOCK {
        (block[i], bit) = (block[i] << 1 | bit, block[i] >> 63);
        i += 1;
    }
    bit
}

/// Montgomery's reduction: `into = product · R⁻¹ mod modulus`, where R = 2^(64 · width) and
/// `product` < modulus · R; `factor` is −modulus⁻¹ mod 2⁶⁴. The product is used up.
pub(crate) fn reduce(into: &mut [u64], product: &mut [u64], modulus: &[u64], factor: u64) {
    let carry_bit = clear_low_half(blocks_mut(product), blocks(modulus), factor);
    // What is left above is < 2 · modulus: take the modulus off, unless that borrows from nothing.
    let high = &product[modulus.len()..];
    into.copy_from_slice(high);
    let borrow = subtract(into, modulus);
    select(mask(borrow & (carry_bit ^ 1)), into, high);
}

/// Adds the multiple of the modulus n that makes the low half of the product zero; what carries out.
fn clear_low_half(product: &mut [Block], n: &[Block], factor: u64) -> u64 {
    let (mut i, mut carry_bit) = (0, 0);
    while i < n.len() {
        let (mut carry, multiple) = clear_block(&product[i], &n[0], factor);
        let mut j = 1;
        while j < n.len() {
            multiply_block(&mut product[i + j], &mut carry, &n[j], &multiple);
            j += 1;
        }
        let above = &mut product[i + j];
        let mut k = 0;
        while k < BLOCK {
            (above[k], carry_bit) = add_limb(above[k], carry[k], carry_bit);
            k += 1;
        }
        i += 1;
    }
    carry_bit
}

/// The multiple of the modulus, `multiple` < 2⁵¹² times, that makes `low` zero when it is added, and
/// what that carries: (carry block, multiple). `n` is the lowest block of the modulus.
fn clear_block(low: &Block, n: &Block, factor: u64) -> (Block, Block) {
    let (mut row, mut multiple) = (*low, [0; BLOCK]);
    let mut i = 0;
    while i < BLOCK {
        multiple[i] = row[0].wrapping_mul(factor);
        multiply_add_row(n, multiple[i], &mut row, 0);
        i += 1;
    }
    (row, multiple)
}

fn blocks(limbs: &[u64]) -> &[Block] {
    limbs.as_chunks().0
}

fn blocks_mut(limbs: &mut [u64]) -> &mut [Block] {
    limbs.as_chunks_mut().0
}
