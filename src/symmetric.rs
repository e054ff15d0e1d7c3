//! One key for both ends: block cipher, stream cipher, and the encryption that notices a forgery.
//!
//! | module | what it is | standard |
//! |---|---|---|
//! | [`aes`] | the block cipher: 16 bytes in, 16 bytes out, under a key | FIPS 197 |
//! | [`ghash`] | a keyed fingerprint by multiplication in GF(2¹²⁸) | NIST SP 800-38D §6 |
//! | [`gcm`] | AES in counter mode, authenticated by GHASH: what nearly every TLS record is sealed with | NIST SP 800-38D §7 |
//! | [`cbc`] | AES in a chain of blocks: what TLS sealed with before, and must never be alone | NIST SP 800-38A §6.2 |
//! | [`chacha20`] | the stream cipher, and the seeded generator on it | RFC 8439 §2 |
//! | [`aead`] | what every such encryption has in common: nonce, tag, and the two ways to fail | RFC 5116 |
//!
//! Each primitive has a `textbook`: the standard's own pseudocode, to be read and watched. Read that
//! first; the other files of its folder compute the same thing, fast and in constant time.

pub mod aead;
pub mod aes;
pub mod cbc;
pub mod chacha20;
pub mod gcm;
pub mod ghash;
