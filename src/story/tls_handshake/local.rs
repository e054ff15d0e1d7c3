//! Both ends, ours.

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::SystemTime;

use crate::pki::ServerName;
use crate::pki::trust_store::TrustStore;
use crate::story::tls_handshake::http::{answer, ask};
use crate::story::tls_handshake::identity::{Identity, LOOPBACK};
use crate::story::tls_handshake::measure::measure;
use crate::story::tls_handshake::recording::{Recording, at_a_steady_pace, steal, whole_records};
use crate::story::tls_handshake::tell::{Vantage, View, cipher_name, tell};
use crate::story::tls_handshake::{Failure, Settings, Stream as Role, Told};
use crate::tls::dissect::{CLIENT, Known, SERVER, dissect};
use crate::tls::key_log::Collected;
use crate::tls::{Client, ClientConfig, Server, Stream};
use crate::wire::{Recorder, Tap};

/// Runs client and server, both ours, over a real connection on 127.0.0.1.
///
/// # Errors
/// If the machine has no loopback connection to give.
pub fn local(settings: &Settings) -> Result<Told, Failure> {
    let broken = |error: io::Error| Failure::io("a connection on 127.0.0.1", &error);
    let identity = Identity::make(settings, &LOOPBACK);
    let server_config = Arc::new(identity.config(settings));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(broken)?;
    let address = listener.local_addr().map_err(broken)?;

    let key_log = Arc::new(Collected::default());
    let mut trust_store = TrustStore::new();
    trust_store.add(identity.authority().expect("it was just made").clone());
    let config = ClientConfig {
        suites: settings.suites(),
        key_log: Some(Arc::clone(&key_log) as _),
        ..ClientConfig::new(trust_store.clone())
    };
    let name = ServerName::Dns("localhost".into());
    let (recorder, began) = (Recorder::new(), SystemTime::now());

    let (asked, answered) = std::thread::scope(|scope| {
        let server = scope.spawn(|| {
            let (socket, _) = listener.accept()?;
            let server = Server::new(server_config, settings.randomness.generator(Role::Server));
            let mut stream = Stream::new(server, socket);
            stream.handshake()?;
            answer(&mut stream, &settings.say)
        });
        let asked = TcpStream::connect(address).and_then(|socket| {
            let rng = settings.randomness.generator(Role::Client);
            let client = Client::new(Arc::new(config), name.clone(), settings.now, rng);
            let tap = Tap::new(socket, recorder.clone(), CLIENT, SERVER);
            let mut stream = Stream::new(client, tap);
            stream.handshake()?;
            recorder.handshake_is_over();
            ask(&mut stream, "/hello", "localhost")
        });
        (asked, server.join().expect("the server does not panic"))
    });
    asked.and(answered).map_err(broken)?;

    let (mut transcript, omitted) = whole_records(recorder.transcript());
    if settings.randomness.seed().is_some() {
        at_a_steady_pace(&mut transcript);
    }
    let known = Known {
        key_log: key_log.entries(),
        server_key: Some(identity.pkcs1()),
        trusted: trust_store.certificates().to_vec(),
    };
    let suite = settings.suites()[0];
    let mut rng = settings.randomness.generator(Role::Measurement);
    let seed = settings.randomness.seed();
    let view = View {
        seed,
        judgements: settings.judge(&identity.certificates, &trust_store, &name),
        began: seed.is_none().then_some(began),
        stolen: steal(&transcript, &identity),
        measured: seed.is_none().then(|| measure(&identity.key, suite, cipher_name(suite), &mut rng)),
        omitted,
        ..View::of(Vantage::Both)
    };
    let report = tell(dissect(&transcript, &known), view);
    let recording = Recording { transcript, secrets: known.key_log, began: settings.now };
    Ok(Told { report, failure: None, recording })
}
