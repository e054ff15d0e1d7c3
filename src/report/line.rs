//! A field as one line: where it stands, its bytes, its name, what it means, where it is used next.
//!
//! Terminal, page and JSON typeset the same lines, so they agree by construction.

mod find;
mod made;

use std::collections::HashMap;
use std::str::FromStr;

use crate::report::place::{Offsets, Place};
use crate::report::width::width;
use crate::report::{Ledger, Message, Report, Value};
use crate::wire::{Entry, Field, Kind, LayerId, Layers, Origin, Span};

use find::is_leaf;
pub use find::leaves;

/// How wide a meaning is: the longest name of a cipher suite just fits.
pub const MEANING: usize = 31;

/// How many lines a message has in brief, so that a long chain of certificates, or an attacker's list
/// of names, does not bury the story.
const MOST: usize = 40;

/// How many of a conversation's bytes are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bytes {
    /// Every field.
    Full,
    /// What the glossary finds worth a line.
    #[default]
    Brief,
    /// None: the words alone.
    None,
}

impl FromStr for Bytes {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "full" => Ok(Self::Full),
            "brief" => Ok(Self::Brief),
            "none" => Ok(Self::None),
            _ => Err("it is full, brief or none"),
        }
    }
}

/// One field or value, ready to be set.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which field of which layer: `None` for a value that no field names.
    pub id: Option<(LayerId, usize)>,
    /// How far it is indented.
    pub depth: u16,
    /// Where it stands.
    pub place: Place,
    /// All of its bytes.
    pub whole: Span,
    /// The bytes to show: what it holds, without its own tag and length.
    pub bytes: Span,
    /// What it is called.
    pub name: String,
    /// What its bytes say this time.
    pub meaning: Option<String>,
    /// What it is, in a few words.
    pub short: String,
    /// Which of the four kinds it is.
    pub kind: Option<Kind>,
    /// What it is, in a sentence.
    pub what: &'static str,
    /// The standard and its section.
    pub source: &'static str,
    /// What its layer was computed, opened or sealed from.
    pub from: Vec<Span>,
    /// The layers that were made from it, or from a part of it.
    pub used_in: Vec<LayerId>,
    /// The first later step in which it is used.
    pub step: Option<u8>,
    /// Whether those who only listen can never know it.
    pub private: bool,
    /// Whether other fields lie in it.
    pub group: bool,
}

impl Line {
    /// What to say about it in so many cells: what it means and what it is, if both find room.
    #[must_use]
    pub fn words(&self, room: usize) -> String {
        let count = self.bytes.range.len();
        match (&self.meaning, self.short.as_str()) {
            (Some(meaning), short) => {
                let both = width(meaning) + 2 + width(short);
                if short.is_empty() || both > room { meaning.clone() } else { format!("{meaning}: {short}") }
            }
            (None, "") if self.group => String::new(),
            (None, "") => counted(count, "byte"),
            (None, short) => short.to_owned(),
        }
    }
}

/// The lines of a report.
///
/// The `short` of a glossary entry may hold `{}`, which stands for how many bytes there are.
#[derive(Debug)]
pub struct Lines<'a> {
    report: &'a Report,
    entries: HashMap<&'static str, Vec<&'static Entry>>,
    ledger: Ledger,
}

impl<'a> Lines<'a> {
    /// Prepares the lines of `report`.
    #[must_use]
    pub fn new(report: &'a Report) -> Self {
        let mut entries: HashMap<_, Vec<_>> = HashMap::new();
        for entry in report.glossaries.iter().flat_map(|glossary| glossary.0) {
            entries.entry(entry.label).or_default().push(entry);
        }
        Self { report, entries, ledger: Ledger::new(&report.layers, &report.participants) }
    }

    /// Who knows what.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The title row of a message. Its meaning counts the bytes and fields of which the message is made.
    #[must_use]
    pub fn title(&self, message: &Message) -> Line {
        let mut parts: Vec<&Span> = Vec::new();
        for span in [&message.title].into_iter().chain(&message.fields) {
            if !parts.iter().any(|part| part.covers(span)) {
                parts.retain(|part| !span.covers(part));
                parts.push(span);
            }
        }
        let bytes = parts.iter().map(|part| part.range.len()).sum();
        let fields = parts.iter().map(|part| leaves(self.layers(), part)).sum();
        let offsets = Offsets::of(self.layers(), message.title.layer).behind(self.layers(), &message.record);
        let mut line = self.line(&message.title, None, &[], 0);
        line.place = offsets.place(message.title.range.start);
        line.name.clone_from(&message.name);
        line.meaning = Some(match fields {
            0 => counted(bytes, "byte"),
            _ => format!("{} in {}", counted(bytes, "byte"), counted(fields, "field")),
        });
        line.short.clear();
        line
    }

