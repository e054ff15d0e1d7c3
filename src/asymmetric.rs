//! Public-key cryptography.
