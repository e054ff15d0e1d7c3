//! What is a key and what is not, and why.

use cutaway::asymmetric::rsa::{KeyError, RsaComponents, RsaPrivateKey, RsaPublicKey};
use cutaway::hash::HashAlgorithm::Sha256;
use cutaway::symmetric::chacha20::Generator;
use num_bigint::BigUint;
use num_traits::One;

use crate::fixed_keys::{RSA_2048, RSA_3072, components};

/// The number with this added to its last byte.
fn plus(number: &[u8], more: u8) -> Vec<u8> {
    (BigUint::from_bytes_be(number) + more).to_bytes_be()
}

#[test]
fn public_keys_of_a_wrong_make_are_refused_each_with_its_reason() {
    let n = [&[0xff; 255][..], &[0x01]].concat();
    let e = [1, 0, 1];
    let cases: [(&str, &[u8], &[u8], KeyError); 11] = [
        ("no modulus", &[], &e, KeyError::ModulusSize { bits: 0 }),
        ("zeros", &[0; 256], &e, KeyError::ModulusSize { bits: 0 }),
        ("2047 bits", &[&[0x7f], &n[1..]].concat(), &e, KeyError::ModulusSize { bits: 2047 }),
        ("8193 bits", &[&[0x01][..], &[0xff; 1024]].concat(), &e, KeyError::ModulusSize { bits: 8193 }),
        ("a very long one", &[0xff; 100_000], &e, KeyError::ModulusSize { bits: 800_000 }),
        ("even", &[&n[..255], &[0x02]].concat(), &e, KeyError::EvenModulus),
        ("no exponent", &n, &[], KeyError::PublicExponent),
        ("e = 1", &n, &[1], KeyError::PublicExponent),
        ("e = 2", &n, &[2], KeyError::PublicExponent),
        ("e = 65536", &n, &[1, 0, 0], KeyError::PublicExponent),
        ("e of 65 bits", &n, &[1, 0, 0, 0, 0, 0, 0, 0, 1], KeyError::PublicExponent),
    ];
    for (what, n, e, expected) in cases {
        assert_eq!(RsaPublicKey::new(n, e).err(), Some(expected), "{what}");
    }
    for (what, n, e) in [
        ("leading zeros", &[&[0; 300][..], &n].concat(), &[0, 0, 3][..]),
        ("8192 bits", &vec![0xff; 1024], &[3]),
        ("e of 64 bits", &n, &[0xff; 8]),
    ] {
        assert!(RsaPublicKey::new(n, e).is_ok(), "{what}");
    }
}

#[test]
fn private_keys_whose_numbers_do_not_belong_together_are_refused_each_with_its_reason() {
    let good = components(&RSA_2048);
    let other = components(&RSA_3072);
    assert!(RsaPrivateKey::new(good).is_ok());
    // p − 1 and lcm(p − 1, q − 1) more change nothing modulo them, but the file is not as it should be.
    let dp_and_more = (BigUint::from_bytes_be(good.dp) + BigUint::from_bytes_be(good.p) - 1u8).to_bytes_be();
    for (what, key, expected) in [
        ("another modulus", RsaComponents { n: other.n, ..good }, KeyError::Product),
        ("n + 2", RsaComponents { n: &plus(good.n, 2), ..good }, KeyError::Product),
        ("p even", RsaComponents { p: &plus(good.p, 1), ..good }, KeyError::Primes),
        ("p is 1", RsaComponents { p: &[1], q: good.n, ..good }, KeyError::Primes),
        ("q is 0", RsaComponents { q: &[], ..good }, KeyError::Primes),
        ("q is 3", RsaComponents { q: &[3], ..good }, KeyError::Primes),
        ("p longer than n", RsaComponents { p: &[0xff; 300], ..good }, KeyError::Primes),
        ("p twice", RsaComponents { q: good.p, ..good }, KeyError::Product),
        ("p and q swapped", RsaComponents { p: good.q, q: good.p, ..good }, KeyError::PrivateExponent),
        ("e = 3", RsaComponents { e: &[3], ..good }, KeyError::PrivateExponent),
        ("d + 1", RsaComponents { d: &plus(good.d, 1), ..good }, KeyError::PrivateExponent),
        ("d = 0", RsaComponents { d: &[], ..good }, KeyError::PrivateExponent),
        ("d ≥ n", RsaComponents { d: good.n, ..good }, KeyError::PrivateExponent),
        ("dP + 1", RsaComponents { dp: &plus(good.dp, 1), ..good }, KeyError::PrivateExponent),
        ("dP + p − 1", RsaComponents { dp: &dp_and_more, ..good }, KeyError::PrivateExponent),
        ("dQ for dP", RsaComponents { dp: good.dq, ..good }, KeyError::PrivateExponent),
        ("dQ + 1", RsaComponents { dq: &plus(good.dq, 1), ..good }, KeyError::PrivateExponent),
        ("dQ too long", RsaComponents { dq: &[0xff; 500], ..good }, KeyError::PrivateExponent),
        ("qInv + 1", RsaComponents { qinv: &plus(good.qinv, 1), ..good }, KeyError::Coefficient),
        ("qInv = 0", RsaComponents { qinv: &[], ..good }, KeyError::Coefficient),
        ("qInv too long", RsaComponents { qinv: &[0xff; 500], ..good }, KeyError::Coefficient),
    ] {
        assert_eq!(RsaPrivateKey::new(key).err(), Some(expected), "{what}");
    }
}

