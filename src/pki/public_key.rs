//! The public key in a certificate, and the algorithms by which certificates are signed.

use std::fmt;

use crate::asymmetric::rsa::{KeyError, RsaPublicKey};
use crate::hash::HashAlgorithm;
use crate::pki::Oid;
use crate::pki::der::{self, Tag};
use crate::wire::{ReadError, Reader};

/// A public key (RFC 5280 §4.1.2.7), opened as far as this crate can use it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PublicKey {
    /// An RSA key.
    Rsa(RsaPublicKey),
    /// An RSA key that is not one to be used, as one of 1024 bits.
    Unfit(KeyError),
    /// A key for another algorithm.
    Other {
        /// Which.
        algorithm: Oid,
    },
}

impl PublicKey {
    /// `SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }`
    ///
    /// # Errors
    /// [`ReadError`] where it is none. A key that cannot be used is not an error here.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        r.element("subjectPublicKeyInfo", Tag::SEQUENCE, |r| {
            let algorithm = r.element("algorithm", Tag::SEQUENCE, |r| {
                let algorithm = r.object_identifier("algorithm")?;
                // RFC 4055 §1.2: for rsaEncryption the parameters are NULL.
                if algorithm == Oid::RSA_ENCRYPTION {
                    r.null("parameters")?;
                } else if r.left() > 0 {
                    r.any("parameters")?;
                }
                Ok(algorithm)
            })?;
            r.bit_string_of_bytes("subjectPublicKey", |r| {
                if algorithm == Oid::RSA_ENCRYPTION {
                    return rsa_public_key(r);
                }
                r.rest("contents");
                Ok(Self::Other { algorithm })
            })
        })
    }

    /// The RSA key, if it is one that can be used.
    #[must_use]
    pub fn rsa(&self) -> Option<&RsaPublicKey> {
        match self {
            Self::Rsa(key) => Some(key),
            Self::Unfit(_) | Self::Other { .. } => None,
        }
    }
}

/// What it is, in a few words: `RSA, 2048 bits`.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(key) => write!(f, "RSA, {} bits", key.bits()),
            Self::Unfit(why) => write!(f, "RSA, but {why}"),
            Self::Other { algorithm } => algorithm.fmt(f),
        }
    }
}

/// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }` (RFC 8017 §A.1.1)
fn rsa_public_key(r: &mut Reader) -> Result<PublicKey, ReadError> {
    r.element("RSAPublicKey", Tag::SEQUENCE, |r| {
        let (modulus, exponent) = (r.unsigned("modulus")?, r.unsigned("publicExponent")?);
        Ok(RsaPublicKey::new(modulus, exponent).map_or_else(PublicKey::Unfit, PublicKey::Rsa))
    })
}

/// The `SubjectPublicKeyInfo` of an RSA key, in DER.
pub fn write_subject_public_key_info(w: &mut der::Writer, key: &RsaPublicKey) {
    w.element(Tag::SEQUENCE, |w| {
        w.element(Tag::SEQUENCE, |w| {
            w.object_identifier(&Oid::RSA_ENCRYPTION);
            w.null();
        });
        w.bit_string(|w| write_rsa_public_key(w, key));
    });
}

/// The `RSAPublicKey` alone.
pub fn write_rsa_public_key(w: &mut der::Writer, key: &RsaPublicKey) {
    w.element(Tag::SEQUENCE, |w| {
        w.unsigned(key.n());
        w.unsigned(key.e());
    });
}

/// How a certificate is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSA with PKCS #1 v1.5 padding (RFC 4055 §5).
    RsaPkcs1(HashAlgorithm),
    /// Another, which nothing here verifies.
    Other(Oid),
}

impl SignatureAlgorithm {
    /// `AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }`
    ///
    /// For RSA with SHA-2 the parameters are NULL, and must be taken when absent (RFC 4055 §5).
    ///
    /// # Errors
    /// [`ReadError`] where it is none.
    pub fn read(r: &mut Reader, label: &'static str) -> Result<Self, ReadError> {
        let algorithm = r.element(label, Tag::SEQUENCE, |r| {
            let algorithm = Self::of(r.object_identifier("algorithm")?);
            match algorithm {
                _ if r.left() == 0 => {}
                Self::RsaPkcs1(_) => r.null("parameters")?,
                Self::Other(_) => drop(r.any("parameters")?),
            }
            Ok(algorithm)
        })?;
        r.means(|| algorithm.to_string());
        Ok(algorithm)
    }

    fn of(oid: Oid) -> Self {
        use HashAlgorithm::{Sha256, Sha384, Sha512};
        let known = [Sha256, Sha384, Sha512].map(Self::RsaPkcs1);
        known.into_iter().find(|known| known.oid() == oid).unwrap_or(Self::Other(oid))
    }

    /// Its identifier.
    #[must_use]
    pub fn oid(&self) -> Oid {
        match self {
            Self::RsaPkcs1(HashAlgorithm::Sha256) => Oid::SHA256_WITH_RSA_ENCRYPTION,
            Self::RsaPkcs1(HashAlgorithm::Sha384) => Oid::SHA384_WITH_RSA_ENCRYPTION,
            Self::RsaPkcs1(HashAlgorithm::Sha512) => Oid::SHA512_WITH_RSA_ENCRYPTION,
            Self::Other(oid) => oid.clone(),
        }
    }

    /// The mirror of [`read`](Self::read).
    pub fn write(&self, w: &mut der::Writer) {
        w.element(Tag::SEQUENCE, |w| {
            w.object_identifier(&self.oid());
            if let Self::RsaPkcs1(_) = self {
                w.null();
            }
        });
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.oid().fmt(f)
    }
}
