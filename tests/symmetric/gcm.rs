//! The test cases of the GCM specification, the textbook against every rung, and forgeries.

use cutaway::rung::Rung;
use cutaway::symmetric::aead::{Forged, Nonce, Tag, TooLong};
use cutaway::symmetric::aes::Block;
use cutaway::symmetric::aes::textbook::{self, KeySchedule, State};
use cutaway::symmetric::gcm::textbook::{Step, gcm_ad, gcm_ae};
use cutaway::symmetric::gcm::{Aes128Gcm, Aes256Gcm};
use cutaway::symmetric::ghash::{self, Ghash};
use proptest::prelude::*;

use crate::hex;

/// AES-GCM with the key size decided at run time, as vectors have it.
pub(crate) enum AnyGcm {
    Aes128(Aes128Gcm),
    Aes256(Aes256Gcm),
}

impl AnyGcm {
    pub(crate) fn on(rung: Rung, key: &[u8]) -> Self {
        if let Ok(key) = key.try_into() {
            Self::Aes128(Aes128Gcm::on(rung, key).expect("listed in rungs()"))
        } else {
            let key = key.try_into().expect("16 or 32 bytes");
            Self::Aes256(Aes256Gcm::on(rung, key).expect("listed in rungs()"))
        }
    }

    /// Ciphertext and tag.
    pub(crate) fn seal(&self, nonce: &[u8], aad: &[u8], text: &[u8]) -> Result<(Vec<u8>, Tag), TooLong> {
        let mut buffer = text.to_vec();
        let tag = match self {
            Self::Aes128(key) => key.seal_with_nonce_of_any_length(nonce, aad, &mut buffer)?,
            Self::Aes256(key) => key.seal_with_nonce_of_any_length(nonce, aad, &mut buffer)?,
        };
        Ok((buffer, tag))
    }

    /// The plaintext; after a refusal it is asserted that the buffer holds none of it.
    pub(crate) fn open(&self, nonce: &[u8], aad: &[u8], text: &[u8], tag: &Tag) -> Result<Vec<u8>, Forged> {
        let mut buffer = text.to_vec();
        let verdict = match self {
            Self::Aes128(key) => key.open_with_nonce_of_any_length(nonce, aad, &mut buffer, tag),
            Self::Aes256(key) => key.open_with_nonce_of_any_length(nonce, aad, &mut buffer, tag),
        };
        if verdict.is_err() {
            assert!(buffer.iter().all(|byte| *byte == 0), "a refusal zeroes the buffer");
        }
        verdict.map(|()| buffer)
    }
}

/// A test case of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", Appendix B.
struct Case {
    number: u8,
    key: &'static str,
    iv: &'static str,
    plaintext: &'static str,
    aad: &'static str,
    ciphertext: &'static str,
    tag: &'static str,
}

const ZERO_128: &str = "00000000000000000000000000000000";
const ZERO_256: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const ZERO_96: &str = "000000000000000000000000";
const K_128: &str = "feffe9928665731c6d6a8f9467308308";
const K_256: &str = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
const IV_96: &str = "cafebabefacedbaddecaf888";
const IV_64: &str = "cafebabefacedbad";
const IV_480: &str = "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728\
                      c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b";
const P_512: &str = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                     1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
const P_480: &str = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                     1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
const A_160: &str = "feedfacedeadbeeffeedfacedeadbeefabaddad2";

