//! Connections that do not wait for ever.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::story::tls_handshake::{Failure, FailureKind, PATIENCE};
use crate::wire::reader::escape;

/// How long a handshake and a request may take together.
const DEADLINE: Duration = Duration::from_secs(30);

/// A connection to `HOST:PORT`, at whichever of its addresses somebody answers.
pub(super) fn reach(address: &str) -> Result<TcpStream, Failure> {
    let addresses = address.to_socket_addrs().map_err(|error| {
        let kind =
            if error.kind() == ErrorKind::InvalidInput { FailureKind::Usage } else { FailureKind::Absent };
        Failure::new(kind, format!("{}: {error}", escape(address)))
    })?;
    let mut last = None;
    for candidate in addresses {
        match TcpStream::connect_timeout(&candidate, Duration::from_secs(PATIENCE)) {
            Ok(socket) => {
                let patience = Some(Duration::from_secs(PATIENCE));
                socket.set_read_timeout(patience).map_err(|e| Failure::io(address, &e))?;
                socket.set_write_timeout(patience).map_err(|e| Failure::io(address, &e))?;
                return Ok(socket);
            }
            Err(error) => last = Some(error),
        }
    }
    let error = last.unwrap_or_else(|| ErrorKind::NotFound.into());
    let fix = if error.kind() == ErrorKind::ConnectionRefused { " (is a server running there?)" } else { "" };
    Err(Failure::new(FailureKind::Absent, format!("{}: {error}{fix}", escape(address))))
}

/// A socket that waits only so long for the next byte, and only so long for all of them.
#[derive(Debug)]
pub(super) struct Patient {
    socket: TcpStream,
    until: Instant,
}

impl Patient {
    pub(super) fn new(socket: TcpStream) -> Self {
        Self { socket, until: Instant::now() + DEADLINE }
    }

    fn set_timeouts(&self) -> io::Result<()> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        let patience = left.min(Duration::from_secs(PATIENCE));
        self.socket.set_read_timeout(Some(patience))?;
        self.socket.set_write_timeout(Some(patience))
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.set_timeouts()?;
        self.socket.read(buffer)
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.set_timeouts()?;
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl Drop for Patient {
    fn drop(&mut self) {
        // What was sent last, an alert perhaps, shall not be lost because bytes came that nobody read.
        let _ = self.socket.shutdown(Shutdown::Write);
    }
}
