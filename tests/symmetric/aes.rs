//! FIPS 197, SP 800-38A.

use cutaway::rung::Rung;
use cutaway::symmetric::aes::textbook::{self, KeySchedule, KeyStep, State, Step};
use cutaway::symmetric::aes::{Aes128, Aes256, Block};
use proptest::prelude::*;

use crate::hex;

/// The key of FIPS 197 Appendices A.1 and B, and of SP 800-38A.
const KEY_128: &str = "2b7e151628aed2a6abf7158809cf4f3c";
/// The key of FIPS 197 Appendix A.3, and of SP 800-38A.
const KEY_256: &str = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";

/// What the watch of a key expansion sees, as lines.
fn expansion(key: &[u8]) -> Vec<(KeyStep, String)> {
    let mut seen = Vec::new();
    textbook::key_expansion(key, |step, word| seen.push((step, ::hex::encode(word))));
    seen
}

fn assert_seen<S: PartialEq + std::fmt::Debug>(seen: &[(S, String)], expected: &[(S, &str)]) {
    for (step, value) in expected {
        let found = seen.iter().find(|(seen, _)| seen == step).map(|(_, value)| value.as_str());
        assert_eq!(found, Some(*value), "{step:?}");
    }
}

/// FIPS 197 Appendix A.1.
#[test]
fn the_textbook_expands_a_key_of_128_bits_step_by_step_as_the_standard_shows() {
    use KeyStep::{Rcon, RotWord, SubWord, Temp, Word};
    let seen = expansion(&hex::<16>(KEY_128));
    assert_seen(
        &seen,
        &[
            (Temp(4), "09cf4f3c"),
            (RotWord(4), "cf4f3c09"),
            (SubWord(4), "8a84eb01"),
            (Rcon(4), "8b84eb01"),
            (Word(4), "a0fafe17"),
            (Temp(5), "a0fafe17"),
            (Word(5), "88542cb1"),
            (Word(6), "23a33939"),
            (Word(7), "2a6c7605"),
            (RotWord(8), "6c76052a"),
            (SubWord(8), "50386be5"),
            (Rcon(8), "52386be5"),
            (Word(8), "f2c295f2"),
            (Word(40), "d014f9a8"),
            (Word(43), "b6630ca6"),
        ],
    );
    assert_eq!(seen.iter().filter(|(step, _)| matches!(step, Word(_))).count(), 40);
}

/// FIPS 197 Appendix A.3.
#[test]
fn the_textbook_expands_a_key_of_256_bits_step_by_step_as_the_standard_shows() {
    use KeyStep::{Rcon, RotWord, SubWord, Temp, Word};
    let seen = expansion(&hex::<32>(KEY_256));
    assert_seen(
        &seen,
        &[
            (Temp(8), "0914dff4"),
            (RotWord(8), "14dff409"),
            (SubWord(8), "fa9ebf01"),
            (Rcon(8), "fb9ebf01"),
            (Word(8), "9ba35411"),
            (Word(11), "2067fcde"),
            (Temp(12), "2067fcde"),
            (SubWord(12), "b785b01d"),
            (Word(12), "a8b09c1a"),
            (Word(56), "fe4890d1"),
            (Word(59), "706c631e"),
        ],
    );
    assert!(!seen.iter().any(|(step, _)| *step == RotWord(12)), "only SUBWORD() in the middle of a row");
}

