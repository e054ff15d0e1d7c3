//! A client and a server of ours, joined in memory, with the bytes between them written down.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cutaway::asymmetric::rsa::RsaPrivateKey;
use cutaway::pki::trust_store::TrustStore;
use cutaway::pki::{Certificate, PrivateKey, ServerName, Time};
use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::dissect::{CLIENT, SERVER};
use cutaway::tls::record::{ContentType, HEADER};
use cutaway::tls::{Client, ClientConfig, Connection, Error, Established, Event, Server, ServerConfig};
use cutaway::wire::{Party, Transcript};

/// The authority that signed all certificates here. They were made with OpenSSL and last until 2051.
pub static AUTHORITY: LazyLock<Certificate> =
    LazyLock::new(|| from_pem(include_bytes!("../fixtures/tls/authority.pem")));

/// `localhost`, RSA-2048, for RSA key transport.
pub static CERTIFICATE: LazyLock<Certificate> =
    LazyLock::new(|| from_pem(include_bytes!("../fixtures/tls/server.pem")));

/// The same name and key, for signatures alone.
pub static SIGNS_ONLY: LazyLock<Certificate> =
    LazyLock::new(|| from_pem(include_bytes!("../fixtures/tls/signs_only.pem")));

/// The same name, with a key on the curve P-256.
pub static ELLIPTIC: LazyLock<Certificate> =
    LazyLock::new(|| from_pem(include_bytes!("../fixtures/tls/elliptic.pem")));

/// The key of [`CERTIFICATE`].
pub static KEY: LazyLock<Arc<RsaPrivateKey>> = LazyLock::new(|| {
    let key = PrivateKey::from_pem(include_bytes!("../fixtures/tls/server.key")).expect("made with OpenSSL");
    Arc::new(key.rsa().expect("an RSA key").clone())
});

fn from_pem(text: &[u8]) -> Certificate {
    Certificate::from_pem(text).expect("made with OpenSSL").remove(0)
}

/// 15 January 2027, whenever the test runs.
pub fn now() -> Time {
    Time::from_unix(1_800_000_000)
}

pub fn localhost() -> ServerName {
    "localhost".parse().expect("a name")
}

pub fn client_config() -> ClientConfig {
    let mut trust_store = TrustStore::new();
    trust_store.add(AUTHORITY.clone());
    ClientConfig::new(trust_store)
}

pub fn server_config() -> ServerConfig {
    ServerConfig::new(vec![CERTIFICATE.clone()], Arc::clone(&KEY)).expect("they belong together")
}

pub fn client() -> Client {
    client_with(client_config())
}

pub fn client_with(config: ClientConfig) -> Client {
    Client::new(Arc::new(config), localhost(), now(), Generator::new(1, 0))
}

pub fn server() -> Server {
    server_with(server_config())
}

pub fn server_with(config: ServerConfig) -> Server {
    Server::new(Arc::new(config), Generator::new(2, 0))
}

/// Hands all of `bytes` to a connection, and returns the plaintext that came out.
pub fn feed(connection: &mut impl Connection, mut bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut plaintext = Vec::new();
    loop {
        let taken = connection.receive(bytes)?;
        bytes = &bytes[taken..];
        if connection.plaintext_waiting() == 0 {
            assert!(bytes.is_empty(), "a connection with nothing to read takes all bytes");
            return Ok(plaintext);
        }
        let start = plaintext.len();
        plaintext.resize(start + connection.plaintext_waiting(), 0);
        connection.read_plaintext(&mut plaintext[start..]);
    }
}

/// What a connection agreed on, if the next thing that happened is the end of its handshake.
pub fn established(connection: &mut impl Connection) -> Option<Established> {
    match connection.next_event() {
        Some(Event::Established(established)) => Some(established),
        _ => None,
    }
}

/// Both ends, and what was said.
pub struct Pair {
    pub client: Client,
    pub server: Server,
    pub transcript: Transcript,
}

impl Pair {
    pub fn new(client: Client, server: Server) -> Self {
        Self { client, server, transcript: Transcript::default() }
    }

