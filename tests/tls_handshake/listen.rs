//! `--listen`: our server, and clients of all sorts.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use cutaway_tests::peer::{self, Answer, Process, TempDir};
use libtest_mimic::Trial;

use super::files::{self, Files};
use super::program::{one_sentence, program, refuses_at_once, run, story, trials};

pub(crate) fn trials() -> Vec<Trial> {
    trials! {
        "listen" {
            a_client_that_speaks_something_else_is_quoted,
            a_client_for_whom_there_is_no_place_is_refused_and_that_is_said_once,
            a_server_that_is_interrupted_leaves_a_file_and_says_so,
            a_port_in_use_is_said_with_the_fix,
            an_address_that_is_none_is_wrong_usage,
            no_other_address_than_the_given_is_bound,
            a_key_of_another_certificate_is_refused,
            a_key_that_cannot_be_used_says_what_to_do,
            a_certificate_that_cannot_be_used_is_named,
            a_broken_key_is_not_quoted,
        }
        "curl" {
            a_silent_client_holds_up_nobody,
            curl_reads_the_page,
            a_failed_client_is_not_the_last,
        }
        "openssl" {
            openssl_believes_us_in_both_suites,
            a_suite_that_was_not_chosen_is_named,
            a_client_of_cbc_alone_is_told_how_it_would_be_served,
            a_client_that_has_its_mac_inside_is_refused,
            a_client_that_asks_nothing_is_told,
            a_client_that_does_not_trust_us_is_told,
            a_client_that_checks_another_name_is_told,
        }
        "python3" {
            a_client_without_rsa_key_transport_is_explained,
            python_reads_the_page_if_it_is_let,
        }
    }
}

/// Our server on a free port. Files that it makes go into a folder of its own.
pub(crate) struct Ours {
    process: Process,
    port: u16,
    folder: TempDir,
}

impl Ours {
    fn start(arguments: &[&str]) -> Self {
        let folder = peer::directory();
        let mut command = program(["--listen", "127.0.0.1:0"]);
        let process = Process::start(command.args(arguments).env("TMPDIR", folder.path()));
        let line = process.wait_for_error_line("listening on 127.0.0.1:");
        let port = line.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        Self { process, port, folder }
    }

    /// With a certificate and a key of ours, for one connection.
    pub(crate) fn with(files: &Files, arguments: &[&str]) -> Self {
        let identity = ["--once", "--cert", text(&files.server), "--key", text(&files.key)];
        Self::start(&[identity.as_slice(), arguments].concat())
    }

