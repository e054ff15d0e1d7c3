//! From an opened recording to a report: the six steps, in the order of the source document.
//!
//! What is said here is prose. Bytes, names, links and who knows what come from the layers, and a step
//! that did not happen is not told.

use std::time::SystemTime;

use crate::pki::validation::Check as Judgement;
use crate::report::{Item, Participant, Phrase, Report, Scene};
use crate::story::tls_handshake::measure::Measured;
use crate::tls::alert::AlertLevel;
use crate::tls::dissect::{CLIENT, Content, Dissection, Event, SERVER};
use crate::tls::glossary;
use crate::tls::message::HandshakeType;
use crate::tls::record::ContentType;
use crate::tls::suite::{CipherSuite, Mode};
use crate::wire::{Layers, Moment, Party, Span};

mod broken;
mod change;
mod closing;
mod conversation;
mod ladder;
mod messages;
mod steps;

use change::Change;

pub(super) use broken::{Broken, refusal};

/// Someone who hears everything and holds nothing.
pub const EAVESDROPPER: Party = Party("eavesdropper");

/// Someone who holds nothing, and passes on what she likes.
pub const MALLORY: Party = Party("Mallory");

/// Where we stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Vantage {
    /// Both ends were ours.
    Both,
    /// The client was ours, the server somebody else's, at this address.
    Client(String),
    /// The server was ours, the client somebody else's, at this address.
    Server(String),
    /// Neither was ours: a recording from elsewhere. What it is, in words, and how far it was opened.
    Elsewhere {
        /// Who spoke with whom, and where that was recorded.
        what: String,
        /// What stayed sealed, and why.
        sealed: String,
    },
}

/// How the two come by the secret that they share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exchange {
    /// The client invents it and seals it with RSA, as the source document has it.
    Rsa,
    /// Each side says a public half of a Diffie-Hellman exchange.
    DiffieHellman,
    /// They have it from an earlier session.
    Resumed,
    /// TLS 1.3: Diffie-Hellman in the hellos, and all that follows is sealed.
    Tls13,
}

/// How records are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sealing {
    /// AES as a keystream, and a tag behind.
    Counter,
    /// AES in CBC, and a MAC outside (RFC 7366).
    MacOutside,
    /// AES in CBC, the MAC sealed with the text.
    MacInside,
    /// Not with AES, or in a way that is not known here.
    Other,
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
    /// How many bytes crossed the wire after those that were recorded.
    pub(super) omitted: u64,
    /// When the recording began, if that may be told.
    pub(super) began: Option<SystemTime>,
    /// What was broken on purpose.
    pub(super) broken: Option<Broken>,
}

impl View {
    /// One from which nothing is known but where we stood.
    pub(super) fn of(vantage: Vantage) -> Self {
        Self {
            vantage,
            seed: None,
            judgements: Vec::new(),
            failure: None,
            stolen: None,
            measured: None,
            omitted: 0,
            began: None,
            broken: None,
        }
    }
}

