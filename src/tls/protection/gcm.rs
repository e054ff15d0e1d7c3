//! AES-GCM as TLS 1.2 uses it (RFC 5288 §3, RFC 5246 §6.2.3.3).
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
use crate::tls::protection::additional_data;
use crate::tls::record::{ContentType, MAX_PLAINTEXT};
use crate::wire::{ReadError, Reader};

/// Bytes of the secret part of the nonce: the write IV (RFC 5288 §3).
pub const FIXED_IV: usize = 4;

/// Bytes of the explicit part of the nonce.
pub const EXPLICIT_NONCE: usize = 8;

/// Bytes of the tag.
pub const TAG: usize = 16;

/// Bytes that sealing adds to a fragment.
pub const OVERHEAD: usize = EXPLICIT_NONCE + TAG;

/// The keys of one direction.
#[derive(Debug)]
pub(super) struct Gcm {
    cipher: AnyAesGcm,
    write_iv: Secret<FIXED_IV>,
}

impl Gcm {
    pub(super) fn new(write_key: &[u8], write_iv: Secret<FIXED_IV>) -> Self {
        let cipher = AnyAesGcm::new(write_key).expect("no suite has keys of another length");
        Self { cipher, write_iv }
    }

    /// Appends the sealed fragment to `out`.
    pub(super) fn seal(&self, sequence: u64, content_type: ContentType, plaintext: &[u8], out: &mut Vec<u8>) {
        let explicit = sequence.to_be_bytes();
        out.extend_from_slice(&explicit);
        let start = out.len();
        out.extend_from_slice(plaintext);
        let nonce = nonce(self.write_iv.reveal(), &explicit);
        let additional = additional_data(sequence, content_type, plaintext.len());
        let sealed = self.cipher.seal_in_place(&nonce, &additional, &mut out[start..]);
        let Tag(tag) = sealed.expect("a record is far shorter than GCM's limit");
        out.extend_from_slice(&tag);
    }

    /// Opens a fragment in place.
    pub(super) fn open<'a>(
        &self,
        sequence: u64,
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
        let additional = additional_data(sequence, content_type, length);
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

/// Bytes of the fragment that seals so many.
pub(super) fn sealed_length(plaintext: usize) -> usize {
    plaintext + OVERHEAD
}

/// Names the parts of a sealed fragment, for the window.
///
/// # Errors
/// If it is too short for a nonce and a tag.
pub fn read(r: &mut Reader) -> Result<(), ReadError> {
    r.bytes("nonce_explicit", EXPLICIT_NONCE)?;
    let length = r.left().saturating_sub(TAG);
    r.bytes("ciphertext", length)?;
    r.bytes("tag", TAG).map(drop)
}
