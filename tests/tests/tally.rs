//! Compiled evaluators count faults and skipped values as the interpreter does, which looks no further than it must.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use seg_evaluator::{Bulk, Method};
use seg_ir::{NodeId, Op, Program, Reason};
use seg_tests::{batches, fixture};

/// Each fault with how often it is counted for the only customer of the only test, and whether all methods count alike.
fn faults(text: &str) -> BTreeMap<(NodeId, Reason), u64> {
    let program = fixture::checked(text).unwrap();
    let (test, nodes) = (&program.tests[0], plain_outputs(&program));
    let batch = batches::of_record(&program.schema, &test.record).unwrap();
    let tally = |method| Bulk::new(program.context(test.as_of), &nodes, method).evaluate(&batch).tally;
    let wanted = tally(Method::Interp);
    for method in [Method::Masks, Method::Gates, Method::Jit] {
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
    assert_eq!(counted(&format!("earliest(visits where {test}).pages"), 1, 0), 0);
    assert_eq!(counted(&format!("earliest(visits where {test}).pages"), 0, 1), 1);
}

#[test]
fn items_behind_the_one_that_decides_are_not_counted() {
    let counted = |held: i64| {
        let text = format!(
            "playbook \"p\" {{ timezone \"UTC\" currency GBP }}
profile C key id {{ id Text  n Int  held List(Int) }}
segment S when held contains any of [1, n * 9_000_000_000_000_000_000]
test \"t\" {{ given {{ id: \"c\" n: 5 held: [{held}] }} as of 2026-02-01 expect n = 5 }}"
        );
        faults(&text).into_values().sum::<u64>()
    };
    assert_eq!((counted(1), counted(2)), (0, 1));
}

/// A playbook whose attributes look at a condition over rows within rows, each from rows of its own.
fn rows_in_rows(condition: &str, attributes: &[&str]) -> String {
    let attributes = attributes.iter().enumerate().map(|(n, of)| {
        let test = of.replace("CONDITION", condition);
        format!("attribute a{n} = count(visits v where {test})\n")
    });
    format!(
        "playbook \"p\" {{ timezone \"UTC\" currency GBP }}
profile C key id {{ id Text  visits many Visit }}
event Visit by id at seen {{ seen Date  pages Int  bonus Int? }}
{}
test \"t\" {{ given {{ id: \"c\" visits: [{{ seen: 2026-01-01, pages: 2 }}, {{ seen: 2026-01-02, pages: 7, bonus: 4 }},
  {{ seen: 2026-01-03, pages: 9 }}] }} as of 2026-02-01 expect count(visits) = 3 }}",
        attributes.collect::<String>()
    )
}

#[test]
fn what_several_conditions_look_at_in_rows_within_rows_is_counted_as_often_as_they_look() {
    let fails = "((1 / count(customer.visits w where w.pages > v.pages + 100) > 0) else false)";
    // The same quotient in another condition.
    let otherwise = format!("(v.pages > 5 and CONDITION) or (v.pages <= 5 and {})", fails.replace("> 0", "< 1"));
    let skips = "sum(customer.visits.bonus w where w.pages >= v.pages) > 3";
    let (many, few) = ("v.pages > 5 and CONDITION", "v.pages <= 5 and CONDITION");
    let either = "(v.pages > 5 and CONDITION) or (v.pages <= 5 and CONDITION)";
    for (attributes, looks) in
        [(&[many, few][..], 3), (&[many, few, "CONDITION"], 6), (&[either], 3), (&[either, few], 4)]
    {
        let found: u64 = faults(&rows_in_rows(fails, attributes)).into_values().sum();
        assert_eq!(found, looks, "{attributes:?}");
        // Nothing fails; the missing values that are skipped are compared.
        assert!(faults(&rows_in_rows(skips, attributes)).is_empty());
    }
    assert_eq!(faults(&rows_in_rows(fails, &[&otherwise])).into_values().collect::<Vec<_>>(), [3]);
}
