//! Why hybrid: how long RSA and AES take, measured in this run.

use std::time::Instant;

use rand::CryptoRng;

use crate::asymmetric::rsa::RsaPrivateKey;
use crate::tls::CipherSuite;
use crate::tls::record::{ContentType, MAX_PLAINTEXT};
use crate::tls::v12::key_schedule::{Keys, Side, key_block};

const MEBIBYTE: usize = 1 << 20;

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured {
    /// Bits of the RSA key.
    pub(super) rsa_bits: usize,
    /// Seconds for one operation with the private key.
    pub(super) rsa: f64,
    /// The cipher's name.
    pub(super) cipher: &'static str,
    /// Bytes that the cipher seals in a second.
    pub(super) aes: f64,
}

impl Measured {
    /// Bytes that one RSA encryption carries: the modulus, less 11 for the padding (RFC 8017 §7.2.1).
    pub(super) fn rsa_carries(&self) -> usize {
        self.rsa_bits / 8 - 11
    }

    /// Operations with the private key that a mebibyte would take, piece by piece.
    pub(super) fn rsa_operations(&self) -> usize {
        MEBIBYTE.div_ceil(self.rsa_carries())
    }

    /// Seconds that those would take.
    pub(super) fn rsa_mebibyte(&self) -> f64 {
        self.rsa_operations() as f64 * self.rsa
    }

    /// Seconds to seal a mebibyte with AES.
    pub(super) fn aes_mebibyte(&self) -> f64 {
        MEBIBYTE as f64 / self.aes
    }
}

/// Measures both, each several times, and takes the middle of them.
pub(super) fn measure(
    key: &RsaPrivateKey,
    suite: CipherSuite,
    cipher: &'static str,
    rng: &mut impl CryptoRng,
) -> Measured {
    let message = [1; 48];
    let sealed = key.public().encrypt(rng, &message).expect("48 bytes fit");
    let rsa = median(5, || {
        let opened = key.decrypt(rng, &sealed);
        assert!(opened.is_ok_and(|opened| opened.reveal() == message), "what was sealed opens");
    });
    let parameters = suite.parameters().expect("a suite that was just spoken");
    let block = key_block(parameters, &[7; 48], &[], &[]);
    let mut direction = Keys::of(&block, parameters).protection(Side::Client);
    let text = vec![0; MAX_PLAINTEXT];
    let mut records = Vec::with_capacity(2 * MEBIBYTE);
    let aes = median(5, || {
        records.clear();
        for _ in 0..MEBIBYTE / MAX_PLAINTEXT {
            let sealed = direction.seal(rng, ContentType::APPLICATION_DATA, &text, &mut records);
            sealed.expect("far from 2⁶⁴ records");
        }
    });
    Measured { rsa_bits: key.public().bits(), rsa, cipher, aes: MEBIBYTE as f64 / aes }
}

/// The middle of the seconds that `run` takes.
fn median(times: usize, mut run: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..times)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[times / 2].max(1e-9)
}
