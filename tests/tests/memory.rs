//! A compiled playbook gives its memory back. Alone in its process, because it reads what the whole of it holds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg_evaluator::record::Compiled;
use seg_evaluator::{Bulk, Method};
use seg_ir::NodeId;
use seg_tests::{batches, fixture};

const PLAYBOOK: &str = r#"
playbook "p" { timezone "Europe/London" currency GBP }
enum Channel { Web, Shop }
profile C key id { id Text  tenure Int?  orders many Order }
event Order by id at placed { placed Timestamp  amount Money(GBP)  channel Channel }
attribute a = count(orders in last 90 days where channel = Web)
attribute b = sum(orders.amount in last 12 months where channel = Shop)
segment S when a > 2 and any(orders in last 60 days where amount > 10.00 GBP)
segment T when (tenure > 3 and tenure < 9) or b > 100.00 GBP
test "t" {
  given { id: "c" tenure: 4 orders: [{ placed: 2026-01-20T10:00Z, amount: 11.00 GBP, channel: Web }] }
  as of 2026-02-01
  expect in T
}
"#;

/// Resident memory in pages, where the system tells.
fn resident() -> Option<u64> {
    std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()
}

#[test]
fn a_thousand_playbooks_compiled_and_dropped_leave_memory_flat() {
    let program = fixture::checked(PLAYBOOK).unwrap();
    let (test, optimised) = (&program.tests[0], &program.optimised);
    let nodes: Vec<NodeId> = optimised.segments.iter().chain(&optimised.attributes).copied().collect();
    let batch = batches::of_record(&program.schema, &test.record).unwrap();
    let round = || {
        let bulk = Bulk::new(program.running(test.as_of), &nodes, Method::Jit);
        assert!(bulk.is_compiled());
        assert_eq!(bulk.evaluate(&batch).columns.len(), nodes.len());
        let record = Compiled::new(program.running(test.as_of), &nodes).unwrap();
        assert!(record.over_source(&test.record, 0, test.as_of).is_ok());
    };
    (0..100).for_each(|_| round());
    let before = resident();
    (0..1_000).for_each(|_| round());
    let (Some(before), Some(after)) = (before, resident()) else { return };
    assert!(after < before + before / 10 + 1_000, "{before} pages grew to {after}");
}
