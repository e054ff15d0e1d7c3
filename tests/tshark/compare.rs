//! What tshark sees in a capture beside what our dissector sees: where both name a field, they must mean
//! the same bytes.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fmt;

use cutaway::tls::dissect::{CLIENT, Content, Dissection, Event, SERVER};
use cutaway::wire::{LayerId, Origin, Party, Span};

use super::names::{NAMES, Part};
use super::pdml::Element;

/// How much both named, and where they did not mean the same.
pub struct Comparison {
    /// tshark's fields that were found among ours.
    pub both: usize,
    /// tshark's fields that have no name of ours, by their names.
    pub theirs: BTreeMap<String, usize>,
    /// Our fields that one of tshark's stands for.
    pub ours_named: usize,
    /// All of our fields, in the layers that tshark sees.
    pub ours: usize,
    /// What differs.
    pub differences: Vec<String>,
}

impl Comparison {
    /// Of nothing with nothing.
    pub const fn new() -> Self {
        Self { both: 0, theirs: BTreeMap::new(), ours_named: 0, ours: 0, differences: Vec::new() }
    }

    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.both += other.both;
        self.ours += other.ours;
        self.ours_named += other.ours_named;
        self.differences.extend(other.differences);
        for (name, count) in other.theirs {
            *self.theirs.entry(name).or_default() += count;
        }
    }

    /// The part of tshark's fields that both name.
    pub fn share(&self) -> f64 {
        self.both as f64 / (self.both + self.theirs.values().sum::<usize>()) as f64
    }

    /// The part of our fields that both name. A DER element is one field to tshark and four to us.
    pub fn share_of_ours(&self) -> f64 {
        self.ours_named as f64 / self.ours as f64
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.both + self.theirs.values().sum::<usize>();
        let (named, ours) = (self.ours_named, self.ours);
        write!(f, "both name {} of tshark’s {all} fields", self.both)?;
        write!(
            f,
            " ({:.1} %), {named} of our {ours} ({:.1} %)",
            100. * self.share(),
            100. * self.share_of_ours()
        )
    }
}

/// Compares all packets of a capture with the dissection of the same conversation.
pub fn compare(packets: &[Element], dissection: &Dissection) -> Comparison {
    let mut comparer = Comparer {
        dissection,
        records: [CLIENT, SERVER].map(|by| records(dissection, by)),
        named: HashSet::new(),
        out: Comparison::new(),
    };
    for packet in packets {
        let Some(source) = packet.find("ip.src") else { continue };
        let from = usize::from(source.show == "192.0.2.2");
        for protocol in packet.children.iter().filter(|protocol| protocol.name == "tls") {
            for record in protocol.children.iter().filter(|field| field.name == "tls.record") {
                comparer.record(from, record);
            }
        }
    }
    for (left, party) in comparer.records.iter().zip([CLIENT, SERVER]) {
        if !left.is_empty() {
            comparer.out.differences.push(format!("{} records of the {party} are not tshark's", left.len()));
        }
    }
    comparer.out.ours_named = comparer.named.len();
    comparer.out
}

/// The whole records that `party` sent, in order.
fn records(dissection: &Dissection, party: Party) -> VecDeque<LayerId> {
    let unread: HashSet<_> = dissection
        .events
        .iter()
        .filter(|event| event.content == Content::Unread)
        .flat_map(|event| event.records.iter().map(|record| record.layer))
        .collect();
    let sent = dissection.layers.all().filter(|(id, layer)| {
        matches!(layer.origin, Origin::Wire { by, .. } if by == party) && !unread.contains(id)
    });
    sent.map(|(id, _)| id).collect()
}

struct Comparer<'a> {
    dissection: &'a Dissection,
    /// The records that tshark has not come to, for each side.
    records: [VecDeque<LayerId>; 2],
    /// Our fields that tshark named, each by its place in its layer.
    named: HashSet<(LayerId, usize)>,
    out: Comparison,
}

/// From where the positions of some fields are counted: where byte 0 of a layer stands.
#[derive(Clone, Copy)]
struct Base {
    layer: LayerId,
    pos: usize,
}

impl<'a> Comparer<'a> {
    fn record(&mut self, from: usize, record: &Element) {
        let Some(layer) = self.records[from].pop_front() else {
            return self.out.differences.push(format!("a record too many: {}", record.showname));
        };
        self.out.ours += self.dissection.layers.get(layer).fields.all().len();
        let base = Base { layer, pos: record.pos };
        self.check(record, base);
        let mut events = self.events(layer);
        for field in &record.children {
            let message = matches!(field.name.as_str(), "tls.handshake" | "tls.alert_message");
            match field.name.as_str() {
                // They show once more what was shown in its records.
                "tls.handshake.fragments" => {}
                "tls.app_data" => self.sealed(field, base),
                _ if message && field.showname.contains("Encrypted") => self.sealed(field, base),
                _ if message && field.showname.contains("fragment)") => {
                    self.check_as(field, base, Part::Whole, &["fragment"])
                }
                _ if message => match events.pop_front() {
                    Some(event) => self.message(field, base, event),
                    None => self.out.differences.push(format!("a message too many: {}", field.showname)),
                },
                _ => self.visit(field, base),
            }
        }
        for event in events {
            self.out.differences.push(format!("tshark does not see {:?}", event.content));
        }
    }

