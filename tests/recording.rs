//! Recordings from elsewhere: whatever container, link and order the packets came in, the same story;
//! what cannot be opened is said, with the reason; and nothing hostile is believed or costs much.

#[path = "recording/capture.rs"]
mod capture;
#[path = "tls/pair.rs"]
#[allow(dead_code)]
mod pair;

use std::sync::{Arc, LazyLock};
use std::time::{Duration, UNIX_EPOCH};

use cutaway::pki::PrivateKey;
use cutaway::pki::Time;
use cutaway::report::{Report, Show, json, terminal};
use cutaway::story::dissect::{Question, Told, dissect};
use cutaway::story::tls_handshake::{Failure, FailureKind, Kept, Recording};
use cutaway::tls::ClientConfig;
use cutaway::tls::dissect::{CLIENT, SERVER};
use cutaway::tls::key_log::{Collected, KeyLogEntry};
use cutaway::wire::{Party, Transcript};
use proptest::prelude::*;

use capture::{ACK, BEGAN, Ends, LINKS, PSH, Segment, frames, pcap, pcapng, segments, v4, v6};
use pair::Pair;

/// A conversation with the page “hello” in it, and what either side could have logged.
static CONVERSATION: LazyLock<(Transcript, Vec<KeyLogEntry>)> = LazyLock::new(|| {
    let log = Arc::new(Collected::default());
    let config = ClientConfig { key_log: Some(log.clone()), ..pair::client_config() };
    let mut transcript = Pair::whole(pair::client_with(config), pair::server()).transcript;
    for (chunk, n) in transcript.chunks.iter_mut().zip(0..) {
        chunk.at = Duration::from_micros(1500 * n);
    }
    (transcript, log.entries())
});

fn key_log() -> String {
    CONVERSATION.1.iter().map(|entry| entry.to_line() + "\n").collect()
}

fn server_key() -> PrivateKey {
    PrivateKey::from_pem(include_bytes!("fixtures/tls/server.key")).expect("made with OpenSSL")
}

fn asked() -> Question {
    Question { file: "test.pcap".into(), ..Question::default() }
}

fn with_log() -> Question {
    Question { key_log: Some(CONVERSATION.1.clone()), ..asked() }
}

fn tell(file: &[u8], question: Question) -> Told {
    dissect(file, question).unwrap_or_else(|failure| panic!("{failure}"))
}

fn refused(file: &[u8], question: Question) -> Failure {
    dissect(file, question).expect_err("there is nothing to tell")
}

fn drawn(report: &Report) -> String {
    terminal::draw(report, terminal::Options::default())
}

/// What one side said, opened; and that it could be.
fn application_data(report: &Report, from: Party) -> Vec<u8> {
    let data = report.events.iter().filter(|event| event.from == from && event.name == "application_data");
    data.flat_map(|event| report.layers.bytes(&event.message)).copied().collect()
}

fn assert_open(told: &Told) {
    assert_eq!(told.failure, None);
    assert_eq!(application_data(&told.report, CLIENT), pair::QUESTION);
    assert_eq!(application_data(&told.report, SERVER), pair::ANSWER);
    let drawn = drawn(&told.report);
    assert!(drawn.contains("a recording, opened"), "{drawn}");
    assert!(!drawn.contains("stayed sealed"), "{drawn}");
    assert!(drawn.contains("200 OK"), "{drawn}");
}

fn assert_sealed(told: &Told, why: &str) {
    assert!(application_data(&told.report, SERVER).is_empty());
    let drawn = drawn(&told.report).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(drawn.contains(why), "{drawn}");
}

/// The conversation in segments of 200 bytes.
fn conversation() -> Vec<Segment> {
    segments(&CONVERSATION.0, CLIENT, 200)
}

fn file_of(segments: &[Segment]) -> Vec<u8> {
    pcap(&frames(segments, v4(40_000), 1), 1, false, false)
}

