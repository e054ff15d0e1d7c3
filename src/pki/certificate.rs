//! X.509 certificates: someone's word that a key belongs to a name
//! ([RFC 5280](https://www.rfc-editor.org/rfc/rfc5280)).

use std::fmt;
use std::ops::Range;

use crate::pki::der::{Integer, Tag};
use crate::pki::public_key::{PublicKey, SignatureAlgorithm};
use crate::pki::{Extensions, Name, Time, pem};
use crate::wire::{ReadError, Reader, Refused, Value};

/// The label of a certificate in PEM.
pub const PEM_LABEL: &str = "CERTIFICATE";

/// A certificate, read whole and owned. That it was read says nothing about whether it is to be
/// believed: that is [`validation`](crate::pki::validation)'s.
///
/// ```
/// use cutaway::pki::Certificate;
///
/// let text = include_bytes!("../../tests/fixtures/pki/root.pem");
/// let certificate = &Certificate::from_pem(text)?[0];
/// assert_eq!(certificate.subject().to_string(), "CN=fixture root,O=Cutaway");
/// assert_eq!(certificate.validity().not_after.to_string(), "2049-12-31 23:59:59 UTC");
/// assert_eq!(certificate.public_key().to_string(), "RSA, 2048 bits");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    signed: Range<usize>,
    spki: Range<usize>,
    version: Version,
    serial_number: SerialNumber,
    signature_algorithm: SignatureAlgorithm,
    issuer: Name,
    validity: Validity,
    subject: Name,
    public_key: PublicKey,
    extensions: Extensions,
    signature: Vec<u8>,
}

/// From when to when a certificate is valid; both moments count (RFC 5280 §4.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first moment.
    pub not_before: Time,
    /// The last.
    pub not_after: Time,
}

impl Validity {
    /// So many days from `start` on.
    #[must_use]
    pub fn days(start: Time, days: i64) -> Self {
        Self { not_before: start, not_after: start.plus_days(days) }
    }
}

/// The number that an issuer gave to a certificate, as it stands there: up to 20 bytes. It should be
/// positive (RFC 5280 §4.1.2.2); since some are not, and "users SHOULD be prepared to gracefully
/// handle such certificates", they are read.
///
/// It prints as OpenSSL does: `4f:02:…`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SerialNumber(Vec<u8>);

impl SerialNumber {
    /// The bytes of the integer, in two's complement.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Value<'_> for SerialNumber {
    const LENGTH: Option<usize> = None;

    fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        let integer = Integer::decode(bytes)?;
        // A leading zero is the sign's and does not count (RFC 5280 §4.1.2.2).
        match integer.magnitude().unwrap_or(bytes).len() {
            0..=20 => Ok(Self(bytes.to_vec())),
            length => Err(format!("a serial number of {length} bytes, at most 20 are allowed").into()),
        }
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = match self.0[..] {
            [0, ref magnitude @ ..] if !magnitude.is_empty() => magnitude,
            ref bytes => bytes,
        };
        let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        f.pad(&pairs.join(":"))
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerialNumber({self})")
    }
}

/// Which edition of X.509: the number on paper is one more than that in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// Names and a key.
    V1,
    /// With identifiers that nobody uses.
    V2,
    /// With extensions.
    V3,
}

impl Certificate {
    /// Reads a certificate, and refuses anything behind it.
    ///
    /// # Errors
    /// [`ReadError`] with the field that is wrong and its place.
    pub fn from_der(der: &[u8]) -> Result<Self, ReadError> {
        Reader::new(der).whole(Self::read)
    }

    /// All certificates of a PEM file, in order; blocks of other kinds are passed over.
    ///
    /// # Errors
    /// [`CertificateFileError`] with the line.
    pub fn from_pem(text: &[u8]) -> Result<Vec<Self>, CertificateFileError> {
        let blocks = pem::read(text)?;
        let found = blocks.iter().map(|block| block.label().to_owned()).collect();
        let certificates: Vec<_> = blocks
            .iter()
            .filter(|block| block.label() == PEM_LABEL)
            .map(|block| {
                Self::from_der(block.contents())
                    .map_err(|error| CertificateFileError::Certificate { line: block.line(), error })
            })
            .collect::<Result<_, _>>()?;
        if certificates.is_empty() {
            return Err(CertificateFileError::None { found });
        }
        Ok(certificates)
    }

