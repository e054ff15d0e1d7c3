//! Ten thousand handshakes in one process, and not a byte more is held than before them.
//!
//! The one test of this program, for it counts what the whole process holds, byte by byte: what is asked
//! of the allocator, less what is given back. (What the system lends is a worse measure, as it comes in
//! pages and is seldom returned.)

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};

use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::{Client, ClientConfig, Connection, Server, ServerConfig};

use crate::pair::{Pair, client_config, localhost, now, server_config};

#[allow(dead_code)]
#[path = "tls/pair.rs"]
mod pair;

/// Bytes that were asked for and not given back.
static HELD: AtomicIsize = AtomicIsize::new(0);

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: the system's allocator, with a number beside it. The other methods come back to these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size().cast_signed(), Relaxed);
        // SAFETY: as the caller vouches.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size().cast_signed(), Relaxed);
        // SAFETY: as the caller vouches.
        unsafe { System.dealloc(block, layout) }
    }
}

/// A whole conversation on each, a third of them broken off: by a client that goes away in the middle of
/// its handshake, or by a byte that was changed.
fn handshakes(numbers: std::ops::Range<u64>, client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) {
    for number in numbers {
        let client = Client::new(Arc::clone(client), localhost(), now(), Generator::new(number, 0));
        let server = Server::new(Arc::clone(server), Generator::new(number, 1));
        match number % 6 {
            0 => {
                let mut pair = Pair::new(client, server);
                let hello = pair.client.take_outgoing();
                pair.server.receive(&hello).expect("a ClientHello");
            }
            1 => {
                let mut pair = Pair::new(client, server);
                let hello = pair.client.take_outgoing();
                pair.server.receive(&hello).expect("a ClientHello");
                let mut flight = pair.server.take_outgoing();
                flight[100] ^= 1;
                assert!(pair.client.receive(&flight).is_err(), "a changed certificate");
                assert!(pair.server.receive(&pair.client.take_outgoing()).is_err(), "an alert");
            }
            _ => {
                let mut pair = Pair::whole(client, server);
                pair.established();
            }
        }
    }
}

#[test]
fn ten_thousand_handshakes_leave_nothing_behind() {
    // In a build for debugging that takes a minute; a few hundred say there whether one leaves something.
    let (warm, all) = if cfg!(debug_assertions) { (60, 600) } else { (1_000, 15_000) };
    let (client, server) = (Arc::new(client_config()), Arc::new(server_config()));
    handshakes(0..warm, &client, &server);
    let before = HELD.load(Relaxed);
    handshakes(warm..all, &client, &server);
    assert_eq!(HELD.load(Relaxed) - before, 0, "bytes more are held after {all} connections");
    let kept = std::hint::black_box(vec![0_u8; 7]);
    assert_eq!(HELD.load(Relaxed) - before, 7, "and this is how it looks when something is kept");
    drop(kept);
}
