//! What a name means to a reader who has not met it. Each protocol brings its own glossary; the
//! reader's labels are the keys.

use std::cmp::Reverse;

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
    /// What the field lies in: the label of its group, with those of the groups around that before it where
    /// it takes more to tell (`TLSCiphertext/header`). `issuer/*` is at any depth in an `issuer`, and empty
    /// is anywhere.
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

    /// Of these entries for one label the one that speaks of these groups, nearest first: whose group is
    /// nearest, then the one that says most about it. A name means what it means where it stands: the
    /// `length` of a record says nothing of those of a certificate inside.
    pub fn nearest<'a>(
        entries: impl Iterator<Item = &'static Self>,
        groups: impl Iterator<Item = &'a str> + Clone,
    ) -> Option<&'static Self> {
        let placed = entries.filter_map(|entry| Some((entry.distance(groups.clone())?, entry)));
        placed.min_by_key(|&(distance, _)| distance).map(|(_, entry)| entry)
    }

    /// How far up the group is, and how many labels it names; nothing if the field does not lie in it.
    fn distance<'a>(&self, mut groups: impl Iterator<Item = &'a str>) -> Option<(usize, Reverse<usize>)> {
        if self.group.is_empty() {
            return Some((usize::MAX, Reverse(0)));
        }
        if let Some(around) = self.group.strip_suffix("/*") {
            return Some((groups.position(|group| group == around)?, Reverse(0)));
        }
        let mut path = self.group.rsplit('/');
        let labels = path.clone().count();
        path.all(|label| groups.next() == Some(label)).then_some((0, Reverse(labels)))
    }
}

/// The entries of one protocol.
#[derive(Clone, Copy, Debug)]
pub struct Glossary(pub &'static [Entry]);

impl Glossary {
    /// The entry for a field with this label in these groups, nearest first: see [`Entry::nearest`].
    pub fn lookup<'a>(
        &self,
        label: &str,
        groups: impl Iterator<Item = &'a str> + Clone,
    ) -> Option<&'static Entry> {
        Entry::nearest(self.0.iter().filter(|entry| entry.label == label), groups)
    }

    /// The entry for a field, whose `ancestors` are given from the outermost down.
    #[must_use]
    pub fn of(&self, field: Node<'_>, ancestors: &[Node<'_>]) -> Option<&'static Entry> {
        self.lookup(field.field().label, ancestors.iter().rev().map(|node| node.field().label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_what_it_means_where_it_stands() {
        static NAMES: Glossary = Glossary(&[
            Entry::new("", "length", "any"),
            Entry::new("record/header", "length", "of a record"),
            Entry::new("header", "length", "of a header"),
            Entry::new("certificate/*", "length", "of an element"),
            Entry::new("name", "length", "of a name"),
            Entry::new("Certificate", "version", "of a certificate"),
        ]);
        let short = |label, groups: &[&'static str]| {
            NAMES.lookup(label, groups.iter().rev().copied()).map(|entry| entry.short)
        };
        assert_eq!(short("length", &["record", "header"]), Some("of a record"));
        assert_eq!(short("length", &["other", "header"]), Some("of a header"));
        assert_eq!(short("length", &["record", "header", "message"]), Some("any"));
        assert_eq!(short("length", &["record", "certificate", "body", "signature"]), Some("of an element"));
        assert_eq!(short("length", &["certificate", "name"]), Some("of a name"));
        assert_eq!(short("length", &[]), Some("any"));
        assert_eq!(short("version", &["Certificate", "extension"]), None);
    }
}
