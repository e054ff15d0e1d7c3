//! What a run leaves for other tools: its bytes and its secrets.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::pki::time::Time;
use crate::report::pcapng::{Conversation, FIRST_PORT, section};
use crate::story::tls_handshake::{Failure, Identity, files};
use crate::tls::dissect::{CLIENT, Content, Known, SERVER, dissect};
use crate::tls::key_log::KeyLogEntry;
use crate::tls::record;
use crate::wire::Transcript;
use crate::wire::reader::escape;

/// The bytes that crossed, as one end heard them, and the secrets that open them.
#[derive(Clone, Debug)]
pub struct Recording {
    /// What was said.
    pub transcript: Transcript,
    /// What our ends logged.
    pub secrets: Vec<KeyLogEntry>,
    /// When it began.
    pub began: Time,
}

impl Recording {
    /// The secrets as the key log that OpenSSL and browsers write and Wireshark reads, a line each.
    #[must_use]
    pub fn key_log(&self) -> String {
        self.secrets.iter().map(|entry| entry.to_line() + "\n").collect()
    }

    /// The conversation with its secrets as a section of a capture. `port`, the client's, sets it apart
    /// from others in the same file.
    #[must_use]
    pub fn capture(&self, port: u16) -> Vec<u8> {
        let began = Duration::from_secs(self.began.unix().try_into().unwrap_or(0));
        let secrets = &*self.key_log();
        section(
            &self.transcript,
            &Conversation { port, began, secrets, ..Conversation::between(CLIENT, SERVER) },
        )
    }
}

/// The files in which recordings are kept, one behind the other.
#[derive(Debug)]
pub struct Kept {
    key_log: Option<(PathBuf, File)>,
    capture: Option<(PathBuf, File)>,
    /// The port of the next conversation.
    port: u16,
}

impl Kept {
    /// Empty files, or none. They are made before anything is said, so that nothing is said in vain.
    ///
    /// # Errors
    /// If one of them cannot be made.
    pub fn new(key_log: Option<&Path>, capture: Option<&Path>) -> Result<Self, Failure> {
        let create = |path: Option<&Path>| {
            path.map(|path| files::create(path).map(|file| (path.to_owned(), file))).transpose()
        };
        Ok(Self { key_log: create(key_log)?, capture: create(capture)?, port: FIRST_PORT })
    }

    /// Adds a recording to each file, and says so: a sentence a file.
    ///
    /// # Errors
    /// If one cannot be written.
    pub fn keep(&mut self, recording: &Recording) -> Result<Vec<String>, Failure> {
        let mut said = Vec::new();
        if let Some((path, file)) = &mut self.key_log {
            let shown = append(path, file, recording.key_log().as_bytes())?;
            said.push(match recording.secrets.len() {
                0 => format!("no secret of this conversation is in {shown}: it did not come to any"),
                1 => format!("1 secret of this conversation is in {shown}: whoever has it can read it all"),
                count => format!(
                    "{count} secrets of this conversation are in {shown}: whoever has them can read it all"
                ),
            });
        }
        if let Some((path, file)) = &mut self.capture {
            let shown = append(path, file, &recording.capture(self.port))?;
            self.port = self.port.checked_add(1).unwrap_or(FIRST_PORT);
            let what = if recording.secrets.is_empty() {
                "the conversation, which came to no secrets, is"
            } else {
                "the conversation and its secrets are"
            };
            said.push(format!("{what} in {shown}; try: wireshark {shown}"));
        }
        Ok(said)
    }
}

/// Writes, and gives the file's name as it can be shown.
fn append(path: &Path, file: &mut File, bytes: &[u8]) -> Result<String, Failure> {
    let name = path.to_string_lossy();
    file.write_all(bytes).map_err(|error| Failure::io(&name, &error))?;
    Ok(escape(&name))
}

/// A recording that was full without the record that it cut, and how many bytes it lacks.
pub(in crate::story) fn whole_records(mut transcript: Transcript) -> (Transcript, u64) {
    for party in [CLIENT, SERVER] {
        let Some(at) = transcript.omitted.iter().position(|(by, _)| *by == party) else { continue };
        let said = transcript.said_by(party);
        let mut whole = 0;
        while let Some(&[_, _, _, high, low]) = said.get(whole..whole + record::HEADER) {
            let next = whole + record::HEADER + usize::from(u16::from_be_bytes([high, low]));
            if next > said.len() {
                break;
            }
            whole = next;
        }
        let mut room = whole;
        for chunk in transcript.chunks.iter_mut().filter(|chunk| chunk.from == party) {
            chunk.bytes.truncate(room);
            room -= chunk.bytes.len();
        }
        transcript.omitted[at].1 += (said.len() - whole) as u64;
    }
    transcript.chunks.retain(|chunk| !chunk.bytes.is_empty());
    let omitted = transcript.omitted.iter().map(|(_, count)| count).sum();
    (transcript, omitted)
}

/// What Eve does next year: opens her recording with the stolen key, and reads the page.
pub(super) fn steal(transcript: &Transcript, identity: &Identity) -> Option<String> {
    let known = Known { server_key: Some(identity.pkcs1()), ..Known::default() };
    let opened = dissect(transcript, &known);
    let said = opened
        .events
        .iter()
        .filter(|event| event.from == SERVER && event.content == Content::ApplicationData);
    let text: Vec<u8> = said.flat_map(|event| opened.layers.bytes(&event.message)).copied().collect();
    let text = String::from_utf8_lossy(&text);
    let (_, page) = text.split_once("\r\n\r\n")?;
    Some(page.trim_end().to_owned())
}

/// The same conversation at a pace of its own, a millisecond a turn: another run has the same times.
pub(super) fn at_a_steady_pace(transcript: &mut Transcript) {
    for (chunk, turn) in transcript.chunks.iter_mut().zip(1..) {
        chunk.at = Duration::from_millis(turn);
    }
}