/// FIPS 197 Appendix B: the pictures of rounds 1, 2 and 10.
#[test]
fn the_textbook_goes_through_the_rounds_as_the_standard_shows() {
    use Step::{AddRoundKey, MixColumns, ShiftRows, SubBytes};
    let w = KeySchedule::new(&hex::<16>(KEY_128));
    let mut seen = Vec::new();
    let input = State::new(&hex("3243f6a8885a308d313198a2e0370734"));
    let output = textbook::cipher(input, &w, |step, state| seen.push((step, state.to_string())));
    assert_eq!(output.to_string(), "3925841d02dc09fbdc118597196a0b32");
    assert_seen(
        &seen,
        &[
            (AddRoundKey(0), "193de3bea0f4e22b9ac68d2ae9f84808"),
            (SubBytes(1), "d42711aee0bf98f1b8b45de51e415230"),
            (ShiftRows(1), "d4bf5d30e0b452aeb84111f11e2798e5"),
            (MixColumns(1), "046681e5e0cb199a48f8d37a2806264c"),
            (AddRoundKey(1), "a49c7ff2689f352b6b5bea43026a5049"),
            (SubBytes(2), "49ded28945db96f17f39871a7702533b"),
            (ShiftRows(2), "49db873b453953897f02d2f177de961a"),
            (MixColumns(2), "584dcaf11b4b5aacdbe7caa81b6bb0e5"),
            (AddRoundKey(2), "aa8f5f0361dde3ef82d24ad26832469a"),
            (AddRoundKey(9), "eb40f21e592e38848ba113e71bc342d2"),
            (SubBytes(10), "e9098972cb31075f3d327d94af2e2cb5"),
            (ShiftRows(10), "e9317db5cb322c723d2e895faf090794"),
            (AddRoundKey(10), "3925841d02dc09fbdc118597196a0b32"),
        ],
    );
    assert_eq!(seen.len(), 1 + 9 * 4 + 3);
    assert!(!seen.iter().any(|(step, _)| *step == MixColumns(10)), "the last round has no MIXCOLUMNS()");
}

/// FIPS 197 (2001) Appendix C.1, the inverse cipher: round\[1\].istart, .is_row, .is_box, .ik_add, and
/// round\[2\].istart.
#[test]
fn the_textbook_goes_back_through_the_rounds_as_the_standard_shows() {
    use Step::{AddRoundKey, InvMixColumns, InvShiftRows, InvSubBytes};
    let key: [u8; 16] = std::array::from_fn(|i| i as u8);
    let w = KeySchedule::new(&key);
    let mut seen = Vec::new();
    let input = State::new(&hex("69c4e0d86a7b0430d8cdb78070b4c55a"));
    let output = textbook::inv_cipher(input, &w, |step, state| seen.push((step, state.to_string())));
    assert_eq!(output.to_string(), "00112233445566778899aabbccddeeff");
    assert_seen(
        &seen,
        &[
            (AddRoundKey(10), "7ad5fda789ef4e272bca100b3d9ff59f"),
            (InvShiftRows(9), "7a9f102789d5f50b2beffd9f3dca4ea7"),
            (InvSubBytes(9), "bd6e7c3df2b5779e0b61216e8b10b689"),
            (AddRoundKey(9), "e9f74eec023020f61bf2ccf2353c21c7"),
            (InvMixColumns(9), "54d990a16ba09ab596bbf40ea111702f"),
        ],
    );
}

/// FIPS 197 (2001) Appendix C.3: round\[1\] and round\[2\] with a key of 256 bits.
#[test]
fn the_textbook_takes_a_key_of_256_bits_through_the_rounds_as_the_standard_shows() {
    use Step::{AddRoundKey, MixColumns, ShiftRows, SubBytes};
    let key: [u8; 32] = std::array::from_fn(|i| i as u8);
    let w = KeySchedule::new(&key);
    let mut seen = Vec::new();
    let input = State::new(&hex("00112233445566778899aabbccddeeff"));
    let output = textbook::cipher(input, &w, |step, state| seen.push((step, state.to_string())));
    assert_eq!(output.to_string(), "8ea2b7ca516745bfeafc49904b496089");
    assert_seen(
        &seen,
        &[
            (AddRoundKey(0), "00102030405060708090a0b0c0d0e0f0"),
            (SubBytes(1), "63cab7040953d051cd60e0e7ba70e18c"),
            (ShiftRows(1), "6353e08c0960e104cd70b751bacad0e7"),
            (MixColumns(1), "5f72641557f5bc92f7be3b291db9f91a"),
            (AddRoundKey(1), "4f63760643e0aa85efa7213201a4e705"),
            (SubBytes(2), "84fb386f1ae1ac97df5cfd237c49946b"),
            (ShiftRows(2), "84e1fd6b1a5c946fdf4938977cfbac23"),
            (MixColumns(2), "bd2a395d2b6ac438d192443e615da195"),
        ],
    );
}

