//! AES, GHASH, GCM, CBC, ChaCha20 and the generator, against the standards' own examples, NIST's vectors,
//! Wycheproof, and the textbooks: every rung that this machine can run.

#[path = "symmetric/aes.rs"]
mod aes;
#[path = "symmetric/cbc.rs"]
mod cbc;
#[path = "symmetric/chacha20.rs"]
mod chacha20;
#[path = "symmetric/gcm.rs"]
mod gcm;
#[path = "symmetric/nist.rs"]
mod nist;
#[path = "symmetric/wycheproof.rs"]
mod wycheproof;

/// So many bytes from hex.
fn hex<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).expect("hex of this length");
    bytes
}
