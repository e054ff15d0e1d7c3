//! Every rung equals the textbook: encrypting, decrypting, signing, at every size.

use cutaway::asymmetric::rsa::{RsaPrivateKey, TooLong, encode_signature, textbook};
use cutaway::hash::HashAlgorithm::{self, Sha256, Sha384, Sha512};
use cutaway::symmetric::chacha20::Generator;
use proptest::prelude::*;

use crate::fixed_keys::{RSA_2048, RSA_3072, RSA_4096, components, textbook_keys};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn each_opens_what_the_other_sealed_and_signs_alike(
        size in 0..3usize,
        hash in prop::sample::select(&[Sha256, Sha384, Sha512][..]),
        message in prop::collection::vec(any::<u8>(), 0..=245),
        seed: u64,
    ) {
        let group = [&*RSA_2048, &*RSA_3072, &*RSA_4096][size];
        let (book_public, book_private) = textbook_keys(components(group));
        let mut rng = Generator::new(seed, 0);
        let signature = textbook::rsassa_pkcs1_v1_5_sign(&book_private, hash, &message).unwrap();
        let sealed = textbook::rsaes_pkcs1_v1_5_encrypt(&book_public, &message, &mut rng).unwrap();
        for rung in RsaPrivateKey::rungs() {
            let key = RsaPrivateKey::on(rung, components(group)).unwrap().unwrap();
            prop_assert_eq!(&key.sign(&mut rng, hash, &message).unwrap(), &signature);
            prop_assert_eq!(key.public().verify(hash, &message, &signature), Ok(()));
            let opened = key.decrypt(&mut rng, &sealed).unwrap();
            prop_assert_eq!(opened.reveal(), &message[..]);
            let sealed = key.public().encrypt(&mut rng, &message).unwrap();
            prop_assert_eq!(&textbook::rsaes_pkcs1_v1_5_decrypt(&book_private, &sealed).unwrap(), &message);
        }
    }

    #[test]
    fn the_bare_operations_undo_each_other_and_equal_the_textbooks(
        bytes in prop::collection::vec(any::<u8>(), 256),
        seed: u64,
    ) {
        let (book_public, book_private) = textbook_keys(components(&RSA_2048));
        let base = textbook::os2ip(&bytes) % &book_public.n;
        let base_bytes = textbook::i2osp(&base, 256).unwrap();
        let c = textbook::rsaep(&book_public, &base, textbook::unwatched).unwrap();
        let m = textbook::rsadp(&book_private, &base, textbook::unwatched).unwrap();
        for rung in RsaPrivateKey::rungs() {
            let key = RsaPrivateKey::on(rung, components(&RSA_2048)).unwrap().unwrap();
            let mut rng = Generator::new(seed, 0);
            prop_assert_eq!(key.public().power(&base_bytes).unwrap(), textbook::i2osp(&c, 256).unwrap());
            let power = key.power(&mut rng, &base_bytes).unwrap();
            prop_assert_eq!(power.reveal(), &textbook::i2osp(&m, 256).unwrap()[..]);
            let back = key.public().power(power.reveal()).unwrap();
            prop_assert_eq!(back, base_bytes.clone());
        }
    }
}

#[test]
fn the_edges_of_the_range() {
    let (book_public, book_private) = textbook_keys(components(&RSA_2048));
    let mut rng = Generator::new(5, 0);
    for rung in RsaPrivateKey::rungs() {
        let key = RsaPrivateKey::on(rung, components(&RSA_2048)).unwrap().unwrap();
        let [p, q] = [&book_private.p, &book_private.q];
        // Multiples of p and q among them: those have no inverse modulo n, and are decrypted like all.
        let n = &book_public.n;
        for base in [0u8.into(), 1u8.into(), 2u8.into(), n - 1u8, n - 2u8, p.clone(), q.clone(), n - p] {
            let bytes = textbook::i2osp(&base, 256).unwrap();
            let c = textbook::rsaep(&book_public, &base, textbook::unwatched).unwrap();
            let m = textbook::rsadp(&book_private, &base, textbook::unwatched).unwrap();
            assert_eq!(key.public().power(&bytes).unwrap(), textbook::i2osp(&c, 256).unwrap());
            assert_eq!(key.power(&mut rng, &bytes).unwrap().reveal(), textbook::i2osp(&m, 256).unwrap());
        }
        assert_eq!(key.public().power(key.public().n()), None);
        assert_eq!(key.power(&mut rng, key.public().n()), None);
        assert_eq!(key.public().power(&[0xff; 257]), None);
        let max = key.public().size() - 11;
        assert!(key.public().encrypt(&mut rng, &vec![7; max]).is_ok());
        assert_eq!(key.public().encrypt(&mut rng, &vec![7; max + 1]), Err(TooLong));
    }
}

