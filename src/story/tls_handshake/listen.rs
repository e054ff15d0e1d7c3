//! Our server, and somebody else's clients.
//!
//! Each connection has a thread of its own, and a place among a limited number. When it is over, the place
//! is free, and what was recorded goes to the desk, from which one connection after the other is opened and
//! told.

mod desk;

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::pki::certificate::Certificate;
use crate::pki::time::Time;
use crate::report::Console;
use crate::story::tls_handshake::explain::explain;
use crate::story::tls_handshake::http::answer;
use crate::story::tls_handshake::limits::Limits;
use crate::story::tls_handshake::listen::desk::{Desk, News};
use crate::story::tls_handshake::recording::{Recording, steal, whole_records};
use crate::story::tls_handshake::socket::{self, Patient};
use crate::story::tls_handshake::tell::{Vantage, View, tell};
use crate::story::tls_handshake::{Audience, Failure, Identity, Settings, Stream as Role, Told, files};
use crate::tls::dissect::{CLIENT, Known, SERVER, dissect};
use crate::tls::key_log::{Collected, KeyLogEntry};
use crate::tls::message::HandshakeType;
use crate::tls::{Connection, Server, Stream};
use crate::wire::{Recorder, Tap, Transcript};

pub use desk::Overload;

/// The stack of a connection's thread. It speaks the protocol, and no more: a handshake with a key of
/// 8192 bits is done in a quarter of it.
const STACK: usize = 512 * 1024;

/// How often in a row, with nobody there, the machine may have no connection to give, a tenth of a second
/// apart.
const ACCEPT_FAILURES: u32 = 100;

/// Serves at `address` and tells each connection to the audience, until interrupted, or `once`.
///
/// # Errors
/// If the address is not to be had; with `once` also if there is nothing to tell of the connection, or if
/// it failed.
pub fn listen(
    settings: Settings,
    address: &str,
    identity: Identity,
    once: bool,
    audience: &mut Audience,
) -> Result<(), Failure> {
    let authority = identity.authority().cloned();
    let listener = Listener::bind(settings, address, identity)?;
    let here = listener.address().map_err(|error| Failure::io(address, &error))?;
    let console = audience.console;
    console.remark(&format!("listening on {here}"));
    let _passing = authority.map(|authority| offer(&authority, here, once, console)).transpose()?;
    let mut last = Ok(());
    let tell = |told: Result<Told, Failure>| {
        last = told.and_then(|told| audience.tell(told));
        if let (Err(failure), false) = (&last, once) {
            console.complain(failure);
        }
        !once
    };
    let served = listener.serve_and_count(tell, |overload| console.complain(&overload));
    served.map_err(|error| Failure::io(address, &error))?;
    last
}

/// Lays the CA's certificate where a client can be given it. It goes with the one connection; a server
/// that is interrupted can tidy nothing up, and so says that it stays.
fn offer(
    authority: &Certificate,
    here: SocketAddr,
    once: bool,
    console: Console,
) -> Result<Option<files::Passing>, Failure> {
    let kept = files::keep(authority)?;
    let file = kept.display();
    let own = here.ip().is_loopback() || here.ip().is_unspecified();
    let place = if own { format!("localhost:{}", here.port()) } else { here.to_string() };
    let stays = if once { "until this one connection is over" } else { "and stays there" };
    console.remark(&format!(
        "the CA's certificate is in {file} {stays}; try: curl --cacert {file} https://{place}/"
    ));
    Ok(once.then(|| files::Passing(kept.clone())))
}

/// Our server at an address of this machine.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    serving: Serving,
}

/// What every connection needs.
#[derive(Debug)]
struct Serving {
    identity: Identity,
    settings: Settings,
    limits: Limits,
}

impl Listener {
    /// Takes the address, and no other.
    ///
    /// # Errors
    /// If it is not to be had.
    pub fn bind(settings: Settings, address: &str, identity: Identity) -> Result<Self, Failure> {
        let serving = Serving { identity, settings, limits: Limits::default() };
        Ok(Self { listener: socket::listen(address)?, serving })
    }

    /// The same with other limits.
    #[must_use]
    pub fn limited(mut self, limits: Limits) -> Self {
        self.serving.limits = limits;
        self
    }

    /// The address, with the port that it has.
    ///
    /// # Errors
    /// If the machine does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves, several at a time, and hands each connection that is over to `tell`, one after the other,
    /// until that says that it is enough. Connections that are under way then end within their limits.
    ///
    /// No connection waits for `tell`. While it takes its time [`Limits::untold`] others are kept for it.
    /// Of connections on which the client says nothing one is told, and the others of the next ten seconds
    /// are counted.
    ///
    /// # Errors
    /// If the machine gives no more connections.
    pub fn serve(self, tell: impl FnMut(Result<Told, Failure>) -> bool) -> io::Result<()> {
        self.serve_and_count(tell, drop)
    }

