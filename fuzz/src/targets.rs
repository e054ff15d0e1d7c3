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
    /// How much memory it may take: so many bytes, and so many times as many as the input has.
    pub memory: (usize, usize),
    /// Inputs to begin from, out of runs of our own.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

// Of a recording every field is kept, with its name and what it means.
pub const TARGETS: [Target; 6] = [
    Target {
        name: "certificates",
        run: certificates,
        memory: (16 << 10, 128),
        seeds: crate::certificates::seeds,
    },
    Target { name: "messages", run: messages, memory: (16 << 10, 64), seeds: crate::messages::seeds },
    Target {
        name: "client",
        run: client,
        memory: (64 << 10, 64),
        seeds: crate::connections::seeds_for_a_client,
    },
    Target {
        name: "server",
        run: server,
        memory: (64 << 10, 64),
        seeds: crate::connections::seeds_for_a_server,
    },
    Target {
        name: "dissector",
        run: dissector,
        memory: (256 << 10, 512),
        seeds: crate::recordings::seeds_for_the_dissector,
    },
    Target { name: "recordings", run: recordings, memory: (256 << 10, 512), seeds: crate::recordings::seeds },
];
