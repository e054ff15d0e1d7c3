//! Is this certificate to be believed? Anyone can send one.
//!
//! Five questions are put to it ([RFC 5280 §6](https://www.rfc-editor.org/rfc/rfc5280#section-6),
//! [RFC 9525](https://www.rfc-editor.org/rfc/rfc9525)):
//!
//! | question | answered by |
//! |---|---|
//! | signature | did the issuer's key sign exactly these bytes? |
//! | issuer | does a path of authorities lead to one that is trusted beforehand? |
//! | time | does today lie within its validity? |
//! | name | is it for the server that was asked for? |
//! | usage | may its key be used for this? |
//!
//! [`validate`] gives the path, or a [`ValidationError`]: the first answer that is no, and every path
//! that was tried with the rule that it broke. [`explain`] gives all five answers in words. Both ask
//! the same questions by the same code.
//!
//! What is stricter than RFC 5280: a trusted certificate is held to what it says of itself, its dates,
//! basicConstraints, keyUsage and nameConstraints, as all others are; extendedKeyUsage restricts every
//! certificate of the path, as everywhere in practice; a critical certificatePolicies is refused. What
//! is not looked at: revocation and policies. How nameConstraints are applied, and what of them is
//! not, [`name_constraints`](crate::pki::name_constraints) says.
//!
//! ```
//! use cutaway::pki::validation::{self, BrokenRule, Usage};
//! use cutaway::pki::{Certificate, TrustStore};
//!
//! let store = TrustStore::from_pem(include_bytes!("../../tests/fixtures/pki/root.pem"))?;
//! let leaf = Certificate::from_pem(include_bytes!("../../tests/fixtures/pki/leaf.pem"))?;
//! let between = Certificate::from_pem(include_bytes!("../../tests/fixtures/pki/intermediate.pem"))?;
//! let chain = [leaf, between].concat();
//! let (at, name) = ("2026-11-24T12:00:00Z".parse()?, "localhost".parse()?);
//!
//! let path = validation::validate(&chain, &store, at, Usage::ServerAuth, Some(&name))?;
//! assert_eq!(path.certificates().len(), 3);
//! assert_eq!(path.anchor().subject().common_name(), Some("fixture root"));
//!
//! let nobody = TrustStore::new();
//! let error = validation::validate(&chain, &nobody, at, Usage::ServerAuth, Some(&name)).unwrap_err();
//! assert!(matches!(error.rule(), BrokenRule::UnknownIssuer { .. }));
//! assert!(error.candidates()[0].way().ends_with(" ← CN=fixture intermediate,O=Cutaway ← nobody"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::pki::{Certificate, GeneralName, KeyUsage, Oid, ServerName, Time, TrustStore};

mod checks;
mod constraints;
mod error;
mod explain;
mod path;
mod rule;

pub use error::{Candidate, MAX_TOLD, ValidationError};
pub use explain::{Answer, Check, Question, Recovered, explain, recovered};
pub use path::Path;
pub use rule::{BrokenRule, Limit, Stranger};

/// The certificates of the longest path, the first and the last included.
pub const MAX_PATH: usize = 8;

/// How many signatures are verified before the search is given up, each key tried once for each
/// certificate. A chain made to keep us busy is ended here; no honest one comes near.
pub const MAX_SIGNATURES: usize = 32;

/// How many certificates are looked at, each as often as it is: a thousand of one name are a thousand
/// wherever that name is asked for.
pub const MAX_LOOKS: usize = 10_000;

/// How many names are held against constraints, long ones counted by their length.
pub const MAX_COMPARISONS: usize = 250_000;

/// What a leaf's key is to be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Usage {
    /// A TLS server to which the client encrypts a premaster secret: serverAuth, keyEncipherment (RFC
    /// 5246 §7.4.2).
    ServerAuth,
    /// A TLS client that signs: clientAuth, digitalSignature (RFC 5246 §7.4.6).
    ClientAuth,
}

impl Usage {
    /// What an extendedKeyUsage must allow.
    #[must_use]
    pub fn purpose(self) -> Oid {
        match self {
            Self::ServerAuth => Oid::SERVER_AUTH,
            Self::ClientAuth => Oid::CLIENT_AUTH,
        }
    }

    /// What a keyUsage must allow.
    #[must_use]
    pub fn key_usage(self) -> KeyUsage {
        match self {
            Self::ServerAuth => KeyUsage::KEY_ENCIPHERMENT,
            Self::ClientAuth => KeyUsage::DIGITAL_SIGNATURE,
        }
    }
}

/// Whether the first certificate of `chain` is to be believed: the path from it to a trusted one. The
/// others of `chain` may help, in any order.
///
/// A leaf that is itself in the trust store is believed, authority or not, if dates and name hold.
///
/// # Errors
/// The [`ValidationError`] that says which paths there were, what was wrong with each, and what would
/// mend it.
pub fn validate<'a>(
    chain: &'a [Certificate],
    store: &'a TrustStore,
    at: Time,
    usage: Usage,
    name: Option<&ServerName>,
) -> Result<Path<'a>, ValidationError> {
    let answers = Answers::of(chain, store, at, usage, name)?;
    let path = answers.path?;
    let leaf = answers.time.map(drop).and(answers.name.map(drop)).and(answers.usage);
    leaf.map_err(|rule| path.broke(rule))?;
    Ok(path)
}

/// What is said of a chain of none.
fn no_certificate() -> ValidationError {
    let broke = BrokenRule::NoCertificate;
    ValidationError::new(vec![Candidate { certificates: Vec::new(), complete: false, broke }], 0)
}

/// The answers to the questions. Signature and issuer are answered together: a path has both.
struct Answers<'a> {
    path: Result<Path<'a>, ValidationError>,
    /// The days that are left.
    time: Result<i64, BrokenRule>,
    /// The name that matched, if one was asked for.
    name: Result<Option<&'a GeneralName>, BrokenRule>,
    usage: Result<(), BrokenRule>,
}

impl<'a> Answers<'a> {
    fn of(
        chain: &'a [Certificate],
        store: &'a TrustStore,
        at: Time,
        usage: Usage,
        name: Option<&ServerName>,
    ) -> Result<Self, ValidationError> {
        let (leaf, others) = chain.split_first().ok_or_else(no_certificate)?;
        let trusted = store.contains(leaf);
        Ok(Self {
            path: if trusted { Ok(Path::alone(leaf)) } else { path::find(leaf, others, store, at, usage) },
            time: checks::time(leaf, at),
            name: name.map(|name| checks::name(leaf, name)).transpose(),
            usage: if trusted { Ok(()) } else { checks::leaf_usage(leaf, usage) },
        })
    }
}
