//! What is no recording, by its name: so whoever mistook a file for another learns which it is. Nothing
//! that stands in it is quoted, for it may be a key.

/// What was expected.
const EXPECTED: &str = "a capture (pcap, pcapng), records of TLS, or a dump of them in hexadecimal";

/// What a text is that is known, and what it would be good for.
pub(super) fn text(text: &str) -> Option<String> {
    let lines = || text.lines().map(str::trim);
    // What encloses PEM names what it holds (RFC 7468 §2).
    let label = lines().find_map(|line| line.strip_prefix("-----BEGIN ")?.strip_suffix("-----"));
    if let Some(label) = label {
        let known = LABELS.into_iter().find(|known| *known == label);
        let what = known.map_or_else(|| "a PEM file".to_owned(), |label| format!("a PEM file: {label}"));
        let help = match label {
            _ if label.ends_with("PRIVATE KEY") => {
                ". It may open a recording, if it is the server’s: dissect RECORDING --server-key FILE"
            }
            "CERTIFICATE" => ". A certificate is told where it crosses the wire: in a recording",
            _ => "",
        };
        return Some(format!("this is {what}, and no recording{help}. Expected {EXPECTED}"));
    }
    let first = lines().find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let language = match first.as_bytes().first() {
        Some(b'<') => Some("HTML or XML"),
        Some(b'{' | b'[') => Some("JSON"),
        _ => None,
    };
    if let Some(language) = language {
        return Some(format!(
            "this looks like {language}, and is no recording. What was drawn from one is not read back: dissect \
             the recording itself. Expected {EXPECTED}"
        ));
    }
    let word = first.split_ascii_whitespace().next()?;
    let is_log = ["CLIENT_RANDOM", "RSA"].contains(&word) || word.ends_with("_TRAFFIC_SECRET_0");
    is_log.then(|| {
        format!(
            "this is a key log, and no recording. It may open one: dissect RECORDING --keylog FILE. Expected {EXPECTED}"
        )
    })
}

/// The labels that are repeated; others are a stranger's words.
const LABELS: [&str; 8] = [
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PUBLIC KEY",
    "CERTIFICATE",
    "CERTIFICATE REQUEST",
];

/// What bytes are that are no text and no capture.
pub(super) fn binary(bytes: &[u8]) -> String {
    // A SEQUENCE with a length of two bytes, to the end: a key or a certificate (X.690 §8.1).
    let is_der = matches!(bytes, [0x30, 0x82, high, low, rest @ ..]
        if rest.len() == usize::from(u16::from_be_bytes([*high, *low])));
    let what = if is_der { "this is DER, a key or a certificate perhaps, and" } else { "it is binary, and" };
    format!("{what} not {EXPECTED}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_file_is_called_by_its_name_and_never_quoted() {
        let key = "Bag Attributes\n-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----\n";
        let said = text(key).unwrap();
        assert!(said.starts_with("this is a PEM file: PRIVATE KEY, and no recording."), "{said}");
        assert!(said.contains("--server-key") && !said.contains("MII") && !said.contains("Bag"), "{said}");
        let said = text("-----BEGIN correct horse-----\n").unwrap();
        assert!(said.starts_with("this is a PEM file, and no recording."), "{said}");
        let said = text("# a log\nCLIENT_RANDOM 0123 4567\n").unwrap();
        assert!(said.contains("--keylog") && !said.contains("0123"), "{said}");
        let said = text("<!DOCTYPE html>\n<title>secret</title>").unwrap();
        assert!(said.starts_with("this looks like HTML or XML,") && !said.contains("secret"), "{said}");
        assert!(text("{\"version\": 1}").unwrap().starts_with("this looks like JSON,"));
        assert_eq!(text("16 03 03"), None);
        assert!(binary(&[0x30, 0x82, 0, 1, 5]).starts_with("this is DER"));
        assert!(!binary(b"\x7fELF").contains("7f"));
    }
}
