//! Rules: whoever has these bytes has those, and what follows from that.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use crate::report::ledger::facts::{Fact, Known};
use crate::wire::{LayerId, Layers, Moment, Origin, Span};

/// Whoever has all of `needs` has `gives`, from the moment `at` on.
#[derive(Debug)]
pub(super) struct Rule {
    needs: Vec<Span>,
    gives: Span,
    at: Moment,
}

/// How things become known: whoever knows all inputs knows the result.
pub(super) fn rules_of_making(layers: &Layers) -> Vec<Rule> {
    let mut rules = Vec::new();
    let later = |a: &Span, b: &Span| layers.get(a.layer).at.max(layers.get(b.layer).at);
    for (id, layer) in layers.all() {
        match &layer.origin {
            Origin::Wire { .. } | Origin::Given { .. } => {}
            Origin::Joined(pieces) => join(&mut rules, id, pieces, later),
            Origin::Opened { .. } | Origin::Sealed { .. } | Origin::Computed { .. } => {
                let (one, more) = layer.origin.inputs();
                let needs = one.into_iter().chain(more).cloned().collect();
                rules.push(Rule { needs, gives: layers.whole(id), at: layer.at });
            }
        }
    }
    matches(&mut rules, layers, later);
    rules
}

/// How things become held without being known: bytes that would give them to a holder of the key.
/// The moment is that at which these bytes were had, not that at which somebody opened them.
pub(super) fn rules_of_sealing(layers: &Layers) -> Vec<Rule> {
    let mut rules = Vec::new();
    let at = Moment(0);
    for (id, layer) in layers.all() {
        match &layer.origin {
            Origin::Opened { sealed, .. } => {
                rules.push(Rule { needs: vec![sealed.clone()], gives: layers.whole(id), at });
            }
            Origin::Sealed { what, .. } => {
                rules.push(Rule { needs: vec![layers.whole(id)], gives: what.clone(), at });
            }
            Origin::Joined(pieces) => join(&mut rules, id, pieces, |_, _| at),
            Origin::Wire { .. } | Origin::Given { .. } | Origin::Computed { .. } => {}
        }
    }
    for (sealed, what) in layers.all_enclosed() {
        rules.push(Rule { needs: vec![sealed.clone()], gives: what.clone(), at });
    }
    matches(&mut rules, layers, |_, _| at);
    rules
}

/// A joined layer is its pieces, and they are it.
fn join(rules: &mut Vec<Rule>, id: LayerId, pieces: &[Span], at: impl Fn(&Span, &Span) -> Moment) {
    let mut start = 0;
    for piece in pieces {
        let place = id.span(start..start + piece.range.len());
        start = place.range.end;
        both_ways(rules, piece, &place, &at);
    }
}

/// Equal bytes are the same bytes.
fn matches(rules: &mut Vec<Rule>, layers: &Layers, at: impl Fn(&Span, &Span) -> Moment) {
    for (a, b) in layers.all_matches() {
        both_ways(rules, a, b, &at);
    }
}

fn both_ways(rules: &mut Vec<Rule>, a: &Span, b: &Span, at: &impl Fn(&Span, &Span) -> Moment) {
    for (a, b) in [(a, b), (b, a)] {
        rules.push(Rule { needs: vec![a.clone()], gives: b.clone(), at: at(a, b) });
    }
}

/// All that follows from the given facts.
pub(super) fn spread(rules: &[Rule], given: Vec<Fact>) -> Known {
    // The needs of each layer in the order of their places, so that new bytes find those in reach.
    let mut waiting: HashMap<LayerId, BTreeSet<(usize, usize, usize)>> = HashMap::new();
    let mut unmet = vec![0_usize; rules.len()];
    let mut coming: BinaryHeap<_> = given.into_iter().map(Reverse).collect();
    for (rule, Rule { needs, gives, at }) in rules.iter().enumerate() {
        for need in needs.iter().filter(|need| !need.range.is_empty()) {
            let place = (need.range.start, need.range.end, rule);
            unmet[rule] += usize::from(waiting.entry(need.layer).or_default().insert(place));
        }
        if unmet[rule] == 0 {
            coming.push(Reverse(Fact::new(*at, gives)));
        }
    }

    let mut known = Known::default();
    while let Some(Reverse(fact)) = coming.pop() {
        let Some(run) = known.learn(fact) else { continue };
        let Some(waiting) = waiting.get_mut(&fact.layer) else { continue };
        let reach = waiting.range((run.start, 0, 0)..(run.end, 0, 0));
        let met: Vec<_> = reach.filter(|need| need.1 <= run.end).copied().collect();
        for need in met {
            waiting.remove(&need);
            unmet[need.2] -= 1;
            if unmet[need.2] == 0 {
                let Rule { gives, at, .. } = &rules[need.2];
                coming.push(Reverse(Fact::new(fact.since.max(*at), gives)));
            }
        }
    }
    known
}
