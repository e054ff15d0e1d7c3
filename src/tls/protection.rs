//! Sealed records: AES-GCM as TLS 1.2 uses it (RFC 5288 §3, RFC 5246 §6.2.3.3).
//!
//! ```text
//! struct { opaque nonce_explicit[8]; opaque ciphertext[…]; opaque tag[16]; } GenericAEADCipher;
//! nonce           = write_IV (4 bytes, secret) ‖ nonce_explicit (8 bytes, sent)
//! additional_data = sequence number (8) ‖ type (1) ‖ version (2) ‖ length of the plaintext (2)
//! ```
//!
//! We send the sequence number as the explicit nonce, so that none can come twice under one key.

use crate::secret::Secret;
use crate::symmetric::aead::{Forged, Nonce, Tag};
use crate::symmetric::gcm::AnyAesGcm;
use crate::tls::error::Error;
use crate::tls::record::{ContentType, Header, MAX_PLAINTEXT, ProtocolVersion};

/// Bytes of the secret part of the nonce: the write IV (RFC 5288 §3).
pub const FIXED_IV: usize = 4;

/// Bytes of the explicit part of the nonce.
pub const EXPLICIT_NONCE: usize = 8;

/// Bytes of the tag.
pub const TAG: usize = 16;

/// Bytes that sealing adds to a fragment.
pub const OVERHEAD: usize = EXPLICIT_NONCE + TAG;

/// One direction of a sealed connection: a key, the secret part of the nonce, and the number of the
/// next record.
#[derive(Debug)]
pub struct Protection {
    cipher: AnyAesGcm,
    write_iv: Secret<FIXED_IV>,
    sequence: u64,
}

impl Protection {
    /// A direction whose first record is still to come.
    ///
    /// # Panics
    /// If the key is neither 16 nor 32 bytes long.
    #[must_use]
    pub fn new(write_key: &[u8], write_iv: impl Into<Secret<FIXED_IV>>) -> Self {
        let cipher = AnyAesGcm::new(write_key).expect("no suite has keys of another length");
        Self { cipher, write_iv: write_iv.into(), sequence: 0 }
    }

    /// Appends the record that seals `plaintext` to `out`.
    ///
    /// # Errors
    /// [`Error::SequenceExhausted`] after 2⁶⁴−1 records.
    ///
    /// # Panics
    /// If `plaintext` is longer than a record holds.
    pub fn seal(
        &mut self,
        content_type: ContentType,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        assert!(plaintext.len() <= MAX_PLAINTEXT, "the channel cuts fragments to size");
        let explicit = self.sequence.to_be_bytes();
        let nonce = nonce(self.write_iv.reveal(), &explicit);
        let additional = additional_data(self.sequence, content_type, plaintext.len());
        self.sequence = self.sequence.checked_add(1).ok_or(Error::SequenceExhausted)?;

        let length = (plaintext.len() + OVERHEAD) as u16;
        let header = Header { content_type, version: ProtocolVersion::TLS_1_2, length };
        out.extend_from_slice(&header.to_bytes());
        out.extend_from_slice(&explicit);
        let start = out.len();
        out.extend_from_slice(plaintext);
        let sealed = self.cipher.seal_in_place(&nonce, &additional, &mut out[start..]);
        let Tag(tag) = sealed.expect("a record is far shorter than GCM's limit");
        out.extend_from_slice(&tag);
        Ok(())
    }

    /// Opens the fragment of a record in place, and returns the plaintext within it.
    ///
    /// # Errors
    /// [`Error::BadRecordMac`] if the record is too short for a nonce and a tag or was not sealed with
    /// this key, in this place, as this type; [`Error::RecordOverflow`] if the plaintext is longer than
    /// a record may hold; [`Error::SequenceExhausted`].
    pub fn open<'a>(
        &mut self,
        content_type: ContentType,
        fragment: &'a mut [u8],
    ) -> Result<&'a mut [u8], Error> {
        let length = fragment.len().checked_sub(OVERHEAD).ok_or(Error::BadRecordMac)?;
        if length > MAX_PLAINTEXT {
            return Err(Error::RecordOverflow { length, most: MAX_PLAINTEXT });
        }
        let (explicit, rest) = fragment.split_at_mut(EXPLICIT_NONCE);
        let (ciphertext, tag) = rest.split_at_mut(length);
        let nonce = nonce(self.write_iv.reveal(), (&*explicit).try_into().expect("8 bytes"));
        let tag = Tag((&*tag).try_into().expect("16 bytes"));
        let additional = additional_data(self.sequence, content_type, length);
        self.sequence = self.sequence.checked_add(1).ok_or(Error::SequenceExhausted)?;
        let opened = self.cipher.open_in_place(&nonce, &additional, ciphertext, &tag);
        opened.map_err(|Forged| Error::BadRecordMac)?;
        Ok(ciphertext)
    }
}

/// The nonce of a record: its secret part and the part that is sent.
#[must_use]
pub fn nonce(write_iv: &[u8; FIXED_IV], explicit: &[u8; EXPLICIT_NONCE]) -> Nonce {
    let mut nonce = [0; FIXED_IV + EXPLICIT_NONCE];
    nonce[..FIXED_IV].copy_from_slice(write_iv);
    nonce[FIXED_IV..].copy_from_slice(explicit);
    Nonce(nonce)
}

/// What is authenticated beside the plaintext: the record's number, and its header with the length of
/// the plaintext in it (RFC 5246 §6.2.3.3).
#[must_use]
pub fn additional_data(sequence: u64, content_type: ContentType, length: usize) -> [u8; 13] {
    let mut data = [0; 13];
    data[..8].copy_from_slice(&sequence.to_be_bytes());
    data[8] = content_type.0;
    data[9..11].copy_from_slice(&ProtocolVersion::TLS_1_2.0.to_be_bytes());
    data[11..].copy_from_slice(&(length as u16).to_be_bytes());
    data
}
