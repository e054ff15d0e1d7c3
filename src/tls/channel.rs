//! Between bytes and messages: the channel alone splits, opens, joins, numbers and hashes.
//!
//! It hands up whole handshake messages, however they were cut, each with the hash of all that came
//! before it, so that Finished cannot hash itself. It refuses what no state could want: empty records,
//! records too long, a change of keys in the middle of a message.

use std::fmt;

use rand::CryptoRng;

use crate::hash::{HashAlgorithm, Hasher};
use crate::tls::alert::{Alert, AlertDescription, AlertLevel};
use crate::tls::error::Error;
use crate::tls::message::{self, HandshakeType, Message};
use crate::tls::protection::Protection;
use crate::tls::record::{self, ContentType, Header, MAX_CIPHERTEXT, MAX_PLAINTEXT, ProtocolVersion};
use crate::wire::Reader;

/// How many records without a byte of application data may come in a row.
pub const MAX_EMPTY_RECORDS: u32 = 32;

/// How many warnings a connection may send, wishes to begin anew among them.
pub const MAX_WARNINGS: u32 = 4;

/// What arrived.
#[derive(Debug)]
pub(crate) enum Received {
    /// A handshake message with its header, and the hash of those before it (empty until the suite
    /// is known).
    Handshake { bytes: Vec<u8>, hash_before: Vec<u8> },
    /// From here on the other side seals.
    ChangeCipherSpec,
    /// What the application over there says.
    ApplicationData(Vec<u8>),
    /// A warning, or the end.
    Alert(Alert),
}

/// The bytes of all handshake messages: kept until the suite says which hash, then hashed.
#[derive(Debug)]
enum HandshakeHash {
    Kept(Vec<u8>),
    Running(Hasher),
}

pub(crate) struct Channel {
    /// Where all that is random in a connection comes from.
    pub(crate) rng: Box<dyn CryptoRng + Send>,
    /// One record, until it is complete.
    incoming: Vec<u8>,
    /// Handshake bytes that are no whole message yet.
    handshake: Vec<u8>,
    outgoing: Vec<u8>,
    hash: HandshakeHash,
    opens: Option<Protection>,
    seals: Option<Protection>,
    /// The version that every record must bear, once one was negotiated.
    version: Option<ProtocolVersion>,
    /// Whether a record was taken: until then the peer may speak anything.
    heard_tls: bool,
    empty_records: u32,
    warnings: u32,
}

impl Channel {
    pub(crate) fn new(rng: impl CryptoRng + Send + 'static) -> Self {
        Self {
            rng: Box::new(rng),
            incoming: Vec::new(),
            handshake: Vec::new(),
            outgoing: Vec::new(),
            hash: HandshakeHash::Kept(Vec::new()),
            opens: None,
            seals: None,
            version: None,
            heard_tls: false,
            empty_records: 0,
            warnings: 0,
        }
    }

