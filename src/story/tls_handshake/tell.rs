//! From an opened recording to a report: the six steps, in the order of the source document.
//!
//! What is said here is prose. Bytes, names, links and who knows what come from the layers, and a step
//! that did not happen is not told.

use std::collections::HashSet;

use crate::pki::validation::{Answer, Check as Judgement, Question};
use crate::report::{
    Bar, Check, Exchange, Figure, Item, KnowsNow, Ladder, Message, Outcome, Participant, Phrase, Report,
    Scene, Section, Show, Step, Under, Value, Way,
};
use crate::story::claims;
use crate::story::tls_handshake::measure::Measured;
use crate::tls::dissect::{CLIENT, Content, Dissection, Event, SERVER};
use crate::tls::message::HandshakeType;
use crate::tls::record;
use crate::tls::{CipherSuite, alert, glossary};
use crate::wire::reader::UNREAD;
use crate::wire::{LayerId, Layers, Moment, Party, Span};

/// How many messages of one step are shown. A handshake has at most five.
const MOST_MESSAGES: usize = 12;

/// How many messages stand on one row of the ladder, and how many rows it has.
const MOST_IN_A_ROW: usize = 6;
const MOST_ROWS: usize = 24;

/// Someone who hears everything and holds nothing.
pub const EAVESDROPPER: Party = Party("eavesdropper");

/// Where we stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Vantage {
    /// Both ends were ours.
    Both,
    /// The client was ours, the server somebody else's, at this address.
    Client(String),
    /// The server was ours, the client somebody else's, at this address.
    Server(String),
}

/// What the recording does not say.
pub(super) struct View {
    pub(super) vantage: Vantage,
    /// The seed, if there was one: then nothing may be told that another run would not repeat.
    pub(super) seed: Option<u64>,
    /// What the client asked of the certificate.
    pub(super) judgements: Vec<Judgement>,
    /// Why the handshake ended early, if it did.
    pub(super) failure: Option<String>,
    /// The page that one who recorded all this reads with the server's key, opened from the recording
    /// alone.
    pub(super) stolen: Option<String>,
    /// How long RSA and AES took.
    pub(super) measured: Option<Measured>,
}

/// Tells what happened.
pub(super) fn tell(dissection: Dissection, view: View) -> Report {
    let mut teller = Teller { d: dissection, view };
    let steps = teller.steps();
    let page = teller.page();
    let mut report = Report {
        glossaries: vec![&glossary::GLOSSARY, &crate::pki::glossary::GLOSSARY],
        title: "cutaway".into(),
        subtitle: "one TLS 1.2 handshake, opened".into(),
        intro: teller.intro(),
        opening: teller.opening(page.as_ref()),
        ladder: teller.ladder(),
        participants: teller.participants(),
        items: teller.items(page),
        steps,
        closing: teller.closing(),
        ..Report::default()
    };
    if !report.opening.is_empty() {
        report.riddle = "Six steps say why. Guess which step loses it.".into();
    }
    report.layers = teller.d.layers;
    report
}

struct Teller {
    d: Dissection,
    view: View,
}

/// The step that tells an event, given the one before it.
fn step_of(event: &Event, before: u8) -> u8 {
    match event.content {
        Content::Handshake(HandshakeType::CLIENT_HELLO) if before <= 1 => 1,
        Content::Handshake(HandshakeType::FINISHED) | Content::ChangeCipherSpec => 5,
        Content::Handshake(HandshakeType::CLIENT_KEY_EXCHANGE) => 4,
        Content::Handshake(HandshakeType::CERTIFICATE) if event.from == CLIENT => 4,
        Content::Handshake(_) if event.from == SERVER && before <= 2 => 2,
        Content::ApplicationData => 6,
        // The client has judged the certificate, and says no.
        Content::Alert(_) if event.from == CLIENT && before == 2 => 3,
        Content::Alert(_) | Content::Handshake(_) | Content::Sealed(_) | Content::Unread => before.max(1),
    }
}

impl Teller {
    fn layers(&self) -> &Layers {
        &self.d.layers
    }

    /// Each event with its step. A closing alert belongs to the tunnel.
    fn events(&self) -> Vec<(u8, &Event)> {
        let mut before = 0;
        let sealed =
            |event: &Event| event.sealed && matches!(event.content, Content::Alert(_) | Content::Sealed(_));
        let finished =
            self.d.events.iter().filter(|e| e.content == Content::Handshake(HandshakeType::FINISHED)).count();
        let events = self.d.events.iter().map(|event| {
            before = step_of(event, before).max(before);
            if finished == 2 && before == 5 && sealed(event) {
                before = 6;
            }
            (before, event)
        });
        events.collect()
    }

