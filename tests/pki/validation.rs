//! Whom we believe, whom not, and which error says so. Certificates of our own making, and OpenSSL's.

use std::sync::OnceLock;

use cutaway::asymmetric::rsa::RsaPrivateKey;
use cutaway::hash::HashAlgorithm;
use cutaway::pki::name_constraints::Subtree;
use cutaway::pki::validation::{
    Answer, BrokenRule, Limit, MAX_PATH, MAX_TOLD, Question, Stranger, explain, recovered,
};
use cutaway::pki::{
    Authority, BasicConstraints, Certificate, Extension, ExtensionValue, GeneralName, KeyUsage, Name,
    NameConstraints, Oid, Request, ServerName, Time, TrustStore, Usage, ValidationError, Validity, authority,
    validate,
};
use cutaway::symmetric::chacha20::Generator;

use crate::pki::fixtures;

/// A key; the same number gives the same key, and those of other numbers are others.
fn key(number: usize) -> &'static RsaPrivateKey {
    static KEYS: [OnceLock<RsaPrivateKey>; 4] = [const { OnceLock::new() }; 4];
    KEYS[number].get_or_init(|| RsaPrivateKey::generate(&mut Generator::new(7, number as u64), 2048).unwrap())
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn now() -> Time {
    time("2026-06-01T12:00:00Z")
}

fn year() -> Validity {
    Validity { not_before: time("2026-01-01T00:00:00Z"), not_after: time("2026-12-31T23:59:59Z") }
}

fn rng() -> Generator {
    Generator::new(11, 0)
}

fn root() -> Authority {
    Authority::new(&mut rng(), Name::of("root"), key(0).clone(), year()).unwrap()
}

/// A request for `localhost` and its companions, to be spoilt by the caller.
fn server() -> Request<'static> {
    let names =
        ["localhost", "*.example.com", "127.0.0.1.example"].map(|name| GeneralName::DnsName(name.into()));
    let mut names = names.to_vec();
    names.push(GeneralName::IpAddress([127, 0, 0, 1].into()));
    Request::server(Name::of("server"), names, key(2).public(), year())
}

fn spoilt(spoil: impl FnOnce(&mut Request)) -> Request<'static> {
    let mut request = server();
    spoil(&mut request);
    request
}

fn issue(authority: &Authority, request: &Request) -> Certificate {
    authority.issue(&mut rng(), request).unwrap()
}

/// An authority below `above`, with key 1.
fn below(above: &Authority, spoil: impl FnOnce(&mut Request)) -> Authority {
    let mut request = Request::authority(Name::of("below"), None, key(1).public(), year());
    spoil(&mut request);
    Authority::of(issue(above, &request), key(1).clone()).unwrap()
}

fn store(trusted: &[&Certificate]) -> TrustStore {
    trusted.iter().map(|&certificate| certificate.clone()).collect()
}

fn judge(chain: &[Certificate], store: &TrustStore, name: &str) -> Result<usize, BrokenRule> {
    let name: ServerName = name.parse().unwrap();
    let path = validate(chain, store, now(), Usage::ServerAuth, Some(&name));
    path.map(|path| path.certificates().len()).map_err(rule)
}

/// The verdict of a refusal.
fn rule(error: ValidationError) -> BrokenRule {
    error.rule().clone()
}

/// What is wrong with a leaf that the root itself issued.
fn wrong_with(request: &Request) -> BrokenRule {
    let root = root();
    judge(&[issue(&root, request)], &store(&[root.certificate()]), "localhost").unwrap_err()
}

/// What is wrong with a leaf below an authority that is below the root.
fn wrong_between(spoil: impl FnOnce(&mut Request)) -> BrokenRule {
    let root = root();
    let below = below(&root, spoil);
    let leaf = issue(&below, &server());
    judge(&[leaf, below.certificate().clone()], &store(&[root.certificate()]), "localhost").unwrap_err()
}

#[test]
fn believes_what_leads_to_the_trust_store() {
    let root = root();
    let trusted = store(&[root.certificate()]);
    assert_eq!(judge(&[issue(&root, &server())], &trusted, "localhost"), Ok(2));

    for hash in [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512] {
        let below = below(&root, |request| request.hash = hash);
        let leaf = issue(&below, &spoilt(|request| request.hash = hash));
        let other = issue(&root, &server());
        // In any order, with what does not belong, and with the root or without.
        for others in [
            vec![below.certificate()],
            vec![&other, below.certificate(), &other],
            vec![root.certificate(), below.certificate()],
        ] {
            let chain: Vec<_> = [&leaf].into_iter().chain(others).cloned().collect();
            assert_eq!(judge(&chain, &trusted, "localhost"), Ok(3));
        }
        // One in the middle of a path may be the trusted one.
        assert_eq!(judge(&[leaf], &store(&[below.certificate()]), "localhost"), Ok(2));
    }
}

