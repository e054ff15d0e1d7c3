//! What a certificate says of itself: its form, its dates, its names, its usage, its key.

use cutaway::hash::HashAlgorithm;
use cutaway::pki::der::{Tag, Writer};
use cutaway::pki::{BasicConstraints, ExtensionValue, GeneralName, KeyUsage, Name, Oid, SignatureAlgorithm};

use crate::build::{NOW, Template, bare, below, key, root, server, spki};
use crate::row::{Chain, Row, believed, broken, fixtures, malformed, sent};

const PARTIAL: &str =
    "lets a star stand for a part of a label, as RFC 6125 had it; RFC 9525 §6.3 no longer does";
const SIX_BITS: &str = "takes keyUsage for any of what TLS has, digitalSignature too; RSA key transport needs \
                        keyEncipherment (RFC 5246 §7.4.2)";
const OTHER_NAMES: &str = "looks at the form of a name when it compares it, and found the right one first";
const NO_KEY_USAGE: &str = "does not look at keyUsage";
const ANY: &str =
    "does not take anyExtendedKeyUsage for serverAuth; RFC 5280 §4.2.1.12 leaves it to the application";
const LENIENT: &str = "reads BER, and looks at the form of what it does not use as little as it can";
const OTHER_KEYS: &str = "has this kind of key or signature, and we do not yet";

/// The server's certificate, spoilt, below a sound authority.
fn leaf(spoil: impl FnOnce(Template) -> Template) -> Chain {
    sent([spoil(server()), below()])
}

pub fn rows() -> Vec<Row> {
    [form(), dates(), names(), usage(), keys()].into_iter().flatten().collect()
}

fn flip(mut der: Vec<u8>, from_the_end: usize) -> Vec<u8> {
    let at = der.len() - from_the_end;
    der[at] ^= 1;
    der
}

