//! Who computed this, from what, and who uses it next: asked of each value of a handshake.

use std::collections::BTreeSet;

use cutaway::tls::dissect::{CLIENT, Content, Dissection, Known, SERVER};
use cutaway::wire::{Layers, Origin, Span};

use super::checks::dissect_and_check;
use super::conversation::Conversation;

fn everything_known() -> Dissection {
    let conversation = Conversation::plain();
    let (transcript, key_log) = conversation.run();
    dissect_and_check(&transcript, &Known { key_log, ..conversation.server_key() })
}

/// What a place is called: the field that it is, or its layer.
fn name(layers: &Layers, span: &Span) -> &'static str {
    let layer = layers.get(span.layer);
    let mut fields = layer.fields.all().iter();
    match fields.find(|field| field.range() == span.range || field.contents() == span.range) {
        Some(field) if *span != layers.whole(span.layer) || matches!(layer.origin, Origin::Wire { .. }) => {
            field.label
        }
        _ => layer.name,
    }
}

fn made_from(layers: &Layers, span: &Span) -> BTreeSet<&'static str> {
    layers.made_from(span).map(|input| name(layers, input)).collect()
}

fn used_in(layers: &Layers, span: &Span) -> BTreeSet<&'static str> {
    layers.used_in(span).into_iter().map(|user| layers.get(user).name).collect()
}

