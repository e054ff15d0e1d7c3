//! The S-box of AES as a circuit: some 36 ANDs and 110 XORs on whole planes.
//!
//! *Constant time. Secret: everything. There is no branch and no index that depends on data.*
//!
//! Everything is inlined into the rounds, always: a call would put the planes through memory.
//!
//! SBOX() is an inversion in GF(2⁸) and an affine map (FIPS 197 §5.1.1). The map is XORs; the inversion
//! becomes small when the field is seen as a tower, each storey of pairs from the storey below:
//!
//! | storey | elements | rule |
//! |---|---|---|
//! | GF(2²) | a₁·w + a₀ with bits a₁, a₀ | w² = w + 1 |
//! | GF(2⁴) | a₁·z + a₀ over GF(2²) | z² = z + ν, ν = w + 1 |
//! | GF(2⁸) | a₁·y + a₀ over GF(2⁴) | y² = y + N, N = w·z + w |
//!
//! In each storey (t² = t + n) a product costs three products of the storey below, after Karatsuba, and
//! an inverse one of the storey below:
//!
//! - (a₁t + a₀)(b₁t + b₀) = ((a₁ + a₀)(b₁ + b₀) + a₀b₀)·t + (a₀b₀ + n·a₁b₁)
//! - (a₁t + a₀)⁻¹ = (a₁·t + a₁ + a₀)·Δ⁻¹, where Δ = n·a₁² + a₀(a₁ + a₀) lies in the storey below.
//!   (Multiply it out: (a₁t + a₀)(a₁t + a₁ + a₀) = Δ, for the terms with t add up to nothing.)
//!
//! AES writes GF(2⁸) in another basis, the powers of x with x⁸ = x⁴ + x³ + x + 1. Any element of the tower
//! that satisfies this equation can stand for x. Of all towers of this kind (two for ν, eight for N) and all
//! such elements, this choice needs the fewest XORs for both changes of basis, there and back, with the
//! affine map multiplied in and common sums taken out greedily:
//! x = (z + 1)·y + w + 1. Written in hex, with the factor of yzw on top and that of 1 at the bottom,
//! its powers 1, x, x², … x⁷ are 01, 53, 6c, 60, 48, e1, 41, a6: these are the columns of
//! [`into_tower`], and the matrices at the end of this file follow from them.

use super::Planes;

/// An element of GF(2²) for each bit of a plane: a₀, then a₁; likewise in the storeys above.
type Gf4 = [u64; 2];
type Gf16 = [Gf4; 2];

/// SUBBYTES(), FIPS 197 §5.1.1: the affine map of the inverse, plus 63.
#[inline(always)]
pub(super) fn sub_bytes(planes: &mut Planes) {
    *planes = out_of_tower_and_affine(&invert_256(&into_tower(planes)));
    for i in [0, 1, 5, 6] {
        planes[i] = !planes[i];
    }
}

/// INVSUBBYTES(), FIPS 197 §5.3.2: the inverse of (the affine map undone on what is left without 63).
#[inline(always)]
pub(super) fn inv_sub_bytes(planes: &mut Planes) {
    for i in [0, 1, 5, 6] {
        planes[i] = !planes[i];
    }
    *planes = out_of_tower(&invert_256(&affine_undone_into_tower(planes)));
}

#[inline(always)]
fn add_4([a0, a1]: Gf4, [b0, b1]: Gf4) -> Gf4 {
    [a0 ^ b0, a1 ^ b1]
}

#[inline(always)]
fn multiply_4([a0, a1]: Gf4, [b0, b1]: Gf4) -> Gf4 {
    let low = a0 & b0;
    [low ^ a1 & b1, (a0 ^ a1) & (b0 ^ b1) ^ low]
}

/// a² = a₁·w² + a₀ = a₁·w + (a₁ + a₀). Since a³ = 1 for all a but 0, this is also a⁻¹.
#[inline(always)]
fn square_4([a0, a1]: Gf4) -> Gf4 {
    [a0 ^ a1, a1]
}

/// ν·a = (w + 1)(a₁w + a₀) = a₀·w + (a₁ + a₀).
#[inline(always)]
fn times_nu([a0, a1]: Gf4) -> Gf4 {
    [a0 ^ a1, a0]
}

#[inline(always)]
fn add_16([a0, a1]: Gf16, [b0, b1]: Gf16) -> Gf16 {
    [add_4(a0, b0), add_4(a1, b1)]
}

#[inline(always)]
fn multiply_16([a0, a1]: Gf16, [b0, b1]: Gf16) -> Gf16 {
    let low = multiply_4(a0, b0);
    let high = multiply_4(a1, b1);
    let cross = multiply_4(add_4(a0, a1), add_4(b0, b1));
    [add_4(low, times_nu(high)), add_4(cross, low)]
}

#[inline(always)]
fn invert_16([a0, a1]: Gf16) -> Gf16 {
    let sum = add_4(a0, a1);
    let delta = add_4(times_nu(square_4(a1)), multiply_4(a0, sum));
    let inverse = square_4(delta);
    [multiply_4(sum, inverse), multiply_4(a1, inverse)]
}

