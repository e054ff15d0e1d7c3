//! TLS, as state machines that hold no socket.
