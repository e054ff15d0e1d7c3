//! Distinguished names: who a certificate speaks of, and who says so (RFC 5280 §4.1.2.4).

use std::fmt::{self, Write};

use crate::pki::Oid;
use crate::pki::der::{self, Tag};
use crate::wire::reader::escape;
use crate::wire::{ReadError, Reader};

/// A name: a sequence of sets of attributes, from the country down to the common name.
///
/// Two names are equal if their DER is. RFC 5280 §7.1 would also let `Example` match `EXAMPLE`; but it
/// has issuers repeat their own name byte by byte (§4.1.2.6), and bytes leave nothing to interpret.
///
/// It prints as RFC 4514 has it: the last attribute first.
///
/// ```
/// use cutaway::pki::{Name, Oid};
/// let name = Name::new(&[(Oid::ORGANIZATION_NAME, "Widgets, Inc."), (Oid::COMMON_NAME, "localhost")]);
/// assert_eq!(name.to_string(), r"CN=localhost,O=Widgets\, Inc.");
/// assert_eq!(name.common_name(), Some("localhost"));
/// ```
#[derive(Clone)]
pub struct Name {
    der: Vec<u8>,
    relative: Vec<Vec<Attribute>>,
}

/// One statement of a name, such as `commonName: localhost`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// What it states.
    pub kind: Oid,
    /// What that is.
    pub value: AttributeValue,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// A string of whatever type.
    Text(String),
    /// Something else: its DER.
    Other(Vec<u8>),
}

impl Name {
    /// A name of these attributes, the largest first, each in a set of its own.
    #[must_use]
    pub fn new(attributes: &[(Oid, &str)]) -> Self {
        let mut w = der::Writer::new();
        w.element(Tag::SEQUENCE, |w| {
            for (kind, text) in attributes {
                w.element(Tag::SET, |w| {
                    w.element(Tag::SEQUENCE, |w| {
                        w.object_identifier(kind);
                        w.text(text);
                    });
                });
            }
        });
        let relative = attributes.iter().map(|(kind, text)| {
            vec![Attribute { kind: kind.clone(), value: AttributeValue::Text((*text).to_owned()) }]
        });
        Self { der: w.finish(), relative: relative.collect() }
    }

    /// A name that is a common name alone.
    #[must_use]
    pub fn of(common_name: &str) -> Self {
        Self::new(&[(Oid::COMMON_NAME, common_name)])
    }

    /// `Name ::= SEQUENCE OF RelativeDistinguishedName`. The value of an attribute is named after its
    /// type: `commonName`.
    ///
    /// # Errors
    /// [`ReadError`] where it is no name.
    pub fn read(r: &mut Reader, label: &'static str) -> Result<Self, ReadError> {
        let start = r.position();
        let relative = r.element(label, Tag::SEQUENCE, |r| r.items(relative_distinguished_name))?;
        let name = Self { der: r.slice(start..r.position()).to_vec(), relative };
        r.means(|| name.to_string());
        Ok(name)
    }

    /// Its DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether it states nothing, as the subject of a certificate may that has other names.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.relative.is_empty()
    }

    /// Its attributes, the largest first.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.relative.iter().flatten()
    }

    /// Whether it lies below `base`, or is `base`: it begins with the same parts (RFC 5280 §7.1). Here
    /// strings are compared as §7.1 has it, without regard to their type, to case and to the width of
    /// spaces; only Unicode's several forms of one letter (NFKC) are not made one.
    #[must_use]
    pub fn begins_with(&self, base: &Self) -> bool {
        base.relative.len() <= self.relative.len()
            && base.relative.iter().zip(&self.relative).all(|(base, own)| is_same_set(base, own))
    }

    /// The text of the last attribute of this kind.
    #[must_use]
    pub fn find(&self, kind: &Oid) -> Option<&str> {
        let all = self.relative.iter().rev().flatten();
        all.filter(|attribute| attribute.kind == *kind).find_map(|attribute| match &attribute.value {
            AttributeValue::Text(text) => Some(text.as_str()),
            AttributeValue::Other(_) => None,
        })
    }

    /// Its common name. No host is identified by it (RFC 9525 §2); it is for people.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.find(&Oid::COMMON_NAME)
    }
}

/// §7.1: as many attributes, and each of the one matches one of the other.
fn is_same_set(one: &[Attribute], other: &[Attribute]) -> bool {
    one.len() == other.len()
        && one.iter().all(|attribute| other.iter().any(|candidate| attribute.matches(candidate)))
}

impl Attribute {
    fn matches(&self, other: &Self) -> bool {
        self.kind == other.kind
            && match (&self.value, &other.value) {
                (AttributeValue::Text(one), AttributeValue::Text(other)) => prepared(one) == prepared(other),
                (one, other) => one == other,
            }
    }
}

