//! What the flagship tells: the same bytes for the same seed, within its bounds, and true to the
//! document that it judges.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use cutaway::report::pcapng::FIRST_PORT;
use cutaway::report::terminal::{Options, draw};
use cutaway::report::{Bytes, Knowledge, Ledger, Lines, Report};
use cutaway::story::claims;
use cutaway::story::tls_handshake::{EAVESDROPPER, FAULTS, FailureKind, Kept, Settings, Told, broken, local};
use cutaway::tls::CipherSuite;
use cutaway::tls::alert::{Alert, AlertDescription as Description};
use cutaway::tls::dissect::{CLIENT, Content, Known, SERVER, dissect};
use cutaway::tls::suite::Mode;
use cutaway::wire::Origin;
use cutaway::wire::reader::UNREAD;

fn seeded(seed: u64, suite: Option<CipherSuite>) -> Report {
    let told = local(&Settings { suite, ..Settings::seeded(seed) }).expect("a loopback connection");
    assert_eq!(told.failure, None);
    told.report
}

/// To write the file anew after a change that was meant: `UPDATE_SNAPSHOTS=1 cargo test --test story`.
#[test]
fn a_seed_gives_the_output_that_is_kept_beside_this_test() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/tls_handshake.txt");
    let drawn = draw(&seeded(1, None), Options::default());
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap();
    for (number, (drawn, kept)) in drawn.lines().zip(kept.lines()).enumerate() {
        assert_eq!(drawn, kept, "line {}", number + 1);
    }
    assert_eq!(drawn, kept);
}

/// What each name is explained by, in which structure: to be read against the standards. Where nothing is
/// cited, nothing stands behind the name.
#[test]
fn every_name_cites_what_explains_it_where_it_stands() {
    let mut table = BTreeSet::new();
    for suite in [None, Some(CipherSuite::RSA_AES_128_CBC_SHA256)] {
        let report = seeded(1, suite);
        let lines = Lines::new(&report);
        for (id, layer) in report.layers.all() {
            for line in lines.fields(&report.layers.whole(id), 0) {
                assert_eq!(line.what.is_empty(), line.source.is_empty(), "{}", line.name);
                let fields = layer.fields.all();
                let Some((_, at)) = line.id else {
                    table.insert(format!("| {} | {}", layer.name, line.source));
                    continue;
                };
                let around = fields[..at].iter().rfind(|field| field.depth < fields[at].depth);
                let around = around.map_or(layer.name, |around| around.label);
                table.insert(format!("{around} | {} | {}", fields[at].label, line.source));
            }
        }
    }
    let table: String = table.iter().map(|line| format!("{}\n", line.trim_end())).collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/glossary.txt");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap();
    for line in kept.lines().chain(table.lines()) {
        let both = [&kept, &table].map(|table| table.lines().any(|other| other == line));
        assert_eq!(both, [true, true], "{line}: kept, and now");
    }
}

#[test]
fn it_fits_on_80_columns_and_in_200_lines_whatever_the_suite() {
    for suite in CipherSuite::IMPLEMENTED {
        let report = seeded(2, Some(suite));
        for (color, unicode) in [(false, true), (false, false), (true, true)] {
            let drawn = draw(&report, Options { color, unicode, ..Options::default() });
            assert!(drawn.lines().count() <= 200, "{suite}: {} lines", drawn.lines().count());
            if !color {
                let longest = drawn.lines().map(|line| line.chars().count()).max();
                assert!(longest <= Some(80), "{suite}: {longest:?} columns");
            }
            assert_eq!(color, drawn.contains('\u{1b}'));
            assert!(unicode || drawn.is_ascii());
        }
    }
}

#[test]
fn with_all_bytes_every_field_that_crossed_the_wire_has_its_row() {
    for suite in CipherSuite::IMPLEMENTED {
        let report = seeded(2, Some(suite));
        let drawn = draw(&report, Options { bytes: Bytes::Full, ..Options::default() });
        let row = |line: &&str| {
            let place = line.get(4..8).is_some_and(|place| place.chars().all(|c| c.is_ascii_hexdigit()));
            place && line.get(10..12).is_some_and(|byte| byte.chars().all(|c| c.is_ascii_hexdigit()))
        };
        let rows = drawn.lines().filter(row).count();
        let records = report.layers.all().filter(|(_, layer)| matches!(layer.origin, Origin::Wire { .. }));
        let leaves = records.flat_map(|(_, layer)| layer.fields.leaves());
        let leaves = leaves.filter(|leaf| !leaf.field().range().is_empty()).count();
        // A message has a title besides, and in that the first bytes of its record.
        assert_eq!(rows, leaves + report.conversation.len(), "{suite}");
        let longest = drawn.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(80), "{suite}: {longest:?} columns");
    }
}

