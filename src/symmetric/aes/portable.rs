//! AES without tables and without branches: bitsliced, four blocks at a time.
//!
//! *Constant time. Secret: key, round keys, blocks.*
//!
//! A table look-up tells, through the cache, where it looked. So nothing is looked up here: the S-box is
//! a circuit of XORs and ANDs (`sub_bytes.rs`), and to make it worth the while, the bits of 64 bytes
//! go through it side by side. Plane i holds bit i of all the bytes of four blocks; the byte in row r
//! and column c of block b stands at bit 16·r + 4·c + b of each plane. With that order
//!
//! - MixColumns, which adds up bytes of different rows, turns planes by multiples of 16;
//! - ShiftRows turns each group of sixteen bits by a multiple of 4;
//! - AddRoundKey is eight XORs.
//!
//! Each function equals that of the same name in [`textbook`](super::textbook).

mod sub_bytes;

use std::array;

use zeroize::Zeroize;

use self::sub_bytes::{inv_sub_bytes, sub_bytes};
use super::Block;

/// Four states, bitsliced: plane i holds bit i of every byte.
type Planes = [u64; 8];

/// How many blocks go through the rounds side by side.
pub const BLOCKS: usize = 4;

/// The round keys, each bitsliced and repeated for the four blocks. Zeroed when dropped.
#[derive(Clone)]
pub struct Schedule {
    round_keys: [Planes; 15],
    /// Nr: 10, 12 or 14.
    rounds: usize,
}

impl Schedule {
    /// KEYEXPANSION(), FIPS 197 Algorithm 2, for a key of 16, 24 or 32 bytes.
    #[must_use]
    pub fn new<const KEY: usize>(key: &[u8; KEY]) -> Self {
        let nk = KEY / 4;
        let rounds = nk + 6;
        let mut w = [[0; 4]; 60];
        for (word, bytes) in w.iter_mut().zip(key.chunks_exact(4)) {
            word.copy_from_slice(bytes);
        }
        let mut rcon = 0x01;
        for i in nk..4 * (rounds + 1) {
            let mut temp: [u8; 4] = w[i - 1];
            if i % nk == 0 {
                temp.rotate_left(1);
                sub_word(&mut temp);
                temp[0] ^= rcon;
                // The constants are public: this branch is on none but the round.
                rcon = if rcon == 0x80 { 0x1b } else { rcon << 1 };
            } else if nk > 6 && i % nk == 4 {
                sub_word(&mut temp);
            }
            w[i] = array::from_fn(|r| w[i - nk][r] ^ temp[r]);
            temp.zeroize();
        }

        let mut schedule = Self { round_keys: [[0; 8]; 15], rounds };
        for (planes, words) in schedule.round_keys.iter_mut().zip(w.as_chunks::<4>().0) {
            let mut round_key = [0; 16];
            round_key.copy_from_slice(words.as_flattened());
            *planes = pack(&[round_key; BLOCKS]);
            round_key.zeroize();
        }
        w.zeroize();
        schedule
    }

    /// CIPHER(), FIPS 197 Algorithm 1, of each of these blocks, four at a time.
    pub fn encrypt(&self, blocks: &mut [Block]) {
        self.each_four(blocks, |mut state| {
            add_round_key(&mut state, &self.round_keys[0]);
            for round_key in &self.round_keys[1..self.rounds] {
                sub_bytes(&mut state);
                shift_rows(&mut state);
                mix_columns(&mut state);
                add_round_key(&mut state, round_key);
            }
            sub_bytes(&mut state);
            shift_rows(&mut state);
            add_round_key(&mut state, &self.round_keys[self.rounds]);
            state
        });
    }

    /// INVCIPHER(), FIPS 197 Algorithm 3, of each of these blocks, four at a time.
    pub fn decrypt(&self, blocks: &mut [Block]) {
        self.each_four(blocks, |mut state| {
            add_round_key(&mut state, &self.round_keys[self.rounds]);
            for round_key in self.round_keys[1..self.rounds].iter().rev() {
                inv_shift_rows(&mut state);
                inv_sub_bytes(&mut state);
                add_round_key(&mut state, round_key);
                inv_mix_columns(&mut state);
            }
            inv_shift_rows(&mut state);
            inv_sub_bytes(&mut state);
            add_round_key(&mut state, &self.round_keys[0]);
            state
        });
    }