#[test]
fn every_value_of_the_key_schedule_says_what_it_was_made_from_and_what_was_made_of_it() {
    let dissection = everything_known();
    let (layers, schedule) = (&dissection.layers, &dissection.schedule);
    let direction = |client| {
        let block = schedule.key_block.as_ref().expect("derived");
        let key = if client { 0..32 } else { 32..64 };
        let iv = if client { 64..68 } else { 68..72 };
        (block.layer.span(key), block.layer.span(iv))
    };
    let (client_key, client_iv) = direction(true);
    let (server_key, server_iv) = direction(false);
    let some = |span: &Option<Span>| span.clone().expect("derived");
    // The suite says which hash it is.
    let messages =
        ["ClientHello", "ServerHello", "Certificate", "ServerHelloDone", "ClientKeyExchange", "cipher_suite"];

    type Names<'a> = &'a [&'a str];
    // The value; what it was made from, where it is not given or heard; what was made of it.
    let finished: Names = &["master_secret", "handshake hash", "cipher_suite"];
    let opened: Names = &["keystream", "plaintext"];
    let table: &[(Span, Names, Names)] = &[
        (some(&schedule.client_random), &[], &["key_block"]),
        (some(&schedule.server_random), &[], &["key_block"]),
        (some(&schedule.modulus), &[], &["m^e mod n"]),
        (some(&schedule.sealed_block), &[], &["m^e mod n", "master_secret"]),
        (some(&schedule.encrypted_premaster), &[], &["padded premaster secret"]),
        (some(&schedule.opened_block), &["encrypted_premaster_secret", "private key"], &[]),
        (some(&schedule.premaster), &[], &["master_secret"]),
        (some(&schedule.session_hash), &messages, &["master_secret"]),
        (
            some(&schedule.master_secret),
            &["PreMasterSecret", "session_hash", "cipher_suite", "extended_master_secret"],
            &["key_block", "verify_data"],
        ),
        (
            some(&schedule.key_block),
            &["master_secret", "random", "cipher_suite"],
            &["nonce", "keystream", "plaintext"],
        ),
        (client_key, &["master_secret", "random", "cipher_suite"], opened),
        (server_key, &["master_secret", "random", "cipher_suite"], opened),
        (client_iv, &["master_secret", "random", "cipher_suite"], &["nonce"]),
        (server_iv, &["master_secret", "random", "cipher_suite"], &["nonce"]),
        (schedule.client_verify_data.clone().expect("derived").0, finished, &[]),
        (schedule.server_verify_data.clone().expect("derived").0, finished, &[]),
    ];
    for (span, from, to) in table {
        let what = name(layers, span);
        if !matches!(layers.get(span.layer).origin, Origin::Wire { .. } | Origin::Given { .. }) {
            assert_eq!(made_from(layers, span), from.iter().copied().collect(), "{what}");
        }
        assert_eq!(used_in(layers, span), to.iter().copied().collect(), "{what}");
    }
}

/// Each nonce is of one record alone; with it were made that record's plaintext and keystream, and the
/// three fit together byte for byte.
#[test]
fn each_sealed_record_has_its_nonce_its_plaintext_and_its_keystream() {
    let dissection = everything_known();
    let layers = &dissection.layers;
    let nonces = layers.all().filter(|(_, layer)| layer.name == "nonce").map(|(id, _)| layers.whole(id));
    let nonces: Vec<_> = nonces.collect();
    assert_eq!(nonces.len(), 6, "both Finished, question and answer, both farewells");
    for nonce in &nonces {
        assert_eq!(used_in(layers, nonce), BTreeSet::from(["keystream", "plaintext"]));
        let inputs: Vec<_> = layers.made_from(nonce).collect();
        let [iv, explicit] = inputs[..] else { panic!("{inputs:?}") };
        assert!(name(layers, iv).ends_with("_write_IV"), "{}", name(layers, iv));
        assert_eq!(name(layers, explicit), "nonce_explicit");
        assert_eq!(layers.bytes(nonce), [layers.bytes(iv), layers.bytes(explicit)].concat());
    }
    for event in dissection.events.iter().filter(|event| event.sealed) {
        let keystream = dissection.keystream(event).expect("it was opened");
        let plaintext = layers.bytes(&layers.whole(event.message.layer));
        let wire: Vec<u8> = layers
            .on_the_wire(&layers.whole(event.message.layer))
            .iter()
            .flat_map(|span| layers.bytes(span))
            .copied()
            .collect();
        let hidden: Vec<u8> = plaintext.iter().zip(layers.bytes(&keystream)).map(|(a, b)| a ^ b).collect();
        assert_eq!(hidden, wire);
    }
}

/// What the two Finished say is what was computed, and both ways of the premaster secret lead to the same.
#[test]
fn what_must_be_equal_is_found_equal() {
    let dissection = everything_known();
    let (layers, schedule) = (&dissection.layers, &dissection.schedule);
    for (party, verify_data) in
        [(CLIENT, &schedule.client_verify_data), (SERVER, &schedule.server_verify_data)]
    {
        let (expected, matches) = verify_data.as_ref().expect("computed");
        assert!(matches);
        let said: Vec<_> = layers.matched(expected).collect();
        let [said] = said[..] else { panic!("{said:?}") };
        assert_eq!(name(layers, said), "verify_data");
        let finished = dissection.events.iter().find(|event| event.message.layer == said.layer);
        assert_eq!(finished.expect("it is in a message").from, party);
        assert_eq!(layers.matched(said).collect::<Vec<_>>(), [expected]);
    }
    let (sealed, opened) = (schedule.sealed_block.as_ref().unwrap(), schedule.opened_block.as_ref().unwrap());
    assert!(layers.matched(sealed).any(|other| other == opened));
}

#[test]
fn the_signature_is_linked_to_what_was_signed_and_to_who_signed_it() {
    let dissection = everything_known();
    let layers = &dissection.layers;
    let signature = dissection.signature.as_ref().expect("the authority is known");
    assert!(signature.matches);
    assert_eq!(name(layers, &signature.signed), "tbsCertificate");
    // The key that was certified is among the signed bytes.
    let users = BTreeSet::from(["hash of the signed bytes", "m^e mod n"]);
    assert_eq!(used_in(layers, &signature.signed), users);
    let inputs: Vec<_> = layers.made_from(&signature.digest).collect();
    let [signed, algorithm] = inputs[..] else { panic!("{inputs:?}") };
    assert_eq!((signed, name(layers, algorithm)), (&signature.signed, "signatureAlgorithm"));

    let inputs: Vec<_> = layers.made_from(&signature.recovered).collect();
    let [value, modulus, exponent] = inputs[..] else { panic!("{inputs:?}") };
    let certificate = dissection.events.iter().find(|event| event.message.layer == value.layer);
    assert!(matches!(certificate.expect("in a message").content, Content::Handshake(_)));
    assert_eq!(value.layer, signature.signed.layer);
    assert_eq!(layers.get(modulus.layer).name, "trusted CA certificate");
    assert_eq!(modulus.layer, exponent.layer);
    assert_eq!(layers.used_in(value), [signature.recovered.layer]);

    let end = layers.matched(&signature.digest).next().expect("they are the same");
    assert_eq!(end.layer, signature.recovered.layer);
}
