//! A run with one deliberate fault, told up to the place where it was caught.
//!
//! Each fault is real: both ends speak over a loopback connection, and whoever refuses it is the library as
//! it always is. Faults in certificates are issued, faults on the wire are made by Mallory, and a server
//! that lies is led by hand. Both ends write down what they said and heard, and the story is told as the
//! one who noticed heard it.

mod impostor;
mod mallory;

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::SystemTime;

use crate::pki::ServerName;
use crate::pki::trust_store::TrustStore;
use crate::story::tls_handshake::explain::words;
use crate::story::tls_handshake::faults::{AEAD, Deed, Fault, Lie, MAC_OUTSIDE};
use crate::story::tls_handshake::http::{answer_in_two, ask};
use crate::story::tls_handshake::identity::{Identity, LOOPBACK, generate};
use crate::story::tls_handshake::recording::{Recording, at_a_steady_pace, whole_records};
use crate::story::tls_handshake::socket::Patient;
use crate::story::tls_handshake::tell::{Broken, Vantage, View, refusal, tell};
use crate::story::tls_handshake::{Failure, FailureKind, Settings, Stream as Role, Told};
use crate::tls::dissect::{CLIENT, Known, SERVER, dissect};
use crate::tls::key_log::{Collected, KeyLogEntry};
use crate::tls::suite::Mode;
use crate::tls::{CipherSuite, Client, ClientConfig, Error, Server, Stream, stream};
use crate::wire::{Party, Recorder, Tap};

use impostor::Impostor;
use mallory::Mallory;

/// One end of a run: how it ended, and what that end heard and knew.
struct End {
    me: Party,
    recorder: Recorder,
    key_log: Arc<Collected>,
    outcome: io::Result<()>,
}

impl End {
    /// An end that speaks over `socket` as `speak` has it.
    fn of(
        me: Party,
        socket: io::Result<TcpStream>,
        speak: impl FnOnce(Tap<Patient>, Arc<Collected>, &Recorder) -> io::Result<()>,
    ) -> Self {
        let (recorder, key_log) = (Recorder::new(), Arc::new(Collected::default()));
        let peer = if me == CLIENT { SERVER } else { CLIENT };
        let outcome = socket.and_then(|socket| {
            let tap = Tap::new(Patient::new(socket), recorder.clone(), me, peer);
            speak(tap, Arc::clone(&key_log), &recorder)
        });
        Self { me, recorder, key_log, outcome }
    }

    /// How sure it is that this end noticed: it has something to say against the other, or only misses
    /// the other's farewell, or it was told.
    fn noticed(&self) -> u8 {
        match &self.outcome {
            Err(error) if stream::protocol_error(error).is_some_and(|error| error.alert().is_some()) => 2,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => 1,
            _ => 0,
        }
    }
}

/// Runs a handshake with this fault in it.
///
/// # Errors
/// If the machine has no loopback connection to give, or nobody noticed.
pub fn broken(settings: &Settings, fault: &'static Fault) -> Result<Told, Failure> {
    let no_connection = |error: io::Error| Failure::io("a connection on 127.0.0.1", &error);
    let identity = match fault.deed {
        Deed::Issue(change) => Identity::issued(settings, &LOOPBACK, change),
        _ => Identity::make(settings, &LOOPBACK),
    };
    let began = SystemTime::now();
    let (client, server) = ends(settings, fault, &identity).map_err(no_connection)?;
    let (teller, other) =
        if server.noticed() > client.noticed() { (server, client) } else { (client, server) };
    if teller.noticed() == 0 {
        let message = "nobody noticed the fault: please report that, for it is a defect of this library";
        return Err(Failure::new(FailureKind::Malformed, message));
    }
    let Err(error) = &teller.outcome else { unreachable!("it noticed by an error") };

    let (mut transcript, omitted) = whole_records(teller.recorder.transcript());
    if settings.randomness.seed().is_some() {
        at_a_steady_pace(&mut transcript);
    }
    let trust_store = trust_store(&identity);
    let known = Known {
        key_log: secrets(&teller, &other),
        // Who shows a stolen certificate has not its key.
        server_key: (!fault.is(Lie::StolenCertificate)).then(|| identity.pkcs1()),
        trusted: trust_store.certificates().to_vec(),
    };
    let dissection = dissect(&transcript, &known);
    let view = View {
        seed: settings.randomness.seed(),
        judgements: settings.judge(&identity.certificates, &trust_store, &name()),
        began: settings.randomness.seed().is_none().then_some(began),
        omitted,
        broken: Some(Broken {
            fault,
            by: teller.me,
            words: words(error),
            check: check(error, dissection.cipher_suite()),
            said: other.recorder.transcript().said_by(other.me),
        }),
        ..View::of(Vantage::Both)
    };
    let alert = match refusal(&dissection, teller.me) {
        Some((_, alert)) => format!("with {}", alert.description),
        None => "without an alert".to_owned(),
    };
    // The report has the rest: this fits into a line.
    let failure = format!("{}: refused by the {} {alert}", fault.name, teller.me);
    let failure = Failure::new(FailureKind::Refused, failure);
    let recording = Recording { transcript, secrets: known.key_log, began: settings.now };
    Ok(Told { report: tell(dissection, view), failure: Some(failure), recording })
}