    /// A conversation to its end: the handshake, a word each way, the farewells.
    pub fn whole(client: Client, server: Server) -> Self {
        let mut pair = Self::new(client, server);
        pair.run();
        pair.client.send(QUESTION).expect("the handshake is over");
        assert_eq!(pair.run().1, QUESTION);
        pair.server.send(ANSWER).expect("the handshake is over");
        assert_eq!(pair.run().0, ANSWER);
        pair.client.close();
        pair.run();
        pair
    }

    /// Passes on what either says until both are silent, and returns the plaintext that each received.
    pub fn run(&mut self) -> (Vec<u8>, Vec<u8>) {
        self.run_through(|_, bytes| vec![bytes])
    }

    /// The same, with each flight passed on in the pieces that `network` makes of it.
    pub fn run_through(
        &mut self,
        mut network: impl FnMut(Party, Vec<u8>) -> Vec<Vec<u8>>,
    ) -> (Vec<u8>, Vec<u8>) {
        let (mut at_client, mut at_server) = (Vec::new(), Vec::new());
        while self.client.has_outgoing() || self.server.has_outgoing() {
            for piece in network(CLIENT, self.client.take_outgoing()) {
                self.transcript.push(CLIENT, Duration::ZERO, &piece);
                at_server.extend(feed(&mut self.server, &piece).expect("the client is in order"));
            }
            for piece in network(SERVER, self.server.take_outgoing()) {
                self.transcript.push(SERVER, Duration::ZERO, &piece);
                at_client.extend(feed(&mut self.client, &piece).expect("the server is in order"));
            }
        }
        (at_client, at_server)
    }

    /// What the two agreed on; that of the client first.
    pub fn established(&mut self) -> (Established, Established) {
        let agreed = |agreed: Option<Established>| agreed.expect("the handshake is over");
        (agreed(established(&mut self.client)), agreed(established(&mut self.server)))
    }
}

pub const QUESTION: &[u8] = b"GET / HTTP/1.0\r\n\r\n";
pub const ANSWER: &[u8] = b"HTTP/1.0 200 OK\r\n\r\nhello";

/// The records in `bytes`, which hold nothing else.
pub fn records(mut bytes: &[u8]) -> Vec<(ContentType, &[u8])> {
    let mut records = Vec::new();
    while let [kind, _, _, high, low, rest @ ..] = bytes {
        let (fragment, rest) = rest.split_at(usize::from(u16::from_be_bytes([*high, *low])));
        records.push((ContentType(*kind), fragment));
        bytes = rest;
    }
    assert!(bytes.is_empty(), "a piece of a record is left over");
    records
}

/// A plaintext record of TLS 1.2.
pub fn record(content_type: ContentType, fragment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(fragment.len()).expect("a short fragment").to_be_bytes();
    let mut record = Vec::with_capacity(HEADER + fragment.len());
    record.extend([content_type.0, 3, 3, length[0], length[1]]);
    record.extend(fragment);
    record
}

/// The same conversation with its plaintext handshake bytes cut into other records: each as long as
/// `next_length` says, and none reaching beyond a ChangeCipherSpec.
pub fn cut_again(flight: &[u8], mut next_length: impl FnMut() -> usize) -> Vec<u8> {
    let (mut out, mut handshake, mut sealed) = (Vec::new(), Vec::new(), false);
    let mut flush = |handshake: &mut Vec<u8>, out: &mut Vec<u8>| {
        while !handshake.is_empty() {
            let length = next_length().clamp(1, handshake.len());
            out.extend(record(ContentType::HANDSHAKE, &handshake.drain(..length).collect::<Vec<_>>()));
        }
    };
    for (content_type, fragment) in records(flight) {
        if content_type == ContentType::HANDSHAKE && !sealed {
            handshake.extend(fragment);
            continue;
        }
        flush(&mut handshake, &mut out);
        sealed |= content_type == ContentType::CHANGE_CIPHER_SPEC;
        out.extend(record(content_type, fragment));
    }
    flush(&mut handshake, &mut out);
    out
}
