//! What each side said, record by record.

use std::time::Duration;

use crate::tls::alert::Alert;
use crate::tls::dissect::fragments::read_handshake;
use crate::tls::dissect::{
    CLIENT, Content, Cut, Dissection, Event, Known, MAX_EVENTS, MAX_FIELDS, MAX_LAYERS, SERVER,
};
use crate::tls::message;
use crate::tls::protection::{cbc, gcm};
use crate::tls::record::{self, ContentType, Header};
use crate::tls::suite::{CipherSuite, Mode};
use crate::tls::v12::dissect::Direction;
use crate::tls::v12::key_schedule::Side;
use crate::wire::{LayerId, Moment, Party, Problem, ReadError, Reader, Span};

/// What one side said, on its way through the dissector.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Bytes that are no whole record yet.
    waiting: Vec<u8>,
    /// How many bytes came before those.
    offset: u64,
    /// Pieces of a handshake message that is not whole yet.
    pub(super) pieces: Vec<Span>,
    /// How many bytes they have together.
    pub(super) have: usize,
    /// The message's header, as far as it is there.
    pub(super) head: Vec<u8>,
    /// The records of those pieces.
    pub(super) records: Vec<Span>,
    /// Whether this side seals.
    sealed: bool,
    /// The number of its next sealed record.
    sequence: u64,
    /// Its keys, when they are known and in use.
    keys: Option<Direction>,
    /// Whether it stopped making sense.
    lost: bool,
}

/// Names what is said, as it comes.
pub(super) struct Dissector<'a> {
    pub(super) known: &'a Known,
    pub(super) out: Dissection,
    /// The client's side, and the server's.
    pub(super) streams: [Stream; 2],
    at: Duration,
    /// Where the server's certificates lie, until the client judges them.
    pub(super) unjudged: Option<(LayerId, usize)>,
    /// Whether a ClientKeyExchange was seen.
    pub(super) exchanged: bool,
}

impl<'a> Dissector<'a> {
    pub(super) fn new(known: &'a Known) -> Self {
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

    pub(super) fn chunk(&mut self, from: Party, at: Duration, bytes: &[u8]) {
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
        let mode = match suite {
            Some(_) => self.out.schedule.mode(&self.out.layers),
            None => Some(Mode::Gcm),
        };
        let read = |r: &mut Reader| r.group("TLSCiphertext", |r| read_ciphertext(r, mode));
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
                let content = |r: &mut Reader| {
                    match content_type {
                        ContentType::HANDSHAKE => pieces = read_handshake(r, needed, suite),
                        ContentType::ALERT => alert = Some(Alert::read(r)?),
                        ContentType::CHANGE_CIPHER_SPEC => drop(r.value::<u8>("change_cipher_spec")?),
                        _ => drop(r.rest("data")),
                    }
                    Ok(())
                };
                r.confined(fragment.range.len(), content)?;
                read_padding(r)
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
            let side = if from == CLIENT { Side::Client } else { Side::Server };
            let keys = self.out.schedule.direction(&self.out.layers, side);
            let stream = self.stream(from);
            (stream.sealed, stream.sequence, stream.keys) = (true, 0, keys);
            // A message that had begun ends here: nobody would take its rest under other keys.
            (stream.have, stream.head) = (0, Vec::new());
            stream.pieces.clear();
            stream.records.clear();
        }
    }

    pub(super) fn event(
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

    pub(super) fn tick(&mut self) {
        self.out.layers.now = Moment(self.out.layers.now.0 + 1);
    }

    /// What is left over at the end is the beginning of a record, or no record at all, or too much.
    pub(super) fn finish(mut self) -> Dissection {
        self.judge();
        let full = self.is_full();
        for from in [CLIENT, SERVER] {
            let stream = self.stream(from);
            let (bytes, offset) = (std::mem::take(&mut stream.waiting), stream.offset);
            if stream.have > 0 {
                let header = message::read_header(&mut Reader::new(&stream.head)).ok();
                let header = header.map(|(kind, length)| (kind, message::HEADER + length));
                let cut = Cut { from, came: stream.have, header };
                self.out.cut.push(cut);
            }
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

/// The parts of a sealed record; of one that is sealed otherwise there is only the whole.
fn read_ciphertext(r: &mut Reader, mode: Option<Mode>) -> Result<(), ReadError> {
    Header::read(r)?;
    match mode {
        Some(Mode::Gcm) => gcm::read(r),
        Some(Mode::Cbc) => cbc::read(r),
        None => {
            r.rest("fragment");
            Ok(())
        }
    }
}

/// What stands behind the content of an opened record: nothing, or the padding of CBC.
fn read_padding(r: &mut Reader) -> Result<(), ReadError> {
    if r.left() > 1 {
        r.bytes("padding", r.left() - 1)?;
    }
    if r.left() > 0 {
        r.value::<u8>("padding_length")?;
    }
    Ok(())
}
