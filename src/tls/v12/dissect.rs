//! The key schedule of TLS 1.2 as layers: every value that follows from the known secrets, each made by
//! a computation that sees only the places that it names.

use crate::asymmetric::rsa::RsaPublicKey;
use crate::hash::HashAlgorithm;
use crate::pki::key::PrivateKey;
use crate::secret::SecretVec;
use crate::symmetric::chacha20::Generator;
use crate::tls::key_log::KeyLogEntry;
use crate::tls::suite::{CipherSuite, Mode, Parameters};
use crate::tls::v12::key_schedule::{self, Keys, Side};
use crate::wire::{LayerId, Layers, Party, ReadError, Reader, Span};

mod direction;

pub use direction::Direction;

/// The places of the values of a handshake, as far as they were seen or derived.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// All handshake messages so far, HelloRequest left out.
    pub messages: Vec<Span>,
    /// The version that the client offered.
    pub client_version: Option<Span>,
    /// The client's random.
    pub client_random: Option<Span>,
    /// The server's random.
    pub server_random: Option<Span>,
    /// The suite that the server picked.
    pub cipher_suite: Option<Span>,
    /// Where each side said extended_master_secret; both did if there are two.
    pub extended_master_secret: Vec<Span>,
    /// Where the server said encrypt_then_mac, as it may if the client did.
    pub encrypt_then_mac: Option<Span>,
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
        self.client_version = below(layers, message, field, "client_version");
        self.extended_master_secret.extend(below(layers, message, field, "extended_master_secret"));
    }

    pub(crate) fn server_hello(&mut self, layers: &Layers, message: &Span, field: usize) {
        self.server_random = below(layers, message, field, "random");
        self.cipher_suite = below(layers, message, field, "cipher_suite");
        self.encrypt_then_mac = below(layers, message, field, "encrypt_then_mac");
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
                self.tell_constants(layers, block.layer, "EncryptionBlock.");
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
                self.tell_constants(layers, premaster.layer, "");
                layers.encloses(&encrypted, &premaster);
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
        if self.extended_master_secret.len() == 2 {
            self.session_hash = Some(layers.compute_all(
                "session_hash",
                "hash of the messages from ClientHello to ClientKeyExchange",
                &[self.messages.as_slice(), std::slice::from_ref(&suite)].concat(),
                hash_of_messages,
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

    /// What of a block is no secret: what the standard says, and the version that the client offered.
    fn tell_constants(&self, layers: &mut Layers, block: LayerId, group: &str) {
        for (label, says) in [("leading_zero", [0]), ("block_type", [2]), ("separator", [0])] {
            let place = layers.find(block, &format!("{group}{label}"));
            if let Some(place) = place.filter(|place| layers.bytes(place) == says) {
                layers.constant(place);
            }
        }
        let version = layers.find(block, &format!("{group}PreMasterSecret.client_version"));
        if let (Some(offered), Some(version)) = (&self.client_version, version) {
            layers.matches(offered, &version);
        }
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
        self.tell_constants(layers, opened.layer, "EncryptionBlock.");
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

    /// How records are sealed, if in a way that is opened here: CBC with its MAC inside is not.
    pub(crate) fn mode(&self, layers: &Layers) -> Option<Mode> {
        let mode = parameters_of(layers.bytes(self.cipher_suite.as_ref()?))?.mode;
        (mode == Mode::Gcm || self.encrypt_then_mac.is_some()).then_some(mode)
    }

    /// The keys of one direction, once they are derived.
    pub(crate) fn direction(&self, layers: &Layers, side: Side) -> Option<Direction> {
        let block = self.key_block.as_ref()?.layer;
        let [key, iv, mac_key] = match side {
            Side::Client => ["client_write_key", "client_write_IV", "client_write_MAC_key"],
            Side::Server => ["server_write_key", "server_write_IV", "server_write_MAC_key"],
        };
        let part = |label| layers.find(block, &format!("key_block.{label}"));
        Some(match self.mode(layers)? {
            Mode::Gcm => Direction::Gcm { write_key: part(key)?, write_iv: part(iv)? },
            Mode::Cbc => Direction::Cbc { write_key: part(key)?, write_mac_key: part(mac_key)? },
        })
    }

    /// Computes what a Finished must say, and compares.
    pub(crate) fn finished(&mut self, layers: &mut Layers, client: bool, message: &Span, field: usize) {
        let judged = if client { &self.client_verify_data } else { &self.server_verify_data };
        if judged.is_some() {
            return; // Only the first can be in order, and each hashes all that was said before it.
        }
        let (Some(master), Some(suite)) = (&self.master_secret, &self.cipher_suite) else { return };
        if hash_of(layers.bytes(suite)).is_none() {
            return;
        }
        let side = if client { Side::Client } else { Side::Server };
        let handshake_hash = layers.compute_all(
            "handshake hash",
            "hash of all handshake messages so far",
            &[self.messages.as_slice(), std::slice::from_ref(suite)].concat(),
            hash_of_messages,
        );
        let how = if client { "PRF: \"client finished\"" } else { "PRF: \"server finished\"" };
        let with = [master, &handshake_hash, suite];
        let expected = layers.compute("verify_data", how, with, |[master, handshake_hash, suite]| {
            let data =
                hash_of(suite).map(|hash| key_schedule::verify_data(hash, master, side, handshake_hash));
            data.map_or_else(Vec::new, |data| data.to_vec())
        });
        let said = below(layers, message, field, "verify_data");
        let matches = said.is_some_and(|said| layers.matches(&expected, &said));
        let place = if client { &mut self.client_verify_data } else { &mut self.server_verify_data };
        *place = Some((expected, matches));
    }
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

/// The hash of the messages, by the suite that stands behind them.
fn hash_of_messages(inputs: &[&[u8]]) -> Vec<u8> {
    let Some((suite, messages)) = inputs.split_last() else { return Vec::new() };
    hash_of(suite).map_or_else(Vec::new, |hash| hash.digest(&messages.concat()))
}

fn hash_of(suite: &[u8]) -> Option<HashAlgorithm> {
    parameters_of(suite).map(|parameters| parameters.hash)
}
