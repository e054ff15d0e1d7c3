//! What was seen, as a model that terminal and page only typeset.
//!
//! A story fills a [`Report`]: the layers of a conversation, the words about it, and which bytes to
//! show when. It never writes down what can be computed. Which fields of a message are worth a line
//! is the glossary's say, where a value is used again comes from the computations that ran, and who
//! knows what follows from who holds what.
//!
//! | room | what it holds |
//! |---|---|
//! | [`model`] | the report: steps, what each shows, what the source document claims |
//! | [`mod@line`] | a field as one line: place, bytes, name, meaning, where it is used next |
//! | [`ledger`] | who knows what at which moment |
//! | [`terminal`] | the drawing in 80 columns |
//! | [`html`] | the drawing as a page of its own |
//! | [`json`] | the report as data |
//! | [`output`] | which of these is written |
//! | [`console`] | where: standard output, and remarks beside it |
//! | [`pcapng`] | the conversation as a capture, for Wireshark |

pub mod console;
pub mod html;
pub mod json;
pub mod ledger;
pub mod line;
pub mod model;
pub mod output;
pub mod pcapng;
mod place;
pub mod terminal;
mod width;

pub use console::Console;
pub use ledger::{Knowledge, Ledger};
pub use line::{Bytes, Line, Lines, thousands};
pub use model::{
    Bar, Check, Claim, Event, Exchange, Figure, Inline, Item, KnowsNow, Ladder, Message, Outcome,
    Participant, Phrase, Report, Scene, Section, Show, Spoken, Step, Under, Value, Verdict, Way,
};
pub use output::{Form, Output};
pub use place::Place;
