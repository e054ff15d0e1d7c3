//! The server as an oracle: whatever is wrong with an encrypted premaster secret, its answer is the same
//! (RFC 5246 §7.4.7.1; Bleichenbacher 1998). That the work is the same too is for `tests/oracle.rs`.

use cutaway::tls::extension::Extension;
use cutaway::tls::record::ContentType;
use cutaway::tls::{Connection, Server};

use crate::hand::{Hand, Stage, client_hello, premaster, server_at};
use crate::malformed::{block, encrypted, malformed};
use crate::pair::{feed, record};

/// All that can be seen of a server, from outside and at home, after it was given some bytes.
#[derive(Debug, PartialEq)]
struct Seen {
    error: Option<String>,
    said: Vec<u8>,
    expects: &'static str,
    open: bool,
    handshaking: bool,
    events: Vec<String>,
}

fn give(server: &mut Server, bytes: &[u8]) -> Seen {
    let error = feed(server, bytes).err().map(|error| format!("{error:?}: {error}"));
    Seen {
        error,
        said: server.take_outgoing(),
        expects: server.expects(),
        open: server.is_open(),
        handshaking: server.is_handshaking(),
        events: std::iter::from_fn(|| server.next_event()).map(|event| format!("{event:?}")).collect(),
    }
}

/// What a client goes on with, after its ClientKeyExchange: pieces, given to the server one by one.
type Continuation = fn(&mut Hand) -> Vec<Vec<u8>>;

const CONTINUATIONS: [Continuation; 4] = [
    // As the standard has it, in two pieces; and then more of it.
    |hand| vec![hand.change_cipher_spec(), hand.finish(), hand.finish()],
    // No ChangeCipherSpec, and Finished in the clear: ROBOT's shorter way.
    |hand| {
        let finished = hand.finished(cutaway::tls::v12::key_schedule::Side::Client);
        vec![hand.say(&finished)]
    },
    // ChangeCipherSpec and nothing sealed.
    |hand| vec![hand.change_cipher_spec(), record(ContentType::HANDSHAKE, &[0x20; 40])],
    // A farewell.
    |_| vec![record(ContentType::ALERT, &[1, 0])],
];

/// How a server fares with a client that sends this: after the key exchange, which every client that
/// leaves it at that sees, and after each piece of what follows.
fn fares(extended: bool, ciphertext: &[u8], bet: &[u8], go_on: Continuation) -> Vec<Seen> {
    let mut hello = client_hello();
    hello.extensions.retain(|extension| extended || *extension != Extension::ExtendedMasterSecret);
    let (mut hand, mut server) = server_at(Stage::Hello, &hello);
    let mut pieces = vec![hand.key_exchange(ciphertext.to_vec(), bet)];
    pieces.extend(go_on(&mut hand));
    pieces.iter().map(|piece| give(&mut server, piece)).collect()
}

/// A client whose block is in order, and who knows another secret than the one in it.
fn bets_wrong(extended: bool, go_on: Continuation) -> Vec<Seen> {
    let bet = [&[3, 3], [0x5b; 46].as_slice()].concat();
    fares(extended, &encrypted(block(&premaster(), |_| {})), &bet, go_on)
}

#[test]
fn the_answer_to_a_malformed_premaster_secret_does_not_depend_on_what_is_wrong() {
    for extended in [true, false] {
        let good = encrypted(block(&premaster(), |_| {}));
        let seen = fares(extended, &good, &premaster(), |hand| vec![hand.finish()]);
        assert!(seen[1].open && seen[1].error.is_none(), "the block by itself is in order");

        // Without extended_master_secret the keys alone differ, and the first way shows all that they do.
        let ways = if extended { &CONTINUATIONS[..] } else { &CONTINUATIONS[..1] };
        for (way, &go_on) in ways.iter().enumerate() {
            let expected = bets_wrong(extended, go_on);
            assert_eq!((&expected[0].error, expected[0].said.as_slice()), (&None, [].as_slice()));
            for (name, ciphertext, bet) in malformed() {
                assert_eq!(fares(extended, &ciphertext, &bet, go_on), expected, "{name}, way {way}");
            }
        }
    }
}

/// A client that does not hold the secret that it sealed hears a fatal bad_record_mac, in plaintext, when
/// its Finished does not open, and nothing before or after that.
#[test]
fn a_client_that_bets_on_another_secret_hears_bad_record_mac() {
    let seen = bets_wrong(true, CONTINUATIONS[0]);
    let said: Vec<_> = seen.iter().map(|seen| seen.said.as_slice()).collect();
    assert_eq!(said, [[].as_slice(), &[], &[21, 3, 3, 0, 2, 2, 20], &[]]);
    assert_eq!(seen[0].expects, "ChangeCipherSpec");
    assert_eq!(seen[1].expects, "Finished");
    assert!(seen[2].error.as_ref().is_some_and(|error| error.starts_with("BadRecordMac")));
    assert!(seen.iter().all(|seen| !seen.open && seen.events.is_empty()));
}