#[test]
fn believes_openssls_chains() {
    let [root, leaf, below, sha512] = ["root", "leaf", "intermediate", "sha512"].map(fixtures::certificate);
    let trusted = store(&[&root]);
    let chain = [leaf, below];
    for name in ["localhost", "api.example.com", "127.0.0.1", "::1"] {
        assert_eq!(judge(&chain, &trusted, name), Ok(3), "{name}");
    }
    assert!(validate(&chain, &trusted, now(), Usage::ClientAuth, None).is_ok());
    assert_eq!(judge(&[sha512], &trusted, "localhost"), Ok(2));
}

#[test]
fn absent_usages_restrict_nothing() {
    let request = spoilt(|request| {
        request.key_usage = None;
        request.purposes.clear();
        request.constraints = None;
    });
    let root = root();
    let (leaf, trusted) = (issue(&root, &request), store(&[root.certificate()]));
    assert_eq!(judge(std::slice::from_ref(&leaf), &trusted, "localhost"), Ok(2));
    assert!(validate(&[leaf], &trusted, now(), Usage::ClientAuth, None).is_ok());
}

#[test]
fn both_ends_of_the_validity_count_and_nothing_beyond() {
    let root = root();
    let trusted = store(&[root.certificate()]);
    let chain = [issue(&root, &server())];
    let at =
        |text: &str| validate(&chain, &trusted, time(text), Usage::ServerAuth, None).map(drop).map_err(rule);
    assert_eq!(at("2026-01-01T00:00:00Z"), Ok(()));
    assert_eq!(at("2026-12-31T23:59:59Z"), Ok(()));
    // The root ends with the leaf: whose date is told does not matter here, which one is.
    assert!(matches!(at("2025-12-31T23:59:59Z"), Err(BrokenRule::NotYetValid { .. })));
    assert!(matches!(at("2027-01-01T00:00:00Z"), Err(BrokenRule::Expired { .. })));
}

#[test]
fn an_expired_one_and_one_of_the_future_are_told_with_their_dates() {
    let past = Validity { not_before: time("2020-01-01T00:00:00Z"), not_after: time("2026-05-30T12:00:00Z") };
    let error = wrong_with(&spoilt(|request| request.validity = past));
    let (subject, not_after) = ("CN=server".to_owned(), past.not_after);
    assert_eq!(error, BrokenRule::Expired { subject, not_after, at: now() });
    assert_eq!(
        error.to_string(),
        "CN=server expired on 2026-05-30 12:00:00 UTC, 2 days ago: have it renewed \
         (or is this clock wrong? It says 2026-06-01 12:00:00 UTC)"
    );
    let future =
        Validity { not_before: time("2026-06-02T12:00:00Z"), not_after: time("2027-01-01T00:00:00Z") };
    let error = wrong_with(&spoilt(|request| request.validity = future));
    let (subject, not_before) = ("CN=server".to_owned(), future.not_before);
    assert_eq!(error, BrokenRule::NotYetValid { subject, not_before, at: now() });

    let subject = "CN=below".to_owned();
    let error = wrong_between(|request| request.validity = past);
    assert_eq!(error, BrokenRule::Expired { subject, not_after, at: now() });

    // OpenSSL's.
    let trusted = store(&[&fixtures::certificate("root")]);
    let error = judge(&[fixtures::certificate("expired")], &trusted, "localhost").unwrap_err();
    assert!(matches!(error, BrokenRule::Expired { subject, .. } if subject == "CN=expired"));
    let error = judge(&[fixtures::certificate("future")], &trusted, "localhost").unwrap_err();
    assert!(matches!(error, BrokenRule::NotYetValid { subject, .. } if subject == "CN=future"));
}

#[test]
fn an_expired_root_is_not_trusted_either() {
    let past = Validity { not_before: time("2020-01-01T00:00:00Z"), not_after: time("2021-01-01T00:00:00Z") };
    let root = Authority::new(&mut rng(), Name::of("old"), key(0).clone(), past).unwrap();
    let error = judge(&[issue(&root, &server())], &store(&[root.certificate()]), "localhost").unwrap_err();
    assert!(matches!(error, BrokenRule::Expired { subject, .. } if subject == "CN=old"));
}

