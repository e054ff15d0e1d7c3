//! The mirror of the reader, unlabelled: it puts back what the reader takes.

/// Bytes being written. Lengths are filled in when what they count is complete.
///
/// ```
/// use cutaway::wire::Writer;
/// let mut w = Writer::new();
/// w.u16(7);
/// w.vector8(|w| w.bytes(b"hi"));
/// assert_eq!(w.finish(), [0, 7, 2, b'h', b'i']);
/// ```
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Nothing written yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    /// Two bytes, the higher first.
    pub fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// What `body` writes, behind its length in one byte.
    ///
    /// # Panics
    /// If `body` writes more than the length can count; so do the other vectors.
    pub fn vector8(&mut self, body: impl FnOnce(&mut Self)) {
        self.vector(1, body);
    }

    /// What `body` writes, behind its length in two bytes.
    pub fn vector16(&mut self, body: impl FnOnce(&mut Self)) {
        self.vector(2, body);
    }

    /// What `body` writes, behind its length in three bytes.
    pub fn vector24(&mut self, body: impl FnOnce(&mut Self)) {
        self.vector(3, body);
    }

    fn vector(&mut self, width: usize, body: impl FnOnce(&mut Self)) {
        let start = self.0.len();
        self.0.resize(start + width, 0);
        body(self);
        let length = (self.0.len() - start - width).to_be_bytes();
        let (unused, counted) = length.split_at(length.len() - width);
        assert!(unused.iter().all(|&byte| byte == 0), "a vector longer than its length can count");
        self.0[start..start + width].copy_from_slice(counted);
    }

    /// How many bytes were written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}
