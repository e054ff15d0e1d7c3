//! Flights that were cut, lengthened, exchanged, left out, repeated, changed or made up: never a panic,
//! never a connection, never memory that grows with what was claimed.
//!
//! All that is random in our connections comes from a seed, so a recorded flight can be played back to
//! a fresh one, which finds it in order, and then played back with a change.

use std::sync::LazyLock;

use cutaway::tls::dissect::{CLIENT, SERVER};
use cutaway::tls::message::{HandshakeType, Message};
use cutaway::tls::record::ContentType;
use cutaway::tls::{Client, Connection, Error, Server};
use proptest::prelude::*;

use crate::hand::{Stage, certificate, client_at, client_hello, messages, server_at, server_hello};
use crate::pair::{ANSWER, Pair, QUESTION, client, established, feed, record, records, server};

/// All that the client says in a good conversation, and where its Finished ends.
static CLIENTS: LazyLock<(Vec<u8>, usize)> = LazyLock::new(|| said_by_party(true));

/// The same of the server.
static SERVERS: LazyLock<(Vec<u8>, usize)> = LazyLock::new(|| said_by_party(false));

fn said_by_party(client_side: bool) -> (Vec<u8>, usize) {
    let pair = Pair::whole(client(), server());
    let said = pair.transcript.said_by(if client_side { CLIENT } else { SERVER });
    let mut end = 0;
    for (kind, fragment) in records(&said) {
        if kind == ContentType::APPLICATION_DATA {
            break;
        }
        end += 5 + fragment.len();
    }
    (said, end)
}

/// A server as it is when the recorded client begins.
fn fresh_server() -> Server {
    server()
}

/// A client as it is when the recorded server begins: its ClientHello is out.
fn fresh_client() -> Client {
    let mut client = client();
    client.take_outgoing();
    client
}

/// What becomes of a connection that is told `bytes`: the data that came out and whether the handshake
/// was finished. If it fails, its alert is among what it says.
fn outcome(connection: &mut impl Connection, bytes: &[u8]) -> (Result<Vec<u8>, Error>, bool) {
    let heard = feed(connection, bytes);
    let said = connection.take_outgoing();
    if let Err(error) = &heard {
        assert!(!connection.is_open() && !connection.is_handshaking());
        if let Some(alert) = error.alert() {
            let (kind, fragment) = *records(&said).last().expect("the alert is said");
            assert_eq!(kind, ContentType::ALERT, "{error}");
            assert!(fragment == alert.to_bytes() || fragment.len() == 26, "{error}: in plaintext or sealed");
        }
    }
    (heard, established(connection).is_some())
}

#[test]
fn a_recorded_flight_played_back_to_the_same_seed_is_in_order() {
    let (heard, open) = outcome(&mut fresh_server(), &CLIENTS.0);
    assert_eq!((heard.unwrap().as_slice(), open), (QUESTION, true));
    let mut client = fresh_client();
    let (heard, open) = outcome(&mut client, &SERVERS.0);
    assert_eq!((heard.unwrap().as_slice(), open), (ANSWER, true));
}

/// Cut anywhere, it is not an error yet: more is waited for. And it is no success.
#[test]
fn a_flight_that_is_cut_short_anywhere_is_waited_for_and_never_believed() {
    let (said, end) = &*SERVERS;
    for cut in 0..said.len() {
        let mut client = fresh_client();
        let (heard, open) = outcome(&mut client, &said[..cut]);
        assert_eq!(open, cut >= *end, "cut at {cut}");
        let whole_answer = cut >= end + 5 + ANSWER.len() + 24;
        assert_eq!(heard.unwrap(), if whole_answer { ANSWER } else { b"" }, "cut at {cut}");
        assert!(!client.peer_has_closed(), "cut at {cut}");
    }
    // The server's answer to a key exchange costs a private operation: fewer places.
    let (said, end) = &*CLIENTS;
    for cut in (0..said.len()).step_by(7) {
        let mut server = fresh_server();
        let (heard, open) = outcome(&mut server, &said[..cut]);
        assert_eq!((heard.is_ok(), open), (true, cut >= *end), "cut at {cut}");
        assert!(!server.peer_has_closed(), "cut at {cut}");
    }
}

/// The one byte of a handshake that nothing protects: the minor version of the first record, which
/// clients of old set as they liked (RFC 5246 §E.1).
fn is_free(at: usize) -> bool {
    at == 2
}

