//! RSA with keys of 2048, 3072 and 4096 bits, every rung beside OpenSSL: signing, verifying, decrypting a
//! premaster secret.

mod openssl_rsa;

use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use cutaway::asymmetric::rsa::RsaPrivateKey;
use cutaway::hash::HashAlgorithm::Sha256;
use cutaway::symmetric::chacha20::Generator;
use cutaway_benches::{Contender, Ladder};
use openssl_rsa::OpenSslRsa;

const MESSAGE: &[u8] = b"attack at dawn";

fn main() {
    let keys = [2048, 3072, 4096].map(|bits| (bits, make(bits)));
    let works: [(&str, MakeContenders); 3] =
        [("sign", signers), ("verify", verifiers), ("decrypt", decrypters)];
    if let Some(mut ladder) = Ladder::wanted("asymmetric") {
        for (work, contenders) in works {
            for (bits, key) in &keys {
                ladder.measure(&format!("RSA-{bits} {work}"), None, None, &mut contenders(key));
            }
        }
        ladder.write().expect("target/ladder can be written");
    }

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for (work, contenders) in works {
        let mut group = criterion.benchmark_group(format!("RSA {work}"));
        for (bits, key) in &keys {
            for mut contender in contenders(key) {
                let id = BenchmarkId::new(contender.to_string(), bits);
                group.bench_function(id, |bencher| bencher.iter(|| contender.run()));
            }
        }
        group.finish();
    }
    criterion.final_summary();
}

type MakeContenders = fn(&Keys) -> Vec<Contender<'static>>;

/// One key: on every rung of ours, and OpenSSL's.
struct Keys {
    ours: Vec<Rc<RsaPrivateKey>>,
    openssl: Option<Rc<OpenSslRsa>>,
}

fn make(bits: usize) -> Keys {
    let key = RsaPrivateKey::generate(&mut rng(), bits).expect("a size that is generated");
    let numbers = key.components();
    let on = |rung| RsaPrivateKey::on(rung, numbers.borrow()).ok().flatten().expect("listed in rungs()");
    let ours = RsaPrivateKey::rungs().into_iter().map(|rung| Rc::new(on(rung))).collect();
    Keys { ours, openssl: OpenSslRsa::open(numbers.borrow()).map(Rc::new) }
}

fn rng() -> Generator {
    Generator::new(1, 0)
}

fn signers(keys: &Keys) -> Vec<Contender<'static>> {
    let mut contenders = Vec::new();
    for key in &keys.ours {
        let key = Rc::clone(key);
        let mut rng = rng();
        contenders.push(Contender::cutaway(key.rung(), move || {
            black_box(key.sign(&mut rng, Sha256, black_box(MESSAGE)).expect("no fault"));
        }));
    }
    if let Some(openssl) = keys.openssl.clone() {
        let ours = keys.ours[0].sign(&mut rng(), Sha256, MESSAGE).expect("no fault");
        assert_eq!(openssl.sign(&Sha256.digest(MESSAGE)), ours, "we and OpenSSL agree");
        contenders.push(Contender::peer(openssl.name(), move || {
            black_box(openssl.sign(&Sha256.digest(black_box(MESSAGE))));
        }));
    }
    contenders
}

fn verifiers(keys: &Keys) -> Vec<Contender<'static>> {
    let signature = keys.ours[0].sign(&mut rng(), Sha256, MESSAGE).expect("no fault");
    let mut contenders = Vec::new();
    for key in &keys.ours {
        let key = Rc::clone(key);
        let signature = signature.clone();
        contenders.push(Contender::cutaway(key.rung(), move || {
            key.public().verify(Sha256, black_box(MESSAGE), &signature).expect("it is ours");
        }));
    }
    if let Some(openssl) = keys.openssl.clone() {
        contenders.push(Contender::peer(openssl.name(), move || {
            assert!(openssl.verify(&Sha256.digest(black_box(MESSAGE)), &signature), "it is ours");
        }));
    }
    contenders
}

fn decrypters(keys: &Keys) -> Vec<Contender<'static>> {
    let premaster = [3; 48];
    let ciphertext = keys.ours[0].public().encrypt(&mut rng(), &premaster).expect("short enough");
    let mut contenders = Vec::new();
    for key in &keys.ours {
        let key = Rc::clone(key);
        let (mut rng, ciphertext) = (rng(), ciphertext.clone());
        contenders.push(Contender::cutaway(key.rung(), move || {
            let opened = key.decrypt_premaster(&mut rng, black_box(&ciphertext), [3, 3]);
            assert_eq!(opened.reveal(), &premaster);
        }));
    }
    if let Some(openssl) = keys.openssl.clone() {
        contenders.push(Contender::peer(openssl.name(), move || {
            assert_eq!(openssl.decrypt(black_box(&ciphertext)), premaster);
        }));
    }
    contenders
}
