//! RSA as the standards write it: RFC 8017's primitives and PKCS #1 v1.5 schemes, and FIPS 186-5's
//! key generation, on big integers.
//!
//! *Variable time: it shows its secrets to anyone with a clock, and is for reading, for watching and
//! for tests.* Function and variable names are the standards'. Whoever listens through `watch` gets
//! every [`Step`] with the number that it made.
//!
//! ```
//! use cutaway::asymmetric::rsa::textbook::{power, Step};
//! use num_bigint::BigUint;
//!
//! // 5¹³ mod 77. 13 is 1101 in binary: from the top, square for each bit, multiply where it is one.
//! let mut steps = Vec::new();
//! let [base, exponent, modulus] = [5u8, 13, 77].map(BigUint::from);
//! let result = power(&base, &exponent, &modulus, |step, value| steps.push((step, value.to_string())));
//! assert_eq!(result, BigUint::from(26u8));
//! assert_eq!(steps[..3], [
//!     (Step::Square { bit: 3 }, "1".to_string()),
//!     (Step::Multiply { bit: 3 }, "5".to_string()),
//!     (Step::Square { bit: 2 }, "25".to_string()),
//! ]);
//! ```

use num_bigint::{BigInt, BigUint};
use num_traits::{One, Zero};
use rand::CryptoRng;

use crate::hash::HashAlgorithm;

/// What was just done, and so what the number beside it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// [`power`] squared what it had, on its way to this bit of the exponent (0 is the lowest).
    Square {
        /// Which bit.
        bit: u64,
    },
    /// [`power`] multiplied by the base, since this bit of the exponent is one.
    Multiply {
        /// Which bit.
        bit: u64,
    },
    /// [`inverse`] divided, as Euclid did: the remainder.
    Remainder,
    /// [`generate`] drew a number that may be prime.
    Candidate,
    /// A small prime divides the candidate: that prime.
    SmallFactor,
    /// A base of Miller and Rabin's test proved that the candidate is not prime: that base.
    Witness,
    /// The candidate passed all tests: the prime.
    Prime,
    /// n = p · q.
    Modulus,
    /// d, the inverse of e.
    PrivateExponent,
}

/// What goes wrong, in RFC 8017's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// From [`i2osp`].
    #[error("integer too large")]
    IntegerTooLarge,
    /// From [`rsaep`], [`rsasp1`].
    #[error("message representative out of range")]
    MessageRepresentativeOutOfRange,
    /// From [`rsadp`].
    #[error("ciphertext representative out of range")]
    CiphertextRepresentativeOutOfRange,
    /// From [`rsavp1`].
    #[error("signature representative out of range")]
    SignatureRepresentativeOutOfRange,
    /// From [`rsaes_pkcs1_v1_5_encrypt`].
    #[error("message too long")]
    MessageTooLong,
    /// From [`rsaes_pkcs1_v1_5_decrypt`]. To tell a stranger this is to decrypt for them.
    #[error("decryption error")]
    DecryptionError,
    /// From [`emsa_pkcs1_v1_5_encode`].
    #[error("intended encoded message length too short")]
    IntendedEncodedMessageLengthTooShort,
    /// From [`rsassa_pkcs1_v1_5_verify`].
    #[error("invalid signature")]
    InvalidSignature,
}

/// An RSA public key (§3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The modulus.
    pub n: BigUint,
    /// The public exponent.
    pub e: BigUint,
}

/// An RSA private key in its second representation (§3.2), with n and d of the first.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey {
    /// The modulus.
    pub n: BigUint,
    /// The private exponent.
    pub d: BigUint,
    /// The first factor.
    pub p: BigUint,
    /// The second factor.
    pub q: BigUint,
    /// e · dP ≡ 1 (mod p − 1).
    pub dp: BigUint,
    /// e · dQ ≡ 1 (mod q − 1).
    pub dq: BigUint,
    /// q · qInv ≡ 1 (mod p).
    pub qinv: BigUint,
}

impl PrivateKey {
    /// The key of two primes and a public exponent; `None` if e has no inverse.
    #[must_use]
    pub fn from_primes(p: BigUint, q: BigUint, e: &BigUint) -> Option<Self> {
        let (p_less_one, q_less_one) = (&p - 1u8, &q - 1u8);
        let lcm = &p_less_one * &q_less_one / gcd(&p_less_one, &q_less_one);
        let d = inverse(e, &lcm, unwatched)?;
        let (dp, dq) = (&d % p_less_one, &d % q_less_one);
        let qinv = inverse(&q, &p, unwatched)?;
        Some(Self { n: &p * &q, d, p, q, dp, dq, qinv })
    }
}

/// For [`power`] and the others, when nobody watches.
pub fn unwatched(_: Step, _: &BigUint) {}

