//! What a step or a section shows: messages, values, checks, figures.

use crate::report::model::phrase::Phrase;
use crate::wire::{Kind, Span};

/// One thing that a step or a section shows.
#[derive(Clone, Debug)]
pub enum Show {
    /// A message: a title row, then its fields.
    Message(Message),
    /// A value that is not read in a message: a secret, a key.
    Value(Value),
    /// How the value at this place was made, in words computed from its layer's origin.
    Made(Span),
    /// A question that was put, and its answer.
    Check(Check),
    /// Sealed bytes, keystream and opened bytes under one another.
    Under(Under),
    /// A label, and what belongs to it.
    Said {
        /// The label.
        label: String,
        /// What belongs to it.
        text: Phrase,
    },
    /// Something that was measured.
    Figure(Figure),
    /// Lengths to scale.
    Bars(Vec<Bar>),
    /// Sentences.
    Prose(String),
    /// Options of the command, each with what it does.
    Options(Vec<(String, String)>),
    /// A pause.
    Gap,
}

/// A message that crossed the wire.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its name.
    pub name: String,
    /// The record that carried it: offsets are counted from its first byte.
    pub record: Span,
    /// The bytes of the title row: the record's header as a rule.
    pub title: Span,
    /// Where its fields lie, in the order in which they are shown.
    pub fields: Vec<Span>,
    /// What the title row says; how many bytes and fields there are when `None`.
    pub note: Option<Phrase>,
    /// What single fields mean this time, where the glossary cannot know it.
    pub meanings: Vec<(Span, String)>,
    /// Whether its title row says enough, unless every byte is asked for.
    pub folded: bool,
}

impl Message {
    /// A message of which only the title row is shown as yet.
    #[must_use]
    pub fn new(name: impl Into<String>, record: &Span, title: &Span) -> Self {
        let (record, title) = (record.clone(), title.clone());
        Self {
            name: name.into(),
            record,
            title,
            fields: Vec::new(),
            note: None,
            meanings: Vec::new(),
            folded: false,
        }
    }

    /// Then the fields at these places, as far as the glossary finds them worth a line.
    #[must_use]
    pub fn shows(mut self, fields: impl IntoIterator<Item = Span>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// With these words in the title row.
    #[must_use]
    pub fn note(mut self, note: impl Into<Phrase>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// With this meaning for the field at `span`.
    #[must_use]
    pub fn means(mut self, span: &Span, meaning: impl Into<String>) -> Self {
        self.meanings.push((span.clone(), meaning.into()));
        self
    }
}

/// A value on a row of its own.
#[derive(Clone, Debug)]
pub struct Value {
    /// Where it is.
    pub span: Span,
    /// What it is called, where that is not the name of its field or layer.
    pub name: Option<String>,
    /// What it means, where the glossary cannot know it.
    pub meaning: Option<String>,
}

impl Value {
    /// The value at `span`, with the name and meaning that layers and glossary give it.
    #[must_use]
    pub fn new(span: &Span) -> Self {
        Self { span: span.clone(), name: None, meaning: None }
    }

    /// Called so.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With this meaning.
    #[must_use]
    pub fn means(mut self, meaning: impl Into<String>) -> Self {
        self.meaning = Some(meaning.into());
        self
    }
}

/// A question that was put to something received.
#[derive(Clone, Debug)]
pub struct Check {
    /// The answer.
    pub outcome: Outcome,
    /// What was asked about.
    pub name: String,
    /// What was found. Bytes in it lend the row their mark.
    pub text: Phrase,
    /// The standard that wants it asked.
    pub source: String,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Well.
    Passed,
    /// Badly.
    Failed,
    /// It was not reached.
    NotAsked,
}

/// Sealed bytes, the keystream, and what their XOR is: three places of one length.
#[derive(Clone, Debug)]
pub struct Under {
    /// What crossed the wire.
    pub wire: Span,
    /// What hid it.
    pub keystream: Span,
    /// What was hidden.
    pub opened: Span,
}

/// Something that was measured.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What.
    pub name: String,
    /// How much, with its unit.
    pub amount: String,
    /// What that is worth.
    pub remark: String,
}

/// One of several lengths that are compared.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// How long it is, in a unit that all bars of a comparison share.
    pub length: f64,
    /// How much that is, in words.
    pub amount: String,
    /// Its hue.
    pub kind: Option<Kind>,
}
