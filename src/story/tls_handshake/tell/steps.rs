//! The six steps of the source document. A step that did not happen is not told.

use super::messages::MOST_MESSAGES;
use super::{Exchange, Sealing, Teller, Vantage};
use crate::pki::validation::{Answer, Candidate, Check as Judgement, Question, ValidationError};
use crate::report::{Check, KnowsNow, Message, Outcome, Phrase, Show, Step, Under, Value};
use crate::story::claims;
use crate::tls::dissect::{CLIENT, Content, Event, SERVER};
use crate::tls::message::HandshakeType;
use crate::tls::record::{self, ContentType};
use crate::wire::{Moment, Span};

/// How many bytes of the page are shown as text.
const MOST_OF_A_PAGE: usize = 320;

/// The paths that were tried, each with the rule that it broke.
fn tried(refusal: &ValidationError) -> Vec<Show> {
    let candidates = refusal.candidates();
    let section = |candidate: &Candidate| candidate.broke.section();
    let lines = match candidates {
        // Its rule is the answer above.
        [one] => format!("The path that was tried: {} ({})", one.way(), section(one)),
        many => {
            let of = many.len() + refusal.untold();
            let path = |(i, one): (usize, &Candidate)| {
                format!("Path {} of {of}: {}\n{} ({})", i + 1, one.way(), one.broke, section(one))
            };
            many.iter().enumerate().map(path).collect::<Vec<_>>().join("\n")
        }
    };
    vec![Show::Gap, Show::Prose(lines)]
}

impl Teller {
    pub(super) fn steps(&self) -> Vec<Step> {
        let events = self.events();
        let of = |step: u8| {
            let told = events.iter().filter(|(of, event)| *of == step && !self.is_refusal(event));
            told.map(|(_, event)| *event).collect::<Vec<_>>()
        };
        let last = |events: &[&Event]| events.iter().map(|event| event.moment).max();
        let mut steps = Vec::new();
        for number in 1..=6 {
            let events = of(number);
            let mut step = match number {
                1 if !events.is_empty() => self.client_hello(&events),
                2 if !events.is_empty() => self.server_hello(&events),
                3 if self.judges() => self.validation(&events),
                4 if !events.is_empty() => self.premaster_secret(&events),
                5 if !events.is_empty() => self.session_transition(&events),
                6 if !events.is_empty() => self.symmetric_tunnel(&events),
                _ => continue,
            };
            if number < 6 && events.len() > MOST_MESSAGES {
                let more =
                    format!("{} more messages of this step are not shown.", events.len() - MOST_MESSAGES);
                step.shows.push(Show::Prose(more));
            }
            let before: Moment = steps.last().map_or(Moment(0), |step: &Step| step.until);
            // The client judges in a moment of its own, behind the server's last word.
            let judged = if number == 3 { Moment(before.0 + 1) } else { before };
            let until = last(&events).map_or(judged, |last| last.max(judged));
            steps.push(Step { number, until, ..step });
        }
        if let Some(step) = steps.last_mut() {
            step.until = step.until.max(self.layers().now);
        }
        self.in_short(steps)
    }

    fn client_hello(&self, events: &[&Event]) -> Step {
        let shows = self.messages(events).into_iter().map(Show::Message).collect();
        Step {
            title: "Client Hello".into(),
            who: "client → server".into(),
            prose: "The client says what it can do, and adds 32 random bytes, so that this handshake is unlike any \
                    other. Nothing here is secret."
                .into(),
            shows,
            claims: vec![&claims::CLIENT_HELLO],
            ..Step::default()
        }
    }

    fn server_hello(&self, events: &[&Event]) -> Step {
        let shows = self.messages(events).into_iter().map(Show::Message).collect();
        Step {
            title: "Server Hello + Certificate".into(),
            who: "client ← server".into(),
            prose: match self.exchange() {
                Exchange::Tls13 => {
                    "The server picks one suite, and adds 32 random bytes of its own and its half of a Diffie-Hellman \
                     exchange. From here on all is sealed: TLS 1.3 does not show its certificate to those who listen."
                }
                _ if self.judges() => {
                    "The server picks one suite, adds 32 random bytes of its own, and shows its certificate: a name \
                     and a public key, signed by a CA."
                }
                Exchange::Resumed => {
                    "The server picks one suite, and adds 32 random bytes of its own. It shows no certificate: the \
                     client has seen it in an earlier session, and the two take that up again."
                }
                _ => {
                    "The server picks one suite, and adds 32 random bytes of its own. A certificate is not in what \
                     was recorded."
                }
            }
            .into(),
            shows,
            claims: match self.exchange() {
                Exchange::Tls13 => vec![&claims::SERVER_HELLO_TLS_1_3],
                _ if self.judges() => vec![&claims::SERVER_HELLO],
                _ => Vec::new(),
            },
            ..Step::default()
        }
    }

