//! Our server: OpenSSL's `s_client` and Python connect to it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::stream::protocol_error;
use cutaway::tls::{CipherSuite, Connection, Error, Established, Server, ServerConfig, Stream};
use cutaway::wire::{Recorder, Tap};
use cutaway_tests::peer::{self, Answer, Process};
use libtest_mimic::Trial;

use crate::identity::{
    AUTHORITY, Files, SUITES, arguments, certificate, certificate_for, each, key, much, noise, patient,
};

pub type Tapped = Stream<Server, Tap<TcpStream>>;

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<_> = each("server::echoes_for_openssl", echoes_for_openssl).collect();
    for (name, suite) in SUITES {
        let test = move |curl: &Path| curl_fetches(curl, name, suite);
        trials.push(peer::trial("curl", format!("server::curl_fetches_{name}"), test));
    }
    trials.extend([
        peer::trial(
            "openssl",
            "server::refuses_cbc_without_encrypt_then_mac",
            refuses_cbc_without_encrypt_then_mac,
        ),
        peer::trial("openssl", "server::hears_64_mebibytes", hears_much),
        peer::trial("openssl", "server::says_64_mebibytes", says_much),
        peer::trial("openssl", "server::joins_the_fragments_of_openssl", joins_fragments),
        peer::trial("openssl", "server::is_chosen_by_a_client_that_speaks_everything", meets_a_modern_client),
        peer::trial("openssl", "server::refuses_what_it_does_not_speak", refuses_what_it_does_not_speak),
        peer::trial(
            "openssl",
            "server::tells_a_client_that_was_killed_from_one_that_was_done",
            tells_killed_from_done,
        ),
        peer::trial("openssl", "server::is_refused_when_it_is_not_whom_openssl_asked_for", is_refused),
        peer::trial("openssl", "server::refuses_to_renegotiate_with_openssl", refuses_to_renegotiate),
        peer::trial("python3", "server::serves_python_once_it_offers_rsa", serves_python),
        peer::trial(
            "python3",
            "server::explains_why_python_is_refused_by_default",
            explains_the_refusal_of_python,
        ),
    ]);
    trials
}

pub fn config(bits: usize) -> ServerConfig {
    ServerConfig::new(vec![certificate(bits)], key(bits)).expect("they belong together")
}

/// A server that accepts this suite alone.
pub fn config_of(suite: CipherSuite, bits: usize) -> ServerConfig {
    let mut config = config(bits);
    config.suites = vec![suite];
    config
}

/// Serves one connection on a thread of its own, and says on which port.
pub fn serve<T: Send + 'static>(
    config: ServerConfig,
    serve: impl FnOnce(&mut Tapped, io::Result<Established>) -> T + Send + 'static,
) -> (u16, JoinHandle<T>) {
    use cutaway::tls::dissect::{CLIENT, SERVER};
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    let thread = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let server = Server::new(Arc::new(config), Generator::new(30, port.into()));
        let mut stream = Stream::new(server, Tap::new(patient(stream), Recorder::new(), SERVER, CLIENT));
        let established = stream.handshake();
        serve(&mut stream, established)
    });
    (port, thread)
}

/// `s_client` with these further arguments, believing our authority alone.
fn s_client(openssl: &Path, files: &Files, port: u16, more: &str) -> Process {
    let words = format!(
        "s_client -connect 127.0.0.1:{port} -verify_return_error -servername localhost \
         -verify_hostname localhost -nocommands {more}"
    );
    Process::start(peer::command(openssl).args(arguments(&words, &[("-CAfile", &files.authority())])))
}

/// Whether `bytes` holds `part`, in one piece.
pub fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Sends back `count` bytes, and says farewell first.
fn echo(count: usize) -> impl FnOnce(&mut Tapped, io::Result<Established>) -> Established + Send + 'static {
    move |stream, established| {
        let established = established.expect("a handshake");
        let mut bytes = vec![0; count];
        stream.read_exact(&mut bytes).expect("what the client said");
        stream.write_all(&bytes).expect("a client that listens");
        stream.close().expect("a client that answers");
        assert!(stream.connection().peer_has_closed(), "s_client answers close_notify");
        established
    }
}

