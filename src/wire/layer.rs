//! Byte strings, and where each came from.
//!
//! A conversation is more than the bytes on the wire: records are opened, secrets are given, keys are
//! computed. Each such byte string is a [`Layer`] of its own, read by a decoder like any other, and
//! its [`Origin`] says how it came to be. A [`Span`] is a place in a layer, so that any opened byte
//! can be followed back to the wire ([`Layers::on_the_wire`]).

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::wire::{Fields, Node, ReadError, Reader};

/// Someone who takes part or listens, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Party(pub &'static str);

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// A point in the order of events: 0 is before anything was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub u32);

/// Which layer of a [`Layers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerId(pub(crate) u32);

impl LayerId {
    /// A place in this layer.
    #[must_use]
    pub fn span(self, range: Range<usize>) -> Span {
        Span { layer: self, range }
    }
}

/// A place in a layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The layer.
    pub layer: LayerId,
    /// The bytes of it.
    pub range: Range<usize>,
}

impl Span {
    /// Whether all of `other` lies in this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.layer == other.layer
            && self.range.start <= other.range.start
            && other.range.end <= self.range.end
    }
}

/// How a layer came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It crossed the wire, and everyone heard it.
    Wire {
        /// Who said it.
        by: Party,
        /// Where in all that this party said.
        offset: u64,
    },
    /// A party brought it: a key from a file, a random value of its own.
    Given {
        /// Who holds it.
        by: Party,
        /// Whether anyone may have it, though it did not cross this wire: a certificate that is trusted.
        public: bool,
    },
    /// Pieces of other layers, one behind the other, as a message that came in several records.
    Joined(Vec<Span>),
    /// Undone from something sealed, which only a holder of the keys can.
    Opened {
        /// The operation, in words.
        how: &'static str,
        /// What was sealed.
        sealed: Span,
        /// The keys and whatever else the operation takes.
        with: Vec<Span>,
        /// Whether each byte stands where its sealed one stands, as in counter mode.
        in_place: bool,
    },
    /// Sealed: what can be undone again by someone who holds another key.
    Sealed {
        /// The operation, in words.
        how: &'static str,
        /// What is inside.
        what: Span,
        /// The keys and whatever else the operation takes.
        with: Vec<Span>,
    },
    /// Computed, one way.
    Computed {
        /// The operation, in words.
        how: &'static str,
        /// All that it saw.
        from: Vec<Span>,
    },
}

impl Origin {
    /// What the layer was made from: what was sealed or opened, if it was, and all the rest.
    #[must_use]
    pub fn inputs(&self) -> (Option<&Span>, &[Span]) {
        match self {
            Self::Wire { .. } | Self::Given { .. } => (None, &[]),
            Self::Joined(pieces) => (None, pieces),
            Self::Opened { sealed, with, .. } => (Some(sealed), with),
            Self::Sealed { what, with, .. } => (Some(what), with),
            Self::Computed { from, .. } => (None, from),
        }
    }
}

/// A byte string with its names. The bytes are zeroed when it goes, since they may be secret.
pub struct Layer {
    /// What it is.
    pub name: &'static str,
    /// How it came to be.
    pub origin: Origin,
    /// When.
    pub at: Moment,
    /// The names of its bytes.
    pub fields: Fields,
    bytes: Zeroizing<Vec<u8>>,
}

impl Layer {
    /// All of its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layer({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// All layers of a conversation, in the order in which they came to be, with the links between them.
#[derive(Debug, Default)]
pub struct Layers {
    layers: Vec<Layer>,
    /// The moment that new layers get.
    pub now: Moment,
    fields: usize,
    pub(crate) uses: Uses,
    pub(crate) matches: Vec<(Span, Span)>,
    pub(crate) constants: Vec<Span>,
    pub(crate) enclosed: Vec<(Span, Span)>,
}

impl Layers {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All layers, in order.
    pub fn all(&self) -> impl Iterator<Item = (LayerId, &Layer)> {
        self.layers.iter().enumerate().map(|(id, layer)| (LayerId(id as u32), layer))
    }

    /// How many layers there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.layers.len()
    }

    /// How many fields they have, all together.
    #[must_use]
    pub fn fields(&self) -> usize {
        self.fields
    }

    /// One layer.
    #[must_use]
    pub fn get(&self, id: LayerId) -> &Layer {
        &self.layers[id.0 as usize]
    }

    /// The bytes at a place.
    #[must_use]
    pub fn bytes(&self, span: &Span) -> &[u8] {
        &self.get(span.layer).bytes[span.range.clone()]
    }

    /// All of a layer, as a place.
    #[must_use]
    pub fn whole(&self, id: LayerId) -> Span {
        id.span(0..self.get(id).bytes.len())
    }

    /// The place of a named field, path as in [`Fields::find`].
    #[must_use]
    pub fn find(&self, id: LayerId, path: &str) -> Option<Span> {
        Some(id.span(self.get(id).fields.find(path)?.field().range()))
    }

