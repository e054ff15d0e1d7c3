//! HMAC as FIPS 198-1 states it, to be read beside the standard and to be watched.
//!
//! [`hmac`] runs the nine steps of its table 1 over any hash; a [`Step`] is one of them, with what it made.
//!
//! ```
//! use cutaway::hash::{Hash, Sha256};
//! use cutaway::hash::hmac::textbook::{hmac, Step};
//!
//! let mut padded_key = Vec::new();
//! hmac::<Sha256>(b"Jefe", b"what do ya want for nothing?", |step, value| {
//!     if step == Step::DetermineKey {
//!         padded_key = value.to_vec();
//!     }
//! });
//! assert_eq!(padded_key.len(), Sha256::BLOCK);
//! ```

use crate::hash::Hash;

/// The byte that is repeated to make the inner pad.
pub const IPAD: u8 = 0x36;

/// The byte that is repeated to make the outer pad.
pub const OPAD: u8 = 0x5c;

/// The steps of FIPS 198-1, table 1, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Steps 1 to 3: K₀, the key (or, if it is longer than a block, its digest) with zeros up to a block.
    DetermineKey,
    /// Step 4: K₀ ⊕ ipad.
    InnerKey,
    /// Step 5: (K₀ ⊕ ipad) ‖ text.
    InnerMessage,
    /// Step 6: H((K₀ ⊕ ipad) ‖ text).
    InnerDigest,
    /// Step 7: K₀ ⊕ opad.
    OuterKey,
    /// Step 8: (K₀ ⊕ opad) ‖ H((K₀ ⊕ ipad) ‖ text).
    OuterMessage,
    /// Step 9: the hash of that, which is the tag.
    OuterDigest,
}

/// The tag of `text` under `key`, while `watch` looks on.
pub fn hmac<H: Hash>(key: &[u8], text: &[u8], mut watch: impl FnMut(Step, &[u8])) -> Vec<u8> {
    let mut k0 = if key.len() > H::BLOCK { H::digest(key).as_ref().to_vec() } else { key.to_vec() };
    k0.resize(H::BLOCK, 0);
    watch(Step::DetermineKey, &k0);

    let inner_key: Vec<u8> = k0.iter().map(|byte| byte ^ IPAD).collect();
    watch(Step::InnerKey, &inner_key);
    let inner_message = [&inner_key, text].concat();
    watch(Step::InnerMessage, &inner_message);
    let inner_digest = H::digest(&inner_message);
    watch(Step::InnerDigest, inner_digest.as_ref());

    let outer_key: Vec<u8> = k0.iter().map(|byte| byte ^ OPAD).collect();
    watch(Step::OuterKey, &outer_key);
    let outer_message = [&outer_key, inner_digest.as_ref()].concat();
    watch(Step::OuterMessage, &outer_message);
    let outer_digest = H::digest(&outer_message);
    watch(Step::OuterDigest, outer_digest.as_ref());
    outer_digest.as_ref().to_vec()
}
