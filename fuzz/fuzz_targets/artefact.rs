//! libFuzzer on the target `artefact`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seg_tests::fuzz::or_abort("artefact", bytes));
