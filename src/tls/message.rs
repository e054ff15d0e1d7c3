//! Handshake messages: a type, a length of three bytes, and a body (RFC 5246 §7.4).

use crate::tls::certificate::{CertificateMessage, CertificateRequest};
use crate::tls::finished::Finished;
use crate::tls::hello::{ClientHello, ServerHello};
use crate::tls::key_exchange::ClientKeyExchange;
use crate::wire::reader::follow;
use crate::wire::value::open_enum;
use crate::wire::{ReadError, Reader, Writer};

/// Bytes of a handshake message before its body.
pub const HEADER: usize = 4;

/// Bytes of a message's body at the most. The standard's length could count to 2²⁴−1; the longest
/// real message is a chain of certificates, and no chain that a browser meets comes near this.
pub const MAX_BODY: usize = 64 * 1024;

open_enum! {
    /// Which message. The names are the standard's own for the structures.
    pub struct HandshakeType(u8) {
        /// A server's wish to begin anew.
        HELLO_REQUEST = 0 "HelloRequest";
        /// What the client can do.
        CLIENT_HELLO = 1 "ClientHello";
        /// What the server picks.
        SERVER_HELLO = 2 "ServerHello";
        /// A ticket for a later resumption (RFC 5077).
        NEW_SESSION_TICKET = 4 "NewSessionTicket";
        /// Who the sender is.
        CERTIFICATE = 11 "Certificate";
        /// The server's half of a key agreement.
        SERVER_KEY_EXCHANGE = 12 "ServerKeyExchange";
        /// A wish for the client's certificate.
        CERTIFICATE_REQUEST = 13 "CertificateRequest";
        /// The server has said all it has to say.
        SERVER_HELLO_DONE = 14 "ServerHelloDone";
        /// The client's proof that it holds its private key.
        CERTIFICATE_VERIFY = 15 "CertificateVerify";
        /// The premaster secret, sealed.
        CLIENT_KEY_EXCHANGE = 16 "ClientKeyExchange";
        /// The proof that both heard the same.
        FINISHED = 20 "Finished";
        /// The state of the certificate (RFC 6066 §8).
        CERTIFICATE_STATUS = 22 "CertificateStatus";
    }
}

/// A handshake message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// A server's wish to begin anew. It is never hashed.
    HelloRequest,
    /// What the client can do.
    ClientHello(ClientHello),
    /// What the server picks.
    ServerHello(ServerHello),
    /// Who the sender is.
    Certificate(CertificateMessage),
    /// A wish for the client's certificate.
    CertificateRequest(CertificateRequest),
    /// The server has said all it has to say.
    ServerHelloDone,
    /// The premaster secret, sealed.
    ClientKeyExchange(ClientKeyExchange),
    /// The proof that both heard the same.
    Finished(Finished),
    /// A message that no suite here has, unread.
    Other {
        /// Which.
        kind: HandshakeType,
        /// Its body.
        body: Vec<u8>,
    },
}

/// The length of a handshake message's body.
struct Length(usize);

impl std::fmt::Display for Length {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&follow(self.0))
    }
}

impl crate::wire::Value<'_> for Length {
    const LENGTH: Option<usize> = Some(3);

    fn decode(bytes: &[u8]) -> Result<Self, crate::wire::Refused> {
        let length = bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
        if length > MAX_BODY {
            return Err(format!("{length} bytes, and {MAX_BODY} are the most that is taken").into());
        }
        Ok(Self(length))
    }
}

/// Reads the first four bytes of a message: its type and the length of its body.
///
/// # Errors
/// If there are fewer than four bytes, or the body would be longer than [`MAX_BODY`].
pub fn read_header(r: &mut Reader) -> Result<(HandshakeType, usize), ReadError> {
    Ok((r.value("msg_type")?, r.value::<Length>("length")?.0))
}

impl Message {
    /// Which message it is.
    #[must_use]
    pub fn kind(&self) -> HandshakeType {
        match self {
            Self::HelloRequest => HandshakeType::HELLO_REQUEST,
            Self::ClientHello(_) => HandshakeType::CLIENT_HELLO,
            Self::ServerHello(_) => HandshakeType::SERVER_HELLO,
            Self::Certificate(_) => HandshakeType::CERTIFICATE,
            Self::CertificateRequest(_) => HandshakeType::CERTIFICATE_REQUEST,
            Self::ServerHelloDone => HandshakeType::SERVER_HELLO_DONE,
            Self::ClientKeyExchange(_) => HandshakeType::CLIENT_KEY_EXCHANGE,
            Self::Finished(_) => HandshakeType::FINISHED,
            Self::Other { kind, .. } => *kind,
        }
    }

    /// Reads a message with its header.
    ///
    /// # Errors
    /// If the body is not as the standard has it, or longer than [`MAX_BODY`].
    #[inline]
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        let label = r.peek().and_then(|kind| HandshakeType(kind).name()).unwrap_or("Handshake");
        r.group(label, |r| {
            let (kind, length) = read_header(r)?;
            r.confined(length, |r| match kind {
                HandshakeType::HELLO_REQUEST => Ok(Self::HelloRequest),
                HandshakeType::CLIENT_HELLO => ClientHello::read(r).map(Self::ClientHello),
                HandshakeType::SERVER_HELLO => ServerHello::read(r).map(Self::ServerHello),
                HandshakeType::CERTIFICATE => CertificateMessage::read(r).map(Self::Certificate),
                HandshakeType::CERTIFICATE_REQUEST => {
                    CertificateRequest::read(r).map(Self::CertificateRequest)
                }
                HandshakeType::SERVER_HELLO_DONE => Ok(Self::ServerHelloDone),
                HandshakeType::CLIENT_KEY_EXCHANGE => ClientKeyExchange::read(r).map(Self::ClientKeyExchange),
                HandshakeType::FINISHED => Finished::read(r).map(Self::Finished),
                _ => Ok(Self::Other { kind, body: r.rest("body").to_vec() }),
            })
        })
    }

    /// The message of these bytes, which must be all of it and nothing else.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReadError> {
        Reader::new(bytes).whole(Self::read)
    }

    /// The message's bytes, with its header.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.u8(self.kind().0);
        w.vector24(|w| match self {
            Self::HelloRequest | Self::ServerHelloDone => {}
            Self::ClientHello(hello) => hello.write(w),
            Self::ServerHello(hello) => hello.write(w),
            Self::Certificate(certificate) => certificate.write(w),
            Self::CertificateRequest(request) => request.write(w),
            Self::ClientKeyExchange(exchange) => exchange.write(w),
            Self::Finished(finished) => finished.write(w),
            Self::Other { body, .. } => w.bytes(body),
        });
        w.finish()
    }
}
