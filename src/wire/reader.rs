//! The labelled reader: a cursor that names what it reads.
//!
//! A decoder is an ordinary function of a [`Reader`]. With recording off a name costs a branch that is
//! not taken; with recording on ([`Reader::record`]) each becomes a [`Field`]. Recording never changes
//! what is accepted: the only code that runs for it alone is the inside of [`Reader::opaque`], and
//! errors from there become leaves.
//!
//! What good input does not need, names and errors, stands in functions of its own, out of line and
//! compiled once; what is generic here, and so compiled for each decoder anew, is kept small.
//!
//! Nothing is allocated from a length that the input has not backed with bytes.

use std::fmt::Write;
use std::ops::Range;

#[cfg(doc)]
use crate::wire::Field;
use crate::wire::error::bytes as count_of_bytes;
use crate::wire::{Fields, Problem, ReadError, Refused, Value};

mod recording;
mod vector;

pub use recording::MAX_FIELDS;
use recording::Recording;

/// How deep groups may lie in one another. The deepest that real input needs is about 20 (a name in
/// a certificate in a handshake message); the bound keeps hostile input from growing the stack.
pub const MAX_DEPTH: usize = 48;

/// The label of bytes that no decoder read.
pub const UNREAD: &str = "unread";

/// A cursor over bytes, confined to the structure that is being read.
#[derive(Debug)]
pub struct Reader<'a> {
    /// All of the input.
    input: &'a [u8],
    /// The part of it that is left of the structure.
    left: &'a [u8],
    depth: usize,
    recording: Option<Box<Recording>>,
}

