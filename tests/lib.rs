//! Tests of the `cutaway` crate that need heavy companions: vectors, properties, peers, attacks. The
//! tests are the files beside this one; here is what several of them share.

pub mod peer;
pub mod valgrind;
