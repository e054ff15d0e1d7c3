//! A side of the conversation that is led by hand, out of the library's public parts: it can say what
//! no connection of ours would ever say.

use std::sync::{LazyLock, Mutex, PoisonError};

use cutaway::asymmetric::rsa::RsaPublicKey;
use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::certificate::CertificateMessage;
use cutaway::tls::extension::{Extension, ExtensionType, SignatureScheme};
use cutaway::tls::finished::Finished;
use cutaway::tls::hello::{self, ClientHello, CompressionMethod, ServerHello};
use cutaway::tls::key_exchange::ClientKeyExchange;
use cutaway::tls::message::{self, Message};
use cutaway::tls::protection::Protection;
use cutaway::tls::record::{ContentType, ProtocolVersion};
use cutaway::tls::v12::key_schedule::{self, Keys, Side};
use cutaway::tls::{CipherSuite, Client, Connection, Server};
use cutaway::wire::Reader;

use crate::pair::{self, CERTIFICATE, KEY, feed, record, records};

/// 48 bytes that a client led by hand takes for its premaster secret.
pub fn premaster() -> Vec<u8> {
    [&[3, 3], [0x5a; 46].as_slice()].concat()
}

pub struct Hand {
    pub side: Side,
    /// All handshake messages, as both sides hash them.
    messages: Vec<u8>,
    suite: CipherSuite,
    client_random: [u8; 32],
    server_random: [u8; 32],
    extended_master_secret: [bool; 2],
    master: Vec<u8>,
    rng: Generator,
    seals: Option<Protection>,
    opens: Option<Protection>,
    /// The keys that are made and not yet in use: to seal with, to open with.
    made: [Option<Protection>; 2],
}

impl Hand {
    pub fn new(side: Side) -> Self {
        Self {
            side,
            messages: Vec::new(),
            suite: CipherSuite::RSA_AES_256_GCM_SHA384,
            client_random: [0; 32],
            server_random: [0; 32],
            extended_master_secret: [false; 2],
            master: Vec::new(),
            rng: Generator::new(5, 0),
            seals: None,
            opens: None,
            made: [None, None],
        }
    }

    /// A record of ours, sealed if we seal by now.
    pub fn record(&mut self, content_type: ContentType, fragment: &[u8]) -> Vec<u8> {
        let Some(seals) = &mut self.seals else { return record(content_type, fragment) };
        let mut out = Vec::new();
        seals.seal(&mut self.rng, content_type, fragment, &mut out).expect("far from 2⁶⁴ records");
        out
    }

    /// A handshake message of ours, in a record of its own.
    pub fn say(&mut self, message: &Message) -> Vec<u8> {
        let bytes = message.to_bytes();
        self.note(&bytes);
        self.record(ContentType::HANDSHAKE, &bytes)
    }

    /// ChangeCipherSpec; from here on we seal.
    pub fn change_cipher_spec(&mut self) -> Vec<u8> {
        let record = self.record(ContentType::CHANGE_CIPHER_SPEC, &[1]);
        self.seals = self.made[0].take();
        record
    }

