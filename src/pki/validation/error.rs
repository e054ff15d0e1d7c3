//! Why a certificate is not believed.

use std::fmt::Display;

use crate::pki::{GeneralName, KeyUsage, Oid, ServerName, Time};

/// Why a certificate is not believed: whose, what was found, and what would mend it. For each the TLS
/// alert that fits (RFC 5246 §7.2.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValidationError {
    /// There was none. *bad_certificate*
    #[error("no certificate was sent: the server needs one, and its key")]
    NoCertificate,

    /// Nobody known has issued it. *unknown_ca*
    #[error("{}", unknown(subject, issuer, *stranger))]
    UnknownIssuer {
        /// Whose certificate.
        subject: String,
        /// By whom.
        issuer: String,
        /// What is known of that one.
        stranger: Stranger,
    },

    /// The issuer's key did not sign these bytes. *bad_certificate*
    #[error(
        "the signature on {subject} was not made by the key of {issuer}: the certificate was changed, or \
         another authority of that name signed it; get it again from where it was issued"
    )]
    BadSignature {
        /// Whose certificate.
        subject: String,
        /// Whose signature it should be.
        issuer: String,
    },

    /// A signature algorithm that is not verified here. *unsupported_certificate*
    #[error(
        "{subject} is signed with {algorithm}, which is not accepted here: have it issued with RSA and \
         SHA-256, SHA-384 or SHA-512"
    )]
    UnsupportedSignature {
        /// Whose certificate.
        subject: String,
        /// How it is signed.
        algorithm: Oid,
    },

    /// A public key that cannot be used here. *unsupported_certificate*
    #[error("the key of {subject} cannot be used ({key}): it takes an RSA key of 2048 to 8192 bits")]
    UnsupportedKey {
        /// Whose certificate.
        subject: String,
        /// What its key is.
        key: String,
    },

    /// Its time is over. *certificate_expired*
    #[error(
        "{subject} expired on {not_after}, {} ago: have it renewed (or is this clock wrong? It says {at})",
        days(not_after.days_until(*at))
    )]
    Expired {
        /// Whose certificate.
        subject: String,
        /// Its last moment.
        not_after: Time,
        /// The moment that was asked about.
        at: Time,
    },

    /// Its time has not come. *certificate_expired*, which is also for "not currently valid"
    #[error(
        "{subject} is valid from {not_before} on, in {}: wait, or set the clock, which says {at}",
        days(at.days_until(*not_before))
    )]
    NotYetValid {
        /// Whose certificate.
        subject: String,
        /// Its first moment.
        not_before: Time,
        /// The moment that was asked about.
        at: Time,
    },

    /// It has signed another and is no authority. *bad_certificate*
    #[error(
        "{subject} signed a certificate and is no authority: its basicConstraints would have to say CA:TRUE"
    )]
    NotAnAuthority {
        /// Whose certificate.
        subject: String,
    },

    /// It has signed another and its key is not for that. *bad_certificate*
    #[error("{subject} signed a certificate, but its keyUsage is {found}: it would have to have keyCertSign")]
    MayNotSign {
        /// Whose certificate.
        subject: String,
        /// What its key may do.
        found: KeyUsage,
    },

    /// More authorities stand below it than it allows. *bad_certificate*
    #[error(
        "{subject} allows {allowed} authorities below it (pathLenConstraint), and there are {found}: have \
         the certificate issued by one farther up"
    )]
    PathTooLong {
        /// Whose certificate.
        subject: String,
        /// How many it allows.
        allowed: u64,
        /// How many there are.
        found: u64,
    },

    /// An extension that must be understood, and is not. *unsupported_certificate*
    #[error("{subject} has the critical extension {extension}, which is not understood here")]
    UnknownCriticalExtension {
        /// Whose certificate.
        subject: String,
        /// Which extension.
        extension: Oid,
    },

    /// An authority for some names alone. *unsupported_certificate*
    #[error(
        "{subject} has nameConstraints, which are not processed here: believing it for every name would \
         be wrong, so it is believed for none"
    )]
    NameConstraints {
        /// Whose certificate.
        subject: String,
    },

    /// It is for another server. *bad_certificate*
    #[error("{}", wrong_name(subject, asked, found))]
    WrongName {
        /// Whose certificate.
        subject: String,
        /// What was asked for.
        asked: ServerName,
        /// What it is for.
        found: Vec<GeneralName>,
    },

    /// It is for another purpose. *unsupported_certificate*
    #[error("{subject} is for {}, not for {needed}: its extKeyUsage would have to have that", list(found))]
    WrongPurpose {
        /// Whose certificate.
        subject: String,
        /// What for it is wanted.
        needed: Oid,
        /// What for it is.
        found: Vec<Oid>,
    },

    /// Its key may not do what it has to. *unsupported_certificate*
    #[error("the key of {subject} is for {found}: its keyUsage would have to have {needed}")]
    WrongKeyUsage {
        /// Whose certificate.
        subject: String,
        /// What its key has to do.
        needed: KeyUsage,
        /// What it may do.
        found: KeyUsage,
    },

    /// The search took too long. *certificate_unknown*
    #[error(
        "the path from {subject} was not found within {} steps and {} signatures: have the server send \
         its own certificate and the authorities between, no others",
        super::MAX_PATH,
        super::MAX_SIGNATURES
    )]
    TooMuchWork {
        /// How far it came.
        subject: String,
    },
}

/// What is known of an issuer that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    /// Nobody of that name.
    Nobody,
    /// The certificate signed itself.
    Itself,
    /// There is one of that name, with another key.
    Namesake,
}

fn unknown(subject: &str, issuer: &str, stranger: Stranger) -> String {
    match stranger {
        Stranger::Nobody => format!(
            "{subject} was issued by {issuer}, which is not in the trust store: add its certificate there, \
             or have the server send the one between that is missing"
        ),
        Stranger::Itself => format!(
            "{subject} signed itself and is not in the trust store: anyone can make such a certificate; \
             add it there if it came to you by a safe way"
        ),
        Stranger::Namesake => format!(
            "{subject} was issued by a {issuer} with another key than the one in the trust store: that CA \
             was made anew, or somebody took its name; get its certificate by a safe way"
        ),
    }
}

fn wrong_name(subject: &str, asked: &ServerName, found: &[GeneralName]) -> String {
    let kind = match asked {
        ServerName::Dns(_) => "DNS name",
        ServerName::Ip(_) => "IP address",
    };
    if found.is_empty() {
        return format!(
            "{subject} has no subjectAltName, and its common name does not count: have it issued with the \
             {kind} {asked} in its subjectAltName"
        );
    }
    format!(
        "{subject} is for {}, not for {asked}: have it issued with the {kind} {asked} as well",
        list(found)
    )
}

fn list<T: Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// `less than a day`, `1 day`, `364 days`.
pub(super) fn days(count: i64) -> String {
    match count {
        0 => "less than a day".into(),
        1 => "1 day".into(),
        count => format!("{count} days"),
    }
}
