//! Sealed records, opened: each value on the way a layer, made by a computation that ran.

use crate::hash::{Hmac, Sha256};
use crate::symmetric::aead::{Nonce, Tag};
use crate::symmetric::aes::{Aes128, Aes256};
use crate::symmetric::cbc::AnyAesCbc;
use crate::symmetric::gcm::AnyAesGcm;
use crate::tls::protection::{cbc, gcm};
use crate::wire::{LayerId, Layers, Span};

/// The keys of one direction, as places in the key block.
#[derive(Clone, Debug)]
pub enum Direction {
    /// AES-GCM.
    Gcm {
        /// The AES key.
        write_key: Span,
        /// The secret part of the nonce.
        write_iv: Span,
    },
    /// AES-CBC, with HMAC-SHA-256 outside.
    Cbc {
        /// The AES key.
        write_key: Span,
        /// The HMAC key.
        write_mac_key: Span,
    },
}

impl Direction {
    /// Opens the sealed record in layer `record`, its `sequence`th under these keys: the plaintext.
    pub(crate) fn open(&self, layers: &mut Layers, record: LayerId, sequence: u64) -> Option<Span> {
        match self {
            Self::Gcm { write_key, write_iv } => open_gcm(layers, record, sequence, write_key, write_iv),
            Self::Cbc { write_key, write_mac_key } => {
                open_cbc(layers, record, sequence, write_key, write_mac_key)
            }
        }
    }
}

/// The places of these parts of a sealed record.
fn parts<const N: usize>(layers: &Layers, record: LayerId, labels: [&str; N]) -> Option<[Span; N]> {
    let parts = labels.iter().map(|label| layers.find(record, &format!("TLSCiphertext.{label}")));
    parts.collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// What is proved beside the record's bytes. Its `length` counts `overhead` bytes less than the header's.
fn additional_data(
    layers: &mut Layers,
    record: LayerId,
    sequence: u64,
    how: &'static str,
    overhead: usize,
) -> Option<Span> {
    let [kind, version, length] = parts(layers, record, ["header.type", "header.version", "header.length"])?;
    // Nobody sends it: each side counts.
    let number = layers.compute("sequence_number", "a count of the records so far", [], |[]| {
        sequence.to_be_bytes().to_vec()
    });
    let with = [&number, &kind, &version, &length];
    Some(layers.compute("additional_data", how, with, |[number, kind, version, length]| {
        let length = length.iter().fold(0, |length, &byte| length << 8 | u16::from(byte));
        let covered = length.saturating_sub(overhead as u16).to_be_bytes();
        [number, kind, version, &covered].concat()
    }))
}

fn open_gcm(
    layers: &mut Layers,
    record: LayerId,
    sequence: u64,
    write_key: &Span,
    write_iv: &Span,
) -> Option<Span> {
    let [explicit, ciphertext, tag] = parts(layers, record, ["nonce_explicit", "ciphertext", "tag"])?;
    let nonce =
        layers.compute("nonce", "write_IV ‖ nonce_explicit", [write_iv, &explicit], |[iv, explicit]| {
            [iv, explicit].concat()
        });
    let how = "sequence_number ‖ type ‖ version ‖ length of the plaintext";
    let additional = additional_data(layers, record, sequence, how, gcm::OVERHEAD)?;
    let with = [write_key, &nonce, &additional, &tag];
    let opened = layers.open(
        "plaintext",
        "AES-GCM",
        &ciphertext,
        with,
        true,
        |sealed, [key, nonce, additional, tag]| {
            let mut plaintext = sealed.to_vec();
            let (nonce, tag) = (Nonce(nonce.try_into().ok()?), Tag(tag.try_into().ok()?));
            AnyAesGcm::new(key)?.open_in_place(&nonce, additional, &mut plaintext, &tag).ok()?;
            Some(plaintext)
        },
    )?;
    // Counter mode: block i of the keystream is the cipher of the nonce and i + 2 (SP 800-38D §7.1). How
    // many there are, the record's length says.
    let [length] = parts(layers, record, ["header.length"])?;
    let with = [write_key, &nonce, &length];
    layers.compute("keystream", "AES of the nonce and a counter", with, |[key, nonce, length]| {
        let length = length.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
        keystream(key, nonce, length.saturating_sub(gcm::OVERHEAD)).unwrap_or_default()
    });
    Some(opened)
}

/// RFC 7366 §3: first the MAC, and nothing is decrypted that it does not prove.
fn open_cbc(
    layers: &mut Layers,
    record: LayerId,
    sequence: u64,
    write_key: &Span,
    write_mac_key: &Span,
) -> Option<Span> {
    let labels = ["GenericBlockCipher.IV", "GenericBlockCipher.ciphertext", "MAC"];
    let [iv, ciphertext, mac] = parts(layers, record, labels)?;
    let how = "sequence_number ‖ type ‖ version ‖ length of IV and ciphertext";
    let additional = additional_data(layers, record, sequence, how, cbc::MAC)?;
    let with = [write_mac_key, &additional, &iv, &ciphertext];
    let computed = layers.compute("MAC", "HMAC-SHA-256", with, |[key, additional, iv, ciphertext]| {
        let mut hmac = Hmac::<Sha256>::new(key);
        [additional, iv, ciphertext].into_iter().for_each(|part| hmac.update(part));
        hmac.finish().as_ref().to_vec()
    });
    if !layers.matches(&computed, &mac) {
        return None;
    }
    let opened =
        layers.open("plaintext", "AES-CBC", &ciphertext, [write_key, &iv], true, |sealed, [key, iv]| {
            let mut plaintext = sealed.to_vec();
            let (blocks, []) = plaintext.as_chunks_mut() else { return None };
            AnyAesCbc::new(key)?.decrypt(iv.try_into().ok()?, blocks);
            cbc::content_length(&plaintext).map(|_| plaintext)
        })?;
    // The padding behind it is named with it, and is no part of what was said.
    let length = cbc::content_length(layers.bytes(&opened))?;
    Some(opened.layer.span(0..length))
}

/// The keystream of AES-GCM: the cipher of nonce ‖ 2, nonce ‖ 3, …
fn keystream(key: &[u8], nonce: &[u8], length: usize) -> Option<Vec<u8>> {
    Some(match key.len() {
        16 => {
            let aes = Aes128::new(key.try_into().ok()?);
            counter_mode(|block| aes.encrypt_block(block), nonce.try_into().ok()?, length)
        }
        _ => {
            let aes = Aes256::new(key.try_into().ok()?);
            counter_mode(|block| aes.encrypt_block(block), nonce.try_into().ok()?, length)
        }
    })
}

fn counter_mode(encrypt: impl Fn(&mut [u8; 16]), nonce: &[u8; 12], length: usize) -> Vec<u8> {
    let mut stream = Vec::with_capacity(length + 16);
    let mut counters = 2u32..;
    while stream.len() < length {
        let mut block = [0; 16];
        block[..12].copy_from_slice(nonce);
        block[12..].copy_from_slice(&counters.next().unwrap_or_default().to_be_bytes());
        encrypt(&mut block);
        stream.extend_from_slice(&block);
    }
    stream.truncate(length);
    stream
}
