//! Ends without an alert: what is said of a side that is simply gone, at each point of the conversation.
//! Each comes over a real socket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use cutaway::pki::{Certificate, PrivateKey, Time, TrustStore};
use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::{Client, ClientConfig, Connection, Server, ServerConfig};
use libtest_mimic::Trial;

use super::files::{self, Files};
use super::listen::Ours;
use super::others::{certificate, record, server_hello, stranger};
use super::program::{one_sentence, refuses, run, story, trials};

pub(crate) fn trials() -> Vec<Trial> {
    trials! {
        "ends" {
            a_server_that_is_gone_is_explained_wherever_that_was,
            a_client_that_is_gone_is_explained_wherever_that_was,
            a_message_that_is_cut_between_records_is_counted,
            a_client_that_only_warns_has_not_said_hello,
            a_whole_answer_needs_no_farewell,
        }
    }
}

/// How one side ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With FIN.
    Orderly,
    /// With RST: on Linux whoever closes a socket with unread bytes in it sends that.
    Abrupt,
}

impl End {
    /// Waits for the other side to say something, and leaves that unread if the end shall be abrupt.
    fn hear(self, socket: &mut TcpStream) {
        let mut buffer = [0; 1 << 14];
        let _ = match self {
            Self::Orderly => socket.read(&mut buffer),
            Self::Abrupt => socket.peek(&mut buffer),
        };
    }

    fn words(self) -> &'static str {
        match self {
            Self::Orderly => "hung up",
            Self::Abrupt => "reset the connection (RST)",
        }
    }
}

/// A server of ours that gives so many answers to the client, says `more` and is gone; of the last of its
/// bytes it says so many too few.
fn server(files: &Files, answers: usize, more: &'static [u8], cut: usize, end: End) -> String {
    let pem = std::fs::read(&files.server).unwrap();
    let certificates = Certificate::from_pem(&pem).unwrap();
    let key = PrivateKey::from_pem(files::KEY_PKCS8.as_bytes()).unwrap().rsa().unwrap().clone();
    let config = ServerConfig::new(certificates, Arc::new(key)).unwrap();
    stranger(move |mut socket| {
        let mut server = Server::new(Arc::new(config), Generator::new(8, 0));
        let mut buffer = [0; 1 << 14];
        for turn in 0..answers {
            let length = socket.read(&mut buffer).unwrap();
            server.receive(&buffer[..length]).unwrap();
            let mut out = server.take_outgoing();
            if turn + 1 == answers && !more.is_empty() {
                socket.write_all(&out).unwrap();
                end.hear(&mut socket);
                server.send(more).unwrap();
                out = server.take_outgoing();
            }
            let told = if turn + 1 == answers { out.len() - cut } else { out.len() };
            socket.write_all(&out[..told]).unwrap();
        }
        // Amid its words nobody answers it.
        if more.is_empty() && cut == 0 {
            end.hear(&mut socket);
        }
    })
}

