//! The saved inputs of every target of fuzzing, and some changed ones: their properties and their bounds hold. Alone in its
//! process, because it counts what the whole of it allocates.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use seg_tests::fuzz::campaign::{inputs, run};
use seg_tests::fuzz::{TARGETS, judge, saved, watch_panics};

#[global_allocator]
static ALLOCATOR: seg_evaluator::Counting = seg_evaluator::Counting;

/// So many changed inputs of each target in every test run; `cargo xtask fuzz` tries a million.
const CHANGED: u64 = 1_500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

#[test]
fn saved_and_changed_inputs_keep_to_every_property_and_bound() {
    let print = std::panic::take_hook();
    watch_panics();
    let mut broken = Vec::new();
    for target in TARGETS {
        for (name, input) in saved(&root(), target).unwrap() {
            // The first time, what is made once for all is made.
            drop((target.check)(&input));
            let (verdict, spent) = judge(target, &input);
            broken.extend((spent.calls == 0).then(|| format!("{}/{name}: nothing is counted", target.name)));
            broken.extend(verdict.err().map(|what| format!("{}/{name}: {what}", target.name)));
        }
        let inputs = inputs(&root(), target).unwrap();
        let tally = run(target, &inputs, 7, 0..CHANGED, |_| {});
        broken.extend((tally.tried != CHANGED).then(|| format!("{}: {} were tried", target.name, tally.tried)));
        let failed = tally.failures.into_iter().map(|f| format!("{}, input {}: {}", target.name, f.number, f.what));
        broken.extend(failed);
        for verdict in target.verdicts {
            let reached = tally.verdicts.get(*verdict).copied().unwrap_or(0);
            let few = || format!("{}: {verdict} only {reached} times: {:?}", target.name, tally.verdicts);
            broken.extend((reached == 0).then(few));
        }
    }
    std::panic::set_hook(print);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
