//! AES, GCM and CBC against the response files of NIST's Cryptographic Algorithm Validation Program: every rung
//! and the textbook. `tests/vectors/README.md` says which cases of which files are here.

use cutaway::symmetric::aead::{Forged, Tag};
use cutaway::symmetric::aes::textbook::{self, KeySchedule, State};
use cutaway::symmetric::aes::{Aes128, Aes256};
use cutaway::symmetric::gcm::Aes256Gcm;
use cutaway::symmetric::gcm::textbook::{gcm_ad, gcm_ae};

use crate::cbc;
use crate::gcm::AnyGcm;
use crate::hex;

/// One case of a response file: lines of `name = value`, and perhaps the word `FAIL`.
struct Case<'a>(&'a str);

impl<'a> Case<'a> {
    /// The cases of a file: those paragraphs that begin by counting.
    fn all(file: &'a str) -> Vec<Self> {
        let counts = |paragraph: &&str| paragraph.trim_start().to_lowercase().starts_with("count =");
        file.split("\n\n").filter(counts).map(Self).collect()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        let pairs = self.0.lines().filter_map(|line| line.split_once(" ="));
        let value = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.trim()).next();
        ::hex::decode(value.expect("the case has it")).expect("hex")
    }

    fn must_fail(&self) -> bool {
        self.0.lines().any(|line| line == "FAIL")
    }
}

/// What every rung and the textbook make of the case, both ways.
fn assert_block(case: &Case<'_>) {
    let key = case.bytes("KEY");
    let [plaintext, ciphertext] =
        ["PLAINTEXT", "CIPHERTEXT"].map(|name| hex::<16>(&::hex::encode(case.bytes(name))));
    let w = KeySchedule::new(&key);
    assert_eq!(textbook::cipher(State::new(&plaintext), &w, |_, _| ()).output(), ciphertext, "{}", case.0);
    assert_eq!(
        textbook::inv_cipher(State::new(&ciphertext), &w, |_, _| ()).output(),
        plaintext,
        "{}",
        case.0
    );
    for rung in Aes256::rungs() {
        let [mut forward, mut back] = [plaintext, ciphertext];
        if let Ok(key) = key[..].try_into() {
            let aes = Aes128::on(rung, key).expect("listed");
            aes.encrypt_block(&mut forward);
            aes.decrypt_block(&mut back);
        } else {
            let aes = Aes256::on(rung, key[..].try_into().expect("16 or 32 bytes")).expect("listed");
            aes.encrypt_block(&mut forward);
            aes.decrypt_block(&mut back);
        }
        assert_eq!((forward, back), (ciphertext, plaintext), "{rung}: {}", case.0);
    }
}

/// The Advanced Encryption Standard Algorithm Validation Suite (AESAVS) §6.2, 6.3, 6.4 and 6.5. Each file has
/// its cases twice, to encrypt and to decrypt, and each is tried both ways.
#[test]
fn every_rung_and_the_textbook_give_the_known_answers_of_aes() {
    let files = [
        (include_str!("../vectors/aes/ECBGFSbox128.rsp"), 14),
        (include_str!("../vectors/aes/ECBGFSbox256.rsp"), 10),
        (include_str!("../vectors/aes/ECBKeySbox128.rsp"), 42),
        (include_str!("../vectors/aes/ECBKeySbox256.rsp"), 32),
        (include_str!("../vectors/aes/ECBVarTxt128.rsp"), 256),
        (include_str!("../vectors/aes/ECBVarTxt256.rsp"), 256),
        (include_str!("../vectors/aes/ECBVarKey128.rsp"), 256),
        (include_str!("../vectors/aes/ECBVarKey256.rsp"), 512),
    ];
    for (file, count) in files {
        let cases = Case::all(file);
        assert_eq!(cases.len(), count);
        cases.iter().for_each(assert_block);
    }
}

/// Nonces of 8, 96 and 1024 bits, texts and associated data of five lengths each.
#[test]
fn every_rung_and_the_textbook_seal_as_nist_does() {
    for file in [
        include_str!("../vectors/gcm/gcmEncryptExtIV128.rsp"),
        include_str!("../vectors/gcm/gcmEncryptExtIV256.rsp"),
    ] {
        let cases = Case::all(file);
        assert_eq!(cases.len(), 75);
        for case in cases {
            let [key, nonce, text, aad] = ["Key", "IV", "PT", "AAD"].map(|name| case.bytes(name));
            let tag = Tag(case.bytes("Tag")[..].try_into().expect("128 bits"));
            let expected = (case.bytes("CT"), tag);
            let sealed = gcm_ae(&KeySchedule::new(&key), &nonce, &text, &aad, |_, _| ());
            assert_eq!(sealed, expected, "{}", case.0);
            for rung in Aes256Gcm::rungs() {
                let sealed = AnyGcm::on(rung, &key).seal(&nonce, &aad, &text);
                assert_eq!(sealed.as_ref(), Ok(&expected), "{rung}: {}", case.0);
            }
        }
    }
}

#[test]
fn every_rung_and_the_textbook_open_and_refuse_as_nist_does() {
    for file in
        [include_str!("../vectors/gcm/gcmDecrypt128.rsp"), include_str!("../vectors/gcm/gcmDecrypt256.rsp")]
    {
        let cases = Case::all(file);
        assert_eq!(cases.len(), 150);
        assert_eq!(cases.iter().filter(|case| case.must_fail()).count(), 75);
        for case in cases {
            let [key, nonce, text, aad] = ["Key", "IV", "CT", "AAD"].map(|name| case.bytes(name));
            let tag = Tag(case.bytes("Tag")[..].try_into().expect("128 bits"));
            let expected = if case.must_fail() { Err(Forged) } else { Ok(case.bytes("PT")) };
            let opened = gcm_ad(&KeySchedule::new(&key), &nonce, &text, &aad, &tag, |_, _| ());
            assert_eq!(opened, expected, "{}", case.0);
            for rung in Aes256Gcm::rungs() {
                let opened = AnyGcm::on(rung, &key).open(&nonce, &aad, &text, &tag);
                assert_eq!(opened, expected, "{rung}: {}", case.0);
            }
        }
    }
}

/// The multi-block message test (AESAVS §6.6): messages of one to ten blocks, half to encrypt, half to
/// decrypt, and each tried both ways.
#[test]
fn every_rung_and_the_textbook_give_the_chains_of_nist() {
    for file in [include_str!("../vectors/cbc/CBCMMT128.rsp"), include_str!("../vectors/cbc/CBCMMT256.rsp")] {
        let cases = Case::all(file);
        assert_eq!(cases.len(), 20);
        for case in cases {
            let [key, iv, plaintext, ciphertext] =
                ["KEY", "IV", "PLAINTEXT", "CIPHERTEXT"].map(|name| case.bytes(name));
            let iv = iv[..].try_into().expect("a block");
            cbc::assert_both_ways(&key, &iv, cbc::blocks(&plaintext), cbc::blocks(&ciphertext));
        }
    }
}
