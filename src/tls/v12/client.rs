//! The client of TLS 1.2 (RFC 5246 §7.3).
//!
//! ```text
//! ClientHello                 ──→
//!                             ←──  ServerHello, Certificate, [CertificateRequest], ServerHelloDone
//! [Certificate], ClientKeyExchange
//! ChangeCipherSpec, Finished  ──→
//!                             ←──  ChangeCipherSpec, Finished
//! ```

use std::fmt;
use std::sync::Arc;

use rand::CryptoRng;

use crate::asymmetric::rsa::RsaPublicKey;
use crate::pki::ServerName;
use crate::pki::certificate::Certificate;
use crate::pki::time::Time;
use crate::pki::validation::{self, Usage};
use crate::secret::{Secret, SecretVec};
use crate::tls::certificate::CertificateMessage;
use crate::tls::config::ClientConfig;
use crate::tls::connection::{Connection, Core};
use crate::tls::error::Error;
use crate::tls::extension::{self, Extension, ExtensionType, SignatureScheme};
use crate::tls::finished::Finished;
use crate::tls::hello::{self, ClientHello, CompressionMethod, ServerHello};
use crate::tls::key_exchange::ClientKeyExchange;
use crate::tls::key_log::KeyLogEntry;
use crate::tls::message::Message;
use crate::tls::record::{ContentType, ProtocolVersion};
use crate::tls::suite::{CipherSuite, Mode};
use crate::tls::v12::key_schedule::Side;
use crate::tls::v12::negotiated::{Negotiated, Secrets};

/// The client's end of a connection.
pub struct Client {
    core: Core,
    state: State,
    config: Arc<ClientConfig>,
    server_name: ServerName,
    now: Time,
}

/// What is waited for, with what is needed when it comes.
enum State {
    ServerHello(Box<ClientHello>),
    Certificate(Negotiated),
    ServerHelloDone {
        negotiated: Negotiated,
        chain: Vec<Certificate>,
        key: RsaPublicKey,
        asked_for_certificate: bool,
    },
    ChangeCipherSpec(Box<Keyed>),
    Finished(Box<Keyed>),
    Established,
    Failed,
}

/// What the end of the handshake needs.
struct Keyed {
    negotiated: Negotiated,
    chain: Vec<Certificate>,
    secrets: Secrets,
}

impl Client {
    /// A client that will speak to `server_name`, with its ClientHello among the outgoing bytes. `now`
    /// is the time by which certificates are judged; all that is random comes from `rng`.
    #[must_use]
    pub fn new(
        config: Arc<ClientConfig>,
        server_name: ServerName,
        now: Time,
        rng: impl CryptoRng + Send + 'static,
    ) -> Self {
        let mut core = Core::new(rng);
        let hello = client_hello(&config, &server_name, &mut core.channel.rng);
        let message = Message::ClientHello(hello.clone());
        core.channel.send_message(&message).expect("nothing is sealed yet");
        let state = State::ServerHello(Box::new(hello));
        Self { core, state, config, server_name, now }
    }

