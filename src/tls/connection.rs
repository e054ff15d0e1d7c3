//! What client and server have in common: bytes in, bytes out, plaintext between.
//!
//! A connection holds no socket. [`Connection::receive`] takes what the network gave,
//! [`Connection::take_outgoing`] gives what the network shall take, and typed [`Event`]s tell what
//! happened. [`Stream`](crate::tls::Stream) joins all that to a socket.

use std::collections::VecDeque;

use rand::CryptoRng;

use crate::pki::certificate::Certificate;
use crate::tls::alert::{Alert, AlertDescription, AlertLevel};
use crate::tls::channel::{Channel, Received};
use crate::tls::error::Error;
use crate::tls::record::ContentType;
use crate::tls::suite::CipherSuite;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The handshake is over, and application data may flow.
    Established(Established),
    /// The other side warned.
    Warning(Alert),
    /// The other side will say no more (close_notify); we have answered in kind.
    Closed,
}

/// What a handshake agreed on.
#[derive(Clone, Debug, PartialEq)]
pub struct Established {
    /// The suite.
    pub suite: CipherSuite,
    /// Whether the master secret hangs on the whole handshake (RFC 7627).
    pub extended_master_secret: bool,
    /// Whether the other side knows secure renegotiation (RFC 5746).
    pub secure_renegotiation: bool,
    /// The name that the client asked for.
    pub server_name: Option<String>,
    /// The certificates that the other side showed, its own first; empty at a server.
    pub peer_certificates: Vec<Certificate>,
}

/// What every connection keeps, whatever its role and version.
#[derive(Debug)]
pub struct Core {
    pub(crate) channel: Channel,
    pub(crate) events: VecDeque<Event>,
    plaintext: Vec<u8>,
    read_until: usize,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Handshake,
    Open,
    /// The other side said close_notify, or we did.
    Closed {
        by_peer: bool,
    },
    /// It failed, or was closed before anything was agreed on.
    Failed,
}

impl Core {
    pub(crate) fn new(rng: impl CryptoRng + Send + 'static) -> Self {
        Self {
            channel: Channel::new(rng),
            events: VecDeque::new(),
            plaintext: Vec::new(),
            read_until: 0,
            phase: Phase::Handshake,
        }
    }

    pub(crate) fn established(&mut self, established: Established) {
        self.phase = Phase::Open;
        self.events.push_back(Event::Established(established));
    }

    fn waiting(&self) -> &[u8] {
        &self.plaintext[self.read_until..]
    }
}

/// One end of a TLS connection, without a socket.
pub trait Connection {
    /// What client and server keep alike.
    #[doc(hidden)]
    fn core(&self) -> &Core;

    /// What client and server keep alike, to be changed.
    #[doc(hidden)]
    fn core_mut(&mut self) -> &mut Core;

    /// A handshake message with its header and the hash of those before it.
    #[doc(hidden)]
    fn handle_message(&mut self, bytes: Vec<u8>, hash_before: Vec<u8>) -> Result<(), Error>;

    /// The other side changes its keys.
    #[doc(hidden)]
    fn handle_change_cipher_spec(&mut self) -> Result<(), Error>;

    /// What the present state waits for, in words.
    fn expects(&self) -> &'static str;

    /// Takes bytes from the network, and returns how many: it takes no more while plaintext waits to be
    /// read.
    ///
    /// # Errors
    /// Any [`Error`]; the alert for the other side is then among the outgoing bytes, and the connection
    /// is over.
    fn receive(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let result = take(self, bytes);
        if let Err(error) = &result {
            let core = self.core_mut();
            core.phase = Phase::Failed;
            if let Some(alert) = error.alert() {
                // If even the alert cannot be sealed, there is nothing left to say.
                let _ = core.channel.send(ContentType::ALERT, &alert.to_bytes());
            }
        }
        result
    }

    /// What shall be written to the network.
    fn take_outgoing(&mut self) -> Vec<u8> {
        self.core_mut().channel.take_outgoing()
    }

    /// Whether something shall be written to the network.
    fn has_outgoing(&self) -> bool {
        self.core().channel.has_outgoing()
    }

    /// The next thing that happened.
    fn next_event(&mut self) -> Option<Event> {
        self.core_mut().events.pop_front()
    }

    /// How many bytes of plaintext wait to be read: at most one record's.
    fn plaintext_waiting(&self) -> usize {
        self.core().waiting().len()
    }