#[test]
fn the_eavesdropper_falls_behind_at_the_premaster_secret_and_reads_the_page_with_the_stolen_key() {
    let report = seeded(3, None);
    let ledger = Ledger::new(&report.layers, &report.participants);
    let knows = |party, item: &str, step: usize| {
        let item = report.items.iter().find(|of| of.name == item).unwrap();
        let spans = item.parts.iter().map(|part| part.clone().unwrap());
        let until = report.steps[step - 1].until;
        spans.map(|span| ledger.knows(party, &span, until)).min().unwrap()
    };
    use Knowledge::{Knows, Nothing, Sealed};
    for (item, step, client, server, eve) in [
        ("public key", 1, Nothing, Knows, Nothing),
        ("randoms", 2, Knows, Knows, Knows),
        ("public key", 2, Knows, Knows, Knows),
        ("private key", 6, Nothing, Knows, Nothing),
        ("premaster", 3, Nothing, Nothing, Nothing),
        ("premaster", 4, Knows, Sealed, Sealed),
        ("premaster", 5, Knows, Knows, Sealed),
        ("AES keys", 4, Nothing, Nothing, Nothing),
        ("AES keys", 6, Knows, Knows, Nothing),
        ("page", 5, Nothing, Knows, Nothing),
        ("page", 6, Knows, Knows, Sealed),
    ] {
        let found = [CLIENT, SERVER, EAVESDROPPER].map(|party| knows(party, item, step));
        assert_eq!(found, [client, server, eve], "{item} after step {step}");
    }
    let opening = draw(&report, Options::default());
    assert!(opening.lines().take(12).any(|line| line.ends_with("Eve: attack at dawn")));
}

#[test]
fn every_byte_of_every_named_layer_lies_in_exactly_one_leaf_and_none_is_unread() {
    let report = seeded(4, None);
    for (_, layer) in report.layers.all().filter(|(_, layer)| !layer.fields.all().is_empty()) {
        let mut at = 0;
        for leaf in layer.fields.leaves() {
            assert_eq!(leaf.field().range().start, at, "{}: {}", layer.name, leaf.field().label);
            assert_ne!(leaf.field().label, UNREAD);
            at = leaf.field().range().end;
        }
        assert_eq!(at, layer.bytes().len(), "{}", layer.name);
    }
}

#[test]
fn every_quote_stands_in_the_source_document_word_for_word() {
    let document = include_str!("../docs/authentication-encryption-tls.txt");
    for claim in claims::ALL.into_iter().chain(claims::OTHERWISE) {
        assert!(document.contains(claim.quote), "{}", claim.quote);
    }
}

#[test]
fn the_readme_shows_what_a_run_prints_and_only_that() {
    let readme = include_str!("../README.md");
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let kept = include_str!("snapshots/tls_handshake.txt");
    let mut from = kept.lines();
    for line in shown.lines().filter(|line| !line.is_empty() && line.trim() != "...") {
        assert!(from.any(|printed| printed == line), "not printed, or not in this order: {line}");
    }
}

#[test]
fn a_seed_gives_the_same_capture_each_time() {
    let settings = Settings::seeded(6);
    let [first, second] = [0; 2].map(|_| local(&settings).unwrap().recording);
    assert_eq!(first.key_log().lines().count(), 2);
    assert_eq!(first.key_log(), second.key_log());
    assert!(first.capture(50_000) == second.capture(50_000));
    assert!(first.capture(50_000) != second.capture(50_001));
}

