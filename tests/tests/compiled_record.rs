//! The code that decides one record gives what the interpreter gives, reasons and all; it calls its host for nothing that
//! is not listed, survives a function that panics, and allocates nothing once it is warm.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

use seg_evaluator::record::{CALLS, Compiled};
use seg_ir::builtin::{Builtin, Shape, Vocabulary};
use seg_ir::interpret::Interpreter;
use seg_ir::node::Scope;
use seg_ir::{Const, NodeId, Op, Program, Type, Value};
use seg_tests::fixture::{self, checked};

fn programs() -> Vec<(String, Program)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/eval");
    let fixtures = fixture::all(&folder).unwrap();
    fixtures.into_iter().map(|f| (f.name.clone(), checked(&f.text).unwrap())).collect()
}

/// All nodes that have a value for a customer.
fn nodes(program: &Program) -> Vec<NodeId> {
    let ids = (0..program.ir.len() as u32).map(NodeId);
    ids.filter(|id| program.ir.node(*id).scope <= Scope::Customer).collect()
}

#[test]
fn every_node_of_every_fixture_has_the_same_value_and_the_same_reason() {
    let mut compared = 0;
    for (name, program) in programs() {
        let nodes = nodes(&program);
        for test in &program.tests {
            let compiled = Compiled::new(program.context(test.as_of), &nodes).unwrap();
            let found = compiled.over_source(&test.record, 0, test.as_of).unwrap();
            let mut interpreter = Interpreter::new(program.context(test.as_of), &test.record);
            interpreter.customer(0);
            for (id, found) in nodes.iter().zip(&found) {
                let want = interpreter.value(*id).to_const();
                assert_eq!(*found, want, "{name}, {}: {:?}", test.name, program.ir.node(*id));
            }
            assert_eq!(found.len(), nodes.len());
            compared += found.len();
        }
    }
    assert!(compared > 5_000, "{compared} values");
}

#[test]
fn code_calls_its_host_for_listed_operations_alone() {
    let mut called = BTreeSet::new();
    for (_, program) in programs() {
        let nodes = nodes(&program);
        called.extend(Compiled::new(program.context(0), &nodes).unwrap().calls());
    }
    let listed: BTreeSet<&str> = CALLS.iter().copied().collect();
    // What is listed and never called for would be a list of something else.
    assert_eq!(called, listed);
}

#[test]
fn plain_conditions_call_nobody() {
    let text = "playbook \"p\" { timezone \"UTC\" currency GBP }
enum Tier { Free Gold }
profile C key id { id Text  n Int?  tier Tier?  orders many Order }
event Order by id at t { t Timestamp  total Money(GBP) }
segment Sa when n >= 5 and id starts with \"vip\"
segment Sb when tier = Gold
segment Sc when sum(orders.total) > £10
segment Sd when tier is known and any(orders where total > £3)";
    let program = checked(text).unwrap();
    let compiled = Compiled::new(program.context(0), &nodes(&program)).unwrap();
    assert_eq!(compiled.calls().collect::<Vec<_>>(), Vec::<&str>::new());
}

fn break_down(arguments: &[Value]) -> Value<'static> {
    match arguments {
        [Value::Text(text)] if *text == "bang" => panic!("a fault in a function of the vocabulary"),
        _ => Value::Int(1),
    }
}

#[test]
fn a_function_that_panics_refuses_the_decision_and_no_other() {
    static BREAKS: Builtin = Builtin {
        name: "breaks",
        version: 1,
        family: "text",
        parameters: &[seg_ir::builtin::Parameter { name: "text", shape: Shape::Is(Type::Text) }],
        result: Shape::Is(Type::Int),
        partial: false,
        call: break_down,
        cost: 1,
        sql: "",
        doc: "",
        examples: &[],
    };
    let text = "playbook \"p\" { timezone \"UTC\" currency GBP }
profile C key id { id Text }
test \"bang\" { given { id: \"bang\" } as of 2026-01-01 expect id = \"bang\" }
test \"fine\" { given { id: \"fine\" } as of 2026-01-01 expect id = \"fine\" }";
    let mut program = checked(text).unwrap();
    static ALL: [&Builtin; 1] = [&BREAKS];
    program.vocabulary = Vocabulary(&ALL);
    let field = nodes(&program).into_iter().find(|id| matches!(program.ir.node(*id).op, Op::Field { .. })).unwrap();
    let call = program.ir.add(Op::Call { builtin: 0, arguments: vec![field] }, Type::Int);
    let [bang, fine] = [&program.tests[0], &program.tests[1]];
    let compiled = Compiled::new(program.context(0), &[call]).unwrap();
    for _ in 0..3 {
        assert_eq!(compiled.over_source(&bang.record, 0, bang.as_of).unwrap_err().of, "breaks");
        assert_eq!(compiled.over_source(&fine.record, 0, fine.as_of).unwrap(), [Const::Int(1)]);
    }
}
