//! The compression function of SHA-256 in safe Rust: [`textbook`](super::textbook) with the words
//! of the schedule made where the old ones are no longer needed, and no word moved between variables.
//!
//! *Constant time. Secret: the state and the blocks. Additions, rotations and logic alone touch them.*

use zeroize::Zeroize;

use super::textbook::{K, State, capital_sigma_0, capital_sigma_1, ch, maj, sigma_0, sigma_1};

/// Mixes the blocks into the hash value, one after the other.
pub(super) fn compress(hash_value: &mut State, blocks: &[[u8; 64]]) {
    let mut w = [0; 16];
    for block in blocks {
        for (word, bytes) in w.iter_mut().zip(block.as_chunks().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        let mut working = *hash_value;
        let (sixteens, _) = K.as_chunks();
        sixteen_rounds(&mut working, &sixteens[0], &w);
        for k in &sixteens[1..] {
            extend(&mut w);
            sixteen_rounds(&mut working, k, &w);
        }
        for (h, variable) in hash_value.iter_mut().zip(working) {
            *h = h.wrapping_add(variable);
        }
    }
    w.zeroize();
}

/// The next sixteen words of the schedule in the place of the last: W₍ₜ₋₁₆₎ is needed for Wₜ and then
/// never again.
#[inline(always)]
fn extend(w: &mut [u32; 16]) {
    for t in 0..16 {
        w[t] = w[t]
            .wrapping_add(sigma_0(w[(t + 1) % 16]))
            .wrapping_add(w[(t + 9) % 16])
            .wrapping_add(sigma_1(w[(t + 14) % 16]));
    }
}

/// Sixteen rounds. The standard moves every variable down by one in each round; here the variables stay
/// and take turns in the roles, which come round after eight.
#[inline(always)]
fn sixteen_rounds(working: &mut State, k: &[u32; 16], w: &[u32; 16]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *working;
    for t in [0, 8] {
        round(a, b, c, &mut d, e, f, g, &mut h, k[t].wrapping_add(w[t]));
        round(h, a, b, &mut c, d, e, f, &mut g, k[t + 1].wrapping_add(w[t + 1]));
        round(g, h, a, &mut b, c, d, e, &mut f, k[t + 2].wrapping_add(w[t + 2]));
        round(f, g, h, &mut a, b, c, d, &mut e, k[t + 3].wrapping_add(w[t + 3]));
        round(e, f, g, &mut h, a, b, c, &mut d, k[t + 4].wrapping_add(w[t + 4]));
        round(d, e, f, &mut g, h, a, b, &mut c, k[t + 5].wrapping_add(w[t + 5]));
        round(c, d, e, &mut f, g, h, a, &mut b, k[t + 6].wrapping_add(w[t + 6]));
        round(b, c, d, &mut e, f, g, h, &mut a, k[t + 7].wrapping_add(w[t + 7]));
    }
    *working = [a, b, c, d, e, f, g, h];
}

/// One round: of the eight variables only `d` and `h` get new values.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the eight variables of the standard, and its Kₜ + Wₜ")]
fn round(a: u32, b: u32, c: u32, d: &mut u32, e: u32, f: u32, g: u32, h: &mut u32, k_w: u32) {
    let t1 = h.wrapping_add(capital_sigma_1(e)).wrapping_add(ch(e, f, g)).wrapping_add(k_w);
    let t2 = capital_sigma_0(a).wrapping_add(maj(a, b, c));
    *d = d.wrapping_add(t1);
    *h = t1.wrapping_add(t2);
}
