//! The window: what it shows of a good conversation with much and with little known, and that it shows
//! every byte of any conversation exactly once.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cutaway::pki::PrivateKey;
use cutaway::tls::alert::Alert;
use cutaway::tls::dissect::{CLIENT, Content, Dissection, Known, SERVER};
use cutaway::tls::key_log::{Collected, KeyLogEntry};
use cutaway::tls::message::HandshakeType;
use cutaway::tls::record::{ContentType, ProtocolVersion};
use cutaway::tls::{CipherSuite, ClientConfig};
use cutaway::wire::{Origin, Party, Span, Transcript};
use proptest::prelude::*;

use crate::checks::dissect_and_check;
use crate::hand::{Stage, client_hello, messages, server_at};
use crate::pair::{
    ANSWER, AUTHORITY, KEY, Pair, QUESTION, client_config, client_with, cut_again, record, server_config,
    server_with,
};

/// A good conversation with this suite, and what its client logged.
fn recorded(suite: CipherSuite) -> (Transcript, Vec<KeyLogEntry>) {
    let log = Arc::new(Collected::default());
    let config = ClientConfig { suites: vec![suite], key_log: Some(log.clone()), ..client_config() };
    let mut accepts = server_config();
    accepts.suites = vec![suite];
    (Pair::whole(client_with(config), server_with(accepts)).transcript, log.entries())
}

static GOOD: LazyLock<(Transcript, Vec<KeyLogEntry>)> =
    LazyLock::new(|| recorded(CipherSuite::RSA_AES_256_GCM_SHA384));

fn nothing() -> Known {
    Known { trusted: vec![AUTHORITY.clone()], ..Known::default() }
}

fn with_server_key() -> Known {
    Known { server_key: Some(PrivateKey::Rsa((**KEY).clone()).to_pkcs1_der()), ..nothing() }
}

fn with_key_log(key_log: Vec<KeyLogEntry>) -> Known {
    Known { key_log, ..nothing() }
}

/// What happened, in order: who, what, sealed or not.
fn course(dissection: &Dissection) -> Vec<(Party, Content, bool)> {
    dissection.events.iter().map(|event| (event.from, event.content, event.sealed)).collect()
}

fn opened_course() -> Vec<(Party, Content, bool)> {
    use HandshakeType as H;
    let farewell = Content::Alert(Alert::CLOSE_NOTIFY);
    vec![
        (CLIENT, Content::Handshake(H::CLIENT_HELLO), false),
        (SERVER, Content::Handshake(H::SERVER_HELLO), false),
        (SERVER, Content::Handshake(H::CERTIFICATE), false),
        (SERVER, Content::Handshake(H::SERVER_HELLO_DONE), false),
        (CLIENT, Content::Handshake(H::CLIENT_KEY_EXCHANGE), false),
        (CLIENT, Content::ChangeCipherSpec, false),
        (CLIENT, Content::Handshake(H::FINISHED), true),
        (SERVER, Content::ChangeCipherSpec, false),
        (SERVER, Content::Handshake(H::FINISHED), true),
        (CLIENT, Content::ApplicationData, true),
        (SERVER, Content::ApplicationData, true),
        (CLIENT, farewell, true),
        (SERVER, farewell, true),
    ]
}

fn data(dissection: &Dissection, from: Party) -> Vec<u8> {
    let events = dissection
        .events
        .iter()
        .filter(|event| event.from == from && event.content == Content::ApplicationData);
    events.flat_map(|event| dissection.layers.bytes(&event.message)).copied().collect()
}

/// Everything is open: the course, the data, and both proofs.
fn assert_open(dissection: &Dissection) {
    assert_eq!(course(dissection), opened_course());
    assert_eq!(data(dissection, CLIENT), QUESTION);
    assert_eq!(data(dissection, SERVER), ANSWER);
    assert_eq!(dissection.version(), Some(ProtocolVersion::TLS_1_2));
    let schedule = &dissection.schedule;
    for verify_data in [&schedule.client_verify_data, &schedule.server_verify_data] {
        let (expected, matches) = verify_data.as_ref().expect("computed");
        assert!(matches);
        assert_eq!(dissection.layers.matched(expected).count(), 1, "with the place in Finished");
    }
    assert!(
        schedule.session_hash.is_some() && schedule.master_secret.is_some() && schedule.key_block.is_some()
    );
    assert_eq!(schedule.extended_master_secret.len(), 2);
}

