//! The verifier takes every program of the fixtures and refuses each made wrong in one place.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use seg_ir::verify::verify;
use seg_tests::fixture::{all, checked};
use seg_tests::verifier::wrong;

#[test]
fn what_is_wrong_in_one_place_is_refused() {
    let mut refused: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for fixture in all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/eval")).unwrap() {
        let program = checked(&fixture.text).unwrap();
        assert_eq!(verify(&program.ir, &program.schema, program.vocabulary), Ok(()));
        for wrong in wrong(&program) {
            let verdict = verify(&wrong.ir, &program.schema, program.vocabulary);
            let at = wrong.ir.nodes.last().unwrap();
            assert!(verdict.is_err(), "{}: {} passes for {at:?}", fixture.name, wrong.what);
            *refused.entry((wrong.op, wrong.what)).or_default() += 1;
        }
    }
    let operations = refused.keys().filter(|(_, what)| *what == "another type").count();
    println!("{} changes refused, of {operations} operations", refused.values().sum::<usize>());
    assert_eq!(operations, 30, "every operation has a type to be wrong about: {refused:#?}");
}
