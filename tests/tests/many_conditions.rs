//! Conditions that take many functions of machine code, over more customers than one step of its loop decides.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use seg_evaluator::{Batch, Bulk, Method, Table, Tables};
use seg_ir::{Reason, Type, Value};
use seg_tests::{batches, fixture};

/// Conditions that need each other, many more than one function of machine code holds.
#[test]
fn conditions_of_many_functions_need_each_other() {
    const SEGMENTS: usize = 300;
    let mut text = String::from(
        "playbook \"p\" { timezone \"UTC\" currency GBP }\nprofile C key id { id Text  n Int?  m Int? }\n",
    );
    text.push_str("segment S0 when n > 0\n");
    for at in 1..SEGMENTS {
        // Chains of eight, each of which needs the first: definitions may nest only so deep.
        let (before, other) = (if at % 8 == 0 { 0 } else { at - 1 }, if at < 8 { 0 } else { at % 8 });
        text.push_str(&format!(
            "segment S{at} when (n > {at} and not (S{before} else false)) or (m > {at} and S{other})\n"
        ));
    }
    let program = fixture::checked(&text).unwrap();
    let customers = 300_i64;
    let number = |by: i64, without: i64| {
        let values = (0..customers).map(move |at| match at % without {
            0 => Value::Missing(Reason::NotGiven),
            _ => Value::Int(at * by % SEGMENTS as i64),
        });
        batches::column(&Type::Int, values)
    };
    let keys = || batches::column(&Type::Text, (0..customers).map(|_| Value::Text("c")));
    let profile = Table { columns: vec![keys(), number(7, 11), number(13, 17)], rows: customers as usize };
    let tables = Tables::new(&program.schema, vec![None; program.schema.tables.len()]).unwrap();
    let batch = Batch::new(&program.schema, profile, keys(), Arc::new(tables), Vec::new()).unwrap();
    let nodes = program.segments.iter().map(|s| s.node).collect::<Vec<_>>();
    let columns = |method| Bulk::new(program.context(0), &nodes, method).evaluate(&batch).columns;
    let wanted = columns(Method::Interp);
    assert!(columns(Method::Masks) == wanted, "masks");
    assert!(columns(Method::Gates) == wanted, "gates");
    assert!(columns(Method::Jit) == wanted, "machine code");
}
