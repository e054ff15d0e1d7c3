//! The Finished message: the first one sealed, and the proof that both sides heard the same
//! conversation (RFC 5246 §7.4.9).

use crate::wire::{ReadError, Reader, Writer};

/// Bytes of `verify_data`, in every suite that is implemented here.
pub const VERIFY_DATA: usize = 12;

/// `PRF(master_secret, finished_label, Hash(handshake_messages))[0..12]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The proof.
    pub verify_data: [u8; VERIFY_DATA],
}

impl Finished {
    /// Reads the body of the message.
    ///
    /// # Errors
    /// If the body ends early or late.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        Ok(Self { verify_data: r.array("verify_data")? })
    }

    /// Writes the body of the message.
    pub fn write(&self, w: &mut Writer) {
        w.bytes(&self.verify_data);
    }
}
