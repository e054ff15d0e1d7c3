//! What a step shows: messages, values, checks, bytes under bytes, bars.

use crate::report::line::MEANING;
use crate::report::terminal::canvas::{FIRM_SPACE, Ink, Piece, WIDTH, mark};
use crate::report::terminal::{Drawing, HEX, LABEL, MARK, MEANS, NAME, TEXT};
use crate::report::{
    Bar, Bytes, Check, Figure, Inline, Line, Message, Outcome, Phrase, Place, Show, Under, Value, Way,
    thousands,
};
use crate::wire::reader::escape;
use crate::wire::{Kind, Span};

/// The column of what was measured.
const AMOUNT: usize = 34;

/// The longest bar, the head of its arrow not counted.
const LONGEST: usize = 42;

/// Under one another: sixteen bytes in hexadecimal, then as characters.
const BLOCK: usize = 16;
const BLOCK_HEX: usize = 16;
const BLOCK_TEXT: usize = 64;

impl Drawing<'_> {
    pub(super) fn shows(&mut self, shows: &[Show], step: u8, mut gap: bool) {
        let mut above = None;
        for show in shows {
            let bytes = matches!(
                show,
                Show::Message(_) | Show::Value(_) | Show::Made(_) | Show::Under(_) | Show::Said { .. }
            );
            if matches!(show, Show::Gap) || bytes && self.bytes == Bytes::None {
                gap |= matches!(show, Show::Gap);
                continue;
            }
            if std::mem::take(&mut gap) {
                self.canvas.gap();
            }
            match show {
                Show::Message(message) => self.message(message, step),
                Show::Value(value) => {
                    self.value(value, step);
                    above = Some(&value.span);
                }
                Show::Made(span) => self.made(span, above),
                Show::Check(check) => self.check(check),
                Show::Under(under) => self.under(under),
                Show::Said { label, text } => self.said(label, text),
                Show::Figure(figure) => self.figure(figure),
                Show::Bars(bars) => self.bars(bars),
                Show::Prose(text) => self.prose(text),
                Show::Options(options) => self.options(options),
                Show::Gap => {}
            }
        }
    }

    /// A message of the story; with all bytes the whole of it, behind those that the story passed over.
    fn message(&mut self, message: &Message, step: u8) {
        let conversation = &self.report.conversation;
        let mut spoken = conversation.iter().enumerate();
        let found = spoken.position(|(i, spoken)| !self.told[i] && spoken.is(message, step));
        let Some(found) = found.filter(|_| self.bytes == Bytes::Full) else {
            return self.rows(message, step);
        };
        self.passed_over(found, step);
        self.told[found] = true;
        let told = Message { note: message.note.clone(), ..conversation[found].told(&message.meanings) };
        self.rows(&told, step);
    }

    /// With all bytes the messages of a step that its story did not show.
    pub(super) fn rest(&mut self, step: u8) {
        if self.bytes == Bytes::Full {
            self.passed_over(self.told.len(), step);
        }
    }

    fn passed_over(&mut self, until: usize, step: u8) {
        for (i, spoken) in self.report.conversation[..until].iter().enumerate() {
            if spoken.step == step && !std::mem::replace(&mut self.told[i], true) {
                let ladder = &self.report.ladder;
                let arrow = if spoken.way == Way::Left { "←" } else { "→" };
                let sealed = if spoken.sealed { ", sealed" } else { "" };
                let note = format!("{} {arrow} {}{sealed}", ladder.left, ladder.right);
                self.rows(&spoken.message.clone().note(note), step);
            }
        }
    }

    /// A value; with all bytes the fields in it too.
    fn value(&mut self, value: &Value, step: u8) {
        let mut line = self.lines.value(value, step);
        let inside = if self.bytes == Bytes::Full && line.group {
            self.lines.fields(&line.whole, step)
        } else {
            Vec::new()
        };
        line.group = false;
        self.line(&line);
        inside.iter().filter(|inside| inside.id != line.id).for_each(|inside| self.line(inside));
    }

    fn rows(&mut self, message: &Message, step: u8) {
        let title = self.lines.title(message);
        let note = match &message.note {
            Some(note) => self.pieces(note),
            None => vec![(Ink::Plain, title.words(MEANING))],
        };
        let hex = hex(self.report.layers.bytes(&title.bytes), 5);
        let row = self.canvas.row().to(LABEL).put(Ink::Grey, &place(title.place));
        let row = row.to(HEX).put(Ink::Plain, &hex).to(NAME).put_in(Ink::Bold, &title.name, MEANS - NAME - 1);
        row.to(MEANS).pieces(&note, MEANING).end();
        if message.folded && self.bytes != Bytes::Full {
            return;
        }
        for line in self.lines.message(message, step, self.bytes) {
            self.line(&line);
        }
    }

    fn line(&mut self, line: &Line) {
        let indent = 2 * usize::from(line.depth.min(6));
        let ink = Ink::Kind(line.kind);
        let hex = if line.group && self.bytes == Bytes::Full {
            String::new()
        } else {
            hex(self.report.layers.bytes(&line.bytes), 5)
        };
        // A name that was cut may be that of two fields: where there are all, it takes the room of the words.
        let end = if self.bytes == Bytes::Full { WIDTH } else { MEANS };
        let row = self.canvas.row().to(MARK).put(ink, mark(line.kind));
        let row = row.to(LABEL).put(Ink::Grey, &place(line.place)).to(HEX).put(ink, &hex);
        let row = row.to(NAME + indent).put_in(Ink::Plain, &line.name, end - NAME - 1 - indent);
        let at = MEANS.max(row.column() + 1);
        let room = WIDTH.saturating_sub(at);
        let row = row.to(at).put_in(Ink::Plain, &line.words(room), room);
        let link = line.step.map(|step| format!("→ step {step}")).unwrap_or_default();
        if row.column() + 1 + link.chars().count() <= WIDTH {
            row.put_before(WIDTH, Ink::Plain, &link).end();
        } else {
            row.end();
        }
    }

    fn made(&mut self, span: &Span, above: Option<&Span>) {
        let made = self.lines.made(span, above);
        for line in self.canvas.wrap(&[(Ink::Plain, made)], WIDTH - NAME - 2) {
            self.canvas.row().to(NAME).put(Ink::Grey, "│").to(NAME + 2).pieces(&line, WIDTH).end();
        }
    }

    fn check(&mut self, check: &Check) {
        let proof = Ink::Kind(Some(Kind::Proof));
        let (ink, outcome) = match check.outcome {
            Outcome::Passed => (proof, "ok"),
            Outcome::Failed => (Ink::Bold, "FAILS"),
            Outcome::NotAsked => (Ink::Grey, "-"),
        };
        let kind = check.text.0.iter().find_map(|inline| match inline {
            Inline::Hex { span, kind, .. } => kind.or_else(|| self.lines.kind(span)),
            Inline::Words(_) | Inline::Text(_) => None,
        });
        let text = self.pieces(&check.text);
        for (i, line) in self.canvas.wrap(&text, BLOCK_TEXT - NAME - 1).iter().enumerate() {
            let mut row = self.canvas.row();
            if i == 0 {
                row = row.to(MARK).put(Ink::Kind(kind), mark(kind)).to(LABEL).put(ink, outcome);
                row = row.to(HEX).put_in(Ink::Plain, &check.name, NAME - HEX - 1);
            }
            row = row.to(NAME).pieces(line, BLOCK_TEXT - NAME - 1);
            if i == 0 {
                row = row.to(BLOCK_TEXT).put(Ink::Grey, &check.source);
            }
            row.end();
        }
    }

    /// Byte stands under byte; opened bytes are shown as characters besides, and so is the wire, where
    /// that says nothing.
    fn under(&mut self, under: &Under) {
        let layers = &self.report.layers;
        let [wire, keystream, opened] =
            [&under.wire, &under.keystream, &under.opened].map(|span| layers.bytes(span));
        let count = if self.bytes == Bytes::Full { usize::MAX } else { 1 };
        let secret = Some(Kind::Secret);
        for (i, wire) in wire.chunks(BLOCK).enumerate().take(count) {
            let rows = [
                ("wire", secret, wire, true),
                ("keystream", secret, keystream.chunks(BLOCK).nth(i).unwrap_or_default(), false),
                ("opened", None, opened.chunks(BLOCK).nth(i).unwrap_or_default(), true),
            ];
            for (label, kind, bytes, characters) in rows {
                let ink = Ink::Kind(kind);
                let row = self.canvas.row().to(MARK).put(ink, mark(kind)).to(LABEL).put(Ink::Plain, label);
                let row = row.to(BLOCK_HEX).put(ink, &hex(bytes, BLOCK)).to(BLOCK_TEXT);
                row.put(Ink::Plain, &if characters { printable(bytes) } else { String::new() }).end();
            }
        }
    }

    fn said(&mut self, label: &str, text: &Phrase) {
        let (text, mut label) = (self.pieces(text), label);
        for line in self.canvas.wrap(&text, WIDTH - BLOCK_HEX) {
            let row = self.canvas.row().to(LABEL).put_in(Ink::Plain, label, BLOCK_HEX - LABEL - 1);
            row.to(BLOCK_HEX).pieces(&line, WIDTH).end();
            label = "";
        }
    }

    fn figure(&mut self, figure: &Figure) {
        let row = self.canvas.row().to(LABEL).put_in(Ink::Plain, &figure.name, AMOUNT - LABEL - 1);
        let row = row.to(AMOUNT).put_in(Ink::Plain, &figure.amount, MEANS - AMOUNT - 1);
        row.to(MEANS).put_in(Ink::Plain, &figure.remark, MEANING).end();
    }

    /// To scale: the shortest is one cell long. One that is too long ends in an arrow.
    fn bars(&mut self, bars: &[Bar]) {
        let shortest =
            bars.iter().map(|bar| bar.length).filter(|&length| length > 0.0).fold(f64::INFINITY, f64::min);
        let cells = |bar: &Bar| (bar.length / shortest).round().clamp(0.0, 1e12) as usize;
        for bar in bars {
            let (ink, length) = (Ink::Kind(bar.kind), cells(bar));
            let row = self.canvas.row().to(LABEL).put_in(Ink::Plain, &bar.label, TEXT - LABEL - 1).to(TEXT);
            let row = row.fill(ink, '━', TEXT + length.min(LONGEST));
            let row = row.put(ink, if length > LONGEST { "→" } else { "" });
            row.put_before(WIDTH - 4, Ink::Plain, &bar.amount).end();
        }
        let longest = bars.iter().enumerate().max_by_key(|(_, bar)| cells(bar));
        if let Some((i, bar)) = longest.filter(|(_, bar)| cells(bar) > LONGEST) {
            let which = ["first", "second", "third"].get(i).copied().unwrap_or("longest");
            let rows = thousands(cells(bar).div_ceil(WIDTH));
            let text = format!("to scale, the {which} bar would run on for {rows} lines");
            self.canvas.row().to(TEXT).put(Ink::Plain, &text).end();
        }
    }

    fn options(&mut self, options: &[(String, String)]) {
        for two in options.chunks(2) {
            let mut row = self.canvas.row();
            for ((option, does), (at, text, end)) in two.iter().zip([(LABEL, TEXT, 41), (41, 56, WIDTH)]) {
                row = row.to(at).put_in(Ink::Plain, option, text - at - 1);
                row = row.to(text).put_in(Ink::Plain, does, end - text);
            }
            row.end();
        }
    }

    pub(super) fn pieces(&self, phrase: &Phrase) -> Vec<Piece> {
        let layers = &self.report.layers;
        let piece = |inline: &Inline| match inline {
            Inline::Words(words) => (Ink::Plain, words.clone()),
            Inline::Hex { span, most, kind } => {
                let hex = hex(layers.bytes(span), *most).replace(' ', &FIRM_SPACE.to_string());
                (Ink::Kind(kind.or_else(|| self.lines.kind(span))), hex)
            }
            Inline::Text(span) => (Ink::Plain, escape(&String::from_utf8_lossy(layers.bytes(span)))),
        };
        phrase.0.iter().map(piece).collect()
    }
}

fn place(place: Place) -> String {
    match place {
        Place::At(offset) => format!("{offset:04x}"),
        Place::Kept => "kept".to_owned(),
        Place::Open => "open".to_owned(),
    }
}

/// At most so many bytes; where there are more, two dots stand in the place of the last of these.
fn hex(bytes: &[u8], most: usize) -> String {
    let shown = if bytes.len() > most { most.saturating_sub(1) } else { bytes.len() };
    let mut hex: Vec<_> = bytes[..shown].iter().map(|byte| format!("{byte:02x}")).collect();
    if shown < bytes.len() {
        hex.push("..".to_owned());
    }
    hex.join(" ")
}

/// Bytes as characters, a dot for each that is none.
fn printable(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| if matches!(byte, b' '..=b'~') { char::from(byte) } else { '.' }).collect()
}
