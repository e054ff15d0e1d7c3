//! Memory that costs the same whatever came before.
//!
//! How many instructions the system's allocator needs depends on what every earlier connection left
//! behind: the same message costs a thousand more or fewer each time it is handled. So that a difference
//! of one instruction shows, memory is taken here from one long arena, from left to right, and never
//! given back. What is asked for, and in which order, is still the server's.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

pub struct Arena {
    start: AtomicUsize,
    next: AtomicUsize,
}

#[global_allocator]
static ARENA: Arena = Arena { start: AtomicUsize::new(0), next: AtomicUsize::new(0) };

/// A case has this much, and begins at a multiple of it: its memory lies as that of every other case does,
/// and copying takes the same way, which may depend on an address.
const PLOT: usize = 1 << 20;

const PLOTS: usize = 256;

/// From now on memory comes out of the arena, from the beginning of a plot. For a program of one thread.
pub fn next_plot() {
    if ARENA.start.load(Relaxed) == 0 {
        let layout = Layout::from_size_align(PLOT * PLOTS, PLOT).expect("a power of two");
        // SAFETY: the layout is not empty.
        let start = unsafe { System.alloc(layout) }.expose_provenance();
        assert_ne!(start, 0, "no memory");
        ARENA.start.store(start, Relaxed);
        ARENA.next.store(start, Relaxed);
    }
    ARENA.next.store(ARENA.next.load(Relaxed).next_multiple_of(PLOT), Relaxed);
}

// SAFETY: no two blocks overlap, since `next` only grows, and each is as long and as aligned as was asked
// for. What does not come from the arena comes from the system, and goes back there.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.start.load(Relaxed);
        if start == 0 {
            // SAFETY: as the caller vouches.
            return unsafe { System.alloc(layout) };
        }
        let block = self.next.load(Relaxed).next_multiple_of(layout.align().max(64));
        self.next.store(block + layout.size(), Relaxed);
        assert!(block + layout.size() <= start + PLOT * PLOTS, "the arena is used up");
        std::ptr::with_exposed_provenance_mut(block)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let start = self.start.load(Relaxed);
        if start == 0 || !(start..start + PLOT * PLOTS).contains(&block.addr()) {
            // SAFETY: it came from there.
            unsafe { System.dealloc(block, layout) }
        }
    }
}
