//! OpenSSL judges our certificates and keys, and we its.

use std::path::Path;

use cutaway::asymmetric::rsa::RsaPrivateKey;
use cutaway::hash::HashAlgorithm;
use cutaway::pki::{
    Authority, Certificate, GeneralName, Name, Oid, PrivateKey, Request, Time, TrustStore, Usage, Validity,
    validate,
};
use cutaway::symmetric::chacha20::Generator;
use cutaway::wire::Reader;
use cutaway_tests::peer;
use libtest_mimic::{Arguments, Completion, Failed, Trial};

fn main() {
    let mut trials = vec![
        peer::trial("openssl", "openssl_believes_our_chain_under_x509_strict", believes_our_chain),
        peer::trial("openssl", "openssl_prints_what_we_wrote", prints_what_we_wrote),
        peer::trial("openssl", "openssl_believes_whom_we_believe", believes_whom_we_believe),
    ];
    trials.push(Trial::ignorable_test("every_root_of_the_system_is_read", reads_the_systems_store));
    for (seed, bits) in [(1, 2048), (2, 3072), (3, 4096)] {
        let test = move |openssl: &Path| takes_our_keys(openssl, seed, bits);
        trials.push(peer::trial("openssl", format!("keys_of_{bits}_bits_go_through_openssl_and_back"), test));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Runs `openssl` with these arguments, which must succeed, and returns what it printed.
fn openssl(program: &Path, arguments: &str, input: &[u8]) -> String {
    let answer = peer::run(peer::command(program).args(arguments.split(' ')), input);
    assert!(answer.success(), "openssl {arguments}: {answer}");
    answer.text()
}

fn key(seed: u64) -> RsaPrivateKey {
    RsaPrivateKey::generate(&mut Generator::new(seed, 0), 2048).unwrap()
}

fn year() -> Validity {
    Validity::days(Time::now().plus_days(-1), 365)
}

/// Root, intermediate, server and client, each signed with another hash.
fn believes_our_chain(program: &Path) {
    let rng = &mut Generator::new(9, 0);
    let directory = peer::directory();
    let root = Authority::new(
        rng,
        Name::new(&[(Oid::ORGANIZATION_NAME, "Träger"), (Oid::COMMON_NAME, "root")]),
        key(1),
        year(),
    );
    let root = root.unwrap();
    let below = key(2);
    let mut request = Request::authority(Name::of("below"), Some(0), below.public(), year());
    request.hash = HashAlgorithm::Sha384;
    let below = Authority::of(root.issue(rng, &request).unwrap(), below).unwrap();
    let leaf = key(3);
    let names = vec![
        GeneralName::DnsName("localhost".into()),
        GeneralName::DnsName("*.example.com".into()),
        GeneralName::IpAddress([127, 0, 0, 1].into()),
        GeneralName::IpAddress("::1".parse().unwrap()),
    ];
    let mut server = Request::server(Name::of("localhost"), names, leaf.public(), year());
    server.hash = HashAlgorithm::Sha512;
    let client = Request::client(Name::of("somebody"), leaf.public(), year());

    let file = |name, text: String| peer::file(&directory, name, text).display().to_string();
    let root_file = file("root.pem", root.certificate().to_pem());
    let below_file = file("below.pem", below.certificate().to_pem());
    for (name, request, more) in [
        ("server", &server, "-purpose sslserver -verify_hostname api.example.com -verify_ip ::1"),
        ("client", &client, "-purpose sslclient"),
    ] {
        let leaf = file(name, below.issue(rng, request).unwrap().to_pem());
        let command = format!(
            "verify -x509_strict -check_ss_sig -CAfile {root_file} -untrusted {below_file} {more} {leaf}"
        );
        assert!(openssl(program, &command, b"").contains(": OK"));
    }
    // Without a name in the subject the names are critical.
    let mut nameless = server.clone();
    nameless.subject = Name::new(&[]);
    let leaf = file("nameless", root.issue(rng, &nameless).unwrap().to_pem());
    openssl(
        program,
        &format!("verify -x509_strict -CAfile {root_file} -verify_hostname localhost {leaf}"),
        b"",
    );
}

fn prints_what_we_wrote(program: &Path) {
    let rng = &mut Generator::new(8, 0);
    let root = Authority::new(rng, Name::of("root"), key(4), year()).unwrap();
    let leaf = key(5);
    let names = vec![GeneralName::DnsName("localhost".into()), GeneralName::IpAddress([127, 0, 0, 1].into())];
    let validity = Validity {
        not_before: "2049-12-31T23:59:59Z".parse().unwrap(),
        not_after: "2050-01-01T00:00:00Z".parse().unwrap(),
    };
    let certificate =
        root.issue(rng, &Request::server(Name::of("a+b, c"), names, leaf.public(), validity)).unwrap();
    let text =
        openssl(program, "x509 -noout -text -serial -nameopt RFC2253", certificate.to_pem().as_bytes());
    for line in [
        "Version: 3 (0x2)".to_owned(),
        "Signature Algorithm: sha256WithRSAEncryption".to_owned(),
        format!("serial={}", certificate.serial_number().to_string().replace(':', "").to_uppercase()),
        "Issuer: CN=root".to_owned(),
        format!("Subject: {}", certificate.subject()),
        "Not Before: Dec 31 23:59:59 2049 GMT".to_owned(),
        "Not After : Jan  1 00:00:00 2050 GMT".to_owned(),
        "Public-Key: (2048 bit)".to_owned(),
        "X509v3 Basic Constraints: critical\n                CA:FALSE".to_owned(),
        "X509v3 Key Usage: critical\n                Digital Signature, Key Encipherment".to_owned(),
        "X509v3 Extended Key Usage: \n                TLS Web Server Authentication".to_owned(),
        "DNS:localhost, IP Address:127.0.0.1".to_owned(),
    ] {
        assert!(text.contains(&line), "{line}\n{text}");
    }
    let structure = openssl(program, "asn1parse -inform DER", certificate.der());
    assert!(structure.starts_with("    0:d=0  hl=4 l="), "{structure}");
    assert!(structure.contains("UTCTIME           :491231235959Z"), "{structure}");
    assert!(structure.contains("GENERALIZEDTIME   :20500101000000Z"), "{structure}");
}

/// The fixtures, each judged by both. Where the verdicts differ, ours is the narrower, and on purpose.
fn believes_whom_we_believe(program: &Path) {
    let fixture = |name: &str| format!("{}/fixtures/pki/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| Certificate::from_pem(&std::fs::read(fixture(name)).unwrap()).unwrap().remove(0);
    let (store, at) = (TrustStore::from_iter([read("root")]), Time::from_unix(1_780_315_200));
    for (leaf, between, name, theirs, ours) in [
        ("leaf", "intermediate", "localhost", true, true),
        ("leaf", "intermediate", "api.example.com", true, true),
        ("leaf", "intermediate", "a.b.example.com", false, false),
        ("leaf", "intermediate", "example.com", false, false),
        ("leaf", "root", "localhost", false, false),
        ("sha512", "root", "localhost", true, true),
        ("sha512", "root", "sha512", false, false),
        ("expired", "root", "localhost", false, false),
        ("future", "root", "localhost", false, false),
        ("strange", "root", "localhost", false, false),
        ("self_signed", "root", "localhost", false, false),
        ("under_constrained", "constrained", "localhost", false, false),
        // SHA-1, keys of 1024 bits, elliptic curves.
        ("sha1", "root", "localhost", true, false),
        ("short", "root", "localhost", true, false),
        ("ec", "root", "localhost", true, false),
    ] {
        let mut command = peer::command(program);
        command.args(["verify", "-attime", "1780315200", "-purpose", "sslserver", "-verify_hostname", name]);
        command.args(["-CAfile", &fixture("root"), "-untrusted", &fixture(between), &fixture(leaf)]);
        let answer = peer::run(&mut command, b"");
        assert_eq!(answer.success(), theirs, "{leaf} for {name}: {answer}");
        let (chain, asked) = ([read(leaf), read(between)], name.parse().unwrap());
        let verdict = validate(&chain, &store, at, Usage::ServerAuth, Some(&asked));
        assert_eq!(verdict.is_ok(), ours, "{leaf} for {name}: {verdict:?}");
    }
}

/// Both forms are accepted, and come back the same from OpenSSL's own writing.
fn takes_our_keys(program: &Path, seed: u64, bits: usize) {
    let key = PrivateKey::Rsa(RsaPrivateKey::generate(&mut Generator::new(seed, 1), bits).unwrap());
    let (pkcs1, pkcs8) = (key.to_pkcs1_pem(), key.to_pkcs8_pem());
    for ours in [&pkcs1, &pkcs8] {
        assert!(openssl(program, "rsa -check -noout", ours.reveal()).contains("RSA key ok"));
        assert_eq!(openssl(program, "pkcs8 -topk8 -nocrypt", ours.reveal()).as_bytes(), pkcs8.reveal());
        assert_eq!(openssl(program, "rsa -traditional", ours.reveal()).as_bytes(), pkcs1.reveal());
    }
    let modulus = openssl(program, "rsa -noout -modulus", pkcs1.reveal());
    assert_eq!(modulus.trim(), format!("Modulus={}", hex::encode_upper(key.public().n())));

    let theirs =
        openssl(program, &format!("genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:{bits}"), b"");
    let read = PrivateKey::from_pem(theirs.as_bytes()).unwrap();
    assert_eq!(read.public().bits(), bits);
    assert_eq!(read.to_pkcs8_pem().reveal(), theirs.as_bytes());
}

/// Debian's store, which is Mozilla's: real certificates, made by everyone's software.
fn reads_the_systems_store() -> Result<Completion, Failed> {
    const STORE: &str = "/etc/ssl/certs/ca-certificates.crt";
    let Ok(text) = std::fs::read(STORE) else {
        return Ok(Completion::ignored_with(format!("there is no {STORE}")));
    };
    let store = TrustStore::from_pem(&text)?;
    assert!(store.certificates().len() > 100);
    for root in store.certificates() {
        let (result, fields) = Reader::record(root.der(), Certificate::read);
        assert_eq!(&result?, root);
        assert_eq!(fields.leaves().map(|leaf| leaf.field().range().len()).sum::<usize>(), root.der().len());
    }
    Ok(Completion::Completed)
}
