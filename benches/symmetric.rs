//! AES-256 in GCM and in CBC, every rung beside OpenSSL: sealing and opening 64 B, 1 KiB and 16 KiB, the size
//! of a TLS record. Opening in GCM is in place, so its ciphertext is copied there first, by all contenders
//! alike. CBC encryption has no limit to be held against: each block waits for the one before it, so that the
//! units idle.

mod limit;
mod openssl;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use cutaway::symmetric::aead::Nonce;
use cutaway::symmetric::aes::textbook::KeySchedule;
use cutaway::symmetric::cbc::Aes256Cbc;
use cutaway::symmetric::gcm::Aes256Gcm;
use cutaway::symmetric::gcm::textbook::gcm_ae;
use cutaway_benches::{Contender, Ladder, quick};
use openssl::OpenSsl;

const KEY: [u8; 32] = [0x42; 32];
const NONCE: [u8; 12] = [0x24; 12];
/// As long as the associated data of a TLS 1.2 record.
const AAD: [u8; 13] = [0x17; 13];
const SIZES: [usize; 3] = [64, 1024, 16 * 1024];

fn main() {
    let openssl = OpenSsl::open();
    let works: [(&str, MakeContenders); 4] = [
        ("AES-256-GCM seal", sealers),
        ("AES-256-GCM open", openers),
        ("AES-256-CBC encrypt", encrypters),
        ("AES-256-CBC decrypt", decrypters),
    ];
    if let Some(mut ladder) = Ladder::wanted("symmetric") {
        let aes_round = limit::aes_round();
        for (work, contenders) in works {
            for size in SIZES {
                // Fourteen rounds for each block of text.
                let limit = aes_round.filter(|_| work != "AES-256-CBC encrypt");
                let limit = limit.map(|ns| ns * 14.0 * (size / 16) as f64);
                ladder.measure(work, Some(size as u64), limit, &mut contenders(openssl.as_ref(), size));
            }
        }
        ladder.write().expect("target/ladder can be written");
    }

    let mut criterion = criterion();
    for (work, contenders) in works {
        let mut group = criterion.benchmark_group(work);
        for size in SIZES {
            group.throughput(Throughput::Bytes(size as u64));
            for mut contender in contenders(openssl.as_ref(), size) {
                let id = BenchmarkId::new(contender.to_string(), size);
                group.bench_function(id, |bencher| bencher.iter(|| contender.run()));
            }
        }
        group.finish();
    }
    criterion.final_summary();
}

/// With `--quick`, criterion's own statistics and charts would take longer than the measuring.
fn criterion() -> Criterion {
    let criterion = Criterion::default().warm_up_time(Duration::from_millis(300));
    if quick() {
        criterion.measurement_time(Duration::from_millis(200)).nresamples(1000).without_plots()
    } else {
        criterion.measurement_time(Duration::from_secs(2))
    }
    .configure_from_args()
}

type MakeContenders = fn(Option<&OpenSsl>, usize) -> Vec<Contender<'static>>;

fn sealers(openssl: Option<&OpenSsl>, size: usize) -> Vec<Contender<'static>> {
    let nonce = Nonce(NONCE);
    let mut contenders = Vec::new();
    if size == SIZES[0] {
        let schedule = KeySchedule::new(&KEY);
        let text = vec![0; size];
        contenders.push(Contender::cutaway("textbook", move || {
            black_box(gcm_ae(&schedule, &NONCE, black_box(&text), &AAD, |_, _| ()));
        }));
    }
    for rung in Aes256Gcm::rungs() {
        let key = Aes256Gcm::on(rung, &KEY).expect("listed in rungs()");
        let mut buffer = vec![0; size];
        contenders.push(Contender::cutaway(rung, move || {
            black_box(key.seal_in_place(&nonce, &AAD, black_box(&mut buffer)).expect("short enough"));
        }));
    }
    if let Some(openssl) = openssl {
        let mut key = openssl.sealer(&KEY);
        let mut buffer = vec![0; size];
        assert_eq!(key.seal(&NONCE, &AAD, &mut buffer), sealed(size).1, "we and OpenSSL agree");
        contenders.push(Contender::peer(openssl.name(), move || {
            black_box(key.seal(&NONCE, &AAD, black_box(&mut buffer)));
        }));
    }
    contenders
}

fn openers(openssl: Option<&OpenSsl>, size: usize) -> Vec<Contender<'static>> {
    let nonce = Nonce(NONCE);
    let mut contenders = Vec::new();
    for rung in Aes256Gcm::rungs() {
        let key = Aes256Gcm::on(rung, &KEY).expect("listed in rungs()");
        let (ciphertext, tag) = sealed(size);
        let tag = cutaway::symmetric::aead::Tag(tag);
        let mut buffer = ciphertext.clone();
        contenders.push(Contender::cutaway(rung, move || {
            buffer.copy_from_slice(&ciphertext);
            key.open_in_place(&nonce, &AAD, black_box(&mut buffer), &tag).expect("the tag is right");
        }));
    }
    if let Some(openssl) = openssl {
        let mut key = openssl.opener(&KEY);
        let (ciphertext, tag) = sealed(size);
        let mut buffer = ciphertext.clone();
        contenders.push(Contender::peer(openssl.name(), move || {
            buffer.copy_from_slice(&ciphertext);
            assert!(key.open(&NONCE, &AAD, black_box(&mut buffer), &tag), "the tag is right");
        }));
    }
    contenders
}

/// So many zeros, sealed.
fn sealed(size: usize) -> (Vec<u8>, [u8; 16]) {
    let mut buffer = vec![0; size];
    let tag = Aes256Gcm::new(&KEY).seal_in_place(&Nonce(NONCE), &AAD, &mut buffer).expect("short enough");
    (buffer, tag.0)
}

fn encrypters(openssl: Option<&OpenSsl>, size: usize) -> Vec<Contender<'static>> {
    chains(openssl, size, true)
}

fn decrypters(openssl: Option<&OpenSsl>, size: usize) -> Vec<Contender<'static>> {
    chains(openssl, size, false)
}

/// In place, again and again. The IV is the last block before, or one run would begin before the other ends.
fn chains(openssl: Option<&OpenSsl>, size: usize, encrypts: bool) -> Vec<Contender<'static>> {
    let last = |buffer: &[u8]| *buffer.last_chunk().expect("whole blocks");
    let run = move |key: &Aes256Cbc, buffer: &mut [u8]| {
        let (iv, blocks) = (last(buffer), buffer.as_chunks_mut().0);
        if encrypts { key.encrypt(&iv, blocks) } else { key.decrypt(&iv, blocks) }
    };
    let mut contenders = Vec::new();
    for rung in Aes256Cbc::rungs() {
        let key = Aes256Cbc::on(rung, &KEY).expect("listed in rungs()");
        let mut buffer = vec![0; size];
        contenders.push(Contender::cutaway(rung, move || run(&key, black_box(&mut buffer))));
    }
    if let Some(openssl) = openssl {
        let mut key = openssl.chain(&KEY, encrypts);
        let (mut buffer, mut ours) = (vec![0; size], vec![0; size]);
        key.run(&last(&buffer), &mut buffer);
        run(&Aes256Cbc::new(&KEY), &mut ours);
        assert_eq!(buffer, ours, "we and OpenSSL agree");
        contenders.push(Contender::peer(openssl.name(), move || {
            let iv = last(&buffer);
            key.run(&iv, black_box(&mut buffer));
        }));
    }
    contenders
}
