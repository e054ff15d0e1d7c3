//! Faults that valgrind must find: what a good programmer writes who does not think of time.

use std::hint::black_box;

use cutaway::symmetric::aes::textbook;
use cutaway::symmetric::chacha20::Generator;
use cutaway_tests::valgrind::memcheck::hide;

use crate::pair::KEY;
use crate::{public, secret};

/// What valgrind says of a branch.
pub const BRANCH: &str = "Conditional jump or move depends on uninitialised value(s)";

/// What it says of an index.
pub const ADDRESS: &str = "Use of uninitialised value of size 8";

/// A name, what it is found by, and what does it.
pub const CASES: &[(&str, &str, fn())] = &[
    ("the_textbooks_aes", ADDRESS, textbook_aes),
    ("a_table_with_a_secret_index", ADDRESS, table),
    ("a_comparison_that_stops_early", BRANCH, early_comparison),
    ("a_comparison_of_slices", BRANCH, slices),
    ("a_branch_on_a_bit_of_an_exponent", BRANCH, square_and_multiply),
    ("an_unpadding_that_returns_early", BRANCH, unpadding),
];

fn textbook_aes() {
    let schedule = textbook::KeySchedule::new(&secret::<16>());
    let state = textbook::State::new(&public());
    black_box(textbook::cipher(state, &schedule, |_, _| {}).output());
}

#[inline(never)]
fn table() {
    let table: [u8; 256] = std::array::from_fn(|b| textbook::sbox(b as u8));
    let [index] = secret();
    black_box(black_box(&table)[usize::from(index)]);
}

#[inline(never)]
fn early_comparison() {
    let (one, other) = (secret::<16>(), public::<16>());
    let mut i = 0;
    while i < 16 && one[i] == other[i] {
        i += 1;
    }
    black_box(i);
}

#[inline(never)]
fn slices() {
    let (one, other) = (secret::<48>(), public::<48>());
    if one[..] == *black_box(&other[..]) {
        black_box(());
    }
}

#[inline(never)]
fn square_and_multiply() {
    let [exponent] = secret();
    let mut power = 1_u64;
    for bit in (0..8).rev() {
        power = power.wrapping_mul(power) % 1_000_003;
        if exponent >> bit & 1 == 1 {
            power = black_box(power.wrapping_mul(7) % 1_000_003);
        }
    }
    black_box(power);
}

/// A block as `power` gives it, looked at from the left as RFC 8017 §7.2.2 tells it.
#[inline(never)]
fn unpadding() {
    let mut rng = Generator::new(6, 0);
    let ciphertext = KEY.public().encrypt(&mut rng, &public::<48>()).expect("48 bytes fit");
    let mut block = KEY.power(&mut rng, &ciphertext).expect("less than n").reveal().to_vec();
    hide(&mut block);
    black_box(message(&block));
}

#[inline(never)]
pub fn message(block: &[u8]) -> Option<&[u8]> {
    let padded = block.strip_prefix(&[0, 2])?;
    let end = padded.iter().position(|&byte| byte == 0).filter(|&end| end >= 8)?;
    Some(&padded[end + 1..])
}