    /// RFC 5246 §7.4.1.3: the server may pick only from what was offered.
    fn server_hello(&mut self, offered: &ClientHello, hello: &ServerHello) -> Result<State, Error> {
        if hello.version != ProtocolVersion::TLS_1_2 {
            return Err(Error::NoCommonVersion { found: hello.version });
        }
        let parameters =
            hello.cipher_suite.parameters().filter(|_| offered.cipher_suites.contains(&hello.cipher_suite));
        let parameters = parameters.ok_or(Error::SuiteNotOffered { found: hello.cipher_suite })?;
        // From here on every record bears the version, an alert too.
        self.core.channel.negotiated(hello.version, parameters.hash);
        if hello.compression_method != CompressionMethod::NULL {
            return Err(Error::Compression);
        }
        if let Some(kind) = extension::repeated(&hello.extensions) {
            return Err(Error::RepeatedExtension(kind));
        }
        for answer in &hello.extensions {
            // The signalling suite counts as an offer of renegotiation_info (RFC 5746 §3.4).
            let offered = hello::find(&offered.extensions, answer.kind()).is_some()
                || answer.kind() == ExtensionType::RENEGOTIATION_INFO;
            // signature_algorithms is never answered (RFC 5246 §7.4.1.4.1).
            if !offered || answer.kind() == ExtensionType::SIGNATURE_ALGORITHMS {
                return Err(Error::UnsolicitedExtension(answer.kind()));
            }
        }
        let renegotiation = hello::find(&hello.extensions, ExtensionType::RENEGOTIATION_INFO);
        if renegotiation.is_some_and(|info| *info != Extension::RenegotiationInfo(Vec::new())) {
            return Err(Error::RenegotiationInfo);
        }
        let encrypt_then_mac = hello::find(&hello.extensions, ExtensionType::ENCRYPT_THEN_MAC).is_some();
        let suite = hello.cipher_suite;
        match (parameters.mode, encrypt_then_mac) {
            (Mode::Cbc, false) => return Err(Error::EncryptThenMacNotAnswered { suite }),
            (Mode::Gcm, true) => return Err(Error::EncryptThenMacOutOfPlace { suite }),
            (Mode::Cbc, true) | (Mode::Gcm, false) => {}
        }
        Ok(State::Certificate(Negotiated {
            suite,
            parameters,
            client_random: offered.random,
            server_random: hello.random,
            extended_master_secret: hello::find(&hello.extensions, ExtensionType::EXTENDED_MASTER_SECRET)
                .is_some(),
            secure_renegotiation: renegotiation.is_some(),
        }))
    }

    /// RFC 5246 §7.4.2: whom the server claims to be, and whether to believe it.
    fn certificate(&mut self, negotiated: Negotiated, message: &CertificateMessage) -> Result<State, Error> {
        let chain = message
            .certificate_list
            .iter()
            .map(|der| Certificate::from_der(der))
            .collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(Error::MalformedCertificate)?;
        let leaf = chain.first().ok_or(Error::NoCertificate)?;
        validation::validate(
            &chain,
            &self.config.trust_store,
            self.now,
            Usage::ServerAuth,
            Some(&self.server_name),
        )?;
        let key = leaf.public_key();
        let key = key.rsa().cloned().ok_or_else(|| Error::UnsupportedKey(key.to_string()))?;
        Ok(State::ServerHelloDone { negotiated, chain, key, asked_for_certificate: false })
    }

    /// The server waits: seal a premaster secret for it, derive the keys, and prove what was heard.
    fn answer(
        &mut self,
        negotiated: Negotiated,
        chain: Vec<Certificate>,
        key: &RsaPublicKey,
        asked_for_certificate: bool,
    ) -> Result<State, Error> {
        let channel = &mut self.core.channel;
        if asked_for_certificate {
            // RFC 5246 §7.4.6: none that would suit is said with an empty list.
            channel.send_message(&Message::Certificate(CertificateMessage::default()))?;
        }

        let mut premaster = Secret::<48>::random(&mut channel.rng);
        premaster.reveal_mut()[..2].copy_from_slice(&ProtocolVersion::TLS_1_2.0.to_be_bytes());
        let block =
            key.pad(&mut channel.rng, premaster.reveal()).expect("48 bytes fit in 2048 bits and more");
        let block = SecretVec::new(block);
        let encrypted =
            key.power(block.reveal()).expect("a padded block begins with 00, and so is less than n");
        let first = *encrypted.first_chunk().expect("at least 256 bytes");
        let exchange = ClientKeyExchange { encrypted_premaster_secret: encrypted };
        channel.send_message(&Message::ClientKeyExchange(exchange))?;

        let key_log = self.config.key_log.as_deref();
        let mut secrets = negotiated.secrets(&premaster, &channel.handshake_hash(), key_log);
        if let Some(key_log) = key_log {
            key_log.log(KeyLogEntry::Premaster { encrypted: first, premaster, block: Some(block) });
        }
        channel.send(ContentType::CHANGE_CIPHER_SPEC, &[1])?;
        channel.seal_with(secrets.client.take().expect("just derived"));
        let finished = secrets.finished(Side::Client, &channel.handshake_hash());
        channel.send_message(&Message::Finished(finished))?;
        Ok(State::ChangeCipherSpec(Box::new(Keyed { negotiated, chain, secrets })))
    }

