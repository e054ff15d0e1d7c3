//! The whole conversation at a glance: messages between two lines, the table of contents.

use std::collections::HashSet;

use super::Teller;
use crate::report::{Exchange, Ladder, Way};
use crate::tls::alert;
use crate::tls::dissect::{CLIENT, Content, Event};
use crate::wire::LayerId;

/// How many messages stand on one row of the ladder, and how many rows it has.
const MOST_IN_A_ROW: usize = 6;
const MOST_ROWS: usize = 24;

impl Teller {
    pub(super) fn ladder(&self) -> Ladder {
        let mut rows: Vec<Exchange> = Vec::new();
        let mut counted: HashSet<LayerId> = HashSet::new();
        let mut judged = false;
        for (step, event) in self.events() {
            if step >= 3 && !judged && self.judges() {
                judged = true;
                rows.push(self.question());
            }
            let fresh = event.records.iter().filter(|record| counted.insert(record.layer));
            let bytes = fresh.map(|record| record.range.len()).sum();
            let way = if event.from == CLIENT { Way::Right } else { Way::Left };
            let name = self.name(event);
            let closes = event.content == Content::Alert(alert::Alert::CLOSE_NOTIFY);
            let full = rows.len() == MOST_ROWS;
            match rows.last_mut() {
                // Each side's farewell on one row.
                Some(row) if closes && row.way != way && row.messages[0].0 == "close_notify" => {
                    row.way = Way::Both;
                    row.bytes += bytes;
                    row.messages = vec![("close_notify, from each".into(), event.sealed)];
                }
                Some(row) if (row.step, row.way) == (step, way) && !closes => {
                    row.bytes += bytes;
                    // A long answer is one message in many records.
                    let another = event.content != Content::ApplicationData || name != "application data";
                    if another && row.messages.len() < MOST_IN_A_ROW {
                        row.messages.push((name, event.sealed));
                    }
                }
                _ if full => {}
                _ => rows.push(Exchange { step, way, messages: vec![(name, event.sealed)], bytes }),
            }
        }
        if !judged && self.judges() {
            rows.push(self.question());
        }
        Ladder { left: "client".into(), right: "server".into(), rows }
    }

    fn question(&self) -> Exchange {
        let messages = vec![("is this certificate to be believed?".into(), false)];
        Exchange { step: 3, way: Way::Nowhere, messages, bytes: 0 }
    }

    /// What an event is called on the ladder.
    pub(super) fn name(&self, event: &Event) -> String {
        match event.content {
            Content::Handshake(kind) => kind.to_string(),
            Content::ChangeCipherSpec => "ChangeCipherSpec".into(),
            Content::Alert(alert)
                if event.sealed || alert.description != alert::AlertDescription::CLOSE_NOTIFY =>
            {
                if alert == alert::Alert::CLOSE_NOTIFY {
                    "close_notify".into()
                } else {
                    format!("Alert: {}", alert.description)
                }
            }
            Content::Alert(_) => "close_notify".into(),
            Content::ApplicationData => self.http_line(event).unwrap_or_else(|| "application data".into()),
            Content::Sealed(kind) => format!("{kind}, not opened"),
            Content::Unread => "unread bytes".into(),
        }
    }

    /// The essential of an HTTP message's first line: `GET /hello`, or `200 OK`.
    fn http_line(&self, event: &Event) -> Option<String> {
        let text =
            std::str::from_utf8(self.layers().bytes(&event.message).split(|&byte| byte == b'\r').next()?)
                .ok()?;
        let (first, rest) = text.split_once(' ')?;
        let line = if first.starts_with("HTTP/") {
            rest
        } else {
            text.strip_suffix(" HTTP/1.1").or(text.strip_suffix(" HTTP/1.0"))?
        };
        let line: String = line.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(40).collect();
        Some(line)
    }
}
