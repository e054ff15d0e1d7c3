//! Colour, characters, a terminal, and outputs that are none.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use cutaway_tests::peer::{self, Answer, Process};
use libtest_mimic::Trial;

use super::program::{one_sentence, path, program, run, story, tells, trial, trials};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials! {
        "terminal" {
            a_pipe_gets_colour_only_if_it_is_asked_for,
            the_locale_decides_about_the_characters,
            a_reader_who_leaves_ends_it_quietly,
        }
        "python3" {
            a_terminal_gets_colour_unless_it_is_declined,
            each_step_waits_for_enter,
        }
        "sh" {
            closed_streams_are_no_panic,
        }
    };
    if Path::new("/dev/full").exists() {
        trials.push(trial("terminal::a_full_disk_is_an_error", a_full_disk_is_an_error));
    }
    trials
}

const SEEDED: [&str; 2] = ["--seed", "5"];

fn a_pipe_gets_colour_only_if_it_is_asked_for() {
    let with = |arguments: &[&str]| run([&SEEDED, arguments].concat());
    let plain = tells(&with(&[]));
    assert_eq!(tells(&with(&["--color", "never"])), plain);
    assert_eq!(tells(&with(&["--color", "auto"])), plain);
    let coloured = with(&["--color", "always"]);
    assert!(coloured.success() && coloured.text().contains("\u{1b}["), "{coloured}");
    assert_eq!(without_escapes(&coloured.text()), plain, "colour is never alone");
    // Who asks for colour by an argument gets it; NO_COLOR is for whoever says nothing.
    let mut command = program(SEEDED);
    let asked = peer::run(command.args(["--color", "always"]).env("NO_COLOR", "1"), b"");
    assert_eq!(asked.text(), coloured.text());
}

/// Text without the sequences that colour it (ECMA-48 §8.3.117, SGR).
fn without_escapes(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest: Vec<_> = parts.map(|part| part.split_once('m').expect("nothing but colours").1).collect();
    first + &rest.concat()
}

fn the_locale_decides_about_the_characters() {
    let under = |locale: &[(&str, &str)]| {
        let mut command = program(SEEDED);
        tells(&peer::run(command.env_remove("LC_ALL").envs(locale.iter().copied()), b""))
    };
    let ascii = tells(&run(SEEDED));
    assert!(ascii.is_ascii(), "{ascii}");
    let unicode = under(&[("LANG", "C.UTF-8")]);
    assert!(unicode.contains("──") && unicode.contains("●"), "{unicode}");
    for (locale, expected) in [
        (&[][..], &unicode),
        (&[("LANG", "C")], &ascii),
        (&[("LANG", "C.UTF-8"), ("LC_ALL", "C")], &ascii),
        (&[("LANG", "C.UTF-8"), ("LC_CTYPE", "POSIX")], &ascii),
        (&[("LANG", "C"), ("LC_CTYPE", "de_DE.utf8")], &unicode),
        (&[("LANG", "C"), ("LC_ALL", "en_US.UTF-8")], &unicode),
        // Empty is as good as not there (POSIX.1-2017, XBD §8.2).
        (&[("LANG", "C.UTF-8"), ("LC_ALL", ""), ("LC_CTYPE", "")], &unicode),
    ] {
        assert_eq!(&under(locale), expected, "{locale:?}");
    }
}

fn a_reader_who_leaves_ends_it_quietly() {
    let mut child = program::<[&str; 0]>([])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut first = String::new();
    let mut output = BufReader::with_capacity(1, child.stdout.take().expect("piped"));
    output.read_line(&mut first).expect("a line");
    drop(output);
    let mut errors = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut errors).expect("text");
    let status = child.wait().expect("an end");
    assert!(first.starts_with("cutaway "), "{first}");
    assert_eq!((status.code(), errors.as_str()), (Some(0), ""));
}

fn a_full_disk_is_an_error() {
    let full = || Stdio::from(OpenOptions::new().write(true).open("/dev/full").expect("it is there"));
    let end = |command: &mut std::process::Command| {
        let output = command.stdin(Stdio::null()).output().expect("the program");
        Answer { status: output.status, output: output.stdout, errors: output.stderr }
    };
    let answer = end(program(SEEDED).stdout(full()));
    assert_eq!(answer.status.code(), Some(4), "{answer}");
    one_sentence(&answer.error_text(), &["standard output", "No space left"]);
    // Where the sentence itself finds no room, the code still says it.
    let answer = end(program(["--connect", "127.0.0.1:1"]).stderr(full()));
    assert_eq!(answer.status.code(), Some(4), "{answer}");
}

