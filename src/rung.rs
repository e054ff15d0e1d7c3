//! The names of the rungs: the implementations of one primitive, from the one that runs on every
//! machine to the one that uses all a processor has.
//!
//! Each primitive has `rungs()`, which lists those that this machine can run, slowest first, and
//! `on(rung, …)`, which asks for one. Its textbook is not a rung: that is a set of plain functions
//! to be read and watched, and the oracle that each rung must equal.

use std::fmt;

/// An implementation of a primitive, named for what makes the difference.
///
/// ```
/// use cutaway::rung::Rung;
/// assert_eq!(Rung::Portable.to_string(), "Portable");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rung {
    /// Safe Rust, constant-time, without look-ups or branches on secrets: there on every machine.
    Portable,
    /// The AES instructions of x86-64; for GHASH and GCM with carry-less multiplication (PCLMULQDQ).
    AesNi,
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
