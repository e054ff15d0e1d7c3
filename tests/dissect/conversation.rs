//! Conversations drawn at random between a client and a server of ours.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cutaway::asymmetric::rsa::RsaPrivateKey;
use cutaway::pki::{Authority, GeneralName, Name, Oid, PrivateKey, Request, Time, TrustStore, Validity};
use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::dissect::{CLIENT, Known, SERVER};
use cutaway::tls::key_log::{Collected, KeyLogEntry};
use cutaway::tls::{CipherSuite, Client, ClientConfig, Connection, Server, ServerConfig};
use cutaway::wire::Transcript;
use proptest::prelude::*;

/// The key of every server: to make one takes longer than all the rest.
static KEY: LazyLock<Arc<RsaPrivateKey>> = LazyLock::new(|| {
    let key = PrivateKey::from_pem(include_bytes!("../fixtures/tls/server.key")).expect("made with OpenSSL");
    Arc::new(key.rsa().expect("an RSA key").clone())
});

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let rng = &mut Generator::new(1, 0);
    let key = RsaPrivateKey::generate(rng, 2048).expect("a size that is generated");
    Authority::new(rng, Name::of("An authority"), key, year()).expect("a key that fits")
});

fn now() -> Time {
    Time::from_unix(1_800_000_000)
}

fn year() -> Validity {
    Validity::days(now().plus_days(-1), 365)
}

/// What makes a conversation this one and no other.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub seed: u64,
    pub suites: Vec<CipherSuite>,
    /// The organization in the server's certificate.
    pub organization: String,
    /// How many names the certificate has besides `localhost`.
    pub names: usize,
    pub question: Vec<u8>,
    pub answer: Vec<u8>,
    /// The lengths of the records into which the handshake messages in plaintext are cut, in turn.
    pub cuts: Vec<usize>,
}

impl Conversation {
    /// One without anything odd.
    pub fn plain() -> Self {
        Self {
            seed: 1,
            suites: CipherSuite::DEFAULT.to_vec(),
            organization: "Cutaway".into(),
            names: 0,
            question: b"GET / HTTP/1.0\r\n\r\n".to_vec(),
            answer: b"HTTP/1.0 200 OK\r\n\r\nhello".to_vec(),
            cuts: vec![usize::MAX],
        }
    }

    pub fn any() -> impl Strategy<Value = Self> {
        let suites = prop::sample::subsequence(CipherSuite::IMPLEMENTED.to_vec(), 1..=4).prop_shuffle();
        let data = |most: usize| {
            (1..most, any::<u8>()).prop_map(|(length, byte)| {
                (0..length).map(|at| byte.wrapping_mul(31).wrapping_add((at % 251) as u8)).collect()
            })
        };
        let cuts = prop::collection::vec(prop_oneof![1_usize..20, 20_usize..2000, Just(usize::MAX)], 1..5);
        (any::<u64>(), suites, "\\PC{1,60}", 0_usize..30, data(600), data(40_000), cuts).prop_map(
            |(seed, suites, organization, names, question, answer, cuts)| Self {
                seed,
                suites,
                organization,
                names,
                question,
                answer,
                cuts,
            },
        )
    }

    pub fn server_key(&self) -> Known {
        Known {
            server_key: Some(PrivateKey::Rsa((**KEY).clone()).to_pkcs1_der()),
            trusted: vec![AUTHORITY.certificate().clone()],
            ..Known::default()
        }
    }

    /// Runs it, and returns what was said and what the client logged.
    pub fn run(&self) -> (Transcript, Vec<KeyLogEntry>) {
        let subject =
            Name::new(&[(Oid::ORGANIZATION_NAME, &self.organization), (Oid::COMMON_NAME, "localhost")]);
        let others = (0..self.names).map(|n| match n % 3 {
            0 => GeneralName::DnsName(format!("*.{n}.example.com")),
            1 => GeneralName::IpAddress([10, 0, 0, n as u8].into()),
            _ => GeneralName::UniformResourceIdentifier(format!("spiffe://cluster.local/ns/{n}")),
        });
        let names = std::iter::once(GeneralName::DnsName("localhost".into())).chain(others).collect();
        let request = Request::server(subject, names, KEY.public(), year());
        let rng = &mut Generator::new(self.seed, 2);
        let certificate = AUTHORITY.issue(rng, &request).expect("a key that fits");

        let log = Arc::new(Collected::default());
        let mut trust_store = TrustStore::new();
        trust_store.add(AUTHORITY.certificate().clone());
        let config = ClientConfig {
            suites: self.suites.clone(),
            key_log: Some(log.clone()),
            ..ClientConfig::new(trust_store)
        };
        let name = "localhost".parse().expect("a name");
        let mut client = Client::new(Arc::new(config), name, now(), Generator::new(self.seed, 3));
        let mut config = ServerConfig::new(vec![certificate], KEY.clone()).expect("they belong together");
        config.suites = CipherSuite::IMPLEMENTED.to_vec();
        let mut server = Server::new(Arc::new(config), Generator::new(self.seed, 4));

        let mut transcript = Transcript::default();
        let mut turn = 0;
        let mut exchange = |client: &mut Client, server: &mut Server| {
            while client.has_outgoing() || server.has_outgoing() {
                turn += 1;
                let bytes = client.take_outgoing();
                transcript.push(CLIENT, Duration::from_millis(turn), &bytes);
                hear(server, &bytes);
                let bytes = server.take_outgoing();
                transcript.push(SERVER, Duration::from_millis(turn), &bytes);
                hear(client, &bytes);
            }
        };
        exchange(&mut client, &mut server);
        client.send(&self.question).expect("the handshake is over");
        exchange(&mut client, &mut server);
        server.send(&self.answer).expect("the handshake is over");
        exchange(&mut client, &mut server);
        client.close();
        exchange(&mut client, &mut server);
        self.cut(&mut transcript);
        (transcript, log.entries())
    }

