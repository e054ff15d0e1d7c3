//! Whom one believes beforehand: certificates that came by a safe way, not by the wire.

use crate::pki::certificate::CertificateFileError;
use crate::pki::{Certificate, Name};

/// A set of certificates that are believed as they are (RFC 5280 §6.1.1, *trust anchors*). Mostly they
/// are roots; a server's own certificate may stand here too.
///
/// ```
/// use cutaway::pki::TrustStore;
/// let store = TrustStore::from_pem(include_bytes!("../../tests/fixtures/pki/root.pem"))?;
/// assert_eq!(store.certificates()[0].subject().common_name(), Some("fixture root"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TrustStore(Vec<Certificate>);

impl TrustStore {
    /// Trusts nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts every certificate of a PEM file.
    ///
    /// # Errors
    /// [`CertificateFileError`].
    pub fn from_pem(text: &[u8]) -> Result<Self, CertificateFileError> {
        Certificate::from_pem(text).map(Self::from_iter)
    }

    /// Trusts one more. One that is here already makes no difference.
    pub fn add(&mut self, certificate: Certificate) {
        if !self.contains(&certificate) {
            self.0.push(certificate);
        }
    }

    /// Whether this very certificate is trusted.
    #[must_use]
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.0.contains(certificate)
    }

    /// Those that speak of `subject`.
    pub fn named<'a>(&'a self, subject: &'a Name) -> impl Iterator<Item = &'a Certificate> {
        self.0.iter().filter(move |certificate| certificate.subject() == subject)
    }

    /// All of them.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.0
    }

    /// Whether nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Certificate> for TrustStore {
    fn from_iter<I: IntoIterator<Item = Certificate>>(certificates: I) -> Self {
        let mut store = Self::new();
        certificates.into_iter().for_each(|certificate| store.add(certificate));
        store
    }
}
