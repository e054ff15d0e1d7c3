//! The server of TLS 1.2 (RFC 5246 §7.3).
//!
//! ```text
//!                             ←──  ClientHello
//! ServerHello, Certificate, ServerHelloDone  ──→
//!                             ←──  ClientKeyExchange, ChangeCipherSpec, Finished
//! ChangeCipherSpec, Finished  ──→
//! ```

use std::fmt;
use std::sync::Arc;

use rand::CryptoRng;

use crate::pki::public_key::SignatureAlgorithm;
use crate::tls::certificate::CertificateMessage;
use crate::tls::config::ServerConfig;
use crate::tls::connection::{Connection, Core};
use crate::tls::error::Error;
use crate::tls::extension::{self, Extension, ExtensionType, SignatureScheme};
use crate::tls::finished::Finished;
use crate::tls::hello::{self, ClientHello, CompressionMethod, ServerHello};
use crate::tls::key_exchange::ClientKeyExchange;
use crate::tls::key_log::KeyLogEntry;
use crate::tls::message::Message;
use crate::tls::record::{ContentType, ProtocolVersion};
use crate::tls::suite::CipherSuite;
use crate::tls::v12::key_schedule::Side;
use crate::tls::v12::negotiated::{Negotiated, Secrets};

/// The server's end of a connection.
pub struct Server {
    core: Core,
    state: State,
    config: Arc<ServerConfig>,
}

/// What is waited for, with what is needed when it comes.
enum State {
    ClientHello,
    ClientKeyExchange(Negotiated, Asked),
    ChangeCipherSpec(Box<Keyed>),
    Finished(Box<Keyed>),
    Established,
    Failed,
}

/// What the ClientHello said besides.
struct Asked {
    version: ProtocolVersion,
    server_name: Option<String>,
}

/// What the end of the handshake needs.
struct Keyed {
    negotiated: Negotiated,
    asked: Asked,
    secrets: Secrets,
}

impl Server {
    /// A server that waits for a ClientHello. All that is random comes from `rng`.
    #[must_use]
    pub fn new(config: Arc<ServerConfig>, rng: impl CryptoRng + Send + 'static) -> Self {
        Self { core: Core::new(rng), state: State::ClientHello, config }
    }

    /// RFC 5246 §7.4.1.2: pick from what the client offers.
    fn client_hello(&mut self, hello: &ClientHello) -> Result<State, Error> {
        let suite = self.pick(hello)?;
        let parameters = suite.parameters().expect("pick() takes implemented suites");
        let mut random = [0; 32];
        self.core.channel.rng.fill_bytes(&mut random);

        let extended_master_secret =
            hello::find(&hello.extensions, ExtensionType::EXTENDED_MASTER_SECRET).is_some();
        let secure_renegotiation = hello.signals_secure_renegotiation();
        let answers = [
            secure_renegotiation.then(|| Extension::RenegotiationInfo(Vec::new())),
            extended_master_secret.then_some(Extension::ExtendedMasterSecret),
            // The client offered it, or CBC would not have been picked; an AEAD never has it (RFC 7366 §3).
            suite.needs_encrypt_then_mac().then_some(Extension::EncryptThenMac),
        ];
        let answer = ServerHello {
            version: ProtocolVersion::TLS_1_2,
            random,
            session_id: Vec::new(),
            cipher_suite: suite,
            compression_method: CompressionMethod::NULL,
            extensions: answers.into_iter().flatten().collect(),
        };
        let certificate_list =
            self.config.certificates().iter().map(|certificate| certificate.der().to_vec()).collect();
        let channel = &mut self.core.channel;
        channel.negotiated(ProtocolVersion::TLS_1_2, parameters.hash);
        channel.send_message(&Message::ServerHello(answer))?;
        channel.send_message(&Message::Certificate(CertificateMessage { certificate_list }))?;
        channel.send_message(&Message::ServerHelloDone)?;
        let negotiated = Negotiated {
            suite,
            parameters,
            client_random: hello.random,
            server_random: random,
            extended_master_secret,
            secure_renegotiation,
        };
        let server_name = match hello::find(&hello.extensions, ExtensionType::SERVER_NAME) {
            Some(Extension::ServerName(name)) => name.clone(),
            _ => None,
        };
        Ok(State::ClientKeyExchange(negotiated, Asked { version: hello.version, server_name }))
    }

    /// The suite to speak, or why there is none.
    fn pick(&self, hello: &ClientHello) -> Result<CipherSuite, Error> {
        if let Some(kind) = extension::repeated(&hello.extensions) {
            return Err(Error::RepeatedExtension(kind));
        }
        if hello.version < ProtocolVersion::TLS_1_2 {
            return Err(Error::NoCommonVersion { found: hello.version });
        }
        // A client that lists its versions, and not this one, would refuse the answer (RFC 8446 §4.2.1).
        if let Some(Extension::SupportedVersions(versions)) =
            hello::find(&hello.extensions, ExtensionType::SUPPORTED_VERSIONS)
            && !versions.contains(&ProtocolVersion::TLS_1_2)
        {
            let found = versions.iter().copied().filter(|version| version.name().is_some()).max();
            return Err(Error::NoCommonVersion { found: found.unwrap_or(hello.version) });
        }
        if !hello.compression_methods.contains(&CompressionMethod::NULL) {
            return Err(Error::Compression);
        }
        if let Some(Extension::RenegotiationInfo(connection)) =
            hello::find(&hello.extensions, ExtensionType::RENEGOTIATION_INFO)
            && !connection.is_empty()
        {
            return Err(Error::RenegotiationInfo);
        }
        if let Some(Extension::SignatureAlgorithms(schemes)) =
            hello::find(&hello.extensions, ExtensionType::SIGNATURE_ALGORITHMS)
        {
            self.signatures_suit(schemes)?;
        }
        let implemented = self.config.suites.iter().copied().filter(|suite| suite.parameters().is_some());
        let common: Vec<_> = implemented.filter(|suite| hello.cipher_suites.contains(suite)).collect();
        let offers_it = hello::find(&hello.extensions, ExtensionType::ENCRYPT_THEN_MAC).is_some();
        let good = common.iter().find(|suite| offers_it || !suite.needs_encrypt_then_mac());
        match (good, common.first()) {
            (Some(&suite), _) => Ok(suite),
            (None, Some(&suite)) => Err(Error::EncryptThenMacNotOffered { suite }),
            (None, None) => Err(Error::NoCommonSuite { offered: hello.cipher_suites.clone() }),
        }
    }

