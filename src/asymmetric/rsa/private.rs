//! The private half: to sign and to decrypt.
//!
//! *Constant time. Secret: everything but the modulus, the public exponent, and the lengths of the
//! primes in bits.*
//!
//! Three things stand between the key and whoever measures or disturbs the machine:
//!
//! - The arithmetic itself takes the same time for all keys and messages ([`montgomery`]).
//! - *Blinding*: what is raised to the power d is not the c that somebody sent, but c rᵉ for an r that
//!   is drawn afresh; the result, m r, is divided by r. So nobody chooses what the key works on.
//! - *A check*: the result is raised back to the power e. With the Chinese remainder theorem a single
//!   slip, in the power modulo p or q, would give out a number that shares the other prime with n.
//!
//! [`montgomery`]: crate::asymmetric::montgomery

use std::fmt;

use rand::CryptoRng;

use super::{DecryptError, Fault, KeyError, RsaPublicKey, padding};
use crate::asymmetric::montgomery::limbs::{self, Limbs};
use crate::asymmetric::montgomery::{self, Modulus};
use crate::hash::HashAlgorithm;
use crate::rung::Rung;
use crate::secret::{Secret, SecretVec, tell};

/// A private key, zeroed when dropped. `Debug` prints its size.
///
/// ```
/// use cutaway::asymmetric::rsa::{KeyError, RsaPrivateKey};
///
/// let mut rng = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
/// let key = RsaPrivateKey::generate(&mut rng, 2048)?;
///
/// // What TLS 1.2 sends when it has RSA agree on a secret: a version and 46 random bytes.
/// let premaster = [&[3, 3][..], &[0x5c; 46]].concat();
/// let ciphertext = key.public().encrypt(&mut rng, &premaster).unwrap();
/// assert_eq!(key.decrypt_premaster(&mut rng, &ciphertext, [3, 3]).reveal()[..], premaster);
/// // Nothing is said of a forged one: there is a secret too, which nobody else has.
/// assert_ne!(key.decrypt_premaster(&mut rng, b"forged", [3, 3]).reveal()[..], premaster);
/// # Ok::<(), KeyError>(())
/// ```
#[derive(Clone)]
pub struct RsaPrivateKey {
    pub(super) public: RsaPublicKey,
    pub(super) d: Limbs,
    pub(super) p: Modulus,
    pub(super) q: Modulus,
    pub(super) dp: Limbs,
    pub(super) dq: Limbs,
    pub(super) qinv: Limbs,
}

/// The numbers of a private key as they stand in a PKCS #1 file (RFC 8017 §3.2, §A.1.2), big-endian;
/// leading zeros do no harm.
#[derive(Clone, Copy)]
pub struct RsaComponents<'a> {
    /// The modulus, p · q.
    pub n: &'a [u8],
    /// The public exponent.
    pub e: &'a [u8],
    /// The private exponent.
    pub d: &'a [u8],
    /// The first prime.
    pub p: &'a [u8],
    /// The second prime.
    pub q: &'a [u8],
    /// d mod (p − 1): `exponent1`.
    pub dp: &'a [u8],
    /// d mod (q − 1): `exponent2`.
    pub dq: &'a [u8],
    /// q⁻¹ mod p: `coefficient`.
    pub qinv: &'a [u8],
}

/// What [`RsaPrivateKey::components`] gives out, to be written to a file: big-endian without leading
/// zeros. The names are those of [`RsaComponents`].
#[derive(Clone, Debug)]
pub struct RsaSecretComponents {
    /// The modulus.
    pub n: Vec<u8>,
    /// The public exponent.
    pub e: Vec<u8>,
    /// The private exponent.
    pub d: SecretVec,
    /// The first prime.
    pub p: SecretVec,
    /// The second prime.
    pub q: SecretVec,
    /// d mod (p − 1).
    pub dp: SecretVec,
    /// d mod (q − 1).
    pub dq: SecretVec,
    /// q⁻¹ mod p.
    pub qinv: SecretVec,
}

impl RsaSecretComponents {
    /// The same numbers, borrowed: for [`RsaPrivateKey::new`].
    #[must_use]
    pub fn borrow(&self) -> RsaComponents<'_> {
        RsaComponents {
            n: &self.n,
            e: &self.e,
            d: self.d.reveal(),
            p: self.p.reveal(),
            q: self.q.reveal(),
            dp: self.dp.reveal(),
            dq: self.dq.reveal(),
            qinv: self.qinv.reveal(),
        }
    }
}

