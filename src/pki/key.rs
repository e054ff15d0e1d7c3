//! Private keys in files: PKCS #1 (RFC 8017 §A.1.2), and PKCS #8, which first says for which algorithm
//! the key is (RFC 5958).
//!
//! *Secret: the numbers of a key. How many bytes each has, the file says to anyone who sees its size.*

use crate::asymmetric::rsa::{KeyError, RsaComponents, RsaPrivateKey, RsaPublicKey};
use crate::pki::der::{self, Tag};
use crate::pki::pem::{self, PemError};
use crate::pki::{Certificate, Oid};
use crate::secret::SecretVec;
use crate::wire::{ReadError, Reader};

const PKCS1_LABEL: &str = "RSA PRIVATE KEY";
const PKCS8_LABEL: &str = "PRIVATE KEY";
const SEALED_LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// A private key, of whichever algorithm.
///
/// ```
/// use cutaway::asymmetric::rsa::RsaPrivateKey;
/// use cutaway::pki::PrivateKey;
///
/// let mut rng = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
/// let key = PrivateKey::Rsa(RsaPrivateKey::generate(&mut rng, 2048)?);
/// let file = key.to_pkcs8_pem();
/// assert_eq!(PrivateKey::from_pem(file.reveal())?.public(), key.public());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PrivateKey {
    /// RSA.
    Rsa(RsaPrivateKey),
}

/// What a key file holds, still as bytes of it.
#[derive(Clone)]
#[non_exhaustive]
pub enum KeyNumbers<'a> {
    /// The numbers of an RSA key.
    Rsa(RsaComponents<'a>),
    /// A key for another algorithm.
    Other(Oid),
}

impl PrivateKey {
    /// The first private key of a PEM file, PKCS #1 or PKCS #8.
    ///
    /// # Errors
    /// [`KeyFileError`], which never quotes the file.
    pub fn from_pem(text: &[u8]) -> Result<Self, KeyFileError> {
        let blocks = pem::read(text).map_err(|error| match error {
            PemError::Encrypted { line, .. } => KeyFileError::Sealed { line },
            error => KeyFileError::Pem(error),
        })?;
        for block in &blocks {
            match block.label() {
                PKCS1_LABEL => return Self::of(Reader::new(block.contents()).whole(read_pkcs1)),
                PKCS8_LABEL => return Self::of(Reader::new(block.contents()).whole(read_pkcs8)),
                SEALED_LABEL => return Err(KeyFileError::Sealed { line: block.line() }),
                label if let Some(algorithm) = label.strip_suffix(" PRIVATE KEY") => {
                    return Err(KeyFileError::Algorithm(algorithm.to_owned()));
                }
                _ => {}
            }
        }
        Err(KeyFileError::None { found: blocks.iter().map(|block| block.label().to_owned()).collect() })
    }

    /// A private key in DER, PKCS #1 or PKCS #8.
    ///
    /// # Errors
    /// [`KeyFileError`], which never quotes the file.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyFileError> {
        Self::of(Reader::new(der).whole(Self::read))
    }

    /// Either form, told apart by what follows the version: the algorithm in PKCS #8, the modulus in
    /// PKCS #1. For use, keys are read with recording off; the window reads them with the same code.
    ///
    /// # Errors
    /// [`ReadError`], which never quotes the input.
    pub fn read<'a>(r: &mut Reader<'a>) -> Result<KeyNumbers<'a>, ReadError> {
        let mut names_algorithm = false;
        let _ = Reader::new(r.ahead()).whole(|r| {
            r.element("", Tag::SEQUENCE, |r| {
                r.small("")?;
                names_algorithm = r.next_is(Tag::SEQUENCE);
                Ok(())
            })
        });
        if names_algorithm { read_pkcs8(r) } else { read_pkcs1(r) }
    }

    fn of(numbers: Result<KeyNumbers<'_>, ReadError>) -> Result<Self, KeyFileError> {
        match numbers.map_err(KeyFileError::Read)? {
            KeyNumbers::Rsa(numbers) => Ok(Self::Rsa(RsaPrivateKey::new(numbers)?)),
            KeyNumbers::Other(algorithm) => Err(KeyFileError::Algorithm(algorithm.to_string())),
        }
    }

    /// The RSA key.
    #[must_use]
    pub fn rsa(&self) -> Option<&RsaPrivateKey> {
        let Self::Rsa(key) = self;
        Some(key)
    }

    /// The public half of an RSA key.
    #[must_use]
    pub fn public(&self) -> &RsaPublicKey {
        let Self::Rsa(key) = self;
        key.public()
    }

    /// Whether the certificate speaks of this key.
    #[must_use]
    pub fn belongs_to(&self, certificate: &Certificate) -> bool {
        certificate.public_key().rsa() == Some(self.public())
    }

    /// `RSAPrivateKey`, in DER.
    #[must_use]
    pub fn to_pkcs1_der(&self) -> SecretVec {
        let Self::Rsa(key) = self;
        let mut w = der::Writer::with_capacity(room(key));
        write_rsa_private_key(&mut w, key);
        SecretVec::new(w.finish())
    }

    /// `RSAPrivateKey`, as PEM: `RSA PRIVATE KEY`, as kubeadm and older programs write it.
    #[must_use]
    pub fn to_pkcs1_pem(&self) -> SecretVec {
        SecretVec::new(pem::write(PKCS1_LABEL, self.to_pkcs1_der().reveal()).into_bytes())
    }

    /// `PrivateKeyInfo`, in DER.
    #[must_use]
    pub fn to_pkcs8_der(&self) -> SecretVec {
        let Self::Rsa(key) = self;
        let mut w = der::Writer::with_capacity(room(key));
        w.element(Tag::SEQUENCE, |w| {
            w.small(0);
            w.element(Tag::SEQUENCE, |w| {
                w.object_identifier(&Oid::RSA_ENCRYPTION);
                w.null();
            });
            w.octet_string(|w| write_rsa_private_key(w, key));
        });
        SecretVec::new(w.finish())
    }

    /// `PrivateKeyInfo`, as PEM: `PRIVATE KEY`, as OpenSSL 3 writes it.
    #[must_use]
    pub fn to_pkcs8_pem(&self) -> SecretVec {
        SecretVec::new(pem::write(PKCS8_LABEL, self.to_pkcs8_der().reveal()).into_bytes())
    }
}

