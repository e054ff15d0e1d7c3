//! The key schedule of TLS 1.2 as layers: every value that follows from the known secrets, each made by
//! a computation that sees only the places that it names.

use crate::asymmetric::rsa::RsaPublicKey;
use crate::hash::HashAlgorithm;
use crate::pki::key::PrivateKey;
use crate::secret::SecretVec;
use crate::symmetric::aead::{Nonce, Tag};
use crate::symmetric::aes::{Aes128, Aes256};
use crate::symmetric::chacha20::Generator;
use crate::symmetric::gcm::AnyAesGcm;
use crate::tls::key_log::KeyLogEntry;
use crate::tls::protection::{FIXED_IV, OVERHEAD};
use crate::tls::suite::{CipherSuite, Parameters};
use crate::tls::v12::key_schedule::{self, Keys, Side};
use crate::wire::{LayerId, Layers, Party, ReadError, Reader, Span};

/// The places of the values of a handshake, as far as they were seen or derived.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// All handshake messages so far, HelloRequest left out.
    pub messages: Vec<Span>,
    /// The client's random.
    pub client_random: Option<Span>,
    /// The server's random.
    pub server_random: Option<Span>,
    /// The suite that the server picked.
    pub cipher_suite: Option<Span>,
    /// Where each side said extended_master_secret; both did if there are two.
    pub extended_master_secret: Vec<Span>,
    /// The modulus in the server's certificate.
    pub modulus: Option<Span>,
    /// The public exponent in the server's certificate.
    pub exponent: Option<Span>,
    /// The server's private key.
    pub private_key: Option<Span>,
    /// The premaster secret as it travelled.
    pub encrypted_premaster: Option<Span>,
    /// The padded premaster secret that the client made, if it told.
    pub sealed_block: Option<Span>,
    /// The padded premaster secret that the private key gives back.
    pub opened_block: Option<Span>,
    /// The premaster secret.
    pub premaster: Option<Span>,
    /// The hash of the messages until ClientKeyExchange.
    pub session_hash: Option<Span>,
    /// The master secret.
    pub master_secret: Option<Span>,
    /// The bytes from which the keys are cut.
    pub key_block: Option<Span>,
    /// What the client's Finished must say, computed, and whether it says so.
    pub client_verify_data: Option<(Span, bool)>,
    /// The same for the server's.
    pub server_verify_data: Option<(Span, bool)>,
}

/// The keys of one direction, as places in the key block.
#[derive(Clone, Debug)]
pub struct Direction {
    /// The AES key.
    pub write_key: Span,
    /// The secret part of the nonce.
    pub write_iv: Span,
}

impl Schedule {
    /// The server brought its private key. Its modulus is the one in its certificate, as
    /// [`Self::certificate`] finds.
    pub(crate) fn hold_private_key(&mut self, layers: &mut Layers, server: Party, pkcs1: &SecretVec) {
        let key = layers.given(server, "private key", pkcs1.reveal().to_vec());
        let _ = layers.read(key.layer, |r| PrivateKey::read(r).map(drop));
        self.private_key = Some(key);
    }

    /// The server proved by its Finished that it holds a private key that we do not see.
    pub(crate) fn prove_private_key(&mut self, layers: &mut Layers, server: Party) {
        if self.private_key.is_none() && matches!(self.server_verify_data, Some((_, true))) {
            let now = std::mem::take(&mut layers.now);
            self.private_key = Some(layers.given(server, "private key", Vec::new()));
            layers.now = now;
        }
    }

    pub(crate) fn client_hello(&mut self, layers: &Layers, message: &Span, field: usize) {
        self.client_random = below(layers, message, field, "random");
        self.extended_master_secret.extend(below(layers, message, field, "extended_master_secret"));
    }

    pub(crate) fn server_hello(&mut self, layers: &Layers, message: &Span, field: usize) {
        self.server_random = below(layers, message, field, "random");
        self.cipher_suite = below(layers, message, field, "cipher_suite");
        self.extended_master_secret.extend(below(layers, message, field, "extended_master_secret"));
    }