#[test]
fn a_key_gives_back_the_numbers_it_was_made_of() {
    let numbers = components(&RSA_2048);
    let key = RsaPrivateKey::new(numbers).unwrap();
    let again = key.components();
    let trimmed = |number: &[u8]| BigUint::from_bytes_be(number).to_bytes_be();
    assert_eq!(again.n, trimmed(numbers.n));
    assert_eq!(again.e, trimmed(numbers.e));
    for (again, number) in [
        (again.d.reveal(), numbers.d),
        (again.p.reveal(), numbers.p),
        (again.q.reveal(), numbers.q),
        (again.dp.reveal(), numbers.dp),
        (again.dq.reveal(), numbers.dq),
        (again.qinv.reveal(), numbers.qinv),
    ] {
        assert_eq!(again, trimmed(number));
    }
    assert_eq!(format!("{key:?}"), "RsaPrivateKey(2048 bits)");
    assert!(!format!("{again:?}").contains("[1, 2"), "no secret number is printed");
    assert_eq!(format!("{:?}", again.d), format!("Secret({} bytes)", again.d.reveal().len()));
}

/// Primes of different lengths, and a modulus whose length is not a whole number of bytes or limbs.
#[test]
fn unequal_primes_and_odd_lengths_work() {
    let mut rng = Generator::new(3, 0);
    // The smallest primes of so many bits whose top two bits are set.
    let prime = |bits: u32, offset: u32| (BigUint::from(3u8) << (bits - 2)) + offset;
    for (p, q) in [
        (prime(1100, 139), prime(950, 373)),
        (prime(1021, 377), prime(1030, 43)),
        (prime(520, 49), prime(1540, 119)),
    ] {
        let key = from_primes(&p, &q);
        assert_eq!(key.public().bits() as u64, (&p * &q).bits());
        let signature = key.sign(&mut rng, Sha256, b"message").unwrap();
        assert_eq!(signature.len(), key.public().size());
        assert_eq!(key.public().verify(Sha256, b"message", &signature), Ok(()));
        let ciphertext = key.public().encrypt(&mut rng, b"message").unwrap();
        assert_eq!(key.decrypt(&mut rng, &ciphertext).unwrap().reveal(), b"message");
    }
}

fn from_primes(p: &BigUint, q: &BigUint) -> RsaPrivateKey {
    use cutaway::asymmetric::rsa::textbook::PrivateKey;
    let e = BigUint::from(65537u32);
    let key = PrivateKey::from_primes(p.clone(), q.clone(), &e).unwrap();
    let [n, e, d, p, q, dp, dq, qinv] =
        [&key.n, &e, &key.d, &key.p, &key.q, &key.dp, &key.dq, &key.qinv].map(|number| number.to_bytes_be());
    let components = RsaComponents { n: &n, e: &e, d: &d, p: &p, q: &q, dp: &dp, dq: &dq, qinv: &qinv };
    RsaPrivateKey::new(components).unwrap()
}

#[test]
fn generated_keys_keep_the_rules() {
    for (bits, seed) in [(2048, 0), (2048, 1), (3072, 2), (4096, 3)] {
        let key = RsaPrivateKey::generate(&mut Generator::new(seed, 0), bits).unwrap();
        assert_eq!(key.public().bits(), bits);
        assert_eq!(key.public().e(), [1, 0, 1]);
        let numbers = key.components();
        // All that RsaPrivateKey::new checks, and what FIPS 186-5 §A.1.1 and §A.1.3 ask for.
        let again = RsaPrivateKey::new(numbers.borrow()).unwrap();
        assert_eq!(again.public(), key.public());
        let [p, q, d] =
            [&numbers.p, &numbers.q, &numbers.d].map(|secret| BigUint::from_bytes_be(secret.reveal()));
        let half = bits as u64 / 2;
        for prime in [&p, &q] {
            assert_eq!(prime >> (half - 2), BigUint::from(3u8), "the top two bits");
            let witness = cutaway::asymmetric::rsa::textbook::witness(&mut Generator::new(9, 9), prime, 4);
            assert_eq!(witness, None);
        }
        let difference = if p > q { &p - &q } else { &q - &p };
        assert!(difference > BigUint::one() << (half - 100));
        assert!(d > BigUint::one() << half);
    }
    for bits in [0, 1024, 2047, 2049, 8192] {
        let refused = RsaPrivateKey::generate(&mut Generator::new(0, 0), bits);
        assert_eq!(refused.err(), Some(KeyError::GeneratedSize { bits }));
    }
}
