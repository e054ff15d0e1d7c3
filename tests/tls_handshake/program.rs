//! The program, found and started, and what holds whenever it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::SystemTime;

use cutaway_tests::peer::{self, Answer};
use libtest_mimic::Trial;

/// The program. Beside this test lies the folder of the examples, where cargo has built it; if the
/// sources have changed since, or only this test was asked for, it is built now.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let test = std::env::current_exe().expect("a test knows its own path");
    let profile = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST");
    let program = profile.join("examples").join(format!("tls_handshake{}", std::env::consts::EXE_SUFFIX));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the package");
    let sources = newest(&root.join("src")).max(newest(&root.join("examples/tls_handshake.rs")));
    if changed(&program).is_none_or(|built| built < sources) {
        let name = profile.file_name().and_then(|name| name.to_str()).expect("the folder of a profile");
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "cutaway", "--example", "tls_handshake"])
            .args(["--profile", if name == "debug" { "test" } else { name }, "--target-dir"])
            .arg(profile.parent().expect("target/PROFILE"))
            .current_dir(root)
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the program does not build");
    }
    program
});

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// When the last change below `path` was.
fn newest(path: &Path) -> SystemTime {
    let below = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| newest(&entry.path()));
    below.chain(changed(path)).max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Where the program is.
pub(crate) fn path() -> &'static Path {
    &PROGRAM
}

/// The program with these arguments, in the plain locale and with nothing of the machine's own wishes.
pub(crate) fn program<I: IntoIterator<Item: AsRef<std::ffi::OsStr>>>(arguments: I) -> Command {
    let mut command = peer::command(path());
    for wish in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "LANG", "LC_CTYPE", "RUST_BACKTRACE"] {
        command.env_remove(wish);
    }
    command.args(arguments);
    command
}

/// Runs the program with these arguments, with nothing on its standard input.
pub(crate) fn run<I: IntoIterator<Item: AsRef<std::ffi::OsStr>>>(arguments: I) -> Answer {
    peer::run(&mut program(arguments), b"")
}

/// A test that needs nobody else.
pub(crate) fn trial(name: &str, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

/// Trials that need nobody else, and trials that need a program, by the names of their functions.
macro_rules! trials {
    ($topic:literal { $($alone:ident),* $(,)? } $($program:literal { $($test:ident),* $(,)? })*) => {
        vec![
            $($crate::tls_handshake::program::trial(concat!($topic, "::", stringify!($alone)), $alone),)*
            $($(cutaway_tests::peer::trial($program, concat!($topic, "::", stringify!($test)), $test),)*)*
        ]
    };
}
pub(crate) use trials;

/// It ended with this code, with no panic and, if it was asked to tell something, a story of decent
/// size, which is returned.
pub(crate) fn story(answer: &Answer, code: i32) -> String {
    ends_decently(answer, code);
    let text = String::from_utf8(answer.output.clone()).expect("what is printed is UTF-8");
    assert!(text.starts_with("cutaway "), "{answer}");
    assert!(text.ends_with('\n') && !text.contains('\u{1b}'), "{answer}");
    assert!(text.lines().count() <= 200, "{} lines\n{answer}", text.lines().count());
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "more than 80 columns: {line}");
    }
    text
}

/// It ended well: a story, and nothing to say beside it.
pub(crate) fn tells(answer: &Answer) -> String {
    assert_eq!(answer.error_text(), "", "{answer}");
    story(answer, 0)
}

/// It ended with this code and one sentence, in which all these words stand; the sentence is returned.
pub(crate) fn refuses(answer: &Answer, code: i32, words: &[&str]) -> String {
    ends_decently(answer, code);
    one_sentence(&answer.error_text(), words)
}

/// The same, and there was nothing to tell.
pub(crate) fn refuses_at_once(answer: &Answer, code: i32, words: &[&str]) -> String {
    assert_eq!(answer.text(), "", "{answer}");
    refuses(answer, code, words)
}

/// `text` is one line of the program's own, with all these words in it.
pub(crate) fn one_sentence(text: &str, words: &[&str]) -> String {
    assert_eq!(text.lines().count(), 1, "one line: {text}");
    let sentence = text.trim_end().strip_prefix("tls_handshake: ");
    let sentence = sentence.unwrap_or_else(|| panic!("it says who speaks: {text}"));
    for word in words {
        assert!(sentence.contains(word), "no {word:?} in: {sentence}");
    }
    assert!(sentence.chars().all(|c| !c.is_control()), "{sentence:?}");
    assert!(!sentence.contains("os error"), "a number that says no more than the words: {sentence}");
    sentence.to_owned()
}

/// It ended by itself, with this code.
fn ends_decently(answer: &Answer, code: i32) {
    let errors = answer.error_text();
    for sign in ["panicked", "RUST_BACKTRACE", "unwrap", "src/"] {
        assert!(!errors.contains(sign), "{answer}");
    }
    assert_eq!(answer.status.code(), Some(code), "{answer}");
}
