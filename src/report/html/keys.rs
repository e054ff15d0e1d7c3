//! How values are made from values, to scale: a byte has one width throughout.

use maud::{Markup, html};

use super::plan::id_of;
use super::{Page, class, counted, id};
use crate::report::Line;
use crate::wire::{Kind, Origin, Span};

/// How many bytes a row is wide.
const WIDTH: usize = 120;

/// A value in the figure, cut into its parts.
struct Bar {
    name: String,
    kind: Option<Kind>,
    length: usize,
    parts: Vec<Line>,
}

impl Page<'_> {
    /// Each of these values beneath what it was made from.
    pub(super) fn schedule(&self, made: &[&Span]) -> Markup {
        let Some(last) = made.last() else { return html! {} };
        let rows: Vec<(&str, Vec<Bar>)> = made
            .iter()
            .map(|span| {
                let how = match &self.layers().get(span.layer).origin {
                    Origin::Opened { how, .. }
                    | Origin::Sealed { how, .. }
                    | Origin::Computed { how, .. } => how,
                    _ => "",
                };
                (how, self.lines.ingredients(span).into_iter().map(|input| self.bar(input)).collect())
            })
            .collect();
        let result = self.bar(last);
        let longest = rows
            .iter()
            .map(|(_, bars)| bars.iter().map(|bar| bar.length).sum())
            .chain([result.length])
            .max()
            .unwrap_or_default();
        // Where a row does not fit, all shrink alike.
        let scale = |length: usize| (length * WIDTH / longest.max(WIDTH)).clamp(1, WIDTH);
        html! {
            figure.keys aria-label="How the keys are made, drawn to scale" {
                @for (how, bars) in &rows {
                    div.line { @for bar in bars { (self.drawn(bar, &scale)) } }
                    @let gaps = format!("gaps{}", bars.len().saturating_sub(1).min(2));
                    div.brace.(gaps).(width(scale(bars.iter().map(|bar| bar.length).sum()))) {}
                    div.join.(width(scale(bars.first().map_or(1, |bar| bar.length)))) { p { (how) } }
                }
                div.line { (self.drawn(&result, &scale)) }
                ul.under { @for part in &result.parts { (self.under_part(part, &scale)) } }
                figcaption {
                    "To scale: a byte has one width throughout. "
                    span.onlyjs { "Point at a part to find its bytes; click it to light all that is made from it." }
                }
            }
        }
    }

    fn bar(&self, span: &Span) -> Bar {
        let lines = self.lines.fields(span, 0);
        let mut parts: Vec<Line> =
            lines.into_iter().filter(|line| !line.group && !line.whole.range.is_empty()).collect();
        let whole: usize = parts.iter().map(|part| part.whole.range.len()).sum();
        if whole != span.range.len() {
            parts.truncate(1);
        }
        // What was heard has a speaker: there are two randoms.
        let name = match &self.layers().get(span.layer).origin {
            Origin::Wire { by, .. } => format!("{} {}", by.0, self.lines.name(span)),
            _ => self.lines.name(span),
        };
        Bar { name, kind: self.lines.kind(span), length: span.range.len(), parts }
    }

    fn drawn(&self, bar: &Bar, scale: &impl Fn(usize) -> usize) -> Markup {
        let several = bar.parts.len() > 1;
        html! {
            div.bar-box.(class(bar.kind)).(width(scale(bar.length))) {
                div.lab { span { (bar.name) } small { (bar.length) } }
                div.parts {
                    @for part in &bar.parts {
                        @let (layer, field) = id_of(part);
                        @let length = part.whole.range.len();
                        @let name = id(layer, field);
                        a.part.(class(part.kind.or(bar.kind))).tiny[length < 8].(width(length.clamp(1, WIDTH)))
                            href=(self.target(&part.whole)) data-f=(name)
                            aria-label=(format!("{}, {}", part.name, counted(length, "byte"))) {
                            @if length >= 8 {
                                @if several && bar.parts.len() > 2 { (part.name) }
                                @else { (self.hex(&part.whole, (length * 2 / 9).clamp(2, 16))) }
                            } @else if several {
                                // Where some bytes have a box, half as many letters find room: IV of client_write_IV.
                                @let last = part.name.rsplit('_').next().unwrap_or_default();
                                @if last.len() * 2 <= length { (last) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Which messages are opened with a part.
    fn under_part(&self, part: &Line, scale: &impl Fn(usize) -> usize) -> Markup {
        let mut opened: Vec<(usize, String)> = Vec::new();
        for &user in &part.used_in {
            if let Some((number, spoken)) = self.plan.shows_opened(user) {
                opened.push((number, self.name(spoken).to_owned()));
            }
        }
        let length = part.whole.range.len();
        html! {
            li.(width(scale(length))).tiny[length < 8] {
                b { (part.name) }
                @if opened.is_empty() {
                    @let name = part.used_in.first().map(|&user| self.lines.name(&self.layers().whole(user)));
                    @if let Some(name) = name { "in each " (name) }
                }
                @for (i, (number, name)) in opened.iter().take(6).enumerate() {
                    @if i > 0 { ", " }
                    a href=(format!("#m{number}")) { (name) }
                }
                @if opened.len() > 6 { " …" }
            }
        }
    }
}

/// The class of a width.
pub(super) fn width(bytes: usize) -> String {
    format!("w{bytes}")
}
