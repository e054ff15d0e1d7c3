//! General names: the kinds of name that an extension can hold (RFC 5280 §4.2.1.6).

use std::fmt;
use std::net::IpAddr;

use crate::pki::Name;
use crate::pki::der::{self, Tag};
use crate::wire::reader::escape;
use crate::wire::{ReadError, Reader, Refused, Value};

/// A name of one of several kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GeneralName {
    /// A host, or every host of a domain: `*.example.com`.
    DnsName(String),
    /// An address.
    IpAddress(IpAddr),
    /// A mailbox.
    Rfc822Name(String),
    /// An address of the web, or of SPIFFE.
    UniformResourceIdentifier(String),
    /// A distinguished name.
    DirectoryName(Name),
    /// Another kind, which nothing here compares with.
    Other {
        /// Its tag, which says which kind.
        tag: Tag,
        /// All its bytes.
        der: Vec<u8>,
    },
}

const RFC822_NAME: Tag = Tag::implicit(1);
const DNS_NAME: Tag = Tag::implicit(2);
const DIRECTORY_NAME: Tag = Tag::explicit(4);
const UNIFORM_RESOURCE_IDENTIFIER: Tag = Tag::implicit(6);
pub(in crate::pki) const IP_ADDRESS: Tag = Tag::implicit(7);

impl GeneralName {
    /// `GeneralName`: a choice, named after what was chosen.
    ///
    /// # Errors
    /// [`ReadError`] where it is none.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        match r.peek().map(Tag::new) {
            Some(RFC822_NAME) => ascii(r, "rfc822Name", RFC822_NAME).map(Self::Rfc822Name),
            Some(DNS_NAME) => ascii(r, "dNSName", DNS_NAME).map(Self::DnsName),
            Some(DIRECTORY_NAME) => {
                // A choice cannot be implicit: the tag stands around the name (X.680 §31.2.7).
                r.element("directoryName", DIRECTORY_NAME, |r| Name::read(r, "Name")).map(Self::DirectoryName)
            }
            Some(UNIFORM_RESOURCE_IDENTIFIER) => {
                ascii(r, "uniformResourceIdentifier", UNIFORM_RESOURCE_IDENTIFIER)
                    .map(Self::UniformResourceIdentifier)
            }
            Some(IP_ADDRESS) => r.typed("iPAddress", IP_ADDRESS).map(|Address(ip)| Self::IpAddress(ip)),
            Some(tag) if let Some(label) = other(tag) => Ok(Self::Other { tag, der: r.any(label)?.to_vec() }),
            _ => r.choice("GeneralName", &[], |_, _| unreachable!("no tag is allowed here")),
        }
    }

    /// Which kind it is, in RFC 5280's words: `dNSName`.
    #[must_use]
    pub fn form(&self) -> &'static str {
        match self {
            Self::DnsName(_) => "dNSName",
            Self::IpAddress(_) => "iPAddress",
            Self::Rfc822Name(_) => "rfc822Name",
            Self::UniformResourceIdentifier(_) => "uniformResourceIdentifier",
            Self::DirectoryName(_) => "directoryName",
            Self::Other { tag, .. } => other(*tag).unwrap_or("unknown"),
        }
    }

    /// The mirror of [`read`](Self::read).
    pub fn write(&self, w: &mut der::Writer) {
        match self {
            Self::DnsName(text) => w.primitive(DNS_NAME, text.as_bytes()),
            Self::IpAddress(IpAddr::V4(ip)) => w.primitive(IP_ADDRESS, &ip.octets()),
            Self::IpAddress(IpAddr::V6(ip)) => w.primitive(IP_ADDRESS, &ip.octets()),
            Self::Rfc822Name(text) => w.primitive(RFC822_NAME, text.as_bytes()),
            Self::UniformResourceIdentifier(text) => {
                w.primitive(UNIFORM_RESOURCE_IDENTIFIER, text.as_bytes());
            }
            Self::DirectoryName(name) => w.element(DIRECTORY_NAME, |w| w.raw(name.der())),
            Self::Other { der, .. } => w.raw(der),
        }
    }
}

/// The names of the kinds that stay closed.
fn other(tag: Tag) -> Option<&'static str> {
    match tag {
        tag if tag == Tag::explicit(0) => Some("otherName"),
        tag if tag == Tag::explicit(3) => Some("x400Address"),
        tag if tag == Tag::explicit(5) => Some("ediPartyName"),
        tag if tag == Tag::implicit(8) => Some("registeredID"),
        _ => None,
    }
}

fn ascii(r: &mut Reader, label: &'static str, tag: Tag) -> Result<String, ReadError> {
    r.typed(label, tag).map(|Ascii(text)| text.to_owned())
}

/// An `IA5String` under an implicit tag.
struct Ascii<'a>(&'a str);

impl<'a> Value<'a> for Ascii<'a> {
    const LENGTH: Option<usize> = None;

    fn decode(bytes: &'a [u8]) -> Result<Self, Refused> {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => Ok(Self(text)),
            _ => Err("not ASCII".into()),
        }
    }
}

impl fmt::Display for Ascii<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// An address in four or sixteen bytes.
struct Address(IpAddr);

impl Value<'_> for Address {
    const LENGTH: Option<usize> = None;

    fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        if let Ok(four) = <[u8; 4]>::try_from(bytes) {
            Ok(Self(four.into()))
        } else if let Ok(sixteen) = <[u8; 16]>::try_from(bytes) {
            Ok(Self(sixteen.into()))
        } else {
            Err(format!("an address of {} bytes, expected 4 or 16", bytes.len()).into())
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name itself, safe to show.
impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DnsName(text) | Self::Rfc822Name(text) | Self::UniformResourceIdentifier(text) => {
                f.pad(&escape(text))
            }
            Self::IpAddress(ip) => ip.fmt(f),
            Self::DirectoryName(name) => name.fmt(f),
            Self::Other { tag, der } => {
                write!(f, "{}, {} bytes", other(*tag).unwrap_or("unknown"), der.len())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_comes_back_as_it_was_written() {
        let names = [
            GeneralName::DnsName("*.example.com".into()),
            GeneralName::IpAddress([127, 0, 0, 1].into()),
            GeneralName::IpAddress("2001:db8::1".parse().unwrap()),
            GeneralName::Rfc822Name("a@example.com".into()),
            GeneralName::UniformResourceIdentifier("spiffe://cluster.local/ns/x".into()),
            GeneralName::DirectoryName(Name::of("somebody")),
            GeneralName::Other { tag: Tag::implicit(8), der: vec![0x88, 3, 0x55, 4, 3] },
        ];
        let mut w = der::Writer::new();
        names.iter().for_each(|name| name.write(&mut w));
        let read = Reader::new(&w.finish()).whole(|r| r.items(GeneralName::read)).unwrap();
        assert_eq!(read, names);
    }

    #[test]
    fn refuses_what_is_no_name() {
        let why = |bytes: &[u8]| Reader::new(bytes).whole(GeneralName::read).unwrap_err().to_string();
        assert_eq!(
            why(&[0x87, 1, 1]),
            "iPAddress.contents: an address of 1 bytes, expected 4 or 16 (at 0x2)"
        );
        assert_eq!(why(&[0x82, 1, 0xe9]), "dNSName.contents: not ASCII (at 0x2)");
        assert_eq!(why(&[0x89, 0]), "GeneralName.identifier: found [9], which cannot stand here (at 0x0)");
        assert_eq!(why(&[]), "GeneralName.identifier: needs 1 byte, 0 left (at 0x0)");
    }
}