    /// Takes bytes from the wire until a record is complete, and says how many it took.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let mut taken = self.fill(bytes, record::HEADER);
        if self.incoming.len() >= record::HEADER {
            let header = self.header()?;
            taken += self.fill(&bytes[taken..], record::HEADER + usize::from(header.length));
        } else if !self.heard_tls {
            self.must_look_like_tls()?;
        }
        Ok(taken)
    }

    fn fill(&mut self, bytes: &[u8], until: usize) -> usize {
        let taken = until.saturating_sub(self.incoming.len()).min(bytes.len());
        self.incoming.extend_from_slice(&bytes[..taken]);
        taken
    }

    /// The header of the record that is coming in, if it may be one.
    fn header(&self) -> Result<Header, Error> {
        if !self.heard_tls {
            self.must_look_like_tls()?;
        }
        let decode = |source| Error::Decode { what: "record", source };
        let header = Header::read(&mut Reader::new(&self.incoming)).map_err(decode)?;
        let most = if self.opens.is_some() { MAX_CIPHERTEXT } else { MAX_PLAINTEXT };
        let length = usize::from(header.length);
        match self.version {
            _ if header.content_type.name().is_none() => {
                Err(Error::UnknownContentType { found: header.content_type })
            }
            Some(version) if header.version != version => Err(Error::RecordVersion { found: header.version }),
            None if header.version.0 >> 8 != 3 => Err(Error::RecordVersion { found: header.version }),
            _ if length > most => Err(Error::RecordOverflow { length, most }),
            _ => Ok(header),
        }
    }

    /// The first bytes of a conversation tell whether the other side speaks TLS at all.
    fn must_look_like_tls(&self) -> Result<(), Error> {
        let kind_is_known = self.incoming.first().is_none_or(|&kind| ContentType(kind).name().is_some());
        if kind_is_known && self.incoming.get(1).is_none_or(|&major| major == 3) {
            return Ok(());
        }
        Err(Error::NotTls { found: self.incoming.clone() })
    }

    /// The next thing that arrived, if a whole one has.
    pub(crate) fn next(&mut self) -> Result<Option<Received>, Error> {
        loop {
            if let Some(message) = self.next_message()? {
                return Ok(Some(message));
            }
            if self.incoming.len() < record::HEADER {
                return Ok(None);
            }
            let header = self.header()?;
            if self.incoming.len() < record::HEADER + usize::from(header.length) {
                return Ok(None);
            }
            self.heard_tls = true;
            let mut incoming = std::mem::take(&mut self.incoming);
            let fragment = &mut incoming[record::HEADER..];
            let plaintext = match &mut self.opens {
                Some(protection) => protection.open(header.content_type, fragment)?,
                None => fragment,
            };
            let received = self.record(header.content_type, plaintext)?;
            // The next record comes into the same room.
            incoming.clear();
            self.incoming = incoming;
            if received.is_some() {
                return Ok(received);
            }
        }
    }

    /// One opened record. Handshake bytes wait until they make a message.
    fn record(&mut self, content_type: ContentType, plaintext: &[u8]) -> Result<Option<Received>, Error> {
        if plaintext.is_empty() {
            self.empty_records += 1;
            if content_type != ContentType::APPLICATION_DATA {
                return Err(Error::EmptyRecord { content_type });
            }
            if self.empty_records > MAX_EMPTY_RECORDS {
                return Err(Error::TooManyEmptyRecords);
            }
        } else {
            self.empty_records = 0;
        }
        if content_type != ContentType::HANDSHAKE && !self.handshake.is_empty() {
            return Err(Error::InterruptedMessage { by: content_type });
        }
        match content_type {
            ContentType::HANDSHAKE => {
                self.handshake.extend_from_slice(plaintext);
                Ok(None)
            }
            ContentType::CHANGE_CIPHER_SPEC if plaintext == [1] => Ok(Some(Received::ChangeCipherSpec)),
            ContentType::CHANGE_CIPHER_SPEC => Err(Error::MalformedChangeCipherSpec),
            ContentType::ALERT => {
                let alert = Reader::new(plaintext).whole(Alert::read);
                let alert = alert.map_err(|source| Error::Decode { what: "alert", source })?;
                if alert.level == AlertLevel::WARNING && alert.description != AlertDescription::CLOSE_NOTIFY {
                    self.count_warning()?;
                }
                Ok(Some(Received::Alert(alert)))
            }
            _ => Ok(Some(Received::ApplicationData(plaintext.to_vec()))),
        }
    }

    /// Counts a warning, or a wish to begin anew: whoever keeps asking is asking for something else.
    pub(crate) fn count_warning(&mut self) -> Result<(), Error> {
        self.warnings += 1;
        if self.warnings > MAX_WARNINGS { Err(Error::TooManyWarnings) } else { Ok(()) }
    }

    /// The first whole message among the handshake bytes. A HelloRequest is never hashed (RFC 5246
    /// §7.4.1.1).
    fn next_message(&mut self) -> Result<Option<Received>, Error> {
        if self.handshake.len() < message::HEADER {
            return Ok(None);
        }
        let header = message::read_header(&mut Reader::new(&self.handshake));
        let (kind, length) = header.map_err(|source| Error::Decode { what: "handshake message", source })?;
        if self.handshake.len() < message::HEADER + length {
            return Ok(None);
        }
        let rest = self.handshake.split_off(message::HEADER + length);
        let bytes = std::mem::replace(&mut self.handshake, rest);
        let hash_before = self.handshake_hash();
        if kind != HandshakeType::HELLO_REQUEST {
            self.hash(&bytes);
        }
        Ok(Some(Received::Handshake { bytes, hash_before }))
    }

    fn hash(&mut self, message: &[u8]) {
        match &mut self.hash {
            HandshakeHash::Kept(messages) => messages.extend_from_slice(message),
            HandshakeHash::Running(hasher) => hasher.update(message),
        }
    }

    /// The suite is known, and with it the hash; from now on records bear its version.
    pub(crate) fn negotiated(&mut self, version: ProtocolVersion, algorithm: HashAlgorithm) {
        self.version = Some(version);
        if let HandshakeHash::Kept(messages) = &self.hash {
            let mut hasher = algorithm.hasher();
            hasher.update(messages);
            self.hash = HandshakeHash::Running(hasher);
        }
    }

    /// The hash of all handshake messages until now; empty until the suite is known.
    pub(crate) fn handshake_hash(&self) -> Vec<u8> {
        match &self.hash {
            HandshakeHash::Kept(_) => Vec::new(),
            HandshakeHash::Running(hasher) => hasher.clone().finish(),
        }
    }

    /// From the next record on the other side seals.
    pub(crate) fn open_with(&mut self, protection: Protection) {
        self.opens = Some(protection);
    }

    /// From the next record on we seal.
    pub(crate) fn seal_with(&mut self, protection: Protection) {
        self.seals = Some(protection);
    }

    /// Refuses to begin anew (RFC 5246 §7.2.2).
    pub(crate) fn refuse_renegotiation(&mut self) -> Result<(), Error> {
        self.count_warning()?;
        let refusal = Alert::warning(AlertDescription::NO_RENEGOTIATION);
        self.send(ContentType::ALERT, &refusal.to_bytes())
    }

    /// Sends a handshake message, and hashes it.
    pub(crate) fn send_message(&mut self, message: &Message) -> Result<(), Error> {
        let bytes = message.to_bytes();
        self.hash(&bytes);
        self.send(ContentType::HANDSHAKE, &bytes)
    }

    /// Sends bytes in as many records as they need.
    pub(crate) fn send(&mut self, content_type: ContentType, bytes: &[u8]) -> Result<(), Error> {
        for fragment in bytes.chunks(MAX_PLAINTEXT) {
            match &mut self.seals {
                Some(protection) => {
                    protection.seal(&mut self.rng, content_type, fragment, &mut self.outgoing)?;
                }
                None => {
                    let version = self.version.unwrap_or(ProtocolVersion::TLS_1_0);
                    let header = Header { content_type, version, length: fragment.len() as u16 };
                    self.outgoing.extend_from_slice(&header.to_bytes());
                    self.outgoing.extend_from_slice(fragment);
                }
            }
        }
        Ok(())
    }

    /// What is to be written to the wire.
    pub(crate) fn take_outgoing(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.outgoing)
    }

    pub(crate) fn has_outgoing(&self) -> bool {
        !self.outgoing.is_empty()
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("opens", &self.opens)
            .field("seals", &self.seals)
            .finish_non_exhaustive()
    }
}
