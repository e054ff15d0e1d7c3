//! A recording from elsewhere, told as a run of our own is.
//!
//! [`dissect`] takes the contents of a file, a capture or a dump of one side, and what may open it: a key
//! log, or the server's private key. What it cannot open it says, with the reason.
//!
//! | room | what happens there |
//! |---|---|
//! | `capture` | pcap and pcapng become packets |
//! | `segment` | packets become segments of TCP |
//! | `reassembly` | segments become what each side said |
//! | `dump` | digits become bytes |
//! | `other` | what is no recording is called by its name |
//! | `sealed` | why something stayed sealed |

mod capture;
mod dump;
pub mod files;
mod other;
mod reassembly;
mod sealed;
mod segment;

use std::time::{Duration, UNIX_EPOCH};

use crate::pki::key::PrivateKey;
use crate::report::Report;
use crate::story::tls_handshake::recording::whole_records;
use crate::story::tls_handshake::tell::tell_recording;
use crate::story::tls_handshake::{Failure, FailureKind};
use crate::tls::dissect::{self as window, CLIENT, Dissection, Known, SERVER};
use crate::tls::key_log::KeyLogEntry;
use crate::tls::message::HandshakeType;
use crate::tls::record::{self, ContentType, Header};
use crate::wire::reader::escape;
use crate::wire::transcript::KEPT_AT_MOST;
use crate::wire::{Party, Reader, Transcript};

use reassembly::{Gap, reassemble};
use segment::{Segment, Segments};

/// What is known besides the file.
#[derive(Debug, Default)]
pub struct Question {
    /// What the file is called.
    pub file: String,
    /// Which connection, as Wireshark's `tcp.stream` counts them; the first that speaks TLS if none is
    /// named.
    pub stream: Option<u32>,
    /// Who said what a dump holds; whoever it sounds like if nobody is named.
    pub from: Option<Party>,
    /// Secrets that either side logged.
    pub key_log: Option<Vec<KeyLogEntry>>,
    /// The server's private key.
    pub server_key: Option<PrivateKey>,
}

/// A recording, told.
#[derive(Debug)]
pub struct Told {
    /// What happened.
    pub report: Report,
    /// Why the answer is no all the same: the file breaks off, or what was given does not open it.
    pub failure: Option<Failure>,
}

/// Tells what the file holds.
///
/// ```
/// use cutaway::story::dissect::{Question, dissect};
/// let alert = "00000000: 1503 0300 0202 28                        ......(";
/// let from = Some(cutaway::tls::dissect::SERVER);
/// let told = dissect(alert.as_bytes(), Question { from, ..Question::default() }).unwrap();
/// assert_eq!(told.report.events[0].name, "Alert");
/// ```
///
/// # Errors
/// If it holds no TLS, or not what was asked for.
pub fn dissect(contents: &[u8], question: Question) -> Result<Told, Failure> {
    let mut recording = Recording::of(contents, &question)?;
    let (transcript, omitted) = whole_records(recording.transcript);
    let logged = question.key_log.is_some();
    let from_the_log = question.key_log.as_ref().map_or(0, Vec::len);
    let key_log: Vec<_> = question.key_log.into_iter().flatten().chain(recording.key_log).collect();
    let secrets = key_log.len();

    // A key that is not that of the certificate would only make nonsense.
    let certificate = || window::dissect(&transcript, &Known::default()).certificates().into_iter().next();
    let certificate = question.server_key.as_ref().and_then(|_| certificate());
    let stranger = question
        .server_key
        .as_ref()
        .zip(certificate)
        .filter(|(key, certificate)| !key.belongs_to(certificate))
        .map(|(_, certificate)| escape(&certificate.subject().to_string()));
    let server_key =
        question.server_key.as_ref().filter(|_| stranger.is_none()).map(PrivateKey::to_pkcs1_der);
    let known = Known { key_log, server_key, trusted: Vec::new() };
    let dissection = window::dissect(&transcript, &known);
    let names_this = known.key_log[..from_the_log].iter().any(|entry| sealed::is_of(entry, &dissection));
    let server_key = question.server_key.is_some();
    let given = sealed::Given { logged, names_this, secrets, server_key, stranger };
    let sealed = sealed::why(&dissection, &given);
    let in_vain = if sealed.is_none() { sealed::in_vain(&dissection, &given) } else { None };
    recording.what.push_str(opened_by(&dissection, names_this));
    recording.remarks.extend(in_vain.clone());
    for remark in &recording.remarks {
        recording.what.push('\n');
        recording.what.push_str(remark);
    }
    let failure = sealed.as_ref().filter(|sealed| sealed.refused);
    let failure = failure.map(|sealed| sealed.why.clone()).or(in_vain);
    let failure = failure.map(|why| Failure::new(FailureKind::Refused, why));
    let sealed = sealed.map_or_else(String::new, |sealed| sealed.why);
    let began = recording.began.and_then(|began| UNIX_EPOCH.checked_add(began));
    let report = tell_recording(dissection, recording.what, sealed, omitted, began);
    Ok(Told { report, failure: recording.cut.or(failure) })
}

