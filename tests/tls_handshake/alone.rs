//! The program with nobody else: both ends are ours.

use cutaway_tests::peer;
use libtest_mimic::Trial;

use super::program::{program, refuses_at_once, run, tells, trials};

pub(crate) fn trials() -> Vec<Trial> {
    trials! {
        "alone" {
            no_arguments_tell_it_all,
            the_sentence_is_the_page,
            a_sentence_of_any_kind_keeps_the_story_in_shape,
            every_suite_has_its_name,
            a_seed_gives_the_same_bytes_and_no_other_does,
            without_a_seed_nothing_random_comes_twice,
            unattended_it_does_not_wait,
            wrong_usage_is_said_before_anything_happens,
            only_flags_that_exist_are_advertised,
        }
    }
}

fn no_arguments_tell_it_all() {
    let told = tells(&run::<[&str; 0]>([]));
    for words in [
        "Eve: attack at dawn",
        " 1  Client Hello",
        " 2  Server Hello + Certificate",
        " 3  Validation",
        " 4  Premaster Secret",
        " 5  Session Transition",
        " 6  Symmetric Tunnel",
        "the page    attack at dawn",
        "Why hybrid",
        "No byte is without a name",
    ] {
        assert!(told.contains(words), "no {words:?} in\n{told}");
    }
    assert!(!told.contains("SEEDED") && !told.contains("FAILS") && !told.contains("It ended here"), "{told}");
}

fn the_sentence_is_the_page() {
    let told = tells(&run(["--say", "retreat at dusk"]));
    assert!(told.contains("the page    retreat at dusk") && told.contains("Eve: retreat at dusk"), "{told}");
    assert!(!told.contains("attack"), "{told}");
}

fn a_sentence_of_any_kind_keeps_the_story_in_shape() {
    let long = "word ".repeat(10_000);
    for (say, shown) in [
        ("", ""),
        ("   ", ""),
        ("x", "the page    x"),
        ("-", "the page    -"),
        ("two\nlines\tand a tab\r\n", "the page    two\\nlines\\tand a tab"),
        ("\u{1b}[2J\u{1b}[31mred\u{7}", "\\u{1b}[2J\\u{1b}[31mred\\u{7}"),
        ("left \u{202e}thgir", "\\u{202e}"),
        ("HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 404"),
        ("nothing but ä日本語🙂", "nothing but"),
        (long.as_str(), "word word .."),
        (&"ä".repeat(5000), ".."),
    ] {
        for locale in ["C", "C.UTF-8"] {
            let mut command = program(["--say", say]);
            let told = tells(&peer::run(command.env("LC_ALL", locale), b""));
            assert!(told.contains(shown), "no {shown:?} in\n{told}");
            assert!(locale != "C" || told.is_ascii(), "{told}");
        }
    }
}

fn every_suite_has_its_name() {
    for (suite, cipher) in [
        ("TLS_RSA_WITH_AES_256_GCM_SHA384", "AES-256-GCM"),
        ("TLS_RSA_WITH_AES_128_GCM_SHA256", "AES-128-GCM"),
        ("TLS_RSA_WITH_AES_256_CBC_SHA256", "AES-256-CBC, HMAC"),
        ("TLS_RSA_WITH_AES_128_CBC_SHA256", "AES-128-CBC, HMAC"),
    ] {
        let told = tells(&run(["--suite", suite]));
        let named: Vec<_> = told.lines().filter(|line| line.contains("cipher_suite")).collect();
        assert_eq!(named.len(), 2, "{named:?}");
        assert!(named.iter().all(|line| line.ends_with(suite)), "{named:?}");
        assert!(told.contains(cipher), "{told}");
    }
}

fn a_seed_gives_the_same_bytes_and_no_other_does() {
    let seeded = |seed: &str| tells(&run(["--seed", seed]));
    let first = seeded("1");
    assert_eq!(first, seeded("1"));
    for other in ["0", "2", "18446744073709551615"] {
        assert_ne!(first, seeded(other), "{other}");
    }
    let beginning: String = first.lines().take(10).map(|line| format!("{} ", line.trim())).collect();
    assert!(
        beginning.contains("SEEDED with 1") && beginning.contains("nothing here is secret"),
        "{beginning}"
    );
    assert!(beginning.contains("left out"), "what is missing is said: {beginning}");
    for variable in ["127.0.0.1:", "measured in", " ms", "GB/s", "Why hybrid"] {
        assert!(!first.contains(variable), "{variable} would differ:\n{first}");
    }
    // The other flags do not loosen it.
    for suite in ["TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256"] {
        let arguments = ["--seed", "1", "--say", "again", "--suite", suite];
        assert_eq!(tells(&run(arguments)), tells(&run(arguments)));
    }
}

