//! Which fields lie where, and what the glossary says of them.

use crate::report::line::Lines;
use crate::wire::{Entry, Field, LayerId, Layers, Span};

impl<'a> Lines<'a> {
    /// Calls `see` with each field in `span`: its id, itself, and the labels around it.
    pub(super) fn walk(&self, span: &Span, mut see: impl FnMut(usize, &'a Field, &[&'static str])) {
        let mut groups: Vec<(u16, &'static str)> = Vec::new();
        let mut labels: Vec<&'static str> = Vec::new();
        for (id, field) in self.layers().get(span.layer).fields.all().iter().enumerate() {
            while groups.last().is_some_and(|&(depth, _)| depth >= field.depth) {
                groups.pop();
                labels.pop();
            }
            if lies_in(field, span) {
                see(id, field, &labels);
            }
            groups.push((field.depth, field.label));
            labels.push(field.label);
        }
    }

    /// The glossary's entry for a label in these groups, in a layer that is the outermost of them.
    pub(super) fn entry(
        &self,
        label: &str,
        groups: &[&'static str],
        layer: LayerId,
    ) -> Option<&'static Entry> {
        let named = self.entries.get(label)?.iter().copied();
        let outermost = self.layers().get(layer).name;
        Entry::nearest(named, groups.iter().rev().copied().chain([outermost]))
    }

    /// The outermost field that is exactly these bytes, or holds exactly these, and the groups around
    /// it.
    pub(super) fn field_at(&self, span: &Span) -> (Option<usize>, Vec<&'static str>) {
        let fields = self.layers().get(span.layer).fields.all();
        let is_it = |field: &Field| field.range() == span.range || field.contents() == span.range;
        let Some(id) = fields.iter().position(is_it) else { return (None, Vec::new()) };
        let (mut groups, mut depth) = (Vec::new(), fields[id].depth);
        for field in fields[..id].iter().rev() {
            if field.depth < depth {
                depth = field.depth;
                groups.push(field.label);
            }
        }
        groups.reverse();
        (Some(id), groups)
    }
}

/// How many fields without others in them lie in `span` and have bytes.
#[must_use]
pub fn leaves(layers: &Layers, span: &Span) -> usize {
    let fields = layers.get(span.layer).fields.all();
    let leaf = |(id, field): &(usize, &Field)| is_leaf(*id, field) && field.start < field.end;
    fields.iter().enumerate().filter(leaf).filter(|(_, field)| lies_in(field, span)).count()
}

pub(super) fn is_leaf(id: usize, field: &Field) -> bool {
    field.next as usize == id + 1
}

/// Whether the field lies in `span`; one without bytes at its end belongs to what follows.
fn lies_in(field: &Field, span: &Span) -> bool {
    let (outer, inner) = (&span.range, field.range());
    outer.start <= inner.start && inner.end <= outer.end && inner.start < outer.end
}
