//! One TLS 1.2 handshake, run over a real connection and told as the six steps of the source document.
//!
//! [`local`] runs both ends, [`broken`] as well, with one deliberate fault. [`connect`] runs our client
//! against somebody else's server, [`listen`] our server for somebody else's clients. Whichever it is, a [`Tap`] records what crosses, the dissector
//! opens it, and the same telling makes a [`Report`] of it, which goes to an [`Audience`].

mod audience;
mod broken;
mod connect;
mod explain;
mod faults;
pub mod files;
mod http;
mod identity;
mod limits;
mod listen;
mod local;
mod measure;
pub(in crate::story) mod recording;
mod socket;
pub(in crate::story) mod tell;

use std::fmt;
use std::io;

use rand::CryptoRng;

use crate::pki::ServerName;
use crate::pki::certificate::Certificate;
use crate::pki::time::Time;
use crate::pki::trust_store::TrustStore;
use crate::pki::validation::{self, Check as Judgement, Usage};
use crate::report::Report;
use crate::symmetric::chacha20::Generator;
use crate::tls::CipherSuite;
#[cfg(doc)]
use crate::wire::Tap;
use crate::wire::reader::escape;

pub use audience::Audience;
pub use broken::broken;
pub use connect::connect;
pub use faults::{Defence, FAULTS, Fault, UnknownFault, Wish, list};
pub use identity::Identity;
pub use limits::{CONNECTIONS, DEADLINE, HANDSHAKE_BYTES, Limits};
pub use listen::{Listener, Overload, listen};
pub use local::local;
pub use recording::{Kept, Recording};
pub use tell::{EAVESDROPPER, MALLORY};

/// What the page says if nobody chooses.
pub const PAGE: &str = "attack at dawn";

/// How long the other side may be silent, in seconds.
pub const PATIENCE: u64 = 10;

/// Where random bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Randomness {
    /// From the operating system.
    #[cfg(feature = "os-random")]
    System,
    /// From a seed: every run the same, and so no secret at all.
    Seed(u64),
}

impl Randomness {
    /// A generator of one role. Each role has a stream of its own, so that what one draws does not
    /// change what another gets.
    fn generator(self, stream: Stream) -> Box<dyn CryptoRng + Send> {
        match self {
            #[cfg(feature = "os-random")]
            Self::System => Box::new(rand::rand_core::UnwrapErr(rand::rngs::SysRng)),
            Self::Seed(seed) => Box::new(Generator::new(seed, stream as u64)),
        }
    }

    /// The time of a run: a seed fixes that too, at the first second of 2026.
    fn now(self) -> Time {
        self.seed().map_or_else(Time::now, |_| Time::from_unix(1_767_225_600))
    }

    fn seed(self) -> Option<u64> {
        match self {
            #[cfg(feature = "os-random")]
            Self::System => None,
            Self::Seed(seed) => Some(seed),
        }
    }
}

/// Who draws random bytes.
#[derive(Clone, Copy, Debug)]
enum Stream {
    Authority,
    ServerKey,
    Client,
    Server,
    Measurement,
    Mallory,
}

/// How a run is made.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the page says.
    pub say: String,
    /// The suite to speak; the default ones if none is named.
    pub suite: Option<CipherSuite>,
    /// Where random bytes come from.
    pub randomness: Randomness,
    /// The time by which certificates are judged and made.
    pub now: Time,
}

impl Settings {
    /// The page that nobody chose, any suite, and the time that this randomness has.
    #[must_use]
    pub fn new(randomness: Randomness) -> Self {
        Self { say: PAGE.into(), suite: None, randomness, now: randomness.now() }
    }

    /// [`Self::new`] with a seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::new(Randomness::Seed(seed))
    }

    /// The five questions to a server's chain, each with its answer.
    fn judge(&self, chain: &[Certificate], trusted: &TrustStore, name: &ServerName) -> Vec<Judgement> {
        let answers = validation::explain(chain, trusted, self.now, Usage::ServerAuth, Some(name));
        answers.map_or_else(|_| Vec::new(), Vec::from)
    }

    fn suites(&self) -> Vec<CipherSuite> {
        self.suite.map_or_else(|| CipherSuite::DEFAULT.to_vec(), |suite| vec![suite])
    }
}

/// A run that can be told, and how it ended.
#[derive(Debug)]
pub struct Told {
    /// What happened.
    pub report: Report,
    /// Why the conversation failed, in a sentence or two with what would help; `None` if it did not.
    pub failure: Option<Failure>,
    /// The bytes and the secrets of it, for other tools.
    pub recording: Recording,
}

/// Why there is nothing to tell, or why what is told ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure: the exit code follows from it.
    pub kind: FailureKind,
    /// What happened, and what would mend it, in one sentence or two.
    pub message: String,
}

/// What kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The verdict is no, ours or the other side's.
    Refused,
    /// The command was used wrongly.
    Usage,
    /// A malformed file, or a peer that speaks something else.
    Malformed,
    /// No such file, an address in use, nobody there, or silence.
    Absent,
}

impl Failure {
    /// A failure of this kind.
    #[must_use]
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What this machine did not give us: a file, an address, an answer.
    #[must_use]
    pub fn io(what: &str, error: &io::Error) -> Self {
        let words = error.to_string();
        // The number that follows says no more than the words.
        let words = words.split(" (os error ").next().unwrap_or_default();
        Self::new(FailureKind::Absent, format!("{}: {words}", escape(what)))
    }

    /// The exit code of a program that fails so.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            FailureKind::Refused => 1,
            FailureKind::Usage => 2,
            FailureKind::Malformed => 3,
            FailureKind::Absent => 4,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
