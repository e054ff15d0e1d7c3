//! The window on conversations with OpenSSL: its flights are read by the same code, and its key log says
//! what ours says.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use cutaway::pki::PrivateKey;
use cutaway::tls::ClientConfig;
use cutaway::tls::dissect::{CLIENT, Content, Dissection, Known, SERVER, dissect};
use cutaway::tls::key_log::{Collected, KeyLogEntry};
use cutaway::wire::Party;
use cutaway_tests::peer::{self, Process};
use libtest_mimic::Trial;

use crate::client::{connect, s_server};
use crate::identity::{AUTHORITY, Files, arguments, certificate, key, trust_store};
use crate::server::{config, serve};

pub fn trials() -> Vec<Trial> {
    vec![
        peer::trial("openssl", "window::opens_a_conversation_with_s_client", on_our_server),
        peer::trial("openssl", "window::opens_a_conversation_with_s_server", on_our_client),
    ]
}

fn assert_open(dissection: &Dissection, question: &[u8], answer: &[u8]) {
    let schedule = &dissection.schedule;
    assert!(schedule.client_verify_data.as_ref().is_some_and(|(_, matches)| *matches));
    assert!(schedule.server_verify_data.as_ref().is_some_and(|(_, matches)| *matches));
    assert!(dissection.signature.as_ref().is_some_and(|signature| signature.matches));
    let data = |from: Party| -> Vec<u8> {
        let events = dissection
            .events
            .iter()
            .filter(|event| event.from == from && event.content == Content::ApplicationData);
        events.flat_map(|event| dissection.layers.bytes(&event.message)).copied().collect()
    };
    assert_eq!(data(CLIENT), question);
    assert_eq!(data(SERVER), answer);
    let unread =
        |event: &&cutaway::tls::dissect::Event| matches!(event.content, Content::Unread | Content::Sealed(_));
    assert_eq!(dissection.events.iter().filter(unread).count(), 0);
}

/// The lines of a key log file, without comments.
fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("OpenSSL wrote it");
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_lowercase).collect()
}

fn on_our_server(openssl: &Path) {
    let files = Files::new();
    let log = Arc::new(Collected::default());
    let mut config = config(2048);
    config.key_log = Some(log.clone());
    let (port, server) = serve(config, |stream, established| {
        established.expect("a handshake");
        let mut question = [0; 8];
        stream.read_exact(&mut question).expect("a question");
        stream.write_all(b"answer").expect("a client that listens");
        stream.close().expect("an end");
        stream.get_ref().recorder().transcript()
    });
    let words = format!("s_client -connect 127.0.0.1:{port} -nocommands -ign_eof -servername localhost");
    let logged = files.path("keys.log");
    let paths = [("-CAfile", files.authority()), ("-keylogfile", logged.clone())];
    let paths: Vec<_> = paths.iter().map(|(option, path)| (*option, path.as_path())).collect();
    let mut client = Process::start(peer::command(openssl).args(arguments(&words, &paths)));
    client.send(b"question");
    client.close_input();
    assert!(client.finish().success());
    let transcript = server.join().expect("the server is content");

    let trusted = vec![AUTHORITY.certificate().clone()];
    let server_key = Some(PrivateKey::Rsa((*key(2048)).clone()).to_pkcs1_der());
    let known = Known { server_key, trusted: trusted.clone(), ..Known::default() };
    assert_open(&dissect(&transcript, &known), b"question", b"answer");

    // OpenSSL's log says what ours says, and each of its lines opens all.
    let theirs = lines(&logged);
    let mut ours: Vec<_> = log.entries().iter().map(|entry| entry.to_line().to_lowercase()).collect();
    for line in &theirs {
        let place = ours.iter().position(|own| own == line).unwrap_or_else(|| panic!("{line} is not ours"));
        ours.remove(place);
        let kind = if line.starts_with("rsa ") {
            line.replacen("rsa", "RSA", 1)
        } else {
            line.replacen("client_random", "CLIENT_RANDOM", 1)
        };
        let entry = KeyLogEntry::from_line(&kind).expect("a line of the format");
        let known = Known { key_log: vec![entry], trusted: trusted.clone(), ..Known::default() };
        assert_open(&dissect(&transcript, &known), b"question", b"answer");
    }
    assert_eq!((theirs.len(), ours.len()), (2, 0), "RSA and CLIENT_RANDOM");
}

fn on_our_client(openssl: &Path) {
    let files = Files::new();
    let log = Arc::new(Collected::default());
    let logged = files.path("keys.log");
    let more = format!("-keylogfile {}", logged.display());
    let (mut server, port) = s_server(openssl, &files, &certificate(2048), 2048, &more);
    let config = ClientConfig { key_log: Some(log.clone()), ..ClientConfig::new(trust_store()) };
    let mut client = connect(port, config, "localhost");
    client.handshake().expect("a handshake");
    client.write_all(b"question").expect("a server that listens");
    server.send(b".answer");
    let mut answer = [0; 7];
    client.read_exact(&mut answer).expect("an answer");
    client.close().expect("an end");
    let transcript = client.get_ref().recorder().transcript();
    assert!(server.finish().success());

    let known =
        Known { key_log: log.entries(), trusted: vec![AUTHORITY.certificate().clone()], ..Known::default() };
    assert_open(&dissect(&transcript, &known), b"question", b".answer");
    let master = log
        .entries()
        .iter()
        .map(|entry| entry.to_line().to_lowercase())
        .find(|line| line.starts_with("client"));
    assert_eq!(lines(&logged), Vec::from_iter(master));
}
