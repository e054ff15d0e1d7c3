//! What the other side must not do, and what it gets for it: a table, one row a violation. The other
//! side is led by hand; the connection under test is ours, and has come to the given stage.
//!
//! The rows stand in `violations/by_clients.rs` and `violations/by_servers.rs`, and for readers in
//! `docs/3-tls/violations.md`, which is drawn from them.

#[path = "violations/by_clients.rs"]
mod by_clients;
#[path = "violations/by_servers.rs"]
mod by_servers;
#[path = "violations/drawn.rs"]
mod drawn;

use cutaway::tls::alert::{Alert, AlertDescription as A};
use cutaway::tls::certificate::CertificateRequest;
use cutaway::tls::extension::SignatureScheme;
use cutaway::tls::finished::Finished;
use cutaway::tls::hello::{ClientHello, ServerHello};
use cutaway::tls::message::{HandshakeType, Message};
use cutaway::tls::record::{ContentType, MAX_PLAINTEXT};
use cutaway::tls::v12::key_schedule::Side;
use cutaway::tls::{Connection, Error};

use crate::hand::{self, Hand, Stage, client_at, client_hello, server_at, server_hello};
use crate::pair::{cut_again, feed, record, records};

pub struct Violation {
    pub name: &'static str,
    /// How far the handshake has come when it happens.
    pub stage: Stage,
    /// What the side led by hand says.
    pub said: fn(&mut Hand) -> Vec<u8>,
    /// Words in the error; none if there is no error.
    pub error: &'static str,
    /// What becomes of it.
    pub then: Then,
    /// The section that demands this, RFC 5246 if no other is named; where none names the alert, why it
    /// is this one.
    pub source: &'static str,
}

/// What becomes of a violation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Then {
    /// We say this alert, fatal, and nothing after it.
    Fatal(A),
    /// We say this alert, a warning, and go on.
    Warning(A),
    /// We say nothing, and go on.
    Ignored,
    /// We say nothing, and it is over.
    Silent,
    /// We say close_notify, and it is over.
    Farewell,
}

pub const HANDSHAKE: ContentType = ContentType::HANDSHAKE;
pub const CHANGE: ContentType = ContentType::CHANGE_CIPHER_SPEC;
pub const ALERT: ContentType = ContentType::ALERT;
pub const DATA: ContentType = ContentType::APPLICATION_DATA;

// Sources that many rows share.
pub const ORDER: &str = "§7.4";
pub const DECODE: &str = "§7.2.2";
pub const MAC: &str = "§6.2.3.3";
pub const TWICE: &str = "§7.4.1.4 names no alert: a field at odds with another (§7.2.2)";
pub const EMPTY: &str = "§6.2.1 names no alert: a length out of range (§7.2.2)";
pub const EARLY: &str = "§7.4.9 says when data may come, and names no alert: out of order (§7.2.2)";
pub const UNTIMELY: &str = "§7.1 says when it comes, and names no alert: out of order (§7.2.2)";
pub const AMID: &str =
    "§6.2.1 lets other types come between the pieces of a message; RFC 8446 §5.1 no longer does, nor do we";
pub const ALERTS: &str =
    "§6.2.1 lets alerts share and span records; nobody does, and one more state would be kept";
pub const FLOOD: &str = "§7.2 sets no bound: four are heard";
pub const QUIET: &str = "no answer: who speaks no TLS understands no alert";
pub const OVER: &str = "§7.2.2: both close at once";

/// `name, stage => what is said => words in the error, what becomes of it, source`
macro_rules! violations {
    ($($name:literal, $stage:ident => $said:expr => $error:literal, $then:expr, $source:expr;)*) => {
        &[$(Violation {
            name: $name,
            stage: Stage::$stage,
            said: $said,
            error: $error,
            then: $then,
            source: $source,
        }),*]
    };
}

use violations;

/// A ClientHello that differs from the usual one.
pub fn hello(hand: &mut Hand, change: impl FnOnce(&mut ClientHello)) -> Vec<u8> {
    let mut hello = client_hello();
    change(&mut hello);
    hand.say(&Message::ClientHello(hello))
}

/// A ServerHello that differs from the usual one.
pub fn answer(hand: &mut Hand, change: impl FnOnce(&mut ServerHello)) -> Vec<u8> {
    let mut hello = server_hello();
    change(&mut hello);
    hand.say(&Message::ServerHello(hello))
}

/// A message that was changed after it was written.
pub fn rewritten(message: Message, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = message.to_bytes();
    change(&mut bytes);
    record(HANDSHAKE, &bytes)
}

/// A Finished of 12 bytes that prove nothing.
pub fn false_finished(hand: &mut Hand) -> Vec<u8> {
    hand.say(&Message::Finished(Finished { verify_data: [0; 12] }))
}

pub fn other(kind: HandshakeType) -> Message {
    Message::Other { kind, body: vec![0; 4] }
}

