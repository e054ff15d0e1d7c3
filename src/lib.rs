//! A cutaway lock is a real lock with a window milled into its side. This crate is that for the
//! cryptography under Kubernetes, TLS and SSH: the real mechanism, in plain sight.
//!
//! # The map of the house
//!
//! Every floor may look down, none looks up:
//!
//! | floor | what lives there |
//! |---|---|
//! | [`story`] | one file an example: runs a protocol and tells it, as a report |
//! | [`tls`] | the protocol, as state machines that hold no socket |
//! | [`pki`] | DER, PEM, keys, certificates, whom to believe |
//! | [`asymmetric`] | RSA: a public and a private half |
//! | [`symmetric`], [`hash`] | AES, GCM, ChaCha20; SHA-2, HMAC |
//! | [`wire`], [`secret`], [`rung`], [`cpu`] | bytes with names; bytes that must not be seen; which implementation runs |
//!
//! Beside the house stands [`report`], which draws what was seen, and knows [`wire`] alone. Before it
//! stands the [`course`]: the place to begin for whoever wants to learn rather than to use.

pub mod asymmetric;
pub mod course;
pub mod cpu;
pub mod hash;
pub mod pki;
pub mod report;
pub mod rung;
pub mod secret;
pub mod story;
pub mod symmetric;
pub mod tls;
pub mod wire;

/// The README's code, held to what it says.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
