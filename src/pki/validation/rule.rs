//! The rules that a path can break.

use std::fmt::{self, Display};

use crate::pki::{GeneralName, KeyUsage, Oid, ServerName, Time};

/// A rule that was broken: by whose certificate, what was found, and what would mend it. For each the
/// TLS alert that fits (RFC 5246 §7.2.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokenRule {
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
    #[error(
        "{subject} has the critical extension {extension}, which is not understood here: have it issued \
         without that, or with it not critical"
    )]
    UnknownCriticalExtension {
        /// Whose certificate.
        subject: String,
        /// Which extension.
        extension: Oid,
    },

    /// It has a name for which an authority above it may not vouch. *bad_certificate*
    #[error(
        "{subject} has the {form} {name}, and {authority} vouches for {} alone (nameConstraints): have it \
         issued without that name, or by an authority that may",
        list(permitted)
    )]
    NotPermitted {
        /// Whose certificate.
        subject: String,
        /// Of which form the name is: `dNSName`.
        form: &'static str,
        /// The name.
        name: String,
        /// Whose nameConstraints.
        authority: String,
        /// The subtrees of that form that it permits.
        permitted: Vec<String>,
    },

    /// It has a name that an authority above it excludes, or a wildcard that is one of those as well.
    /// *bad_certificate*
    #[error(
        "{subject} has the {form} {name}{}, and {authority} excludes {} (nameConstraints): have it issued \
         without that name, or by an authority that may",
        if *touches { format!(", which covers {excluded}") } else { String::new() },
        if *touches { "that" } else { excluded }
    )]
    Excluded {
        /// Whose certificate.
        subject: String,
        /// Of which form the name is.
        form: &'static str,
        /// The name.
        name: String,
        /// Whose nameConstraints.
        authority: String,
        /// The subtree that it excludes.
        excluded: String,
        /// Whether it is a wildcard of which only a part lies there.
        touches: bool,
    },

    /// It has a name that cannot be held against the constraints of an authority above it.
    /// *unsupported_certificate*
    #[error(
        "{subject} has the {form} {name}, and {authority} has a constraint on that form which cannot be \
         applied here ({subtree}): believed are hosts, blocks of addresses and directory names, whole and \
         well-formed; have it issued without that name, or by an authority without that constraint"
    )]
    UnprocessedConstraint {
        /// Whose certificate.
        subject: String,
        /// Of which form the name is.
        form: &'static str,
        /// The name.
        name: String,
        /// Whose nameConstraints.
        authority: String,
        /// The subtree.
        subtree: String,
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
    #[error(
        "{subject} is for {}, not for {needed}: have it issued with {needed} in its extendedKeyUsage",
        list(found)
    )]
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
        "the search for a path ended at {subject} after {limit}: have the server send its own certificate \
         and the authorities between, no others"
    )]
    TooMuchWork {
        /// How far it came.
        subject: String,
        /// What there was too much of.
        limit: Limit,
    },
}

impl BrokenRule {
    /// Where the standard has the rule.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match self {
            Self::NoCertificate => "RFC 5246 §7.4.2",
            Self::UnknownIssuer { .. } => "RFC 5280 §6.1",
            Self::BadSignature { .. } | Self::UnsupportedSignature { .. } => "RFC 5280 §6.1.3 (a)(1)",
            Self::UnsupportedKey { .. } => "RFC 5280 §4.1.2.7",
            Self::Expired { .. } | Self::NotYetValid { .. } => "RFC 5280 §6.1.3 (a)(2)",
            Self::NotAnAuthority { .. } => "RFC 5280 §6.1.4 (k)",
            Self::PathTooLong { .. } => "RFC 5280 §6.1.4 (l)",
            Self::MayNotSign { .. } => "RFC 5280 §6.1.4 (n)",
            Self::UnknownCriticalExtension { .. } => "RFC 5280 §4.2",
            Self::NotPermitted { .. } => "RFC 5280 §6.1.3 (b)",
            Self::Excluded { .. } => "RFC 5280 §6.1.3 (c)",
            Self::UnprocessedConstraint { .. } => "RFC 5280 §4.2.1.10",
            Self::WrongName { .. } => "RFC 9525 §6",
            Self::WrongPurpose { .. } => "RFC 5280 §4.2.1.12",
            Self::WrongKeyUsage { .. } => "RFC 5280 §4.2.1.3",
            Self::TooMuchWork { .. } => "a limit of this search",
        }
    }
}

/// What a search may take, and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Certificates in a path: [`MAX_PATH`](super::MAX_PATH).
    Path,
    /// Signatures that are verified: [`MAX_SIGNATURES`](super::MAX_SIGNATURES).
    Signatures,
    /// Certificates that are looked at, one as often as it is: [`MAX_LOOKS`](super::MAX_LOOKS).
    Looks,
    /// Names that are held against constraints: [`MAX_COMPARISONS`](super::MAX_COMPARISONS).
    Comparisons,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => write!(f, "{} certificates in one path", super::MAX_PATH),
            Self::Signatures => write!(f, "{} signatures", super::MAX_SIGNATURES),
            Self::Looks => write!(f, "{} looks at certificates", super::MAX_LOOKS),
            Self::Comparisons => {
                write!(f, "{} comparisons of names with constraints", super::MAX_COMPARISONS)
            }
        }
    }
}

/// What is known of an issuer that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    /// Nobody of that name.
    Nobody,
    /// The certificate signed itself.
    Itself,
    /// There is one of that name, with another key identifier than the certificate names, and the
    /// signature does not verify with its key.
    Namesake {
        /// Whether that one is in the trust store, or only was sent.
        trusted: bool,
    },
    /// Those who are known have signed each other, in a circle.
    Circle,
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
        Stranger::Circle => format!(
            "{subject} was issued by {issuer}, which stands below it already: a circle that leads to nobody \
             who is trusted; have the server send another certificate for {issuer}, or trust one of them"
        ),
        Stranger::Namesake { trusted: true } => format!(
            "{subject} was not signed by the {issuer} in the trust store: the signature does not verify with \
             that key, and the certificate names another (authorityKeyIdentifier); that CA was made anew, or \
             somebody took its name: get its certificate by a safe way"
        ),
        Stranger::Namesake { trusted: false } => format!(
            "{subject} was issued by {issuer}, which is not in the trust store, and not signed by the one of \
             that name that was sent: the signature does not verify with that key, and the certificate names \
             another (authorityKeyIdentifier); have the server send the right one, or trust it"
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

/// The first eight; a list of thousands is nobody's to read.
fn list<T: Display>(items: &[T]) -> String {
    let first = items.iter().take(8).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(8) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// `less than a day`, `1 day`, `364 days`.
pub(super) fn days(count: i64) -> String {
    match count {
        0 => "less than a day".into(),
        1 => "1 day".into(),
        count => format!("{count} days"),
    }
}