#[test]
fn opens_a_capture_of_every_link_and_container() {
    for link in LINKS {
        for ends in [v4(40_000), v6(40_000)] {
            if link == 228 && ends.client.0.is_ipv6() || link == 229 && ends.client.0.is_ipv4() {
                continue;
            }
            let frames = frames(&conversation(), ends, link);
            for big in [false, true] {
                for nanoseconds in [false, true] {
                    assert_open(&tell(&pcap(&frames, link, big, nanoseconds), with_log()));
                }
                assert_open(&tell(&pcapng(&frames, link, "", big), with_log()));
                // The secrets are in the file.
                let told = tell(&pcapng(&frames, link, &key_log(), big), asked());
                assert_open(&told);
                assert!(told.report.intro.ends_with("The secrets that the capture brings along open it."));
            }
        }
    }
}

#[test]
fn the_server_s_key_opens_it_and_says_what_the_key_log_says() {
    let file = file_of(&conversation());
    let told = tell(&file, Question { server_key: Some(server_key()), ..asked() });
    assert_open(&told);
    assert!(told.report.intro.ends_with("The server’s private key opens it."));
    let text = drawn(&told.report);
    assert!(text.contains("c^d mod n, padding removed"), "{text}");
    let ledger = "    eavesdropper    ●●          ●             ·            ○         ·       ○";
    assert!(text.contains(ledger), "{text}");

    // Each line of the log opens all by itself.
    for entry in &CONVERSATION.1 {
        assert_open(&tell(&file, Question { key_log: Some(vec![entry.clone()]), ..asked() }));
    }
}

#[test]
fn an_event_has_the_time_of_the_capture() {
    for file in [
        pcap(&frames(&conversation(), v4(1), 1), 1, true, true),
        pcapng(&frames(&conversation(), v4(1), 1), 1, "", false),
    ] {
        let report = tell(&file, with_log()).report;
        assert_eq!(report.events[0].time, Some(UNIX_EPOCH + BEGAN));
        let last = CONVERSATION.0.chunks.last().unwrap().at;
        assert_eq!(report.events.last().unwrap().time, Some(UNIX_EPOCH + BEGAN + last));
        let mut out = Vec::new();
        json::write(&report, false, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\"time\": \"2027-01-01T00:00:00.000000Z\""));
    }
}

