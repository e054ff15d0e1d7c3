//! The extensions of a certificate: what its key may be used for, and by whom (RFC 5280 §4.2).

use std::collections::HashSet;
use std::fmt;

use crate::pki::der::{self, Tag};
use crate::pki::{GeneralName, NameConstraints, Oid};
use crate::wire::{ReadError, Reader};

/// One extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Which one.
    pub id: Oid,
    /// Whether whoever does not understand it must refuse the certificate.
    pub critical: bool,
    /// What it says.
    pub value: ExtensionValue,
}

/// What an extension says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtensionValue {
    /// Whether the subject is a certificate authority (§4.2.1.9).
    BasicConstraints(BasicConstraints),
    /// What the key does (§4.2.1.3).
    KeyUsage(KeyUsage),
    /// What for (§4.2.1.12).
    ExtendedKeyUsage(Vec<Oid>),
    /// The names by which the subject is known (§4.2.1.6).
    SubjectAltName(Vec<GeneralName>),
    /// For which names the subject may vouch (§4.2.1.10).
    NameConstraints(NameConstraints),
    /// A short name of the subject's key (§4.2.1.2).
    SubjectKeyIdentifier(Vec<u8>),
    /// The short name of the issuer's key, if it is given (§4.2.1.1).
    AuthorityKeyIdentifier(Option<Vec<u8>>),
    /// Any other, closed: whoever judges the certificate does not know what it says.
    Other(Vec<u8>),
}

/// Whether the subject is a certificate authority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the key may sign certificates.
    pub authority: bool,
    /// How many authorities may stand between it and the end of a path.
    pub path_length: Option<u64>,
}

/// What a key may do: bit 0 of the standard's numbering is the highest.
///
/// ```
/// use cutaway::pki::KeyUsage;
/// let both = KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_ENCIPHERMENT;
/// assert!(both.contains(KeyUsage::KEY_ENCIPHERMENT));
/// assert_eq!(both.to_string(), "digitalSignature, keyEncipherment");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// Sign other things than certificates and lists of them.
    pub const DIGITAL_SIGNATURE: Self = Self::bit(0);
    /// Sign what its owner cannot deny later.
    pub const NON_REPUDIATION: Self = Self::bit(1);
    /// Encrypt keys, as RSA key transport does.
    pub const KEY_ENCIPHERMENT: Self = Self::bit(2);
    /// Encrypt data itself.
    pub const DATA_ENCIPHERMENT: Self = Self::bit(3);
    /// Agree on keys.
    pub const KEY_AGREEMENT: Self = Self::bit(4);
    /// Sign certificates.
    pub const KEY_CERT_SIGN: Self = Self::bit(5);
    /// Sign lists of revoked certificates.
    pub const CRL_SIGN: Self = Self::bit(6);
    /// Only encrypt, when agreeing on keys.
    pub const ENCIPHER_ONLY: Self = Self::bit(7);
    /// Only decrypt, when agreeing on keys.
    pub const DECIPHER_ONLY: Self = Self::bit(8);

    const NAMES: [&str; 9] = [
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];

    const fn bit(number: usize) -> Self {
        Self(1 << (15 - number))
    }

    /// Whether all of `other` is allowed.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl std::ops::BitOr for KeyUsage {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Self::NAMES.iter().enumerate().filter(|&(number, _)| self.contains(Self::bit(number)));
        f.pad(&names.map(|(_, &name)| name).collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Debug for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyUsage({self})")
    }
}

/// All extensions of a certificate, each at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions(Vec<Extension>);

