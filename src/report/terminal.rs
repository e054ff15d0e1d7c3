//! The drawing in 80 columns, with and without colour, with and without UTF-8.
//!
//! One grid: a step's numeral at column 1 and a kind's mark at 2, both hanging in the margin; places
//! at 4, bytes at 10, names at 26, meanings at 49; labels at 4 and what belongs to them at 18.
//! Nothing is decided here: what is shown, and in which words, stands in the report.

mod canvas;
mod environment;
mod ladder;
mod shows;

use canvas::{Canvas, Ink, Piece, WIDTH, mark};
pub use environment::{Color, speaks_utf8, wants_color};

use crate::report::line::MEANING;
use crate::report::{Bytes, Claim, Knowledge, KnowsNow, Lines, Report, Section};
use crate::wire::Kind;

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// With the colours of 256-colour terminals, and bold.
    pub color: bool,
    /// With glyphs outside ASCII. Without, each has a twin of one cell.
    pub unicode: bool,
    /// How many of the bytes.
    pub bytes: Bytes,
}

impl Options {
    /// As standard output and the environment want it here.
    #[must_use]
    pub fn here(color: Color, bytes: Bytes) -> Self {
        Self { color: color.is_wanted(), unicode: environment::has_utf8(), bytes }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { color: false, unicode: true, bytes: Bytes::Brief }
    }
}

/// All of the report.
#[must_use]
pub fn draw(report: &Report, options: Options) -> String {
    parts(report, options).concat()
}

/// The report in parts, between which a reader may be given time: what comes before the steps, each
/// step, and what comes after, if anything does.
#[must_use]
pub fn parts(report: &Report, options: Options) -> Vec<String> {
    let lines = Lines::new(report);
    let drawing = || Drawing {
        report,
        lines: &lines,
        bytes: options.bytes,
        canvas: Canvas::new(options),
        told: vec![false; report.conversation.len()],
    };
    let mut parts = vec![drawing().head()];
    parts.extend((0..report.steps.len()).map(|i| drawing().step(i)));
    if !report.closing.is_empty() {
        parts.push(drawing().closing());
    }
    parts
}

/// A line beside a report, in the characters that a drawing with these options has. What could move the
/// cursor is spelled out.
///
/// ```
/// use cutaway::report::terminal::{Options, line};
/// let ascii = Options { unicode: false, ..Options::default() };
/// assert_eq!(line("“\u{1b}[2J” is no name", ascii), "\"\\u{1b}[2J\" is no name");
/// ```
#[must_use]
pub fn line(text: &str, options: Options) -> String {
    Canvas::new(options).cells(text)
}

const MARK: usize = 2;
const LABEL: usize = 4;
const HEX: usize = 10;
const TEXT: usize = 18;
const NAME: usize = 26;
const MEANS: usize = 49;

/// Prose keeps clear of the margin.
const PROSE: usize = 74;

struct Drawing<'a> {
    report: &'a Report,
    lines: &'a Lines<'a>,
    bytes: Bytes,
    canvas: Canvas,
    /// Which messages of the conversation have been shown.
    told: Vec<bool>,
}

