//! What the handshake says, message by message, wherever its records cut it.

use crate::tls::dissect::fragments::{Piece, read_message};
use crate::tls::dissect::records::Dissector;
use crate::tls::dissect::signature::signature;
use crate::tls::dissect::{CLIENT, Content, Dissection, SERVER};
use crate::tls::finished::VERIFY_DATA;
use crate::tls::message::{self, HandshakeType};
use crate::wire::{LayerId, Party, Reader, Span};

impl Dissector<'_> {
    /// How many bytes of this fragment still belong to the message that began in an earlier record.
    pub(super) fn needed(&self, from: Party, fragment: &Span) -> usize {
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

    pub(super) fn handshake(
        &mut self,
        from: Party,
        record: &Span,
        layer: LayerId,
        pieces: Vec<Piece>,
        sealed: bool,
    ) {
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
                // Behind ChangeCipherSpec stands a Finished, and it has twelve bytes: that is no secret.
                if sealed && span.range.len() == message::HEADER + VERIFY_DATA {
                    layers.constant(span.layer.span(span.range.start..span.range.start + message::HEADER));
                }
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
    pub(super) fn judge(&mut self) {
        if let Some((layer, field)) = self.unjudged.take() {
            self.tick();
            self.out.signature = signature(&mut self.out.layers, layer, field, &self.known.trusted);
        }
    }
}