#[test]
fn the_servers_key_opens_everything() {
    for suite in CipherSuite::IMPLEMENTED {
        let (transcript, log) = recorded(suite);
        let dissection = dissect_and_check(&transcript, &with_server_key());
        assert_open(&dissection);
        let layers = &dissection.layers;
        let schedule = &dissection.schedule;

        // The values are those that the client knew.
        for entry in &log {
            match entry {
                KeyLogEntry::Premaster { premaster, block, .. } => {
                    assert_eq!(layers.bytes(schedule.premaster.as_ref().unwrap()), premaster.reveal());
                    let block = block.as_ref().expect("the client made it");
                    assert_eq!(layers.bytes(schedule.opened_block.as_ref().unwrap()), block.reveal());
                }
                KeyLogEntry::Master { master, .. } => {
                    assert_eq!(layers.bytes(schedule.master_secret.as_ref().unwrap()), master.reveal());
                }
            }
        }
        assert_eq!(
            layers.bytes(schedule.modulus.as_ref().unwrap()).trim_ascii_start_zero(),
            KEY.public().n()
        );
        let suite_at = layers.bytes(schedule.cipher_suite.as_ref().unwrap());
        assert_eq!(suite_at, suite.0.to_be_bytes());
    }
}

/// DER puts a zero before a modulus, which is not part of its value.
trait WithoutLeadingZero {
    fn trim_ascii_start_zero(&self) -> &[u8];
}

impl WithoutLeadingZero for [u8] {
    fn trim_ascii_start_zero(&self) -> &[u8] {
        self.strip_prefix(&[0]).unwrap_or(self)
    }
}

/// The authority's signature, undone with its key, ends in the hash of what was signed.
#[test]
fn the_signature_on_the_certificate_matches_and_a_changed_one_does_not() {
    let signature = |transcript: &Transcript| dissect_and_check(transcript, &nothing()).signature;
    let good = signature(&GOOD.0).expect("the authority is known");
    assert!(good.matches);

    let mut changed = GOOD.0.clone();
    let (at, _) = find(&changed, SERVER, crate::pair::CERTIFICATE.signature());
    changed.chunks[1].bytes[at + 100] ^= 1;
    assert!(!signature(&changed).expect("there is one").matches);
    assert!(dissect_and_check(&GOOD.0, &Known::default()).signature.is_none(), "whose key is not known");
}

/// Where `needle` stands in the first chunk of `party` that has it.
fn find(transcript: &Transcript, party: Party, needle: &[u8]) -> (usize, usize) {
    let chunk = transcript.chunks.iter().position(|chunk| chunk.from == party).expect("it said something");
    let bytes = &transcript.chunks[chunk].bytes;
    (bytes.windows(needle.len()).position(|window| window == needle).expect("it is there"), chunk)
}

#[test]
fn either_kind_of_line_in_a_key_log_opens_everything() {
    let (transcript, log) = &*GOOD;
    assert_eq!(log.len(), 2);
    assert_open(&dissect_and_check(transcript, &with_key_log(log.clone())));
    for entry in log {
        assert_open(&dissect_and_check(transcript, &with_key_log(vec![entry.clone()])));
        // As a file has it: without the padded block.
        let line = KeyLogEntry::from_line(&entry.to_line()).expect("our own line");
        let dissection = dissect_and_check(transcript, &with_key_log(vec![line]));
        assert_open(&dissection);
        let knows_premaster = matches!(entry, KeyLogEntry::Premaster { .. });
        assert_eq!(dissection.schedule.premaster.is_some(), knows_premaster);
    }
    // Both at once, the key too: one premaster secret from three sides.
    let everything = Known { key_log: log.clone(), ..with_server_key() };
    let dissection = dissect_and_check(transcript, &everything);
    assert_open(&dissection);
    let sealed = dissection.schedule.sealed_block.as_ref().expect("the client told");
    assert_eq!(
        dissection.layers.matched(sealed).collect::<Vec<_>>(),
        [dissection.schedule.opened_block.as_ref().unwrap()]
    );
}

#[test]
fn with_nothing_known_what_is_sealed_stays_sealed() {
    let dissection = dissect_and_check(&GOOD.0, &Known::default());
    let mut expected = opened_course();
    for (_, content, sealed) in &mut expected {
        if *sealed {
            *content = Content::Sealed(match content {
                Content::Handshake(_) => ContentType::HANDSHAKE,
                Content::ApplicationData => ContentType::APPLICATION_DATA,
                _ => ContentType::ALERT,
            });
        }
    }
    assert_eq!(course(&dissection), expected);
    let schedule = &dissection.schedule;
    assert!(schedule.premaster.is_none() && schedule.master_secret.is_none() && schedule.key_block.is_none());
    assert!(schedule.client_random.is_some() && schedule.encrypted_premaster.is_some());
}

