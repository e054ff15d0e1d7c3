//! A certificate authority: who says, with a signature, that a key belongs to a name.

use rand::CryptoRng;

use crate::asymmetric::rsa::{Fault, RsaPrivateKey, RsaPublicKey};
use crate::hash::{Hash, HashAlgorithm, Sha256};
use crate::pki::der::{self, Tag};
use crate::pki::public_key::{self, SignatureAlgorithm};
use crate::pki::{
    BasicConstraints, Certificate, Extension, ExtensionValue, GeneralName, KeyUsage, Name, Oid, Validity,
};
use crate::wire::ReadError;

/// A certificate authority: a certificate that may sign others, and the key to do it.
///
/// ```
/// use cutaway::asymmetric::rsa::RsaPrivateKey;
/// use cutaway::pki::{Authority, GeneralName, Name, Request, Time, Validity};
///
/// let mut rng = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
/// let validity = Validity::days(Time::now(), 365);
/// let key = RsaPrivateKey::generate(&mut rng, 2048)?;
/// let authority = Authority::new(&mut rng, Name::of("my CA"), key, validity)?;
///
/// let key = RsaPrivateKey::generate(&mut rng, 2048)?;
/// let names = vec![GeneralName::DnsName("localhost".into())];
/// let request = Request::server(Name::of("localhost"), names, key.public(), validity);
/// let certificate = authority.issue(&mut rng, &request)?;
/// assert_eq!(certificate.issuer().to_string(), "CN=my CA");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Authority {
    certificate: Certificate,
    key: RsaPrivateKey,
}

/// What a certificate shall say. The authority adds who says so, a serial number, and the identifiers
/// of both keys.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Of whom.
    pub subject: Name,
    /// The key of whom.
    pub public_key: &'a RsaPublicKey,
    /// From when to when.
    pub validity: Validity,
    /// The names by which the subject is known; none leaves the extension out.
    pub names: Vec<GeneralName>,
    /// Whether the subject is an authority; `None` leaves the extension out.
    pub constraints: Option<BasicConstraints>,
    /// What the key may do; `None` leaves the extension out.
    pub key_usage: Option<KeyUsage>,
    /// What for; none leaves the extension out.
    pub purposes: Vec<Oid>,
    /// Whatever else it shall say.
    pub more: Vec<Extension>,
    /// The hash that is signed.
    pub hash: HashAlgorithm,
}

impl<'a> Request<'a> {
    /// A certificate for a server with these names.
    #[must_use]
    pub fn server(
        subject: Name,
        names: Vec<GeneralName>,
        public_key: &'a RsaPublicKey,
        validity: Validity,
    ) -> Self {
        Self {
            names,
            // RSA key transport encrypts a key to the server; newer handshakes have it sign.
            key_usage: Some(KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_ENCIPHERMENT),
            purposes: vec![Oid::SERVER_AUTH],
            constraints: Some(BasicConstraints::default()),
            ..Self::bare(subject, public_key, validity)
        }
    }

    /// A certificate for a client, who is known by the subject alone.
    #[must_use]
    pub fn client(subject: Name, public_key: &'a RsaPublicKey, validity: Validity) -> Self {
        Self {
            key_usage: Some(KeyUsage::DIGITAL_SIGNATURE),
            purposes: vec![Oid::CLIENT_AUTH],
            constraints: Some(BasicConstraints::default()),
            ..Self::bare(subject, public_key, validity)
        }
    }

    /// A certificate for another authority, below which `path_length` more may stand.
    #[must_use]
    pub fn authority(
        subject: Name,
        path_length: Option<u64>,
        public_key: &'a RsaPublicKey,
        validity: Validity,
    ) -> Self {
        Self {
            key_usage: Some(KeyUsage::KEY_CERT_SIGN | KeyUsage::CRL_SIGN),
            constraints: Some(BasicConstraints { authority: true, path_length }),
            ..Self::bare(subject, public_key, validity)
        }
    }

    /// A certificate that says whose the key is and nothing else.
    #[must_use]
    pub fn bare(subject: Name, public_key: &'a RsaPublicKey, validity: Validity) -> Self {
        Self {
            subject,
            public_key,
            validity,
            names: Vec::new(),
            constraints: None,
            key_usage: None,
            purposes: Vec::new(),
            more: Vec::new(),
            hash: HashAlgorithm::Sha256,
        }
    }

