//! What the machine could do at best: the speed at which its units begin AES rounds when nothing else is asked of
//! them. No AES-GCM can be faster than its rounds.

#![allow(unsafe_code)]

use std::time::Instant;

/// Nanoseconds for one round of one block, with the widest instructions there are; `None` without any.
pub fn aes_round() -> Option<f64> {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("vaes") && is_x86_feature_detected!("avx512f") {
            // SAFETY: the features of `rounds_of_four` were detected.
            return Some(best(4, || unsafe { x86::rounds_of_four() }));
        }
        if is_x86_feature_detected!("aes") {
            // SAFETY: the features of `rounds_of_one` were detected.
            return Some(best(1, || unsafe { x86::rounds_of_one() }));
        }
    }
    None
}

/// The shortest of many times of `rounds`, for one of its rounds of one block.
#[cfg(target_arch = "x86_64")]
fn best(blocks: usize, rounds: impl Fn()) -> f64 {
    let time = || {
        let start = Instant::now();
        rounds();
        start.elapsed().as_secs_f64() * 1e9
    };
    let shortest = (0..1000).map(|_| time()).min_by(f64::total_cmp).expect("a thousand times");
    shortest / (x86::ROUNDS * x86::CHAINS * blocks) as f64
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::hint::black_box;

    /// Blocks, or registers of four, side by side: more than one round takes cycles.
    pub(super) const CHAINS: usize = 12;
    /// Rounds in one measurement.
    pub(super) const ROUNDS: usize = 1000;

    #[target_feature(enable = "aes")]
    pub(super) fn rounds_of_one() {
        let key = black_box(_mm_set1_epi32(1));
        let mut states = black_box([key; CHAINS]);
        for _ in 0..ROUNDS {
            for state in &mut states {
                *state = _mm_aesenc_si128(*state, key);
            }
        }
        black_box(states);
    }

    #[target_feature(enable = "vaes,avx512f")]
    pub(super) fn rounds_of_four() {
        let key = black_box(_mm512_set1_epi32(1));
        let mut states = black_box([key; CHAINS]);
        for _ in 0..ROUNDS {
            for state in &mut states {
                *state = _mm512_aesenc_epi128(*state, key);
            }
        }
        black_box(states);
    }
}
