//! The drawing as a page: one file that needs no network and no other file, is readable without its
//! script, and better with it.
//!
//! Nothing is decided here: the page typesets the same [`Line`]s as the terminal,
//! all of them, and the links between them. Text that came over a wire is an attacker's; the template
//! escapes all text, and the page's own policy lets nothing run or load but the one style sheet and
//! the one script that stand in it.
//!
//! # What is kept back
//! What those who only listen can never know ([`Ledger::private`](crate::report::Ledger::private)) is
//! on the page only with [`Options::reveal`]: the secrets and the keys, what is computed from them, and
//! what was sealed with them, for it may be somebody's password. Without it the page has their names,
//! their lengths and their places in the conversation, and neither their bytes nor what these say. All
//! bytes come to the page through [`Page::bytes`], all lines through [`Page::line`]; there is no other
//! door.

mod bytes;
mod fields;
mod keys;
mod plan;
mod shows;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::report::{Inline, Line, Lines, Phrase, Report, Spoken, Step, Way};
use crate::wire::reader::escape;
use crate::wire::{Kind, LayerId, Layers, Span};

use plan::Plan;

/// How to draw.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// With the values that an onlooker could never know.
    pub reveal: bool,
}

/// The style sheet, as it stands in the page.
pub const STYLE: &str = include_str!("html/page.css");

/// The script, as it stands in the page.
pub const SCRIPT: &str = include_str!("html/page.js");

/// The SHA-256 of [`STYLE`] in Base64, by which the page's policy knows it.
pub const STYLE_HASH: &str = "NnzldRDu2eul5hqngu2ch0QxSwHkL2RWPpRT1kwN8FU=";

/// The SHA-256 of [`SCRIPT`] in Base64.
pub const SCRIPT_HASH: &str = "rJx+ja4qXQvRXJ+F4oxY0PzbsQ7ztNY6WeyO3hg3Ix8=";

/// Draws `report` as a page.
///
/// ```
/// use cutaway::report::{Report, html};
///
/// let report = Report { subtitle: "one <handshake>, opened".into(), ..Report::default() };
/// let page = html::draw(&report, html::Options::default());
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// assert!(page.contains("<h1>One &lt;handshake&gt;, opened</h1>"));
/// ```
#[must_use]
pub fn draw(report: &Report, options: Options) -> String {
    let lines = Lines::new(report);
    let plan = Plan::new(report, &lines);
    let page = Page {
        report,
        lines: &lines,
        plan: &plan,
        reveal: options.reveal,
        placed: RefCell::default(),
        room: Cell::new(MOST_BYTES),
    };
    page.whole().into_string()
}

/// How many bytes the page shows in hexadecimal in all.
const MOST_BYTES: usize = 96 << 10;

struct Page<'a> {
    report: &'a Report,
    lines: &'a Lines<'a>,
    plan: &'a Plan<'a>,
    reveal: bool,
    /// The fields whose line has been set: only the first has the name that links lead to.
    placed: RefCell<HashSet<String>>,
    /// How many bytes may still be shown in hexadecimal.
    room: Cell<usize>,
}