/// Tells what happened.
pub(super) fn tell(dissection: Dissection, view: View) -> Report {
    let mut teller = Teller { d: dissection, view, change: None };
    teller.change = teller.find_change();
    let steps = teller.steps();
    let page = teller.page();
    let mut report = Report {
        glossaries: vec![&glossary::GLOSSARY, &crate::pki::glossary::GLOSSARY],
        title: "cutaway".into(),
        subtitle: teller.subtitle(),
        intro: teller.intro(),
        opening: teller.opening(page.as_ref()),
        ladder: teller.ladder(),
        conversation: teller.conversation(),
        participants: teller.participants(page.clone()),
        items: teller.items(page),
        events: teller.recorded_events(),
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

/// Tells a recording from elsewhere: who spoke with whom and where that was recorded, what stayed sealed
/// and why, how many bytes are not here, and when it began.
pub(in crate::story) fn tell_recording(
    dissection: Dissection,
    what: String,
    sealed: String,
    omitted: u64,
    began: Option<SystemTime>,
) -> Report {
    let view = View { omitted, began, ..View::of(Vantage::Elsewhere { what, sealed }) };
    tell(dissection, view)
}

struct Teller {
    d: Dissection,
    view: View,
    /// What Mallory did, where it was she.
    change: Option<Change>,
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
        Content::Sealed(ContentType::APPLICATION_DATA) if before >= 5 => 6,
        // The client has judged the certificate, and says no.
        Content::Alert(_) if event.from == CLIENT && before == 2 => 3,
        Content::Alert(_) | Content::Handshake(_) | Content::Sealed(_) | Content::Unread => before.max(1),
    }
}

impl Teller {
    fn layers(&self) -> &Layers {
        &self.d.layers
    }

    /// Each event with its step. A closing alert belongs to the tunnel, and one that refuses to what it
    /// refuses.
    fn events(&self) -> Vec<(u8, &Event)> {
        let mut before = 0;
        let closes = |event: &Event| match event.content {
            Content::Alert(alert) => alert.level != AlertLevel::FATAL,
            Content::Sealed(_) => true,
            _ => false,
        };
        let sealed = |event: &Event| event.sealed && closes(event);
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

    fn subtitle(&self) -> String {
        match (&self.view.vantage, &self.view.broken) {
            (_, Some(broken)) => format!("one TLS 1.2 handshake, broken: {}", broken.fault.name),
            (Vantage::Elsewhere { sealed, .. }, _) if sealed.is_empty() => "a recording, opened".into(),
            (Vantage::Elsewhere { .. }, _) => "a recording, as far as it opens".into(),
            _ => "one TLS 1.2 handshake, opened".into(),
        }
    }

    fn intro(&self) -> String {
        let mut intro = match &self.view.vantage {
            Vantage::Both if self.view.broken.is_some() => self.what_is_broken(),
            Vantage::Both => {
                "A client and a server, both written from scratch here, have just spoken over a real \
                              connection on 127.0.0.1. Every byte below crossed it, but for those marked “kept”."
                    .to_owned()
            }
            Vantage::Client(address) => format!(
                "Our client, written from scratch here, has just spoken with the server at {address}, which is \
                 somebody else’s. Every byte below crossed the connection, but for those marked “kept”."
            ),
            Vantage::Server(address) => format!(
                "Our server, written from scratch here, has just spoken with the client at {address}, which is \
                 somebody else’s. Every byte below crossed the connection, but for those marked “kept”."
            ),
            Vantage::Elsewhere { what, .. } => what.clone(),
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
            scene("The page", Phrase::from("“").text(page).and("”"), "Eve, eavesdropping, records it".into()),
            scene("Today", Phrase::from("client: ").text(page), Phrase::from("Eve: ").sealed(&sealed, 8)),
            scene("Next year", "Eve steals server.key".into(), Phrase::default()),
            scene("  A", "your notes  (TLS 1.2, RSA)".into(), self.stolen(stolen, page)),
        ]
    }

    /// What Eve reads with the stolen key. It is the page, and so whoever may not see that sees none here.
    fn stolen(&self, stolen: &str, page: &Span) -> Phrase {
        let text = String::from_utf8_lossy(self.layers().bytes(page));
        if stolen.starts_with(text.trim_end()) {
            Phrase::from("Eve: ").text(page)
        } else {
            "Eve: something else".into()
        }
    }

    fn exchange(&self) -> Exchange {
        let said = |party, kind| self.d.handshake(party, kind).is_some();
        let both = said(CLIENT, HandshakeType::CLIENT_HELLO) && said(SERVER, HandshakeType::SERVER_HELLO);
        let changed = self.d.find(SERVER, Content::ChangeCipherSpec).is_some();
        match self.d.cipher_suite() {
            Some(suite) if suite.is_tls_1_3() => Exchange::Tls13,
            Some(_) if both && changed && !said(CLIENT, HandshakeType::CLIENT_KEY_EXCHANGE) => {
                Exchange::Resumed
            }
            Some(suite) if !suite.is_rsa_key_transport() => Exchange::DiffieHellman,
            _ => Exchange::Rsa,
        }
    }

    fn sealing(&self) -> Sealing {
        let suite = self.d.cipher_suite().map(|suite| suite.to_string()).unwrap_or_default();
        let says = |part| suite.contains(part);
        match () {
            () if says("_AES_") && (says("_GCM") || says("_CCM")) => Sealing::Counter,
            () if !says("_AES_") || !says("_CBC") => Sealing::Other,
            () if self.d.schedule.encrypt_then_mac.is_some() => Sealing::MacOutside,
            () => Sealing::MacInside,
        }
    }

    /// Whether there was a certificate to judge.
    fn judges(&self) -> bool {
        self.d.handshake(SERVER, HandshakeType::CERTIFICATE).is_some()
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

    fn participants(&mut self, page: Option<Span>) -> Vec<Participant> {
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
            Vantage::Elsewhere { .. } => {
                let secrets = || schedule.premaster.iter().chain(&schedule.master_secret).cloned();
                for (holds, party, proof) in [
                    (&mut client, CLIENT, &schedule.client_verify_data),
                    (&mut server, SERVER, &schedule.server_verify_data),
                ] {
                    let proved = finished(&self.d, party).filter(|_| matches!(proof, Some((_, true))));
                    holds.extend(proved.into_iter().flat_map(|at| secrets().map(move |secret| (secret, at))));
                }
            }
        }
        // A server has its certificate before it shows it.
        server.extend(schedule.modulus.map(|modulus| (modulus, Moment(0))));
        // So it has its page, where we know that the server's it is.
        if matches!(self.view.vantage, Vantage::Both | Vantage::Server(_)) {
            server.extend(page.map(|page| (page, Moment(0))));
        }
        let listener = Participant { party: EAVESDROPPER, holds: Vec::new() };
        let all = [
            Participant { party: CLIENT, holds: client },
            Participant { party: SERVER, holds: server },
            listener,
        ];
        self.those_who_matter(all)
    }

    /// The columns. Somebody else's private key is a place without bytes: its owner holds it, and that is
    /// all that we know of it.
    fn items(&self, page: Option<Span>) -> Vec<Item> {
        let schedule = &self.d.schedule;
        let others: &[Party] = match self.view.vantage {
            Vantage::Both => &[],
            Vantage::Client(_) => &[SERVER],
            Vantage::Server(_) => &[CLIENT],
            Vantage::Elsewhere { .. } => &[CLIENT, SERVER],
        };
        let item = |name: &str, parts: &[&Option<Span>], own: &[Party]| Item {
            name: name.into(),
            parts: parts.iter().map(|&part| part.clone()).collect(),
            unseen: others.iter().filter(|party| own.contains(party)).copied().collect(),
        };
        // A server has its key and its page before it shows anything of them, and a client its secret.
        let secret: &[Party] = if schedule.premaster.is_some() { &[CLIENT] } else { &[] };
        let items = vec![
            item("randoms", &[&schedule.client_random, &schedule.server_random], &[]),
            item("public key", &[&schedule.modulus], &[]),
            item("private key", &[&schedule.private_key], &[SERVER]),
            item("premaster", &[&schedule.premaster], secret),
            item("AES keys", &[&schedule.key_block], &[]),
            item("page", &[&page], &[SERVER]),
        ];
        // What is not in a recording from elsewhere the two may have known all the same.
        let ours = !matches!(self.view.vantage, Vantage::Elsewhere { .. });
        items.into_iter().filter(|item| ours || item.parts.iter().any(Option::is_some)).collect()
    }
}

/// The name of a suite's cipher in prose.
pub(super) fn cipher_name(suite: CipherSuite) -> &'static str {
    match suite.parameters().map(|parameters| (parameters.mode, parameters.key_length)) {
        Some((Mode::Gcm, 16)) => "AES-128-GCM",
        Some((Mode::Cbc, 16)) => "AES-128-CBC, HMAC",
        Some((Mode::Cbc, _)) => "AES-256-CBC, HMAC",
        _ => "AES-256-GCM",
    }
}
