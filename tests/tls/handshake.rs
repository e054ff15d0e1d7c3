//! Handshakes that succeed: every suite, both forms of the master secret, every way of cutting.

use cutaway::tls::alert::{Alert, AlertDescription};
use cutaway::tls::certificate::{CertificateMessage, CertificateRequest};
use cutaway::tls::dissect::SERVER;
use cutaway::tls::extension::{Extension, SignatureScheme};
use cutaway::tls::message::{HandshakeType, Message};
use cutaway::tls::record::ContentType;
use cutaway::tls::v12::key_schedule::Side;
use cutaway::tls::{CipherSuite, Connection, Error, Event};
use proptest::prelude::*;

use crate::hand::{self, Stage, client_at, client_hello, server_at, server_hello};
use crate::pair::{
    ANSWER, CERTIFICATE, Pair, QUESTION, client, client_config, client_with, cut_again, established, feed,
    record, records, server, server_config, server_with,
};

#[test]
fn every_suite_is_agreed_on_with_all_that_protects_the_handshake() {
    let mut accepts_all = server_config();
    accepts_all.suites = CipherSuite::IMPLEMENTED.to_vec();
    for suite in CipherSuite::IMPLEMENTED {
        let config = cutaway::tls::ClientConfig { suites: vec![suite], ..client_config() };
        let mut pair = Pair::whole(client_with(config), server_with(accepts_all.clone()));
        let (at_client, at_server) = pair.established();
        for established in [&at_client, &at_server] {
            assert_eq!(established.suite, suite);
            assert!(established.extended_master_secret);
            assert!(established.secure_renegotiation);
            assert_eq!(established.server_name.as_deref(), Some("localhost"));
        }
        assert_eq!(at_client.peer_certificates, std::slice::from_ref(&*CERTIFICATE));
        assert_eq!(at_server.peer_certificates, []);
        assert_eq!(pair.client.next_event(), Some(Event::Closed));
        assert_eq!(pair.server.next_event(), Some(Event::Closed));
    }
}

#[test]
fn the_server_prefers_in_its_own_order_and_accepts_only_what_it_is_set_up_for() {
    let mut config = server_config();
    config.suites = vec![CipherSuite::RSA_AES_128_GCM_SHA256, CipherSuite::RSA_AES_256_GCM_SHA384];
    let mut pair = Pair::whole(client(), server_with(config.clone()));
    assert_eq!(pair.established().0.suite, CipherSuite::RSA_AES_128_GCM_SHA256);

    config.suites = vec![CipherSuite::RSA_AES_128_GCM_SHA256];
    let only =
        cutaway::tls::ClientConfig { suites: vec![CipherSuite::RSA_AES_256_GCM_SHA384], ..client_config() };
    let (mut client, mut server) = (client_with(only), server_with(config));
    let refused = feed(&mut server, &client.take_outgoing());
    assert!(matches!(refused, Err(Error::NoCommonSuite { .. })), "{refused:?}");
}

/// RFC 5246 §7.2.1: close_notify is answered with close_notify, and what was said before it counts.
#[test]
fn either_side_may_close_and_the_other_answers() {
    for client_begins in [true, false] {
        let mut pair = Pair::new(client(), server());
        pair.run();
        if client_begins {
            pair.client.send(QUESTION).unwrap();
            pair.client.close();
            assert!(!pair.client.is_open());
            assert_eq!(pair.run().1, QUESTION);
        } else {
            pair.server.send(ANSWER).unwrap();
            pair.server.close();
            assert_eq!(pair.run().0, ANSWER);
        }
        assert!(pair.client.peer_has_closed() && pair.server.peer_has_closed());
        assert!(matches!(pair.client.send(b"more"), Err(Error::NotOpen)));
        assert!(matches!(pair.server.send(b"more"), Err(Error::NotOpen)));
    }
}