    /// In the order in which most authorities write them. Critical is what RFC 5280 §4.2.1 says must or
    /// should be.
    fn extensions(&self) -> Vec<Extension> {
        let constraints =
            self.constraints.map(|value| Extension::new(true, ExtensionValue::BasicConstraints(value)));
        let usage = self.key_usage.map(|value| Extension::new(true, ExtensionValue::KeyUsage(value)));
        let purposes = (!self.purposes.is_empty())
            .then(|| Extension::new(false, ExtensionValue::ExtendedKeyUsage(self.purposes.clone())));
        let identifier = ExtensionValue::SubjectKeyIdentifier(key_identifier(self.public_key).to_vec());
        // §4.2.1.6: critical where the subject is empty, for then nothing else says who it is.
        let names = (!self.names.is_empty()).then(|| {
            Extension::new(self.subject.is_empty(), ExtensionValue::SubjectAltName(self.names.clone()))
        });
        let mut all: Vec<_> = constraints.into_iter().chain(usage).chain(purposes).collect();
        all.push(Extension::new(false, identifier));
        all.extend(names);
        all.extend(self.more.iter().cloned());
        all
    }
}

impl Authority {
    /// A root: it signs for itself.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn new(
        rng: &mut (impl CryptoRng + ?Sized),
        subject: Name,
        key: RsaPrivateKey,
        validity: Validity,
    ) -> Result<Self, IssueError> {
        let certificate = self_signed(rng, &key, &Request::authority(subject, None, key.public(), validity))?;
        Ok(Self { certificate, key })
    }

    /// The holder of a certificate and its key; `None` if they do not belong together.
    #[must_use]
    pub fn of(certificate: Certificate, key: RsaPrivateKey) -> Option<Self> {
        (certificate.public_key().rsa() == Some(key.public())).then_some(Self { certificate, key })
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Signs a certificate. What it says is the requester's word: to check it is what an authority is
    /// for, and this one trusts its caller.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn issue(
        &self,
        rng: &mut (impl CryptoRng + ?Sized),
        request: &Request<'_>,
    ) -> Result<Certificate, IssueError> {
        sign(rng, self.certificate.subject(), &self.key, request)
    }
}

/// A certificate signed with the very key that it speaks of, whatever it says.
///
/// # Errors
/// [`IssueError`].
pub fn self_signed(
    rng: &mut (impl CryptoRng + ?Sized),
    key: &RsaPrivateKey,
    request: &Request<'_>,
) -> Result<Certificate, IssueError> {
    sign(rng, &request.subject, key, request)
}

fn sign(
    rng: &mut (impl CryptoRng + ?Sized),
    issuer: &Name,
    key: &RsaPrivateKey,
    request: &Request<'_>,
) -> Result<Certificate, IssueError> {
    let algorithm = SignatureAlgorithm::RsaPkcs1(request.hash);
    let mut w = der::Writer::new();
    w.element(Tag::SEQUENCE, |w| {
        w.element(Tag::explicit(0), |w| w.small(2));
        w.unsigned(&serial_number(rng));
        algorithm.write(w);
        w.raw(issuer.der());
        w.element(Tag::SEQUENCE, |w| {
            w.time(request.validity.not_before);
            w.time(request.validity.not_after);
        });
        w.raw(request.subject.der());
        public_key::write_subject_public_key_info(w, request.public_key);
        w.element(Tag::explicit(3), |w| {
            w.element(Tag::SEQUENCE, |w| {
                request.extensions().iter().for_each(|extension| extension.write(w));
                let identifier = Some(key_identifier(key.public()).to_vec());
                Extension::new(false, ExtensionValue::AuthorityKeyIdentifier(identifier)).write(w);
            });
        });
    });
    let signed = w.finish();
    let signature = key.sign(rng, request.hash, &signed)?;

    let mut w = der::Writer::new();
    w.element(Tag::SEQUENCE, |w| {
        w.raw(&signed);
        algorithm.write(w);
        w.bit_string(|w| w.raw(&signature));
    });
    Certificate::from_der(&w.finish()).map_err(IssueError::Request)
}

/// Why no certificate was issued.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// The machine erred while it signed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// What was asked for is no certificate: a name with characters that its kind does not have, or an
    /// extension that would stand twice.
    #[error("what was asked for is no certificate: {0}")]
    Request(ReadError),
}

/// Sixteen random bytes, positive, and never shorter: nobody can guess it, and no two are the same.
fn serial_number(rng: &mut (impl CryptoRng + ?Sized)) -> [u8; 16] {
    let mut serial = [0; 16];
    rng.fill_bytes(&mut serial);
    serial[0] = serial[0] & 0x7f | 0x40;
    serial
}

/// RFC 7093 §2, method 1: the first 160 bits of the SHA-256 of what is in `subjectPublicKey`. (RFC 5280's
/// own method takes SHA-1; any short name will do that others can compare.)
fn key_identifier(key: &RsaPublicKey) -> [u8; 20] {
    let mut w = der::Writer::new();
    public_key::write_rsa_public_key(&mut w, key);
    let digest = Sha256::digest(&w.finish());
    digest.as_slice()[..20].try_into().expect("SHA-256 has 32 bytes")
}
