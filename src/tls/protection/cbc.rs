//! AES-CBC, and HMAC-SHA-256 around it: encrypt-then-MAC (RFC 7366 §3, RFC 5246 §6.2.3.2).
//!
//! ```text
//! struct { opaque IV[16]; block-ciphered struct { opaque content[…]; uint8 padding[padding_length];
//!                                                 uint8 padding_length; }; } GenericBlockCipher;
//! opaque MAC[32];
//! MAC = HMAC(MAC_write_key, sequence number ‖ type ‖ version ‖ length ‖ IV ‖ ciphertext)
//! ```
//!
//! The MAC stands outside, and is checked before anything is decrypted. TLS had it inside at first, under
//! the encryption, and so had to take off the padding before it knew whether anyone with the key had put
//! it there. Whether that went well shows in an error, or in the time taken, and by asking often enough
//! Eve reads the text (Vaudenay 2002; *Lucky Thirteen*, 2013). That form is not implemented here.
//!
//! *Constant time, until the MAC is found good. Secret: the keys, the plaintext, and the MAC that would be
//! right. Behind a good MAC the padding is looked at with branches: only a holder of the keys gets that
//! far, and the length of the text shows in what the application does with it.*

use rand::CryptoRng;
use zeroize::Zeroize;

use crate::hash::hmac::Forged;
use crate::hash::{Hmac, Sha256};
use crate::symmetric::cbc::AnyAesCbc;
use crate::tls::error::Error;
use crate::tls::protection::additional_data;
use crate::tls::record::{ContentType, MAX_PLAINTEXT};
use crate::wire::{ReadError, Reader};

/// Bytes of the initialization vector, and of a block.
pub const IV: usize = 16;

/// Bytes of the MAC.
pub const MAC: usize = 32;

/// Bytes of its key (RFC 5246 §6.2.3.2, §C).
pub const MAC_KEY: usize = 32;

/// The keys of one direction.
#[derive(Debug)]
pub(super) struct Cbc {
    cipher: AnyAesCbc,
    /// It has taken in the key, and waits to be cloned.
    keyed: Hmac<Sha256>,
}

impl Cbc {
    pub(super) fn new(write_key: &[u8], write_mac_key: &[u8; MAC_KEY]) -> Self {
        let cipher = AnyAesCbc::new(write_key).expect("no suite has keys of another length");
        Self { cipher, keyed: Hmac::new(write_mac_key) }
    }

    /// Appends the sealed fragment to `out`: padded no further than needed, under an IV that nobody could
    /// foretell.
    pub(super) fn seal(
        &self,
        rng: &mut (impl CryptoRng + ?Sized),
        sequence: u64,
        content_type: ContentType,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        let mut iv = [0; IV];
        rng.fill_bytes(&mut iv);
        out.extend_from_slice(&iv);
        out.extend_from_slice(plaintext);
        let padding_length = padding_length(plaintext.len());
        out.resize(out.len() + padding_length + 1, padding_length as u8);
        self.cipher.encrypt(&iv, out[start + IV..].as_chunks_mut().0);
        let mac = self.mac(sequence, content_type, &out[start..]).finish();
        out.extend_from_slice(&mac);
    }

    /// Opens a fragment in place. All that can be wrong with it is one error: what has a good MAC and yet
    /// is no text of whole blocks, well padded, was sealed by a peer that does not know how.
    pub(super) fn open<'a>(
        &self,
        sequence: u64,
        content_type: ContentType,
        fragment: &'a mut [u8],
    ) -> Result<&'a mut [u8], Error> {
        let (proved, mac) = fragment.split_last_chunk_mut::<MAC>().ok_or(Error::BadRecordMac)?;
        let checked = self.mac(sequence, content_type, proved).verify(mac);
        checked.map_err(|Forged| Error::BadRecordMac)?;

        let (iv, text) = proved.split_first_chunk_mut::<IV>().ok_or(Error::BadRecordMac)?;
        let (blocks, []) = text.as_chunks_mut() else { return Err(Error::BadRecordMac) };
        self.cipher.decrypt(iv, blocks);
        let Some(length) = content_length(text) else {
            text.zeroize();
            return Err(Error::BadRecordMac);
        };
        if length > MAX_PLAINTEXT {
            return Err(Error::RecordOverflow { length, most: MAX_PLAINTEXT });
        }
        Ok(&mut text[..length])
    }

    /// The MAC of IV and ciphertext, still running.
    fn mac(&self, sequence: u64, content_type: ContentType, fragment: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        mac.update(&additional_data(sequence, content_type, fragment.len()));
        mac.update(fragment);
        mac
    }
}

/// The least padding that makes whole blocks, with the byte that says how long it is.
fn padding_length(plaintext: usize) -> usize {
    IV - 1 - plaintext % IV
}

/// Bytes of the fragment that seals so many.
pub(super) fn sealed_length(plaintext: usize) -> usize {
    IV + plaintext + padding_length(plaintext) + 1 + MAC
}

/// How long the text is without its padding, of which each byte must say how long that is: up to 255
/// bytes (RFC 5246 §6.2.3.2). `None` if it is not padded so.
pub(crate) fn content_length(text: &[u8]) -> Option<usize> {
    let (padding_length, before) = text.split_last()?;
    let length = before.len().checked_sub(usize::from(*padding_length))?;
    before[length..].iter().all(|byte| byte == padding_length).then_some(length)
}

/// Names the parts of a sealed fragment, for the window.
///
/// # Errors
/// If it is too short for an IV and a MAC.
pub fn read(r: &mut Reader) -> Result<(), ReadError> {
    let length = r.left().saturating_sub(MAC);
    r.group("GenericBlockCipher", |r| {
        r.bytes("IV", IV)?;
        r.bytes("ciphertext", length.saturating_sub(IV)).map(drop)
    })?;
    r.bytes("MAC", MAC).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_the_padding_says_how_long_it_is() {
        assert_eq!(content_length(b"attack at dawn\x01\x01"), Some(14));
        assert_eq!(content_length(b"attack at dawn!\x00"), Some(15));
        assert_eq!(content_length(&[15; 16]), Some(0));
        assert_eq!(content_length(&[255; 256]), Some(0), "more than needed is allowed");
        for refused in [&b""[..], b"attack at dawn\x00\x01", b"attack at dawn\x01\x02", &[16; 16]] {
            assert_eq!(content_length(refused), None, "{refused:02x?}");
        }
    }

    #[test]
    fn any_text_is_padded_to_whole_blocks() {
        for length in 0..64 {
            let padded = length + padding_length(length) + 1;
            assert_eq!(padded % IV, 0);
            assert!(padded > length && padded <= length + IV);
        }
    }
}
