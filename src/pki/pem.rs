//! PEM: DER as text, between two lines that say what it is
//! ([RFC 7468](https://www.rfc-editor.org/rfc/rfc7468)).
//!
//! *Constant time: base64, since it may be a private key's. Public: the lines' lengths and white space.*

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use crate::secret::SecretVec;

/// Characters in a line of base64 (RFC 7468 §2).
const WIDTH: usize = 64;

/// One block of a file.
///
/// ```
/// use cutaway::pki::pem;
/// let text = pem::write("CERTIFICATE", &[0x30, 0x00]);
/// assert_eq!(text, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
/// let blocks = pem::read(format!("some words before it\n{text}").as_bytes()).unwrap();
/// assert_eq!((blocks[0].label(), blocks[0].contents()), ("CERTIFICATE", &[0x30, 0x00][..]));
/// ```
#[derive(Debug)]
pub struct Block {
    label: String,
    line: usize,
    contents: SecretVec,
}

impl Block {
    /// What it says that it is: `CERTIFICATE`, `RSA PRIVATE KEY`.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Which line of the file it begins on, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The bytes in it; it may be a private key.
    #[must_use]
    pub fn contents(&self) -> &[u8] {
        self.contents.reveal()
    }
}

/// A file that is not PEM, with the line (counted from 1). It quotes no base64.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    /// A block without its end.
    #[error("line {line}: -----BEGIN {label}----- has no -----END {label}-----: the file is cut short")]
    Unended {
        /// Where the block begins.
        line: usize,
        /// What it says that it is.
        label: String,
    },
    /// A block with the end of another.
    #[error("line {line}: found -----END {found}-----, expected -----END {expected}-----")]
    WrongEnd {
        /// Where the end stands.
        line: usize,
        /// The label there.
        found: String,
        /// The label of the block.
        expected: String,
    },
    /// A character that base64 does not have, or padding where none belongs.
    #[error("line {line}: not base64 (RFC 7468 §3)")]
    NotBase64 {
        /// The line that is wrong.
        line: usize,
    },
    /// A block whose base64 ends within a byte.
    #[error("line {line}: the base64 of this block ends within a byte")]
    Cut {
        /// Its last line.
        line: usize,
    },
    /// A block that older programs sealed with a password (RFC 1421's headers).
    #[error("line {line}: {label} is sealed with a password; `openssl rsa -in FILE -out FILE` opens it")]
    Encrypted {
        /// Where that is said.
        line: usize,
        /// What it says that it is.
        label: String,
    },
}

/// The blocks of a file, in order. Text between them says nothing (RFC 7468 §2).
///
/// # Errors
/// [`PemError`] for a block that is broken. A file without blocks is no error here.
pub fn read(text: &[u8]) -> Result<Vec<Block>, PemError> {
    let mut blocks = Vec::new();
    // Some editors put a byte-order mark before all.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).zip(1..);
    while let Some((line, number)) = lines.next() {
        if let Some(label) = boundary(line, "BEGIN") {
            blocks.push(block(label, number, &mut lines)?);
        }
    }
    Ok(blocks)
}

/// The label of a line `-----BEGIN label-----`.
fn boundary(line: &[u8], which: &str) -> Option<String> {
    let label = line.strip_prefix(b"-----")?.strip_suffix(b"-----")?;
    let label = label.strip_prefix(which.as_bytes())?.strip_prefix(b" ")?;
    label.iter().all(|byte| (b' '..=b'~').contains(byte)).then(|| String::from_utf8_lossy(label).into_owned())
}

fn block<'a>(
    label: String,
    begin: usize,
    lines: &mut impl Iterator<Item = (&'a [u8], usize)>,
) -> Result<Block, PemError> {
    let mut body: Vec<(&[u8], usize)> = Vec::new();
    for (line, number) in lines {
        if let Some(found) = boundary(line, "END") {
            if found != label {
                return Err(PemError::WrongEnd { line: number, found, expected: label });
            }
            return Ok(Block { contents: decode(&body, number)?, label, line: begin });
        }
        if line.starts_with(b"Proc-Type:") {
            return Err(PemError::Encrypted { line: number, label });
        }
        if boundary(line, "BEGIN").is_some() {
            break;
        }
        body.push((line, number));
    }
    Err(PemError::Unended { line: begin, label })
}

