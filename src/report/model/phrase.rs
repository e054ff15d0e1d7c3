//! Words, among which bytes of the conversation may stand.

use crate::wire::{Kind, Span};

/// Words, among which bytes of the conversation may stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrase(pub Vec<Inline>);

/// A part of a [`Phrase`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Words.
    Words(String),
    /// Bytes in hexadecimal.
    Hex {
        /// Which.
        span: Span,
        /// How many are shown.
        most: usize,
        /// Their kind; the glossary's when `None`.
        kind: Option<Kind>,
    },
    /// Bytes as the text that they are.
    Text(Span),
}

impl Phrase {
    /// Then these words.
    #[must_use]
    pub fn and(mut self, words: impl Into<String>) -> Self {
        self.0.push(Inline::Words(words.into()));
        self
    }

    /// Then the first bytes at `span`, in hexadecimal, with the kind that the glossary gives them.
    #[must_use]
    pub fn hex(mut self, span: &Span, most: usize) -> Self {
        self.0.push(Inline::Hex { span: span.clone(), most, kind: None });
        self
    }

    /// Then the first bytes at `span`, in hexadecimal, as something sealed.
    #[must_use]
    pub fn sealed(mut self, span: &Span, most: usize) -> Self {
        self.0.push(Inline::Hex { span: span.clone(), most, kind: Some(Kind::Secret) });
        self
    }

    /// Then the bytes at `span` as text.
    #[must_use]
    pub fn text(mut self, span: &Span) -> Self {
        self.0.push(Inline::Text(span.clone()));
        self
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Phrase {
    fn from(words: &str) -> Self {
        Self::from(words.to_owned())
    }
}

impl From<String> for Phrase {
    fn from(words: String) -> Self {
        if words.is_empty() { Self::default() } else { Self(vec![Inline::Words(words)]) }
    }
}