macro_rules! accessors {
    ($( $(#[$doc:meta])* $name:ident: $variant:ident => $kind:ty; )*) => {
        impl Extensions {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> Option<$kind> {
                    self.0.iter().find_map(|extension| match &extension.value {
                        ExtensionValue::$variant(value) => Some(value),
                        _ => None,
                    })
                }
            )*
        }
    };
}

accessors! {
    /// Whether the subject is a certificate authority.
    basic_constraints: BasicConstraints => &BasicConstraints;
    /// What the key may do; absent, everything.
    key_usage: KeyUsage => &KeyUsage;
    /// What for; absent, everything.
    extended_key_usage: ExtendedKeyUsage => &Vec<Oid>;
    /// The names by which the subject is known.
    subject_alt_name: SubjectAltName => &Vec<GeneralName>;
    /// For which names the subject may vouch; absent, all.
    name_constraints: NameConstraints => &NameConstraints;
    /// A short name of the subject's key.
    subject_key_identifier: SubjectKeyIdentifier => &Vec<u8>;
}

impl Extensions {
    /// `Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension`
    ///
    /// # Errors
    /// [`ReadError`] where they are none, or where one stands twice.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        let mut seen = HashSet::new();
        let start = r.position();
        let all = r.element("Extensions", Tag::SEQUENCE, |r| {
            r.items(|r| {
                let start = r.position();
                let extension = Extension::read(r)?;
                if !seen.insert(extension.id.clone()) {
                    return Err(r.reject("Extension", start, format!("a second {}", extension.id)));
                }
                Ok(extension)
            })
        })?;
        if all.is_empty() {
            return Err(r.reject("Extensions", start, "a list of none"));
        }
        Ok(Self(all))
    }

    /// All of them, in order.
    #[must_use]
    pub fn all(&self) -> &[Extension] {
        &self.0
    }

    /// One of them.
    #[must_use]
    pub fn find(&self, id: &Oid) -> Option<&Extension> {
        self.0.iter().find(|extension| extension.id == *id)
    }

    /// The short name of the issuer's key.
    #[must_use]
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.0.iter().find_map(|extension| match &extension.value {
            ExtensionValue::AuthorityKeyIdentifier(Some(identifier)) => Some(identifier.as_slice()),
            _ => None,
        })
    }
}

impl Extension {
    /// `Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`
    ///
    /// DER leaves a default out (X.690 §11.5), but CAs write `critical FALSE` and `cA FALSE` all the
    /// same, and nobody refuses their certificates: neither do we.
    ///
    /// # Errors
    /// [`ReadError`] where it is none, or where the inside of a known one is not what it should be.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        let extension = r.element("Extension", Tag::SEQUENCE, |r| {
            let id = r.object_identifier("extnID")?;
            let critical = if r.next_is(Tag::BOOLEAN) { r.boolean("critical")? } else { false };
            let value = r.element("extnValue", Tag::OCTET_STRING, |r| ExtensionValue::read(r, &id))?;
            Ok(Self { id, critical, value })
        })?;
        r.means(|| format!("{}{}", extension.id, if extension.critical { ", critical" } else { "" }));
        Ok(extension)
    }

    /// One that says `value`.
    ///
    /// # Panics
    /// If `value` is closed: then it takes an `id`, and the fields are there to be set.
    #[must_use]
    pub fn new(critical: bool, value: ExtensionValue) -> Self {
        let id = match value {
            ExtensionValue::BasicConstraints(_) => Oid::BASIC_CONSTRAINTS,
            ExtensionValue::KeyUsage(_) => Oid::KEY_USAGE,
            ExtensionValue::ExtendedKeyUsage(_) => Oid::EXTENDED_KEY_USAGE,
            ExtensionValue::SubjectAltName(_) => Oid::SUBJECT_ALT_NAME,
            ExtensionValue::NameConstraints(_) => Oid::NAME_CONSTRAINTS,
            ExtensionValue::SubjectKeyIdentifier(_) => Oid::SUBJECT_KEY_IDENTIFIER,
            ExtensionValue::AuthorityKeyIdentifier(_) => Oid::AUTHORITY_KEY_IDENTIFIER,
            ExtensionValue::Other(_) => panic!("a closed value does not say which extension it is"),
        };
        Self { id, critical, value }
    }

    /// The mirror of [`read`](Self::read).
    pub fn write(&self, w: &mut der::Writer) {
        w.element(Tag::SEQUENCE, |w| {
            w.object_identifier(&self.id);
            if self.critical {
                w.boolean(true);
            }
            w.octet_string(|w| self.value.write(w));
        });
    }
}

