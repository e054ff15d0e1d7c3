//! Bytes as text: the dumps of `xxd`, `hexdump -C`, `od -Ax -tx1` and Wireshark, or digits alone.

/// Why a text is no dump: the line, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoDump {
    pub(super) line: usize,
    pub(super) what: String,
}

/// The bytes that the text stands for. Between digits there may be what people put there: space, colons,
/// commas, `0x`. Lines may begin with the place of their first byte, and end in the same bytes as
/// characters; then the places are held against what was read.
pub(super) fn read(text: &str) -> Result<Vec<u8>, NoDump> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut placed = false;
    for (line, text) in (1..).zip(text.lines()) {
        let wrong = |what: String| NoDump { line, what };
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if text == "*" {
            return Err(wrong("“*” stands for lines that were left out; hexdump -v writes them".into()));
        }
        // The place behind the last byte, at the end of a dump.
        if placed && u64::from_str_radix(text, 16) == Ok(bytes.len() as u64) {
            continue;
        }
        let (place, digits) = cut(text);
        // What begins with anything else than the place of its first byte has none.
        let (place, digits) = if !placed && place != Some(0) { (None, text) } else { (place, digits) };
        placed |= place.is_some();
        if let Some(place) = place
            && place != bytes.len() as u64
        {
            let what = format!("{:#x} bytes came before it, and it says another place", bytes.len());
            return Err(wrong(what));
        }
        for word in digits.split([' ', '\t', ':', ',', ';', '-']).filter(|word| !word.is_empty()) {
            // Which word it is, is said; what stands there is not, for it may be the word of a key.
            let place = word.as_ptr() as usize - text.as_ptr() as usize + 1;
            let word = word.strip_prefix("0x").or(word.strip_prefix("\\x")).unwrap_or(word);
            let decoded = hex::decode(word).map_err(|why| {
                let why = match why {
                    hex::FromHexError::OddLength if word.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
                        "half a byte, an odd number of digits"
                    }
                    _ => "no bytes in hexadecimal",
                };
                wrong(format!("column {place}: {why}"))
            })?;
            bytes.extend(decoded);
        }
    }
    Ok(bytes)
}

/// The place that a line begins with, if it does, and its digits without the characters behind them.
fn cut(line: &str) -> (Option<u64>, &str) {
    let end = line.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(line.len());
    let (first, rest) = line.split_at(end);
    let place = u64::from_str_radix(first, 16).ok();
    // xxd: a colon, and two spaces before the characters.
    if let Some(rest) = rest.strip_prefix(": ")
        && first.len() >= 4
    {
        return (place, rest.split("  ").next().unwrap_or_default());
    }
    // A place is longer than the bytes behind it, which stand one by one.
    let alone = |word: &str| word.len() == 2 && word.bytes().all(|digit| digit.is_ascii_hexdigit());
    let one_by_one = rest.split_whitespace().next().is_some_and(alone);
    if first.len() >= 4 && rest.starts_with(' ') && one_by_one {
        let rest = rest.trim_start();
        let end = rest.find('|').into_iter().chain(rest.find("   ")).min().unwrap_or(rest.len());
        return (place, &rest[..end]);
    }
    (None, line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_writing_the_same_bytes_gives_them() {
        let expected: Vec<u8> = (0x60..0x74).collect();
        for text in [
            "00000000: 6061 6263 6465 6667 6869 6a6b 6c6d 6e6f  `abcdefghijklmno\n00000010: 7071 7273                                pqrs\n",
            "00000000  60 61 62 63 64 65 66 67  68 69 6a 6b 6c 6d 6e 6f  |`abcdefghijklmno|\n00000010  70 71 72 73                                       |pqrs|\n00000014\n",
            "000000 60 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f\n000010 70 71 72 73\n000014\n",
            "0000   60 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f   `abcdefghijklmno\n0010   70 71 72 73                                       pqrs\n",
            "# one side\n606162636465666768696a6b6c6d6e6f\n\n70717273",
            "60:61:62:63:64:65:66:67:68:69:6A:6B:6C:6D:6E:6F:70:71:72:73",
            "0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69,\n0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73",
        ] {
            assert_eq!(read(text).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn a_dump_with_a_hole_or_half_a_byte_is_refused_at_its_line() {
        for (text, line, what) in [
            ("0000  60 61\n0010  62 63\n", 2, "0x2 bytes came before it, and it says another place"),
            ("00000000  60 61\n*\n", 2, "“*” stands for lines that were left out; hexdump -v writes them"),
            ("60 61\n62 6\n", 2, "column 4: half a byte, an odd number of digits"),
            ("hello world", 1, "column 1: no bytes in hexadecimal"),
        ] {
            assert_eq!(read(text), Err(NoDump { line, what: what.into() }), "{text}");
        }
    }
}
