//! Certificates to order, right or wrong: what RFC 5280 asks of them, each part to be spoilt.

use std::sync::OnceLock;

use cutaway::asymmetric::rsa::{RsaPrivateKey, RsaPublicKey};
use cutaway::hash::HashAlgorithm;
use cutaway::pki::der::{Tag, Writer};
use cutaway::pki::name_constraints::{Base, Subtree};
use cutaway::pki::public_key::write_subject_public_key_info;
use cutaway::pki::{
    BasicConstraints, Extension, ExtensionValue, GeneralName, KeyUsage, Name, NameConstraints, Oid,
    SignatureAlgorithm, Time,
};
use cutaway::symmetric::chacha20::Generator;

/// The moment at which every chain is judged, unless it says otherwise.
pub const NOW: &str = "2026-06-01T12:00:00Z";

/// The keys: 0 is the root's, 1 that of the authority below it, 2 the server's, the others strangers'.
pub fn key(number: usize) -> &'static RsaPrivateKey {
    static KEYS: [OnceLock<RsaPrivateKey>; 5] = [const { OnceLock::new() }; 5];
    KEYS[number].get_or_init(|| RsaPrivateKey::generate(&mut Generator::new(7, number as u64), 2048).unwrap())
}

/// A certificate that is yet to be signed.
#[derive(Clone, Debug)]
pub struct Template {
    pub subject: Name,
    pub issuer: Name,
    /// Whose key signs; `None` leaves zeros, where nobody comes to ask.
    pub signer: Option<usize>,
    /// The SubjectPublicKeyInfo.
    pub public_key: Vec<u8>,
    /// As it is written: 2 is version 3; 0 is left out.
    pub version: u64,
    pub serial: Vec<u8>,
    pub from: Time,
    pub until: Time,
    pub extensions: Vec<Extension>,
    pub hash: HashAlgorithm,
    /// The algorithm that stands behind what is signed, where that is another than inside.
    pub outside: Option<SignatureAlgorithm>,
    /// What is done to the bytes that are signed, before they are.
    pub before: Option<fn(Vec<u8>) -> Vec<u8>>,
    /// What is done to the certificate once it is signed.
    pub after: Option<fn(Vec<u8>) -> Vec<u8>>,
}

pub fn time(text: &str) -> Time {
    text.parse().unwrap()
}

pub fn spki(key: &RsaPublicKey) -> Vec<u8> {
    let mut w = Writer::new();
    write_subject_public_key_info(&mut w, key);
    w.finish()
}

/// A certificate of `subject` with the key `number`, signed by the root, that says nothing more.
pub fn bare(subject: &str, number: usize) -> Template {
    Template {
        subject: Name::of(subject),
        issuer: Name::of("root"),
        signer: Some(0),
        public_key: spki(key(number).public()),
        version: 2,
        serial: vec![0x40, number as u8],
        from: time("2026-01-01T00:00:00Z"),
        until: time("2026-12-31T23:59:59Z"),
        extensions: Vec::new(),
        hash: HashAlgorithm::Sha256,
        outside: None,
        before: None,
        after: None,
    }
}

/// An authority's certificate.
pub fn authority(subject: &str, number: usize) -> Template {
    bare(subject, number)
        .with(true, ExtensionValue::BasicConstraints(BasicConstraints { authority: true, path_length: None }))
        .with(true, ExtensionValue::KeyUsage(KeyUsage::KEY_CERT_SIGN | KeyUsage::CRL_SIGN))
}

/// The root that is trusted.
pub fn root() -> Template {
    authority("root", 0)
}

/// The authority below it.
pub fn below() -> Template {
    authority("below", 1)
}

/// The server's certificate, signed by `below`: for localhost, and www.example.com, and 10.1.2.3.
pub fn server() -> Template {
    let usage = KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_ENCIPHERMENT;
    bare("server", 2)
        .by("below", 1)
        .with(true, ExtensionValue::BasicConstraints(BasicConstraints::default()))
        .with(true, ExtensionValue::KeyUsage(usage))
        .purposes(&[Oid::SERVER_AUTH])
        .names(&["localhost", "www.example.com", "10.1.2.3"])
}