/// A string as it is compared (RFC 4518 §2): what shows nothing left out, in small letters, with single
/// spaces and none at its ends.
fn prepared(text: &str) -> String {
    let shows = |character: char| {
        !(character.is_control() && !character.is_whitespace()
            || matches!(character, '\u{ad}' | '\u{34f}' | '\u{1806}' | '\u{180b}'..='\u{180e}')
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}'))
    };
    let shown: String = text.chars().filter(|&character| shows(character)).collect();
    shown.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// `RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue`
fn relative_distinguished_name(r: &mut Reader) -> Result<Vec<Attribute>, ReadError> {
    let start = r.position();
    let attributes = r.element("RelativeDistinguishedName", Tag::SET, |r| r.items(attribute))?;
    if attributes.is_empty() {
        return Err(r.reject("RelativeDistinguishedName", start, "a set of no attributes"));
    }
    Ok(attributes)
}

fn attribute(r: &mut Reader) -> Result<Attribute, ReadError> {
    r.element("AttributeTypeAndValue", Tag::SEQUENCE, |r| {
        let kind = r.object_identifier("type")?;
        let label = kind.name().unwrap_or("value");
        let value = if r.next_is_text() {
            AttributeValue::Text(r.text(label)?)
        } else {
            AttributeValue::Other(r.any(label)?.to_vec())
        };
        Ok(Attribute { kind, value })
    })
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for relative in self.relative.iter().rev() {
            for (i, attribute) in relative.iter().enumerate() {
                if !text.is_empty() {
                    text.push(if i == 0 { ',' } else { '+' });
                }
                write!(text, "{attribute}")?;
            }
        }
        f.pad(&text)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // RFC 4514 §3's table.
        let short = match self.kind.name() {
            Some("commonName") => "CN",
            Some("localityName") => "L",
            Some("stateOrProvinceName") => "ST",
            Some("organizationName") => "O",
            Some("organizationalUnitName") => "OU",
            Some("countryName") => "C",
            Some("streetAddress") => "STREET",
            Some("domainComponent") => "DC",
            Some("userId") => "UID",
            Some(name) => name,
            None => &self.kind.arcs(),
        };
        match &self.value {
            AttributeValue::Text(text) => write!(f, "{short}={}", escaped(text)),
            AttributeValue::Other(der) => write!(f, "{short}=#{}", hex::encode(der)),
        }
    }
}

/// RFC 4514 §2.4. What a terminal would obey and not show becomes hexadecimal pairs, as it allows.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (i, character) in text.chars().enumerate() {
        let mut buffer = [0; 4];
        let utf8 = character.encode_utf8(&mut buffer);
        let at_an_end = (character == ' ' && (i == 0 || i == last)) || (character == '#' && i == 0);
        if escape(utf8) != *utf8 {
            for byte in utf8.bytes() {
                let _ = write!(escaped, "\\{byte:02X}");
            }
        } else {
            if at_an_end || "\"+,;<>\\".contains(character) {
                escaped.push('\\');
            }
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_the_examples_of_rfc_4514() {
        let of = |attributes: &[(Oid, &str)]| Name::new(attributes).to_string();
        let dc = |text| (Oid::DOMAIN_COMPONENT, text);
        assert_eq!(of(&[dc("net"), dc("example"), (Oid::USER_ID, "jsmith")]), "UID=jsmith,DC=example,DC=net");
        let common = |text| (Oid::COMMON_NAME, text);
        assert_eq!(
            of(&[dc("net"), dc("example"), common("James \"Jim\" Smith, III")]),
            r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#
        );
        assert_eq!(
            of(&[dc("net"), dc("example"), common("Before\rAfter")]),
            r"CN=Before\0DAfter,DC=example,DC=net"
        );
        assert_eq!(of(&[common("Lučić")]), "CN=Lučić");
        assert_eq!(of(&[common(" #a ")]), r"CN=\ #a\ ");
        assert_eq!(of(&[]), "");
    }

    #[test]
    fn a_value_is_named_after_its_type() {
        let name = Name::new(&[(Oid::ORGANIZATION_NAME, "Träger"), (Oid::COMMON_NAME, "a*b")]);
        let (result, fields) = Reader::record(name.der(), |r| Name::read(r, "issuer"));
        assert_eq!(result.unwrap().attributes().collect::<Vec<_>>(), name.attributes().collect::<Vec<_>>());
        let issuer = fields.find("issuer").unwrap();
        assert_eq!(issuer.field().meaning.as_deref(), Some("CN=a*b,O=Träger"));
        let second = issuer.children().nth(3).unwrap().find("AttributeTypeAndValue.commonName").unwrap();
        assert_eq!(second.field().meaning.as_deref(), Some("a*b"));
        // `*` is not among PrintableString's characters.
        assert_eq!(name.der()[second.field().range().start], Tag::UTF8_STRING.identifier());
    }

    #[test]
    fn lies_below_what_it_begins_with() {
        let organization = |text| (Oid::ORGANIZATION_NAME, text);
        let name = Name::new(&[organization("Träger  Inc."), (Oid::COMMON_NAME, "x")]);
        for base in ["Träger Inc.", "TRÄGER INC.", " träger\tinc. ", "Trä\u{ad}ger Inc."] {
            assert!(name.begins_with(&Name::new(&[organization(base)])), "{base}");
        }
        assert!(name.begins_with(&name) && name.begins_with(&Name::new(&[])));
        let other = [
            Name::new(&[organization("Träger")]),
            Name::new(&[(Oid::COMMON_NAME, "x")]),
            Name::new(&[(Oid::COMMON_NAME, "Träger Inc.")]),
            Name::new(&[organization("Träger Inc."), (Oid::COMMON_NAME, "x"), (Oid::COMMON_NAME, "y")]),
        ];
        assert!(other.iter().all(|base| !name.begins_with(base)));
    }

    #[test]
    fn a_set_of_nothing_is_no_part_of_a_name() {
        let error = Reader::new(&[0x30, 2, 0x31, 0]).whole(|r| Name::read(r, "issuer")).unwrap_err();
        assert_eq!(error.to_string(), "issuer.RelativeDistinguishedName[0]: a set of no attributes (at 0x2)");
    }
}
