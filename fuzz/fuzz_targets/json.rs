//! libFuzzer on the target `json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seg_tests::fuzz::or_abort("json", bytes));
