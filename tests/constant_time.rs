//! Constant time, checked by a tool that can fail: secrets are marked, valgrind follows them through the
//! machine code of this very build, and reports each branch and each address that one of them decides.
//!
//! What it sees holds for the build it saw: `.ci/run` runs this test in the profile of the tests, in dev,
//! which does not optimise, and in bench, which does. Valgrind executes AES-NI, PCLMULQDQ and AVX2, so it
//! comes to all rungs that need no more.
//!
//! Where a secret becomes an answer that anybody may have, [`cutaway::secret::tell`] tells it; nothing else
//! in the library is excepted (`constant_time/answers.supp`). The cases themselves declare public only what
//! goes over the wire in any case.

use std::path::{Path, PathBuf};

use cutaway_tests::peer::Answer;
use cutaway_tests::valgrind::{self, memcheck};
use libtest_mimic::Arguments;

#[path = "constant_time/ciphers.rs"]
mod ciphers;
#[path = "constant_time/hashes.rs"]
mod hashes;
#[path = "constant_time/planted.rs"]
mod planted;
#[path = "constant_time/rsa.rs"]
mod rsa;
#[path = "constant_time/tls.rs"]
mod tls;

#[allow(dead_code)]
#[path = "tls/hand.rs"]
mod hand;
#[allow(dead_code)]
#[path = "tls/pair.rs"]
mod pair;

/// What is done with secrets, under a name.
type Case = (&'static str, fn());

/// The cases that must not show a secret. Each group is one run of valgrind.
const GROUPS: [(&str, &[Case]); 8] = [
    ("comparisons", hashes::COMPARISONS),
    ("hashes_and_macs", hashes::CASES),
    ("ciphers", ciphers::CASES),
    ("key_schedule", tls::CASES),
    ("rsa_signature", rsa::SIGNATURE),
    ("rsa_decryption", rsa::DECRYPTION),
    ("rsa_premaster", rsa::PREMASTER),
    ("server", tls::SERVER),
];

/// Making a key, which takes longest: a group of its own, in builds that are fast enough for it.
const GENERATION: (&str, &[Case]) = ("rsa_generation", rsa::GENERATION);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, command, name] = arguments.as_slice()
        && command == "--follow"
    {
        return follow(name);
    }

    let mut trials = Vec::new();
    let mut groups = GROUPS.to_vec();
    if !cfg!(debug_assertions) {
        groups.push(GENERATION);
    }
    for (group, cases) in groups {
        trials.push(valgrind::trial(format!("no_secret_decides_anything_in_{group}"), move |valgrind| {
            let answer = run(valgrind, group, true);
            let lines: Vec<String> = cases.iter().map(|(name, _)| format!("{name}: 0")).collect();
            assert!(answer.success(), "{answer}");
            assert_eq!(answer.text().lines().collect::<Vec<_>>(), lines, "{answer}");
        }));
    }
    for &(name, what, _) in planted::CASES {
        trials.push(valgrind::trial(format!("finds_{name}"), move |valgrind| {
            finds(&run(valgrind, name, true), what);
        }));
    }
    trials.push(valgrind::trial("finds_the_answers_that_are_told_unless_they_are_excepted", |valgrind| {
        let answer = run(valgrind, "comparisons", false);
        finds(&answer, planted::BRANCH);
        assert!(answer.error_text().contains("cutaway::secret::tell"), "{answer}");
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

const FOUND: i32 = 99;

/// Runs a group, or a planted fault, under valgrind.
fn run(valgrind: &Path, name: &str, with_exception: bool) -> Answer {
    let answers: PathBuf = [env!("CARGO_MANIFEST_DIR"), "constant_time", "answers.supp"].iter().collect();
    let exception = format!("--suppressions={}", answers.display());
    let exit = format!("--error-exitcode={FOUND}");
    let options: &[&str] = if with_exception { &[&exit, &exception] } else { &[&exit] };
    valgrind::itself(valgrind, options, &["--follow", name])
}

fn finds(answer: &Answer, what: &str) {
    assert_eq!(answer.status.code(), Some(FOUND), "{answer}");
    assert!(answer.error_text().contains(what), "{answer}");
}

/// Under valgrind: does what was asked for, and says of each case how often a secret decided something.
fn follow(name: &str) {
    assert!(memcheck::follows(), "nobody follows");
    if let Some((.., fault)) = planted::CASES.iter().find(|(planted, ..)| *planted == name) {
        return fault();
    }
    let groups = GROUPS.iter().chain([&GENERATION]);
    let (_, cases) = groups.into_iter().find(|(group, _)| *group == name).expect("a group of this name");
    for (name, case) in *cases {
        let before = memcheck::errors();
        case();
        println!("{name}: {}", memcheck::errors() - before);
    }
}

/// Secret bytes, each another one.
fn secret<const N: usize>() -> [u8; N] {
    let mut bytes = std::array::from_fn(|i| (i as u8).wrapping_mul(0x3b) ^ 0xa7);
    memcheck::hide(&mut bytes);
    bytes
}

/// Public bytes that the compiler does not know.
fn public<const N: usize>() -> [u8; N] {
    let mut bytes = secret();
    memcheck::publish(&mut bytes);
    bytes
}

/// The secret came as far as here: nothing of what was computed from it is known by other means.
#[track_caller]
fn still_secret(bytes: &[u8]) {
    let hidden = memcheck::hidden(bytes);
    assert_eq!(hidden, bytes.len(), "so many bytes are secret");
}

/// An answer that a function of the library gave: it may decide what comes next.
#[track_caller]
fn answers(given: bool, expected: bool) {
    assert_eq!(given, expected);
}