    pub(crate) fn certificate(&mut self, layers: &mut Layers, message: &Span, field: usize) {
        self.modulus = below(layers, message, field, "modulus");
        self.exponent = below(layers, message, field, "publicExponent");
        let held = self.private_key.as_ref().and_then(|key| below(layers, key, 0, "modulus"));
        if let (Some(shown), Some(held)) = (&self.modulus, held) {
            layers.matches(shown, &held);
        }
    }

    /// What the client made: the padded premaster secret and its sealing, if it told them.
    pub(crate) fn client_key_exchange(
        &mut self,
        layers: &mut Layers,
        client: Party,
        message: &Span,
        field: usize,
        key_log: &[KeyLogEntry],
    ) {
        let Some(encrypted) = below(layers, message, field, "encrypted_premaster_secret") else { return };
        let logged = key_log.iter().find_map(|entry| match entry {
            KeyLogEntry::Premaster { encrypted: first, premaster, block } => {
                layers.bytes(&encrypted).starts_with(first).then_some((premaster, block))
            }
            KeyLogEntry::Master { .. } => None,
        });
        match logged {
            Some((_, Some(block))) => {
                let block = layers.given(client, "padded premaster secret", block.reveal().to_vec());
                let _ = layers.read(block.layer, read_block);
                self.premaster = layers.find(block.layer, "EncryptionBlock.PreMasterSecret");
                if let (Some(modulus), Some(exponent)) = (&self.modulus, &self.exponent) {
                    let with = [modulus, exponent];
                    let sealed = layers.seal("m^e mod n", "RSA: m^e mod n", &block, with, |m, [n, e]| {
                        RsaPublicKey::new(n, e).ok().and_then(|key| key.power(m)).unwrap_or_default()
                    });
                    layers.matches(&sealed, &encrypted);
                }
                self.sealed_block = Some(block);
            }
            Some((premaster, None)) => {
                let premaster = layers.given(client, "premaster_secret", premaster.reveal().to_vec());
                let read = |r: &mut Reader| key_schedule::read_premaster_secret(r).map(drop);
                let _ = layers.read(premaster.layer, read);
                self.premaster = Some(premaster);
            }
            None => {}
        }
        self.encrypted_premaster = Some(encrypted);
    }

    /// All that follows once the premaster secret has been sent: the server undoes it, and both sides
    /// derive the keys.
    pub(crate) fn derive(&mut self, layers: &mut Layers, client: Party, key_log: &[KeyLogEntry]) {
        self.open_premaster(layers);
        let (Some(client_random), Some(server_random), Some(suite)) =
            (self.client_random.clone(), self.server_random.clone(), self.cipher_suite.clone())
        else {
            return;
        };
        let Some(parameters) = parameters_of(layers.bytes(&suite)) else { return };
        let hash = parameters.hash;
        if self.extended_master_secret.len() == 2 {
            self.session_hash = Some(layers.compute_all(
                "session_hash",
                "hash of the messages from ClientHello to ClientKeyExchange",
                &self.messages,
                |messages| hash.digest(&messages.concat()),
            ));
        }
        if let Some(premaster) = &self.premaster {
            // That both sides said extended_master_secret is an input too: it decides the formula.
            let inputs: Vec<Span> = match &self.session_hash {
                Some(session_hash) => [premaster, session_hash, &suite]
                    .into_iter()
                    .chain(&self.extended_master_secret)
                    .cloned()
                    .collect(),
                None => [premaster, &client_random, &server_random, &suite].map(Clone::clone).to_vec(),
            };
            let extended = self.session_hash.is_some();
            let how = if extended { "PRF: \"extended master secret\"" } else { "PRF: \"master secret\"" };
            self.master_secret = Some(layers.compute_all("master_secret", how, &inputs, |inputs| {
                let master = match *inputs {
                    [premaster, session_hash, suite, _, _] => hash_of(suite)
                        .map(|hash| key_schedule::extended_master_secret(hash, premaster, session_hash)),
                    [premaster, client, server, suite] => hash_of(suite)
                        .map(|hash| key_schedule::master_secret(hash, premaster, client, server)),
                    _ => None,
                };
                master.map_or_else(Vec::new, |master| master.reveal().to_vec())
            }));
        }
        let logged = key_log.iter().find_map(|entry| match entry {
            KeyLogEntry::Master { client_random: random, master } => {
                (layers.bytes(&client_random) == random).then_some(master)
            }
            KeyLogEntry::Premaster { .. } => None,
        });
        if let (None, Some(master)) = (&self.master_secret, logged) {
            self.master_secret = Some(layers.given(client, "master_secret", master.reveal().to_vec()));
        }
        let Some(master) = &self.master_secret else { return };
        let with = [master, &server_random, &client_random, &suite];
        let block =
            layers.compute("key_block", "PRF: \"key expansion\"", with, |[master, server, client, suite]| {
                let parameters = parameters_of(suite);
                let block = parameters.map(|suite| key_schedule::key_block(suite, master, server, client));
                block.map_or_else(Vec::new, |block| block.reveal().to_vec())
            });
        let _ = layers.read(block.layer, |r| Keys::read(r, parameters).map(drop));
        self.key_block = Some(block);
    }

