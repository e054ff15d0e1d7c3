//! The window on TLS: from a recording to named bytes, opened as far as the known secrets reach.
//!
//! [`dissect`] is a pure function of a [`Transcript`] and of what is [`Known`]. It runs the protocol's
//! own decoders with recording on, and the protocol's own key schedule; each value that it derives is a
//! layer, and each link a computation that ran. It explains our own runs, runs with somebody else's
//! TLS, and what it cannot read it names as unread.

mod fragments;
mod messages;
mod records;
mod signature;

use std::time::Duration;

use crate::pki::certificate::Certificate;
use crate::secret::SecretVec;
use crate::tls::alert::Alert;
use crate::tls::key_log::KeyLogEntry;
use crate::tls::message::HandshakeType;
use crate::tls::record::{ContentType, ProtocolVersion};
use crate::tls::suite::CipherSuite;
use crate::tls::v12::dissect::Schedule;
use crate::wire::{Layers, Moment, Party, Span, Transcript};

use records::Dissector;
pub use signature::Signature;

/// The one who began.
pub const CLIENT: Party = Party("client");

/// The one who answered.
pub const SERVER: Party = Party("server");

/// How many events, layers and fields a dissection has at the most. A recording that would take more is
/// read that far, and named as unread from there on: what somebody sent can be large, and its names a
/// hundred times as large.
pub const MAX_EVENTS: usize = 1 << 16;
/// How many layers: see [`MAX_EVENTS`].
pub const MAX_LAYERS: usize = 1 << 18;
/// How many fields: see [`MAX_EVENTS`].
pub const MAX_FIELDS: usize = 1 << 20;

/// What is known besides the recording.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Secrets that either side logged.
    pub key_log: Vec<KeyLogEntry>,
    /// The server's private key, as PKCS#1 has it.
    pub server_key: Option<SecretVec>,
    /// Certificates that the client trusts.
    pub trusted: Vec<Certificate>,
}

/// A recording, opened.
#[derive(Debug, Default)]
pub struct Dissection {
    /// All bytes, with their names and origins.
    pub layers: Layers,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Handshake messages whose end did not come, though records with their beginning did.
    pub cut: Vec<Cut>,
    /// The values of the key schedule, as far as they are known.
    pub schedule: Schedule,
    /// What the signature on the server's certificate comes to.
    pub signature: Option<Signature>,
}

/// Something that crossed the wire.
#[derive(Clone, Debug)]
pub struct Event {
    /// Who said it.
    pub from: Party,
    /// What it is.
    pub content: Content,
    /// The records that carried it.
    pub records: Vec<Span>,
    /// Its own bytes, opened where it was sealed.
    pub message: Span,
    /// The id of its outermost field in the layer of `message`.
    pub field: usize,
    /// Whether it was sealed on the wire.
    pub sealed: bool,
    /// When its last byte was seen, counted from the start of the recording.
    pub at: Duration,
    /// Its place in the order of events.
    pub moment: Moment,
}

/// A handshake message without its end: at most one of each side, behind all that it said whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Who said it.
    pub from: Party,
    /// How many bytes of it came in whole records.
    pub came: usize,
    /// What it is, and how many bytes it has in all, if its header is there.
    pub header: Option<(HandshakeType, usize)>,
}

/// What an [`Event`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A handshake message.
    Handshake(HandshakeType),
    /// New keys from here on.
    ChangeCipherSpec,
    /// A warning, or the end.
    Alert(Alert),
    /// What the application said.
    ApplicationData,
    /// A sealed record that could not be opened.
    Sealed(ContentType),
    /// Bytes that are no record, or only the beginning of one.
    Unread,
}

/// Opens a recording as far as what is known reaches. It never fails: what cannot be read is named so.
#[must_use]
pub fn dissect(transcript: &Transcript, known: &Known) -> Dissection {
    let mut dissector = Dissector::new(known);
    for chunk in &transcript.chunks {
        dissector.chunk(chunk.from, chunk.at, &chunk.bytes);
    }
    dissector.finish()
}

impl Dissection {
    /// The first event with this content, said by `from`.
    #[must_use]
    pub fn find(&self, from: Party, content: Content) -> Option<&Event> {
        self.events.iter().find(|event| event.from == from && event.content == content)
    }

    /// The first handshake message of this type, said by `from`.
    #[must_use]
    pub fn handshake(&self, from: Party, kind: HandshakeType) -> Option<&Event> {
        self.find(from, Content::Handshake(kind))
    }

    /// The certificates that the server showed, as far as they can be read.
    #[must_use]
    pub fn certificates(&self) -> Vec<Certificate> {
        let Some(event) = self.handshake(SERVER, HandshakeType::CERTIFICATE) else { return Vec::new() };
        let node = self.layers.get(event.message.layer).fields.node(event.field);
        let certificates = node.descendants().filter(|node| node.field().label == "certificate");
        let bytes =
            certificates.map(|node| self.layers.bytes(&event.message.layer.span(node.field().range())));
        bytes.filter_map(|der| Certificate::from_der(der).ok()).collect()
    }

    /// The keystream that hid a sealed event's plaintext, byte for byte.
    #[must_use]
    pub fn keystream(&self, event: &Event) -> Option<Span> {
        let users = self.layers.made_from(&event.message).flat_map(|input| self.layers.used_in(input));
        let keystreams = users.filter(|&user| self.layers.get(user).name == "keystream");
        keystreams.map(|id| self.layers.whole(id)).find(|keystream| {
            // The key is an input of every keystream of its direction; the nonce is this one's alone.
            let nonce = |span: &Span| self.layers.get(span.layer).name == "nonce";
            let mut ours = self.layers.made_from(&event.message).filter(|span| nonce(span));
            ours.any(|ours| self.layers.made_from(keystream).any(|theirs| theirs == ours))
        })
    }

    /// The suite that the server picked.
    #[must_use]
    pub fn cipher_suite(&self) -> Option<CipherSuite> {
        let bytes = self.layers.bytes(self.schedule.cipher_suite.as_ref()?);
        Some(CipherSuite(u16::from_be_bytes(bytes.try_into().ok()?)))
    }

    /// The version that the server picked.
    #[must_use]
    pub fn version(&self) -> Option<ProtocolVersion> {
        let event = self.handshake(SERVER, HandshakeType::SERVER_HELLO)?;
        let node = self.layers.find_below(event.message.layer, event.field, "server_version")?;
        let bytes = self.layers.bytes(&event.message.layer.span(node.field().range()));
        Some(ProtocolVersion(u16::from_be_bytes(bytes.try_into().ok()?)))
    }
}