fn closed_streams_are_no_panic(sh: &Path) {
    let with = |redirection: &str| {
        let mut command = peer::command(sh);
        command.args(["-c", &format!("exec \"$0\" --seed 5 {redirection}")]).arg(path());
        peer::run(&mut command, b"")
    };
    let plain = tells(&run(SEEDED));
    assert_eq!(tells(&with("<&-")), plain);
    assert_eq!(story(&with("2>&-"), 0), plain);
    for redirection in [">&-", "<&- >&- 2>&-"] {
        let answer = with(redirection);
        assert_eq!((answer.status.code(), answer.error_text()), (Some(0), String::new()), "{redirection}");
    }
}

/// A pseudo-terminal of 80 columns around the program: what is typed comes from our standard input, what
/// is shown goes to our standard output.
const TERMINAL: &str = "
import fcntl, os, pty, select, struct, sys, termios
process, terminal = pty.fork()
if process == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 25, 80, 0, 0))
ends = [0, terminal]
while True:
    ready = select.select(ends, [], [])[0]
    if 0 in ready:
        typed = os.read(0, 100)
        os.write(terminal, typed)
        if not typed: ends.remove(0)
    if terminal in ready:
        try: shown = os.read(terminal, 65536)
        except OSError: break
        if not shown: break
        os.write(1, shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
";

fn on_a_terminal(python: &Path, arguments: &[&str], wishes: &[(&str, &str)]) -> Process {
    let mut command = peer::command(python);
    command.env_remove("NO_COLOR").env("TERM", "xterm-256color").env("LC_ALL", "C.UTF-8");
    command.envs(wishes.iter().copied()).args(["-c", TERMINAL]).arg(path()).args(arguments);
    Process::start(&mut command)
}

fn a_terminal_gets_colour_unless_it_is_declined(python: &Path) {
    let mut unicode = program(SEEDED);
    let plain = tells(&peer::run(unicode.env("LC_ALL", "C.UTF-8"), b""));
    let shown = |arguments: &[&str], wishes: &[(&str, &str)]| {
        let mut process = on_a_terminal(python, &[&SEEDED, arguments].concat(), wishes);
        process.close_input();
        let answer = process.finish();
        assert!(answer.success(), "{answer}");
        answer.text().replace("\r\n", "\n")
    };
    for (arguments, wishes) in [
        (&["--color", "never"][..], &[][..]),
        (&[], &[("NO_COLOR", "1")]),
        (&["--color", "auto"], &[("NO_COLOR", "yes")]),
        (&[], &[("TERM", "dumb")]),
    ] {
        assert_eq!(shown(arguments, wishes), plain, "{arguments:?} {wishes:?}");
    }
    // An empty NO_COLOR is none (no-color.org).
    for wishes in [&[][..], &[("NO_COLOR", "")]] {
        let coloured = shown(&[], wishes);
        assert!(coloured.contains("\u{1b}["), "{wishes:?}");
        assert_eq!(without_escapes(&coloured), plain);
    }
}

fn each_step_waits_for_enter(python: &Path) {
    let arguments = [&SEEDED[..], &["--step", "--color", "never"]].concat();
    // Nobody types: after the opening it stands still, however long.
    let process = on_a_terminal(python, &arguments, &[]);
    process.wait_for_line("Six steps say why");
    thread::sleep(Duration::from_millis(500));
    let waiting = process.stop().text();
    assert!(!waiting.contains(" 1  Client Hello"), "{waiting}");

    let mut process = on_a_terminal(python, &arguments, &[]);
    process.send(b"\n\n\n\n\n\n\n\n\n\n");
    let answer = process.finish();
    assert!(answer.success(), "{answer}");
    let shown = answer.text();
    let mut parts = shown.split("Enter ↵ ").skip(1);
    for title in ["Client Hello", "Server Hello", "Validation", "Premaster", "Session", "Symmetric"] {
        let part = parts.next().unwrap_or_else(|| panic!("no wait before {title}: {shown}"));
        assert!(part.lines().take(4).any(|line| line.contains(title)), "{title}: {part}");
    }
}
