//! RSA and the arithmetic under it: against Wycheproof, `num-bigint`, the textbook and fixed keys.

#[path = "asymmetric/arithmetic.rs"]
mod arithmetic;
