//! CBC as [NIST SP 800-38A] §6.2 writes it, on the textbook of AES.
//!
//! ```text
//! encryption: C₁ = CIPH_K(P₁ ⊕ IV)      Cⱼ = CIPH_K(Pⱼ ⊕ Cⱼ₋₁)
//! decryption: P₁ = CIPH⁻¹_K(C₁) ⊕ IV    Pⱼ = CIPH⁻¹_K(Cⱼ) ⊕ Cⱼ₋₁
//! ```
//!
//! Variable-time, as AES's textbook is. Nothing uses it by default; it is there to be read, to be watched,
//! and to say what every rung must compute.
//!
//! ```
//! use cutaway::symmetric::aes::textbook::KeySchedule;
//! use cutaway::symmetric::cbc::textbook::{Step, cbc_decrypt, cbc_encrypt};
//!
//! let k = KeySchedule::new(&[0; 16]);
//! let p = [*b"one block, full."];
//! let mut input = [0; 16];
//! let c = cbc_encrypt(&k, &[0xff; 16], &p, |step, block| {
//!     if step == Step::InputBlock(1) {
//!         input = *block;
//!     }
//! });
//! assert_eq!(input, p[0].map(|byte| byte ^ 0xff));
//! assert_eq!(cbc_decrypt(&k, &[0xff; 16], &c, |_, _| ()), p);
//! ```
//!
//! [NIST SP 800-38A]: https://doi.org/10.6028/NIST.SP.800-38A

use crate::symmetric::aes::Block;
use crate::symmetric::aes::textbook::{KeySchedule, State, cipher, inv_cipher};

/// What is watched: a block with the name that the standard's Appendix F.2 gives it. j counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// What goes into the cipher: Pⱼ ⊕ Cⱼ₋₁ to encrypt, Cⱼ to decrypt.
    InputBlock(usize),
    /// What comes out of it: Cⱼ to encrypt, Pⱼ ⊕ Cⱼ₋₁ to decrypt.
    OutputBlock(usize),
}

/// CBC encryption of the plaintext blocks P₁ … Pₙ.
pub fn cbc_encrypt(
    k: &KeySchedule,
    iv: &Block,
    p: &[Block],
    mut watch: impl FnMut(Step, &Block),
) -> Vec<Block> {
    let mut before = *iv;
    let mut encrypt = |(j, p): (usize, &Block)| {
        let input = xor(p, &before);
        watch(Step::InputBlock(j), &input);
        before = cipher(State::new(&input), k, |_, _| ()).output();
        watch(Step::OutputBlock(j), &before);
        before
    };
    (1..).zip(p).map(&mut encrypt).collect()
}

/// CBC decryption of the ciphertext blocks C₁ … Cₙ.
pub fn cbc_decrypt(
    k: &KeySchedule,
    iv: &Block,
    c: &[Block],
    mut watch: impl FnMut(Step, &Block),
) -> Vec<Block> {
    let mut before = iv;
    let mut decrypt = |(j, c)| {
        watch(Step::InputBlock(j), c);
        let output = inv_cipher(State::new(c), k, |_, _| ()).output();
        watch(Step::OutputBlock(j), &output);
        xor(&output, std::mem::replace(&mut before, c))
    };
    (1..).zip(c).map(&mut decrypt).collect()
}

/// a ⊕ b.
fn xor(a: &Block, b: &Block) -> Block {
    std::array::from_fn(|i| a[i] ^ b[i])
}