#[rustfmt::skip]
fn form() -> Vec<Row> {
    vec![
        believed("a server below an authority below the root", 3, leaf(|leaf| leaf)),
        believed("signed with SHA-384", 3, leaf(|leaf| Template { hash: HashAlgorithm::Sha384, ..leaf })),
        believed("signed with SHA-512", 3, leaf(|leaf| Template { hash: HashAlgorithm::Sha512, ..leaf })),
        believed("a negative serial number", 3, leaf(|leaf| Template { serial: vec![0xff], ..leaf }))
            ,
        believed("an unknown extension that is not critical", 3, leaf(|leaf| leaf.raw(Oid::ISSUER_ALT_NAME, false, &[0x30, 0]))),
        believed("critical FALSE and cA FALSE written out", 3, leaf(|leaf| {
            leaf.without(&Oid::BASIC_CONSTRAINTS).raw(Oid::BASIC_CONSTRAINTS, true, &[0x30, 3, 1, 1, 0])
        })),
        believed("no subject, and a critical subjectAltName", 3, leaf(|leaf| {
            let names = vec![GeneralName::DnsName("localhost".into())];
            leaf.called(Name::new(&[])).with(true, ExtensionValue::SubjectAltName(names))
        })),
        broken("a bit of the signature turned over", ("BadSignature", "server"),
            leaf(|leaf| leaf.after(|der| flip(der, 1)))),
        broken("a bit of an authority's signature turned over", ("BadSignature", "below"),
            sent([server(), below().after(|der| flip(der, 20))])),
        broken("another year after it was signed", ("BadSignature", "server"), leaf(|leaf| leaf.after(|mut der| {
            let at = der.windows(6).rposition(|bytes| bytes == b"261231").unwrap();
            der[at + 1] = b'7';
            der
        }))),
        broken("another name after it was signed", ("BadSignature", "server"), leaf(|leaf| leaf.after(|mut der| {
            let at = der.windows(3).position(|bytes| bytes == b"www").unwrap();
            der[at] = b'x';
            der
        }))),
        broken("a signature of zeros", ("BadSignature", "server"), leaf(|leaf| leaf.after(|mut der| {
            let at = der.len() - 256;
            der[at..].fill(0);
            der
        }))),
        malformed("an extension that stands twice", "a second subjectAltName", leaf(|leaf| {
            leaf.raw(Oid::SUBJECT_ALT_NAME, false, b"\x30\x0b\x82\x09localhost")
        })),
        malformed("an unknown extension that stands twice", "a second issuerAltName", leaf(|leaf| {
            leaf.raw(Oid::ISSUER_ALT_NAME, false, &[0x30, 0]).raw(Oid::ISSUER_ALT_NAME, false, &[0x30, 0])
        })).openssl(LENIENT).webpki("sees a second of those alone that it knows"),
        malformed("a version 4", "3, expected 1 or 2", leaf(|leaf| leaf.version(3))).openssl(LENIENT),
        malformed("a version 1 with extensions", "left over", leaf(|leaf| leaf.version(0))).openssl(LENIENT),
        malformed("a version 2 with extensions", "left over", leaf(|leaf| leaf.version(1))).openssl(LENIENT),
        malformed("a serial number of 21 bytes", "a serial number of 21 bytes",
            leaf(|leaf| Template { serial: vec![0x40; 21], ..leaf })).openssl(LENIENT).webpki("does not look at the serial number"),
        malformed("a byte behind the certificate", "1 byte left over",
            leaf(|leaf| leaf.after(|der| [&der[..], &[0]].concat()))).openssl("takes of a PEM block what it needs"),
        malformed("another algorithm outside than inside", "as in tbsCertificate",
            leaf(|leaf| Template { outside: Some(SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha384)), ..leaf })),
        malformed("a length in more bytes than it needs", "not in its shortest form", leaf(|leaf| leaf.before(|der| {
            // The length of tbsCertificate, 30 82 hh ll, as 30 83 00 hh ll.
            [&[0x30, 0x83, 0], &der[2..]].concat()
        }))).openssl(LENIENT),
        malformed("a critical that is neither TRUE nor FALSE", "neither 00 nor ff", leaf(|leaf| leaf.before(|mut der| {
            let at = der.windows(3).position(|bytes| bytes == [1, 1, 0xff]).unwrap();
            der[at + 2] = 1;
            der
        }))).openssl(LENIENT),
        malformed("a keyUsage of no bits", "no usage at all", leaf(|leaf| {
            leaf.without(&Oid::KEY_USAGE).raw(Oid::KEY_USAGE, true, &[3, 2, 7, 0])
        })).webpki(NO_KEY_USAGE),
        malformed("an extKeyUsage of nothing", "a list of none", leaf(|leaf| {
            leaf.without(&Oid::EXTENDED_KEY_USAGE).raw(Oid::EXTENDED_KEY_USAGE, false, &[0x30, 0])
        })),
        malformed("a subjectAltName of nothing", "a list of none", leaf(|leaf| {
            leaf.without(&Oid::SUBJECT_ALT_NAME).raw(Oid::SUBJECT_ALT_NAME, false, &[0x30, 0])
        })),
        malformed("a name in letters beyond ASCII", "not ASCII", leaf(|leaf| {
            leaf.without(&Oid::SUBJECT_ALT_NAME)
                .raw(Oid::SUBJECT_ALT_NAME, false, b"\x30\x18\x82\x09localhost\x82\x0bb\xc3\xbccher.com")
        })).openssl(OTHER_NAMES).webpki(OTHER_NAMES),
        malformed("an address of five bytes", "an address of 5 bytes", leaf(|leaf| {
            leaf.without(&Oid::SUBJECT_ALT_NAME)
                .raw(Oid::SUBJECT_ALT_NAME, false, b"\x30\x12\x82\x09localhost\x87\x05abcde")
        })).openssl(OTHER_NAMES).webpki(OTHER_NAMES),
        malformed("an authority that is no certificate", "Certificate", Chain {
            sent: vec![server().der(), vec![0x30, 3, 1, 2, 3]], ..leaf(|leaf| leaf)
        }),
    ]
}

#[rustfmt::skip]
fn dates() -> Vec<Row> {
    vec![
        believed("its first second", 3, leaf(|leaf| leaf.valid(NOW, "2027-01-01T00:00:00Z"))),
        believed("its last second", 3, leaf(|leaf| leaf.valid("2026-01-01T00:00:00Z", NOW)))
            .openssl("counts the last second as over (X509_cmp_time); RFC 5280 §4.1.2.5 has both ends count"),
        believed("valid beyond 2050", 3, leaf(|leaf| leaf.valid("2026-01-01T00:00:00Z", "2075-01-01T00:00:00Z"))),
        broken("a leaf whose time is over", ("Expired", "server"), leaf(Template::expired)),
        broken("a leaf whose time has not come", ("NotYetValid", "server"), leaf(Template::future)),
        broken("a second too early", ("NotYetValid", "server"),
            leaf(|leaf| leaf.valid("2026-06-01T12:00:01Z", "2027-01-01T00:00:00Z"))),
        broken("a second too late", ("Expired", "server"),
            leaf(|leaf| leaf.valid("2026-01-01T00:00:00Z", "2026-06-01T11:59:59Z"))),
        broken("a time that ends before it begins", ("NotYetValid", "server"),
            leaf(|leaf| leaf.valid("2026-12-01T00:00:00Z", "2026-01-01T00:00:00Z"))),
        broken("an authority whose time is over", ("Expired", "below"), sent([server(), below().expired()])),
        broken("an authority whose time has not come", ("NotYetValid", "below"), sent([server(), below().future()])),
        broken("a root whose time is over", ("Expired", "root"), leaf(|leaf| leaf).trusting([root().expired()]))
            .webpki("takes of a root its name, its key and its constraints alone (RFC 5280 §6.1.1 (d))"),
    ]
}

