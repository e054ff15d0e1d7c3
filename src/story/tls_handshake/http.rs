//! What the two say in the tunnel: HTTP, one request and one response.

use std::io::{self, ErrorKind, Read, Write};

use crate::tls::{Client, Server, Stream};

/// How many bytes of an answer or a request are read at the most.
const LONGEST_TALK: usize = 1 << 20;

/// The client's part: the request, the answer, farewell.
pub(super) fn ask(stream: &mut Stream<Client, impl Read + Write>, path: &str, host: &str) -> io::Result<()> {
    // One write is one record.
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())?;
    read_answer(stream)
}

/// Reads the answer to its end, and says farewell.
fn read_answer(stream: &mut Stream<Client, impl Read + Write>) -> io::Result<()> {
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return stream.close(),
            Ok(length) => answer.extend_from_slice(&buffer[..length]),
            // Some servers end without a farewell. If it is all there, nothing was cut off.
            Err(error)
                if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset)
                    && is_whole(&answer) =>
            {
                return Ok(());
            }
            // One that said that it would end, and does not. There is nothing more to wait for.
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
                    && is_whole(&answer) =>
            {
                return stream.send_close_notify();
            }
            Err(error) => return Err(error),
        }
        // There may be no end to it, or none may be meant: then the farewell is ours, and RFC 5246 §7.2.1
        // asks nobody to wait for the other's.
        if answer.len() >= LONGEST_TALK || is_whole(&answer) && !ends_the_connection(&answer) {
            return stream.send_close_notify();
        }
    }
}

/// The head of a response, and what is there of its content.
fn parts(answer: &[u8]) -> Option<(&str, &[u8])> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some((std::str::from_utf8(&answer[..end]).ok()?, &answer[end + 4..]))
}

/// What the head says under this name.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// RFC 9112 §6: whether all is there that Content-Length promises, or the last of the chunks. Without
/// either the end of the connection is the end of the content.
fn is_whole(answer: &[u8]) -> bool {
    parts(answer).is_some_and(|(head, content)| {
        let coding = field(head, "transfer-encoding").unwrap_or_default();
        if coding.eq_ignore_ascii_case("chunked") {
            return content == b"0\r\n\r\n" || content.ends_with(b"\r\n0\r\n\r\n");
        }
        let length = field(head, "content-length").and_then(|length| length.parse::<usize>().ok());
        length.is_some_and(|length| content.len() >= length)
    })
}

/// RFC 9112 §9.3: whether the server will end the connection after this response, as we asked it to.
fn ends_the_connection(answer: &[u8]) -> bool {
    parts(answer).is_some_and(|(head, _)| {
        let options = field(head, "connection").unwrap_or_default().split(',').map(str::trim);
        let says = |option: &str| options.clone().any(|said| said.eq_ignore_ascii_case(option));
        says("close") || head.starts_with("HTTP/1.0") && !says("keep-alive")
    })
}

/// The server's part: the request, the page, farewell.
pub(super) fn answer(stream: &mut Stream<Server, impl Read + Write>, say: &str) -> io::Result<()> {
    if hear_request(stream)? {
        let length = format!("\r\nContent-Length: {}", say.len() + 1);
        stream.write_all(format!("{HEAD}{length}\r\n\r\n{say}\n").as_bytes())?;
    }
    stream.close()
}

/// The same, in two records with half of the page in each, and no word of its length: it ends where the
/// connection ends (RFC 9112 §6.3).
pub(super) fn answer_in_two(stream: &mut Stream<Server, impl Read + Write>, say: &str) -> io::Result<()> {
    if hear_request(stream)? {
        let half = (0..=say.len() / 2).rev().find(|&at| say.is_char_boundary(at));
        let (first, second) = say.split_at(half.unwrap_or_default());
        stream.write_all(format!("{HEAD}\r\n\r\n{first}").as_bytes())?;
        stream.write_all(format!("{second}\n").as_bytes())?;
    }
    stream.close()
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close";

/// Whether there was a request.
fn hear_request(stream: &mut Stream<Server, impl Read + Write>) -> io::Result<bool> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|four| four == b"\r\n\r\n") && request.len() < 16 * 1024 {
        match stream.read(&mut buffer)? {
            0 => return Ok(false),
            n => request.extend_from_slice(&buffer[..n]),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{ends_the_connection, is_whole};

    #[test]
    fn a_response_is_whole_when_its_content_is_as_long_as_it_says() {
        let response = b"HTTP/1.1 200 OK\r\ncontent-length:  5 \r\n\r\nhello";
        assert!(is_whole(response));
        for cut in 0..response.len() {
            assert!(!is_whole(&response[..cut]), "{cut} bytes");
        }
        assert!(!is_whole(b"HTTP/1.1 200 OK\r\n\r\nhello"), "it ends with the connection");
        assert!(!is_whole(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhello"));
    }

    #[test]
    fn the_server_ends_the_connection_if_it_says_so_or_speaks_http_1_0() {
        for (answer, ends) in [
            ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\nconnection: Upgrade, Close\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", false),
            ("HTTP/1.0 200 ok\r\nContent-Length: 0\r\n\r\n", true),
            ("HTTP/1.0 200 ok\r\nConnection: keep-alive\r\n\r\n", false),
        ] {
            assert_eq!(ends_the_connection(answer.as_bytes()), ends, "{answer}");
        }
    }
}
