//! What the source document says, judged.

use std::fmt;

/// A sentence of the source document, judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The section of the source document that it stands in.
    pub section: &'static str,
    /// The sentence, word for word.
    pub quote: &'static str,
    /// Whether it is so.
    pub verdict: Verdict,
    /// What is so, with the citations where they belong; empty where the quote says it all.
    pub truth: &'static str,
    /// The standard and its section. Shown by itself where `truth` is empty.
    pub source: &'static str,
}

/// Whether a sentence of the source document is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is.
    True,
    /// It is, and something that matters is missing.
    Incomplete,
    /// It was.
    Historical,
    /// It is not.
    Wrong,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::True => "TRUE",
            Self::Incomplete => "INCOMPLETE",
            Self::Historical => "HISTORICAL",
            Self::Wrong => "WRONG",
        })
    }
}
