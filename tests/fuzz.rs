//! The targets of `fuzz/` under a property test: where the tools for fuzzing are missing, and in
//! seconds, the same must hold of seeds and of seeds that were changed.

#[path = "dissect/checks.rs"]
#[allow(dead_code)]
mod checks;
#[path = "tls/hand.rs"]
#[allow(dead_code)]
mod hand;
#[path = "tls/pair.rs"]
#[allow(dead_code)]
mod pair;

#[path = "fuzz/memory.rs"]
mod memory;

#[path = "../fuzz/src/certificates.rs"]
mod certificates;
#[path = "../fuzz/src/connections.rs"]
mod connections;
#[path = "../fuzz/src/messages.rs"]
mod messages;
#[path = "../fuzz/src/recordings.rs"]
mod recordings;
#[path = "../fuzz/src/script.rs"]
mod script;
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

use targets::{TARGETS, Target};

/// What a fuzzer does to an input.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    /// A piece of another seed comes in.
    Graft(Index, Index, Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    let odd = prop_oneof![any::<u8>(), Just(0), Just(1), Just(0x7f), Just(0x80), Just(0xff)];
    prop_oneof![
        (at(), 0_u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (at(), odd).prop_map(|(at, byte)| Change::Set(at, byte)),
        (at(), prop::collection::vec(any::<u8>(), 1..20)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at(), 1_usize..200).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), 1_usize..200).prop_map(|(at, length)| Change::Repeat(at, length)),
        (at(), at(), at(), 1_usize..300)
            .prop_map(|(at, of, from, length)| Change::Graft(at, of, from, length)),
    ]
}

fn apply(change: &Change, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    if bytes.is_empty() {
        return;
    }
    let length_of = bytes.len();
    let range =
        |at: &Index, length: usize| at.index(length_of)..(at.index(length_of) + length).min(length_of);
    match change {
        Change::Flip(at, bit) => bytes[at.index(length_of)] ^= 1 << bit,
        Change::Set(at, byte) => bytes[at.index(length_of)] = *byte,
        Change::Insert(at, new) => drop(bytes.splice(range(at, 0), new.iter().copied())),
        Change::Remove(at, length) => drop(bytes.drain(range(at, *length))),
        Change::Repeat(at, length) => {
            let again = bytes[range(at, *length)].to_vec();
            bytes.splice(range(at, 0), again);
        }
        Change::Graft(at, of, from, length) => {
            let other = &seeds[of.index(seeds.len())];
            let from = from.index(other.len());
            let piece = other[from..(from + length).min(other.len())].to_vec();
            bytes.splice(range(at, 0), piece);
        }
    }
}

/// Runs a target, and holds it to the memory that it may take: some that does not depend on what comes,
/// and a multiple of that. A length that lies would be worth more.
fn run(target: &Target, bytes: &[u8]) {
    let most = memory::most_held(|| (target.run)(bytes));
    let allowed = target.memory.0 + target.memory.1 * bytes.len();
    assert!(most <= allowed, "{}: {most} bytes for {}, and {allowed} are allowed", target.name, bytes.len());
}

/// Every seed as it is, and `cases` that were changed.
fn holds(name: &str, cases: u32) {
    let find = |target: &&Target| target.name == name;
    let target = TARGETS.iter().find(find).expect("a target");
    let seeds = (target.seeds)();
    // What is made once and kept is made here.
    seeds.iter().for_each(|seed| (target.run)(seed));
    seeds.iter().for_each(|seed| run(target, seed));
    run(target, &[]);
    let changes = prop::collection::vec(change(), 1..6);
    TestRunner::new(ProptestConfig { cases, ..ProptestConfig::with_source_file(file!()) })
        .run(&(any::<Index>(), changes), |(which, changes)| {
            let mut bytes = which.get(&seeds).clone();
            changes.iter().for_each(|change| apply(change, &mut bytes, &seeds));
            run(target, &bytes);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// With `FUZZ_CORPUS=FOLDER` they are written there for libFuzzer: `FOLDER/TARGET/seed-NN`.
#[test]
fn seeds_are_many_and_small() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(seeds.len() >= 7 && seeds.iter().all(|seed| seed.len() < 1 << 14), "{}", target.name);
        let Some(corpus) = std::env::var_os("FUZZ_CORPUS") else { continue };
        let folder = Path::new(&corpus).join(target.name);
        std::fs::create_dir_all(&folder).expect("a folder that can be made");
        for (number, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:02}")), seed).expect("and written to");
        }
    }
}

#[test]
fn certificates_hold() {
    holds("certificates", 1000);
}

#[test]
fn messages_hold() {
    holds("messages", 2000);
}

#[test]
fn a_client_holds() {
    holds("client", 100);
}

#[test]
fn a_server_holds() {
    holds("server", 100);
}

#[test]
fn the_dissector_holds() {
    holds("dissector", 100);
}

#[test]
fn recordings_hold() {
    holds("recordings", 100);
}
