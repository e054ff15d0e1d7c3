//! Bytes in hexadecimal: runs of one field each, so that pointing at one lights its line.

use maud::{Markup, html};

use super::plan::id_of;
use super::{Page, class, counted, id};
use crate::report::{Line, Place};
use crate::wire::{Kind, LayerId, Origin, Span};

/// How many bytes of one field are shown, and how many of one that is longer.
const MOST_OF_A_FIELD: usize = 2048;
const OF_A_LONGER: usize = 512;

/// Bytes of one field.
struct Run<'a> {
    bytes: &'a [u8],
    /// The line that they belong to.
    name: String,
    kind: Option<Kind>,
    /// The opened bytes that these hide.
    twin: Option<String>,
}

/// Where opened bytes were sealed, and the line that they have.
struct Twin {
    place: Span,
    name: String,
}

/// Runs that follow one another.
struct Stretch<'a> {
    offset: u64,
    runs: Vec<Run<'a>>,
    /// How many more bytes come behind it that are not shown.
    more: usize,
}

impl Page<'_> {
    /// At most so many bytes; where there are more, two dots stand in the place of the last of these.
    pub(super) fn hex(&self, span: &Span, most: usize) -> Markup {
        let count = span.range.len();
        let shown = if count > most { most - 1 } else { count };
        let dots = if shown < count { " .." } else { "" };
        match self.bytes(span) {
            Some(bytes) => html! { (hexadecimal(&bytes[..shown])) (dots) },
            None => html! { span.bar aria-hidden="true" { (vec!["██"; shown.min(8)].join(" ")) (dots) } },
        }
    }

    /// The bytes of a message: what crossed the wire, what was opened, and what hid it.
    pub(super) fn dumps(&self, name: &str, lines: &[Line]) -> Markup {
        let leaves = leaves(lines);
        let leaves: Vec<&Line> = leaves.iter().collect();
        let mut layers: Vec<LayerId> = Vec::new();
        for line in &leaves {
            if !layers.contains(&line.whole.layer) {
                layers.push(line.whole.layer);
            }
        }
        let twins: Vec<Twin> = leaves.iter().filter_map(|line| self.twin(line)).collect();
        let pair = layers.len() > 1;
        let dumps = layers.iter().map(|&layer| {
            let of: Vec<&Line> = leaves.iter().copied().filter(|line| line.whole.layer == layer).collect();
            (self.title(layer), of)
        });
        html! {
            @if pair {
                div.pair {
                    @for (title, of) in dumps {
                        div { h4 { (title) } (self.dump(name, &title, &of, &twins, 8)) }
                    }
                }
            } @else {
                @for (title, of) in dumps { (self.dump(name, &title, &of, &twins, 16)) }
            }
        }
    }

    fn title(&self, layer: LayerId) -> String {
        match &self.layers().get(layer).origin {
            Origin::Wire { .. } => "on the wire".to_owned(),
            Origin::Joined(_) => "joined".to_owned(),
            Origin::Opened { with, .. } => match with.first() {
                Some(key) => format!("opened with {}", self.lines.name(key)),
                None => "opened".to_owned(),
            },
            _ => self.lines.name(&self.layers().whole(layer)),
        }
    }

    fn dump(&self, name: &str, title: &str, of: &[&Line], twins: &[Twin], width: usize) -> Markup {
        if of.iter().any(|line| self.hides(&line.whole)) {
            let count: usize = of.iter().map(|line| line.whole.range.len()).sum();
            return html! {
                p.hid { span.bar aria-hidden="true" { "██ ██ ██" } " " (counted(count, "byte")) ", kept back" }
            };
        }
        let label = format!("Bytes of {name}, {title}. The arrow keys step through its fields.");
        html! {
            div.hex.n[width == 8] role="group" tabindex="0" aria-label=(label) {
                @for stretch in self.stretches(of, twins) {
                    (rows(&stretch, width))
                    @if stretch.more > 0 { p.more { "… " (counted(stretch.more, "more byte")) } }
                }
            }
        }
    }

    fn stretches(&self, of: &[&Line], twins: &[Twin]) -> Vec<Stretch<'_>> {
        let mut stretches: Vec<Stretch<'_>> = Vec::new();
        let mut end = None;
        for line in of {
            let (layer, range) = (line.whole.layer, &line.whole.range);
            let count = range.len();
            let most = if count > MOST_OF_A_FIELD { OF_A_LONGER } else { count };
            let shown = most.min(self.room.get());
            self.room.set(self.room.get() - shown);
            if end != Some(range.start) || stretches.last().is_none_or(|last| last.more > 0) {
                // A line's place is that of what it holds, behind its own tag and length.
                let behind = (line.bytes.range.start - range.start) as u64;
                let offset = match line.place {
                    Place::At(offset) => offset.saturating_sub(behind),
                    Place::Kept | Place::Open => range.start as u64,
                };
                stretches.push(Stretch { offset, runs: Vec::new(), more: 0 });
            }
            end = Some(range.end);
            let last = stretches.last_mut().expect("one was just pushed, or is there");
            last.more = count - shown;
            let mut start = range.start;
            for (until, twin) in cut(&layer.span(start..start + shown), twins) {
                let span = layer.span(start..until);
                let bytes = self.bytes(&span).unwrap_or_default();
                let (of, field) = id_of(line);
                last.runs.push(Run { bytes, name: id(of, field), kind: line.kind, twin });
                start = until;
            }
        }
        stretches
    }

    /// Where the bytes of a line stood while they were sealed, if each has a place there.
    fn twin(&self, line: &Line) -> Option<Twin> {
        let range = &line.whole.range;
        let Origin::Opened { sealed, in_place: true, .. } = &self.layers().get(line.whole.layer).origin
        else {
            return None;
        };
        let start = sealed.range.start;
        let (of, field) = id_of(line);
        Some(Twin { place: sealed.layer.span(range.start + start..range.end + start), name: id(of, field) })
    }
}