#[test]
fn a_bit_turned_over_anywhere_in_the_servers_handshake_ends_it() {
    let (said, end) = &*SERVERS;
    for at in 0..*end {
        let mut changed = said.clone();
        changed[at] ^= 1 << (at % 8);
        let (_, open) = outcome(&mut fresh_client(), &changed);
        assert!(!open || is_free(at), "byte {at} was changed and nobody noticed");
    }
}

#[test]
fn a_bit_turned_over_in_the_clients_handshake_ends_it() {
    let (said, end) = &*CLIENTS;
    for at in (0..*end).step_by(3) {
        let mut changed = said.clone();
        changed[at] ^= 0x80 >> (at % 8);
        let (_, open) = outcome(&mut fresh_server(), &changed);
        assert!(!open || is_free(at), "byte {at} was changed and nobody noticed");
    }
}

/// How a stranger on the wire may change a flight.
#[derive(Clone, Debug)]
enum Change {
    Flip(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    Replace(prop::sample::Index, Vec<u8>),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    let bytes = || prop::collection::vec(any::<u8>(), 1..40);
    prop_oneof![
        (at(), 0_u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (at(), bytes()).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at(), 1_usize..300).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), 1_usize..300).prop_map(|(at, length)| Change::Repeat(at, length)),
        (at(), bytes()).prop_map(|(at, bytes)| Change::Replace(at, bytes)),
    ]
}

fn apply(change: &Change, said: &mut Vec<u8>) {
    if said.is_empty() {
        return;
    }
    match change {
        Change::Flip(at, bit) => {
            let at = at.index(said.len());
            said[at] ^= 1 << bit;
        }
        Change::Insert(at, bytes) => {
            let at = at.index(said.len());
            said.splice(at..at, bytes.iter().copied());
        }
        Change::Remove(at, length) => {
            let at = at.index(said.len());
            let end = (at + length).min(said.len());
            said.drain(at..end);
        }
        Change::Repeat(at, length) => {
            let at = at.index(said.len());
            let end = (at + length).min(said.len());
            let again = said[at..end].to_vec();
            said.splice(end..end, again);
        }
        Change::Replace(at, bytes) => {
            let at = at.index(said.len());
            let end = (at + bytes.len()).min(said.len());
            said[at..end].copy_from_slice(&bytes[..end - at]);
        }
    }
}

/// Data that comes out is a beginning of what was said, whatever was done to the flight.
fn only_what_was_said(heard: &Result<Vec<u8>, Error>, said: &[u8]) -> bool {
    heard.as_ref().map_or(true, |heard| said.starts_with(heard))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_server_survives_any_change(changes in prop::collection::vec(change(), 1..4)) {
        let (mut said, _) = CLIENTS.clone();
        changes.iter().for_each(|change| apply(change, &mut said));
        let (heard, _) = outcome(&mut fresh_server(), &said);
        prop_assert!(only_what_was_said(&heard, QUESTION));
    }

    #[test]
    fn a_client_survives_any_change(changes in prop::collection::vec(change(), 1..4)) {
        let (mut said, _) = SERVERS.clone();
        changes.iter().for_each(|change| apply(change, &mut said));
        let (heard, _) = outcome(&mut fresh_client(), &said);
        prop_assert!(only_what_was_said(&heard, ANSWER));
    }
}

