//! What a fuzzer's bytes say: a script of numbers and pieces of bytes. Every script can be read.

/// The bytes that are still to be read.
#[derive(Clone, Copy)]
pub struct Script<'a>(pub &'a [u8]);

impl<'a> Script<'a> {
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// As many bytes as two bytes before them say, or as many as there are. The highest bit is a flag.
    pub fn piece(&mut self) -> (bool, &'a [u8]) {
        let high = self.byte().unwrap_or(0);
        let low = self.byte().unwrap_or(0);
        let length = usize::from(u16::from_be_bytes([high & 0x7f, low]));
        let (piece, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        (high & 0x80 != 0, piece)
    }
}

/// A piece as [`Script::piece`] reads it.
pub fn piece(flag: bool, bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).ok().filter(|length| *length < 0x8000).expect("a short piece");
    let mut piece = (length | if flag { 0x8000 } else { 0 }).to_be_bytes().to_vec();
    piece.extend(bytes);
    piece
}
