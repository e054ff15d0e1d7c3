//! Sealed records: one direction of a connection, from the moment its sender said ChangeCipherSpec.
//!
//! | file | what a sealed fragment is |
//! |---|---|
//! | [`gcm`] | `nonce_explicit ‖ ciphertext ‖ tag`: encryption and proof in one (RFC 5288) |
//! | [`cbc`] | `IV ‖ ciphertext ‖ MAC`: encrypted in a chain of blocks, then proved (RFC 7366) |
//!
//! Both prove the same things about a record besides its bytes: [which it is, and of what
//! kind](additional_data).

pub mod cbc;
pub mod gcm;

use rand::CryptoRng;

use crate::secret::Secret;
use crate::tls::error::Error;
use crate::tls::record::{ContentType, Header, MAX_PLAINTEXT, ProtocolVersion};

/// One direction of a sealed connection: its keys, and the number of the next record.
///
/// ```
/// use cutaway::symmetric::chacha20::Generator;
/// use cutaway::tls::{protection::Protection, record::ContentType};
///
/// let direction = || Protection::cbc(&[0x11; 16], &[0x22; 32]); // AES key, MAC key
/// let (mut seals, mut opens) = (direction(), direction());
/// let mut rng = Generator::new(1, 0); // draws the IV; in earnest, not one with a seed
/// let mut record = Vec::new();
/// seals.seal(&mut rng, ContentType::APPLICATION_DATA, b"attack at dawn", &mut record)?;
/// assert_eq!(record.len(), 5 + 16 + (14 + 2) + 32); // header, IV, text and padding, MAC
/// assert_eq!(opens.open(ContentType::APPLICATION_DATA, &mut record[5..])?, b"attack at dawn");
/// # Ok::<(), cutaway::tls::Error>(())
/// ```
#[derive(Debug)]
pub struct Protection {
    cipher: Cipher,
    sequence: u64,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // There are two of them in a connection.
enum Cipher {
    Gcm(gcm::Gcm),
    Cbc(cbc::Cbc),
}

impl Protection {
    /// AES-GCM with this key and this secret part of the nonce. The first record is still to come.
    ///
    /// # Panics
    /// If the key is neither 16 nor 32 bytes long.
    #[must_use]
    pub fn gcm(write_key: &[u8], write_iv: impl Into<Secret<{ gcm::FIXED_IV }>>) -> Self {
        Self { cipher: Cipher::Gcm(gcm::Gcm::new(write_key, write_iv.into())), sequence: 0 }
    }

    /// AES-CBC with this key, and around it HMAC-SHA-256 with that one. The first record is still to come.
    ///
    /// # Panics
    /// If the AES key is neither 16 nor 32 bytes long.
    #[must_use]
    pub fn cbc(write_key: &[u8], write_mac_key: &[u8; cbc::MAC_KEY]) -> Self {
        Self { cipher: Cipher::Cbc(cbc::Cbc::new(write_key, write_mac_key)), sequence: 0 }
    }

    /// Appends the record that seals `plaintext` to `out`. Only CBC draws from `rng`: its IV.
    ///
    /// # Errors
    /// [`Error::SequenceExhausted`] after 2⁶⁴−1 records.
    ///
    /// # Panics
    /// If `plaintext` is longer than a record holds.
    pub fn seal(
        &mut self,
        rng: &mut (impl CryptoRng + ?Sized),
        content_type: ContentType,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        assert!(plaintext.len() <= MAX_PLAINTEXT, "the channel cuts fragments to size");
        let sequence = self.next_in_sequence()?;
        let length = match &self.cipher {
            Cipher::Gcm(_) => gcm::sealed_length(plaintext.len()),
            Cipher::Cbc(_) => cbc::sealed_length(plaintext.len()),
        };
        let header = Header { content_type, version: ProtocolVersion::TLS_1_2, length: length as u16 };
        out.extend_from_slice(&header.to_bytes());
        match &self.cipher {
            Cipher::Gcm(gcm) => gcm.seal(sequence, content_type, plaintext, out),
            Cipher::Cbc(cbc) => cbc.seal(rng, sequence, content_type, plaintext, out),
        }
        Ok(())
    }

    /// Opens the fragment of a record in place, and returns the plaintext within it.
    ///
    /// # Errors
    /// [`Error::BadRecordMac`] if the record is too short or was not sealed with these keys, in this
    /// place, as this type; [`Error::RecordOverflow`] if the plaintext is longer than a record may hold;
    /// [`Error::SequenceExhausted`].
    pub fn open<'a>(
        &mut self,
        content_type: ContentType,
        fragment: &'a mut [u8],
    ) -> Result<&'a mut [u8], Error> {
        let sequence = self.next_in_sequence()?;
        match &self.cipher {
            Cipher::Gcm(gcm) => gcm.open(sequence, content_type, fragment),
            Cipher::Cbc(cbc) => cbc.open(sequence, content_type, fragment),
        }
    }

    /// The number of this record. It must never come round (RFC 5246 §6.1).
    fn next_in_sequence(&mut self) -> Result<u64, Error> {
        let sequence = self.sequence;
        self.sequence = sequence.checked_add(1).ok_or(Error::SequenceExhausted)?;
        Ok(sequence)
    }
}

/// What is proved beside the record's bytes: its number, which is not sent, and its header with the
/// length that follows, of the plaintext with an AEAD (RFC 5246 §6.2.3.3), of IV and ciphertext with a
/// MAC outside of them (RFC 7366 §3).
#[must_use]
pub fn additional_data(sequence: u64, content_type: ContentType, length: usize) -> [u8; 13] {
    let mut data = [0; 13];
    data[..8].copy_from_slice(&sequence.to_be_bytes());
    data[8] = content_type.0;
    data[9..11].copy_from_slice(&ProtocolVersion::TLS_1_2.0.to_be_bytes());
    data[11..].copy_from_slice(&(length as u16).to_be_bytes());
    data
}
