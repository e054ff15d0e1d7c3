//! Both state machines, each against a side that is led by a script.
//!
//! The side led by hand holds the keys, and so the script reaches what is sealed. Whatever it says:
//!
//! - an error is final, its alert is said, and after it nothing is heard, said or given out;
//! - data comes out only if the other side sealed it, in order, in an open connection;
//! - the handshake ends well only if the other side said the Finished that is due;
//! - how the bytes are cut changes nothing.

use cutaway::tls::dissect::{CLIENT, SERVER};
use cutaway::tls::message::{HandshakeType, Message};
use cutaway::tls::record::ContentType;
use cutaway::tls::v12::key_schedule::Side;
use cutaway::tls::{Connection, Error, Event};

use crate::hand::{Hand, Stage, certificate, client_at, client_hello, server_at, server_hello};
use crate::messages::CONVERSATION;
use crate::pair::{ANSWER, QUESTION, record, records};
use crate::script::{Script, piece};

const STAGES: [Stage; 6] =
    [Stage::Fresh, Stage::Hello, Stage::Certificate, Stage::Exchanged, Stage::Changed, Stage::Open];

/// What one does; each is a byte of the script, and most have a piece of bytes behind it.
const PIECE: u8 = 0; // … 3: a record of one of the four types, sealed if it is time.
const RAW: u8 = 4;
const MESSAGE: u8 = 5;
const CHANGE_CIPHER_SPEC: u8 = 6;
const FINISHED: u8 = 7;
const FINISHED_OF_THE_OTHER: u8 = 8;
const NEXT: u8 = 9;
const SEND: u8 = 10;
const CLOSE: u8 = 11;
const ACTS: u8 = 12;

pub fn client(bytes: &[u8]) {
    run(bytes, ANSWER, |stage| client_at(stage, &server_hello()));
}

pub fn server(bytes: &[u8]) {
    run(bytes, QUESTION, |stage| server_at(stage, &client_hello()));
}

/// The first byte of a script says how far the handshake has come, and how its bytes are cut when it is
/// run a second time.
fn run<C: Connection>(bytes: &[u8], recorded: &[u8], at: impl Fn(Stage) -> (Hand, C)) {
    let mut script = Script(bytes);
    let first = usize::from(script.byte().unwrap_or(0));
    let (stage, cut) = (STAGES[first % STAGES.len()], first / STAGES.len());
    let play = |cut| {
        let (hand, connection) = at(stage);
        let open = connection.is_open();
        let play = Play { hand, connection, cut, recorded, blind: false, may_open: open, sealed: Vec::new() };
        play.run(script)
    };
    let whole = play(usize::MAX);
    if cut > 0 {
        assert_eq!(play(cut), whole, "cut into pieces of {cut} bytes");
    }
}

/// What can be seen of a run from outside.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    said: Vec<u8>,
    given_out: Vec<u8>,
    alert: Option<[u8; 2]>,
}

struct Play<'a, C> {
    hand: Hand,
    connection: C,
    /// How many bytes it is handed at a time.
    cut: usize,
    /// The data in a recording that may be played back.
    recorded: &'a [u8],
    /// Whether the hand no longer knows what it said: it said bytes and not messages.
    blind: bool,
    /// Whether the Finished that is due was said, as far as the hand knows.
    may_open: bool,
    /// The data that the hand sealed.
    sealed: Vec<u8>,
}

