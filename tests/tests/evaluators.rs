//! What compiled evaluators promise besides their answers: each event is visited once, rows within rows only where somebody
//! looks, and what is known of reference tables is known of those at hand.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg_evaluator::{Batch, Bulk, Method};
use seg_ir::{Const, NodeId, Program};
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
    let methods = [Method::Masks, Method::Gates, Method::Jit];
    assert_eq!(methods.map(events), [28 + 21; 3]);
    assert!(events(Method::Interp) > 4 * (28 + 21), "the interpreter goes over them for every fold");
}

#[test]
fn machine_code_is_there_where_it_is_asked_for() {
    let program = program();
    let bulk = |method| Bulk::new(program.running(0), &outputs(&program), method);
    assert!(bulk(Method::Jit).is_compiled());
    assert!(!bulk(Method::Masks).is_compiled());
    assert!(!bulk(Method::Gates).is_compiled());
    assert!(!bulk(Method::Interp).is_compiled());
}

#[test]
fn rows_within_rows_are_visited_for_those_in_the_window_alone() {
    let text = "playbook \"p\" { timezone \"UTC\" currency GBP }
profile C key id { id Text  visits many Visit }
event Visit by id at seen { seen Date  pages Int }
attribute a = count(visits v in last 10 days where count(customer.visits w where w.pages > v.pages) > 0)
test \"t\" { given { id: \"c\" visits: [{ seen: 2026-01-01, pages: 3 }, { seen: 2026-01-30, pages: 2 }, { seen: 2026-01-31, pages: 9 }] }
  as of 2026-02-01 expect a = 1 }";
    let program = fixture::checked(text).unwrap();
    let (nodes, batch, as_of) = (outputs(&program), batch(&program), program.tests[0].as_of);
    for method in [Method::Masks, Method::Gates, Method::Jit] {
        let events = Bulk::new(program.running(as_of), &nodes, method).evaluate(&batch).tally.events;
        assert_eq!(events, 3 + 2 * 3, "{}: three rows, and from two of them three again", method.name());
    }
}

#[test]
fn one_plan_decides_batches_that_point_into_different_tables() {
    let text = "playbook \"p\" { timezone \"UTC\" currency GBP }
profile C key id { id Text  item Item? }
reference Item key item_id { item_id Text  department Text }
segment Shoes when item.department = \"shoes\"
test \"shoes\" { given { id: \"c\" item: { item_id: \"i\", department: \"shoes\" } } as of 2026-02-01 expect in Shoes }
test \"hats\" { given { id: \"c\" item: { item_id: \"i\", department: \"hats\" } } as of 2026-02-01 expect not in Shoes }";
    let program = fixture::checked(text).unwrap();
    let of = |test: usize| batches::of_record(&program.schema, &program.tests[test].record).unwrap();
    let (shoes, hats) = (of(0), of(1));
    for method in Method::ALL {
        let bulk = Bulk::new(program.running(program.tests[0].as_of), &program.optimised.segments, method);
        for (batch, is_in) in [(&shoes, true), (&hats, false), (&shoes, true)] {
            assert_eq!(bulk.values(batch), [[Const::Bool(is_in)]], "{}", method.name());
        }
    }
}