    /// Takes the other side's records, and returns what they held, opened.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<(ContentType, Vec<u8>)> {
        let mut heard = Vec::new();
        for (content_type, fragment) in records(bytes) {
            let mut fragment = fragment.to_vec();
            if let Some(opens) = &mut self.opens {
                fragment =
                    opens.open(content_type, &mut fragment).expect("sealed by a connection of ours").to_vec();
            }
            match content_type {
                ContentType::HANDSHAKE => self.note(&fragment),
                ContentType::CHANGE_CIPHER_SPEC => self.opens = self.made[1].take(),
                _ => {}
            }
            heard.push((content_type, fragment));
        }
        heard
    }

    /// Adds a message to those that are hashed, and keeps what the keys depend on.
    pub fn note(&mut self, bytes: &[u8]) {
        match Message::from_bytes(bytes) {
            Ok(Message::HelloRequest) => return,
            Ok(Message::ClientHello(hello)) => {
                self.client_random = hello.random;
                self.extended_master_secret[0] = says_extended(&hello.extensions);
            }
            Ok(Message::ServerHello(hello)) => {
                self.server_random = hello.random;
                self.suite = hello.cipher_suite;
                self.extended_master_secret[1] = says_extended(&hello.extensions);
            }
            _ => {}
        }
        self.messages.extend(bytes);
    }

    /// Makes the keys from the premaster secret, once ClientKeyExchange is said.
    pub fn derive(&mut self, premaster: &[u8]) {
        let parameters = self.suite.parameters().expect("a suite of ours");
        let hash = parameters.hash;
        let (client, server) = (&self.client_random, &self.server_random);
        let master = if self.extended_master_secret == [true; 2] {
            key_schedule::extended_master_secret(hash, premaster, &hash.digest(&self.messages))
        } else {
            key_schedule::master_secret(hash, premaster, client, server)
        };
        self.master = master.reveal().to_vec();
        let block = key_schedule::key_block(parameters, &self.master, server, client);
        let keys = Keys::of(&block, parameters);
        let theirs = match self.side {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        };
        self.made = [self.side, theirs].map(|side| Some(keys.protection(side)));
    }

    /// The Finished of either side, over the messages so far.
    pub fn finished(&self, side: Side) -> Message {
        let hash = self.suite.parameters().expect("a suite of ours").hash;
        let verify_data = key_schedule::verify_data(hash, &self.master, side, &hash.digest(&self.messages));
        Message::Finished(Finished { verify_data })
    }

    /// ClientKeyExchange with this ciphertext in it, and the keys from `premaster` made.
    pub fn key_exchange(&mut self, ciphertext: Vec<u8>, premaster: &[u8]) -> Vec<u8> {
        let exchange = ClientKeyExchange { encrypted_premaster_secret: ciphertext };
        let record = self.say(&Message::ClientKeyExchange(exchange));
        self.derive(premaster);
        record
    }

    /// A ClientKeyExchange that is as it should be.
    pub fn good_key_exchange(&mut self) -> Vec<u8> {
        static CIPHERTEXT: LazyLock<Vec<u8>> = LazyLock::new(|| {
            public_key().encrypt(&mut Generator::new(3, 0), &premaster()).expect("48 bytes fit")
        });
        self.key_exchange(CIPHERTEXT.clone(), &premaster())
    }

    /// ChangeCipherSpec and our Finished.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut bytes = self.change_cipher_spec();
        let finished = self.finished(self.side);
        bytes.extend(self.say(&finished));
        bytes
    }

    /// Hears the client's second flight, and makes the keys from the premaster secret in it.
    pub fn hear_key_exchange(&mut self, bytes: &[u8]) -> Vec<(ContentType, Vec<u8>)> {
        let mut heard = Vec::new();
        let mut rest = bytes;
        while rest.len() >= 5 {
            let length = 5 + usize::from(u16::from_be_bytes([rest[3], rest[4]]));
            let (record, behind) = rest.split_at(length);
            heard.extend(self.hear(record));
            rest = behind;
            if let Some((ContentType::HANDSHAKE, bytes)) = heard.last()
                && let Ok(Message::ClientKeyExchange(exchange)) = Message::from_bytes(bytes)
            {
                self.derive(&opened(&exchange.encrypted_premaster_secret));
            }
        }
        heard
    }
}

/// The premaster secret in this ciphertext. A client of the same seed says the same each time, so the last
/// one is kept.
fn opened(ciphertext: &[u8]) -> Vec<u8> {
    static LAST: Mutex<(Vec<u8>, Vec<u8>)> = Mutex::new((Vec::new(), Vec::new()));
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.0 != ciphertext {
        let premaster = KEY.decrypt_premaster(&mut Generator::new(4, 0), ciphertext, [3, 3]);
        *last = (ciphertext.to_vec(), premaster.reveal().to_vec());
    }
    last.1.clone()
}

fn says_extended(extensions: &[Extension]) -> bool {
    hello::find(extensions, ExtensionType::EXTENDED_MASTER_SECRET).is_some()
}

pub fn public_key() -> RsaPublicKey {
    KEY.public().clone()
}

/// What a client led by hand says first.
pub fn client_hello() -> ClientHello {
    ClientHello {
        version: ProtocolVersion::TLS_1_2,
        random: [0xc1; 32],
        session_id: Vec::new(),
        cipher_suites: vec![CipherSuite::RSA_AES_256_GCM_SHA384, CipherSuite::RSA_AES_128_GCM_SHA256],
        compression_methods: vec![CompressionMethod::NULL],
        extensions: vec![
            Extension::SignatureAlgorithms(SignatureScheme::IMPLEMENTED.to_vec()),
            Extension::ExtendedMasterSecret,
            Extension::RenegotiationInfo(Vec::new()),
        ],
    }
}

