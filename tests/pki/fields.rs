//! What was read is what OpenSSL prints (`openssl x509 -text`, `openssl asn1parse`).

use cutaway::pki::der::Writer;
use cutaway::pki::name_constraints::Subtree;
use cutaway::pki::{
    Certificate, GLOSSARY, GeneralName, KeyUsage, NameConstraints, Oid, PrivateKey, PublicKey,
    SignatureAlgorithm, pem,
};
use cutaway::wire::{self, Fields, Kind, Reader};

use crate::pki::fixtures::{CERTIFICATES, certificate, text};

#[test]
fn every_value_of_a_leaf_is_as_openssl_prints_it() {
    let leaf = certificate("leaf");
    assert_eq!(
        leaf.serial_number().to_string(),
        "2b:45:8d:86:6c:84:ff:56:44:b0:60:8a:cf:0a:3e:15:bb:2c:84:35"
    );
    assert_eq!(leaf.signature_algorithm().to_string(), "sha256WithRSAEncryption");
    assert_eq!(leaf.issuer().to_string(), "CN=fixture intermediate,O=Cutaway");
    assert_eq!(leaf.subject().to_string(), r"CN=localhost,OU=a+OU=b,O=Träger\, Inc.,C=DE");
    assert_eq!(leaf.validity().not_before.rfc3339(), "2020-01-01T00:00:00Z");
    assert_eq!(leaf.validity().not_after.to_string(), "2049-12-31 23:59:59 UTC");
    let key = leaf.public_key().rsa().unwrap();
    assert_eq!((key.bits(), key.e()), (2048, &[1, 0, 1][..]));
    assert_eq!(hex::encode(&key.n()[..8]), "b824231b026dda2d");
    assert_eq!(hex::encode(&leaf.signature()[..8]), "462e4a0684d34754");
    assert_eq!((leaf.signed().len(), leaf.signature().len()), (972, 256));
    assert_eq!(leaf.spki_der(), &leaf.der()[214..508]);
}

#[test]
fn every_extension_of_a_leaf_is_as_openssl_prints_it() {
    let leaf = certificate("leaf");
    let extensions = leaf.extensions();
    let listed: Vec<_> = extensions.all().iter().map(|one| (one.id.to_string(), one.critical)).collect();
    let listed: Vec<_> = listed.iter().map(|(id, critical)| (id.as_str(), *critical)).collect();
    assert_eq!(
        listed,
        [
            ("basicConstraints", true),
            ("keyUsage", true),
            ("extKeyUsage", false),
            ("subjectKeyIdentifier", false),
            ("authorityKeyIdentifier", false),
            ("certificatePolicies", false),
            ("cRLDistributionPoints", false),
            ("authorityInfoAccess", false),
            ("subjectAltName", false),
        ]
    );
    assert!(!extensions.basic_constraints().unwrap().authority);
    assert_eq!(*extensions.key_usage().unwrap(), KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_ENCIPHERMENT);
    assert_eq!(*extensions.extended_key_usage().unwrap(), [Oid::SERVER_AUTH, Oid::CLIENT_AUTH]);
    assert_eq!(
        hex::encode(extensions.subject_key_identifier().unwrap()),
        "2c3d7b52fd7be639a79b0993d577898b93be764e"
    );
    assert_eq!(
        hex::encode(extensions.authority_key_identifier().unwrap()),
        "3707f171a6cc91a5ff39612aaa9ae813a3239684"
    );
    let names: Vec<_> = extensions.subject_alt_name().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            "localhost",
            "*.example.com",
            "127.0.0.1",
            "::1",
            "a@example.com",
            "spiffe://cluster.local/ns/x",
            "registeredID, 4 bytes",
            "CN=somebody",
            "otherName, 16 bytes",
        ]
    );
    assert_eq!(extensions.subject_alt_name().unwrap()[2], GeneralName::IpAddress([127, 0, 0, 1].into()));

    let root = certificate("root");
    let intermediate = certificate("intermediate");
    assert_eq!(root.extensions().basic_constraints().unwrap().path_length, None);
    assert_eq!(intermediate.extensions().basic_constraints().unwrap().path_length, Some(0));
    assert!(intermediate.extensions().basic_constraints().unwrap().authority);
    assert_eq!(root.extensions().key_usage().unwrap().to_string(), "keyCertSign, cRLSign");
}

