//! The runs: both ends, our client, our server.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use crate::pki::ServerName;
use crate::pki::certificate::Certificate;
use crate::pki::time::Time;
use crate::pki::trust_store::TrustStore;
use crate::pki::validation::{self, Check as Judgement, Usage};
use crate::story::tls_handshake::explain::explain;
use crate::story::tls_handshake::identity::{Identity, LOOPBACK};
use crate::story::tls_handshake::measure::measure;
use crate::story::tls_handshake::recording::{Recording, at_a_steady_pace};
use crate::story::tls_handshake::socket::{self, Patient};
use crate::story::tls_handshake::tell::{Vantage, View, cipher_name, tell};
use crate::story::tls_handshake::{Failure, FailureKind, Settings, Stream as Role, Told};
use crate::tls::dissect::{CLIENT, Content, Known, SERVER, dissect};
use crate::tls::key_log::Collected;
use crate::tls::message::HandshakeType;
use crate::tls::{Client, ClientConfig, Error, Established, Server, Stream, record, stream};
use crate::wire::reader::escape;
use crate::wire::{Recorder, Tap, Transcript};

/// How many bytes of an answer or a request are read at the most.
const LONGEST_TALK: usize = 1 << 20;

/// How many connections a [`Listener`] speaks with at a time.
pub const CONNECTIONS: usize = 64;

/// How often in a row the machine may have no connection to give, a tenth of a second apart.
const ACCEPT_FAILURES: u32 = 100;

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
            answer(&mut Stream::new(server, socket), &settings.say)
        });
        let asked = TcpStream::connect(address).and_then(|socket| {
            let rng = settings.randomness.generator(Role::Client);
            let client = Client::new(Arc::new(config), name.clone(), settings.now, rng);
            let tap = Tap::new(socket, recorder.clone(), CLIENT, SERVER);
            ask(&mut Stream::new(client, tap), &recorder, "/hello", "localhost")
        });
        (asked, server.join().expect("the server does not panic"))
    });
    asked.and(answered).map_err(broken)?;

    let (mut transcript, omitted) = recorded(&recorder);
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
        vantage: Vantage::Both,
        seed,
        judgements: judgements(&identity.certificates, &trust_store, settings, Some(&name)),
        failure: None,
        began: seed.is_none().then_some(began),
        stolen: steal(&transcript, &identity),
        measured: seed.is_none().then(|| measure(&identity.key, suite, cipher_name(suite), &mut rng)),
        omitted,
    };
    let report = tell(dissect(&transcript, &known), view);
    let recording = Recording { transcript, secrets: known.key_log, began: settings.now };
    Ok(Told { report, failure: None, recording })
}

/// Runs our client against the server at `address`, `HOST:PORT`.
///
/// # Errors
/// If nobody is there, or there is nothing to tell.
pub fn connect(
    settings: &Settings,
    address: &str,
    server_name: Option<&str>,
    trusted: Vec<Certificate>,
) -> Result<Told, Failure> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']']);
    let name = server_name.unwrap_or(host);
    let name = name
        .parse::<ServerName>()
        .map_err(|error| Failure::new(FailureKind::Usage, format!("“{}”: {error}", escape(name))))?;
    let socket = socket::reach(address)?;

    let key_log = Arc::new(Collected::default());
    let mut trust_store = TrustStore::new();
    trusted.iter().cloned().for_each(|certificate| trust_store.add(certificate));
    let config = ClientConfig {
        suites: settings.suites(),
        key_log: Some(Arc::clone(&key_log) as _),
        ..ClientConfig::new(trust_store.clone())
    };
    let (recorder, began, clock) = (Recorder::new(), Time::now(), SystemTime::now());
    let rng = settings.randomness.generator(Role::Client);
    let client = Client::new(Arc::new(config), name.clone(), settings.now, rng);
    let tap = Tap::new(socket, recorder.clone(), CLIENT, SERVER);
    let mut stream = Stream::new(client, tap);
    // RFC 9110 §7.2: the address as it was given, with brackets and port.
    let asked = ask(&mut stream, &recorder, "/", address);

    let (transcript, omitted) = recorded(&recorder);
    let asked = asked.err();
    let not_believed = asked.as_ref().and_then(stream::protocol_error).is_some_and(is_judgement);
    let failure = asked.map(|error| explain(&error, &transcript, CLIENT));
    let has_trust = !trusted.is_empty();
    let known = Known { key_log: key_log.entries(), server_key: None, trusted };
    let dissection = dissect(&transcript, &known);
    if dissection.handshake(SERVER, HandshakeType::SERVER_HELLO).is_none()
        && let Some(failure) = &failure
        && failure.kind != FailureKind::Refused
    {
        return Err(failure.clone());
    }
    let shown = dissection.certificates();
    let failure = failure.map(|failure| match shown.last() {
        Some(last) if !has_trust && not_believed => Failure {
            message: format!(
                "no CA is trusted without --ca FILE; for this server it takes the certificate of {}",
                escape(&last.issuer().to_string())
            ),
            ..failure
        },
        _ => failure,
    });
    let view = View {
        vantage: Vantage::Client(address.to_owned()),
        seed: None,
        judgements: if shown.is_empty() {
            Vec::new()
        } else {
            judgements(&shown, &trust_store, settings, Some(&name))
        },
        failure: failure.as_ref().map(|failure| failure.message.clone()),
        began: Some(clock),
        stolen: None,
        measured: None,
        omitted,
    };
    let recording = Recording { transcript, secrets: known.key_log, began };
    Ok(Told { report: tell(dissection, view), failure, recording })
}

