//! A batch holds to its schema, and answers come in the types of their nodes.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, Int64Array, LargeStringArray, UInt32Array};
use seg_evaluator::{Batch, Column, Overlay, Ranges, Table, Tables, interpret};
use seg_ir::interpret::{Context, Interpreter};
use seg_ir::node::{Aggregate, AggregateKind, Ir, Op, Scope};
use seg_ir::schema::{Collection, Field, Schema, TableKind};
use seg_ir::{CollectionId, Const, Currency, FieldId, TableId, Type, Vocabulary, Zone};

fn field(name: &str, ty: Type, optional: bool) -> Field {
    Field { name: name.into(), ty, optional, default: None, max: None, labels: Vec::new(), doc: None }
}

fn schema() -> Schema {
    let yen = Type::Money(Currency::from_code("JPY").unwrap());
    let table = |name: &str, kind, by: Option<&str>, fields| seg_ir::schema::Table {
        name: name.into(),
        kind,
        key: by.is_none().then_some(FieldId(0)),
        by: by.map(Into::into),
        at: None,
        fields,
    };
    let mut schema = Schema::new();
    schema.tables = vec![
        table("P", TableKind::Profile, None, vec![field("id", Type::Text, false), field("age", Type::Int, true)]),
        table(
            "E",
            TableKind::Event,
            Some("id"),
            vec![field("paid", yen, false), field("r", Type::Reference(TableId(2)), true)],
        ),
        table("R", TableKind::Reference, None, vec![field("key", Type::Text, false)]),
    ];
    schema.collections = vec![Collection { name: "es".into(), table: TableId(1), optional: false, max: None }];
    schema
}

fn tables(schema: &Schema, target: u32) -> Result<Arc<Tables>, seg_evaluator::Invalid> {
    let events = Table {
        columns: vec![
            Column::Money(Int64Array::from(vec![1, 2, 4])),
            Column::Reference(UInt32Array::from(vec![Some(0), None, Some(target)])),
        ],
        rows: 3,
    };
    let references = Table { columns: vec![Column::Text(LargeStringArray::from(vec!["x", "y"]))], rows: 2 };
    Tables::new(schema, vec![None, Some(events), Some(references)]).map(Arc::new)
}

fn batch(schema: &Schema, ages: Column, ends: Vec<u32>) -> Result<Batch, seg_evaluator::Invalid> {
    let ids = Column::Text(LargeStringArray::from(vec!["a", "b"]));
    let profile = Table { columns: vec![ids.clone(), ages], rows: 2 };
    let ranges = Ranges { starts: vec![1, 0].into(), ends: ends.into() };
    Batch::new(schema, profile, ids, tables(schema, 1)?, vec![Some(ranges)])
}

#[test]
fn what_breaks_the_schema_is_no_batch() {
    let schema = schema();
    let ages = || Column::Int(Int64Array::from(vec![Some(1), None]));
    assert!(batch(&schema, ages(), vec![3, 1]).is_ok());
    assert!(batch(&schema, Column::Money(Int64Array::from(vec![1, 2])), vec![3, 1]).is_err());
    assert!(batch(&schema, Column::Int(Int64Array::from(vec![1])), vec![3, 1]).is_err());
    assert!(batch(&schema, ages(), vec![4, 1]).is_err());
    assert!(batch(&schema, ages(), vec![0, 1]).is_err());
    assert!(tables(&schema, 2).is_err());
}

#[test]
fn answers_have_the_types_of_their_nodes() {
    let schema = schema();
    let batch = batch(&schema, Column::Int(Int64Array::from(vec![Some(7), None])), vec![3, 1]).unwrap();
    let mut ir = Ir::default();
    let mut fold = |kind, field: u32, ty: Type| {
        let value = ir.add(Op::Field { scope: Scope::Row, table: TableId(1), field: FieldId(field) }, ty.clone());
        let value = Some(value);
        let aggregate =
            Aggregate { kind, collection: CollectionId(0), scope: Scope::Row, window: None, filter: None, value };
        ir.add(Op::Aggregate(Box::new(aggregate)), ty)
    };
    let sum = fold(AggregateKind::Sum, 0, Type::Money(Currency::from_code("JPY").unwrap()));
    let last = fold(AggregateKind::Latest, 1, Type::Reference(TableId(2)));
    let age = ir.add(Op::Field { scope: Scope::Customer, table: TableId(0), field: FieldId(1) }, Type::Int);
    let zone = Zone::utc();
    let context = Context { ir: &ir, schema: &schema, zone: &zone, vocabulary: Vocabulary(&[]), as_of: 0 };
    let answers = interpret(context, &batch, &[sum, last, age]);
    let sums = answers.columns[0].as_primitive::<Decimal128Type>();
    assert_eq!((sums.value(0), sums.value(1), sums.scale()), (6, 1, 0));
    let keys = answers.columns[1].as_string::<i32>();
    assert_eq!((keys.value(0), keys.value(1)), ("y", "x"));
    assert!(answers.columns[2].is_null(1));
    assert_eq!(answers.tally.events, 3 + 2);

    let overlay = Overlay { inner: &batch, field: FieldId(1), value: Const::Int(40) };
    let mut interpreter = Interpreter::new(context, &overlay);
    interpreter.customer(1);
    assert_eq!(interpreter.value(age).to_const(), Const::Int(40));
}