#[rustfmt::skip]
fn names() -> Vec<Row> {
    let named = |names: &'static [&'static str], asked| leaf(|leaf| leaf.names(names)).asked(asked);
    vec![
        believed("a host's name", 3, named(&["www.example.com"], "www.example.com")),
        believed("a name in other letters", 3, named(&["WWW.Example.COM"], "www.example.com")),
        believed("a star for one label", 3, named(&["*.example.com"], "www.example.com")),
        believed("an IDN in its A-label", 3, named(&["xn--bcher-kva.example"], "xn--bcher-kva.example")),
        believed("an address", 3, named(&["10.1.2.3"], "10.1.2.3")),
        believed("an address of IPv6", 3, named(&["2001:db8::1"], "2001:db8::1")),
        broken("another host", ("WrongName", "server"), named(&["localhost"], "example.com")),
        broken("another address", ("WrongName", "server"), named(&["10.1.2.3"], "10.1.2.4")),
        broken("a name in the subject alone", ("WrongName", "localhost"),
            leaf(|leaf| leaf.called(Name::of("localhost")).without(&Oid::SUBJECT_ALT_NAME)))
            .openssl("takes the common name where there is no dNSName; RFC 9525 §2 does not"),
        broken("an address as text", ("WrongName", "server"),
            leaf(|leaf| leaf.alternative(vec![GeneralName::DnsName("10.1.2.3".into())])).asked("10.1.2.3")),
        broken("a star for two labels", ("WrongName", "server"), named(&["*.example.com"], "a.b.example.com")),
        broken("a star for no label", ("WrongName", "server"), named(&["*.example.com"], "example.com")),
        broken("a star for a part of a label", ("WrongName", "server"), named(&["w*.example.com"], "www.example.com"))
            .openssl(PARTIAL),
        broken("a star that is not the first label", ("WrongName", "server"), named(&["www.*.com"], "www.example.com")),
        broken("a star alone", ("WrongName", "server"), named(&["*"], "localhost")),
        broken("a name with a zero byte in it", ("WrongName", "server"),
            named(&["localhost\0.example.com"], "localhost")),
        broken("a dot at the end of the certificate's name", ("WrongName", "server"), named(&["localhost."], "localhost")),
        broken("a mailbox of that name", ("WrongName", "server"), named(&["a@localhost"], "localhost")),
    ]
}

