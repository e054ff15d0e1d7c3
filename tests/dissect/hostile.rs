//! Recordings that somebody made to hurt: they take no more than a stated multiple of their own size, and
//! what is not read is named so.

use std::time::Duration;

use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::dissect::{
    CLIENT, Content, Dissection, Known, MAX_EVENTS, MAX_FIELDS, MAX_LAYERS, SERVER, dissect,
};
use cutaway::tls::record::MAX_PLAINTEXT;
use cutaway::wire::{Party, Transcript};
use rand::Rng;

use super::checks::{dissect_and_check, leaves_tile, wire_is_complete};
use super::conversation::Conversation;

const MUCH: usize = 100_000_000;

fn record(kind: u8, fragment: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(fragment.len()).expect("a short fragment").to_be_bytes();
    [&[kind, 3, 3, high, low], fragment].concat()
}

fn said(from: Party, bytes: &[u8]) -> Transcript {
    let mut transcript = Transcript::default();
    transcript.push(from, Duration::ZERO, bytes);
    transcript
}

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut noise = vec![0; length];
    Generator::new(seed, 0).fill_bytes(&mut noise);
    noise
}

/// Shows all of it, and needs no more than it may: a record can add what its 64 KiB hold.
fn dissect_bounded(transcript: &Transcript, known: &Known) -> Dissection {
    let dissection = dissect(transcript, known);
    leaves_tile(&dissection.layers);
    wire_is_complete(transcript, &dissection);
    const RECORD: usize = 1 << 16;
    assert!(dissection.events.len() <= MAX_EVENTS + RECORD);
    assert!(dissection.layers.count() <= MAX_LAYERS + RECORD);
    assert!(dissection.layers.fields() <= MAX_FIELDS + RECORD);
    let kept: usize = dissection.layers.all().map(|(_, layer)| layer.bytes().len()).sum();
    let all: usize = transcript.chunks.iter().map(|chunk| chunk.bytes.len()).sum();
    assert!(kept <= 3 * all + (1 << 20), "{kept} bytes are kept of {all}");
    dissection
}

#[test]
fn a_hundred_megabytes_of_records_are_bounded() {
    let hello = [&[1, 0, 0x3f, 0xf0, 3, 3], &noise(1, MAX_PLAINTEXT)[..]].concat();
    for (what, record) in [
        ("without content", record(23, b"")),
        ("of empty messages", record(22, &[0; MAX_PLAINTEXT])),
        ("of a byte of a message each", record(22, &[1])),
        ("of hellos", record(22, &hello[..MAX_PLAINTEXT])),
        ("of alerts", record(21, &[1, 0])),
        ("of changes of keys", record(20, &[1])),
        ("of data", record(23, &noise(2, MAX_PLAINTEXT))),
    ] {
        let transcript = said(SERVER, &record.repeat(MUCH / record.len()));
        let dissection = dissect_bounded(&transcript, &Known::default());
        let last = dissection.events.last().expect("something was said");
        let is_full = dissection.events.len() >= MAX_EVENTS || dissection.layers.fields() >= MAX_FIELDS;
        assert_eq!(is_full, last.content == Content::Unread, "records {what}");
        if is_full {
            let rest = dissection.layers.get(last.message.layer);
            let [unread] = rest.fields.all() else { panic!("{what}: the rest has many names") };
            let why = unread.meaning.as_deref().expect("it says why");
            assert!(why.contains("as much as one dissection names"), "{why}");
        }
    }
}

/// Behind a handshake that opens, tens of megabytes that open too, and as many that do not.
#[test]
fn many_sealed_records_are_bounded() {
    // To seal and to open takes longer where no hardware helps.
    let much = if cfg!(cutaway_portable) { MUCH / 50 } else { MUCH / 4 };
    let conversation = Conversation { answer: noise(3, much), ..Conversation::plain() };
    let (mut transcript, _) = conversation.run();
    let forged = record(23, &noise(4, MAX_PLAINTEXT)).repeat(much / MAX_PLAINTEXT);
    transcript.push(SERVER, Duration::ZERO, &forged);
    let dissection = dissect_bounded(&transcript, &conversation.server_key());
    assert!(super::checks::said(&dissection, SERVER) == conversation.answer);
    let sealed = dissection.events.iter().filter(|event| matches!(event.content, Content::Sealed(_)));
    assert_eq!(sealed.count(), much / MAX_PLAINTEXT);
}

#[test]
fn noise_is_shown_as_noise() {
    let transcript = said(CLIENT, &noise(5, MUCH));
    let dissection = dissect_bounded(&transcript, &Known::default());
    assert_eq!(dissection.events.len(), 1);
    assert_eq!(dissection.events[0].content, Content::Unread);
    for seed in 0..200 {
        let mut transcript = Transcript::default();
        for turn in 0..seed % 5 {
            let from = if turn % 2 == 0 { CLIENT } else { SERVER };
            transcript.push(from, Duration::ZERO, &noise(seed, 1 + (seed as usize * 37) % 900));
        }
        dissect_and_check(&transcript, &Conversation::plain().server_key());
    }
}

/// Each length is believed only as far as there are bytes.
#[test]
fn a_record_that_never_ends_is_shown_to_where_it_ends() {
    let mut transcript = Transcript::default();
    for turn in 0..100_000_u32 {
        let (from, byte) =
            if turn % 2 == 0 { (CLIENT, [22, 3, 3, 0xff, 0xff]) } else { (SERVER, [23, 3, 3, 0xff, 0xff]) };
        transcript.push(from, Duration::ZERO, &byte[..1 + (turn as usize / 2) % 5]);
    }
    dissect_bounded(&transcript, &Known::default());
}