    /// The messages that end in a record.
    fn events(&self, record: LayerId) -> VecDeque<&'a Event> {
        let ends_here = |event: &&Event| event.records.last().is_some_and(|last| last.layer == record);
        let is_message = |event: &&Event| matches!(event.content, Content::Handshake(_) | Content::Alert(_));
        self.dissection.events.iter().filter(ends_here).filter(is_message).collect()
    }

    /// A message, whose fields are counted from the beginning of the frame if it lies in one plaintext
    /// record, and otherwise from the beginning of what was opened or put together.
    fn message(&mut self, field: &Element, base: Base, event: &Event) {
        if event.message.layer == base.layer {
            return self.visit(field, base);
        }
        let layer = event.message.layer;
        self.out.ours += self.dissection.layers.get(layer).fields.all().len();
        self.equal(field, "size", field.size, event.message.range.len());
        for child in &field.children {
            self.visit(child, Base { layer, pos: 0 });
        }
    }

    /// What lies in a sealed record, as one field: nonce, ciphertext and tag of ours, or IV, ciphertext
    /// and MAC.
    fn sealed(&mut self, field: &Element, base: Base) {
        let layer = self.dissection.layers.get(base.layer);
        let all = layer.fields.all();
        let place = |label| all.iter().position(|field| field.label == label);
        match (place("nonce_explicit").or_else(|| place("IV")), place("tag").or_else(|| place("MAC"))) {
            (Some(first), Some(last)) => {
                self.equal(field, "start", field.pos - base.pos, all[first].range().start);
                self.equal(field, "end", field.pos - base.pos + field.size, all[last].range().end);
                self.bytes(field, &base.layer.span(all[first].range().start..all[last].range().end));
                self.named.extend((first..=last).map(|id| (base.layer, id)));
                self.out.both += 1;
            }
            _ => self.out.differences.push(format!("not sealed: {}", field.showname)),
        }
    }

    fn visit(&mut self, field: &Element, base: Base) {
        self.check(field, base);
        for child in &field.children {
            self.visit(child, base);
        }
    }

    fn check(&mut self, field: &Element, base: Base) {
        if field.size == 0 || field.name.is_empty() {
            return; // What tshark concludes has no bytes, and mere text has no name.
        }
        match NAMES.iter().find(|(name, ..)| *name == field.name) {
            Some((_, part, ours)) => self.check_as(field, base, *part, ours),
            None => *self.out.theirs.entry(field.name.clone()).or_default() += 1,
        }
    }

    /// One of our fields of these names must lie where tshark's lies.
    fn check_as(&mut self, field: &Element, base: Base, part: Part, ours: &[&str]) {
        let Some(start) = field.pos.checked_sub(base.pos) else {
            return self.out.differences.push(format!("{} lies before its record", field.name));
        };
        let range = start..start + field.size;
        let layer = self.dissection.layers.get(base.layer);
        let mut path: Vec<&str> = Vec::new();
        let mut found = Vec::new();
        let mut elsewhere = Vec::new();
        for (id, candidate) in layer.fields.all().iter().enumerate() {
            path.truncate(candidate.depth.into());
            path.push(candidate.label);
            if !ours.iter().any(|ours| ends_with(&path, ours)) {
                continue;
            }
            let its = match part {
                Part::Whole => candidate.range(),
                Part::Contents => candidate.contents(),
            };
            if its == range {
                found.push(id);
                // The leaf with the contents of an element says the same.
                let leaf = layer.fields.node(id).children().find(|child| child.field().range() == range);
                found.extend(leaf.filter(|leaf| leaf.is_leaf()).map(|leaf| leaf.id()));
            } else {
                elsewhere.push(its);
            }
        }
        if found.is_empty() {
            let difference =
                format!("{} at {range:?}, ours at {elsewhere:?} in “{}”", field.showname, layer.name);
            return self.out.differences.push(difference);
        }
        self.out.both += 1;
        self.named.extend(found.into_iter().map(|id| (base.layer, id)));
        self.bytes(field, &base.layer.span(range));
    }

    fn bytes(&mut self, field: &Element, span: &Span) {
        // A flag that is not set has a value of its own: a bit.
        if let Some(value) = field.value.as_ref().filter(|value| value.len() == field.size) {
            let ours = self.dissection.layers.bytes(span);
            if value != ours {
                self.out.differences.push(format!("{}: other bytes at {:?}", field.showname, span.range));
            }
        }
    }

    fn equal(&mut self, field: &Element, what: &str, theirs: usize, ours: usize) {
        if theirs != ours {
            self.out.differences.push(format!("{}: {what} {theirs}, ours {ours}", field.showname));
        }
    }
}

/// Whether a path ends with these labels. Ours have dots only where a label has.
fn ends_with(path: &[&str], labels: &str) -> bool {
    let mut rest = labels;
    for label in path.iter().rev() {
        let matches = rest.strip_suffix(label).or_else(|| rest.strip_suffix('*'));
        match matches {
            Some("") => return true,
            Some(before) if before.ends_with('.') => rest = &before[..before.len() - 1],
            _ => return false,
        }
    }
    false
}