/// `PrivateKeyInfo ::= SEQUENCE { version, privateKeyAlgorithm, privateKey OCTET STRING, … }`
fn read_pkcs8<'a>(r: &mut Reader<'a>) -> Result<KeyNumbers<'a>, ReadError> {
    r.element("PrivateKeyInfo", Tag::SEQUENCE, |r| {
        let start = r.position();
        if r.small("version")? > 1 {
            return Err(r.reject("version", start, "neither 0 nor 1"));
        }
        let algorithm = r.element("privateKeyAlgorithm", Tag::SEQUENCE, |r| {
            let algorithm = r.object_identifier("algorithm")?;
            if r.left() > 0 {
                r.any("parameters")?;
            }
            Ok(algorithm)
        })?;
        let numbers = r.element("privateKey", Tag::OCTET_STRING, |r| {
            if algorithm == Oid::RSA_ENCRYPTION {
                return read_pkcs1(r);
            }
            r.rest("contents");
            Ok(KeyNumbers::Other(algorithm))
        })?;
        r.optional("attributes", Tag::explicit(0), |r| r.items(|r| r.any("Attribute")))?;
        r.optional("publicKey", Tag::implicit(1), |r| Ok(r.rest("contents")))?;
        Ok(numbers)
    })
}

/// `RSAPrivateKey`, with the names of RFC 8017 §A.1.2. Keys of more than two primes have version 1.
fn read_pkcs1<'a>(r: &mut Reader<'a>) -> Result<KeyNumbers<'a>, ReadError> {
    r.element("RSAPrivateKey", Tag::SEQUENCE, |r| {
        let start = r.position();
        if r.small("version")? != 0 {
            return Err(r.reject("version", start, "not 0, which a key of two primes has"));
        }
        Ok(KeyNumbers::Rsa(RsaComponents {
            n: r.unsigned("modulus")?,
            e: r.unsigned("publicExponent")?,
            d: r.unsigned("privateExponent")?,
            p: r.unsigned("prime1")?,
            q: r.unsigned("prime2")?,
            dp: r.unsigned("exponent1")?,
            dq: r.unsigned("exponent2")?,
            qinv: r.unsigned("coefficient")?,
        }))
    })
}

fn write_rsa_private_key(w: &mut der::Writer, key: &RsaPrivateKey) {
    let numbers = key.components();
    let RsaComponents { n, e, d, p, q, dp, dq, qinv } = numbers.borrow();
    w.element(Tag::SEQUENCE, |w| {
        w.small(0);
        for number in [n, e, d, p, q, dp, dq, qinv] {
            w.unsigned(number);
        }
    });
}

/// Enough for all numbers and their headers, so that the buffer never moves and leaves a copy: two as
/// long as the modulus, five half as long (primes of unequal length make up for each other), and e.
fn room(key: &RsaPrivateKey) -> usize {
    7 * key.public().size() + 128
}

/// Why a file gives no private key. It never quotes the file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// It is not PEM.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// It is PEM, and no private key.
    #[error("no private key in it{}", crate::pki::certificate::instead(found))]
    None {
        /// The labels of the blocks that were there.
        found: Vec<String>,
    },
    /// The key is sealed with a password.
    #[error(
        "line {line}: the key is sealed with a password; open it with `openssl pkey -in FILE -out NEW-FILE`"
    )]
    Sealed {
        /// Where that is said.
        line: usize,
    },
    /// A key for an algorithm that is not here.
    #[error("a key for {0}, expected one for RSA")]
    Algorithm(String),
    /// Its DER is broken.
    #[error("the private key is broken: {0}")]
    Read(ReadError),
    /// Its numbers do not belong together, or are too small.
    #[error("the private key cannot be used: {0}")]
    Numbers(#[from] KeyError),
}
