//! Who knows what, and since when: computed, never written down.
//!
//! A party knows what it holds, what crossed the wire, and whatever can be made from what it knows.
//! Each way of making something is a rule, taken from the layers' origins and from places that were
//! found equal. Facts spread from rule to rule in the order of their moments, so the first time that
//! a fact is reached is the earliest; a rule acts once, so nothing can go round in circles.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::ops::Range;

use crate::report::Participant;
use crate::wire::{LayerId, Layers, Moment, Origin, Party, Span};

/// What a party has of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Knowledge {
    /// Nothing.
    Nothing,
    /// Bytes in which it is sealed, without the key.
    Sealed,
    /// The thing itself.
    Knows,
}

/// What each party knows at each moment.
///
/// ```
/// use cutaway::report::{Knowledge, Ledger};
/// use cutaway::wire::{Layers, Moment, Party};
///
/// let (client, eve) = (Party("client"), Party("eavesdropper"));
/// let mut layers = Layers::new();
/// let key = layers.given(client, "key", vec![0xff]);
/// layers.now = Moment(1);
/// let sealed = layers.heard(client, 0, "sealed", vec![0x97]);
/// let sealed = layers.whole(sealed);
/// let page = layers
///     .open("page", "XOR", &sealed, [&key], true, |sealed, [key]| Some(vec![sealed[0] ^ key[0]]))
///     .unwrap();
///
/// let ledger = Ledger::new(&layers, &[]);
/// assert_eq!(ledger.knows(client, &page, Moment(0)), Knowledge::Nothing);
/// assert_eq!(ledger.knows(client, &page, Moment(1)), Knowledge::Knows);
/// assert_eq!(ledger.knows(eve, &page, Moment(1)), Knowledge::Sealed);
/// ```
#[derive(Debug)]
pub struct Ledger {
    parties: HashMap<Party, Facts>,
    /// What everyone has who holds nothing and only listens.
    listener: Facts,
    /// Values that someone holds and that we do not see: they stand there without bytes.
    unseen: HashMap<LayerId, (Party, Moment)>,
}

#[derive(Debug)]
struct Facts {
    known: Known,
    /// What is known, and what is at least sealed in it.
    held: Known,
}

impl Ledger {
    /// Works out what follows from the conversation and from what each participant holds.
    #[must_use]
    pub fn new(layers: &Layers, participants: &[Participant]) -> Self {
        let (making, sealing) = (rules_of_making(layers), rules_of_sealing(layers));
        let facts = |given: Vec<Fact>| {
            let known = spread(&making, given);
            let held = spread(&sealing, known.facts().collect());
            Facts { known, held }
        };
        let heard: Vec<Fact> = layers
            .all()
            .filter(|(_, layer)| matches!(layer.origin, Origin::Wire { .. }))
            .map(|(id, layer)| Fact::new(layer.at, &layers.whole(id)))
            .collect();
        let mut held: HashMap<Party, Vec<Fact>> = HashMap::new();
        let mut unseen = HashMap::new();
        for (id, layer) in layers.all() {
            if let Origin::Given { by } = layer.origin {
                if layer.bytes().is_empty() {
                    unseen.insert(id, (by, layer.at));
                }
                held.entry(by).or_default().push(Fact::new(layer.at, &layers.whole(id)));
            }
        }
        for participant in participants {
            let holds = participant.holds.iter().map(|(span, since)| Fact::new(*since, span));
            held.entry(participant.party).or_default().extend(holds);
        }
        let parties = held
            .into_iter()
            .map(|(party, mut given)| {
                given.extend(&heard);
                (party, facts(given))
            })
            .collect();
        Self { parties, listener: facts(heard), unseen }
    }

    /// What `party` has of the bytes at `span` once the moment `at` has passed.
    #[must_use]
    pub fn knows(&self, party: Party, span: &Span, at: Moment) -> Knowledge {
        if let Some(&(by, since)) = self.unseen.get(&span.layer) {
            return if by == party && since <= at { Knowledge::Knows } else { Knowledge::Nothing };
        }
        let facts = self.parties.get(&party).unwrap_or(&self.listener);
        if facts.known.covers(span, at) {
            Knowledge::Knows
        } else if facts.held.covers(span, at) {
            Knowledge::Sealed
        } else {
            Knowledge::Nothing
        }
    }

    /// Whether someone who holds nothing can never know these bytes, however long they listen.
    #[must_use]
    pub fn private(&self, span: &Span) -> bool {
        // Where there is no byte there is nothing to know.
        !span.range.is_empty() && !self.listener.known.covers(span, Moment(u32::MAX))
    }
}

/// Bytes that someone has since a moment. The order is that of the moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fact {
    since: Moment,
    layer: LayerId,
    start: usize,
    end: usize,
}

