//! What can go wrong, and with which alert it is answered.

use crate::pki::validation::ValidationError;
use crate::tls::alert::{Alert, AlertDescription, for_validation};
use crate::tls::extension::ExtensionType;
use crate::tls::record::{ContentType, ProtocolVersion};
use crate::tls::suite::CipherSuite;
use crate::wire::ReadError;
use crate::wire::reader::escape;

/// Why a connection failed. Whoever gets one finds the alert for the other side already among the
/// outgoing bytes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The other side speaks something else.
    #[error("the other side does not speak TLS: it began with {}", quoted(.found))]
    NotTls {
        /// Its first bytes.
        found: Vec<u8>,
    },
    /// A structure that is not as the standard has it.
    #[error("{what}: {source}")]
    Decode {
        /// Which.
        what: &'static str,
        /// Where, and why.
        source: ReadError,
    },
    /// A certificate that is not as the standard has it.
    #[error("certificate: {0}")]
    MalformedCertificate(ReadError),
    /// A message that may not come now.
    #[error("expected {expected}, and {found} came")]
    Unexpected {
        /// What the state was waiting for.
        expected: &'static str,
        /// What came.
        found: String,
    },
    /// A record of another kind in the middle of a handshake message: keys, too, change only between messages.
    #[error("a record of type {by} in the middle of a handshake message")]
    InterruptedMessage {
        /// Its type.
        by: ContentType,
    },
    /// A record longer than the standard allows.
    #[error("a record of {length} bytes, and {most} are the most")]
    RecordOverflow {
        /// Its length.
        length: usize,
        /// The bound.
        most: usize,
    },
    /// A record of a type that does not exist.
    #[error("a record of a type that does not exist: {found}")]
    UnknownContentType {
        /// The type.
        found: ContentType,
    },
    /// A record under another version than the one that was negotiated.
    #[error("a record of version {found}")]
    RecordVersion {
        /// Its version.
        found: ProtocolVersion,
    },
    /// A record without a byte, of a type that must have one (RFC 5246 §6.2.1).
    #[error("an empty record of type {content_type}")]
    EmptyRecord {
        /// Its type.
        content_type: ContentType,
    },
    /// More empty records in a row than anybody needs.
    #[error("too many empty records in a row")]
    TooManyEmptyRecords,
    /// More warnings than anybody needs.
    #[error("too many warnings, or wishes to begin anew")]
    TooManyWarnings,
    /// A ChangeCipherSpec that is not the one byte 01.
    #[error("a ChangeCipherSpec that is not the one byte 01")]
    MalformedChangeCipherSpec,
    /// A sealed record that does not open. Why is not said, and not known here.
    #[error("a sealed record does not open: it was altered, or sealed with another key")]
    BadRecordMac,
    /// The other side's Finished is not the one that belongs to this conversation.
    #[error(
        "verify_data differs: the two sides did not hear the same conversation, or hold different secrets"
    )]
    BadFinished,
    /// 2⁶⁴−1 records were sealed under one key.
    #[error("the record sequence number is used up")]
    SequenceExhausted,
    /// The other side speaks no version that is spoken here.
    #[error("TLS 1.2 is the only version spoken here, and the other side wants {found}")]
    NoCommonVersion {
        /// The highest that it offers.
        found: ProtocolVersion,
    },
    /// The client offers no suite that is spoken here.
    #[error("{}", no_common_suite(.offered))]
    NoCommonSuite {
        /// What it offers.
        offered: Vec<CipherSuite>,
    },
    /// The client can verify none of the signatures in our certificate.
    #[error("the client says that it cannot verify our certificate's signature")]
    NoCommonSignatureAlgorithm,
    /// The server picked a suite that was not offered.
    #[error("the server picked {found}, which was not offered")]
    SuiteNotOffered {
        /// The suite.
        found: CipherSuite,
    },
    /// All suites in common are of CBC, and the client does not offer to put its MAC outside (RFC 7366).
    #[error(
        "of the client's suites only {suite} is accepted, and CBC only together with encrypt_then_mac (RFC 7366), \
         which the client does not offer: {LUCKY_THIRTEEN}"
    )]
    EncryptThenMacNotOffered {
        /// The suite that would be spoken.
        suite: CipherSuite,
    },
    /// The server picked CBC, and does not agree to put its MAC outside (RFC 7366).
    #[error(
        "the server picked {suite}, and CBC is accepted only together with encrypt_then_mac (RFC 7366), to which \
         the server does not agree: {LUCKY_THIRTEEN}"
    )]
    EncryptThenMacNotAnswered {
        /// The suite that it picked.
        suite: CipherSuite,
    },
    /// An answer to encrypt_then_mac beside a suite whose cipher proves by itself (RFC 7366 §3).
    #[error("the server answers encrypt_then_mac, and picked {suite}, which has no MAC")]
    EncryptThenMacOutOfPlace {
        /// The suite that it picked.
        suite: CipherSuite,
    },
    /// A compression other than none.
    #[error("no compression is the only one spoken here, and it was not offered or not picked")]
    Compression,
    /// An answer to an extension that was not asked for (RFC 5246 §7.4.1.4).
    #[error("an answer to the extension {0}, which was not offered")]
    UnsolicitedExtension(ExtensionType),
    /// An extension that stands twice in one hello (RFC 5246 §7.4.1.4).
    #[error("the extension {0} stands there twice")]
    RepeatedExtension(ExtensionType),
    /// A first handshake that claims to continue another (RFC 5746 §3.4, §3.6).
    #[error("renegotiation_info is not empty in a first handshake")]
    RenegotiationInfo,
    /// The server showed no certificate.
    #[error("the server showed no certificate")]
    NoCertificate,
    /// The certificate is not to be believed.
    #[error(transparent)]
    Certificate(#[from] ValidationError),
    /// The certificate's key is of a kind, or a size, that RSA key transport cannot use here.
    #[error("the certificate's key cannot be used for RSA key transport: {0}")]
    UnsupportedKey(String),
    /// An operation with our own key failed. Nothing of it was sent.
    #[error("the operation with the private key failed its check")]
    Fault,
    /// The other side ended the connection.
    #[error("the other side ended it with the alert {alert}, while {expected} was expected of it")]
    PeerAlert {
        /// Its last word.
        alert: Alert,
        /// What had been expected.
        expected: &'static str,
    },
    /// The connection is over, or not yet open for data.
    #[error("the connection is not open")]
    NotOpen,
}

