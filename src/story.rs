//! One file an example: runs a protocol and tells it, as a report. The only floor that knows several
//! protocols, and the only one that shows secrets: those made for the run.

pub mod claims;
pub mod dissect;
pub mod tls_handshake;
