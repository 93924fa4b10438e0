//! libFuzzer on the target `formatter`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seg_tests::fuzz::or_abort("formatter", bytes));