#[test]
fn names_are_those_of_the_extension_and_of_the_right_kind() {
    let root = root();
    let trusted = store(&[root.certificate()]);
    let leaf = issue(&root, &server());
    for name in ["localhost", "LOCALHOST", "localhost.", "x.example.com", "127.0.0.1", "127.0.0.1.example"] {
        assert_eq!(judge(std::slice::from_ref(&leaf), &trusted, name), Ok(2), "{name}");
    }
    for name in ["example.com", "a.b.example.com", "localhost.com", "server", "127.0.0.2", "::1", "example"] {
        let error = judge(std::slice::from_ref(&leaf), &trusted, name).unwrap_err();
        assert!(matches!(error, BrokenRule::WrongName { .. }), "{name}: {error}");
    }
    let error = judge(&[leaf], &trusted, "server").unwrap_err();
    assert_eq!(
        error.to_string(),
        "CN=server is for localhost, *.example.com, 127.0.0.1.example, 127.0.0.1, not for server: have it \
         issued with the DNS name server as well"
    );
    // An address as text is no address, a common name no name.
    let text = vec![GeneralName::DnsName("127.0.0.1".into())];
    let leaf = issue(&root, &spoilt(|request| request.names = text));
    let error = judge(&[leaf], &trusted, "127.0.0.1").unwrap_err();
    assert!(error.to_string().ends_with("have it issued with the IP address 127.0.0.1 as well"), "{error}");
    let leaf = issue(&root, &Request::server(Name::of("localhost"), Vec::new(), key(2).public(), year()));
    assert_eq!(
        judge(&[leaf], &trusted, "localhost").unwrap_err().to_string(),
        "CN=localhost has no subjectAltName, and its common name does not count: have it issued with the DNS \
         name localhost in its subjectAltName"
    );
}

#[test]
fn a_stranger_is_told_by_what_is_known_of_him() {
    let (root, trusted) = (root(), store(&[&fixtures::certificate("root")]));
    let stranger = |chain: &[Certificate], trusted: &TrustStore| match judge(chain, trusted, "localhost") {
        Err(BrokenRule::UnknownIssuer { subject, issuer, stranger }) => (subject, issuer, stranger),
        other => panic!("{other:?}"),
    };
    let leaf = issue(&root, &server());
    let nobody = ("CN=server".to_owned(), "CN=root".to_owned(), Stranger::Nobody);
    assert_eq!(stranger(std::slice::from_ref(&leaf), &trusted), nobody);
    assert_eq!(stranger(std::slice::from_ref(&leaf), &TrustStore::new()), nobody);

    // Sent along, a root is still a stranger; it is where the path ends.
    let itself = ("CN=root".to_owned(), "CN=root".to_owned(), Stranger::Itself);
    assert_eq!(stranger(&[leaf.clone(), root.certificate().clone()], &trusted), itself);
    let alone = fixtures::certificate("self_signed");
    assert_eq!(stranger(&[alone], &trusted).2, Stranger::Itself);

    // A CA that was made anew under the same name, as every kubeadm cluster has it.
    let anew = Authority::new(&mut rng(), Name::of("root"), key(3).clone(), year()).unwrap();
    let namesake = ("CN=server".to_owned(), "CN=root".to_owned(), Stranger::Namesake { trusted: true });
    assert_eq!(stranger(std::slice::from_ref(&leaf), &store(&[anew.certificate()])), namesake);
    let sent = [leaf.clone(), anew.certificate().clone()];
    assert_eq!(stranger(&sent, &TrustStore::new()).2, Stranger::Namesake { trusted: false });
    assert_eq!(
        stranger(&[leaf, root.certificate().clone()], &store(&[anew.certificate()])).2,
        Stranger::Itself
    );

    // The one between is missing.
    let leaf = fixtures::certificate("leaf");
    let missing = stranger(&[leaf], &store(&[&fixtures::certificate("root")]));
    assert_eq!((missing.1.as_str(), missing.2), ("CN=fixture intermediate,O=Cutaway", Stranger::Nobody));
}

#[test]
fn a_changed_certificate_has_no_signature() {
    let root = root();
    let leaf = issue(&root, &server());
    let trusted = store(&[root.certificate()]);
    let bad = BrokenRule::BadSignature { subject: "CN=server".into(), issuer: "CN=root".into() };
    // A byte of the signature; a digit of the year (2026 to 2036).
    let last = leaf.der().len() - 1;
    let year = leaf.der().windows(7).position(|bytes| bytes == b"2612312").unwrap();
    for (at, byte) in [(last, leaf.der()[last] ^ 1), (year, b'3')] {
        let mut der = leaf.der().to_vec();
        der[at] = byte;
        let changed = Certificate::from_der(&der).unwrap();
        assert_eq!(judge(&[changed], &trusted, "localhost").unwrap_err(), bad);
    }
}

