//! Recordings of OpenSSL speaking with OpenSSL, told by the `dissect` example; and what tshark makes of
//! the same file.

#[path = "recording/capture.rs"]
#[allow(dead_code)]
mod capture;
#[path = "recording/program.rs"]
mod program;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use cutaway::wire::{Party, Transcript};
use cutaway_tests::peer::{self, Answer, PATIENCE, Process, TempDir};
use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

use capture::{frames, pcap, pcapng, segments, v4};
use program::{run, run_with_input};

const CLIENT: Party = Party("client");
const SERVER: Party = Party("server");

fn main() {
    let mut trials: Vec<Trial> = vec![
        peer::trial("openssl", "opens_rsa_key_transport_with_either_key", rsa_key_transport),
        peer::trial("openssl", "opens_diffie_hellman_with_a_key_log_alone", diffie_hellman),
        peer::trial("openssl", "opens_a_session_that_was_taken_up_again", resumption),
        peer::trial("openssl", "names_what_it_does_not_open", not_opened),
        peer::trial("openssl", "tells_a_handshake_that_failed", failed),
        peer::trial("openssl", "ends_with_the_codes_of_the_house", exit_codes),
        peer::trial("tshark", "counts_streams_and_opens_as_tshark_does", as_tshark_does),
    ];
    let alone: [(&str, fn()); 2] = [
        ("shows_as_much_as_is_asked_for", flags),
        ("only_flags_that_exist_are_advertised", only_flags_that_exist_are_advertised),
    ];
    for (name, test) in alone {
        trials.push(Trial::test(name, move || {
            test();
            Ok(())
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// What an `s_server` and an `s_client` said to each other, and where their secrets are.
struct Recorded {
    directory: TempDir,
    transcript: Transcript,
}

impl Recorded {
    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The recording as a capture.
    fn capture(&self) -> PathBuf {
        let frames = frames(&segments(&self.transcript, CLIENT, 700), v4(40_000), 1);
        peer::file(&self.directory, "capture.pcap", pcap(&frames, 1, false, false))
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tls").join(name)
}

/// A directory with nothing in it, to be recorded in.
fn directory() -> TempDir {
    peer::directory()
}

/// Lets the two speak, with a tap between them; `question` is what the client sends. Arguments are
/// words.
fn record(openssl: &Path, directory: TempDir, server: &str, client: &str, question: &[u8]) -> Recorded {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut command = peer::command(openssl);
    command.args(words("s_server -accept 127.0.0.1:0 -naccept 1 -www")).args(words(server));
    command.arg("-cert").arg(fixture("server.pem")).arg("-key").arg(fixture("server.key"));
    let server = Process::start(&mut command);
    let line = server.wait_for_line("ACCEPT 127.0.0.1:");
    let port = line.rsplit(':').next().and_then(|port| port.trim().parse().ok()).expect("a port");

    let (tap, heard) = tap(port);
    let mut command = peer::command(openssl);
    command
        .args(words(&format!("s_client -connect 127.0.0.1:{tap} -ign_eof -nocommands")))
        .args(words(client));
    command.arg("-keylogfile").arg(directory.path().join("keys.log"));
    let mut client = Process::start(&mut command);
    client.send(question);
    let _ = client.finish();
    let _ = server.stop();
    let transcript = heard.lock().expect("no thread panicked").clone();
    Recorded { directory, transcript }
}

/// A port that leads to `port` for one connection, and what crosses it.
fn tap(port: u16) -> (u16, Arc<Mutex<Transcript>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let here = listener.local_addr().expect("it has one").port();
    let heard = Arc::new(Mutex::new(Transcript::default()));
    let transcript = Arc::clone(&heard);
    thread::spawn(move || {
        let (client, _) = listener.accept().expect("a client");
        let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the server listens");
        let begun = Instant::now();
        for (party, from, to) in [(CLIENT, &client, &server), (SERVER, &server, &client)] {
            let (mut from, mut to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
            from.set_read_timeout(Some(PATIENCE)).expect("a time");
            let transcript = Arc::clone(&transcript);
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(n @ 1..) = from.read(&mut buffer) {
                    // Written down before it is passed on: an answer comes after its question.
                    transcript.lock().expect("no thread panicked").push(party, begun.elapsed(), &buffer[..n]);
                    if to.write_all(&buffer[..n]).is_err() {
                        break;
                    }
                }
                let _ = to.shutdown(Shutdown::Write);
            });
        }
    });
    (here, heard)
}

const QUESTION: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

fn arg(path: &Path) -> String {
    path.display().to_string()
}

/// It told a story, and ended with this code.
fn story(answer: &Answer, code: i32) -> String {
    assert_eq!(answer.status.code(), Some(code), "{answer}");
    let text = answer.text();
    assert!(text.starts_with("cutaway ") && text.ends_with('\n'), "{answer}");
    assert!(text.lines().count() <= 240, "{} lines: {answer}", text.lines().count());
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "more than 80 columns: {line}");
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn contains(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no {word:?} in: {text}");
    }
}

fn rsa_key_transport(openssl: &Path) {
    for cipher in ["AES256-GCM-SHA384", "AES128-GCM-SHA256", "AES128-SHA256"] {
        let recorded =
            record(openssl, directory(), "-tls1_2", &format!("-tls1_2 -cipher {cipher}"), QUESTION);
        let (file, log) = (recorded.capture(), recorded.path("keys.log"));
        let key = fixture("server.key");
        for options in [["--keylog", &arg(&log)], ["--server-key", &arg(&key)]] {
            let text = story(&run([&arg(&file), options[0], options[1]]), 0);
            contains(
                &text,
                &["a recording, opened", "GET /", "200 ok", "believes the key", "No byte is without a name."],
            );
            assert!(!text.contains("stayed sealed"), "{text}");
        }
        let text = story(&run([arg(&file)]), 0);
        contains(&text, &["nothing was given that opens them", "--keylog FILE", "--server-key FILE"]);
    }
}

fn diffie_hellman(openssl: &Path) {
    for cipher in [
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "DHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-SHA256",
    ] {
        let recorded =
            record(openssl, directory(), "-tls1_2", &format!("-tls1_2 -cipher {cipher}"), QUESTION);
        let (file, log) = (arg(&recorded.capture()), arg(&recorded.path("keys.log")));
        let text = story(&run([&file, "--keylog", &log]), 0);
        contains(
            &text,
            &["a recording, opened", "GET /", "200 ok", "does not do what your notes say", "exchange_keys"],
        );
        let text = story(&run([&file, "--server-key", &arg(&fixture("server.key"))]), 1);
        contains(
            &text,
            &["no private key of the server opens, not even a stolen one: that is forward secrecy"],
        );
    }
}

fn resumption(openssl: &Path) {
    let directory = directory();
    let session = directory.path().join("session.pem");
    let keys = directory.path().join("first.log");
    // Both in one server's life: what it said the first time is not recorded.
    let mut command = peer::command(openssl);
    command.args(["s_server", "-accept", "127.0.0.1:0", "-naccept", "2", "-www", "-tls1_2"]);
    command.arg("-cert").arg(fixture("server.pem")).arg("-key").arg(fixture("server.key"));
    let server = Process::start(&mut command);
    let line = server.wait_for_line("ACCEPT 127.0.0.1:");
    let port: u16 = line.rsplit(':').next().and_then(|port| port.trim().parse().ok()).expect("a port");
    let client = |port: u16, log: &Path, option: &str| {
        let mut command = peer::command(openssl);
        command.args([
            "s_client",
            "-connect",
            &format!("127.0.0.1:{port}"),
            "-ign_eof",
            "-nocommands",
            "-tls1_2",
        ]);
        command.args(["-cipher", "AES256-GCM-SHA384", "-keylogfile"]).arg(log).arg(option).arg(&session);
        let mut client = Process::start(&mut command);
        client.send(QUESTION);
        let _ = client.finish();
    };
    client(port, &keys, "-sess_out");
    let (tap, heard) = tap(port);
    let log = directory.path().join("keys.log");
    client(tap, &log, "-sess_in");
    let _ = server.stop();
    let transcript = heard.lock().expect("no thread panicked").clone();
    let recorded = Recorded { directory, transcript };

    let file = arg(&recorded.capture());
    let page = recorded.directory.path().join("page.html");
    let answer = run([&file, "--keylog", &arg(&log), "--html", &arg(&page)]);
    let told = ["a recording, opened", "200 ok", "The two take up an earlier session"];
    contains(&story(&answer, 0), &told);
    assert!(answer.error_text().contains("the page is in "), "{answer}");
    let page = std::fs::read_to_string(page).expect("it was written");
    contains(&page, &["A recording, opened", "The two take up an earlier session"]);
    assert!(!page.contains("200 ok"), "what is sealed is kept back");
    let text = story(&run([&file, "--server-key", &arg(&fixture("server.key"))]), 1);
    contains(&text, &["the two took up an earlier session, so no premaster secret was sent"]);
}

fn not_opened(openssl: &Path) {
    for (server, client, words) in [
        (
            "-tls1_2",
            "-tls1_2 -cipher AES128-SHA",
            "the server picked TLS_RSA_WITH_AES_128_CBC_SHA, which is not opened here.",
        ),
        (
            "-tls1_2",
            "-tls1_2 -cipher AES128-SHA256 -no_etm",
            "the server picked TLS_RSA_WITH_AES_128_CBC_SHA256, and the two did not agree on encrypt_then_mac \
             (RFC 7366). Its MAC lies inside of the encryption, which is not opened here.",
        ),
        (
            "-tls1_2",
            "-tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, which is not opened here. Its keys come from a Diffie-Hellman exchange",
        ),
        (
            "-tls1_3",
            "-tls1_3",
            "the server picked TLS 1.3 (TLS_AES_256_GCM_SHA384), where all that follows the hellos is sealed",
        ),
        ("-tls1_3 -no_middlebox", "-tls1_3 -no_middlebox", "the server picked TLS 1.3"),
    ] {
        let recorded = record(openssl, directory(), server, client, QUESTION);
        let (file, log) = (arg(&recorded.capture()), arg(&recorded.path("keys.log")));
        for arguments in [vec![&*file], vec![&*file, "--keylog", &log]] {
            let text = story(&run(arguments), 0);
            contains(&text, &["What stayed sealed", words, "No byte is without a name."]);
            assert!(!text.contains("200 ok"), "{text}");
        }
    }
}

fn failed(openssl: &Path) {
    let recorded =
        record(openssl, directory(), "-tls1_2 -cipher AES128-SHA", "-tls1_2 -cipher AES256-GCM-SHA384", b"");
    let text = story(&run([arg(&recorded.capture())]), 0);
    contains(&text, &["a recording, opened", "Alert: handshake_failure"]);
}

fn exit_codes(openssl: &Path) {
    let recorded = record(openssl, directory(), "-tls1_2", "-tls1_2 -cipher AES256-GCM-SHA384", QUESTION);
    let file = arg(&recorded.capture());
    let refused = |arguments: &[&str], code: i32, words: &[&str]| {
        let answer = run(arguments);
        assert_eq!(answer.status.code(), Some(code), "{answer}");
        let text = answer.error_text();
        assert!(text.lines().count() == 1 && text.starts_with("dissect: "), "{answer}");
        contains(&text, words);
        answer.text()
    };
    let other = recorded.path("other.key");
    let made = peer::run(peer::command(openssl).args(["genrsa", "-out"]).arg(&other).arg("2048"), b"");
    assert!(made.success(), "{made}");
    let told = refused(&[&file, "--server-key", &arg(&other)], 1, &["not that of the server"]);
    assert!(told.contains("What stayed sealed"));

    let told = refused(&[&file, "--stream", "7"], 2, &["there is no stream 7, but stream 0 alone"]);
    assert_eq!(told, "");
    let bytes = std::fs::read(&file).unwrap();
    let cut = arg(&peer::file(&recorded.directory, "cut.pcap", &bytes[..bytes.len() - 3]));
    let told = refused(&[&cut], 3, &["the capture breaks off"]);
    assert!(told.contains("ClientHello"));
    assert_eq!(
        refused(&["/nowhere/at/all.pcap"], 4, &["/nowhere/at/all.pcap: No such file or directory"]),
        ""
    );
    assert_eq!(refused(&[&file, "--keylog", "/nowhere.log"], 4, &["/nowhere.log: No such file"]), "");
    // Of a key log nothing is ever quoted.
    let secret = "5a".repeat(47);
    let log = peer::file(&recorded.directory, "bad.log", format!("# a comment\nCLIENT_RANDOM 00 {secret}\n"));
    let answer = run([&*file, "--keylog", &arg(&log)]);
    assert_eq!(answer.status.code(), Some(3), "{answer}");
    contains(&answer.error_text(), &["bad.log: line 2: CLIENT_RANDOM takes 32 bytes and 48, in hexadecimal"]);
    assert!(!answer.error_text().contains("5a5a"), "{answer}");
    assert_eq!(run([&*file, "--color", "sometimes"]).status.code(), Some(2));

    // From standard input.
    let answer = run_with_input(["-", "--keylog", &arg(&recorded.path("keys.log"))], &bytes);
    contains(&story(&answer, 0), &["TCP stream 0 in -.", "200 ok"]);
}

fn flags() {
    let dump = "16 03 01 00 2d 01 00 00 29 03 03 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f \
                00 0002 009d 01 00";
    let run = |arguments: &[&str]| run_with_input([&["-"], arguments].concat(), dump.as_bytes());
    let lines = |how: &str| story(&run(&["--bytes", how]), 0).len();
    assert!(lines("full") > lines("brief") && lines("brief") > lines("none"));
    let colour = run(&["--color", "always"]).text();
    assert!(colour.contains("\u{1b}[") && !run(&[]).text().contains('\u{1b}'));

    let answer = run(&["-o", "json"]);
    let data: Value = serde_json::from_slice(&answer.output).expect("it is JSON");
    assert_eq!(answer.status.code(), Some(0));
    assert_eq!(data["schema_version"], 1);
    assert_eq!(data["events"][0]["name"], "ClientHello");
    assert_eq!(data["events"][0]["from"], "client");
    assert_eq!(run(&["-o", "yaml"]).status.code(), Some(2));
}

fn only_flags_that_exist_are_advertised() {
    let help = run(["--help"]);
    assert!(help.success() && help.error_text().is_empty(), "{help}");
    let help = help.text();
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    let told = run_with_input(["-", "--from", "server"], b"15 03 03 00 02 02 28").text();
    let flags: Vec<_> = told.split_whitespace().filter(|word| word.starts_with("--")).collect();
    let known = |flag: &&str| help.contains(&format!("{flag} <"));
    assert!(!flags.is_empty() && flags.iter().all(known), "{flags:?}: {help}");
}

/// Two connections in one file, each with its secrets in it: tshark counts the same streams and reads the
/// same question.
fn as_tshark_does(tshark: &Path) {
    let openssl = peer::find("openssl").expect("where tshark is, OpenSSL is too");
    let conversations: Vec<_> = ["AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"]
        .map(|cipher| {
            record(&openssl, directory(), "-tls1_2", &format!("-tls1_2 -cipher {cipher}"), QUESTION)
        })
        .into();
    let mut all = Vec::new();
    let mut log = String::new();
    for (port, recorded) in (50_000..).zip(&conversations) {
        let mut plain = Transcript::default();
        plain.push(CLIENT, Duration::ZERO, b"hello?");
        all.extend(frames(&segments(&plain, CLIENT, 100), v4(port + 100), 101));
        all.extend(frames(&segments(&recorded.transcript, CLIENT, 512), v4(port), 101));
        log += &std::fs::read_to_string(recorded.path("keys.log")).expect("OpenSSL wrote it");
    }
    let file = peer::file(&conversations[0].directory, "both.pcapng", pcapng(&all, 101, &log, false));
    for stream in [1, 3] {
        let filter = format!("tcp.stream == {stream} && http.request");
        let mut command = peer::command(tshark);
        command.args(["-n", "-r"]).arg(&file).args(["-Y", &filter, "-T", "fields", "-e", "http.request.uri"]);
        let theirs = peer::run(&mut command, b"");
        assert_eq!(theirs.text().trim(), "/", "{theirs}");
        let text = story(&run([&arg(&file), "--stream", &stream.to_string()]), 0);
        contains(
            &text,
            &[
                "GET /",
                "200 ok",
                &format!("TCP stream {stream} in"),
                "The secrets that the capture brings along open it.",
            ],
        );
    }
    let text = story(&run([arg(&file)]), 0);
    contains(&text, &["TCP stream 1 in", "More TLS in the same capture: --stream 3."]);
}
