//! The server as an oracle for those who measure: whatever is wrong with an encrypted premaster secret, it
//! does the same work, counted in instructions (Bleichenbacher 1998 asked for alerts; Marvin, 2023, for
//! microseconds).
//!
//! Callgrind counts all that the server does from the first byte of a ClientKeyExchange on: the message,
//! the private operation with its blinding and its check, the choice of the premaster secret, the key
//! schedule; then ChangeCipherSpec; then Finished, which does not open, and the alert. Every number must be
//! that of a client whose block is in order and who merely knows another secret. Both draw the same random
//! numbers, so that the blinding is the same.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::Path;

use cutaway::asymmetric::rsa::RsaPrivateKey;
use cutaway::secret::Secret;
use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::v12::key_schedule::Side;
use cutaway_tests::peer;
use cutaway_tests::valgrind::{self, callgrind};
use libtest_mimic::Arguments;
use rand::Rng;

use crate::hand::{Stage, client_hello, premaster, server_at};
use crate::malformed::{block, encrypted, malformed};
use crate::pair::{KEY, feed};

#[path = "oracle/arena.rs"]
mod arena;
#[allow(dead_code)]
#[path = "tls/hand.rs"]
mod hand;
#[path = "tls/malformed.rs"]
mod malformed;
#[allow(dead_code)]
#[path = "tls/pair.rs"]
mod pair;

/// The private half as this test may exchange it.
type Decryption = fn(&RsaPrivateKey, &[u8]) -> Secret<48>;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, command, what] = arguments.as_slice()
        && command == "--count"
    {
        return match what.as_str() {
            "server" => count_server(),
            "early" => count_decryption(decrypt_early),
            _ => count_decryption(decrypt),
        };
    }
    let trials = vec![
        valgrind::trial("a_malformed_premaster_secret_costs_the_server_the_same_work", |valgrind| {
            let counts = run(valgrind, "server");
            for step in STEPS {
                assert_eq!(uneven(&counts, step), [""; 0], "{step}: {counts:#?}");
            }
        }),
        valgrind::trial("its_decryption_alone_is_the_same_work_for_every_length_too", |valgrind| {
            let counts = run(valgrind, "decrypt_premaster");
            assert_eq!(uneven(&counts, ALONE), [""; 0], "{counts:#?}");
            let usual = counts[&label(REFERENCE, ALONE)];
            for (name, ..) in cases() {
                // A ciphertext that is too short is copied all the same.
                let count = counts[&label(name, ALONE)];
                assert!(usual.abs_diff(count) < 100, "{name}: {counts:#?}");
            }
        }),
        valgrind::trial("a_decryption_that_returns_early_is_found", |valgrind| {
            let counts = run(valgrind, "early");
            let found = uneven(&counts, ALONE);
            for name in ["a first byte of 01", "a zero in the middle of the padding", "a secret of 47 bytes"]
            {
                assert!(found.contains(&name), "{name} is not among {found:?}: {counts:#?}");
            }
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn run(valgrind: &Path, what: &str) -> BTreeMap<String, u64> {
    let directory = peer::directory();
    let options = callgrind::options(directory.path());
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let answer = valgrind::itself(valgrind, &options, &["--count", what]);
    assert!(answer.success(), "{answer}");
    callgrind::counts(directory.path())
}

/// Which cases cost another number than the first one with a ciphertext of their length. How long a
/// ciphertext is anyone can see, and bytes that came must be copied and hashed.
fn uneven(counts: &BTreeMap<String, u64>, step: &str) -> Vec<&'static str> {
    let mut firsts = BTreeMap::new();
    let cases = cases().into_iter().map(|(name, ciphertext, _)| (name, ciphertext.len()));
    let differs = |&(name, length): &(&'static str, usize)| {
        let count = counts[&label(name, step)];
        count != *firsts.entry(length).or_insert(count)
    };
    cases.filter(differs).map(|(name, _)| name).collect()
}

fn label(name: &str, step: &str) -> String {
    format!("{name}/{step}")
}

const REFERENCE: &str = "another secret";

const STEPS: [&str; 3] = ["ClientKeyExchange", "ChangeCipherSpec", "Finished"];

const ALONE: &str = "decryption";

/// The reference, then what can be wrong: all of it, and in a build for debugging, in which one private
/// operation has ten times as many instructions, some.
fn cases() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let bet = [&[3, 3], [0x5b; 46].as_slice()].concat();
    let reference = (REFERENCE, encrypted(block(&premaster(), |_| {})), bet);
    let every = if cfg!(debug_assertions) { 5 } else { 1 };
    [reference].into_iter().chain(malformed().into_iter().step_by(every)).collect()
}

/// All cases, each in memory that lies alike, with the names under which its steps are counted. (They are
/// made beforehand, since they are not equally long.) The first is handled once more, before the others.
fn each_case<const N: usize>(steps: [&str; N], mut handle: impl FnMut(&[u8], &[u8], [CString; N])) {
    let mut cases = cases();
    let (_, ciphertext, bet) = cases[0].clone();
    cases.insert(0, ("beforehand", ciphertext, bet));
    for (name, ciphertext, bet) in cases {
        let labels = steps.map(|step| CString::new(label(name, step)).expect("letters"));
        arena::next_plot();
        handle(&ciphertext, &bet, labels);
    }
}

fn count_server() {
    each_case(STEPS, |ciphertext, bet, labels| {
        let (mut hand, mut server) = server_at(Stage::Hello, &client_hello());
        let exchange = hand.key_exchange(ciphertext.to_vec(), bet);
        let change_cipher_spec = hand.change_cipher_spec();
        let finished = hand.finished(Side::Client);
        let pieces = [exchange, change_cipher_spec, hand.say(&finished)];
        let ends = labels.iter().zip(pieces).map(|(label, piece)| {
            let done = callgrind::counted(label, || feed(&mut server, &piece));
            done.is_err()
        });
        assert_eq!(ends.collect::<Vec<_>>(), [false, false, true]);
    });
}

fn count_decryption(decrypt: Decryption) {
    each_case([ALONE], |ciphertext, _, [label]| {
        callgrind::counted(&label, || decrypt(&KEY, ciphertext));
    });
}

#[inline(never)]
fn decrypt(key: &RsaPrivateKey, ciphertext: &[u8]) -> Secret<48> {
    key.decrypt_premaster(&mut Generator::new(7, 0), ciphertext, [3, 3])
}

/// What a good programmer writes who does not think of time: the same result, by another way.
#[inline(never)]
fn decrypt_early(key: &RsaPrivateKey, ciphertext: &[u8]) -> Secret<48> {
    let mut rng = Generator::new(7, 0);
    let mut premaster = Secret::new([3; 48]);
    rng.fill_bytes(&mut premaster.reveal_mut()[2..]);
    if ciphertext.len() == key.public().size()
        && let Some(block) = key.power(&mut rng, ciphertext)
        && let Some(padded) = block.reveal().strip_prefix(&[0, 2])
        && padded.iter().position(|&byte| byte == 0) == Some(padded.len() - 49)
    {
        premaster.reveal_mut()[2..].copy_from_slice(&padded[padded.len() - 46..]);
    }
    premaster
}