impl<C: Connection> Play<'_, C> {
    fn run(mut self, mut script: Script) -> Outcome {
        let mut outcome = Outcome::default();
        while let Some(act) = script.byte() {
            let bytes = self.act(act % ACTS, &mut script);
            if let Err(error) = self.hear(&bytes, &mut outcome) {
                outcome.alert = error.alert().map(|alert| alert.to_bytes());
                self.is_over(&bytes);
                break;
            }
        }
        outcome
    }

    /// One line of the script: what the hand says.
    fn act(&mut self, act: u8, script: &mut Script) -> Vec<u8> {
        match act {
            RAW => {
                self.blind = true;
                script.piece().1.to_vec()
            }
            MESSAGE => {
                let kind = HandshakeType(script.byte().unwrap_or(0));
                let body = script.piece().1.to_vec();
                let body = body[..body.len().min((1 << 14) - 4)].to_vec();
                self.say(&Message::Other { kind, body })
            }
            CHANGE_CIPHER_SPEC => self.hand.change_cipher_spec(),
            FINISHED => {
                self.may_open = true;
                let finished = self.hand.finished(self.hand.side);
                self.say(&finished)
            }
            FINISHED_OF_THE_OTHER => {
                let finished = self.hand.finished(other(self.hand.side));
                self.say(&finished)
            }
            NEXT => self.next(),
            SEND => {
                let _ = self.connection.send(script.piece().1);
                Vec::new()
            }
            CLOSE => {
                // Messages are no longer heeded, so what the hand says is not what the other side hashes.
                self.blind = true;
                self.connection.close();
                Vec::new()
            }
            kind => {
                let (_, bytes) = script.piece();
                let bytes = &bytes[..bytes.len().min(1 << 14)];
                let kind = ContentType(ContentType::CHANGE_CIPHER_SPEC.0 + kind - PIECE);
                self.blind |= kind == ContentType::HANDSHAKE;
                if kind == ContentType::APPLICATION_DATA {
                    self.sealed.extend(bytes);
                }
                self.hand.record(kind, bytes)
            }
        }
    }

    fn say(&mut self, message: &Message) -> Vec<u8> {
        if self.blind {
            self.hand.record(ContentType::HANDSHAKE, &message.to_bytes())
        } else {
            self.hand.say(message)
        }
    }

    /// What is due, where that is not the hand's Finished.
    fn next(&mut self) -> Vec<u8> {
        if self.blind {
            return Vec::new();
        }
        match (self.connection.expects(), self.hand.side) {
            ("ClientHello", _) => self.hand.say(&Message::ClientHello(client_hello())),
            ("ServerHello", _) => self.hand.say(&Message::ServerHello(server_hello())),
            ("Certificate", _) => self.hand.say(&certificate()),
            ("ClientKeyExchange", Side::Client) => self.hand.good_key_exchange(),
            ("ChangeCipherSpec", _) => self.hand.change_cipher_spec(),
            (_, Side::Server) => self.hand.say(&Message::ServerHelloDone),
            (_, Side::Client) => Vec::new(),
        }
    }

    fn hear(&mut self, bytes: &[u8], outcome: &mut Outcome) -> Result<(), Error> {
        let mut result = Ok(());
        for bytes in bytes.chunks(self.cut) {
            result = take(&mut self.connection, bytes, &mut outcome.given_out);
            if result.is_err() {
                break;
            }
        }
        let said = self.connection.take_outgoing();
        outcome.said.extend(&said);
        let heard = if self.blind { Vec::new() } else { self.hand.hear_key_exchange(&said) };
        if let Err(error) = &result
            && let Some(alert) = error.alert()
        {
            let (kind, fragment) = *records(&said).last().expect("the alert is said");
            assert_eq!(kind, ContentType::ALERT, "{error}");
            let is_said = match heard.last() {
                Some((_, opened)) => *opened == alert.to_bytes(),
                None => fragment == alert.to_bytes() || fragment.len() == 26,
            };
            assert!(is_said, "{error}: {fragment:?}");
        }

        while let Some(event) = self.connection.next_event() {
            let is_early = matches!(event, Event::Established(_)) && !self.may_open && !self.blind;
            assert!(!is_early, "open without a Finished");
        }
        let is_known = self.sealed.starts_with(&outcome.given_out)
            || (self.blind && self.recorded.starts_with(&outcome.given_out));
        assert!(is_known, "nobody sealed {:?}", outcome.given_out);
        result
    }

    /// Nothing more is heard, said or given out.
    fn is_over(&mut self, bytes: &[u8]) {
        assert!(!self.connection.is_open() && !self.connection.is_handshaking());
        assert!(matches!(self.connection.receive(bytes), Err(Error::NotOpen)));
        assert!(matches!(self.connection.send(b"x"), Err(Error::NotOpen)));
        self.connection.close();
        assert_eq!(self.connection.plaintext_waiting(), 0);
        assert!(!self.connection.has_outgoing());
        assert!(self.connection.next_event().is_none());
    }
}

/// Hands all of `bytes` to a connection, and keeps what it gives out even if it fails in the end.
fn take(connection: &mut impl Connection, mut bytes: &[u8], given_out: &mut Vec<u8>) -> Result<(), Error> {
    loop {
        let taken = connection.receive(bytes)?;
        bytes = &bytes[taken..];
        let (start, waiting) = (given_out.len(), connection.plaintext_waiting());
        given_out.resize(start + waiting, 0);
        connection.read_plaintext(&mut given_out[start..]);
        if waiting == 0 {
            assert!(bytes.is_empty(), "a connection with nothing to read takes all bytes");
            return Ok(());
        }
    }
}

fn other(side: Side) -> Side {
    match side {
        Side::Client => Side::Server,
        Side::Server => Side::Client,
    }
}

/// Scripts that go through, whole conversations played back, and each record that was said at each stage.
fn seeds(said: &[u8], steps: &[u8]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let good = [steps, &[CHANGE_CIPHER_SPEC, FINISHED], &[PIECE + 3, 0, 2], b"hi", &[SEND, 0, 2], b"ho"];
    for cut in [0, 1, 7] {
        let first = cut * STAGES.len() as u8;
        seeds.push([&[first], &good.concat()[..], &[PIECE + 1, 0, 2, 1, 0]].concat());
        seeds.push([&[first][..], &good.concat(), &[CLOSE]].concat());
        seeds.push([&[first, RAW][..], &piece(false, said)].concat());
    }
    for stage in 0..STAGES.len() as u8 {
        for (kind, fragment) in records(said) {
            let mut seed = vec![stage];
            match fragment.split_at_checked(4) {
                Some((&[of, ..], body)) if kind == ContentType::HANDSHAKE => {
                    seed.extend([MESSAGE, of]);
                    seed.extend(piece(false, body));
                }
                _ => {
                    seed.push(PIECE + kind.0 - ContentType::CHANGE_CIPHER_SPEC.0);
                    seed.extend(piece(false, fragment));
                }
            }
            seed.extend(steps);
            seeds.push(seed);
        }
        seeds.push(vec![stage, PIECE + 1, 0, 2, 1, 90, PIECE + 1, 0, 2, 1, 0]);
        let raw = record(ContentType::HANDSHAKE, &[0; 4]);
        seeds.push([&[stage, RAW][..], &piece(false, &raw)].concat());
    }
    seeds
}

pub fn seeds_for_a_client() -> Vec<Vec<u8>> {
    seeds(&CONVERSATION.said_by(SERVER), &[NEXT, NEXT, NEXT])
}

pub fn seeds_for_a_server() -> Vec<Vec<u8>> {
    seeds(&CONVERSATION.said_by(CLIENT), &[NEXT, NEXT])
}
