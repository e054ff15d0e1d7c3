//! What the other side must not do, and the alert that it gets for it (RFC 5246 §7.2.2, §7.4). The
//! other side is led by hand; the connection under test is ours, and has come to the given stage.

#[path = "violations/by_clients.rs"]
mod by_clients;
#[path = "violations/by_servers.rs"]
mod by_servers;

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
use crate::pair::{feed, record};

pub struct Violation {
    pub name: &'static str,
    /// How far the handshake has come when it happens.
    pub stage: Stage,
    /// What the side led by hand says.
    pub said: fn(&mut Hand) -> Vec<u8>,
    /// Words in the error.
    pub error: &'static str,
    /// The alert that comes back, if one does.
    pub alert: Option<A>,
}

pub const HANDSHAKE: ContentType = ContentType::HANDSHAKE;
pub const CHANGE: ContentType = ContentType::CHANGE_CIPHER_SPEC;
pub const ALERT: ContentType = ContentType::ALERT;
pub const DATA: ContentType = ContentType::APPLICATION_DATA;

/// `name, stage => what is said => words in the error, alert`
macro_rules! violations {
    ($($name:literal, $stage:ident => $said:expr => $error:literal, $alert:expr;)*) => {
        &[$(Violation { name: $name, stage: Stage::$stage, said: $said, error: $error, alert: $alert }),*]
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

/// Not 16 KiB of handshake header: a record that is one byte too long, in plaintext.
pub fn too_long() -> Vec<u8> {
    record(HANDSHAKE, &vec![0; MAX_PLAINTEXT + 1])
}

/// A record with one bit of its last byte turned over.
pub fn tampered(mut record: Vec<u8>) -> Vec<u8> {
    *record.last_mut().expect("a record has bytes") ^= 1;
    record
}

fn check(by: &str, violation: &Violation, hand: &mut Hand, connection: &mut impl Connection) {
    let Violation { name, stage, said, error: words, alert } = violation;
    let bytes = said(hand);
    let error = feed(connection, &bytes).expect_err(name);
    assert!(error.to_string().contains(words), "{by}: {name}: “{error}” has not “{words}”");
    assert_eq!(error.alert(), alert.map(Alert::fatal), "{by}: {name}: {error}");

    let said = hand.hear_key_exchange(&connection.take_outgoing());
    let last = said.last().map(|(kind, bytes)| (*kind, bytes.as_slice()));
    let expected = alert.map(|alert| Alert::fatal(alert).to_bytes());
    let expected = expected.as_ref().map(|alert| (ALERT, alert.as_slice()));
    assert!(last == expected || (alert.is_none() && said.is_empty()), "{by}: {name}: {said:?}");

    // That was the end of it.
    assert!(matches!(connection.receive(&bytes), Err(Error::NotOpen)), "{by}: {name}");
    assert!(matches!(connection.send(b"x"), Err(Error::NotOpen)), "{by}: {name}");
    connection.close();
    assert!(
        !connection.has_outgoing() && !connection.is_open() && !connection.is_handshaking(),
        "{by}: {name}"
    );
    let early = *stage < Stage::Open && crate::pair::established(connection).is_some();
    assert!(!early, "{by}: {name}: established all the same");
}

#[test]
fn every_violation_by_a_client_is_answered_with_the_alert_that_is_due() {
    for violation in by_clients::VIOLATIONS {
        let (mut hand, mut server) = server_at(violation.stage, &client_hello());
        check("client", violation, &mut hand, &mut server);
    }
}

#[test]
fn every_violation_by_a_server_is_answered_with_the_alert_that_is_due() {
    for violation in by_servers::VIOLATIONS {
        let (mut hand, mut client) = client_at(violation.stage, &server_hello());
        check("server", violation, &mut hand, &mut client);
    }
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
