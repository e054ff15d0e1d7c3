//! The public half: everyone may have it, to encrypt and to verify.
//!
//! *Constant time. Secret: the message that is encrypted; key, ciphertexts and signatures are public.*

use std::fmt;

use rand::CryptoRng;

use super::{BadSignature, KeyError, MAX_BITS, MIN_BITS, TooLong, padding};
use crate::asymmetric::montgomery::{Modulus, best_rung, limbs};
use crate::hash::HashAlgorithm;
use crate::rung::Rung;
use crate::secret::SecretVec;

/// A public key: the modulus n and the exponent e (RFC 8017 §3.1).
///
/// Equal keys have equal numbers. `Debug` prints the size and the exponent.
///
/// ```
/// use cutaway::asymmetric::rsa::{KeyError, RsaPublicKey};
///
/// let modulus = [0xab; 256];
/// let key = RsaPublicKey::new(&modulus, &[0x01, 0x00, 0x01])?;
/// assert_eq!((key.bits(), key.size()), (2048, 256));
/// // 2 to the power 65537, by a multiplication for each bit of the exponent and not for each unit of it.
/// assert!(key.power(&[2]).is_some());
/// assert_eq!(RsaPublicKey::new(&modulus[128..], &[3]), Err(KeyError::ModulusSize { bits: 1024 }));
/// # Ok::<(), KeyError>(())
/// ```
#[derive(Clone)]
pub struct RsaPublicKey {
    pub(super) modulus: Modulus,
    pub(super) exponent: u64,
    n: Vec<u8>,
    e: Vec<u8>,
}

impl RsaPublicKey {
    /// The key of these big-endian numbers; leading zeros are skipped.
    ///
    /// # Errors
    /// [`KeyError::ModulusSize`], [`KeyError::EvenModulus`], [`KeyError::PublicExponent`].
    pub fn new(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        Self::with_rung(best_rung(), n, e)
    }

    /// The same on the rung of your choice; `None` if this machine does not have it.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn on(rung: Rung, n: &[u8], e: &[u8]) -> Result<Option<Self>, KeyError> {
        if !Self::rungs().contains(&rung) {
            return Ok(None);
        }
        Self::with_rung(rung, n, e).map(Some)
    }

    /// The rungs that this machine can run, slowest first.
    #[must_use]
    pub fn rungs() -> Vec<Rung> {
        Modulus::rungs()
    }

    /// Which rung computes.
    #[must_use]
    pub fn rung(&self) -> Rung {
        self.modulus.rung()
    }

    fn with_rung(rung: Rung, n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        let bits = 8 * n.len() - n.first().map_or(0, |first| first.leading_zeros() as usize);
        if !(MIN_BITS..=MAX_BITS).contains(&bits) {
            return Err(KeyError::ModulusSize { bits });
        }
        let modulus = Modulus::on(rung, n).ok_or(KeyError::EvenModulus)?;
        if e.len() > 8 {
            return Err(KeyError::PublicExponent);
        }
        let exponent = e.iter().fold(0, |value, &byte| value << 8 | u64::from(byte));
        if exponent < 3 || exponent & 1 == 0 {
            return Err(KeyError::PublicExponent);
        }
        Ok(Self::of(modulus, exponent))
    }

    /// The key of numbers that were looked at already.
    pub(super) fn of(modulus: Modulus, exponent: u64) -> Self {
        let n = limbs::to_bytes(modulus.limbs(), modulus.size());
        let e = without_leading_zeros(&exponent.to_be_bytes()).to_vec();
        Self { modulus, exponent, n, e }
    }

    /// The modulus, big-endian without leading zeros.
    #[must_use]
    pub fn n(&self) -> &[u8] {
        &self.n
    }

    /// The public exponent, big-endian without leading zeros.
    #[must_use]
    pub fn e(&self) -> &[u8] {
        &self.e
    }

    /// The number of bits of the modulus: what people call the size of the key.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.modulus.bits()
    }

    /// The number of bytes of the modulus, of a signature and of a ciphertext: k in RFC 8017.
    #[must_use]
    pub fn size(&self) -> usize {
        self.n.len()
    }

    /// Checks a PKCS #1 v1.5 signature (RSASSA-PKCS1-V1_5-VERIFY, RFC 8017 §8.2.2): the block that the
    /// signature opens to must be, byte for byte, the one that a signer of this message makes.
    ///
    /// Comparing whole blocks leaves nothing to parse, and so no room for the forgeries that lax
    /// parsers let through (Bleichenbacher 2006). RFC 5246 §4.7 would also have a DigestInfo accepted
    /// whose parameters are absent instead of NULL; such a one is refused here.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(&self, hash: HashAlgorithm, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        if signature.len() != self.size() {
            return Err(BadSignature);
        }
        let block = self.power(signature).ok_or(BadSignature)?;
        let expected =
            padding::encode_signature(hash, &hash.digest(message), self.size()).map_err(|_| BadSignature)?;
        if block == expected { Ok(()) } else { Err(BadSignature) }
    }

    /// Encrypts with PKCS #1 v1.5 padding (RSAES-PKCS1-V1_5-ENCRYPT, RFC 8017 §7.2.1) to
    /// [`Self::size`] bytes.
    ///
    /// # Errors
    /// [`TooLong`] if the message has more than `size() − 11` bytes.
    pub fn encrypt(&self, rng: &mut (impl CryptoRng + ?Sized), message: &[u8]) -> Result<Vec<u8>, TooLong> {
        let block = SecretVec::new(self.pad(rng, message)?);
        // The block begins with a zero byte, so it is less than the modulus.
        self.power(block.reveal()).ok_or(TooLong)
    }

    /// The block that [`Self::encrypt`] raises to the power e, [`Self::size`] bytes:
    /// `00 02 ‖ random bytes, none of them zero ‖ 00 ‖ message`.
    ///
    /// # Errors
    /// [`TooLong`] if the message has more than `size() − 11` bytes.
    pub fn pad(&self, rng: &mut (impl CryptoRng + ?Sized), message: &[u8]) -> Result<Vec<u8>, TooLong> {
        padding::encode_encryption(rng, message, self.size())
    }

    /// The public operation itself, `base^e mod n` in [`Self::size`] bytes: RSAEP and RSAVP1 (RFC 8017
    /// §5.1.1, §5.2.2), for those who watch. `None` if the base is not less than n.
    #[must_use]
    pub fn power(&self, base: &[u8]) -> Option<Vec<u8>> {
        let base = self.modulus.residue(base)?;
        let power = self.modulus.public_power(&base, self.exponent);
        Some(limbs::to_bytes(&power, self.size()))
    }
}

impl PartialEq for RsaPublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.n == other.n && self.e == other.e
    }
}

impl Eq for RsaPublicKey {}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPublicKey({} bits, e = {})", self.bits(), self.exponent)
    }
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    &number[zeros..]
}
