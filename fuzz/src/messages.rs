//! Records and messages: read or refused, the same when they are watched, and written again as they were.

use std::sync::LazyLock;

use cutaway::tls::alert::Alert;
use cutaway::tls::dissect::{CLIENT, SERVER};
use cutaway::tls::extension::Extension;
use cutaway::tls::key_log::KeyLogEntry;
use cutaway::tls::message::Message;
use cutaway::tls::protection::Protection;
use cutaway::tls::record::{ContentType, HEADER, Header};
use cutaway::wire::{Reader, Transcript};

use crate::certificates::tiles;
use crate::hand::{certificate, messages as messages_of};
use crate::pair::{Pair, client, record, records, server};

/// A conversation of ours.
pub static CONVERSATION: LazyLock<Transcript> = LazyLock::new(|| Pair::whole(client(), server()).transcript);

pub fn messages(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(header) = Reader::new(&rest[..rest.len().min(HEADER)]).whole(Header::read) {
        assert_eq!(header.to_bytes(), rest[..HEADER]);
        let end = (HEADER + usize::from(header.length)).min(rest.len());
        fragment(header.content_type, &rest[HEADER..end]);
        rest = &rest[end..];
    }
    message(bytes);
    key_log(bytes);
}

fn fragment(content_type: ContentType, fragment: &[u8]) {
    message(fragment);
    if let Ok(alert) = Reader::new(fragment).whole(Alert::read) {
        assert_eq!(alert.to_bytes(), fragment);
        assert!(!alert.to_string().is_empty());
    }
    // Nobody sealed it.
    for mut direction in [Protection::gcm(&[1; 16], [2; 4]), Protection::cbc(&[1; 16], &[2; 32])] {
        let opened = direction.open(content_type, &mut fragment.to_vec()).map(|text| text.len());
        assert!(opened.is_err(), "{opened:?} of {} bytes opened", fragment.len());
    }
}

fn message(bytes: &[u8]) {
    let read = Message::from_bytes(bytes);
    let (watched, fields) = Reader::record(bytes, |r| {
        let message = Message::read(r)?;
        if r.left() == 0 { Ok(message) } else { Message::from_bytes(bytes) }
    });
    tiles(&fields, bytes.len());
    assert_eq!(read, watched, "watching changes nothing");
    match read {
        // A client's list of names of other kinds alone is read as no name, and no client writes that.
        Ok(Message::ClientHello(hello)) if hello.extensions.contains(&Extension::ServerName(None)) => {}
        Ok(message) => assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(message)),
        Err(error) => assert!(error.range().end <= bytes.len(), "{error}"),
    }
}

fn key_log(bytes: &[u8]) {
    for line in String::from_utf8_lossy(bytes).lines() {
        if let Some(entry) = KeyLogEntry::from_line(line) {
            let again = KeyLogEntry::from_line(&entry.to_line()).expect("just written");
            assert_eq!(again.to_line(), entry.to_line());
        }
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let said = [CLIENT, SERVER].map(|party| CONVERSATION.said_by(party));
    let single = said.iter().flat_map(|said| messages_of(said));
    let recorded = said.iter().flat_map(|said| records(said)).map(|(kind, fragment)| record(kind, fragment));
    let log = format!("RSA {} {}\nCLIENT_RANDOM {0} {1}\n", "0123456789abcdef", "5a".repeat(48));
    single.chain(recorded).chain([certificate().to_bytes(), log.into_bytes()]).chain(said.clone()).collect()
}