    /// RFC 5246 §7.4.2: no certificate is shown that the client says it cannot verify. One that signed
    /// itself is believed for other reasons than its signature, or not at all.
    fn signatures_suit(&self, schemes: &[SignatureScheme]) -> Result<(), Error> {
        let signed = self.config.certificates().iter().filter(|certificate| !certificate.is_self_issued());
        for certificate in signed {
            match certificate.signature_algorithm() {
                SignatureAlgorithm::RsaPkcs1(hash)
                    if schemes.contains(&SignatureScheme::rsa_pkcs1(*hash)) => {}
                _ => return Err(Error::NoCommonSignatureAlgorithm),
            }
        }
        Ok(())
    }

    /// RFC 5246 §7.4.7.1: undo the client's sealing. A premaster secret that is not as it should be ends
    /// in a random one, and shows only when Finished does not open.
    fn client_key_exchange(
        &mut self,
        negotiated: Negotiated,
        asked: Asked,
        exchange: &ClientKeyExchange,
    ) -> Result<State, Error> {
        let encrypted = exchange.encrypted_premaster_secret.as_slice();
        let version = asked.version.0.to_be_bytes();
        let premaster = self.config.key().decrypt_premaster(&mut self.core.channel.rng, encrypted, version);

        let key_log = self.config.key_log.as_deref();
        let secrets = negotiated.secrets(&premaster, &self.core.channel.handshake_hash(), key_log);
        if let Some(key_log) = key_log {
            let mut first = [0; 8];
            first.iter_mut().zip(encrypted).for_each(|(to, from)| *to = *from);
            key_log.log(KeyLogEntry::Premaster { encrypted: first, premaster, block: None });
        }
        Ok(State::ChangeCipherSpec(Box::new(Keyed { negotiated, asked, secrets })))
    }

    fn finished(&mut self, keyed: Keyed, finished: &Finished, hash_before: &[u8]) -> Result<State, Error> {
        let Keyed { negotiated, asked, mut secrets } = keyed;
        secrets.check(Side::Client, finished, hash_before)?;
        let channel = &mut self.core.channel;
        channel.send(ContentType::CHANGE_CIPHER_SPEC, &[1])?;
        channel.seal_with(secrets.server.take().expect("derived with the state"));
        let finished = secrets.finished(Side::Server, &channel.handshake_hash());
        channel.send_message(&Message::Finished(finished))?;
        self.core.established(negotiated.established(asked.server_name, Vec::new()));
        Ok(State::Established)
    }
}

impl Connection for Server {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn expects(&self) -> &'static str {
        self.state.expects()
    }

    fn handle_message(&mut self, bytes: Vec<u8>, hash_before: Vec<u8>) -> Result<(), Error> {
        let message = Message::from_bytes(&bytes)
            .map_err(|source| Error::Decode { what: "handshake message", source })?;
        self.state = match (std::mem::replace(&mut self.state, State::Failed), message) {
            (State::ClientHello, Message::ClientHello(hello)) => self.client_hello(&hello)?,
            (State::ClientKeyExchange(negotiated, asked), Message::ClientKeyExchange(exchange)) => {
                self.client_key_exchange(negotiated, asked, &exchange)?
            }
            (State::Finished(keyed), Message::Finished(finished)) => {
                self.finished(*keyed, &finished, &hash_before)?
            }
            // A wish to begin anew is refused, and the connection goes on (RFC 5246 §7.2.2).
            (State::Established, Message::ClientHello(_)) => {
                self.core.channel.refuse_renegotiation()?;
                State::Established
            }
            (state, message) => return Err(state.unexpected(message.kind())),
        };
        Ok(())
    }

    fn handle_change_cipher_spec(&mut self) -> Result<(), Error> {
        self.state = match std::mem::replace(&mut self.state, State::Failed) {
            State::ChangeCipherSpec(mut keyed) => {
                self.core.channel.open_with(keyed.secrets.client.take().expect("derived with the state"));
                State::Finished(keyed)
            }
            state => return Err(state.unexpected("ChangeCipherSpec")),
        };
        Ok(())
    }
}

impl State {
    fn expects(&self) -> &'static str {
        match self {
            Self::ClientHello => "ClientHello",
            Self::ClientKeyExchange(..) => "ClientKeyExchange",
            Self::ChangeCipherSpec(_) => "ChangeCipherSpec",
            Self::Finished(_) => "Finished",
            Self::Established => "application data",
            Self::Failed => "nothing",
        }
    }

    fn unexpected(&self, found: impl fmt::Display) -> Error {
        Error::Unexpected { expected: self.expects(), found: found.to_string() }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server(expects {})", self.expects())
    }
}
