//! The `dissect` example, found and started.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use cutaway_tests::peer::{self, Answer};

/// Cargo builds it if it is not there or not of today.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let test = std::env::current_exe().expect("a test knows its own path");
    let profile = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST");
    let name = profile.file_name().and_then(|name| name.to_str()).expect("the folder of a profile");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "cutaway", "--example", "dissect"])
        .args(["--profile", if name == "debug" { "test" } else { name }, "--target-dir"])
        .arg(profile.parent().expect("target/PROFILE"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the package"))
        .status();
    assert!(built.is_ok_and(|status| status.success()), "the program does not build");
    profile.join("examples").join(format!("dissect{}", std::env::consts::EXE_SUFFIX))
});

/// Runs it with these arguments, in a locale with UTF-8 and with nothing of the machine's own wishes.
pub fn run_with_input<I: IntoIterator<Item: AsRef<OsStr>>>(arguments: I, input: &[u8]) -> Answer {
    let mut command = peer::command(&*PROGRAM);
    command.env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR").env_remove("RUST_BACKTRACE");
    peer::run(command.args(arguments), input)
}

/// The same with nothing on its standard input.
pub fn run<I: IntoIterator<Item: AsRef<OsStr>>>(arguments: I) -> Answer {
    run_with_input(arguments, b"")
}
