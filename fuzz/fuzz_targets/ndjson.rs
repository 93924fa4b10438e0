//! libFuzzer on the target `ndjson`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seg_tests::fuzz::or_abort("ndjson", bytes));