    fn intro(&self) -> String {
        let mut intro = match &self.view.vantage {
            Vantage::Both => {
                "A client and a server, both written from scratch here, have just spoken over a real \
                              connection on 127.0.0.1. Every byte below crossed it."
                    .to_owned()
            }
            Vantage::Client(address) => format!(
                "Our client, written from scratch here, has just spoken with the server at {address}, which is \
                 somebody else’s. Every byte below crossed the connection."
            ),
            Vantage::Server(address) => format!(
                "Our server, written from scratch here, has just spoken with the client at {address}, which is \
                 somebody else’s. Every byte below crossed the connection."
            ),
        };
        if let Some(seed) = self.view.seed {
            intro += &format!(
                "\nSEEDED with {seed}: every run gives these very bytes, so nothing here is secret. Ports and \
                 measured times would differ, and are left out."
            );
        }
        intro
    }

    fn opening(&self, page: Option<&Span>) -> Vec<Scene> {
        let (Some(stolen), Some(page)) = (&self.view.stolen, page) else { return Vec::new() };
        let Some(sealed) = self.layers().on_the_wire(page).into_iter().next() else { return Vec::new() };
        let scene = |label: &str, left: Phrase, right: Phrase| Scene { label: label.into(), left, right };
        vec![
            scene("The page", Phrase::from("“").text(page).and("”"), "Eve records every byte".into()),
            scene("Today", Phrase::from("client: ").text(page), Phrase::from("Eve: ").sealed(&sealed, 8)),
            scene("Next year", "Eve steals server.key".into(), Phrase::default()),
            scene("  A", "your notes  (TLS 1.2, RSA)".into(), Phrase::from(format!("Eve: {stolen}"))),
        ]
    }

