//! The encodings of PKCS #1 v1.5: a message in a block as long as the modulus.
//!
//! ```text
//! to sign     00 01 ‖ ff ff … ff ‖ 00 ‖ DigestInfo              EMSA-PKCS1-v1_5, RFC 8017 §9.2
//! to encrypt  00 02 ‖ random, none of it zero ‖ 00 ‖ message    EME-PKCS1-v1_5,  RFC 8017 §7.2.1
//! ```
//!
//! *Constant time. Secret: a decrypted block, and whether its form is right.* To take off padding is
//! where RSA encryption has been broken again and again, from Bleichenbacher (1998) to ROBOT (2017)
//! and Marvin (2023): a server that shows whether the form was right, by an alert, an error or a few
//! microseconds, lets a stranger decrypt with its key. So nothing here branches on a byte of a block,
//! and a bad block ends in other bytes, never in an error.

use rand::CryptoRng;
use zeroize::Zeroizing;

use super::TooLong;
use crate::asymmetric::montgomery::limbs::{is_zero, mask};
use crate::hash::{Hash, HashAlgorithm, Hmac, Sha256};
use crate::secret::{Secret, SecretVec, select, tell};

/// The random bytes of an encryption block are at least this many.
const MIN_RANDOM: usize = 8;

/// Bytes that padding takes: 00 02, eight random ones at least, 00.
const OVERHEAD: usize = 3 + MIN_RANDOM;

/// The block of a signature of `size` bytes (EMSA-PKCS1-v1_5-ENCODE, RFC 8017 §9.2), from the digest
/// of the message: `00 01 ff … ff 00`, then the DER encoding of DigestInfo, which names the hash.
///
/// ```
/// use cutaway::{asymmetric::rsa::encode_signature, hash::HashAlgorithm::Sha256};
/// let block = encode_signature(Sha256, &Sha256.digest(b"abc"), 256).unwrap();
/// assert_eq!(block[..3], [0x00, 0x01, 0xff]);
/// assert!(block.ends_with(&Sha256.digest(b"abc")));
/// ```
///
/// # Errors
/// [`TooLong`] if the block has no room for it and for eleven bytes of padding.
///
/// # Panics
/// If the digest is not as long as the hash's are.
pub fn encode_signature(hash: HashAlgorithm, digest: &[u8], size: usize) -> Result<Vec<u8>, TooLong> {
    assert_eq!(digest.len(), hash.output_len(), "a digest of another hash");
    let digest_info = [digest_info_prefix(hash), digest].concat();
    if size < digest_info.len() + OVERHEAD {
        return Err(TooLong);
    }
    let mut block = vec![0xff; size];
    let message = size - digest_info.len();
    block[0] = 0x00;
    block[1] = 0x01;
    block[message - 1] = 0x00;
    block[message..].copy_from_slice(&digest_info);
    Ok(block)
}

/// DigestInfo up to the digest (RFC 8017 §9.2, note 1): `SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING`.
fn digest_info_prefix(hash: HashAlgorithm) -> &'static [u8; 19] {
    match hash {
        HashAlgorithm::Sha256 => {
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
        }
        HashAlgorithm::Sha384 => {
            b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"
        }
        HashAlgorithm::Sha512 => {
            b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"
        }
    }
}

/// The block of `size` bytes that is encrypted (EME-PKCS1-v1_5, RFC 8017 §7.2.1 step 2).
pub(super) fn encode_encryption(
    rng: &mut (impl CryptoRng + ?Sized),
    message: &[u8],
    size: usize,
) -> Result<Vec<u8>, TooLong> {
    if message.len() + OVERHEAD > size {
        return Err(TooLong);
    }
    let mut block = vec![0; size];
    let (padding, place) = block.split_at_mut(size - message.len());
    place.copy_from_slice(message);
    let random = 2..padding.len() - 1;
    padding[1] = 0x02;
    rng.fill_bytes(&mut padding[random.clone()]);
    // A zero would end the padding, so zeros are drawn again: the time tells how many were dropped.
    for byte in &mut padding[random] {
        while tell(is_byte(*byte, 0)) {
            rng.fill_bytes(std::slice::from_mut(byte));
        }
    }
    Ok(block)
}