impl Fact {
    fn new(since: Moment, span: &Span) -> Self {
        Self { since, layer: span.layer, start: span.range.start, end: span.range.end }
    }
}

/// Whoever has all of `needs` has `gives`, from the moment `at` on.
#[derive(Debug)]
struct Rule {
    needs: Vec<Span>,
    gives: Span,
    at: Moment,
}

/// How things become known: whoever knows all inputs knows the result.
fn rules_of_making(layers: &Layers) -> Vec<Rule> {
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
fn rules_of_sealing(layers: &Layers) -> Vec<Rule> {
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
fn spread(rules: &[Rule], given: Vec<Fact>) -> Known {
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

/// Facts, learned in the order of their moments.
#[derive(Debug, Default)]
struct Known(HashMap<LayerId, OfLayer>);

#[derive(Debug, Default)]
struct OfLayer {
    facts: Vec<Fact>,
    /// Runs that do not touch, from start to end: all facts together.
    runs: BTreeMap<usize, usize>,
}

impl Known {
    /// Adds a fact, unless it was known, and says how far the known bytes around it reach now.
    fn learn(&mut self, fact: Fact) -> Option<Range<usize>> {
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
    fn covers(&self, span: &Span, at: Moment) -> bool {
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

    fn facts(&self) -> impl Iterator<Item = Fact> {
        self.0.values().flat_map(|of| of.facts.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Knowledge::{Knows, Nothing, Sealed};

    const CLIENT: Party = Party("client");
    const SERVER: Party = Party("server");
    const EVE: Party = Party("eavesdropper");

    fn xor(a: &[u8], b: &[u8]) -> Vec<u8> {
        a.iter().zip(b).map(|(a, b)| a ^ b).collect()
    }

    /// RSA transport with XOR in the place of RSA: the client pads a secret and seals it with the
    /// server's public key, the server opens it with its private one, both compute a key from the
    /// secret and a random heard before, and the server sends a page under that key.
    struct Conversation {
        layers: Layers,
        random: Span,
        private_key: Span,
        premaster: Span,
        key: Span,
        page: Span,
    }

    fn conversation() -> Conversation {
        let mut layers = Layers::new();
        let private_key = layers.given(SERVER, "private_key", vec![0x0f, 0x0f, 0x0f]);
        layers.now = Moment(1);
        let hello = layers.heard(SERVER, 0, "hello", vec![7, 1, 0x0f, 0x0f, 0x0f]);
        let (random, public_key) = (hello.span(0..2), hello.span(2..5));
        layers.now = Moment(2);
        let premaster = layers.given(CLIENT, "premaster", vec![5, 6]);
        let zero = layers.given(CLIENT, "zero", vec![0]);
        let padded = layers.joined("padded", vec![zero, premaster.clone()]);
        let padded = layers.whole(padded);
        let sealed = layers.seal("sealed", "XOR", &padded, [&public_key], |a, [b]| xor(a, b));
        let exchange = layers.bytes(&sealed).to_vec();
        let exchange = layers.heard(CLIENT, 0, "exchange", exchange);
        let exchange = layers.whole(exchange);
        assert!(layers.matches(&sealed, &exchange));
        layers.now = Moment(3);
        let opened =
            layers.open("opened", "XOR", &exchange, [&private_key], false, |a, [b]| Some(xor(a, b))).unwrap();
        assert!(layers.matches(&opened.layer.span(1..3), &premaster));
        let key = layers.compute("key", "XOR", [&premaster, &random], |[a, b]| xor(a, b));
        layers.now = Moment(4);
        let record = layers.heard(SERVER, 5, "record", vec![0x41, 0x42]);
        let record = layers.whole(record);
        let page = layers.open("page", "XOR", &record, [&key], true, |a, [b]| Some(xor(a, b))).unwrap();
        Conversation { layers, random, private_key, premaster, key, page }
    }

    #[test]
    fn each_party_learns_a_thing_when_it_has_all_that_makes_it() {
        let it = conversation();
        let ledger = Ledger::new(&it.layers, &[]);
        let over_time =
            |party, span: &Span| [0, 1, 2, 3, 4].map(|moment| ledger.knows(party, span, Moment(moment)));

        for party in [CLIENT, SERVER, EVE] {
            assert_eq!(over_time(party, &it.random), [Nothing, Knows, Knows, Knows, Knows]);
        }
        assert_eq!(over_time(SERVER, &it.private_key), [Knows; 5]);
        assert_eq!(over_time(CLIENT, &it.private_key), [Nothing; 5]);

        assert_eq!(over_time(CLIENT, &it.premaster), [Nothing, Nothing, Knows, Knows, Knows]);
        assert_eq!(over_time(SERVER, &it.premaster), [Nothing, Nothing, Sealed, Knows, Knows]);
        assert_eq!(over_time(EVE, &it.premaster), [Nothing, Nothing, Sealed, Sealed, Sealed]);

        assert_eq!(over_time(CLIENT, &it.key), [Nothing, Nothing, Nothing, Knows, Knows]);
        assert_eq!(over_time(SERVER, &it.key), [Nothing, Nothing, Nothing, Knows, Knows]);
        assert_eq!(over_time(EVE, &it.key), [Nothing; 5]);

        assert_eq!(over_time(CLIENT, &it.page), [Nothing, Nothing, Nothing, Nothing, Knows]);
        assert_eq!(over_time(EVE, &it.page), [Nothing, Nothing, Nothing, Nothing, Sealed]);
    }

    #[test]
    fn a_stolen_key_opens_the_recording_from_the_theft_on() {
        let it = conversation();
        let theft = Moment(9);
        let eve = Participant { party: EVE, holds: vec![(it.private_key.clone(), theft)] };
        let ledger = Ledger::new(&it.layers, &[eve]);
        for secret in [&it.premaster, &it.key, &it.page] {
            assert_ne!(ledger.knows(EVE, secret, Moment(8)), Knows);
            assert_eq!(ledger.knows(EVE, secret, theft), Knows);
        }
    }

    #[test]
    fn private_is_what_listening_alone_never_gives() {
        let it = conversation();
        let ledger = Ledger::new(&it.layers, &[]);
        for secret in [&it.private_key, &it.premaster, &it.key, &it.page, &it.page.layer.span(0..1)] {
            assert!(ledger.private(secret));
        }
        assert!(!ledger.private(&it.random));
    }

    #[test]
    fn what_a_participant_holds_need_not_come_from_a_layer_of_its_own() {
        // A recording from elsewhere, opened with the server's key alone: the client knew its secret.
        let mut layers = Layers::new();
        let key = layers.given(SERVER, "key", vec![1, 1]);
        layers.now = Moment(1);
        let heard = layers.heard(CLIENT, 0, "exchange", vec![8, 9]);
        let heard = layers.whole(heard);
        layers.now = Moment(2);
        let opened = layers.open("opened", "XOR", &heard, [&key], false, |a, [b]| Some(xor(a, b))).unwrap();
        let client = Participant { party: CLIENT, holds: vec![(opened.clone(), Moment(1))] };
        let ledger = Ledger::new(&layers, &[client]);
        assert_eq!(ledger.knows(CLIENT, &opened, Moment(1)), Knows);
        assert_eq!(ledger.knows(SERVER, &opened, Moment(1)), Sealed);
        assert_eq!(ledger.knows(SERVER, &opened, Moment(2)), Knows);
    }

    #[test]
    fn a_part_is_known_with_the_whole_and_the_whole_with_all_its_parts() {
        let mut layers = Layers::new();
        let first = layers.given(CLIENT, "first", vec![1]);
        let second = layers.given(SERVER, "second", vec![2, 3]);
        let joined = layers.joined("joined", vec![first, second.clone()]);
        let ledger = Ledger::new(&layers, &[]);
        let knows = |party, range: Range<usize>| ledger.knows(party, &joined.span(range), Moment(0)) == Knows;
        assert!(knows(CLIENT, 0..1) && !knows(CLIENT, 1..2) && !knows(CLIENT, 0..3));
        assert!(knows(SERVER, 1..3) && knows(SERVER, 2..3) && !knows(SERVER, 0..2));

        let both = Participant { party: CLIENT, holds: vec![(second, Moment(0))] };
        let ledger = Ledger::new(&layers, &[both]);
        assert_eq!(ledger.knows(CLIENT, &joined.span(0..3), Moment(0)), Knows);
    }

    #[test]
    fn equal_places_in_a_circle_and_a_message_in_many_pieces_end() {
        let mut layers = Layers::new();
        let count = 20_000;
        let wire = layers.heard(CLIENT, 0, "records", vec![0; 2 * count]);
        let pieces = (0..count).map(|i| wire.span(2 * i..2 * i + 1)).collect();
        let joined = layers.joined("message", pieces);
        let mut last = layers.whole(joined);
        let first = last.clone();
        for _ in 0..3 {
            let next = layers.given(SERVER, "copy", vec![0; count]);
            assert!(layers.matches(&last, &next));
            last = next;
        }
        assert!(layers.matches(&last, &first));
        let ledger = Ledger::new(&layers, &[]);
        assert_eq!(ledger.knows(EVE, &last, Moment(0)), Knows);
    }

    #[test]
    fn a_value_without_bytes_is_known_to_the_one_who_holds_it_alone() {
        let mut layers = Layers::new();
        let unseen = layers.given(SERVER, "private key", Vec::new());
        let ledger = Ledger::new(&layers, &[]);
        assert_eq!(ledger.knows(SERVER, &unseen, Moment(0)), Knows);
        assert_eq!(ledger.knows(CLIENT, &unseen, Moment(9)), Nothing);
    }
}
