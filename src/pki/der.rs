//! DER, the Distinguished Encoding Rules ([X.690](https://www.itu.int/rec/T-REC-X.690)), on the
//! labelled reader.
//!
//! Every element is an identifier, a length and its contents, and those are the names that a recording
//! gives to its bytes. DER knows exactly one encoding of each value, and no other is read: lengths
//! definite and shortest, integers shortest, padding bits zero.
//!
//! ```
//! use cutaway::pki::der::{self, Tag};
//! use cutaway::wire::{ReadError, Reader};
//!
//! // RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
//! fn read(r: &mut Reader) -> Result<Vec<u8>, ReadError> {
//!     r.element("RSAPublicKey", Tag::SEQUENCE, |r| {
//!         r.unsigned("modulus")?;
//!         r.unsigned("publicExponent").map(<[u8]>::to_vec)
//!     })
//! }
//!
//! let mut w = der::Writer::new();
//! w.element(Tag::SEQUENCE, |w| {
//!     w.unsigned(&[0xc5, 0x01]);
//!     w.unsigned(&[1, 0, 1]);
//! });
//! let bytes = w.finish();
//! assert_eq!(Reader::new(&bytes).whole(read).unwrap(), [1, 0, 1]);
//!
//! let error = Reader::new(&bytes[..9]).whole(read).unwrap_err();
//! assert_eq!(error.to_string(), "RSAPublicKey: needs 10 bytes, 7 left (at 0x2)");
//! ```

use crate::pki::Oid;
use crate::pki::time::{GeneralizedTime, Time, UtcTime};
#[cfg(doc)]
use crate::wire::Problem;
use crate::wire::{ReadError, Reader, Refused, Value};

mod tag;
mod value;
mod writer;

pub use tag::Tag;
pub use value::{BitString, Boolean, Integer};
pub use writer::Writer;

use value::UnusedBits;

/// The string types in which names and texts come.
const STRINGS: [Tag; 6] = [
    Tag::UTF8_STRING,
    Tag::PRINTABLE_STRING,
    Tag::IA5_STRING,
    Tag::TELETEX_STRING,
    Tag::BMP_STRING,
    Tag::UNIVERSAL_STRING,
];

/// Elements. The label names the whole of one; in it lie `identifier`, `length`, and for primitive
/// ones `contents`.
impl<'a> Reader<'a> {
    /// An element with this tag, whose contents are read by `contents`, all of them.
    ///
    /// # Errors
    /// Those of `contents`; [`Problem::Short`], [`Problem::Unread`]; [`Problem::Refused`] for another
    /// tag, or a length that is not DER's.
    pub fn element<T>(
        &mut self,
        label: &'static str,
        tag: Tag,
        contents: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.choice(label, &[tag], |r, _| contents(r))
    }

    /// The same with one of several tags: `contents` is told which.
    ///
    /// # Errors
    /// As [`element`](Self::element).
    pub fn choice<T>(
        &mut self,
        label: &'static str,
        tags: &[Tag],
        contents: impl FnOnce(&mut Self, Tag) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.group(label, |r| {
            let (tag, length) = r.one_of(tags)?;
            r.confined(length, |r| contents(r, tag))
        })
    }

