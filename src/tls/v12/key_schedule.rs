//! From one secret to all keys (RFC 5246 §5, §6.3, §8.1; RFC 7627 §4).
//!
//! ```text
//! premaster_secret                                            48 bytes, carried by RSA
//!   │ PRF "extended master secret", hash of the handshake     (or "master secret", both randoms)
//! master_secret                                               48 bytes
//!   │ PRF "key expansion", both randoms
//! key_block = client_write_MAC_key ‖ server_write_MAC_key        with CBC alone
//!           ‖ client_write_key ‖ server_write_key
//!           ‖ client_write_IV ‖ server_write_IV                  with GCM alone
//! ```
//!
//! These are plain functions: the window wires its links round them, not through them.
//!
//! *Constant time. Secret: premaster and master secret, the key block.*

use zeroize::Zeroizing;

use crate::hash::{Hash, HashAlgorithm, Hmac, Sha256, Sha384, Sha512};
use crate::secret::{Secret, SecretVec};
use crate::tls::finished::VERIFY_DATA;
use crate::tls::protection::{Protection, cbc, gcm};
use crate::tls::record::ProtocolVersion;
use crate::tls::suite::{Mode, Parameters};
use crate::wire::{ReadError, Reader};

/// Bytes of the premaster secret of RSA key transport, and of every master secret.
pub const MASTER: usize = 48;

/// `PRF(secret, label, seed)`, filling `output` (RFC 5246 §5).
///
/// ```
/// use cutaway::hash::HashAlgorithm;
/// use cutaway::tls::v12::key_schedule::prf;
/// let secret = hex::decode("9bbe436ba940f017b17652849a71db35").unwrap();
/// let seed = hex::decode("a0ba9f936cda311827a6f796ffd5198c").unwrap();
/// let mut output = [0; 8];
/// prf(HashAlgorithm::Sha256, &secret, b"test label", &seed, &mut output);
/// assert_eq!(hex::encode(output), "e3f229ba727be17b"); // the published vector's first bytes
/// ```
pub fn prf(hash: HashAlgorithm, secret: &[u8], label: &[u8], seed: &[u8], output: &mut [u8]) {
    match hash {
        HashAlgorithm::Sha256 => p_hash::<Sha256>(secret, [label, seed], output),
        HashAlgorithm::Sha384 => p_hash::<Sha384>(secret, [label, seed], output),
        HashAlgorithm::Sha512 => p_hash::<Sha512>(secret, [label, seed], output),
    }
}

/// `P_hash`: HMAC, run in a chain A(1), A(2), … to make as many bytes as are wanted.
fn p_hash<H: Hash>(secret: &[u8], seed: [&[u8]; 2], output: &mut [u8]) {
    let keyed = Hmac::<H>::new(secret);
    let hmac = |parts: &[&[u8]]| {
        let mut running = keyed.clone();
        parts.iter().for_each(|part| running.update(part));
        running.finish()
    };
    let mut a = Zeroizing::new(hmac(&seed));
    for chunk in output.chunks_mut(H::OUTPUT) {
        let block = Zeroizing::new(hmac(&[(*a).as_ref(), seed[0], seed[1]]));
        chunk.copy_from_slice(&(*block).as_ref()[..chunk.len()]);
        let next = hmac(&[(*a).as_ref()]);
        *a = next;
    }
}

/// The master secret of RFC 5246 §8.1: from the premaster secret and both randoms.
#[must_use]
pub fn master_secret(
    hash: HashAlgorithm,
    premaster: &[u8],
    client_random: &[u8],
    server_random: &[u8],
) -> Secret<MASTER> {
    let mut master = Secret::new([0; MASTER]);
    prf(hash, premaster, b"master secret", &[client_random, server_random].concat(), master.reveal_mut());
    master
}

/// The master secret of RFC 7627 §4: from the premaster secret and the hash of all messages from
/// ClientHello to ClientKeyExchange, so that two handshakes never share one.
#[must_use]
pub fn extended_master_secret(hash: HashAlgorithm, premaster: &[u8], session_hash: &[u8]) -> Secret<MASTER> {
    let mut master = Secret::new([0; MASTER]);
    prf(hash, premaster, b"extended master secret", session_hash, master.reveal_mut());
    master
}

/// The bytes from which the keys are cut (RFC 5246 §6.3). Note the order: the server's random first.
#[must_use]
pub fn key_block(suite: Parameters, master: &[u8], server_random: &[u8], client_random: &[u8]) -> SecretVec {
    let mut block = SecretVec::new(vec![0; 2 * lengths(suite).iter().sum::<usize>()]);
    prf(suite.hash, master, b"key expansion", &[server_random, client_random].concat(), block.reveal_mut());
    block
}

/// Bytes of what each direction has of its own: a MAC key, a key, an IV (RFC 5246 §6.3). An AEAD has no
/// MAC key, and CBC sends a fresh IV with each record.
fn lengths(suite: Parameters) -> [usize; 3] {
    match suite.mode {
        Mode::Gcm => [0, suite.key_length, gcm::FIXED_IV],
        Mode::Cbc => [cbc::MAC_KEY, suite.key_length, 0],
    }
}

