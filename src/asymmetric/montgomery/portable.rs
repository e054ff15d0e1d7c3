//! The portable rung: products and Montgomery's reduction on 64-bit limbs, in safe Rust.
//!
//! *Constant time. Secret: every limb; the widths, multiples of [`BLOCK`], are public.* A 64 × 64 →
//! 128-bit multiplication is taken to be constant-time, as it is on today's 64-bit processors.
//!
//! All is built of one step: a row of a number times one limb, added to a row of another.

use super::limbs::{add_limb, mask, select, subtract_limb};

/// Widths are multiples of eight limbs, so that the inner loop has a fixed length: 512 bits.
pub(crate) const BLOCK: usize = 8;

/// `a · b + c + carry` as (low limb, high limb). It cannot overflow:
/// (2⁶⁴ − 1)² + 2 (2⁶⁴ − 1) = 2¹²⁸ − 1.
#[inline(always)]
fn multiply_add(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64) {
    let product = u128::from(a).wrapping_mul(u128::from(b));
    let sum = product.wrapping_add(u128::from(c)).wrapping_add(u128::from(carry));
    (sum as u64, (sum >> 64) as u64)
}

/// `row += factor · number`; the carry out of the row, which is as long as the number.
fn add_row(row: &mut [u64], number: &[u64], factor: u64) -> u64 {
    let (rows, row_rest) = row.as_chunks_mut::<BLOCK>();
    let (numbers, number_rest) = number.as_chunks::<BLOCK>();
    let mut carry = 0;
    for (row, number) in rows.iter_mut().zip(numbers) {
        for i in 0..BLOCK {
            (row[i], carry) = multiply_add(number[i], factor, row[i], carry);
        }
    }
    for (limb, &other) in row_rest.iter_mut().zip(number_rest) {
        (*limb, carry) = multiply_add(other, factor, *limb, carry);
    }
    carry
}

/// `product = a · b`, `product` being as long as both together.
pub(crate) fn multiply(product: &mut [u64], a: &[u64], b: &[u64]) {
    product.fill(0);
    for (i, &limb) in b.iter().enumerate() {
        product[i + a.len()] = add_row(&mut product[i..i + a.len()], a, limb);
    }
}

/// `product = a²`: each product of two different limbs is computed once and doubled.
pub(crate) fn square(product: &mut [u64], a: &[u64]) {
    let width = a.len();
    product.fill(0);
    for i in 0..width {
        product[i + width] = add_row(&mut product[2 * i + 1..i + width], &a[i + 1..], a[i]);
    }
    let (mut shifted_out, mut carry) = (0, 0);
    for (pair, &limb) in product.as_chunks_mut::<2>().0.iter_mut().zip(a) {
        let [low, high] = *pair;
        let doubled = [low << 1 | shifted_out, high << 1 | low >> 63];
        shifted_out = high >> 63;
        let square = u128::from(limb).wrapping_mul(u128::from(limb));
        (pair[0], carry) = add_limb(doubled[0], square as u64, carry);
        (pair[1], carry) = add_limb(doubled[1], (square >> 64) as u64, carry);
    }
}

/// Montgomery's reduction: `into = product · R⁻¹ mod modulus`, where R = 2^(64 · width) and
/// `product` < modulus · R. `factor` is −modulus⁻¹ mod 2⁶⁴. The product is used up.
pub(crate) fn reduce(into: &mut [u64], product: &mut [u64], modulus: &[u64], factor: u64) {
    let width = modulus.len();
    let mut carry = 0;
    for i in 0..width {
        // The multiple of the modulus that makes limb i zero: what is left is divisible by R.
        let multiple = product[i].wrapping_mul(factor);
        let high = add_row(&mut product[i..i + width], modulus, multiple);
        (product[i + width], carry) = add_limb(product[i + width], high, carry);
    }
    // The quotient is < 2 · modulus: take the modulus off unless that borrows from nothing.
    let high = &product[width..];
    let mut borrow = 0;
    for ((limb, &a), &b) in into.iter_mut().zip(high).zip(modulus) {
        (*limb, borrow) = subtract_limb(a, b, borrow);
    }
    select(mask(borrow & (carry ^ 1)), into, high);
}