    /// Packs, transforms and unpacks, with empty blocks to fill up the last four.
    fn each_four(&self, blocks: &mut [Block], transform: impl Fn(Planes) -> Planes) {
        let (fours, rest) = blocks.as_chunks_mut::<BLOCKS>();
        for four in fours {
            *four = unpack(&transform(pack(four)));
        }
        if !rest.is_empty() {
            let mut four = [[0; 16]; BLOCKS];
            four[..rest.len()].copy_from_slice(rest);
            four = unpack(&transform(pack(&four)));
            rest.copy_from_slice(&four[..rest.len()]);
            four.zeroize();
        }
    }
}

impl Drop for Schedule {
    fn drop(&mut self) {
        self.round_keys.zeroize();
    }
}

/// SUBWORD(), FIPS 197 §5.2, through the circuit.
fn sub_word(word: &mut [u8; 4]) {
    let mut four = [[0; 16]; BLOCKS];
    four[0][..4].copy_from_slice(word);
    let mut planes = pack(&four);
    sub_bytes(&mut planes);
    four = unpack(&planes);
    word.copy_from_slice(&four[0][..4]);
    four.zeroize();
    planes.zeroize();
}

#[inline(always)]
fn add_round_key(state: &mut Planes, round_key: &Planes) {
    for (plane, key) in state.iter_mut().zip(round_key) {
        *plane ^= key;
    }
}

/// Row r moves r columns to the left, where the lower bits are: rows 2 and 3 by two columns, which is to
/// exchange their bytes, then rows 1 and 3 by one.
#[inline(always)]
fn shift_rows(state: &mut Planes) {
    for plane in state {
        let x = exchange_bytes_of_rows_2_and_3(*plane);
        *plane = x & 0x0000_ffff_0000_ffff | x >> 4 & 0x0fff_0000_0fff_0000 | x << 12 & 0xf000_0000_f000_0000;
    }
}

/// Row r moves r columns to the right, likewise.
#[inline(always)]
fn inv_shift_rows(state: &mut Planes) {
    for plane in state {
        let x = exchange_bytes_of_rows_2_and_3(*plane);
        *plane = x & 0x0000_ffff_0000_ffff | x << 4 & 0xfff0_0000_fff0_0000 | x >> 12 & 0x000f_0000_000f_0000;
    }
}

#[inline(always)]
fn exchange_bytes_of_rows_2_and_3(x: u64) -> u64 {
    let different = (x ^ x >> 8) & 0x00ff_00ff_0000_0000;
    x ^ different ^ different << 8
}

/// Each column times the matrix of {02}, {03}, {01}, {01} (FIPS 197 §5.1.3).
///
/// With t\[r\] = s\[r\] + s\[r+1\], the new s\[r\] = 2·s\[r\] + 3·s\[r+1\] + s\[r+2\] + s\[r+3\] is
/// 2·t\[r\] + s\[r+1\] + t\[r+2\].
#[inline(always)]
fn mix_columns(state: &mut Planes) {
    let mut t = *state;
    for plane in &mut t {
        *plane ^= plane.rotate_right(16);
    }
    let doubled = xtimes(&t);
    for ((s, t), doubled) in state.iter_mut().zip(t).zip(doubled) {
        *s = doubled ^ s.rotate_right(16) ^ t.rotate_right(32);
    }
}

/// Each column times the matrix of {0e}, {0b}, {0d}, {09} (FIPS 197 §5.3.3).
///
/// That matrix is the one of MixColumns times another, of {05}, {00}, {04}, {00}: add 4·(s\[r\] +
/// s\[r+2\]) to s\[r\], then do MixColumns.
#[inline(always)]
fn inv_mix_columns(state: &mut Planes) {
    let mut t = *state;
    for plane in &mut t {
        *plane ^= plane.rotate_right(32);
    }
    add_round_key(state, &xtimes(&xtimes(&t)));
    mix_columns(state);
}

/// Every byte times x: the bits move up by one plane, and x⁸ comes back as x⁴ + x³ + x + 1.
#[inline(always)]
fn xtimes(b: &Planes) -> Planes {
    let top = b[7];
    [top, b[0] ^ top, b[1], b[2] ^ top, b[3] ^ top, b[4], b[5], b[6]]
}

/// Bytes to planes. Byte j of word k becomes bit 8·j + k of the planes; so that this is the bit 16·r + 4·c
/// + b, word k holds columns c = k / 4 and k / 4 + 2 of block k % 4, their bytes in turn.
#[inline]
fn pack(blocks: &[Block; BLOCKS]) -> Planes {
    let mut words = [0; 8];
    for (b, block) in blocks.iter().enumerate() {
        let [c0, c1, c2, c3] = columns(block).map(|column| spread(u32::from_le_bytes(column)));
        words[b] = c0 | c2 << 8;
        words[4 + b] = c1 | c3 << 8;
    }
    transpose(&mut words);
    words
}

