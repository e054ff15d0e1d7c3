//! What is written of a report: the same flags mean the same for every command.

use std::io::{self, ErrorKind, Write};
use std::str::FromStr;

use crate::report::{Report, json, terminal};

/// In which form a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// For people, in 80 columns.
    #[default]
    Text,
    /// For programs, whole.
    Json,
}

impl FromStr for Form {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("it is text or json"),
        }
    }
}

/// How a report is written.
///
/// ```
/// use cutaway::report::{Form, Output, Report};
/// let report = Report { title: "cutaway".into(), ..Report::default() };
/// let output = Output { form: "json".parse().unwrap(), ..Output::default() };
/// let mut out = Vec::new();
/// output.write(&report, &mut out, || {}).unwrap();
/// assert!(out.starts_with(b"{"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Output {
    /// In which form.
    pub form: Form,
    /// For programs: with what someone who only listens could never know.
    pub reveal: bool,
    /// For people: how it is drawn.
    pub text: terminal::Options,
}

impl Output {
    /// Writes the report, and calls `pause` between the parts of one that is for people. A reader who
    /// has gone away is no error.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, report: &Report, out: &mut impl Write, mut pause: impl FnMut()) -> io::Result<()> {
        let written = match self.form {
            Form::Json => json::write(report, self.reveal, out).and_then(|()| out.flush()),
            Form::Text => terminal::parts(report, self.text).iter().enumerate().try_for_each(|(i, part)| {
                if i > 0 {
                    pause();
                }
                out.write_all(part.as_bytes())?;
                out.flush()
            }),
        };
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }
}