/// N·a², which is linear in the bits of a.
#[inline(always)]
fn square_times_n([[a0, a1], [a2, a3]]: Gf16) -> Gf16 {
    [[a1, a0], [a1 ^ a2 ^ a3, a0 ^ a3]]
}

/// The inverse of each element, and 0 of 0.
#[inline(always)]
fn invert_256([a0, a1, a2, a3, a4, a5, a6, a7]: &Planes) -> Planes {
    let low = [[*a0, *a1], [*a2, *a3]];
    let high = [[*a4, *a5], [*a6, *a7]];
    let sum = add_16(low, high);
    let inverse = invert_16(add_16(square_times_n(high), multiply_16(low, sum)));
    let [[r0, r1], [r2, r3]] = multiply_16(sum, inverse);
    let [[r4, r5], [r6, r7]] = multiply_16(high, inverse);
    [r0, r1, r2, r3, r4, r5, r6, r7]
}

/// From the powers of x to the tower: a₀·01 + a₁·53 + a₂·6c + a₃·60 + a₄·48 + a₅·e1 + a₆·41 + a₇·a6.
#[inline(always)]
fn into_tower([a0, a1, a2, a3, a4, a5, a6, a7]: &Planes) -> Planes {
    let t0 = a1 ^ a5;
    let t1 = a2 ^ a3;
    let t2 = a5 ^ a7;
    let t3 = a6 ^ t0;
    [a0 ^ t3, a1 ^ a7, a2 ^ a7, a2 ^ a4, *a1, t1 ^ t2, a4 ^ t1 ^ t3, t2]
}

/// From the tower to the powers of x: [`into_tower`] undone.
#[inline(always)]
fn out_of_tower([a0, a1, a2, a3, a4, a5, a6, a7]: &Planes) -> Planes {
    let t0 = a1 ^ a4;
    let t1 = a2 ^ t0;
    let t2 = a3 ^ a5;
    let t3 = a6 ^ t2;
    let t4 = a7 ^ t1;
    [a0 ^ t3 ^ t4, *a4, t1, a5 ^ t4, a3 ^ t1, a7 ^ t0, a2 ^ a4 ^ t3, t0]
}

/// [`out_of_tower`], then bᵢ = aᵢ + aᵢ₊₄ + aᵢ₊₅ + aᵢ₊₆ + aᵢ₊₇ (FIPS 197 (5.3), but for the constant).
#[inline(always)]
fn out_of_tower_and_affine([a0, a1, a2, a3, a4, a5, a6, a7]: &Planes) -> Planes {
    let t0 = a0 ^ a4;
    let t1 = a2 ^ a3;
    let t2 = a1 ^ t0;
    let t3 = a4 ^ a6;
    let t4 = a6 ^ t0;
    [t0 ^ t1, t2, a2 ^ a7 ^ t2, t1 ^ t4, t4, a4 ^ a5 ^ t1, t3, a2 ^ t3]
}

/// The map of (5.3) undone, then [`into_tower`].
#[inline(always)]
fn affine_undone_into_tower([a0, a1, a2, a3, a4, a5, a6, a7]: &Planes) -> Planes {
    let t0 = a0 ^ a3;
    let t1 = a4 ^ a6;
    let t2 = a6 ^ a7;
    [t1, a1 ^ a4 ^ t0, t2, a3 ^ a7 ^ t1, a6 ^ t0, a0 ^ a5 ^ t1, t0, a1 ^ a2 ^ t2]
}

#[cfg(test)]
mod tests {
    use super::super::super::textbook;
    use super::*;

    /// Every byte once, as four times 64 in planes.
    fn all_bytes() -> impl Iterator<Item = ([u8; 64], Planes)> {
        (0..4).map(|n| {
            let bytes = std::array::from_fn(|j| 64 * n + j as u8);
            (bytes, slice(&bytes))
        })
    }

    fn slice(bytes: &[u8; 64]) -> Planes {
        std::array::from_fn(|i| (0..64).fold(0, |plane, j| plane | u64::from(bytes[j] >> i & 1) << j))
    }

    #[test]
    fn the_circuit_equals_the_textbooks_table_for_every_byte() {
        for (bytes, planes) in all_bytes() {
            let mut forward = planes;
            sub_bytes(&mut forward);
            assert_eq!(forward, slice(&bytes.map(textbook::sbox)));
            let mut back = planes;
            inv_sub_bytes(&mut back);
            assert_eq!(back, slice(&bytes.map(textbook::inv_sbox)));
        }
    }

    #[test]
    fn the_tower_is_the_field_of_aes_in_another_basis() {
        for (bytes, planes) in all_bytes() {
            assert_eq!(out_of_tower(&into_tower(&planes)), planes);
            let inverse = out_of_tower(&invert_256(&into_tower(&planes)));
            assert_eq!(inverse, slice(&bytes.map(textbook::inverse)));
        }
    }
}
