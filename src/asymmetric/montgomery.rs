//! Arithmetic modulo a large odd number, in constant time: what RSA stands on.
//!
//! *Constant time. Secret: the numbers, the exponents of [`Modulus::power`], and the modulus, which
//! for RSA's private half is a prime; lengths are public.*
//!
//! To reduce a product modulo n one would divide, and division asks for guesses. Montgomery
//! (*Modular multiplication without trial division*, 1985) divides by R = 2^(64 · width) instead, a
//! shift: to `product` add the multiple of n that makes its low half zero, and drop that half. What
//! comes out is `product · R⁻¹ mod n`. So numbers are kept as x R mod n, their *Montgomery form*, in
//! which a product is again in that form: (x R)(y R) R⁻¹ = (x y) R.
//!
//! | part | what it does |
//! |---|---|
//! | `limbs` | numbers as 64-bit limbs: sums, comparisons, selections |
//! | `portable` | the rung that runs everywhere: products, and the reduction |
//! | `inverse` | inverses, by Bernstein and Yang's steps |

mod inverse;
pub(in crate::asymmetric) mod limbs;
mod portable;

use std::fmt;

use rand::CryptoRng;
use zeroize::Zeroizing;

use crate::rung::Rung;
use crate::secret::tell;
use limbs::Limbs;

/// An odd modulus of any length up to [`Modulus::MAX_BITS`], with what Montgomery's method wants to
/// know of it. Zeroed when dropped.
///
/// ```
/// use cutaway::asymmetric::montgomery::Modulus;
/// let modulus = Modulus::new(&[221]).unwrap(); // 13 · 17
/// assert_eq!(modulus.power(&[2], &[10]), Some(vec![140])); // 1024 mod 221
/// assert_eq!(modulus.invert(&[2]), Some(vec![111]));
/// assert_eq!(modulus.invert(&[13]), None);
/// ```
#[derive(Clone)]
pub struct Modulus {
    limbs: Limbs,
    bits: usize,
    /// −n⁻¹ mod 2⁶⁴: times a limb, the multiple of n whose lowest limb cancels that limb.
    factor: Zeroizing<u64>,
    /// R² mod n: a product with it brings a number into Montgomery form.
    r_squared: Limbs,
    rung: Rung,
}

impl Modulus {
    /// The longest modulus that is taken.
    pub const MAX_BITS: usize = 8192;