#[test]
fn what_cannot_be_used_is_read_all_the_same() {
    let algorithm = |name: &str| certificate(name).signature_algorithm().to_string();
    assert_eq!(algorithm("intermediate"), "sha384WithRSAEncryption");
    assert_eq!(algorithm("sha512"), "sha512WithRSAEncryption");
    assert_eq!(algorithm("ec_root"), "ecdsa-with-SHA256");
    let sha1 = SignatureAlgorithm::Other(Oid::SHA1_WITH_RSA_ENCRYPTION);
    assert_eq!(*certificate("sha1").signature_algorithm(), sha1);
    assert!(
        matches!(certificate("ec").public_key(), PublicKey::Other { algorithm } if *algorithm == Oid::EC_PUBLIC_KEY)
    );
    assert_eq!(
        certificate("short").public_key().to_string(),
        "RSA, but the modulus has 1024 bits; from 2048 to 8192 are taken"
    );
    assert!(certificate("v1").extensions().all().is_empty());
    assert_eq!(certificate("future").validity().not_after.to_string(), "9999-12-31 23:59:59 UTC");
}

#[test]
fn a_file_of_several_gives_them_in_order_and_passes_over_keys() {
    let bundle = [text("leaf"), text("key_2048.pkcs8"), text("intermediate")].concat();
    let found = Certificate::from_pem(&bundle).unwrap();
    assert_eq!(found, [certificate("leaf"), certificate("intermediate")]);
    assert_eq!(found[0].to_pem().as_bytes(), text("leaf"));

    let why = |text: &[u8]| Certificate::from_pem(text).unwrap_err().to_string();
    assert_eq!(why(&text("key_2048.pkcs8")), "no -----BEGIN CERTIFICATE----- in it; found PRIVATE KEY");
    assert_eq!(why(b"nothing"), "no -----BEGIN CERTIFICATE----- in it");
    let broken = pem::write("CERTIFICATE", &[0x30, 5, 0]);
    assert_eq!(
        why(format!("\n{broken}").as_bytes()),
        "the certificate on line 2: Certificate: needs 5 bytes, 1 left (at 0x2)"
    );
}

fn fields(name: &str) -> Fields {
    let certificate = certificate(name);
    let (result, fields) = Reader::record(certificate.der(), Certificate::read);
    result.unwrap();
    fields
}