    /// An element that may be absent: `None` if something else comes next, or nothing.
    ///
    /// # Errors
    /// As [`element`](Self::element).
    pub fn optional<T>(
        &mut self,
        label: &'static str,
        tag: Tag,
        contents: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<Option<T>, ReadError> {
        if self.next_is(tag) { self.element(label, tag, contents).map(Some) } else { Ok(None) }
    }

    /// Whether an element with this tag comes next.
    #[must_use]
    pub fn next_is(&self, tag: Tag) -> bool {
        self.peek() == Some(tag.identifier())
    }

    /// The contents of an element that has no structure.
    ///
    /// # Errors
    /// As [`element`](Self::element).
    pub fn primitive(&mut self, label: &'static str, tag: Tag) -> Result<&'a [u8], ReadError> {
        self.element(label, tag, |r| Ok(r.rest("contents")))
    }

    /// An element whose contents are a value, which is then the meaning of the element too.
    ///
    /// # Errors
    /// As [`element`](Self::element); [`Problem::Refused`] with the value's reason.
    pub fn typed<T: Value<'a>>(&mut self, label: &'static str, tag: Tag) -> Result<T, ReadError> {
        let value: T = self.element(label, tag, |r| r.value("contents"))?;
        self.means(|| value.to_string());
        Ok(value)
    }

    /// `OBJECT IDENTIFIER`.
    ///
    /// # Errors
    /// As [`typed`](Self::typed).
    pub fn object_identifier(&mut self, label: &'static str) -> Result<Oid, ReadError> {
        self.typed(label, Tag::OBJECT_IDENTIFIER)
    }

    /// `BOOLEAN`: 00 or ff.
    ///
    /// # Errors
    /// As [`typed`](Self::typed).
    pub fn boolean(&mut self, label: &'static str) -> Result<bool, ReadError> {
        self.typed(label, Tag::BOOLEAN).map(|Boolean(value)| value)
    }

    /// An `INTEGER` that is not negative: its magnitude, big-endian, without leading zeros (so zero is
    /// no byte at all).
    ///
    /// # Errors
    /// As [`typed`](Self::typed); [`Problem::Refused`] for a negative one.
    pub fn unsigned(&mut self, label: &'static str) -> Result<&'a [u8], ReadError> {
        let start = self.position();
        let integer: Integer = self.typed(label, Tag::INTEGER)?;
        match integer.magnitude() {
            Some(magnitude) => Ok(magnitude),
            None => Err(self.reject(label, start, "a negative number")),
        }
    }

    /// An `INTEGER` of at most 63 bits that is not negative: a version, a count.
    ///
    /// # Errors
    /// As [`unsigned`](Self::unsigned); [`Problem::Refused`] for a larger one.
    pub fn small(&mut self, label: &'static str) -> Result<u64, ReadError> {
        let start = self.position();
        let magnitude = self.unsigned(label)?;
        if magnitude.len() > 8 {
            return Err(self.reject(label, start, "too large a number"));
        }
        Ok(magnitude.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// `NULL`.
    ///
    /// # Errors
    /// As [`element`](Self::element).
    pub fn null(&mut self, label: &'static str) -> Result<(), ReadError> {
        self.element(label, Tag::NULL, |_| Ok(()))?;
        self.means(|| "NULL".into());
        Ok(())
    }

    /// `BIT STRING`, any number of bits. `tag` is its own, or the implicit one that stands for it.
    ///
    /// # Errors
    /// As [`element`](Self::element); [`Problem::Refused`] where unused bits are not zero.
    pub fn bit_string(&mut self, label: &'static str, tag: Tag) -> Result<BitString<'a>, ReadError> {
        self.element(label, tag, |r| {
            let UnusedBits(unused) = r.value("unusedBits")?;
            let start = r.position();
            let bytes = r.rest("contents");
            BitString::new(unused, bytes).map_err(|Refused(reason)| r.reject("contents", start, reason))
        })
    }

    /// `BIT STRING` of whole bytes, which `contents` reads.
    ///
    /// # Errors
    /// Those of `contents`; as [`bit_string`](Self::bit_string).
    pub fn bit_string_of_bytes<T>(
        &mut self,
        label: &'static str,
        contents: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.element(label, Tag::BIT_STRING, |r| {
            let start = r.position();
            let UnusedBits(unused) = r.value("unusedBits")?;
            if unused != 0 {
                return Err(r.reject("unusedBits", start, "bits that fill no byte, expected whole bytes"));
            }
            contents(r)
        })
    }

    /// A time in either of RFC 5280's two forms (§4.1.2.5). That CAs must take UTCTime until 2049 is a
    /// duty of theirs: a GeneralizedTime of those years is read, as everywhere.
    ///
    /// # Errors
    /// As [`typed`](Self::typed).
    pub fn time(&mut self, label: &'static str) -> Result<Time, ReadError> {
        let time = self.choice(label, &[Tag::UTC_TIME, Tag::GENERALIZED_TIME], |r, tag| match tag {
            Tag::UTC_TIME => r.value("contents").map(|UtcTime(time)| time),
            _ => r.value("contents").map(|GeneralizedTime(time)| time),
        })?;
        self.means(|| time.to_string());
        Ok(time)
    }

    /// A string of any type, as text.
    ///
    /// # Errors
    /// As [`element`](Self::element); [`Problem::Refused`] for characters that its type does not have.
    pub fn text(&mut self, label: &'static str) -> Result<String, ReadError> {
        let text = self.choice(label, &STRINGS, |r, tag| {
            let start = r.position();
            let bytes = r.rest("contents");
            let text = value::text(tag, bytes);
            let text = text.map_err(|Refused(reason)| r.reject("contents", start, reason))?;
            r.means(|| text.clone());
            Ok(text)
        })?;
        self.means(|| text.clone());
        Ok(text)
    }

    /// Whether a string comes next.
    #[must_use]
    pub fn next_is_text(&self) -> bool {
        STRINGS.iter().any(|&tag| self.next_is(tag))
    }

    /// Any element at all, with all its bytes. What lies in it is named by its tags.
    ///
    /// # Errors
    /// As [`element`](Self::element), here and below.
    pub fn any(&mut self, label: &'static str) -> Result<&'a [u8], ReadError> {
        let start = self.position();
        let mut meaning = None;
        self.group(label, |r| {
            let tag: Tag = r.value("identifier")?;
            let length = r.definite_length()?;
            r.confined(length, |r| {
                if tag.is_constructed() {
                    let name_of_next = |r: &Self| r.peek().map_or("", |byte| Tag::new(byte).name());
                    return r.items(|r| r.any(name_of_next(r))).map(drop);
                }
                if length > 0 {
                    let contents = r.rest("contents");
                    meaning = value::meaning(tag, contents);
                    r.means(|| meaning.clone().unwrap_or_default());
                }
                Ok(())
            })
        })?;
        if let Some(meaning) = meaning {
            self.means(|| meaning);
        }
        Ok(self.slice(start..self.position()))
    }

    /// The beginning of an element: one of these tags, and how many bytes follow.
    fn one_of(&mut self, tags: &[Tag]) -> Result<(Tag, usize), ReadError> {
        let start = self.position();
        let tag: Tag = self.value("identifier")?;
        if !tags.contains(&tag) {
            let reason = match tags {
                [one] => format!("found {tag}, expected {one}"),
                _ => format!("found {tag}, which cannot stand here"),
            };
            return Err(self.reject("identifier", start, reason));
        }
        Ok((tag, self.definite_length()?))
    }

    /// X.690 §8.1.3 and §10.1: definite, and in as few bytes as it needs.
    fn definite_length(&mut self) -> Result<usize, ReadError> {
        let start = self.position();
        let first = self.peek().unwrap_or(0);
        let more = if first < 0x80 { 0 } else { usize::from(first & 0x7f) };
        if first == 0x80 {
            self.bytes("length", 1)?;
            return Err(self.reject("length", start, "indefinite, as BER allows and DER does not"));
        }
        if more > 4 {
            self.bytes("length", 1)?;
            return Err(self.reject("length", start, "of more than four bytes"));
        }
        let bytes = self.take("length", 1 + more)?;
        let length = match bytes[1..] {
            [] => usize::from(first),
            ref rest => rest.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)),
        };
        self.header("length", bytes, length);
        if more > 0 && (bytes[1] == 0 || length < 0x80) {
            return Err(self.reject("length", start, "not in its shortest form"));
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why<T: std::fmt::Debug>(
        bytes: &[u8],
        read: impl FnOnce(&mut Reader) -> Result<T, ReadError>,
    ) -> String {
        Reader::new(bytes).whole(read).unwrap_err().to_string()
    }

    #[test]
    fn names_identifier_length_and_contents() {
        let bytes = [0x30, 0x81, 0x80].into_iter().chain([0x04, 0x7e]).chain([7; 0x7e]).collect::<Vec<_>>();
        let (result, fields) = Reader::record(&bytes, |r| {
            r.element("Outer", Tag::SEQUENCE, |r| r.primitive("inner", Tag::OCTET_STRING))
        });
        assert_eq!(result.unwrap(), [7; 0x7e]);
        let outer = fields.find("Outer").unwrap().field();
        assert_eq!((outer.range(), outer.contents()), (0..0x83, 3..0x83));
        let meaning = |path| fields.find(path).unwrap().field().meaning.clone().unwrap();
        assert_eq!(&*meaning("Outer.identifier"), "SEQUENCE");
        assert_eq!(&*meaning("Outer.length"), "128 bytes follow");
        assert_eq!(fields.find("Outer.inner.contents").unwrap().field().range(), 5..0x83);
    }

    #[test]
    fn only_ders_own_lengths_are_read() {
        let read = |r: &mut Reader| r.primitive("x", Tag::OCTET_STRING).map(<[u8]>::to_vec);
        assert_eq!(
            why(&[4, 0x80, 0, 0], read),
            "x.length: indefinite, as BER allows and DER does not (at 0x1)"
        );
        assert_eq!(why(&[4, 0x81, 1, 0], read), "x.length: not in its shortest form (at 0x1)");
        assert_eq!(why(&[4, 0x82, 0, 0x80], read), "x.length: not in its shortest form (at 0x1)");
        assert_eq!(why(&[4, 0x85, 0, 0, 0, 0, 1], read), "x.length: of more than four bytes (at 0x1)");
        assert_eq!(why(&[4, 0x84, 0xff, 0xff], read), "x.length: needs 5 bytes, 3 left (at 0x1)");
        assert_eq!(
            why(&[4, 0x84, 0xff, 0xff, 0xff, 0xff, 0], read),
            "x: needs 4294967295 bytes, 1 left (at 0x6)"
        );
        assert_eq!(why(&[4], read), "x.length: needs 1 byte, 0 left (at 0x1)");
        assert_eq!(why(&[], read), "x.identifier: needs 1 byte, 0 left (at 0x0)");
        assert_eq!(why(&[2, 1, 1], read), "x.identifier: found INTEGER, expected OCTET STRING (at 0x0)");
    }

    #[test]
    fn integers_are_shortest_and_booleans_two() {
        let number = |r: &mut Reader| r.small("n");
        assert_eq!(Reader::new(&[2, 2, 0, 0x80]).whole(number).unwrap(), 128);
        assert_eq!(why(&[2, 2, 0, 0x7f], number), "n.contents: an integer not in its shortest form (at 0x2)");
        assert_eq!(
            why(&[2, 2, 0xff, 0x80], number),
            "n.contents: an integer not in its shortest form (at 0x2)"
        );
        assert_eq!(why(&[2, 0], number), "n.contents: an integer of no bytes (at 0x2)");
        assert_eq!(why(&[2, 1, 0x80], number), "n: a negative number (at 0x0)");
        assert_eq!(why(&[1, 1, 1], |r| r.boolean("b")), "b.contents: neither 00 nor ff (at 0x2)");
    }

    #[test]
    fn unused_bits_are_zero() {
        let bits = |r: &mut Reader| r.bit_string("bits", Tag::BIT_STRING).map(|bits| bits.bit(2));
        assert!(Reader::new(&[3, 2, 5, 0xa0]).whole(bits).unwrap());
        assert_eq!(why(&[3, 2, 5, 0xa1], bits), "bits.contents: unused bits that are not zero (at 0x3)");
        assert_eq!(why(&[3, 2, 8, 0], bits), "bits.unusedBits: more than seven unused bits (at 0x2)");
        assert_eq!(why(&[3, 1, 1], bits), "bits.contents: unused bits of no byte (at 0x3)");
        assert_eq!(
            why(&[3, 2, 1, 0], |r| r.bit_string_of_bytes("key", |r| Ok(r.rest("contents").len()))),
            "key.unusedBits: bits that fill no byte, expected whole bytes (at 0x2)"
        );
    }

    #[test]
    fn any_element_is_opened_and_named_by_its_tags() {
        let bytes = [0x30, 8, 0x06, 3, 0x55, 4, 3, 0xa0, 1, 0x05];
        let (result, fields) = Reader::record(&bytes, |r| r.any("unknown").map(<[u8]>::len));
        assert!(result.is_err());
        assert_eq!(
            &*fields.find("unknown.OBJECT IDENTIFIER").unwrap().field().meaning.clone().unwrap(),
            "commonName"
        );
        let bytes = [0x30, 9, 0x06, 3, 0x55, 4, 3, 0xa0, 2, 0x05, 0];
        assert_eq!(Reader::new(&bytes).whole(|r| r.any("unknown")).unwrap(), bytes);
    }
}
