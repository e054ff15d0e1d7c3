//! Conversations to look at: ours with ours, OpenSSL on either side, cut in pieces, failed.

use std::path::Path;
use std::sync::mpsc;
use std::thread;

use cutaway::pki::certificate::Certificate;
use cutaway::pki::{PrivateKey, Time};
use cutaway::story::tls_handshake::{
    Identity, Listener, PAGE as SENTENCE, Recording, Settings, Told, connect, local,
};
use cutaway::tls::CipherSuite;
use cutaway::tls::certificate::CertificateMessage;
use cutaway::tls::dissect::{CLIENT, SERVER};
use cutaway::tls::message::Message;
use cutaway::tls::record::{ContentType, HEADER};
use cutaway::wire::Transcript;
use cutaway_tests::peer::{self, Process};

/// What the page says.
pub const PAGE: &str = SENTENCE;

const AUTHORITY: &[u8] = include_bytes!("../fixtures/tls/authority.pem");
const CERTIFICATE: &[u8] = include_bytes!("../fixtures/tls/server.pem");
const KEY: &[u8] = include_bytes!("../fixtures/tls/server.key");

fn settings(suite: CipherSuite) -> Settings {
    Settings { suite: Some(suite), now: Time::from_unix(1_800_000_000), ..Settings::seeded(5) }
}

fn from_pem(text: &[u8]) -> Vec<Certificate> {
    Certificate::from_pem(text).expect("made with OpenSSL")
}

/// What OpenSSL calls a suite.
fn name(suite: CipherSuite) -> &'static str {
    match suite {
        CipherSuite::RSA_AES_128_GCM_SHA256 => "AES128-GCM-SHA256",
        CipherSuite::RSA_AES_256_GCM_SHA384 => "AES256-GCM-SHA384",
        CipherSuite::RSA_AES_128_CBC_SHA256 => "AES128-SHA256",
        CipherSuite::RSA_AES_256_CBC_SHA256 => "AES256-SHA256",
        other => panic!("{other} has no name here"),
    }
}

/// Both ends are ours.
pub fn ours(suite: CipherSuite) -> Recording {
    local(&settings(suite)).expect("a loopback connection").recording
}

/// Both ends are ours, and the page is a long one.
pub fn long_page(length: usize) -> Recording {
    let settings = settings(CipherSuite::RSA_AES_256_GCM_SHA384);
    local(&Settings { say: "x".repeat(length), ..settings }).expect("a loopback connection").recording
}

/// Our client with OpenSSL's server, which serves the page and ends.
pub fn our_client(openssl: &Path, suite: CipherSuite, more: &str) -> Recording {
    let told = client(openssl, suite, &format!("-cipher {} {more}", name(suite)), from_pem(AUTHORITY), true);
    assert_eq!(told.failure, None);
    told.recording
}

/// Our client with OpenSSL's server, which answers with a page about itself, without a length: it ends
/// where the connection does.
pub fn without_a_length(openssl: &Path) -> Recording {
    let told = client(openssl, CipherSuite::RSA_AES_256_GCM_SHA384, "-www", from_pem(AUTHORITY), false);
    assert_eq!(told.failure, None);
    told.recording
}

/// Our client trusts nobody.
pub fn client_without_trust(openssl: &Path) -> Recording {
    failed(client(openssl, CipherSuite::RSA_AES_256_GCM_SHA384, "", Vec::new(), false))
}

/// OpenSSL's server speaks only what our client did not offer.
pub fn no_common_suite(openssl: &Path) -> Recording {
    let other = name(CipherSuite::RSA_AES_128_GCM_SHA256);
    let suite = CipherSuite::RSA_AES_256_GCM_SHA384;
    failed(client(openssl, suite, &format!("-cipher {other}"), from_pem(AUTHORITY), false))
}

fn failed(told: Told) -> Recording {
    assert!(told.failure.is_some(), "it should not have gone well");
    told.recording
}

fn client(openssl: &Path, suite: CipherSuite, more: &str, trusted: Vec<Certificate>, answers: bool) -> Told {
    let directory = peer::directory();
    let (certificate, key) =
        (peer::file(&directory, "server.pem", CERTIFICATE), peer::file(&directory, "server.key", KEY));
    let mut command = peer::command(openssl);
    command.args(["s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-tls1_2", "-cert"]);
    command.arg(certificate).arg("-key").arg(key).args(more.split_whitespace());
    let mut server = Process::start(&mut command);
    let line = server.wait_for_line("ACCEPT 127.0.0.1:");
    let port = line.rsplit(':').next().expect("a port").to_owned();
    let body = format!("{PAGE}\n");
    server.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    let (done, is_done) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            if answers {
                // It shows what it hears. The command Q, at the beginning of what it is given, ends it.
                server.wait_for_line("Connection: close");
                server.send(b"Q\n");
            }
            let _ = is_done.recv();
        });
        let told = connect(&settings(suite), &format!("127.0.0.1:{port}"), Some("localhost"), trusted);
        let _ = done.send(());
        told.unwrap_or_else(|failure| panic!("{failure}"))
    })
}