#[test]
fn lost_late_repeated_and_overlapping_segments_change_nothing() {
    let whole = conversation();
    // Each segment of the handshake comes twice, the second time a few later.
    let mut repeated = whole.clone();
    for (i, segment) in whole.iter().enumerate().rev().step_by(2) {
        repeated.insert((i + 3).min(repeated.len()), segment.clone());
    }
    // Neighbours change places.
    let mut swapped = whole.clone();
    swapped[3..].chunks_exact_mut(2).for_each(|two| two.swap(0, 1));
    // A keep-alive sends the last byte again, or another in its place.
    let mut alive = whole.clone();
    let last = whole.iter().rev().find(|segment| segment.from_client && !segment.payload.is_empty()).unwrap();
    let end = last.sequence.wrapping_add(last.payload.len() as u32);
    let probe = Segment { sequence: end.wrapping_sub(1), payload: vec![0], ..last.clone() };
    alive.push(probe);
    // Two segments come again as one, the middle of a third with them.
    let mut merged = whole.clone();
    let of_server: Vec<_> = whole.iter().filter(|s| !s.from_client && s.payload.len() == 200).collect();
    let three = [of_server[0], of_server[1], of_server[2]].map(|segment| segment.payload.as_slice()).concat();
    let payload = three[100..500].to_vec();
    let sequence = of_server[0].sequence.wrapping_add(100);
    let place = whole.iter().position(|segment| segment.sequence == of_server[1].sequence).unwrap();
    merged[place] = Segment { payload, sequence, ..of_server[1].clone() };

    let told = tell(&file_of(&whole), with_log());
    for (name, segments) in
        [("repeated", repeated), ("swapped", swapped), ("alive", alive), ("merged", merged)]
    {
        let again = tell(&file_of(&segments), with_log());
        assert_open(&again);
        let opened = |told: &Told| {
            let layers = &told.report.layers;
            layers.all().map(|(_, layer)| layer.bytes().to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(opened(&told), opened(&again), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However the network cuts, delays and repeats: what was said is what was said.
    #[test]
    fn any_order_of_segments_gives_the_conversation(
        most in 20..1500_usize,
        moves in prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize), 0..40),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let mut segments = segments(&CONVERSATION.0, CLIENT, most);
        for place in again {
            let segment = segments[place.index(segments.len())].clone();
            segments.push(segment);
        }
        for (place, by) in moves {
            // The SYN stays in front: it says where the numbers begin.
            let from = 3 + place.index(segments.len() - 3);
            let to = (from + by).min(segments.len() - 1);
            let segment = segments.remove(from);
            segments.insert(to, segment);
        }
        let told = tell(&file_of(&segments), with_log());
        prop_assert_eq!(application_data(&told.report, SERVER), pair::ANSWER);
        prop_assert_eq!(told.failure, None);
    }

    /// No byte of a capture can be spoiled so that reading it panics.
    #[test]
    fn a_spoiled_capture_is_read_or_refused(
        next_generation in any::<bool>(),
        spoiled in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        length in any::<prop::sample::Index>(),
    ) {
        let frames = frames(&conversation(), v4(40_000), 1);
        let mut file =
            if next_generation { pcapng(&frames, 1, &key_log(), false) } else { pcap(&frames, 1, false, false) };
        for (place, byte) in spoiled {
            let place = place.index(file.len());
            file[place] = byte;
        }
        file.truncate(1 + length.index(file.len()));
        if let Ok(told) = dissect(&file, with_log()) {
            drawn(&told.report);
        }
    }

    #[test]
    fn garbage_is_refused(garbage in prop::collection::vec(any::<u8>(), 0..400), magic in 0..6_usize) {
        let magics: [&[u8]; 6] =
            [b"", &[0x0a, 0x0d, 0x0d, 0x0a], &[0xa1, 0xb2, 0xc3, 0xd4], &[0xd4, 0xc3, 0xb2, 0xa1], &[0x1f, 0x8b], b"0000  16"];
        let file = [magics[magic], &garbage].concat();
        if let Err(failure) = dissect(&file, asked()) {
            prop_assert_eq!(failure.kind, FailureKind::Malformed);
            prop_assert!(failure.message.chars().all(|c| !c.is_control()), "{:?}", failure.message);
        }
    }
}

#[test]
fn a_gap_is_named_and_what_came_before_it_is_told() {
    let mut segments = conversation();
    let lost =
        segments.iter().rposition(|segment| !segment.from_client && segment.payload.len() > 40).unwrap();
    let lost = segments.remove(lost);
    let told = tell(&file_of(&segments), with_log());
    let text = drawn(&told.report).split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = format!("The capture lacks {} bytes of what the server said", lost.payload.len());
    assert!(text.contains(&expected), "{text}");
    assert_eq!(application_data(&told.report, CLIENT), pair::QUESTION);
    assert!(application_data(&told.report, SERVER).is_empty());

    // Packets that were captured in part only.
    let frames = frames(&conversation(), v4(40_000), 1);
    let cut = frames.into_iter().map(|(at, mut frame)| {
        frame.truncate(150);
        (at, frame)
    });
    let told = tell(&pcap(&cut.collect(), 1, false, false), with_log());
    let text = drawn(&told.report).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("captured in part only (tcpdump -s 0 takes all)"), "{text}");
}

#[test]
fn a_file_that_breaks_off_is_told_until_there_and_is_malformed_all_the_same() {
    let frames = frames(&conversation(), v4(40_000), 1);
    for file in [pcap(&frames, 1, false, false), pcapng(&frames, 1, "", false)] {
        let told = tell(&file[..file.len() - 5], with_log());
        let failure = told.failure.expect("it breaks off");
        assert_eq!(failure.kind, FailureKind::Malformed);
        assert!(failure.message.starts_with("test.pcap: the capture breaks off, and is told until there: "));
        assert_eq!(application_data(&told.report, SERVER), pair::ANSWER);
    }
    for length in [0, 3, 5, 20] {
        let failure = refused(&file_of(&conversation())[..length], asked());
        assert_eq!(failure.kind, FailureKind::Malformed, "{failure}");
    }
}

#[test]
fn of_several_connections_the_first_with_tls_is_told_or_the_one_that_was_named() {
    let plain = |ends: Ends| {
        let mut transcript = Transcript::default();
        transcript.push(CLIENT, Duration::ZERO, b"GET / HTTP/1.1\r\n\r\n");
        transcript.push(SERVER, Duration::ZERO, b"HTTP/1.1 200 OK\r\n\r\n");
        frames(&segments(&transcript, CLIENT, 500), ends, 101)
    };
    let [first, second] = [v4(1), v6(2)].map(|ends| frames(&conversation(), ends, 101));
    // Two conversations at a time, and the ports of the first once more.
    let mut all = plain(v4(9));
    all.extend(first.iter().zip(&second).flat_map(|(a, b)| [a.clone(), b.clone()]));
    let mut again = conversation();
    for segment in &mut again {
        let (own, other) = if segment.from_client { (77, 99) } else { (99, 77) };
        segment.sequence = segment.sequence.wrapping_add(own);
        segment.acknowledged = segment.acknowledged.wrapping_add(other);
    }
    all.extend(frames(&again, v4(1), 101));
    let file = pcap(&all, 101, false, false);

    let told = tell(&file, with_log());
    assert_open(&told);
    assert!(
        told.report.intro.contains("the client 192.0.2.1:1 with the server 192.0.2.2:443, TCP stream 1 in")
    );
    assert!(told.report.intro.contains("More TLS in the same capture: --stream 2, 3."));
    for (stream, words) in [(2, "[2001:db8::1]:2"), (3, "192.0.2.1:1 ")] {
        let told = tell(&file, Question { stream: Some(stream), ..with_log() });
        assert_open(&told);
        assert!(told.report.intro.contains(words), "{}", told.report.intro);
    }
    let failure = refused(&file, Question { stream: Some(0), ..with_log() });
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (FailureKind::Malformed, "test.pcap: stream 0 does not begin with TLS")
    );
    let failure = refused(&file, Question { stream: Some(4), ..with_log() });
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (FailureKind::Usage, "test.pcap: there is no stream 4, but streams 0 to 3")
    );
}