    fn open_premaster(&mut self, layers: &mut Layers) {
        let (Some(key), Some(encrypted)) = (&self.private_key, &self.encrypted_premaster) else { return };
        let opened =
            layers.open("padded premaster secret", "RSA: c^d mod n", encrypted, [key], false, |c, [key]| {
                let key = PrivateKey::from_der(key).ok()?;
                // The generator blinds the computation; the result does not depend on it.
                Some(key.rsa()?.power(&mut Generator::new(0, 0), c)?.reveal().to_vec())
            });
        let Some(opened) = opened else { return };
        let _ = layers.read(opened.layer, read_block);
        let premaster = layers.find(opened.layer, "EncryptionBlock.PreMasterSecret");
        if let Some(sealed) = &self.sealed_block {
            layers.matches(sealed, &opened);
        }
        match (&self.premaster, &premaster) {
            (Some(known), Some(opened)) => drop(layers.matches(known, opened)),
            _ => self.premaster = premaster,
        }
        self.opened_block = Some(opened);
    }

    /// The keys of one direction, once they are derived.
    pub(crate) fn direction(&self, client: bool) -> Option<Direction> {
        let block = self.key_block.as_ref()?;
        let key_length = (block.range.len() - 2 * FIXED_IV) / 2;
        let skipped = usize::from(!client);
        let key = skipped * key_length;
        let iv = 2 * key_length + skipped * FIXED_IV;
        Some(Direction {
            write_key: block.layer.span(key..key + key_length),
            write_iv: block.layer.span(iv..iv + FIXED_IV),
        })
    }

    /// Computes what a Finished must say, and compares.
    pub(crate) fn finished(&mut self, layers: &mut Layers, client: bool, message: &Span, field: usize) {
        let judged = if client { &self.client_verify_data } else { &self.server_verify_data };
        if judged.is_some() {
            return; // Only the first can be in order, and each hashes all that was said before it.
        }
        let (Some(master), Some(suite)) = (&self.master_secret, &self.cipher_suite) else { return };
        let Some(hash) = hash_of(layers.bytes(suite)) else { return };
        let side = if client { Side::Client } else { Side::Server };
        let handshake_hash = layers.compute_all(
            "handshake hash",
            "hash of all handshake messages so far",
            &self.messages,
            |messages| hash.digest(&messages.concat()),
        );
        let how = if client { "PRF: \"client finished\"" } else { "PRF: \"server finished\"" };
        let expected =
            layers.compute("verify_data", how, [master, &handshake_hash], |[master, handshake_hash]| {
                key_schedule::verify_data(hash, master, side, handshake_hash).to_vec()
            });
        let said = below(layers, message, field, "verify_data");
        let matches = said.is_some_and(|said| layers.matches(&expected, &said));
        let place = if client { &mut self.client_verify_data } else { &mut self.server_verify_data };
        *place = Some((expected, matches));
    }
}