impl<'a> Page<'a> {
    fn layers(&self) -> &'a Layers {
        &self.report.layers
    }

    /// Whether the bytes at `span` are kept back.
    fn hides(&self, span: &Span) -> bool {
        !self.reveal && !span.range.is_empty() && self.lines.ledger().private(span)
    }

    /// The bytes at `span`, if they may be seen.
    fn bytes(&self, span: &Span) -> Option<&'a [u8]> {
        (!self.hides(span)).then(|| self.layers().bytes(span))
    }

    /// The line without what may not be seen.
    fn line(&self, mut line: Line) -> Line {
        if self.hides(&line.whole) {
            line.meaning = None;
        }
        line
    }

    /// The text at `span`; a bar as long as it where it may not be seen.
    fn text(&self, span: &Span) -> Markup {
        match self.bytes(span) {
            Some(bytes) => html! { span.said { (escape(&String::from_utf8_lossy(bytes))) } },
            None => {
                let count = span.range.len();
                let bar = "█".repeat(count.clamp(1, 40));
                html! { span.bar aria-hidden="true" { (bar) } span.sr { (counted(count, "byte")) " kept back" } }
            }
        }
    }

    fn phrase(&self, phrase: &Phrase) -> Markup {
        html! {
            @for inline in &phrase.0 {
                @match inline {
                    Inline::Words(words) => (words),
                    Inline::Hex { span, most, kind } => {
                        @let kind = kind.or_else(|| self.lines.kind(span));
                        a.hx.(class(kind)) href=(self.target(span)) { (self.hex(span, *most)) }
                    }
                    Inline::Text(span) => (self.text(span)),
                }
            }
        }
    }

    /// What a message is called: what its bytes say where they may be seen.
    fn name<'b>(&self, spoken: &'b Spoken) -> &'b str {
        match &spoken.named_by {
            Some(span) if self.hides(span) => &spoken.message.name,
            _ => &spoken.name,
        }
    }

    fn whole(&self) -> Markup {
        let report = self.report;
        let title = capital(&report.subtitle);
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{STYLE_HASH}'; script-src 'sha256-{SCRIPT_HASH}'; \
             base-uri 'none'; form-action 'none'"
        );
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="color-scheme" content="light dark";
                    meta name="viewport" content="width=device-width,initial-scale=1";
                    meta name="generator" content=(report.title);
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    @if let Some(step) = report.steps.first() {
                        a.skip href=(format!("#s{}", step.number)) { "Skip to the first step" }
                    }
                    div.page {
                        (self.header(&title))
                        (self.ladder())
                        (self.how_to())
                        aside.lens id="lens" aria-live="polite" aria-label="The field that you point at" {}
                        main {
                            @for (i, step) in report.steps.iter().enumerate() { (self.step(i, step)) }
                            @for section in &report.closing { (self.section(section)) }
                            p.end {
                                "This file is complete in itself: no network, no other file. "
                                @if self.reveal { "It contains the secrets of one connection that is over." }
                                @else { "It contains no secret: what nobody can know who only listens was left out." }
                            }
                        }
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }

    fn header(&self, title: &str) -> Markup {
        let report = self.report;
        html! {
            header {
                h1 { (title) }
                @for paragraph in report.intro.lines() { p { (paragraph) } }
                @if !report.opening.is_empty() {
                    table.opening {
                        caption.sr { "How it ends" }
                        tbody {
                            @for scene in &report.opening {
                                tr {
                                    th scope="row" { (scene.label.trim()) }
                                    @if scene.right.is_empty() {
                                        td colspan="2" { (self.phrase(&scene.left)) }
                                    } @else {
                                        td { (self.phrase(&scene.left)) }
                                        td.eve { (self.phrase(&scene.right)) }
                                    }
                                }
                            }
                        }
                    }
                    p.riddle { (report.riddle) }
                }
                @if !self.reveal {
                    p.back {
                        span.bar aria-hidden="true" { "███" }
                        " stands for what nobody can know who only listens. It is left out, so that this file may be \
                          passed on; its names, lengths and places are here. " code { "--reveal" } " writes it in."
                    }
                }
            }
        }
    }

    /// The messages at a glance: the table of contents.
    fn ladder(&self) -> Markup {
        let report = self.report;
        let mut told = 0;
        let mut number = |step: u8| (std::mem::replace(&mut told, step) != step).then_some(step);
        html! {
            nav.ladder aria-label="The conversation, message by message" {
                p.ends aria-hidden="true" { span { (report.ladder.left) } span { (report.ladder.right) } }
                ol {
                    @for step in &report.steps {
                        @for asked in report.ladder.rows.iter().filter(|row| {
                            row.step == step.number && row.way == Way::Nowhere
                        }) {
                            @let words: Vec<_> = asked.messages.iter().map(|(words, _)| words.as_str()).collect();
                            li.self {
                                @if let Some(number) = number(step.number) { b aria-hidden="true" { (number) } }
                                a href=(format!("#s{}", step.number))
                                    aria-label=(format!("Step {}: {}", step.number, words.join(", "))) {
                                    span.lb { span { (words.join(", ")) } }
                                }
                            }
                        }
                        @for (i, spoken) in self.plan.spoken_in(step.number) {
                            @let way = if spoken.way == Way::Right { "c" } else { "s" };
                            @let name = self.name(spoken);
                            @let fresh = number(step.number);
                            li.(way).z[spoken.sealed] {
                                @if let Some(number) = fresh { b aria-hidden="true" { (number) } }
                                a href=(format!("#m{i}")) aria-label=(self.rung(spoken, fresh)) {
                                    span.lb { span { (name) } small { (spoken.bytes) } }
                                    span.ar {}
                                }
                            }
                        }
                    }
                }
                p.key { span {} "readable by all" br; span.dz {} "sealed" }
            }
        }
    }

    /// A row of the ladder in words.
    fn rung(&self, spoken: &Spoken, step: Option<u8>) -> String {
        let step = step.map(|step| format!("Step {step}: ")).unwrap_or_default();
        let ladder = &self.report.ladder;
        let (from, to) = match spoken.way {
            Way::Left => (&ladder.right, &ladder.left),
            _ => (&ladder.left, &ladder.right),
        };
        let sealed = if spoken.sealed { "sealed" } else { "readable" };
        format!("{step}{}, {from} to {to}, {}, {sealed}", self.name(spoken), counted(spoken.bytes, "byte"))
    }

    fn how_to(&self) -> Markup {
        let legend = [
            (Some(Kind::Random), "c3 64", "random, fresh for this run"),
            (Some(Kind::Identity), "6c 6f", "identity: a name, a public key"),
            (Some(Kind::Proof), "76 b6", "proof: a signature, a tag"),
            (Some(Kind::Secret), "6d 51", "secret, or sealed"),
            (None, "16 03", "the rest: types, lengths, choices"),
        ];
        html! {
            section.howto aria-labelledby="how" {
                h2 id="how" { "How to read this page" }
                p.onlyjs {
                    "Point at a byte or at a name: here it says what it is, where it came from, and where it is used. \
                     Click to hold it, and light all that is made from it."
                }
                p.nojs {
                    "Every line of a list opens: what the field is, where it came from, and where it is used."
                }
                ul.legend {
                    @for (kind, sample, words) in legend {
                        li {
                            span.mk.(class(kind)) { (mark(kind)) }
                            span.sw.(class(kind)) { (sample) }
                            span { (words) }
                        }
                    }
                    li { span {} span.sw.of { "kept" } span { "never crossed the wire" } }
                    li { span {} span.sw.of { "open" } span { "decrypted from the wire" } }
                }
                p.onlyjs.hint {
                    kbd { "Tab" } " to a block of bytes or a list, then " kbd { "←" } " " kbd { "→" } " or " kbd { "↑" }
                    " " kbd { "↓" } " from field to field; " kbd { "Esc" } " lets go."
                }
            }
        }
    }

    fn step(&self, i: usize, step: &'a Step) -> Markup {
        let number = step.number;
        html! {
            section.step id=(format!("s{number}")) aria-labelledby=(format!("t{number}")) {
                h2 id=(format!("t{number}")) { b { (number) } " " (step.title) " " small { (step.who) } }
                @for paragraph in step.prose.lines() { p { (paragraph) } }
                @for block in &self.plan.steps[i] { (self.block(block)) }
                (self.claims(&step.claims))
                (self.knows_now(i, step))
            }
        }
    }
}

/// What a field is called in links: its layer, and which of its fields.
fn id(layer: LayerId, field: Option<usize>) -> String {
    match field {
        Some(field) => format!("{}-{field}", layer.0),
        None => layer.0.to_string(),
    }
}

/// The class of a kind.
fn class(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Random) => "kf",
        Some(Kind::Identity) => "ki",
        Some(Kind::Proof) => "kp",
        Some(Kind::Secret) => "ks",
        None => "k0",
    }
}

/// A kind's mark.
fn mark(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Random) => "*",
        Some(Kind::Identity) => "@",
        Some(Kind::Proof) => "=",
        Some(Kind::Secret) => "#",
        None => "",
    }
}

/// A mark as a word.
fn spoken_kind(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Random) => " (random)",
        Some(Kind::Identity) => " (identity)",
        Some(Kind::Proof) => " (proof)",
        Some(Kind::Secret) => " (secret or sealed)",
        None => "",
    }
}

/// `1 byte`, `17 bytes`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}