impl ExtensionValue {
    fn read(r: &mut Reader, id: &Oid) -> Result<Self, ReadError> {
        Ok(match id {
            id if *id == Oid::BASIC_CONSTRAINTS => Self::BasicConstraints(basic_constraints(r)?),
            id if *id == Oid::KEY_USAGE => Self::KeyUsage(key_usage(r)?),
            id if *id == Oid::EXTENDED_KEY_USAGE => {
                let purpose = |r: &mut Reader| r.object_identifier("KeyPurposeId");
                Self::ExtendedKeyUsage(list(r, "extKeyUsage", purpose)?)
            }
            id if *id == Oid::SUBJECT_ALT_NAME => {
                Self::SubjectAltName(list(r, "subjectAltName", GeneralName::read)?)
            }
            id if *id == Oid::NAME_CONSTRAINTS => Self::NameConstraints(NameConstraints::read(r)?),
            id if *id == Oid::SUBJECT_KEY_IDENTIFIER => {
                let identifier = r.primitive("subjectKeyIdentifier", Tag::OCTET_STRING)?;
                Self::SubjectKeyIdentifier(identifier.to_vec())
            }
            id if *id == Oid::AUTHORITY_KEY_IDENTIFIER => {
                Self::AuthorityKeyIdentifier(authority_key_identifier(r)?)
            }
            // Closed, and opened for the window alone.
            id => {
                let label = id.name().unwrap_or("contents");
                Self::Other(r.opaque(label, r.left(), |r| r.any(label).map(drop))?.to_vec())
            }
        })
    }

    fn write(&self, w: &mut der::Writer) {
        match self {
            Self::BasicConstraints(constraints) => w.element(Tag::SEQUENCE, |w| {
                if constraints.authority {
                    w.boolean(true);
                }
                if let Some(length) = constraints.path_length {
                    w.small(length);
                }
            }),
            Self::KeyUsage(usage) => w.named_bits(usage.0),
            Self::ExtendedKeyUsage(purposes) => {
                w.element(Tag::SEQUENCE, |w| {
                    purposes.iter().for_each(|purpose| w.object_identifier(purpose))
                });
            }
            Self::SubjectAltName(names) => {
                w.element(Tag::SEQUENCE, |w| names.iter().for_each(|name| name.write(w)));
            }
            Self::NameConstraints(constraints) => constraints.write(w),
            Self::SubjectKeyIdentifier(identifier) => w.primitive(Tag::OCTET_STRING, identifier),
            Self::AuthorityKeyIdentifier(identifier) => w.element(Tag::SEQUENCE, |w| {
                if let Some(identifier) = identifier {
                    w.primitive(Tag::implicit(0), identifier);
                }
            }),
            Self::Other(der) => w.raw(der),
        }
    }
}

/// `SEQUENCE SIZE (1..MAX) OF item`
fn list<T>(
    r: &mut Reader,
    label: &'static str,
    item: impl FnMut(&mut Reader) -> Result<T, ReadError>,
) -> Result<Vec<T>, ReadError> {
    let start = r.position();
    let items = r.element(label, Tag::SEQUENCE, |r| r.items(item))?;
    if items.is_empty() {
        return Err(r.reject(label, start, "a list of none"));
    }
    Ok(items)
}

/// `BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`
fn basic_constraints(r: &mut Reader) -> Result<BasicConstraints, ReadError> {
    r.element("basicConstraints", Tag::SEQUENCE, |r| {
        let authority = if r.next_is(Tag::BOOLEAN) { r.boolean("cA")? } else { false };
        let path_length = if r.next_is(Tag::INTEGER) { Some(r.small("pathLenConstraint")?) } else { None };
        Ok(BasicConstraints { authority, path_length })
    })
}

/// `KeyUsage ::= BIT STRING` of nine named bits, of which at least one is set.
///
/// DER ends them with a one (X.690 §11.2.2), but two of Trustwave's roots, which every system's store
/// has, end them with zeros, and are read.
fn key_usage(r: &mut Reader) -> Result<KeyUsage, ReadError> {
    let start = r.position();
    let bits = r.bit_string("keyUsage", Tag::BIT_STRING)?;
    let usage = (0..KeyUsage::NAMES.len()).filter(|&number| bits.bit(number)).map(KeyUsage::bit);
    let Some(usage) = usage.reduce(|all, one| all | one) else {
        return Err(r.reject("keyUsage", start, "no usage at all"));
    };
    r.means(|| usage.to_string());
    Ok(usage)
}

