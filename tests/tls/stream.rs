//! The adapter to a stream of bytes: what reads and writes return, and above all how an end looks.

use std::io::{self, Cursor, ErrorKind, Read, Write};

use cutaway::tls::dissect::SERVER;
use cutaway::tls::message::Message;
use cutaway::tls::record::ContentType;
use cutaway::tls::stream::protocol_error;
use cutaway::tls::{Client, Connection, Error, Stream};

use crate::hand::{Stage, client_at, server_hello};
use crate::pair::{ANSWER, Pair, QUESTION, client, records, server};

/// A network that says what was recorded, in pieces of `most` bytes, and then ends.
struct Played {
    said: Cursor<Vec<u8>>,
    most: usize,
    heard: Vec<u8>,
}

impl Read for Played {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.most.min(buffer.len());
        self.said.read(&mut buffer[..most])
    }
}

impl Write for Played {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.heard.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn played(said: Vec<u8>, most: usize) -> Stream<Client, Played> {
    Stream::new(client(), Played { said: Cursor::new(said), most, heard: Vec::new() })
}

/// All that the server says in a good conversation.
fn servers() -> Vec<u8> {
    Pair::whole(client(), server()).transcript.said_by(SERVER)
}

#[test]
fn a_read_returns_zero_after_close_notify() {
    for most in [1, 7, usize::MAX] {
        let mut stream = played(servers(), most);
        stream.handshake().unwrap();
        stream.write_all(QUESTION).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert_eq!(answer, ANSWER);
        assert_eq!(stream.read(&mut [0; 9]).unwrap(), 0, "and again");
        stream.close().unwrap();
    }
}

/// An attacker can cut a connection, and must not pass for a server that was done (truncation attack).
#[test]
fn an_end_without_close_notify_is_an_error_wherever_it_comes() {
    let said = servers();
    let (_, farewell) = *records(&said).last().expect("the farewell");
    let before_farewell = said.len() - 5 - farewell.len();
    for cut in 0..said.len() {
        let mut stream = played(said[..cut].to_vec(), usize::MAX);
        let mut answer = Vec::new();
        let error = stream
            .handshake()
            .map(drop)
            .and_then(|()| stream.read_to_end(&mut answer).map(drop))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "cut at {cut}: {error}");
        assert!(ANSWER.starts_with(&answer));
        assert!(cut < before_farewell || answer == ANSWER, "what came before the end is not lost");
        assert!(error.to_string().contains("without close_notify"), "{error}");
    }
    let error = played(Vec::new(), 1).handshake().unwrap_err();
    assert!(error.to_string().contains("while ServerHello was expected"), "{error}");
}

#[test]
fn an_error_of_the_protocol_can_be_had_back_and_its_alert_was_written() {
    let mut said = servers();
    said[5 + 4] ^= 0x40; // The major version in the ServerHello.
    let mut stream = played(said, usize::MAX);
    let error = stream.handshake().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(matches!(protocol_error(&error), Some(Error::NoCommonVersion { .. })), "{error}");
    let heard = &stream.get_ref().heard;
    assert_eq!(*records(heard).last().expect("the alert"), (ContentType::ALERT, [2, 70].as_slice()));
    assert_eq!(stream.write(b"x").unwrap_err().kind(), ErrorKind::NotConnected);
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::NotConnected);
}

#[test]
fn nothing_is_written_before_the_handshake_is_over() {
    let mut stream = played(servers(), usize::MAX);
    let error = stream.write(b"too early").unwrap_err();
    assert!(matches!(protocol_error(&error), Some(Error::NotOpen)), "{error}");
}

#[test]
fn a_long_write_is_cut_into_records() {
    let mut stream = played(servers(), usize::MAX);
    stream.handshake().unwrap();
    stream.write_all(&[7; 40_000]).unwrap();
    let lengths: Vec<usize> = records(&stream.get_ref().heard)
        .into_iter()
        .filter(|(kind, _)| *kind == ContentType::APPLICATION_DATA)
        .map(|(_, fragment)| fragment.len() - 24)
        .collect();
    assert_eq!(lengths, [16_384, 16_384, 7_232]);
}

/// A server that goes away after our close_notify: nothing more was wanted from it.
#[test]
fn closing_is_content_with_a_server_that_just_goes_away() {
    let said = servers();
    let (_, farewell) = *records(&said).last().expect("the farewell");
    let mut stream = played(said[..said.len() - 5 - farewell.len()].to_vec(), usize::MAX);
    stream.handshake().unwrap();
    stream.close().unwrap();
    assert_eq!(stream.write(b"x").unwrap_err().kind(), ErrorKind::NotConnected);
}

/// Closing waits for the other side and drops what it still says; a record that was altered is no end.
#[test]
fn closing_drops_data_and_still_refuses_what_was_altered() {
    let mut stream = played(servers(), usize::MAX);
    stream.handshake().unwrap();
    stream.close().unwrap();
    assert!(stream.connection().peer_has_closed());

    let mut said = servers();
    *said.last_mut().expect("the farewell's tag") ^= 1;
    let mut stream = played(said, usize::MAX);
    stream.handshake().unwrap();
    let error = stream.close().unwrap_err();
    assert!(matches!(protocol_error(&error), Some(Error::BadRecordMac)), "{error}");
}

/// What a server says after the handshake reaches a client that only writes: its refusal is sent with
/// the next bytes.
#[test]
fn a_refusal_to_renegotiate_is_sent_while_reading() {
    let (mut hand, client) = client_at(Stage::Open, &server_hello());
    let said = [hand.say(&Message::HelloRequest), hand.record(ContentType::APPLICATION_DATA, b"x")].concat();
    let mut stream =
        Stream::new(client, Played { said: Cursor::new(said), most: usize::MAX, heard: Vec::new() });
    assert_eq!(stream.read(&mut [0; 9]).unwrap(), 1);
    let heard = hand.hear(&stream.get_ref().heard);
    assert_eq!(heard, [(ContentType::ALERT, vec![1, 100])]);
}
