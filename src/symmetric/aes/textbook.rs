//! AES as [FIPS 197] writes it, step by step.
//!
//! Variable-time: it looks the S-box up at secret places. Nothing uses it by default; it is there to be
//! read, to be watched, and to say what every rung must compute.
//!
//! ```
//! use cutaway::symmetric::aes::textbook::{KeySchedule, State, Step, cipher};
//!
//! let w = KeySchedule::new(&[0; 16]);
//! let mut rounds = Vec::new();
//! let output = cipher(State::new(&[0; 16]), &w, |step, state| {
//!     if let Step::AddRoundKey(round) = step {
//!         rounds.push((round, state.to_string()));
//!     }
//! });
//! assert_eq!(rounds.len(), 11);
//! assert_eq!(rounds[10].1, output.to_string());
//! ```
//!
//! [FIPS 197]: https://doi.org/10.6028/NIST.FIPS.197-upd1

use std::fmt;
use std::sync::OnceLock;

use super::Block;

/// The state, FIPS 197 §3.4: four rows and four columns of bytes, filled column by column.
///
/// It prints as the standard prints it: 32 hex digits, in the order of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// s\[r\]\[c\]: the byte in row r, column c.
    pub s: [[u8; 4]; 4],
}

impl State {
    /// s\[r, c\] = in\[r + 4c\] (3.6).
    #[must_use]
    pub fn new(input: &Block) -> Self {
        Self { s: std::array::from_fn(|r| std::array::from_fn(|c| input[r + 4 * c])) }
    }

    /// out\[r + 4c\] = s\[r, c\] (3.7).
    #[must_use]
    pub fn output(&self) -> Block {
        std::array::from_fn(|i| self.s[i % 4][i / 4])
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.output()))
    }
}

/// A step of CIPHER() or INVCIPHER(): the transformation, and the round it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The standard's names; each is documented at its function.
pub enum Step {
    AddRoundKey(usize),
    SubBytes(usize),
    ShiftRows(usize),
    MixColumns(usize),
    InvSubBytes(usize),
    InvShiftRows(usize),
    InvMixColumns(usize),
}

/// CIPHER(in, Nr, w), FIPS 197 Algorithm 1. `watch` sees the state after every step.
pub fn cipher(input: State, w: &KeySchedule, mut watch: impl FnMut(Step, &State)) -> State {
    let mut state = input;
    add_round_key(&mut state, w, 0);
    watch(Step::AddRoundKey(0), &state);
    for round in 1..w.rounds() {
        sub_bytes(&mut state);
        watch(Step::SubBytes(round), &state);
        shift_rows(&mut state);
        watch(Step::ShiftRows(round), &state);
        mix_columns(&mut state);
        watch(Step::MixColumns(round), &state);
        add_round_key(&mut state, w, round);
        watch(Step::AddRoundKey(round), &state);
    }
    let last = w.rounds();
    sub_bytes(&mut state);
    watch(Step::SubBytes(last), &state);
    shift_rows(&mut state);
    watch(Step::ShiftRows(last), &state);
    add_round_key(&mut state, w, last);
    watch(Step::AddRoundKey(last), &state);
    state
}

/// INVCIPHER(in, Nr, w), FIPS 197 Algorithm 3: the steps undone, in reverse. The round of a [`Step`] is
/// that of the round key in use, so it counts down.
pub fn inv_cipher(input: State, w: &KeySchedule, mut watch: impl FnMut(Step, &State)) -> State {
    let mut state = input;
    let last = w.rounds();
    add_round_key(&mut state, w, last);
    watch(Step::AddRoundKey(last), &state);
    for round in (1..last).rev() {
        inv_shift_rows(&mut state);
        watch(Step::InvShiftRows(round), &state);
        inv_sub_bytes(&mut state);
        watch(Step::InvSubBytes(round), &state);
        add_round_key(&mut state, w, round);
        watch(Step::AddRoundKey(round), &state);
        inv_mix_columns(&mut state);
        watch(Step::InvMixColumns(round), &state);
    }
    inv_shift_rows(&mut state);
    watch(Step::InvShiftRows(0), &state);
    inv_sub_bytes(&mut state);
    watch(Step::InvSubBytes(0), &state);
    add_round_key(&mut state, w, 0);
    watch(Step::AddRoundKey(0), &state);
    state
}

