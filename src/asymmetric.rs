//! Public-key cryptography: one half of a key is given to the world, the other half is kept.
//!
//! | module | what it is | the standard |
//! |---|---|---|
//! | [`rsa`] | encryption and signatures by powers modulo a product of two primes | RFC 8017, FIPS 186-5 |
//! | [`montgomery`] | arithmetic modulo a large odd number, in constant time | Montgomery 1985 |

pub mod montgomery;
pub mod rsa;