/// The place cut where other opened bytes begin that were sealed in it: where each part ends, and what it
/// hides.
fn cut(place: &Span, twins: &[Twin]) -> Vec<(usize, Option<String>)> {
    let mut parts = Vec::new();
    let (mut start, end) = (place.range.start, place.range.end);
    for Twin { place: sealed, name } in twins {
        if sealed.layer != place.layer || sealed.range.start < start || sealed.range.start >= end {
            continue;
        }
        if sealed.range.start > start {
            parts.push((sealed.range.start, None));
        }
        start = sealed.range.end.min(end);
        parts.push((start, Some(name.clone())));
    }
    if start < end {
        parts.push((end, None));
    }
    parts
}

/// The lines without others in them. What is all that a group holds is of the group's kind: the text of a
/// name, behind its tag and length.
fn leaves(lines: &[Line]) -> Vec<Line> {
    let mut groups: Vec<&Line> = Vec::new();
    let mut leaves = Vec::new();
    for line in lines.iter().filter(|line| !line.whole.range.is_empty()) {
        groups.retain(|group| group.whole.covers(&line.whole));
        if line.group {
            groups.push(line);
            continue;
        }
        let holds = |group: &&&Line| group.kind.is_some() && group.bytes == line.whole;
        let kind = line.kind.or_else(|| groups.iter().rev().find(holds).and_then(|group| group.kind));
        leaves.push(Line { kind, ..line.clone() });
    }
    leaves
}

fn rows(stretch: &Stretch, width: usize) -> Markup {
    // Eight bytes at a time, each with the run that it is in.
    let bytes: Vec<(u8, usize)> = stretch
        .runs
        .iter()
        .enumerate()
        .flat_map(|(i, run)| run.bytes.iter().map(move |&byte| (byte, i)))
        .collect();
    html! {
        @for (row, sixteen) in bytes.chunks(width).enumerate() {
            div.r {
                @for (half, eight) in sixteen.chunks(8).enumerate() {
                    i { (format!("{:04x}", stretch.offset + (row * width + half * 8) as u64)) }
                    span.h {
                        @for (i, of_run) in eight.chunk_by(|a, b| a.1 == b.1).enumerate() {
                            @let run = &stretch.runs[of_run[0].1];
                            @if i > 0 { " " }
                            b.(class(run.kind)) data-r=(run.name) data-p=[run.twin.as_ref()] {
                                (hexadecimal(&of_run.iter().map(|(byte, _)| *byte).collect::<Vec<_>>()))
                            }
                        }
                    }
                    span.t aria-hidden="true" {
                        @for of_run in eight.chunk_by(|a, b| a.1 == b.1) {
                            @let run = &stretch.runs[of_run[0].1];
                            b.(class(run.kind)) data-r=(run.name) data-p=[run.twin.as_ref()] {
                                (printable(of_run.iter().map(|(byte, _)| *byte)))
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 {
            text.push(' ');
        }
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).expect("a digit"));
        }
    }
    text
}

/// Bytes as characters, a dot for each that is none.
pub(super) fn printable(bytes: impl Iterator<Item = u8>) -> String {
    bytes.map(|byte| if matches!(byte, b' '..=b'~') { char::from(byte) } else { '·' }).collect()
}
