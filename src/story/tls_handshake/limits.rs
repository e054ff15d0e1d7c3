//! How much strangers may ask of our server: places, time, and bytes.

use std::fmt;
use std::time::Duration;

use crate::story::tls_handshake::PATIENCE;

/// How many connections a [`Listener`](crate::story::tls_handshake::Listener) speaks with at a time. With
/// the listening socket and the program's own files that is far below the 1024 which a process may
/// usually have open.
pub const CONNECTIONS: usize = 200;

/// How long a connection may take, handshake, request and farewell together, in seconds.
pub const DEADLINE: u64 = 30;

/// How many bytes the other side may send until the handshake is over. A ClientHello has some hundreds,
/// and a ClientKeyExchange with a key of 8192 bits a thousand.
pub const HANDSHAKE_BYTES: usize = 64 * 1024;

/// What a [`Listener`](crate::story::tls_handshake::Listener) gives to strangers. The default is stated in
/// `--help`.
///
/// ```
/// use std::time::Duration;
/// use cutaway::story::tls_handshake::Limits;
///
/// let limits = Limits { silence: Duration::from_secs(1), ..Limits::default() };
/// assert_eq!(limits.connections, 200);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many connections at a time. Whoever comes while all places are taken is refused at once.
    pub connections: usize,
    /// How many connections that are over may wait to be told. Those that end while so many wait are
    /// counted, and not told.
    pub untold: usize,
    /// How long the other side may say nothing, or take nothing of what is said to it.
    pub silence: Duration,
    /// How long a connection may take in all, however busy it is.
    pub whole: Duration,
    /// How many bytes the other side may send until the handshake is over.
    pub handshake_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS,
            untold: CONNECTIONS,
            silence: Duration::from_secs(PATIENCE),
            whole: Duration::from_secs(DEADLINE),
            handshake_bytes: HANDSHAKE_BYTES,
        }
    }
}

/// For `--help`.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (silence, whole) = (Seconds(self.silence), Seconds(self.whole));
        let (connections, kibibytes) = (self.connections, self.handshake_bytes / 1024);
        writeln!(
            f,
            "--listen speaks with {connections} clients at a time, and refuses more at once. It drops"
        )?;
        writeln!(f, "whoever is silent for {silence}, takes {whole} in all, or sends more than")?;
        write!(f, "{kibibytes} KiB before the handshake is over.")
    }
}

/// A time, as one says it.
pub(super) struct Seconds(pub(super) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        write!(f, "{seconds} second{}", if seconds == 1.0 { "" } else { "s" })
    }
}
