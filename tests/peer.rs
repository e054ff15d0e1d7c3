//! Programs that others wrote, run beside ours: found or declared absent, started, waited for, ended.
//!
//! A test file that needs such programs has a `main` of its own (`harness = false` in Cargo.toml) and
//! hands [`trial`]s to `libtest_mimic`:
//!
//! ```no_run
//! use cutaway_tests::peer;
//! use libtest_mimic::Arguments;
//!
//! fn main() {
//!     let trials = vec![peer::trial("openssl", "openssl_knows_its_version", |openssl| {
//!         let answer = peer::run(peer::command(openssl).arg("version"), b"");
//!         assert!(answer.success(), "{answer}");
//!         assert!(answer.text().starts_with("OpenSSL"), "{answer}");
//!     })];
//!     libtest_mimic::run(&Arguments::from_args(), trials).exit();
//! }
//! ```
//!
//! Where a program is absent its tests are ignored, and say so; where the environment has `CI` they
//! fail, so that a check that never ran is not taken for one that passed.
//!
//! Only what a test started is ended, by its process id, when its [`Process`] goes out of scope.

use std::ffi::OsStr;
use std::fmt;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::{Completion, Trial};
pub use tempfile::TempDir;

/// How long anything may take before the test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The program of this name, if a directory of `PATH` has it.
#[must_use]
pub fn find(program: impl AsRef<OsStr>) -> Option<PathBuf> {
    let directories = std::env::var_os("PATH")?;
    std::env::split_paths(&directories)
        .map(|directory| directory.join(program.as_ref()))
        .find(|path| path.is_file())
}

/// A test that needs `program`, and gets its path. It fails by panicking, as with `assert!`.
pub fn trial(
    program: &'static str,
    name: impl Into<String>,
    test: impl FnOnce(&Path) + Send + 'static,
) -> Trial {
    trial_with([program], name, |[path]| test(path))
}

/// The same for a test that needs several programs.
pub fn trial_with<const N: usize>(
    programs: [&'static str; N],
    name: impl Into<String>,
    test: impl FnOnce([&Path; N]) + Send + 'static,
) -> Trial {
    Trial::ignorable_test(name, move || {
        let mut paths = [(); N].map(|()| PathBuf::new());
        for (path, program) in paths.iter_mut().zip(programs) {
            match find(program) {
                Some(found) => *path = found,
                None if std::env::var_os("CI").is_some() => {
                    return Err(format!("{program} is not installed").into());
                }
                None => return Ok(Completion::ignored_with(format!("{program} is not installed"))),
            }
        }
        test(std::array::from_fn(|n| paths[n].as_path()));
        Ok(Completion::Completed)
    })
}

/// A directory that goes when its handle does.
///
/// # Panics
/// If there is nowhere to make one.
#[must_use]
pub fn directory() -> TempDir {
    tempfile::Builder::new().prefix("cutaway-").tempdir().expect("a temporary directory")
}

/// Writes a file that its owner alone may read, and returns its path.
///
/// # Panics
/// If it cannot be written.
pub fn file(directory: &TempDir, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.path().join(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&path).and_then(|mut file| file.write_all(contents.as_ref()));
    written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    path
}

/// A port of 127.0.0.1 that was free a moment ago. A program that can say which port it took, as
/// `openssl s_server -accept 127.0.0.1:0` does, is better asked.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("the address of a listener").port()
}

/// A command in the plain locale and without settings of the machine's own.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C").env_remove("OPENSSL_CONF").env_remove("SSLKEYLOGFILE");
    command
}

/// Runs a command to its end, with `input` on its standard input.
///
/// # Panics
/// If it cannot be started, or does not end within [`PATIENCE`].
pub fn run(command: &mut Command, input: &[u8]) -> Answer {
    let mut process = Process::start(command);
    process.send(input);
    process.close_input();
    process.finish()
}

/// How a command ended, and all that it said.
#[derive(Debug)]
pub struct Answer {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub output: Vec<u8>,
    /// Its standard error.
    pub errors: Vec<u8>,
}

impl Answer {
    /// Whether it ended with 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.status.success()
    }

    /// Its standard output, as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }

    /// Its standard error, as text.
    #[must_use]
    pub fn error_text(&self) -> String {
        String::from_utf8_lossy(&self.errors).into_owned()
    }
}