    fn validation(&self, events: &[&Event]) -> Step {
        let mut shows: Vec<Show> =
            self.view.judgements.iter().map(|judgement| self.check(judgement)).collect();
        shows.extend(
            self.view.judgements.iter().filter_map(|judgement| judgement.refusal.as_ref()).flat_map(tried),
        );
        if shows.is_empty() {
            shows.push(Show::Prose(
                "The client was not ours: what it asked of the certificate, it did not say.".into(),
            ));
        }
        if !events.is_empty() {
            shows.push(Show::Gap);
            shows.extend(self.messages(events).into_iter().map(Show::Message));
        }
        let believed = self.d.handshake(CLIENT, HandshakeType::CLIENT_KEY_EXCHANGE).is_some();
        // Another's client does not give its reason; but it says no in this step, if it does.
        let refused = match self.view.judgements.as_slice() {
            [] => !events.is_empty(),
            judgements => judgements.iter().any(|judgement| judgement.answer == Answer::Fails),
        };
        let sentence = if believed && self.view.judgements.is_empty() {
            "Nobody learned a byte. The client went on: it believes the key, or did not ask."
        } else if believed {
            "Nobody learned a byte. The client now believes the key."
        } else if refused {
            "Nobody learned a byte. The client does not believe the key, and stops here."
        } else if matches!(self.view.vantage, Vantage::Elsewhere { .. }) {
            "Nobody learned a byte. What the client thought of it, the recording does not say."
        } else {
            "Nobody learned a byte. Nothing was said against the key, and yet it ended here."
        };
        Step {
            title: "Validation".into(),
            who: "client, by itself".into(),
            prose: "Anyone can send a certificate. The client puts five questions to this one, and believes only \
                    what a CA vouches for that it trusted beforehand."
                .into(),
            shows,
            claims: vec![&claims::VALIDATION],
            knows_now: KnowsNow::Sentence(sentence.into()),
            ..Step::default()
        }
    }

    /// A check as the validation itself reports it; for the signature with the bytes that were compared.
    fn check(&self, judgement: &Judgement) -> Show {
        let text = match (&self.d.signature, judgement.text.rsplit_once(": ")) {
            (Some(signature), Some((words, _)))
                if judgement.question == Question::Signature
                    && judgement.answer == Answer::Holds
                    && words.starts_with("s^e mod n")
                    && signature.matches =>
            {
                Phrase::from(format!("{words}: ")).hex(&signature.digest, 5)
            }
            _ => Phrase::from(judgement.text.clone()),
        };
        let outcome = match judgement.answer {
            Answer::Holds => Outcome::Passed,
            Answer::Fails => Outcome::Failed,
            Answer::Open => Outcome::NotAsked,
        };
        Show::Check(Check {
            outcome,
            name: judgement.question.word().into(),
            text,
            source: judgement.source.into(),
        })
    }

    fn premaster_secret(&self, events: &[&Event]) -> Step {
        let schedule = &self.d.schedule;
        let mut shows = Vec::new();
        if let (Some(block), Some(premaster)) = (&schedule.sealed_block, &schedule.premaster) {
            let bytes = block.range.len();
            shows.push(Show::Value(Value::new(premaster).means("03 03, then 46 random bytes")));
            let padding = bytes - 51;
            let block = Value::new(block).named(format!("m, padded to {bytes}"));
            shows.push(Show::Value(block.means(format!("00 02, {padding} random, 00, the 48"))));
        }
        shows.extend(self.messages(events).into_iter().map(Show::Message));
        let size = schedule.encrypted_premaster.as_ref().map_or(256, |span| span.range.len());
        Step {
            title: "Premaster Secret".into(),
            who: "client → server".into(),
            prose: match self.exchange() {
                Exchange::DiffieHellman => "This handshake does not do what your notes say. Each side says a public \
                    half of a Diffie-Hellman exchange, the server under its signature; both compute the premaster \
                    secret, and no key opens it later."
                    .into(),
                _ => format!(
                    "The client invents 48 bytes, 46 of them random, pads them to {size} and raises them to the \
                     power e modulo n. Only the holder of the private key can undo that."
                ),
            },
            shows,
            claims: vec![match self.exchange() {
                Exchange::DiffieHellman => &claims::PREMASTER_SECRET_AGREED,
                _ => &claims::PREMASTER_SECRET,
            }],
            ..Step::default()
        }
    }