/// Planes to bytes: [`pack`] undone.
#[inline]
fn unpack(planes: &Planes) -> [Block; BLOCKS] {
    let mut words = *planes;
    transpose(&mut words);
    let mut blocks = [[0; 16]; BLOCKS];
    for (b, block) in blocks.iter_mut().enumerate() {
        let (even, odd) = (words[b], words[4 + b]);
        let columns = [even, odd, even >> 8, odd >> 8].map(|word| gather(word).to_le_bytes());
        block.copy_from_slice(columns.as_flattened());
    }
    blocks
}

#[inline]
fn columns(block: &Block) -> [[u8; 4]; 4] {
    let mut columns = [[0; 4]; 4];
    columns.as_flattened_mut().copy_from_slice(block);
    columns
}

/// The four bytes of `x` to bytes 0, 2, 4 and 6.
#[inline]
fn spread(x: u32) -> u64 {
    let x = u64::from(x);
    let x = (x | x << 16) & 0x0000_ffff_0000_ffff;
    (x | x << 8) & 0x00ff_00ff_00ff_00ff
}

/// Bytes 0, 2, 4 and 6 of `x`.
#[inline]
fn gather(x: u64) -> u32 {
    let x = x & 0x00ff_00ff_00ff_00ff;
    let x = (x | x >> 8) & 0x0000_ffff_0000_ffff;
    (x | x >> 16) as u32
}

/// Bit i of byte j of word k changes places with bit k of byte j of word i: eight matrices of 8 × 8 bits
/// (one for each j), each turned over its diagonal, by halves, quarters and eighths.
#[inline]
fn transpose(words: &mut Planes) {
    for (low, high) in [(0, 4), (1, 5), (2, 6), (3, 7)] {
        exchange(words, low, high, 4, 0x0f0f_0f0f_0f0f_0f0f);
    }
    for (low, high) in [(0, 2), (1, 3), (4, 6), (5, 7)] {
        exchange(words, low, high, 2, 0x3333_3333_3333_3333);
    }
    for (low, high) in [(0, 1), (2, 3), (4, 5), (6, 7)] {
        exchange(words, low, high, 1, 0x5555_5555_5555_5555);
    }
}

/// The bits of one word that are not in `mask`, and those of the other that are.
#[inline]
fn exchange(words: &mut Planes, low: usize, high: usize, distance: u32, mask: u64) {
    let different = (words[low] >> distance ^ words[high]) & mask;
    words[high] ^= different;
    words[low] ^= different << distance;
}

#[cfg(test)]
mod tests {
    use super::super::textbook::{self, State};
    use super::*;

    fn four() -> [Block; BLOCKS] {
        array::from_fn(|b| array::from_fn(|i| (97 * (16 * b + i) + 13) as u8))
    }

    #[test]
    fn a_byte_stands_where_the_order_of_planes_says() {
        for (b, i) in (0..BLOCKS).flat_map(|b| (0..16).map(move |i| (b, i))) {
            let mut blocks = [[0; 16]; BLOCKS];
            blocks[b][i] = 0b1000_0001;
            let bit = 1 << (16 * (i % 4) + 4 * (i / 4) + b);
            assert_eq!(pack(&blocks), [bit, 0, 0, 0, 0, 0, 0, bit]);
        }
        assert_eq!(unpack(&pack(&four())), four());
    }

    #[test]
    fn every_transformation_equals_the_textbooks() {
        type Pair = (fn(&mut Planes), fn(&mut State));
        let pairs: [Pair; 6] = [
            (sub_bytes, textbook::sub_bytes),
            (inv_sub_bytes, textbook::inv_sub_bytes),
            (shift_rows, textbook::shift_rows),
            (inv_shift_rows, textbook::inv_shift_rows),
            (mix_columns, textbook::mix_columns),
            (inv_mix_columns, textbook::inv_mix_columns),
        ];
        for (n, (sliced, plain)) in pairs.into_iter().enumerate() {
            let mut planes = pack(&four());
            sliced(&mut planes);
            let expected = four().map(|block| {
                let mut state = State::new(&block);
                plain(&mut state);
                state.output()
            });
            assert_eq!(unpack(&planes), expected, "pair {n}");
        }
    }
}