/// ADDROUNDKEY(), FIPS 197 §5.1.4: column c is combined with word w\[4·round + c\] by XOR.
pub fn add_round_key(state: &mut State, w: &KeySchedule, round: usize) {
    for c in 0..4 {
        for r in 0..4 {
            state.s[r][c] ^= w.words()[4 * round + c][r];
        }
    }
}

/// SUBBYTES(), FIPS 197 §5.1.1: each byte through [`sbox`].
pub fn sub_bytes(state: &mut State) {
    state.s = state.s.map(|row| row.map(sbox));
}

/// INVSUBBYTES(), FIPS 197 §5.3.2: each byte through [`inv_sbox`].
pub fn inv_sub_bytes(state: &mut State) {
    state.s = state.s.map(|row| row.map(inv_sbox));
}

/// SHIFTROWS(), FIPS 197 §5.1.2: row r moves r places to the left, and around.
pub fn shift_rows(state: &mut State) {
    for (r, row) in state.s.iter_mut().enumerate() {
        row.rotate_left(r);
    }
}

/// INVSHIFTROWS(), FIPS 197 §5.3.1: row r moves r places to the right, and around.
pub fn inv_shift_rows(state: &mut State) {
    for (r, row) in state.s.iter_mut().enumerate() {
        row.rotate_right(r);
    }
}

/// MIXCOLUMNS(), FIPS 197 §5.1.3: each column multiplied by a fixed matrix over GF(2⁸).
pub fn mix_columns(state: &mut State) {
    multiply_columns(state, [0x02, 0x03, 0x01, 0x01]);
}

/// INVMIXCOLUMNS(), FIPS 197 §5.3.3: each column multiplied by the inverse of that matrix.
pub fn inv_mix_columns(state: &mut State) {
    multiply_columns(state, [0x0e, 0x0b, 0x0d, 0x09]);
}

/// Each column times the matrix whose first row is given; each row is the one above it, moved one place
/// to the right and around (5.8, 5.15).
fn multiply_columns(state: &mut State, first_row: [u8; 4]) {
    let s = state.s;
    for (r, row) in state.s.iter_mut().enumerate() {
        for (c, byte) in row.iter_mut().enumerate() {
            *byte = (0..4).fold(0, |sum, i| sum ^ multiply(first_row[(i + 4 - r) % 4], s[i][c]));
        }
    }
}

/// XTIMES(), FIPS 197 §4.2: b·x in GF(2⁸), that is, modulo m(x) = x⁸ + x⁴ + x³ + x + 1 (4.5).
#[must_use]
pub fn xtimes(b: u8) -> u8 {
    let doubled = b << 1;
    if b & 0x80 == 0 { doubled } else { doubled ^ 0x1b }
}

/// b • c in GF(2⁸), FIPS 197 §4.2: b times each power of x that stands in c, added up.
#[must_use]
pub fn multiply(b: u8, c: u8) -> u8 {
    let mut product = 0;
    let mut power = b;
    for i in 0..8 {
        if c >> i & 1 == 1 {
            product ^= power;
        }
        power = xtimes(power);
    }
    product
}

/// b⁻¹ in GF(2⁸), and 0 for 0 (5.2): b²⁵⁴, since b²⁵⁵ = 1 for every b but 0 (4.10).
#[must_use]
pub fn inverse(b: u8) -> u8 {
    (0..254).fold(1, |power, _| multiply(power, b))
}

/// SBOX(), FIPS 197 §5.1.1: the inverse in GF(2⁸), then an affine map of its bits (5.3). Computed once
/// into the standard's Table 4, and looked up.
#[must_use]
pub fn sbox(b: u8) -> u8 {
    tables().0[usize::from(b)]
}

/// INVSBOX(), FIPS 197 §5.3.2: the inverse of [`sbox`], Table 6.
#[must_use]
pub fn inv_sbox(b: u8) -> u8 {
    tables().1[usize::from(b)]
}