    fn session_transition(&self, events: &[&Event]) -> Step {
        let schedule = &self.d.schedule;
        let mut shows = Vec::new();
        let layers = self.layers();
        if let Some(premaster) = &schedule.premaster {
            let value = Value::new(premaster);
            let undone = schedule.opened_block.is_some();
            shows.push(Show::Value(if undone { value.means("c^d mod n, padding removed") } else { value }));
        }
        if let Some(master) = &schedule.master_secret {
            if schedule.premaster.is_some() {
                shows.push(Show::Made(master.clone()));
            }
            shows.push(Show::Value(Value::new(master)));
        }
        if let Some(block) = &schedule.key_block {
            shows.push(Show::Made(block.clone()));
            let part = |label| layers.find(block.layer, &format!("key_block.{label}"));
            let keys =
                ["client_write_MAC_key", "server_write_MAC_key", "client_write_key", "server_write_key"];
            shows.extend(keys.into_iter().filter_map(part).map(|key| Show::Value(Value::new(&key))));
            if let (Some(first), Some(last)) = (part("client_write_IV"), part("server_write_IV")) {
                let ivs = block.layer.span(first.range.start..last.range.end);
                shows.push(Show::Value(
                    Value::new(&ivs).named("write IVs").means("4 bytes each, start the nonces"),
                ));
            }
        }
        if !shows.is_empty() {
            shows.push(Show::Gap);
        }
        let mut first_sealed = true;
        for (message, event) in self.messages(events).into_iter().zip(events) {
            let way = if event.from == CLIENT { "client → server" } else { "client ← server" };
            let note = match event.content {
                Content::Sealed(_) => format!("{way}, not opened"),
                _ if event.sealed => format!("{way}, sealed"),
                _ => way.to_owned(),
            };
            let mut message = message.note(note);
            if event.from == SERVER && event.content == Content::Handshake(HandshakeType::FINISHED) {
                let said = self.layers().find_below(event.message.layer, event.field, "verify_data");
                if let Some(said) = said.map(|node| event.message.layer.span(node.field().range())) {
                    message = message.means(&said, "the same, Finished included");
                }
            }
            if event.sealed && !first_sealed {
                // The parts of a sealed record were shown above.
                message.fields.retain(|span| span.layer == event.message.layer);
            }
            first_sealed &= !event.sealed;
            shows.push(Show::Message(message));
        }
        Step {
            title: "Session Transition".into(),
            who: "both ways".into(),
            prose: format!(
                "{} Then each says “sealed from here on”, and proves that it heard the same conversation.",
                match self.exchange() {
                    Exchange::Rsa => "The server undoes it, and both sides compute the same keys.",
                    Exchange::DiffieHellman => "Both sides compute the same keys.",
                    Exchange::Resumed => {
                        "The two take up an earlier session: both still have its master secret, and compute new \
                         keys from that."
                    }
                    Exchange::Tls13 => {
                        "TLS 1.3: the hellos held a Diffie-Hellman exchange, from which both sides have keys \
                         already. What is sealed now was open in TLS 1.2, the certificate above all."
                    }
                }
            ),
            shows,
            claims: vec![match self.exchange() {
                Exchange::Rsa => &claims::SESSION_TRANSITION,
                Exchange::DiffieHellman => &claims::SESSION_TRANSITION_AGREED,
                Exchange::Resumed => &claims::SESSION_TRANSITION_RESUMED,
                Exchange::Tls13 => &claims::SESSION_TRANSITION_TLS_1_3,
            }],
            ..Step::default()
        }
    }

