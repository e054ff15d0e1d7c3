//! The names that a recording [`Reader`](crate::wire::Reader) leaves behind.
//!
//! Fields are a flat list in preorder, each with its depth and the place where its subtree ends, and
//! not a tree of boxes: nothing needs unwinding when reading stops half-way, and what was read until
//! then stays.

use std::ops::Range;

/// A named run of bytes. One without children is a leaf; the leaves of a layer cover each of its
/// bytes exactly once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The standard's name for it.
    pub label: &'static str,
    /// Which one, when it stands in a list.
    pub index: Option<u16>,
    /// How many groups it lies in.
    pub depth: u16,
    /// Its first byte, counted from the start of the layer.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
    /// Where what it holds begins, after its own tag and length: equal to `start` where it has none.
    pub contents: u32,
    /// The field that follows it and all it holds: `id + 1` for a leaf.
    pub next: u32,
    /// What its bytes say, where they say something.
    pub meaning: Option<Box<str>>,
}

impl Field {
    /// Its bytes' place in the layer.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The place of what it holds, without its own tag and length.
    #[must_use]
    pub fn contents(&self) -> Range<usize> {
        self.contents as usize..self.end as usize
    }
}

/// The fields of one layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub(crate) Vec<Field>);

impl Fields {
    /// All fields in preorder; a field's id is its index here.
    #[must_use]
    pub fn all(&self) -> &[Field] {
        &self.0
    }

    /// The field with this id.
    #[must_use]
    pub fn node(&self, id: usize) -> Node<'_> {
        Node { fields: &self.0, id }
    }

    /// The outermost fields.
    pub fn roots(&self) -> impl Iterator<Item = Node<'_>> {
        siblings(&self.0, 0, self.0.len())
    }

    /// The fields without children, in the order of their bytes.
    pub fn leaves(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.0.len()).map(|id| self.node(id)).filter(|node| node.is_leaf())
    }

    /// The first field at `path`, which names labels from a root downwards: `"ServerHello.random"`.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<Node<'_>> {
        find(self.roots(), path)
    }

    /// The path of each field: as [`Self::find`] takes it, with the index of what stands in a list:
    /// `"ClientHello.cipher_suites.cipher_suite[1]"`.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let mut around: Vec<(u16, String)> = Vec::new();
        let path = |field: &Field| {
            while around.last().is_some_and(|(depth, _)| *depth >= field.depth) {
                around.pop();
            }
            let mut path = around.last().map_or_else(String::new, |(_, path)| format!("{path}."));
            path.push_str(field.label);
            if let Some(index) = field.index {
                path.push_str(&format!("[{index}]"));
            }
            around.push((field.depth, path.clone()));
            path
        };
        self.0.iter().map(path).collect()
    }
}

/// A field and what lies in it.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    fields: &'a [Field],
    id: usize,
}

impl<'a> Node<'a> {
    /// Its index in the layer's list.
    #[must_use]
    pub fn id(self) -> usize {
        self.id
    }

    /// The field itself.
    #[must_use]
    pub fn field(self) -> &'a Field {
        &self.fields[self.id]
    }

    /// Whether no field lies in it.
    #[must_use]
    pub fn is_leaf(self) -> bool {
        self.field().next as usize == self.id + 1
    }

    /// The fields directly in it.
    pub fn children(self) -> impl Iterator<Item = Node<'a>> {
        siblings(self.fields, self.id + 1, self.field().next as usize)
    }

    /// Every field in it, itself first.
    pub fn descendants(self) -> impl Iterator<Item = Node<'a>> {
        (self.id..self.field().next as usize).map(move |id| Node { fields: self.fields, id })
    }

    /// The first field at `path` below it.
    #[must_use]
    pub fn find(self, path: &str) -> Option<Node<'a>> {
        find(self.children(), path)
    }
}

fn siblings(fields: &[Field], first: usize, end: usize) -> impl Iterator<Item = Node<'_>> {
    let mut id = first;
    std::iter::from_fn(move || {
        let node = (id < end).then_some(Node { fields, id })?;
        id = node.field().next as usize;
        Some(node)
    })
}

fn find<'a>(mut among: impl Iterator<Item = Node<'a>>, path: &str) -> Option<Node<'a>> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(a, b)| (a, Some(b)));
    let node = among.find(|node| node.field().label == first)?;
    match rest {
        Some(rest) => node.find(rest),
        None => Some(node),
    }
}