    /// How it ended by itself, without the line that said where it listened. It leaves no file.
    pub(crate) fn finish(self) -> Answer {
        let mut answer = self.process.finish();
        let left: Vec<_> = std::fs::read_dir(self.folder.path()).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
        let errors = answer.error_text();
        let (first, rest) = errors.split_once('\n').expect("a line");
        assert_eq!(first, format!("listening on 127.0.0.1:{}", self.port));
        answer.errors = rest.as_bytes().to_vec();
        answer
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    fn url(&self) -> String {
        format!("https://localhost:{}/", self.port)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary path is UTF-8")
}

fn curl(program: &Path, ca: &Path, url: &str) -> Answer {
    let mut command = peer::command(program);
    command.args(["--silent", "--show-error", "--max-time", "20", "--noproxy", "*", "--cacert"]);
    peer::run(command.arg(ca).arg(url), b"")
}

/// None of the private numbers stands in what was printed, in hexadecimal or as the file had them.
fn keeps_the_key(answer: &Answer) {
    let printed = [answer.text(), answer.error_text()].concat();
    let joined: String = printed.split_whitespace().collect::<String>().to_lowercase();
    for number in files::private_numbers() {
        let spaced: Vec<_> = number[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!printed.contains(&spaced.join(" ")), "a private number:\n{printed}");
        assert!(!joined.contains(&hex::encode(&number[..8])), "a private number:\n{printed}");
    }
    for file in [files::KEY_PKCS1, files::KEY_PKCS8] {
        for line in file.lines().filter(|line| !line.starts_with('-')) {
            assert!(!joined.contains(&line.to_lowercase()[..12]), "a line of the key's file:\n{printed}");
        }
    }
}

/// The server made a certificate and says where that of its CA is. There is no other file, and no key.
fn curl_reads_the_page(program: &Path) {
    let ours = Ours::start(&["--once", "--say", "the eagle has landed, für wahr"]);
    let line = ours.process.wait_for_error_line("the CA's certificate is in ");
    let ca = line.trim_start_matches("the CA's certificate is in ");
    let (ca, hint) = ca.split_once(' ').expect("what to try");
    let url = ours.url();
    assert_eq!(hint, format!("until this one connection is over; try: curl --cacert {ca} {url}"));
    let written: Vec<_> = std::fs::read_dir(ours.folder.path()).unwrap().collect();
    assert_eq!(written.len(), 1, "the CA's certificate and nothing else: {written:?}");
    let pem = std::fs::read_to_string(ca).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\n") && pem.ends_with("-----END CERTIFICATE-----\n"));
    assert_eq!(pem.matches("-----BEGIN").count(), 1, "{pem}");
    let answer = curl(program, Path::new(ca), &url);
    assert!(answer.success(), "{answer}");
    assert_eq!(answer.text(), "the eagle has landed, für wahr\n");

    let mut answer = ours.finish();
    let errors = answer.error_text();
    assert_eq!(errors.trim_end(), line, "nothing else to say about {url}");
    answer.errors.clear();
    let told = super::program::tells(&answer);
    for words in
        ["somebody else's", "Eve: the eagle has landed", " 6  Symmetric Tunnel", "the page    the eagle"]
    {
        assert!(told.contains(words), "no {words:?} in\n{told}");
    }
    assert!(told.is_ascii(), "the plain locale has no ü: {told}");
}

fn openssl_believes_us_in_both_suites(openssl: &Path) {
    let files = Files::new();
    let pkcs1 = files.file("pkcs1.key", files::KEY_PKCS1);
    for (key, theirs, name) in [
        (&files.key, "AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
        (&pkcs1, "AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    ] {
        let ours = Ours::start(&["--once", "--cert", text(&files.server), "--key", text(key)]);
        let said =
            client(openssl, &ours, &files.authority, &format!("-cipher {theirs} -verify_hostname localhost"));
        assert!(said.success(), "{said}");
        for words in ["HTTP/1.1 200 OK", "attack at dawn", "Verification: OK", "Verified peername: localhost"]
        {
            assert!(said.text().contains(words), "{said}");
        }
        let answer = ours.finish();
        keeps_the_key(&answer);
        let told = super::program::tells(&answer);
        assert!(told.contains(name) && told.contains("the page    attack at dawn"), "{told}");
    }
}

/// `openssl s_client` with a request, which trusts this CA and checks what it is told to.
fn client(openssl: &Path, ours: &Ours, ca: &Path, arguments: &str) -> Answer {
    let mut command = peer::command(openssl);
    command.args(["s_client", "-connect", &format!("127.0.0.1:{}", ours.port), "-tls1_2", "-ign_eof"]);
    command.args(["-servername", "localhost", "-verify_return_error", "-CAfile"]).arg(ca);
    peer::run(command.args(arguments.split_whitespace()), b"GET / HTTP/1.0\r\n\r\n")
}

fn a_suite_that_was_not_chosen_is_named(openssl: &Path) {
    let files = Files::new();
    let ours = Ours::with(&files, &["--suite", "TLS_RSA_WITH_AES_256_GCM_SHA384"]);
    let said = client(openssl, &ours, &files.authority, "-cipher AES128-GCM-SHA256");
    assert_eq!(said.status.code(), Some(1), "{said}");
    let answer = ours.finish();
    one_sentence(&answer.error_text(), &["suite in common", "TLS_RSA_WITH_AES_128_GCM_SHA256"]);
    story(&answer, 1);
}

fn a_client_of_cbc_alone_is_told_how_it_would_be_served(openssl: &Path) {
    let files = Files::new();
    let ours = Ours::with(&files, &[]);
    let said = client(openssl, &ours, &files.authority, "-cipher AES128-SHA256");
    assert_eq!(said.status.code(), Some(1), "{said}");
    let answer = ours.finish();
    let words = ["suite in common", "--suite, here TLS_RSA_WITH_AES_128_CBC_SHA256", "encrypt_then_mac"];
    one_sentence(&answer.error_text(), &words);
}

fn a_client_that_has_its_mac_inside_is_refused(openssl: &Path) {
    let files = Files::new();
    let ours = Ours::with(&files, &["--suite", "TLS_RSA_WITH_AES_256_CBC_SHA256"]);
    let said = client(openssl, &ours, &files.authority, "-cipher AES256-SHA256 -no_etm");
    assert_eq!(said.status.code(), Some(1), "{said}");
    let answer = ours.finish();
    let words = ["only together with encrypt_then_mac (RFC 7366)", "Lucky Thirteen"];
    one_sentence(&answer.error_text(), &words);
    assert!(story(&answer, 1).contains("insufficient_security"));
}

fn a_client_that_asks_nothing_is_told(openssl: &Path) {
    let files = Files::new();
    let ours = Ours::with(&files, &[]);
    let mut command = peer::command(openssl);
    command.args(["s_client", "-connect", &format!("127.0.0.1:{}", ours.port), "-tls1_2", "-CAfile"]);
    let said = peer::run(command.arg(&files.authority), b"");
    assert!(said.success(), "{said}");
    let told = super::program::tells(&ours.finish());
    assert!(told.contains("close_notify, from each"), "{told}");
}

fn a_client_that_does_not_trust_us_is_told(openssl: &Path) {
    let files = Files::new();
    let ours = Ours::with(&files, &[]);
    assert_eq!(client(openssl, &ours, &files.stranger, "").status.code(), Some(1));
    let answer = ours.finish();
    one_sentence(&answer.error_text(), &["unknown_ca", "does not trust the CA", "give it the CA's file"]);
    assert!(story(&answer, 1).contains("unknown_ca"));
    keeps_the_key(&answer);
}

fn a_client_that_checks_another_name_is_told(openssl: &Path) {
    let files = Files::new();
    let ours = Ours::with(&files, &[]);
    assert_eq!(
        client(openssl, &ours, &files.authority, "-verify_hostname example.com").status.code(),
        Some(1)
    );
    let answer = ours.finish();
    one_sentence(&answer.error_text(), &["bad_certificate", "is the name right?"]);
    story(&answer, 1);
}

const FETCH: &str = "
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[2])
if len(sys.argv) > 3: context.set_ciphers(sys.argv[3])
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
print(opener.open(sys.argv[1], timeout=20).read().decode(), end='')
";

fn a_client_without_rsa_key_transport_is_explained(python: &Path) {
    let files = Files::new();
    let ours = Ours::with(&files, &[]);
    let said = peer::run(peer::command(python).args(["-c", FETCH, &ours.url()]).arg(&files.authority), b"");
    assert!(said.error_text().contains("HANDSHAKE_FAILURE"), "{said}");
    let answer = ours.finish();
    let words = ["never offers RSA key transport", "Python's ssl", "Go 1.22"];
    one_sentence(&answer.error_text(), &words);
    let told = story(&answer, 1);
    assert!(told.contains("handshake_failure") && told.contains("It ended here"), "{told}");
}

fn python_reads_the_page_if_it_is_let(python: &Path) {
    let files = Files::new();
    let ours = Ours::with(&files, &["--say", "so be it"]);
    let mut command = peer::command(python);
    command.args(["-c", FETCH, &ours.url()]).arg(&files.authority).arg("AES256-GCM-SHA384");
    let said = peer::run(&mut command, b"");
    assert_eq!(said.text(), "so be it\n", "{said}");
    super::program::tells(&ours.finish());
}

fn a_client_that_speaks_something_else_is_quoted() {
    let files = Files::new();
    for (greeting, code, words) in [
        ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 3, ["does not speak TLS", "GET /"]),
        ("SSH-2.0-OpenSSH_9.2p1\r\n", 3, ["does not speak TLS", "SSH-2"]),
        ("", 1, ["client", "hung up without a word"]),
    ] {
        let ours = Ours::with(&files, &[]);
        let mut socket = TcpStream::connect(("127.0.0.1", ours.port)).unwrap();
        socket.write_all(greeting.as_bytes()).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = socket.read_to_end(&mut Vec::new());
        let answer = ours.finish();
        one_sentence(&answer.error_text(), &["127.0.0.1:", words[0], words[1]]);
        assert_eq!((answer.status.code(), answer.text()), (Some(code), String::new()), "{answer}");
    }
}

/// Without `--once`: one after the other, whatever became of those before. Each sentence on standard
/// error comes behind its story.
fn a_failed_client_is_not_the_last(program: &Path) {
    let files = Files::new();
    let ours = Ours::start(&["--cert", text(&files.server), "--key", text(&files.key)]);
    let greet = |greeting: &[u8]| TcpStream::connect(("127.0.0.1", ours.port)).unwrap().write_all(greeting);
    greet(b"what?").unwrap();
    ours.process.wait_for_error_line("it began with \"what?\"");
    assert_eq!(curl(program, &files.stranger, &ours.url()).status.code(), Some(60));
    ours.process.wait_for_error_line("unknown_ca");
    assert_eq!(curl(program, &files.authority, &ours.url()).text(), "attack at dawn\n");
    ours.process.wait_for_line("the page    attack at dawn");
    greet(b"SSH-2.0-x\r\n").unwrap();
    ours.process.wait_for_error_line("it began with \"SSH-2\"");
    assert_eq!(curl(program, &files.authority, &ours.url()).text(), "attack at dawn\n");
    let answer = ours.process.stop();
    assert_eq!(answer.text().matches("It ended here").count(), 1, "{answer}");
    assert_eq!(answer.error_text().matches("tls_handshake: ").count(), 3, "{answer}");
    keeps_the_key(&answer);
}

fn a_silent_client_holds_up_nobody(program: &Path) {
    let files = Files::new();
    let ours = Ours::start(&["--cert", text(&files.server), "--key", text(&files.key)]);
    let silent = TcpStream::connect(("127.0.0.1", ours.port)).unwrap();
    assert_eq!(curl(program, &files.authority, &ours.url()).text(), "attack at dawn\n");
    ours.process.wait_for_line("the page    attack at dawn");
    let line = ours.process.wait_for_error_line("silent");
    one_sentence(&line, &["127.0.0.1:", "client", "silent for 10 seconds"]);
    drop(silent);
    assert_eq!(curl(program, &files.authority, &ours.url()).text(), "attack at dawn\n");
}

fn a_client_for_whom_there_is_no_place_is_refused_and_that_is_said_once() {
    let files = Files::new();
    let ours = Ours::start(&["--cert", text(&files.server), "--key", text(&files.key)]);
    let open = || TcpStream::connect(("127.0.0.1", ours.port)).unwrap();
    let held: Vec<_> = (0..200).map(|_| open()).collect();
    for _ in 0..9 {
        // Closed, or reset; and without a word.
        assert_eq!(open().read(&mut [0; 9]).unwrap_or_default(), 0);
    }
    let line = ours.process.wait_for_error_line("refused");
    one_sentence(&line, &["connection", "there was no place for more"]);
    drop(held);
    let answer = ours.process.stop();
    assert_eq!(answer.error_text().matches("refused").count(), 1, "{answer}");
}

fn a_server_that_is_interrupted_leaves_a_file_and_says_so() {
    let ours = Ours::start(&[]);
    let line = ours.process.wait_for_error_line("the CA's certificate is in ");
    assert!(line.contains(" and stays there; try: curl "), "{line}");
    let _ = ours.process.stop();
    assert_eq!(std::fs::read_dir(ours.folder.path()).unwrap().count(), 1);
}

fn a_port_in_use_is_said_with_the_fix() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refuses_at_once(&listen(&address, &Files::new()), 4, &[&address, "in use", "choose another", "port 0"]);
}

/// The program, which is not to get as far as serving.
fn listen(address: &str, files: &Files) -> Answer {
    run(["--listen", address, "--cert", text(&files.server), "--key", text(&files.key)])
}

fn an_address_that_is_none_is_wrong_usage() {
    let files = Files::new();
    for address in ["8443", "localhost", ":8443", "localhost:65536"] {
        refuses_at_once(&listen(address, &files), 2, &[address, "HOST:PORT", "localhost:8443"]);
    }
    refuses_at_once(&listen("nobody.invalid:8443", &files), 4, &["nobody.invalid:8443", "lookup"]);
    // RFC 5737 §3: an address of the documentation's, which is nobody's.
    refuses_at_once(&listen("192.0.2.1:8443", &files), 4, &["192.0.2.1:8443", "no such address"]);
}

fn no_other_address_than_the_given_is_bound() {
    let files = Files::new();
    let ours = Ours::with(&files, &[]);
    for elsewhere in ["127.0.0.2", "::1"] {
        let refused = TcpStream::connect((elsewhere, ours.port));
        assert!(refused.is_err(), "it listens at {elsewhere} too");
    }
    drop(TcpStream::connect(("127.0.0.1", ours.port)).expect("here it listens"));
}

fn with(certificate: &Path, key: &Path) -> Answer {
    run(["--listen", "127.0.0.1:0", "--once", "--cert", text(certificate), "--key", text(key)])
}

fn a_key_of_another_certificate_is_refused() {
    let files = Files::new();
    let other = files.file("other.key", include_str!("../fixtures/pki/key_3072.pkcs8.pem"));
    let answer = with(&files.server, &other);
    refuses_at_once(&answer, 1, &["private key does not belong to the certificate"]);
    let answer = with(&files.authority, &files.key);
    refuses_at_once(&answer, 1, &["private key does not belong to the certificate"]);
    keeps_the_key(&answer);
}

fn a_key_that_cannot_be_used_says_what_to_do() {
    let files = Files::new();
    for (contents, words) in [
        (include_str!("../fixtures/pki/key_sealed.pkcs8.pem"), ["password", "openssl pkey"]),
        (include_str!("../fixtures/pki/key_sealed.pkcs1.pem"), ["password", "openssl pkey"]),
        (include_str!("../fixtures/pki/key_ec.pkcs8.pem"), ["RSA", "openssl genpkey -algorithm RSA"]),
        (include_str!("../fixtures/pki/key_ec.sec1.pem"), ["RSA", "openssl genpkey -algorithm RSA"]),
        (include_str!("../fixtures/pki/key_public.pem"), ["no private key", "found PUBLIC KEY"]),
        (include_str!("../fixtures/pki/leaf.pem"), ["no private key", "found CERTIFICATE"]),
        ("", ["no private key", ""]),
        ("secret", ["no private key", ""]),
    ] {
        let key = files.file("some.key", contents);
        refuses_at_once(&with(&files.server, &key), 3, &[text(&key), words[0], words[1]]);
    }
    refuses_at_once(&with(&files.server, &files.missing()), 4, &[text(&files.missing()), "No such file"]);
}

fn a_certificate_that_cannot_be_used_is_named() {
    let files = Files::new();
    for (contents, words) in [
        (files::KEY_PKCS8, ["no -----BEGIN CERTIFICATE-----", "found PRIVATE KEY"]),
        ("", ["no -----BEGIN CERTIFICATE-----", ""]),
    ] {
        let certificate = files.file("some.pem", contents);
        let answer = with(&certificate, &files.key);
        refuses_at_once(&answer, 3, &[text(&certificate), words[0], words[1]]);
        keeps_the_key(&answer);
    }
    let elliptic = files.file("ec.pem", include_str!("../fixtures/pki/ec.pem"));
    refuses_at_once(&with(&elliptic, &files.key), 3, &["certificate's key", "RSA"]);
    refuses_at_once(&with(&files.missing(), &files.key), 4, &[text(&files.missing()), "No such file"]);
}

/// Each line of the key's file is spoilt in turn, by a sign that base64 has not and by one that it has.
fn a_broken_key_is_not_quoted() {
    let files = Files::new();
    let lines: Vec<&str> = files::KEY_PKCS8.lines().collect();
    for at in [1, 2, 3, lines.len() / 2, lines.len() - 3, lines.len() - 2] {
        for spoilt in ["?", if lines[at].contains("QQ") { "RR" } else { "QQ" }] {
            let line = format!("{}{spoilt}{}", &lines[at][..9], &lines[at][9 + spoilt.len()..]);
            let mut lines = lines.clone();
            lines[at] = &line;
            let answer = with(&files.server, &files.file("broken.key", lines.join("\n") + "\n"));
            let errors = answer.error_text();
            assert!(matches!(answer.status.code(), Some(1 | 3)), "{answer}");
            one_sentence(&errors, &["key"]);
            keeps_the_key(&answer);
        }
    }
}
