//! Bytes that zero themselves and never print; comparison and selection in constant time.
//!
//! What zeroing cannot do: a value that is moved leaves a copy where it was, and no code of ours
//! runs there. Keep secrets behind a reference, and see SECURITY.md.
//!
//! *Constant time. Secret: every byte handed in; lengths are public, and so is what [`tell`] tells.*

use std::fmt;
use std::hint::black_box;

use rand::Rng;
use zeroize::Zeroize;

/// `N` secret bytes: zeroed when dropped, compared in constant time, and printed only as their length.
///
/// ```
/// use cutaway::secret::Secret;
/// let key = Secret::new([7; 32]);
/// assert_eq!(format!("{key:?}"), "Secret(32 bytes)");
/// assert_eq!(key.reveal()[0], 7);
/// ```
#[derive(Clone)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// Takes the bytes over. The caller's own copy, if it keeps one, is the caller's to zero.
    #[must_use]
    pub fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// `N` fresh bytes of `rng`.
    pub fn random(rng: &mut impl Rng) -> Self {
        let mut secret = Self([0; N]);
        rng.fill_bytes(&mut secret.0);
        secret
    }

    /// The bytes, to be used and not kept.
    #[must_use]
    pub fn reveal(&self) -> &[u8; N] {
        &self.0
    }

    /// The bytes, to be written.
    pub fn reveal_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> From<[u8; N]> for Secret<N> {
    fn from(bytes: [u8; N]) -> Self {
        Self::new(bytes)
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({N} bytes)")
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        equal(&self.0, &other.0)
    }
}

impl<const N: usize> Eq for Secret<N> {}

/// Secret bytes whose number is known only at run time: zeroed when dropped (the whole allocation),
/// compared in constant time, and printed only as their length.
#[derive(Clone, Default)]
pub struct SecretVec(Vec<u8>);

impl SecretVec {
    /// Takes the bytes over, without a copy.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, to be used and not kept.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, to be written in place; the length stays.
    pub fn reveal_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Drop for SecretVec {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretVec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

impl PartialEq for SecretVec {
    fn eq(&self, other: &Self) -> bool {
        equal(&self.0, &other.0)
    }
}

impl Eq for SecretVec {}

/// A mask as an answer that anybody may have: false where it is zero.
///
/// Whether a tag fits, whether a number that was drawn is to be drawn again: in the end an answer has to
/// decide something. Code that runs in constant time branches on what is secret here and nowhere else. So
/// a reader finds each answer by this name and asks whether it may be given, and the tool that follows
/// secrets through the machine code (`tests/constant_time.rs`) is told of one exception.
#[inline(never)]
#[must_use]
pub fn tell(mask: u64) -> bool {
    // Each of the two is hidden, so that a branch it is: nothing of the mask goes on but which it was.
    if mask != 0 { black_box(true) } else { black_box(false) }
}

/// Whether `a` equals `b`, in time that depends on their lengths alone. Different lengths are unequal.
/// The answer is told.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    tell(u64::from(equal_mask(a, b)))
}

/// 0xff if `a` equals `b`, else 0x00: a mask for [`select`], made without a branch and hidden from the
/// optimiser, which could otherwise turn it back into one.
#[must_use]
pub fn equal_mask(a: &[u8], b: &[u8]) -> u8 {
    if a.len() != b.len() {
        return 0;
    }
    let difference = black_box(a.iter().zip(b).fold(0, |any, (a, b)| any | (a ^ b)));
    // The top bit of x | −x is set for every x but zero.
    black_box(((difference | difference.wrapping_neg()) >> 7).wrapping_sub(1))
}

/// Writes `when_set` to `into` where `mask` is 0xff, and leaves `into` as it is where it is 0x00.
///
/// # Panics
/// If the lengths, which are public, differ.
pub fn select(mask: u8, into: &mut [u8], when_set: &[u8]) {
    assert_eq!(into.len(), when_set.len(), "select takes two of one length");
    let mask = black_box(mask);
    for (byte, other) in into.iter_mut().zip(when_set) {
        *byte ^= mask & (*byte ^ other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_a_length_and_no_byte() {
        assert_eq!(format!("{:?}", Secret::new([0xab; 48])), "Secret(48 bytes)");
        assert_eq!(format!("{:?}", SecretVec::new(vec![0xab; 3])), "Secret(3 bytes)");
    }

    #[test]
    fn equality_looks_at_every_byte_and_at_the_length() {
        assert!(equal(b"abc", b"abc"));
        for i in 0..3 {
            let mut other = *b"abc";
            other[i] ^= 1;
            assert!(!equal(b"abc", &other));
            assert_eq!(equal_mask(b"abc", &other), 0);
        }
        assert!(!equal(b"abc", b"ab"));
        assert_eq!(equal_mask(b"abc", b"abc"), 0xff);
    }

    #[test]
    fn select_takes_one_or_the_other_whole() {
        let mut into = [1, 2, 3];
        select(0x00, &mut into, &[7, 8, 9]);
        assert_eq!(into, [1, 2, 3]);
        select(0xff, &mut into, &[7, 8, 9]);
        assert_eq!(into, [7, 8, 9]);
    }
}