impl RsaPrivateKey {
    /// The key of these numbers, after checking that they belong together: n = p q, e d ≡ 1 modulo
    /// p − 1 and q − 1, dP and dQ are d's remainders, q qInv ≡ 1 modulo p. Whether p and q are prime is
    /// not tested; if they are not, the private operation ends in a [`Fault`].
    ///
    /// # Errors
    /// A [`KeyError`] that says what does not fit.
    pub fn new(components: RsaComponents<'_>) -> Result<Self, KeyError> {
        let public = RsaPublicKey::new(components.n, components.e)?;
        Self::with_public(public, components)
    }

    /// The same on the rung of your choice; `None` if this machine does not have it.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn on(rung: Rung, components: RsaComponents<'_>) -> Result<Option<Self>, KeyError> {
        let public = RsaPublicKey::on(rung, components.n, components.e)?;
        public.map(|public| Self::with_public(public, components)).transpose()
    }

    /// The rungs that this machine can run, slowest first.
    #[must_use]
    pub fn rungs() -> Vec<Rung> {
        Modulus::rungs()
    }

    /// Which rung computes.
    #[must_use]
    pub fn rung(&self) -> Rung {
        self.public.rung()
    }

    fn with_public(public: RsaPublicKey, components: RsaComponents<'_>) -> Result<Self, KeyError> {
        let n = &public.modulus;
        let prime = |bytes: &[u8], width: usize| {
            let limbs = limbs::from_bytes(bytes, n.width()).ok_or(KeyError::Primes)?;
            let prime = Modulus::from_limbs(public.rung(), &limbs, width).ok_or(KeyError::Primes)?;
            if 4 * prime.bits() < n.bits() { Err(KeyError::Primes) } else { Ok(prime) }
        };
        // Both primes get the width of the longer one.
        let width = prime(components.p, 0)?.width().max(prime(components.q, 0)?.width());
        let (p, q) = (prime(components.p, width)?, prime(components.q, width)?);

        let product = montgomery::product(p.limbs(), q.limbs());
        let (low, high) = product.split_at(n.width().min(product.len()));
        if low.len() != n.width() || !tell(limbs::equal(low, n.limbs()) & limbs::is_zero(high)) {
            return Err(KeyError::Product);
        }

        let d = n.residue(components.d).ok_or(KeyError::PrivateExponent)?;
        let exponent = |bytes: &[u8], prime: &Modulus| {
            let exponent = limbs::from_bytes(bytes, width).ok_or(KeyError::PrivateExponent)?;
            let mut order = limbs::zero(width);
            order.copy_from_slice(prime.limbs());
            order[0] ^= 1; // p − 1 for an odd p
            let mut one = limbs::zero(width);
            one[0] = 1;
            let e_times = limbs::times_word(&exponent, public.exponent);
            let fits = limbs::equal(&limbs::remainder(&d, &order), &exponent)
                & limbs::equal(&limbs::remainder(&e_times, &order), &one);
            if tell(fits) { Ok(exponent) } else { Err(KeyError::PrivateExponent) }
        };
        let (dp, dq) = (exponent(components.dp, &p)?, exponent(components.dq, &q)?);

        let qinv = limbs::from_bytes(components.qinv, width).ok_or(KeyError::Coefficient)?;
        let inverse = p.inverse_of(&p.reduce(q.limbs())).ok_or(KeyError::Coefficient)?;
        if !tell(limbs::equal(&inverse, &qinv)) {
            return Err(KeyError::Coefficient);
        }
        Ok(Self { public, d, p, q, dp, dq, qinv })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &RsaPublicKey {
        &self.public
    }

    /// The numbers, to be written to a file and guarded there.
    #[must_use]
    pub fn components(&self) -> RsaSecretComponents {
        // How many zeros a number begins with shows in a file of DER integers in any case.
        let bytes =
            |number: &[u64]| SecretVec::new(limbs::to_bytes(number, limbs::bit_length(number).div_ceil(8)));
        RsaSecretComponents {
            n: self.public.n().to_vec(),
            e: self.public.e().to_vec(),
            d: bytes(&self.d),
            p: bytes(self.p.limbs()),
            q: bytes(self.q.limbs()),
            dp: bytes(&self.dp),
            dq: bytes(&self.dq),
            qinv: bytes(&self.qinv),
        }
    }

    /// Signs with PKCS #1 v1.5 (RSASSA-PKCS1-V1_5-SIGN, RFC 8017 §8.2.1): as many bytes as the modulus
    /// has. The generator is for the blinding; the same message always has the same signature.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn sign(
        &self,
        rng: &mut (impl CryptoRng + ?Sized),
        hash: HashAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let size = self.public.size();
        let block = padding::encode_signature(hash, &hash.digest(message), size).map_err(|_| Fault)?;
        let block = self.public.modulus.residue(&block).ok_or(Fault)?;
        Ok(limbs::to_bytes(&self.raise(rng, &block)?, size))
    }

    /// Decrypts a message with PKCS #1 v1.5 padding (RFC 8017 §7.2.2).
    ///
    /// If the padding is not right, the result is *another message*, and no error: one that depends on
    /// the key and the ciphertext alone, so that nobody can tell it from a message that was sent
    /// (implicit rejection, draft-irtf-cfrg-rsa-guidance). What the message is good for must show
    /// otherwise, by a MAC for example.
    ///
    /// # Errors
    /// [`DecryptError::Ciphertext`] if it is not [`RsaPublicKey::size`] bytes long or not less than
    /// the modulus, which is no secret; [`DecryptError::Fault`].
    pub fn decrypt(
        &self,
        rng: &mut (impl CryptoRng + ?Sized),
        ciphertext: &[u8],
    ) -> Result<SecretVec, DecryptError> {
        let size = self.public.size();
        if ciphertext.len() != size {
            return Err(DecryptError::Ciphertext);
        }
        let c = self.public.modulus.residue(ciphertext).ok_or(DecryptError::Ciphertext)?;
        let block = SecretVec::new(limbs::to_bytes(&self.raise(rng, &c)?, size));
        let d = SecretVec::new(limbs::to_bytes(&self.d, size));
        Ok(padding::message_or_substitute(block.reveal(), d.reveal(), ciphertext))
    }

    /// Decrypts TLS's premaster secret, and never says that it could not: whatever is wrong with the
    /// ciphertext, its length, its size or its padding, the result is `version` and 46 random bytes
    /// that were drawn beforehand, the first that are taken from `rng`. `version` is the one that the
    /// client offered in its `client_hello`, and always the first two bytes of the result
    /// (RFC 5246 §7.4.7.1).
    pub fn decrypt_premaster(
        &self,
        rng: &mut (impl CryptoRng + ?Sized),
        ciphertext: &[u8],
        version: [u8; 2],
    ) -> Secret<48> {
        let mut random = Secret::new([0; 46]);
        rng.fill_bytes(random.reveal_mut());

        // Anyone can see that a ciphertext does not fit, but need not learn that we did: zero is
        // decrypted in its place, and nothing is left out.
        let size = self.public.size();
        let n = &self.public.modulus;
        let mut bytes = vec![0; size];
        let both = size.min(ciphertext.len());
        bytes[..both].copy_from_slice(&ciphertext[..both]);
        let number = limbs::from_bytes(&bytes, n.width()).unwrap_or_else(|| limbs::zero(n.width()));
        let mut good =
            limbs::mask(u64::from(ciphertext.len() == size)) & limbs::less_than(&number, n.limbs());
        let mut c = limbs::zero(n.width());
        limbs::select(good, &mut c, &number);
        let power = self.raise(rng, &c).unwrap_or_else(|Fault| {
            good = 0;
            limbs::zero(n.width())
        });
        let block = SecretVec::new(limbs::to_bytes(&power, size));
        padding::premaster(block.reveal(), good, &random, version)
    }

    /// The private operation itself, `base^d mod n` in as many bytes as the modulus has: RSADP and
    /// RSASP1 (RFC 8017 §5.1.2, §5.2.1), for those who watch. `None` if the base is not less than n,
    /// or on a [`Fault`].
    ///
    /// The result is the bare block, padding and all: whoever shows others what is in it, or only
    /// whether it looks right, decrypts for them. It is for your own key and your own recording.
    pub fn power(&self, rng: &mut (impl CryptoRng + ?Sized), base: &[u8]) -> Option<SecretVec> {
        let base = self.public.modulus.residue(base)?;
        let power = self.raise(rng, &base).ok()?;
        Some(SecretVec::new(limbs::to_bytes(&power, self.public.size())))
    }

    /// c^d mod n for c < n: blinded, by the Chinese remainder theorem, and checked.
    fn raise(&self, rng: &mut (impl CryptoRng + ?Sized), c: &[u64]) -> Result<Limbs, Fault> {
        let n = &self.public.modulus;
        let e = self.public.exponent;
        let mut room = n.room();

        let (r, mut r_inverse) = blinding(rng, n);
        let mut blinded = n.public_power(&r, e);
        n.enter(&mut blinded, &mut room);
        n.times(&mut blinded, c, &mut room);

        let mut m = self.chinese_remainder(&blinded);
        n.enter(&mut r_inverse, &mut room);
        n.times(&mut m, &r_inverse, &mut room);

        let again = n.public_power(&m, e);
        if tell(limbs::equal(&again, c)) { Ok(m) } else { Err(Fault) }
    }

    /// c^d mod n from the powers modulo p and q (RFC 8017 §5.1.2 step 2b): numbers of half the length
    /// and exponents of half the length: each power is an eighth of the work, both are a quarter.
    fn chinese_remainder(&self, c: &[u64]) -> Limbs {
        let (p, q) = (&self.p, &self.q);
        let m_1 = p.power_of(&p.reduce(c), &self.dp);
        let m_2 = q.power_of(&q.reduce(c), &self.dq);

        // h = (m₁ − m₂) qInv mod p
        let mut h = m_1;
        let mut room = p.room();
        limbs::subtract_modulo(&mut h, &p.reduce(&m_2), p.limbs());
        p.enter(&mut h, &mut room);
        p.times(&mut h, &self.qinv, &mut room);

        // m = m₂ + q h < n, so it has the width of n, whatever that of the product.
        let mut m = montgomery::product(q.limbs(), &h);
        limbs::add(&mut m, &m_2);
        limbs::resized(&m, self.public.modulus.width())
    }
}

