//! Lines as a list that opens: each line is a `<details>`, which holds what there is to say about it and
//! the fields that lie in it.

use maud::{Markup, html};

use super::plan::{Id, id_of, is_apart};
use super::{Page, class, counted, id, mark, spoken_kind};
use crate::report::line::MEANING;
use crate::report::{Line, Place, Value};
use crate::wire::{LayerId, Origin, Span};

/// How many bytes of a value stand in its explanation.
const MOST_OF_A_VALUE: usize = 512;

impl Page<'_> {
    /// A list; `alone` where no block of bytes stands above it.
    pub(super) fn tree(&self, lines: &[Line], alone: bool) -> Markup {
        html! { div.tree { (self.branches(lines, alone, true)) } }
    }

    /// A list of which only the outermost lines are to be seen at first.
    pub(super) fn folded(&self, lines: &[Line]) -> Markup {
        html! { div.tree { (self.branches(lines, true, false)) } }
    }

    fn branches(&self, lines: &[Line], alone: bool, open: bool) -> Markup {
        let mut rest = lines;
        let mut branches = Vec::new();
        while let [line, more @ ..] = rest {
            let inside = more.iter().take_while(|inner| inner.depth > line.depth).count();
            branches.push((line, &more[..inside]));
            rest = &more[inside..];
        }
        html! { @for (line, inside) in branches { (self.branch(line, inside, alone, open)) } }
    }

    fn branch(&self, line: &Line, inside: &[Line], alone: bool, open: bool) -> Markup {
        let place = id_of(line);
        let apart = is_apart(line, self.layers());
        let name =
            if apart { format!("{}.{}", place.0.0, line.whole.range.start) } else { id(place.0, place.1) };
        let first = self.placed.borrow_mut().insert(name.clone());
        let line = self.line(line.clone());
        let hidden = self.hides(&line.whole);
        let kind = class(line.kind);
        let is_group = !inside.is_empty();
        let last = line.id.map(|(layer, field)| self.layers().get(layer).fields.all()[field].next - 1);
        let derived = self.derived(&line);
        let opened = matches!(self.layers().get(place.0).origin, Origin::Opened { .. });
        let unfolds = open && is_group && (opened || inside.iter().any(|line| line.kind.is_some()));
        let words = line.words(MEANING);
        let is_identifier = words.len() > 20 && !words.contains(' ');
        html! {
            details.f.(kind).g[is_group].shut[hidden && is_group] id=[first.then(|| format!("f{name}"))] data-f=(name)
                data-l=[last.filter(|_| is_group)] data-in=[apart.then(|| self.inside(&line.whole))] data-to=[derived] open[unfolds] {
                summary {
                    span.mk aria-hidden="true" { (mark(line.kind)) }
                    span.nm.(depth(line.depth)) { (line.name) }
                    span.vl.name[is_identifier] { (words) span.sr { (spoken_kind(line.kind)) } }
                    span.of { (written(line.place)) }
                    span.hx { @if !(is_group && !alone && line.kind.is_none()) { (self.hex(&line.bytes, 5)) } }
                }
                div.x {
                    @if alone && !is_group && !hidden { p.full { (self.hex(&line.bytes, MOST_OF_A_VALUE)) } }
                    @if !line.what.is_empty() { p { (line.what) } }
                    @if hidden { p.hid { (counted(line.bytes.range.len(), "byte")) " that Eve can never know from listening, left out." } }
                    dl { (self.links(&line)) }
                }
                (self.branches(inside, alone, open))
            }
        }
    }

    fn links(&self, line: &Line) -> Markup {
        let layers = self.layers();
        let origin = &layers.get(line.whole.layer).origin;
        let matched: Vec<_> = layers.matched(&line.whole).collect();
        html! {
            dt { "from" }
            dd.from {
                @match origin {
                    Origin::Wire { by, .. } => { (by.0) ", on the wire" },
                    Origin::Given { by, public } => { (by.0) ", its own" @if *public { "; anyone may have it" } },
                    Origin::Joined(_) => { "pieces in several records" },
                    Origin::Opened { how, .. } | Origin::Sealed { how, .. } | Origin::Computed { how, .. } => {
                        (how) @for span in &line.from { ", " (self.link_among(span, &line.from)) }
                    },
                }
            }
            @if !matched.is_empty() {
                dt { "equals" }
                dd { @for (i, span) in matched.iter().enumerate() { @if i > 0 { ", " } (self.link(span)) } }
            }
            @if !line.used_in.is_empty() { dt { "used in" } dd.used {
                    (self.users(&line.used_in))
                    @if let Some(step) = line.step { " " a.later href=(format!("#s{step}")) { "→ step " (step) } }
                }
            }
            @if !line.source.is_empty() { dt { "written in" } dd { (line.source) } }
        }
    }

    /// Layers by name, those of one name together.
    fn users(&self, users: &[LayerId]) -> Markup {
        let mut names: Vec<(String, Vec<Span>)> = Vec::new();
        for &user in users {
            let whole = self.layers().whole(user);
            let name = match self.plan.shows_opened(user) {
                Some((_, spoken)) => self.name(spoken).to_owned(),
                None => self.lines.name(&whole),
            };
            match names.iter_mut().find(|(known, _)| *known == name) {
                Some((_, spans)) => spans.push(whole),
                None => names.push((name, vec![whole])),
            }
        }
        html! {
            @for (i, (name, spans)) in names.iter().enumerate() {
                @if i > 0 { ", " }
                @for (i, span) in spans.iter().enumerate() {
                    @if i > 0 { ", " }
                    a href=(self.target(span)) { (name) @if spans.len() > 1 { " " (i + 1) } }
                }
            }
        }
    }

    pub(super) fn link(&self, span: &Span) -> Markup {
        html! { a href=(self.target(span)) { (self.lines.name(span)) } }
    }

    /// A link that says in which structure the field stands, if another of the same name is linked too.
    fn link_among(&self, span: &Span, others: &[Span]) -> Markup {
        let name = self.lines.name(span);
        let same = others.iter().any(|other| other != span && self.lines.name(other) == name);
        html! {
            a href=(self.target(span)) {
                @if let Some(structure) = self.lines.structure(span).filter(|_| same) { (structure) "." }
                (name)
            }
        }
    }

    /// Where a link to these bytes leads.
    pub(super) fn target(&self, span: &Span) -> String {
        match self.place_of(span) {
            Some((layer, field)) => format!("#f{}", id(layer, field)),
            None => "#how".to_owned(),
        }
    }

    pub(super) fn place_of(&self, span: &Span) -> Option<Id> {
        self.plan.place(id_of(&self.lines.value(&Value::new(span), 0)))
    }

    /// The fields in a place.
    fn inside(&self, span: &Span) -> String {
        let fields = self.lines.fields(span, 0);
        let ids = fields.iter().map(id_of).map(|(layer, field)| id(layer, field));
        ids.collect::<Vec<_>>().join(" ")
    }

    /// What lights up when the line is held: all that is made from it, as ids.
    fn derived(&self, line: &Line) -> Option<String> {
        if line.used_in.is_empty() && self.layers().matched(&line.whole).next().is_none() {
            return None;
        }
        let mut ids = Vec::new();
        for span in self.lines.derived(&line.whole) {
            if let Some((layer, field)) = self.place_of(&span) {
                let id = id(layer, field);
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// Where bytes stand, in four cells.
pub(super) fn written(place: Place) -> String {
    match place {
        Place::At(offset) => format!("{offset:04x}"),
        Place::Kept => "kept".to_owned(),
        Place::Open => "open".to_owned(),
    }
}

/// The class of a depth.
fn depth(depth: u16) -> String {
    format!("d{}", depth.clamp(1, 12))
}
