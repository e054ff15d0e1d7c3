//! The report: everything that is shown, and nothing about how.

mod claim;
mod ladder;
mod phrase;
mod show;

use std::time::SystemTime;

use crate::wire::{Glossary, Layers, Moment, Party, Span};

pub use claim::{Claim, Verdict};
pub use ladder::{Exchange, Ladder, Spoken, Way};
pub use phrase::{Inline, Phrase};
pub use show::{Bar, Check, Figure, Message, Outcome, Show, Under, Value};

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
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// What it is called.
    pub name: String,
    /// Its parts, each with a sign of its own. `None` is one that never came to be in this run.
    pub parts: Vec<Option<Span>>,
    /// Those who are not ours and may have it for themselves: that they show nothing of it proves nothing.
    pub unseen: Vec<Party>,
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