impl Error {
    /// What to tell the other side; `None` where there is nothing to tell, or nobody who understands.
    #[must_use]
    pub fn alert(&self) -> Option<Alert> {
        use AlertDescription as A;
        let description = match self {
            Self::NotTls { .. } | Self::PeerAlert { .. } | Self::NotOpen => return None,
            Self::Decode { .. } | Self::EmptyRecord { .. } => A::DECODE_ERROR,
            Self::MalformedCertificate(_) | Self::NoCertificate => A::BAD_CERTIFICATE,
            Self::Unexpected { .. }
            | Self::InterruptedMessage { .. }
            | Self::UnknownContentType { .. }
            | Self::TooManyEmptyRecords
            | Self::TooManyWarnings => A::UNEXPECTED_MESSAGE,
            Self::RecordOverflow { .. } => A::RECORD_OVERFLOW,
            Self::RecordVersion { .. } | Self::NoCommonVersion { .. } => A::PROTOCOL_VERSION,
            Self::MalformedChangeCipherSpec => A::DECODE_ERROR,
            Self::BadRecordMac => A::BAD_RECORD_MAC,
            Self::BadFinished => A::DECRYPT_ERROR,
            Self::NoCommonSuite { .. } | Self::NoCommonSignatureAlgorithm | Self::RenegotiationInfo => {
                A::HANDSHAKE_FAILURE
            }
            // "The server requires ciphers more secure than those supported by the client" (§7.2.2); a
            // client that requires them is "unable to negotiate an acceptable set of parameters".
            Self::EncryptThenMacNotOffered { .. } => A::INSUFFICIENT_SECURITY,
            Self::EncryptThenMacNotAnswered { .. } => A::HANDSHAKE_FAILURE,
            Self::SuiteNotOffered { .. }
            | Self::EncryptThenMacOutOfPlace { .. }
            | Self::Compression
            | Self::RepeatedExtension(_) => A::ILLEGAL_PARAMETER,
            Self::UnsolicitedExtension(_) => A::UNSUPPORTED_EXTENSION,
            Self::Certificate(error) => for_validation(error),
            Self::UnsupportedKey(_) => A::UNSUPPORTED_CERTIFICATE,
            Self::SequenceExhausted | Self::Fault => A::INTERNAL_ERROR,
        };
        Some(Alert::fatal(description))
    }
}

/// Why CBC is not spoken without encrypt_then_mac.
const LUCKY_THIRTEEN: &str =
    "with the MAC inside, the time that its check takes gives the text away (Lucky Thirteen)";

/// A client without RSA key transport is the usual case, and deserves better than `handshake_failure`.
fn no_common_suite(offered: &[CipherSuite]) -> String {
    if let Some(suite) = offered.iter().find(|suite| CipherSuite::IMPLEMENTED.contains(suite)) {
        return format!("no suite in common: the client offers {suite}, which is not accepted in this run");
    }
    if offered.iter().any(|suite| suite.is_rsa_key_transport()) {
        return "no suite in common: of RSA key transport the client offers none with AES-GCM, nor with CBC and \
                SHA-256"
            .to_owned();
    }
    "the client never offers RSA key transport, which is all that is spoken here (today's programs leave it \
     out by default, as Python's ssl and all that is built with Go 1.22 or later)"
        .to_owned()
}

/// The first bytes of something that is no TLS, as text where they are text.
fn quoted(bytes: &[u8]) -> String {
    if bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
        format!("“{}”", escape(&String::from_utf8_lossy(bytes)))
    } else {
        hex::encode(bytes)
    }
}
