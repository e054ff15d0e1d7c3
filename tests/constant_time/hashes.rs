//! Comparisons, hashes and what is built on them.

use cutaway::hash::{Hash, HashAlgorithm, Hasher, Hmac, Sha256, Sha384, Sha512};
use cutaway::secret::{self, Secret, SecretVec};
use cutaway::symmetric::aead::Tag;

use crate::{Case, answers, public, secret, still_secret};

pub const COMPARISONS: &[Case] = &[
    ("equal", equal),
    ("equal secrets", equal_secrets),
    ("equal tags", equal_tags),
    ("selection", selection),
];

pub const CASES: &[Case] = &[
    ("SHA-256", hash::<Sha256>),
    ("SHA-384", hash::<Sha384>),
    ("SHA-512", hash::<Sha512>),
    ("running hashes", running),
    ("HMAC-SHA-256", hmac::<Sha256>),
    ("HMAC-SHA-384", hmac::<Sha384>),
    ("HMAC-SHA-512", hmac::<Sha512>),
    ("HMAC, truncated", truncated),
];

/// 48 secret bytes, and a copy that differs in one place.
fn two() -> ([u8; 48], [u8; 48]) {
    let (one, mut other) = (secret(), secret());
    other[7] ^= 1;
    (one, other)
}

fn equal() {
    let (one, other) = two();
    answers(secret::equal(&one, &other), false);
    answers(secret::equal(&one, &secret::<48>()), true);
    answers(secret::equal(&one, &other[..47]), false);
}

fn equal_secrets() {
    let (one, other) = two();
    answers(Secret::new(one) == Secret::new(other), false);
    answers(SecretVec::new(one.to_vec()) == SecretVec::new(one.to_vec()), true);
}

fn equal_tags() {
    let (one, mut other) = (secret(), secret());
    answers(Tag(one) == Tag(other), true);
    other[15] ^= 0x80;
    answers(Tag(one) == Tag(other), false);
}

fn selection() {
    let (mut one, other) = two();
    let mask = secret::equal_mask(&one, &other);
    still_secret(&[mask]);
    secret::select(mask, &mut one, &other);
    still_secret(&one);
}

fn hash<H: Hash>() {
    for length in [0, 1, 55, 56, 64, 111, 112, 128, 300] {
        let digest = H::digest(&secret::<300>()[..length]);
        if length > 0 {
            still_secret(digest.as_ref());
        }
    }
}

fn running() {
    for algorithm in [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512] {
        let mut running: Hasher = algorithm.hasher();
        for length in [3, 64, 130] {
            running.update(&secret::<130>()[..length]);
        }
        still_secret(&running.clone().finish());
    }
}

fn hmac<H: Hash>() {
    // A key longer than a block is hashed first.
    for length in [20, H::BLOCK, 200] {
        let key = secret::<200>();
        let made = || {
            let mut hmac = Hmac::<H>::new(&key[..length]);
            hmac.update(&public::<77>());
            hmac
        };
        let tag = made().finish();
        still_secret(tag.as_ref());
        answers(made().verify(tag.as_ref()).is_ok(), true);
        answers(made().verify(&public::<64>()[..H::OUTPUT]).is_ok(), false);
    }
}

fn truncated() {
    let mut hmac = Hmac::<Sha256>::new(&secret::<32>());
    hmac.update(&secret::<9>());
    answers(hmac.verify_truncated(&public::<16>()).is_ok(), false);
}
