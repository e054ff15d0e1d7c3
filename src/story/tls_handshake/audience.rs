//! Who is told of a run, and what is left of it for them.

use std::path::PathBuf;

use crate::report::{Console, Report, html};
use crate::story::tls_handshake::{Failure, Kept, Told, files};
use crate::wire::reader::escape;

/// Where told runs go.
#[derive(Debug)]
pub struct Audience {
    /// To whoever runs the command.
    pub console: Console,
    /// Into a page, in this file.
    pub page: Option<PathBuf>,
    /// To other tools.
    pub kept: Kept,
}

impl Audience {
    /// Shows a run, keeps what shall be kept of it, and says how it ended.
    ///
    /// # Errors
    /// If the run failed, or something could not be written.
    pub fn tell(&mut self, told: Told) -> Result<(), Failure> {
        self.show(&told.report)?;
        self.kept.keep(&told.recording)?.iter().for_each(|line| self.console.remark(line));
        told.failure.map_or(Ok(()), Err)
    }

    /// Writes the page of what happened, if there shall be one, and shows it.
    ///
    /// # Errors
    /// If one of them could not be written.
    pub fn show(&self, report: &Report) -> Result<(), Failure> {
        let Self { console, page, .. } = self;
        if let Some(file) = page {
            files::page(file, &html::draw(report, html::Options { reveal: console.output.reveal }))?;
            console.remark(&format!("the page is in {}", escape(&file.to_string_lossy())));
        }
        console.show(report).map_err(|error| Failure::io("standard output", &error))
    }
}
