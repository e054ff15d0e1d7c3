//! Encrypted premaster secrets with something wrong in them: the kinds that Bleichenbacher (1998), Klíma,
//! Pokorný and Rosa (2003) and ROBOT (2017) asked servers about.

use crate::hand::{premaster, public_key};
use crate::pair::KEY;

/// A block that is padded as it should be, with `message` at its end, and then changed.
pub fn block(message: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
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
pub fn encrypted(block: Vec<u8>) -> Vec<u8> {
    public_key().power(&block).expect("a block that is less than n")
}

fn with_version(version: [u8; 2]) -> Vec<u8> {
    [version.as_slice(), &premaster()[2..]].concat()
}

/// Everything that can be wrong: the ciphertext, and the premaster secret that the attacker bets on.
pub fn malformed() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
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
        raw("a ciphertext of one zero", vec![0]),
        raw("a ciphertext without its first byte", right[1..].to_vec()),
        raw("a ciphertext without its last byte", right[..255].to_vec()),
        raw("a ciphertext that is a byte long", [right.as_slice(), &[0]].concat()),
        raw("a ciphertext with a zero before it", [&[0], right.as_slice()].concat()),
        raw("zero", vec![0; 256]),
        raw("one", [[0; 255].as_slice(), &[1]].concat()),
        raw("the modulus", KEY.public().n().to_vec()),
        raw("more than the modulus", vec![0xff; 256]),
        raw("a ciphertext of 16,000 bytes", vec![0x11; 16_000]),
        raw("a ciphertext of 16,000 bytes, the right one first", {
            [right.as_slice(), &[0; 16_000 - 256]].concat()
        }),
    ]
}