impl Template {
    /// Signed by this issuer, with this key.
    pub fn by(mut self, issuer: &str, number: usize) -> Self {
        (self.issuer, self.signer) = (Name::of(issuer), Some(number));
        self
    }

    pub fn unsigned(mut self) -> Self {
        self.signer = None;
        self
    }

    pub fn called(mut self, subject: Name) -> Self {
        self.subject = subject;
        self
    }

    /// With this extension, instead of another of its kind.
    pub fn with(mut self, critical: bool, value: ExtensionValue) -> Self {
        let extension = Extension::new(critical, value);
        self.extensions.retain(|other| other.id != extension.id);
        self.extensions.push(extension);
        self
    }

    /// With an extension of which nothing is known but its bytes, another of its kind or not.
    pub fn raw(mut self, id: Oid, critical: bool, der: &[u8]) -> Self {
        self.extensions.push(Extension { id, critical, value: ExtensionValue::Other(der.to_vec()) });
        self
    }

    pub fn without(mut self, id: &Oid) -> Self {
        self.extensions.retain(|extension| extension.id != *id);
        self
    }

    pub fn plain(mut self) -> Self {
        self.extensions.clear();
        self
    }

    pub fn names(self, names: &[&str]) -> Self {
        self.alternative(names.iter().map(|name| general(name)).collect())
    }

    pub fn alternative(self, names: Vec<GeneralName>) -> Self {
        self.with(false, ExtensionValue::SubjectAltName(names))
    }

    pub fn purposes(self, purposes: &[Oid]) -> Self {
        self.with(false, ExtensionValue::ExtendedKeyUsage(purposes.to_vec()))
    }

    pub fn usage(self, usage: KeyUsage) -> Self {
        self.with(true, ExtensionValue::KeyUsage(usage))
    }

    pub fn no_authority(self) -> Self {
        self.with(true, ExtensionValue::BasicConstraints(BasicConstraints::default()))
    }

    pub fn length(self, length: u64) -> Self {
        let path_length = Some(length);
        self.with(true, ExtensionValue::BasicConstraints(BasicConstraints { authority: true, path_length }))
    }

    /// Subtrees as [`subtree`] reads them.
    pub fn permits(self, permitted: &[&str]) -> Self {
        self.constrained(permitted, &[])
    }

    pub fn excludes(self, excluded: &[&str]) -> Self {
        self.constrained(&[], excluded)
    }

    pub fn constrained(self, permitted: &[&str], excluded: &[&str]) -> Self {
        let subtrees = |list: &[&str]| list.iter().map(|text| subtree(text)).collect();
        let (permitted, excluded) = (subtrees(permitted), subtrees(excluded));
        self.with(true, ExtensionValue::NameConstraints(NameConstraints { permitted, excluded }))
    }

    /// With the short names of both keys, as authorities write them: the number, and a zero.
    pub fn identified(self, own: u8, issuers: u8) -> Self {
        self.with(false, ExtensionValue::SubjectKeyIdentifier(vec![own, 0]))
            .with(false, ExtensionValue::AuthorityKeyIdentifier(Some(vec![issuers, 0])))
    }

    pub fn valid(mut self, from: &str, until: &str) -> Self {
        (self.from, self.until) = (time(from), time(until));
        self
    }

    pub fn expired(self) -> Self {
        self.valid("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z")
    }

    pub fn future(self) -> Self {
        self.valid("2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z")
    }

    pub fn numbered(mut self, serial: u32) -> Self {
        self.serial = [&[0x40][..], &serial.to_be_bytes()].concat();
        self
    }

    pub fn version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    pub fn key(mut self, public_key: Vec<u8>) -> Self {
        self.public_key = public_key;
        self
    }

    pub fn before(mut self, spoil: fn(Vec<u8>) -> Vec<u8>) -> Self {
        self.before = Some(spoil);
        self
    }

