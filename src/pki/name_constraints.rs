//! Name constraints: for which names an authority, and all below it, may vouch (RFC 5280 §4.2.1.10).
//!
//! A *subtree* is a name and all that lies below it. How the constraints of a path are applied:
//!
//! - Every authority's constraints hold for every certificate below it, critical or not, and the
//!   trusted one's too: that is the intersection of what is permitted and the union of what is excluded.
//!   Constraints in a leaf constrain nobody.
//! - A certificate that an authority issued to itself is passed over, unless it is the leaf (§6.1.3).
//! - The names of a certificate are its subject, as a directoryName, and its subjectAltName. A common
//!   name is no host's name here (RFC 9525 §2), and so no dNSName constrains it.
//! - A mailbox in the subject counts as an rfc822Name where there is no subjectAltName, and only there.
//! - Compared are hosts, blocks of addresses and directory names. A constraint on another form, as
//!   mailboxes and URIs, refuses every certificate that has a name of that form.
//! - What cannot be compared is refused as well: a minimum or a maximum; a mask with a hole; a host's
//!   name, there or here, that is none, as with a dot at its end.

use std::fmt;
use std::net::IpAddr;

use crate::pki::GeneralName;
use crate::pki::der::{self, Integer, Tag};
use crate::pki::general_name::IP_ADDRESS;
use crate::pki::server_name::is_host;
use crate::wire::{ReadError, Reader, Refused, Value};

/// For which names an authority may vouch, and for which it may not.
///
/// ```
/// use cutaway::pki::{GeneralName, NameConstraints};
/// use cutaway::pki::name_constraints::{Relation, Subtree};
///
/// let constraints = NameConstraints {
///     permitted: vec![Subtree::dns("example.com"), Subtree::addresses("10.0.0.0/8").unwrap()],
///     excluded: vec![Subtree::dns("hr.example.com")],
/// };
/// let host = GeneralName::DnsName("www.example.com".into());
/// assert_eq!(constraints.permitted[0].relation(&host), Relation::Inside);
/// assert_eq!(constraints.permitted[1].relation(&host), Relation::OtherForm);
/// assert_eq!(constraints.excluded[0].relation(&host), Relation::Outside);
/// // `*.example.com` is also hr.example.com.
/// let every = GeneralName::DnsName("*.example.com".into());
/// assert_eq!(constraints.excluded[0].relation(&every), Relation::Touches);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameConstraints {
    /// Of a form that stands here, a name has to lie within one of these.
    pub permitted: Vec<Subtree>,
    /// A name lies within none of these.
    pub excluded: Vec<Subtree>,
}

/// A name, and all that lies below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// The name.
    pub base: Base,
    /// How far below it begins. RFC 5280 has 0 alone; another is not processed.
    pub minimum: u64,
    /// How far below it ends. RFC 5280 has none; one that is there is not processed.
    pub maximum: Option<u64>,
}

/// Where a subtree begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// A name of any form but an address.
    Name(GeneralName),
    /// A block of addresses: those that equal `address` in the bits of `mask`. Both are of one family.
    Addresses {
        /// One of them.
        address: IpAddr,
        /// The bits that all of them share.
        mask: IpAddr,
    },
}

/// How a name lies to a subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The subtree is of another form, and says nothing about the name.
    OtherForm,
    /// All that the name stands for lies within.
    Inside,
    /// Some of what it stands for does: a wildcard above the subtree.
    Touches,
    /// Nothing of it does.
    Outside,
    /// It cannot be said here.
    Unknown,
}