/// What comes back before our close_notify is answered was still meant for us.
#[test]
fn data_that_crosses_our_close_notify_is_still_received() {
    let mut pair = Pair::new(client(), server());
    pair.run();
    pair.server.send(ANSWER).unwrap();
    pair.client.close();
    let (from_server, from_client) = (pair.server.take_outgoing(), pair.client.take_outgoing());
    assert_eq!(feed(&mut pair.client, &from_server).unwrap(), ANSWER);
    feed(&mut pair.server, &from_client).unwrap();
    feed(&mut pair.client, &pair.server.take_outgoing()).unwrap();
    assert!(pair.client.peer_has_closed());
    assert!(!pair.client.has_outgoing(), "close_notify is said once");
}

/// The other side has said all; whatever an attacker appends does not count.
#[test]
fn what_follows_a_close_notify_is_dropped_unread() {
    let (mut hand, mut server) = server_at(Stage::Open, &client_hello());
    let mut bytes = hand.record(ContentType::ALERT, &Alert::CLOSE_NOTIFY.to_bytes());
    bytes.extend(b"anything at all");
    assert_eq!(feed(&mut server, &bytes).unwrap(), b"");
    assert_eq!(feed(&mut server, b"and more").unwrap(), b"");
    assert!(server.peer_has_closed());
}

#[test]
fn one_byte_at_a_time_is_as_good_as_all_at_once() {
    let mut pair = Pair::new(client(), server());
    pair.run_through(|_, bytes| bytes.iter().map(|&byte| vec![byte]).collect());
    pair.established();
    pair.server.send(ANSWER).unwrap();
    let (answer, _) = pair.run_through(|_, bytes| bytes.iter().map(|&byte| vec![byte]).collect());
    assert_eq!(answer, ANSWER);
}

/// Handshake, data and farewell in a single piece: each is handed up in its turn.
#[test]
fn the_servers_finished_data_and_close_notify_may_come_together() {
    let mut pair = Pair::new(client(), server());
    let mut held_back = Vec::new();
    pair.run_through(|from, bytes| {
        let last = from == SERVER
            && records(&bytes).first().is_some_and(|(kind, _)| *kind == ContentType::CHANGE_CIPHER_SPEC);
        if last {
            held_back = bytes;
            return Vec::new();
        }
        vec![bytes]
    });
    assert!(pair.client.is_handshaking());
    pair.server.send(&[7; 40_000]).unwrap();
    pair.server.close();
    held_back.extend(pair.server.take_outgoing());
    assert_eq!(feed(&mut pair.client, &held_back).unwrap(), [7; 40_000]);
    assert!(established(&mut pair.client).is_some());
    assert_eq!(pair.client.next_event(), Some(Event::Closed));
}

/// Backpressure: no more is taken from the network than one record whose plaintext nobody has read.
#[test]
fn nothing_is_taken_while_plaintext_waits() {
    let mut pair = Pair::new(client(), server());
    pair.run();
    pair.server.send(&[1; 16_384]).unwrap();
    pair.server.send(&[2; 16_384]).unwrap();
    let bytes = pair.server.take_outgoing();
    let taken = pair.client.receive(&bytes).unwrap();
    assert_eq!(taken, bytes.len() / 2);
    assert_eq!(pair.client.receive(&bytes[taken..]).unwrap(), 0);
    let mut buffer = vec![0; 20_000];
    assert_eq!(pair.client.read_plaintext(&mut buffer[..10_000]), 10_000);
    assert_eq!(pair.client.receive(&bytes[taken..]).unwrap(), 0, "half of it still waits");
    assert_eq!(pair.client.read_plaintext(&mut buffer), 6_384);
    assert_eq!(pair.client.receive(&bytes[taken..]).unwrap(), taken);
}

/// RFC 5246 §6.2.1: messages may be cut over records, and share them, in any way.
#[test]
fn handshake_messages_may_come_in_records_of_every_size() {
    for length in (1..=64).chain([255, 512, 1000, usize::MAX]) {
        let mut pair = Pair::new(client(), server());
        pair.run_through(|_, flight| vec![cut_again(&flight, || length)]);
        pair.established();
    }
}

