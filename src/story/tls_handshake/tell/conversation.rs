//! The conversation for a drawing that has room for all of it: every message with all of its bytes.

use super::Teller;
use crate::report::{Spoken, Way};
use crate::tls::dissect::{CLIENT, Content, Event};
use crate::tls::record;
use crate::wire::Origin;

/// How many messages are told so. A handshake has nine, and a page that never ends is read by nobody.
const MOST: usize = 200;

impl Teller {
    pub(super) fn conversation(&self) -> Vec<Spoken> {
        self.events().into_iter().take(MOST).map(|(step, event)| self.spoken(step, event)).collect()
    }

    fn spoken(&self, step: u8, event: &Event) -> Spoken {
        let mut message = self.message(event);
        let origin = &self.layers().get(event.message.layer).origin;
        if let Origin::Joined(pieces) = origin {
            // It came in pieces: those records stand before it.
            let mut fields = Vec::new();
            for (record, piece) in event.records.iter().zip(pieces) {
                let head = if event.sealed { record.range.len() } else { record::HEADER };
                fields.push(record.layer.span(0..head));
                fields.push(piece.clone());
            }
            fields.push(event.message.clone());
            message.fields = fields;
        } else if !event.sealed && !message.fields.iter().any(|span| span.covers(&event.message)) {
            message.fields = vec![event.message.clone()];
        }
        let shares = !event.sealed && event.message.layer == message.title.layer;
        // There is room for the header as a whole, also where the story spells it out.
        if message.title.range == (0..1) {
            let layer = message.title.layer;
            let header = layer.span(0..record::HEADER.min(self.layers().get(layer).bytes().len()));
            message.fields.retain(|span| !header.covers(span));
            message.title = header;
        }
        let bytes = if shares {
            let header = if message.title.range.start == 0 { record::HEADER } else { 0 };
            event.message.range.len() + header.min(event.message.range.start)
        } else {
            event.records.iter().map(|record| record.range.len()).sum()
        };
        // A mere type is a name that nobody keeps to himself; what else there is was read from the bytes.
        let typed = !matches!(event.content, Content::Alert(_) | Content::ApplicationData);
        Spoken {
            step,
            way: if event.from == CLIENT { Way::Right } else { Way::Left },
            name: self.name(event),
            named_by: (!typed).then(|| event.message.clone()),
            sealed: event.sealed,
            bytes,
            keystream: if event.sealed { self.d.keystream(event) } else { None },
            message,
        }
    }
}
