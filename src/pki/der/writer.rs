//! The mirror of the reader: it writes DER and nothing else.

use crate::pki::der::{Tag, value};
use crate::pki::{Oid, Time};

/// DER being written. Lengths are filled in when what they count is complete.
///
/// It may hold a private key: [`with_capacity`](Self::with_capacity) of enough bytes leaves no copy
/// behind, for then nothing is moved to another allocation.
///
/// ```
/// use cutaway::pki::der::{Tag, Writer};
/// let mut w = Writer::new();
/// w.element(Tag::SEQUENCE, |w| w.small(5));
/// assert_eq!(w.finish(), [0x30, 3, 2, 1, 5]);
/// ```
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Nothing written yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing written yet, and room for this much.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// The bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    /// An element that holds what `contents` writes.
    pub fn element(&mut self, tag: Tag, contents: impl FnOnce(&mut Self)) {
        self.0.push(tag.identifier());
        let start = self.0.len();
        contents(self);
        let (header, count) = length_octets(self.0.len() - start);
        let end = self.0.len();
        self.0.resize(end + count, 0);
        self.0.copy_within(start..end, start + count);
        self.0[start..start + count].copy_from_slice(&header[..count]);
    }

    /// An element with these contents.
    pub fn primitive(&mut self, tag: Tag, contents: &[u8]) {
        self.element(tag, |w| w.raw(contents));
    }

    /// Bytes that are DER already.
    pub fn raw(&mut self, der: &[u8]) {
        self.0.extend_from_slice(der);
    }

    /// `BOOLEAN`.
    pub fn boolean(&mut self, value: bool) {
        self.primitive(Tag::BOOLEAN, &[if value { 0xff } else { 0 }]);
    }

    /// `INTEGER`, from a big-endian magnitude; leading zeros are left out.
    pub fn unsigned(&mut self, magnitude: &[u8]) {
        self.unsigned_as(Tag::INTEGER, magnitude);
    }

    fn unsigned_as(&mut self, tag: Tag, magnitude: &[u8]) {
        let zeros = magnitude.iter().take_while(|&&byte| byte == 0).count();
        let magnitude = &magnitude[zeros..];
        self.element(tag, |w| {
            if magnitude.first().is_none_or(|first| first & 0x80 != 0) {
                w.0.push(0);
            }
            w.raw(magnitude);
        });
    }

    /// `INTEGER`.
    pub fn small(&mut self, value: u64) {
        self.unsigned(&value.to_be_bytes());
    }

    /// `INTEGER` under an implicit tag.
    pub fn small_as(&mut self, tag: Tag, value: u64) {
        self.unsigned_as(tag, &value.to_be_bytes());
    }

    /// `OBJECT IDENTIFIER`.
    pub fn object_identifier(&mut self, oid: &Oid) {
        self.primitive(Tag::OBJECT_IDENTIFIER, oid.as_bytes());
    }

    /// `NULL`.
    pub fn null(&mut self) {
        self.primitive(Tag::NULL, &[]);
    }

    /// `OCTET STRING` around what `contents` writes.
    pub fn octet_string(&mut self, contents: impl FnOnce(&mut Self)) {
        self.element(Tag::OCTET_STRING, contents);
    }

    /// `BIT STRING` of whole bytes, around what `contents` writes.
    pub fn bit_string(&mut self, contents: impl FnOnce(&mut Self)) {
        self.element(Tag::BIT_STRING, |w| {
            w.0.push(0);
            contents(w);
        });
    }

    /// `BIT STRING` of named bits, of which `bits` has number 0 highest: without the zeros at its end
    /// (X.690 §11.2.2).
    pub fn named_bits(&mut self, bits: u16) {
        let bytes = bits.to_be_bytes();
        let count = 2 - bits.trailing_zeros() as usize / 8;
        let unused = if bits == 0 { 0 } else { bits.trailing_zeros() as u8 % 8 };
        self.element(Tag::BIT_STRING, |w| {
            w.0.push(unused);
            w.raw(&bytes[..count]);
        });
    }

    /// A time: UTCTime from 1950 to 2049, else GeneralizedTime (RFC 5280 §4.1.2.5).
    pub fn time(&mut self, time: Time) {
        let digits = time.digits();
        if (1950..2050).contains(&time.year()) {
            self.primitive(Tag::UTC_TIME, &digits.as_bytes()[2..]);
        } else {
            self.primitive(Tag::GENERALIZED_TIME, digits.as_bytes());
        }
    }

    /// A directory string: PrintableString where that has all the characters, else UTF8String (the
    /// two that RFC 5280 §4.1.2.4 leaves).
    pub fn text(&mut self, text: &str) {
        let printable = text.bytes().all(value::is_printable);
        self.primitive(if printable { Tag::PRINTABLE_STRING } else { Tag::UTF8_STRING }, text.as_bytes());
    }
}

/// X.690 §8.1.3: one octet up to 127, else their number and the length itself.
fn length_octets(length: usize) -> ([u8; 1 + size_of::<usize>()], usize) {
    let mut octets = [0; 1 + size_of::<usize>()];
    if length < 0x80 {
        octets[0] = length as u8;
        return (octets, 1);
    }
    let bytes = length.to_be_bytes();
    let zeros = length.leading_zeros() as usize / 8;
    let count = bytes.len() - zeros;
    octets[0] = 0x80 | count as u8;
    octets[1..=count].copy_from_slice(&bytes[zeros..]);
    (octets, 1 + count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut w = Writer::new();
        write(&mut w);
        w.finish()
    }

    #[test]
    fn lengths_take_as_few_octets_as_they_need() {
        let header = |length: usize| {
            let der = written(|w| w.primitive(Tag::OCTET_STRING, &vec![1; length]));
            der[..der.len() - length].to_vec()
        };
        assert_eq!(header(0), [4, 0]);
        assert_eq!(header(0x7f), [4, 0x7f]);
        assert_eq!(header(0x80), [4, 0x81, 0x80]);
        assert_eq!(header(0x100), [4, 0x82, 1, 0]);
        assert_eq!(header(0x1_0000), [4, 0x83, 1, 0, 0]);
    }

    #[test]
    fn integers_keep_their_sign_and_lose_their_zeros() {
        assert_eq!(written(|w| w.unsigned(&[0, 0, 0x80])), [2, 2, 0, 0x80]);
        assert_eq!(written(|w| w.small(0)), [2, 1, 0]);
        assert_eq!(written(|w| w.small(65537)), [2, 3, 1, 0, 1]);
    }

    #[test]
    fn named_bits_end_with_a_one() {
        // RFC 5280 §4.2.1.3: digitalSignature and keyEncipherment are bits 0 and 2; decipherOnly is 8.
        assert_eq!(written(|w| w.named_bits(0xa000)), [3, 2, 5, 0xa0]);
        assert_eq!(written(|w| w.named_bits(0x0080)), [3, 3, 7, 0x00, 0x80]);
        assert_eq!(written(|w| w.named_bits(0)), [3, 1, 0]);
    }

    #[test]
    fn times_change_their_form_in_2050() {
        let of = |text: &str| written(|w| w.time(text.parse().unwrap()));
        assert_eq!(of("2049-12-31T23:59:59Z"), b"\x17\x0d491231235959Z");
        assert_eq!(of("2050-01-01T00:00:00Z"), b"\x18\x0f20500101000000Z");
    }
}
