//! From a leaf to a trusted certificate, step by step (RFC 5280 §6.1).
//!
//! Which way leads there is not given: a peer may send its certificates in any order, too many of
//! them, or some that only share a name. So every candidate is tried, within bounds.

use crate::pki::validation::checks::{self, who};
use crate::pki::validation::{MAX_PATH, MAX_SIGNATURES, Stranger, Usage, ValidationError};
use crate::pki::{Certificate, Time, TrustStore};

/// The certificates from a leaf to a trusted one, each signed by the next.
#[derive(Clone, Debug)]
pub struct Path<'a>(Vec<&'a Certificate>);

impl<'a> Path<'a> {
    pub(super) fn alone(leaf: &'a Certificate) -> Self {
        Self(vec![leaf])
    }

    /// All of them, the leaf first.
    #[must_use]
    pub fn certificates(&self) -> &[&'a Certificate] {
        &self.0
    }

    /// The certificate that was to be believed.
    #[must_use]
    pub fn leaf(&self) -> &'a Certificate {
        self.0[0]
    }

    /// The one that was trusted beforehand.
    #[must_use]
    pub fn anchor(&self) -> &'a Certificate {
        self.0[self.0.len() - 1]
    }
}

pub(super) fn find<'a>(
    leaf: &'a Certificate,
    others: &'a [Certificate],
    store: &'a TrustStore,
    at: Time,
    usage: Usage,
) -> Result<Path<'a>, ValidationError> {
    let mut search = Search { others, store, at, usage, path: vec![leaf], left: MAX_SIGNATURES, worst: None };
    if search.reaches_the_store() {
        return Ok(Path(search.path));
    }
    let (_, error) = search.worst.expect("a search that fails has noted why");
    Err(error)
}

/// Those who may have signed `certificate`, by name: trusted ones first, and which they are.
pub(super) fn namesakes<'a>(
    certificate: &'a Certificate,
    others: &'a [Certificate],
    store: &'a TrustStore,
) -> impl Iterator<Item = (&'a Certificate, bool)> {
    let issuer = certificate.issuer();
    let sent = others.iter().filter(move |other| other.subject() == issuer).map(|other| (other, false));
    store.named(issuer).map(|trusted| (trusted, true)).chain(sent)
}

/// §4.2.1.1: the certificate names its issuer's key, and this issuer has another.
pub(super) fn has_another_key(certificate: &Certificate, issuer: &Certificate) -> bool {
    let named = certificate.extensions().authority_key_identifier();
    let has = issuer.extensions().subject_key_identifier();
    matches!((named, has), (Some(named), Some(has)) if named != has)
}

struct Search<'a> {
    others: &'a [Certificate],
    store: &'a TrustStore,
    at: Time,
    usage: Usage,
    /// The path so far.
    path: Vec<&'a Certificate>,
    /// Signatures that may still be verified.
    left: usize,
    /// The most telling of the reasons why ways ended, and how much it tells.
    worst: Option<((u8, usize), ValidationError)>,
}

impl<'a> Search<'a> {
    /// Tries everyone who may have signed the last certificate of the path, and so on upwards. When it
    /// fails the path is as it was, and the reason is noted.
    fn reaches_the_store(&mut self) -> bool {
        let child = self.path[self.path.len() - 1];
        if self.path.len() == MAX_PATH {
            self.note(ValidationError::TooMuchWork { subject: who(child) });
            return false;
        }
        let (mut signed, mut another_key, mut refusal) = (false, false, None);
        for (issuer, trusted) in namesakes(child, self.others, self.store) {
            if self.path.contains(&issuer) {
                continue;
            }
            if has_another_key(child, issuer) {
                another_key = true;
                continue;
            }
            if self.left == 0 {
                self.note(ValidationError::TooMuchWork { subject: who(child) });
                return false;
            }
            self.left -= 1;
            if let Err(error) = checks::signature(child, issuer) {
                refusal.get_or_insert(error);
                continue;
            }
            signed = true;
            if let Err(error) = self.may_stand_next(issuer) {
                self.note(error);
                continue;
            }
            self.path.push(issuer);
            if trusted || self.reaches_the_store() {
                return true;
            }
            self.path.pop();
        }
        if !signed {
            // Who only shares the issuer's name did not sign, and says nothing about the signature, if
            // the certificate did so itself.
            let itself = child.is_self_issued() && checks::signature(child, child).is_ok();
            self.note(match refusal {
                Some(refusal) if !itself => refusal,
                _ => ValidationError::UnknownIssuer {
                    subject: who(child),
                    issuer: child.issuer().to_string(),
                    stranger: match () {
                        () if child.is_self_issued() => Stranger::Itself,
                        () if another_key => Stranger::Namesake,
                        () => Stranger::Nobody,
                    },
                },
            });
        }
        false
    }

    /// All that RFC 5280 asks of a certificate that signed the last one of the path.
    fn may_stand_next(&self, issuer: &Certificate) -> Result<(), ValidationError> {
        // §6.1.4 (l): certificates that an authority issued to itself, with a new key, do not count.
        let below = self.path[1..].iter().filter(|certificate| !certificate.is_self_issued()).count();
        checks::authority(issuer, below as u64)?;
        checks::understood(issuer)?;
        checks::purpose(issuer, self.usage)?;
        checks::time(issuer, self.at).map(drop)
    }

    /// Keeps the most telling reason: that a rule was broken tells more than that a signature does not
    /// verify, and that more than that nobody is known; then what happened farther up.
    fn note(&mut self, error: ValidationError) {
        let kind = match error {
            ValidationError::UnknownIssuer { .. } => 0,
            ValidationError::BadSignature { .. } => 1,
            ValidationError::TooMuchWork { .. } => 3,
            _ => 2,
        };
        let tells = (kind, self.path.len());
        if self.worst.as_ref().is_none_or(|&(worst, _)| tells > worst) {
            self.worst = Some((tells, error));
        }
    }
}
