//! Natural numbers as 64-bit limbs, the least significant first.
//!
//! *Constant time. Secret: every limb; the number of limbs is public.* A mask is a limb of all ones
//! or all zeros, and is hidden from the optimiser when it is made. What runs for every product counts by
//! hand, for the reason given in `portable`.

use std::hint::black_box;

use zeroize::Zeroizing;

use crate::secret::tell;

/// Limbs that are zeroed when dropped.
pub(crate) type Limbs = Zeroizing<Vec<u64>>;

/// Zero, of `width` limbs.
pub(crate) fn zero(width: usize) -> Limbs {
    Zeroizing::new(vec![0; width])
}

/// The number whose big-endian bytes are given (OS2IP, RFC 8017 §4.2), or `None` if it needs more
/// than `width` limbs. Only whether it fits can be told from the time.
pub(crate) fn from_bytes(bytes: &[u8], width: usize) -> Option<Limbs> {
    let mut limbs = zero(width);
    let mut beyond = 0;
    for (i, &byte) in bytes.iter().rev().enumerate() {
        match limbs.get_mut(i / 8) {
            Some(limb) => *limb |= u64::from(byte) << (i % 8 * 8),
            None => beyond |= byte,
        }
    }
    tell(is_zero(&[u64::from(beyond)])).then_some(limbs)
}

/// The low `size` bytes of the number, big-endian (I2OSP, RFC 8017 §4.1, for a number that fits).
pub(crate) fn to_bytes(limbs: &[u64], size: usize) -> Vec<u8> {
    let byte = |i: usize| limbs.get(i / 8).map_or(0, |limb| (limb >> (i % 8 * 8)) as u8);
    (0..size).rev().map(byte).collect()
}

/// The number in `width` limbs, which it must fit into.
pub(crate) fn resized(limbs: &[u64], width: usize) -> Limbs {
    let mut resized = zero(width);
    let both = width.min(limbs.len());
    resized[..both].copy_from_slice(&limbs[..both]);
    resized
}

/// How many bits the number has. The time depends on the answer, which must be public.
pub(crate) fn bit_length(limbs: &[u64]) -> usize {
    let is_set = |&i: &usize| tell(mask(limbs[i / 64] >> (i % 64)));
    (0..64 * limbs.len()).rev().find(is_set).map_or(0, |top| top + 1)
}

/// A mask of the lowest bit of `bit`.
#[inline]
pub(crate) fn mask(bit: u64) -> u64 {
    black_box((bit & 1).wrapping_neg())
}

/// A mask: is every limb zero?
pub(crate) fn is_zero(limbs: &[u64]) -> u64 {
    let any = limbs.iter().fold(0, |any, limb| any | limb);
    // The top bit of x | −x is set for every x but zero.
    mask(!(any | any.wrapping_neg()) >> 63)
}

/// A mask: are two numbers of one width equal?
pub(crate) fn equal(a: &[u64], b: &[u64]) -> u64 {
    debug_assert_eq!(a.len(), b.len());
    let difference = a.iter().zip(b).fold(0, |any, (a, b)| any | (a ^ b));
    is_zero(&[difference])
}

/// A mask: is `a` less than `b`, of the same width?
pub(crate) fn less_than(a: &[u64], b: &[u64]) -> u64 {
    debug_assert_eq!(a.len(), b.len());
    let mut borrow = 0;
    for (&a, &b) in a.iter().zip(b) {
        (_, borrow) = subtract_limb(a, b, borrow);
    }
    mask(borrow)
}

/// Writes `when_set` over `into` where `mask` is all ones.
pub(crate) fn select(mask: u64, into: &mut [u64], when_set: &[u64]) {
    debug_assert_eq!(into.len(), when_set.len());
    let mut i = 0;
    while i < into.len() {
        into[i] ^= mask & (into[i] ^ when_set[i]);
        i += 1;
    }
}

/// `a + b + carry` as (low limb, carry of 0 or 1).
#[inline(always)]
pub(crate) fn add_limb(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(carry);
    (sum, u64::from(first) | u64::from(second))
}

/// `a − b − borrow` as (low limb, borrow of 0 or 1).
#[inline(always)]
pub(crate) fn subtract_limb(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(borrow);
    (difference, u64::from(first) | u64::from(second))
}

/// `a · b + c + carry` as (low limb, high limb). It cannot overflow:
/// (2⁶⁴ − 1)² + 2 (2⁶⁴ − 1) = 2¹²⁸ − 1.
#[inline(always)]
pub(crate) fn multiply_add(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64) {
    let product = u128::from(a).wrapping_mul(u128::from(b));
    let sum = product.wrapping_add(u128::from(c)).wrapping_add(u128::from(carry));
    (sum as u64, (sum >> 64) as u64)
}