/// For the message of a failed assertion: the end of both streams.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        for (name, bytes) in [("output", &self.output), ("errors", &self.errors)] {
            let last = &bytes[bytes.len().saturating_sub(4000)..];
            writeln!(f, "--- {name}, {} bytes\n{}", bytes.len(), String::from_utf8_lossy(last))?;
        }
        Ok(())
    }
}

/// A program that is running. It is killed, by its process id, when this goes out of scope.
#[derive(Debug)]
pub struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: Arc<Heard>,
    errors: Arc<Heard>,
}

impl Process {
    /// Starts a command. Its standard input stays open until [`close_input`](Self::close_input); both
    /// its outputs are read all the time, so that it never waits for us.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let output = Heard::all_of(child.stdout.take().expect("piped"));
        let errors = Heard::all_of(child.stderr.take().expect("piped"));
        Self { input: child.stdin.take(), child, output, errors }
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes to its standard input. A program that stopped reading is no failure here: its end tells.
    pub fn send(&mut self, bytes: &[u8]) {
        if let Some(input) = &mut self.input {
            let _ = input.write_all(bytes).and_then(|()| input.flush());
        }
    }

    /// Ends its standard input.
    pub fn close_input(&mut self) {
        self.input = None;
    }

    /// Waits for a whole line of standard output that contains `text`, and returns that line.
    ///
    /// # Panics
    /// If the program ends, or [`PATIENCE`] does, before there is one.
    pub fn wait_for_line(&self, text: &str) -> String {
        self.output.line(text).unwrap_or_else(|| self.give_up(text))
    }

    /// The same, of standard error.
    ///
    /// # Panics
    /// As [`wait_for_line`](Self::wait_for_line).
    pub fn wait_for_error_line(&self, text: &str) -> String {
        self.errors.line(text).unwrap_or_else(|| self.give_up(text))
    }

    fn give_up(&self, text: &str) -> ! {
        let [output, errors] = [&self.output, &self.errors].map(|heard| heard.now());
        panic!("no line with {text:?} came\n--- output\n{output}\n--- errors\n{errors}")
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If that does not come within [`PATIENCE`].
    #[must_use]
    pub fn finish(mut self) -> Answer {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().expect("a child of ours") {
                Some(status) => break status,
                None if Instant::now() > deadline => self.give_up("the end"),
                None => thread::sleep(Duration::from_millis(2)),
            }
        };
        Answer { status, output: self.output.to_the_end(), errors: self.errors.to_the_end() }
    }

    /// Kills it, for a server that would go on for ever, and returns what it said until then.
    ///
    /// # Panics
    /// As [`finish`](Self::finish).
    #[must_use]
    pub fn stop(mut self) -> Answer {
        let _ = self.child.kill();
        self.finish()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What one stream of a program said so far.
#[derive(Debug, Default)]
struct Heard {
    said: Mutex<Said>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Said {
    bytes: Vec<u8>,
    ended: bool,
}

impl Heard {
    /// Reads a stream to its end, on a thread of its own.
    fn all_of(mut stream: impl Read + Send + 'static) -> Arc<Self> {
        let heard = Arc::new(Self::default());
        let writer = Arc::clone(&heard);
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            loop {
                let count = stream.read(&mut buffer).unwrap_or(0);
                let mut said = writer.said.lock().unwrap_or_else(PoisonError::into_inner);
                said.bytes.extend_from_slice(&buffer[..count]);
                said.ended = count == 0;
                writer.more.notify_all();
                if said.ended {
                    return;
                }
            }
        });
        heard
    }

    /// Looks at all that was said, again each time there is more, until `look` finds something, the
    /// stream ends, or patience does.
    fn wait<T>(&self, mut look: impl FnMut(&Said) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match look(&said) {
                Some(found) => return Some(found),
                None if said.ended || left.is_zero() => return None,
                None => said = self.more.wait_timeout(said, left).unwrap_or_else(PoisonError::into_inner).0,
            }
        }
    }

    fn line(&self, text: &str) -> Option<String> {
        self.wait(|said| {
            let whole = said.bytes.iter().rposition(|&byte| byte == b'\n')?;
            let lines = String::from_utf8_lossy(&said.bytes[..whole]);
            lines.lines().find(|line| line.contains(text)).map(str::to_owned)
        })
    }

    fn now(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&said.bytes).into_owned()
    }

    /// All of it. A grandchild that holds the stream open does not hold us for ever.
    fn to_the_end(&self) -> Vec<u8> {
        self.wait(|said| said.ended.then_some(()));
        std::mem::take(&mut self.said.lock().unwrap_or_else(PoisonError::into_inner).bytes)
    }
}
