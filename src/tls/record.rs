//! Records: how TLS cuts a conversation into pieces (RFC 5246 §6.2).
//!
//! ```text
//! struct { ContentType type; ProtocolVersion version; uint16 length; opaque fragment[length]; }
//! ```

use crate::wire::reader::follow;
use crate::wire::value::open_enum;
use crate::wire::{ReadError, Reader, Refused, Value, Writer};

/// Bytes of a record before its fragment.
pub const HEADER: usize = 5;

/// Bytes of plaintext that one record holds at the most (RFC 5246 §6.2.1).
pub const MAX_PLAINTEXT: usize = 1 << 14;

/// Bytes of a sealed fragment at the most (RFC 5246 §6.2.3).
pub const MAX_CIPHERTEXT: usize = MAX_PLAINTEXT + 2048;

open_enum! {
    /// What a record carries.
    pub struct ContentType(u8) {
        /// From here on this side seals.
        CHANGE_CIPHER_SPEC = 20 "change_cipher_spec";
        /// A warning, or the end.
        ALERT = 21 "alert";
        /// Handshake messages, or pieces of them.
        HANDSHAKE = 22 "handshake";
        /// What the application says.
        APPLICATION_DATA = 23 "application_data";
    }
}

open_enum! {
    /// A version of the protocol.
    pub struct ProtocolVersion(u16) {
        /// SSL 3.0, broken (RFC 7568).
        SSL_3_0 = 0x0300 "SSL 3.0";
        /// TLS 1.0, deprecated (RFC 8996).
        TLS_1_0 = 0x0301 "TLS 1.0";
        /// TLS 1.1, deprecated (RFC 8996).
        TLS_1_1 = 0x0302 "TLS 1.1";
        /// TLS 1.2 (RFC 5246).
        TLS_1_2 = 0x0303 "TLS 1.2";
        /// TLS 1.3 (RFC 8446).
        TLS_1_3 = 0x0304 "TLS 1.3";
    }
}

/// The first five bytes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What it carries.
    pub content_type: ContentType,
    /// The version under which it was written.
    pub version: ProtocolVersion,
    /// Bytes of fragment that follow.
    pub length: u16,
}

/// The length of a record, not yet held against a bound: that depends on whether it is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length(pub u16);

impl std::fmt::Display for Length {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&follow(self.0.into()))
    }
}

impl Value<'_> for Length {
    const LENGTH: Option<usize> = Some(2);

    fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        u16::decode(bytes).map(Self)
    }
}

impl Header {
    /// Reads the header alone. The length's bound depends on whether the record is sealed, and so is
    /// the channel's to judge.
    ///
    /// # Errors
    /// If there are fewer than five bytes.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        let header = r.group("header", |r| {
            let (content_type, version) = (r.value("type")?, r.value("version")?);
            Ok(Self { content_type, version, length: r.value::<Length>("length")?.0 })
        })?;
        r.means(|| format!("{}, {}", header.content_type, follow(header.length.into())));
        Ok(header)
    }

    /// Writes the header.
    pub fn write(&self, w: &mut Writer) {
        w.u8(self.content_type.0);
        w.u16(self.version.0);
        w.u16(self.length);
    }

    /// The header's five bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; HEADER] {
        let ([major, minor], [high, low]) = (self.version.0.to_be_bytes(), self.length.to_be_bytes());
        [self.content_type.0, major, minor, high, low]
    }
}
