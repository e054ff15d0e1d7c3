//! Where a value comes from, and what is made from it.

use std::collections::HashSet;

use crate::report::line::Lines;
use crate::wire::{Moment, Origin, Span};

impl<'a> Lines<'a> {
    /// What the value at `span` was made from, without the choices. What was said openly and is of no
    /// kind is a choice: it picks the operation, and goes without saying.
    #[must_use]
    pub fn ingredients(&self, span: &Span) -> Vec<&'a Span> {
        let layers = self.layers();
        let is_choice = |input: &Span| {
            let said = matches!(layers.get(input.layer).origin, Origin::Wire { .. } | Origin::Joined(_));
            said && self.kind(input).is_none()
        };
        layers.made_from(span).filter(|input| !is_choice(input)).collect()
    }

    /// When something is first made from the bytes at `span`, or a part of them.
    #[must_use]
    pub(in crate::report) fn first_use(&self, span: &Span) -> Option<Moment> {
        let layers = self.layers();
        layers.used_in(span).into_iter().map(|user| layers.get(user).at).min()
    }

    /// All that is made from the bytes at `span`, from that, and on and on, and every other place where
    /// such a thing stands too.
    #[must_use]
    pub fn derived(&self, span: &Span) -> Vec<Span> {
        let layers = self.layers();
        let mut found: Vec<Span> = Vec::new();
        let mut seen: HashSet<Span> = HashSet::from([span.clone()]);
        let mut todo = vec![span.clone()];
        while let Some(from) = todo.pop() {
            let made = layers.used_in(&from).into_iter().map(|layer| layers.whole(layer));
            let made: Vec<_> = made.chain(layers.matched(&from).cloned()).collect();
            for next in made {
                if seen.insert(next.clone()) {
                    found.push(next.clone());
                    todo.push(next);
                }
            }
        }
        found
    }

    /// How the value at `span` was made: the operation, then its inputs by name. The value that stands
    /// `above` it goes without saying.
    #[must_use]
    pub fn made(&self, span: &Span, above: Option<&Span>) -> String {
        let layers = self.layers();
        let origin = &layers.get(span.layer).origin;
        let how = match origin {
            Origin::Opened { how, .. } | Origin::Sealed { how, .. } | Origin::Computed { how, .. } => how,
            Origin::Joined(_) => "one behind the other",
            Origin::Wire { .. } => "heard",
            Origin::Given { .. } => "given",
        };
        let is_above = |input: &Span| {
            above.is_some_and(|above| {
                above.covers(input)
                    || input.covers(above)
                    || layers.matched(above).any(|other| other == input)
            })
        };
        let mut names: Vec<(String, usize)> = Vec::new();
        for input in self.ingredients(span).into_iter().filter(|input| !is_above(input)) {
            let name = self.name(input);
            match names.iter_mut().find(|(known, _)| *known == name) {
                Some((_, count)) => *count += 1,
                None => names.push((name, 1)),
            }
        }
        let names = names.into_iter().map(|(name, count)| match count {
            1 => name,
            2 => format!("both {name}s"),
            _ => format!("{count} {name}s"),
        });
        [(*how).to_owned()].into_iter().chain(names).collect::<Vec<_>>().join(", ")
    }
}