impl NameConstraints {
    /// `NameConstraints ::= SEQUENCE { permittedSubtrees [0], excludedSubtrees [1] }`, of which at least
    /// one is there.
    ///
    /// # Errors
    /// [`ReadError`] where it is none.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        let start = r.position();
        let constraints = r.element("nameConstraints", Tag::SEQUENCE, |r| {
            Ok(Self {
                permitted: subtrees(r, "permittedSubtrees", Tag::explicit(0))?,
                excluded: subtrees(r, "excludedSubtrees", Tag::explicit(1))?,
            })
        })?;
        if constraints == Self::default() {
            return Err(r.reject("nameConstraints", start, "neither permitted nor excluded subtrees"));
        }
        Ok(constraints)
    }

    /// The mirror of [`read`](Self::read).
    pub fn write(&self, w: &mut der::Writer) {
        w.element(Tag::SEQUENCE, |w| {
            for (number, subtrees) in [(0, &self.permitted), (1, &self.excluded)] {
                if !subtrees.is_empty() {
                    w.element(Tag::explicit(number), |w| {
                        subtrees.iter().for_each(|subtree| subtree.write(w))
                    });
                }
            }
        });
    }
}

/// `GeneralSubtrees ::= SEQUENCE SIZE (1..MAX) OF GeneralSubtree`
fn subtrees(r: &mut Reader, label: &'static str, tag: Tag) -> Result<Vec<Subtree>, ReadError> {
    let start = r.position();
    match r.optional(label, tag, |r| r.items(Subtree::read))? {
        Some(subtrees) if subtrees.is_empty() => Err(r.reject(label, start, "a list of none")),
        subtrees => Ok(subtrees.unwrap_or_default()),
    }
}

impl Subtree {
    /// The one below a name of any form but an address.
    #[must_use]
    pub fn of(name: GeneralName) -> Self {
        Self { base: Base::Name(name), minimum: 0, maximum: None }
    }

    /// The host `name`, and all whose names end in it behind a dot.
    #[must_use]
    pub fn dns(name: &str) -> Self {
        Self::of(GeneralName::DnsName(name.to_owned()))
    }

    /// A block of addresses, as in `10.0.0.0/8`; `None` where it is none.
    #[must_use]
    pub fn addresses(block: &str) -> Option<Self> {
        let (address, bits) = block.split_once('/')?;
        let (address, bits): (IpAddr, u32) = (address.parse().ok()?, bits.parse().ok()?);
        let mask: IpAddr = match address {
            IpAddr::V4(_) if bits <= 32 => (!u32::MAX.checked_shr(bits).unwrap_or(0)).to_be_bytes().into(),
            IpAddr::V6(_) if bits <= 128 => (!u128::MAX.checked_shr(bits).unwrap_or(0)).to_be_bytes().into(),
            _ => return None,
        };
        Some(Self { base: Base::Addresses { address, mask }, minimum: 0, maximum: None })
    }

    /// `GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }`
    fn read(r: &mut Reader) -> Result<Self, ReadError> {
        let subtree = r.element("GeneralSubtree", Tag::SEQUENCE, |r| {
            let base = if r.next_is(IP_ADDRESS) {
                let Block { address, mask } = r.typed("iPAddress", IP_ADDRESS)?;
                Base::Addresses { address, mask }
            } else {
                Base::Name(GeneralName::read(r)?)
            };
            let minimum = distance(r, "minimum", Tag::implicit(0))?.unwrap_or(0);
            let maximum = distance(r, "maximum", Tag::implicit(1))?;
            Ok(Self { base, minimum, maximum })
        })?;
        r.means(|| subtree.to_string());
        Ok(subtree)
    }

    fn write(&self, w: &mut der::Writer) {
        w.element(Tag::SEQUENCE, |w| {
            match &self.base {
                Base::Name(name) => name.write(w),
                Base::Addresses { address, mask } => w.element(IP_ADDRESS, |w| {
                    w.raw(&octets(*address));
                    w.raw(&octets(*mask));
                }),
            }
            if self.minimum > 0 {
                w.small_as(Tag::implicit(0), self.minimum);
            }
            if let Some(maximum) = self.maximum {
                w.small_as(Tag::implicit(1), maximum);
            }
        });
    }

