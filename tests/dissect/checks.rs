//! What must hold of every dissection, whatever was recorded.

use cutaway::tls::dissect::{CLIENT, Content, Dissection, Known, SERVER, dissect};
use cutaway::wire::reader::UNREAD;
use cutaway::wire::{Layers, Origin, Party, Transcript};

/// Dissects, and holds the result to all that must be true of it.
pub fn dissect_and_check(transcript: &Transcript, known: &Known) -> Dissection {
    let dissection = dissect(transcript, known);
    leaves_tile(&dissection.layers);
    wire_is_complete(transcript, &dissection);
    opened_bytes_lead_to_the_wire(&dissection.layers);
    links_go_both_ways(&dissection.layers);
    events_are_honest(&dissection);
    dissection
}

/// Every byte of every layer that was read lies in exactly one leaf, and a leaf without a name says why.
pub fn leaves_tile(layers: &Layers) {
    for (_, layer) in layers.all() {
        let was_read = !layer.fields.all().is_empty();
        assert!(was_read || !matches!(layer.origin, Origin::Wire { .. }), "{layer:?} has no names");
        if !was_read {
            continue;
        }
        let mut at = 0;
        for leaf in layer.fields.leaves() {
            let field = leaf.field();
            assert_eq!(field.range().start, at, "{layer:?}: {}", field.label);
            at = field.range().end;
            let explained = field.meaning.as_deref().is_some_and(|meaning| !meaning.is_empty());
            assert!(field.label != UNREAD || explained, "{layer:?} does not say why");
        }
        assert_eq!(at, layer.bytes().len(), "{layer:?} is not covered to its end");
        for node in (0..layer.fields.all().len()).map(|id| layer.fields.node(id)) {
            let (outer, contents) = (node.field().range(), node.field().contents());
            assert!(outer.start <= contents.start && contents.end == outer.end, "{layer:?}");
            for child in node.children().map(|child| child.field().range()) {
                assert!(outer.start <= child.start && child.end <= outer.end, "{layer:?}");
            }
        }
    }
}

/// The layers from the wire, put together again, are the recording.
pub fn wire_is_complete(transcript: &Transcript, dissection: &Dissection) {
    for party in [CLIENT, SERVER] {
        let mut said = Vec::new();
        for (_, layer) in dissection.layers.all() {
            if let Origin::Wire { by, offset } = layer.origin
                && by == party
            {
                assert_eq!(offset, said.len() as u64, "{party}");
                said.extend_from_slice(layer.bytes());
            }
        }
        assert!(said == transcript.said_by(party), "{party}: bytes are missing or there twice");
    }
}

/// Each byte of a plaintext or of a message that was put together has one place on the wire: there its
/// value stands, or what AES made of it.
fn opened_bytes_lead_to_the_wire(layers: &Layers) {
    for (id, layer) in layers.all() {
        let length = layer.bytes().len();
        let is_opened = |origin: &Origin| matches!(origin, Origin::Opened { in_place: true, .. });
        let was_sealed = match &layer.origin {
            Origin::Joined(pieces) => pieces.iter().any(|piece| is_opened(&layers.get(piece.layer).origin)),
            origin if is_opened(origin) => true,
            _ => continue,
        };
        // All of a short one, and every so many bytes of a long one.
        for at in (0..length).step_by(length / 200 + 1) {
            let places = layers.on_the_wire(&id.span(at..at + 1));
            let [place] = &places[..] else { panic!("{layer:?}: byte {at} is at {places:?}") };
            assert!(matches!(layers.get(place.layer).origin, Origin::Wire { .. }));
            assert_eq!(place.range.len(), 1);
            if !was_sealed {
                assert_eq!(layers.bytes(place), &layer.bytes()[at..=at], "{layer:?}: byte {at}");
            }
        }
        let whole = layers.on_the_wire(&layers.whole(id));
        assert_eq!(whole.iter().map(|span| span.range.len()).sum::<usize>(), length);
    }
}

/// What a layer was made from knows that it was used there, and the other way round.
fn links_go_both_ways(layers: &Layers) {
    for (id, _) in layers.all() {
        let whole = layers.whole(id);
        for input in layers.made_from(&whole) {
            assert!(input.layer < id, "made from what came later");
            if layers.count() < 500 {
                assert!(layers.used_in(input).contains(&id));
            }
        }
        for user in layers.used_in(&whole).into_iter().take(50) {
            assert!(layers.made_from(&layers.whole(user)).any(|input| whole.covers(input)));
        }
    }
}

/// An event lies where it says, and what is called sealed was not opened.
fn events_are_honest(dissection: &Dissection) {
    for event in &dissection.events {
        let layer = dissection.layers.get(event.message.layer);
        assert!(event.message.range.end <= layer.bytes().len());
        assert!(event.field < layer.fields.all().len().max(1));
        assert!(!event.records.is_empty());
        if matches!(event.content, Content::Sealed(_)) {
            let opened = dissection.layers.used_in(&event.records[0]);
            let opened = opened
                .into_iter()
                .filter(|&user| matches!(dissection.layers.get(user).origin, Origin::Opened { .. }));
            assert_eq!(opened.count(), 0, "it was opened");
        }
    }
}

pub fn nothing_is_unread(dissection: &Dissection) {
    for (_, layer) in dissection.layers.all() {
        for leaf in layer.fields.leaves() {
            let field = leaf.field();
            assert_ne!(field.label, UNREAD, "{layer:?}: {:?}", field.meaning);
        }
    }
    let odd = |content| matches!(content, Content::Unread | Content::Sealed(_));
    assert!(!dissection.events.iter().any(|event| odd(event.content)));
}

/// What `party` said in the tunnel.
pub fn said(dissection: &Dissection, party: Party) -> Vec<u8> {
    let events = dissection.events.iter();
    let data = events.filter(|event| event.from == party && event.content == Content::ApplicationData);
    data.flat_map(|event| dissection.layers.bytes(&event.message)).copied().collect()
}
