//! Making a key: two random primes (FIPS 186-5 §A.1.3), and all that follows from them.
//!
//! *Constant time. Secret: the primes, and everything that follows from them.* What the time of it
//! tells is about candidates that were thrown away: each is drawn afresh, so how many there were, and
//! at which test each of them failed, says nothing about the two that stayed. Those go through all
//! the tests in the same time as any other: the trial divisions are multiplications, Miller and
//! Rabin's powers have a fixed window, the inverses a fixed number of steps. The primes are drawn
//! from those with p ≡ 3 (mod 4), as §A.1.3 permits (it lets one choose p mod 8 and q mod 8), so that p − 1 is
//! 2 times an odd number and no time depends on how often 2 divides it.

use std::sync::LazyLock;

use rand::CryptoRng;
use zeroize::Zeroizing;

use super::{KeyError, RsaPrivateKey, RsaPublicKey};
use crate::asymmetric::montgomery::limbs::{self, Limbs};
use crate::asymmetric::montgomery::{self, Modulus, inverse_of_word};
use crate::secret::tell;

/// The public exponent of all keys made here, a prime: 2¹⁶ + 1.
const E: u64 = 65537;

/// Rounds of Miller and Rabin's test. FIPS 186-5 table B.1 wants 5 for primes of 1024 bits (an error
/// probability of 2⁻¹¹²), and 4 for 1536 (2⁻¹²⁸) and 2048 bits (2⁻¹⁴⁴).
const ROUNDS: usize = 5;

impl RsaPrivateKey {
    /// A fresh key of 2048, 3072 or 4096 bits with e = 65537 (FIPS 186-5 §A.1.3). It takes a moment,
    /// and never the same: how many candidates are drawn is a matter of luck.
    ///
    /// # Errors
    /// [`KeyError::GeneratedSize`] for any other size.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized), bits: usize) -> Result<Self, KeyError> {
        if ![2048, 3072, 4096].contains(&bits) {
            return Err(KeyError::GeneratedSize { bits });
        }
        loop {
            let (p, q) = (random_prime(rng, bits / 2), random_prime(rng, bits / 2));
            // Too near to each other or too small a d: once in 2⁹⁸ keys and more, so never.
            if let Some(key) = assemble(&p, &q, bits) {
                return Ok(key);
            }
        }
    }
}

/// The key of two primes, unless they break one of FIPS 186-5's rules.
fn assemble(p: &[u64], q: &[u64], bits: usize) -> Option<RsaPrivateKey> {
    // |p − q| > 2^(bits/2 − 100), or n is factored from its square root (§A.1.3).
    let mut difference = limbs::resized(p, p.len());
    let negative = limbs::mask(limbs::subtract(&mut difference, q));
    let mut other_way = limbs::resized(q, q.len());
    limbs::subtract(&mut other_way, p);
    limbs::select(negative, &mut difference, &other_way);
    if !tell(limbs::less_than(&power_of_two(bits / 2 - 100, p.len()), &difference)) {
        return None;
    }

    let (p_less_one, q_less_one) = (less_one(p), less_one(q));
    // RFC 8017 §3.2 lets d be any number with e d ≡ 1 modulo p − 1 and q − 1. This is the inverse
    // modulo φ(n) = (p − 1)(q − 1), where FIPS 186-5 §A.1.1 takes the smaller one modulo their least
    // common multiple: that would take a division whose time is secret, and works no better.
    let d = inverse_of_e(&montgomery::product(&p_less_one, &q_less_one));
    // d > 2^(bits/2), or n is factored from it (§A.1.1).
    if !tell(limbs::less_than(&power_of_two(bits / 2, d.len()), &d)) {
        return None;
    }

    let n = montgomery::product(p, q);
    let public = RsaPublicKey::of(Modulus::from_limbs(montgomery::best_rung(), &n, 0)?, E);
    let p = Modulus::from_limbs(public.rung(), p, 0)?;
    let q = Modulus::from_limbs(public.rung(), q, 0)?;
    let qinv = p.inverse_of(&p.reduce(q.limbs()))?;
    let (dp, dq) = (inverse_of_e(&p_less_one), inverse_of_e(&q_less_one));
    Some(RsaPrivateKey { public, d, p, q, dp, dq, qinv })
}

/// A prime of `bits` bits, the top two of them set, so that the product of two has twice as many.
fn random_prime(rng: &mut (impl CryptoRng + ?Sized), bits: usize) -> Limbs {
    let mut bytes = Zeroizing::new(vec![0; bits / 8]);
    loop {
        rng.fill_bytes(&mut bytes);
        bytes[0] |= 0b1100_0000;
        bytes[bits / 8 - 1] |= 0b0000_0011;
        let Some(candidate) = limbs::from_bytes(&bytes, bits / 64) else { continue };
        // e must have an inverse modulo p − 1. As e is prime, it has unless e divides p − 1.
        if !has_small_factor(&candidate)
            && !tell(limbs::is_zero(&[modulo_e(&less_one(&candidate))]))
            && is_probably_prime(rng, &candidate)
        {
            return candidate;
        }
    }
}

