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
//! [`validate`] gives the path, or the first answer that is no; [`explain`] gives all five in words.
//! Both ask the same questions by the same code.
//!
//! What is stricter than RFC 5280: an authority must say so in basicConstraints, also one in the trust
//! store; nameConstraints are refused, since nothing here processes them; extendedKeyUsage restricts
//! every certificate of the path, as everywhere in practice. What is not looked at: revocation and
//! policies.
//!
//! ```
//! use cutaway::pki::validation::{self, Usage, ValidationError};
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
//! assert!(matches!(error, ValidationError::UnknownIssuer { .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::pki::{Certificate, GeneralName, KeyUsage, Oid, ServerName, Time, TrustStore};

mod checks;
mod error;
mod explain;
mod path;

pub use error::{Stranger, ValidationError};
pub use explain::{Answer, Check, Question, Recovered, explain, recovered};
pub use path::Path;

/// The certificates of the longest path, the first and the last included.
pub const MAX_PATH: usize = 8;

/// How many signatures are verified before the search is given up. A chain made to keep us busy is
/// ended here; no honest one comes near.
pub const MAX_SIGNATURES: usize = 32;

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
/// The [`ValidationError`] that says what is wrong, and what would mend it.
pub fn validate<'a>(
    chain: &'a [Certificate],
    store: &'a TrustStore,
    at: Time,
    usage: Usage,
    name: Option<&ServerName>,
) -> Result<Path<'a>, ValidationError> {
    let answers = Answers::of(chain, store, at, usage, name)?;
    let path = answers.path?;
    answers.time?;
    answers.name?;
    answers.usage?;
    Ok(path)
}

/// The answers to the questions. Signature and issuer are answered together: a path has both.
struct Answers<'a> {
    path: Result<Path<'a>, ValidationError>,
    /// The days that are left.
    time: Result<i64, ValidationError>,
    /// The name that matched, if one was asked for.
    name: Result<Option<&'a GeneralName>, ValidationError>,
    usage: Result<(), ValidationError>,
}

impl<'a> Answers<'a> {
    fn of(
        chain: &'a [Certificate],
        store: &'a TrustStore,
        at: Time,
        usage: Usage,
        name: Option<&ServerName>,
    ) -> Result<Self, ValidationError> {
        let (leaf, others) = chain.split_first().ok_or(ValidationError::NoCertificate)?;
        let trusted = store.contains(leaf);
        Ok(Self {
            path: if trusted { Ok(Path::alone(leaf)) } else { path::find(leaf, others, store, at, usage) },
            time: checks::time(leaf, at),
            name: name.map(|name| checks::name(leaf, name)).transpose(),
            usage: if trusted { Ok(()) } else { checks::leaf_usage(leaf, usage) },
        })
    }
}
