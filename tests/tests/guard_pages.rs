//! What kernels and machine code read lies beside pages that nobody may touch, at its end and then at its beginning: every
//! fixture, and a short campaign by every set of kernels. A read past a column ends the process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use seg_evaluator::guard::{Place, kernel_sets, regions, with};
use seg_tests::differential::campaign::{Options, run};
use seg_tests::fixture;

/// Playbooks for each set of kernels at each end; the environment variable `SEG_GUARDED` says another number.
const PROGRAMS: u64 = 8;

#[test]
fn every_fixture_holds_beside_guard_pages() {
    let fixtures = fixture::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/eval")).unwrap();
    for place in Place::ALL {
        let before = regions();
        let failures: Vec<String> = with(place, 0, || {
            fixtures.iter().filter_map(|f| f.run().err().map(|e| format!("---- {}\n{e}", f.name))).collect()
        });
        assert!(failures.is_empty(), "{place:?}: {}", failures.join("\n"));
        let made = regions() - before;
        assert!(made > 10 * fixtures.len() as u64, "{made} mappings: what was read lay somewhere else");
    }
}

#[test]
fn a_short_campaign_stays_within_its_columns() {
    let sets = kernel_sets();
    assert_eq!(sets.last(), Some(&"portable"));
    let programs = std::env::var("SEG_GUARDED").map_or(PROGRAMS, |count| count.parse().unwrap());
    for (set, name) in sets.iter().enumerate() {
        for (turn, place) in Place::ALL.into_iter().enumerate() {
            let before = regions();
            let options = Options {
                programs,
                records: 200,
                seed: 70 + turn as u64,
                first: set as u64 * programs,
                quick: true,
                ..Options::default()
            };
            let report = with(place, set, || run(&options));
            assert!(report.found.is_empty(), "{name}, {place:?}: {}", report.text(&options));
            let made = regions() - before;
            println!("{name}, {place:?}: {made} mappings; {}", report.verdict(&options));
            assert!(made > 1_000 * programs, "{name}, {place:?}: {made} mappings: what was read lay somewhere else");
        }
    }
}
