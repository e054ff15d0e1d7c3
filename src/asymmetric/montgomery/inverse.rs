//! Inverses modulo an odd number, in constant time.
//!
//! *Constant time. Secret: the modulus and the number; the modulus's length in bits is public.*
//!
//! Euclid's algorithm looks at the leading digits and takes as many steps as the numbers want. This
//! one is Bernstein and Yang's (*Fast constant-time gcd computation and modular inversion*, 2019,
//! <https://gcd.cr.yp.to>): it looks at the lowest bits only, and takes as many steps as the most
//! obstinate numbers of this length want. One step, on δ, f (odd) and g:
//!
//! ```text
//! divstep(δ, f, g) = (1 − δ, g, (g − f) / 2)            if δ > 0 and g is odd
//!                    (1 + δ, f, (g + (g mod 2) f) / 2)  otherwise
//! ```
//!
//! What sixty-two steps do depends on the lowest 62 bits of f and g alone, so they are taken on
//! single words; what they did, a 2 × 2 matrix, is then applied to the long numbers (§8 there).

use zeroize::Zeroizing;

use super::limbs::{self, Limbs};

/// How many steps are taken on single words, and how many bits a limb has in this file: signed
/// numbers, the least significant limb first, the sign in the last one.
const BATCH: usize = 62;
const LOW: i64 = (1 << BATCH) - 1;

type Signed = Zeroizing<Vec<i64>>;

/// An x with `a · x ≡ 1 (mod modulus)`, and a mask: is there one? Here a < `modulus` of `bits` bits,
/// and `factor` is −modulus⁻¹ mod 2⁶⁴. x is not yet reduced: it is less than 2¹¹ · modulus, and has
/// one limb more than the modulus.
pub(super) fn inverse(a: &[u64], modulus: &[u64], factor: u64, bits: usize) -> (Limbs, u64) {
    let width = (bits + 12) / BATCH + 1;
    let n = signed(modulus, width);
    let (mut f, mut g) = (n.clone(), signed(a, width));
    // Throughout, f ≡ d a and g ≡ e a (mod n).
    let (mut d, mut e) = (signed(&[], width), signed(&[1], width));

    let mut delta = 1;
    for _ in 0..batches(bits) {
        let matrix = divsteps(&mut delta, low_word(&f), low_word(&g));
        matrix.apply(&mut f, &mut g);
        matrix.apply_modulo(&mut d, &mut e, &n, factor);
    }

    // Now g = 0 and f = ± gcd(a, n); where that is ± 1, the inverse is ± d.
    let sign = 1 | f[width - 1] >> 63;
    let gcd = sum_of_multiples(&f, sign, &n, 0);
    // |d| ≤ (1 + batches) · n, and even 8192 bits are fewer than 2⁹ batches.
    let inverse = sum_of_multiples(&d, sign, &n, 1 << 10);
    let found = limbs::equal(&unsigned(&gcd, modulus.len()), &unsigned(&signed(&[1], width), modulus.len()));
    (unsigned(&inverse, modulus.len() + 1), found)
}

/// Enough batches for any f and g of `bits` bits: Theorem 11.2 there, for 46 bits and more.
fn batches(bits: usize) -> usize {
    let steps = (49 * bits.max(46) + 57) / 17;
    steps.div_ceil(BATCH)
}

/// What 62 steps do: 2⁶² f′ = u f + v g and 2⁶² g′ = q f + r g, where |u| + |v| and |q| + |r| are at
/// most 2⁶².
struct Matrix {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// 62 steps, on the low words of f and g.
fn divsteps(delta: &mut i64, mut f: u64, mut g: u64) -> Matrix {
    let (mut u, mut v, mut q, mut r) = (1u64, 0u64, 0u64, 1u64);
    let mut step = 0;
    while step < BATCH {
        let odd = (g & 1).wrapping_neg();
        let positive = (delta.wrapping_neg() >> 63) as u64;
        let swap = odd & positive;
        // Where δ > 0 and g is odd: (δ, f, g) becomes (−δ, g, −f), and so do the rows.
        *delta = (*delta ^ swap as i64).wrapping_sub(swap as i64);
        (f, g) = swap_and_negate(swap, f, g);
        (u, q) = swap_and_negate(swap, u, q);
        (v, r) = swap_and_negate(swap, v, r);
        // Then both cases are one: g + (g mod 2) f, halved. Row one is doubled in its place.
        *delta = delta.wrapping_add(1);
        g = g.wrapping_add(f & odd) >> 1;
        q = q.wrapping_add(u & odd);
        r = r.wrapping_add(v & odd);
        (u, v) = (u << 1, v << 1);
        step += 1;
    }
    Matrix { u: u as i64, v: v as i64, q: q as i64, r: r as i64 }
}

/// (a, b), or where the mask is set (b, −a).
#[inline(always)]
fn swap_and_negate(mask: u64, a: u64, b: u64) -> (u64, u64) {
    let flip = (a ^ b) & mask;
    (a ^ flip, ((b ^ flip) ^ mask).wrapping_sub(mask))
}

impl Matrix {
    /// (f, g) becomes the matrix times (f, g), divided by 2⁶²: exactly, as the steps were chosen so.
    fn apply(&self, f: &mut [i64], g: &mut [i64]) {
        let (mut carry_f, mut carry_g) = (0, 0);
        let mut i = 0;
        while i < f.len() {
            let (a, b) = (f[i], g[i]);
            carry_f = multiply_add(multiply_add(carry_f, self.u, a), self.v, b);
            carry_g = multiply_add(multiply_add(carry_g, self.q, a), self.r, b);
            if i > 0 {
                (f[i - 1], g[i - 1]) = (carry_f as i64 & LOW, carry_g as i64 & LOW);
            }
            (carry_f, carry_g) = (carry_f >> BATCH, carry_g >> BATCH);
            i += 1;
        }
        let last = f.len() - 1;
        (f[last], g[last]) = (carry_f as i64, carry_g as i64);
    }