/// What a server led by hand answers.
pub fn server_hello() -> ServerHello {
    ServerHello {
        version: ProtocolVersion::TLS_1_2,
        random: [0x5e; 32],
        session_id: Vec::new(),
        cipher_suite: CipherSuite::RSA_AES_256_GCM_SHA384,
        compression_method: CompressionMethod::NULL,
        extensions: vec![Extension::RenegotiationInfo(Vec::new()), Extension::ExtendedMasterSecret],
    }
}

/// The server's certificate, as a message.
pub fn certificate() -> Message {
    certificates(&[CERTIFICATE.der()])
}

pub fn certificates(list: &[&[u8]]) -> Message {
    let certificate_list = list.iter().map(|der| der.to_vec()).collect();
    Message::Certificate(CertificateMessage { certificate_list })
}

/// How far a handshake has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The client has said ClientHello, or is about to if it is the one led by hand.
    Fresh,
    /// The server's ServerHello is heard (by a client), or its whole flight said (by a server).
    Hello,
    /// The server's certificate is heard. Not for a server.
    Certificate,
    /// The client's key exchange is heard (by a server), or its whole flight said (by a client).
    Exchanged,
    /// The other side's ChangeCipherSpec is heard.
    Changed,
    /// The handshake is over.
    Open,
}

/// A server of ours that has come to `stage` with a client led by hand.
pub fn server_at(stage: Stage, hello: &ClientHello) -> (Hand, Server) {
    let (mut hand, mut server) = (Hand::new(Side::Client), pair::server());
    let mut step = |from: Stage, said: &dyn Fn(&mut Hand) -> Vec<u8>| {
        if stage >= from {
            let bytes = said(&mut hand);
            assert_eq!(feed(&mut server, &bytes).expect("all is in order"), b"");
            hand.hear(&server.take_outgoing());
        }
    };
    step(Stage::Hello, &|hand| hand.say(&Message::ClientHello(hello.clone())));
    step(Stage::Exchanged, &|hand| hand.good_key_exchange());
    step(Stage::Changed, &|hand| hand.change_cipher_spec());
    step(Stage::Open, &|hand| {
        let finished = hand.finished(Side::Client);
        hand.say(&finished)
    });
    assert_eq!(server.is_open(), stage == Stage::Open);
    (hand, server)
}

/// A client of ours that has come to `stage` with a server led by hand.
pub fn client_at(stage: Stage, hello: &ServerHello) -> (Hand, Client) {
    let (mut hand, mut client) = (Hand::new(Side::Server), pair::client());
    hand.hear(&client.take_outgoing());
    let mut step = |from: Stage, said: &dyn Fn(&mut Hand) -> Vec<u8>| {
        if stage >= from {
            let bytes = said(&mut hand);
            assert_eq!(feed(&mut client, &bytes).expect("all is in order"), b"");
            hand.hear_key_exchange(&client.take_outgoing());
        }
    };
    step(Stage::Hello, &|hand| hand.say(&Message::ServerHello(hello.clone())));
    step(Stage::Certificate, &|hand| hand.say(&certificate()));
    step(Stage::Exchanged, &|hand| hand.say(&Message::ServerHelloDone));
    step(Stage::Changed, &|hand| hand.change_cipher_spec());
    step(Stage::Open, &|hand| {
        let finished = hand.finished(Side::Server);
        hand.say(&finished)
    });
    assert_eq!(client.is_open(), stage == Stage::Open);
    (hand, client)
}

/// The handshake messages in plaintext records, each with its header.
pub fn messages(flight: &[u8]) -> Vec<Vec<u8>> {
    let plain = records(flight).into_iter().take_while(|(kind, _)| *kind == ContentType::HANDSHAKE);
    let mut bytes: Vec<u8> = plain.flat_map(|(_, fragment)| fragment).copied().collect();
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let (_, length) = message::read_header(&mut Reader::new(&bytes)).expect("a whole message");
        let rest = bytes.split_off(message::HEADER + length);
        messages.push(std::mem::replace(&mut bytes, rest));
    }
    messages
}
