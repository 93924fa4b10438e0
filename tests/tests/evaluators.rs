//! What compiled evaluators promise besides their answers: each event is visited once, and their memory is given back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg_evaluator::{Batch, Bulk, Method};
use seg_ir::{NodeId, Program};
use seg_tests::{batches, fixture};

/// Folds of every kind over two tables, in windows of their own.
const FOLDS: &str = r#"
playbook "p" { timezone "Europe/London" currency GBP }
enum Channel { Web, Shop }
profile C key id { id Text  orders many Order  visits many Visit }
event Order by id at placed { placed Timestamp  amount Money(GBP)  channel Channel }
event Visit by id at seen { seen Date  pages Int }
attribute a = count(orders in last 30 days)
attribute b = count(orders in last 90 days where channel = Web)
attribute c = sum(orders.amount in last 30 days)
attribute d = sum(orders.amount in last 12 months where channel = Shop)
attribute e = max(orders.amount)
attribute f = latest(orders.placed in last 90 days)
attribute g = share(orders where channel = Web)
attribute h = distinct(orders.channel)
attribute i = sum(visits.pages in last 7 days)
attribute j = mean(visits.pages in last 60 days)
segment S when a > 2 and any(orders in last 60 days where amount > 10.00 GBP)
segment T when every(visits in last 1 year where pages > 1)
"#;

fn program() -> Program {
    let orders =
        (1..29).map(|day| format!("{{ placed: 2026-01-{day:02}T10:00Z, amount: {day}.00 GBP, channel: Web }}"));
    let visits = (1..22).map(|day| format!("{{ seen: 2026-01-{day:02}, pages: {day} }}"));
    let (orders, visits) = (orders.collect::<Vec<_>>().join(", "), visits.collect::<Vec<_>>().join(", "));
    let given = format!("given {{ id: \"c\" orders: [{orders}] visits: [{visits}] }}");
    fixture::checked(&format!("{FOLDS}\ntest \"t\" {{ {given} as of 2026-02-01 expect S }}")).unwrap()
}

fn outputs(program: &Program) -> Vec<NodeId> {
    program.optimised.segments.iter().chain(&program.optimised.attributes).copied().collect()
}

fn batch(program: &Program) -> Batch {
    batches::of_record(&program.schema, &program.tests[0].record).unwrap()
}

#[test]
fn each_event_is_visited_once_for_all_folds_and_windows() {
    let program = program();
    let (nodes, batch, as_of) = (outputs(&program), batch(&program), program.tests[0].as_of);
    let events = |method| Bulk::new(program.running(as_of), &nodes, method).evaluate(&batch).tally.events;
    assert_eq!((events(Method::Masks), events(Method::Jit)), (28 + 21, 28 + 21));
    assert!(events(Method::Interp) > 4 * (28 + 21), "the interpreter goes over them for every fold");
}

#[test]
fn machine_code_is_there_where_it_is_asked_for() {
    let program = program();
    let bulk = |method| Bulk::new(program.running(0), &outputs(&program), method);
    assert!(bulk(Method::Jit).is_compiled());
    assert!(!bulk(Method::Masks).is_compiled());
    assert!(!bulk(Method::Interp).is_compiled());
}

/// Resident memory in pages, where the system tells.
fn resident() -> Option<u64> {
    std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()
}

#[test]
fn a_thousand_playbooks_compiled_and_dropped_leave_memory_flat() {
    let program = program();
    let (nodes, batch, as_of) = (outputs(&program), batch(&program), program.tests[0].as_of);
    let round = || {
        let bulk = Bulk::new(program.running(as_of), &nodes, Method::Jit);
        assert_eq!(bulk.evaluate(&batch).columns.len(), nodes.len());
        let record = seg_evaluator::record::Compiled::new(program.running(as_of), &nodes).unwrap();
        assert!(record.over_source(&program.tests[0].record, 0, as_of).is_ok());
    };
    (0..100).for_each(|_| round());
    let before = resident();
    (0..1_000).for_each(|_| round());
    let (Some(before), Some(after)) = (before, resident()) else { return };
    assert!(after < before + before / 10 + 1_000, "{before} pages grew to {after}");
}
