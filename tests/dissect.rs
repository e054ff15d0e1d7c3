//! The dissector as the window that hides nothing: over conversations drawn at random, whole, changed and
//! hostile, every byte has a name, every opened byte leads back to the wire, and every value says what it
//! was made from and what was made of it.

#[path = "dissect/checks.rs"]
mod checks;
#[path = "dissect/conversation.rs"]
mod conversation;
#[path = "dissect/hostile.rs"]
mod hostile;
#[path = "dissect/links.rs"]
mod links;

use cutaway::tls::dissect::{CLIENT, Content, Known, SERVER};
use cutaway::tls::message::HandshakeType;
use proptest::prelude::*;

use checks::{dissect_and_check, said};
use conversation::{Change, Conversation};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever was agreed on, said, certified and cut into records: nothing is unread, and all is open.
    #[test]
    fn a_valid_conversation_is_open_to_its_last_byte(conversation in Conversation::any()) {
        let (transcript, log) = conversation.run();
        for known in [
            conversation.server_key(),
            Known { key_log: log.clone(), ..Known::default() },
            Known { key_log: log, ..conversation.server_key() },
        ] {
            let dissection = dissect_and_check(&transcript, &known);
            checks::nothing_is_unread(&dissection);
            prop_assert!(said(&dissection, CLIENT) == conversation.question);
            prop_assert!(said(&dissection, SERVER) == conversation.answer);
            let schedule = &dissection.schedule;
            prop_assert!(schedule.client_verify_data.as_ref().is_some_and(|(_, matches)| *matches));
            prop_assert!(schedule.server_verify_data.as_ref().is_some_and(|(_, matches)| *matches));
        }
    }

    /// Whatever happens to it on the way: every byte is still shown once, and what cannot be read says why.
    #[test]
    fn a_changed_conversation_is_shown_whole(
        conversation in Conversation::any(),
        changes in prop::collection::vec(prop::collection::vec(Change::any(), 1..4), 16),
    ) {
        let (transcript, log) = conversation.run();
        for changes in changes {
            let mut changed = transcript.clone();
            changes.iter().for_each(|change| change.apply(&mut changed));
            dissect_and_check(&changed, &Known::default());
            dissect_and_check(&changed, &Known { key_log: log.clone(), ..conversation.server_key() });
        }
    }
}

/// With secrets of another conversation under the name of this one, what is sealed stays sealed, and is
/// called so.
#[test]
fn wrong_secrets_open_nothing_and_are_not_believed() {
    let conversation = Conversation::plain();
    let (transcript, mut log) = conversation.run();
    let other = Conversation { seed: 77, ..conversation.clone() };
    let wrong = other.run().1;
    for (entry, wrong) in log.iter_mut().zip(&wrong) {
        // The first two words say which conversation it is of, the third is the secret.
        let [line, wrong] = [&*entry, wrong].map(|entry| entry.to_line());
        let (of, _) = line.rsplit_once(' ').expect("three words");
        let (_, secret) = wrong.rsplit_once(' ').expect("three words");
        *entry = cutaway::tls::key_log::KeyLogEntry::from_line(&format!("{of} {secret}")).expect("a line");
    }
    for entry in log {
        let dissection = dissect_and_check(&transcript, &Known { key_log: vec![entry], ..Known::default() });
        assert!(dissection.schedule.key_block.is_some(), "derived from what was told");
        let sealed: Vec<_> = dissection.events.iter().filter(|event| event.sealed).collect();
        assert_eq!(sealed.len(), 6, "both Finished, question and answer, both farewells");
        assert!(sealed.iter().all(|event| matches!(event.content, Content::Sealed(_))));
        assert!(dissection.schedule.client_verify_data.is_none());
    }
}

/// What began in plaintext does not go on under keys: no connection would take it so, and its bytes are
/// not those of the message behind it.
#[test]
fn a_message_does_not_go_on_where_the_keys_have_changed() {
    let (mut transcript, key_log) = Conversation::plain().run();
    // The client says a message of two bytes, one of them, and then changes keys.
    let change = [20, 3, 3, 0, 1, 1];
    let said = transcript.chunks.iter_mut().find(|chunk| {
        chunk.from == CLIENT && chunk.bytes.windows(change.len()).any(|window| window == change)
    });
    let bytes = &mut said.expect("the client changes keys").bytes;
    let at = bytes.windows(change.len()).position(|window| window == change).expect("just found");
    bytes.splice(at..at, [22, 3, 3, 0, 5, 77, 0, 0, 2, 9]);

    let dissection = dissect_and_check(&transcript, &Known { key_log, ..Known::default() });
    let kinds = dissection.events.iter().filter(|event| event.from == CLIENT).map(|event| event.content);
    assert!(!kinds.clone().any(|kind| kind == Content::Handshake(HandshakeType(77))));
    assert!(kinds.clone().any(|kind| kind == Content::Handshake(HandshakeType::FINISHED)));
    assert!(dissection.schedule.client_verify_data.is_some_and(|(_, matches)| matches));
}