    pub fn after(mut self, spoil: fn(Vec<u8>) -> Vec<u8>) -> Self {
        self.after = Some(spoil);
        self
    }

    /// Signs it.
    pub fn der(&self) -> Vec<u8> {
        let algorithm = SignatureAlgorithm::RsaPkcs1(self.hash);
        let mut w = Writer::new();
        w.element(Tag::SEQUENCE, |w| {
            if self.version > 0 {
                w.element(Tag::explicit(0), |w| w.small(self.version));
            }
            w.primitive(Tag::INTEGER, &self.serial);
            algorithm.write(w);
            w.raw(self.issuer.der());
            w.element(Tag::SEQUENCE, |w| {
                w.time(self.from);
                w.time(self.until);
            });
            w.raw(self.subject.der());
            w.raw(&self.public_key);
            if !self.extensions.is_empty() {
                w.element(Tag::explicit(3), |w| {
                    w.element(Tag::SEQUENCE, |w| {
                        self.extensions.iter().for_each(|extension| extension.write(w))
                    });
                });
            }
        });
        let signed = w.finish();
        let signed = self.before.map_or(signed.clone(), |spoil| spoil(signed));
        let sign = |number| key(number).sign(&mut Generator::new(3, 0), self.hash, &signed).unwrap();
        let signature = self.signer.map_or(vec![0; 256], sign);
        let mut w = Writer::new();
        w.element(Tag::SEQUENCE, |w| {
            w.raw(&signed);
            self.outside.as_ref().unwrap_or(&algorithm).write(w);
            w.bit_string(|w| w.raw(&signature));
        });
        let der = w.finish();
        self.after.map_or(der.clone(), |spoil| spoil(der))
    }
}

/// A name as it is read: an address, a mailbox, `scheme://…`, `rid:` for a registeredID, `CN=…` or
/// `O=…/CN=…` for a directory name, else a host.
pub fn general(text: &str) -> GeneralName {
    if let Ok(address) = text.parse() {
        GeneralName::IpAddress(address)
    } else if text.contains("://") {
        GeneralName::UniformResourceIdentifier(text.into())
    } else if text.contains('@') {
        GeneralName::Rfc822Name(text.into())
    } else if text.starts_with("rid:") {
        GeneralName::Other { tag: Tag::implicit(8), der: vec![0x88, 3, 0x2a, 3, 4] }
    } else if text.contains('=') {
        GeneralName::DirectoryName(directory(text))
    } else {
        GeneralName::DnsName(text.into())
    }
}

/// `O=…/CN=…`; `=` alone is the name of nothing.
pub fn directory(text: &str) -> Name {
    let kind = |kind: &str| match kind {
        "O" => Oid::ORGANIZATION_NAME,
        "OU" => Oid::ORGANIZATIONAL_UNIT_NAME,
        "E" => Oid::EMAIL_ADDRESS,
        _ => Oid::COMMON_NAME,
    };
    let parts = text.split('/').filter_map(|part| part.split_once('=')).filter(|(kind, _)| !kind.is_empty());
    Name::new(&parts.map(|(name, value)| (kind(name), value)).collect::<Vec<_>>())
}

/// A subtree: as [`general`], and `10.0.0.0/8`, `10.0.0.0&255.0.255.0`, `dns:` for what would be taken
/// for something else, and at its end ` min 1` or ` max 1`.
pub fn subtree(text: &str) -> Subtree {
    if let Some((text, minimum)) = text.split_once(" min ") {
        return Subtree { minimum: minimum.parse().unwrap(), ..subtree(text) };
    }
    if let Some((text, maximum)) = text.split_once(" max ") {
        return Subtree { maximum: Some(maximum.parse().unwrap()), ..subtree(text) };
    }
    if let Some((address, mask)) = text.split_once('&') {
        let base = Base::Addresses { address: address.parse().unwrap(), mask: mask.parse().unwrap() };
        return Subtree { base, minimum: 0, maximum: None };
    }
    Subtree::addresses(text).unwrap_or_else(|| Subtree::of(general(text)))
}