// §4: data conversion.

/// I2OSP (§4.1): an integer as `x_len` octets, the most significant first.
///
/// # Errors
/// [`Error::IntegerTooLarge`].
pub fn i2osp(x: &BigUint, x_len: usize) -> Result<Vec<u8>, Error> {
    let octets = if x.is_zero() { Vec::new() } else { x.to_bytes_be() };
    let zeros = x_len.checked_sub(octets.len()).ok_or(Error::IntegerTooLarge)?;
    Ok([vec![0; zeros], octets].concat())
}

/// OS2IP (§4.2): octets, the most significant first, as an integer.
#[must_use]
pub fn os2ip(octets: &[u8]) -> BigUint {
    octets.iter().fold(BigUint::zero(), |x, &octet| x * 256u16 + octet)
}

// §5: cryptographic primitives.

/// base^exponent mod modulus, by square and multiply: the exponent's bits, from the top.
pub fn power(
    base: &BigUint,
    exponent: &BigUint,
    modulus: &BigUint,
    mut watch: impl FnMut(Step, &BigUint),
) -> BigUint {
    let mut result = BigUint::one() % modulus;
    for bit in (0..exponent.bits()).rev() {
        result = &result * &result % modulus;
        watch(Step::Square { bit }, &result);
        if exponent.bit(bit) {
            result = &result * base % modulus;
            watch(Step::Multiply { bit }, &result);
        }
    }
    result
}

/// RSAEP (§5.1.1): the ciphertext representative c = mᵉ mod n.
///
/// # Errors
/// [`Error::MessageRepresentativeOutOfRange`] unless m < n.
pub fn rsaep(key: &PublicKey, m: &BigUint, watch: impl FnMut(Step, &BigUint)) -> Result<BigUint, Error> {
    if *m >= key.n {
        return Err(Error::MessageRepresentativeOutOfRange);
    }
    Ok(power(m, &key.e, &key.n, watch))
}

/// RSADP (§5.1.2) in its second form: the message representative m = c^d mod n, from its remainders
/// modulo p and q. The first form is `power(c, &key.d, &key.n, watch)`.
///
/// # Errors
/// [`Error::CiphertextRepresentativeOutOfRange`] unless c < n.
pub fn rsadp(key: &PrivateKey, c: &BigUint, mut watch: impl FnMut(Step, &BigUint)) -> Result<BigUint, Error> {
    if *c >= key.n {
        return Err(Error::CiphertextRepresentativeOutOfRange);
    }
    let m_1 = power(&(c % &key.p), &key.dp, &key.p, &mut watch);
    let m_2 = power(&(c % &key.q), &key.dq, &key.q, &mut watch);
    // h = (m₁ − m₂) qInv mod p, with a p more so that nothing goes below zero.
    let h = (&m_1 + &key.p - &m_2 % &key.p) * &key.qinv % &key.p;
    Ok(m_2 + &key.q * h)
}

/// RSASP1 (§5.2.1): the signature representative s = m^d mod n.
///
/// # Errors
/// [`Error::MessageRepresentativeOutOfRange`] unless m < n.
pub fn rsasp1(key: &PrivateKey, m: &BigUint, watch: impl FnMut(Step, &BigUint)) -> Result<BigUint, Error> {
    rsadp(key, m, watch).map_err(|_| Error::MessageRepresentativeOutOfRange)
}

/// RSAVP1 (§5.2.2): the message representative m = sᵉ mod n.
///
/// # Errors
/// [`Error::SignatureRepresentativeOutOfRange`] unless s < n.
pub fn rsavp1(key: &PublicKey, s: &BigUint, watch: impl FnMut(Step, &BigUint)) -> Result<BigUint, Error> {
    rsaep(key, s, watch).map_err(|_| Error::SignatureRepresentativeOutOfRange)
}

// §7.2: encryption.

