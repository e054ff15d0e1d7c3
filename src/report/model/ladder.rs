//! The whole conversation: at a glance, and message by message.

use crate::report::model::show::Message;
use crate::wire::Span;

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

impl Spoken {
    /// Whether it is the message that a step's story shows.
    pub(in crate::report) fn is(&self, message: &Message, step: u8) -> bool {
        self.step == step
            && self.message.title.range.start == message.title.range.start
            && self.message.record == message.record
    }

    /// Its message, with what the story of its step says of it besides.
    pub(in crate::report) fn told(&self, meanings: &[(Span, String)]) -> Message {
        let mut told = self.message.clone();
        told.meanings.extend_from_slice(meanings);
        told
    }
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