/// The name that the client asks for.
fn name() -> ServerName {
    ServerName::Dns("localhost".into())
}

/// The chosen suite, and behind it the default ones: Mallory can only write over one if the list has more.
fn suites(settings: &Settings) -> Vec<CipherSuite> {
    let others = CipherSuite::DEFAULT.into_iter().filter(|suite| Some(*suite) != settings.suite);
    settings.suite.into_iter().chain(others).collect()
}

/// How a suite seals records.
fn mode(suite: CipherSuite) -> Mode {
    suite.parameters().map_or(Mode::Gcm, |parameters| parameters.mode)
}

/// Whom the client trusts.
fn trust_store(identity: &Identity) -> TrustStore {
    let mut trust_store = TrustStore::new();
    trust_store.add(identity.authority().expect("it was just made").clone());
    trust_store
}

/// Runs both ends, and whoever stands between them.
fn ends(settings: &Settings, fault: &'static Fault, identity: &Identity) -> io::Result<(End, End)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let mallory = match &fault.deed {
        Deed::Meddle(meddling) => Some(Mallory::new(meddling, mode(suites(settings)[0]))),
        _ => None,
    };
    std::thread::scope(|scope| {
        let server = scope.spawn(|| server(settings, fault, identity, &listener));
        let address = match &mallory {
            Some(mallory) => mallory.between(scope, address)?,
            None => address,
        };
        let client = client(settings, identity, address);
        Ok((client, server.join().expect("the server does not panic")))
    })
}

fn client(settings: &Settings, identity: &Identity, address: SocketAddr) -> End {
    End::of(CLIENT, TcpStream::connect(address), |tap, key_log, recorder| {
        let config = ClientConfig {
            suites: suites(settings),
            key_log: Some(key_log as _),
            ..ClientConfig::new(trust_store(identity))
        };
        let rng = settings.randomness.generator(Role::Client);
        let mut stream = Stream::new(Client::new(Arc::new(config), name(), settings.now, rng), tap);
        stream.handshake()?;
        recorder.handshake_is_over();
        ask(&mut stream, "/hello", "localhost")
    })
}

fn server(settings: &Settings, fault: &Fault, identity: &Identity, listener: &TcpListener) -> End {
    let accepted = listener.accept().map(|(socket, _)| socket);
    End::of(SERVER, accepted, |mut tap, key_log, recorder| {
        let mut rng = settings.randomness.generator(Role::Server);
        if let Deed::Lie(lie) = fault.deed {
            let other;
            let key = match lie {
                Lie::StolenCertificate => {
                    other = generate(&mut settings.randomness.generator(Role::Mallory));
                    &other
                }
                Lie::WrongFinished => &*identity.key,
            };
            let (certificates, suites) = (&identity.certificates, &suites(settings));
            return Impostor { lie, certificates, key, suites }.run(&mut tap, &mut rng);
        }
        let mut config = identity.config(settings);
        (config.suites, config.key_log) = (suites(settings), Some(key_log as _));
        let mut stream = Stream::new(Server::new(Arc::new(config), rng), tap);
        stream.handshake()?;
        recorder.handshake_is_over();
        answer_in_two(&mut stream, &settings.say)
    })
}

impl Fault {
    fn is(&self, lie: Lie) -> bool {
        matches!(self.deed, Deed::Lie(it) if it == lie)
    }
}

/// What the one who tells knew, and besides what the client made: the premaster secret with its padding.
fn secrets(teller: &End, other: &End) -> Vec<KeyLogEntry> {
    let client = if teller.me == CLIENT { teller } else { other };
    let is_premaster = |entry: &KeyLogEntry| matches!(entry, KeyLogEntry::Premaster { .. });
    let premaster = client.key_log.entries().into_iter().filter(is_premaster);
    premaster.chain(teller.key_log.entries().into_iter().filter(|entry| !is_premaster(entry))).collect()
}

/// What was looked at when it was noticed, in a word, and which standard wants that.
fn check(error: &io::Error, suite: Option<CipherSuite>) -> (&'static str, &'static str) {
    match stream::protocol_error(error) {
        Some(Error::Certificate(_)) => ("certificate", "RFC 5280 §6.1"),
        Some(Error::BadRecordMac) if suite.map(mode) == Some(Mode::Cbc) => ("MAC", MAC_OUTSIDE),
        Some(Error::BadRecordMac) => ("tag", AEAD),
        Some(Error::BadFinished) => ("verify_data", "RFC 5246 §7.4.9"),
        Some(Error::NoCommonVersion { .. } | Error::RecordVersion { .. }) => ("version", "RFC 5246 §E.1"),
        Some(_) => ("message", "RFC 5246 §7.4"),
        None => ("close_notify", "RFC 5246 §7.2.1"),
    }
}
