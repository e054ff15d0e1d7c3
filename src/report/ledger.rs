//! Who knows what, and since when: computed, never written down.
//!
//! A party knows what it holds, what crossed the wire, what anyone may have, and whatever can be made
//! from what it knows.
//! Each way of making something is a rule, taken from the layers' origins and from places that were
//! found equal. Facts spread from rule to rule in the order of their moments, so the first time that
//! a fact is reached is the earliest; a rule acts once, so nothing can go round in circles.

mod facts;
mod rules;

use std::collections::HashMap;

use crate::report::{Item, Participant};
use crate::wire::{LayerId, Layers, Moment, Origin, Party, Span};

use facts::{Fact, Known};
use rules::{rules_of_making, rules_of_sealing, spread};

/// What a party has of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Knowledge {
    /// Whatever it may have: we do not see it.
    Unseen,
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
        // What everyone has: what crossed the wire, what is public, and what the standards say.
        let constants = layers.all_constants().iter();
        let constants = constants.map(|span| Fact::new(layers.get(span.layer).at, span));
        let heard: Vec<Fact> = layers
            .all()
            .filter(|(_, layer)| {
                matches!(layer.origin, Origin::Wire { .. } | Origin::Given { public: true, .. })
            })
            .map(|(id, layer)| Fact::new(layer.at, &layers.whole(id)))
            .chain(constants)
            .collect();
        let mut held: HashMap<Party, Vec<Fact>> = HashMap::new();
        let mut unseen = HashMap::new();
        for (id, layer) in layers.all() {
            if let Origin::Given { by, .. } = layer.origin {
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

    /// What `party` has of a part of `item` once the moment `at` has passed.
    #[must_use]
    pub fn has(&self, party: Party, item: &Item, part: Option<&Span>, at: Moment) -> Knowledge {
        let by = |at| part.map_or(Knowledge::Nothing, |span| self.knows(party, span, at));
        let unseen = item.unseen.contains(&party) && by(Moment(u32::MAX)) == Knowledge::Nothing;
        if unseen { Knowledge::Unseen } else { by(at) }
    }

    /// Whether someone who holds no secret can never know these bytes, however long they listen and
    /// whatever they compute from what they hear and from what is public.
    #[must_use]
    pub fn private(&self, span: &Span) -> bool {
        // Where there is no byte there is nothing to know.
        !span.range.is_empty() && !self.listener.known.covers(span, Moment(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

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
    fn what_is_public_is_not_private_nor_what_is_computed_from_it_alone() {
        let mut it = conversation();
        let layers = &mut it.layers;
        let issuer = layers.published(CLIENT, "certificate", vec![3, 3]);
        let issuer = layers.whole(issuer);
        let recovered = layers.compute("recovered", "XOR", [&it.random, &issuer], |[a, b]| xor(a, b));
        let constant = layers.compute("label", "said in the standard", [], |[]| vec![1]);
        let with_a_secret = layers.compute("mixed", "XOR", [&issuer, &it.premaster], |[a, b]| xor(a, b));
        let ledger = Ledger::new(layers, &[]);
        for public in [&issuer, &recovered, &constant] {
            assert!(!ledger.private(public));
            assert_eq!(ledger.knows(EVE, public, Moment(9)), Knows);
        }
        assert!(ledger.private(&with_a_secret));
    }

    #[test]
    fn what_the_standard_says_is_no_secret_and_what_is_told_to_lie_in_something_is_held_with_it() {
        let mut layers = Layers::new();
        let heard = layers.heard(CLIENT, 0, "exchange", vec![8, 9]);
        let heard = layers.whole(heard);
        let block = layers.given(CLIENT, "block", vec![0, 2, 7]);
        layers.constant(block.layer.span(0..2));
        layers.encloses(&heard, &block);
        let ledger = Ledger::new(&layers, &[]);
        assert!(!ledger.private(&block.layer.span(0..2)) && ledger.private(&block.layer.span(2..3)));
        assert!(ledger.private(&block));
        let has = [CLIENT, SERVER, EVE].map(|party| ledger.knows(party, &block, Moment(0)));
        assert_eq!(has, [Knows, Sealed, Sealed]);
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
    fn what_another_may_have_is_unseen_until_it_shows() {
        let it = conversation();
        let ledger = Ledger::new(&it.layers, &[]);
        let mut item = Item { unseen: vec![CLIENT, SERVER], ..Item::default() };
        let has = |item: &Item, party, part: Option<&Span>| ledger.has(party, item, part, Moment(0));
        assert_eq!(has(&item, CLIENT, Some(&it.private_key)), Knowledge::Unseen);
        assert_eq!(has(&item, CLIENT, None), Knowledge::Unseen);
        assert_eq!(has(&item, SERVER, Some(&it.private_key)), Knows);
        assert_eq!(has(&item, SERVER, Some(&it.key)), Nothing, "it shows later that it has it by then");
        assert_eq!(has(&item, EVE, None), Nothing, "she is nobody's secret");
        item.unseen.clear();
        assert_eq!(has(&item, CLIENT, None), Nothing);
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