/// How what was opened was opened.
fn opened_by(dissection: &Dissection, named: bool) -> &'static str {
    let schedule = &dissection.schedule;
    match (&schedule.opened_block, &schedule.key_block) {
        (Some(_), Some(_)) => " The server’s private key opens it.",
        (_, None) => "",
        (None, Some(_)) if named => " The key log opens it.",
        (None, Some(_)) => " The secrets that the capture brings along open it.",
    }
}

/// What was recorded, before anything is opened.
#[derive(Debug, Default)]
struct Recording {
    transcript: Transcript,
    /// When it began, counted from the beginning of 1970.
    began: Option<Duration>,
    /// Secrets that the file brings along.
    key_log: Vec<KeyLogEntry>,
    /// Who spoke with whom, and where that was found.
    what: String,
    /// What is missing, and what else there would be.
    remarks: Vec<String>,
    /// Where the file breaks off.
    cut: Option<Failure>,
    /// How many bytes of the client, and of the server, are kept.
    kept: [usize; 2],
}

impl Recording {
    fn of(contents: &[u8], question: &Question) -> Result<Self, Failure> {
        let file = escape(&question.file);
        let malformed = |what: String| Failure::new(FailureKind::Malformed, format!("{file}: {what}"));
        if contents.is_empty() {
            return Err(malformed("the file is empty".into()));
        }
        if contents.starts_with(&[0x1f, 0x8b]) {
            return Err(malformed("it is compressed; gunzip makes a capture of it".into()));
        }
        match capture::read(contents) {
            Some(Ok(capture)) => Self::captured(&capture, question, &file),
            Some(Err(error)) => Err(malformed(format!("no capture that can be read: {error}"))),
            None if looks_like_a_record(contents) => Self::one_side(contents, question, &file),
            None => {
                let is_text = |text: &&str| text.chars().all(|c| c.is_ascii_whitespace() || !c.is_control());
                let text = std::str::from_utf8(contents).ok().filter(is_text);
                // It may be a key, and a pipe into somebody's log: what stands in it is never quoted.
                let text = text.ok_or_else(|| malformed(other::binary(contents)))?;
                if let Some(what) = other::text(text) {
                    return Err(malformed(what));
                }
                let bytes = dump::read(text).map_err(|no| {
                    malformed(format!("line {}: {}: no dump in hexadecimal", no.line, no.what))
                })?;
                if !looks_like_a_record(&bytes) {
                    let expected = "16 03 01 or 16 03 03, and the length, as a handshake does";
                    let what = format!("its bytes begin no record of TLS: expected {expected}");
                    return Err(malformed(what));
                }
                Self::one_side(&bytes, question, &file)
            }
        }
    }

    /// What one side said, and nothing of the other.
    fn one_side(bytes: &[u8], question: &Question, file: &str) -> Result<Self, Failure> {
        if question.stream.is_some() {
            let message = format!("{file}: --stream picks a connection of a capture, and this is a dump");
            return Err(Failure::new(FailureKind::Usage, message));
        }
        let from = question.from.or_else(|| sounds_like(bytes)).ok_or_else(|| {
            let what = "it does not begin with a hello, so say who said it: --from client or --from server";
            Failure::new(FailureKind::Usage, format!("{file}: {what}"))
        })?;
        let mut recording = Self {
            what: format!("One side of a recording from elsewhere: what the {from} said, from {file}."),
            ..Self::default()
        };
        recording.keep(from, Duration::ZERO, bytes);
        Ok(recording)
    }

    fn captured(capture: &capture::Capture, question: &Question, file: &str) -> Result<Self, Failure> {
        let segments = Segments::of(&capture.packets);
        let stream = pick(&segments, capture, question, file)?;
        let of_stream: Vec<&Segment> =
            segments.all.iter().filter(|segment| segment.stream == stream).collect();
        let (runs, gaps) = reassemble(&of_stream);
        let said = |forth: bool| {
            let first = runs.iter().filter(|run| run.forth == forth).flat_map(|run| run.bytes);
            first.take(record::HEADER + 1).copied().collect::<Vec<u8>>()
        };
        let (forth, back) = (said(true), said(false));
        if !looks_like_a_record(&forth) && !looks_like_a_record(&back) {
            let message = format!("{file}: stream {stream} does not begin with TLS");
            return Err(Failure::new(FailureKind::Malformed, message));
        }
        let (opener, acceptor) = segments.streams[stream as usize];
        let forth_is_client = sounds_like(&forth)
            .map(|party| party == CLIENT)
            .or(sounds_like(&back).map(|party| party == SERVER))
            .unwrap_or(opener.port() >= acceptor.port());
        let (client, server) = if forth_is_client { (opener, acceptor) } else { (acceptor, opener) };
        let party = |forth: bool| if forth == forth_is_client { CLIENT } else { SERVER };

        let mut recording = Self {
            began: runs.first().map(|run| run.at),
            what: format!(
                "A recording from elsewhere: the client {client} with the server {server}, TCP stream {stream} \
                 in {file}."
            ),
            ..Self::default()
        };
        for run in &runs {
            let since = run.at.saturating_sub(recording.began.unwrap_or_default());
            recording.keep(party(run.forth), since, run.bytes);
        }
        for (gap, forth) in gaps.into_iter().zip([true, false]) {
            recording.gap(party(forth), gap);
        }
        let logs = capture.key_logs.iter().map(|log| String::from_utf8_lossy(log));
        recording.key_log =
            logs.flat_map(|log| log.lines().filter_map(KeyLogEntry::from_line).collect::<Vec<_>>()).collect();
        recording.others(&segments, stream);
        if let Some(error) = &capture.cut {
            let message = format!("{file}: the capture breaks off, and is told until there: {error}");
            recording.remarks.push("The file breaks off in the middle of a packet.".into());
            recording.cut = Some(Failure::new(FailureKind::Malformed, message));
        }
        Ok(recording)
    }

