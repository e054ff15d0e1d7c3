//! Benches of the `cutaway` crate beside its peers. The benches are the files beside this one.