/// Offsets and header lengths from `openssl asn1parse -in leaf.pem`.
#[test]
fn the_window_shows_rfc_5280s_names_at_openssls_offsets() {
    let fields = fields("leaf");
    for (path, offset, header, length, meaning) in [
        ("Certificate", 0, 4, 1248, Some(r"CN=localhost,OU=a+OU=b,O=Träger\, Inc.,C=DE")),
        ("Certificate.tbsCertificate", 4, 4, 968, None),
        ("Certificate.tbsCertificate.version", 8, 2, 3, None),
        ("Certificate.tbsCertificate.version.Version", 10, 2, 1, Some("2")),
        ("Certificate.tbsCertificate.serialNumber", 13, 2, 20, None),
        ("Certificate.tbsCertificate.signature", 35, 2, 13, Some("sha256WithRSAEncryption")),
        ("Certificate.tbsCertificate.signature.parameters", 48, 2, 0, Some("NULL")),
        ("Certificate.tbsCertificate.issuer", 50, 2, 49, Some("CN=fixture intermediate,O=Cutaway")),
        ("Certificate.tbsCertificate.validity.notBefore", 103, 2, 13, Some("2020-01-01 00:00:00 UTC")),
        ("Certificate.tbsCertificate.validity.notAfter", 118, 2, 13, Some("2049-12-31 23:59:59 UTC")),
        ("Certificate.tbsCertificate.subject", 133, 2, 79, None),
        ("Certificate.tbsCertificate.subjectPublicKeyInfo", 214, 4, 290, None),
        (
            "Certificate.tbsCertificate.subjectPublicKeyInfo.algorithm.algorithm",
            220,
            2,
            9,
            Some("rsaEncryption"),
        ),
        ("Certificate.tbsCertificate.subjectPublicKeyInfo.subjectPublicKey", 233, 4, 271, None),
        (
            "Certificate.tbsCertificate.subjectPublicKeyInfo.subjectPublicKey.RSAPublicKey.modulus",
            242,
            4,
            257,
            Some("2048 bits"),
        ),
        (
            "Certificate.tbsCertificate.subjectPublicKeyInfo.subjectPublicKey.RSAPublicKey.publicExponent",
            503,
            2,
            3,
            Some("65537"),
        ),
        ("Certificate.tbsCertificate.extensions", 508, 4, 464, None),
        (
            "Certificate.tbsCertificate.extensions.Extensions.Extension",
            516,
            2,
            12,
            Some("basicConstraints, critical"),
        ),
        ("Certificate.signatureAlgorithm.algorithm", 978, 2, 9, Some("sha256WithRSAEncryption")),
        ("Certificate.signatureValue", 991, 4, 257, None),
        ("Certificate.signatureValue.contents", 996, 0, 256, None),
    ] {
        let field = fields.find(path).unwrap_or_else(|| panic!("no {path}")).field();
        let contents =
            if header == 0 { offset..offset + length } else { offset + header..offset + header + length };
        assert_eq!(field.range(), offset..contents.end, "{path}");
        assert_eq!(field.contents(), contents, "{path}");
        if meaning.is_some() {
            assert_eq!(field.meaning.as_deref(), meaning, "{path}");
        }
    }
}

#[test]
fn names_and_extensions_are_opened_to_the_last_byte() {
    let fields = fields("leaf");
    let meaning_of = |label: &str| -> Vec<&str> {
        let all = fields.all().iter().filter(|field| field.label == label);
        all.map(|field| field.meaning.as_deref().unwrap_or("")).collect()
    };
    assert_eq!(meaning_of("commonName"), ["fixture intermediate", "localhost", "fixture root", "somebody"]);
    assert_eq!(meaning_of("organizationalUnitName"), ["a", "b"]);
    assert_eq!(meaning_of("dNSName"), ["localhost", "*.example.com"]);
    assert_eq!(meaning_of("iPAddress"), ["127.0.0.1", "::1"]);
    assert_eq!(meaning_of("keyUsage"), ["digitalSignature, keyEncipherment"]);
    assert_eq!(meaning_of("KeyPurposeId"), ["serverAuth", "clientAuth"]);
    assert_eq!(meaning_of("uniformResourceIdentifier"), ["spiffe://cluster.local/ns/x"]);
    // Closed to the protocol, open to the window.
    assert!(meaning_of("OBJECT IDENTIFIER").contains(&"2.23.140.1.2.1"));
}

#[test]
fn name_constraints_are_opened_to_the_last_byte() {
    let fields = fields("constrained");
    let extension = fields.all().iter().find(|field| field.label == "nameConstraints").unwrap();
    let subtree = fields.all().iter().find(|field| field.label == "GeneralSubtree").unwrap();
    assert_eq!(subtree.meaning.as_deref(), Some("example.com"));
    // `openssl asn1parse -in constrained.pem`: the OCTET STRING's inside, 30 11 a0 0f 30 0d 82 0b …
    assert_eq!((extension.range().len(), subtree.range().len()), (19, 15));
    let names: Vec<_> = fields.all().iter().filter(|field| field.label == "dNSName").collect();
    assert_eq!(names[0].meaning.as_deref(), Some("example.com"));
}

