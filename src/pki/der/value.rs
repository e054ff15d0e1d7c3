//! What the contents of primitive elements say.

use std::fmt;

use crate::pki::Oid;
use crate::pki::der::Tag;
use crate::pki::time::{GeneralizedTime, UtcTime};
use crate::wire::{Refused, Value};

/// `BOOLEAN`: in DER 00 or ff (X.690 §11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boolean(pub bool);

impl Value<'_> for Boolean {
    const LENGTH: Option<usize> = None;

    fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        match bytes {
            [0x00] => Ok(Self(false)),
            [0xff] => Ok(Self(true)),
            _ => Err("neither 00 nor ff".into()),
        }
    }
}

impl fmt::Display for Boolean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if self.0 { "TRUE" } else { "FALSE" })
    }
}

/// `INTEGER`, in two's complement and as few bytes as it needs (X.690 §8.3).
///
/// It prints in decimal up to 63 bits, and above as the number of its bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Integer<'a>(&'a [u8]);

impl<'a> Integer<'a> {
    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0[0] & 0x80 != 0
    }

    /// Its bytes, big-endian, without leading zeros; zero has none. `None` for a negative one.
    #[must_use]
    pub fn magnitude(self) -> Option<&'a [u8]> {
        match *self.0 {
            _ if self.is_negative() => None,
            [0, ref magnitude @ ..] => Some(magnitude),
            _ => Some(self.0),
        }
    }

    /// Its bytes as they stand.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

impl<'a> Value<'a> for Integer<'a> {
    const LENGTH: Option<usize> = None;

    fn decode(bytes: &'a [u8]) -> Result<Self, Refused> {
        match *bytes {
            [] => Err("an integer of no bytes".into()),
            [0x00, second, ..] if second & 0x80 == 0 => Err("an integer not in its shortest form".into()),
            [0xff, second, ..] if second & 0x80 != 0 => Err("an integer not in its shortest form".into()),
            _ => Ok(Self(bytes)),
        }
    }
}

impl fmt::Display for Integer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { -1 } else { 0 };
        if self.0.len() <= 8 {
            return write!(
                f,
                "{}",
                self.0.iter().fold(sign, |number: i64, &byte| number << 8 | i64::from(byte))
            );
        }
        match self.magnitude() {
            Some(magnitude) => {
                write!(f, "{} bits", magnitude.len() * 8 - magnitude[0].leading_zeros() as usize)
            }
            None => write!(f, "negative, {} bytes", self.0.len()),
        }
    }
}

impl fmt::Debug for Integer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Integer({self})")
    }
}

/// How many bits of a bit string's last byte do not count.
pub(super) struct UnusedBits(pub(super) u8);

impl Value<'_> for UnusedBits {
    const LENGTH: Option<usize> = Some(1);

    fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        if bytes[0] > 7 { Err("more than seven unused bits".into()) } else { Ok(Self(bytes[0])) }
    }
}

impl fmt::Display for UnusedBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bits unused", self.0)
    }
}

/// `BIT STRING`: the first bit is the highest of the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitString<'a> {
    unused: u8,
    bytes: &'a [u8],
}

impl<'a> BitString<'a> {
    /// X.690 §11.2.1: bits that do not count are zero.
    pub(super) fn new(unused: u8, bytes: &'a [u8]) -> Result<Self, Refused> {
        match bytes.last() {
            None if unused > 0 => Err("unused bits of no byte".into()),
            Some(last) if last & ((1 << unused) - 1) != 0 => Err("unused bits that are not zero".into()),
            _ => Ok(Self { unused, bytes }),
        }
    }

    /// How many bits it has.
    #[must_use]
    pub fn len(self) -> usize {
        self.bytes.len() * 8 - usize::from(self.unused)
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// The bit with this number; those that were not written are zero.
    #[must_use]
    pub fn bit(self, number: usize) -> bool {
        self.bytes.get(number / 8).is_some_and(|byte| byte & (0x80 >> (number % 8)) != 0)
    }
}

/// The text of a string. TeletexString is read as Latin-1, which is what it holds in certificates.
pub(super) fn text(tag: Tag, bytes: &[u8]) -> Result<String, Refused> {
    let latin = || bytes.iter().map(|&byte| char::from(byte)).collect();
    match tag {
        Tag::UTF8_STRING => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.into()),
            Err(_) => Err("not UTF-8".into()),
        },
        Tag::PRINTABLE_STRING if bytes.iter().all(|&byte| is_printable(byte)) => Ok(latin()),
        Tag::PRINTABLE_STRING => Err("a character that PrintableString does not have".into()),
        Tag::IA5_STRING if bytes.is_ascii() => Ok(latin()),
        Tag::IA5_STRING => Err("not ASCII".into()),
        Tag::BMP_STRING if bytes.len().is_multiple_of(2) => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            let text: Result<String, _> = char::decode_utf16(units).collect();
            text.map_err(|_| "not UTF-16".into())
        }
        Tag::UNIVERSAL_STRING if bytes.len().is_multiple_of(4) => {
            let points =
                bytes.chunks_exact(4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
            let text: Option<String> = points.map(char::from_u32).collect();
            text.ok_or_else(|| "not UTF-32".into())
        }
        Tag::BMP_STRING | Tag::UNIVERSAL_STRING => Err("a string that ends within a character".into()),
        _ => Ok(latin()),
    }
}

/// X.680 §41.4: letters, digits, space and eleven marks.
pub(super) fn is_printable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte)
}

/// What a primitive element says, where it stands in something that nobody here reads.
pub(super) fn meaning(tag: Tag, bytes: &[u8]) -> Option<String> {
    match tag {
        Tag::BOOLEAN => Boolean::decode(bytes).ok().map(|value| value.to_string()),
        Tag::INTEGER | Tag::ENUMERATED => Integer::decode(bytes).ok().map(|value| value.to_string()),
        Tag::OBJECT_IDENTIFIER => Oid::decode(bytes).ok().map(|value| value.to_string()),
        Tag::UTC_TIME => UtcTime::decode(bytes).ok().map(|value| value.to_string()),
        Tag::GENERALIZED_TIME => GeneralizedTime::decode(bytes).ok().map(|value| value.to_string()),
        Tag::VISIBLE_STRING => text(Tag::IA5_STRING, bytes).ok(),
        _ if super::STRINGS.contains(&tag) => text(tag, bytes).ok(),
        _ => None,
    }
}