fn without_a_seed_nothing_random_comes_twice() {
    let [first, second] = [(); 2].map(|()| tells(&run::<[&str; 0]>([])));
    let random = |told: &str| -> Vec<String> {
        let kept = |line: &&str| ["  * ", "  # ", "  = "].iter().any(|mark| line.starts_with(mark));
        // The check of the signature has its digest on the next line; a premaster secret begins alike.
        let own = |line: &&str| !line.contains("s^e mod n") && !line.contains("03 03");
        told.lines().filter(kept).filter(own).map(str::to_owned).collect()
    };
    let (first, second) = (random(&first), random(&second));
    assert_eq!(first.len(), second.len());
    assert!(first.len() > 15, "{first:?}");
    for (first, second) in first.iter().zip(&second).filter(|(line, _)| !line.contains("ciphertext  ")) {
        assert_ne!(first, second);
    }
}

fn unattended_it_does_not_wait() {
    assert_eq!(tells(&run(["--seed", "9", "--step"])), tells(&run(["--seed", "9"])));
}

fn wrong_usage_is_said_before_anything_happens() {
    for (arguments, words) in [
        (&["--suite", "RC4"][..], ["TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_GCM_SHA256"]),
        (&["--suite", "AES256-GCM-SHA384"], ["TLS_RSA_WITH_AES_256_GCM_SHA384", "--suite"]),
        (&["--seed", "1", "--connect", "localhost:1"], ["--seed", "--connect"]),
        (&["--seed", "1", "--listen", "localhost:0"], ["--seed", "--listen"]),
        (&["--say", "x", "--connect", "localhost:1"], ["--say", "--connect"]),
        (&["--connect", "localhost:1", "--listen", "localhost:0"], ["--connect", "--listen"]),
        (&["--server-name", "x"], ["--connect", "--server-name"]),
        (&["--ca", "x"], ["--connect", "--ca"]),
        (&["--once"], ["--listen", "--once"]),
        (&["--listen", "localhost:0", "--cert", "x"], ["--key", ""]),
        (&["--listen", "localhost:0", "--key", "x"], ["--cert", ""]),
        (&["--cert", "x", "--key", "x"], ["--listen", ""]),
        (&["--break", "expired", "--ca", "x"], ["--break", "--ca"]),
        (&["--break", "expired", "--server-name", "x"], ["--break", "--server-name"]),
        (&["--break", "expired", "--once"], ["--break", "--once"]),
        (&["--break", "expired", "--cert", "x", "--key", "x"], ["--break", "--cert"]),
        (&["--listen", "localhost:0", "--ca", "x"], ["--listen", "--ca"]),
        (&["--listen", "localhost:0", "--server-name", "x"], ["--listen", "--server-name"]),
        (&["--connect", "localhost:1", "--once"], ["--connect", "--once"]),
        (&["--connect", "localhost:1", "--cert", "x", "--key", "x"], ["--connect", "--cert"]),
        (&["--seed", "1", "--ca", "x"], ["--seed", "--ca"]),
        (&["--seed", "1", "--once"], ["--seed", "--once"]),
        (&["--say", "x", "--server-name", "x"], ["--say", "--server-name"]),
        (&["--seed", "many"], ["--seed", "many"]),
        (&["--seed", "-1"], ["-1", ""]),
        (&["--seed", "18446744073709551616"], ["--seed", "18446744073709551616"]),
        (&["--color", "green"], ["--color", "never"]),
        (&["--no-such-flag"], ["--no-such-flag", "--help"]),
        (&["attack"], ["attack", "--help"]),
        (&["--say"], ["--say", "--help"]),
    ] {
        let answer = run(arguments);
        let errors = answer.error_text();
        assert_eq!((answer.status.code(), answer.text()), (Some(2), String::new()), "{arguments:?} {answer}");
        assert!(errors.starts_with("error: ") && !errors.contains("panicked"), "{errors}");
        assert!(words.iter().all(|word| errors.contains(word)), "{arguments:?} {errors}");
    }
    refuses_at_once(&run(["--connect", "localhost"]), 2, &["HOST:PORT"]);
}

fn only_flags_that_exist_are_advertised() {
    let help = run(["--help"]);
    assert!(help.success() && help.error_text().is_empty(), "{help}");
    let help = help.text();
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    let told = tells(&run::<[&str; 0]>([]));
    let flags = |text: &str| -> Vec<String> {
        let flag = |word: &str| word.trim_end_matches(|c: char| !c.is_ascii_lowercase()).to_owned();
        text.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 3).map(flag).collect()
    };
    let known = flags(&help);
    let advertised: Vec<_> = flags(&told).into_iter().filter(|flag| flag.len() > 2).collect();
    assert!(advertised.len() >= 4, "{advertised:?}");
    for flag in &advertised {
        assert!(known.contains(flag), "{flag} is advertised, and this is there: {known:?}");
    }
}
