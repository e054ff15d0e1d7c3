//! An event as a message: a title row, then where its fields lie. Which of them are worth a line, the
//! glossary says.

use super::Teller;
use crate::report::{self, Message};
use crate::tls::CipherSuite;
use crate::tls::dissect::{Content, Event};
use crate::tls::message::HandshakeType;
use crate::tls::record::{self, ProtocolVersion};
use crate::wire::Span;

/// How many messages of one step are shown. A handshake has at most five.
pub(super) const MOST_MESSAGES: usize = 12;

impl Teller {
    /// Each event as a message: a title row, then where its fields lie. Nobody reads on for ever.
    pub(super) fn messages(&self, events: &[&Event]) -> Vec<Message> {
        events.iter().take(MOST_MESSAGES).map(|event| self.message(event)).collect()
    }

    pub(super) fn message(&self, event: &Event) -> Message {
        // Where a message is spread over several records, places are counted from the first of them.
        let record = event.records.first().expect("an event has a record");
        let in_place = event.message.layer == record.layer;
        // The record's header introduces the first message in it; a later one has only its own.
        let header = if in_place && event.message.range.start > record::HEADER {
            event.message.layer.span(event.message.range.start..event.message.range.start + 4)
        } else {
            record.layer.span(0..record::HEADER.min(record.range.len()))
        };
        let name = match event.content {
            // That it was not opened, the title row says beside it.
            Content::Sealed(kind) => kind.to_string(),
            _ => self.type_name(event),
        };
        let mut message = Message::new(name, record, &header);
        if event.records.len() > 1 {
            message = message.note(format!(
                "{} bytes in {} records",
                event.message.range.len(),
                event.records.len()
            ));
        }
        match event.content {
            Content::Handshake(HandshakeType::SERVER_HELLO_DONE) => message.note("your turn"),
            Content::ChangeCipherSpec => message,
            Content::Handshake(HandshakeType::CERTIFICATE) => self.certificate(message, event),
            Content::Handshake(HandshakeType::CLIENT_HELLO) => {
                // Only here the record's header is spelled out.
                let spelled = record.layer.span(1..record::HEADER);
                let message = Message { title: record.layer.span(0..1), ..message };
                self.hello(message.shows([spelled, event.message.clone()]), event)
            }
            Content::Sealed(_) if self.does_not_fit(event) => {
                let proof = ["TLSCiphertext.tag", "TLSCiphertext.MAC"];
                let tag = proof.iter().find_map(|label| self.layers().find(record.layer, label));
                let message = message.shows([event.message.clone()]);
                tag.map_or(message.clone(), |tag| {
                    message.means(&tag, format!("{} bytes: they do not fit", tag.range.len()))
                })
            }
            _ if event.sealed && !in_place => {
                let sealed = record.layer.span(record::HEADER..record.range.len());
                message.shows([sealed, self.with_padding(&event.message)])
            }
            _ => message.shows([event.message.clone()]),
        }
    }

    /// An opened message, with the padding of CBC that stands right behind it.
    fn with_padding(&self, message: &Span) -> Span {
        let layer = message.layer;
        let part = |label| self.layers().find(layer, label);
        let padding = part("plaintext.padding").or_else(|| part("plaintext.padding_length"));
        let follows = padding.is_some_and(|padding| padding.range.start == message.range.end);
        let end = if follows { self.layers().get(layer).bytes().len() } else { message.range.end };
        layer.span(message.range.start..end)
    }

    /// What kind of message an event is. Nothing that was sealed is quoted.
    fn type_name(&self, event: &Event) -> String {
        match event.content {
            Content::Alert(_) => "Alert".to_owned(),
            Content::ApplicationData => "application_data".to_owned(),
            _ => self.name(event),
        }
    }

    /// What crossed the wire, as data.
    pub(super) fn recorded_events(&self) -> Vec<report::Event> {
        let event = |event: &Event| report::Event {
            from: event.from,
            name: self.type_name(event),
            sealed: event.sealed,
            records: event.records.clone(),
            message: event.message.clone(),
            moment: event.moment,
            time: self.view.began.and_then(|began| began.checked_add(event.at)),
        };
        self.d.events.iter().map(event).collect()
    }

    /// What single fields of a ClientHello mean this time: its version may not be all that it speaks, and
    /// the last of its suites may be none, but a signal.
    fn hello(&self, mut message: Message, event: &Event) -> Message {
        let layer = event.message.layer;
        let place =
            |label| Some(layer.span(self.layers().find_below(layer, event.field, label)?.field().range()));
        // The first record is written under a version that every server knows (RFC 5246 §E.1).
        let written = event.records[0].layer.span(1..3);
        if let (Some(offered), [3, low]) = (place("client_version"), self.layers().bytes(&written))
            && self.layers().bytes(&offered) > &[3, *low][..]
        {
            let version = ProtocolVersion(u16::from_be_bytes([3, *low]));
            message = message.means(&written, format!("{version}: a lie for old servers"));
        }
        if let (Some(version), Some(_)) = (place("client_version"), place("supported_versions")) {
            message = message.means(&version, "TLS 1.2: see extension 43");
        }
        let Some(list) = self.layers().find_below(layer, event.field, "cipher_suites") else {
            return message;
        };
        let suites: Vec<_> = list.children().filter(|node| node.field().index.is_some()).collect();
        let (Some(second), Some(last)) = (suites.get(1), suites.last()) else { return message };
        let rest = layer.span(second.field().range().start..last.field().range().end);
        let signal = CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV.0.to_be_bytes();
        match self.layers().bytes(&rest).ends_with(&signal) {
            true if suites.len() == 2 => message.means(&rest, "no suite, but a signal"),
            true => message.means(&rest, "the last is a signal, no suite"),
            false => message,
        }
    }

    /// Of a chain, the server's own certificate is shown; the others are counted.
    fn certificate(&self, message: Message, event: &Event) -> Message {
        let layer = event.message.layer;
        let fields = &self.layers().get(layer).fields;
        let count =
            fields.node(event.field).descendants().filter(|node| node.field().label == "ASN.1Cert").count();
        let Some(first) = self.layers().find_below(layer, event.field, "ASN.1Cert") else {
            return message.shows([event.message.clone()]);
        };
        let first = layer.span(first.field().range());
        let all = event.message.range.len();
        match count {
            0 | 1 => message.shows([event.message.clone()]),
            _ => message.shows([first]).note(format!("{all} bytes, {count} certificates")),
        }
    }
}