#[test]
fn a_signature_of_another_key_of_that_name_does_not_hold() {
    // Without key identifiers nothing tells the two apart but the signature itself.
    let root = root();
    let anew = Authority::new(&mut rng(), Name::of("root"), key(3).clone(), year()).unwrap();
    let leaf = issue(&root, &server());
    let mut der = leaf.der().to_vec();
    let identifier = leaf.extensions().authority_key_identifier().unwrap();
    let at = der.windows(20).position(|bytes| bytes == identifier).unwrap();
    der[at..at + 20].copy_from_slice(anew.certificate().extensions().subject_key_identifier().unwrap());
    let forged = Certificate::from_der(&der).unwrap();
    let bad = BrokenRule::BadSignature { subject: "CN=server".into(), issuer: "CN=root".into() };
    assert_eq!(judge(&[forged], &store(&[anew.certificate()]), "localhost").unwrap_err(), bad);
    // With both in the store the right one is found.
    assert_eq!(judge(&[leaf], &store(&[anew.certificate(), root.certificate()]), "localhost"), Ok(2));
}

#[test]
fn what_is_not_verified_here_is_named() {
    let trusted = store(&[&fixtures::certificate("root"), &fixtures::certificate("ec_root")]);
    let refused = |name: &str| judge(&[fixtures::certificate(name)], &trusted, "localhost").unwrap_err();
    let unsupported =
        |subject: &str, algorithm| BrokenRule::UnsupportedSignature { subject: subject.into(), algorithm };
    assert_eq!(refused("sha1"), unsupported("CN=sha1", Oid::SHA1_WITH_RSA_ENCRYPTION));
    assert_eq!(refused("under_ec"), unsupported("CN=under elliptic", Oid::ECDSA_WITH_SHA256));
    let key =
        |subject: &str, key: &str| BrokenRule::UnsupportedKey { subject: subject.into(), key: key.into() };
    assert_eq!(refused("ec"), key("CN=elliptic", "ecPublicKey"));
    let short = "RSA, but the modulus has 1024 bits; from 2048 to 8192 are taken";
    assert_eq!(refused("short"), key("CN=short", short));
}

#[test]
fn only_an_authority_signs() {
    let not = BrokenRule::NotAnAuthority { subject: "CN=below".into() };
    assert_eq!(wrong_between(|request| request.constraints = Some(BasicConstraints::default())), not);
    assert_eq!(wrong_between(|request| request.constraints = None), not);
    let usage = KeyUsage::DIGITAL_SIGNATURE | KeyUsage::CRL_SIGN;
    assert_eq!(
        wrong_between(|request| request.key_usage = Some(usage)),
        BrokenRule::MayNotSign { subject: "CN=below".into(), found: usage }
    );
    // Not even one that is trusted: a server's own certificate vouches for itself alone.
    let request = Request::server(Name::of("self"), Vec::new(), key(0).public(), year());
    let trusted = authority::self_signed(&mut rng(), key(0), &request).unwrap();
    let itself = Authority::of(trusted.clone(), key(0).clone()).unwrap();
    let error = judge(&[issue(&itself, &server())], &store(&[&trusted]), "localhost").unwrap_err();
    assert_eq!(error, BrokenRule::NotAnAuthority { subject: "CN=self".into() });
}

#[test]
fn absent_key_usage_lets_an_authority_sign() {
    let root = root();
    let below = below(&root, |request| request.key_usage = None);
    let chain = [issue(&below, &server()), below.certificate().clone()];
    assert_eq!(judge(&chain, &store(&[root.certificate()]), "localhost"), Ok(3));
}

#[test]
fn a_path_is_no_longer_than_it_may_be() {
    let root = root();
    let limited =
        |length| below(&root, |request| request.constraints.as_mut().unwrap().path_length = Some(length));
    let under = |above: &Authority, name: &str| {
        let request = Request::authority(Name::of(name), None, key(3).public(), year());
        Authority::of(issue(above, &request), key(3).clone()).unwrap()
    };
    let trusted = store(&[root.certificate()]);
    for (length, expected) in
        [(0, Err(BrokenRule::PathTooLong { subject: "CN=below".into(), allowed: 0, found: 1 })), (1, Ok(4))]
    {
        let above = limited(length);
        let under = under(&above, "under");
        let chain = [&issue(&under, &server()), under.certificate(), above.certificate()].map(Clone::clone);
        assert_eq!(judge(&chain, &trusted, "localhost"), expected);
    }
    // A leaf does not count, nor an authority's certificate for its own new key (RFC 5280 §6.1.4 (l)).
    let above = limited(0);
    let chain = [&issue(&above, &server()), above.certificate()].map(Clone::clone);
    assert_eq!(judge(&chain, &trusted, "localhost"), Ok(3));
    let renewed = under(&above, "below");
    let chain = [&issue(&renewed, &server()), renewed.certificate(), above.certificate()].map(Clone::clone);
    assert_eq!(judge(&chain, &trusted, "localhost"), Ok(4));
}