    /// The same modulo n. Nothing makes these sums divisible by 2⁶², so a multiple of n, less than
    /// 2⁶² n, is added that does: d and e grow by at most n each time.
    fn apply_modulo(&self, d: &mut [i64], e: &mut [i64], n: &[i64], factor: u64) {
        let multiple = |row: i128| (row as u64).wrapping_mul(factor) as i64 & LOW;
        let multiple_d = multiple(multiply_add(multiply_add(0, self.u, d[0]), self.v, e[0]));
        let multiple_e = multiple(multiply_add(multiply_add(0, self.q, d[0]), self.r, e[0]));
        let (mut carry_d, mut carry_e) = (0, 0);
        let mut i = 0;
        while i < d.len() {
            let (a, b) = (d[i], e[i]);
            carry_d = multiply_add(multiply_add(carry_d, self.u, a), self.v, b);
            carry_e = multiply_add(multiply_add(carry_e, self.q, a), self.r, b);
            carry_d = multiply_add(carry_d, multiple_d, n[i]);
            carry_e = multiply_add(carry_e, multiple_e, n[i]);
            if i > 0 {
                (d[i - 1], e[i - 1]) = (carry_d as i64 & LOW, carry_e as i64 & LOW);
            }
            (carry_d, carry_e) = (carry_d >> BATCH, carry_e >> BATCH);
            i += 1;
        }
        let last = d.len() - 1;
        (d[last], e[last]) = (carry_d as i64, carry_e as i64);
    }
}

/// `sum + a · b`: three products of 62-bit limbs with matrix entries stay below 2¹²⁶.
#[inline(always)]
fn multiply_add(sum: i128, a: i64, b: i64) -> i128 {
    sum.wrapping_add(i128::from(a).wrapping_mul(i128::from(b)))
}

/// `x · by + y · times`, its limbs in order again.
fn sum_of_multiples(x: &[i64], by: i64, y: &[i64], times: i64) -> Signed {
    let mut carry = 0;
    let limbs = x.iter().zip(y).map(|(&x, &y)| {
        carry = multiply_add(multiply_add(carry, by, x), times, y);
        let low = carry as i64 & LOW;
        carry >>= BATCH;
        low
    });
    Zeroizing::new(limbs.collect())
}

/// The lowest limb, for [`divsteps`].
fn low_word(x: &[i64]) -> u64 {
    x[0] as u64
}

/// 64-bit limbs as 62-bit ones.
fn signed(number: &[u64], width: usize) -> Signed {
    let limb = |i: usize| {
        let (word, shift) = (i * BATCH / 64, i * BATCH % 64);
        let at = |word: usize| number.get(word).copied().unwrap_or(0);
        let next = at(word + 1).checked_shl(64 - shift as u32).unwrap_or(0);
        (at(word) >> shift | next) as i64 & LOW
    };
    Zeroizing::new((0..width).map(limb).collect())
}

/// 62-bit limbs of a number that is not negative as 64-bit ones.
fn unsigned(number: &[i64], width: usize) -> Limbs {
    let mut limbs = limbs::zero(width);
    for (i, &limb) in number.iter().enumerate() {
        let (word, shift) = (i * BATCH / 64, i * BATCH % 64);
        let spread = (limb as u64 as u128) << shift;
        for (word, part) in [(word, spread as u64), (word + 1, (spread >> 64) as u64)] {
            if let Some(place) = limbs.get_mut(word) {
                *place |= part;
            }
        }
    }
    limbs
}