/// Miller and Rabin's test (FIPS 186-5 §B.3.1) for a w ≡ 3 (mod 4): w − 1 is 2 m with m odd, so a
/// prime w has bᵐ = ± 1 for every b, and of the odd numbers that are not prime each has that for at
/// most a quarter of all b.
fn is_probably_prime(rng: &mut (impl CryptoRng + ?Sized), w: &[u64]) -> bool {
    let Some(modulus) = Modulus::from_limbs(montgomery::best_rung(), w, 0) else { return false };
    let minus_one = less_one(w);
    let one = power_of_two(0, w.len());
    let mut m = limbs::zero(w.len());
    for i in 0..w.len() {
        m[i] = w[i] >> 1 | w.get(i + 1).map_or(0, |next| next << 63);
    }
    for _ in 0..ROUNDS {
        let b = loop {
            let b = modulus.random_residue(rng);
            let trivial = limbs::less_than(&b, &power_of_two(1, w.len())) | limbs::equal(&b, &minus_one);
            if !tell(trivial) {
                break b;
            }
        };
        let z = modulus.power_of(&b, &m);
        if !tell(limbs::equal(&z, &one) | limbs::equal(&z, &minus_one)) {
            return false;
        }
    }
    true
}

/// Odd primes whose product fits into one limb: one pass over a candidate tests it for all of them.
struct SmallPrimes {
    product: u64,
    /// −product⁻¹ mod 2⁶⁴.
    factor: u64,
    /// For each prime its inverse modulo 2⁶⁴, and the largest number that times the prime is a limb.
    primes: Vec<(u64, u64)>,
}

/// All odd primes below this are tried: of the candidates about one in seven is left.
const SMALL: u64 = 4096;

static SMALL_PRIMES: LazyLock<Vec<SmallPrimes>> = LazyLock::new(|| {
    let is_prime = |&n: &u64| (3..).step_by(2).take_while(|i| i * i <= n).all(|i| n % i != 0);
    let mut groups: Vec<SmallPrimes> = Vec::new();
    for prime in (3..SMALL).step_by(2).filter(is_prime) {
        let entry = (inverse_of_word(prime), u64::MAX / prime);
        match groups.last_mut().and_then(|last| Some((last.product.checked_mul(prime)?, last))) {
            Some((product, last)) => {
                last.product = product;
                last.primes.push(entry);
            }
            None => groups.push(SmallPrimes { product: prime, factor: 0, primes: vec![entry] }),
        }
    }
    for group in &mut groups {
        group.factor = inverse_of_word(group.product).wrapping_neg();
    }
    groups
});

/// Does an odd prime below [`SMALL`] divide it? A division would take a time that depends on what is
/// divided, so there is none. Montgomery's reduction by the product of some primes, limb by limb,
/// keeps what matters: its result is divisible by one of them exactly if the candidate is. And an odd
/// prime divides a limb exactly if the limb times the prime's inverse, modulo 2⁶⁴, is small.
fn has_small_factor(candidate: &[u64]) -> bool {
    SMALL_PRIMES.iter().any(|group| {
        let mut residue = 0;
        for &limb in candidate {
            let multiple = limb.wrapping_add(residue).wrapping_mul(group.factor);
            (_, residue) = limbs::multiply_add(multiple, group.product, limb, residue);
        }
        let mut divisible = 0;
        for &(inverse, largest) in &group.primes {
            divisible |= u64::from(residue.wrapping_mul(inverse) <= largest);
        }
        tell(limbs::mask(divisible))
    })
}

/// e⁻¹ modulo x, for an even x that e does not divide: (1 + k x) / e, with the k < e that makes it
/// a whole number, k = −x⁻¹ mod e.
fn inverse_of_e(x: &[u64]) -> Limbs {
    // By Fermat, since e is prime: x⁻¹ = x^(e − 2), and e − 2 is sixteen ones.
    let residue = modulo_e(x);
    let times = |a: u64, b: u64| word_modulo_e(a.wrapping_mul(b));
    let inverse = (0..15).fold(residue, |power, _| times(times(power, power), residue));
    let k = E.wrapping_sub(inverse);

    let mut dividend = limbs::times_word(x, k);
    limbs::add(&mut dividend, &[1]);
    // An exact division begins at the lowest limb: there the quotient is the dividend times e⁻¹
    // modulo 2⁶⁴, whatever stands above.
    let e_inverse = inverse_of_word(E);
    let mut quotient = limbs::zero(x.len());
    let mut carry = 0;
    for (limb, &x) in quotient.iter_mut().zip(dividend.iter()) {
        let (rest, borrow) = x.overflowing_sub(carry);
        *limb = rest.wrapping_mul(e_inverse);
        (_, carry) = limbs::multiply_add(*limb, E, 0, 0);
        carry = carry.wrapping_add(u64::from(borrow));
    }
    quotient
}

