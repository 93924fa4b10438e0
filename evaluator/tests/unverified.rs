//! What safe callers may hand over without being unsound: IR that nobody verified, sources that panic, columns whose parts do
//! not fit each other. Each is refused, or does no harm.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::{Int64Array, LargeStringArray};
use arrow_buffer::OffsetBuffer;
use seg_evaluator::record::{Buffer, Compiled, Scratch};
use seg_evaluator::{Batch, Column, ListColumn, Table, Tables};
use seg_ir::interpret::{Context, Source};
use seg_ir::node::{Aggregate, AggregateKind, Scope};
use seg_ir::schema::{Collection, Field, PROFILE, Schema, TableKind};
use seg_ir::{CollectionId, Const, FieldId, Ir, Op, TableId, Type, Value, Vocabulary, Zone};

const EVENTS: TableId = TableId(1);
const SHOPS: TableId = TableId(2);

fn schema() -> Schema {
    let field = |name: &str, ty: Type| Field {
        name: name.into(),
        ty,
        optional: true,
        default: None,
        max: None,
        labels: Vec::new(),
        doc: None,
    };
    let table = |name: &str, kind, fields| seg_ir::schema::Table {
        name: name.into(),
        kind,
        key: (kind != TableKind::Event).then_some(FieldId(0)),
        by: None,
        at: None,
        fields,
    };
    let mut schema = Schema::new();
    let list = Type::List(Box::new(Type::Int));
    schema.tables = vec![
        table("P", TableKind::Profile, vec![field("id", Type::Int), field("name", Type::Text), field("ns", list)]),
        table("E", TableKind::Event, vec![field("paid", Type::Int), field("note", Type::Text)]),
        table("S", TableKind::Reference, vec![field("key", Type::Text)]),
    ];
    schema.collections = vec![Collection { name: "es".into(), table: EVENTS, optional: true, max: None }];
    schema
}

/// What is said of code for one operation over others, whatever its type is said to be.
fn refused(nodes: &[(Op, Type)]) -> String {
    let (schema, zone, mut ir) = (schema(), Zone::utc(), Ir::default());
    let last = nodes.iter().map(|(op, ty)| ir.add(op.clone(), ty.clone())).last().unwrap();
    let context = Context { ir: &ir, schema: &schema, zone: &zone, vocabulary: Vocabulary(&[]), as_of: 0 };
    match Compiled::new(context, &[last]) {
        Ok(_) => panic!("there is code for {nodes:?}"),
        Err(why) => why.to_string(),
    }
}

/// A number that is said to be a text would be followed as an address.
#[test]
fn there_is_no_code_for_a_node_whose_type_is_not_its_own() {
    let id = Op::Field { scope: Scope::Customer, table: PROFILE, field: FieldId(0) };
    let said = refused(&[(id, Type::Text)]);
    assert!(said.contains("node 0") && said.contains("Text where Int belongs"), "{said}");
    let paid = Op::Field { scope: Scope::Row, table: EVENTS, field: FieldId(0) };
    let latest = Aggregate {
        kind: AggregateKind::Latest,
        collection: CollectionId(0),
        scope: Scope::Row,
        window: None,
        filter: None,
        value: Some(seg_ir::NodeId(0)),
    };
    let said = refused(&[(paid, Type::Int), (Op::Aggregate(Box::new(latest)), Type::Text)]);
    assert!(said.contains("node 1") && said.contains("does not give its type"), "{said}");
}

/// What depends on the instant alone is kept from one customer to the next, while the reference tables may be others.
#[test]
fn there_is_no_code_for_a_constant_that_names_a_row() {
    let row = (Op::Constant(Const::Reference(0)), Type::Reference(SHOPS));
    let key = Op::Lookup { pointer: seg_ir::NodeId(0), table: SHOPS, field: FieldId(0) };
    let said = refused(&[row, (key, Type::Text)]);
    assert!(said.contains("node 0"), "{said}");
}

/// A customer whose events cannot be read to their end.
struct Breaking;

impl Source for Breaking {
    fn field(&self, table: TableId, _: FieldId, row: u32) -> Value<'_> {
        assert!(table != EVENTS || row < 3, "the source breaks down");
        Value::Int(i64::from(row))
    }

    fn events(&self, _: CollectionId, _: u32) -> Option<Range<u32>> {
        Some(0..1_000_000)
    }
}

#[test]
fn a_source_that_panics_leaves_no_rows_that_are_not_there() {
    let (schema, zone, mut ir) = (schema(), Zone::utc(), Ir::default());
    let paid = ir.add(Op::Field { scope: Scope::Row, table: EVENTS, field: FieldId(0) }, Type::Int);
    let sum = Aggregate {
        kind: AggregateKind::Sum,
        collection: CollectionId(0),
        scope: Scope::Row,
        window: None,
        filter: None,
        value: Some(paid),
    };
    let sum = ir.add(Op::Aggregate(Box::new(sum)), Type::Int);
    let context = Context { ir: &ir, schema: &schema, zone: &zone, vocabulary: Vocabulary(&[]), as_of: 0 };
    let compiled = Compiled::new(context, &[sum]).unwrap();
    let (mut buffer, mut scratch) = (Buffer::default(), Scratch::default());
    let mut input = compiled.input(&mut buffer);
    assert!(catch_unwind(AssertUnwindSafe(|| input.fill(&Breaking, 0))).is_err());
    let references = compiled.references(&Breaking, |_| 0);
    // With a million rows counted and three read, this would read sixteen megabytes past the third.
    let outputs = compiled.evaluate(&input, &references, 0, &mut scratch).unwrap();
    assert!(outputs.value(0).is_missing());
}

#[test]
fn a_list_whose_validity_is_of_other_rows_is_no_batch() {
    let schema = schema();
    let batch = |valid: usize, end: usize| {
        let lists = Column::List(ListColumn {
            offsets: OffsetBuffer::from_lengths([0, end]),
            items: Box::new(Column::Int(Int64Array::from(vec![1, 2]))),
            nulls: Some(vec![true; valid].into()),
        });
        let ids = Column::Int(Int64Array::from(vec![1, 2]));
        let names = Column::Text(LargeStringArray::from(vec!["a", "b"]));
        let tables = Arc::new(Tables::new(&schema, vec![None; 3]).unwrap());
        Batch::new(&schema, Table { columns: vec![ids.clone(), names, lists], rows: 2 }, ids, tables, vec![None])
    };
    assert!(batch(2, 2).is_ok());
    assert!(batch(2, 3).unwrap_err().to_string().contains("beyond its items"));
    assert!(batch(1, 2).unwrap_err().to_string().contains("differ in number"));
}