    /// `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }`, with every
    /// name of RFC 5280 §4.1.
    ///
    /// # Errors
    /// [`ReadError`] with the field that is wrong and its place.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        let start = r.position();
        let mut certificate = r.element("Certificate", Tag::SEQUENCE, |r| {
            let (mut certificate, inside) = Self::read_signed(r, start)?;
            let start = r.position();
            SignatureAlgorithm::read(r, "signatureAlgorithm")?;
            // §4.1.1.2: the same identifier as inside, where it is signed.
            if r.slice(start..r.position()) != inside {
                let reason = format!("not {}, as in tbsCertificate", certificate.signature_algorithm);
                return Err(r.reject("signatureAlgorithm", start, reason));
            }
            certificate.signature =
                r.bit_string_of_bytes("signatureValue", |r| Ok(r.rest("contents").to_vec()))?;
            Ok(certificate)
        })?;
        certificate.der = r.slice(start..r.position()).to_vec();
        r.means(|| certificate.subject.to_string());
        Ok(certificate)
    }

    /// `TBSCertificate`: what is to be signed, and the bytes of its `signature`. Ranges count from
    /// `origin`, where the certificate begins.
    fn read_signed<'a>(r: &mut Reader<'a>, origin: usize) -> Result<(Self, &'a [u8]), ReadError> {
        let start = r.position();
        let (mut certificate, algorithm) = r.element("tbsCertificate", Tag::SEQUENCE, |r| {
            let version = r.optional("version", Tag::explicit(0), version)?.unwrap_or(Version::V1);
            let serial_number = r.typed("serialNumber", Tag::INTEGER)?;
            let start = r.position();
            let signature_algorithm = SignatureAlgorithm::read(r, "signature")?;
            let algorithm = r.slice(start..r.position());
            let issuer = Name::read(r, "issuer")?;
            let validity = r.element("validity", Tag::SEQUENCE, |r| {
                Ok(Validity { not_before: r.time("notBefore")?, not_after: r.time("notAfter")? })
            })?;
            let subject = Name::read(r, "subject")?;
            let start = r.position();
            let public_key = PublicKey::read(r)?;
            let spki = start - origin..r.position() - origin;
            if version >= Version::V2 {
                for (number, label) in [(1, "issuerUniqueID"), (2, "subjectUniqueID")] {
                    let tag = Tag::implicit(number);
                    if r.next_is(tag) {
                        r.bit_string(label, tag)?;
                    }
                }
            }
            // Absent in versions 1 and 2, where they would be left over.
            let extensions = match version {
                Version::V3 => r.optional("extensions", Tag::explicit(3), Extensions::read)?,
                Version::V1 | Version::V2 => None,
            };
            let certificate = Self {
                der: Vec::new(),
                signed: 0..0,
                spki,
                version,
                serial_number,
                signature_algorithm,
                issuer,
                validity,
                subject,
                public_key,
                extensions: extensions.unwrap_or_default(),
                signature: Vec::new(),
            };
            Ok((certificate, algorithm))
        })?;
        certificate.signed = start - origin..r.position() - origin;
        Ok((certificate, algorithm))
    }

    /// All of its bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The same as PEM.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::write(PEM_LABEL, &self.der)
    }

    /// The bytes that are signed: `tbsCertificate` whole.
    #[must_use]
    pub fn signed(&self) -> &[u8] {
        &self.der[self.signed.clone()]
    }

    /// The `SubjectPublicKeyInfo` whole: equal for two certificates exactly if their keys are.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.der[self.spki.clone()]
    }

    /// Which edition of X.509 it follows.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The number that its issuer gave it.
    #[must_use]
    pub fn serial_number(&self) -> &SerialNumber {
        &self.serial_number
    }

    /// Who says so.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// From when to when.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Of whom.
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.subject
    }

    /// Whether it speaks of its issuer, as a root does. Whether the signature is that key's own is
    /// another question.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// The key that it vouches for.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// What the key may be used for.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// How it is signed.
    #[must_use]
    pub fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.signature_algorithm
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

/// `Version ::= INTEGER { v1(0), v2(1), v3(2) }`; a v1 that is written out is DER's default, and BER.
fn version(r: &mut Reader) -> Result<Version, ReadError> {
    let start = r.position();
    match r.small("Version")? {
        1 => Ok(Version::V2),
        2 => Ok(Version::V3),
        other => Err(r.reject("Version", start, format!("{other}, expected 1 or 2"))),
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, by {})", self.subject, self.issuer)
    }
}

/// Why a file gives no certificates.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateFileError {
    /// It is not PEM.
    #[error(transparent)]
    Pem(#[from] pem::PemError),
    /// It is PEM, and something else.
    #[error("no -----BEGIN CERTIFICATE----- in it{}", crate::pki::certificate::instead(found))]
    None {
        /// The labels of the blocks that were there.
        found: Vec<String>,
    },
    /// One of its certificates is broken.
    #[error("the certificate on line {line}: {error}")]
    Certificate {
        /// Where the block begins.
        line: usize,
        /// What is wrong with it.
        error: ReadError,
    },
}

/// `; found RSA PRIVATE KEY`, for a message.
pub(in crate::pki) fn instead(found: &[String]) -> String {
    if found.is_empty() { String::new() } else { format!("; found {}", found.join(", ")) }
}
