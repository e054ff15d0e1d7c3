//! TLS 1.2 (RFC 5246) with RSA key transport: the six steps, literally.
//!
//! | file, in the order of reading | what it holds |
//! |---|---|
//! | [`key_schedule`] | from one secret to all keys: plain functions |
//! | [`client`], [`server`] | the two state machines |
//! | `negotiated` | what both compute alike |
//! | [`dissect`] | the same values as layers, for the window |

pub mod client;
pub mod dissect;
pub mod key_schedule;
mod negotiated;
pub mod server;
