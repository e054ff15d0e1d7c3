//! Why a certificate is not believed: every path that was tried, and where each ended.

use std::fmt;

use crate::pki::validation::BrokenRule;

/// How many of the paths that were tried are told; the most telling are.
pub const MAX_TOLD: usize = 16;

/// A way from the leaf upwards, and the first rule that it broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The subjects of its certificates, the leaf's first, as far as it led.
    pub certificates: Vec<String>,
    /// Whether it led to the trust store.
    pub complete: bool,
    /// Which rule it broke: whose certificate, what was found, and what would mend it.
    pub broke: BrokenRule,
}

impl Candidate {
    /// Its certificates in one line, each before the one that signed it: `CN=server ← CN=root`, or
    /// `CN=server ← nobody`; `..` stands for what was not looked at.
    #[must_use]
    pub fn way(&self) -> String {
        let end = match self.broke {
            BrokenRule::UnknownIssuer { .. } => Some("nobody"),
            _ => (!self.complete).then_some(".."),
        };
        self.certificates.iter().map(String::as_str).chain(end).collect::<Vec<_>>().join(" ← ")
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.way(), self.broke, self.broke.section())
    }
}

/// Why a certificate is not believed: each path that was tried, with the first rule that it broke. One
/// of them is the verdict.
///
/// It prints the verdict, then the paths, a line each:
///
/// ```
/// # use cutaway::pki::validation::{self, BrokenRule, Usage};
/// # use cutaway::pki::{Certificate, TrustStore};
/// # let leaf = Certificate::from_pem(include_bytes!("../../../tests/fixtures/pki/leaf.pem"))?;
/// # let between = Certificate::from_pem(include_bytes!("../../../tests/fixtures/pki/intermediate.pem"))?;
/// # let chain = [leaf, between].concat();
/// # let at = "2026-11-24T12:00:00Z".parse()?;
/// let nobody = TrustStore::new();
/// let error = validation::validate(&chain, &nobody, at, Usage::ServerAuth, None).unwrap_err();
/// assert!(matches!(error.rule(), BrokenRule::UnknownIssuer { issuer, .. } if issuer.contains("fixture root")));
/// assert_eq!(error.rule().section(), "RFC 5280 §6.1");
/// assert!(error.candidates()[0].way().ends_with(" ← CN=fixture intermediate,O=Cutaway ← nobody"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationError(Box<Refusal>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    /// At least one, the most telling first.
    candidates: Vec<Candidate>,
    untold: usize,
}

impl ValidationError {
    /// Paths, the most telling first, and how many more there were.
    pub(super) fn new(candidates: Vec<Candidate>, untold: usize) -> Self {
        assert!(!candidates.is_empty(), "a refusal has a reason");
        Self(Box::new(Refusal { candidates, untold }))
    }

    /// The verdict: the rule that the most telling of the paths broke.
    #[must_use]
    pub fn rule(&self) -> &BrokenRule {
        &self.0.candidates[0].broke
    }

    /// The paths that were tried, the most telling first, at most [`MAX_TOLD`].
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.0.candidates
    }

    /// How many more there were.
    #[must_use]
    pub fn untold(&self) -> usize {
        self.0.untold
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { candidates, untold } = &*self.0;
        write!(f, "{} ({})", self.rule(), self.rule().section())?;
        match &candidates[..] {
            [one] if one.certificates.len() > 1 => write!(f, "\non the path {}", one.way()),
            [_] => Ok(()),
            many => {
                write!(f, "\n{} paths were tried:", many.len() + untold)?;
                many.iter().try_for_each(|candidate| write!(f, "\n  {candidate}"))?;
                if *untold > 0 {
                    write!(f, "\n  and {untold} more")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ValidationError {}
