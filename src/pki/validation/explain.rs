//! The five questions and their answers, in words.

use crate::hash::HashAlgorithm;
use crate::pki::validation::rule::days;
use crate::pki::validation::{
    Answers, BrokenRule, MAX_SIGNATURES, Path, Usage, ValidationError, checks, no_certificate, path,
};
use crate::pki::{Certificate, GeneralName, ServerName, SignatureAlgorithm, Time, TrustStore};

/// One of the five questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// Did the issuer's key sign exactly these bytes?
    Signature,
    /// Does a path of authorities lead to one that is trusted beforehand?
    Issuer,
    /// Does today lie within its validity?
    Time,
    /// Is it for the server that was asked for?
    Name,
    /// May its key be used for this?
    Usage,
}

impl Question {
    /// Its one word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Time => "time",
            Self::Name => "name",
            Self::Usage => "usage",
        }
    }

    /// Where the standard asks it.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::Signature | Self::Time => "RFC 5280 §6.1.3",
            Self::Issuer => "RFC 5280 §6.1.1",
            Self::Name => "RFC 9525 §6",
            Self::Usage => "RFC 5280 §4.2.1",
        }
    }
}

/// How a question was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Yes.
    Holds,
    /// No.
    Fails,
    /// It cannot be answered, as a signature without the key that made it.
    Open,
}

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was asked.
    pub question: Question,
    /// How it was answered.
    pub answer: Answer,
    /// The answer in words, with the facts.
    pub text: String,
    /// The standard and its section.
    pub source: &'static str,
    /// Why no path holds, where that is the answer: all that were tried.
    pub refusal: Option<ValidationError>,
}

/// What a signature holds: what comes out when it is raised to the power e modulo n.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The hash that was signed.
    pub hash: HashAlgorithm,
    /// The digest of the signed bytes, computed here.
    pub digest: Vec<u8>,
    /// `s^e mod n`: padding, the name of the hash, and at its end the digest that the issuer computed.
    pub block: Vec<u8>,
}

/// Opens a certificate's signature with the key of `issuer`; `None` if that is no RSA, or if the
/// signature is no number below n.
#[must_use]
pub fn recovered(certificate: &Certificate, issuer: &Certificate) -> Option<Recovered> {
    let SignatureAlgorithm::RsaPkcs1(hash) = *certificate.signature_algorithm() else { return None };
    let block = issuer.public_key().rsa()?.power(certificate.signature())?;
    Some(Recovered { hash, digest: hash.digest(certificate.signed()), block })
}

/// All five questions to the first certificate of `chain`, each answered for itself: the signature and
/// the issuer, the time, the name, the usage. All hold exactly if
/// [`validate`](crate::pki::validation::validate) gives a path.
///
/// # Errors
/// A [`ValidationError`] of [`BrokenRule::NoCertificate`].
pub fn explain(
    chain: &[Certificate],
    store: &TrustStore,
    at: Time,
    usage: Usage,
    name: Option<&ServerName>,
) -> Result<[Check; 5], ValidationError> {
    let answers = Answers::of(chain, store, at, usage, name)?;
    let (leaf, others) = chain.split_first().ok_or_else(no_certificate)?;
    let trusted = store.contains(leaf);
    let time = answers.time.map(|left| format!("today lies within; {} left", days_are(left)));
    let name = answers.name.map(|found| name_text(name, found));
    let usage =
        answers.usage.map(|()| if trusted { "not asked of it".into() } else { usage_text(leaf, usage) });
    let signature = signature(leaf, others, store, &answers.path);
    let issuer = issuer(&answers.path, signature.answer);
    Ok([
        signature,
        issuer,
        check(Question::Time, time),
        check(Question::Name, name),
        check(Question::Usage, usage),
    ])
}

fn check(question: Question, answer: Result<String, BrokenRule>) -> Check {
    let (answer, text, source) = match answer {
        Ok(text) => (Answer::Holds, text, question.source()),
        Err(rule) => (Answer::Fails, rule.to_string(), rule.section()),
    };
    Check { question, answer, text, source, refusal: None }
}

/// A question that the search answered with no.
fn refused(question: Question, refusal: &ValidationError) -> Check {
    Check { refusal: Some(refusal.clone()), ..check(question, Err(refusal.rule().clone())) }
}

