//! The premaster secret: whatever is wrong with the ciphertext, the random that was drawn beforehand.

use cutaway::asymmetric::rsa::RsaPublicKey;
use cutaway::symmetric::chacha20::Generator;
use rand::Rng;

use crate::fixed_keys::rsa_2048;

const TLS_1_2: [u8; 2] = [3, 3];
const SIZE: usize = 256;

/// A block with this beginning, `random` bytes that are not zero, a separator and a message.
fn block(first: [u8; 2], separator: u8, message: &[u8]) -> Vec<u8> {
    let random = vec![0xa5; SIZE - 3 - message.len()];
    [&first[..], &random, &[separator], message].concat()
}

fn premaster(version: [u8; 2]) -> Vec<u8> {
    [&version[..], &[0x5c; 46]].concat()
}

/// The version and the first 46 bytes of the generator that every case below gets.
fn fallback() -> Vec<u8> {
    let mut random = [0; 46];
    Generator::new(7, 0).fill_bytes(&mut random);
    [&TLS_1_2[..], &random].concat()
}

fn decrypt(ciphertext: &[u8]) -> Vec<u8> {
    rsa_2048().decrypt_premaster(&mut Generator::new(7, 0), ciphertext, TLS_1_2).reveal().to_vec()
}

fn raise(key: &RsaPublicKey, block: &[u8]) -> Vec<u8> {
    key.power(block).unwrap()
}

#[test]
fn a_good_one_comes_out() {
    let key = rsa_2048();
    let good = premaster(TLS_1_2);
    assert_eq!(decrypt(&raise(key.public(), &block([0, 2], 0, &good))), good);
    let ciphertext = key.public().encrypt(&mut Generator::new(8, 0), &good).unwrap();
    assert_eq!(decrypt(&ciphertext), good);
}

#[test]
fn a_bad_block_ends_in_the_random_drawn_beforehand() {
    let key = rsa_2048();
    let good = block([0, 2], 0, &premaster(TLS_1_2));
    let with = |place: usize, byte: u8| {
        let mut block = good.clone();
        block[place] = byte;
        block
    };
    for (what, block) in [
        ("the first byte is 1", with(0, 1)),
        ("block type 0", with(1, 0)),
        ("block type 1", with(1, 1)),
        ("block type 3", with(1, 3)),
        ("a zero at the start of the padding", with(2, 0)),
        ("a zero as the eighth byte of the padding", with(9, 0)),
        ("a zero as the ninth byte of the padding", with(10, 0)),
        ("a zero at the end of the padding", with(SIZE - 50, 0)),
        ("the separator is missing", with(SIZE - 49, 1)),
        ("47 bytes", block([0, 2], 0, &premaster(TLS_1_2)[..47])),
        ("49 bytes", block([0, 2], 0, &[&premaster(TLS_1_2)[..], &[1]].concat())),
        ("no message", block([0, 2], 0, &[])),
        ("no padding at all", [&[0; SIZE - 48][..], &premaster(TLS_1_2)].concat()),
        ("all zeros", vec![0; SIZE]),
    ] {
        assert_eq!(decrypt(&raise(key.public(), &block)), fallback(), "{what}");
    }
}

#[test]
fn a_ciphertext_that_does_not_fit_ends_in_the_random_drawn_beforehand() {
    let key = rsa_2048();
    let good = raise(key.public(), &block([0, 2], 0, &premaster(TLS_1_2)));
    let n = key.public().n().to_vec();
    let mut more_than_n = n.clone();
    *more_than_n.last_mut().unwrap() += 1;
    for (what, ciphertext) in [
        ("empty", vec![]),
        ("one byte short", good[..SIZE - 1].to_vec()),
        ("one byte long", [&good[..], &[0]].concat()),
        ("a zero in front", [&[0], &good[..]].concat()),
        ("n", n),
        ("n + 1", more_than_n),
        ("all ones", vec![0xff; SIZE]),
    ] {
        assert_eq!(decrypt(&ciphertext), fallback(), "{what}");
    }
}

/// RFC 5246 §7.4.7.1, the construction that it recommends: the version that the client offered stands
/// before the 46 other bytes of what it sent, so a client that sent another version ends up with another
/// premaster secret, and the handshake fails at Finished.
#[test]
fn another_version_in_it_gives_another_premaster_than_the_clients() {
    let key = rsa_2048();
    for version in [[3, 0], [3, 1], [3, 2], [3, 4], [0, 2]] {
        let sent = premaster(version);
        let got = decrypt(&raise(key.public(), &block([0, 2], 0, &sent)));
        assert_ne!(got, sent);
        assert_eq!(got, [&TLS_1_2[..], &sent[2..]].concat());
    }
}
