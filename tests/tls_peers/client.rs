//! Our client: it connects to OpenSSL's `s_server`.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use cutaway::pki::trust_store::TrustStore;
use cutaway::pki::{Authority, Certificate, GeneralName, Name, Request, Time, Validity};
use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::dissect::{CLIENT, SERVER};
use cutaway::tls::stream::protocol_error;
use cutaway::tls::{CipherSuite, Client, ClientConfig, Connection, Error, Stream};
use cutaway::wire::{Recorder, Tap};
use cutaway_tests::peer::{self, PATIENCE, Process};
use libtest_mimic::Trial;

use crate::identity::{
    AUTHORITY, Files, SUITES, arguments, certificate, certificate_for, each, key, much, noise, patient,
    trust_store, year,
};

pub type Tapped = Stream<Client, Tap<TcpStream>>;

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<_> = each("client::talks_with_openssl", talks_with_openssl).collect();
    trials.extend([
        peer::trial(
            "openssl",
            "client::refuses_cbc_without_encrypt_then_mac",
            refuses_cbc_without_encrypt_then_mac,
        ),
        peer::trial("openssl", "client::hears_64_mebibytes", hears_much),
        peer::trial("openssl", "client::says_64_mebibytes", says_much),
        peer::trial("openssl", "client::joins_the_fragments_of_openssl", joins_fragments),
        peer::trial("openssl", "client::refuses_a_server_that_is_not_to_be_believed", refuses_servers),
        peer::trial("openssl", "client::is_refused_by_a_server_without_rsa_key_transport", is_refused),
        peer::trial("openssl", "client::shows_no_certificate_when_asked_for_one", shows_no_certificate),
        peer::trial("openssl", "client::refuses_to_renegotiate_with_openssl", refuses_to_renegotiate),
    ]);
    trials
}

/// An `s_server` for one connection, and its port.
pub fn s_server(
    openssl: &Path,
    files: &Files,
    certificate: &Certificate,
    bits: usize,
    more: &str,
) -> (Process, u16) {
    let words = format!("s_server -accept 127.0.0.1:0 -naccept 1 -tls1_2 {more}");
    let certificate = files.write("server.pem", certificate.to_pem());
    let paths = [("-cert", certificate.as_path()), ("-key", &files.key(bits))];
    let server = Process::start(peer::command(openssl).args(arguments(&words, &paths)));
    let line = server.wait_for_line("ACCEPT 127.0.0.1:");
    let port = line.rsplit(':').next().and_then(|port| port.parse().ok());
    (server, port.unwrap_or_else(|| panic!("no port in {line:?}")))
}

/// A client of ours on its way to `localhost`, before its handshake. It knocks until the server listens.
pub fn connect(port: u16, config: ClientConfig, name: &str) -> Tapped {
    let deadline = Instant::now() + PATIENCE;
    let stream = loop {
        match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            Ok(stream) => break stream,
            Err(error) => assert!(Instant::now() < deadline, "port {port}: {error}"),
        }
        thread::sleep(Duration::from_millis(5));
    };
    let name = name.parse().expect("a name");
    let client = Client::new(Arc::new(config), name, Time::now(), Generator::new(40, port.into()));
    Stream::new(client, Tap::new(patient(stream), Recorder::new(), CLIENT, SERVER))
}

fn config() -> ClientConfig {
    ClientConfig::new(trust_store())
}

/// A client that offers this suite alone.
pub fn config_of(suite: CipherSuite) -> ClientConfig {
    ClientConfig { suites: vec![suite], ..config() }
}

