//! RSA and the arithmetic under it: against Wycheproof, OpenSSL's answers, `num-bigint` and the textbook.

#[path = "asymmetric/arithmetic.rs"]
mod arithmetic;
#[path = "asymmetric/fixed_keys.rs"]
mod fixed_keys;
#[path = "asymmetric/keys.rs"]
mod keys;
#[path = "asymmetric/premaster.rs"]
mod premaster;
#[path = "asymmetric/rungs.rs"]
mod rungs;
#[path = "asymmetric/vectors.rs"]
mod vectors;