fn decode(body: &[(&[u8], usize)], end: usize) -> Result<SecretVec, PemError> {
    let mut joined = Zeroizing::new(Vec::with_capacity(body.iter().map(|(line, _)| line.len()).sum()));
    for (line, _) in body {
        joined.extend_from_slice(line);
    }
    // What is decoded is never longer than its text, so the buffer does not move.
    let mut contents = vec![0; joined.len()];
    match Base64::decode(joined.as_slice(), &mut contents).map(<[u8]>::len) {
        Ok(length) => {
            contents.truncate(length);
            Ok(SecretVec::new(contents))
        }
        Err(_) => {
            drop(SecretVec::new(contents));
            Err(blame(body, end))
        }
    }
}

/// Which line is wrong. Only a broken file comes here, so characters may be looked at.
fn blame(body: &[(&[u8], usize)], end: usize) -> PemError {
    let in_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let last = body.iter().rposition(|(line, _)| !line.is_empty()).unwrap_or(0);
    for (i, &(text, line)) in body.iter().enumerate() {
        let padding =
            if i == last { text.iter().rev().take(2).take_while(|&&byte| byte == b'=').count() } else { 0 };
        if !text[..text.len() - padding].iter().all(in_alphabet) {
            return PemError::NotBase64 { line };
        }
    }
    PemError::Cut { line: body.get(last).map_or(end, |&(_, line)| line) }
}

/// A block as text. What is inside may be secret: the text is zeroed only if the caller does so.
#[must_use]
pub fn write(label: &str, contents: &[u8]) -> String {
    let base64 = Zeroizing::new(Base64::encode_string(contents));
    // Room for all of it, so that a private key is not left behind in a smaller allocation.
    let lines = base64.len().div_ceil(WIDTH);
    let mut text = String::with_capacity(base64.len() + lines + 2 * label.len() + 40);
    text.push_str(&format!("-----BEGIN {label}-----\n"));
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(WIDTH));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_whatever_stands_around() {
        let one = write("RSA PRIVATE KEY", &[7; 100]);
        let two = write("CERTIFICATE", &[]);
        let file =
            format!("Bag Attributes\n\tfriendlyName: x\r\n{}\nwords\n{two}", one.replace('\n', " \r\n"));
        let blocks = read(file.as_bytes()).unwrap();
        assert_eq!(blocks.iter().map(Block::label).collect::<Vec<_>>(), ["RSA PRIVATE KEY", "CERTIFICATE"]);
        assert_eq!((blocks[0].line(), blocks[0].contents()), (3, &[7; 100][..]));
        assert_eq!((blocks[1].line(), blocks[1].contents()), (10, &[][..]));
        assert!(read(b"no block at all\n").unwrap().is_empty());
    }

    #[test]
    fn says_which_line_is_wrong() {
        let why = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
        let wrapped = |body: &str| why(&format!("\n-----BEGIN X-----\n{body}\n-----END X-----\n"));
        assert_eq!(wrapped("MAAw\nMA*w\nMAAw"), "line 4: not base64 (RFC 7468 §3)");
        assert_eq!(wrapped("MAA=\nMAAw"), "line 3: not base64 (RFC 7468 §3)");
        assert_eq!(wrapped("MAAw\nMAAwM"), "line 4: the base64 of this block ends within a byte");
        assert_eq!(wrapped("MAB="), "line 3: the base64 of this block ends within a byte");
        assert_eq!(
            why("-----BEGIN X-----\nMAAw\n"),
            "line 1: -----BEGIN X----- has no -----END X-----: the file is cut short"
        );
        assert_eq!(
            why("-----BEGIN X-----\nMAAw\n-----END Y-----"),
            "line 3: found -----END Y-----, expected -----END X-----"
        );
        assert_eq!(
            why(
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\nMAAw\n-----END RSA PRIVATE KEY-----"
            ),
            "line 2: RSA PRIVATE KEY is sealed with a password; `openssl rsa -in FILE -out FILE` opens it"
        );
    }
}