#[test]
fn a_key_is_used_for_what_it_is_for() {
    let found = vec![Oid::CLIENT_AUTH];
    let error = wrong_with(&spoilt(|request| request.purposes = found.clone()));
    assert_eq!(
        error.to_string(),
        "CN=server is for clientAuth, not for serverAuth: have it issued with serverAuth in its \
         extendedKeyUsage"
    );
    assert_eq!(
        error,
        BrokenRule::WrongPurpose { subject: "CN=server".into(), needed: Oid::SERVER_AUTH, found }
    );
    let found = KeyUsage::DIGITAL_SIGNATURE;
    assert_eq!(
        wrong_with(&spoilt(|request| request.key_usage = Some(found))),
        BrokenRule::WrongKeyUsage { subject: "CN=server".into(), needed: KeyUsage::KEY_ENCIPHERMENT, found }
    );
    // An authority for mail alone makes no servers.
    let found = vec![Oid::EMAIL_PROTECTION];
    assert_eq!(
        wrong_between(|request| request.purposes = found.clone()),
        BrokenRule::WrongPurpose { subject: "CN=below".into(), needed: Oid::SERVER_AUTH, found }
    );

    let root = root();
    let trusted = store(&[root.certificate()]);
    let any = issue(&root, &spoilt(|request| request.purposes = vec![Oid::ANY_EXTENDED_KEY_USAGE]));
    assert_eq!(judge(&[any], &trusted, "localhost"), Ok(2));
    let client = [issue(&root, &Request::client(Name::of("client"), key(2).public(), year()))];
    assert!(validate(&client, &trusted, now(), Usage::ClientAuth, None).is_ok());
    let error = validate(&[issue(&root, &server())], &trusted, now(), Usage::ClientAuth, None).unwrap_err();
    assert!(matches!(error.rule(), BrokenRule::WrongPurpose { needed, .. } if *needed == Oid::CLIENT_AUTH));
}

#[test]
fn what_must_be_understood_and_is_not_is_refused() {
    let id = Oid::INHIBIT_ANY_POLICY;
    let unknown = |critical| Extension {
        id: Oid::INHIBIT_ANY_POLICY,
        critical,
        value: ExtensionValue::Other(vec![2, 1, 0]),
    };
    let refused = |subject: &str| BrokenRule::UnknownCriticalExtension {
        subject: subject.into(),
        extension: id.clone(),
    };
    assert_eq!(wrong_with(&spoilt(|request| request.more.push(unknown(true)))), refused("CN=server"));
    assert_eq!(wrong_between(|request| request.more.push(unknown(true))), refused("CN=below"));
    let root = root();
    let leaf = issue(&root, &spoilt(|request| request.more.push(unknown(false))));
    assert_eq!(judge(&[leaf], &store(&[root.certificate()]), "localhost"), Ok(2));

    let trusted = store(&[&fixtures::certificate("root")]);
    let error = judge(&[fixtures::certificate("strange")], &trusted, "localhost").unwrap_err();
    assert_eq!(
        error.to_string(),
        "CN=strange has the critical extension 1.2.3.4.5, which is not understood here: have it issued without \
         that, or with it not critical"
    );
}

#[test]
fn name_constraints_hold_critical_or_not() {
    let constraints =
        |permitted: &str| NameConstraints { permitted: vec![Subtree::dns(permitted)], excluded: Vec::new() };
    for critical in [false, true] {
        let extension =
            |permitted| Extension::new(critical, ExtensionValue::NameConstraints(constraints(permitted)));
        let error = wrong_between(|request| request.more.push(extension("example.com")));
        assert_eq!(
            error,
            BrokenRule::NotPermitted {
                subject: "CN=server".into(),
                form: "dNSName",
                name: "localhost".into(),
                authority: "CN=below".into(),
                permitted: vec!["example.com".into()],
            }
        );
        let root = root();
        let below = below(&root, |request| request.more.push(extension("")));
        let chain = [issue(&below, &server()), below.certificate().clone()];
        assert_eq!(judge(&chain, &store(&[root.certificate()]), "localhost"), Ok(3));
    }
    // OpenSSL's.
    let trusted = store(&[&fixtures::certificate("root")]);
    let chain = ["under_constrained", "constrained"].map(fixtures::certificate);
    assert_eq!(
        judge(&chain, &trusted, "localhost").unwrap_err().to_string(),
        "CN=under constrained has the dNSName localhost, and CN=constrained vouches for example.com alone \
         (nameConstraints): have it issued without that name, or by an authority that may"
    );
}