    /// The modulus of these big-endian bytes (leading zeros are skipped), on the best rung that this
    /// machine has; `None` if it is even, 1, or longer than [`Self::MAX_BITS`].
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Self::on(best_rung(), bytes)
    }

    /// The same on the rung of your choice; `None` also if this machine does not have it.
    #[must_use]
    pub fn on(rung: Rung, bytes: &[u8]) -> Option<Self> {
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        let bytes = &bytes[zeros..];
        if bytes.len() > Self::MAX_BITS / 8 {
            return None;
        }
        Self::from_limbs(rung, &limbs::from_bytes(bytes, bytes.len().div_ceil(8))?, 0)
    }

    /// The rungs that this machine can run, slowest first.
    #[must_use]
    pub fn rungs() -> Vec<Rung> {
        vec![Rung::Portable]
    }

    /// The modulus of these limbs, at least `width` limbs wide.
    pub(in crate::asymmetric) fn from_limbs(rung: Rung, limbs: &[u64], width: usize) -> Option<Self> {
        let bits = limbs::bit_length(limbs);
        let odd = limbs.first().is_some_and(|lowest| tell(limbs::mask(*lowest)));
        if !(2..=Self::MAX_BITS).contains(&bits) || !odd || !Self::rungs().contains(&rung) {
            return None;
        }
        let width = bits.div_ceil(64).max(width).next_multiple_of(portable::BLOCK);
        let mut padded = limbs::zero(width);
        let words = bits.div_ceil(64);
        padded[..words].copy_from_slice(&limbs[..words]);

        let factor = Zeroizing::new(inverse_of_word(padded[0]).wrapping_neg());
        let mut modulus = Self { limbs: padded, bits, factor, r_squared: limbs::zero(width), rung };
        modulus.r_squared = modulus.square_of_r();
        Some(modulus)
    }

    /// R² mod n. The top bit of n alone, 2^(bits − 1), is less than n; doubled (modulo n) often
    /// enough it is 2^width R. Squared in Montgomery's way, 2ᵃ R becomes 2²ᵃ R, and 64 is 2⁶.
    fn square_of_r(&self) -> Limbs {
        let width = self.width();
        let mut power = limbs::zero(width);
        power[(self.bits - 1) / 64] = 1 << ((self.bits - 1) % 64);
        let mut room = self.room();
        for _ in self.bits - 1..65 * width {
            limbs::double_modulo(&mut power, 0, &self.limbs, &mut room[..width]);
        }
        for _ in 0..6 {
            self.square(&mut power, &mut room);
        }
        power
    }

    /// Which rung computes.
    #[must_use]
    pub fn rung(&self) -> Rung {
        self.rung
    }

    /// The number of bits of the modulus.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// The number of bytes of the modulus, and of every result.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bits.div_ceil(8)
    }

    /// `base^exponent mod n`, [`Self::size`] bytes; `None` unless base < n. The time depends on the
    /// lengths alone, leading zeros included.
    #[must_use]
    pub fn power(&self, base: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
        let base = self.residue(base)?;
        let exponent = limbs::from_bytes(exponent, exponent.len().div_ceil(8))?;
        Some(limbs::to_bytes(&self.power_of(&base, &exponent), self.size()))
    }

    /// `a · b mod n`, [`Self::size`] bytes; `None` unless both are less than n.
    #[must_use]
    pub fn multiply(&self, a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
        let (mut product, b) = (self.residue(a)?, self.residue(b)?);
        let mut room = self.room();
        self.enter(&mut product, &mut room);
        self.times(&mut product, &b, &mut room);
        Some(limbs::to_bytes(&product, self.size()))
    }

    /// The x with `a · x ≡ 1 (mod n)`, [`Self::size`] bytes; `None` unless a < n and coprime to n.
    #[must_use]
    pub fn invert(&self, a: &[u8]) -> Option<Vec<u8>> {
        let inverse = self.inverse_of(&self.residue(a)?)?;
        Some(limbs::to_bytes(&inverse, self.size()))
    }

    /// A number from its big-endian bytes, if it is less than n.
    pub(in crate::asymmetric) fn residue(&self, bytes: &[u8]) -> Option<Limbs> {
        let limbs = limbs::from_bytes(bytes, self.width())?;
        tell(limbs::less_than(&limbs, &self.limbs)).then_some(limbs)
    }

    /// A number below n, each with the same probability: drawn until one is.
    pub(in crate::asymmetric) fn random_residue(&self, rng: &mut (impl CryptoRng + ?Sized)) -> Limbs {
        let mut bytes = Zeroizing::new(vec![0; self.size()]);
        loop {
            rng.fill_bytes(&mut bytes);
            bytes[0] &= 0xff >> (8 * self.size() - self.bits);
            if let Some(number) = self.residue(&bytes) {
                return number;
            }
        }
    }

    /// n itself.
    pub(in crate::asymmetric) fn limbs(&self) -> &[u64] {
        &self.limbs
    }

    /// How many limbs a number modulo n has: a multiple of eight.
    pub(in crate::asymmetric) fn width(&self) -> usize {
        self.limbs.len()
    }

    /// Room for a product of two numbers: what the operations below want to borrow.
    pub(in crate::asymmetric) fn room(&self) -> Limbs {
        limbs::zero(2 * self.width())
    }

    /// x becomes x · y · R⁻¹: the product of two numbers in Montgomery form; the plain product if
    /// one of them is plain.
    pub(in crate::asymmetric) fn times(&self, x: &mut [u64], y: &[u64], room: &mut [u64]) {
        portable::multiply(room, x, y);
        portable::reduce(x, room, &self.limbs, *self.factor);
    }

    /// x becomes x² · R⁻¹.
    pub(in crate::asymmetric) fn square(&self, x: &mut [u64], room: &mut [u64]) {
        portable::square(room, x);
        portable::reduce(x, room, &self.limbs, *self.factor);
    }

    /// x becomes x R: into Montgomery form.
    pub(in crate::asymmetric) fn enter(&self, x: &mut [u64], room: &mut [u64]) {
        self.times(x, &self.r_squared, room);
    }

    /// x becomes x R⁻¹: out of Montgomery form.
    pub(in crate::asymmetric) fn leave(&self, x: &mut [u64], room: &mut [u64]) {
        let (low, high) = room.split_at_mut(self.width());
        low.copy_from_slice(x);
        high.fill(0);
        portable::reduce(x, room, &self.limbs, *self.factor);
    }

    /// `x mod n` for an x that is less than n R: of up to twice the width.
    pub(in crate::asymmetric) fn reduce(&self, x: &[u64]) -> Limbs {
        let mut room = self.room();
        room[..x.len()].copy_from_slice(x);
        let mut reduced = limbs::zero(self.width());
        portable::reduce(&mut reduced, &mut room, &self.limbs, *self.factor);
        self.enter(&mut reduced, &mut room);
        reduced
    }

    /// The inverse of `a` < n, if it has one: whether it has may be told from the time.
    pub(in crate::asymmetric) fn inverse_of(&self, a: &[u64]) -> Option<Limbs> {
        let (inverse, found) = inverse::inverse(a, &self.limbs, *self.factor, self.bits);
        tell(found).then(|| self.reduce(&inverse))
    }

    /// `base^exponent mod n` for base < n, the exponent secret: the window goes over it in fixed
    /// steps of [`WINDOW`] bits, and for each of them all powers in the table are read.
    pub(in crate::asymmetric) fn power_of(&self, base: &[u64], exponent: &[u64]) -> Limbs {
        let width = self.width();
        let mut room = self.room();
        // The powers 0, 1, 2, … 31 of the base, in Montgomery form.
        let mut table = limbs::zero(width << WINDOW);
        table[0] = 1;
        self.enter(&mut table[..width], &mut room);
        table[width..2 * width].copy_from_slice(base);
        self.enter(&mut table[width..2 * width], &mut room);
        for i in 2..1 << WINDOW {
            let (done, next) = table.split_at_mut(i * width);
            let next = &mut next[..width];
            next.copy_from_slice(&done[(i - 1) * width..]);
            self.times(next, &done[width..2 * width], &mut room);
        }

        let mut power = limbs::zero(width);
        let mut chosen = limbs::zero(width);
        let windows = (64 * exponent.len()).div_ceil(WINDOW);
        read_all(&mut power, &table, window(exponent, windows - 1));
        for i in (0..windows - 1).rev() {
            for _ in 0..WINDOW {
                self.square(&mut power, &mut room);
            }
            read_all(&mut chosen, &table, window(exponent, i));
            self.times(&mut power, &chosen, &mut room);
        }
        self.leave(&mut power, &mut room);
        power
    }

    /// `base^exponent mod n` for base < n, in and out of Montgomery form as the base was: the base
    /// may be secret, the exponent, 1 or more, is public and its bits show in the time.
    pub(in crate::asymmetric) fn public_power(&self, base: &[u64], exponent: u64) -> Limbs {
        let mut room = self.room();
        let mut factor = limbs::zero(self.width());
        factor.copy_from_slice(base);
        self.enter(&mut factor, &mut room);
        let mut power = factor.clone();
        for i in (0..exponent.ilog2()).rev() {
            self.square(&mut power, &mut room);
            if exponent >> i & 1 == 1 {
                self.times(&mut power, &factor, &mut room);
            }
        }
        self.leave(&mut power, &mut room);
        power
    }
}