/// A key log of another conversation, and a key of another server, open nothing and break nothing.
#[test]
fn secrets_of_another_conversation_open_nothing() {
    let strangers: Vec<KeyLogEntry> = GOOD
        .1
        .iter()
        .map(|entry| {
            let mut line = entry.to_line();
            let at = line.find(' ').expect("three words") + 1;
            line.replace_range(at..at + 2, if line[at..].starts_with("00") { "01" } else { "00" });
            KeyLogEntry::from_line(&line).expect("still a line")
        })
        .collect();
    let dissection = dissect_and_check(&GOOD.0, &with_key_log(strangers));
    assert!(dissection.schedule.master_secret.is_none());
    assert_eq!(data(&dissection, CLIENT), b"");

    let garbage = cutaway::secret::SecretVec::new(b"no key at all".to_vec());
    let dissection = dissect_and_check(&GOOD.0, &Known { server_key: Some(garbage), ..nothing() });
    assert!(dissection.schedule.premaster.is_none());
}

/// Handshake messages cut over records, and several in one record: the same events.
#[test]
fn however_the_handshake_is_cut_the_same_messages_are_shown() {
    for length in [1, 2, 3, 5, 100, 400, usize::MAX] {
        let mut transcript = GOOD.0.clone();
        for chunk in &mut transcript.chunks {
            chunk.bytes = cut_again_plain(&chunk.bytes, length);
        }
        assert_open(&dissect_and_check(&transcript, &with_server_key()));
        assert_open(&dissect_and_check(&transcript, &with_key_log(GOOD.1.clone())));
    }
}

/// [`cut_again`] for flights that begin in plaintext. The others are left as they are.
fn cut_again_plain(flight: &[u8], length: usize) -> Vec<u8> {
    if flight[0] == ContentType::HANDSHAKE.0 && flight[5] < 20 {
        cut_again(flight, || length)
    } else {
        flight.to_vec()
    }
}

/// An opened byte leads back to where it stood on the wire, and nothing there equals it.
#[test]
fn opened_data_leads_back_to_its_place_on_the_wire() {
    let dissection = dissect_and_check(&GOOD.0, &with_server_key());
    let event = dissection.find(SERVER, Content::ApplicationData).expect("opened");
    let [on_wire]: [Span; 1] = dissection.layers.on_the_wire(&event.message).try_into().expect("one record");
    assert_eq!(on_wire.range, 13..13 + ANSWER.len());
    assert_eq!(event.records, [dissection.layers.whole(on_wire.layer)]);
    assert_ne!(dissection.layers.bytes(&on_wire), ANSWER);
}

/// Without extended_master_secret the older formula is shown, and it opens as well.
#[test]
fn a_handshake_without_extended_master_secret_is_opened_with_the_older_formula() {
    let mut hello = client_hello();
    hello.extensions.remove(1);
    let mut transcript = Transcript::default();
    let (mut hand, mut server) = server_at(Stage::Fresh, &hello);
    let mut say = |bytes: Vec<u8>, hand: &mut crate::hand::Hand| {
        use cutaway::tls::Connection;
        transcript.push(CLIENT, Duration::ZERO, &bytes);
        crate::pair::feed(&mut server, &bytes).unwrap();
        let said = server.take_outgoing();
        transcript.push(SERVER, Duration::ZERO, &said);
        hand.hear(&said);
    };
    let bytes = hand.say(&cutaway::tls::message::Message::ClientHello(hello));
    say(bytes, &mut hand);
    let bytes = [hand.good_key_exchange(), hand.finish()].concat();
    say(bytes, &mut hand);
    let dissection = dissect_and_check(&transcript, &with_server_key());
    assert!(dissection.schedule.session_hash.is_none());
    assert!(dissection.schedule.client_verify_data.as_ref().expect("computed").1);
    assert!(dissection.schedule.server_verify_data.as_ref().expect("computed").1);
}

