//! The report: everything that is shown, and nothing about how.

use std::fmt;
use std::time::SystemTime;

use crate::wire::{Glossary, Kind, Layers, Moment, Party, Span};

/// One run, told. A story fills it; [`terminal`](crate::report::terminal) draws it.
///
/// ```
/// use cutaway::report::{Message, Report, Show, Step, terminal};
/// use cutaway::wire::{Layers, Party};
///
/// let mut layers = Layers::new();
/// let record = layers.heard(Party("client"), 0, "record", vec![22, 3, 1, 0, 1, 0]);
/// let (header, body) = (record.span(0..5), record.span(5..6));
/// let hello = Message::new("Hello", &header, &header).shows([body]).note("one byte follows");
/// let step = Step {
///     number: 1,
///     title: "Hello".into(),
///     who: "client → server".into(),
///     prose: "The client says hello.".into(),
///     shows: vec![Show::Message(hello)],
///     ..Step::default()
/// };
/// let report = Report { layers, steps: vec![step], ..Report::default() };
/// let drawn = terminal::draw(&report, terminal::Options::default());
/// assert!(drawn.contains("    0000  16 03 01 00 01  Hello                  one byte follows\n"));
/// ```
#[derive(Debug, Default)]
pub struct Report {
    /// The conversation: its bytes, their names, where each came from.
    pub layers: Layers,
    /// What the names mean.
    pub glossaries: Vec<&'static Glossary>,
    /// Who speaks: "cutaway".
    pub title: String,
    /// Of what: "one TLS 1.2 handshake, opened".
    pub subtitle: String,
    /// What the reader is looking at; each line of it is a paragraph.
    pub intro: String,
    /// The end, told first, so that the reader wants to know why.
    pub opening: Vec<Scene>,
    /// What the opening leaves the reader with.
    pub riddle: String,
    /// The whole conversation at a glance.
    pub ladder: Ladder,
    /// The whole conversation, message by message, for a drawing that has room for every byte.
    pub conversation: Vec<Spoken>,
    /// Those who take part or listen, in the order of the ledger's rows.
    pub participants: Vec<Participant>,
    /// What can be known, in the order of the ledger's columns.
    pub items: Vec<Item>,
    /// What crossed the wire, in order.
    pub events: Vec<Event>,
    /// The story.
    pub steps: Vec<Step>,
    /// What is said after it.
    pub closing: Vec<Section>,
}

impl Report {
    /// The step in which a moment lies: the first that lasts until then.
    #[must_use]
    pub fn step_at(&self, moment: Moment) -> Option<&Step> {
        self.steps.iter().find(|step| moment <= step.until)
    }
}

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

/// One row of the opening: a moment, what the parties see, what the eavesdropper sees.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// When: "today", "next year".
    pub label: String,
    /// What is so, or what those see who should.
    pub left: Phrase,
    /// What the eavesdropper sees.
    pub right: Phrase,
}

/// The conversation as messages between two lines; the table of contents.
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    /// Who stands left.
    pub left: String,
    /// Who stands right.
    pub right: String,
    /// From top to bottom.
    pub rows: Vec<Exchange>,
}

/// A row of the ladder.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The step that tells it.
    pub step: u8,
    /// Which way it goes.
    pub way: Way,
    /// The messages, each with whether it is sealed; what is asked, where nothing is sent.
    pub messages: Vec<(String, bool)>,
    /// How many bytes they took on the wire, records and all.
    pub bytes: usize,
}

/// A message with all of its bytes.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// The step that tells it.
    pub step: u8,
    /// Which way it went.
    pub way: Way,
    /// What it is called on the ladder.
    pub name: String,
    /// The bytes that this name was taken from, where it is not a mere type: who may not see them calls
    /// the message what [`Message::name`] calls it.
    pub named_by: Option<Span>,
    /// Whether it was sealed.
    pub sealed: bool,
    /// How many bytes it took on the wire, records and all; of records that it shares, its own part.
    pub bytes: usize,
    /// Its fields, all of them.
    pub message: Message,
    /// The keystream that hid it, as long as what was hidden.
    pub keystream: Option<Span>,
}

/// Which way a message goes on the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From left to right.
    Right,
    /// From right to left.
    Left,
    /// One each way.
    Both,
    /// Nothing is sent: somebody thinks.
    Nowhere,
}

/// Something that crossed the wire.
#[derive(Clone, Debug)]
pub struct Event {
    /// Who said it.
    pub from: Party,
    /// What it is called. The name quotes nothing that was sealed.
    pub name: String,
    /// Whether it was sealed.
    pub sealed: bool,
    /// The records that carried it.
    pub records: Vec<Span>,
    /// Its own bytes, opened where it was sealed and could be.
    pub message: Span,
    /// Its place in the order of events.
    pub moment: Moment,
    /// When its last byte was seen, if that is known and may be told.
    pub time: Option<SystemTime>,
}

/// Someone whose knowledge the ledger keeps.
#[derive(Clone, Debug)]
pub struct Participant {
    /// Who. Values that it gave ([`Layers::given`]) are held by it without being named here.
    pub party: Party,
    /// What it holds besides, and since when.
    pub holds: Vec<(Span, Moment)>,
}

/// Something that can be known: a column of the ledger.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is called.
    pub name: String,
    /// Its parts, each with a sign of its own. `None` is one that never came to be in this run.
    pub parts: Vec<Option<Span>>,
}

/// One step of the story.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Which, from 1.
    pub number: u8,
    /// Its name in the source document.
    pub title: String,
    /// Who speaks to whom: "client → server".
    pub who: String,
    /// What happens and why, in a sentence or two; each line of it is a paragraph.
    pub prose: String,
    /// The bytes, in order.
    pub shows: Vec<Show>,
    /// What the source document says about it.
    pub claims: Vec<&'static Claim>,
    /// The last moment that belongs to it.
    pub until: Moment,
    /// How it is told who knows what by then.
    pub knows_now: KnowsNow,
}

/// How a step tells who knows what by its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KnowsNow {
    /// The whole ledger.
    #[default]
    Table,
    /// A sentence, where the table would be the one before.
    Sentence(String),
    /// Not at all.
    Untold,
}

/// Something said outside the steps.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// Its heading; without one there is no rule either.
    pub title: String,
    /// What stands at the other end of the rule.
    pub aside: String,
    /// Each line of it is a paragraph.
    pub prose: String,
    /// What it shows.
    pub shows: Vec<Show>,
}

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
}

impl Message {
    /// A message of which only the title row is shown as yet.
    #[must_use]
    pub fn new(name: impl Into<String>, record: &Span, title: &Span) -> Self {
        let (record, title) = (record.clone(), title.clone());
        Self { name: name.into(), record, title, fields: Vec::new(), note: None, meanings: Vec::new() }
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