    /// Moves plaintext into `buffer`, and returns how many bytes.
    fn read_plaintext(&mut self, buffer: &mut [u8]) -> usize {
        let core = self.core_mut();
        let n = buffer.len().min(core.waiting().len());
        buffer[..n].copy_from_slice(&core.waiting()[..n]);
        core.read_until += n;
        n
    }

    /// Seals application data; it is then among the outgoing bytes.
    ///
    /// # Errors
    /// [`Error::NotOpen`] before the handshake is over and after either side has closed.
    fn send(&mut self, plaintext: &[u8]) -> Result<(), Error> {
        let core = self.core_mut();
        if core.phase != Phase::Open {
            return Err(Error::NotOpen);
        }
        core.channel.send(ContentType::APPLICATION_DATA, plaintext)
    }

    /// Says that we will say no more (RFC 5246 §7.2.1). Saying so again does nothing.
    fn close(&mut self) {
        let core = self.core_mut();
        core.phase = match core.phase {
            // Nothing was agreed on, so nothing that still comes could be believed.
            Phase::Handshake => Phase::Failed,
            Phase::Open => Phase::Closed { by_peer: false },
            Phase::Closed { .. } | Phase::Failed => return,
        };
        let _ = core.channel.send(ContentType::ALERT, &Alert::CLOSE_NOTIFY.to_bytes());
    }

    /// Whether the handshake is over and neither side has closed.
    fn is_open(&self) -> bool {
        self.core().phase == Phase::Open
    }

    /// Whether the handshake is still under way.
    fn is_handshaking(&self) -> bool {
        self.core().phase == Phase::Handshake
    }

    /// Whether the other side said close_notify: all that it had to say has been received.
    fn peer_has_closed(&self) -> bool {
        matches!(self.core().phase, Phase::Closed { by_peer: true })
    }
}

fn take<C: Connection + ?Sized>(connection: &mut C, bytes: &[u8]) -> Result<usize, Error> {
    let mut taken = 0;
    loop {
        match connection.core().phase {
            Phase::Failed => return Err(Error::NotOpen),
            // After its close_notify nothing that the other side sends counts.
            Phase::Closed { by_peer: true } => return Ok(bytes.len()),
            _ if !connection.core().waiting().is_empty() => return Ok(taken),
            _ => {}
        }
        match connection.core_mut().channel.next()? {
            Some(received) => handle(connection, received)?,
            None if taken == bytes.len() => return Ok(taken),
            None => taken += connection.core_mut().channel.feed(&bytes[taken..])?,
        }
    }
}

fn handle<C: Connection + ?Sized>(connection: &mut C, received: Received) -> Result<(), Error> {
    match received {
        // Whoever said close_notify says nothing more, not even that it will not renegotiate.
        Received::Handshake { .. } if connection.core().phase == (Phase::Closed { by_peer: false }) => Ok(()),
        Received::Handshake { bytes, hash_before } => connection.handle_message(bytes, hash_before),
        Received::ChangeCipherSpec => connection.handle_change_cipher_spec(),
        Received::ApplicationData(plaintext) => {
            let expected = connection.expects();
            let core = connection.core_mut();
            if core.phase == Phase::Handshake {
                return Err(Error::Unexpected { expected, found: "application data".to_owned() });
            }
            core.plaintext = plaintext;
            core.read_until = 0;
            Ok(())
        }
        Received::Alert(alert) => handle_alert(connection, alert),
    }
}

fn handle_alert<C: Connection + ?Sized>(connection: &mut C, alert: Alert) -> Result<(), Error> {
    let expected = connection.expects();
    let core = connection.core_mut();
    match (alert.level, alert.description) {
        // It is answered in kind even before anything was agreed on (RFC 5246 §7.2.1).
        (_, AlertDescription::CLOSE_NOTIFY) if core.phase == Phase::Handshake => {
            core.channel.send(ContentType::ALERT, &Alert::CLOSE_NOTIFY.to_bytes())?;
            Err(Error::PeerAlert { alert, expected })
        }
        (_, AlertDescription::CLOSE_NOTIFY) => {
            if core.phase == Phase::Open {
                core.channel.send(ContentType::ALERT, &Alert::CLOSE_NOTIFY.to_bytes())?;
            }
            core.phase = Phase::Closed { by_peer: true };
            core.events.push_back(Event::Closed);
            Ok(())
        }
        (AlertLevel::WARNING, _) => {
            core.events.push_back(Event::Warning(alert));
            Ok(())
        }
        _ => Err(Error::PeerAlert { alert, expected }),
    }
}
