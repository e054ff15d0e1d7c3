//! Who our server is: its certificates, its key, and who vouches for it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;

use rand::CryptoRng;

use crate::asymmetric::rsa::RsaPrivateKey;
use crate::pki::authority::{Authority, Request};
use crate::pki::certificate::{Certificate, Validity};
use crate::pki::general_name::GeneralName;
use crate::pki::key::PrivateKey;
use crate::pki::name::Name;
use crate::pki::oid::Oid;
use crate::pki::time::Time;
use crate::secret::SecretVec;
use crate::story::tls_handshake::{Failure, FailureKind, Settings, Stream as Role, files};
use crate::tls::ServerConfig;

/// Bits of the keys that are made for a run.
const KEY_BITS: usize = 2048;

/// The addresses by which a machine calls itself.
pub(super) const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// What the server's certificate shall say, and who shall sign it.
#[derive(Debug)]
pub(super) struct Papers {
    /// The time of the run.
    pub(super) now: Time,
    pub(super) names: Vec<GeneralName>,
    pub(super) validity: Validity,
    pub(super) purposes: Vec<Oid>,
    pub(super) signer: Signer,
}

/// Who signs the server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    /// The CA that the client trusts.
    Authority,
    /// A CA that nobody knows.
    Stranger,
    /// One who has a certificate of that CA, as any server has.
    Subscriber,
}

impl Signer {
    /// The one who signs, and the certificate that leads from it to the CA, if one does.
    fn of(self, settings: &Settings, authority: &Authority) -> (Authority, Option<Certificate>) {
        let mut rng = settings.randomness.generator(Role::Mallory);
        let validity = authority.certificate().validity();
        match self {
            Self::Authority => (authority.clone(), None),
            Self::Stranger => {
                let (name, key) = (Name::of("CA of Mallory"), generate(&mut rng));
                (Authority::new(&mut rng, name, key, validity).expect("a sound key signs"), None)
            }
            Self::Subscriber => {
                let key = generate(&mut rng);
                let names = vec![GeneralName::DnsName("mallory.example".into())];
                let request = Request::server(Name::of("mallory.example"), names, key.public(), validity);
                let own = authority.issue(&mut rng, &request).expect("a sound key signs");
                (Authority::of(own.clone(), key).expect("it is its key"), Some(own))
            }
        }
    }
}

/// A key for a run.
pub(super) fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> RsaPrivateKey {
    RsaPrivateKey::generate(rng, KEY_BITS).expect("a size that RSA keys have here")
}

/// A server's certificate and key, and who vouches for it.
#[derive(Clone, Debug)]
pub struct Identity {
    pub(super) certificates: Vec<Certificate>,
    pub(super) key: Arc<RsaPrivateKey>,
    pub(super) authority: Option<Certificate>,
}

impl Identity {
    /// A throw-away CA, and a certificate of it for localhost and these addresses. All keys have 2048
    /// bits, and none is ever written to a file.
    #[must_use]
    pub fn make(settings: &Settings, addresses: &[IpAddr]) -> Self {
        Self::issued(settings, addresses, |_| {})
    }

    /// [`Self::make`] with a certificate of which `change` decides what it says, and who signs it.
    pub(super) fn issued(
        settings: &Settings,
        addresses: &[IpAddr],
        change: impl FnOnce(&mut Papers),
    ) -> Self {
        // An hour back, for clocks differ; a year is what kubeadm gives its leaves too.
        let not_before = Time::from_unix(settings.now.unix() - 3600);
        let validity = Validity { not_before, not_after: settings.now.plus_days(365) };
        let mut rng = settings.randomness.generator(Role::Authority);
        let (name, key) = (Name::of("cutaway throw-away CA"), generate(&mut rng));
        let authority = Authority::new(&mut rng, name, key, validity).expect("a sound key signs");

        let mut rng = settings.randomness.generator(Role::ServerKey);
        let key = generate(&mut rng);
        let addresses = addresses.iter().copied().map(GeneralName::IpAddress);
        let names = std::iter::once(GeneralName::DnsName("localhost".into())).chain(addresses).collect();
        let purposes = vec![Oid::SERVER_AUTH];
        let mut papers = Papers { now: settings.now, names, validity, purposes, signer: Signer::Authority };
        change(&mut papers);
        let Papers { names, validity, purposes, signer, .. } = papers;
        let request = Request::server(Name::of("localhost"), names, key.public(), validity);
        let request = Request { purposes, ..request };
        let (signer, between) = signer.of(settings, &authority);
        let leaf = signer.issue(&mut rng, &request).expect("a sound key signs");
        let authority = authority.certificate().clone();
        let certificates = std::iter::once(leaf).chain(between).collect();
        Self { certificates, key: Arc::new(key), authority: Some(authority) }
    }

    /// [`Self::make`] for a server that will listen at `address`: besides localhost for that address.
    #[must_use]
    pub fn for_listener(settings: &Settings, address: &str) -> Self {
        let own = address.to_socket_addrs().into_iter().flatten().map(|address| address.ip());
        let own = own.filter(|address| !address.is_loopback() && !address.is_unspecified());
        Self::make(settings, &LOOPBACK.into_iter().chain(own).collect::<Vec<_>>())
    }

    /// These certificates, the server's own first, and its key.
    ///
    /// # Errors
    /// If they do not belong together, or are not for RSA.
    pub fn new(certificates: Vec<Certificate>, key: PrivateKey) -> Result<Self, Failure> {
        let PrivateKey::Rsa(key) = key;
        if let Some(other) = certificates.first().map(Certificate::public_key)
            && other.rsa().is_none()
        {
            let message = format!("the certificate's key is no RSA key that can be used here: {other}");
            return Err(Failure::new(FailureKind::Malformed, message));
        }
        let key = Arc::new(key);
        ServerConfig::new(certificates.clone(), Arc::clone(&key))
            .map_err(|error| Failure::new(FailureKind::Refused, error.to_string()))?;
        Ok(Self { certificates, key, authority: None })
    }

    /// The certificates in one PEM file, the server's own first, and its key in another.
    ///
    /// # Errors
    /// If a file is not there or has none, and those of [`Self::new`].
    pub fn from_files(certificates: &Path, key: &Path) -> Result<Self, Failure> {
        Self::new(files::certificates(certificates)?, files::private_key(key)?)
    }

    /// The certificate of the CA that was made for it.
    #[must_use]
    pub fn authority(&self) -> Option<&Certificate> {
        self.authority.as_ref()
    }

    pub(super) fn config(&self, settings: &Settings) -> ServerConfig {
        let config = ServerConfig::new(self.certificates.clone(), Arc::clone(&self.key));
        let mut config = config.expect("the key was made for the certificate, or checked");
        config.suites = settings.suites();
        config
    }

    pub(super) fn pkcs1(&self) -> SecretVec {
        PrivateKey::Rsa(RsaPrivateKey::clone(&self.key)).to_pkcs1_der()
    }
}