fn assert_content_with_us(answer: &Answer, suite: &str) {
    assert!(answer.success(), "{answer}");
    let text = answer.text();
    for line in [
        "Verification: OK",
        &format!("New, TLSv1.2, Cipher is {suite}"),
        "Secure Renegotiation IS supported",
        "Extended master secret: yes",
        "Compression: NONE",
    ] {
        assert!(text.contains(line), "no “{line}” in {answer}");
    }
}

fn echoes_for_openssl(openssl: &Path, name: &str, suite: CipherSuite, bits: usize) {
    let files = Files::new();
    for count in [1, 16_384] {
        let (port, server) = serve(config_of(suite, bits), echo(count));
        let mut client = s_client(openssl, &files, port, &format!("-tls1_2 -cipher {name} -ign_eof"));
        let bytes = noise(count);
        client.send(&bytes);
        client.close_input();
        let answer = client.finish();
        assert_content_with_us(&answer, name);
        assert!(answer.text().contains(&format!("Server public key is {bits} bit")), "{answer}");
        assert!(holds(&answer.output, &bytes), "the bytes came back");
        let established = server.join().expect("the server is content");
        assert_eq!(established.suite, suite);
        assert!(established.extended_master_secret && established.secure_renegotiation);
        assert_eq!(established.server_name.as_deref(), Some("localhost"));
    }
}

fn hears_much(openssl: &Path) {
    let files = Files::new();
    let (port, server) = serve(config(2048), |stream, established| {
        established.expect("a handshake");
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).expect("an end with close_notify");
        heard
    });
    let mut client = s_client(openssl, &files, port, "-tls1_2 -quiet -no_ign_eof");
    let bytes = much();
    client.send(&bytes);
    client.close_input();
    let heard = server.join().expect("the server is content");
    let answer = client.finish();
    assert!(answer.success(), "{answer}");
    assert!(heard == bytes, "{} bytes came, or others", heard.len());
}

fn says_much(openssl: &Path) {
    let files = Files::new();
    let bytes = Arc::new(much());
    let said = Arc::clone(&bytes);
    let (port, server) = serve(config(2048), move |stream, established| {
        established.expect("a handshake");
        stream.write_all(&said).expect("a client that listens");
        stream.close().expect("a client that answers");
    });
    let answer = s_client(openssl, &files, port, "-tls1_2 -quiet").finish();
    server.join().expect("the server is content");
    assert!(answer.success(), "{answer}");
    assert!(answer.output == *bytes, "{} bytes came, or others", answer.output.len());
}

/// A ClientKeyExchange of 518 bytes does not fit into records of 512, and data is cut as well.
fn joins_fragments(openssl: &Path) {
    let files = Files::new();
    for more in ["-max_send_frag 512", "-split_send_frag 600"] {
        let (port, server) = serve(config(4096), echo(16_384));
        let mut client = s_client(openssl, &files, port, &format!("-tls1_2 {more} -ign_eof"));
        let bytes = noise(16_384);
        client.send(&bytes);
        client.close_input();
        let answer = client.finish();
        assert!(answer.success() && holds(&answer.output, &bytes), "{more}: {answer}");
        server.join().expect("the server is content");
    }
}

/// OpenSSL's own defaults offer TLS 1.3 first, and dozens of suites.
fn meets_a_modern_client(openssl: &Path) {
    let files = Files::new();
    let (port, server) = serve(config(2048), echo(5));
    let mut client = s_client(openssl, &files, port, "-ign_eof");
    client.send(b"hello");
    client.close_input();
    assert_content_with_us(&client.finish(), "AES256-GCM-SHA384");
    server.join().expect("the server is content");
}

/// The error of a handshake that must not succeed.
pub fn refusal(stream: &mut Tapped, established: io::Result<Established>) -> Error {
    let error = established.expect_err("no handshake");
    let _ = stream.get_ref().get_ref().shutdown(std::net::Shutdown::Write);
    let text = error.to_string();
    match error.into_inner().and_then(|inner| inner.downcast().ok()) {
        Some(error) => *error,
        None => panic!("not an error of the protocol: {text}"),
    }
}

