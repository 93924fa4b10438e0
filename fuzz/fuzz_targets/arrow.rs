//! libFuzzer on the target `arrow`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seg_tests::fuzz::or_abort("arrow", bytes));