#[test]
fn a_capture_without_tcp_s_handshake_is_told_and_the_client_is_known_by_its_hello() {
    let without: Vec<_> = conversation().split_off(3);
    assert_open(&tell(&file_of(&without), with_log()));
    // Seen from the other end, and with the server's answer first.
    let mut turned = without;
    let first_answer = turned.iter().position(|segment| !segment.from_client).unwrap();
    let answer = turned.remove(first_answer);
    turned.insert(0, answer);
    assert_open(&tell(&file_of(&turned), with_log()));
}

#[test]
fn what_stays_sealed_is_named_with_the_reason() {
    let file = file_of(&conversation());
    let told = tell(&file, asked());
    assert_eq!(told.failure, None);
    assert_sealed(&told, "sealed: nothing was given that opens them. It takes the key log of either side");

    let none = Question { key_log: Some(Vec::new()), ..asked() };
    let told = tell(&file, none);
    assert_sealed(&told, "sealed: the key log holds no secret of TLS 1.2.");
    assert_eq!(told.failure.unwrap().kind, FailureKind::Refused);

    let stranger = KeyLogEntry::from_line(&format!("CLIENT_RANDOM {} {}", "c3".repeat(32), "5a".repeat(48)));
    let told = tell(&file, Question { key_log: Some(vec![stranger.unwrap()]), ..asked() });
    assert_sealed(&told, "the one secret in the key log is not of this handshake");
    assert_eq!(told.failure.unwrap().kind, FailureKind::Refused);

    // The right line with another secret in it.
    let line = key_log().lines().find(|line| line.starts_with("CLIENT_RANDOM")).unwrap().to_owned();
    let spoiled = format!("{}{}", &line[..line.len() - 96], "00".repeat(48));
    let told =
        tell(&file, Question { key_log: Some(vec![KeyLogEntry::from_line(&spoiled).unwrap()]), ..asked() });
    assert_sealed(&told, "the keys that follow from what was given do not open them");
    assert_eq!(told.failure.unwrap().kind, FailureKind::Refused);

    let rng = &mut cutaway::symmetric::chacha20::Generator::new(9, 0);
    let other = cutaway::asymmetric::rsa::RsaPrivateKey::generate(rng, 2048).unwrap();
    let told = tell(&file, Question { server_key: Some(PrivateKey::Rsa(other)), ..asked() });
    assert_sealed(&told, "the private key that was given is not that of the server.");
    assert_eq!(told.failure.unwrap().kind, FailureKind::Refused);

    // One record that was altered, among others.
    let mut altered = conversation();
    let last =
        altered.iter().rposition(|segment| !segment.from_client && segment.payload.len() > 40).unwrap();
    altered[last].payload[20] ^= 1;
    let told = tell(&file_of(&altered), with_log());
    assert_eq!(told.failure.as_ref().unwrap().kind, FailureKind::Refused);
    assert_sealed(&told, "others opened, these did not. They were altered, or some before them are missing.");
}

