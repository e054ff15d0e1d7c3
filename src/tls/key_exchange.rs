//! The ClientKeyExchange message of RSA key transport: the premaster secret, sealed for the holder of
//! the private key (RFC 5246 §7.4.7.1).

use crate::wire::{ReadError, Reader, Writer};

/// `struct { public-key-encrypted PreMasterSecret pre_master_secret; } EncryptedPreMasterSecret;`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKeyExchange {
    /// The premaster secret, padded and raised to the power e modulo n: as long as the modulus.
    pub encrypted_premaster_secret: Vec<u8>,
}

impl ClientKeyExchange {
    /// Reads the body of the message.
    ///
    /// # Errors
    /// If a length is out of bounds or the body ends early or late.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        let encrypted_premaster_secret = r.bytes16("encrypted_premaster_secret", 0..=0xffff)?.to_vec();
        Ok(Self { encrypted_premaster_secret })
    }

    /// Writes the body of the message.
    pub fn write(&self, w: &mut Writer) {
        w.vector16(|w| w.bytes(&self.encrypted_premaster_secret));
    }
}
