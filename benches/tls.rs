//! TLS 1.2 beside OpenSSL's: a whole handshake between two ends in memory, each end's part of it alone, a
//! record of 16 KiB from end to end, and reading a ClientHello without and with names, beside a reader that
//! has none to give. The suite is `TLS_RSA_WITH_AES_256_GCM_SHA384`; certificate and key, RSA-2048, are the
//! same for both contenders. What RSA takes of it is in `asymmetric.rs`.

mod openssl_tls;
mod plain_hello;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use cutaway::asymmetric::rsa::RsaPrivateKey;
use cutaway::pki::{
    Authority, GeneralName, Name, PrivateKey, Request, ServerName, Time, TrustStore, Validity,
};
use cutaway::secret::SecretVec;
use cutaway::symmetric::chacha20::Generator;
use cutaway::symmetric::gcm::Aes256Gcm;
use cutaway::tls::message::Message;
use cutaway::tls::record;
use cutaway::tls::{CipherSuite, Client, ClientConfig, Connection, Server, ServerConfig};
use cutaway::wire::Reader;
use cutaway_benches::{Contender, Ladder};
use openssl_tls::OpenSsl;

const SUITE: CipherSuite = CipherSuite::RSA_AES_256_GCM_SHA384;
const RECORD: usize = record::MAX_PLAINTEXT;

fn main() {
    let bench = Bench { setting: Setting::new(), openssl: OpenSsl::open() };
    let works: [Work; 5] = [
        ("TLS handshake", None, Bench::handshakes),
        ("TLS client", None, Bench::clients),
        ("TLS server", None, Bench::servers),
        ("TLS record", Some(RECORD as u64), Bench::records),
        ("read ClientHello", None, Bench::readers),
    ];
    if let Some(mut ladder) = Ladder::wanted("tls") {
        for (work, bytes, contenders) in works {
            ladder.measure(work, bytes, None, &mut contenders(&bench));
        }
        ladder.write().expect("target/ladder can be written");
    }

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for (work, bytes, contenders) in works {
        let mut group = criterion.benchmark_group(work);
        if let Some(bytes) = bytes {
            group.throughput(Throughput::Bytes(bytes));
        }
        for mut contender in contenders(&bench) {
            group.bench_function(contender.to_string(), |bencher| bencher.iter(|| contender.run()));
        }
        group.finish();
    }
    criterion.final_summary();
}

/// What is done, on how many bytes, and who does it.
type Work = (&'static str, Option<u64>, fn(&Bench) -> Vec<Contender<'_>>);

struct Bench {
    setting: Setting,
    openssl: Option<OpenSsl>,
}

impl Bench {
    /// Both ends, from nothing to an open connection. The rung is RSA's, which takes most of the time.
    fn handshakes(&self) -> Vec<Contender<'_>> {
        let setting = &self.setting;
        let mut contenders =
            vec![Contender::cutaway(setting.key.rung(), || drop(black_box(setting.joined())))];
        if let Some(openssl) = &self.openssl {
            let pair = setting.openssl(openssl);
            let run = move || drop(black_box(pair.handshake(c"localhost")));
            contenders.push(Contender::peer(openssl.name(), run));
        }
        contenders
    }

    /// One end alone hears what its peer said in a recorded handshake. With the same seed it says the same
    /// again, and so the recording fits; OpenSSL cannot be seeded, and has no such row.
    fn clients(&self) -> Vec<Contender<'_>> {
        let setting = &self.setting;
        let (_, heard) = setting.said();
        vec![Contender::cutaway(setting.key.rung(), move || setting.hears(&mut setting.client(), &heard))]
    }

    fn servers(&self) -> Vec<Contender<'_>> {
        let setting = &self.setting;
        let (heard, _) = setting.said();
        vec![Contender::cutaway(setting.key.rung(), move || setting.hears(&mut setting.server(), &heard))]
    }

    /// Sealed at one end, opened at the other.
    fn records(&self) -> Vec<Contender<'_>> {
        let plaintext = vec![0x42; RECORD];
        let (mut client, mut server) = self.setting.joined();
        let (ours, mut buffer) = (plaintext.clone(), vec![0; RECORD]);
        let rung = Aes256Gcm::rungs().pop().expect("the portable one at least");
        let mut contenders = vec![Contender::cutaway(rung, move || {
            client.send(black_box(&ours)).expect("the connection is open");
            server.receive(&client.take_outgoing()).expect("the record opens");
            assert_eq!(server.read_plaintext(black_box(&mut buffer)), RECORD);
        })];
        if let Some(openssl) = &self.openssl {
            let mut joined = self.setting.openssl(openssl).handshake(c"localhost");
            let mut buffer = vec![0; RECORD];
            let run = move || joined.transfer(black_box(&plaintext), black_box(&mut buffer));
            contenders.push(Contender::peer(openssl.name(), run));
        }
        contenders
    }

    /// The one decoder that the protocol and the window share: what do the names cost those who want none,
    /// and those who do?
    fn readers(&self) -> Vec<Contender<'_>> {
        let hello = self.setting.client().take_outgoing().split_off(record::HEADER);
        let [again, plain] = [hello.clone(), hello.clone()];
        let read = Message::from_bytes(&hello).expect("a ClientHello");
        assert_eq!(plain_hello::client_hello(&hello), Some(read));
        vec![
            Contender::cutaway("without names", move || {
                drop(black_box(Message::from_bytes(black_box(&hello)).expect("a ClientHello")));
            }),
            Contender::cutaway("with names", move || {
                drop(black_box(Reader::record(black_box(&again), Message::read)));
            }),
            Contender::peer("a reader without labels", move || {
                drop(black_box(plain_hello::client_hello(black_box(&plain)).expect("a ClientHello")));
            }),
        ]
    }
}