/// What is refused is never quoted, whatever it is: it may be a key.
#[test]
fn a_refusal_quotes_nothing_of_the_file() {
    let key = include_str!("fixtures/tls/server.key");
    let body: String = key.lines().filter(|line| !line.starts_with("-----")).collect();
    let digits = hex::encode(&body);
    let spoiled = format!("{} {}", &digits[..60], &body[..40]);
    for file in
        [key, &body, &digits, &spoiled, "hunter2", "correct horse battery", "00000000: 1603\ndeadbeef: 1603"]
    {
        for file in [file.to_owned(), format!("\n{file}"), format!("\0{file}")] {
            let message = refused(file.as_bytes(), asked()).message;
            let words = file.split(|c: char| c.is_whitespace() || c == '\0' || c == ':');
            let quoted =
                |word: &str| word.len() >= 4 && !word.starts_with('-') && message.contains(&word[..4]);
            for word in words.filter(|word| *word != "1603" && *word != "PRIVATE") {
                assert!(!quoted(word), "{message}");
            }
        }
    }
}

/// The capture brings its secrets along. What was given besides and opens nothing is named all the same.
#[test]
fn a_key_that_is_given_in_vain_is_named() {
    let frames = frames(&conversation(), v4(1), 1);
    let file = pcapng(&frames, 1, &key_log(), false);
    assert_open(&tell(&file, asked()));
    assert_open(&tell(&file, with_log()));
    assert_open(&tell(&file, Question { server_key: Some(server_key()), ..asked() }));

    let stranger = KeyLogEntry::from_line(&format!("CLIENT_RANDOM {} {}", "c3".repeat(32), "5a".repeat(48)));
    let wrong_log = || Some(vec![stranger.clone().unwrap()]);
    let rng = &mut cutaway::symmetric::chacha20::Generator::new(9, 0);
    let other = cutaway::asymmetric::rsa::RsaPrivateKey::generate(rng, 2048).unwrap();
    let wrong_key = Some(PrivateKey::Rsa(other));
    let no_log = "The key log that was given opened nothing: no secret in it is of this handshake.";
    let no_key = "The private key that was given opened nothing: it is not that of the server,";
    for (question, said) in [
        (Question { key_log: wrong_log(), ..asked() }, no_log),
        (Question { key_log: Some(Vec::new()), ..asked() }, no_log),
        (Question { key_log: wrong_log(), server_key: Some(server_key()), ..asked() }, no_log),
        (Question { server_key: wrong_key, ..with_log() }, no_key),
    ] {
        let told = tell(&file, question);
        assert_eq!(told.failure.as_ref().unwrap().kind, FailureKind::Refused);
        assert!(told.failure.as_ref().unwrap().message.contains(said), "{:?}", told.failure);
        assert!(told.report.intro.contains(said), "{}", told.report.intro);
        assert_open(&Told { failure: None, ..told });
    }
}