#[test]
fn a_leaf_that_is_trusted_itself_needs_name_and_dates_alone() {
    let [alone, old] = ["self_signed", "expired"].map(fixtures::certificate);
    let trusted = store(&[&alone, &old]);
    let at = |certificate: &Certificate, moment: &str, name: &str| {
        let (chain, name) = ([certificate.clone()], name.parse().unwrap());
        validate(&chain, &trusted, time(moment), Usage::ServerAuth, Some(&name))
            .map(|path| path.certificates().len())
            .map_err(rule)
    };
    // It is a CA besides, as `openssl req -x509` has it.
    assert!(alone.extensions().basic_constraints().unwrap().authority);
    assert_eq!(at(&alone, "2027-01-01T00:00:00Z", "localhost"), Ok(1));
    assert!(matches!(at(&alone, "2060-01-01T00:00:00Z", "localhost"), Err(BrokenRule::Expired { .. })));
    assert!(matches!(at(&alone, "2027-01-01T00:00:00Z", "example.com"), Err(BrokenRule::WrongName { .. })));
    // Signed by somebody else, whom nobody here knows.
    assert_eq!(at(&old, "2020-06-01T00:00:00Z", "localhost"), Ok(1));
    assert!(matches!(at(&old, "2026-06-01T00:00:00Z", "localhost"), Err(BrokenRule::Expired { .. })));
    let client =
        authority::self_signed(&mut rng(), key(2), &Request::client(Name::of("x"), key(2).public(), year()));
    let client = [client.unwrap()];
    assert!(validate(&client, &store(&[&client[0]]), now(), Usage::ServerAuth, None).is_ok());
}

#[test]
fn the_first_no_is_the_one_that_is_told() {
    let wrong = |spoil: fn(&mut Request)| wrong_with(&spoilt(spoil));
    let elsewhere = |request: &mut Request| request.names = vec![GeneralName::DnsName("x".into())];
    assert!(matches!(wrong(elsewhere), BrokenRule::WrongName { .. }));
    assert!(matches!(
        wrong(|request| {
            request.names.clear();
            request.purposes = vec![Oid::CODE_SIGNING]
        }),
        BrokenRule::WrongName { .. }
    ));
    assert!(matches!(
        wrong(|request| {
            request.names.clear();
            request.validity = Validity::days(time("2020-01-01T00:00:00Z"), 1);
        }),
        BrokenRule::Expired { .. }
    ));
    assert_eq!(judge(&[], &TrustStore::new(), "x").unwrap_err(), BrokenRule::NoCertificate);
}

#[test]
fn a_way_that_ends_does_not_hide_one_that_leads_on() {
    // Two certificates for the key of `below`: one by a root that nobody knows, one by the trusted one.
    let (root, unknown) =
        (root(), Authority::new(&mut rng(), Name::of("unknown"), key(3).clone(), year()).unwrap());
    let (good, dead) = (below(&root, |_| {}), below(&unknown, |_| {}));
    let old = below(&root, |request| request.validity = Validity::days(time("2020-01-01T00:00:00Z"), 1));
    let leaf = issue(&good, &server());
    let trusted = store(&[root.certificate()]);
    let chain = |others: &[&Authority]| -> Vec<_> {
        [leaf.clone()].into_iter().chain(others.iter().map(|other| other.certificate().clone())).collect()
    };
    assert_eq!(judge(&chain(&[&dead, &old, &good]), &trusted, "localhost"), Ok(3));
    // If none leads on, the rule that was broken tells more than the stranger.
    let error = judge(&chain(&[&dead, &old]), &trusted, "localhost").unwrap_err();
    assert!(matches!(error, BrokenRule::Expired { subject, .. } if subject == "CN=below"));
}

