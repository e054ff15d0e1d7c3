//! Hashes, and what is built on them.
