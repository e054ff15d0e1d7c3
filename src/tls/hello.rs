//! ClientHello and ServerHello: what each side can do, and 32 random bytes (RFC 5246 §7.4.1).

use crate::tls::extension::{Extension, ExtensionType, Hello};
use crate::tls::record::ProtocolVersion;
use crate::tls::suite::CipherSuite;
use crate::wire::value::open_enum;
use crate::wire::{ReadError, Reader, Writer};

open_enum! {
    /// A way to make data smaller before it is sealed, which turned out to leak it (RFC 7457 §2.6).
    pub struct CompressionMethod(u8) {
        /// None.
        NULL = 0 "null";
        /// DEFLATE.
        DEFLATE = 1 "DEFLATE";
    }
}

/// What the client can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// The highest version that it speaks.
    pub version: ProtocolVersion,
    /// 32 fresh bytes.
    pub random: [u8; 32],
    /// A session that it would like to resume; empty for none.
    pub session_id: Vec<u8>,
    /// The suites that it accepts, the preferred first.
    pub cipher_suites: Vec<CipherSuite>,
    /// The compressions that it accepts.
    pub compression_methods: Vec<CompressionMethod>,
    /// What else it has to say, in its order.
    pub extensions: Vec<Extension>,
}

impl ClientHello {
    /// Reads the body of the message.
    ///
    /// # Errors
    /// If a length is out of bounds or the body ends early or late.
    #[inline]
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        Ok(Self {
            version: r.value("client_version")?,
            random: r.array("random")?,
            session_id: read_session_id(r)?,
            cipher_suites: r.list16("cipher_suites", 2..=0xfffe, |r| r.value("cipher_suite"))?,
            compression_methods: r
                .list8("compression_methods", 1..=255, |r| r.value("compression_method"))?,
            extensions: extensions(r, Hello::Client)?,
        })
    }

    /// Writes the body of the message.
    pub fn write(&self, w: &mut Writer) {
        w.u16(self.version.0);
        w.bytes(&self.random);
        w.vector8(|w| w.bytes(&self.session_id));
        w.vector16(|w| self.cipher_suites.iter().for_each(|suite| w.u16(suite.0)));
        w.vector8(|w| self.compression_methods.iter().for_each(|method| w.u8(method.0)));
        write_extensions(&self.extensions, w);
    }

    /// Whether it knows secure renegotiation, said in either of the two ways (RFC 5746 §3.6).
    #[must_use]
    pub fn signals_secure_renegotiation(&self) -> bool {
        self.cipher_suites.contains(&CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV)
            || find(&self.extensions, ExtensionType::RENEGOTIATION_INFO).is_some()
    }
}

/// What the server picks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// The version that will be spoken.
    pub version: ProtocolVersion,
    /// 32 fresh bytes.
    pub random: [u8; 32],
    /// A name for the session, if it may be resumed.
    pub session_id: Vec<u8>,
    /// The suite.
    pub cipher_suite: CipherSuite,
    /// The compression.
    pub compression_method: CompressionMethod,
    /// Answers to the client's extensions.
    pub extensions: Vec<Extension>,
}

impl ServerHello {
    /// Reads the body of the message.
    ///
    /// # Errors
    /// If a length is out of bounds or the body ends early or late.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        Ok(Self {
            version: r.value("server_version")?,
            random: r.array("random")?,
            session_id: read_session_id(r)?,
            cipher_suite: r.value("cipher_suite")?,
            compression_method: r.value("compression_method")?,
            extensions: extensions(r, Hello::Server)?,
        })
    }

    /// Writes the body of the message.
    pub fn write(&self, w: &mut Writer) {
        w.u16(self.version.0);
        w.bytes(&self.random);
        w.vector8(|w| w.bytes(&self.session_id));
        w.u16(self.cipher_suite.0);
        w.u8(self.compression_method.0);
        write_extensions(&self.extensions, w);
    }
}

/// The extension of this type, if it is there.
#[must_use]
pub fn find(extensions: &[Extension], kind: ExtensionType) -> Option<&Extension> {
    extensions.iter().find(|extension| extension.kind() == kind)
}

/// A hello without extensions ends before their length (RFC 5246 §7.4.1.2).
#[inline]
fn extensions(r: &mut Reader, hello: Hello) -> Result<Vec<Extension>, ReadError> {
    if r.left() == 0 {
        return Ok(Vec::new());
    }
    r.list16("extensions", 0..=0xffff, |r| Extension::read(r, hello))
}

fn write_extensions(extensions: &[Extension], w: &mut Writer) {
    if !extensions.is_empty() {
        w.vector16(|w| extensions.iter().for_each(|extension| extension.write(w)));
    }
}
/// `opaque SessionID<0..32>` (RFC 5246 §7.4.1.2).
fn read_session_id(r: &mut Reader) -> Result<Vec<u8>, ReadError> {
    let id = r.bytes8("session_id", 0..=32)?;
    r.means(|| match id.len() {
        0 => "none: nothing to resume".to_owned(),
        count => format!("{count} bytes: a session’s name"),
    });
    Ok(id.to_vec())
}