/// Cases 1 to 6 and 13 to 18. Cases 7 to 12 have 192-bit keys, which this library does not have.
const CASES: [Case; 12] = [
    Case {
        number: 1,
        key: ZERO_128,
        iv: ZERO_96,
        plaintext: "",
        aad: "",
        ciphertext: "",
        tag: "58e2fccefa7e3061367f1d57a4e7455a",
    },
    Case {
        number: 2,
        key: ZERO_128,
        iv: ZERO_96,
        plaintext: ZERO_128,
        aad: "",
        ciphertext: "0388dace60b6a392f328c2b971b2fe78",
        tag: "ab6e47d42cec13bdf53a67b21257bddf",
    },
    Case {
        number: 3,
        key: K_128,
        iv: IV_96,
        plaintext: P_512,
        aad: "",
        ciphertext: "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e\
                     21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
        tag: "4d5c2af327cd64a62cf35abd2ba6fab4",
    },
    Case {
        number: 4,
        key: K_128,
        iv: IV_96,
        plaintext: P_480,
        aad: A_160,
        ciphertext: "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e\
                     21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
        tag: "5bc94fbc3221a5db94fae95ae7121a47",
    },
    Case {
        number: 5,
        key: K_128,
        iv: IV_64,
        plaintext: P_480,
        aad: A_160,
        ciphertext: "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c7423\
                     73806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598",
        tag: "3612d2e79e3b0785561be14aaca2fccb",
    },
    Case {
        number: 6,
        key: K_128,
        iv: IV_480,
        plaintext: P_480,
        aad: A_160,
        ciphertext: "8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca7\
                     01e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5",
        tag: "619cc5aefffe0bfa462af43c1699d050",
    },
    Case {
        number: 13,
        key: ZERO_256,
        iv: ZERO_96,
        plaintext: "",
        aad: "",
        ciphertext: "",
        tag: "530f8afbc74536b9a963b4f1c4cb738b",
    },
    Case {
        number: 14,
        key: ZERO_256,
        iv: ZERO_96,
        plaintext: ZERO_128,
        aad: "",
        ciphertext: "cea7403d4d606b6e074ec5d3baf39d18",
        tag: "d0d1c8a799996bf0265b98b5d48ab919",
    },
    Case {
        number: 15,
        key: K_256,
        iv: IV_96,
        plaintext: P_512,
        aad: "",
        ciphertext: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                     8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
        tag: "b094dac5d93471bdec1a502270e3cc6c",
    },
    Case {
        number: 16,
        key: K_256,
        iv: IV_96,
        plaintext: P_480,
        aad: A_160,
        ciphertext: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                     8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
        tag: "76fc6ece0f4e1768cddf8853bb2d551b",
    },
    Case {
        number: 17,
        key: K_256,
        iv: IV_64,
        plaintext: P_480,
        aad: A_160,
        ciphertext: "c3762df1ca787d32ae47c13bf19844cbaf1ae14d0b976afac52ff7d79bba9de0\
                     feb582d33934a4f0954cc2363bc73f7862ac430e64abe499f47c9b1f",
        tag: "3a337dbf46a792c45e454913fe2ea8f2",
    },
    Case {
        number: 18,
        key: K_256,
        iv: IV_480,
        plaintext: P_480,
        aad: A_160,
        ciphertext: "5a8def2f0c9e53f1f75d7853659e2a20eeb2b22aafde6419a058ab4f6f746bf4\
                     0fc0c3b780f244452da3ebf1c5d82cdea2418997200ef82e44ae7e3f",
        tag: "a44a8266ee1c8eb0c8b5d4cf5ae9f19a",
    },
];

fn bytes(text: &str) -> Vec<u8> {
    ::hex::decode(text).expect("hex")
}

#[test]
fn the_textbook_and_every_rung_give_the_test_cases_of_the_specification() {
    for case in CASES {
        let [key, iv, plaintext, aad] = [case.key, case.iv, case.plaintext, case.aad].map(bytes);
        let expected = (bytes(case.ciphertext), Tag(hex(case.tag)));
        let k = KeySchedule::new(&key);
        assert_eq!(gcm_ae(&k, &iv, &plaintext, &aad, |_, _| ()), expected, "case {}", case.number);
        let opened = gcm_ad(&k, &iv, &expected.0, &aad, &expected.1, |_, _| ());
        assert_eq!(opened.as_ref(), Ok(&plaintext), "case {}", case.number);
        for rung in Aes128Gcm::rungs() {
            let key = AnyGcm::on(rung, &key);
            assert_eq!(
                key.seal(&iv, &aad, &plaintext).as_ref(),
                Ok(&expected),
                "case {} {rung}",
                case.number
            );
            let opened = key.open(&iv, &aad, &expected.0, &expected.1);
            assert_eq!(opened.as_ref(), Ok(&plaintext), "case {} {rung}", case.number);
        }
    }
}