    /// The fields of a message that are worth a line.
    #[must_use]
    pub fn message(&self, message: &Message, step: u8, bytes: Bytes) -> Vec<Line> {
        let mut lines = Vec::new();
        let header_too =
            bytes == Bytes::Full && !message.fields.iter().any(|span| span.covers(&message.title));
        for span in header_too.then_some(&message.title).into_iter().chain(&message.fields) {
            let offsets = Offsets::of(self.layers(), span.layer).behind(self.layers(), &message.record);
            match bytes {
                Bytes::Full => self.every(span, &offsets, step, &mut lines),
                Bytes::Brief => self.essential(span, &message.title, &offsets, step, &mut lines),
                Bytes::None => {}
            }
        }
        for line in &mut lines {
            let said = message.meanings.iter().find(|(of, _)| *of == line.bytes || *of == line.whole);
            if let Some((_, meaning)) = said {
                line.meaning = Some(meaning.clone());
                line.short.clear();
            }
        }
        if bytes == Bytes::Brief && lines.len() > MOST {
            let count = lines.len() - (MOST - 1);
            lines.truncate(MOST);
            if let Some(last) = lines.last_mut() {
                last.bytes.range.end = last.bytes.range.start;
                last.name = format!("{count} more fields");
                last.meaning = Some("not shown in brief".to_owned());
                (last.kind, last.step) = (None, None);
                last.short.clear();
            }
        }
        lines
    }

    /// Every field, groups as headings.
    fn every(&self, span: &Span, offsets: &Offsets, step: u8, lines: &mut Vec<Line>) {
        let mut outermost = None;
        self.walk(span, |id, field, groups| {
            let mut line = self.line(&span.layer.span(field.range()), Some(id), groups, step);
            line.depth = field.depth.saturating_sub(*outermost.get_or_insert(field.depth)) + 1;
            line.place = offsets.place(if line.group { field.range().start } else { line.bytes.range.start });
            if line.group && self.entry(field.label, groups, span.layer).is_none() {
                // A heading: that something in it is used again is said there.
                line.step = None;
            }
            // Among its like a field has the name of the standard, however short its title is elsewhere.
            if let Some(index) = field.index {
                line.name = format!("{}[{index}]", field.label);
                if line.short == field.label {
                    line.short.clear();
                }
            }
            lines.push(line);
        });
    }

    /// What the glossary finds worth a line. Items of a list that follow the first share one.
    fn essential(&self, span: &Span, title: &Span, offsets: &Offsets, step: u8, lines: &mut Vec<Line>) {
        let mut before: Option<Shown> = None;
        self.walk(span, |id, field, groups| {
            let whole = span.layer.span(field.range());
            let entry = self.entry(field.label, groups, span.layer);
            if !entry.is_some_and(|entry| entry.brief) || title.covers(&whole) {
                return;
            }
            let follows = before.as_ref().filter(|before| {
                let same =
                    (before.label, before.depth, before.end) == (field.label, field.depth, field.start);
                same && field.index.is_some()
            });
            let mut shown =
                Shown { label: field.label, depth: field.depth, end: field.end, line: lines.len(), more: 0 };
            if let Some(first) = follows {
                shown.more = first.more + 1;
            }
            if let Some(&Shown { line, more: 1.., .. }) = follows {
                shown.line = line;
                let line = &mut lines[line];
                line.whole.range.end = whole.range.end;
                line.bytes = line.whole.clone();
                line.meaning = None;
            } else {
                let mut line = self.line(&whole, Some(id), groups, step);
                line.depth = 1;
                line.place = offsets.place(line.bytes.range.start);
                lines.push(line);
            }
            let plural = if shown.more == 1 { "" } else { "s" };
            if shown.more > 0 {
                lines[shown.line].name = format!("{} more {}{plural}", shown.more, last_word(field.label));
            }
            before = Some(shown);
        });
    }

