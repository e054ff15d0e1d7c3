//! What a step shows, as data: lines, phrases, checks, figures.

use super::data::{data, tagged};
use super::{Place, Told, places};
use crate::report::{self as model, Bytes, Inline, Outcome, Phrase};
use crate::wire::reader::escape;
use crate::wire::{Kind, Span};

tagged! {
    "show"
    pub(super) enum Show<'a> {
        Message = "message" {
            name: &'a str,
            record: Place,
            title: Line<'a>,
            note: Option<Vec<Piece<'a>>>,
            lines: Vec<Line<'a>>,
        },
        Value = "value" {
            line: Line<'a>,
        },
        Made = "made" {
            at: Place,
            how: String,
        },
        Check = "check" {
            outcome: &'static str,
            name: &'a str,
            text: Vec<Piece<'a>>,
            source: &'a str,
        },
        Under = "under" {
            wire: Bare,
            keystream: Bare,
            opened: Bare,
        },
        Said = "said" {
            label: &'a str,
            text: Vec<Piece<'a>>,
        },
        Figure = "figure" {
            name: &'a str,
            amount: &'a str,
            remark: &'a str,
        },
        Bars = "bars" {
            bars: Vec<Bar<'a>>,
        },
        Prose = "prose" {
            text: &'a str,
        },
        Options = "options" {
            options: Vec<[&'a str; 2]>,
        },
    }
}

data! {
    /// A field or a value: [`model::Line`].
    pub(super) struct Line<'a> {
        id: Option<Id>,
        path: Option<&'a str>,
        depth: u16,
        /// `wire`, `kept` or `open`.
        place: &'static str,
        /// On the wire: counted from the first byte of the record.
        offset: Option<u64>,
        range: Place,
        contents: Place,
        /// `null` in a message where other fields lie in this one: they have them.
        bytes: Option<String>,
        group: bool,
        name: String,
        meaning: Option<String>,
        short: String,
        kind: Option<&'static str>,
        what: &'static str,
        source: &'static str,
        from: Vec<Place>,
        used_in: Vec<u32>,
        step: Option<u8>,
        private: bool,
    }
}

data! {
    struct Id {
        layer: u32,
        field: usize,
    }
}

tagged! {
    ""
    /// A part of a phrase.
    pub(super) enum Piece<'a> {
        Words = "words" { words: &'a str },
        Hex = "hex" { at: Place, bytes: Option<String>, kind: Option<&'static str> },
        Text = "text" { at: Place, text: Option<String> },
    }
}

data! {
    /// Bytes without a line.
    pub(super) struct Bare {
        at: Place,
        bytes: Option<String>,
    }
}

data! {
    pub(super) struct Bar<'a> {
        label: &'a str,
        length: f64,
        amount: &'a str,
    }
}

impl<'a> Told<'a> {
    pub(super) fn shows(&'a self, shows: &'a [model::Show], step: u8) -> Vec<Show<'a>> {
        use model::Show as Model;
        let mut above = None;
        let show = |show: &'a Model| {
            Some(match show {
                Model::Message(message) => Show::Message {
                    name: &message.name,
                    record: (&message.record).into(),
                    title: self.line(self.lines.title(message)),
                    note: message.note.as_ref().map(|note| self.pieces(note)),
                    lines: {
                        let lines = self.lines.message(message, step, Bytes::Full);
                        let of_leaf =
                            |line: Line<'a>| Line { bytes: line.bytes.filter(|_| !line.group), ..line };
                        lines.into_iter().map(|line| of_leaf(self.line(line))).collect()
                    },
                },
                Model::Value(value) => {
                    above = Some(&value.span);
                    Show::Value { line: self.line(self.lines.value(value, step)) }
                }
                Model::Made(span) => Show::Made { at: span.into(), how: self.lines.made(span, above) },
                Model::Check(check) => Show::Check {
                    outcome: match check.outcome {
                        Outcome::Passed => "passed",
                        Outcome::Failed => "failed",
                        Outcome::NotAsked => "not_asked",
                    },
                    name: &check.name,
                    text: self.pieces(&check.text),
                    source: &check.source,
                },
                Model::Under(under) => Show::Under {
                    wire: self.bare(&under.wire),
                    keystream: self.bare(&under.keystream),
                    opened: self.bare(&under.opened),
                },
                Model::Said { label, text } => Show::Said { label, text: self.pieces(text) },
                Model::Figure(figure) => {
                    Show::Figure { name: &figure.name, amount: &figure.amount, remark: &figure.remark }
                }
                Model::Bars(bars) => Show::Bars {
                    bars: bars
                        .iter()
                        .map(|bar| Bar { label: &bar.label, length: bar.length, amount: &bar.amount })
                        .collect(),
                },
                Model::Prose(text) => Show::Prose { text },
                Model::Options(options) => Show::Options {
                    options: options.iter().map(|(option, does)| [option.as_str(), does]).collect(),
                },
                Model::Gap => return None,
            })
        };
        shows.iter().filter_map(show).collect()
    }

    fn line(&'a self, line: model::Line) -> Line<'a> {
        use model::Place as At;
        let told = self.reveal || !line.private;
        Line {
            id: line.id.map(|(layer, field)| Id { layer: layer.0, field }),
            path: line.id.map(|(layer, field)| self.paths[layer.0 as usize][field].as_str()),
            depth: line.depth,
            place: match line.place {
                At::At(_) => "wire",
                At::Kept => "kept",
                At::Open => "open",
            },
            offset: match line.place {
                At::At(offset) => Some(offset),
                At::Kept | At::Open => None,
            },
            range: (&line.whole).into(),
            contents: (&line.bytes).into(),
            bytes: told.then(|| hex::encode(self.report.layers.bytes(&line.bytes))),
            group: line.group,
            name: line.name,
            meaning: line.meaning.filter(|_| told),
            short: line.short,
            kind: line.kind.map(kind),
            what: line.what,
            source: line.source,
            from: places(&line.from),
            used_in: line.used_in.iter().map(|layer| layer.0).collect(),
            step: line.step,
            private: line.private,
        }
    }

    fn bare(&self, span: &Span) -> Bare {
        Bare { at: span.into(), bytes: self.hex(span) }
    }

    pub(super) fn pieces(&self, phrase: &'a Phrase) -> Vec<Piece<'a>> {
        let text = |span| escape(&String::from_utf8_lossy(self.report.layers.bytes(span)));
        let piece = |inline: &'a Inline| match inline {
            Inline::Words(words) => Piece::Words { words },
            Inline::Hex { span, kind: of, .. } => Piece::Hex {
                at: span.into(),
                bytes: self.hex(span),
                kind: of.or_else(|| self.lines.kind(span)).map(kind),
            },
            Inline::Text(span) => Piece::Text { at: span.into(), text: self.tells(span).then(|| text(span)) },
        };
        phrase.0.iter().map(piece).collect()
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Random => "random",
        Kind::Identity => "identity",
        Kind::Proof => "proof",
        Kind::Secret => "secret",
    }
}
