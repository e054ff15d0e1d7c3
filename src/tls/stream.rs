//! A connection on a blocking stream: the thin adapter between [`Connection`] and `Read + Write`.

use std::io::{self, ErrorKind, Read, Write};

use crate::tls::connection::{Connection, Established, Event};
use crate::tls::error::Error;
use crate::tls::record::MAX_PLAINTEXT;

/// A TLS connection on top of a stream of bytes.
///
/// A read returns 0 only after the other side said close_notify; an end without it is
/// [`ErrorKind::UnexpectedEof`], for an attacker can cut a TCP connection but cannot say close_notify.
/// An [`Error`] of the protocol comes as the inner error of an [`io::Error`], and its alert has been
/// sent by then.
#[derive(Debug)]
pub struct Stream<C: Connection, T: Read + Write> {
    connection: C,
    stream: T,
    /// Bytes from the network that the connection has not taken yet.
    pending: Vec<u8>,
}

impl<C: Connection, T: Read + Write> Stream<C, T> {
    /// A connection that will speak over `stream`. Nothing is sent yet.
    pub fn new(connection: C, stream: T) -> Self {
        Self { connection, stream, pending: Vec::new() }
    }

    /// The connection.
    pub fn connection(&self) -> &C {
        &self.connection
    }

    /// The stream below.
    pub fn get_ref(&self) -> &T {
        &self.stream
    }

    /// Runs the handshake to its end.
    ///
    /// # Errors
    /// Those of the stream, and any [`Error`].
    pub fn handshake(&mut self) -> io::Result<Established> {
        loop {
            self.send_outgoing()?;
            match self.connection.next_event() {
                Some(Event::Established(established)) => return Ok(established),
                Some(_) => {}
                None if self.connection.is_handshaking() => self.receive()?,
                None => return Err(to_io(Error::NotOpen)),
            }
        }
    }

    /// Says close_notify, and waits until the other side has said it too; what comes before that is
    /// dropped. If the other side just goes away, that is all right: nothing more was wanted from it.
    ///
    /// # Errors
    /// Those of the stream, and any [`Error`].
    pub fn close(&mut self) -> io::Result<()> {
        self.send_close_notify()?;
        let mut dropped = [0; MAX_PLAINTEXT];
        while !self.connection.peer_has_closed() {
            match self.read(&mut dropped) {
                Ok(_) => {}
                Err(error) if is_gone(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Says close_notify, and does not wait for the other side to say it too (RFC 5246 §7.2.1 asks
    /// nobody to).
    ///
    /// # Errors
    /// Those of the stream.
    pub fn send_close_notify(&mut self) -> io::Result<()> {
        self.connection.close();
        self.send_outgoing()
    }

    fn send_outgoing(&mut self) -> io::Result<()> {
        if self.connection.has_outgoing() {
            self.stream.write_all(&self.connection.take_outgoing())?;
            self.stream.flush()?;
        }
        Ok(())
    }

    /// Moves bytes from the network into the connection. An error's alert is sent before it is returned.
    fn receive(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            let mut buffer = [0; MAX_PLAINTEXT];
            let n = loop {
                match self.stream.read(&mut buffer) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    result => break result?,
                }
            };
            if n == 0 {
                let text = format!(
                    "the connection ended without close_notify, while {} was expected",
                    self.connection.expects()
                );
                return Err(io::Error::new(ErrorKind::UnexpectedEof, text));
            }
            self.pending.extend_from_slice(&buffer[..n]);
        }
        match self.connection.receive(&self.pending) {
            Ok(taken) => {
                self.pending.drain(..taken);
                self.send_outgoing()
            }
            Err(error) => {
                // The error is the news; if its alert cannot be delivered, that adds nothing.
                let _ = self.send_outgoing();
                Err(to_io(error))
            }
        }
    }
}

impl<C: Connection, T: Read + Write> Read for Stream<C, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.connection.read_plaintext(buffer);
            if n > 0 || buffer.is_empty() || self.connection.peer_has_closed() {
                return Ok(n);
            }
            // A client's first word may still be waiting.
            self.send_outgoing()?;
            self.receive()?;
        }
    }
}

impl<C: Connection, T: Read + Write> Write for Stream<C, T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(MAX_PLAINTEXT);
        self.connection.send(&bytes[..n]).map_err(to_io)?;
        self.send_outgoing()?;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send_outgoing()?;
        self.stream.flush()
    }
}

fn to_io(error: Error) -> io::Error {
    let kind = if matches!(error, Error::NotOpen) { ErrorKind::NotConnected } else { ErrorKind::InvalidData };
    io::Error::new(kind, error)
}

fn is_gone(error: &io::Error) -> bool {
    use ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, TimedOut, UnexpectedEof, WouldBlock,
    };
    matches!(
        error.kind(),
        UnexpectedEof
            | ConnectionReset
            | ConnectionAborted
            | BrokenPipe
            | NotConnected
            | TimedOut
            | WouldBlock
    )
}

/// The protocol's own error inside an [`io::Error`], if that is what it is.
#[must_use]
pub fn protocol_error(error: &io::Error) -> Option<&Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}
