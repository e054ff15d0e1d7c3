//! tshark as the judge of our captures and of our dissector: it opens each capture decrypted with no
//! setting made, and where both name a field, they mean the same bytes.

#[path = "tshark/compare.rs"]
mod compare;
#[path = "tshark/names.rs"]
mod names;
#[path = "tshark/pdml.rs"]
mod pdml;
#[path = "tshark/runs.rs"]
mod runs;

use std::path::Path;
use std::sync::Mutex;

use cutaway::report::pcapng::{FIRST_PORT, SEGMENT};
use cutaway::story::tls_handshake::Recording;
use cutaway::tls::CipherSuite;
use cutaway::tls::dissect::{Content, Dissection, Known, SERVER, dissect};
use cutaway_tests::peer;
use libtest_mimic::{Arguments, Trial};

use compare::{Comparison, compare};
use pdml::{packets, tshark};

/// The part of tshark's fields in which both name a field, over all runs: it must not fall.
const SHARE: f64 = 0.87;

/// The part of our fields that tshark names too. To it a DER element is one field, to us up to four.
const SHARE_OF_OURS: f64 = 0.48;

fn main() {
    let mut trials = Vec::new();
    for suite in CipherSuite::IMPLEMENTED {
        let name = suite.to_string();
        trials.push(with_tshark(format!("ours_with_ours::{name}"), move |tshark| {
            shows_the_page(tshark, &runs::ours(suite));
        }));
        trials.push(with_openssl(format!("our_client_with_openssl::{name}"), move |tshark, openssl| {
            shows_the_page(tshark, &runs::our_client(openssl, suite, ""));
        }));
        // What OpenSSL's client says of curves and of TLS 1.3 is the same again with the others.
        if CipherSuite::DEFAULT.contains(&suite) {
            trials.push(with_openssl(format!("our_server_with_openssl::{name}"), move |tshark, openssl| {
                shows_the_page(tshark, &runs::our_server(openssl, suite, ""));
            }));
        }
    }
    let suite = CipherSuite::RSA_AES_256_GCM_SHA384;
    let fragments = "-max_send_frag 512";
    trials.extend([
        with_openssl("fragments::of_an_openssl_server".into(), move |tshark, openssl| {
            let dissection = shows_the_page(tshark, &runs::our_client(openssl, suite, fragments));
            assert!(dissection.events.iter().any(|event| event.records.len() > 1), "none was cut");
        }),
        with_openssl("fragments::of_an_openssl_client".into(), move |tshark, openssl| {
            shows_the_page(tshark, &runs::our_server(openssl, suite, fragments));
        }),
        with_tshark("fragments::of_every_length".into(), move |tshark| {
            for length in [1, 40, 300, usize::MAX] {
                let recording = runs::cut_again(&runs::ours(suite), length);
                assert_page(tshark, &recording);
                // Thousands of record headers would make any share look good: these are not counted.
                drop(compared(tshark, &recording));
            }
        }),
        with_openssl("answers::that_end_with_the_connection".into(), an_answer_without_a_length),
        with_openssl("failures::our_client_does_not_trust".into(), move |tshark, openssl| {
            ends_in_an_alert(tshark, &runs::client_without_trust(openssl));
        }),
        with_openssl("failures::openssl_does_not_trust".into(), move |tshark, openssl| {
            ends_in_an_alert(tshark, &runs::server_not_trusted(openssl));
        }),
        with_openssl("failures::no_suite_in_common".into(), move |tshark, openssl| {
            ends_in_an_alert(tshark, &runs::no_common_suite(openssl));
        }),
        with_tshark("failures::a_changed_finished_stays_sealed".into(), move |tshark| {
            let dissection = agree(tshark, &runs::changed_finished(&runs::ours(suite)));
            let sealed = dissection.events.iter().any(|event| matches!(event.content, Content::Sealed(_)));
            assert!(sealed);
        }),
        with_tshark("secrets::without_them_all_stays_sealed".into(), move |tshark| {
            let mut recording = runs::ours(suite);
            recording.secrets.clear();
            let dissection = agree(tshark, &recording);
            assert!(dissection.find(SERVER, Content::ApplicationData).is_none());
        }),
        with_tshark("secrets::either_line_of_the_key_log_is_enough".into(), move |tshark| {
            let recording = runs::ours(suite);
            assert_eq!(recording.secrets.len(), 2);
            for secret in &recording.secrets {
                shows_the_page(tshark, &Recording { secrets: vec![secret.clone()], ..recording.clone() });
            }
        }),
        with_tshark("certificates::of_many_kinds".into(), |tshark| {
            agree(tshark, &runs::many_certificates());
        }),
        with_tshark("the_tcp_around_it_is_in_order".into(), tcp_is_in_order),
        with_tshark("a_file_holds_several_conversations".into(), several_conversations),
    ]);
    let arguments = Arguments::from_args();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let total = TOTAL.lock().expect("no test holds it");
    let all_ran = conclusion.num_ignored == 0 && conclusion.num_filtered_out == 0;
    if total.both > 0 && !conclusion.has_failed() {
        println!("{}", *total);
        let theirs: Vec<_> = total.theirs.iter().map(|(name, count)| format!("{name} ×{count}")).collect();
        println!("tshark alone names {}", theirs.join(", "));
        if all_ran {
            assert!(total.share() >= SHARE, "tshark names more that we do not than it did");
            assert!(total.share_of_ours() >= SHARE_OF_OURS, "the map of names covers less than it did");
        }
    }
    conclusion.exit();
}