/// An authority, a server that it vouches for, and a client that trusts it.
struct Setting {
    key: Arc<RsaPrivateKey>,
    pkcs1: SecretVec,
    certificate: Vec<u8>,
    authority: Vec<u8>,
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    name: ServerName,
    now: Time,
}

impl Setting {
    fn new() -> Self {
        let now = Time::from_unix(1_767_225_600);
        let validity = Validity::days(now, 365);
        let generate =
            |stream| RsaPrivateKey::generate(&mut Generator::new(1, stream), 2048).expect("a size of keys");
        let mut rng = Generator::new(1, 0);
        let authority =
            Authority::new(&mut rng, Name::of("bench CA"), generate(3), validity).expect("no fault");
        let key = generate(4);
        let names = vec![GeneralName::DnsName("localhost".into())];
        let request = Request::server(Name::of("localhost"), names, key.public(), validity);
        let certificate = authority.issue(&mut rng, &request).expect("no fault");
        let mut trust_store = TrustStore::new();
        trust_store.add(authority.certificate().clone());
        let key = Arc::new(key);
        let server = ServerConfig::new(vec![certificate.clone()], key.clone()).expect("they belong together");
        Self {
            pkcs1: PrivateKey::Rsa(RsaPrivateKey::clone(&key)).to_pkcs1_der(),
            key,
            certificate: certificate.der().to_vec(),
            authority: authority.certificate().der().to_vec(),
            client: Arc::new(ClientConfig { suites: vec![SUITE], ..ClientConfig::new(trust_store) }),
            server: Arc::new(server),
            name: "localhost".parse().expect("a name"),
            now,
        }
    }

    /// A client that always draws the same numbers.
    fn client(&self) -> Client {
        Client::new(self.client.clone(), self.name.clone(), self.now, Generator::new(1, 1))
    }

    /// A server that always draws the same numbers.
    fn server(&self) -> Server {
        Server::new(self.server.clone(), Generator::new(1, 2))
    }

    /// Both, after the handshake.
    fn joined(&self) -> (Client, Server) {
        let (mut client, mut server) = (self.client(), self.server());
        while client.is_handshaking() {
            self.hears(&mut server, &client.take_outgoing());
            self.hears(&mut client, &server.take_outgoing());
        }
        (client, server)
    }

    /// What the client said in a handshake, and what the server said.
    fn said(&self) -> (Vec<u8>, Vec<u8>) {
        let (mut client, mut server) = (self.client(), self.server());
        let (mut by_client, mut by_server) = (Vec::new(), Vec::new());
        while client.is_handshaking() {
            let flight = client.take_outgoing();
            self.hears(&mut server, &flight);
            by_client.extend(flight);
            let flight = server.take_outgoing();
            self.hears(&mut client, &flight);
            by_server.extend(flight);
        }
        (by_client, by_server)
    }

    fn hears(&self, connection: &mut impl Connection, bytes: &[u8]) {
        let taken = connection.receive(black_box(bytes)).expect("the handshake goes well");
        assert_eq!(taken, bytes.len());
    }

    /// OpenSSL with the same certificate, key and authority.
    fn openssl(&self, openssl: &OpenSsl) -> openssl_tls::Pair {
        openssl.pair(&self.certificate, self.pkcs1.reveal(), &self.authority, c"AES256-GCM-SHA384")
    }
}
