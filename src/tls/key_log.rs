//! The secrets of a handshake, told to whoever asked for them: the key log that Wireshark reads.
//!
//! ```text
//! RSA <first 8 bytes of the encrypted premaster secret> <premaster secret>
//! CLIENT_RANDOM <client random> <master secret>
//! ```

use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::secret::{Secret, SecretVec};

/// One secret, with what it can be found by.
#[derive(Clone, Debug)]
pub enum KeyLogEntry {
    /// A premaster secret that RSA carried.
    Premaster {
        /// The first bytes of its encrypted form.
        encrypted: [u8; 8],
        /// The secret.
        premaster: Secret<48>,
        /// The secret padded to the length of the modulus, where the one who logs it made it: not in
        /// the file format.
        block: Option<SecretVec>,
    },
    /// A master secret.
    Master {
        /// The client's random of that handshake.
        client_random: [u8; 32],
        /// The secret.
        master: Secret<48>,
    },
}

impl KeyLogEntry {
    /// The entry as a line of the file, without its end.
    #[must_use]
    pub fn to_line(&self) -> String {
        match self {
            Self::Premaster { encrypted, premaster, .. } => {
                format!("RSA {} {}", hex::encode(encrypted), hex::encode(premaster.reveal()))
            }
            Self::Master { client_random, master } => {
                format!("CLIENT_RANDOM {} {}", hex::encode(client_random), hex::encode(master.reveal()))
            }
        }
    }

    /// The entry of a line of the file; `None` for a comment or a kind of secret that is not known here.
    #[must_use]
    pub fn from_line(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let (kind, key, secret) = (words.next()?, words.next()?, words.next()?);
        let mut bytes = [0; 48];
        hex::decode_to_slice(secret, &mut bytes).ok()?;
        let secret = Secret::new(bytes);
        match kind {
            "RSA" => {
                let mut encrypted = [0; 8];
                hex::decode_to_slice(key, &mut encrypted).ok()?;
                Some(Self::Premaster { encrypted, premaster: secret, block: None })
            }
            "CLIENT_RANDOM" => {
                let mut client_random = [0; 32];
                hex::decode_to_slice(key, &mut client_random).ok()?;
                Some(Self::Master { client_random, master: secret })
            }
            _ => None,
        }
    }
}

/// Someone who is told the secrets. Whoever is told them can read the connection.
pub trait KeyLog: fmt::Debug + Send + Sync {
    /// A secret came to be.
    fn log(&self, entry: KeyLogEntry);
}

/// A key log in memory.
#[derive(Debug, Default)]
pub struct Collected(Mutex<Vec<KeyLogEntry>>);

impl Collected {
    /// What was logged until now.
    #[must_use]
    pub fn entries(&self) -> Vec<KeyLogEntry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl KeyLog for Collected {
    fn log(&self, entry: KeyLogEntry) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        for line in [
            format!("RSA {} {}", "0123456789abcdef", "5a".repeat(48)),
            format!("CLIENT_RANDOM {} {}", "c3".repeat(32), "5a".repeat(48)),
        ] {
            assert_eq!(KeyLogEntry::from_line(&line).unwrap().to_line(), line);
        }
        for line in ["", "# RSA 00 00", "CLIENT_RANDOM 00 00", "SERVER_TRAFFIC_SECRET_0 00 00"] {
            assert!(KeyLogEntry::from_line(line).is_none(), "{line}");
        }
    }
}