fn a_server_that_is_gone_is_explained_wherever_that_was() {
    let files = Files::new();
    let ca = files.authority.to_str().unwrap().to_owned();
    let connect =
        |address: &str| run(["--connect", address, "--ca", &ca, "--server-name", "localhost"].as_slice());
    let says = |bytes: Vec<u8>, end: End| {
        stranger(move |mut socket| {
            socket.write_all(&bytes).unwrap();
            end.hear(&mut socket);
        })
    };
    const PART: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\na part of it";
    let certificate = [server_hello(), certificate(&files::server_der())].concat();
    for end in [End::Orderly, End::Abrupt] {
        for (at, address, step, words) in [
            (
                "before any byte",
                says(Vec::new(), end),
                1,
                vec!["while ServerHello was expected", "not one byte came", "no TLS port"],
            ),
            (
                "amid the ServerHello",
                says(server_hello()[..20].to_vec(), end),
                1,
                vec![
                    "All that was read of the server was 20 of 47 bytes of a record",
                    "crashed or was stopped",
                ],
            ),
            (
                "after the ServerHello",
                says(server_hello(), end),
                2,
                vec!["while Certificate was expected", "its ServerHello", "a proxy or a filter"],
            ),
            (
                "after the Certificate",
                says(certificate.clone(), end),
                3,
                vec!["ServerHelloDone or CertificateRequest was expected", "its Certificate"],
            ),
            (
                "after our keys",
                server(&files, 1, b"", 0, end),
                5,
                vec!["while ChangeCipherSpec was expected", "its ServerHelloDone", "its private key"],
            ),
            (
                "amid its Finished",
                server(&files, 2, b"", 7, end),
                5,
                vec!["its ChangeCipherSpec; behind that came 38 of 45 bytes", "crashed or was stopped"],
            ),
            (
                "after the handshake",
                server(&files, 2, b"", 0, end),
                6,
                vec!["while application data was expected", "its Finished", "load balancer"],
            ),
            (
                "amid a record of data",
                server(&files, 2, PART, 5, end),
                6,
                vec!["its Finished; behind that came", "crashed or was stopped"],
            ),
        ] {
            // To reset it the server would have to leave something unread, and here there is nothing.
            if end == End::Abrupt && at == "amid its Finished" {
                continue;
            }
            let answer = connect(&address);
            let common = [end.words(), "Likely causes: "];
            let sentence = refuses(&answer, 1, &[common.as_slice(), &words].concat());
            assert!(end == End::Abrupt || at.starts_with("before") || sentence.contains("close_notify"));
            let told = story(&answer, 1);
            assert!(told.contains("It ended here"), "{at}: {told}");
            let last = (1..=6).filter(|step| told.contains(&format!("\n {step}  "))).max();
            // What was not answered belongs to the step in which we spoke last.
            assert_eq!(last, Some(step), "{at}, {end:?}: {told}");
        }
    }
    // The client has taken all there was, and says nothing more: this end is orderly, and yet no end.
    let answer = connect(&server(&files, 2, PART, 0, End::Orderly));
    let words = ["hung up", "its application data", "without close_notify, as some do", "may not be all"];
    refuses(&answer, 1, &words);
    assert!(story(&answer, 1).contains("a part of it"));
}

fn a_whole_answer_needs_no_farewell() {
    let files = Files::new();
    let ca = files.authority.to_str().unwrap();
    for whole in [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere".as_slice(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhere\r\n0\r\n\r\n",
    ] {
        let address = server(&files, 2, whole, 0, End::Orderly);
        let answer = run(["--connect", &address, "--ca", ca, "--server-name", "localhost"]);
        assert!(super::program::tells(&answer).contains("here"), "{answer}");
    }
}

/// What a client of ours says, turn by turn, before it is gone.
fn client(files: &Files, socket: &mut TcpStream, turns: usize, cut: usize) {
    let mut trust_store = TrustStore::new();
    let authority = Certificate::from_pem(&std::fs::read(&files.authority).unwrap()).unwrap();
    authority.into_iter().for_each(|certificate| trust_store.add(certificate));
    let config = Arc::new(ClientConfig::new(trust_store));
    let mut client = Client::new(config, "localhost".parse().unwrap(), Time::now(), Generator::new(9, 0));
    let mut buffer = [0; 1 << 14];
    for turn in 0..turns {
        let out = client.take_outgoing();
        let told = if turn + 1 == turns { out.len() - cut } else { out.len() };
        socket.write_all(&out[..told]).unwrap();
        if turn + 1 < turns || (turns == 2 && cut == 0) {
            let length = socket.read(&mut buffer).unwrap();
            client.receive(&buffer[..length]).unwrap();
        }
    }
}

