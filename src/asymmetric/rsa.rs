//! RSA (RFC 8017): what one key locks, only the other opens.
//!
//! Take two large primes and publish their product n. Raising to the power e modulo n is easy for
//! everyone; undoing it, which is raising to the power d, is easy for whoever knows the primes, and
//! nobody knows how for anyone else. Encryption is the first, a signature is the second, and
//! both want the message in a block of a fixed form beforehand: *padding* ([`encode_signature`],
//! [`RsaPublicKey::pad`]).
//!
//! | file | what it holds |
//! |---|---|
//! | [`textbook`] | RFC 8017 step by step on big integers: to read, to watch, and to test the rest against |
//! | `public`, `private` | the two halves of a key |
//! | `generate` | two large primes, and all that follows from them (FIPS 186-5) |
//! | `padding` | the encodings of PKCS #1 v1.5, and how to take one off without an oracle |
//!
//! RSA encryption in this form is old, and TLS 1.3 does without it: whoever gets hold of the key can
//! read everything that was ever recorded, and every server that tells good padding from bad, in
//! whatever way, opens messages for strangers (Bleichenbacher 1998). It is here because the notes
//! that this library follows describe it, and done so that it gives no such answer.
//!
//! ```
//! use cutaway::asymmetric::rsa::RsaPrivateKey;
//! use cutaway::hash::HashAlgorithm::Sha256;
//!
//! let mut rng = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
//! let key = RsaPrivateKey::generate(&mut rng, 2048)?;
//!
//! let signature = key.sign(&mut rng, Sha256, b"attack at dawn")?;
//! key.public().verify(Sha256, b"attack at dawn", &signature)?;
//! assert!(key.public().verify(Sha256, b"attack at noon", &signature).is_err());
//!
//! let ciphertext = key.public().encrypt(&mut rng, b"attack at dawn")?;
//! assert_eq!(key.decrypt(&mut rng, &ciphertext)?.reveal(), b"attack at dawn");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod generate;
mod padding;
mod private;
mod public;
pub mod textbook;

pub use padding::encode_signature;
pub use private::{RsaComponents, RsaPrivateKey, RsaSecretComponents};
pub use public::RsaPublicKey;

/// The shortest modulus that is taken, in bits: 112 bits of strength (NIST SP 800-57).
pub const MIN_BITS: usize = 2048;

/// The longest modulus that is taken, in bits: a certificate from a stranger must not keep us busy.
pub const MAX_BITS: usize = 8192;

/// Why numbers are not an RSA key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The modulus is shorter than [`MIN_BITS`] or longer than [`MAX_BITS`].
    #[error("the modulus has {bits} bits; from {MIN_BITS} to {MAX_BITS} are taken")]
    ModulusSize {
        /// What it has.
        bits: usize,
    },
    /// The modulus is even, so it is not a product of two large primes.
    #[error("the modulus is even")]
    EvenModulus,
    /// The public exponent is even, less than 3, or has more than 64 bits.
    #[error("the public exponent must be odd, at least 3, and of 64 bits at most")]
    PublicExponent,
    /// A key of this size is not generated.
    #[error("keys of 2048, 3072 and 4096 bits are generated, not of {bits}")]
    GeneratedSize {
        /// What was asked for.
        bits: usize,
    },
    /// p or q is even, or shorter than a quarter of the modulus.
    #[error("p and q must be odd, and each at least a quarter as long as the modulus")]
    Primes,
    /// n is not p · q.
    #[error("the modulus is not the product of p and q")]
    Product,
    /// d, dP or dQ does not undo e: e · d ≡ 1 modulo p − 1 and q − 1, and dP and dQ are the remainders of d.
    #[error("the private exponents do not belong to the public one and the primes")]
    PrivateExponent,
    /// q · qInv is not 1 modulo p.
    #[error("the coefficient is not the inverse of q modulo p")]
    Coefficient,
}

/// The signature is not one of this message with this key. Nothing more is said on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

/// The message is too long for the modulus (RFC 8017 §7.2.1: eleven bytes are needed for padding).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message is too long for this key")]
pub struct TooLong;

/// The machine erred: raised back to the power e, the result was not what went in. Nothing is given
/// out, since a wrong result modulo one prime alone gives that prime away (Boneh, DeMillo, Lipton 1997).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the private operation went wrong, and its result was destroyed")]
pub struct Fault;

/// Why there is no message at all. That the padding was bad is never a reason: see
/// [`RsaPrivateKey::decrypt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecryptError {
    /// The ciphertext is not as long as the modulus, or not less than it: anyone can see that.
    #[error("the ciphertext does not fit this key")]
    Ciphertext,
    /// See [`Fault`].
    #[error(transparent)]
    Fault(#[from] Fault),
}