pub fn certificate_request() -> Message {
    Message::CertificateRequest(CertificateRequest {
        certificate_types: vec![1],
        supported_signature_algorithms: vec![SignatureScheme::RSA_PKCS1_SHA256],
        certificate_authorities: vec![],
    })
}

/// A record that is one byte too long, in plaintext.
pub fn too_long() -> Vec<u8> {
    record(HANDSHAKE, &vec![0; MAX_PLAINTEXT + 1])
}

/// A message of 16 MiB, to its last byte.
pub fn sixteen_megabytes(kind: HandshakeType) -> Vec<u8> {
    let message = [&[kind.0, 0xff, 0xff, 0xff], &vec![0; 0xff_ffff][..]].concat();
    message.chunks(MAX_PLAINTEXT).flat_map(|fragment| record(HANDSHAKE, fragment)).collect()
}

/// A record with one bit of its last byte turned over.
pub fn tampered(mut record: Vec<u8>) -> Vec<u8> {
    *record.last_mut().expect("a record has bytes") ^= 1;
    record
}

/// How a violation reaches the connection.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Whole,
    ByteByByte,
    /// Handshake messages in plaintext in records of one byte each.
    InPieces,
}

impl Violation {
    fn check(&self, by: Side, way: Way, hand: &mut Hand, connection: &mut impl Connection) {
        let row = format!("{by:?}, {way:?}: {}", self.name);
        let mut bytes = (self.said)(hand);
        if way == Way::InPieces {
            bytes = cut_again(&bytes, || 1);
        }
        let expected = connection.expects();
        let result = if way == Way::ByteByByte {
            bytes.chunks(1).try_for_each(|byte| hear_no_data(connection, byte, &row))
        } else {
            hear_no_data(connection, &bytes, &row)
        };

        // What it says: the bytes on the wire.
        let wire = connection.take_outgoing();
        let plain = hand.hear_key_exchange(&wire);
        let word = match self.then {
            Then::Fatal(alert) => Some(Alert::fatal(alert)),
            Then::Warning(alert) => Some(Alert::warning(alert)),
            Then::Farewell => Some(Alert::CLOSE_NOTIFY),
            Then::Ignored | Then::Silent => None,
        };
        match word {
            Some(alert) => {
                let last = (ALERT, alert.to_bytes().to_vec());
                assert_eq!(plain.last(), Some(&last), "{row}: {result:?}");
                let at = wire.len() - 5 - records(&wire).last().expect("a record").1.len();
                let in_the_open = [21, 3, wire[at + 2], 0, 2, alert.level.0, alert.description.0];
                let sealed = wire[at..].starts_with(&[21, 3, 3, 0, 26]);
                assert!(sealed || wire[at..] == in_the_open, "{row}: {:x?}", &wire[at..]);
                let is_fatal = |(kind, bytes): &(ContentType, Vec<u8>)| *kind == ALERT && bytes[0] == 2;
                assert!(!plain[..plain.len() - 1].iter().any(is_fatal), "{row}: {plain:?}");
            }
            None => assert!(wire.is_empty(), "{row}: {plain:?}"),
        }

        // What it tells its own side.
        match result {
            Err(error) => {
                let words = !self.error.is_empty() && error.to_string().contains(self.error);
                assert!(words, "{row}: “{error}” has not “{}”", self.error);
                let alert = if let Then::Fatal(_) = self.then { word } else { None };
                assert_eq!(error.alert(), alert, "{row}: {error}");
            }
            Ok(()) => assert_eq!(self.error, "", "{row}"),
        }

        // And where it stands then.
        let was_over = self.stage < Stage::Open && crate::pair::established(connection).is_some();
        assert!(!was_over, "{row}: established all the same");
        match self.then {
            Then::Warning(_) | Then::Ignored if self.stage == Stage::Open => {
                let record = hand.record(DATA, b"go on");
                assert_eq!(feed(connection, &record).expect("it goes on"), b"go on", "{row}");
            }
            Then::Warning(_) | Then::Ignored => assert_eq!(connection.expects(), expected, "{row}"),
            Then::Fatal(_) | Then::Silent | Then::Farewell => is_over(self, hand, connection, &row),
        }
    }
}

/// No violation gives out data.
fn hear_no_data(connection: &mut impl Connection, bytes: &[u8], row: &str) -> Result<(), Error> {
    feed(connection, bytes).map(|data| assert_eq!(data, b"", "{row}"))
}

/// Nothing more is accepted, said or given out.
fn is_over(violation: &Violation, hand: &mut Hand, connection: &mut impl Connection, row: &str) {
    assert!(!connection.is_open() && !connection.is_handshaking(), "{row}");
    let more = hand.record(DATA, b"and more");
    match feed(connection, &more) {
        // After a farewell that came in its time all the rest is passed over (§7.2.1).
        Ok(data) => {
            assert!(violation.error.is_empty() && connection.peer_has_closed(), "{row}");
            assert_eq!(data, b"", "{row}");
        }
        Err(error) => assert!(matches!(error, Error::NotOpen), "{row}: {error}"),
    }
    assert!(matches!(connection.send(b"x"), Err(Error::NotOpen)), "{row}");
    connection.close();
    assert!(!connection.has_outgoing() && connection.plaintext_waiting() == 0, "{row}");
}

