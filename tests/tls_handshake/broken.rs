//! `--break`: one deliberate fault, and who notices.

use std::path::Path;

use cutaway::report::pcapng::FIRST_PORT;
use cutaway::story::tls_handshake::{FAULTS, Settings, broken as run_broken};
use cutaway_tests::peer::{self, Answer};
use libtest_mimic::Trial;

use super::program::{one_sentence, run, story, trials};

pub(crate) fn trials() -> Vec<Trial> {
    trials! {
        "broken" {
            each_fault_ends_with_its_refusal_and_exit_code_1,
            the_list_has_each_fault_with_a_sentence,
            an_unknown_fault_names_those_that_are_known,
            the_path_by_no_ca_is_shown_to_its_end,
            it_is_for_both_ends_of_ours_alone,
            the_other_flags_go_with_it,
        }
        "tshark" {
            tshark_finds_the_same_alerts_from_the_same_sides,
        }
    }
}

fn broken(name: &str, arguments: &[&str]) -> Answer {
    run([["--break", name].as_slice(), arguments].concat())
}

/// The alert is in the story and in the last line, and so is who sent it.
fn each_fault_ends_with_its_refusal_and_exit_code_1() {
    for (name, by, alert, step) in [
        ("expired", "client", "certificate_expired", 3),
        ("not-yet-valid", "client", "certificate_expired", 3),
        ("wrong-name", "client", "bad_certificate", 3),
        ("untrusted", "client", "unknown_ca", 3),
        ("not-a-ca", "client", "bad_certificate", 3),
        ("wrong-usage", "client", "unsupported_certificate", 3),
        ("wrong-key", "client", "bad_record_mac", 5),
        ("tampered-hello", "server", "bad_record_mac", 5),
        ("tampered-record", "client", "bad_record_mac", 6),
        ("tampered-finished", "client", "decrypt_error", 5),
        ("truncated", "client", "", 6),
        ("replayed-record", "client", "bad_record_mac", 6),
        ("downgrade", "server", "protocol_version", 1),
    ] {
        let answer = broken(name, &[]);
        let told = story(&answer, 1);
        let refused = format!("{name}: refused by the {by} ");
        let error = answer.error_text();
        one_sentence(&error, &[&refused, if alert.is_empty() { "without an alert" } else { alert }]);
        assert!(error.trim_end().chars().count() <= 80, "{error}");
        assert!(told.lines().count() <= 110, "{name}: {} lines", told.lines().count());
        for words in [
            format!("broken: {name}"),
            format!("Caught {} by the {by}, in step {step}", "-".repeat(44)),
            "The line of defence".into(),
            "in src/".into(),
            "Without it".into(),
            format!("as the {by} heard it"),
        ] {
            let folded = told.split_whitespace().collect::<Vec<_>>().join(" ");
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(folded.contains(&words), "{name}: no {words:?} in\n{told}");
        }
        let fields = |name| told.lines().filter(|line| line.contains(name)).collect::<Vec<_>>();
        let shown = fields("    description          ");
        match alert {
            "" => assert!(shown.is_empty() && told.contains("No alert was sent"), "{name}: {told}"),
            alert => assert!(shown[0].ends_with(alert), "{name}: {shown:?}"),
        }
        assert!(told.contains("FAILS") && told.is_ascii(), "{name}: which check failed:\n{told}");
        let mallory = FAULTS.iter().find(|fault| fault.name == name).unwrap().sentence.contains("Mallory");
        assert_eq!(told.contains("\n    Mallory   "), mallory, "what she knew: {told}");
        assert!(mallory || !told.contains("no key is needed"), "{told}");
    }
}

/// Of this one it is said that its path ends at a trusted CA.
fn the_path_by_no_ca_is_shown_to_its_end() {
    let told = story(&broken("not-a-ca", &[]), 1);
    assert!(told.contains("CN=localhost < CN=mallory.example < CN="), "{told}");
}

fn the_list_has_each_fault_with_a_sentence() {
    let answer = broken("list", &[]);
    assert!(answer.success() && answer.error_text().is_empty(), "{answer}");
    let text = answer.text();
    assert_eq!(text.lines().count(), FAULTS.len());
    for (line, fault) in text.lines().zip(&FAULTS) {
        assert_eq!(line.split_whitespace().next(), Some(fault.name));
        assert!(line.ends_with('.') && line.len() <= 80, "{line}");
    }
}

fn an_unknown_fault_names_those_that_are_known() {
    let answer = broken("everything", &[]);
    let errors = answer.error_text();
    assert_eq!((answer.status.code(), answer.text()), (Some(2), String::new()), "{answer}");
    for fault in &FAULTS {
        assert!(errors.contains(fault.name), "no {} in {errors}", fault.name);
    }
    assert!(errors.contains("list") && errors.contains("--break"), "{errors}");
}

