//! What both hellos agree on, and the secrets that follow from it: the part of a handshake that client
//! and server compute alike.
//!
//! *Constant time. Secret: the premaster secret, the master secret, the keys.*

use crate::pki::certificate::Certificate;
use crate::secret::{self, Secret};
use crate::tls::connection::Established;
use crate::tls::error::Error;
use crate::tls::finished::Finished;
use crate::tls::key_log::{KeyLog, KeyLogEntry};
use crate::tls::protection::Protection;
use crate::tls::suite::{CipherSuite, Parameters};
use crate::tls::v12::key_schedule::{self, Keys, Side};

/// What both hellos agree on.
#[derive(Clone, Copy)]
pub(super) struct Negotiated {
    pub(super) suite: CipherSuite,
    pub(super) parameters: Parameters,
    pub(super) client_random: [u8; 32],
    pub(super) server_random: [u8; 32],
    pub(super) extended_master_secret: bool,
    pub(super) secure_renegotiation: bool,
}

/// What follows from it and the premaster secret.
pub(super) struct Secrets {
    parameters: Parameters,
    master: Secret<48>,
    /// Each side's direction, until it is put to use.
    pub(super) client: Option<Protection>,
    pub(super) server: Option<Protection>,
}

impl Negotiated {
    /// What the handshake came to. `chain` is what the other side showed.
    pub(super) fn established(&self, server_name: Option<String>, chain: Vec<Certificate>) -> Established {
        let Self { suite, extended_master_secret, secure_renegotiation, .. } = *self;
        let peer_certificates = chain;
        Established { suite, extended_master_secret, secure_renegotiation, server_name, peer_certificates }
    }

    /// The master secret and the keys. `session_hash` is the hash of all messages until
    /// ClientKeyExchange.
    pub(super) fn secrets(
        &self,
        premaster: &Secret<48>,
        session_hash: &[u8],
        key_log: Option<&dyn KeyLog>,
    ) -> Secrets {
        let Self { parameters, client_random, server_random, .. } = self;
        let master = if self.extended_master_secret {
            key_schedule::extended_master_secret(parameters.hash, premaster.reveal(), session_hash)
        } else {
            key_schedule::master_secret(parameters.hash, premaster.reveal(), client_random, server_random)
        };
        if let Some(key_log) = key_log {
            key_log.log(KeyLogEntry::Master { client_random: *client_random, master: master.clone() });
        }
        let key_block = key_schedule::key_block(*parameters, master.reveal(), server_random, client_random);
        let keys = Keys::of(&key_block, *parameters);
        Secrets {
            parameters: *parameters,
            master,
            client: Some(keys.protection(Side::Client)),
            server: Some(keys.protection(Side::Server)),
        }
    }
}

impl Secrets {
    /// The Finished of `side`, over the hash of all messages before it.
    pub(super) fn finished(&self, side: Side, handshake_hash: &[u8]) -> Finished {
        let hash = self.parameters.hash;
        let verify_data = key_schedule::verify_data(hash, self.master.reveal(), side, handshake_hash);
        Finished { verify_data }
    }

    /// Whether the Finished that `side` sent is the one that belongs to this conversation.
    pub(super) fn check(&self, side: Side, said: &Finished, handshake_hash: &[u8]) -> Result<(), Error> {
        let expected = self.finished(side, handshake_hash);
        if secret::equal(&expected.verify_data, &said.verify_data) { Ok(()) } else { Err(Error::BadFinished) }
    }
}
