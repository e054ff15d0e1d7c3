//! Connections that do not wait for ever.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::story::tls_handshake::limits::{Limits, Seconds};
use crate::story::tls_handshake::{Failure, FailureKind, PATIENCE};
use crate::wire::reader::escape;

/// The addresses that `HOST:PORT` stands for.
pub(super) fn addresses(address: &str) -> Result<Vec<SocketAddr>, Failure> {
    let unusable = || {
        let message = format!("“{}” is no HOST:PORT, as localhost:8443 or [::1]:8443 are", escape(address));
        Failure::new(FailureKind::Usage, message)
    };
    if address.starts_with(':') {
        return Err(unusable());
    }
    match address.to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) if error.kind() == ErrorKind::InvalidInput => Err(unusable()),
        Err(error) => Err(Failure::io(address, &error)),
    }
}

/// A connection to `HOST:PORT`, at whichever of its addresses somebody answers.
pub(super) fn reach(address: &str) -> Result<Patient, Failure> {
    let mut last = io::Error::from(ErrorKind::NotFound);
    for candidate in addresses(address)? {
        match TcpStream::connect_timeout(&candidate, Duration::from_secs(PATIENCE)) {
            Ok(socket) => return Ok(Patient::new(socket)),
            Err(error) => last = error,
        }
    }
    let mut failure = Failure::io(address, &last);
    if last.kind() == ErrorKind::ConnectionRefused {
        failure.message += ": is a server running there?";
    }
    Err(failure)
}

/// The address, and no other, to listen at.
pub(super) fn listen(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(addresses(address)?.as_slice()).map_err(|error| {
        let fix = match error.kind() {
            ErrorKind::AddrInUse => ": the port is in use; choose another, or port 0 for any that is free",
            ErrorKind::AddrNotAvailable => ": this machine has no such address; 127.0.0.1 it has",
            ErrorKind::PermissionDenied => ": not permitted; ports from 1024 on usually are",
            _ => return Failure::io(address, &error),
        };
        Failure::new(FailureKind::Absent, format!("{}{fix}", escape(address)))
    })
}

/// A socket that waits only so long for the next byte, and only so long for all of them, and takes only
/// so many until the handshake is over.
#[derive(Debug)]
pub(super) struct Patient {
    socket: TcpStream,
    silence: Duration,
    whole: Duration,
    until: Instant,
    most: usize,
    /// How many bytes may still come; `None` when there are no more to be counted.
    room: Cell<Option<usize>>,
}

impl Patient {
    /// To somebody to whom we went ourselves, and who may say as much as he likes.
    pub(super) fn new(socket: TcpStream) -> Self {
        Self::limited(socket, &Limits { handshake_bytes: usize::MAX, ..Limits::default() })
    }

    pub(super) fn limited(socket: TcpStream, limits: &Limits) -> Self {
        let Limits { silence, whole, handshake_bytes: most, .. } = *limits;
        Self { socket, silence, whole, until: Instant::now() + whole, most, room: Cell::new(Some(most)) }
    }

    /// From here on bytes are not counted: whoever reads them keeps few.
    pub(super) fn handshake_is_over(&self) {
        self.room.set(None);
    }

    fn set_timeouts(&self) -> io::Result<()> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.slow());
        }
        let patience = left.min(self.silence);
        self.socket.set_read_timeout(Some(patience))?;
        self.socket.set_write_timeout(Some(patience))
    }

    /// An error with words, where time is up.
    fn explain(&self, error: io::Error) -> io::Error {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut if Instant::now() >= self.until => self.slow(),
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                io::Error::new(ErrorKind::WouldBlock, format!("silent for {}", Seconds(self.silence)))
            }
            _ => error,
        }
    }

    fn slow(&self) -> io::Error {
        io::Error::new(ErrorKind::TimedOut, format!("it took more than {}", Seconds(self.whole)))
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.set_timeouts()?;
        let Some(room) = self.room.get() else {
            return self.socket.read(buffer).map_err(|error| self.explain(error));
        };
        if room == 0 {
            let text = format!("more than {} bytes came before the handshake was over", self.most);
            return Err(io::Error::new(ErrorKind::QuotaExceeded, text));
        }
        let length = room.min(buffer.len());
        let read = self.socket.read(&mut buffer[..length]).map_err(|error| self.explain(error))?;
        self.room.set(Some(room - read));
        Ok(read)
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.set_timeouts()?;
        self.socket.write(bytes).map_err(|error| self.explain(error))
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