/// `AuthorityKeyIdentifier`: the key's own short name, and the issuer's name and number, which nothing
/// here uses.
fn authority_key_identifier(r: &mut Reader) -> Result<Option<Vec<u8>>, ReadError> {
    r.element("authorityKeyIdentifier", Tag::SEQUENCE, |r| {
        let identifier = Tag::implicit(0);
        let identifier = r.optional("keyIdentifier", identifier, |r| Ok(r.rest("contents").to_vec()))?;
        r.optional("authorityCertIssuer", Tag::explicit(1), |r| r.items(GeneralName::read))?;
        r.optional("authorityCertSerialNumber", Tag::implicit(2), |r| Ok(r.rest("contents")))?;
        Ok(identifier)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::name_constraints::Subtree;

    fn read(bytes: &[u8]) -> Result<Extension, String> {
        Reader::new(bytes).whole(Extension::read).map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_comes_back_as_it_was_written() {
        let values = [
            ExtensionValue::BasicConstraints(BasicConstraints { authority: true, path_length: Some(0) }),
            ExtensionValue::BasicConstraints(BasicConstraints::default()),
            ExtensionValue::KeyUsage(KeyUsage::KEY_CERT_SIGN | KeyUsage::DECIPHER_ONLY),
            ExtensionValue::ExtendedKeyUsage(vec![Oid::SERVER_AUTH, Oid::CLIENT_AUTH]),
            ExtensionValue::SubjectAltName(vec![GeneralName::DnsName("localhost".into())]),
            ExtensionValue::NameConstraints(NameConstraints {
                permitted: vec![Subtree::dns("example.com")],
                excluded: Vec::new(),
            }),
            ExtensionValue::SubjectKeyIdentifier(vec![1, 2, 3]),
            ExtensionValue::AuthorityKeyIdentifier(Some(vec![1, 2, 3])),
        ];
        let closed = Extension {
            id: Oid::POLICY_CONSTRAINTS,
            critical: true,
            value: ExtensionValue::Other(vec![0x30, 0]),
        };
        for extension in values.map(|value| Extension::new(false, value)).into_iter().chain([closed]) {
            let mut w = der::Writer::new();
            extension.write(&mut w);
            assert_eq!(read(&w.finish()).unwrap(), extension);
        }
    }

    #[test]
    fn reads_defaults_that_were_written_out() {
        // basicConstraints, critical FALSE, cA FALSE: as some CAs write it.
        let bytes = hex::decode("300f0603551d1301010004053003010100").unwrap();
        let extension = read(&bytes).unwrap();
        assert!(!extension.critical);
        assert_eq!(extension.value, ExtensionValue::BasicConstraints(BasicConstraints::default()));
        // keyUsage of Trustwave Global ECC P256 Certification Authority.
        let bytes = hex::decode("300f0603551d0f0101ff04050303070600").unwrap();
        let usage = KeyUsage::KEY_CERT_SIGN | KeyUsage::CRL_SIGN;
        assert_eq!(read(&bytes).unwrap().value, ExtensionValue::KeyUsage(usage));
    }

    #[test]
    fn refuses_a_known_one_whose_inside_is_wrong() {
        let of = |id: &Oid, value: &[u8]| {
            let mut w = der::Writer::new();
            let value = ExtensionValue::Other(value.to_vec());
            Extension { id: id.clone(), critical: true, value }.write(&mut w);
            read(&w.finish()).unwrap_err()
        };
        assert_eq!(
            of(&Oid::KEY_USAGE, &[3, 2, 4, 0]),
            "Extension.extnValue.keyUsage: no usage at all (at 0xc)"
        );
        assert_eq!(
            of(&Oid::SUBJECT_ALT_NAME, &[0x30, 0]),
            "Extension.extnValue.subjectAltName: a list of none (at 0xc)"
        );
        assert_eq!(
            of(&Oid::BASIC_CONSTRAINTS, &[0x30, 0, 0]),
            "Extension.extnValue: 1 byte left over (at 0xe)"
        );
    }

    #[test]
    fn none_may_stand_twice() {
        let mut w = der::Writer::new();
        let extension = Extension::new(false, ExtensionValue::SubjectKeyIdentifier(vec![1]));
        w.element(Tag::SEQUENCE, |w| {
            extension.write(w);
            extension.write(w);
        });
        let bytes = w.finish();
        let error = Reader::new(&bytes).whole(Extensions::read).unwrap_err();
        assert_eq!(error.to_string(), "Extensions.Extension[1]: a second subjectKeyIdentifier (at 0xe)");
    }
}