/// What each side says in the dump of `xxd`.
fn xxd(bytes: &[u8]) -> String {
    let line = |(i, chunk): (usize, &[u8])| {
        let digits: Vec<_> = chunk.chunks(2).map(hex::encode).collect();
        let text: String =
            chunk.iter().map(|&b| if b.is_ascii_graphic() { char::from(b) } else { '.' }).collect();
        format!("{:08x}: {:39}  {text}\n", 16 * i, digits.join(" "))
    };
    bytes.chunks(16).enumerate().map(line).collect()
}

#[test]
fn one_side_is_told_from_a_dump_and_from_its_bytes() {
    for (from, message) in [(CLIENT, "ClientHello"), (SERVER, "ServerHello")] {
        let said = CONVERSATION.0.said_by(from);
        for file in [said.clone(), xxd(&said).into_bytes(), hex::encode(&said).into_bytes()] {
            let told = tell(&file, asked());
            assert_eq!(told.failure, None);
            let bytes: usize = told.report.layers.all().map(|(_, layer)| layer.bytes().len()).sum();
            assert!(bytes >= said.len(), "{bytes}");
            let event = &told.report.events[0];
            assert_eq!((event.from, event.name.as_str(), event.time), (from, message, None));
            assert!(told.report.intro.contains(&format!("what the {from} said")));
            assert_sealed(&told, "and every key is made from what both say there");
        }
        // With the other side's name it is told as asked.
        let other = if from == CLIENT { SERVER } else { CLIENT };
        let told = tell(&said, Question { from: Some(other), ..asked() });
        assert_eq!(told.report.events[0].from, other);
    }
    let alert = refused(b"15 03 03 00 02 02 28", asked());
    assert_eq!(alert.kind, FailureKind::Usage);
    assert!(alert.message.ends_with("--from client or --from server"), "{alert}");
    let told = tell(b"15 03 03 00 02 02 28", Question { from: Some(SERVER), ..asked() });
    assert!(drawn(&told.report).contains("handshake_failure"));
    let failure = refused(b"15 03 03 00 02 02 28", Question { stream: Some(0), ..asked() });
    assert_eq!(failure.kind, FailureKind::Usage);
}

#[test]
fn what_is_no_recording_is_refused_with_what_was_found() {
    for (file, message) in [
        (&b""[..], "test.pcap: the file is empty"),
        (b"\x1f\x8b\x08\x00", "test.pcap: it is compressed; gunzip makes a capture of it"),
        (
            b"\x7fELF\x02\x01",
            "test.pcap: it is binary, and not a capture (pcap, pcapng), records of TLS, or a dump of them in hexadecimal",
        ),
        (b"root:x:0", "test.pcap: line 1: column 1: no bytes in hexadecimal: no dump in hexadecimal"),
        (
            b"47 45 54 20 2f",
            "test.pcap: its bytes begin no record of TLS: expected 16 03 01 or 16 03 03, and the length, as a handshake does",
        ),
    ] {
        let failure = refused(file, asked());
        assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Malformed, message));
    }
    for (drawn, form) in [("<!DOCTYPE html>\n", "HTML or XML"), ("{\n  \"version\": 1", "JSON")] {
        let failure = refused(drawn.as_bytes(), asked());
        assert!(failure.message.starts_with(&format!("test.pcap: this looks like {form}, ")), "{failure}");
    }
    let key = include_bytes!("fixtures/tls/server.key");
    let failure = refused(key, asked());
    let expected = "test.pcap: this is a PEM file: PRIVATE KEY, and no recording. It may open a recording, if it is the \
                    server’s: dissect RECORDING --server-key FILE. Expected a capture (pcap, pcapng), records of TLS, or \
                    a dump of them in hexadecimal";
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Malformed, expected));
    let frames = frames(&conversation(), v4(1), 1);
    let failure = refused(&pcap(&frames, 105, false, false), asked());
    let expected = format!(
        "test.pcap: {} packets (link type 105 is not read here), 0 TCP connections, and no handshake of TLS in them",
        frames.len()
    );
    assert_eq!((failure.kind, failure.message), (FailureKind::Malformed, expected));
}

