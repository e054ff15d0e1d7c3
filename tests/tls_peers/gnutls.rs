//! GnuTLS: its client with our server, and our client with its server.
//!
//! `gnutls-serv` can only listen on all addresses. So that nobody else reaches it, its test runs in a
//! network namespace of its own, with nothing but a loopback in it: there the test calls itself.

use std::io::{Read, Write};
use std::path::Path;

use cutaway::tls::{CipherSuite, Connection};
use cutaway_tests::peer::{self, Answer, Process};
use libtest_mimic::Trial;

use crate::client::{config_of, connect};
use crate::identity::{Files, arguments, certificate};
use crate::server::{config_of as server_of, holds, refusal, serve};

/// Suites by GnuTLS's names for their parts.
const SUITES: [(&str, CipherSuite); 4] = [
    ("+AES-256-GCM:+AEAD", CipherSuite::RSA_AES_256_GCM_SHA384),
    ("+AES-128-GCM:+AEAD", CipherSuite::RSA_AES_128_GCM_SHA256),
    ("+AES-256-CBC:+SHA256", CipherSuite::RSA_AES_256_CBC_SHA256),
    ("+AES-128-CBC:+SHA256", CipherSuite::RSA_AES_128_CBC_SHA256),
];

/// Set where the test runs within the namespace.
const INSIDE: &str = "CUTAWAY_NETWORK_NAMESPACE";

const IN_A_NAMESPACE: &str = "gnutls::our_client_talks_with_gnutls_serv_in_a_namespace_of_its_own";

pub fn trials() -> Vec<Trial> {
    vec![
        peer::trial("gnutls-cli", "gnutls::our_server_echoes_for_gnutls_cli", echoes_for_gnutls),
        peer::trial("gnutls-cli", "gnutls::our_server_refuses_cbc_with_its_mac_inside", refuses_mac_inside),
        peer::trial_with(["gnutls-serv", "unshare", "ip"], IN_A_NAMESPACE, |[gnutls_serv, unshare, _]| {
            match std::env::var_os(INSIDE) {
                Some(_) => talks_with_gnutls(gnutls_serv),
                None => calls_itself(unshare),
            }
        }),
    ]
}

fn priority(cipher: &str) -> String {
    format!("NONE:+VERS-TLS1.2:+RSA:{cipher}:+SIGN-ALL:+COMP-NULL")
}

/// Text, since the echo of `gnutls-serv` ends with a line.
fn line(length: usize) -> Vec<u8> {
    let letters = (b'a'..=b'z').cycle().take(length - 1);
    letters.chain([b'\n']).collect()
}

fn gnutls_cli(program: &Path, port: u16, priority: &str, input: &[u8]) -> Answer {
    let files = Files::new();
    let words = format!(
        "127.0.0.1 -p {port} --priority {priority} --sni-hostname localhost --verify-hostname localhost"
    );
    let arguments = arguments(&words, &[("--x509cafile", &files.authority())]);
    peer::run(peer::command(program).args(arguments), input)
}

fn echoes_for_gnutls(program: &Path) {
    for (cipher, suite) in SUITES {
        for count in [1, 16_384] {
            let (port, server) = serve(server_of(suite, 2048), move |stream, established| {
                let suite = established.expect("a handshake").suite;
                let mut bytes = vec![0; count];
                stream.read_exact(&mut bytes).expect("what the client said");
                stream.write_all(&bytes).expect("a client that listens");
                // gnutls-cli may go without a farewell of its own.
                stream.close().map(|()| suite)
            });
            let answer = gnutls_cli(program, port, &priority(cipher), &line(count));
            assert!(answer.success() && holds(&answer.output, &line(count)), "{answer}");
            let options = "Options: extended master secret, safe renegotiation,";
            let options =
                if suite.needs_encrypt_then_mac() { format!("{options} EtM,") } else { options.into() };
            assert!(answer.text().lines().any(|line| line.trim_start_matches("- ") == options), "{answer}");
            assert_eq!(server.join().expect("the server is content").expect("an end"), suite);
        }
    }
}

fn refuses_mac_inside(program: &Path) {
    for (cipher, suite) in SUITES.into_iter().filter(|(_, suite)| suite.needs_encrypt_then_mac()) {
        let (port, server) = serve(server_of(suite, 2048), refusal);
        let answer = gnutls_cli(program, port, &format!("{}:%NO_ETM", priority(cipher)), b"");
        assert!(!answer.success(), "{answer}");
        assert!(answer.text().contains("Received alert [71]"), "{answer}");
        let error = server.join().expect("the server is content").to_string();
        assert!(error.contains("only together with encrypt_then_mac (RFC 7366)"), "{error}");
    }
}

/// Runs the test of this name in a network namespace.
fn calls_itself(unshare: &Path) {
    let this = std::env::current_exe().expect("a program");
    let mut command = peer::command(unshare);
    command.args(["-rn", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\""]).arg(this);
    command.args(["--exact", IN_A_NAMESPACE]).env(INSIDE, "1");
    let answer = peer::run(&mut command, b"");
    assert!(answer.success() && answer.text().contains("1 passed"), "{answer}");
}

/// In the namespace every port is free.
fn talks_with_gnutls(program: &Path) {
    let files = Files::new();
    let certificate = files.write("server.pem", certificate(2048).to_pem());
    let key = files.key(2048);
    let paths = [("--x509certfile", certificate.as_path()), ("--x509keyfile", &key)];
    for (port, (cipher, suite)) in (5001..).zip(SUITES) {
        let words = format!("--echo --port {port} --priority {}", priority(cipher));
        let server = Process::start(peer::command(program).args(arguments(&words, &paths)));
        for count in [1, 16_384] {
            let mut client = connect(port, config_of(suite), "localhost");
            let established = client.handshake().expect("a handshake");
            assert_eq!(established.suite, suite);
            assert!(established.extended_master_secret && established.secure_renegotiation);
            client.write_all(&line(count)).expect("a server that listens");
            let mut heard = vec![0; count];
            client.read_exact(&mut heard).expect("what the server says");
            assert!(heard == line(count), "{}", String::from_utf8_lossy(&heard));
            client.close().expect("an end");
            assert!(client.connection().peer_has_closed(), "gnutls-serv answers close_notify");
        }
        drop(server);
        if suite.needs_encrypt_then_mac() {
            let port = port + 100;
            let words = format!("--echo --port {port} --priority {}:%NO_ETM", priority(cipher));
            let _server = Process::start(peer::command(program).args(arguments(&words, &paths)));
            let mut client = connect(port, config_of(suite), "localhost");
            let error = client.handshake().expect_err("no handshake").to_string();
            assert!(error.contains("only together with encrypt_then_mac (RFC 7366)"), "{error}");
        }
    }
}
