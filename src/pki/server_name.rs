//! The name by which a client asks for a server, and whether a certificate is for it
//! ([RFC 9525](https://www.rfc-editor.org/rfc/rfc9525)).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::pki::GeneralName;

/// What a client asked for: a host's name, or an address.
///
/// ```
/// use cutaway::pki::{GeneralName, ServerName};
///
/// let name: ServerName = "api.example.com".parse().unwrap();
/// assert!(name.matches(&GeneralName::DnsName("*.example.com".into())));
/// assert!(!name.matches(&GeneralName::DnsName("*.com".into())));
///
/// let address: ServerName = "127.0.0.1".parse().unwrap();
/// assert!(!address.matches(&GeneralName::DnsName("127.0.0.1".into())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ServerName {
    /// A host, in small letters and without a dot at its end.
    Dns(String),
    /// An address.
    Ip(IpAddr),
}

/// Text that is neither a host's name nor an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a host name nor an address: labels of 1 to 63 letters, digits, - and _, joined by dots")]
pub struct NotAServerName;

impl ServerName {
    /// Whether a certificate with this name is for it. DNS names match without regard to case; `*`
    /// counts as the whole leftmost label alone, and stands for exactly one label (§6.3). Addresses
    /// match addresses, byte by byte (§6.4).
    #[must_use]
    pub fn matches(&self, presented: &GeneralName) -> bool {
        match (self, presented) {
            (Self::Dns(asked), GeneralName::DnsName(presented)) => match presented.strip_prefix("*.") {
                Some(domain) => {
                    let Some((_, asked_domain)) = asked.split_once('.') else { return false };
                    asked_domain.eq_ignore_ascii_case(domain)
                }
                None => asked.eq_ignore_ascii_case(presented),
            },
            (Self::Ip(asked), GeneralName::IpAddress(presented)) => asked == presented,
            _ => false,
        }
    }
}

impl FromStr for ServerName {
    type Err = NotAServerName;

    fn from_str(text: &str) -> Result<Self, NotAServerName> {
        // An IPv6 address may stand in brackets, as in an URL.
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(ip) = bare.parse() {
            return Ok(Self::Ip(ip));
        }
        // The dot of the root: the same host, and never in a certificate.
        let text = text.strip_suffix('.').unwrap_or(text);
        if !is_host(text) {
            return Err(NotAServerName);
        }
        Ok(Self::Dns(text.to_ascii_lowercase()))
    }
}

/// Whether it is a host's name, without the root's dot (RFC 1034 §3.5). `_` is none of a host's
/// characters, and stands in some hosts' names.
pub(in crate::pki) fn is_host(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(allowed);
    text.len() <= 253 && text.split('.').all(label)
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.pad(name),
            Self::Ip(ip) => ip.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_whole_label_at_the_left() {
        let matches = |asked: &str, presented: &str| {
            asked.parse::<ServerName>().unwrap().matches(&GeneralName::DnsName(presented.into()))
        };
        for (asked, presented) in [
            ("localhost", "localhost"),
            ("LocalHost.", "LOCALHOST"),
            ("api.example.com", "*.example.com"),
            ("xn--bcher-kva.example.com", "*.EXAMPLE.com"),
            ("a_b.example.com", "a_b.example.com"),
        ] {
            assert!(matches(asked, presented), "{asked} {presented}");
        }
        for (asked, presented) in [
            ("example.com", "*.example.com"),
            ("a.b.example.com", "*.example.com"),
            ("a.b.example.com", "*.*.example.com"),
            ("a.b.example.com", "a.*.example.com"),
            ("api.example.com", "a*.example.com"),
            ("api.example.com", "*pi.example.com"),
            ("api.example.com", "*"),
            ("localhost", "*"),
            ("localhost", "*."),
            ("localhost", "localhost."),
            ("localhost", "localhost\0.example.com"),
            ("localhost", ""),
        ] {
            assert!(!matches(asked, presented), "{asked} {presented}");
        }
    }

    #[test]
    fn addresses_are_not_names() {
        let ip: ServerName = "[::1]".parse().unwrap();
        assert_eq!(ip, ServerName::Ip("::1".parse().unwrap()));
        assert!(ip.matches(&GeneralName::IpAddress("::1".parse().unwrap())));
        assert!(!ip.matches(&GeneralName::DnsName("::1".into())));
        let name: ServerName = "localhost".parse().unwrap();
        assert!(!name.matches(&GeneralName::Rfc822Name("localhost".into())));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = "a".repeat(64);
        for text in ["", ".", "a..b", "*.example.com", "a b", "exämple.com", "a/b", long.as_str()] {
            assert_eq!(text.parse::<ServerName>(), Err(NotAServerName), "{text}");
        }
    }
}