fn tables() -> &'static ([u8; 256], [u8; 256]) {
    static TABLES: OnceLock<([u8; 256], [u8; 256])> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = ([0; 256], [0; 256]);
        for b in 0..=255 {
            let inverse = inverse(b);
            // Bit i is the sum of bits i, i+4, i+5, i+6, i+7 (mod 8) of the inverse, and of bit i of 63 (5.3).
            let s = [0, 4, 3, 2, 1].iter().fold(0x63, |s, &n| s ^ inverse.rotate_left(n));
            tables.0[usize::from(b)] = s;
            tables.1[usize::from(s)] = b;
        }
        tables
    })
}

/// The round keys w\[0\] … w\[4·Nr + 3\], FIPS 197 §5.2.
#[derive(Clone)]
pub struct KeySchedule(Vec<Word>);

/// Four bytes, FIPS 197 §3.5.
pub type Word = [u8; 4];

/// A step of KEYEXPANSION() on `temp`, with the index i of the word in the making, as in the columns of
/// FIPS 197 Appendix A.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyStep {
    /// temp = w\[i−1\].
    Temp(usize),
    /// After ROTWORD().
    RotWord(usize),
    /// After SUBWORD().
    SubWord(usize),
    /// After ⊕ Rcon\[i/Nk\].
    Rcon(usize),
    /// w\[i\] = w\[i−Nk\] ⊕ temp.
    Word(usize),
}

impl KeySchedule {
    /// KEYEXPANSION() of a key of 16, 24 or 32 bytes.
    ///
    /// # Panics
    /// If the key has another length.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        key_expansion(key, |_, _| ())
    }

    /// The words w\[i\].
    #[must_use]
    pub fn words(&self) -> &[Word] {
        &self.0
    }

    /// Nr, the number of rounds: 10, 12 or 14 (Table 3).
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.0.len() / 4 - 1
    }
}

/// KEYEXPANSION(key), FIPS 197 Algorithm 2. `watch` sees temp after every step of it.
///
/// # Panics
/// If the key is not 16, 24 or 32 bytes long.
pub fn key_expansion(key: &[u8], mut watch: impl FnMut(KeyStep, &Word)) -> KeySchedule {
    assert!(matches!(key.len(), 16 | 24 | 32), "an AES key has 16, 24 or 32 bytes");
    let nk = key.len() / 4;
    let nr = nk + 6;
    let mut w: Vec<Word> = key.chunks_exact(4).map(|k| [k[0], k[1], k[2], k[3]]).collect();
    // Rcon[j] = [x^(j−1), 0, 0, 0] (Table 5).
    let mut rcon = 0x01;
    for i in nk..4 * (nr + 1) {
        let mut temp = w[i - 1];
        watch(KeyStep::Temp(i), &temp);
        if i % nk == 0 {
            temp.rotate_left(1);
            watch(KeyStep::RotWord(i), &temp);
            temp = temp.map(sbox);
            watch(KeyStep::SubWord(i), &temp);
            temp[0] ^= rcon;
            watch(KeyStep::Rcon(i), &temp);
            rcon = xtimes(rcon);
        } else if nk > 6 && i % nk == 4 {
            temp = temp.map(sbox);
            watch(KeyStep::SubWord(i), &temp);
        }
        let word = std::array::from_fn(|r| w[i - nk][r] ^ temp[r]);
        watch(KeyStep::Word(i), &word);
        w.push(word);
    }
    KeySchedule(w)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 197 §4.2: {57} • {13} = {fe}; §5.1.1: SBOX({53}) = {ed}.
    #[test]
    fn computes_the_examples_of_the_standards_text() {
        assert_eq!(multiply(0x57, 0x13), 0xfe);
        assert_eq!(sbox(0x53), 0xed);
        assert_eq!(inv_sbox(0xed), 0x53);
    }

    #[test]
    fn every_byte_but_zero_has_an_inverse() {
        assert!((1..=255).all(|b| multiply(b, inverse(b)) == 1));
        assert_eq!(inverse(0), 0);
    }
}
