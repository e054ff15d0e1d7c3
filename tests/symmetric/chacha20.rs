//! RFC 8439, and the seeded generator.

use cutaway::symmetric::aead::Nonce;
use cutaway::symmetric::chacha20::textbook::{self, State, Step};
use cutaway::symmetric::chacha20::{ChaCha20, Generator};
use proptest::prelude::*;
use rand::Rng;

use crate::hex;

/// 00 01 02 … 1f.
fn counting_key() -> [u8; 32] {
    std::array::from_fn(|i| i as u8)
}

/// RFC 8439 §2.1.1.
#[test]
fn the_textbooks_quarter_round_gives_the_example_of_the_rfc() {
    let [mut a, mut b, mut c, mut d] = [0x1111_1111, 0x0102_0304, 0x9b8d_6f43, 0x0123_4567];
    textbook::quarter_round(&mut a, &mut b, &mut c, &mut d);
    assert_eq!([a, b, c, d], [0xea2a_92f4, 0xcb1c_f8ce, 0x4581_472e, 0x5881_c4bb]);
}

/// RFC 8439 §2.2.1: QUARTERROUND(2, 7, 8, 13) changes four words and no other.
#[test]
fn the_textbooks_quarter_round_on_a_state_gives_the_example_of_the_rfc() {
    let mut state = State([
        0x8795_31e0,
        0xc5ec_f37d,
        0x5164_61b1,
        0xc9a6_2f8a,
        0x44c2_0ef3,
        0x3390_af7f,
        0xd9fc_690b,
        0x2a5f_714c,
        0x5337_2767,
        0xb00a_5631,
        0x974c_541a,
        0x359e_9963,
        0x5c97_1061,
        0x3d63_1689,
        0x2098_d9d6,
        0x91db_d320,
    ]);
    state.quarter_round(2, 7, 8, 13);
    assert_eq!(
        state.to_string(),
        "879531e0  c5ecf37d  bdb886dc  c9a62f8a\n\
         44c20ef3  3390af7f  d9fc690b  cfacafd2\n\
         e46bea80  b00a5631  974c541a  359e9963\n\
         5c971061  ccc07c79  2098d9d6  91dbd320"
    );
}

/// RFC 8439 §2.3.2: the three pictures of the state, and the serialised block.
#[test]
fn the_textbook_shows_the_states_of_the_rfc() {
    let mut seen = Vec::new();
    let nonce = hex("000000090000004a00000000");
    let block = textbook::chacha20_block(&counting_key(), 1, &nonce, |step, state| {
        seen.push((step, state.to_string()));
    });
    assert_eq!(seen.len(), 1 + 20 + 1);
    assert_eq!(
        seen[0],
        (
            Step::Setup,
            "61707865  3320646e  79622d32  6b206574\n\
             03020100  07060504  0b0a0908  0f0e0d0c\n\
             13121110  17161514  1b1a1918  1f1e1d1c\n\
             00000001  09000000  4a000000  00000000"
                .into()
        )
    );
    assert_eq!(
        seen[20],
        (
            Step::DiagonalRound(20),
            "837778ab  e238d763  a67ae21e  5950bb2f\n\
             c4f2d0c7  fc62bb2f  8fa018fc  3f5ec7b7\n\
             335271c2  f29489f3  eabda8fc  82e46ebd\n\
             d19c12b4  b04e16de  9e83d0cb  4e3c50a2"
                .into()
        )
    );
    assert_eq!(
        seen[21],
        (
            Step::Added,
            "e4e7f110  15593bd1  1fdd0f50  c47120a3\n\
             c7f4d1c7  0368c033  9aaa2204  4e6cd4c3\n\
             466482d2  09aa9f07  05d7c214  a2028bd9\n\
             d19c12b5  b94e16de  e883d0cb  4e3c50a2"
                .into()
        )
    );
    let serialised = "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e\
                      d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e";
    assert_eq!(::hex::encode(block), serialised);
    for rung in ChaCha20::rungs() {
        let cipher = ChaCha20::on(rung, &counting_key()).expect("listed");
        assert_eq!(::hex::encode(cipher.block(1, &Nonce(nonce))), serialised, "{rung}");
    }
}