/// r, drawn from all numbers below n, and its inverse. That one has none happens as often as that a
/// number drawn at random gives away the key.
fn blinding(rng: &mut (impl CryptoRng + ?Sized), n: &Modulus) -> (Limbs, Limbs) {
    loop {
        let r = n.random_residue(rng);
        if let Some(inverse) = n.inverse_of(&r) {
            return (r, inverse);
        }
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPrivateKey({} bits)", self.public.bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symmetric::chacha20::Generator;

    /// Whichever number of the key is disturbed, the check catches it, and nothing comes out.
    #[test]
    fn a_planted_fault_gives_no_result() {
        let mut rng = Generator::new(1, 0);
        let good = RsaPrivateKey::generate(&mut rng, 2048).unwrap();
        let ciphertext = good.public.encrypt(&mut rng, &[3; 48]).unwrap();
        assert_eq!(good.decrypt(&mut rng, &ciphertext).unwrap().reveal(), [3; 48]);

        let faults: [fn(&mut RsaPrivateKey); 4] = [
            |key| key.dp[0] ^= 2,
            |key| key.dq[15] ^= 1 << 40,
            |key| key.qinv[7] ^= 1,
            |key| key.q = key.p.clone(),
        ];
        for fault in faults {
            let mut key = good.clone();
            fault(&mut key);
            assert_eq!(key.sign(&mut rng, HashAlgorithm::Sha256, b"message"), Err(Fault));
            assert_eq!(key.decrypt(&mut rng, &ciphertext), Err(DecryptError::Fault(Fault)));
            assert_eq!(key.power(&mut rng, &ciphertext), None);

            // The handshake goes on with the random, and fails where all that failed do.
            let premaster = key.decrypt_premaster(&mut Generator::new(2, 0), &ciphertext, [3, 3]);
            let mut random = [0; 46];
            rand::Rng::fill_bytes(&mut Generator::new(2, 0), &mut random);
            assert_eq!(premaster.reveal()[..2], [3, 3]);
            assert_eq!(premaster.reveal()[2..], random);
        }
    }

    #[test]
    fn each_operation_is_blinded_anew_and_the_result_is_the_same() {
        let mut rng = Generator::new(1, 0);
        let key = RsaPrivateKey::generate(&mut rng, 2048).unwrap();
        let n = &key.public.modulus;
        let ((r, inverse), (other, _)) = (blinding(&mut rng, n), blinding(&mut rng, n));
        assert_ne!(*r, *other);
        let product = n.multiply(&limbs::to_bytes(&r, 256), &limbs::to_bytes(&inverse, 256)).unwrap();
        assert_eq!(product, [&[0; 255][..], &[1]].concat());

        let signatures = [3, 4]
            .map(|seed| key.sign(&mut Generator::new(seed, 0), HashAlgorithm::Sha512, b"message").unwrap());
        assert_eq!(signatures[0], signatures[1]);
    }
}