/// Each row by one side, in each of these ways.
fn each(ways: &[Way], mut check: impl FnMut(Side, &Violation, Way)) {
    for &way in ways {
        for violation in by_clients::VIOLATIONS {
            check(Side::Client, violation, way);
        }
        for violation in by_servers::VIOLATIONS {
            check(Side::Server, violation, way);
        }
    }
}

fn check(by: Side, violation: &Violation, way: Way) {
    match by {
        Side::Client => {
            let (mut hand, mut server) = server_at(violation.stage, &client_hello());
            violation.check(by, way, &mut hand, &mut server);
        }
        Side::Server => {
            let (mut hand, mut client) = client_at(violation.stage, &server_hello());
            violation.check(by, way, &mut hand, &mut client);
        }
    }
}

#[test]
fn every_violation_is_answered_as_is_due_and_nothing_follows() {
    each(&[Way::Whole], check);
}

/// The bytes may come one at a time, and plaintext messages in records of one byte each.
#[test]
fn however_a_violation_is_cut_the_answer_is_the_same() {
    each(&[Way::ByteByByte], check);
    each(&[Way::InPieces], |by, violation, way| {
        let is_message = |(kind, fragment): (ContentType, &[u8])| kind == HANDSHAKE && !fragment.is_empty();
        let mut hand = Hand::new(by);
        let said = (violation.said)(&mut hand);
        let in_the_open = violation.stage < Stage::Exchanged;
        if in_the_open && said.len() < 1 << 16 && are_records(&said, is_message) {
            check(by, violation, way);
        }
    });
}

/// Whether `bytes` are whole records, all of them such.
fn are_records(mut bytes: &[u8], such: impl Fn((ContentType, &[u8])) -> bool) -> bool {
    while let [kind, 3, 3, high, low, rest @ ..] = bytes {
        let Some((fragment, rest)) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))
        else {
            return false;
        };
        if fragment.len() > MAX_PLAINTEXT || !such((ContentType(*kind), fragment)) {
            return false;
        }
        bytes = rest;
    }
    bytes.is_empty()
}

/// A server that does not speak TLS is named by what it said, so that the user can tell what it is.
#[test]
fn another_protocol_is_told_from_its_first_bytes_and_quoted() {
    let (_, mut client) = client_at(Stage::Fresh, &server_hello());
    let error = feed(&mut client, b"SSH-2.0-OpenSSH_9.2p1\r\n").unwrap_err();
    assert!(matches!(&error, Error::NotTls { found } if b"SSH-2.0-".starts_with(found)), "{error}");
    assert!(error.to_string().contains("“SSH-2"), "{error}");

    // Even if not five bytes come.
    let (_, mut server) = server_at(Stage::Fresh, &client_hello());
    assert!(matches!(feed(&mut server, b"G"), Err(Error::NotTls { .. })));
    let (_, mut server) = server_at(Stage::Fresh, &client_hello());
    assert!(matches!(feed(&mut server, &[22, 2]), Err(Error::NotTls { .. })));
}

/// What a server is, is judged by the certificate alone.
#[test]
fn a_certificate_that_is_not_to_be_believed_ends_the_handshake() {
    use crate::pair::{client_config, localhost, now};
    use cutaway::pki::trust_store::TrustStore;
    use cutaway::pki::{ServerName, Time};
    use cutaway::symmetric::chacha20::Generator;
    use cutaway::tls::{Client, ClientConfig};
    use std::sync::Arc;

    let nobody = ClientConfig::new(TrustStore::new());
    let later = Time::from_unix(4_000_000_000);
    let earlier = Time::from_unix(1_000_000_000);
    let elsewhere = || -> ServerName { "example.com".parse().expect("a name") };
    for (config, name, time, alert) in [
        (nobody, localhost(), now(), A::UNKNOWN_CA),
        (client_config(), localhost(), later, A::CERTIFICATE_EXPIRED),
        (client_config(), localhost(), earlier, A::CERTIFICATE_EXPIRED),
        (client_config(), elsewhere(), now(), A::BAD_CERTIFICATE),
    ] {
        let mut client = Client::new(Arc::new(config), name, time, Generator::new(1, 0));
        let mut hand = Hand::new(Side::Server);
        hand.hear(&client.take_outgoing());
        let bytes = [answer(&mut hand, |_| {}), hand.say(&hand::certificate())].concat();
        let error = feed(&mut client, &bytes).unwrap_err();
        assert!(matches!(error, Error::Certificate(_)), "{error}");
        assert_eq!(error.alert(), Some(Alert::fatal(alert)), "{error}");
        assert_eq!(hand.hear(&client.take_outgoing()), [(ALERT, vec![2, alert.0])]);
    }
}
