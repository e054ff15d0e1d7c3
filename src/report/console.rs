//! A command at its terminal: the story on standard output, all else on standard error.

use std::fmt;
use std::io::{self, BufRead, IsTerminal, Write};

use crate::report::{Output, Report, terminal};

/// Where a command speaks.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// The command's name: its errors begin with it.
    pub command: &'static str,
    /// How a report is written.
    pub output: Output,
    /// Whether the reader says when to go on, between the parts of a report. Where nobody can, it goes on.
    pub step: bool,
}

impl Console {
    /// Shows a report on standard output. A reader who has gone away is no error.
    ///
    /// # Errors
    /// Those of standard output.
    pub fn show(&self, report: &Report) -> io::Result<()> {
        let waits = self.step && io::stdin().is_terminal() && io::stdout().is_terminal();
        self.output.write(report, &mut io::stdout().lock(), || {
            if waits {
                self.wait();
            }
        })
    }

    /// Says this on standard output. A reader who has gone away is no error.
    ///
    /// # Errors
    /// Those of standard output.
    pub fn print(&self, text: &str) -> io::Result<()> {
        let text: String = text.lines().map(|line| terminal::line(line, self.output.text) + "\n").collect();
        match io::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    fn wait(&self) {
        let _ = write!(io::stderr(), "\n    {} ", if self.output.text.unicode { "Enter ↵" } else { "Enter" });
        let _ = io::stdin().lock().read_line(&mut String::new());
    }

    /// Says a line on standard error. If nobody takes it, that is no reason to end.
    pub fn remark(&self, line: &str) {
        let _ = writeln!(io::stderr(), "{}", terminal::line(line, self.output.text));
    }

    /// Says on standard error what went wrong.
    pub fn complain(&self, error: &impl fmt::Display) {
        self.remark(&format!("{}: {error}", self.command));
    }
}