/// Many small records, many connections, many segments that wait for one that never comes: all of it
/// takes time in proportion to the file, and the story stays short.
#[test]
fn large_and_hostile_captures_stay_within_bounds() {
    let mut transcript = CONVERSATION.0.clone();
    let small: Vec<u8> = [23, 3, 3, 0, 1, 9].repeat(20_000);
    transcript.push(SERVER, Duration::from_secs(1), &small);
    let told = tell(&file_of(&segments(&transcript, CLIENT, 1400)), with_log());
    assert!(drawn(&told.report).lines().count() < 300);

    let hello = Segment {
        from_client: true,
        at: Duration::ZERO,
        sequence: 5,
        acknowledged: 1,
        flags: PSH | ACK,
        payload: CONVERSATION.0.chunks[0].bytes.clone(),
    };
    let mut waiting = vec![hello.clone()];
    waiting.extend((0..60_000_u32).map(|n| Segment {
        sequence: 9_000_000 - 7 * n,
        payload: vec![1; 20],
        ..hello.clone()
    }));
    let told = tell(&file_of(&waiting), asked());
    assert_eq!(told.report.events[0].name, "ClientHello");

    let mut many = Vec::new();
    for port in 1..60_000 {
        many.extend(frames(&conversation()[..1], v4(port), 101));
    }
    many.extend(frames(&conversation(), v6(1), 101));
    assert_open(&tell(&pcap(&many, 101, false, false), with_log()));
}

/// One file takes many conversations: what is said is said of the one that was added.
#[test]
fn a_conversation_without_secrets_adds_none_and_says_so() {
    let folder = cutaway_tests::peer::directory();
    let [log, capture] = ["l.log", "l.pcapng"].map(|name| folder.path().join(name));
    let mut kept = Kept::new(Some(&log), Some(&capture)).unwrap();
    let (transcript, secrets) = CONVERSATION.clone();
    let mut recording = Recording { transcript, secrets, began: Time::from_unix(0) };
    let said = kept.keep(&recording).unwrap();
    assert!(said[0].starts_with("2 secrets of this conversation are in "), "{said:?}");
    assert!(said[1].starts_with("the conversation and its secrets are in "), "{said:?}");
    recording.secrets.clear();
    let said = kept.keep(&recording).unwrap();
    assert!(said[0].starts_with("no secret of this conversation is in "), "{said:?}");
    assert!(said[1].starts_with("the conversation, which came to no secrets, is in "), "{said:?}");
    assert_eq!(std::fs::read_to_string(log).unwrap(), key_log());
}

#[test]
fn a_report_of_a_recording_shows_its_messages_like_any_other() {
    let told = tell(&file_of(&conversation()), with_log());
    let names: Vec<_> = told
        .report
        .steps
        .iter()
        .flat_map(|step| &step.shows)
        .filter_map(|show| match show {
            Show::Message(message) => Some(message.name.as_str()),
            _ => None,
        })
        .collect();
    let expected = [
        "ClientHello",
        "ServerHello",
        "Certificate",
        "ServerHelloDone",
        "ClientKeyExchange",
        "ChangeCipherSpec",
        "Finished",
        "ChangeCipherSpec",
        "Finished",
        "application_data",
        "application_data",
    ];
    assert_eq!(names, expected);
}
