//! The targets by name, each with inputs to begin from: what a fuzzer mutates.

pub use crate::certificates::certificates;
pub use crate::connections::{client, server};
pub use crate::messages::messages;
pub use crate::recordings::{dissector, recordings};

/// Something that must hold whatever comes.
pub struct Target {
    pub name: &'static str,
    /// Panics if it does not hold.
    pub run: fn(&[u8]),
    /// Inputs to begin from, out of runs of our own.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

pub const TARGETS: [Target; 6] = [
    Target { name: "certificates", run: certificates, seeds: crate::certificates::seeds },
    Target { name: "messages", run: messages, seeds: crate::messages::seeds },
    Target { name: "client", run: client, seeds: crate::connections::seeds_for_a_client },
    Target { name: "server", run: server, seeds: crate::connections::seeds_for_a_server },
    Target { name: "dissector", run: dissector, seeds: crate::recordings::seeds_for_the_dissector },
    Target { name: "recordings", run: recordings, seeds: crate::recordings::seeds },
];