    /// The first field called `label` at or below the field with id `below`, in the order of its bytes.
    #[must_use]
    pub fn find_below(&self, id: LayerId, below: usize, label: &str) -> Option<Node<'_>> {
        self.get(id).fields.node(below).descendants().find(|node| node.field().label == label)
    }

    /// Adds bytes that `by` said.
    pub fn heard(&mut self, by: Party, offset: u64, name: &'static str, bytes: Vec<u8>) -> LayerId {
        self.add(name, Origin::Wire { by, offset }, bytes)
    }

    /// Adds a value that `by` brought.
    pub fn given(&mut self, by: Party, name: &'static str, bytes: Vec<u8>) -> Span {
        let id = self.add(name, Origin::Given { by, public: false }, bytes);
        self.whole(id)
    }

    /// Adds a value that `by` brought and that anyone may have, as a certificate that `by` trusts.
    pub fn published(&mut self, by: Party, name: &'static str, bytes: Vec<u8>) -> LayerId {
        self.add(name, Origin::Given { by, public: true }, bytes)
    }

    /// Adds the concatenation of `pieces`.
    pub fn joined(&mut self, name: &'static str, pieces: Vec<Span>) -> LayerId {
        let bytes = pieces.iter().flat_map(|piece| self.bytes(piece)).copied().collect();
        self.add(name, Origin::Joined(pieces), bytes)
    }

    /// Names the bytes of a layer.
    ///
    /// # Errors
    /// Those of `read`; the fields are there all the same.
    pub fn read<T>(
        &mut self,
        id: LayerId,
        read: impl FnOnce(&mut Reader) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let layer = &mut self.layers[id.0 as usize];
        let (result, fields) = Reader::record(&layer.bytes, read);
        self.fields += fields.all().len();
        self.fields -= layer.fields.all().len();
        layer.fields = fields;
        result
    }

    /// Where the bytes of `span` stood on the wire, as far as each byte has a place there: in joined
    /// layers and in those opened in place.
    #[must_use]
    pub fn on_the_wire(&self, span: &Span) -> Vec<Span> {
        match &self.get(span.layer).origin {
            Origin::Wire { .. } => vec![span.clone()],
            Origin::Joined(pieces) => {
                let mut found = Vec::new();
                let mut start = 0;
                for piece in pieces {
                    let end = start + piece.range.len();
                    let (from, to) = (span.range.start.max(start), span.range.end.min(end));
                    if from < to {
                        let first = piece.range.start + from - start;
                        found.extend(self.on_the_wire(&piece.layer.span(first..first + to - from)));
                    }
                    start = end;
                }
                found
            }
            Origin::Opened { sealed, in_place: true, .. } => {
                let first = sealed.range.start + span.range.start;
                self.on_the_wire(&sealed.layer.span(first..first + span.range.len()))
            }
            Origin::Opened { sealed, .. } => self.on_the_wire(sealed),
            Origin::Given { .. } | Origin::Sealed { .. } | Origin::Computed { .. } => Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, name: &'static str, origin: Origin, bytes: Vec<u8>) -> LayerId {
        let id = LayerId(self.layers.len() as u32);
        self.uses.note(id, &origin);
        let (at, bytes) = (self.now, Zeroizing::new(bytes));
        self.layers.push(Layer { name, origin, at, fields: Fields::default(), bytes });
        id
    }
}

/// Which layers used which places.
#[derive(Debug, Default)]
pub(crate) struct Uses(pub(crate) HashMap<LayerId, Vec<(Range<usize>, LayerId)>>);

impl Uses {
    fn note(&mut self, user: LayerId, origin: &Origin) {
        let (one, more) = origin.inputs();
        for input in one.into_iter().chain(more) {
            self.0.entry(input.layer).or_default().push((input.range.clone(), user));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opened_byte_of_a_message_in_two_records_leads_back_to_the_wire() {
        let mut layers = Layers::new();
        let first = layers.heard(Party("client"), 0, "record", vec![9, 9, 1, 2]);
        let second = layers.heard(Party("client"), 4, "record", vec![9, 3, 4]);
        let joined = layers.joined("message", vec![first.span(2..4), second.span(1..3)]);
        assert_eq!(layers.get(joined).bytes(), [1, 2, 3, 4]);
        assert_eq!(layers.on_the_wire(&joined.span(1..4)), [first.span(3..4), second.span(1..3)]);

        let key = layers.given(Party("client"), "key", vec![0xff]);
        let sealed = layers.whole(joined);
        let opened = layers
            .open("plaintext", "XOR", &sealed, [&key], true, |sealed, [key]| {
                Some(sealed.iter().map(|byte| byte ^ key[0]).collect())
            })
            .unwrap();
        assert_eq!(layers.bytes(&opened), [0xfe, 0xfd, 0xfc, 0xfb]);
        assert_eq!(layers.on_the_wire(&opened.layer.span(2..3)), [second.span(1..2)]);
    }
}