fn refuses_what_it_does_not_speak(openssl: &Path) {
    let files = Files::new();
    for (more, number, words) in [
        ("-tls1_3", 70, "TLS 1.2 is the only version spoken here, and the other side wants TLS 1.3"),
        (
            "-tls1_1 -cipher ALL:@SECLEVEL=0",
            70,
            "TLS 1.2 is the only version spoken here, and the other side wants TLS 1.1",
        ),
        ("-tls1_2 -cipher ECDHE+AESGCM", 40, "the client never offers RSA key transport"),
        ("-tls1_2 -cipher AES128-SHA", 40, "of RSA key transport the client offers none with AES-GCM"),
        (
            "-tls1_2 -cipher AES128-SHA256",
            40,
            "the client offers TLS_RSA_WITH_AES_128_CBC_SHA256, which is not accepted in this run",
        ),
        ("-tls1_2 -sigalgs ECDSA+SHA256", 40, "cannot verify our certificate's signature"),
    ] {
        let (port, server) = serve(config(2048), refusal);
        let answer = s_client(openssl, &files, port, more).finish();
        assert!(!answer.success(), "{more}: {answer}");
        assert!(answer.error_text().contains(&format!("SSL alert number {number}")), "{more}: {answer}");
        let error = server.join().expect("the server is content");
        assert!(error.to_string().contains(words), "{more}: {error}");
    }
}

fn refuses_cbc_without_encrypt_then_mac(openssl: &Path) {
    let files = Files::new();
    for (name, suite) in SUITES.into_iter().filter(|(_, suite)| suite.needs_encrypt_then_mac()) {
        let (port, server) = serve(config_of(suite, 2048), refusal);
        let answer = s_client(openssl, &files, port, &format!("-tls1_2 -cipher {name} -no_etm")).finish();
        assert!(!answer.success(), "{answer}");
        assert!(answer.error_text().contains("SSL alert number 71"), "{answer}");
        let error = server.join().expect("the server is content").to_string();
        assert!(error.contains("only together with encrypt_then_mac (RFC 7366)"), "{error}");
    }
}

/// Both sides of the connection are held to the suite; the page is of 16 KiB.
fn curl_fetches(curl: &Path, name: &str, suite: CipherSuite) {
    let files = Files::new();
    let page = noise(16_384);
    let said = page.clone();
    let (port, server) = serve(config_of(suite, 2048), move |stream, established| {
        let established = established.expect("a handshake");
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a request");
            heard.extend(byte);
        }
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n").expect("a client that listens");
        stream.write_all(&said).expect("a client that listens");
        stream.close().expect("an end");
        established.suite
    });
    let mut command = peer::command(curl);
    command.args(["-sS", "--tlsv1.2", "--tls-max", "1.2", "--ciphers", name, "--cacert"]);
    command.arg(files.authority()).arg("--resolve").arg(format!("localhost:{port}:127.0.0.1"));
    let answer = peer::run(command.arg(format!("https://localhost:{port}/")), b"");
    assert!(answer.success() && answer.output == page, "{answer}");
    assert_eq!(server.join().expect("the server is content"), suite);
}

fn tells_killed_from_done(openssl: &Path) {
    let files = Files::new();
    let (port, server) = serve(config(2048), |stream, established| {
        established.expect("a handshake");
        stream.write_all(b"your turn\n").expect("a client that listens");
        stream.read(&mut [0; 9])
    });
    let client = s_client(openssl, &files, port, "-tls1_2");
    client.wait_for_line("your turn");
    let _ = client.stop();
    let end = server.join().expect("the server is content");
    // A program that goes with bytes unread in its socket resets the connection.
    let kind = end.map_err(|error| error.kind());
    assert!(matches!(kind, Err(ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset)), "{kind:?}");

    let (port, server) = serve(config(2048), |stream, established| {
        established.expect("a handshake");
        stream.read(&mut [0; 9])
    });
    let mut client = s_client(openssl, &files, port, "-tls1_2");
    client.close_input();
    assert!(client.finish().success());
    assert_eq!(server.join().expect("the server is content").expect("close_notify"), 0);
}