/// The fastest rung that this machine has.
pub(in crate::asymmetric) fn best_rung() -> Rung {
    Modulus::rungs().into_iter().next_back().unwrap_or(Rung::Portable)
}

/// `a · b`, as wide as both together: widths that are multiples of eight.
pub(in crate::asymmetric) fn product(a: &[u64], b: &[u64]) -> Limbs {
    let mut product = limbs::zero(a.len() + b.len());
    portable::multiply(&mut product, a, b);
    product
}

/// Bits of the exponent that are taken at once. Five: 32 powers to read each time, and a
/// multiplication for every five squarings.
const WINDOW: usize = 5;

/// Bits `WINDOW · i` and up of the exponent.
fn window(exponent: &[u64], i: usize) -> u64 {
    let (word, shift) = (i * WINDOW / 64, i * WINDOW % 64);
    let mut bits = exponent[word] >> shift;
    if shift > 64 - WINDOW && word + 1 < exponent.len() {
        bits |= exponent[word + 1] << (64 - shift);
    }
    bits & ((1 << WINDOW) - 1)
}

/// Reads entry `index` of the table, by reading every entry and keeping one.
fn read_all(into: &mut [u64], table: &[u64], index: u64) {
    into.fill(0);
    for (i, entry) in (0..).zip(table.chunks_exact(into.len())) {
        let mask = limbs::is_zero(&[index ^ i]);
        let mut k = 0;
        while k < into.len() {
            into[k] |= entry[k] & mask;
            k += 1;
        }
    }
}

/// The inverse of an odd number modulo 2⁶⁴, by Newton's method: x is right in its lowest three bits
/// for x⁻¹, and each step doubles the number of right bits.
pub(in crate::asymmetric) fn inverse_of_word(x: u64) -> u64 {
    (0..5).fold(x, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(x.wrapping_mul(inverse))))
}

impl fmt::Debug for Modulus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Modulus({} bits, {})", self.bits, self.rung)
    }
}