/// Who says Finished: each side proves under a label of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The client.
    Client,
    /// The server.
    Server,
}

impl Side {
    /// The label of this side's Finished.
    #[must_use]
    pub fn finished_label(self) -> &'static str {
        match self {
            Self::Client => "client finished",
            Self::Server => "server finished",
        }
    }
}

/// `verify_data`: a PRF over the hash of all handshake messages so far (RFC 5246 §7.4.9).
#[must_use]
pub fn verify_data(
    hash: HashAlgorithm,
    master: &[u8],
    side: Side,
    handshake_hash: &[u8],
) -> [u8; VERIFY_DATA] {
    let mut verify_data = [0; VERIFY_DATA];
    prf(hash, master, side.finished_label().as_bytes(), handshake_hash, &mut verify_data);
    verify_data
}

/// What a key block is cut into. What a suite does not have is empty.
pub struct Keys<'a> {
    mode: Mode,
    /// The HMAC key for what the client says.
    pub client_write_mac_key: &'a [u8],
    /// The HMAC key for what the server says.
    pub server_write_mac_key: &'a [u8],
    /// The AES key for what the client says.
    pub client_write_key: &'a [u8],
    /// The AES key for what the server says.
    pub server_write_key: &'a [u8],
    /// The secret part of the client's nonces.
    pub client_write_iv: &'a [u8],
    /// The secret part of the server's nonces.
    pub server_write_iv: &'a [u8],
}

impl<'a> Keys<'a> {
    /// Cuts the block. The window names its parts with the same code.
    ///
    /// # Errors
    /// If the block is not as long as the suite has it.
    pub fn read(r: &mut Reader<'a>, suite: Parameters) -> Result<Self, ReadError> {
        let [mac_key, key, iv] = lengths(suite);
        let part = |r: &mut Reader<'a>, label, length| match length {
            0 => Ok(&[][..]),
            _ => r.bytes(label, length),
        };
        r.group("key_block", |r| {
            Ok(Self {
                mode: suite.mode,
                client_write_mac_key: part(r, "client_write_MAC_key", mac_key)?,
                server_write_mac_key: part(r, "server_write_MAC_key", mac_key)?,
                client_write_key: part(r, "client_write_key", key)?,
                server_write_key: part(r, "server_write_key", key)?,
                client_write_iv: part(r, "client_write_IV", iv)?,
                server_write_iv: part(r, "server_write_IV", iv)?,
            })
        })
    }

    /// The direction in which `side` speaks.
    #[must_use]
    pub fn protection(&self, side: Side) -> Protection {
        let (mac_key, key, iv) = match side {
            Side::Client => (self.client_write_mac_key, self.client_write_key, self.client_write_iv),
            Side::Server => (self.server_write_mac_key, self.server_write_key, self.server_write_iv),
        };
        match self.mode {
            Mode::Gcm => Protection::gcm(key, Secret::new(iv.try_into().expect("cut to this length"))),
            Mode::Cbc => Protection::cbc(key, mac_key.try_into().expect("cut to this length")),
        }
    }

    /// Cuts a block that [`key_block`] made for this suite.
    ///
    /// # Panics
    /// If it was made for another.
    #[must_use]
    pub fn of(block: &'a SecretVec, suite: Parameters) -> Self {
        Reader::new(block.reveal()).whole(|r| Self::read(r, suite)).expect("the block is made to measure")
    }
}

impl std::fmt::Debug for Keys<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({} bits)", 8 * self.client_write_key.len())
    }
}

/// Reads a premaster secret, for the window: the version that the client offered, then 46 random bytes
/// (RFC 5246 §7.4.7.1).
///
/// # Errors
/// If it is not 48 bytes long.
pub fn read_premaster_secret(r: &mut Reader) -> Result<ProtocolVersion, ReadError> {
    r.group("PreMasterSecret", |r| {
        let version = r.value("client_version")?;
        r.bytes("random", MASTER - 2)?;
        Ok(version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors for the PRF of TLS 1.2 that were posted to the IETF's TLS working group.
    #[test]
    fn the_prf_gives_the_published_bytes() {
        let secret = hex::decode("9bbe436ba940f017b17652849a71db35").unwrap();
        let seed = hex::decode("a0ba9f936cda311827a6f796ffd5198c").unwrap();
        let expected = "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a\
            6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab\
            4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701\
            87347b66";
        let mut output = [0; 100];
        prf(HashAlgorithm::Sha256, &secret, b"test label", &seed, &mut output);
        assert_eq!(hex::encode(output), expected);
    }

    #[test]
    fn the_prf_of_sha_384_gives_the_published_bytes() {
        let secret = hex::decode("b80b733d6ceefcdc71566ea48e5567df").unwrap();
        let seed = hex::decode("cd665cf6a8447dd6ff8b27555edb7465").unwrap();
        let expected = "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd\
            e9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd\
            8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425\
            9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee6\
            91c8f3a26854308d5eaa3be85e0990703d73e56f";
        let mut output = vec![0; expected.len() / 2];
        prf(HashAlgorithm::Sha384, &secret, b"test label", &seed, &mut output);
        assert_eq!(hex::encode(output), expected);
    }
}
