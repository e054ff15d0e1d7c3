//! AES, GHASH, AES-GCM, AES-CBC and ChaCha20, on each rung that valgrind's processor has.

use cutaway::symmetric::aead::{Nonce, Tag};
use cutaway::symmetric::aes::Aes;
use cutaway::symmetric::cbc::AesCbc;
use cutaway::symmetric::chacha20::ChaCha20;
use cutaway::symmetric::gcm::AesGcm;
use cutaway::symmetric::ghash::Ghash;
use cutaway_tests::valgrind::memcheck::publish;

use crate::{Case, answers, public, secret, still_secret};

pub const CASES: &[Case] = &[
    ("AES-128", aes_128),
    ("AES-256", aes_256),
    ("GHASH", ghash),
    ("AES-128-GCM, sealed", seal::<16>),
    ("AES-256-GCM, sealed", seal::<32>),
    ("AES-128-GCM, opened", open::<16>),
    ("AES-256-GCM, opened", open::<32>),
    ("AES-128-CBC", cbc::<16>),
    ("AES-256-CBC", cbc::<32>),
    ("ChaCha20", chacha20),
];

/// The methods of AES are there for two lengths of key, so they are named once for each.
macro_rules! aes {
    ($length:literal) => {
        for rung in Aes::<$length>::rungs() {
            let aes = Aes::<$length>::on(rung, &secret()).expect("a rung of this machine");
            let mut block = public();
            aes.encrypt_block(&mut block);
            still_secret(&block);
            aes.decrypt_block(&mut block);
            still_secret(&block);
        }
    };
}

fn aes_128() {
    aes!(16);
}

fn aes_256() {
    aes!(32);
}

fn ghash() {
    for rung in Ghash::rungs() {
        let mut ghash = Ghash::on(rung, &secret()).expect("a rung of this machine");
        ghash.update(&public::<300>());
        ghash.update(&secret::<5>());
        still_secret(&ghash.finish());
    }
}

/// Lengths at which a rung takes another way: nothing, a part of a block, one, several, many at a time.
const LENGTHS: [usize; 7] = [0, 1, 16, 47, 128, 129, 700];

fn seal<const KEY: usize>() {
    for rung in AesGcm::<KEY>::rungs() {
        let gcm = AesGcm::<KEY>::on(rung, &secret()).expect("a rung of this machine");
        for length in LENGTHS {
            let mut text = secret::<700>();
            let tag = gcm.seal_in_place(&Nonce(public()), &public::<13>(), &mut text[..length]);
            still_secret(&text[..length]);
            still_secret(&tag.expect("short enough").0);
        }
    }
}

fn open<const KEY: usize>() {
    for rung in AesGcm::<KEY>::rungs() {
        let gcm = AesGcm::<KEY>::on(rung, &secret()).expect("a rung of this machine");
        for length in LENGTHS {
            let (nonce, aad, mut text) = (Nonce(public()), public::<13>(), secret::<700>());
            let text = &mut text[..length];
            let mut tag = gcm.seal_in_place(&nonce, &aad, text).expect("short enough");
            // Ciphertext and tag go over the wire.
            publish(text);
            publish(&mut tag.0);
            let mut forged = text.to_vec();
            answers(gcm.open_in_place(&nonce, &aad, &mut forged, &Tag(public())).is_ok(), false);
            answers(gcm.open_in_place(&nonce, &aad, text, &tag).is_ok(), true);
            still_secret(text);
        }
    }
}

fn cbc<const KEY: usize>() {
    for rung in AesCbc::<KEY>::rungs() {
        let cbc = AesCbc::<KEY>::on(rung, &secret()).expect("a rung of this machine");
        for blocks in [1, 4, 9, 40] {
            let (iv, mut text) = (public(), secret::<640>());
            cbc.encrypt(&iv, text[..16 * blocks].as_chunks_mut().0);
            still_secret(&text[..16 * blocks]);
            publish(&mut text);
            cbc.decrypt(&iv, text[..16 * blocks].as_chunks_mut().0);
            still_secret(&text[..16 * blocks]);
        }
    }
}

fn chacha20() {
    for rung in ChaCha20::rungs() {
        let cipher = ChaCha20::on(rung, &secret()).expect("a rung of this machine");
        for length in [1, 64, 130, 700] {
            let mut text = secret::<700>();
            cipher.apply(1, &Nonce(public()), &mut text[..length]).expect("a short text");
            still_secret(&text[..length]);
        }
        still_secret(&cipher.block(7, &Nonce(public())));
    }
}
