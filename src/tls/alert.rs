//! Alerts (RFC 5246 §7.2), and which error is answered with which.

use std::fmt;

use crate::pki::validation::{BrokenRule, ValidationError};
use crate::wire::value::open_enum;
use crate::wire::{ReadError, Reader};

open_enum! {
    /// How bad it is.
    pub struct AlertLevel(u8) {
        /// The connection may go on.
        WARNING = 1 "warning";
        /// The connection is over.
        FATAL = 2 "fatal";
    }
}

open_enum! {
    /// What happened.
    pub struct AlertDescription(u8) {
        /// The sender will send no more.
        CLOSE_NOTIFY = 0 "close_notify";
        /// A message that may not come now.
        UNEXPECTED_MESSAGE = 10 "unexpected_message";
        /// A record that does not open.
        BAD_RECORD_MAC = 20 "bad_record_mac";
        /// A record longer than allowed.
        RECORD_OVERFLOW = 22 "record_overflow";
        /// No parameters that both sides accept.
        HANDSHAKE_FAILURE = 40 "handshake_failure";
        /// A certificate that is corrupt or whose signature does not verify.
        BAD_CERTIFICATE = 42 "bad_certificate";
        /// A certificate of a kind that is not known.
        UNSUPPORTED_CERTIFICATE = 43 "unsupported_certificate";
        /// A certificate that its signer took back.
        CERTIFICATE_REVOKED = 44 "certificate_revoked";
        /// A certificate outside its dates.
        CERTIFICATE_EXPIRED = 45 "certificate_expired";
        /// Something else about a certificate.
        CERTIFICATE_UNKNOWN = 46 "certificate_unknown";
        /// A field out of range or at odds with another.
        ILLEGAL_PARAMETER = 47 "illegal_parameter";
        /// No trusted authority vouches for the certificate.
        UNKNOWN_CA = 48 "unknown_ca";
        /// A certificate that is in order, and not let in.
        ACCESS_DENIED = 49 "access_denied";
        /// A message that cannot be read.
        DECODE_ERROR = 50 "decode_error";
        /// A cryptographic operation of the handshake failed.
        DECRYPT_ERROR = 51 "decrypt_error";
        /// A version that is not spoken.
        PROTOCOL_VERSION = 70 "protocol_version";
        /// Parameters weaker than the sender insists on.
        INSUFFICIENT_SECURITY = 71 "insufficient_security";
        /// The sender failed, for reasons of its own.
        INTERNAL_ERROR = 80 "internal_error";
        /// A client that retries with a lower version than both speak (RFC 7507).
        INAPPROPRIATE_FALLBACK = 86 "inappropriate_fallback";
        /// The user gave up.
        USER_CANCELED = 90 "user_canceled";
        /// Renegotiation is refused.
        NO_RENEGOTIATION = 100 "no_renegotiation";
        /// An extension in an answer that was not asked for.
        UNSUPPORTED_EXTENSION = 110 "unsupported_extension";
        /// A name that the server does not serve (RFC 6066 §3).
        UNRECOGNIZED_NAME = 112 "unrecognized_name";
        /// A certificate is demanded (RFC 8446 §6.2).
        CERTIFICATE_REQUIRED = 116 "certificate_required";
        /// No application protocol in common (RFC 7301 §3.2).
        NO_APPLICATION_PROTOCOL = 120 "no_application_protocol";
    }
}

/// An alert: two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// How bad it is.
    pub level: AlertLevel,
    /// What happened.
    pub description: AlertDescription,
}

impl Alert {
    /// The end of what the sender has to say.
    pub const CLOSE_NOTIFY: Self =
        Self { level: AlertLevel::WARNING, description: AlertDescription::CLOSE_NOTIFY };

    /// An alert that ends the connection.
    #[must_use]
    pub fn fatal(description: AlertDescription) -> Self {
        Self { level: AlertLevel::FATAL, description }
    }

    /// An alert after which the connection may go on.
    #[must_use]
    pub fn warning(description: AlertDescription) -> Self {
        Self { level: AlertLevel::WARNING, description }
    }

    /// Reads an alert.
    ///
    /// # Errors
    /// If there are fewer than two bytes.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        r.group("Alert", |r| Ok(Self { level: r.value("level")?, description: r.value("description")? }))
    }

    /// The alert's two bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 2] {
        [self.level.0, self.description.0]
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.description, self.level, self.description.0)
    }
}

/// The alert for a certificate that is not to be believed (RFC 5246 §7.2.2).
#[must_use]
pub fn for_validation(error: &ValidationError) -> AlertDescription {
    use AlertDescription as A;
    match error.rule() {
        // "No CA that is known and trusted" is what UnknownIssuer says.
        BrokenRule::UnknownIssuer { .. } => A::UNKNOWN_CA,
        // "Has expired or is not currently valid."
        BrokenRule::Expired { .. } | BrokenRule::NotYetValid { .. } => A::CERTIFICATE_EXPIRED,
        // "Was of an unsupported type": kinds of keys, signatures and purposes that are not for this.
        BrokenRule::UnsupportedSignature { .. }
        | BrokenRule::UnsupportedKey { .. }
        | BrokenRule::UnknownCriticalExtension { .. }
        | BrokenRule::UnprocessedConstraint { .. }
        | BrokenRule::WrongPurpose { .. }
        | BrokenRule::WrongKeyUsage { .. } => A::UNSUPPORTED_CERTIFICATE,
        // "Some other (unspecified) issue": a search that was given up proves nothing against anybody.
        BrokenRule::TooMuchWork { .. } => A::CERTIFICATE_UNKNOWN,
        // "Was corrupt, contained signatures that did not verify correctly, etc.": also a path that does
        // not hold, and a name that is another's.
        BrokenRule::NoCertificate
        | BrokenRule::BadSignature { .. }
        | BrokenRule::NotAnAuthority { .. }
        | BrokenRule::MayNotSign { .. }
        | BrokenRule::PathTooLong { .. }
        | BrokenRule::NotPermitted { .. }
        | BrokenRule::Excluded { .. }
        | BrokenRule::WrongName { .. } => A::BAD_CERTIFICATE,
    }
}