/// `s_client` names what it dislikes, and our error says what it said.
fn is_refused(openssl: &Path) {
    let expired = cutaway::pki::Validity::days(cutaway::pki::Time::now().plus_days(-100), 10);
    let year = crate::identity::year();
    for (name, validity, alert) in
        [("example.com", year, "bad_certificate"), ("localhost", expired, "certificate_expired")]
    {
        let files = Files::new();
        let config =
            ServerConfig::new(vec![certificate_for(name, 2048, validity)], key(2048)).expect("they fit");
        let (port, server) = serve(config, refusal);
        let answer = s_client(openssl, &files, port, "-tls1_2").finish();
        assert!(!answer.success(), "{answer}");
        let error = server.join().expect("the server is content");
        assert!(matches!(error, Error::PeerAlert { .. }), "{error}");
        assert!(error.to_string().contains(alert), "{error}");
    }
}

/// The command `R` has `s_client` ask for another handshake.
fn refuses_to_renegotiate(openssl: &Path) {
    let files = Files::new();
    let (port, server) = serve(config(2048), |stream, established| {
        established.expect("a handshake");
        let mut heard = Vec::new();
        let end = stream.read_to_end(&mut heard);
        (heard, end.map_err(|error| error.to_string()))
    });
    let words = format!("s_client -connect 127.0.0.1:{port} -tls1_2");
    let mut client =
        Process::start(peer::command(openssl).args(arguments(&words, &[("-CAfile", &files.authority())])));
    client.wait_for_line("Verify return code: 0 (ok)");
    client.send(b"R\n");
    let answer = client.finish();
    assert!(answer.error_text().contains("no renegotiation"), "{answer}");
    let (heard, end) = server.join().expect("the server is content");
    assert_eq!(heard, b"");
    assert!(end.is_err_and(|error| error.contains("handshake_failure") || error.contains("close_notify")));
}

const FETCH: &str = r#"
import socket, ssl, sys
port, authority, suites = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
context = ssl.create_default_context(cafile=authority)
if suites:
    context.set_ciphers(suites[0])
with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
    with context.wrap_socket(plain, server_hostname="localhost") as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        page = b""
        while part := connection.recv(4096):
            page += part
        print(connection.version(), connection.cipher()[0])
        print(page.decode())
"#;

fn python(python: &Path, port: u16, suites: &str) -> Answer {
    let files = Files::new();
    let script = files.write("fetch.py", FETCH);
    let authority = files.write("authority.pem", AUTHORITY.certificate().to_pem());
    let mut command = peer::command(python);
    command.arg(script).arg(port.to_string()).arg(authority).args(suites.split_whitespace());
    peer::run(&mut command, b"")
}

fn serves_python(program: &Path) {
    let (port, server) = serve(config(2048), |stream, established| {
        established.expect("a handshake");
        let mut request = [0; 18];
        stream.read_exact(&mut request).expect("a request");
        assert_eq!(request, *b"GET / HTTP/1.0\r\n\r\n");
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nhello, Python").expect("a client that listens");
        stream.close().expect("an end");
    });
    let answer = python(program, port, "AES256-GCM-SHA384");
    assert!(answer.success(), "{answer}");
    assert!(answer.text().contains("TLSv1.2 AES256-GCM-SHA384"), "{answer}");
    assert!(answer.text().contains("hello, Python"), "{answer}");
    server.join().expect("the server is content");
}

/// Python's own list has no RSA key transport, and the user should learn that from us.
fn explains_the_refusal_of_python(program: &Path) {
    let (port, server) = serve(config(2048), |stream, established| {
        let protocol = established.as_ref().is_err_and(|error| protocol_error(error).is_some());
        (protocol, refusal(stream, established).to_string())
    });
    let answer = python(program, port, "");
    assert!(answer.error_text().contains("HANDSHAKE_FAILURE"), "{answer}");
    let (protocol, text) = server.join().expect("the server is content");
    assert!(protocol);
    assert!(text.contains("never offers RSA key transport") && text.contains("Python's ssl"), "{text}");
}