/// Our server with OpenSSL's client, which asks for the page.
pub fn our_server(openssl: &Path, suite: CipherSuite, more: &str) -> Recording {
    let told = server(openssl, suite, &format!("-ign_eof {more}"));
    assert_eq!(told.failure, None);
    told.recording
}

/// OpenSSL's client trusts nobody.
pub fn server_not_trusted(openssl: &Path) -> Recording {
    failed(server(openssl, CipherSuite::RSA_AES_256_GCM_SHA384, "-verify_return_error -no-CAfile -no-CApath"))
}

fn server(openssl: &Path, suite: CipherSuite, more: &str) -> Told {
    let key = PrivateKey::from_pem(KEY).expect("made with OpenSSL");
    let identity = Identity::new(from_pem(CERTIFICATE), key).expect("they belong together");
    let listener = Listener::bind(settings(suite), "127.0.0.1:0", identity).expect("a free port");
    let address = listener.address().expect("it has one");
    let mut command = peer::command(openssl);
    command.args(["s_client", "-connect", &address.to_string(), "-servername", "localhost", "-nocommands"]);
    command.args(more.split_whitespace());
    let mut client = Process::start(&mut command);
    client.send(b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.close_input();
    let mut heard = None;
    listener
        .serve(|told| {
            heard = Some(told);
            false
        })
        .expect("a connection");
    heard.expect("one was served").unwrap_or_else(|failure| panic!("{failure}"))
}

/// The same conversation with its plaintext handshake messages in other records.
pub fn cut_again(recording: &Recording, length: usize) -> Recording {
    let mut recording = recording.clone();
    for chunk in &mut recording.transcript.chunks {
        let (mut out, mut handshake, mut sealed) = (Vec::new(), Vec::new(), false);
        let flush = |handshake: &mut Vec<u8>, out: &mut Vec<u8>| {
            handshake.chunks(length).for_each(|piece| out.extend(record(ContentType::HANDSHAKE, piece)));
            handshake.clear();
        };
        // What begins with a type of message that is none is sealed.
        sealed |= chunk.bytes[0] != ContentType::HANDSHAKE.0 || chunk.bytes[HEADER] > 20;
        let mut rest = &chunk.bytes[..];
        while !rest.is_empty() {
            let (this, behind) = rest.split_at(HEADER + usize::from(u16::from_be_bytes([rest[3], rest[4]])));
            rest = behind;
            sealed |= this[0] == ContentType::CHANGE_CIPHER_SPEC.0;
            if sealed {
                flush(&mut handshake, &mut out);
                out.extend(this);
            } else {
                handshake.extend(&this[HEADER..]);
            }
        }
        flush(&mut handshake, &mut out);
        chunk.bytes = out;
    }
    recording
}

fn record(content_type: ContentType, fragment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(fragment.len()).expect("a short fragment").to_be_bytes();
    [&[content_type.0, 3, 3], &length[..], fragment].concat()
}

/// The server's Finished, with one bit of it changed on the way, and no more after it.
pub fn changed_finished(recording: &Recording) -> Recording {
    let mut recording = recording.clone();
    let chunks = &mut recording.transcript.chunks;
    chunks.truncate(4);
    *chunks[3].bytes.last_mut().expect("a record") ^= 1;
    recording
}

/// A server that shows many certificates, of every kind that is kept beside the tests.
pub fn many_certificates() -> Recording {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pki");
    let mut files: Vec<_> =
        std::fs::read_dir(directory).expect("it is there").map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read(file).expect("a file"));
    let certificates: Vec<_> = texts.filter_map(|text| Certificate::from_pem(&text).ok()).flatten().collect();
    assert!(certificates.len() > 10);
    let mut recording = ours(CipherSuite::RSA_AES_256_GCM_SHA384);
    let chunks = &recording.transcript.chunks;
    let mut transcript = Transcript::default();
    transcript.push(CLIENT, chunks[0].at, &chunks[0].bytes);
    let hello = HEADER + usize::from(u16::from_be_bytes([chunks[1].bytes[3], chunks[1].bytes[4]]));
    transcript.push(SERVER, chunks[1].at, &chunks[1].bytes[..hello]);
    for certificate in certificates {
        let message = CertificateMessage { certificate_list: vec![certificate.der().to_vec()] };
        let bytes = Message::Certificate(message).to_bytes();
        transcript.push(SERVER, chunks[1].at, &record(ContentType::HANDSHAKE, &bytes));
    }
    recording.transcript = transcript;
    recording
}