/// A sealed Finished may be cut over records as well.
#[test]
fn finished_may_come_in_sixteen_sealed_records() {
    let (mut hand, mut server) = server_at(Stage::Changed, &client_hello());
    for byte in hand.finished(Side::Client).to_bytes() {
        assert!(!server.is_open());
        let record = hand.record(ContentType::HANDSHAKE, &[byte]);
        feed(&mut server, &record).unwrap();
    }
    assert!(established(&mut server).is_some());

    let (mut hand, mut client) = client_at(Stage::Changed, &server_hello());
    for byte in hand.finished(Side::Server).to_bytes() {
        assert!(!client.is_open());
        let record = hand.record(ContentType::HANDSHAKE, &[byte]);
        feed(&mut client, &record).unwrap();
    }
    assert!(established(&mut client).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_cutting_into_records_and_pieces_is_understood(
        lengths in prop::collection::vec(1_usize..700, 1..40),
        pieces in prop::collection::vec(1_usize..90, 1..20),
    ) {
        let (mut lengths, mut pieces) = (lengths.into_iter().cycle(), pieces.into_iter().cycle());
        let mut pair = Pair::new(client(), server());
        pair.run_through(|_, flight| {
            let mut flight = cut_again(&flight, || lengths.next().expect("they go round"));
            let mut cut = Vec::new();
            while !flight.is_empty() {
                let length = pieces.next().expect("they go round").min(flight.len());
                let rest = flight.split_off(length);
                cut.push(std::mem::replace(&mut flight, rest));
            }
            cut
        });
        pair.established();
    }

    #[test]
    fn data_of_any_length_arrives(first in 0_usize..40_000, second in 0_usize..40_000) {
        let mut pair = Pair::new(client(), server());
        pair.run();
        pair.client.send(&vec![1; first]).unwrap();
        pair.client.send(&vec![2; second]).unwrap();
        pair.server.send(&vec![3; second]).unwrap();
        let (at_client, at_server) = pair.run();
        prop_assert_eq!(at_client, vec![3; second]);
        prop_assert_eq!(at_server, [vec![1; first], vec![2; second]].concat());
    }
}

/// RFC 7627 §5.3, §5.4: where one side does not know it, both use the older formula and go on.
#[test]
fn extended_master_secret_is_used_when_both_sides_say_so_and_not_otherwise() {
    for said in [true, false] {
        let mut hello = client_hello();
        hello.extensions.retain(|extension| said || *extension != Extension::ExtendedMasterSecret);
        let (_, mut server) = server_at(Stage::Open, &hello);
        assert_eq!(established(&mut server).unwrap().extended_master_secret, said);

        let mut hello = server_hello();
        hello.extensions.retain(|extension| said || *extension != Extension::ExtendedMasterSecret);
        let (_, mut client) = client_at(Stage::Open, &hello);
        assert_eq!(established(&mut client).unwrap().extended_master_secret, said);
    }
}

/// RFC 5746 §3.6: the extension and the signalling suite say the same.
#[test]
fn secure_renegotiation_is_understood_in_either_form() {
    for (extension, suite) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut hello = client_hello();
        hello.extensions.retain(|said| extension || *said != Extension::RenegotiationInfo(Vec::new()));
        hello.cipher_suites.extend(suite.then_some(CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV));
        let (_, mut server) = server_at(Stage::Open, &hello);
        assert_eq!(established(&mut server).unwrap().secure_renegotiation, extension || suite);
    }
    for said in [true, false] {
        let mut hello = server_hello();
        hello.extensions.retain(|answer| said || *answer != Extension::RenegotiationInfo(Vec::new()));
        let (_, mut client) = client_at(Stage::Open, &hello);
        assert_eq!(established(&mut client).unwrap().secure_renegotiation, said);
    }
}