/// What holds secrets is its owner's alone, also where a file of that name was everybody's; and what is no
/// file of that name stays as it is.
#[test]
#[cfg(unix)]
fn recordings_are_kept_for_their_owner_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let recording = local(&Settings::seeded(6)).unwrap().recording;
    let folder = cutaway_tests::peer::directory();
    let [key_log, capture, link] = ["keys.log", "run.pcapng", "link"].map(|name| folder.path().join(name));
    std::fs::write(&key_log, "what was there before, and longer than a line of secrets".repeat(99)).unwrap();
    std::fs::set_permissions(&key_log, PermissionsExt::from_mode(0o644)).unwrap();

    let mut kept = Kept::new(Some(&key_log), Some(&capture)).unwrap();
    assert_eq!(kept.keep(&recording).unwrap().len(), 2);
    kept.keep(&recording).unwrap();
    for file in [&key_log, &capture] {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_to_string(&key_log).unwrap(), recording.key_log().repeat(2));
    let sections = [recording.capture(FIRST_PORT), recording.capture(FIRST_PORT + 1)].concat();
    assert!(std::fs::read(&capture).unwrap() == sections);

    symlink(&key_log, &link).unwrap();
    for other in [link.as_path(), folder.path()] {
        let failure = Kept::new(None, Some(other)).unwrap_err();
        assert!(failure.message.ends_with("there is something that is no file"), "{failure}");
        assert_eq!(failure.exit_code(), 4);
    }
    assert_eq!(std::fs::read_to_string(&key_log).unwrap(), recording.key_log().repeat(2));
    let nowhere = folder.path().join("no/such/folder");
    assert_eq!(Kept::new(Some(&nowhere), None).unwrap_err().exit_code(), 4);
}

/// One run of each fault.
static BROKEN: LazyLock<Vec<Told>> = LazyLock::new(|| {
    FAULTS.iter().map(|fault| broken(&Settings::seeded(7), fault).expect("a loopback connection")).collect()
});

/// What RFC 5246 §7.2.2 and the texts below it name for each, and who has to say it; for a text that is cut
/// off there is nobody to say it to.
#[test]
fn each_fault_is_refused_with_the_alert_that_the_standard_names() {
    let expected = [
        ("expired", CLIENT, Some(Description::CERTIFICATE_EXPIRED)),
        ("not-yet-valid", CLIENT, Some(Description::CERTIFICATE_EXPIRED)),
        ("wrong-name", CLIENT, Some(Description::BAD_CERTIFICATE)),
        ("untrusted", CLIENT, Some(Description::UNKNOWN_CA)),
        ("not-a-ca", CLIENT, Some(Description::BAD_CERTIFICATE)),
        ("wrong-usage", CLIENT, Some(Description::UNSUPPORTED_CERTIFICATE)),
        ("wrong-key", CLIENT, Some(Description::BAD_RECORD_MAC)),
        ("tampered-hello", SERVER, Some(Description::BAD_RECORD_MAC)),
        ("tampered-record", CLIENT, Some(Description::BAD_RECORD_MAC)),
        ("tampered-finished", CLIENT, Some(Description::DECRYPT_ERROR)),
        ("truncated", CLIENT, None),
        ("replayed-record", CLIENT, Some(Description::BAD_RECORD_MAC)),
        ("downgrade", SERVER, Some(Description::PROTOCOL_VERSION)),
    ];
    assert_eq!(expected.map(|(name, ..)| name), FAULTS.each_ref().map(|fault| fault.name));
    for ((name, by, alert), told) in expected.into_iter().zip(&*BROKEN) {
        let failure = told.failure.as_ref().unwrap();
        assert_eq!((failure.kind, failure.exit_code()), (FailureKind::Refused, 1), "{name}: {failure}");
        assert!(failure.message.contains(&format!("by the {by} ")), "{failure}");

        // The alert crossed the wire: opened from the recording with the secrets that it is kept with.
        let recording = &told.recording;
        let known = Known { key_log: recording.secrets.clone(), ..Known::default() };
        let alerts: Vec<_> = dissect(&recording.transcript, &known)
            .events
            .iter()
            .filter_map(|event| match event.content {
                Content::Alert(alert) => Some((event.from, alert)),
                _ => None,
            })
            .collect();
        let expected: Vec<_> = alert.map(|alert| (by, Alert::fatal(alert))).into_iter().collect();
        assert_eq!(alerts, expected, "{name}");
        if let Some(alert) = alert.filter(|_| told.report.events.last().is_some_and(|event| !event.sealed)) {
            let said = recording.transcript.said_by(by);
            assert_eq!(said[said.len() - 4..], [0, 2, 2, alert.0], "{name}");
        }
    }
}

