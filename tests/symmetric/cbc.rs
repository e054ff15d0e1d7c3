//! CBC: the standard's examples, and every rung against the textbook. (OpenSSL's is in `tls_peers`.)

use cutaway::rung::Rung;
use cutaway::symmetric::aes::Block;
use cutaway::symmetric::aes::textbook::KeySchedule;
use cutaway::symmetric::cbc::textbook::{Step, cbc_decrypt, cbc_encrypt};
use cutaway::symmetric::cbc::{Aes128Cbc, Aes256Cbc};
use proptest::prelude::*;

use crate::hex;

/// Either key size on a rung of choice.
pub enum AnyCbc {
    Aes128(Aes128Cbc),
    Aes256(Aes256Cbc),
}

impl AnyCbc {
    pub fn on(rung: Rung, key: &[u8]) -> Self {
        match key.len() {
            16 => Self::Aes128(Aes128Cbc::on(rung, key.try_into().expect("16 bytes")).expect("listed")),
            _ => Self::Aes256(Aes256Cbc::on(rung, key.try_into().expect("32 bytes")).expect("listed")),
        }
    }

    pub fn encrypt(&self, iv: &Block, mut blocks: Vec<Block>) -> Vec<Block> {
        match self {
            Self::Aes128(key) => key.encrypt(iv, &mut blocks),
            Self::Aes256(key) => key.encrypt(iv, &mut blocks),
        }
        blocks
    }

    pub fn decrypt(&self, iv: &Block, mut blocks: Vec<Block>) -> Vec<Block> {
        match self {
            Self::Aes128(key) => key.decrypt(iv, &mut blocks),
            Self::Aes256(key) => key.decrypt(iv, &mut blocks),
        }
        blocks
    }
}

/// A text of whole blocks.
pub fn blocks(bytes: &[u8]) -> &[Block] {
    let (blocks, rest) = bytes.as_chunks();
    assert!(rest.is_empty(), "whole blocks");
    blocks
}

/// What every rung and the textbook make of either text.
pub fn assert_both_ways(key: &[u8], iv: &Block, plaintext: &[Block], ciphertext: &[Block]) {
    let k = KeySchedule::new(key);
    assert_eq!(cbc_encrypt(&k, iv, plaintext, |_, _| ()), ciphertext);
    assert_eq!(cbc_decrypt(&k, iv, ciphertext, |_, _| ()), plaintext);
    for rung in Aes256Cbc::rungs() {
        let key = AnyCbc::on(rung, key);
        assert_eq!(key.encrypt(iv, plaintext.to_vec()), ciphertext, "{rung}");
        assert_eq!(key.decrypt(iv, ciphertext.to_vec()), plaintext, "{rung}");
    }
}

const IV: &str = "000102030405060708090a0b0c0d0e0f";
const PLAINTEXT: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
                         30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
const KEY_128: &str = "2b7e151628aed2a6abf7158809cf4f3c";
const CIPHERTEXT_128: &str = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2\
                              73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7";
const KEY_256: &str = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
const CIPHERTEXT_256: &str = "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d\
                              39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b";

/// SP 800-38A, F.2.1, F.2.2, F.2.5 and F.2.6. (F.2.3 and F.2.4 have a key of 192 bits.)
#[test]
fn the_textbook_and_every_rung_give_the_examples_of_the_standard() {
    let [plaintext, first, second] = [PLAINTEXT, CIPHERTEXT_128, CIPHERTEXT_256].map(hex::<64>);
    let iv = hex(IV);
    assert_both_ways(&hex::<16>(KEY_128), &iv, blocks(&plaintext), blocks(&first));
    assert_both_ways(&hex::<32>(KEY_256), &iv, blocks(&plaintext), blocks(&second));
}

/// The input blocks of F.2.1, and the output blocks of F.2.2.
#[test]
fn the_textbook_shows_the_blocks_of_the_standards_examples() {
    let inputs = [
        "6bc0bce12a459991e134741a7f9e1925",
        "d86421fb9f1a1eda505ee1375746972c",
        "604ed7ddf32efdff7020d0238b7c2a5d",
        "8521f2fd3c8eef2cdc3da7e5c44ea206",
    ]
    .map(hex::<16>);
    let (k, iv) = (KeySchedule::new(&hex::<16>(KEY_128)), hex(IV));
    let [plaintext, ciphertext] = [PLAINTEXT, CIPHERTEXT_128].map(hex::<64>);
    let mut seen = Vec::new();
    cbc_encrypt(&k, &iv, blocks(&plaintext), |step, block| seen.push((step, *block)));
    let mut expected = Vec::new();
    for (j, (input, output)) in (1..).zip(inputs.iter().zip(blocks(&ciphertext))) {
        expected.extend([(Step::InputBlock(j), *input), (Step::OutputBlock(j), *output)]);
    }
    assert_eq!(seen, expected);

    seen.clear();
    cbc_decrypt(&k, &iv, blocks(&ciphertext), |step, block| seen.push((step, *block)));
    let outputs: Vec<_> = seen.iter().filter(|(step, _)| matches!(step, Step::OutputBlock(_))).collect();
    assert!(outputs.iter().zip(inputs).all(|((_, output), input)| *output == input), "{outputs:02x?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Up to three times as many blocks as go side by side, and every remainder.
    #[test]
    fn every_rung_equals_the_textbook(
        key: [u8; 32],
        short: bool,
        iv: [u8; 16],
        text in prop::collection::vec(any::<[u8; 16]>(), 0..27),
    ) {
        let key = if short { &key[..16] } else { &key[..] };
        let k = KeySchedule::new(key);
        let (sealed, opened) =
            (cbc_encrypt(&k, &iv, &text, |_, _| ()), cbc_decrypt(&k, &iv, &text, |_, _| ()));
        for rung in Aes256Cbc::rungs() {
            let key = AnyCbc::on(rung, key);
            prop_assert_eq!(key.encrypt(&iv, text.clone()), sealed.as_slice(), "{}", rung);
            prop_assert_eq!(key.decrypt(&iv, text.clone()), opened.as_slice(), "{}", rung);
        }
    }
}

/// A changed bit garbles its block and turns the same bit of the next: why CBC never stands alone.
#[test]
fn a_changed_bit_is_carried_into_the_next_block_and_nothing_notices() {
    let (iv, plaintext, ciphertext) = (hex(IV), hex::<64>(PLAINTEXT), hex::<64>(CIPHERTEXT_128));
    for rung in Aes128Cbc::rungs() {
        let mut changed = blocks(&ciphertext).to_vec();
        changed[1][5] ^= 0x20;
        let opened = AnyCbc::on(rung, &hex::<16>(KEY_128)).decrypt(&iv, changed);
        let mut expected = blocks(&plaintext).to_vec();
        expected[2][5] ^= 0x20;
        assert_eq!((opened[0], opened[2], opened[3]), (expected[0], expected[2], expected[3]), "{rung}");
        assert_ne!(opened[1], expected[1], "{rung}");
    }
}