/// All comparisons together.
static TOTAL: Mutex<Comparison> = Mutex::new(Comparison::new());

fn with_tshark(name: String, test: impl FnOnce(&Path) + Send + 'static) -> Trial {
    peer::trial("tshark", name, test)
}

fn with_openssl(name: String, test: impl FnOnce(&Path, &Path) + Send + 'static) -> Trial {
    peer::trial_with(["tshark", "openssl"], name, |[tshark, openssl]| test(tshark, openssl))
}

/// The recording as a capture, for as long as `look` looks at it.
fn capture<T>(recording: &Recording, look: impl FnOnce(&Path) -> T) -> T {
    let directory = peer::directory();
    look(&peer::file(&directory, "capture.pcapng", recording.capture(FIRST_PORT)))
}

/// tshark and our dissector agree on every field that both name.
fn agree(tshark: &Path, recording: &Recording) -> Dissection {
    let (dissection, comparison) = compared(tshark, recording);
    println!("{comparison}");
    TOTAL.lock().expect("no test holds it").add(comparison);
    dissection
}

fn compared(tshark: &Path, recording: &Recording) -> (Dissection, Comparison) {
    let known = Known { key_log: recording.secrets.clone(), ..Known::default() };
    let dissection = dissect(&recording.transcript, &known);
    let packets = capture(recording, |file| packets(tshark, file));
    let comparison = compare(&packets, &dissection);
    assert!(comparison.differences.is_empty(), "{:#?}", comparison.differences);
    assert!(comparison.both > 30, "{comparison}");
    (dissection, comparison)
}

/// They agree, and tshark shows the page that was sealed.
fn shows_the_page(tshark: &Path, recording: &Recording) -> Dissection {
    assert_page(tshark, recording);
    agree(tshark, recording)
}

fn assert_page(program: &Path, recording: &Recording) {
    let filter = ["-Y", "http.response.code==200", "-T", "fields", "-e", "http.file_data"];
    let shown = capture(recording, |file| tshark(program, file, &filter)).text();
    assert_eq!(shown.lines().count(), 1, "{shown}");
    assert!(shown.contains(runs::PAGE), "{shown}");
}