impl Direction {
    /// Opens the sealed record in layer `record`, its `sequence`th under these keys.
    pub(crate) fn open(&self, layers: &mut Layers, record: LayerId, sequence: u64) -> Option<Span> {
        let part = |layers: &Layers, label| {
            let node = layers.get(record).fields.find("TLSCiphertext")?.find(label)?;
            Some(record.span(node.field().range()))
        };
        let (explicit, ciphertext, tag) =
            (part(layers, "nonce_explicit")?, part(layers, "ciphertext")?, part(layers, "tag")?);
        let header = |layers: &Layers, label| {
            let node = layers.get(record).fields.find("TLSCiphertext")?.find("header")?.find(label)?;
            Some(record.span(node.field().range()))
        };
        let [kind, version, length] =
            [header(layers, "type")?, header(layers, "version")?, header(layers, "length")?];
        let nonce = layers.compute(
            "nonce",
            "write_IV ‖ nonce_explicit",
            [&self.write_iv, &explicit],
            |[iv, explicit]| [iv, explicit].concat(),
        );
        // Nobody sends it: each side counts.
        let number = layers.compute("sequence_number", "a count of the records so far", [], |[]| {
            sequence.to_be_bytes().to_vec()
        });
        let additional = layers.compute(
            "additional_data",
            "sequence_number ‖ type ‖ version ‖ length of the plaintext",
            [&number, &kind, &version, &length],
            |[number, kind, version, length]| {
                let length = length.iter().fold(0, |length, &byte| length << 8 | u16::from(byte));
                let plaintext = length.saturating_sub(OVERHEAD as u16).to_be_bytes();
                [number, kind, version, &plaintext].concat()
            },
        );
        let with = [&self.write_key, &nonce, &additional, &tag];
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
        let length = ciphertext.range.len();
        // Counter mode: block i of the keystream is the cipher of the nonce and i + 2 (SP 800-38D §7.1).
        layers.compute(
            "keystream",
            "AES of the nonce and a counter",
            [&self.write_key, &nonce],
            |[key, nonce]| keystream(key, nonce, length).unwrap_or_default(),
        );
        Some(opened)
    }
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

/// `EB = 00 ‖ 02 ‖ PS ‖ 00 ‖ M` (RFC 8017 §7.2.1). Only the holder of the key, and the window, ever
/// reads this; the protocol removes the padding without a branch.
fn read_block(r: &mut Reader) -> Result<(), ReadError> {
    r.group("EncryptionBlock", |r| {
        r.bytes("leading_zero", 1)?;
        r.bytes("block_type", 1)?;
        let padding = r.left().saturating_sub(key_schedule::MASTER + 1);
        r.bytes("PS", padding)?;
        r.bytes("separator", 1)?;
        key_schedule::read_premaster_secret(r).map(drop)
    })
}

/// The contents of the first field called `label` in a message.
fn below(layers: &Layers, message: &Span, field: usize, label: &str) -> Option<Span> {
    let node = layers.find_below(message.layer, field, label)?;
    Some(message.layer.span(node.field().contents()))
}

/// What the suite in these two bytes consists of, if it is one that can be opened.
fn parameters_of(suite: &[u8]) -> Option<Parameters> {
    CipherSuite(u16::from_be_bytes(suite.try_into().ok()?)).opening()
}

fn hash_of(suite: &[u8]) -> Option<HashAlgorithm> {
    parameters_of(suite).map(|parameters| parameters.hash)
}