    /// Whether it speaks of names of the form that `name` has.
    #[must_use]
    pub fn is_of_the_form_of(&self, name: &GeneralName) -> bool {
        self.form() == name.form()
    }

    /// The form of its base, in RFC 5280's words: `dNSName`.
    #[must_use]
    pub fn form(&self) -> &'static str {
        match &self.base {
            Base::Name(base) => base.form(),
            Base::Addresses { .. } => "iPAddress",
        }
    }

    /// How `name` lies to it.
    #[must_use]
    pub fn relation(&self, name: &GeneralName) -> Relation {
        if !self.is_of_the_form_of(name) {
            return Relation::OtherForm;
        }
        if self.minimum != 0 || self.maximum.is_some() {
            return Relation::Unknown;
        }
        let inside = |inside| if inside { Relation::Inside } else { Relation::Outside };
        match (&self.base, name) {
            (Base::Name(GeneralName::DnsName(base)), GeneralName::DnsName(name)) => {
                relation_of_hosts(base, name)
            }
            (Base::Name(GeneralName::DirectoryName(base)), GeneralName::DirectoryName(name)) => {
                inside(name.begins_with(base))
            }
            // A mask with a hole is no block of RFC 4632, as which §4.2.1.10 wants it.
            (Base::Addresses { address, mask }, GeneralName::IpAddress(ip)) if prefix(*mask).is_some() => {
                inside(agree(*address, *ip, *mask))
            }
            _ => Relation::Unknown,
        }
    }
}

/// §4.2.1.10: a host satisfies the constraint if it is the base, or the base with labels added at its
/// left. An empty base is all hosts. What a dot at its left means the standard says of URIs alone; here,
/// as everywhere, it is: at least one label.
fn relation_of_hosts(base: &str, name: &str) -> Relation {
    let (below_alone, base) = match base.strip_prefix('.') {
        Some(base) => (true, base),
        None => (false, base),
    };
    let (every, name) = match name.strip_prefix("*.") {
        Some(domain) => (true, domain),
        None => (false, name),
    };
    // What is no host, as with a dot at its end or a star in its middle, lies nowhere.
    if !(base.is_empty() && !below_alone || is_host(base)) || !is_host(name) {
        return Relation::Unknown;
    }
    let is_below = |name: &str, base: &str| {
        base.is_empty()
            || name.len() > base.len()
                && name.as_bytes()[name.len() - base.len() - 1] == b'.'
                && name.as_bytes()[name.len() - base.len()..].eq_ignore_ascii_case(base.as_bytes())
    };
    let is_base = name.eq_ignore_ascii_case(base);
    if is_below(name, base) || is_base && (every || !below_alone) {
        return Relation::Inside;
    }
    // `*.example.com` is the base itself where that is one label longer than `example.com`.
    let parent = base.split_once('.').map_or("", |(_, parent)| parent);
    if every && parent.eq_ignore_ascii_case(name) && !below_alone {
        return Relation::Touches;
    }
    Relation::Outside
}

/// How many bits a mask has, all at its left; `None` where there is a hole between them.
fn prefix(mask: IpAddr) -> Option<u32> {
    let bits = match mask {
        IpAddr::V4(mask) => u128::from(mask.to_bits()) << 96,
        IpAddr::V6(mask) => mask.to_bits(),
    };
    (bits.count_ones() == bits.leading_ones()).then(|| bits.leading_ones())
}

