//! Bytes with names.