/// Bytes that a server without `-quiet` does not take for its commands, which are ASCII letters.
fn beyond_ascii(count: usize) -> Vec<u8> {
    let mut bytes = noise(count);
    bytes.iter_mut().for_each(|byte| *byte |= 0x80);
    bytes
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn talks_with_openssl(openssl: &Path, name: &str, suite: CipherSuite, bits: usize) {
    for count in [1, 16_384] {
        let files = Files::new();
        let certificate = certificate(bits);
        let (mut server, port) = s_server(openssl, &files, &certificate, bits, &format!("-cipher {name}"));
        let mut client = connect(port, config_of(suite), "localhost");
        let established = client.handshake().expect("a handshake");
        assert_eq!(established.suite, suite);
        assert!(established.extended_master_secret && established.secure_renegotiation);
        assert_eq!(established.peer_certificates, [certificate]);

        let bytes = beyond_ascii(count);
        server.send(&bytes);
        let mut heard = vec![0; count];
        client.read_exact(&mut heard).expect("what the server says");
        assert!(heard == bytes);
        client.write_all(&bytes).expect("a server that listens");
        client.close().expect("an end");
        assert!(client.connection().peer_has_closed(), "s_server answers close_notify");
        let answer = server.finish();
        assert!(answer.success() && holds(&answer.output, &bytes), "{answer}");
        for line in [&format!("CIPHER is {name}"), "Secure Renegotiation IS supported"] {
            assert!(answer.text().contains(line), "no “{line}” in {answer}");
        }
    }
}

/// An `s_server` that says and takes data alone, and so not on which port: that is chosen beforehand, and
/// the first connection that is accepted is the one.
fn s_server_for_bulk(openssl: &Path, files: &Files) -> (Process, Tapped) {
    let port = peer::free_port();
    let words = format!("s_server -accept 127.0.0.1:{port} -naccept 1 -tls1_2 -quiet -nbio");
    let certificate = files.write("server.pem", certificate(2048).to_pem());
    let paths = [("-cert", certificate.as_path()), ("-key", &files.key(2048))];
    let server = Process::start(peer::command(openssl).args(arguments(&words, &paths)));
    (server, connect(port, config(), "localhost"))
}

fn hears_much(openssl: &Path) {
    let files = Files::new();
    let (mut server, mut client) = s_server_for_bulk(openssl, &files);
    let bytes = Arc::new(much());
    let said = Arc::clone(&bytes);
    let sending = thread::spawn(move || {
        server.send(&said);
        server
    });
    client.handshake().expect("a handshake");
    let mut heard = vec![0; bytes.len()];
    client.read_exact(&mut heard).expect("what the server says");
    client.close().expect("an end");
    let answer = sending.join().expect("sent").finish();
    assert!(answer.success(), "{answer}");
    assert!(heard == *bytes, "other bytes came");
}

fn says_much(openssl: &Path) {
    let files = Files::new();
    let (server, mut client) = s_server_for_bulk(openssl, &files);
    client.handshake().expect("a handshake");
    let bytes = much();
    client.write_all(&bytes).expect("a server that listens");
    client.close().expect("an end");
    let answer = server.finish();
    assert!(answer.success(), "{answer}");
    assert!(answer.output == bytes, "{} bytes came, or others", answer.output.len());
}

/// A Certificate message of 1.3 kB in records of 512 bytes, and data likewise.
fn joins_fragments(openssl: &Path) {
    for more in ["-max_send_frag 512", "-split_send_frag 600"] {
        let files = Files::new();
        let (mut server, port) = s_server(openssl, &files, &certificate(4096), 4096, more);
        let mut client = connect(port, config(), "localhost");
        client.handshake().expect("a handshake");
        let bytes = beyond_ascii(16_384);
        server.send(&bytes);
        let mut heard = vec![0; bytes.len()];
        client.read_exact(&mut heard).expect("what the server says");
        assert!(heard == bytes);
        client.close().expect("an end");
        assert!(server.finish().success());
    }
}

/// The error of a handshake that must not succeed.
fn refusal(client: &mut Tapped) -> Error {
    let error: io::Error = client.handshake().expect_err("no handshake");
    assert!(protocol_error(&error).is_some(), "{error}");
    *error.into_inner().and_then(|inner| inner.downcast().ok()).expect("it was there")
}

/// A certificate of `localhost` from an authority of this name, whom nobody trusts.
fn foreign(name: &str) -> Certificate {
    let (rng, key) = (&mut Generator::new(41, 0), key(2048));
    let authority = Authority::new(rng, Name::of(name), (*key).clone(), year()).expect("a key that fits");
    let names = vec![GeneralName::DnsName("localhost".into())];
    let request = Request::server(Name::of("localhost"), names, key.public(), year());
    authority.issue(rng, &request).expect("a key that fits")
}

/// A certificate with the right name, and from the right authority, that is for clients.
fn for_clients() -> Certificate {
    let key = key(2048);
    let names = vec![GeneralName::DnsName("localhost".into())];
    let request = Request { names, ..Request::client(Name::of("localhost"), key.public(), year()) };
    AUTHORITY.issue(&mut Generator::new(42, 0), &request).expect("a key that fits")
}

/// What OpenSSL says that it heard from us: the one alert that RFC 5246 §7.2.2 has for the case.
fn refuses_servers(openssl: &Path) {
    let good = certificate(2048);
    let past = Validity::days(Time::now().plus_days(-100), 10);
    let future = Validity::days(Time::now().plus_days(10), 10);
    let nobody = || ClientConfig::new(TrustStore::new());
    for (certificate, config, name, number) in [
        (good.clone(), nobody(), "localhost", 48),
        (foreign("somebody else"), config(), "localhost", 48),
        (foreign("Cutaway test authority"), config(), "localhost", 48),
        (for_clients(), config(), "localhost", 43),
        (certificate_for("localhost", 2048, past), config(), "localhost", 45),
        (certificate_for("localhost", 2048, future), config(), "localhost", 45),
        (good.clone(), config(), "example.com", 42),
        (certificate_for("example.com", 2048, year()), config(), "localhost", 42),
        (good, config(), "127.0.0.2", 42),
    ] {
        let files = Files::new();
        let (server, port) = s_server(openssl, &files, &certificate, 2048, "");
        let mut client = connect(port, config, name);
        let error = refusal(&mut client);
        assert!(matches!(error, Error::Certificate(_)), "{name}: {error}");
        drop(client);
        let answer = server.finish();
        let heard = answer.error_text();
        let one = heard.matches("SSL alert number").count() == 1;
        assert!(one && heard.contains(&format!("SSL alert number {number}\n")), "{name}, {error}: {answer}");
    }
}

fn refuses_cbc_without_encrypt_then_mac(openssl: &Path) {
    for (name, suite) in SUITES.into_iter().filter(|(_, suite)| suite.needs_encrypt_then_mac()) {
        let files = Files::new();
        let more = format!("-cipher {name} -no_etm");
        let (server, port) = s_server(openssl, &files, &certificate(2048), 2048, &more);
        let mut client = connect(port, config_of(suite), "localhost");
        let error = refusal(&mut client).to_string();
        assert!(error.contains("only together with encrypt_then_mac (RFC 7366)"), "{error}");
        drop(client);
        let answer = server.finish();
        assert!(answer.error_text().contains("SSL alert number 40"), "{answer}");
    }
}

fn is_refused(openssl: &Path) {
    let files = Files::new();
    let (server, port) = s_server(openssl, &files, &certificate(2048), 2048, "-cipher ECDHE+AESGCM");
    let mut client = connect(port, config(), "localhost");
    let error = refusal(&mut client);
    assert!(matches!(error, Error::PeerAlert { .. }), "{error}");
    assert!(
        error.to_string().contains("handshake_failure (fatal, 40), while ServerHello was expected"),
        "{error}"
    );
    drop(client);
    let answer = server.finish();
    assert!(answer.error_text().contains("no shared cipher"), "{answer}");
}

/// A server that would like to know who we are lets us in; one that insists does not.
fn shows_no_certificate(openssl: &Path) {
    let files = Files::new();
    let (server, port) = s_server(openssl, &files, &certificate(2048), 2048, "-verify 1");
    let mut client = connect(port, config(), "localhost");
    client.handshake().expect("a handshake");
    client.write_all(b"it is only me").expect("a server that listens");
    client.close().expect("an end");
    let answer = server.finish();
    assert!(holds(&answer.output, b"it is only me"), "{answer}");

    let (server, port) = s_server(openssl, &files, &certificate(2048), 2048, "-Verify 1");
    let mut client = connect(port, config(), "localhost");
    let error = refusal(&mut client);
    assert!(error.to_string().contains("handshake_failure"), "{error}");
    drop(client);
    let answer = server.finish();
    assert!(answer.error_text().contains("peer did not return a certificate"), "{answer}");
}

/// The command `r` has `s_server` send HelloRequest. We decline with a warning, and may go on; OpenSSL
/// does not want to.
fn refuses_to_renegotiate(openssl: &Path) {
    let files = Files::new();
    let (mut server, port) = s_server(openssl, &files, &certificate(2048), 2048, "");
    let mut client = connect(port, config(), "localhost");
    client.handshake().expect("a handshake");
    server.wait_for_line("Secure Renegotiation IS supported");
    server.send(b"r\n");
    let error = client.read(&mut [0; 9]).expect_err("the server ends it");
    assert!(
        error.to_string().contains("handshake_failure (fatal, 40), while application data was expected"),
        "{error}"
    );
    drop(client);
    let answer = server.finish();
    assert!(answer.error_text().contains("no renegotiation"), "{answer}");
}