/// RFC 5246 §7.4.1.3: a hello without extensions simply ends, and a client that has more to say than
/// we know is understood all the same.
#[test]
fn a_bare_hello_and_one_full_of_unknown_things_are_both_answered() {
    let mut bare = client_hello();
    bare.extensions.clear();
    let (_, mut server) = server_at(Stage::Open, &bare);
    assert!(!established(&mut server).unwrap().extended_master_secret);

    let mut full = client_hello();
    full.version.0 = 0x03ff;
    full.session_id = vec![9; 32];
    full.cipher_suites.insert(0, CipherSuite(0x0a0a));
    full.cipher_suites.insert(1, CipherSuite::AES_128_GCM_SHA256);
    full.compression_methods.insert(0, cutaway::tls::hello::CompressionMethod::DEFLATE);
    full.extensions.insert(
        0,
        Extension::Other { kind: cutaway::tls::extension::ExtensionType(0x1a1a), data: vec![0; 300] },
    );
    let (mut hand, mut server) = server_at(Stage::Fresh, &full);
    let hello = hand.say(&Message::ClientHello(full));
    feed(&mut server, &hello).unwrap();
    let heard = hand.hear(&server.take_outgoing());
    let Ok(Message::ServerHello(answer)) = Message::from_bytes(&heard[0].1) else { panic!("{heard:?}") };
    assert_eq!(answer.version.0, 0x0303);
    assert_eq!(answer.session_id, b"", "no session is resumed");
}

/// RFC 5246 §7.4.1.1: amid a handshake a HelloRequest is ignored, and it is never hashed.
#[test]
fn a_hello_request_amid_the_handshake_changes_nothing() {
    for stage in [Stage::Fresh, Stage::Hello, Stage::Certificate, Stage::Exchanged, Stage::Changed] {
        let (mut hand, mut client) = client_at(stage, &server_hello());
        let request = hand.say(&Message::HelloRequest);
        assert_eq!(feed(&mut client, &request).unwrap(), b"");
        assert!(!client.has_outgoing(), "at {stage:?}");
        if stage == Stage::Changed {
            let finished = hand.finished(Side::Server);
            let finished = hand.say(&finished);
            feed(&mut client, &finished).unwrap();
            assert!(client.is_open());
        }
    }
    // The whole handshake with a request before each message: the Finished of both sides agree.
    let (mut hand, mut client) = client_at(Stage::Fresh, &server_hello());
    for message in [Message::ServerHello(server_hello()), hand::certificate(), Message::ServerHelloDone] {
        let bytes = [hand.say(&Message::HelloRequest), hand.say(&message)].concat();
        feed(&mut client, &bytes).unwrap();
    }
    hand.hear_key_exchange(&client.take_outgoing());
    let bytes = hand.finish();
    feed(&mut client, &bytes).unwrap();
    assert!(client.is_open());
}

/// What stands behind Finished is under the same keys, and is a message like any other.
#[test]
fn a_wish_behind_finished_in_the_same_record_is_refused_after_the_handshake() {
    let (mut hand, mut client) = client_at(Stage::Changed, &server_hello());
    let bytes = [hand.finished(Side::Server).to_bytes(), Message::HelloRequest.to_bytes()].concat();
    let record = hand.record(ContentType::HANDSHAKE, &bytes);
    feed(&mut client, &record).unwrap();
    assert!(established(&mut client).is_some());
    assert_eq!(hand.hear(&client.take_outgoing()), [(ContentType::ALERT, vec![1, 100])]);
}