    fn finished(&mut self, keyed: Keyed, finished: &Finished, hash_before: &[u8]) -> Result<State, Error> {
        let Keyed { negotiated, chain, secrets } = keyed;
        secrets.check(Side::Server, finished, hash_before)?;
        self.core.established(negotiated.established(dns(&self.server_name), chain));
        Ok(State::Established)
    }

    /// A wish to begin anew is ignored amid a handshake, and refused after it (RFC 5246 §7.4.1.1).
    fn hello_request(&mut self, state: &State) -> Result<(), Error> {
        let channel = &mut self.core.channel;
        if matches!(state, State::Established) {
            channel.refuse_renegotiation()
        } else {
            channel.count_warning()
        }
    }
}

impl Connection for Client {
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
            (state, Message::HelloRequest) => {
                self.hello_request(&state)?;
                state
            }
            (State::ServerHello(offered), Message::ServerHello(hello)) => {
                self.server_hello(&offered, &hello)?
            }
            (State::Certificate(negotiated), Message::Certificate(message)) => {
                self.certificate(negotiated, &message)?
            }
            (
                State::ServerHelloDone { negotiated, chain, key, asked_for_certificate: false },
                Message::CertificateRequest(_),
            ) => State::ServerHelloDone { negotiated, chain, key, asked_for_certificate: true },
            (
                State::ServerHelloDone { negotiated, chain, key, asked_for_certificate },
                Message::ServerHelloDone,
            ) => self.answer(negotiated, chain, &key, asked_for_certificate)?,
            (State::Finished(keyed), Message::Finished(finished)) => {
                self.finished(*keyed, &finished, &hash_before)?
            }
            (state, message) => return Err(state.unexpected(message.kind())),
        };
        Ok(())
    }

    fn handle_change_cipher_spec(&mut self) -> Result<(), Error> {
        self.state = match std::mem::replace(&mut self.state, State::Failed) {
            State::ChangeCipherSpec(mut keyed) => {
                self.core.channel.open_with(keyed.secrets.server.take().expect("derived with the state"));
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
            Self::ServerHello(_) => "ServerHello",
            Self::Certificate(_) => "Certificate",
            Self::ServerHelloDone { asked_for_certificate: false, .. } => {
                "ServerHelloDone or CertificateRequest"
            }
            Self::ServerHelloDone { .. } => "ServerHelloDone",
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

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client(expects {})", self.expects())
    }
}

fn dns(name: &ServerName) -> Option<String> {
    match name {
        ServerName::Dns(name) => Some(name.clone()),
        ServerName::Ip(_) => None,
    }
}

/// RFC 5246 §7.4.1.2. Renegotiation is signalled by the suite and not by the extension, which a very
/// old server could choke on (RFC 5746 §3.3).
fn client_hello(config: &ClientConfig, server_name: &ServerName, rng: &mut impl CryptoRng) -> ClientHello {
    let mut random = [0; 32];
    rng.fill_bytes(&mut random);
    let implemented = || config.suites.iter().copied().filter(|suite| suite.parameters().is_some());
    let needs_it = implemented().any(CipherSuite::needs_encrypt_then_mac);
    // An address is no name and is not sent (RFC 6066 §3).
    let name = dns(server_name).map(|name| Extension::ServerName(Some(name)));
    ClientHello {
        version: ProtocolVersion::TLS_1_2,
        random,
        session_id: Vec::new(),
        cipher_suites: implemented().chain([CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV]).collect(),
        compression_methods: vec![CompressionMethod::NULL],
        extensions: name
            .into_iter()
            .chain([
                Extension::SignatureAlgorithms(SignatureScheme::IMPLEMENTED.to_vec()),
                Extension::ExtendedMasterSecret,
            ])
            .chain(needs_it.then_some(Extension::EncryptThenMac))
            .collect(),
    }
}
