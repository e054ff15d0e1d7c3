//! The window on TLS: from a recording to named bytes, opened as far as the known secrets reach.
//!
//! [`dissect`] is a pure function of a [`Transcript`] and of what is [`Known`]. It runs the protocol's
//! own decoders with recording on, and the protocol's own key schedule; each value that it derives is a
//! layer, and each link a computation that ran. It explains our own runs, runs with somebody else's
//! TLS, and what it cannot read it names as unread.

mod fragments;
mod signature;

use std::time::Duration;

use crate::pki::certificate::Certificate;
use crate::secret::SecretVec;
use crate::tls::alert::Alert;
use crate::tls::key_log::KeyLogEntry;
use crate::tls::message::{self, HandshakeType};
use crate::tls::protection::{EXPLICIT_NONCE, TAG};
use crate::tls::record::{self, ContentType, Header, ProtocolVersion};
use crate::tls::suite::CipherSuite;
use crate::tls::v12::dissect::{Direction, Schedule};
use crate::wire::{LayerId, Layers, Moment, Party, Problem, ReadError, Reader, Span, Transcript};

use fragments::{Piece, read_handshake, read_message};
pub use signature::Signature;
use signature::signature;

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

/// What one side said, on its way through the dissector.
#[derive(Debug, Default)]
struct Stream {
    /// Bytes that are no whole record yet.
    waiting: Vec<u8>,
    /// How many bytes came before those.
    offset: u64,
    /// Pieces of a handshake message that is not whole yet.
    pieces: Vec<Span>,
    /// How many bytes they have together.
    have: usize,
    /// The message's header, as far as it is there.
    head: Vec<u8>,
    /// The records of those pieces.
    records: Vec<Span>,
    /// Whether this side seals.
    sealed: bool,
    /// The number of its next sealed record.
    sequence: u64,
    /// Its keys, when they are known and in use.
    keys: Option<Direction>,
    /// Whether it stopped making sense.
    lost: bool,
}

struct Dissector<'a> {
    known: &'a Known,
    out: Dissection,
    /// The client's side, and the server's.
    streams: [Stream; 2],
    at: Duration,
    /// Where the server's certificates lie, until the client judges them.
    unjudged: Option<(LayerId, usize)>,
    /// Whether a ClientKeyExchange was seen.
    exchanged: bool,
}

impl<'a> Dissector<'a> {
    fn new(known: &'a Known) -> Self {
        let mut out = Dissection::default();
        if let Some(key) = &known.server_key {
            out.schedule.hold_private_key(&mut out.layers, SERVER, key);
        }
        let (streams, at) = (Default::default(), Duration::ZERO);
        Self { known, out, streams, at, unjudged: None, exchanged: false }
    }

    fn stream(&mut self, from: Party) -> &mut Stream {
        &mut self.streams[usize::from(from == SERVER)]
    }

    fn chunk(&mut self, from: Party, at: Duration, bytes: &[u8]) {
        self.at = at;
        let mut waiting = std::mem::take(&mut self.stream(from).waiting);
        waiting.extend_from_slice(bytes);
        let mut read = 0;
        while !self.is_full()
            && let Some((header, record)) = self.first_record(from, &waiting[read..])
        {
            read += record.len();
            let stream = self.stream(from);
            let offset = stream.offset;
            stream.offset += record.len() as u64;
            self.record(from, offset, header, record.to_vec());
        }
        waiting.drain(..read);
        self.stream(from).waiting = waiting;
    }

    /// Whether no more is named. One record adds little to that: it has at most 64 KiB.
    fn is_full(&self) -> bool {
        let Dissection { layers, events, .. } = &self.out;
        events.len() >= MAX_EVENTS || layers.count() >= MAX_LAYERS || layers.fields() >= MAX_FIELDS
    }