    /// Cuts the handshake messages in plaintext into other records.
    fn cut(&self, transcript: &mut Transcript) {
        let mut lengths = self.cuts.iter().copied().cycle();
        let mut sealed = [false; 2];
        for chunk in &mut transcript.chunks {
            let sealed = &mut sealed[usize::from(chunk.from == SERVER)];
            let (mut out, mut handshake, mut rest) = (Vec::new(), Vec::new(), &chunk.bytes[..]);
            let mut flush = |handshake: &mut Vec<u8>, out: &mut Vec<u8>| {
                while !handshake.is_empty() {
                    let length = lengths.next().expect("without end").min(handshake.len()).min(1 << 14);
                    let [high, low] = (length as u16).to_be_bytes();
                    out.extend([22, 3, 3, high, low]);
                    out.extend(handshake.drain(..length));
                }
            };
            while let [kind, _, _, high, low, ..] = *rest {
                let (record, behind) = rest.split_at(5 + usize::from(u16::from_be_bytes([high, low])));
                rest = behind;
                if kind == 22 && !*sealed {
                    handshake.extend(&record[5..]);
                } else {
                    flush(&mut handshake, &mut out);
                    *sealed |= kind == 20;
                    out.extend(record);
                }
            }
            flush(&mut handshake, &mut out);
            chunk.bytes = out;
        }
    }
}

/// Hands all of `bytes` to one end, and throws away what they open to.
fn hear(connection: &mut impl Connection, mut bytes: &[u8]) {
    let mut buffer = [0; 4096];
    while !bytes.is_empty() || connection.plaintext_waiting() > 0 {
        let taken = connection.receive(bytes).expect("all is in order");
        bytes = &bytes[taken..];
        while connection.plaintext_waiting() > 0 {
            connection.read_plaintext(&mut buffer);
        }
    }
}

/// Something that happens to a recording.
#[derive(Clone, Debug)]
pub enum Change {
    /// A byte becomes another.
    Set(prop::sample::Index, u8),
    /// Bytes are gone.
    Remove(prop::sample::Index, usize),
    /// Bytes come in.
    Insert(prop::sample::Index, Vec<u8>),
    /// All from here on is gone.
    Cut(prop::sample::Index),
    /// A turn is said again.
    Repeat(prop::sample::Index),
    /// Two turns change places.
    Swap(prop::sample::Index, prop::sample::Index),
}

impl Change {
    pub fn any() -> impl Strategy<Value = Self> {
        let index = any::<prop::sample::Index>;
        prop_oneof![
            4 => (index(), any::<u8>()).prop_map(|(at, new)| Self::Set(at, new)),
            1 => (index(), 1_usize..40).prop_map(|(at, count)| Self::Remove(at, count)),
            1 => (index(), prop::collection::vec(any::<u8>(), 1..40)).prop_map(|(at, new)| Self::Insert(at, new)),
            1 => index().prop_map(Self::Cut),
            1 => index().prop_map(Self::Repeat),
            1 => (index(), index()).prop_map(|(one, other)| Self::Swap(one, other)),
        ]
    }

    pub fn apply(&self, transcript: &mut Transcript) {
        let chunks = &mut transcript.chunks;
        let whole: usize = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
        if whole == 0 {
            return;
        }
        // The chunk of a byte, and its place there.
        let place = |at: &prop::sample::Index| {
            let mut at = at.index(whole);
            let mut lengths = chunks.iter().map(|chunk| chunk.bytes.len()).enumerate();
            lengths.find_map(|(chunk, length)| {
                let here = at < length;
                at -= if here { 0 } else { length };
                here.then_some((chunk, at))
            })
        };
        match self {
            Self::Set(at, new) => {
                let (chunk, at) = place(at).expect("there are bytes");
                chunks[chunk].bytes[at] = *new;
            }
            Self::Remove(at, count) => {
                let (chunk, at) = place(at).expect("there are bytes");
                let end = (at + count).min(chunks[chunk].bytes.len());
                chunks[chunk].bytes.drain(at..end);
            }
            Self::Insert(at, new) => {
                let (chunk, at) = place(at).expect("there are bytes");
                chunks[chunk].bytes.splice(at..at, new.iter().copied());
            }
            Self::Cut(at) => {
                let (chunk, at) = place(at).expect("there are bytes");
                chunks[chunk].bytes.truncate(at);
                chunks.truncate(chunk + 1);
            }
            Self::Repeat(chunk) => {
                let again = chunks[chunk.index(chunks.len())].clone();
                chunks.push(again);
            }
            Self::Swap(one, other) => {
                let (one, other) = (one.index(chunks.len()), other.index(chunks.len()));
                chunks.swap(one, other);
            }
        }
    }
}
