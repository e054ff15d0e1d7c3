//! Whom the program meets: servers of OpenSSL, and some that keep to no protocol.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use cutaway_tests::peer::{self, Process};

use super::files::Files;

/// `openssl s_server` for one test, and its address. Its `arguments` stand after the certificate's.
pub(crate) fn s_server(openssl: &Path, certificate: &Path, key: &Path, arguments: &str) -> (Process, String) {
    let mut command = peer::command(openssl);
    command.args(["s_server", "-accept", "127.0.0.1:0", "-www", "-cert"]).arg(certificate);
    let process = Process::start(command.arg("-key").arg(key).args(arguments.split_whitespace()));
    let line = process.wait_for_line("ACCEPT 127.0.0.1:");
    let port = line.rsplit(':').next().expect("a port").to_owned();
    (process, format!("localhost:{port}"))
}

/// One with the right certificate, for RSA key transport.
pub(crate) fn sound_server(openssl: &Path, files: &Files) -> (Process, String) {
    s_server(openssl, &files.server, &files.key, "-tls1_2 -cipher AES256-GCM-SHA384")
}

/// A server that takes one connection and does with it what it is told to. Its address.
pub(crate) fn stranger(behaviour: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("its address").to_string();
    thread::spawn(move || behaviour(listener.accept().expect("somebody comes").0));
    address
}

/// A server that hears the ClientHello, says these bytes, and hangs up.
pub(crate) fn says(bytes: impl Into<Vec<u8>>) -> String {
    let bytes = bytes.into();
    stranger(move |mut socket| {
        let mut hello = [0; 4096];
        let _ = socket.read(&mut hello).and_then(|_| socket.write_all(&bytes));
    })
}

/// A record of this type.
pub(crate) fn record(content_type: u8, fragment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(fragment.len()).expect("a record's length").to_be_bytes();
    [&[content_type, 3, 3], length.as_slice(), fragment].concat()
}

/// A handshake message in a record of its own.
pub(crate) fn handshake(message: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a message's length").to_be_bytes();
    record(22, &[&[message], &length[1..], body].concat())
}

/// A ServerHello that picks `TLS_RSA_WITH_AES_256_GCM_SHA384` and answers no extension.
pub(crate) fn server_hello() -> Vec<u8> {
    handshake(2, &[&[3, 3], [7; 32].as_slice(), &[0, 0x00, 0x9d, 0]].concat())
}

/// A Certificate message with one certificate.
pub(crate) fn certificate(der: &[u8]) -> Vec<u8> {
    let length = |n: usize| u32::try_from(n).expect("a certificate's length").to_be_bytes()[1..].to_vec();
    handshake(11, &[length(der.len() + 3), length(der.len()), der.to_vec()].concat())
}
