//! Code gives its memory back. Alone in its process, because it reads what the whole of it holds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData};
use seg_evaluator::{Builder, Optimise};

/// Makes code that stores a number, runs it and drops it.
fn round(number: i64) {
    let mut builder = Builder::new(Optimise::Speed).unwrap();
    let function = builder
        .define(&[I64], |b, given| {
            let number = b.ins().iconst(I64, number);
            b.ins().store(MemFlagsData::trusted(), number, given[0], 0);
            Ok(())
        })
        .unwrap();
    let code = builder.finish().unwrap();
    let mut out = 0;
    // SAFETY: the function has this signature, its code lives, and `out` may be written.
    unsafe {
        let store = std::mem::transmute::<*const u8, unsafe extern "C" fn(*mut i64)>(code.address(function).unwrap());
        store(&mut out);
    }
    assert_eq!(out, number);
}

fn resident_bytes() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn a_thousand_rounds_of_making_and_dropping_code_leave_no_memory_behind() {
    (0..200).for_each(round);
    let before = resident_bytes();
    (0..1000).for_each(round);
    let grown = resident_bytes().saturating_sub(before);
    // Each round's code, were it kept, would hold at least a page: four megabytes.
    assert!(grown < 1 << 20, "{grown} bytes");
}
