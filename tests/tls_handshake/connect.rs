//! `--connect`: our client, and servers of all sorts.

use std::path::Path;
use std::thread;
use std::time::Duration;

use cutaway_tests::peer::{self, Answer};
use libtest_mimic::Trial;

use super::files::{self, CA_NAME, Files};
use super::others::{certificate, record, s_server, says, server_hello, sound_server, stranger};
use super::program::{refuses, refuses_at_once, run, story, tells, trials};

pub(crate) fn trials() -> Vec<Trial> {
    trials! {
        "connect" {
            ten_silent_seconds_end_it,
            silence_in_the_middle_ends_it_too,
            nobody_there_is_said_in_a_sentence,
            an_address_that_is_none_is_wrong_usage,
            what_is_not_tls_is_quoted,
            a_server_that_hangs_up_is_told_up_to_there,
            a_file_that_gives_no_ca_is_named,
        }
        "openssl" {
            both_suites_fetch_a_page,
            a_server_that_has_its_mac_inside_is_refused,
            a_certificate_in_pieces_keeps_its_places,
            without_a_ca_it_stops_at_step_3_and_names_the_one_it_takes,
            a_ca_that_did_not_sign_is_no_help,
            every_path_that_was_tried_is_told,
            a_server_for_another_name_is_refused,
            an_expired_certificate_is_refused,
            a_server_without_rsa_key_transport_is_explained,
            a_server_of_cbc_alone_is_explained,
            a_server_of_tls_1_3_alone_is_explained,
            a_server_that_wants_to_know_the_client_is_explained,
            a_suite_that_the_server_has_not_is_refused,
        }
        "python3" {
            a_page_without_end_is_left,
            a_server_that_does_not_end_the_connection_is_not_waited_for,
        }
    }
}

fn connect(address: &str, arguments: &[&str]) -> Answer {
    run([["--connect", address].as_slice(), arguments].concat())
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary path is UTF-8")
}

fn ten_silent_seconds_end_it() {
    let address = stranger(|socket| {
        thread::sleep(Duration::from_secs(25));
        drop(socket);
    });
    refuses_at_once(&connect(&address, &[]), 4, &["server", "silent", "10 seconds"]);
}

fn silence_in_the_middle_ends_it_too() {
    let address = stranger(|mut socket| {
        let _ = std::io::Write::write_all(&mut socket, &server_hello());
        thread::sleep(Duration::from_secs(25));
        drop(socket);
    });
    let answer = connect(&address, &[]);
    refuses(&answer, 4, &["server", "silent", "10 seconds"]);
    let told = story(&answer, 4);
    assert!(told.contains(" 2  Server Hello") && !told.contains(" 3  Validation"), "{told}");
}

fn nobody_there_is_said_in_a_sentence() {
    // On port 1 (tcpmux) nobody has listened for decades.
    let words = ["127.0.0.1:1", "Connection refused", "is a server running there?"];
    refuses_at_once(&connect("127.0.0.1:1", &[]), 4, &words);
    refuses_at_once(&connect("[::1]:1", &[]), 4, &["[::1]:1"]);
    // RFC 6761 §6.4: a name that never resolves.
    refuses_at_once(&connect("nobody.invalid:443", &[]), 4, &["nobody.invalid:443", "lookup"]);
}

fn an_address_that_is_none_is_wrong_usage() {
    for address in ["localhost", "localhost:", "localhost:https", "localhost:65536"] {
        refuses_at_once(&connect(address, &[]), 2, &[address, "HOST:PORT", "localhost:8443"]);
    }
    for address in [":443", "a b:443", "\u{1b}[31m:443"] {
        let sentence = refuses_at_once(&connect(address, &[]), 2, &[]);
        assert!(!sentence.contains('\u{1b}'), "{sentence:?}");
    }
    refuses_at_once(&connect("localhost:443", &["--server-name", "two words"]), 2, &["two words", "name"]);
}

