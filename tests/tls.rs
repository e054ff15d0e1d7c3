//! TLS 1.2: ours against ours, ours against a side that is led by hand, and the window on all of it.
//! No sockets; every run is the same run, since all that is random comes from a seed.

#[path = "dissect/checks.rs"]
#[allow(dead_code)]
mod checks;
#[path = "tls/hand.rs"]
mod hand;
#[path = "tls/malformed.rs"]
mod malformed;
#[path = "tls/pair.rs"]
mod pair;

#[path = "tls/cbc.rs"]
mod cbc;
#[path = "tls/handshake.rs"]
mod handshake;
#[path = "tls/hostile.rs"]
mod hostile;
#[path = "tls/messages.rs"]
mod messages;
#[path = "tls/premaster.rs"]
mod premaster;
#[path = "tls/stream.rs"]
mod stream;
#[path = "tls/violations.rs"]
mod violations;
#[path = "tls/window.rs"]
mod window;