#[test]
fn a_broken_run_is_brief_and_every_byte_of_it_has_a_name() {
    for (fault, told) in FAULTS.iter().zip(&*BROKEN) {
        for unicode in [true, false] {
            let drawn = draw(&told.report, Options { unicode, ..Options::default() });
            assert!(drawn.lines().count() <= 110, "{}: {} lines", fault.name, drawn.lines().count());
            let longest = drawn.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(80), "{}: {longest:?} columns", fault.name);
        }
        for (_, layer) in told.report.layers.all().filter(|(_, layer)| !layer.fields.all().is_empty()) {
            let mut at = 0;
            for leaf in layer.fields.leaves() {
                assert_eq!(leaf.field().range().start, at, "{}: {}", fault.name, layer.name);
                assert_ne!(leaf.field().label, UNREAD, "{}: {}", fault.name, layer.name);
                at = leaf.field().range().end;
            }
            assert_eq!(at, layer.bytes().len(), "{}: {}", fault.name, layer.name);
        }
    }
}

/// Both ends at once, three threads and more: and yet what is told is always the same.
#[test]
fn a_seed_gives_the_same_broken_run_each_time() {
    for name in ["tampered-hello", "replayed-record", "truncated", "wrong-key"] {
        let at = FAULTS.iter().position(|fault| fault.name == name).unwrap();
        let again = broken(&Settings::seeded(7), &FAULTS[at]).unwrap();
        let drawn = |told: &Told| draw(&told.report, Options::default());
        assert_eq!(drawn(&again), drawn(&BROKEN[at]), "{name}");
    }
}

/// What holds of GCM holds of CBC: the MAC is outside, and is looked at first.
#[test]
fn what_cbc_seals_is_refused_as_well() {
    let suite = Some(CipherSuite::RSA_AES_256_CBC_SHA256);
    for name in ["tampered-record", "replayed-record", "tampered-finished", "wrong-key", "tampered-hello"] {
        let fault = FAULTS.iter().find(|fault| fault.name == name).unwrap();
        let told = broken(&Settings { suite, ..Settings::seeded(7) }, fault).unwrap();
        assert_eq!(told.failure.unwrap().kind, FailureKind::Refused, "{name}");
        let drawn = draw(&told.report, Options::default());
        assert!(drawn.lines().count() <= 110, "{name}: {} lines", drawn.lines().count());
        // Without its favourite the client ends with GCM.
        let check = match name {
            "tampered-finished" => "FAILS verify_data",
            "tampered-hello" => "FAILS tag",
            _ => "FAILS MAC",
        };
        assert!(drawn.contains(check), "{name}: {drawn}");
        if name == "tampered-record" {
            let words = ["IV, heard", "src/tls/protection/cbc.rs", "RFC 7366 §3", "“attack at fawn”"];
            assert!(words.iter().all(|words| drawn.contains(words)), "{drawn}");
        }
    }
}

/// What Mallory would have made the client read is computed from the bytes that she sent.
#[test]
fn what_would_have_been_read_is_told() {
    for (name, read) in [
        ("tampered-record", "“attack at fawn”"),
        ("truncated", "“attack ”"),
        ("replayed-record", "“attack at dawn\\nat dawn”"),
    ] {
        let at = FAULTS.iter().position(|fault| fault.name == name).unwrap();
        let drawn = draw(&BROKEN[at].report, Options::default());
        let without = drawn.split("Without it").nth(1).unwrap();
        assert!(without.contains(read), "{name}: {without}");
    }
}

#[test]
fn every_line_of_defence_stands_where_it_is_said_to() {
    let defences =
        FAULTS.iter().flat_map(|fault| [Mode::Gcm, Mode::Cbc].map(|mode| (fault, fault.defence_in(mode))));
    for (fault, defence) in defences {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(defence.file);
        let source = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        let function = format!("fn {}", defence.function);
        let is_there = |end| source.contains(&format!("{function}{end}"));
        assert!(is_there('(') || is_there('<'), "{}: no {function} in {file:?}", fault.name);
    }
}

#[test]
fn the_chapter_lists_the_faults_that_there_are() {
    let chapter = include_str!("../docs/3-tls.md");
    let section = chapter.split("\n# When it fails\n").nth(1).expect("the section");
    let section = section.split("\n# ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let rows = rows.filter(|name| *name != "--break");
    assert_eq!(rows.collect::<Vec<_>>(), FAULTS.each_ref().map(|fault| fault.name));
    for fault in &FAULTS {
        assert!(section.contains(fault.defence.file), "{}", fault.defence.file);
    }
}