/// Cut at any byte: what came until then is shown, and the rest of a record is named so.
#[test]
fn a_recording_that_ends_anywhere_is_shown_to_its_end() {
    let (transcript, log) = &*GOOD;
    let whole: usize = transcript.chunks.iter().map(|chunk| chunk.bytes.len()).sum();
    for cut in (0..whole).step_by(5) {
        let mut left = cut;
        let mut shortened = Transcript::default();
        for chunk in &transcript.chunks {
            let length = chunk.bytes.len().min(left);
            shortened.push(chunk.from, chunk.at, &chunk.bytes[..length]);
            left -= length;
        }
        let shown = course(&dissect_and_check(&shortened, &with_key_log(log.clone())));
        let opened = opened_course();
        let (last, before) =
            shown.split_last().map_or((None, &[][..]), |(last, before)| (Some(last), before));
        assert!(opened.starts_with(before), "cut at {cut}: {shown:?}");
        assert!(
            last.is_none_or(|last| *last == opened[before.len()] || last.1 == Content::Unread),
            "cut at {cut}: {shown:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_changed_recording_is_shown_whole(
        chunk in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        new in prop::collection::vec(any::<u8>(), 1..4),
        again in any::<bool>(),
    ) {
        let (mut transcript, log) = GOOD.clone();
        let chunk = chunk.index(transcript.chunks.len());
        let bytes = &mut transcript.chunks[chunk].bytes;
        let at = at.index(bytes.len());
        let end = (at + new.len()).min(bytes.len());
        bytes[at..end].copy_from_slice(&new[..end - at]);
        if again {
            let said = transcript.chunks[chunk].clone();
            transcript.chunks.push(said);
        }
        dissect_and_check(&transcript, &with_key_log(log));
        dissect_and_check(&transcript, &Known::default());
    }

    #[test]
    fn bytes_without_sense_are_shown_whole(
        said in prop::collection::vec(
            (any::<bool>(), prop::collection::vec(any::<u8>(), 1..100), 20_u8..25, any::<bool>()),
            0..8,
        ),
    ) {
        let mut transcript = Transcript::default();
        for (by_client, bytes, kind, in_record) in said {
            let bytes = if in_record { record(ContentType(kind), &bytes) } else { bytes };
            transcript.push(if by_client { CLIENT } else { SERVER }, Duration::ZERO, &bytes);
        }
        dissect_and_check(&transcript, &with_key_log(GOOD.1.clone()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// With the private key at hand too, which undoes whatever stands in the place of the sealed secret.
    #[test]
    fn a_changed_recording_is_shown_whole_with_the_servers_key(
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let (mut transcript, _) = GOOD.clone();
        let chunk = &mut transcript.chunks[2];
        let at = at.index(chunk.bytes.len());
        chunk.bytes[at] ^= 1 << bit;
        dissect_and_check(&transcript, &with_server_key());
    }
}

/// A message in the smallest pieces is put together once, however many records that takes.
#[test]
fn tens_of_thousands_of_records_are_shown() {
    let mut transcript = Transcript::default();
    let header = [1, 1, 0, 0]; // ClientHello, 65,536 bytes.
    let bytes: Vec<u8> =
        header.iter().chain(&[0; 50_000]).flat_map(|&byte| record(ContentType::HANDSHAKE, &[byte])).collect();
    transcript.push(CLIENT, Duration::ZERO, &bytes);
    dissect_and_check(&transcript, &Known::default());
}

/// Only the first of its kind can be in order; the others are shown, and nothing is computed for them. Each
/// would hash all that came before it, or take an operation with the private key.
#[test]
fn a_message_said_a_thousand_times_is_shown_a_thousand_times_and_believed_once() {
    let flight = &GOOD.0.chunks;
    let key_exchange = messages(&flight[2].bytes).remove(0);
    let short_exchange = [HandshakeType::CLIENT_KEY_EXCHANGE.0, 0, 0, 0];
    let finished = [&[HandshakeType::FINISHED.0, 0, 0, 12], [0; 12].as_slice()].concat();
    for (from, message) in [
        (CLIENT, key_exchange.as_slice()),
        (CLIENT, &short_exchange),
        (CLIENT, &finished),
        (SERVER, &finished),
        (CLIENT, &messages(&flight[0].bytes)[0]),
        (SERVER, &messages(&flight[1].bytes)[0]),
        (SERVER, &messages(&flight[1].bytes)[1]),
        (SERVER, &messages(&flight[1].bytes)[2]),
    ] {
        let mut transcript = Transcript { chunks: flight[..2].to_vec(), ..Transcript::default() };
        if message != short_exchange {
            transcript.push(CLIENT, Duration::ZERO, &record(ContentType::HANDSHAKE, &key_exchange));
        }
        transcript.push(from, Duration::ZERO, &record(ContentType::HANDSHAKE, message).repeat(1000));
        for known in [with_server_key(), with_key_log(GOOD.1.clone())] {
            let dissection = dissect_and_check(&transcript, &known);
            assert_eq!(dissection.events.iter().filter(|event| event.from == from).count() / 1000, 1);
            let computed =
                dissection.layers.all().filter(|(_, layer)| !matches!(layer.origin, Origin::Wire { .. }));
            let computed = computed.count();
            assert!(computed < 50, "{} computed {computed} times", message[0]);
        }
    }
}
