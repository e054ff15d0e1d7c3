//! TLS, as state machines that hold no socket.
//!
//! [`Client`] and [`Server`] take bytes in and give bytes out ([`Connection`]); [`Stream`] joins them to
//! a socket. Every structure has one decoder, which the protocol and the window share.
//!
//! | file, in the order of reading | what it holds |
//! |---|---|
//! | [`record`], [`protection`] | the pieces on the wire, and how they are sealed |
//! | [`message`], [`hello`], [`extension`], [`certificate`], [`key_exchange`], [`finished`] | what is said in a handshake |
//! | [`suite`] | which key exchange, which cipher, which hash |
//! | [`v12`] | TLS 1.2: client, server, key schedule |
//! | [`alert`], [`error`] | what can go wrong, and how the other side hears of it |
//! | `channel` | bytes to messages and back: it alone cuts, joins, opens, numbers and hashes |
//! | [`connection`], [`stream`], [`config`] | what a program holds in its hands |
//! | [`key_log`], [`dissect`], [`glossary`] | the window |

pub mod alert;
pub mod certificate;
mod channel;
pub mod config;
pub mod connection;
pub mod dissect;
pub mod error;
pub mod extension;
pub mod finished;
pub mod glossary;
pub mod hello;
pub mod key_exchange;
pub mod key_log;
pub mod message;
pub mod protection;
pub mod record;
pub mod stream;
pub mod suite;
pub mod v12;

pub use config::{ClientConfig, ServerConfig};
pub use connection::{Connection, Established, Event};
pub use error::Error;
pub use stream::Stream;
pub use suite::CipherSuite;
pub use v12::client::Client;
pub use v12::server::Server;