#[test]
fn every_path_that_was_tried_is_told() {
    let (root, unknown) =
        (root(), Authority::new(&mut rng(), Name::of("unknown"), key(3).clone(), year()).unwrap());
    let numbered = |authority: &Authority| {
        let number: String = authority.certificate().serial_number().to_string().chars().take(11).collect();
        format!("CN=below (no. {number})")
    };
    let dead = below(&unknown, |_| {});
    let mut request = Request::authority(Name::of("below"), None, key(1).public(), year());
    request.validity = Validity::days(time("2020-01-01T00:00:00Z"), 1);
    let old = root.issue(&mut Generator::new(12, 0), &request).unwrap();
    let old = Authority::of(old, key(1).clone()).unwrap();
    let chain = [issue(&dead, &server()), dead.certificate().clone(), old.certificate().clone()];
    let trusted = store(&[root.certificate()]);
    let error = validate(&chain, &trusted, now(), Usage::ServerAuth, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "CN=below expired on 2020-01-02 00:00:00 UTC, 2342 days ago: have it renewed (or is this clock \
             wrong? It says 2026-06-01 12:00:00 UTC) (RFC 5280 §6.1.3 (a)(2))\n\
             2 paths were tried:\n  \
             CN=server ← {} ← CN=root: CN=below expired on 2020-01-02 00:00:00 UTC, 2342 days ago: have it renewed (or \
             is this clock wrong? It says 2026-06-01 12:00:00 UTC) (RFC 5280 §6.1.3 (a)(2))\n  \
             CN=server ← {} ← nobody: CN=below was issued by CN=unknown, which is not in the trust store: add \
             its certificate there, or have the server send the one between that is missing (RFC 5280 §6.1)",
            numbered(&old),
            numbered(&dead)
        )
    );
    // Where there is one path alone it is named, and what broke the leaf.
    let chain = [issue(&root, &server())];
    let name = "elsewhere".parse().unwrap();
    let error = validate(&chain, &trusted, now(), Usage::ServerAuth, Some(&name)).unwrap_err();
    assert!(error.to_string().ends_with("(RFC 9525 §6)\non the path CN=server ← CN=root"), "{error}");
    assert!(error.candidates()[0].complete && error.untold() == 0);
}

/// A thousand ways are not told, nor their number hidden.
#[test]
fn of_many_paths_the_most_telling_are_told() {
    let hall = Authority::new(&mut rng(), Name::of("hall"), key(1).clone(), year()).unwrap();
    let mut rng = rng();
    let unknown = |number: usize| {
        let name = Name::of(&format!("unknown {number}"));
        Authority::of(
            authority::self_signed(
                &mut Generator::new(1, number as u64),
                key(3),
                &Request::authority(name, None, key(3).public(), year()),
            )
            .unwrap(),
            key(3).clone(),
        )
        .unwrap()
    };
    let mut chain = vec![issue(&hall, &server())];
    let request = Request::authority(Name::of("hall"), None, key(1).public(), year());
    chain.extend((0..40).map(|number| unknown(number).issue(&mut rng, &request).unwrap()));
    let mut no_authority = request;
    no_authority.constraints = None;
    chain.push(unknown(40).issue(&mut rng, &no_authority).unwrap());
    let error = validate(&chain, &TrustStore::new(), now(), Usage::ServerAuth, None).unwrap_err();
    assert!(matches!(error.rule(), BrokenRule::NotAnAuthority { .. }), "{error}");
    assert_eq!((error.candidates().len(), error.untold()), (MAX_TOLD, 41 - MAX_TOLD));
    let text = error.to_string();
    assert!(text.contains("\n41 paths were tried:\n") && text.ends_with("\n  and 25 more"), "{text}");
}

#[test]
fn a_maze_is_left_after_a_bounded_search() {
    // Eight authorities, each of which signed all others: ways without end, none of which leads out.
    let mut rng = rng();
    let names: Vec<_> = (0..8).map(|number| Name::of(&format!("maze {number}"))).collect();
    let halls: Vec<_> = names
        .iter()
        .map(|name| Authority::new(&mut rng, name.clone(), key(1).clone(), year()).unwrap())
        .collect();
    let mut maze = vec![issue(&halls[0], &server())];
    for hall in &halls {
        let doors = names.iter().filter(|name| *name != hall.certificate().subject());
        let requests = doors.map(|name| Request::authority(name.clone(), None, key(1).public(), year()));
        maze.extend(requests.map(|request| hall.issue(&mut rng, &request).unwrap()));
    }
    let error = judge(&maze, &TrustStore::new(), "localhost").unwrap_err();
    assert!(matches!(error, BrokenRule::TooMuchWork { limit: Limit::Signatures, .. }), "{error}");

    // An honest chain, one longer than is walked.
    let mut above = root();
    let trusted = store(&[above.certificate()]);
    let mut chain = Vec::new();
    for depth in 1..MAX_PATH {
        let request = Request::authority(Name::of(&format!("depth {depth}")), None, key(1).public(), year());
        above = Authority::of(issue(&above, &request), key(1).clone()).unwrap();
        chain.insert(0, above.certificate().clone());
        let with_leaf = [&[issue(&above, &server())][..], &chain].concat();
        let judged = judge(&with_leaf, &trusted, "localhost");
        if depth + 2 <= MAX_PATH {
            assert_eq!(judged, Ok(depth + 2));
        } else {
            assert!(matches!(judged, Err(BrokenRule::TooMuchWork { limit: Limit::Path, .. })), "{judged:?}");
        }
    }
}

