//! The handshake bytes of one record: whole messages, and pieces of those that lie in several.

use crate::tls::message::{self, HandshakeType, Message};
use crate::tls::suite::CipherSuite;
use crate::wire::{ReadError, Reader};

/// A run of handshake bytes in one record: a whole message with the id of its field, or a piece of one.
pub(super) struct Piece {
    pub(super) range: std::ops::Range<usize>,
    pub(super) field: Option<usize>,
}

/// Names the handshake bytes of one record: first the rest of a message that began earlier, then whole
/// messages, then the beginning of one that ends later. A message that is not as it should be is named
/// as far as it can be read, and does not hide those behind it.
pub(super) fn read_handshake(r: &mut Reader, needed: usize, suite: Option<CipherSuite>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let fragment = |r: &mut Reader, n: usize| {
        let start = r.position();
        r.bytes("fragment", n).map(|_| Piece { range: start..start + n, field: None })
    };
    if needed > 0 {
        pieces.extend(fragment(r, needed));
    }
    while r.left() > 0 {
        let start = r.position();
        let header = message::read_header(&mut Reader::new(r.ahead()));
        match header {
            Ok((_, length)) if r.left() >= message::HEADER + length => {
                let length = message::HEADER + length;
                let field = r.fields_so_far();
                let _ = r.confined(length, |r| read_message(r, suite));
                pieces.push(Piece { range: start..start + length, field: Some(field) });
            }
            _ => pieces.extend(fragment(r, r.left())),
        }
    }
    pieces
}

/// Names a handshake message. What the client says in a key exchange other than the one that is
/// implemented here is not taken apart.
pub(super) fn read_message(r: &mut Reader, suite: Option<CipherSuite>) -> Result<(), ReadError> {
    let exchange = r.peek() == Some(HandshakeType::CLIENT_KEY_EXCHANGE.0);
    if exchange && suite.is_some_and(|suite| !suite.is_rsa_key_transport()) {
        return r.group("ClientKeyExchange", |r| {
            let (_, length) = message::read_header(r)?;
            r.bytes("exchange_keys", length).map(drop)
        });
    }
    let server = r.peek() == Some(HandshakeType::SERVER_KEY_EXCHANGE.0);
    if server && suite.is_some_and(|suite| suite.to_string().starts_with("TLS_ECDHE_")) {
        return r.group("ServerKeyExchange", |r| {
            let (_, length) = message::read_header(r)?;
            r.confined(length, read_ecdhe)
        });
    }
    Message::read(r).map(drop)
}

/// The server's public half on a named curve, and its signature under that (RFC 8422 §5.4).
fn read_ecdhe(r: &mut Reader) -> Result<(), ReadError> {
    r.group("ServerECDHParams", |r| {
        r.bytes("curve_type", 1)?;
        r.bytes("namedcurve", 2)?;
        r.bytes8("public", 1..=0xff).map(drop)
    })?;
    r.bytes("algorithm", 2)?;
    r.bytes16("signature", 0..=0xffff).map(drop)
}
