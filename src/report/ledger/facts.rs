//! Facts: which bytes someone has, and since when.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::wire::{LayerId, Moment, Span};

/// Bytes that someone has since a moment. The order is that of the moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fact {
    pub(super) since: Moment,
    pub(super) layer: LayerId,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Fact {
    pub(super) fn new(since: Moment, span: &Span) -> Self {
        Self { since, layer: span.layer, start: span.range.start, end: span.range.end }
    }
}

/// Facts, learned in the order of their moments.
#[derive(Debug, Default)]
pub(super) struct Known(HashMap<LayerId, OfLayer>);

#[derive(Debug, Default)]
struct OfLayer {
    facts: Vec<Fact>,
    /// Runs that do not touch, from start to end: all facts together.
    runs: BTreeMap<usize, usize>,
}

impl Known {
    /// Adds a fact, unless it was known, and says how far the known bytes around it reach now.
    pub(super) fn learn(&mut self, fact: Fact) -> Option<Range<usize>> {
        let OfLayer { facts, runs } = self.0.entry(fact.layer).or_default();
        let (mut start, mut end) = (fact.start, fact.end);
        if start == end || runs.range(..=start).next_back().is_some_and(|(_, &known)| end <= known) {
            return None;
        }
        while let Some((&first, &last)) = runs.range(..=end).next_back()
            && last >= start
        {
            runs.remove(&first);
            (start, end) = (start.min(first), end.max(last));
        }
        runs.insert(start, end);
        facts.push(fact);
        Some(start..end)
    }

    /// Whether every byte of `span` was known at the moment `at`.
    pub(super) fn covers(&self, span: &Span, at: Moment) -> bool {
        let facts = self.0.get(&span.layer).map_or(&[][..], |of| &of.facts);
        let mut then: Vec<_> = facts
            .iter()
            .take_while(|fact| fact.since <= at)
            .filter(|fact| fact.start < span.range.end && span.range.start < fact.end)
            .map(|fact| (fact.start, fact.end))
            .collect();
        then.sort_unstable();
        let mut reached = span.range.start;
        for (start, end) in then {
            if start > reached {
                return false;
            }
            reached = reached.max(end);
        }
        // Nothing is known of a value that has no bytes, so that an empty one is not taken for known.
        reached >= span.range.end && !span.range.is_empty()
    }

    pub(super) fn facts(&self) -> impl Iterator<Item = Fact> {
        self.0.values().flat_map(|of| of.facts.iter().copied())
    }
}