/// The five answers as one word each.
fn answers(chain: &[Certificate], store: &TrustStore, name: &str) -> [(Question, Answer); 5] {
    let checks = explain(chain, store, now(), Usage::ServerAuth, Some(&name.parse().unwrap())).unwrap();
    let holds = checks.iter().all(|check| check.answer == Answer::Holds);
    assert_eq!(holds, judge(chain, store, name).is_ok());
    checks.map(|check| (check.question, check.answer))
}

#[test]
fn the_five_answers_are_told_with_their_facts() {
    let root = root();
    let below = below(&root, |_| {});
    let (leaf, trusted) = (issue(&root, &server()), store(&[root.certificate()]));
    let name: ServerName = "api.example.com".parse().unwrap();
    let checks =
        explain(std::slice::from_ref(&leaf), &trusted, now(), Usage::ServerAuth, Some(&name)).unwrap();
    let digest = HashAlgorithm::Sha256.digest(leaf.signed());
    let first = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let texts = checks.map(|check| (check.question.word(), check.answer, check.text, check.source));
    let expected = [
        (
            "signature",
            format!("s^e mod n ends in the SHA-256 of the {} signed bytes: {first} ..", leaf.signed().len()),
            "RFC 5280 §6.1.3",
        ),
        ("issuer", "in the trust store, and it is a CA".into(), "RFC 5280 §6.1.1"),
        ("time", "today lies within; 213 days are left".into(), "RFC 5280 §6.1.3"),
        ("name", "api.example.com is covered by *.example.com in the SAN".into(), "RFC 9525 §6"),
        ("usage", "serverAuth, keyEncipherment; not a CA".into(), "RFC 5280 §4.2.1"),
    ];
    for (found, (word, text, source)) in texts.into_iter().zip(expected) {
        assert_eq!(found, (word, Answer::Holds, text, source));
    }
    let recovered = recovered(&leaf, root.certificate()).unwrap();
    assert_eq!((recovered.block.len(), recovered.digest.clone()), (256, digest.clone()));
    assert!(recovered.block.starts_with(&[0, 1, 0xff]) && recovered.block.ends_with(&digest));

    let chain = [issue(&below, &server()), below.certificate().clone()];
    let checks = explain(&chain, &trusted, now(), Usage::ServerAuth, None).unwrap();
    assert_eq!(checks[1].text, "one CA between it and CN=root in the trust store");
    assert_eq!(checks[3].text, "none was asked for");
}

#[test]
fn each_question_is_answered_for_itself() {
    use Answer::{Fails, Holds, Open};
    let (root, trusted) = (root(), store(&[root().certificate()]));
    let told = |request: &Request, store: &TrustStore, name: &str| {
        answers(&[issue(&root, request)], store, name).map(|(_, answer)| answer)
    };
    assert_eq!(told(&server(), &trusted, "localhost"), [Holds; 5]);
    assert_eq!(told(&server(), &TrustStore::new(), "localhost"), [Open, Fails, Holds, Holds, Holds]);
    assert_eq!(told(&server(), &trusted, "elsewhere"), [Holds, Holds, Holds, Fails, Holds]);
    let spoil = spoilt(|request| {
        request.validity = Validity::days(time("2020-01-01T00:00:00Z"), 1);
        request.purposes = vec![Oid::CODE_SIGNING];
    });
    assert_eq!(told(&spoil, &trusted, "elsewhere"), [Holds, Holds, Fails, Fails, Fails]);
    assert_eq!(told(&spoil, &TrustStore::new(), "elsewhere"), [Open, Fails, Fails, Fails, Fails]);

    let leaf = issue(&root, &server());
    let mut der = leaf.der().to_vec();
    *der.last_mut().unwrap() ^= 1;
    let changed = Certificate::from_der(&der).unwrap();
    assert_eq!(
        answers(&[changed], &trusted, "localhost").map(|(_, answer)| answer),
        [Fails, Open, Holds, Holds, Holds]
    );
    let itself = store(&[&leaf]);
    assert_eq!(answers(&[leaf], &itself, "localhost").map(|(_, answer)| answer), [Holds; 5]);
}
