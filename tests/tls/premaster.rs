//! The server as an oracle: whatever is wrong with an encrypted premaster secret, its answer is the same
//! (RFC 5246 §7.4.7.1; Bleichenbacher 1998).

use cutaway::tls::extension::Extension;
use cutaway::tls::{Connection, Error};

use crate::hand::{Stage, client_hello, premaster, public_key, server_at};
use crate::pair::{KEY, feed};

/// A block that is padded as it should be, with `message` at its end, and then changed.
fn block(message: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let size = public_key().size();
    let mut block = vec![0xaa; size];
    block[..2].copy_from_slice(&[0, 2]);
    let start = size - message.len();
    block[start - 1] = 0;
    block[start..].copy_from_slice(message);
    change(&mut block);
    block
}

/// `block` to the power e modulo n.
fn encrypted(block: Vec<u8>) -> Vec<u8> {
    public_key().power(&block).expect("a block that is less than n")
}

fn with_version(version: [u8; 2]) -> Vec<u8> {
    [version.as_slice(), &premaster()[2..]].concat()
}

/// Everything that can be wrong: the ciphertext, and the premaster secret that the attacker bets on.
fn malformed() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let good = premaster();
    let wrong = |name, change: fn(&mut Vec<u8>)| (name, encrypted(block(&premaster(), change)), premaster());
    let message = |name, message: &[u8]| (name, encrypted(block(message, |_| {})), premaster());
    let version =
        |name, version| (name, encrypted(block(&with_version(version), |_| {})), with_version(version));
    let raw = |name, ciphertext: Vec<u8>| (name, ciphertext, premaster());
    let right = encrypted(block(&good, |_| {}));
    vec![
        wrong("a first byte of 01", |block| block[0] = 1),
        wrong("a block of type 01", |block| block[1] = 1),
        wrong("a block of type 00", |block| block[1] = 0),
        wrong("a zero as the first byte of padding", |block| block[2] = 0),
        wrong("a zero as the eighth byte of padding", |block| block[9] = 0),
        wrong("a zero in the middle of the padding", |block| block[100] = 0),
        wrong("no zero before the secret", |block| {
            let separator = block.len() - 49;
            block[separator] = 1;
        }),
        wrong("no zero anywhere", |block| block[2..].fill(0x77)),
        wrong("a zero in the last place", |block| {
            block[2..].fill(0x77);
            *block.last_mut().expect("a long block") = 0;
        }),
        wrong("nothing but zeros", |block| block.fill(0)),
        message("a secret of 47 bytes", &good[..47]),
        message("a secret of 49 bytes", &[good.as_slice(), &[1]].concat()),
        message("a secret of one byte", &[3]),
        message("no secret", &[]),
        version("TLS 1.1", [3, 2]),
        version("TLS 1.0", [3, 1]),
        version("TLS 1.3", [3, 4]),
        version("SSL 2", [2, 0]),
        version("no version", [0, 0]),
        raw("an empty ciphertext", vec![]),
        raw("a ciphertext of one byte", vec![2]),
        raw("a ciphertext that is a byte short", right[1..].to_vec()),
        raw("a ciphertext that is a byte long", [right.as_slice(), &[0]].concat()),
        raw("a ciphertext with a zero before it", [&[0], right.as_slice()].concat()),
        raw("zero", vec![0; 256]),
        raw("one", [[0; 255].as_slice(), &[1]].concat()),
        raw("the modulus", KEY.public().n().to_vec()),
        raw("more than the modulus", vec![0xff; 256]),
        raw("a ciphertext of 16,000 bytes", vec![0x11; 16_000]),
    ]
}

/// What the server says to a client that sends this, together with the error at home.
fn answer(extended: bool, ciphertext: &[u8], bet: &[u8]) -> (Result<(), String>, Vec<u8>, Vec<u8>) {
    let mut hello = client_hello();
    hello.extensions.retain(|extension| extended || *extension != Extension::ExtendedMasterSecret);
    let (mut hand, mut server) = server_at(Stage::Hello, &hello);
    let exchange = hand.key_exchange(ciphertext.to_vec(), bet);
    let first = feed(&mut server, &exchange);
    assert!(first.is_ok(), "the key exchange itself is never refused: {first:?}");
    let silence = server.take_outgoing();
    let finish = hand.finish();
    let outcome = match feed(&mut server, &finish) {
        Ok(_) => Ok(()),
        Err(error) => {
            assert!(matches!(error, Error::BadRecordMac), "{error}");
            Err(error.to_string())
        }
    };
    (outcome, silence, server.take_outgoing())
}

#[test]
fn the_answer_to_a_malformed_premaster_secret_does_not_depend_on_what_is_wrong() {
    for extended in [true, false] {
        let (outcome, silence, _) = answer(extended, &encrypted(block(&premaster(), |_| {})), &premaster());
        assert_eq!((outcome, silence), (Ok(()), vec![]), "the block by itself is in order");

        for (name, ciphertext, bet) in malformed() {
            let (outcome, silence, said) = answer(extended, &ciphertext, &bet);
            assert!(outcome.is_err(), "{name}");
            assert_eq!(silence, b"", "{name}");
            // A fatal bad_record_mac, in plaintext, and nothing else.
            assert_eq!(said, [21, 3, 3, 0, 2, 2, 20], "{name}");
        }
    }
}

/// A client that does not hold the secret that it sealed fares like one whose padding is wrong.
#[test]
fn a_client_that_bets_on_another_secret_gets_the_same_answer() {
    let bet = [&[3, 3], [0x5b; 46].as_slice()].concat();
    let (outcome, silence, said) = answer(true, &encrypted(block(&premaster(), |_| {})), &bet);
    assert!(outcome.is_err());
    assert_eq!((silence, said), (vec![], vec![21, 3, 3, 0, 2, 2, 20]));
}
