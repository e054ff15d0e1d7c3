//! The peers' verdicts.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use cutaway::asymmetric::rsa::RsaPublicKey;
use cutaway::hash::HashAlgorithm;
use cutaway::pki::der::Tag;
use cutaway::pki::pem;
use cutaway::wire::Reader;
use cutaway_tests::peer;
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, ServerName, SignatureVerificationAlgorithm,
    UnixTime, alg_id,
};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::build::time;
use crate::row::{Chain, Row};

/// `openssl verify`, told to trust what the store has and nothing else, roots or not.
pub fn openssl(program: &Path, row: &Row) -> Result<(), String> {
    let Chain { sent, trusted, asked, at } = &row.chain;
    let directory = peer::directory();
    let file = |name: &str, ders: &[Vec<u8>]| {
        let text: String = ders.iter().map(|der| pem::write("CERTIFICATE", der)).collect();
        peer::file(&directory, name, text)
    };
    let mut command = peer::command(program);
    command.args(["verify", "-no-CApath", "-no-CAstore", "-partial_chain", "-purpose", "sslserver"]);
    command.args(["-attime", &time(at).unix().to_string()]);
    command.args([
        if asked.parse::<std::net::IpAddr>().is_ok() { "-verify_ip" } else { "-verify_hostname" },
        asked,
    ]);
    match &trusted[..] {
        [] => command.arg("-no-CAfile"),
        trusted => command.arg("-CAfile").arg(file("trusted.pem", trusted)),
    };
    if sent.len() > 1 {
        command.arg("-untrusted").arg(file("others.pem", &sent[1..]));
    }
    let answer = peer::run(command.arg(file("leaf.pem", &sent[..1])), b"");
    if answer.success() { Ok(()) } else { Err(answer.error_text()) }
}

/// rustls-webpki. It verifies no signature itself: it is lent ours, for here its paths are asked.
pub fn webpki(row: &Row) -> Result<(), String> {
    let Chain { sent, trusted, asked, at } = &row.chain;
    let why = |error: &dyn std::fmt::Debug| {
        let mut text = String::new();
        let _ = write!(text, "{error:?}");
        text
    };
    let ders = |ders: &[Vec<u8>]| -> Vec<CertificateDer<'static>> {
        ders.iter().cloned().map(CertificateDer::from).collect()
    };
    let (sent, trusted) = (ders(sent), ders(trusted));
    let anchors = trusted.iter().map(anchor_from_trusted_cert).collect::<Result<Vec<_>, _>>();
    let anchors = anchors.map_err(|error| why(&error))?;
    let leaf = EndEntityCert::try_from(&sent[0]).map_err(|error| why(&error))?;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(time(at).unix()).unwrap()));
    let algorithms: [&dyn SignatureVerificationAlgorithm; 3] = [
        &Ours(HashAlgorithm::Sha256, alg_id::RSA_PKCS1_SHA256),
        &Ours(HashAlgorithm::Sha384, alg_id::RSA_PKCS1_SHA384),
        &Ours(HashAlgorithm::Sha512, alg_id::RSA_PKCS1_SHA512),
    ];
    let usage = KeyUsage::server_auth();
    leaf.verify_for_usage(&algorithms, &anchors, &sent[1..], at, usage, None, None)
        .map_err(|error| why(&error))?;
    let name = ServerName::try_from(*asked).unwrap();
    leaf.verify_is_valid_for_subject_name(&name).map_err(|error| why(&error))
}

#[derive(Debug)]
struct Ours(HashAlgorithm, AlgorithmIdentifier);

impl SignatureVerificationAlgorithm for Ours {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let numbers = Reader::new(key).whole(|r| {
            r.element("RSAPublicKey", Tag::SEQUENCE, |r| {
                Ok((r.unsigned("modulus")?, r.unsigned("publicExponent")?))
            })
        });
        let (modulus, exponent) = numbers.map_err(|_| InvalidSignature)?;
        let key = RsaPublicKey::new(modulus, exponent).map_err(|_| InvalidSignature)?;
        key.verify(self.0, message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.1
    }
}
