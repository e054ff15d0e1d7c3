//! The certificates of `fixtures/pki`, which `make.sh` there made with OpenSSL.

use cutaway::pki::Certificate;

/// A file of `fixtures/pki`.
pub(crate) fn text(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/pki/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The certificate of a file of `fixtures/pki`.
pub(crate) fn certificate(name: &str) -> Certificate {
    Certificate::from_pem(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}")).remove(0)
}

/// All certificates there.
pub(crate) const CERTIFICATES: [&str; 16] = [
    "root",
    "intermediate",
    "leaf",
    "sha512",
    "sha1",
    "expired",
    "future",
    "strange",
    "constrained",
    "under_constrained",
    "ec",
    "ec_root",
    "under_ec",
    "short",
    "self_signed",
    "v1",
];
