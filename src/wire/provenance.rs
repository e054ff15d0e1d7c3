//! Links between layers, each of which is a computation that ran.
//!
//! [`Layers::compute`] hands its closure the bytes of the named places and nothing else, and the
//! result becomes a layer: so "made from" is true by construction, and a wrong link shows, since the
//! value would not fit its use. "Used in" is the same index turned round.

use crate::secret;
use crate::wire::layer::{LayerId, Layers, Origin, Span};

impl Layers {
    /// Adds the result of `f`, which sees the bytes of `from` and nothing else.
    pub fn compute<const N: usize>(
        &mut self,
        name: &'static str,
        how: &'static str,
        from: [&Span; N],
        f: impl FnOnce([&[u8]; N]) -> Vec<u8>,
    ) -> Span {
        let from = from.map(Clone::clone);
        self.compute_all(name, how, &from, |bytes| f(<[&[u8]; N]>::try_from(bytes).expect("one for each")))
    }

    /// [`Self::compute`] for inputs whose number is not fixed, as the messages under a hash.
    pub fn compute_all(
        &mut self,
        name: &'static str,
        how: &'static str,
        from: &[Span],
        f: impl FnOnce(&[&[u8]]) -> Vec<u8>,
    ) -> Span {
        let inputs: Vec<_> = from.iter().map(|span| self.bytes(span)).collect();
        let bytes = f(&inputs);
        let id = self.add(name, Origin::Computed { how, from: from.to_vec() }, bytes);
        self.whole(id)
    }

    /// Adds what `f` undoes from `sealed` with the keys, or nothing if that fails. `in_place`: each
    /// byte of the result stands where its sealed one stands.
    pub fn open<const N: usize>(
        &mut self,
        name: &'static str,
        how: &'static str,
        sealed: &Span,
        with: [&Span; N],
        in_place: bool,
        f: impl FnOnce(&[u8], [&[u8]; N]) -> Option<Vec<u8>>,
    ) -> Option<Span> {
        let bytes = f(self.bytes(sealed), with.map(|span| self.bytes(span)))?;
        let (sealed, with) = (sealed.clone(), with.map(Clone::clone).to_vec());
        let id = self.add(name, Origin::Opened { how, sealed, with, in_place }, bytes);
        Some(self.whole(id))
    }

    /// Adds what `f` seals: whoever has the result has `what` sealed in it.
    pub fn seal<const N: usize>(
        &mut self,
        name: &'static str,
        how: &'static str,
        what: &Span,
        with: [&Span; N],
        f: impl FnOnce(&[u8], [&[u8]; N]) -> Vec<u8>,
    ) -> Span {
        let bytes = f(self.bytes(what), with.map(|span| self.bytes(span)));
        let (what, with) = (what.clone(), with.map(Clone::clone).to_vec());
        let id = self.add(name, Origin::Sealed { how, what, with }, bytes);
        self.whole(id)
    }

    /// Whether two places hold the same bytes. If so, that is kept: who knows one knows the other.
    pub fn matches(&mut self, a: &Span, b: &Span) -> bool {
        let equal = secret::equal(self.bytes(a), self.bytes(b));
        if equal {
            self.matches.push((a.clone(), b.clone()));
        }
        equal
    }

    /// What the standard says stands there: wherever it lies, it is nobody's secret.
    pub fn constant(&mut self, place: Span) {
        self.constants.push(place);
    }

    /// The places of which that was said.
    #[must_use]
    pub fn all_constants(&self) -> &[Span] {
        &self.constants
    }

    /// Whoever has `sealed` has `what` sealed in it, though the sealing was not seen: somebody told of it.
    pub fn encloses(&mut self, sealed: &Span, what: &Span) {
        self.enclosed.push((sealed.clone(), what.clone()));
    }

    /// The pairs of which that was said: first what is sealed, then what is in it.
    #[must_use]
    pub fn all_enclosed(&self) -> &[(Span, Span)] {
        &self.enclosed
    }

    /// The places that were found equal to this one.
    pub fn matched(&self, span: &Span) -> impl Iterator<Item = &Span> {
        self.matches.iter().filter_map(move |(a, b)| match () {
            () if a == span => Some(b),
            () if b == span => Some(a),
            () => None,
        })
    }

    /// The pairs of places that were found equal, in order.
    #[must_use]
    pub fn all_matches(&self) -> &[(Span, Span)] {
        &self.matches
    }

    /// What the layer of `span` was made from.
    pub fn made_from(&self, span: &Span) -> impl Iterator<Item = &Span> {
        let (one, more) = self.get(span.layer).origin.inputs();
        one.into_iter().chain(more)
    }

    /// The layers for which this place, or a part of it, was an input. Where something larger was the
    /// input is not listed, or every field would point at the hash of the handshake.
    #[must_use]
    pub fn used_in(&self, span: &Span) -> Vec<LayerId> {
        let uses = self.uses.0.get(&span.layer).map_or(&[][..], Vec::as_slice);
        let mut users: Vec<_> = uses
            .iter()
            .filter(|(range, _)| span.range.start <= range.start && range.end <= span.range.end)
            .map(|&(_, user)| user)
            .collect();
        users.dedup();
        users
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::layer::Party;

    #[test]
    fn a_link_is_a_computation_and_can_be_asked_from_both_ends() {
        let mut layers = Layers::new();
        let block = layers.given(Party("client"), "block", vec![1, 2, 3, 4]);
        let half = block.layer.span(0..2);
        let sum = layers.compute("sum", "addition", [&half], |[half]| vec![half[0] + half[1]]);
        assert_eq!(layers.bytes(&sum), [3]);
        assert_eq!(layers.made_from(&sum).collect::<Vec<_>>(), [&half]);
        assert_eq!(layers.used_in(&block), [sum.layer]);
        assert_eq!(layers.used_in(&half), [sum.layer]);
        assert_eq!(layers.used_in(&block.layer.span(0..1)), []);

        let three = block.layer.span(2..3);
        assert!(layers.matches(&sum, &three));
        assert!(!layers.matches(&sum, &half));
        assert_eq!(layers.matched(&three).collect::<Vec<_>>(), [&sum]);
        assert_eq!(layers.matched(&half).count(), 0);
    }
}