/// SP 800-38A Appendices F.1.1, F.1.2, F.1.5 and F.1.6 (ECB is AES of one block after the other).
#[test]
fn every_rung_gives_the_blocks_of_sp_800_38a() {
    let table = [
        (
            "6bc1bee22e409f96e93d7e117393172a",
            "3ad77bb40d7a3660a89ecaf32466ef97",
            "f3eed1bdb5d2a03c064b5a7e3db181f8",
        ),
        (
            "ae2d8a571e03ac9c9eb76fac45af8e51",
            "f5d3d58503b9699de785895a96fdbaaf",
            "591ccb10d410ed26dc5ba74a31362870",
        ),
        (
            "30c81c46a35ce411e5fbc1191a0a52ef",
            "43b1cd7f598ece23881b00e3ed030688",
            "b6ed21b99ca6f4f9f153e7b1beafed1d",
        ),
        (
            "f69f2445df4f9b17ad2b417be66c3710",
            "7b0c785e27e8ad3f8223207104725dd4",
            "23304b7a39f9f3ff067d8d8f9e24ecc7",
        ),
    ];
    for rung in Aes128::rungs() {
        let short = Aes128::on(rung, &hex(KEY_128)).expect("listed");
        let long = Aes256::on(rung, &hex(KEY_256)).expect("listed");
        assert_eq!((short.rung(), long.rung()), (rung, rung));
        for (plaintext, with_128, with_256) in table {
            let mut block = hex(plaintext);
            short.encrypt_block(&mut block);
            assert_eq!(::hex::encode(block), with_128, "{rung}");
            short.decrypt_block(&mut block);
            assert_eq!(::hex::encode(block), plaintext, "{rung}");
            long.encrypt_block(&mut block);
            assert_eq!(::hex::encode(block), with_256, "{rung}");
            long.decrypt_block(&mut block);
            assert_eq!(::hex::encode(block), plaintext, "{rung}");
        }
    }
}

#[test]
fn the_portable_rung_is_always_there_and_the_best_one_is_taken() {
    assert_eq!(Aes256::rungs().first(), Some(&Rung::Portable));
    assert_eq!(Some(&Aes256::new(&[0; 32]).rung()), Aes256::rungs().last());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_rung_equals_the_textbook(key: [u8; 32], block: Block) {
        let [short, long] = [&key[..16], &key].map(KeySchedule::new);
        for rung in Aes128::rungs() {
            let aes = Aes128::on(rung, key.first_chunk().expect("16 of 32")).expect("listed");
            let [mut forward, mut back] = [block; 2];
            aes.encrypt_block(&mut forward);
            aes.decrypt_block(&mut back);
            prop_assert_eq!(forward, textbook::cipher(State::new(&block), &short, |_, _| ()).output());
            prop_assert_eq!(back, textbook::inv_cipher(State::new(&block), &short, |_, _| ()).output());

            let aes = Aes256::on(rung, &key).expect("listed");
            let [mut forward, mut back] = [block; 2];
            aes.encrypt_block(&mut forward);
            aes.decrypt_block(&mut back);
            prop_assert_eq!(forward, textbook::cipher(State::new(&block), &long, |_, _| ()).output());
            prop_assert_eq!(back, textbook::inv_cipher(State::new(&block), &long, |_, _| ()).output());
        }
    }
}