    /// The record with which `bytes` begin, if a whole one is there and this side still makes sense.
    fn first_record<'b>(&mut self, from: Party, bytes: &'b [u8]) -> Option<(Header, &'b [u8])> {
        let header = Header::read(&mut Reader::new(bytes)).ok()?;
        let stream = self.stream(from);
        stream.lost |= header.content_type.name().is_none() || header.version.0 >> 8 != 3;
        let record = bytes.get(..record::HEADER + usize::from(header.length))?;
        (!stream.lost).then_some((header, record))
    }

    fn record(&mut self, from: Party, offset: u64, header: Header, bytes: Vec<u8>) {
        self.tick();
        let length = bytes.len();
        let id = self.out.layers.heard(from, offset, "record", bytes);
        let record = id.span(0..length);
        let suite = self.out.cipher_suite();
        // In TLS 1.3 all is sealed that calls itself application data (RFC 8446 §5.2).
        let sealed = self.stream(from).sealed
            || header.content_type == ContentType::APPLICATION_DATA
                && suite.is_some_and(CipherSuite::is_tls_1_3);
        if !sealed {
            let fragment = id.span(record::HEADER..length);
            self.content(from, header.content_type, &record, &fragment, false);
            return;
        }
        let has_tag = suite.is_none_or(|suite| suite.opening().is_some());
        let read = |r: &mut Reader| r.group("TLSCiphertext", |r| read_ciphertext(r, has_tag));
        if self.out.layers.read(id, read).is_err() {
            return self.event(
                from,
                Content::Sealed(header.content_type),
                vec![record.clone()],
                record,
                0,
                true,
            );
        }
        let stream = self.stream(from);
        let sequence = stream.sequence;
        stream.sequence += 1;
        let keys = stream.keys.clone();
        let opened = keys.and_then(|keys| keys.open(&mut self.out.layers, id, sequence));
        match opened {
            Some(plaintext) => self.content(from, header.content_type, &record, &plaintext, true),
            None => {
                self.event(from, Content::Sealed(header.content_type), vec![record.clone()], record, 0, true)
            }
        }
    }

    /// The plaintext of one record: `fragment` is where it lies, in the record itself or in the layer
    /// that was opened from it.
    fn content(
        &mut self,
        from: Party,
        content_type: ContentType,
        record: &Span,
        fragment: &Span,
        sealed: bool,
    ) {
        let first = if sealed { "plaintext" } else { "TLSPlaintext" };
        let mut alert = None;
        let mut pieces = Vec::new();
        let needed = self.needed(from, fragment);
        let suite = self.out.cipher_suite();
        let read = |r: &mut Reader| {
            r.group(first, |r| {
                if !sealed {
                    Header::read(r)?;
                }
                match content_type {
                    ContentType::HANDSHAKE => pieces = read_handshake(r, needed, suite),
                    ContentType::ALERT => alert = Some(Alert::read(r)?),
                    ContentType::CHANGE_CIPHER_SPEC => drop(r.value::<u8>("change_cipher_spec")?),
                    _ => drop(r.rest("data")),
                }
                Ok(())
            })
        };
        let _ = self.out.layers.read(fragment.layer, read);
        let records = vec![record.clone()];
        let content = match content_type {
            ContentType::HANDSHAKE => return self.handshake(from, record, fragment.layer, pieces, sealed),
            ContentType::ALERT => alert.map(Content::Alert),
            ContentType::CHANGE_CIPHER_SPEC => Some(Content::ChangeCipherSpec),
            _ => Some(Content::ApplicationData),
        };
        self.event(from, content.unwrap_or(Content::Unread), records, fragment.clone(), 0, sealed);
        if content == Some(Content::ChangeCipherSpec) {
            // An earlier session was taken up again: there is no key exchange to wait for.
            if !std::mem::replace(&mut self.exchanged, true) {
                let Dissection { layers, schedule, .. } = &mut self.out;
                schedule.derive(layers, CLIENT, &self.known.key_log);
            }
            let keys = self.out.schedule.direction(from == CLIENT);
            let stream = self.stream(from);
            (stream.sealed, stream.sequence, stream.keys) = (true, 0, keys);
        }
    }

    /// How many bytes of this fragment still belong to the message that began in an earlier record.
    fn needed(&self, from: Party, fragment: &Span) -> usize {
        let stream = &self.streams[usize::from(from == SERVER)];
        if stream.pieces.is_empty() {
            return 0;
        }
        let head: Vec<u8> = stream
            .head
            .iter()
            .chain(self.out.layers.bytes(fragment))
            .take(message::HEADER)
            .copied()
            .collect();
        match message::read_header(&mut Reader::new(&head)) {
            Ok((_, length)) => {
                (message::HEADER + length).saturating_sub(stream.have).min(fragment.range.len())
            }
            Err(_) => fragment.range.len(),
        }
    }

    fn handshake(&mut self, from: Party, record: &Span, layer: LayerId, pieces: Vec<Piece>, sealed: bool) {
        for piece in pieces {
            let span = layer.span(piece.range);
            match piece.field {
                Some(field) => self.message(from, vec![record.clone()], span, field, sealed),
                None => self.piece(from, record, span, sealed),
            }
        }
    }

    /// A piece of a message. When it was the last, the message is read as a layer of its own.
    fn piece(&mut self, from: Party, record: &Span, span: Span, sealed: bool) {
        let stream = &mut self.streams[usize::from(from == SERVER)];
        let missing = message::HEADER - stream.head.len();
        stream.head.extend(self.out.layers.bytes(&span).iter().take(missing));
        stream.have += span.range.len();
        stream.pieces.push(span);
        stream.records.push(record.clone());
        let Ok((_, length)) = message::read_header(&mut Reader::new(&stream.head)) else { return };
        if stream.have < message::HEADER + length {
            return;
        }
        (stream.have, stream.head) = (0, Vec::new());
        let (pieces, records) = (std::mem::take(&mut stream.pieces), std::mem::take(&mut stream.records));
        let id = self.out.layers.joined("handshake message", pieces);
        let suite = self.out.cipher_suite();
        let _ = self.out.layers.read(id, |r| read_message(r, suite));
        let span = self.out.layers.whole(id);
        self.message(from, records, span, 0, sealed);
    }

    /// A whole handshake message: what it says goes into the key schedule.
    fn message(&mut self, from: Party, records: Vec<Span>, span: Span, field: usize, sealed: bool) {
        let kind = HandshakeType(self.out.layers.bytes(&span).first().copied().unwrap_or_default());
        self.event(from, Content::Handshake(kind), records, span.clone(), field, sealed);
        let Dissection { layers, schedule, .. } = &mut self.out;
        match kind {
            HandshakeType::CLIENT_HELLO => schedule.client_hello(layers, &span, field),
            HandshakeType::SERVER_HELLO => schedule.server_hello(layers, &span, field),
            HandshakeType::CERTIFICATE if from == SERVER => {
                schedule.certificate(layers, &span, field);
                self.unjudged = Some((span.layer, field));
            }
            HandshakeType::FINISHED => {
                schedule.finished(layers, from == CLIENT, &span, field);
                schedule.prove_private_key(layers, SERVER);
            }
            _ => {}
        }
        if kind != HandshakeType::HELLO_REQUEST {
            self.out.schedule.messages.push(span.clone());
        }
        if kind == HandshakeType::SERVER_HELLO_DONE {
            self.judge();
        }
        // Only the first can be in order, and each takes an operation with the private key.
        if kind == HandshakeType::CLIENT_KEY_EXCHANGE && !std::mem::replace(&mut self.exchanged, true) {
            // What the client made for it belongs to the same moment, what follows from it to the next.
            let Dissection { layers, schedule, .. } = &mut self.out;
            schedule.client_key_exchange(layers, CLIENT, &span, field, &self.known.key_log);
            self.tick();
            let Dissection { layers, schedule, .. } = &mut self.out;
            schedule.derive(layers, CLIENT, &self.known.key_log);
        }
    }

    /// The client, by itself, puts the certificate to the test.
    fn judge(&mut self) {
        if let Some((layer, field)) = self.unjudged.take() {
            self.tick();
            self.out.signature = signature(&mut self.out.layers, layer, field, &self.known.trusted);
        }
    }

    fn event(
        &mut self,
        from: Party,
        content: Content,
        records: Vec<Span>,
        message: Span,
        field: usize,
        sealed: bool,
    ) {
        let (at, moment) = (self.at, self.out.layers.now);
        self.out.events.push(Event { from, content, records, message, field, sealed, at, moment });
    }

    fn tick(&mut self) {
        self.out.layers.now = Moment(self.out.layers.now.0 + 1);
    }

    /// What is left over at the end is the beginning of a record, or no record at all, or too much.
    fn finish(mut self) -> Dissection {
        self.judge();
        let full = self.is_full();
        for from in [CLIENT, SERVER] {
            let stream = self.stream(from);
            let (bytes, offset) = (std::mem::take(&mut stream.waiting), stream.offset);
            if bytes.is_empty() {
                continue;
            }
            self.tick();
            let id = self.out.layers.heard(from, offset, "record", bytes);
            let read = |r: &mut Reader| {
                if full {
                    let reason = "behind as much as one dissection names".to_owned();
                    return Err(ReadError::new(0..r.left(), Problem::Refused(reason)));
                }
                r.group("TLSPlaintext", |r| {
                    let header = Header::read(r)?;
                    r.bytes("fragment", header.length.into()).map(drop)
                })
            };
            let _ = self.out.layers.read(id, read);
            let span = self.out.layers.whole(id);
            self.event(from, Content::Unread, vec![span.clone()], span, 0, false);
        }
        self.out
    }
}

/// RFC 5288 §3: the parts of a sealed record; of one that is sealed otherwise there is only the whole.
fn read_ciphertext(r: &mut Reader, has_tag: bool) -> Result<(), ReadError> {
    Header::read(r)?;
    if !has_tag {
        r.rest("fragment");
        return Ok(());
    }
    r.bytes("nonce_explicit", EXPLICIT_NONCE)?;
    let length = r.left().saturating_sub(TAG);
    r.bytes("ciphertext", length)?;
    r.bytes("tag", TAG).map(drop)
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