fn what_is_not_tls_is_quoted() {
    for (greeting, quoted) in [
        ("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "HTTP/"),
        ("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", "SSH-2"),
        ("220 mail.example.com ESMTP\r\n", "220 m"),
        ("\u{80}.\u{1}\u{0}\u{2}", "c2802e0100"),
    ] {
        refuses_at_once(&connect(&says(greeting), &[]), 3, &["does not speak TLS", quoted]);
    }
    // One that does not wait for us to begin, as SSH's.
    let address = stranger(|mut socket| {
        let _ = std::io::Write::write_all(&mut socket, b"SSH-2.0-x\r\n");
        let _ = std::io::Read::read(&mut socket, &mut [0; 4096]);
    });
    refuses_at_once(&connect(&address, &[]), 3, &["does not speak TLS", "SSH-2"]);
    // It begins as TLS does, and is none.
    let answer = connect(&says(record(22, b"\x02\x00\x00\x04abcd")), &[]);
    refuses(&answer, 3, &["ServerHello"]);
}

fn a_server_that_hangs_up_is_told_up_to_there() {
    let steps = |answer: &Answer| {
        let told = story(answer, 1);
        assert!(told.contains("It ended here"), "{told}");
        (1..=6).filter(|step| told.contains(&format!("\n {step}  "))).max().expect("a step")
    };
    let answer = connect(&says(""), &[]);
    refuses(&answer, 1, &["server", "hung up without a word"]);
    assert_eq!(steps(&answer), 1);

    let answer = connect(&says(server_hello()), &[]);
    refuses(&answer, 1, &["server hung up", "close_notify", "Certificate was expected"]);
    assert_eq!(steps(&answer), 2);

    let files = Files::new();
    let address = says([server_hello(), certificate(&files::server_der())].concat());
    let answer = connect(&address, &["--ca", text(&files.authority), "--server-name", "localhost"]);
    refuses(&answer, 1, &["server hung up", "ServerHelloDone or CertificateRequest was expected"]);
    // Nobody has said no to the certificate, and nobody is said to have.
    assert_eq!(steps(&answer), 3);
    assert!(!answer.text().contains("FAILS") && !answer.text().contains("does not believe"), "{answer}");

    let cut = server_hello();
    let answer = connect(&says(&cut[..20]), &[]);
    refuses(&answer, 1, &["server hung up", "ServerHello was expected"]);
}

fn a_file_that_gives_no_ca_is_named() {
    let files = Files::new();
    let ca = |path: &Path| connect("localhost:1", &["--ca", text(path)]);
    let missing = files.missing();
    refuses_at_once(&ca(&missing), 4, &[text(&missing), "No such file"]);
    let pem = std::fs::read_to_string(&files.authority).expect("just written");
    let der = pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    for (name, contents, words) in [
        ("empty.pem", String::new(), ["no -----BEGIN CERTIFICATE-----", ""]),
        ("words.pem", "not a certificate\n".into(), ["no -----BEGIN CERTIFICATE-----", ""]),
        ("key.pem", files::KEY_PKCS8.into(), ["no -----BEGIN CERTIFICATE-----", "found PRIVATE KEY"]),
        ("cut.pem", pem[..pem.len() / 2].into(), ["-----END CERTIFICATE-----", "cut short"]),
        ("altered.pem", pem.replacen("MII", "MI?", 1), ["line 2", "base64"]),
        ("other.pem", pem.replacen("MII", "MIA", 1), ["the certificate on line 1", ""]),
        ("bare.pem", der, ["no -----BEGIN CERTIFICATE-----", ""]),
    ] {
        let file = files.file(name, contents);
        refuses_at_once(&ca(&file), 3, &[text(&file), words[0], words[1]]);
    }
    // DER is what some call a certificate file too.
    let file = files.file("ca.der", files::server_der());
    refuses_at_once(&ca(&file), 3, &[text(&file), "DER", "openssl x509"]);
    let file = files.file("noise.pem", [0xff, 0xfe, 0x00, 0x80].repeat(100));
    refuses_at_once(&ca(&file), 3, &[text(&file), "no -----BEGIN CERTIFICATE-----"]);
}

fn both_suites_fetch_a_page(openssl: &Path) {
    let files = Files::new();
    let ca = ["--ca", text(&files.authority)];
    for (theirs, ours) in [
        ("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
        ("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    ] {
        let (_server, address) =
            s_server(openssl, &files.server, &files.key, &format!("-tls1_2 -cipher {theirs}"));
        for wish in [[].as_slice(), &["--suite", ours]] {
            let told = tells(&connect(&address, &[&ca, wish].concat()));
            for words in [&address, "somebody else's", " 6  Symmetric Tunnel", "the page    <HTML>", ours] {
                assert!(told.contains(words), "no {words:?} in\n{told}");
            }
            let made = told.split_once(" 2  Server Hello").expect("step 2").1;
            let picked = made.lines().find(|line| line.contains("cipher_suite")).expect("the suite");
            assert!(picked.ends_with(ours), "{picked}");
        }
    }
}

fn a_server_that_has_its_mac_inside_is_refused(openssl: &Path) {
    let files = Files::new();
    let wish = ["--suite", "TLS_RSA_WITH_AES_128_CBC_SHA256", "--ca", text(&files.authority)];
    let suite = "-tls1_2 -cipher AES128-SHA256";
    let (_server, address) = s_server(openssl, &files.server, &files.key, suite);
    let told = tells(&connect(&address, &wish));
    for words in ["encrypt_then_mac", "MAC   ", "comes last, and is checked first", "the page    <HTML>"] {
        assert!(told.contains(words), "no {words:?} in\n{told}");
    }
    let (_server, address) = s_server(openssl, &files.server, &files.key, &format!("{suite} -no_etm"));
    let words = ["only together with encrypt_then_mac (RFC 7366)", "Lucky Thirteen"];
    let answer = connect(&address, &wish);
    refuses(&answer, 1, &words);
    let told = story(&answer, 1);
    assert!(told.contains("handshake_failure") && told.contains("It ended here"), "{told}");
}

/// Its fields stand one behind the other, counted from the first record that has a piece of it.
fn a_certificate_in_pieces_keeps_its_places(openssl: &Path) {
    let files = Files::new();
    let suite = "-tls1_2 -cipher AES256-GCM-SHA384";
    let told = |wish: &str| {
        let (_server, address) = s_server(openssl, &files.server, &files.key, &format!("{suite} {wish}"));
        tells(&connect(&address, &["--ca", text(&files.authority)]))
    };
    let certificate = |told: &str| {
        let (_, certificate) = told.split_once("  Certificate  ").expect("the message");
        let lines = certificate.lines().skip(1).take_while(|line| !line.contains("ServerHelloDone"));
        let rows = lines.map(|line| {
            let at = u32::from_str_radix(&line[4..8], 16).expect("a place");
            (at, line[8..].to_owned())
        });
        rows.unzip::<u32, String, Vec<_>, Vec<_>>()
    };
    let (whole, said) = certificate(&told(""));
    let (pieces, said_in_pieces) = certificate(&told("-max_send_frag 512"));
    assert_eq!(said, said_in_pieces);
    assert!(pieces.is_sorted_by(|one, next| one < next), "{pieces:x?}");
    // Behind the first piece each place is five bytes farther: there stands the next record's header.
    let headers: Vec<_> = pieces.iter().zip(&whole).map(|(piece, whole)| piece - whole).collect();
    assert!(headers.starts_with(&[0]) && headers.iter().all(|&more| more == 0 || more == 5), "{headers:?}");
    assert_eq!(headers.last(), Some(&5));
}

fn without_a_ca_it_stops_at_step_3_and_names_the_one_it_takes(openssl: &Path) {
    let files = Files::new();
    let (server, address) = sound_server(openssl, &files);
    let answer = connect(&address, &[]);
    refuses(&answer, 1, &["--ca FILE", &format!("CN={CA_NAME}")]);
    let told = story(&answer, 1);
    for words in
        [" 3  Validation", "FAILS issuer", "does not believe the key", "unknown_ca", "It ended here", CA_NAME]
    {
        assert!(told.contains(words), "no {words:?} in\n{told}");
    }
    assert!(!told.contains(" 4  ") && !told.contains("premaster_secret"), "{told}");
    // Randoms, public key, private key, premaster, AES keys, page: what the server did not come to show.
    let server_row = told.lines().rfind(|line| line.starts_with("    server "));
    let signs: Vec<_> = server_row.expect("a ledger").split_whitespace().skip(1).collect();
    assert_eq!(signs, ["XX", "X", "?", ".", ".", "?"], "{told}");
    assert!(told.contains("? may have it: not ours to see"), "{told}");
    alert(server, 48);
}

/// The server has heard this alert, and no other.
fn alert(server: peer::Process, number: u8) {
    server.wait_for_error_line("SSL alert number");
    let errors = server.stop().error_text();
    assert!(errors.contains(&format!("SSL alert number {number}\n")), "{errors}");
    assert_eq!(errors.matches("SSL alert number").count(), 1, "{errors}");
}

fn a_ca_that_did_not_sign_is_no_help(openssl: &Path) {
    let files = Files::new();
    for (ca, words) in [
        (&files.stranger, [CA_NAME, "not in the trust store"]),
        (&files.namesake, [CA_NAME, "does not verify with that key"]),
    ] {
        let (server, address) = sound_server(openssl, &files);
        let answer = connect(&address, &["--ca", text(ca)]);
        refuses(&answer, 1, &words);
        assert!(story(&answer, 1).contains("FAILS"));
        alert(server, 48);
    }
}

fn every_path_that_was_tried_is_told(openssl: &Path) {
    let files = Files::new();
    let (trusted, chain) = files.cross_signed();
    let arguments = format!("-tls1_2 -cipher AES256-GCM-SHA384 -cert_chain {}", text(&chain));
    let (server, address) = s_server(openssl, &files.server, &files.key, &arguments);
    let answer = connect(&address, &["--ca", text(&trusted)]);
    refuses(&answer, 1, &["dNSName localhost", "vouches for example.com alone"]);
    let told = story(&answer, 1);
    for line in [
        "    Path 1 of 2: CN=localhost < CN=CA of the tests (no. ",
        " CN=other\n",
        "S6.1.3 (b)",
        "    Path 2 of 2: CN=localhost < CN=CA of the tests (no. ",
        ") < nobody\n",
    ] {
        assert!(told.contains(line), "{line:?} in {told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    alert(server, 42);
}

fn a_server_for_another_name_is_refused(openssl: &Path) {
    let files = Files::new();
    let (server, address) = sound_server(openssl, &files);
    let answer = connect(&address, &["--ca", text(&files.authority), "--server-name", "example.com"]);
    refuses(&answer, 1, &["localhost", "not for example.com"]);
    assert!(story(&answer, 1).contains("FAILS name"));
    alert(server, 42);
    // The other way round: reached by its number, known by its name.
    let (_server, address) = sound_server(openssl, &files);
    let number = address.replace("localhost", "127.0.0.1");
    let ca = ["--ca", text(&files.authority)];
    refuses(&connect(&number, &ca), 1, &["127.0.0.1"]);
    tells(&connect(&number, &[&ca, ["--server-name", "localhost"].as_slice()].concat()));
}

fn an_expired_certificate_is_refused(openssl: &Path) {
    let files = Files::new();
    let (server, address) =
        s_server(openssl, &files.expired, &files.key, "-tls1_2 -cipher AES256-GCM-SHA384");
    let answer = connect(&address, &["--ca", text(&files.authority)]);
    refuses(&answer, 1, &["localhost", "expired on", "10 days ago"]);
    assert!(story(&answer, 1).contains("FAILS time"));
    alert(server, 45);
}

fn a_server_without_rsa_key_transport_is_explained(openssl: &Path) {
    let files = Files::new();
    let suite = "-tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384";
    let (_server, address) = s_server(openssl, &files.server, &files.key, suite);
    let answer = connect(&address, &["--ca", text(&files.authority)]);
    refuses(&answer, 1, &["dropped RSA key transport", "handshake_failure", "TLS 1.3", "Go 1.22"]);
    assert!(story(&answer, 1).contains("handshake_failure"));
}

fn a_server_of_cbc_alone_is_explained(openssl: &Path) {
    let files = Files::new();
    let suite = "-tls1_2 -cipher AES128-SHA256";
    let (_server, address) = s_server(openssl, &files.server, &files.key, suite);
    let ca = ["--ca", text(&files.authority)];
    let answer = connect(&address, &ca);
    let suite = ["--suite", "TLS_RSA_WITH_AES_128_CBC_SHA256"];
    refuses(&answer, 1, &["handshake_failure", "with CBC alone", suite[0], suite[1], "encrypt_then_mac"]);
    let (_server, address) = s_server(openssl, &files.server, &files.key, "-tls1_2 -cipher AES128-SHA256");
    tells(&connect(&address, &[ca, suite].concat()));
    let other = ["--suite", "TLS_RSA_WITH_AES_256_CBC_SHA256"];
    let (_server, address) = s_server(openssl, &files.server, &files.key, "-tls1_2 -cipher AES128-SHA256");
    refuses(&connect(&address, &[ca, other].concat()), 1, &["Or it has that, and not", other[1]]);
}

fn a_server_of_tls_1_3_alone_is_explained(openssl: &Path) {
    let files = Files::new();
    let (_server, address) = s_server(openssl, &files.server, &files.key, "-tls1_3");
    let answer = connect(&address, &["--ca", text(&files.authority)]);
    refuses(&answer, 1, &["protocol_version", "no longer speaks TLS 1.2"]);
    story(&answer, 1);
}

fn a_server_that_wants_to_know_the_client_is_explained(openssl: &Path) {
    let files = Files::new();
    let (_server, address) =
        s_server(openssl, &files.server, &files.key, "-tls1_2 -cipher AES256-GCM-SHA384 -Verify 1");
    let answer = connect(&address, &["--ca", text(&files.authority)]);
    refuses(&answer, 1, &["handshake_failure", "certificate of the client", "this client has none"]);
    story(&answer, 1);
}

fn a_suite_that_the_server_has_not_is_refused(openssl: &Path) {
    let files = Files::new();
    let (_server, address) = sound_server(openssl, &files);
    let suite = ["--suite", "TLS_RSA_WITH_AES_128_GCM_SHA256"];
    refuses(&connect(&address, &suite), 1, &["handshake_failure"]);
}

/// A server of Python's that hears the request and then does what the script says.
fn python_server(python: &Path, files: &Files, does: &str) -> (peer::Process, String) {
    let script = "
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
context.maximum_version = ssl.TLSVersion.TLSv1_2
context.set_ciphers('AES256-GCM-SHA384')
listener = socket.create_server(('127.0.0.1', 0))
print('port', listener.getsockname()[1], flush=True)
connection = context.wrap_socket(listener.accept()[0], server_side=True)
connection.recv(4096)
"
    .to_owned()
        + does;
    let mut command = peer::command(python);
    let server = peer::Process::start(command.args(["-c", &script]).args([&files.server, &files.key]));
    let line = server.wait_for_line("port ");
    let address = format!("localhost:{}", line.trim_start_matches("port "));
    (server, address)
}

fn a_server_that_does_not_end_the_connection_is_not_waited_for(python: &Path) {
    let files = Files::new();
    // It says how long the page is, and neither hears our wish for an end nor our farewell.
    let does = "
connection.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 14\\r\\n\\r\\nattack at dawn')
import time; time.sleep(25)
";
    let (_server, address) = python_server(python, &files, does);
    let told = tells(&connect(&address, &["--ca", text(&files.authority)]));
    assert!(told.contains("the page    attack at dawn"), "{told}");

    // It says that it will end, and does not: that is waited for, but the page is there.
    let does = does.replace("OK\\r\\n", "OK\\r\\nConnection: close\\r\\n");
    let (_server, address) = python_server(python, &files, &does);
    let told = tells(&connect(&address, &["--ca", text(&files.authority)]));
    assert!(told.contains("the page    attack at dawn"), "{told}");
}

fn a_page_without_end_is_left(python: &Path) {
    let files = Files::new();
    let does = "
connection.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\n')
try:
    while True: connection.sendall(b'and on and on ' * 1000)
except OSError:
    print('they left', flush=True)
";
    let (server, address) = python_server(python, &files, does);
    let told = tells(&connect(&address, &["--ca", text(&files.authority)]));
    assert!(told.contains("and on and on"), "{told}");
    assert!(told.contains("were kept") && told.contains("without a name"), "{told}");
    server.wait_for_line("they left");
}