#[test]
fn a_certificate_inside_something_larger_keeps_its_own_ranges() {
    let leaf = certificate("leaf");
    let bytes = [&[1, 2, 3], leaf.der(), &[4]].concat();
    let mut inner = None;
    let result = Reader::new(&bytes).whole(|r| {
        r.bytes("before", 3)?;
        inner = Some(Certificate::read(r)?);
        r.bytes("behind", 1).map(drop)
    });
    result.unwrap();
    let inner = inner.unwrap();
    assert_eq!(inner, leaf);
    assert_eq!((inner.signed(), inner.spki_der()), (leaf.signed(), leaf.spki_der()));
}

#[test]
fn every_fixture_is_read() {
    for name in CERTIFICATES {
        let certificate = certificate(name);
        assert_eq!(Certificate::from_der(certificate.der()).unwrap(), certificate, "{name}");
    }
}

/// Which lines of the leaf the glossary shows in brief: title, kind, meaning.
#[test]
fn the_glossary_finds_what_tells_most() {
    let leaf = certificate("leaf");
    let (_, fields) = Reader::record(leaf.der(), Certificate::read);
    let mut found = Vec::new();
    let mut groups: Vec<(u16, &str)> = Vec::new();
    for field in fields.all() {
        groups.retain(|&(depth, _)| depth < field.depth);
        let entry = GLOSSARY.lookup(field.label, groups.iter().rev().map(|&(_, label)| label));
        if let Some(entry) = entry.filter(|entry| entry.brief) {
            found.push((entry.title, entry.kind, field.meaning.as_deref().unwrap_or(entry.short)));
        }
        groups.push((field.depth, field.label));
    }
    let identity = Some(Kind::Identity);
    assert_eq!(
        found,
        [
            ("issuer CN", identity, "fixture intermediate"),
            ("notAfter", None, "2049-12-31 23:59:59 UTC"),
            ("subject CN", identity, "localhost"),
            ("modulus n", identity, "2048 bits"),
            ("publicExponent e", identity, "65537"),
            ("SAN dNSName", identity, "localhost"),
            ("SAN dNSName", identity, "*.example.com"),
            ("SAN iPAddress", identity, "127.0.0.1"),
            ("SAN iPAddress", identity, "::1"),
            ("signature", Some(Kind::Proof), "{} bytes by the issuer"),
        ]
    );
}

#[test]
fn every_entry_of_the_glossary_fits_its_column_and_names_a_field() {
    let leaf = certificate("leaf");
    let root = certificate("intermediate");
    let key = text("key_2048.pkcs1");
    let key = pem::read(&key).unwrap();
    let far = Subtree { minimum: 1, maximum: Some(2), ..Subtree::dns("example.com") };
    let constraints =
        NameConstraints { permitted: vec![Subtree::addresses("10.0.0.0/8").unwrap()], excluded: vec![far] };
    let mut constraints_der = Writer::new();
    constraints.write(&mut constraints_der);
    let recorded = [
        Reader::record(&constraints_der.finish(), NameConstraints::read).1,
        Reader::record(leaf.der(), Certificate::read).1,
        Reader::record(root.der(), Certificate::read).1,
        Reader::record(key[0].contents(), PrivateKey::read).1,
    ];
    for (i, entry) in GLOSSARY.0.iter().enumerate() {
        assert!(entry.short.chars().count() <= 31, "{}", entry.short);
        assert!(entry.title.chars().count() <= 26, "{}", entry.title);
        assert!(entry.what.ends_with('.') && !entry.source.is_empty(), "{}", entry.label);
        let again =
            GLOSSARY.0[..i].iter().any(|other| (other.group, other.label) == (entry.group, entry.label));
        assert!(!again, "{} stands twice", entry.label);
        let named = |fields: &Fields| {
            fields.all().iter().enumerate().any(|(id, field)| {
                let around = entry.group.trim_end_matches("/*");
                let inside = |group: &wire::Field| group.label == around && group.next as usize > id;
                field.label == entry.label
                    && (entry.group.is_empty() || fields.all()[..id].iter().any(inside))
            })
        };
        assert!(recorded.iter().any(named), "no field for {}.{}", entry.group, entry.label);
    }
}
