//! GCM as [NIST SP 800-38D] writes it, on the textbooks of AES and GHASH.
//!
//! Variable-time, as these are. Nothing uses it by default; it is there to be read, to be watched, and to
//! say what every rung must compute.
//!
//! ```
//! use cutaway::symmetric::aes::textbook::KeySchedule;
//! use cutaway::symmetric::gcm::textbook::{Step, gcm_ad, gcm_ae};
//!
//! let k = KeySchedule::new(&[0; 16]);
//! let mut h = [0; 16];
//! let (c, t) = gcm_ae(&k, &[0; 12], b"attack at dawn", b"", |step, block| {
//!     if step == Step::HashSubkey {
//!         h = *block;
//!     }
//! });
//! assert_eq!(hex::encode(h), "66e94bd4ef8a2c3b884cfa59ca342b2e");
//! assert_eq!(gcm_ad(&k, &[0; 12], &c, b"", &t, |_, _| ()).as_deref(), Ok(&b"attack at dawn"[..]));
//! ```
//!
//! [NIST SP 800-38D]: https://doi.org/10.6028/NIST.SP.800-38D

use crate::symmetric::aead::{Forged, Tag};
use crate::symmetric::aes::Block;
use crate::symmetric::aes::textbook::{KeySchedule, State, cipher};
use crate::symmetric::ghash::textbook as hash;

/// What is watched: a block with the standard's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// H = CIPH_K(0¹²⁸), the hash subkey.
    HashSubkey,
    /// J₀, the pre-counter block.
    PreCounterBlock,
    /// CBᵢ, the counter block for block i of the text; i counts from 1. For the tag, J₀ has i = 0.
    CounterBlock(usize),
    /// CIPH_K(CBᵢ), which is XORed to block i; for i = 0 to the hash.
    KeyStream(usize),
    /// Yᵢ inside GHASH, after its block i, which counts from 1: A, padded; C, padded; the lengths.
    Hash(usize),
    /// S, the value of GHASH.
    HashValue,
    /// T, the tag.
    Tag,
}

/// GCM-AE_K(IV, P, A), SP 800-38D Algorithm 4, with tags of t = 128 bits: C and T.
pub fn gcm_ae(
    k: &KeySchedule,
    iv: &[u8],
    p: &[u8],
    a: &[u8],
    mut watch: impl FnMut(Step, &Block),
) -> (Vec<u8>, Tag) {
    let h = hash_subkey(k, &mut watch);
    let j0 = pre_counter_block(&h, iv, &mut watch);
    let c = gctr(k, &inc32(&j0), p, 1, &mut watch);
    let t = tag(k, &h, &j0, a, &c, &mut watch);
    (c, t)
}

/// GCM-AD_K(IV, C, A, T), SP 800-38D Algorithm 5: P, or FAIL.
///
/// # Errors
/// [`Forged`] if T is not the tag of A and C.
pub fn gcm_ad(
    k: &KeySchedule,
    iv: &[u8],
    c: &[u8],
    a: &[u8],
    t: &Tag,
    mut watch: impl FnMut(Step, &Block),
) -> Result<Vec<u8>, Forged> {
    let h = hash_subkey(k, &mut watch);
    let j0 = pre_counter_block(&h, iv, &mut watch);
    let p = gctr(k, &inc32(&j0), c, 1, &mut watch);
    if tag(k, &h, &j0, a, c, &mut watch) == *t { Ok(p) } else { Err(Forged) }
}

/// inc₃₂(X), SP 800-38D §6.2: the last 32 bits, as a number, plus one modulo 2³².
#[must_use]
pub fn inc32(x: &Block) -> Block {
    let [fixed @ .., c0, c1, c2, c3] = *x;
    let [c0, c1, c2, c3] = u32::from_be_bytes([c0, c1, c2, c3]).wrapping_add(1).to_be_bytes();
    let mut y = [0; 16];
    y[..12].copy_from_slice(&fixed);
    y[12..].copy_from_slice(&[c0, c1, c2, c3]);
    y
}

/// GCTR_K(ICB, X), SP 800-38D Algorithm 3: X ⊕ CIPH_K(CB₁) ‖ CIPH_K(CB₂) ‖ …, cut to the length of X.
/// `first` is the number that [`Step`] gives to the first block.
pub fn gctr(
    k: &KeySchedule,
    icb: &Block,
    x: &[u8],
    first: usize,
    mut watch: impl FnMut(Step, &Block),
) -> Vec<u8> {
    let mut y = Vec::with_capacity(x.len());
    let mut cb = *icb;
    for (i, x) in x.chunks(16).enumerate() {
        watch(Step::CounterBlock(first + i), &cb);
        let key_stream = ciph(k, &cb);
        watch(Step::KeyStream(first + i), &key_stream);
        y.extend(x.iter().zip(key_stream).map(|(x, key)| x ^ key));
        cb = inc32(&cb);
    }
    y
}

/// CIPH_K(X): AES.
fn ciph(k: &KeySchedule, x: &Block) -> Block {
    cipher(State::new(x), k, |_, _| ()).output()
}

/// Algorithm 4, step 1.
fn hash_subkey(k: &KeySchedule, watch: &mut impl FnMut(Step, &Block)) -> Block {
    let h = ciph(k, &[0; 16]);
    watch(Step::HashSubkey, &h);
    h
}

/// Algorithm 4, step 2: IV ‖ 0³¹ ‖ 1 if the IV has 96 bits, else its hash.
fn pre_counter_block(h: &Block, iv: &[u8], watch: &mut impl FnMut(Step, &Block)) -> Block {
    let j0 = if let Ok(iv) = <[u8; 12]>::try_from(iv) {
        let mut j0 = [0; 16];
        j0[..12].copy_from_slice(&iv);
        j0[15] = 1;
        j0
    } else {
        let mut x = padded(iv);
        x.push(super::lengths(0, iv.len()));
        hash::ghash(h, &x, |_, _| ())
    };
    watch(Step::PreCounterBlock, &j0);
    j0
}

/// Algorithm 4, steps 4 to 6: u and v are the zeros that [`padded`] adds.
fn tag(
    k: &KeySchedule,
    h: &Block,
    j0: &Block,
    a: &[u8],
    c: &[u8],
    watch: &mut impl FnMut(Step, &Block),
) -> Tag {
    let mut x = padded(a);
    x.extend(padded(c));
    x.push(super::lengths(a.len(), c.len()));
    let s = hash::ghash(h, &x, |step, block| {
        if let hash::Step::Y(i) = step {
            watch(Step::Hash(i), block);
        }
    });
    watch(Step::HashValue, &s);
    let masked = gctr(k, j0, &s, 0, &mut *watch);
    let t = std::array::from_fn(|i| masked[i]);
    watch(Step::Tag, &t);
    Tag(t)
}

/// Blocks of 16 bytes, the last one filled up with zeros.
fn padded(x: &[u8]) -> Vec<Block> {
    x.chunks(16)
        .map(|chunk| {
            let mut block = [0; 16];
            block[..chunk.len()].copy_from_slice(chunk);
            block
        })
        .collect()
}
