//! A table of chains, most of them wrong: which rule each breaks, and what OpenSSL and rustls-webpki
//! say of it.
//!
//! A row is a name, a chain, what is expected of us, and where a peer's yes or no is another, why. Both
//! peers are asked every row, so a difference that is gone is found as well as one that is new.

#[path = "pki_paths/build.rs"]
mod build;
#[path = "pki_paths/constraints.rs"]
mod constraints;
#[path = "pki_paths/leaves.rs"]
mod leaves;
#[path = "pki_paths/paths.rs"]
mod paths;
#[path = "pki_paths/peers.rs"]
mod peers;
#[path = "pki_paths/row.rs"]
mod row;

use std::collections::HashSet;
use std::sync::LazyLock;

use cutaway_tests::peer;
use libtest_mimic::{Arguments, Trial};
use row::{Expected, Row};

/// All rows.
static ROWS: LazyLock<Vec<Row>> =
    LazyLock::new(|| [leaves::rows(), paths::rows(), constraints::rows()].into_iter().flatten().collect());

fn main() {
    let trials = vec![
        test("the_table_is_as_long_as_it_should_be", the_table_is_as_long_as_it_should_be),
        test("each_chain_is_judged_as_the_table_says", each_chain_is_judged_as_the_table_says),
        test("every_refusal_says_which_path_which_rule_and_where_it_stands", every_refusal_tells_all),
        test("webpki_agrees_but_where_the_table_says_why_not", webpki_agrees),
        peer::trial("openssl", "openssl_agrees_but_where_the_table_says_why_not", |openssl| {
            compare(&ROWS, "OpenSSL", |row| row.openssl, |row| peers::openssl(openssl, row));
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn test(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

fn the_table_is_as_long_as_it_should_be() {
    let believed = ROWS.iter().filter(|row| row.is_believed()).count();
    let refused = ROWS.len() - believed;
    assert!(believed >= 40 && refused >= 60, "{believed} believed, {refused} refused");
    let names: HashSet<_> = ROWS.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), ROWS.len(), "a name stands twice");
    eprintln!("{believed} believed, {refused} refused");
}

fn each_chain_is_judged_as_the_table_says() {
    let wrong: Vec<_> = ROWS.iter().filter_map(|row| row.judged().err()).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is promised of every refusal, whichever it is.
fn every_refusal_tells_all() {
    for row in ROWS.iter().filter(|row| matches!(row.expected, Expected::Broken { .. })) {
        let error = row.validate().expect("the table says that it is read").unwrap_err();
        let text = error.to_string();
        assert!(!error.candidates().is_empty() && text.len() < 16_000, "{}: {text}", row.name);
        for candidate in error.candidates() {
            assert!(!candidate.certificates.is_empty() && candidate.certificates.len() <= 8, "{}", row.name);
            let section = candidate.broke.section();
            assert!(section.contains('§') || section.contains("limit"), "{}: {section}", row.name);
            assert!(text.contains(section), "{}: {text}", row.name);
            assert!(candidate.way().starts_with(&candidate.certificates[0]), "{}: {text}", row.name);
            // What would mend it stands behind a colon or a semicolon.
            assert!(candidate.broke.to_string().contains([':', ';']), "{}: {}", row.name, candidate.broke);
        }
        assert!(text.starts_with(&error.rule().to_string()), "{}: {text}", row.name);
    }
}

fn webpki_agrees() {
    compare(&ROWS, "webpki", |row| row.webpki, peers::webpki);
}

/// The rows where a peer says another thing than we, against those of which the table says so.
fn compare(
    rows: &[Row],
    peer: &str,
    differs: impl Fn(&Row) -> Option<&'static str>,
    ask: impl Fn(&Row) -> Result<(), String>,
) {
    let mut wrong = Vec::new();
    for row in rows {
        let answer = ask(row);
        match (answer.is_ok() == row.is_believed(), differs(row)) {
            (true, None) | (false, Some(_)) => {}
            (true, Some(why)) => wrong.push(format!("{}: {peer} agrees, though “{why}”", row.name)),
            (false, None) => {
                wrong.push(format!("{}: {peer} says {answer:?}, and no reason stands there", row.name))
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
