#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cutaway_fuzz::targets::client(bytes));