    fn ladder(&self) -> Ladder {
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

    /// Whether there was a certificate to judge.
    fn judges(&self) -> bool {
        self.d.handshake(SERVER, HandshakeType::CERTIFICATE).is_some()
    }

    /// What an event is called on the ladder.
    fn name(&self, event: &Event) -> String {
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

    /// The page: what stands behind the head of the server's answer, in the record where it begins.
    fn page(&self) -> Option<Span> {
        let answers = self
            .d
            .events
            .iter()
            .filter(|event| event.from == SERVER && event.content == Content::ApplicationData);
        let mut head_is_over = false;
        for event in answers {
            let bytes = self.layers().bytes(&event.message);
            let start = if head_is_over {
                0
            } else {
                let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
                head_is_over = true;
                end + 4
            };
            let length = bytes[start..].iter().rev().skip_while(|byte| byte.is_ascii_whitespace()).count();
            if length > 0 {
                let first = event.message.range.start + start;
                return Some(event.message.layer.span(first..first + length));
            }
        }
        None
    }

    fn participants(&mut self) -> Vec<Participant> {
        let schedule = self.d.schedule.clone();
        let (mut client, mut server) = (Vec::new(), Vec::new());
        let finished =
            |d: &Dissection, party| d.handshake(party, HandshakeType::FINISHED).map(|event| event.moment);
        // What the other side holds is not ours to see; that it holds it, its Finished has proved.
        match &self.view.vantage {
            Vantage::Both => {}
            Vantage::Client(_) => {
                if let (Some(premaster), Some((_, true))) =
                    (&schedule.premaster, &schedule.server_verify_data)
                {
                    server.extend(finished(&self.d, SERVER).map(|moment| (premaster.clone(), moment)));
                }
            }
            Vantage::Server(_) => {
                let sent =
                    self.d.handshake(CLIENT, HandshakeType::CLIENT_KEY_EXCHANGE).map(|event| event.moment);
                if let (Some(premaster), Some((_, true))) =
                    (&schedule.premaster, &schedule.client_verify_data)
                {
                    client.extend(sent.map(|moment| (premaster.clone(), moment)));
                }
            }
        }
        // A server has its certificate before it shows it.
        server.extend(schedule.modulus.map(|modulus| (modulus, Moment(0))));
        vec![
            Participant { party: CLIENT, holds: client },
            Participant { party: SERVER, holds: server },
            Participant { party: EAVESDROPPER, holds: Vec::new() },
        ]
    }

    /// The columns. Somebody else's private key is a place without bytes: its owner holds it, and that is
    /// all that we know of it.
    fn items(&self, page: Option<Span>) -> Vec<Item> {
        let schedule = &self.d.schedule;
        let item = |name: &str, parts: &[&Option<Span>]| Item {
            name: name.into(),
            parts: parts.iter().map(|&part| part.clone()).collect(),
        };
        vec![
            item("randoms", &[&schedule.client_random, &schedule.server_random]),
            item("public key", &[&schedule.modulus]),
            item("private key", &[&schedule.private_key]),
            item("premaster", &[&schedule.premaster]),
            item("AES keys", &[&schedule.key_block]),
            item("page", &[&page]),
        ]
    }

    fn steps(&self) -> Vec<Step> {
        let events = self.events();
        let of = |step: u8| {
            events.iter().filter(|(of, _)| *of == step).map(|(_, event)| *event).collect::<Vec<_>>()
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
        steps
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
            prose: "The server picks one suite, adds 32 random bytes of its own, and shows its certificate: a name \
                    and a public key, signed by a CA."
                .into(),
            shows,
            claims: vec![&claims::SERVER_HELLO],
            ..Step::default()
        }
    }

    fn validation(&self, events: &[&Event]) -> Step {
        let mut shows: Vec<Show> =
            self.view.judgements.iter().map(|judgement| self.check(judgement)).collect();
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
        let sentence = if believed {
            "Nobody learned a byte. The client now believes the key."
        } else {
            "Nobody learned a byte. The client does not believe the key, and stops here."
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
        let text = match &self.d.signature {
            Some(signature) if judgement.question == Question::Signature && signature.matches => {
                let count = signature.signed.range.len();
                Phrase::from(format!("s^e mod n ends in the hash of the {count} signed bytes: "))
                    .hex(&signature.digest, 4)
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
            prose: format!(
                "The client invents 48 secret bytes, pads them to {size} and raises them to the power e modulo n. \
                 Only the holder of the private key can undo that."
            ),
            shows,
            claims: vec![&claims::PREMASTER_SECRET],
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
            for label in ["client_write_key", "server_write_key", "client_write_IV", "server_write_IV"] {
                let key = layers.find(block.layer, &format!("key_block.{label}"));
                shows.extend(key.map(|key| Show::Value(Value::new(&key))));
            }
        }
        if !shows.is_empty() {
            shows.push(Show::Gap);
        }
        let mut first_sealed = true;
        for (message, event) in self.messages(events).into_iter().zip(events) {
            let way = if event.from == CLIENT { "client → server" } else { "client ← server" };
            let note = if event.sealed { format!("{way}, sealed") } else { way.to_owned() };
            let mut message = message.note(note);
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
            prose: "The server undoes it, and both sides compute the same keys. Then each says “sealed from here \
                    on”, and proves that it heard the same conversation."
                .into(),
            shows,
            claims: vec![&claims::SESSION_TRANSITION],
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
            let sealed = record.range.len() - record::HEADER;
            let title = record.layer.span(0..record::HEADER);
            let mut message =
                Message::new("application_data", record, &title).note(format!("{way}, {sealed} B follow"));
            if party == CLIENT {
                message.fields.extend(self.layers().find(record.layer, "TLSCiphertext.nonce_explicit"));
            }
            shows.push(Show::Message(message));
            shows.extend(self.under(event, page.as_ref()).map(Show::Under));
            if let Some(page) = page {
                shows.push(Show::Said { label: "the page".into(), text: Phrase::default().text(&page) });
            }
            shows.push(Show::Gap);
        }
        shows.pop();
        Step {
            title: "Symmetric Tunnel".into(),
            who: "both ways".into(),
            prose: "From here AES does everything. Its counter mode makes a keystream as long as the message; XOR \
                    hides each byte beneath one of the keystream."
                .into(),
            shows,
            claims: vec![&claims::SYMMETRIC_TUNNEL],
            ..Step::default()
        }
    }

    /// The first sixteen bytes of a message, or of the page in it, under their keystream and their sealed form.
    fn under(&self, event: &Event, page: Option<&Span>) -> Option<Under> {
        let start = page.map_or(event.message.range.start, |page| page.range.start);
        let most = page.map_or(event.message.range.end, |page| page.range.end);
        let opened = event.message.layer.span(start..most.min(start + 16));
        let keystream = self.d.keystream(event)?;
        let keystream = keystream.layer.span(opened.range.clone());
        let wire = self.layers().on_the_wire(&opened).first()?.clone();
        Some(Under { wire, keystream, opened })
    }

    /// Each event as a message: a title row, then where its fields lie. Nobody reads on for ever.
    fn messages(&self, events: &[&Event]) -> Vec<Message> {
        events.iter().take(MOST_MESSAGES).map(|event| self.message(event)).collect()
    }

    fn message(&self, event: &Event) -> Message {
        let record = event.records.last().expect("an event has a record");
        let in_place = event.message.layer == record.layer;
        // The record's header introduces the first message in it; a later one has only its own.
        let header = if in_place && event.message.range.start > record::HEADER {
            event.message.layer.span(event.message.range.start..event.message.range.start + 4)
        } else {
            record.layer.span(0..record::HEADER.min(record.range.len()))
        };
        let name = match event.content {
            Content::Alert(_) => "Alert".to_owned(),
            Content::ApplicationData => "application_data".to_owned(),
            _ => self.name(event),
        };
        let message = Message::new(name, record, &header);
        match event.content {
            Content::Handshake(HandshakeType::SERVER_HELLO_DONE) => message.note("your turn"),
            Content::ChangeCipherSpec => message,
            Content::Handshake(HandshakeType::CERTIFICATE) => self.certificate(message, event),
            Content::Handshake(HandshakeType::CLIENT_HELLO) => {
                // Only here the record's header is spelled out.
                let spelled = record.layer.span(1..record::HEADER);
                let message = Message { title: record.layer.span(0..1), ..message };
                self.suites(message.shows([spelled, event.message.clone()]), event)
            }
            _ if event.sealed => {
                message.shows([record.layer.span(record::HEADER..record.range.len()), event.message.clone()])
            }
            _ => message.shows([event.message.clone()]),
        }
    }

    /// The last of the suites may be none, but a signal.
    fn suites(&self, message: Message, event: &Event) -> Message {
        let layer = event.message.layer;
        let Some(list) = self.layers().find_below(layer, event.field, "cipher_suites") else {
            return message;
        };
        let suites: Vec<_> = list.children().filter(|node| node.field().index.is_some()).collect();
        let (Some(second), Some(last)) = (suites.get(1), suites.last()) else { return message };
        let rest = layer.span(second.field().range().start..last.field().range().end);
        let signal = CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV.0.to_be_bytes();
        match self.layers().bytes(&rest).ends_with(&signal) {
            true if suites.len() == 2 => message.means(&rest, "a signal: RFC 5746 §3.3"),
            true => message.means(&rest, "less liked; then a signal"),
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

    fn closing(&self) -> Vec<Section> {
        let mut sections = Vec::new();
        if let Some(failure) = &self.view.failure {
            let prose = failure.clone();
            sections.push(Section { title: "It ended here".into(), prose, ..Section::default() });
        }
        sections.extend(self.hybrid());
        let wire: usize = self
            .d
            .events
            .iter()
            .flat_map(|event| &event.records)
            .map(|record| record.layer)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .map(|layer| self.layers().get(layer).bytes().len())
            .sum();
        let leaves: Vec<_> = self.layers().all().flat_map(|(_, layer)| layer.fields.leaves()).collect();
        let unread = leaves.iter().filter(|leaf| leaf.field().label == UNREAD).count();
        let named = match unread {
            0 => "and no byte without a name".to_owned(),
            1 => "and one of them is bytes that could not be read".to_owned(),
            n => format!("and {n} of them are bytes that could not be read"),
        };
        let line = format!(
            "{} bytes crossed the wire, {} fields, {named}.",
            thousands(wire),
            thousands(leaves.len())
        );
        let options = vec![
            ("--say TEXT".into(), "a page of your own".into()),
            ("--step".into(), "one step at a time".into()),
            ("--connect A:P".into(), "another’s server".into()),
            ("--listen A:P".into(), "another’s client".into()),
        ];
        let shows = vec![Show::Prose(line), Show::Options(options)];
        sections.push(Section { shows, ..Section::default() });
        sections
    }

    fn hybrid(&self) -> Option<Section> {
        let measured = self.view.measured.as_ref()?;
        let (rsa, aes) = (measured.rsa_mebibyte(), measured.aes_mebibyte());
        let shows = vec![
            Show::Figure(Figure {
                name: format!("one RSA-{} decryption", measured.rsa_bits),
                amount: format!("{:.2} ms", measured.rsa * 1e3),
                remark: format!("carries {} bytes at the most", measured.rsa_carries()),
            }),
            Show::Figure(Figure {
                name: measured.cipher.to_owned(),
                amount: format!("{:.1} GB/s", measured.aes / 1e9),
                remark: "carries as much as you like".into(),
            }),
            Show::Gap,
            Show::Bars(vec![
                Bar {
                    label: "1 MiB by AES".into(),
                    length: aes,
                    amount: format!("{:.2} ms", aes * 1e3),
                    kind: None,
                },
                Bar {
                    label: "1 MiB by RSA".into(),
                    length: rsa,
                    amount: format!("{} ms", thousands((rsa * 1e3).round() as usize)),
                    kind: None,
                },
            ]),
            Show::Gap,
            Show::Prose("So TLS asks RSA one question, 48 bytes long, and AES does the rest.".into()),
        ];
        Some(Section {
            title: "Why hybrid".into(),
            aside: if cfg!(debug_assertions) {
                "measured in this run, a dev build"
            } else {
                "measured in this run"
            }
            .into(),
            prose: "RSA needs no shared secret, and is slow. AES is fast, and needs one.".into(),
            shows,
        })
    }
}

/// `1,234,567`
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// The name of a suite's cipher in prose.
pub(super) fn cipher_name(suite: CipherSuite) -> &'static str {
    match suite.parameters().map(|parameters| parameters.key_length) {
        Some(16) => "AES-128-GCM",
        _ => "AES-256-GCM",
    }
}
