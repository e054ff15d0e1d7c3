//! Who is who in these tests: an authority of ours, and servers with keys of three sizes. Keys are made
//! once a run.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, OnceLock};

use cutaway::asymmetric::rsa::RsaPrivateKey;
use cutaway::pki::trust_store::TrustStore;
use cutaway::pki::{Authority, Certificate, GeneralName, Name, PrivateKey, Request, Time, Validity};
use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::CipherSuite;
use cutaway_tests::peer::{self, PATIENCE, TempDir};
use rand::Rng;

/// The authority whom all peers trust.
pub static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let rng = &mut Generator::new(20, 0);
    let key = RsaPrivateKey::generate(rng, 2048).expect("a size that is generated");
    Authority::new(rng, Name::of("Cutaway test authority"), key, year()).expect("a key that fits")
});

/// Suites by OpenSSL's names.
pub const SUITES: [(&str, CipherSuite); 4] = [
    ("AES256-GCM-SHA384", CipherSuite::RSA_AES_256_GCM_SHA384),
    ("AES128-GCM-SHA256", CipherSuite::RSA_AES_128_GCM_SHA256),
    ("AES256-SHA256", CipherSuite::RSA_AES_256_CBC_SHA256),
    ("AES128-SHA256", CipherSuite::RSA_AES_128_CBC_SHA256),
];

/// Sizes of keys that are tried.
pub const SIZES: [usize; 3] = [2048, 3072, 4096];

/// A trial with OpenSSL for each suite and each size of a key; for CBC with one size, which has nothing to
/// do with how records are sealed.
pub fn each(
    end: &'static str,
    test: fn(&Path, &str, CipherSuite, usize),
) -> impl Iterator<Item = libtest_mimic::Trial> {
    let all = SUITES.into_iter().flat_map(|suite| SIZES.map(|bits| (suite, bits)));
    let wanted = all.filter(|((_, suite), bits)| *bits == SIZES[0] || !suite.needs_encrypt_then_mac());
    wanted.map(move |((name, suite), bits)| {
        let title = format!("{end}_{name}_rsa_{bits}");
        peer::trial("openssl", title, move |openssl: &Path| test(openssl, name, suite, bits))
    })
}

pub fn year() -> Validity {
    Validity::days(Time::now().plus_days(-1), 365)
}

pub fn trust_store() -> TrustStore {
    let mut trust_store = TrustStore::new();
    trust_store.add(AUTHORITY.certificate().clone());
    trust_store
}

/// The key of a server. Ours for 2048 bits, and OpenSSL's, which makes long ones faster, above.
pub fn key(bits: usize) -> Arc<RsaPrivateKey> {
    static KEYS: [OnceLock<Arc<RsaPrivateKey>>; 3] = [const { OnceLock::new() }; 3];
    let place = SIZES.iter().position(|size| *size == bits).expect("a size that is tried");
    let make = || match bits {
        2048 => RsaPrivateKey::generate(&mut Generator::new(21, 0), 2048).expect("a size that is generated"),
        _ => {
            let answer = peer::run(peer::command("openssl").args(["genrsa", &bits.to_string()]), b"");
            let key =
                PrivateKey::from_pem(&answer.output).unwrap_or_else(|error| panic!("{error}: {answer}"));
            key.rsa().expect("an RSA key").clone()
        }
    };
    Arc::clone(KEYS[place].get_or_init(|| Arc::new(make())))
}

/// A certificate of `localhost` with a key of this size.
pub fn certificate(bits: usize) -> Certificate {
    certificate_for("localhost", bits, year())
}

pub fn certificate_for(name: &str, bits: usize, validity: Validity) -> Certificate {
    let names = vec![GeneralName::DnsName(name.into()), GeneralName::IpAddress([127, 0, 0, 1].into())];
    let key = key(bits);
    let request = Request::server(Name::of(name), names, key.public(), validity);
    AUTHORITY.issue(&mut Generator::new(22, bits as u64), &request).expect("a key that fits")
}

/// The files that a peer needs, for as long as the test runs.
pub struct Files(TempDir);

impl Files {
    pub fn new() -> Self {
        Self(peer::directory())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        peer::file(&self.0, name, contents)
    }

    /// The authority's certificate.
    pub fn authority(&self) -> PathBuf {
        self.write("authority.pem", AUTHORITY.certificate().to_pem())
    }

    pub fn key(&self, bits: usize) -> PathBuf {
        self.write("server.key", PrivateKey::Rsa((*key(bits)).clone()).to_pkcs8_pem().reveal())
    }
}

/// A connection that does not wait longer than a test may.
pub fn patient(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
    stream.set_write_timeout(Some(PATIENCE)).expect("a time that is not zero");
    stream.set_nodelay(true).expect("a socket that is open");
    stream
}

/// `count` bytes that look like nothing, the same for the same count.
pub fn noise(count: usize) -> Vec<u8> {
    let mut noise = vec![0; count];
    Generator::new(23, count as u64).fill_bytes(&mut noise);
    noise
}

/// 64 MiB: a mebibyte of noise again and again, each time under its number.
pub fn much() -> Vec<u8> {
    let mut much = noise(1 << 20).repeat(64);
    for (n, mebibyte) in (0_u64..).zip(much.chunks_exact_mut(1 << 20)) {
        mebibyte[..8].copy_from_slice(&n.to_le_bytes());
    }
    much
}

/// The arguments of a command, with paths among them.
pub fn arguments(words: &str, paths: &[(&str, &Path)]) -> Vec<String> {
    let mut arguments: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    for (option, path) in paths {
        arguments.extend([(*option).to_owned(), path.display().to_string()]);
    }
    arguments
}
