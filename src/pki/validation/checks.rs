//! One rule, one function.

use std::fmt::Display;

use crate::hash::HashAlgorithm;
use crate::pki::validation::{BrokenRule, Usage};
use crate::pki::{
    Certificate, ExtensionValue, GeneralName, KeyUsage, Oid, ServerName, SignatureAlgorithm, Time,
};

const MOST_OF_A_NAME: usize = 120;

/// Whom an error speaks of: the subject, or where that is empty a name or the serial number.
pub(super) fn who(certificate: &Certificate) -> String {
    if !certificate.subject().is_empty() {
        return short(certificate.subject());
    }
    match certificate.extensions().subject_alt_name().and_then(|names| names.first()) {
        Some(name) => short(name),
        None => format!("the certificate {}", certificate.serial_number()),
    }
}

/// A name in an error: a line at the most, for it is a stranger's text.
pub(super) fn short(name: &impl Display) -> String {
    let mut text = name.to_string();
    if let Some((end, _)) = text.char_indices().nth(MOST_OF_A_NAME) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// RFC 5280 §6.1.3 (a)(1): the issuer's key signed exactly these bytes.
pub(super) fn signature(certificate: &Certificate, issuer: &Certificate) -> Result<(), BrokenRule> {
    let hash = signature_algorithm(certificate)?;
    let Some(key) = issuer.public_key().rsa() else { return Err(unsupported_key(issuer)) };
    key.verify(hash, certificate.signed(), certificate.signature())
        .map_err(|_| BrokenRule::BadSignature { subject: who(certificate), issuer: short(issuer.subject()) })
}

/// How it is signed, if that is a way that can be verified here.
pub(super) fn signature_algorithm(certificate: &Certificate) -> Result<HashAlgorithm, BrokenRule> {
    match certificate.signature_algorithm() {
        SignatureAlgorithm::RsaPkcs1(hash) => Ok(*hash),
        SignatureAlgorithm::Other(algorithm) => {
            let algorithm = algorithm.clone();
            Err(BrokenRule::UnsupportedSignature { subject: who(certificate), algorithm })
        }
    }
}

fn unsupported_key(certificate: &Certificate) -> BrokenRule {
    BrokenRule::UnsupportedKey { subject: who(certificate), key: certificate.public_key().to_string() }
}

/// §6.1.3 (a)(2): today lies within the validity; both ends count. The days that are left.
pub(super) fn time(certificate: &Certificate, at: Time) -> Result<i64, BrokenRule> {
    let validity = certificate.validity();
    if at < validity.not_before {
        let (subject, not_before) = (who(certificate), validity.not_before);
        return Err(BrokenRule::NotYetValid { subject, not_before, at });
    }
    if at > validity.not_after {
        let (subject, not_after) = (who(certificate), validity.not_after);
        return Err(BrokenRule::Expired { subject, not_after, at });
    }
    Ok(at.days_until(validity.not_after))
}

/// §6.1.4 (k) to (n): it is an authority, `below` others stand beneath it, and its key signs
/// certificates.
pub(super) fn authority(certificate: &Certificate, below: u64) -> Result<(), BrokenRule> {
    let extensions = certificate.extensions();
    let constraints = extensions.basic_constraints().filter(|constraints| constraints.authority);
    let Some(constraints) = constraints else {
        return Err(BrokenRule::NotAnAuthority { subject: who(certificate) });
    };
    if let Some(allowed) = constraints.path_length
        && below > allowed
    {
        return Err(BrokenRule::PathTooLong { subject: who(certificate), allowed, found: below });
    }
    match extensions.key_usage() {
        Some(usage) if !usage.contains(KeyUsage::KEY_CERT_SIGN) => {
            Err(BrokenRule::MayNotSign { subject: who(certificate), found: *usage })
        }
        _ => Ok(()),
    }
}

/// §4.2: whoever does not understand a critical extension refuses the certificate.
pub(super) fn understood(certificate: &Certificate) -> Result<(), BrokenRule> {
    for extension in certificate.extensions().all() {
        if extension.critical && matches!(extension.value, ExtensionValue::Other(_)) {
            let (subject, extension) = (who(certificate), extension.id.clone());
            return Err(BrokenRule::UnknownCriticalExtension { subject, extension });
        }
    }
    Ok(())
}

/// §4.2.1.12: an extendedKeyUsage that is there allows this purpose, or any.
pub(super) fn purpose(certificate: &Certificate, usage: Usage) -> Result<(), BrokenRule> {
    let needed = usage.purpose();
    match certificate.extensions().extended_key_usage() {
        Some(found) if !found.contains(&needed) && !found.contains(&Oid::ANY_EXTENDED_KEY_USAGE) => {
            Err(BrokenRule::WrongPurpose { subject: who(certificate), needed, found: found.clone() })
        }
        _ => Ok(()),
    }
}

/// All that a leaf's extensions say of its use.
pub(super) fn leaf_usage(leaf: &Certificate, usage: Usage) -> Result<(), BrokenRule> {
    understood(leaf)?;
    purpose(leaf, usage)?;
    let needed = usage.key_usage();
    match leaf.extensions().key_usage() {
        Some(found) if !found.contains(needed) => {
            Err(BrokenRule::WrongKeyUsage { subject: who(leaf), needed, found: *found })
        }
        _ if leaf.public_key().rsa().is_none() => Err(unsupported_key(leaf)),
        _ => Ok(()),
    }
}

/// RFC 9525 §6: one of its names is the one that was asked for. The common name is none of them (§2).
pub(super) fn name<'a>(leaf: &'a Certificate, asked: &ServerName) -> Result<&'a GeneralName, BrokenRule> {
    let names = leaf.extensions().subject_alt_name().map_or(&[][..], Vec::as_slice);
    names.iter().find(|presented| asked.matches(presented)).ok_or_else(|| BrokenRule::WrongName {
        subject: who(leaf),
        asked: asked.clone(),
        found: names.to_vec(),
    })
}