    /// A value on a row of its own.
    #[must_use]
    pub fn value(&self, value: &Value, step: u8) -> Line {
        let (id, groups) = self.field_at(&value.span);
        let mut line = self.line(&value.span, id, &groups, step);
        line.place = Offsets::of(self.layers(), value.span.layer).place(line.bytes.range.start);
        if let Some(name) = &value.name {
            line.name.clone_from(name);
        }
        if let Some(meaning) = &value.meaning {
            line.meaning = Some(meaning.clone());
            line.short.clear();
        }
        line
    }

    /// Every field at `span`, groups as headings; one line where no field is named.
    #[must_use]
    pub fn fields(&self, span: &Span, step: u8) -> Vec<Line> {
        let mut lines = Vec::new();
        self.every(span, &Offsets::of(self.layers(), span.layer), step, &mut lines);
        if lines.is_empty() {
            lines.push(Line { depth: 1, ..self.value(&Value::new(span), step) });
        }
        lines
    }

    /// What a place is called: the name of its field or of its layer.
    #[must_use]
    pub fn name(&self, span: &Span) -> String {
        self.value(&Value::new(span), 0).name
    }

    /// The structure in which the field at `span` stands, for where its name alone would not tell it from
    /// another: `ServerHello` of a `random`.
    #[must_use]
    pub fn structure(&self, span: &Span) -> Option<&'static str> {
        self.field_at(span).1.last().copied()
    }

    /// Which of the four kinds the bytes at `span` are.
    #[must_use]
    pub fn kind(&self, span: &Span) -> Option<Kind> {
        let (id, groups) = self.field_at(span);
        let layer = self.layers().get(span.layer);
        let label = id.map_or(layer.name, |id| layer.fields.all()[id].label);
        self.entry(label, &groups, span.layer)?.kind
    }

    fn layers(&self) -> &'a Layers {
        &self.report.layers
    }

    fn line(&self, span: &Span, id: Option<usize>, groups: &[&'static str], step: u8) -> Line {
        let layers = self.layers();
        let layer = layers.get(span.layer);
        let field = id.map(|id| &layer.fields.all()[id]);
        let label = field.map_or(layer.name, |field| field.label);
        let entry = self.entry(label, groups, span.layer);
        let contents = field.map(Field::contents).filter(|contents| !contents.is_empty());
        let bytes = match contents {
            Some(contents) if field.is_some_and(|field| field.range() == span.range) => {
                span.layer.span(contents)
            }
            _ => span.clone(),
        };
        let used_in = layers.used_in(span);
        let steps = used_in.iter().filter_map(|&user| self.report.step_at(layers.get(user).at));
        let from = match layer.origin {
            Origin::Joined(_) => Vec::new(),
            _ => layers.made_from(span).cloned().collect(),
        };
        Line {
            id: id.map(|id| (span.layer, id)),
            depth: 0,
            place: Place::Kept,
            name: entry
                .map(|entry| entry.title)
                .filter(|title| !title.is_empty())
                .unwrap_or(label)
                .to_owned(),
            meaning: field.and_then(|field| field.meaning.as_deref()).map(str::to_owned),
            short: entry.map_or("", |entry| entry.short).replace("{}", &bytes.range.len().to_string()),
            bytes,
            whole: span.clone(),
            kind: entry.and_then(|entry| entry.kind),
            what: entry.map_or("", |entry| entry.what),
            source: entry.map_or("", |entry| entry.source),
            from,
            step: steps.map(|later| later.number).filter(|&number| number > step).min(),
            used_in,
            private: self.ledger.private(span),
            group: id.zip(field).is_some_and(|(id, field)| !is_leaf(id, field)),
        }
    }
}

/// A field that has a line: what the next item of a list is held against.
struct Shown {
    label: &'static str,
    depth: u16,
    end: u32,
    line: usize,
    /// How many items the line stands for, if not for the first.
    more: usize,
}

/// `1 byte`, `17 bytes`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `suite` of `cipher_suite`.
fn last_word(label: &str) -> &str {
    label.rsplit('_').next().unwrap_or(label)
}

/// `1,234,567`
#[must_use]
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}
