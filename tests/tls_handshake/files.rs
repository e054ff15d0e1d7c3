//! Certificates and keys for servers of the tests: right ones, and each with one thing wrong.

use std::path::PathBuf;
use std::sync::LazyLock;

use cutaway::asymmetric::rsa::RsaPrivateKey;
use cutaway::pki::name_constraints::Subtree;
use cutaway::pki::{
    Authority, Certificate, Extension, ExtensionValue, GeneralName, Name, NameConstraints, PrivateKey,
    Request, Time, Validity,
};
use cutaway::symmetric::chacha20::Generator;
use cutaway_tests::peer::{self, TempDir};

/// What the CA of the tests is called.
pub(crate) const CA_NAME: &str = "CA of the tests";

/// The server's key, as OpenSSL wrote it.
pub(crate) const KEY_PKCS8: &str = include_str!("../fixtures/pki/key_2048.pkcs8.pem");
pub(crate) const KEY_PKCS1: &str = include_str!("../fixtures/pki/key_2048.pkcs1.pem");

struct Made {
    authority: Certificate,
    /// Another authority, under another name.
    stranger: Certificate,
    /// Another authority, under the same name.
    namesake: Certificate,
    server: Certificate,
    expired: Certificate,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let rng = &mut Generator::new(4, 0);
    let now = Time::now();
    let (year, past) = (Validity::days(now.plus_days(-1), 365), Validity::days(now.plus_days(-30), 20));
    let mut authority = |name: &str, key: RsaPrivateKey| {
        Authority::new(&mut *rng, Name::of(name), key, year).expect("a sound key signs")
    };
    let other = || rsa(KEY_PKCS8);
    let stranger = authority("somebody else", other());
    let namesake = authority(CA_NAME, other());
    let authority = authority(CA_NAME, rsa(include_str!("../fixtures/pki/key_3072.pkcs8.pem")));
    let key = rsa(KEY_PKCS8);
    let mut issue = |validity| {
        let names = vec![GeneralName::DnsName("localhost".into())];
        let request = Request::server(Name::of("localhost"), names, key.public(), validity);
        authority.issue(&mut *rng, &request).expect("a sound key signs")
    };
    Made {
        server: issue(year),
        expired: issue(past),
        stranger: stranger.certificate().clone(),
        namesake: namesake.certificate().clone(),
        authority: authority.certificate().clone(),
    }
});

fn rsa(pem: &str) -> RsaPrivateKey {
    PrivateKey::from_pem(pem.as_bytes()).expect("a key of the fixtures").rsa().expect("of RSA").clone()
}

/// The server's certificate in DER.
pub(crate) fn server_der() -> Vec<u8> {
    MADE.server.der().to_vec()
}

/// The private numbers of the server's key: none of them may ever be printed.
pub(crate) fn private_numbers() -> Vec<Vec<u8>> {
    let key = rsa(KEY_PKCS8);
    let numbers = key.components();
    [&numbers.d, &numbers.p, &numbers.q, &numbers.dp, &numbers.dq, &numbers.qinv]
        .map(|number| number.reveal().to_vec())
        .to_vec()
}

/// A folder with these files; it goes with its handle.
pub(crate) struct Files {
    folder: TempDir,
    pub(crate) authority: PathBuf,
    pub(crate) stranger: PathBuf,
    pub(crate) namesake: PathBuf,
    pub(crate) server: PathBuf,
    pub(crate) expired: PathBuf,
    pub(crate) key: PathBuf,
}

impl Files {
    pub(crate) fn new() -> Self {
        let folder = peer::directory();
        let write = |name: &str, certificate: &Certificate| peer::file(&folder, name, certificate.to_pem());
        Self {
            authority: write("ca.pem", &MADE.authority),
            stranger: write("stranger.pem", &MADE.stranger),
            namesake: write("namesake.pem", &MADE.namesake),
            server: write("server.pem", &MADE.server),
            expired: write("expired.pem", &MADE.expired),
            key: peer::file(&folder, "server.key", KEY_PKCS8),
            folder,
        }
    }

    /// Another whom to trust, and the CA's certificate from two others behind the server's: from that one,
    /// which vouches for example.com alone, and from one whom nobody knows.
    pub(crate) fn cross_signed(&self) -> (PathBuf, PathBuf) {
        let rng = &mut Generator::new(5, 0);
        let year = Validity::days(Time::now().plus_days(-1), 365);
        let ca = MADE.authority.public_key().rsa().expect("of RSA");
        let mut cross = |name: &str, constrained: bool| {
            let other = Authority::new(&mut *rng, Name::of(name), rsa(KEY_PKCS8), year).expect("it signs");
            let mut request = Request::authority(Name::of(CA_NAME), None, ca, year);
            if constrained {
                let (permitted, excluded) = (vec![Subtree::dns("example.com")], Vec::new());
                let constraints = ExtensionValue::NameConstraints(NameConstraints { permitted, excluded });
                request.more.push(Extension::new(true, constraints));
            }
            let certificate = other.issue(&mut *rng, &request).expect("it signs");
            (other.certificate().to_pem(), certificate.to_pem())
        };
        let ((trusted, by_trusted), (_, by_unknown)) = (cross("other", true), cross("unknown", false));
        let chain = [MADE.server.to_pem(), by_unknown, by_trusted].concat();
        (self.file("other.pem", trusted), self.file("chain.pem", chain))
    }

    /// One more file.
    pub(crate) fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        peer::file(&self.folder, name, contents)
    }

    /// A name for a file that is not there.
    pub(crate) fn missing(&self) -> PathBuf {
        self.folder.path().join("missing.pem")
    }
}