/// RSAES-PKCS1-V1_5-ENCRYPT (§7.2.1).
///
/// # Errors
/// [`Error::MessageTooLong`].
pub fn rsaes_pkcs1_v1_5_encrypt(
    key: &PublicKey,
    message: &[u8],
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, Error> {
    let k = length_in_octets(&key.n);
    if message.len() + 11 > k {
        return Err(Error::MessageTooLong);
    }
    let mut ps = vec![0; k - message.len() - 3];
    while ps.contains(&0) {
        for octet in ps.iter_mut().filter(|octet| **octet == 0) {
            rng.fill_bytes(std::slice::from_mut(octet));
        }
    }
    let em = [&[0x00, 0x02], &ps[..], &[0x00], message].concat();
    i2osp(&rsaep(key, &os2ip(&em), unwatched)?, k)
}

/// RSAES-PKCS1-V1_5-DECRYPT (§7.2.2), with the error that gave Bleichenbacher his oracle. Nothing but
/// tests and lessons may use it: see [`RsaPrivateKey::decrypt`](super::RsaPrivateKey::decrypt).
///
/// # Errors
/// [`Error::DecryptionError`] for every ciphertext that is not one.
pub fn rsaes_pkcs1_v1_5_decrypt(key: &PrivateKey, ciphertext: &[u8]) -> Result<Vec<u8>, Error> {
    let k = length_in_octets(&key.n);
    if ciphertext.len() != k {
        return Err(Error::DecryptionError);
    }
    let m = rsadp(key, &os2ip(ciphertext), unwatched).map_err(|_| Error::DecryptionError)?;
    let em = i2osp(&m, k)?;
    // EM = 0x00 || 0x02 || PS || 0x00 || M, and PS has eight octets at least.
    let rest = em.strip_prefix(&[0x00, 0x02]).ok_or(Error::DecryptionError)?;
    let ps_len = rest.iter().position(|&octet| octet == 0x00).ok_or(Error::DecryptionError)?;
    if ps_len < 8 {
        return Err(Error::DecryptionError);
    }
    Ok(rest[ps_len + 1..].to_vec())
}

// §8.2 and §9.2: signatures.

/// EMSA-PKCS1-v1_5-ENCODE (§9.2): EM = 0x00 || 0x01 || PS || 0x00 || T.
///
/// # Errors
/// [`Error::IntendedEncodedMessageLengthTooShort`].
pub fn emsa_pkcs1_v1_5_encode(hash: HashAlgorithm, message: &[u8], em_len: usize) -> Result<Vec<u8>, Error> {
    let t = digest_info(hash, &hash.digest(message));
    if em_len < t.len() + 11 {
        return Err(Error::IntendedEncodedMessageLengthTooShort);
    }
    let ps = vec![0xff; em_len - t.len() - 3];
    Ok([&[0x00, 0x01], &ps[..], &[0x00], &t].concat())
}

/// The DER encoding of `DigestInfo ::= SEQUENCE { SEQUENCE { OBJECT IDENTIFIER, NULL }, OCTET STRING }`,
/// put together from its elements: tag, length, content.
fn digest_info(hash: HashAlgorithm, digest: &[u8]) -> Vec<u8> {
    let der = |tag: u8, content: &[u8]| [&[tag, content.len() as u8], content].concat();
    // joint-iso-itu-t(2) country(16) us(840) organization(1) gov(101) csor(3) nistAlgorithm(4) hashAlgs(2)
    let hash_algs = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
    let number = match hash {
        HashAlgorithm::Sha256 => 1,
        HashAlgorithm::Sha384 => 2,
        HashAlgorithm::Sha512 => 3,
    };
    let object_identifier = der(0x06, &[&hash_algs[..], &[number]].concat());
    let algorithm = der(0x30, &[object_identifier, der(0x05, &[])].concat());
    der(0x30, &[algorithm, der(0x04, digest)].concat())
}

/// RSASSA-PKCS1-V1_5-SIGN (§8.2.1).
///
/// # Errors
/// [`Error::IntendedEncodedMessageLengthTooShort`].
pub fn rsassa_pkcs1_v1_5_sign(
    key: &PrivateKey,
    hash: HashAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, Error> {
    let k = length_in_octets(&key.n);
    let em = emsa_pkcs1_v1_5_encode(hash, message, k)?;
    i2osp(&rsasp1(key, &os2ip(&em), unwatched)?, k)
}

/// RSASSA-PKCS1-V1_5-VERIFY (§8.2.2): make the block anew and compare.
///
/// # Errors
/// [`Error::InvalidSignature`].
pub fn rsassa_pkcs1_v1_5_verify(
    key: &PublicKey,
    hash: HashAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Error> {
    let k = length_in_octets(&key.n);
    if signature.len() != k {
        return Err(Error::InvalidSignature);
    }
    let m = rsavp1(key, &os2ip(signature), unwatched).map_err(|_| Error::InvalidSignature)?;
    let em = i2osp(&m, k).map_err(|_| Error::InvalidSignature)?;
    let expected = emsa_pkcs1_v1_5_encode(hash, message, k)?;
    if em == expected { Ok(()) } else { Err(Error::InvalidSignature) }
}

// FIPS 186-5: key generation.

/// A key pair with a modulus of `nlen` bits, an even number (FIPS 186-5 §A.1.3).
pub fn generate(
    rng: &mut (impl CryptoRng + ?Sized),
    nlen: u64,
    mut watch: impl FnMut(Step, &BigUint),
) -> (PublicKey, PrivateKey) {
    let e = BigUint::from(65537u32);
    loop {
        let p = random_prime(rng, nlen / 2, &e, &mut watch);
        let q = random_prime(rng, nlen / 2, &e, &mut watch);
        let difference = if p > q { &p - &q } else { &q - &p };
        // |p − q| > 2^(nlen/2 − 100), where there are so many bits; d > 2^(nlen/2).
        if difference.bits() + 100 <= nlen / 2 || difference.is_zero() {
            continue;
        }
        let Some(key) = PrivateKey::from_primes(p, q, &e) else { continue };
        if key.d.bits() <= nlen / 2 {
            continue;
        }
        watch(Step::Modulus, &key.n);
        watch(Step::PrivateExponent, &key.d);
        return (PublicKey { n: key.n.clone(), e }, key);
    }
}

/// A prime p of `bits` bits, at least √2 · 2^(bits − 1), so that the product of two has 2 · bits bits, and with
/// no factor of e in p − 1.
fn random_prime(
    rng: &mut (impl CryptoRng + ?Sized),
    bits: u64,
    e: &BigUint,
    watch: &mut impl FnMut(Step, &BigUint),
) -> BigUint {
    loop {
        let mut p = random_bits(rng, bits);
        p.set_bit(0, true);
        if &p * &p < BigUint::one() << (2 * bits - 1) || !gcd(&(&p - 1u8), e).is_one() {
            continue;
        }
        watch(Step::Candidate, &p);
        let small_primes = (3u32..256).step_by(2).filter(|n| (3..*n).step_by(2).all(|i| n % i != 0));
        if let Some(factor) =
            small_primes.map(BigUint::from).find(|factor| (&p % factor).is_zero() && p != *factor)
        {
            watch(Step::SmallFactor, &factor);
        } else if let Some(witness) = witness(rng, &p, 5) {
            watch(Step::Witness, &witness);
        } else {
            watch(Step::Prime, &p);
            return p;
        }
    }
}

/// Miller and Rabin's test of an odd w > 3 (FIPS 186-5 §B.3.1): a b that proves that w is not prime, or
/// `None` if none was found, and w very probably is.
pub fn witness(rng: &mut (impl CryptoRng + ?Sized), w: &BigUint, iterations: usize) -> Option<BigUint> {
    let w_less_one = w - 1u8;
    // w − 1 = 2ᵃ m with m odd.
    let a = w_less_one.trailing_zeros().unwrap_or(0);
    let m = &w_less_one >> a;
    (0..iterations).find_map(|_| {
        let b = loop {
            let b = random_bits(rng, w.bits());
            if b > BigUint::one() && b < w_less_one {
                break b;
            }
        };
        // For a prime w the row bᵐ, b²ᵐ, b⁴ᵐ … ends in ones, and before the first one stands −1: no
        // other number is its own inverse modulo a prime.
        let mut z = power(&b, &m, w, unwatched);
        if z.is_one() || z == w_less_one {
            return None;
        }
        for _ in 1..a {
            z = &z * &z % w;
            if z == w_less_one {
                return None;
            }
        }
        Some(b)
    })
}

/// a⁻¹ mod m, by Euclid's algorithm with its account of how each remainder is made of a and m; `None` if
/// they have a factor in common.
pub fn inverse(a: &BigUint, m: &BigUint, mut watch: impl FnMut(Step, &BigUint)) -> Option<BigUint> {
    // Throughout, r ≡ t · a (mod m), for both pairs.
    let modulus = BigInt::from(m.clone());
    let (mut r_before, mut t_before) = (modulus.clone(), BigInt::zero());
    let (mut r, mut t) = (BigInt::from(a % m), BigInt::one());
    while !r.is_zero() {
        let quotient = &r_before / &r;
        (r_before, r) = (r.clone(), r_before - &quotient * r);
        (t_before, t) = (t.clone(), t_before - quotient * t);
        watch(Step::Remainder, r.magnitude());
    }
    if !r_before.is_one() {
        return None;
    }
    let positive = (t_before + &modulus) % modulus;
    Some(positive.magnitude().clone())
}

fn gcd(a: &BigUint, b: &BigUint) -> BigUint {
    let (mut a, mut b) = (a.clone(), b.clone());
    while !b.is_zero() {
        (a, b) = (b.clone(), a % b);
    }
    a
}

/// A random number of at most `bits` bits.
fn random_bits(rng: &mut (impl CryptoRng + ?Sized), bits: u64) -> BigUint {
    let mut octets = vec![0; bits.div_ceil(8) as usize];
    rng.fill_bytes(&mut octets);
    os2ip(&octets) >> (8 * octets.len() as u64 - bits)
}

/// k, the length of the modulus in octets.
fn length_in_octets(n: &BigUint) -> usize {
    n.bits().div_ceil(8) as usize
}