fn a_client_that_is_gone_is_explained_wherever_that_was() {
    let files = Files::new();
    for end in [End::Orderly, End::Abrupt] {
        for (at, turns, cut, words) in [
            (
                "after ClientHello",
                1,
                0,
                vec!["while ClientKeyExchange was expected", "its ClientHello", "does not believe"],
            ),
            ("amid its keys", 2, 60, vec!["its ClientHello; behind that came", "crashed or was stopped"]),
            ("amid its Finished", 2, 3, vec!["its ChangeCipherSpec; behind that came 42 of 45 bytes"]),
            (
                "after the handshake",
                2,
                0,
                vec!["while application data was expected", "its Finished", "health checks"],
            ),
        ] {
            // In the handshake's last turn the client leaves nothing unread, and so cannot reset.
            let resets = end == End::Abrupt && turns == 1;
            if end == End::Abrupt && !resets {
                continue;
            }
            let ours = Ours::with(&files, &[]);
            let mut socket = TcpStream::connect(("127.0.0.1", ours.port())).unwrap();
            client(&files, &mut socket, turns, cut);
            if turns == 1 {
                end.hear(&mut socket);
            }
            drop(socket);
            let answer = ours.finish();
            let common = [end.words(), "Likely causes: ", "client"];
            one_sentence(&answer.error_text(), &[common.as_slice(), &words].concat());
            let told = story(&answer, 1);
            assert!(told.contains("It ended here") && told.contains("Likely causes"), "{at}: {told}");
        }
    }
    // Whoever says nothing at all is no story.
    let ours = Ours::with(&files, &[]);
    drop(TcpStream::connect(("127.0.0.1", ours.port())).unwrap());
    let answer = ours.finish();
    assert_eq!((answer.status.code(), answer.text()), (Some(1), String::new()), "{answer}");
    let words = ["hung up without a word", "while ClientHello was expected", "not one byte", "health check"];
    one_sentence(&answer.error_text(), &words);
}

/// What our server says of a client that sends these bytes and hangs up.
fn after(bytes: &[u8], words: &[&str]) -> String {
    let ours = Ours::with(&Files::new(), &[]);
    let mut socket = TcpStream::connect(("127.0.0.1", ours.port())).unwrap();
    socket.write_all(bytes).unwrap();
    socket.shutdown(std::net::Shutdown::Write).unwrap();
    let _ = socket.read_to_end(&mut Vec::new());
    let answer = ours.finish();
    assert_eq!((answer.status.code(), answer.text()), (Some(1), String::new()), "{answer}");
    let sentence = one_sentence(&answer.error_text(), words);
    assert!(!sentence.contains("not one byte") && !sentence.contains("without a word"), "{sentence}");
    sentence
}

fn a_message_that_is_cut_between_records_is_counted() {
    // A ClientHello of 84 bytes, in records of 20.
    let hello = [&[1, 0, 0, 80, 3, 3], [7; 78].as_slice()].concat();
    let records: Vec<_> = hello.chunks(20).map(|fragment| record(22, fragment)).collect();
    let crashed = "ends within a message";
    let one = &records[0];
    assert_eq!(one.len(), 25);
    after(one, &["All that was read of the client was 20 of 84 bytes of its ClientHello.", crashed]);
    let and_then = [one, &records[1][..7]].concat();
    after(
        &and_then,
        &["was 20 of 84 bytes of its ClientHello, and then 7 of 25 bytes of a record.", crashed],
    );
    after(&records[..4].concat(), &["was 80 of 84 bytes of its ClientHello.", crashed]);
    after(&record(22, &hello[..3]), &["was 3 bytes of a handshake message.", crashed]);
    after(&record(22, &hello[..1]), &["was 1 byte of a handshake message.", crashed]);
    after(&[22], &["was 1 byte that is no whole record.", crashed]);
    after(&[22, 3], &["was 2 bytes that are no whole record.", crashed]);
    // More than a handshake may have.
    let endless = [[1, 1, 0, 0].as_slice(), &[0; 1 << 16]].concat();
    let endless: Vec<_> = endless.chunks(1 << 14).flat_map(|fragment| record(22, fragment)).collect();
    let words =
        ["65536", "was 49152 of 65540 bytes of its ClientHello, and then 16369 of 16389 bytes of a record"];
    after(&endless, &words);

    // Of a server the same is so.
    let certificate = certificate(&files::server_der());
    let cut = [server_hello(), record(22, &certificate[5..105])].concat();
    let address = super::others::says(cut);
    let whole = certificate.len() - 5;
    let words = format!("its ServerHello; behind that came 100 of {whole} bytes of its Certificate.");
    refuses(&run(["--connect", &address]), 1, &["while Certificate was expected", &words, crashed]);
}

fn a_client_that_only_warns_has_not_said_hello() {
    // A warning, user_canceled.
    let words = [
        "while ClientHello was expected",
        "user_canceled",
        "without a fatal alert",
        "gave up before it began",
    ];
    let sentence = after(&record(21, &[1, 90]), &words);
    assert!(!sentence.contains("our certificate"), "{sentence}");
}