/// Whether two addresses are equal in the bits of a mask. Those of two families never are.
fn agree(one: IpAddr, other: IpAddr, mask: IpAddr) -> bool {
    match (one, other, mask) {
        (IpAddr::V4(one), IpAddr::V4(other), IpAddr::V4(mask)) => {
            (one.to_bits() ^ other.to_bits()) & mask.to_bits() == 0
        }
        (IpAddr::V6(one), IpAddr::V6(other), IpAddr::V6(mask)) => {
            (one.to_bits() ^ other.to_bits()) & mask.to_bits() == 0
        }
        _ => false,
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// `BaseDistance ::= INTEGER (0..MAX)`, under an implicit tag.
fn distance(r: &mut Reader, label: &'static str, tag: Tag) -> Result<Option<u64>, ReadError> {
    if !r.next_is(tag) {
        return Ok(None);
    }
    let start = r.position();
    let integer: Integer = r.typed(label, tag)?;
    match integer.magnitude() {
        None => Err(r.reject(label, start, "a negative number")),
        Some(magnitude) if magnitude.len() > 8 => Err(r.reject(label, start, "too large a number")),
        Some(magnitude) => Ok(Some(magnitude.iter().fold(0, |n, &byte| n << 8 | u64::from(byte)))),
    }
}

/// An address and a mask, of four or of sixteen bytes each.
struct Block {
    address: IpAddr,
    mask: IpAddr,
}

impl Value<'_> for Block {
    const LENGTH: Option<usize> = None;

    fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        let (address, mask) = bytes.split_at(bytes.len() / 2);
        if let (Ok(address), Ok(mask)) = (<[u8; 4]>::try_from(address), <[u8; 4]>::try_from(mask)) {
            return Ok(Self { address: address.into(), mask: mask.into() });
        }
        if let (Ok(address), Ok(mask)) = (<[u8; 16]>::try_from(address), <[u8; 16]>::try_from(mask)) {
            return Ok(Self { address: address.into(), mask: mask.into() });
        }
        Err(format!("an address and a mask of {} bytes, expected 8 or 32", bytes.len()).into())
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match prefix(self.mask) {
            Some(bits) => write!(f, "{}/{bits}", self.address),
            None => write!(f, "{} in the bits of {}", self.address, self.mask),
        }
    }
}