fn it_is_for_both_ends_of_ours_alone() {
    for other in [["--connect", "localhost:1"], ["--listen", "localhost:0"]] {
        let answer = broken("expired", &other);
        assert_eq!((answer.status.code(), answer.text()), (Some(2), String::new()), "{answer}");
        assert!(answer.error_text().contains(other[0]), "{answer}");
    }
}

fn the_other_flags_go_with_it() {
    let folder = peer::directory();
    let [page, capture, keys] = ["page.html", "run.pcapng", "keys.log"].map(|name| folder.path().join(name));
    let [page_, capture_, keys_] = [&page, &capture, &keys].map(|path| path.to_str().unwrap());
    let files = ["--html", page_, "--pcapng", capture_, "--keylog", keys_];
    let answer =
        broken("tampered-record", &[&["--seed", "3", "--step", "--bytes", "full"], &files[..]].concat());
    let told = String::from_utf8(answer.output.clone()).unwrap();
    assert_eq!(answer.status.code(), Some(1), "{answer}");
    assert!(told.contains("SEEDED with 3") && told.contains("compression_method"), "{told}");
    let page = std::fs::read_to_string(page).unwrap();
    for words in
        ["broken: tampered-record", "Caught", "by the client, in step 6", "Mallory", "RFC 5246 §6.2.3.3"]
    {
        assert!(page.contains(words), "no {words:?} on the page");
    }
    assert!(page.contains("attack"), "a seed leaves nothing to keep back");
    assert_eq!(std::fs::read_to_string(keys).unwrap().lines().count(), 2);
    assert!(std::fs::read(capture).unwrap().starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]));

    let json = |seed: &str| broken("tampered-record", &["--seed", seed, "-o", "json"]);
    let (one, again) = (json("3"), json("3"));
    assert_eq!(one.status.code(), Some(1), "{one}");
    assert!(one.output.starts_with(b"{") && one.output == again.output, "a seed gives the same bytes");
    assert!(one.text().contains("bad_record_mac") && one.text().contains("\"revealed\": true"), "{one}");

    let words = broken("tampered-record", &["--bytes", "none"]).text();
    assert!(words.contains("The line of defence") && !words.contains("nonce_explicit"), "{words}");
    for suite in ["TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_GCM_SHA256"] {
        let answer = broken("replayed-record", &["--suite", suite, "--say", "pay 100"]);
        assert!(story(&answer, 1).contains(r"pay 100\n 100"), "{suite}: {answer}");
    }
    // A server that is led by hand answers encrypt_then_mac, or this would end there.
    let answer = broken("tampered-finished", &["--suite", "TLS_RSA_WITH_AES_128_CBC_SHA256"]);
    one_sentence(&answer.error_text(), &["tampered-finished: refused by the client", "decrypt_error"]);
}

/// All captures in one file, each with a port of its own for the client. RFC 5246 §7.2 has the numbers.
fn tshark_finds_the_same_alerts_from_the_same_sides(tshark: &Path) {
    let folder = peer::directory();
    let sections = FAULTS.iter().zip(FIRST_PORT..).flat_map(|(fault, port)| {
        run_broken(&Settings::seeded(8), fault).expect("a loopback connection").recording.capture(port)
    });
    let file = peer::file(&folder, "broken.pcapng", sections.collect::<Vec<_>>());
    let mut command = peer::command(tshark);
    command.args(["-n", "-r"]).arg(file).args(["-Y", "tls.alert_message", "-T", "fields"]);
    command.args(["-e", "tcp.srcport", "-e", "tcp.dstport", "-e", "tls.alert_message.desc"]);
    let answer = peer::run(&mut command, b"");
    assert!(answer.success(), "{answer}");
    let found: Vec<Vec<u16>> = answer
        .text()
        .lines()
        .map(|line| line.split_whitespace().map(|number| number.parse().expect("a number")).collect())
        .collect();
    let by = |name: &str, from_client: bool, alert: u16| {
        let at = FAULTS.iter().position(|fault| fault.name == name).expect("a fault");
        let client = FIRST_PORT + at as u16;
        if from_client { vec![client, 443, alert] } else { vec![443, client, alert] }
    };
    let expected = [
        by("expired", true, 45),
        by("not-yet-valid", true, 45),
        by("wrong-name", true, 42),
        by("untrusted", true, 48),
        by("not-a-ca", true, 42),
        by("wrong-usage", true, 43),
        by("wrong-key", true, 20),
        by("tampered-hello", false, 20),
        by("tampered-record", true, 20),
        by("tampered-finished", true, 51),
        by("replayed-record", true, 20),
        by("downgrade", false, 70),
    ];
    assert_eq!(found, expected);
}