/// Our server at an address of this machine.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    identity: Identity,
    settings: Settings,
}

impl Listener {
    /// Takes the address, and no other.
    ///
    /// # Errors
    /// If it is not to be had.
    pub fn bind(settings: Settings, address: &str, identity: Identity) -> Result<Self, Failure> {
        Ok(Self { listener: socket::listen(address)?, identity, settings })
    }

    /// The address, with the port that it has.
    ///
    /// # Errors
    /// If the machine does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves, several at a time, and hands each told connection to `tell`, one after the other, until
    /// that says that it is enough.
    ///
    /// # Errors
    /// If the machine gives no more connections.
    pub fn serve(self, mut tell: impl FnMut(Result<Told, Failure>) -> bool) -> io::Result<()> {
        let this = Arc::new(self);
        // Nothing is laid up for a reader who takes his time: whoever has something to tell waits.
        let (sender, receiver) = mpsc::sync_channel(0);
        let acceptor = Arc::clone(&this);
        std::thread::spawn(move || acceptor.accept(&sender));
        for told in receiver {
            if !tell(told?) {
                break;
            }
        }
        Ok(())
    }

    fn accept(self: &Arc<Self>, sender: &mpsc::SyncSender<io::Result<Result<Told, Failure>>>) {
        let busy = Arc::new(AtomicUsize::new(0));
        let mut failures = 0;
        loop {
            let (socket, peer) = match self.listener.accept() {
                Ok(accepted) => accepted,
                // The one who knocked is gone again.
                Err(error)
                    if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) =>
                {
                    continue;
                }
                // No room for another just now, perhaps; a machine that never has any is given up.
                Err(_) if failures < ACCEPT_FAILURES => {
                    failures += 1;
                    std::thread::sleep(Duration::from_millis(100));
                    continue;
                }
                Err(error) => return drop(sender.send(Err(error))),
            };
            failures = 0;
            if busy.fetch_add(1, Ordering::SeqCst) >= CONNECTIONS {
                busy.fetch_sub(1, Ordering::SeqCst);
                continue;
            }
            let (this, sender, busy) = (Arc::clone(self), sender.clone(), Arc::clone(&busy));
            std::thread::spawn(move || {
                // Whoever listened for it may have had enough.
                let _ = sender.send(Ok(this.one(socket, peer)));
                busy.fetch_sub(1, Ordering::SeqCst);
            });
        }
    }

    fn one(&self, socket: TcpStream, peer: SocketAddr) -> Result<Told, Failure> {
        let key_log = Arc::new(Collected::default());
        let mut config = self.identity.config(&self.settings);
        config.key_log = Some(Arc::clone(&key_log) as _);
        let (recorder, began, clock) = (Recorder::new(), Time::now(), SystemTime::now());
        let server = Server::new(Arc::new(config), self.settings.randomness.generator(Role::Server));
        let tap = Tap::new(Patient::new(socket), recorder.clone(), SERVER, CLIENT);
        let mut stream = Stream::new(server, tap);
        let answered = answer_recorded(&mut stream, &self.settings.say, &recorder);

        let (transcript, omitted) = recorded(&recorder);
        let failure = answered.err().map(|error| explain(&error, &transcript, SERVER));
        let trusted = self.identity.authority.iter().cloned().collect();
        let known = Known { key_log: key_log.entries(), server_key: Some(self.identity.pkcs1()), trusted };
        let dissection = dissect(&transcript, &known);
        let hello = dissection.handshake(CLIENT, HandshakeType::CLIENT_HELLO);
        if let (None, Some(failure)) = (hello, &failure) {
            return Err(Failure { message: format!("{peer}: {}", failure.message), ..failure.clone() });
        }
        let view = View {
            vantage: Vantage::Server(peer.to_string()),
            seed: None,
            judgements: Vec::new(),
            failure: failure.as_ref().map(|failure| failure.message.clone()),
            began: Some(clock),
            stolen: steal(&transcript, &self.identity),
            measured: None,
            omitted,
        };
        let recording = Recording { transcript, secrets: known.key_log, began };
        Ok(Told { report: tell(dissection, view), failure, recording })
    }
}