    /// [`Self::serve`], and hands to `overloaded` what was refused, will not be told or said nothing: the
    /// first of it at once, the rest in sums, ten seconds apart.
    ///
    /// # Errors
    /// If the machine gives no more connections.
    pub fn serve_and_count(
        self,
        mut tell: impl FnMut(Result<Told, Failure>) -> bool,
        mut overloaded: impl FnMut(Overload),
    ) -> io::Result<()> {
        let here = self.address()?;
        let serving = Arc::new(self.serving);
        let desk = Arc::new(Desk::new(serving.limits.untold));
        let door = Door { serving: Arc::clone(&serving), desk: Arc::clone(&desk), closed: Arc::default() };
        let closed = Arc::clone(&door.closed);
        thread::Builder::new().name("door".into()).spawn(move || door.open(&self.listener))?;
        loop {
            match desk.next()? {
                News::Overload(overload) => overloaded(overload),
                News::Over(over) => {
                    if !tell(serving.open(over)) {
                        break;
                    }
                }
            }
        }
        closed.store(true, Ordering::SeqCst);
        knock(here);
        Ok(())
    }
}

/// Whoever waits for a connection can be called away by one, and by nothing else.
fn knock(mut at: SocketAddr) {
    if at.ip().is_unspecified() {
        at.set_ip(if at.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    // If it fails the port is taken until somebody comes.
    let _ = TcpStream::connect_timeout(&at, Duration::from_secs(1));
}

/// Where connections come in.
struct Door {
    serving: Arc<Serving>,
    desk: Arc<Desk<Over>>,
    closed: Arc<AtomicBool>,
}

/// A place among those that there are. It is free again when this goes, however that comes about.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Door {
    fn open(&self, listener: &TcpListener) {
        let taken = Arc::new(AtomicUsize::new(0));
        let mut failures = 0;
        loop {
            let accepted = listener.accept();
            if self.closed.load(Ordering::SeqCst) {
                return;
            }
            match accepted {
                Ok((socket, peer)) => {
                    failures = 0;
                    if !self.admit(socket, peer, &taken) {
                        self.desk.refused();
                    }
                }
                // The one who knocked is gone again.
                Err(error)
                    if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
                // No room for another just now. Each connection ends, and gives back what it has; a machine
                // that has no room for the first is given up.
                Err(_) if failures < ACCEPT_FAILURES => {
                    failures += u32::from(taken.load(Ordering::SeqCst) == 0);
                    thread::sleep(Duration::from_millis(100));
                }
                Err(error) => return self.desk.end(error),
            }
        }
    }

    /// Whether there was a place for this connection. If not it is closed, and nothing of it was read.
    fn admit(&self, socket: TcpStream, peer: SocketAddr, taken: &Arc<AtomicUsize>) -> bool {
        let before = taken.fetch_add(1, Ordering::SeqCst);
        let place = Place(Arc::clone(taken));
        let (serving, desk) = (Arc::clone(&self.serving), Arc::clone(&self.desk));
        let thread = thread::Builder::new().name("connection".into()).stack_size(STACK);
        before < serving.limits.connections
            && thread
                .spawn(move || {
                    let over = serving.speak(socket, peer);
                    let silent = over.transcript.said_by(CLIENT).is_empty();
                    desk.put(over, silent);
                    drop(place);
                })
                .is_ok()
    }
}

/// A connection that is over, and not yet opened.
#[derive(Debug)]
struct Over {
    peer: SocketAddr,
    transcript: Transcript,
    secrets: Vec<KeyLogEntry>,
    ended: io::Result<()>,
    /// What was to come next.
    expected: &'static str,
    began: Time,
    clock: SystemTime,
}

impl Serving {
    /// Speaks with a client to the end.
    fn speak(&self, socket: TcpStream, peer: SocketAddr) -> Over {
        let key_log = Arc::new(Collected::default());
        let mut config = self.identity.config(&self.settings);
        config.key_log = Some(Arc::clone(&key_log) as _);
        let (recorder, began, clock) = (Recorder::new(), Time::now(), SystemTime::now());
        let server = Server::new(Arc::new(config), self.settings.randomness.generator(Role::Server));
        let tap = Tap::new(Patient::limited(socket, &self.limits), recorder.clone(), SERVER, CLIENT);
        let mut stream = Stream::new(server, tap);
        let ended = stream.handshake().and_then(|_| {
            recorder.handshake_is_over();
            stream.get_ref().get_ref().handshake_is_over();
            answer(&mut stream, &self.settings.say)
        });
        let (transcript, secrets) = (recorder.transcript(), key_log.entries());
        let expected = stream.connection().expects();
        Over { peer, transcript, secrets, ended, expected, began, clock }
    }

    /// Opens what was recorded.
    fn open(&self, over: Over) -> Result<Told, Failure> {
        let Over { peer, transcript, secrets, ended, expected, began, clock } = over;
        let (transcript, omitted) = whole_records(transcript);
        let trusted = self.identity.authority.iter().cloned().collect();
        let known = Known { key_log: secrets, server_key: Some(self.identity.pkcs1()), trusted };
        let dissection = dissect(&transcript, &known);
        let failure = ended.err().map(|error| explain(&error, &dissection, SERVER, expected));
        let hello = dissection.handshake(CLIENT, HandshakeType::CLIENT_HELLO);
        if let (None, Some(failure)) = (hello, &failure) {
            return Err(Failure { message: format!("{peer}: {}", failure.message), ..failure.clone() });
        }
        let view = View {
            failure: failure.as_ref().map(|failure| failure.message.clone()),
            began: Some(clock),
            stolen: steal(&transcript, &self.identity),
            omitted,
            ..View::of(Vantage::Server(peer.to_string()))
        };
        let recording = Recording { transcript, secrets: known.key_log, began };
        Ok(Told { report: tell(dissection, view), failure, recording })
    }
}
