//! What compiled evaluators promise besides their answers: each event is visited once, faults are counted as the
//! interpreter counts them, and their memory is given back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use seg_evaluator::{Batch, Bulk, Method};
use seg_ir::{NodeId, Op, Program, Reason};
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

/// Each fault with how often it is counted for the only customer of the only test, and whether all methods count alike.
fn faults(text: &str) -> BTreeMap<(NodeId, Reason), u64> {
    let program = fixture::checked(text).unwrap();
    let (test, nodes) = (&program.tests[0], plain_outputs(&program));
    let batch = batch(&program);
    let tally = |method| Bulk::new(program.context(test.as_of), &nodes, method).evaluate(&batch).tally;
    let wanted = tally(Method::Interp);
    for method in [Method::Masks, Method::Jit] {
        let found = tally(method);
        assert_eq!((found.faults, found.skipped), (wanted.faults.clone(), wanted.skipped.clone()), "{}", method.name());
    }
    for (id, _) in wanted.faults.keys() {
        let is_computed = matches!(program.ir.node(*id).op, Op::Arithmetic(..));
        assert!(is_computed, "it is counted where it is computed: {:?}", program.ir.node(*id));
    }
    wanted.faults.into_iter().collect()
}

fn plain_outputs(program: &Program) -> Vec<NodeId> {
    program.segments.iter().map(|s| s.node).chain(program.attributes.iter().map(|a| a.node)).collect()
}

#[test]
fn a_constant_that_fails_is_counted_where_it_stands() {
    let head = "playbook \"p\" { timezone \"UTC\" currency GBP }\nprofile C key id { id Text  n Int? }";
    let given = "test \"t\" { given { id: \"c\" n: 3 } as of 2026-01-01 expect not in S }";
    let counted = |when: &str| faults(&format!("{head}\nsegment S when {when}\n{given}")).into_values().sum::<u64>();
    assert_eq!(counted("(1 / 0 > n) else false"), 1);
    assert_eq!(counted("n > 5 and ((1 / 0 > n) else false)"), 0, "nobody looks at it");
}

#[test]
fn a_fault_of_a_row_is_counted_once_though_a_fold_comes_between() {
    let text = "playbook \"p\" { timezone \"UTC\" currency GBP }
profile C key id { id Text  visits many Visit }
event Visit by id at seen { seen Date  pages Int }
attribute all = count(visits)
attribute a = count(visits where ((1 / pages > 0) else false) or customer.all > 5 or ((1 / pages > 1) else false))
test \"t\" { given { id: \"c\" visits: [{ seen: 2026-01-01, pages: 0 }, { seen: 2026-01-02, pages: 0 }] }
  as of 2026-02-01 expect a = 0 }";
    let faults = faults(text);
    assert_eq!(
        faults.into_iter().map(|((_, reason), n)| (reason, n)).collect::<Vec<_>>(),
        [(Reason::DivisionByZero, 2)]
    );
}

#[test]
fn faults_behind_the_row_that_decides_are_not_counted() {
    let counted = |attribute: &str, first: i64, second: i64| {
        let text = format!(
            "playbook \"p\" {{ timezone \"UTC\" currency GBP }}
profile C key id {{ id Text  visits many Visit }}
event Visit by id at seen {{ seen Date  pages Int }}
attribute a = {attribute}
test \"t\" {{ given {{ id: \"c\" visits: [{{ seen: 2026-01-01, pages: {first} }}, {{ seen: 2026-01-02, pages: {second} }}] }}
  as of 2026-02-01 expect count(visits) = 2 }}"
        );
        faults(&text).into_values().sum::<u64>()
    };
    let test = "((1 / pages > 0) else false)";
    assert_eq!(counted(&format!("any(visits where {test})"), 1, 0), 0);
    assert_eq!(counted(&format!("any(visits where {test})"), 0, 1), 1);
    assert_eq!(counted(&format!("every(visits where not {test})"), 1, 0), 0);
    assert_eq!(counted(&format!("latest(visits.pages where {test})"), 0, 1), 0);
    assert_eq!(counted(&format!("latest(visits.pages where {test})"), 1, 0), 1);
}