/// The client's part: handshake, request, answer, farewell.
fn ask(
    stream: &mut Stream<Client, Tap<impl Read + Write>>,
    recorder: &Recorder,
    path: &str,
    host: &str,
) -> io::Result<Established> {
    let established = stream.handshake()?;
    recorder.handshake_is_over();
    // One write is one record.
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    let read = Read::take(&mut *stream, LONGEST_TALK as u64).read_to_end(&mut answer);
    match read {
        // There may be no end to it: we say goodbye, and do not wait for the other's.
        Ok(length) if length == LONGEST_TALK => stream.send_close_notify()?,
        Ok(_) => stream.close()?,
        // Some servers end without a farewell; what they said until then was said.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof && !answer.is_empty() => {}
        Err(error) => return Err(error),
    }
    Ok(established)
}

/// The server's part: handshake, request, the page, farewell.
fn answer(stream: &mut Stream<Server, impl Read + Write>, say: &str) -> io::Result<Established> {
    let established = stream.handshake()?;
    serve_page(stream, say)?;
    Ok(established)
}

fn answer_recorded(
    stream: &mut Stream<Server, impl Read + Write>,
    say: &str,
    recorder: &Recorder,
) -> io::Result<()> {
    stream.handshake()?;
    recorder.handshake_is_over();
    serve_page(stream, say)
}

fn serve_page(stream: &mut Stream<Server, impl Read + Write>, say: &str) -> io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|four| four == b"\r\n\r\n") && request.len() < 16 * 1024 {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            n => request.extend_from_slice(&buffer[..n]),
        }
    }
    let length = say.len() + 1;
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close";
    stream.write_all(format!("{head}\r\nContent-Length: {length}\r\n\r\n{say}\n").as_bytes())?;
    stream.close()
}

/// What was recorded, and how many bytes were said after that.
fn recorded(recorder: &Recorder) -> (Transcript, u64) {
    whole_records(recorder.transcript())
}

/// A recording that was full without the record that it cut, and how many bytes it lacks.
pub(in crate::story) fn whole_records(mut transcript: Transcript) -> (Transcript, u64) {
    for party in [CLIENT, SERVER] {
        let Some(at) = transcript.omitted.iter().position(|(by, _)| *by == party) else { continue };
        let said = transcript.said_by(party);
        let mut whole = 0;
        while let Some(&[_, _, _, high, low]) = said.get(whole..whole + record::HEADER) {
            let next = whole + record::HEADER + usize::from(u16::from_be_bytes([high, low]));
            if next > said.len() {
                break;
            }
            whole = next;
        }
        let mut room = whole;
        for chunk in transcript.chunks.iter_mut().filter(|chunk| chunk.from == party) {
            chunk.bytes.truncate(room);
            room -= chunk.bytes.len();
        }
        transcript.omitted[at].1 += (said.len() - whole) as u64;
    }
    transcript.chunks.retain(|chunk| !chunk.bytes.is_empty());
    let omitted = transcript.omitted.iter().map(|(_, count)| count).sum();
    (transcript, omitted)
}

/// Whether it was we who did not believe the other's certificate.
fn is_judgement(error: &Error) -> bool {
    matches!(error, Error::Certificate(_))
}

/// What Eve does next year: opens her recording with the stolen key, and reads the page.
fn steal(transcript: &Transcript, identity: &Identity) -> Option<String> {
    let known = Known { server_key: Some(identity.pkcs1()), ..Known::default() };
    let opened = dissect(transcript, &known);
    let said = opened
        .events
        .iter()
        .filter(|event| event.from == SERVER && event.content == Content::ApplicationData);
    let text: Vec<u8> = said.flat_map(|event| opened.layers.bytes(&event.message)).copied().collect();
    let text = String::from_utf8_lossy(&text);
    let (_, page) = text.split_once("\r\n\r\n")?;
    Some(page.trim_end().to_owned())
}

/// The five questions, each with its answer.
fn judgements(
    chain: &[Certificate],
    trusted: &TrustStore,
    settings: &Settings,
    name: Option<&ServerName>,
) -> Vec<Judgement> {
    let answers = validation::explain(chain, trusted, settings.now, Usage::ServerAuth, name);
    answers.map_or_else(|_| Vec::new(), Vec::from)
}