/// The specification's intermediate values for test case 2: H, Y₀, E(K, Y₀), Y₁, E(K, Y₁), X₁, GHASH.
#[test]
fn the_textbook_shows_the_intermediate_values_of_the_specification() {
    let mut seen = Vec::new();
    gcm_ae(&KeySchedule::new(&[0; 16]), &[0; 12], &[0; 16], &[], |step, block| {
        seen.push((step, ::hex::encode(block)));
    });
    let expected = [
        (Step::HashSubkey, "66e94bd4ef8a2c3b884cfa59ca342b2e"),
        (Step::PreCounterBlock, "00000000000000000000000000000001"),
        (Step::CounterBlock(1), "00000000000000000000000000000002"),
        (Step::KeyStream(1), "0388dace60b6a392f328c2b971b2fe78"),
        (Step::Hash(1), "5e2ec746917062882c85b0685353deb7"),
        (Step::Hash(2), "f38cbb1ad69223dcc3457ae5b6b0f885"),
        (Step::HashValue, "f38cbb1ad69223dcc3457ae5b6b0f885"),
        (Step::CounterBlock(0), "00000000000000000000000000000001"),
        (Step::KeyStream(0), "58e2fccefa7e3061367f1d57a4e7455a"),
        (Step::Tag, "ab6e47d42cec13bdf53a67b21257bddf"),
    ];
    assert_eq!(seen, expected.map(|(step, value)| (step, value.to_owned())));
}

/// A key of either size.
fn any_key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![prop::collection::vec(any::<u8>(), 16), prop::collection::vec(any::<u8>(), 32)]
}

/// Lengths around everything that a rung may treat in its own way: blocks, fours and eights of them.
fn any_text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        (0..6_usize, 0..5_usize).prop_flat_map(|(eights, more)| {
            prop::collection::vec(any::<u8>(), (128 * eights + 96 + more).saturating_sub(2))
        }),
        prop::collection::vec(any::<u8>(), 0..700),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_rung_equals_the_textbook(
        key in any_key(),
        nonce in prop_oneof![prop::collection::vec(any::<u8>(), 12), prop::collection::vec(any::<u8>(), 1..40)],
        aad in prop::collection::vec(any::<u8>(), 0..300),
        text in any_text(),
    ) {
        let expected = gcm_ae(&KeySchedule::new(&key), &nonce, &text, &aad, |_, _| ());
        for rung in Aes128Gcm::rungs() {
            let key = AnyGcm::on(rung, &key);
            prop_assert_eq!(key.seal(&nonce, &aad, &text), Ok(expected.clone()), "{}", rung);
            prop_assert_eq!(key.open(&nonce, &aad, &expected.0, &expected.1), Ok(text.clone()), "{}", rung);
        }
    }

    #[test]
    fn a_changed_bit_anywhere_is_a_forgery_and_leaves_zeros(
        key in any_key(),
        nonce in prop::collection::vec(any::<u8>(), 12),
        aad in prop::collection::vec(any::<u8>(), 1..40),
        text in prop::collection::vec(any::<u8>(), 1..300),
        place: prop::sample::Index,
        bit in 0..8_u8,
    ) {
        for rung in Aes128Gcm::rungs() {
            let key = AnyGcm::on(rung, &key);
            let (ciphertext, tag) = key.seal(&nonce, &aad, &text).expect("short enough");
            let changed = |bytes: &[u8]| {
                let mut bytes = bytes.to_vec();
                let place = place.index(bytes.len());
                bytes[place] ^= 1 << bit;
                bytes
            };
            let other_tag = Tag(changed(&tag.0).try_into().expect("16 bytes"));
            prop_assert_eq!(key.open(&nonce, &aad, &ciphertext, &other_tag), Err(Forged), "{}", rung);
            prop_assert_eq!(key.open(&nonce, &aad, &changed(&ciphertext), &tag), Err(Forged), "{}", rung);
            prop_assert_eq!(key.open(&nonce, &changed(&aad), &ciphertext, &tag), Err(Forged), "{}", rung);
            prop_assert_eq!(key.open(&changed(&nonce), &aad, &ciphertext, &tag), Err(Forged), "{}", rung);
        }
    }

    #[test]
    fn every_rung_of_ghash_equals_the_textbook(h: [u8; 16], blocks in prop::collection::vec(any::<[u8; 16]>(), 0..40), cut: prop::sample::Index) {
        let expected = ghash::textbook::ghash(&h, &blocks, |_, _| ());
        let (before, after) = blocks.split_at(cut.index(blocks.len() + 1));
        for rung in Ghash::rungs() {
            let mut ghash = Ghash::on(rung, &h).expect("listed");
            ghash.update(before.as_flattened());
            ghash.update(after.as_flattened());
            prop_assert_eq!(ghash.finish(), expected, "{}", rung);
        }
    }
}