    /// Adds what was said, as long as there is room.
    fn keep(&mut self, from: Party, at: Duration, bytes: &[u8]) {
        let have = &mut self.kept[usize::from(from == SERVER)];
        let kept = bytes.len().min(KEPT_AT_MOST - *have);
        *have += kept;
        self.transcript.push(from, at, &bytes[..kept]);
        self.omit(from, (bytes.len() - kept) as u64);
    }

    fn omit(&mut self, from: Party, count: u64) {
        let omitted = &mut self.transcript.omitted;
        match omitted.iter_mut().find(|(party, _)| *party == from) {
            Some((_, omitted)) => *omitted += count,
            None if count > 0 => omitted.push((from, count)),
            None => {}
        }
    }

    fn gap(&mut self, from: Party, gap: Option<Gap>) {
        let Some(Gap { before, missing, behind, cut }) = gap else { return };
        let why =
            if cut { ", since packets were captured in part only (tcpdump -s 0 takes all)" } else { "" };
        self.remarks.push(format!(
            "The capture lacks {missing} bytes of what the {from} said, behind its first {before}{why}: the {behind} \
             behind the gap cannot be told."
        ));
        self.omit(from, missing.saturating_add(behind));
    }

    /// What else the capture holds.
    fn others(&mut self, segments: &Segments, stream: u32) {
        const MOST: usize = 8;
        let mut others: Vec<_> = segments
            .all
            .iter()
            .filter(|segment| begins_tls(segment.payload))
            .map(|segment| segment.stream)
            .collect();
        others.sort_unstable();
        others.dedup();
        others.retain(|&other| other != stream);
        if !others.is_empty() {
            let more = if others.len() > MOST { " and more" } else { "" };
            let names: Vec<_> = others.iter().take(MOST).map(u32::to_string).collect();
            self.remarks.push(format!("More TLS in the same capture: --stream {}{more}.", names.join(", ")));
        }
        if segments.fragments > 0 {
            self.remarks.push(format!(
                "{} packets are fragments of IP, which are not put together here.",
                segments.fragments
            ));
        }
    }
}

/// The connection that was asked for, or the first that speaks TLS.
fn pick(
    segments: &Segments,
    capture: &capture::Capture,
    question: &Question,
    file: &str,
) -> Result<u32, Failure> {
    let streams = segments.streams.len();
    if let Some(stream) = question.stream {
        return if (stream as usize) < streams {
            Ok(stream)
        } else {
            let there = match streams {
                0 => "no TCP".to_owned(),
                1 => "stream 0 alone".to_owned(),
                count => format!("streams 0 to {}", count - 1),
            };
            Err(Failure::new(FailureKind::Usage, format!("{file}: there is no stream {stream}, but {there}")))
        };
    }
    let tls = segments.all.iter().filter(|segment| begins_tls(segment.payload));
    tls.map(|segment| segment.stream).min().ok_or_else(|| {
        let packets = capture.packets.len();
        let unknown = match segments.unknown_link {
            Some(link) if streams == 0 => format!(" (link type {link} is not read here)"),
            _ => String::new(),
        };
        let what =
            format!("{packets} packets{unknown}, {streams} TCP connections, and no handshake of TLS in them");
        Failure::new(FailureKind::Malformed, format!("{file}: {what}"))
    })
}

/// Whether a segment begins with a record that begins with a hello.
fn begins_tls(payload: &[u8]) -> bool {
    looks_like_a_record(payload) && sounds_like(payload).is_some()
}

fn looks_like_a_record(bytes: &[u8]) -> bool {
    let Ok(header) = Header::read(&mut Reader::new(bytes)) else { return false };
    header.content_type.name().is_some()
        && header.version.0 >> 8 == 3
        && (1..=record::MAX_CIPHERTEXT).contains(&header.length.into())
}

/// Whose words these are: each side has its own hello.
fn sounds_like(bytes: &[u8]) -> Option<Party> {
    if bytes.first() != Some(&ContentType::HANDSHAKE.0) {
        return None;
    }
    match HandshakeType(*bytes.get(record::HEADER)?) {
        HandshakeType::CLIENT_HELLO => Some(CLIENT),
        HandshakeType::SERVER_HELLO => Some(SERVER),
        _ => None,
    }
}
