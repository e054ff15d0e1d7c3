//! What a client or a server is set up with, for many connections.

use std::sync::Arc;

use crate::asymmetric::rsa::RsaPrivateKey;
use crate::pki::certificate::Certificate;
use crate::pki::trust_store::TrustStore;
use crate::tls::key_log::KeyLog;
use crate::tls::suite::CipherSuite;

/// How a client connects.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Whom it trusts to vouch for servers.
    pub trust_store: TrustStore,
    /// The suites that it offers, the preferred first; those not implemented are left out. With one of
    /// CBC among them it offers encrypt_then_mac, and does not speak CBC without.
    pub suites: Vec<CipherSuite>,
    /// Who is told the secrets.
    pub key_log: Option<Arc<dyn KeyLog>>,
}

impl ClientConfig {
    /// A client that trusts `trust_store`, offers the default suites, and tells nobody its secrets.
    #[must_use]
    pub fn new(trust_store: TrustStore) -> Self {
        Self { trust_store, suites: CipherSuite::DEFAULT.to_vec(), key_log: None }
    }
}

/// How a server answers.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    certificates: Vec<Certificate>,
    key: Arc<RsaPrivateKey>,
    /// The suites that it accepts, the preferred first; those not implemented are left out, and those of
    /// CBC whenever the client does not offer encrypt_then_mac.
    pub suites: Vec<CipherSuite>,
    /// Who is told the secrets.
    pub key_log: Option<Arc<dyn KeyLog>>,
}

/// Why a server cannot be set up so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no certificate to show.
    #[error("a server needs a certificate to show")]
    NoCertificate,
    /// The key is not that of the first certificate.
    #[error("the private key does not belong to the certificate: their moduli differ")]
    KeyMismatch,
}

impl ServerConfig {
    /// A server that shows `certificates`, its own first, and holds the key of that one.
    ///
    /// # Errors
    /// If there is no certificate, or the key belongs to another.
    pub fn new(certificates: Vec<Certificate>, key: Arc<RsaPrivateKey>) -> Result<Self, ConfigError> {
        let first = certificates.first().ok_or(ConfigError::NoCertificate)?;
        if first.public_key().rsa() != Some(key.public()) {
            return Err(ConfigError::KeyMismatch);
        }
        Ok(Self { certificates, key, suites: CipherSuite::DEFAULT.to_vec(), key_log: None })
    }

    /// The certificates, the server's own first.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The key of the first certificate.
    #[must_use]
    pub fn key(&self) -> &RsaPrivateKey {
        &self.key
    }
}
