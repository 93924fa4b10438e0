//! The verifier refuses what is wrong, and says what: a sound program with one thing about it changed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use seg_ir::node::{AggregateKind, Comparison, Scope};
use seg_ir::playbook::{Error, Moment, Playbook};
use seg_ir::program::{ClauseKind, Optimised};
use seg_ir::value::Reason;
use seg_ir::{Const, EnumId, FieldId, Ir, NodeId, Op, TableId, Type};
use seg_tests::golden;

fn sound() -> Playbook {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (playbook, bytes) = golden::build(&root.join("tests/golden/sources/everything.seg")).unwrap();
    drop(playbook);
    Playbook::decode(&bytes, seg_stdlib::VOCABULARY).unwrap()
}

/// What is told of the playbook after a change.
fn told(change: impl FnOnce(&mut Playbook)) -> String {
    let mut playbook = sound();
    change(&mut playbook);
    match playbook.encode() {
        Err(Error::Unfit(what)) => what,
        other => panic!("{:?}", other.map(|b| b.len())),
    }
}

/// What is told after the first operation that `change` takes is changed. It gives whether it took it.
fn told_of_node(change: impl Fn(&mut Op, &mut Type) -> bool) -> String {
    told(|playbook| {
        let nodes = playbook.program.ir.nodes.iter().map(|n| (n.op.clone(), n.ty.clone()));
        let mut nodes: Vec<(Op, Type)> = nodes.collect();
        let changed = nodes.iter_mut().any(|(op, ty)| change(op, ty));
        assert!(changed, "no operation was changed");
        playbook.program.ir = Ir::from_parts(nodes).unwrap();
    })
}

/// Makes a change, and says that it was made.
macro_rules! done {
    ($change:expr) => {{
        $change;
        true
    }};
}