    fn symmetric_tunnel(&self, events: &[&Event]) -> Step {
        let mut shows = Vec::new();
        for party in [CLIENT, SERVER] {
            let said: Vec<_> = events
                .iter()
                .filter(|event| event.from == party && event.content == Content::ApplicationData)
                .collect();
            let page = self.page().filter(|_| party == SERVER);
            let Some(event) =
                said.iter().find(|event| page.as_ref().is_none_or(|page| page.layer == event.message.layer))
            else {
                continue;
            };
            let way = if party == CLIENT { "client → server" } else { "client ← server" };
            let record = &event.records[0];
            let note = format!("{way}, {} B follow", record.range.len() - record::HEADER);
            if let Some(under) = self.under(event, page.as_ref()) {
                let title = record.layer.span(0..record::HEADER);
                let mut message = Message::new("application_data", record, &title).note(note);
                if party == CLIENT {
                    message.fields.extend(self.layers().find(record.layer, "TLSCiphertext.nonce_explicit"));
                }
                shows.extend([Show::Message(message), Show::Under(under)]);
            } else {
                // In CBC no byte lies beneath one of a keystream.
                let first = first_bytes(event, page.as_ref());
                let of = format!("{} of {} bytes", first.range.len(), event.message.range.len());
                let opened = Value::new(&first).named("opened").means(of);
                shows.extend([Show::Message(self.message(event).note(note)), Show::Value(opened)]);
            }
            if let Some(page) = page {
                let head = page.range.start - event.message.range.start;
                let behind =
                    if head > 0 { format!("  (behind {head} bytes of HTTP)") } else { String::new() };
                shows.push(Show::Said { label: "the page".into(), text: self.beginning(&page).and(behind) });
            }
            shows.push(Show::Gap);
        }
        shows.pop();
        let sealed: Vec<_> = events
            .iter()
            .filter(|event| matches!(event.content, Content::Sealed(ContentType::APPLICATION_DATA)))
            .copied()
            .collect();
        for (message, event) in self.messages(&sealed).into_iter().zip(&sealed) {
            let way = if event.from == CLIENT { "client → server" } else { "client ← server" };
            shows.push(Show::Message(message.note(format!("{way}, not opened"))));
        }
        Step {
            title: "Symmetric Tunnel".into(),
            who: "both ways".into(),
            prose: match self.sealing() {
                Sealing::Counter => {
                    "From here AES does everything. Its counter mode makes a keystream as long as the message; XOR \
                     hides each byte beneath one of the keystream."
                }
                Sealing::MacOutside => {
                    "From here AES does everything. Each block of the text is XORed with the sealed block before it, \
                     the first with the IV, and goes through AES. A MAC over all that comes last, and is checked \
                     first: what it does not prove is not opened."
                }
                Sealing::MacInside => {
                    "From here AES does everything. Each block of the text is XORed with the sealed block before it, \
                     the first with the IV, and goes through AES. The MAC is sealed with the text: who opens a \
                     record looks at its padding before anything is proved, and that was attacked for years."
                }
                Sealing::Other => {
                    "From here one fast cipher does everything, under keys that the two share. It is none that is \
                     opened here."
                }
            }
            .into(),
            shows,
            claims: vec![
                if self.exchange() == Exchange::Tls13 {
                    &claims::SHARED_KEY_TLS_1_3
                } else {
                    &claims::SHARED_KEY
                },
                match self.sealing() {
                    Sealing::Counter => &claims::SYMMETRIC_TUNNEL,
                    Sealing::MacOutside => &claims::SYMMETRIC_TUNNEL_MAC,
                    Sealing::MacInside => &claims::SYMMETRIC_TUNNEL_MAC_INSIDE,
                    Sealing::Other => &claims::SYMMETRIC_TUNNEL_OTHER,
                },
            ],
            ..Step::default()
        }
    }

    /// A text, or as much of it as leaves room for the rest of the story.
    fn beginning(&self, text: &Span) -> Phrase {
        let bytes = self.layers().bytes(text);
        if bytes.len() <= MOST_OF_A_PAGE {
            return Phrase::default().text(text);
        }
        // A character is not cut: what continues one in UTF-8 begins with the bits 10.
        let length = (0..=MOST_OF_A_PAGE).rev().find(|&at| bytes[at] & 0xc0 != 0x80).unwrap_or_default();
        Phrase::default().text(&text.layer.span(text.range.start..text.range.start + length)).and(" ..")
    }

    /// The first bytes of a message, or of the page in it, under their keystream and their sealed form.
    fn under(&self, event: &Event, page: Option<&Span>) -> Option<Under> {
        let opened = first_bytes(event, page);
        let keystream = self.d.keystream(event)?;
        let keystream = keystream.layer.span(opened.range.clone());
        let wire = self.layers().on_the_wire(&opened).first()?.clone();
        Some(Under { wire, keystream, opened })
    }
}

/// The first sixteen bytes of a message, or of the page in it.
fn first_bytes(event: &Event, page: Option<&Span>) -> Span {
    let of = page.unwrap_or(&event.message);
    of.layer.span(of.range.start..of.range.end.min(of.range.start + 16))
}