/// x mod e. As 2³² ≡ 1 (mod e), the halves of all limbs are added up.
fn modulo_e(x: &[u64]) -> u64 {
    let halves = x.iter().map(|limb| (limb & 0xffff_ffff).wrapping_add(limb >> 32));
    word_modulo_e(halves.fold(0, u64::wrapping_add))
}

/// The same for one word, without the processor's division, which takes longer for some numbers: as
/// 2¹⁶ ≡ −1 (mod e), its four digits of 16 bits are added and taken away in turn.
fn word_modulo_e(x: u64) -> u64 {
    let digit = |i: u32| x >> (16 * i) & 0xffff;
    let taken_away = digit(1).wrapping_add(digit(3));
    // At least 4, for the digits are less than e; and less than 4 e.
    let mut rest = digit(0).wrapping_add(digit(2)).wrapping_add(2 * E).wrapping_sub(taken_away);
    for multiple in [2 * E, E] {
        let (less, borrow) = limbs::subtract_limb(rest, multiple, 0);
        limbs::select(limbs::mask(borrow ^ 1), std::slice::from_mut(&mut rest), &[less]);
    }
    rest
}

/// x − 1 for an odd x.
fn less_one(x: &[u64]) -> Limbs {
    let mut less = limbs::resized(x, x.len());
    less[0] ^= 1;
    less
}

fn power_of_two(exponent: usize, width: usize) -> Limbs {
    let mut power = limbs::zero(width);
    power[exponent / 64] = 1 << (exponent % 64);
    power
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symmetric::chacha20::Generator;

    /// 2¹²⁷ − 1 and 2⁵²¹ − 1 are prime (Lucas 1876, Robinson 1952), and 3 modulo 4.
    fn mersenne(exponent: usize) -> Limbs {
        let mut number = power_of_two(exponent, exponent.div_ceil(64).next_multiple_of(8));
        limbs::subtract(&mut number, &[1]);
        number
    }

    #[test]
    fn tells_primes_from_others() {
        let mut rng = Generator::new(1, 0);
        for exponent in [31, 61, 89, 107, 127, 521, 607] {
            assert!(is_probably_prime(&mut rng, &mersenne(exponent)), "2^{exponent} - 1");
        }
        for exponent in [67, 101, 257, 513, 1009] {
            assert!(!is_probably_prime(&mut rng, &mersenne(exponent)), "2^{exponent} - 1");
        }
        // Carmichael's numbers fool Fermat's test with every base coprime to them: 1729 is 1 modulo 4,
        // but 8911 = 7 · 19 · 67 is one of ours.
        for composite in [8911, 1_024_651, 3_215_031_751] {
            assert!(!is_probably_prime(&mut rng, &[composite, 0, 0, 0, 0, 0, 0, 0]), "{composite}");
        }
    }

    #[test]
    fn finds_small_factors_and_no_others() {
        assert_eq!(SMALL_PRIMES.iter().map(|group| group.primes.len()).sum::<usize>(), 563);
        for (number, expected) in [(3, true), (4093, true), (4099, false), (4093 * 4099, true)] {
            assert_eq!(has_small_factor(&[number, 0]), expected, "{number}");
        }
        assert!(!has_small_factor(&mersenne(521)));
        assert!(has_small_factor(&mersenne(11)), "23 · 89");
        assert!(has_small_factor(&mersenne(522)), "3 and 7 among others");
    }

    #[test]
    fn a_word_is_reduced_without_a_division() {
        for word in [
            0,
            1,
            E - 1,
            E,
            E + 1,
            2 * E,
            0xffff,
            1 << 32,
            0xffff_0000_ffff_0000,
            0x0000_ffff_0000_ffff,
            u64::MAX,
        ] {
            assert_eq!(word_modulo_e(word), word % E, "{word:#x}");
        }
    }

    #[test]
    fn the_exponent_undoes_e() {
        for order in [[65_536, 0], [u64::MAX - 1, 0], [0x1234_5678_9abc_def0, 0x0fed_cba9_8765_4321]] {
            let d = inverse_of_e(&order);
            let product = limbs::times_word(&d, E);
            assert_eq!(*limbs::remainder(&product, &order), [1, 0]);
            assert_eq!(limbs::less_than(&d, &order), u64::MAX);
            assert_eq!(modulo_e(&order), limbs::remainder(&order, &[E])[0]);
        }
    }
}