#[rustfmt::skip]
fn usage() -> Vec<Row> {
    let critical = |value: &'static [u8]| move |leaf: Template| leaf.raw(Oid::INHIBIT_ANY_POLICY, true, value);
    vec![
        believed("no extKeyUsage", 3, leaf(|leaf| leaf.without(&Oid::EXTENDED_KEY_USAGE))),
        believed("several purposes", 3, leaf(|leaf| leaf.purposes(&[Oid::CLIENT_AUTH, Oid::SERVER_AUTH]))),
        believed("any purpose", 3, leaf(|leaf| leaf.purposes(&[Oid::ANY_EXTENDED_KEY_USAGE]))).openssl(ANY).webpki(ANY),
        believed("a critical extKeyUsage", 3, leaf(|leaf| {
            leaf.with(true, ExtensionValue::ExtendedKeyUsage(vec![Oid::SERVER_AUTH]))
        })),
        believed("no keyUsage", 3, leaf(|leaf| leaf.without(&Oid::KEY_USAGE))),
        believed("keyEncipherment alone", 3, leaf(|leaf| leaf.usage(KeyUsage::KEY_ENCIPHERMENT))),
        believed("no basicConstraints", 3, leaf(|leaf| leaf.without(&Oid::BASIC_CONSTRAINTS))),
        believed("an authority that is a server too", 3, leaf(|leaf| {
            let authority = BasicConstraints { authority: true, path_length: None };
            leaf.with(true, ExtensionValue::BasicConstraints(authority))
        })).webpki("takes no authority for a server; RFC 5280 does not forbid it"),
        broken("a client's certificate", ("WrongPurpose", "server"), leaf(|leaf| leaf.purposes(&[Oid::CLIENT_AUTH]))),
        broken("a certificate for code", ("WrongPurpose", "server"), leaf(|leaf| leaf.purposes(&[Oid::CODE_SIGNING]))),
        broken("a key that only signs", ("WrongKeyUsage", "server"), leaf(|leaf| leaf.usage(KeyUsage::DIGITAL_SIGNATURE)))
            .openssl(SIX_BITS).webpki(NO_KEY_USAGE),
        broken("a key that only agrees on keys", ("WrongKeyUsage", "server"), leaf(|leaf| leaf.usage(KeyUsage::KEY_AGREEMENT)))
            .openssl(SIX_BITS).webpki(NO_KEY_USAGE),
        broken("a key that only signs certificates", ("WrongKeyUsage", "server"), leaf(|leaf| leaf.usage(KeyUsage::KEY_CERT_SIGN)))
            .webpki(NO_KEY_USAGE),
        broken("an extension that must be understood, in the leaf", ("UnknownCriticalExtension", "server"),
            leaf(critical(&[2, 1, 0])))
            .openssl("knows inhibitAnyPolicy, and was not asked about policies"),
        broken("one that nobody knows, in the leaf", ("UnknownCriticalExtension", "strange"),
            fixtures(&["strange"], &["root"])),
        broken("critical policies, in the leaf", ("UnknownCriticalExtension", "server"),
            leaf(|leaf| leaf.raw(Oid::CERTIFICATE_POLICIES, true, b"\x30\x06\x30\x04\x06\x02\x2a\x03")))
            .openssl("knows certificatePolicies; nothing here does, and says so"),
    ]
}

#[rustfmt::skip]
fn keys() -> Vec<Row> {
    /// A key of another algorithm: the bytes are none of a point, which nobody looks at.
    fn other(algorithm: &Oid, length: usize) -> Vec<u8> {
        let mut w = Writer::new();
        w.element(Tag::SEQUENCE, |w| {
            w.element(Tag::SEQUENCE, |w| w.object_identifier(algorithm));
            w.bit_string(|w| w.raw(&vec![5; length]));
        });
        w.finish()
    }
    vec![
        believed("RSA, 3072 bits", 3, leaf(|leaf| {
            let text = include_bytes!("../fixtures/pki/key_3072.pkcs8.pem");
            let key = cutaway::pki::PrivateKey::from_pem(text).unwrap();
            leaf.key(spki(key.rsa().unwrap().public()))
        })),
        broken("an elliptic key", ("UnsupportedKey", "elliptic"), fixtures(&["ec"], &["root"]))
            .openssl(OTHER_KEYS).webpki("does not look at the key of a leaf"),
        broken("a key of Ed25519", ("UnsupportedKey", "server"), leaf(|leaf| leaf.key(other(&Oid::ED25519, 32))))
            .openssl(OTHER_KEYS).webpki("does not look at the key of a leaf"),
        broken("an RSA key of 1024 bits", ("UnsupportedKey", "short"), fixtures(&["short"], &["root"]))
            .openssl("takes 80 bits of security by default; NIST SP 800-131A no longer does")
            .webpki("does not look at the key of a leaf"),
        broken("signed with an elliptic key", ("UnsupportedSignature", "under elliptic"),
            fixtures(&["under_ec"], &["ec_root"])).openssl(OTHER_KEYS),
        broken("signed with an elliptic key by nobody who is known", ("UnsupportedSignature", "under elliptic"),
            fixtures(&["under_ec"], &[])),
        broken("an authority with a key of Ed25519", ("UnsupportedKey", "below"),
            sent([server(), below().key(other(&Oid::ED25519, 32))])),
        broken("signed with SHA-1", ("UnsupportedSignature", "sha1"), fixtures(&["sha1"], &["root"]))
            .openssl("takes SHA-1 at its default level; RFC 9155 deprecates it, and collisions have been made"),
        broken("the key of another, which signed nothing", ("BadSignature", "server"),
            sent([server(), below().key(spki(key(3).public()))])),
        broken("nobody's key", ("BadSignature", "server"), sent([bare("server", 2).by("root", 4)])),
    ]
}