/// A nonce of 16 bytes is hashed to J₀ = N·H² ⊕ L·H, where L is the block of its length. So for whoever has
/// the key there is an N for every J₀: (J₀ ⊕ L·H)·H⁻².
fn nonce_for(j0: &Block, k: &KeySchedule) -> Block {
    let product = |x: &Block, y: &Block| ghash::textbook::multiply(x, y, |_, _| ());
    let sum = |x: &Block, y: &Block| -> Block { std::array::from_fn(|i| x[i] ^ y[i]) };
    let h = textbook::cipher(State::new(&[0; 16]), k, |_, _| ()).output();
    // H⁻¹ = H^(2¹²⁸ − 2) = H² · H⁴ · … · H^(2¹²⁷)
    let mut power = product(&h, &h);
    let mut inverse = power;
    for _ in 2..128 {
        power = product(&power, &power);
        inverse = product(&inverse, &power);
    }
    let length = u128::to_be_bytes(128);
    product(&product(&sum(j0, &product(&length, &h)), &inverse), &inverse)
}

/// inc₃₂ (SP 800-38D §6.2) leaves the first 96 bits alone.
#[test]
fn every_rung_lets_the_counter_come_round_as_the_textbook_does() {
    let key = [0x0f; 32];
    let k = KeySchedule::new(&key);
    let text = [0x5a; 500];
    for before_the_end in 0..24 {
        let mut j0 = [0xff; 16];
        j0[12..].copy_from_slice(&(u32::MAX - before_the_end).to_be_bytes());
        let nonce = nonce_for(&j0, &k);
        let mut counters = Vec::new();
        let expected = gcm_ae(&k, &nonce, &text, b"", |step, block| match step {
            Step::PreCounterBlock => assert_eq!(*block, j0),
            Step::CounterBlock(1..) => counters.push(*block),
            _ => (),
        });
        let round: Block = hex("ffffffffffffffffffffffff00000000");
        assert_eq!(counters.iter().position(|block| *block == round), Some(before_the_end as usize));
        for rung in Aes256Gcm::rungs() {
            assert_eq!(AnyGcm::on(rung, &key).seal(&nonce, b"", &text), Ok(expected.clone()), "{rung}");
        }
    }
}

#[test]
fn open_takes_what_seal_gives_and_nothing_shorter_than_a_tag() {
    for rung in Aes256Gcm::rungs() {
        let key = Aes256Gcm::on(rung, &[3; 32]).expect("listed");
        let nonce = Nonce([5; 12]);
        let sealed = key.seal(&nonce, b"aad", b"").expect("short enough");
        assert_eq!(sealed.len(), 16);
        assert_eq!(key.open(&nonce, b"aad", &sealed), Ok(vec![]));
        for length in 0..16 {
            assert_eq!(key.open(&nonce, b"aad", &sealed[..length]), Err(Forged), "{rung}, {length} bytes");
        }
    }
}