/// RFC 8439 §2.4.2.
#[test]
fn the_textbook_and_every_rung_encrypt_the_sunscreen_of_the_rfc() {
    let plaintext = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the \
                      future, sunscreen would be it.";
    let expected = "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b\
                    f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8\
                    07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736\
                    5af90bbf74a35be6b40b8eedf2785e42874d";
    let nonce = hex("000000000000004a00000000");
    let encrypted = textbook::chacha20_encrypt(&counting_key(), 1, &nonce, plaintext, |_, _| ());
    assert_eq!(::hex::encode(encrypted), expected);
    for rung in ChaCha20::rungs() {
        let mut buffer = *plaintext;
        let cipher = ChaCha20::on(rung, &counting_key()).expect("listed");
        cipher.apply(1, &Nonce(nonce), &mut buffer).expect("short enough");
        assert_eq!(::hex::encode(buffer), expected, "{rung}");
    }
}

/// RFC 8439 Appendix A.1, test vectors 1 to 5, as key, nonce, counter and key stream.
#[test]
fn the_textbook_and_every_rung_give_the_key_streams_of_the_rfc() {
    let zero = [0; 32];
    let last_is_one: [u8; 32] = std::array::from_fn(|i| u8::from(i == 31));
    let second_is_ff: [u8; 32] = std::array::from_fn(|i| if i == 1 { 0xff } else { 0 });
    let nonce_zero = [0; 12];
    let nonce_two: [u8; 12] = hex("000000000000000000000002");
    let vectors = [
        (
            zero,
            nonce_zero,
            0,
            "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7\
             da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
        ),
        (
            zero,
            nonce_zero,
            1,
            "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed\
             29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
        ),
        (
            last_is_one,
            nonce_zero,
            1,
            "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a\
             8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0",
        ),
        (
            second_is_ff,
            nonce_zero,
            2,
            "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca\
             13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096",
        ),
        (
            zero,
            nonce_two,
            0,
            "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7\
             8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d",
        ),
    ];
    for (key, nonce, counter, expected) in vectors {
        let block = textbook::chacha20_block(&key, counter, &nonce, |_, _| ());
        assert_eq!(::hex::encode(block), expected);
        for rung in ChaCha20::rungs() {
            let cipher = ChaCha20::on(rung, &key).expect("listed");
            assert_eq!(::hex::encode(cipher.block(counter, &Nonce(nonce))), expected, "{rung}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_rung_equals_the_textbook(
        key: [u8; 32],
        nonce: [u8; 12],
        counter in 0..u32::MAX - 100,
        text in prop::collection::vec(any::<u8>(), 0..700),
    ) {
        let expected = textbook::chacha20_encrypt(&key, counter, &nonce, &text, |_, _| ());
        for rung in ChaCha20::rungs() {
            let mut buffer = text.clone();
            ChaCha20::on(rung, &key).expect("listed").apply(counter, &Nonce(nonce), &mut buffer)?;
            prop_assert_eq!(&buffer, &expected, "{}", rung);
        }
    }
}

/// Computed by an implementation of RFC 8439 §2.3 in another language, for the layout that the
/// documentation of [`Generator`] fixes for ever.
#[test]
fn a_seed_gives_the_same_numbers_for_ever() {
    let mut generator = Generator::new(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210);
    let mut stream = [0; 512];
    generator.fill_bytes(&mut stream);
    assert_eq!(
        stream[..48],
        hex::<48>(
            "e4be6b1be00b24391a2d30a85e38b10b231d24794ac39336041d4e10d0a8231c\
             57a3d8f27461011eeba94c3bdc487c6e"
        )
    );
    assert_eq!(
        stream[248..288],
        hex::<40>("517532a70349463aebabf509d2f0bf0cac4fb06fa87d6b0217943ea2b677426ca5505158073a9c2f")
    );

    let mut again = Generator::new(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210);
    assert_eq!(again.next_u32().to_le_bytes(), stream[..4]);
    assert_eq!(again.next_u64().to_le_bytes(), stream[4..12]);
    let mut rest = [0; 500];
    again.fill_bytes(&mut rest);
    assert_eq!(rest, stream[12..]);
}

/// With a counter of 64 bits: its upper half is where RFC 8439 has the first word of the nonce.
#[test]
fn the_generators_stream_is_the_key_stream_of_the_textbook() {
    let (seed, stream) = (7_u64, 0x1122_3344_5566_7788_u64);
    let mut key = [0; 32];
    key[..24].copy_from_slice(b"cutaway seeded generator");
    key[24..].copy_from_slice(&seed.to_le_bytes());
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&stream.to_le_bytes());

    let mut bytes = [0; 1000];
    Generator::new(seed, stream).fill_bytes(&mut bytes);
    let expected = textbook::chacha20_encrypt(&key, 0, &nonce, &[0; 1000], |_, _| ());
    assert_eq!(bytes[..], expected);
}
