//! The helper that runs other people's programs, tried on the shell.

use cutaway_tests::peer;
use libtest_mimic::{Arguments, Trial};

fn main() {
    let trials = vec![
        peer::trial("sh", "runs_a_command_to_its_end", |sh| {
            let answer = peer::run(peer::command(sh).args(["-c", "cat; echo oops >&2; exit 3"]), b"in");
            assert_eq!(answer.status.code(), Some(3), "{answer}");
            assert_eq!((answer.text(), answer.error_text()), ("in".into(), "oops\n".into()));
        }),
        peer::trial("sh", "waits_for_a_line_and_ends_what_it_started", |sh| {
            let process = peer::Process::start(
                peer::command(sh).args(["-c", "echo starting; echo ACCEPT 127.0.0.1:7; exec sleep 60"]),
            );
            assert_eq!(process.wait_for_line("ACCEPT"), "ACCEPT 127.0.0.1:7");
            assert!(!process.stop().success());
        }),
        Trial::test("finds_no_program_that_is_not_there", || {
            assert_eq!(peer::find("no-such-program-anywhere"), None);
            Ok(())
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