#[test]
fn signature_blocks_equal_the_textbooks() {
    for hash in [Sha256, Sha384, Sha512] {
        for size in [256, 384, 512, 300] {
            let block = encode_signature(hash, &hash.digest(b"abc"), size).unwrap();
            assert_eq!(block, textbook::emsa_pkcs1_v1_5_encode(hash, b"abc", size).unwrap());
        }
        let shortest = 19 + hash.output_len() + 11;
        assert!(encode_signature(hash, &hash.digest(b"abc"), shortest).is_ok());
        assert_eq!(encode_signature(hash, &hash.digest(b"abc"), shortest - 1), Err(TooLong));
        assert_eq!(
            textbook::emsa_pkcs1_v1_5_encode(hash, b"abc", shortest - 1),
            Err(textbook::Error::IntendedEncodedMessageLengthTooShort)
        );
    }
}

#[test]
fn encryption_pads_with_bytes_that_are_not_zero() {
    let key = crate::fixed_keys::rsa_2048();
    for seed in 0..200 {
        let block = key.public().pad(&mut Generator::new(seed, 0), b"message").unwrap();
        assert_eq!(block.len(), 256);
        assert_eq!(block[..2], [0, 2]);
        assert!(block[2..248].iter().all(|&byte| byte != 0));
        assert_eq!(block[248..], *b"\0message");
    }
}

#[test]
fn a_signature_is_of_one_message_one_hash_and_one_key() {
    let key = crate::fixed_keys::rsa_2048();
    let mut rng = Generator::new(6, 0);
    let signature = key.sign(&mut rng, Sha256, b"message").unwrap();
    let verifies = |hash: HashAlgorithm, message: &[u8], signature: &[u8]| {
        key.public().verify(hash, message, signature).is_ok()
    };
    assert!(verifies(Sha256, b"message", &signature));
    assert!(!verifies(Sha384, b"message", &signature));
    assert!(!verifies(Sha256, b"massage", &signature));
    assert!(!verifies(Sha256, b"message", &[&[0], &signature[..]].concat()));
    assert!(!verifies(Sha256, b"message", &signature[1..]));
    assert!(!verifies(Sha256, b"message", &[]));
    assert!(!verifies(Sha256, b"message", &[0; 256]));
    assert!(!verifies(Sha256, b"message", &[0xff; 256]));
    for bit in [0, 1023, 2047] {
        let mut other = signature.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(!verifies(Sha256, b"message", &other));
    }
}

#[test]
fn the_textbook_tells_its_steps() {
    use textbook::Step;
    let mut steps = Vec::new();
    let mut rng = Generator::new(2, 0);
    let (public, private) =
        textbook::generate(&mut rng, 256, |step, value| steps.push((step, value.clone())));
    let of = |step: Step| {
        steps.iter().filter(move |(s, _)| *s == step).map(|(_, value)| value).collect::<Vec<_>>()
    };
    assert_eq!(of(Step::Prime), [&private.p, &private.q]);
    assert_eq!(of(Step::Modulus), [&public.n]);
    assert_eq!(of(Step::PrivateExponent), [&private.d]);
    let rejected = of(Step::SmallFactor).len() + of(Step::Witness).len();
    assert_eq!(of(Step::Candidate).len(), rejected + 2);
    assert_eq!(&private.p * &private.q, public.n);

    // 65537 is 1 and sixteen bits: seventeen squarings, two multiplications.
    let mut steps = Vec::new();
    let m = textbook::os2ip(b"attack at dawn");
    let c = textbook::rsaep(&public, &m, |step, _| steps.push(step)).unwrap();
    assert_eq!(steps.iter().filter(|step| matches!(step, Step::Square { .. })).count(), 17);
    let multiplied: Vec<_> = steps.iter().filter(|step| matches!(step, Step::Multiply { .. })).collect();
    assert_eq!(multiplied, [&Step::Multiply { bit: 16 }, &Step::Multiply { bit: 0 }]);
    assert_eq!(textbook::rsadp(&private, &c, textbook::unwatched).unwrap(), m);
}