/// What is to be told, and the change of an operation after which it is.
type OfOperation = (&'static str, fn(&mut Op, &mut Type) -> bool);
/// What is to be told, and the change of something larger.
type Of<T> = (&'static str, fn(&mut T));

#[test]
fn a_sound_program_is_taken() {
    assert!(sound().encode().is_ok());
}

#[test]
fn operations_are_held_to_their_types() {
    let cases: [OfOperation; 13] = [
        ("set is not sorted", |op, _| match op {
            Op::InSet { set, .. } if set.len() > 1 => done!(set.reverse()),
            _ => false,
        }),
        ("set has a missing value", |op, _| match op {
            Op::InSet { set, .. } => done!(set.insert(0, Const::Missing(Reason::Empty))),
            _ => false,
        }),
        ("no such field", |op, _| match op {
            Op::Field { field, .. } => done!(*field = FieldId(999)),
            _ => false,
        }),
        ("no such table", |op, _| match op {
            Op::Field { table, .. } => done!(*table = TableId(999)),
            _ => false,
        }),
        ("the scope does not have", |op, _| match op {
            Op::Field { scope: scope @ Scope::Row, .. } => done!(*scope = Scope::Customer),
            _ => false,
        }),
        ("Timestamp", |op, ty| match op {
            Op::AsOf => done!(*ty = Type::Date),
            _ => false,
        }),
        ("no such enum", |op, ty| match op {
            Op::Constant(Const::Enum(_)) => done!(*ty = Type::Enum(EnumId(99))),
            _ => false,
        }),
        ("is no Enum", |op, _| match op {
            Op::Constant(Const::Enum(member)) => done!(*member = 99),
            _ => false,
        }),
        ("is no Money", |op, _| match op {
            Op::Constant(value @ Const::Money(_)) => done!(*value = Const::Int(1)),
            _ => false,
        }),
        ("compares values of Text", |op, _| match op {
            Op::Compare(comparison @ Comparison::Equal, ..) => done!(*comparison = Comparison::Less),
            _ => false,
        }),
        ("unclosed", |op, _| match op {
            Op::Matches { pattern, .. } => done!(*pattern = "(".into()),
            _ => false,
        }),
        ("a wrong number of arguments", |op, _| match op {
            Op::Call { arguments, .. } => done!(arguments.push(NodeId(0))),
            _ => false,
        }),
        ("a value too many, or none", |op, _| match op {
            Op::Aggregate(a) if a.kind == AggregateKind::Sum => done!(a.value = None),
            _ => false,
        }),
    ];
    for (what, change) in cases {
        let said = told_of_node(change);
        assert!(said.contains(what), "`{what}` in `{said}`");
    }
}

#[test]
fn rows_are_read_only_inside_a_fold_over_their_table() {
    // The fold over orders becomes one over sightings, whose rows have other fields.
    let said = told_of_node(|op, _| match op {
        Op::Aggregate(a) if a.value.is_some() => done!(a.collection = seg_ir::CollectionId(1)),
        _ => false,
    });
    assert!(said.contains("a fold over another table than its rows are of"), "{said}");
    // A row's own test as a segment: nothing says of which row.
    let said = told(|playbook| {
        let ir = &playbook.program.ir;
        let row =
            (0..ir.len() as u32).map(NodeId).find(|n| ir.node(*n).scope == Scope::Row && *ir.ty(*n) == Type::Bool);
        playbook.program.segments[0].node = row.unwrap();
    });
    assert!(said.contains("a node of scope Row, where Customer belongs"), "{said}");
    // An inner fold's test directly in an outer fold.
    let said = told_of_node(|op, _| match op {
        Op::Aggregate(a) if a.scope == Scope::InnerRow && a.value.is_some() => done!(a.scope = Scope::Row),
        _ => false,
    });
    assert!(said.contains("an inner row outside of its fold"), "{said}");
}

#[test]
fn the_schema_is_held_to_its_own_names_and_indices() {
    let cases: [Of<seg_ir::Schema>; 14] = [
        ("first enums are not Weekday", |s| s.enums.swap(0, 1)),
        ("has no members", |s| s.enums[2].members.clear()),
        ("is of two members", |s| s.enums[2].members[1].value = "Blue".into()),
        ("the field `id` is there twice", |s| s.tables[0].fields[1].name = "id".into()),
        ("a field without a name", |s| s.tables[0].fields[1].name.clear()),
        ("the table `Order` is there twice", |s| s.tables[2].name = "Order".into()),
        ("control characters", |s| s.tables[0].fields[1].name = "na\u{1b}me".into()),
        ("no such field", |s| s.tables[0].key = Some(FieldId(99))),
        ("cannot be its key", |s| s.tables[0].key = Some(FieldId(4))),
        ("cannot be its time", |s| s.tables.iter_mut().find(|t| t.name == "Order").unwrap().at = Some(FieldId(1))),
        ("cannot have a `max` of 0", |s| s.collections[0].max = Some(0)),
        ("is no event table", |s| s.collections[0].table = TableId(0)),
        ("it has the name of a field", |s| s.collections[0].name = "card".into()),
        ("its default says nothing", |s| s.tables[0].fields[1].default = Some(Const::text("x"))),
    ];
    for (what, change) in cases {
        let said = told(|playbook| change(&mut playbook.program.schema));
        assert!(said.contains(what), "`{what}` in `{said}`");
    }
}

#[test]
fn what_stands_around_the_operations_is_held_to_them() {
    let cases: [Of<Playbook>; 13] = [
        ("as many places as nodes", |p| p.program.places.truncate(3)),
        ("no such node", |p| p.program.segments[0].node = NodeId(1 << 30)),
        ("it is no condition", |p| p.program.segments[0].node = p.program.attributes[0].node),
        ("is not of its node's type", |p| p.program.attributes[0].ty = Type::Bool),
        ("is declared twice", |p| p.program.segments[1].name = p.program.segments[0].name.clone()),
        ("a wrong number of parts", |p| p.program.segments[0].clause.kind = ClauseKind::Not),
        ("no such node", |p| p.program.segments[0].clause.node = NodeId(1 << 30)),
        ("no such node", |p| p.program.tests[0].expects[0].node = NodeId(1 << 30)),
        ("beyond the years 1 to 9999", |p| p.program.tests[0].as_of = i64::MAX),
        ("not in their order, or later", |p| p.program.tests[0].as_of -= 30 * 86_400_000_000),
        ("control characters", |p| p.program.segments[0].clause.text = "\u{1b}[2J".into()),
        ("`as_of` is beyond all dates", |p| p.settings.as_of = Some(Moment::Day(i32::MAX))),
        ("what runs: it declares something else", |p| p.program.optimised.segments.clear()),
    ];
    for (what, change) in cases {
        let said = told(change);
        assert!(said.contains(what), "`{what}` in `{said}`");
    }
}

#[test]
fn what_runs_is_verified_beside_what_was_written() {
    let cases: [Of<Optimised>; 4] = [
        ("what runs: no such node", |run| run.segments[0] = NodeId(1 << 30)),
        ("what runs: a node of another type", |run| run.segments[0] = run.attributes[0]),
        ("what runs: it does not know where its nodes come from", |run| run.origin[0] = NodeId(1 << 30)),
        ("what runs: it does not know where its nodes come from", |run| run.origin.truncate(1)),
    ];
    for (what, change) in cases {
        assert_eq!(told(|playbook| change(&mut playbook.program.optimised)), what);
    }
}

#[test]
fn definitions_that_hang_too_deep_are_refused_rather_than_run() {
    let said = told(|playbook| {
        let program = &mut playbook.program;
        let mut node = program.segments[0].node;
        for _ in 0..3_000 {
            node = program.ir.add(Op::Not(node), Type::Bool);
        }
        program.places.resize(program.ir.len(), None);
        program.segments[0].node = node;
    });
    assert!(said.starts_with("its definitions hang 300") && said.contains("2000 are allowed"), "{said}");
}
