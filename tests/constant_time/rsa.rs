//! RSA's private half, with a key of which nothing but the modulus and the exponent e is public.

use cutaway::asymmetric::rsa::{RsaComponents, RsaPrivateKey};
use cutaway::hash::HashAlgorithm;
use cutaway::symmetric::chacha20::Generator;
use cutaway_tests::valgrind::memcheck::{hide, publish};
use rand::{TryCryptoRng, TryRng};

use crate::pair::KEY;
use crate::{Case, public, secret, still_secret};

pub const SIGNATURE: &[Case] = &[("signature", sign)];

pub const DECRYPTION: &[Case] = &[("encryption", encrypt), ("decryption", decrypt)];

pub const PREMASTER: &[Case] = &[("premaster secrets", premaster)];

pub const GENERATION: &[Case] = &[("generation", generate)];

/// Random numbers that nobody knows.
pub struct SecretGenerator(pub Generator);

impl TryRng for SecretGenerator {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        unreachable!("the library asks for bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        unreachable!("the library asks for bytes")
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Self::Error> {
        self.0.try_fill_bytes(into)?;
        hide(into);
        Ok(())
    }
}

impl TryCryptoRng for SecretGenerator {}

pub fn random() -> SecretGenerator {
    SecretGenerator(Generator::new(5, 0))
}

/// The fixtures' key, made of secret numbers. To look at them before they are taken is part of the case.
pub fn secret_key() -> RsaPrivateKey {
    let numbers = KEY.components();
    let mut secrets = [&numbers.d, &numbers.p, &numbers.q, &numbers.dp, &numbers.dq, &numbers.qinv]
        .map(|number| number.reveal().to_vec());
    secrets.iter_mut().for_each(|number| hide(number));
    let [d, p, q, dp, dq, qinv] = &secrets;
    let key = RsaComponents { n: &numbers.n, e: &numbers.e, d, p, q, dp, dq, qinv };
    RsaPrivateKey::new(key).expect("the numbers belong together")
}

fn sign() {
    let mut signature =
        secret_key().sign(&mut random(), HashAlgorithm::Sha256, &public::<99>()).expect("a key");
    still_secret(&signature);
    publish(&mut signature);
    assert_eq!(KEY.public().verify(HashAlgorithm::Sha256, &public::<99>(), &signature), Ok(()));
}

fn encrypt() {
    let mut ciphertext = KEY.public().encrypt(&mut random(), &secret::<48>()).expect("48 bytes fit");
    still_secret(&ciphertext);
    publish(&mut ciphertext);
    assert_eq!(
        KEY.decrypt_premaster(&mut Generator::new(6, 0), &ciphertext, [0xa7, 0x9c]).reveal().len(),
        48
    );
}

fn decrypt() {
    let key = secret_key();
    let good = KEY.public().encrypt(&mut Generator::new(6, 0), &public::<48>()).expect("48 bytes fit");
    for ciphertext in [good.as_slice(), &[0x11; 256]] {
        let message = key.decrypt(&mut random(), ciphertext).expect("it fits");
        still_secret(message.reveal());
        assert_eq!(message.reveal().len() == 48, ciphertext == good, "its length is public");
    }
}

/// A good one, a bad one, and one that does not fit.
fn premaster() {
    let key = secret_key();
    let good = KEY.public().encrypt(&mut Generator::new(6, 0), &public::<48>()).expect("48 bytes fit");
    for ciphertext in [good.as_slice(), &[0x11; 256], &[0x11; 7]] {
        let premaster = key.decrypt_premaster(&mut random(), ciphertext, [3, 3]);
        still_secret(&premaster.reveal()[2..]);
    }
}

fn generate() {
    let key =
        RsaPrivateKey::generate(&mut SecretGenerator(Generator::new(1, 0)), 2048).expect("a size of ours");
    still_secret(&key.public().n()[1..255]);
}
