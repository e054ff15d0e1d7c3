//! The table as the course shows it: `docs/3-tls/violations.md`.

use std::fmt::Write;
use std::path::Path;

use cutaway::tls::v12::key_schedule::Side;

use super::{Then, Violation, by_clients, by_servers};
use crate::hand::Stage;

/// To draw it anew after a change that was meant: `UPDATE_SNAPSHOTS=1 cargo test --test tls`.
#[test]
fn the_course_shows_the_table_that_is_checked() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/3-tls/violations.md");
    let drawn = page();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, &drawn).expect("docs/ can be written");
    }
    assert_eq!(std::fs::read_to_string(&file).expect("UTF-8"), drawn);
}

fn page() -> String {
    let count = by_clients::VIOLATIONS.len() + by_servers::VIOLATIONS.len();
    format!(
        "What a peer must not do, and what it gets for it.\n\n\
         Two programs that keep to the standard never meet this page. Attackers live on it: each row is \
         something that a peer can say, and where a stack gets one of them wrong, somebody walks in. In \
         2014 OpenSSL took a ChangeCipherSpec that came too early, and sealed with keys that anyone could \
         compute. In 2015 several stacks let a server leave out messages, and believed whoever it said it \
         was.\n\n\
         The table has {count} rows. It is drawn from the test that plays each row against our client or \
         our server (`tests/tls/violations.rs`): whole, byte by byte, and with messages in plaintext cut \
         into records of one byte. The test looks at the bytes of the alert on the wire. Where that is the end, \
         it then looks whether anything more is accepted, said or given out: nothing is.\n\n\
         The last column says who demands it. A number alone is a section of RFC 5246. It demands the \
         alert or defines it so that it fits (§7.2.2); of an order that is not kept it says only that it is \
         a fatal error (§7.4), and `unexpected_message` is the alert for that. Where a standard names \
         none, the column says why it is this one.\n\n\
         # By clients\n\n{}\n# By servers\n\n{}",
        table(Side::Client, by_clients::VIOLATIONS),
        table(Side::Server, by_servers::VIOLATIONS),
    )
}

fn table(by: Side, violations: &[Violation]) -> String {
    let who = if by == Side::Client { "our server" } else { "our client" };
    let mut table = format!("| when | what comes | {who} says | because |\n|---|---|---|---|\n");
    for Violation { name, stage, then, source, .. } in violations {
        let then = match then {
            Then::Fatal(alert) => format!("`{alert}` ({}), fatal", alert.0),
            Then::Warning(alert) => format!("`{alert}` ({}), a warning, and goes on", alert.0),
            Then::Ignored => "nothing, and goes on".into(),
            Then::Silent => "nothing, and it is over".into(),
            Then::Farewell => "`close_notify` (0), and it is over".into(),
        };
        writeln!(table, "| {} | {name} | {then} | {source} |", when(by, *stage)).expect("a string grows");
    }
    table
}

fn when(by: Side, stage: Stage) -> &'static str {
    match (by, stage) {
        (Side::Client, Stage::Fresh) => "first of all",
        (Side::Client, Stage::Hello | Stage::Certificate) => "after our ServerHelloDone",
        (Side::Client, Stage::Exchanged) => "after its ClientKeyExchange",
        (Side::Server, Stage::Fresh) => "after our ClientHello",
        (Side::Server, Stage::Hello) => "after its ServerHello",
        (Side::Server, Stage::Certificate) => "after its Certificate",
        (Side::Server, Stage::Exchanged) => "after our Finished",
        (_, Stage::Changed) => "after its ChangeCipherSpec",
        (_, Stage::Open) => "in the tunnel",
    }
}