/// Bytes in records with headers that are in order, so that what lies behind those is reached.
fn made_up() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    let fragment = (0_u8..25, bytes, any::<bool>()).prop_map(|(kind, mut bytes, is_message)| {
        if is_message && bytes.len() >= 4 {
            let length = (bytes.len() - 4) as u32;
            bytes[..4].copy_from_slice(&length.to_be_bytes());
            bytes[0] = kind;
        }
        bytes
    });
    let record = (20_u8..24, fragment).prop_map(|(kind, fragment)| record(ContentType(kind), &fragment));
    prop::collection::vec(record, 1..6).prop_map(|records| records.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn bytes_without_sense_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(!outcome(&mut fresh_server(), &bytes).1);
        prop_assert!(!outcome(&mut fresh_client(), &bytes).1);
    }

    #[test]
    fn records_without_sense_are_survived(bytes in made_up()) {
        prop_assert!(!outcome(&mut fresh_server(), &bytes).1);
        prop_assert!(!outcome(&mut fresh_client(), &bytes).1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn records_without_sense_are_survived_at_every_stage(bytes in made_up(), seal in any::<bool>()) {
        for stage in [Stage::Hello, Stage::Exchanged, Stage::Changed, Stage::Open] {
            let (mut hand, mut server) = server_at(stage, &client_hello());
            let bytes = if seal {
                records(&bytes).into_iter().flat_map(|(kind, fragment)| hand.record(kind, fragment)).collect()
            } else {
                bytes.clone()
            };
            let _ = established(&mut server);
            prop_assert!(!outcome(&mut server, &bytes).1);
        }
        for stage in [Stage::Hello, Stage::Certificate, Stage::Exchanged, Stage::Changed, Stage::Open] {
            let (mut hand, mut client) = client_at(stage, &server_hello());
            let bytes = if seal {
                records(&bytes).into_iter().flat_map(|(kind, fragment)| hand.record(kind, fragment)).collect()
            } else {
                bytes.clone()
            };
            let _ = established(&mut client);
            prop_assert!(!outcome(&mut client, &bytes).1);
        }
    }
}

/// The words of a server in every order, left out, repeated: a client answers exactly those sequences
/// that RFC 5246 §7.3 has, and calls every other one unexpected at its first wrong word.
#[test]
fn a_client_accepts_the_servers_messages_in_the_standards_order_alone() {
    let request = Message::CertificateRequest(cutaway::tls::certificate::CertificateRequest {
        certificate_types: vec![1],
        supported_signature_algorithms: vec![cutaway::tls::extension::SignatureScheme::RSA_PKCS1_SHA256],
        certificate_authorities: vec![],
    });
    let words = [
        Message::ServerHello(server_hello()),
        certificate(),
        request,
        Message::ServerHelloDone,
        Message::HelloRequest,
    ]
    .map(|message| message.to_bytes());
    for sequence in (0..5_usize.pow(5)).map(|number| (0..5).map(move |place| number / 5_usize.pow(place) % 5))
    {
        let mut client = fresh_client();
        let (mut expected, mut wishes) = (0, 0);
        for word in sequence.clone() {
            let heard = feed(&mut client, &record(ContentType::HANDSHAKE, &words[word]));
            wishes += usize::from(word == 4);
            if wishes > 4 {
                assert!(matches!(heard, Err(Error::TooManyWarnings)));
                break;
            }
            let next = match (expected, word) {
                (at, 4) => Some(at),
                (0, 0) => Some(1),
                (1, 1) => Some(2),
                (2, 2) => Some(3),
                (2 | 3, 3) => Some(4),
                _ => None,
            };
            let Some(next) = next else {
                let error = heard.unwrap_err();
                assert!(
                    matches!(error, Error::Unexpected { .. }),
                    "{:?}: {error}",
                    sequence.collect::<Vec<_>>()
                );
                break;
            };
            assert!(heard.is_ok(), "{:?}: {heard:?}", sequence.collect::<Vec<_>>());
            expected = next;
            assert_eq!(client.has_outgoing(), expected == 4, "{:?}", sequence.collect::<Vec<_>>());
        }
    }
}

/// The same of a client's flights. Whatever is exchanged, left out or repeated, the server never opens.
#[test]
fn a_server_accepts_the_clients_records_in_the_standards_order_alone() {
    let (said, end) = &*CLIENTS;
    let words: Vec<Vec<u8>> =
        records(&said[..*end]).into_iter().map(|(kind, bytes)| record(kind, bytes)).collect();
    assert_eq!(words.len(), 4, "ClientHello, ClientKeyExchange, ChangeCipherSpec, Finished");
    let count = words.len();
    let length = u32::try_from(count).expect("four");
    for number in 0..count.pow(length) {
        let sequence: Vec<usize> = (0..length).map(|place| number / count.pow(place) % count).collect();
        if sequence[..3] == [0, 1, 2] {
            continue; // These alone come to a private operation; below.
        }
        let bytes: Vec<u8> = sequence.iter().flat_map(|&word| words[word].clone()).collect();
        let (heard, open) = outcome(&mut fresh_server(), &bytes);
        assert!(!open, "{sequence:?}");
        assert!(
            matches!(heard, Err(Error::Unexpected { .. } | Error::RecordVersion { .. })),
            "{sequence:?}: {heard:?}"
        );
    }
    for last in 0..count {
        let bytes: Vec<u8> = [0, 1, 2, last].iter().flat_map(|&word| words[word].clone()).collect();
        let (heard, open) = outcome(&mut fresh_server(), &bytes);
        assert_eq!((heard.is_ok(), open), (last == 3, last == 3), "{last}");
    }
}

/// Each message of the server cut, lengthened, or with a length that does not fit.
#[test]
fn a_message_cut_or_lengthened_within_its_flight_is_a_decode_error() {
    let flight: Vec<Vec<u8>> = messages(&SERVERS.0);
    for (which, message) in flight.iter().enumerate() {
        let before: Vec<u8> =
            flight[..which].iter().flat_map(|bytes| record(ContentType::HANDSHAKE, bytes)).collect();
        for by in [-2_i32, -1, 1, 2] {
            let body = message.len() as i32 - 4 + by;
            let Ok(body) = u32::try_from(body) else { continue };
            let mut changed = message.clone();
            changed.resize(4 + body as usize, 0);
            changed[1..4].copy_from_slice(&body.to_be_bytes()[1..]);
            let bytes = [before.as_slice(), &record(ContentType::HANDSHAKE, &changed)].concat();
            let (heard, _) = outcome(&mut fresh_client(), &bytes);
            assert!(matches!(heard, Err(Error::Decode { .. })), "message {which}, by {by}: {heard:?}");
        }
    }
}

/// A claim is refused when it is made, not when its bytes have come.
#[test]
fn a_claim_of_sixteen_megabytes_is_refused_from_its_first_four_bytes() {
    for kind in [HandshakeType::CLIENT_HELLO, HandshakeType::CERTIFICATE, HandshakeType(77)] {
        let header = record(ContentType::HANDSHAKE, &[kind.0, 0xff, 0xff, 0xff]);
        assert!(matches!(outcome(&mut fresh_server(), &header).0, Err(Error::Decode { .. })));
        assert!(matches!(outcome(&mut fresh_client(), &header).0, Err(Error::Decode { .. })));
    }
    // The header of a record that is too long, without one byte of it.
    let mut server = fresh_server();
    assert!(matches!(
        feed(&mut server, &[22, 3, 1, 0xff, 0xff]),
        Err(Error::RecordOverflow { length: 65_535, .. })
    ));
}

/// Of what comes without end only so much is listened to: the count of bytes taken until the error.
#[test]
fn nothing_is_listened_to_without_end() {
    let listened = |name: &str, connection: &mut dyn FnMut() -> Result<usize, Error>| {
        let mut bytes = 0;
        for _ in 0..100_000 {
            match connection() {
                Ok(taken) => bytes += taken,
                Err(_) => return bytes,
            }
        }
        panic!("{name} was listened to for ever");
    };
    let (mut hand, mut server) = server_at(Stage::Open, &client_hello());
    let mut empty = || {
        let bytes = hand.record(ContentType::APPLICATION_DATA, b"");
        feed(&mut server, &bytes).map(|_| bytes.len())
    };
    assert!(listened("empty records", &mut empty) <= 32 * 29);

    let (mut hand, mut server) = server_at(Stage::Open, &client_hello());
    let mut warnings = || {
        let bytes = hand.record(ContentType::ALERT, &[1, 90]);
        feed(&mut server, &bytes).map(|_| bytes.len())
    };
    assert!(listened("warnings", &mut warnings) <= 4 * 31);

    let (mut hand, mut client) = client_at(Stage::Open, &server_hello());
    let mut requests = || {
        let bytes = hand.say(&Message::HelloRequest);
        feed(&mut client, &bytes).map(|_| bytes.len())
    };
    assert!(listened("wishes to renegotiate", &mut requests) <= 4 * 33);

    let mut client = fresh_client();
    let mut requests = || {
        let bytes = record(ContentType::HANDSHAKE, &[0; 4]);
        feed(&mut client, &bytes).map(|_| bytes.len())
    };
    assert!(listened("wishes to begin amid the beginning", &mut requests) <= 4 * 9);

    // A message of the greatest length, in the smallest pieces: no more is kept than it has.
    let mut server = fresh_server();
    let mut first = true;
    let mut pieces = || {
        let bytes =
            record(ContentType::HANDSHAKE, if std::mem::take(&mut first) { &[1, 1, 0, 0] } else { &[0] });
        feed(&mut server, &bytes).map(|_| bytes.len())
    };
    assert!(listened("one message", &mut pieces) <= 65_536 * 6 + 9);
}
