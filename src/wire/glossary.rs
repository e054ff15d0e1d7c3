//! What a name means to a reader who has not met it. Each protocol brings its own glossary; the
//! reader's labels are the keys.

use crate::wire::Node;

/// The four kinds of bytes that the story follows. All others are plain: types, lengths, choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Fresh random bytes, public.
    Random,
    /// A name, or a public key.
    Identity,
    /// A signature, a tag, a verify_data.
    Proof,
    /// Secret, or sealed.
    Secret,
}

/// One name, explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The label of a group that the field lies in, at any height above it; empty for any.
    pub group: &'static str,
    /// The field's label.
    pub label: &'static str,
    /// Which of the four kinds it is.
    pub kind: Option<Kind>,
    /// Whether it is shown when only the essential is.
    pub brief: bool,
    /// What it is called in prose, where its label alone would say little ("issuer CN"); else empty.
    pub title: &'static str,
    /// What it is, in at most 31 cells.
    pub short: &'static str,
    /// What it is, in a sentence.
    pub what: &'static str,
    /// The standard and its section.
    pub source: &'static str,
}

impl Entry {
    /// A plain name: of none of the four kinds, and shown only when everything is. `{}` in `short` stands
    /// for the number of its bytes.
    #[must_use]
    pub const fn new(group: &'static str, label: &'static str, short: &'static str) -> Self {
        Self { group, label, kind: None, brief: false, title: "", short, what: "", source: "" }
    }

    /// Of this kind.
    #[must_use]
    pub const fn of(self, kind: Kind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// Called so in prose.
    #[must_use]
    pub const fn titled(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// Shown also when only the essential is.
    #[must_use]
    pub const fn brief(self) -> Self {
        Self { brief: true, ..self }
    }

    /// What it is, and where that stands.
    #[must_use]
    pub const fn what(self, what: &'static str, source: &'static str) -> Self {
        Self { what, source, ..self }
    }
}

/// The entries of one protocol.
#[derive(Clone, Copy, Debug)]
pub struct Glossary(pub &'static [Entry]);

impl Glossary {
    /// The entry for a field with this label in these groups, nearest first: the entry whose group is
    /// nearest, or else one for any group.
    pub fn lookup<'a>(&self, label: &str, groups: impl Iterator<Item = &'a str>) -> Option<&'static Entry> {
        let named = || self.0.iter().filter(|entry| entry.label == label);
        let mut nearest = groups.filter_map(|group| named().find(|entry| entry.group == group));
        nearest.next().or_else(|| named().find(|entry| entry.group.is_empty()))
    }

    /// The entry for a field, whose `ancestors` are given from the outermost down.
    #[must_use]
    pub fn of(&self, field: Node<'_>, ancestors: &[Node<'_>]) -> Option<&'static Entry> {
        self.lookup(field.field().label, ancestors.iter().rev().map(|node| node.field().label))
    }
}