impl<'a> Reader<'a> {
    /// A reader of `bytes` that records nothing.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { input: bytes, left: bytes, depth: 0, recording: None }
    }

    /// Reads all of the input, and refuses what `read` leaves.
    ///
    /// # Errors
    /// Those of `read`, or [`Problem::Unread`].
    pub fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Result<T, ReadError>) -> Result<T, ReadError> {
        self.confined(self.left(), read)
    }

    /// Reads all of `bytes` and returns, beside the result, a name for every byte, whether or not
    /// reading succeeded.
    pub fn record<T>(
        bytes: &'a [u8],
        read: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> (Result<T, ReadError>, Fields) {
        let mut reader = Self { recording: Some(Box::default()), ..Self::new(bytes) };
        let result = reader.confined(bytes.len(), read);
        (result, Fields(reader.recording.map_or_else(Vec::new, |recording| recording.fields)))
    }

    /// Bytes left in the structure that is being read.
    #[must_use]
    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// The place of the next byte, counted from the start of the input.
    #[must_use]
    pub fn position(&self) -> usize {
        self.place(self.left)
    }

    /// The place of `part` of the input.
    fn place(&self, part: &[u8]) -> usize {
        part.as_ptr().addr() - self.input.as_ptr().addr()
    }

    /// The input between two places, as for the bytes that a signature covers.
    ///
    /// # Panics
    /// If the range is not one of places that were read.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> &'a [u8] {
        &self.input[..self.position()][range]
    }

    /// The next byte, left where it is.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.left.first().copied()
    }

    /// All that is left of the structure, left where it is.
    #[must_use]
    pub fn ahead(&self) -> &'a [u8] {
        self.left
    }

    /// A value of fixed form; one that takes what it is given takes all that is left.
    ///
    /// # Errors
    /// [`Problem::Short`], or [`Problem::Refused`] with the value's own reason.
    #[inline]
    pub fn value<T: Value<'a>>(&mut self, label: &'static str) -> Result<T, ReadError> {
        let bytes = self.take(label, T::LENGTH.unwrap_or(self.left()))?;
        match T::decode(bytes) {
            Ok(value) => {
                if self.recording.is_some() {
                    self.leaf(label, bytes, Some(&value));
                }
                Ok(value)
            }
            Err(refused) => Err(self.refuse(label, bytes, refused)),
        }
    }

    /// Exactly `n` bytes.
    ///
    /// # Errors
    /// [`Problem::Short`].
    #[inline]
    pub fn bytes(&mut self, label: &'static str, n: usize) -> Result<&'a [u8], ReadError> {
        let bytes = self.take(label, n)?;
        if self.recording.is_some() {
            self.leaf(label, bytes, None);
        }
        Ok(bytes)
    }

    /// Exactly `N` bytes, by value.
    ///
    /// # Errors
    /// [`Problem::Short`].
    #[inline]
    pub fn array<const N: usize>(&mut self, label: &'static str) -> Result<[u8; N], ReadError> {
        self.bytes(label, N).map(|bytes| bytes.try_into().expect("bytes() gave N bytes"))
    }

    /// All bytes that are left in the structure.
    #[inline]
    pub fn rest(&mut self, label: &'static str) -> &'a [u8] {
        let (bytes, none) = self.left.split_at(self.left());
        self.left = none;
        if self.recording.is_some() {
            self.leaf(label, bytes, None);
        }
        bytes
    }

    /// A structure of its own name.
    ///
    /// # Errors
    /// Those of `body`, with the label before them; [`Problem::TooDeep`].
    #[inline]
    pub fn group<T>(
        &mut self,
        label: &'static str,
        body: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.enter(label)?;
        let result = body(self);
        self.leave();
        // By value: a reference to the error would keep the whole result in memory.
        match result {
            Ok(value) => Ok(value),
            Err(error) => Err(error.within(label)),
        }
    }

    /// Runs `body` on the next `n` bytes alone, and refuses what it leaves of them.
    ///
    /// # Errors
    /// Those of `body`; [`Problem::Short`], [`Problem::Unread`].
    #[inline]
    pub fn confined<T>(
        &mut self,
        n: usize,
        body: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let Some((inside, after)) = self.left.split_at_checked(n) else {
            return Err(self.short(n));
        };
        self.left = inside;
        let mut result = body(self);
        if !self.left.is_empty() {
            result = Err(self.stop(result.err()));
        }
        self.left = after;
        result
    }

    /// Bytes that are someone else's to judge, as the certificate inside a TLS message is: the reader
    /// hands them out unread, and only when recording opens them with `inside` for the window.
    ///
    /// # Errors
    /// [`Problem::Short`]; never those of `inside`.
    pub fn opaque(
        &mut self,
        label: &'static str,
        n: usize,
        inside: impl FnOnce(&mut Self) -> Result<(), ReadError>,
    ) -> Result<&'a [u8], ReadError> {
        let before = self.left;
        let bytes = self.take(label, n)?;
        if self.recording.is_some() {
            let after = std::mem::replace(&mut self.left, before);
            let _ = self.group(label, |r| r.confined(n, inside));
            self.left = after;
        }
        Ok(bytes)
    }

    /// How many fields were recorded until now: the id of the next one, for whoever reads several things
    /// in a row and wants to find them again.
    #[must_use]
    pub fn fields_so_far(&self) -> usize {
        self.recording.as_ref().map_or(0, |recording| recording.fields.len())
    }

    /// Says what the field that was just read means, where its bytes alone do not. Text from outside
    /// is an attacker's: it is escaped.
    #[inline]
    pub fn means(&mut self, meaning: impl FnOnce() -> String) {
        if self.recording.is_some() {
            self.note(&meaning());
        }
    }

    /// Takes `n` bytes without a name.
    #[inline]
    pub(crate) fn take(&mut self, label: &'static str, n: usize) -> Result<&'a [u8], ReadError> {
        let Some((bytes, left)) = self.left.split_at_checked(n) else {
            return Err(self.short_of(label, n));
        };
        self.left = left;
        Ok(bytes)
    }

    /// Names the tag or length that begins the group being read, of which `length` bytes follow: what
    /// the group holds begins behind it.
    #[inline]
    pub(crate) fn header(&mut self, label: &'static str, bytes: &[u8], length: usize) {
        if self.recording.is_some() {
            self.leaf(label, bytes, Some(&follow(length)));
            self.contents_begin();
        }
    }

    /// A group begins.
    #[inline]
    fn enter(&mut self, label: &'static str) -> Result<(), ReadError> {
        if self.depth == MAX_DEPTH {
            return Err(self.too_deep(label));
        }
        self.depth += 1;
        if self.recording.is_some() {
            self.open(label);
        }
        Ok(())
    }

    /// The group ends, well or not.
    #[inline]
    fn leave(&mut self) {
        self.depth -= 1;
        if self.recording.is_some() {
            self.close();
        }
    }
}

/// Where reading stops: out of line, so that good input does not pay for it.
impl<'a> Reader<'a> {
    /// The field that was just read from `start` is wrong. Its label is `label`.
    #[cold]
    pub(crate) fn reject(
        &mut self,
        label: &'static str,
        start: usize,
        reason: impl Into<String>,
    ) -> ReadError {
        let reason = reason.into();
        self.means(|| format!("refused: {reason}"));
        ReadError::new(start..self.position(), Problem::Refused(reason)).within(label)
    }

    /// The bytes that were just taken are no value.
    #[cold]
    #[inline(never)]
    fn refuse(&mut self, label: &'static str, bytes: &[u8], Refused(reason): Refused) -> ReadError {
        if self.recording.is_some() {
            self.leaf(label, bytes, None);
        }
        self.reject(label, self.place(bytes), reason)
    }

    #[cold]
    #[inline(never)]
    fn short(&self, needed: usize) -> ReadError {
        let (start, left) = (self.position(), self.left());
        ReadError::new(start..start + left, Problem::Short { needed, left })
    }

    #[cold]
    #[inline(never)]
    fn short_of(&self, label: &'static str, needed: usize) -> ReadError {
        self.short(needed).within(label)
    }

    #[cold]
    #[inline(never)]
    fn too_deep(&self, label: &'static str) -> ReadError {
        let at = self.position();
        ReadError::new(at..at, Problem::TooDeep).within(label)
    }

    /// A structure has bytes that its body did not read, because of this error; without one, that is the
    /// error. They become a leaf that says so.
    #[cold]
    #[inline(never)]
    fn stop(&mut self, error: Option<ReadError>) -> ReadError {
        let (start, left) = (self.position(), self.left());
        let error = error.unwrap_or_else(|| ReadError::new(start..start + left, Problem::Unread { left }));
        if self.recording.is_some() {
            self.leaf(UNREAD, self.left, Some(&error));
        }
        error
    }
}

/// What a length says: `1 byte follows`, `17 bytes follow`.
#[must_use]
pub fn follow(length: usize) -> String {
    format!("{} follow{}", count_of_bytes(length), if length == 1 { "s" } else { "" })
}

/// Text made safe to show: what could move the cursor, hide or turn text round is spelled out.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        let invisible = matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}');
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            _ if character.is_control() || invisible => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_lists(r: &mut Reader) -> Result<(Vec<u16>, Vec<u8>), ReadError> {
        r.group("Pair", |r| {
            Ok((r.list16("numbers", 2..=8, |r| r.value("number"))?, r.bytes8("name", 0..=255)?.to_vec()))
        })
    }

    /// The leaves of a recording, which must cover its bytes without gap or overlap.
    fn tiles(fields: &Fields, length: usize) {
        let mut at = 0;
        for leaf in fields.leaves() {
            assert_eq!(leaf.field().range().start, at, "{leaf:?}");
            at = leaf.field().range().end;
        }
        assert_eq!(at, length);
        for node in (0..fields.all().len()).map(|id| fields.node(id)) {
            for child in node.children() {
                let (inner, outer) = (child.field().range(), node.field().range());
                assert!(inner.start >= outer.start && inner.end <= outer.end);
            }
        }
    }

    const PAIR: [u8; 9] = [0, 4, 0, 1, 0, 2, 2, b'h', 0x1b];

    #[test]
    fn names_every_byte_of_a_good_input() {
        let (result, fields) = Reader::record(&PAIR, two_lists);
        assert_eq!(result.unwrap(), (vec![1, 2], vec![b'h', 0x1b]));
        tiles(&fields, PAIR.len());
        let numbers = fields.find("Pair.numbers").unwrap();
        assert_eq!(numbers.field().range(), 0..6);
        assert_eq!(numbers.field().contents(), 2..6);
        let second = numbers.children().nth(2).unwrap().field();
        assert_eq!((second.label, second.index, second.range()), ("number", Some(1), 4..6));
        assert_eq!(second.meaning.as_deref(), Some("2"));
        assert_eq!(fields.find("Pair.name.contents").unwrap().field().range(), 7..9);
    }

    #[test]
    fn a_cut_input_names_field_and_offset_and_is_still_tiled() {
        for cut in 0..PAIR.len() {
            let (result, fields) = Reader::record(&PAIR[..cut], two_lists);
            let error = result.unwrap_err();
            assert_eq!(Reader::new(&PAIR[..cut]).whole(two_lists), Err(error.clone()));
            assert!(matches!(error.problem(), Problem::Short { .. }), "{error}");
            assert!(error.path().starts_with("Pair."), "{error}");
            tiles(&fields, cut);
        }
        let error = Reader::new(&PAIR[..8]).whole(two_lists).unwrap_err();
        assert_eq!(error.to_string(), "Pair.name: needs 2 bytes, 1 left (at 0x7)");
    }

    #[test]
    fn what_a_body_leaves_is_refused() {
        let mut long = PAIR.to_vec();
        long.push(0);
        let (result, fields) = Reader::record(&long, two_lists);
        assert_eq!(result.unwrap_err().to_string(), "1 byte left over (at 0x9)");
        tiles(&fields, long.len());
        assert_eq!(fields.all().last().unwrap().label, UNREAD);
    }

    #[test]
    fn an_odd_byte_in_a_list_is_named_with_its_index() {
        let error = Reader::new(&[0, 3, 0, 1, 0, 0]).whole(two_lists).unwrap_err();
        assert_eq!(error.to_string(), "Pair.numbers.number[1]: needs 2 bytes, 1 left (at 0x4)");
    }

    #[test]
    fn a_length_outside_its_bounds_is_refused_before_it_is_used() {
        let error = Reader::new(&[0xff, 0xff, 0, 0]).whole(two_lists).unwrap_err();
        assert_eq!(error.to_string(), "Pair.numbers: length 65535, must be 2 to 8 (at 0x0)");
    }

    #[test]
    fn an_item_of_no_bytes_is_an_error_and_not_a_loop() {
        let error = Reader::new(&[1]).whole(|r| r.items(|r| r.bytes("nothing", 0).map(drop))).unwrap_err();
        assert_eq!(error.problem(), &Problem::EmptyItem);
    }

    #[test]
    fn nesting_has_an_end() {
        fn deeper(r: &mut Reader) -> Result<(), ReadError> {
            r.group("deeper", deeper)
        }
        assert_eq!(Reader::new(&[]).whole(deeper).unwrap_err().problem(), &Problem::TooDeep);
    }

    #[test]
    fn the_inside_of_opaque_bytes_is_opened_for_the_window_alone() {
        let read =
            |r: &mut Reader| r.opaque("sealed", 3, |r| r.array::<9>("nine").map(drop)).map(<[u8]>::to_vec);
        assert_eq!(Reader::new(&[1, 2, 3]).whole(read).unwrap(), [1, 2, 3]);
        let (result, fields) = Reader::record(&[1, 2, 3], read);
        assert_eq!(result.unwrap(), [1, 2, 3]);
        tiles(&fields, 3);
        assert_eq!(fields.find("sealed.unread").unwrap().field().range(), 0..3);
    }

    #[test]
    fn a_recording_without_end_is_cut_short_and_tiled() {
        let bytes = vec![0; MAX_FIELDS + 9];
        let (result, fields) =
            Reader::record(&bytes, |r| r.group("all", |r| r.items(|r| r.value::<u8>("byte"))));
        assert_eq!(result.unwrap().len(), bytes.len());
        assert_eq!(fields.all().len(), MAX_FIELDS + 1);
        tiles(&fields, bytes.len());
    }

    #[test]
    fn an_attackers_text_cannot_move_the_cursor() {
        assert_eq!(escape("a\u{1b}[2J\u{202e}b<é"), "a\\u{1b}[2J\\u{202e}b<é");
    }
}
