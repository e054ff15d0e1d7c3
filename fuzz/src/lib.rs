//! Cutaway under libFuzzer.
//!
//! A target is a function of bytes that panics when something is not as it must be: [`targets`]. Here
//! libFuzzer chooses the bytes; in `tests/fuzz.rs`, which has the same modules, a property test does.
//!
//! ```text
//! cargo install --locked cargo-fuzz
//! FUZZ_CORPUS=fuzz/corpus cargo test -p cutaway-tests --test fuzz seeds
//! RUSTC_BOOTSTRAP=1 cargo fuzz run client -- -max_total_time=600 \
//!     -timeout=60 -rss_limit_mb=1024 -malloc_limit_mb=64
//! ```

#[path = "../../tests/dissect/checks.rs"]
#[allow(dead_code)]
mod checks;
#[path = "../../tests/tls/hand.rs"]
#[allow(dead_code)]
mod hand;
#[path = "../../tests/tls/pair.rs"]
#[allow(dead_code)]
mod pair;

mod certificates;
mod connections;
mod messages;
mod recordings;
mod script;
pub mod targets;