/// The premaster secret in a decrypted block, by the construction that RFC 5246 §7.4.7.1 recommends:
///
/// ```text
/// if the padding is not right or M is not 48 bytes long:  client_version ‖ R
/// else:                                                   client_version ‖ M[2..47]
/// ```
///
/// where R, 46 random bytes, was drawn before. The version that the client put into M is not looked
/// at: where it is not the one it offered, what comes out is not the client's premaster, and the
/// handshake fails at Finished like every other that went wrong. `good` is a mask of what was found
/// wrong already: where it is zero, R is taken.
pub(super) fn premaster(block: &[u8], mut good: u64, random: &Secret<46>, version: [u8; 2]) -> Secret<48> {
    let message = block.len() - 48;
    good &= is_byte(block[0], 0x00) & is_byte(block[1], 0x02) & is_byte(block[message - 1], 0x00);
    for &byte in &block[2..message - 1] {
        good &= !is_byte(byte, 0x00);
    }
    let mut premaster = Secret::new([0; 48]);
    let (first, rest) = premaster.reveal_mut().split_at_mut(2);
    first.copy_from_slice(&version);
    rest.copy_from_slice(random.reveal());
    select(good as u8, rest, &block[message + 2..]);
    premaster
}

/// The message in a decrypted block or, if the form is not right, another message in its place: one
/// that depends on nothing but the key and the ciphertext, so that asking again gives the same answer
/// (implicit rejection, draft-irtf-cfrg-rsa-guidance §7). `d` is the private exponent, as long as the
/// modulus; so is the ciphertext.
pub(super) fn message_or_substitute(block: &[u8], d: &[u8], ciphertext: &[u8]) -> SecretVec {
    let (good, message) = find_message(block);
    let substitute = Substitute::new(d, ciphertext);
    // Both stand at the end of a block, so it is a choice of blocks and a choice of lengths.
    let mut chosen = substitute.block();
    select(good as u8, chosen.reveal_mut(), block);
    let length = good & (block.len() as u64).wrapping_sub(message) | !good & substitute.length();
    // The result shows its length, as it must: from here on that is an ordinary number.
    let length = (0..block.len()).find(|&told| tell(is_zero(&[length ^ told as u64]))).unwrap_or(0);
    SecretVec::new(chosen.reveal()[block.len() - length..].to_vec())
}

/// A mask (is the form right?) and the place where the message begins.
fn find_message(block: &[u8]) -> (u64, u64) {
    let mut separator = 0;
    let mut found = 0;
    for (i, &byte) in (0..).zip(block).skip(2) {
        let zero = is_byte(byte, 0x00);
        separator |= i & zero & !found;
        found |= zero;
    }
    let enough = !is_less(separator, 2 + MIN_RANDOM as u64);
    let good = is_byte(block[0], 0x00) & is_byte(block[1], 0x02) & found & enough;
    (good, separator.wrapping_add(1))
}

/// What is given out in place of a message whose padding is not right.
struct Substitute {
    /// The key derivation key: a hash of the private exponent, and through it of the ciphertext.
    key: Hmac<Sha256>,
    size: usize,
}

impl Substitute {
    /// KDK = HMAC(SHA-256(d), ciphertext).
    fn new(d: &[u8], ciphertext: &[u8]) -> Self {
        let digest = Zeroizing::new(Sha256::digest(d));
        let mut hmac = Hmac::<Sha256>::new(&*digest);
        hmac.update(ciphertext);
        let derived = Zeroizing::new(hmac.finish());
        Self { key: Hmac::new(&*derived), size: ciphertext.len() }
    }

    /// A block of the modulus's size, of which the end will be the message.
    fn block(&self) -> SecretVec {
        self.random(b"message", self.size)
    }

    /// The length of the message: the last of 128 candidates that leaves room for the padding.
    fn length(&self) -> u64 {
        let limit = (self.size - 2 - MIN_RANDOM) as u64;
        let bits = limit.next_power_of_two().wrapping_sub(1) | limit;
        let mut length = 0;
        for pair in self.random(b"length", 256).reveal().as_chunks::<2>().0 {
            let candidate = u64::from(u16::from_be_bytes(*pair)) & bits;
            let fits = is_less(candidate, limit);
            length = fits & candidate | !fits & length;
        }
        length
    }

    /// IRPRF(KDK, label, length): HMAC(KDK, counter ‖ label ‖ length in bits), one after the other.
    fn random(&self, label: &[u8], length: usize) -> SecretVec {
        let mut bytes = SecretVec::new(vec![0; length]);
        for (i, chunk) in (0u16..).zip(bytes.reveal_mut().chunks_mut(Sha256::OUTPUT)) {
            let mut hmac = self.key.clone();
            hmac.update(&i.to_be_bytes());
            hmac.update(label);
            hmac.update(&(8 * length as u16).to_be_bytes());
            chunk.copy_from_slice(&Zeroizing::new(hmac.finish())[..chunk.len()]);
        }
        bytes
    }
}

/// A mask: is the byte this value?
fn is_byte(byte: u8, value: u8) -> u64 {
    is_zero(&[u64::from(byte ^ value)])
}

/// A mask: a < b? Both are lengths, less than 2⁶³.
fn is_less(a: u64, b: u64) -> u64 {
    mask(a.wrapping_sub(b) >> 63)
}
