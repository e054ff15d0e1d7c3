//! The files that a question consists of. `-` is standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::secret::SecretVec;
use crate::story::tls_handshake::{Failure, FailureKind};
use crate::tls::key_log::KeyLogEntry;
use crate::wire::reader::escape;

pub use crate::story::tls_handshake::files::private_key;

/// How much of a recording is read.
const LONGEST: u64 = 512 << 20;

/// How much of a key log is read: a browser's after some hundred thousand connections.
const LONGEST_KEY_LOG: u64 = 64 << 20;

/// The contents of a recording.
///
/// # Errors
/// If there is no such file, or it is too long.
pub fn recording(file: &Path) -> Result<Vec<u8>, Failure> {
    read(file, LONGEST)
}

/// The secrets in a key log, as OpenSSL, curl and browsers write it. Kinds of secrets that are not used
/// here are passed over, as those of TLS 1.3 are.
///
/// # Errors
/// If there is no such file, or a line is not that of a key log.
pub fn key_log(file: &Path) -> Result<Vec<KeyLogEntry>, Failure> {
    let contents = SecretVec::new(read(file, LONGEST_KEY_LOG)?);
    let malformed = |line: usize, what: &str| {
        let file = escape(&file.to_string_lossy());
        Failure::new(FailureKind::Malformed, format!("{file}: line {line}: {what}"))
    };
    let mut entries = Vec::new();
    for (line, text) in (1..).zip(contents.reveal().split(|&byte| byte == b'\n')) {
        // What is wrong with a line is said, and never what stands in it.
        let text =
            std::str::from_utf8(text).map_err(|_| malformed(line, "no text, and so no key log"))?.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match (KeyLogEntry::from_line(text), text.split_ascii_whitespace().next()) {
            (Some(entry), _) => entries.push(entry),
            (None, Some("CLIENT_RANDOM")) => {
                return Err(malformed(line, "CLIENT_RANDOM takes 32 bytes and 48, in hexadecimal"));
            }
            (None, Some("RSA")) => {
                return Err(malformed(line, "RSA takes 8 bytes and 48, in hexadecimal"));
            }
            (None, _) if text.split_ascii_whitespace().count() == 3 => {}
            _ => return Err(malformed(line, "expected a name, and two times bytes in hexadecimal")),
        }
    }
    Ok(entries)
}

fn read(file: &Path, longest: u64) -> Result<Vec<u8>, Failure> {
    let mut contents = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().take(longest + 1).read_to_end(&mut contents)
    } else {
        File::open(file).and_then(|file| file.take(longest + 1).read_to_end(&mut contents))
    };
    let name = file.to_string_lossy();
    let length = read.map_err(|error| Failure::io(&name, &error))?;
    if length as u64 > longest {
        let most = longest >> 20;
        let message = format!("{}: it has more than {most} MiB, the most that is read", escape(&name));
        return Err(Failure::new(FailureKind::Malformed, message));
    }
    Ok(contents)
}