impl Drawing<'_> {
    fn head(mut self) -> String {
        let report = self.report;
        if !report.title.is_empty() {
            self.heading(None, 0, &report.title, &report.subtitle);
        }
        if !report.intro.is_empty() {
            self.canvas.gap();
            self.prose(&report.intro);
        }
        self.opening();
        if !report.ladder.rows.is_empty() {
            self.canvas.gap();
            self.ladder();
            if self.bytes != Bytes::None {
                self.canvas.gap();
                self.legend();
            }
        }
        self.canvas.text
    }

    fn opening(&mut self) {
        let report = self.report;
        if report.opening.is_empty() {
            return;
        }
        self.canvas.gap();
        for scene in &report.opening {
            let (left, right) = (self.pieces(&scene.left), self.pieces(&scene.right));
            let room = if right.is_empty() { WIDTH - TEXT } else { MEANS - TEXT - 1 };
            let (left, right) = (self.two_lines(&left, room), self.two_lines(&right, MEANING));
            let mut label = scene.label.as_str();
            for (left, right) in left.iter().zip(&right).filter(|(l, r)| !(l.is_empty() && r.is_empty())) {
                let row = self.canvas.row().to(LABEL).put_in(Ink::Grey, label, TEXT - LABEL - 1);
                row.to(TEXT).pieces(left, room).to(MEANS).pieces(right, MEANING).end();
                label = "";
            }
        }
        self.prose(&report.riddle);
    }

    /// What finds no room on two lines is cut off.
    fn two_lines(&self, pieces: &[Piece], width: usize) -> [Vec<Piece>; 2] {
        let mut lines = self.canvas.wrap(pieces, width).into_iter();
        let first = lines.next().unwrap_or_default();
        [first, lines.collect::<Vec<_>>().join(&(Ink::Plain, " ".to_owned()))]
    }

    /// The marks and the two words of the column of places.
    fn legend(&mut self) {
        let (grey, secret) = (Ink::Grey, Ink::Kind(Some(Kind::Secret)));
        let row = self.canvas.row().to(LABEL).put(grey, "──").put(Ink::Plain, " readable");
        let row = row.to(23).put(secret, "══").put(Ink::Plain, " sealed");
        let row = row.to(42).put(grey, "kept").put(Ink::Plain, " never sent");
        row.to(61).put(grey, "open").put(Ink::Plain, " once decrypted").end();
        let mut row = self.canvas.row();
        let kinds = [
            (4, 7, Kind::Random, "random"),
            (23, 26, Kind::Identity, "identity"),
            (42, 47, Kind::Proof, "proof"),
            (61, 66, Kind::Secret, "secret, sealed"),
        ];
        for (at, text, kind, name) in kinds {
            row = row.to(at).put(Ink::Kind(Some(kind)), mark(Some(kind))).to(text).put(Ink::Plain, name);
        }
        row.end();
    }

    fn step(mut self, i: usize) -> String {
        let step = &self.report.steps[i];
        self.canvas.gap();
        self.heading(Some(step.number), LABEL, &step.title, &step.who);
        self.prose(&step.prose);
        self.shows(&step.shows, step.number, !step.prose.is_empty());
        self.rest(step.number);
        for claim in &step.claims {
            self.canvas.gap();
            self.claim(claim);
        }
        match &step.knows_now {
            KnowsNow::Table if self.report.items.is_empty() => {}
            KnowsNow::Table => {
                self.canvas.gap();
                self.ledger(i);
            }
            KnowsNow::Sentence(sentence) => {
                self.canvas.gap();
                self.labelled(Ink::Grey, KNOWS_NOW, &[(Ink::Plain, sentence.clone())]);
            }
            KnowsNow::Untold => {}
        }
        self.canvas.text
    }

    fn closing(mut self) -> String {
        for Section { title, aside, prose, shows } in &self.report.closing {
            self.canvas.gap();
            if !title.is_empty() {
                self.heading(None, LABEL, title, aside);
            }
            self.prose(prose);
            self.shows(shows, u8::MAX, !prose.is_empty());
        }
        self.canvas.text
    }

    fn heading(&mut self, numeral: Option<u8>, column: usize, title: &str, aside: &str) {
        let room = WIDTH - column - 8;
        let title_width = self.canvas.width(title).min(room);
        let aside_width = self.canvas.width(aside).min(room - title_width);
        let end = WIDTH - aside_width - usize::from(aside_width > 0);
        let mut row = self.canvas.row();
        if let Some(number) = numeral {
            row = row.to(1).put(Ink::Bold, &number.to_string());
        }
        let row = row.to(column).put_in(Ink::Bold, title, title_width);
        let start = row.column() + 1;
        let row = row.to(start).fill(Ink::Grey, '─', end);
        row.to(end + 1).put_in(Ink::Plain, aside, aside_width).end();
    }

    /// Each line of `text` is a paragraph.
    fn prose(&mut self, text: &str) {
        for paragraph in text.lines() {
            for line in self.canvas.wrap(&[(Ink::Plain, paragraph.to_owned())], PROSE) {
                self.canvas.row().to(LABEL).pieces(&line, WIDTH).end();
            }
        }
    }

    /// A label, and beside it what belongs to it.
    fn labelled(&mut self, ink: Ink, label: &str, pieces: &[Piece]) {
        let mut label = label;
        for line in self.canvas.wrap(pieces, WIDTH - TEXT) {
            let row = self.canvas.row().to(LABEL).put_in(ink, label, TEXT - LABEL - 1);
            row.to(TEXT).pieces(&line, WIDTH).end();
            label = "";
        }
    }

    fn claim(&mut self, claim: &Claim) {
        self.labelled(Ink::Grey, "your notes", &[(Ink::Plain, format!("“{}”", claim.quote))]);
        let truth = if claim.truth.is_empty() { claim.source } else { claim.truth };
        self.labelled(Ink::Bold, &claim.verdict.to_string(), &[(Ink::Plain, truth.to_owned())]);
    }

    fn ledger(&mut self, i: usize) {
        let report = self.report;
        let widths: Vec<_> = report.items.iter().map(|item| self.canvas.width(&item.name)).collect();
        let columns = spaced(&widths, TEXT, WIDTH);
        let mut row = self.canvas.row().to(LABEL).put(Ink::Grey, KNOWS_NOW);
        for (item, &column) in report.items.iter().zip(&columns) {
            row = row.to(column).put(Ink::Grey, &item.name);
        }
        row.end();
        let mut unseen = false;
        for participant in &report.participants {
            let party = participant.party;
            let mut row = self.canvas.row().to(LABEL).put_in(Ink::Plain, party.0, TEXT - LABEL - 1);
            for ((item, column), width) in report.items.iter().zip(&columns).zip(&widths) {
                row = row.to(column + width.saturating_sub(item.parts.len()) / 2);
                for part in &item.parts {
                    let knows = |at| self.lines.ledger().has(party, item, part.as_ref(), at);
                    let before = i.checked_sub(1).map(|i| knows(report.steps[i].until));
                    let (ink, sign) = match knows(report.steps[i].until) {
                        Knowledge::Knows if before == Some(Knowledge::Knows) => (Ink::Plain, "●"),
                        Knowledge::Knows => (Ink::Bold, "●"),
                        Knowledge::Sealed => (Ink::Kind(Some(Kind::Secret)), "○"),
                        Knowledge::Nothing => (Ink::Grey, "·"),
                        Knowledge::Unseen => (Ink::Grey, "?"),
                    };
                    unseen |= sign == "?";
                    row = row.put(ink, sign);
                }
            }
            row.end();
        }
        if report.steps.iter().position(|step| step.knows_now == KnowsNow::Table) == Some(i) {
            let row = self.canvas.row().to(TEXT).put(Ink::Grey, "● knows it");
            let row = row.to(32).put(Ink::Grey, "○ holds it sealed").to(53).put(Ink::Grey, "· has nothing");
            let pairs = report.items.iter().any(|item| item.parts.len() > 1);
            row.to(67).put(Ink::Grey, if pairs { "●· one of two" } else { "" }).end();
            if unseen {
                self.canvas.row().to(TEXT).put(Ink::Grey, "? may have it: not ours to see").end();
            }
        }
    }
}

const KNOWS_NOW: &str = "knows now";

/// Columns for words of these widths that reach from `start` to `end`, but do not drift apart.
fn spaced(widths: &[usize], start: usize, end: usize) -> Vec<usize> {
    let gaps = widths.len().saturating_sub(1).max(1);
    let free = (end - start).saturating_sub(widths.iter().sum()).min(gaps * 6);
    let mut column = start;
    let each = widths.iter().enumerate().map(|(i, width)| {
        let here = column;
        column += width + free / gaps + usize::from(i < free % gaps);
        here
    });
    each.collect()
}