/// The base, and how far below it the subtree begins and ends where that is said.
impl fmt::Display for Subtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.base {
            Base::Name(GeneralName::DnsName(base)) if base.is_empty() => f.write_str("every host")?,
            Base::Name(GeneralName::DirectoryName(base)) if base.is_empty() => f.write_str("every name")?,
            Base::Name(base) => base.fmt(f)?,
            &Base::Addresses { address, mask } => Block { address, mask }.fmt(f)?,
        }
        if self.minimum != 0 {
            write!(f, ", minimum {}", self.minimum)?;
        }
        self.maximum.map_or(Ok(()), |maximum| write!(f, ", maximum {maximum}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::Name;

    fn written(constraints: &NameConstraints) -> Vec<u8> {
        let mut w = der::Writer::new();
        constraints.write(&mut w);
        w.finish()
    }

    #[test]
    fn comes_back_as_it_was_written() {
        let mut far = Subtree::dns("example.com");
        (far.minimum, far.maximum) = (1, Some(2));
        let constraints = NameConstraints {
            permitted: vec![
                Subtree::dns(""),
                Subtree::addresses("10.0.0.0/8").unwrap(),
                Subtree::addresses("2001:db8::/32").unwrap(),
                Subtree::of(GeneralName::DirectoryName(Name::of("somebody"))),
            ],
            excluded: vec![far, Subtree::of(GeneralName::Rfc822Name("example.com".into()))],
        };
        let der = written(&constraints);
        assert_eq!(Reader::new(&der).whole(NameConstraints::read).unwrap(), constraints);
        let shown = |subtrees: &[Subtree]| subtrees.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            shown(&constraints.permitted),
            ["every host", "10.0.0.0/8", "2001:db8::/32", "CN=somebody"]
        );
        assert_eq!(shown(&constraints.excluded), ["example.com, minimum 1, maximum 2", "example.com"]);
    }

    #[test]
    fn what_is_no_list_of_subtrees_is_refused_with_its_place() {
        let why = |der: &str| {
            let der = hex::decode(der).unwrap();
            Reader::new(&der).whole(NameConstraints::read).unwrap_err().to_string()
        };
        assert_eq!(why("3000"), "nameConstraints: neither permitted nor excluded subtrees (at 0x0)");
        assert_eq!(why("3002a000"), "nameConstraints.permittedSubtrees: a list of none (at 0x2)");
        let subtree = "nameConstraints.permittedSubtrees.GeneralSubtree[0]";
        assert_eq!(
            why("300ba0093007870510000000ff"),
            format!(
                "{subtree}.iPAddress.contents: an address and a mask of 5 bytes, expected 8 or 32 (at 0x8)"
            )
        );
        assert_eq!(
            why("300aa0083006820161 8001ff".replace(' ', "").as_str()),
            format!("{subtree}.minimum: a negative number (at 0x9)")
        );
    }

    #[test]
    fn hosts_lie_by_whole_labels_and_without_regard_to_case() {
        use Relation::{Inside, Outside, Touches, Unknown};
        for (base, name, expected) in [
            // RFC 5280's own.
            ("host.example.com", "www.host.example.com", Inside),
            ("host.example.com", "host1.example.com", Outside),
            ("host.example.com", "HOST.Example.COM", Inside),
            ("example.com", "badexample.com", Outside),
            ("example.com", "com", Outside),
            ("", "anything", Inside),
            (".example.com", "www.example.com", Inside),
            (".example.com", "example.com", Outside),
            ("xn--bcher-kva.example", "www.XN--BCHER-KVA.example", Inside),
            ("example.com", "*.example.com", Inside),
            (".example.com", "*.example.com", Inside),
            ("example.com", "*.www.example.com", Inside),
            ("host.example.com", "*.example.com", Touches),
            (".host.example.com", "*.example.com", Outside),
            ("a.host.example.com", "*.example.com", Outside),
            ("com", "*.example.com", Inside),
            ("", "*.com", Inside),
            ("localhost", "*.localdomain", Outside),
            ("example.com.", "www.example.com", Unknown),
            ("example.com", "www.example.com.", Unknown),
            ("*.example.com", "www.example.com", Unknown),
            ("example.com", "w*.example.com", Unknown),
            ("example.com", "", Unknown),
            ("example.com", "*", Unknown),
            (".", "www.example.com", Unknown),
        ] {
            let name = GeneralName::DnsName(name.into());
            assert_eq!(Subtree::dns(base).relation(&name), expected, "{base} {name}");
        }
    }

    #[test]
    fn addresses_lie_by_the_bits_of_the_mask() {
        let lies = |block: &str, ip: &str| {
            Subtree::addresses(block).unwrap().relation(&GeneralName::IpAddress(ip.parse().unwrap()))
        };
        for (block, ip, expected) in [
            ("10.0.0.0/8", "10.255.0.1", Relation::Inside),
            ("10.0.0.0/8", "11.0.0.1", Relation::Outside),
            ("10.0.0.1/32", "10.0.0.1", Relation::Inside),
            ("10.0.0.1/32", "10.0.0.0", Relation::Outside),
            ("0.0.0.0/0", "203.0.113.1", Relation::Inside),
            ("0.0.0.0/0", "::1", Relation::Outside),
            ("::/0", "::1", Relation::Inside),
            ("2001:db8::/33", "2001:db8:8000::", Relation::Outside),
        ] {
            assert_eq!(lies(block, ip), expected, "{block} {ip}");
        }
        let (address, mask) = ([10, 0, 0, 0].into(), [255, 0, 255, 0].into());
        let hole = Subtree { base: Base::Addresses { address, mask }, minimum: 0, maximum: None };
        assert_eq!(hole.relation(&GeneralName::IpAddress([10, 0, 0, 1].into())), Relation::Unknown);
        assert_eq!(hole.to_string(), "10.0.0.0 in the bits of 255.0.255.0");
        assert!(
            ["10.0.0.0", "10.0.0.0/33", "::/129", "x/8"].map(Subtree::addresses).iter().all(Option::is_none)
        );
    }
}