#[test]
fn a_wish_to_renegotiate_is_refused_and_the_connection_goes_on() {
    let refusal =
        (ContentType::ALERT, Alert::warning(AlertDescription::NO_RENEGOTIATION).to_bytes().to_vec());

    let (mut hand, mut client) = client_at(Stage::Open, &server_hello());
    let request = hand.say(&Message::HelloRequest);
    feed(&mut client, &request).unwrap();
    assert_eq!(hand.hear(&client.take_outgoing()), std::slice::from_ref(&refusal));
    let data = hand.record(ContentType::APPLICATION_DATA, ANSWER);
    assert_eq!(feed(&mut client, &data).unwrap(), ANSWER);

    let (mut hand, mut server) = server_at(Stage::Open, &client_hello());
    let again = hand.say(&Message::ClientHello(client_hello()));
    feed(&mut server, &again).unwrap();
    assert_eq!(hand.hear(&server.take_outgoing()), [refusal]);
    let data = hand.record(ContentType::APPLICATION_DATA, QUESTION);
    assert_eq!(feed(&mut server, &data).unwrap(), QUESTION);
}

/// RFC 5246 §7.4.6: a client that has none to show answers with an empty list.
#[test]
fn a_certificate_request_is_answered_with_an_empty_certificate() {
    let (mut hand, mut client) = client_at(Stage::Certificate, &server_hello());
    let request = CertificateRequest {
        certificate_types: vec![1, 64],
        supported_signature_algorithms: SignatureScheme::IMPLEMENTED.to_vec(),
        certificate_authorities: vec![vec![0x30, 0]],
    };
    let bytes =
        [hand.say(&Message::CertificateRequest(request)), hand.say(&Message::ServerHelloDone)].concat();
    feed(&mut client, &bytes).unwrap();
    let heard = hand.hear_key_exchange(&client.take_outgoing());
    assert_eq!(heard[0].1, Message::Certificate(CertificateMessage::default()).to_bytes());
    assert_eq!(heard[1].1[0], HandshakeType::CLIENT_KEY_EXCHANGE.0);
    let bytes = hand.finish();
    feed(&mut client, &bytes).unwrap();
    assert!(client.is_open());
}

#[test]
fn an_empty_record_of_data_says_nothing_and_is_allowed() {
    let (mut hand, mut server) = server_at(Stage::Open, &client_hello());
    for _ in 0..100 {
        let nothing = hand.record(ContentType::APPLICATION_DATA, b"");
        let something = hand.record(ContentType::APPLICATION_DATA, b"x");
        assert_eq!(feed(&mut server, &[nothing, something].concat()).unwrap(), b"x");
    }
}

#[test]
fn a_warning_is_reported_and_the_connection_goes_on() {
    let (mut hand, mut server) = server_at(Stage::Open, &client_hello());
    assert!(established(&mut server).is_some());
    let warning = Alert::warning(AlertDescription::USER_CANCELED);
    let bytes = hand.record(ContentType::ALERT, &warning.to_bytes());
    feed(&mut server, &bytes).unwrap();
    assert_eq!(server.next_event(), Some(Event::Warning(warning)));
    assert!(server.is_open());
}

/// Whoever has said close_notify says nothing more, whatever comes.
#[test]
fn after_closing_nothing_more_is_said_and_after_closing_early_nothing_is_believed() {
    let (mut client, mut server) = (client(), server());
    feed(&mut server, &client.take_outgoing()).unwrap();
    client.close();
    assert_eq!(records(&client.take_outgoing()), [(ContentType::ALERT, [1, 0].as_slice())]);
    assert!(matches!(feed(&mut client, &server.take_outgoing()), Err(Error::NotOpen)));
    assert!(!client.has_outgoing() && !client.is_open());
    // Nothing was agreed on, so nobody can be told from an attacker.
    let forged = record(ContentType::APPLICATION_DATA, b"forged");
    assert!(matches!(feed(&mut client, &forged), Err(Error::NotOpen)));
    assert_eq!(client.plaintext_waiting(), 0);

    let (mut hand, mut client) = client_at(Stage::Open, &server_hello());
    client.close();
    hand.hear(&client.take_outgoing());
    let request = hand.say(&Message::HelloRequest);
    feed(&mut client, &request).unwrap();
    assert!(!client.has_outgoing(), "not even that it will not renegotiate");
}
