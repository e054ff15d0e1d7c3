//! TLS 1.2 (RFC 5246) with RSA key transport: the six steps, literally.

pub mod client;
pub mod dissect;
pub mod key_schedule;
mod negotiated;
pub mod server;
