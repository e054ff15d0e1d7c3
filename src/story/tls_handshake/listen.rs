//! Our server, and somebody else's clients.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime};

use crate::pki::certificate::Certificate;
use crate::pki::time::Time;
use crate::report::Console;
use crate::story::tls_handshake::explain::explain;
use crate::story::tls_handshake::http::answer;
use crate::story::tls_handshake::recording::{Recording, steal, whole_records};
use crate::story::tls_handshake::socket::{self, Patient};
use crate::story::tls_handshake::tell::{Vantage, View, tell};
use crate::story::tls_handshake::{Audience, Failure, Identity, Settings, Stream as Role, Told, files};
use crate::tls::dissect::{CLIENT, Known, SERVER, dissect};
use crate::tls::key_log::Collected;
use crate::tls::message::HandshakeType;
use crate::tls::{Connection, Server, Stream};
use crate::wire::{Recorder, Tap};

/// How many connections a [`Listener`] speaks with at a time.
pub const CONNECTIONS: usize = 64;

/// How often in a row the machine may have no connection to give, a tenth of a second apart.
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
    let served = listener.serve(|told| {
        last = told.and_then(|told| audience.tell(told));
        if let (Err(failure), false) = (&last, once) {
            console.complain(failure);
        }
        !once
    });
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
        let answered = stream.handshake().and_then(|_| {
            recorder.handshake_is_over();
            answer(&mut stream, &self.settings.say)
        });

        let (transcript, omitted) = whole_records(recorder.transcript());
        let trusted = self.identity.authority.iter().cloned().collect();
        let known = Known { key_log: key_log.entries(), server_key: Some(self.identity.pkcs1()), trusted };
        let dissection = dissect(&transcript, &known);
        let expected = stream.connection().expects();
        let failure = answered.err().map(|error| explain(&error, &dissection, SERVER, expected));
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