/// tshark opens it, and finds its end. Before 4.2 it shows no answer that ends with a connection of TLS,
/// unless it is told not to wait for the end; then it shows this one as well.
fn an_answer_without_a_length(program: &Path, openssl: &Path) {
    let recording = runs::without_a_length(openssl);
    agree(program, &recording);
    capture(&recording, |file| {
        let stream = tshark(program, file, &["-q", "-z", "follow,tls,ascii,0"]).text();
        assert!(stream.contains("HTTP/1.0 200 ok") && stream.contains("</BODY></HTML>"), "{stream}");
        let answer = "http.response.code==200 && http.content_type";
        let waits = version(program) >= (4, 2);
        let setting = ["-o", if waits { "http.desegment_body:TRUE" } else { "http.desegment_body:FALSE" }];
        let shown = tshark(program, file, &[&setting[..], &["-Y", answer]].concat()).text();
        assert_eq!(shown.lines().count(), 1, "{shown}");
        // Nothing follows but the farewell: first that of the server, which closed first.
        let said = ["-Y", "tcp.srcport==443 && (tcp.len>0 || tcp.flags.fin==1)"];
        let fields = ["-T", "fields", "-e", "tcp.nxtseq", "-e", "tcp.seq", "-e", "tcp.flags.fin"];
        let text = tshark(program, file, &[&said[..], &fields].concat()).text();
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
        let [.., last, farewell] = &rows[..] else { panic!("{text}") };
        assert_eq!((farewell[1], farewell[2]), (last[0], "1"), "{text}");
        let farewells =
            tshark(program, file, &["-Y", "tcp.flags.fin==1", "-T", "fields", "-e", "tcp.srcport"]);
        assert!(farewells.text().starts_with("443\n"), "{}", farewells.text());
    });
}

/// `(4, 0)` of `TShark (Wireshark) 4.0.17`.
fn version(program: &Path) -> (u32, u32) {
    let text = peer::run(peer::command(program).arg("--version"), b"").text();
    let numbers = text.split_whitespace().find_map(|word| {
        let mut numbers = word.split('.').map(|number| number.parse().ok());
        Some((numbers.next()??, numbers.next()??))
    });
    numbers.unwrap_or_else(|| panic!("{text}"))
}

fn ends_in_an_alert(program: &Path, recording: &Recording) {
    let dissection = agree(program, recording);
    let last = dissection.events.last().expect("something was said");
    let Content::Alert(alert) = last.content else { panic!("{:?}", last.content) };
    let filter = ["-Y", "tls.alert_message", "-T", "fields", "-e", "tls.alert_message.desc"];
    let shown = capture(recording, |file| tshark(program, file, &filter)).text();
    assert_eq!(shown.trim(), alert.description.0.to_string());
}

/// No packet that tshark finds odd, with the checksums checked, in a conversation of many segments.
fn tcp_is_in_order(program: &Path) {
    let recording = runs::long_page(10 * SEGMENT);
    let options = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
    let odd = "tcp.analysis.flags || tcp.checksum.status != 1 || ip.checksum.status != 1";
    let filter = [&options[..], &["-Y", odd]].concat();
    let found = capture(&recording, |file| tshark(program, file, &filter)).text();
    assert_eq!(found, "");
    // 31: SYN, SYN-ACK, ACK, data and FIN have been seen.
    let whole = ["-Y", "tcp.completeness == 31 && tcp.flags.fin == 1"];
    let last = capture(&recording, |file| tshark(program, file, &whole)).text();
    assert_eq!(last.lines().count(), 1, "{last}");
}

fn several_conversations(program: &Path) {
    let [first, second] = CipherSuite::DEFAULT.map(runs::ours);
    let directory = peer::directory();
    let contents = [first.capture(FIRST_PORT), second.capture(FIRST_PORT + 1)].concat();
    let file = peer::file(&directory, "two.pcapng", contents);
    let shown = tshark(program, &file, &["-Y", "http.response.code==200"]).text();
    assert_eq!(shown.lines().count(), 2, "{shown}");
}
