//! One key for both ends: ciphers and authenticated encryption.