/// `a += b`, where `b` may be narrower; the carry out of `a`.
pub(crate) fn add(a: &mut [u64], b: &[u64]) -> u64 {
    let (mut i, mut carry) = (0, 0);
    while i < b.len() {
        (a[i], carry) = add_limb(a[i], b[i], carry);
        i += 1;
    }
    while i < a.len() {
        (a[i], carry) = add_limb(a[i], 0, carry);
        i += 1;
    }
    carry
}

/// `a −= b`, where `b` may be narrower; the borrow out of `a`.
pub(crate) fn subtract(a: &mut [u64], b: &[u64]) -> u64 {
    let (mut i, mut borrow) = (0, 0);
    while i < b.len() {
        (a[i], borrow) = subtract_limb(a[i], b[i], borrow);
        i += 1;
    }
    while i < a.len() {
        (a[i], borrow) = subtract_limb(a[i], 0, borrow);
        i += 1;
    }
    borrow
}

/// `a −= b` modulo a modulus that both are less than.
pub(crate) fn subtract_modulo(a: &mut [u64], b: &[u64], modulus: &[u64]) {
    let borrow = subtract(a, b);
    let mut sum = resized(a, a.len());
    add(&mut sum, modulus);
    select(mask(borrow), a, &sum);
}

/// `a · word`, one limb wider than `a`.
pub(crate) fn times_word(a: &[u64], word: u64) -> Limbs {
    let mut product = zero(a.len() + 1);
    let mut carry = 0;
    for (limb, &a) in product.iter_mut().zip(a) {
        (*limb, carry) = multiply_add(a, word, 0, carry);
    }
    product[a.len()] = carry;
    product
}

/// `2 a + bit mod modulus`, for `a` < modulus of the same width.
pub(crate) fn double_modulo(a: &mut [u64], bit: u64, modulus: &[u64], scratch: &mut [u64]) {
    let (mut i, mut carry) = (0, bit);
    while i < a.len() {
        (a[i], carry) = (a[i] << 1 | carry, a[i] >> 63);
        scratch[i] = a[i];
        i += 1;
    }
    // 2a + bit < 2 · modulus: the modulus goes in once or not at all. It goes in if the doubling
    // carried or the subtraction did not borrow.
    let borrow = subtract(scratch, modulus);
    select(mask(carry | (borrow ^ 1)), a, scratch);
}

/// `x mod modulus` for any modulus but zero, even ones too: shift and subtract, one bit of `x` at a time.
pub(crate) fn remainder(x: &[u64], modulus: &[u64]) -> Limbs {
    let mut remainder = zero(modulus.len());
    let mut scratch = zero(modulus.len());
    for &limb in x.iter().rev() {
        for i in (0..64).rev() {
            double_modulo(&mut remainder, limb >> i & 1, modulus, &mut scratch);
        }
    }
    remainder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_limbs_are_the_same_number() {
        let limbs = from_bytes(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 2).unwrap();
        assert_eq!(*limbs, [0x0203_0405_0607_0809, 1]);
        assert_eq!(to_bytes(&limbs, 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert!(from_bytes(&[1, 0, 0, 0, 0, 0, 0, 0, 0], 1).is_none());
        assert!(from_bytes(&[0, 0, 0, 0, 0, 0, 0, 0, 5], 1).is_some());
        assert_eq!(bit_length(&limbs), 65);
        assert_eq!(bit_length(&[0, 0]), 0);
    }

    #[test]
    fn masks_are_all_ones_or_all_zeros() {
        assert_eq!(is_zero(&[0, 0]), u64::MAX);
        assert_eq!(is_zero(&[0, 1 << 63]), 0);
        assert_eq!(is_zero(&[1, 0]), 0);
        assert_eq!(less_than(&[5, 1], &[4, 2]), u64::MAX);
        assert_eq!(less_than(&[5, 1], &[5, 1]), 0);
        assert_eq!(less_than(&[6, 1], &[5, 1]), 0);
        assert_eq!(equal(&[6, 1], &[6, 1]), u64::MAX);
        assert_eq!(equal(&[6, 1], &[6, 0]), 0);
    }

    #[test]
    fn remainders_of_even_and_odd_moduli() {
        let x = [0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210];
        let value = u128::from(x[1]) << 64 | u128::from(x[0]);
        for modulus in [1, 2, 3, 10, 65536, u64::MAX, 1 << 63] {
            assert_eq!(remainder(&x, &[modulus])[0], (value % u128::from(modulus)) as u64);
        }
    }
}