fn open(question: Question, text: &str) -> Check {
    let (answer, source) = (Answer::Open, question.source());
    Check { question, answer, text: text.into(), source, refusal: None }
}

/// Whether a path was found or not: did someone whom we know sign the leaf?
fn signature(
    leaf: &Certificate,
    others: &[Certificate],
    store: &TrustStore,
    path: &Result<Path<'_>, ValidationError>,
) -> Check {
    if store.contains(leaf) {
        return check(Question::Signature, Ok("not needed: this very certificate is trusted".into()));
    }
    let known = path::Known::new(others, store);
    let mut namesakes: Vec<_> =
        known.named(leaf.issuer()).iter().map(|namesake| namesake.certificate).collect();
    namesakes.sort_by_key(|issuer| path::has_another_identifier(leaf, issuer));
    // Of a path that holds it is known.
    let signer = path.as_ref().ok().and_then(|path| path.certificates().get(1).copied());
    let mut candidates = signer.into_iter().chain(namesakes).take(MAX_SIGNATURES);
    let signer = candidates.find(|issuer| checks::signature(leaf, issuer).is_ok());
    match (signer.and_then(|signer| recovered(leaf, signer)), path) {
        (Some(recovered), _) => check(Question::Signature, Ok(signature_text(leaf, &recovered))),
        (None, Err(error)) if is_of_signature(error) => refused(Question::Signature, error),
        (None, _) if checks::signature(leaf, leaf).is_ok() => {
            open(Question::Signature, "made with its own key, which proves nothing")
        }
        (None, _) => open(Question::Signature, "cannot be checked: the key that made it is not known"),
    }
}

fn issuer(path: &Result<Path<'_>, ValidationError>, signature: Answer) -> Check {
    match path {
        Ok(path) => check(Question::Issuer, Ok(issuer_text(path))),
        Err(_) if signature == Answer::Fails => open(Question::Issuer, "not known, since no signature holds"),
        Err(error) => refused(Question::Issuer, error),
    }
}

fn is_of_signature(error: &ValidationError) -> bool {
    matches!(error.rule(), BrokenRule::BadSignature { .. } | BrokenRule::UnsupportedSignature { .. })
}

fn signature_text(leaf: &Certificate, recovered: &Recovered) -> String {
    let Recovered { hash, digest, .. } = recovered;
    let first: Vec<_> = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let signed = leaf.signed().len();
    format!("s^e mod n ends in the {hash} of the {signed} signed bytes: {} ..", first.join(" "))
}

fn issuer_text(path: &Path<'_>) -> String {
    match path.certificates().len() {
        1 => "in the trust store itself".into(),
        2 => "in the trust store, and it is a CA".into(),
        certificates => {
            let between = certificates - 2;
            let authorities = if between == 1 { "one CA".into() } else { format!("{between} CAs") };
            format!("{authorities} between it and {} in the trust store", path.anchor().subject())
        }
    }
}

fn days_are(count: i64) -> String {
    format!("{} {}", days(count), if count < 2 { "is" } else { "are" })
}

fn name_text(asked: Option<&ServerName>, found: Option<&GeneralName>) -> String {
    match (asked, found) {
        (Some(asked), Some(found)) => {
            let (asked, found) = (asked.to_string(), found.to_string());
            if asked.eq_ignore_ascii_case(&found) {
                format!("{asked} is in the SAN")
            } else {
                format!("{asked} is covered by {found} in the SAN")
            }
        }
        _ => "none was asked for".into(),
    }
}

fn usage_text(leaf: &Certificate, usage: Usage) -> String {
    let extensions = leaf.extensions();
    let purpose = extensions.extended_key_usage().map(|_| usage.purpose().to_string());
    let key = extensions.key_usage().map(|_| usage.key_usage().to_string());
    let allowed: Vec<_> = purpose.into_iter().chain(key).collect();
    let allowed = if allowed.is_empty() { "nothing restricts it".into() } else { allowed.join(", ") };
    let authority = extensions.basic_constraints().is_some_and(|constraints| constraints.authority);
    format!("{allowed}; {}", if authority { "a CA as well" } else { "not a CA" })
}
