//! The same rows get the same verdict, whatever format brings them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use arrow_array::{ArrayRef, RecordBatch};
use common::{AS_OF, Files, column, run, shop, write_arrow, write_parquet, write_stream};
use seg_ir::outcome::RejectCode;
use seg_runtime::{Decoder, References, RequestOptions};
use serde_json::{Value, json};

const FIELDS: [(&str, &str); 10] = [
    ("customer_id", "text"),
    ("name", "text"),
    ("card", "text"),
    ("tenure", "float"),
    ("score", "float"),
    ("rate", "float"),
    ("premium", "float"),
    ("birthday", "text"),
    ("joined", "text"),
    ("consent.email", "bool"),
];

/// A good row with one cell replaced, and the verdict that it must get.
fn rows() -> Vec<(Vec<Value>, Option<RejectCode>)> {
    let good = |id: usize| {
        vec![json!(format!("k{id}")), json!("Ann"), json!("gold"), json!(3.0), json!(0.5), json!(0.1), json!(12.5)]
            .into_iter()
            .chain([json!("1990-02-28"), json!("2020-01-01T00:00:00Z"), json!(true)])
            .collect::<Vec<Value>>()
    };
    let cases: Vec<(usize, Value, Option<RejectCode>)> = vec![
        (1, json!("Ann"), None),
        (0, Value::Null, Some(RejectCode::MissingValue)),
        (1, json!("Annabel"), Some(RejectCode::TooLong)),
        (1, json!("Annabe"), Some(RejectCode::TooLong)),
        (1, json!("Annab"), None),
        (1, json!("Zoë́é"), None),
        (2, json!("golld"), Some(RejectCode::NoSuchMember)),
        (2, json!("Gold"), Some(RejectCode::NoSuchMember)),
        (2, Value::Null, None),
        (3, json!(3.5), Some(RejectCode::WrongType)),
        (3, json!(1e300), Some(RejectCode::OutOfRange)),
        (3, Value::Null, None),
        (3, json!(-7.0), None),
        (4, json!(-0.0), None),
        (4, json!(1e300), None),
        (5, json!(1e18), Some(RejectCode::OutOfRange)),
        (6, json!(0.005), None),
        (6, json!(1e17), Some(RejectCode::OutOfRange)),
        (7, json!("1990-02-30"), Some(RejectCode::WrongType)),
        (7, json!("1990-02-28T00:00:00"), None),
        (7, json!("1990-02-28T00:00:01"), Some(RejectCode::WrongType)),
        (8, json!("yesterday"), Some(RejectCode::WrongType)),
        (8, json!("2025-03-30T01:30:00"), None),
        (8, json!("0000-01-01T00:00:00Z"), Some(RejectCode::WrongType)),
        (9, Value::Null, None),
        (9, json!(false), None),
    ];
    let replaced = cases.into_iter().enumerate().map(|(i, (at, cell, verdict))| {
        let mut row = good(i);
        row[at] = cell;
        (row, verdict)
    });
    replaced.collect()
}

fn batch(rows: &[Vec<Value>]) -> RecordBatch {
    let columns = FIELDS.iter().enumerate().map(|(i, (name, kind))| {
        let cells: Vec<Value> = rows.iter().map(|r| r[i].clone()).collect();
        (*name, column(&cells, kind), true)
    });
    RecordBatch::try_from_iter_with_nullable(columns.collect::<Vec<(&str, ArrayRef, bool)>>()).unwrap()
}

fn csv(rows: &[Vec<Value>]) -> String {
    let cell = |v: &Value| match v {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    };
    let header = FIELDS.map(|(name, _)| name).join(",");
    let lines: Vec<String> = rows.iter().map(|r| r.iter().map(cell).collect::<Vec<_>>().join(",")).collect();
    format!("{header}\n{}\n", lines.join("\n"))
}

fn object(row: &[Value]) -> Value {
    let mut object = serde_json::Map::new();
    for ((name, _), cell) in FIELDS.iter().zip(row) {
        match name.split_once('.') {
            Some((group, field)) => object.insert(group.into(), json!({ field: cell })),
            None => object.insert((*name).into(), cell.clone()),
        };
    }
    object.insert("orders".into(), json!([]));
    Value::Object(object)
}

#[test]
fn every_format_gives_the_same_verdict_and_the_same_answers() {
    let files = Files::new().shop();
    let program = shop();
    let all = rows();
    let cells: Vec<Vec<Value>> = all.iter().map(|(row, _)| row.clone()).collect();
    let wanted: Vec<(u64, RejectCode)> =
        all.iter().enumerate().filter_map(|(i, (_, v))| v.map(|v| (i as u64 + 1, v))).collect();

    let batch = batch(&cells);
    write_parquet(&files.path("c.parquet"), &batch);
    write_arrow(&files.path("c.arrow"), &batch);
    write_stream(&files.path("c.ipc"), &batch);
    files.write("c.csv", &csv(&cells));
    let ndjson: String = cells.iter().map(|row| format!("{}\n", object(row))).collect();
    files.write("c.ndjson", &ndjson);
    files.write("orders.csv", "customer_id,placed_at,total,item,note\n");

    let mut answers = Vec::new();
    for name in ["c.parquet", "c.arrow", "c.ipc", "c.csv", "c.ndjson"] {
        let mut options = files.options();
        options.bindings.tables.get_mut("Customer").unwrap().files = vec![name.into()];
        let (_, sink) = run(&program, &options);
        let found: Vec<(u64, RejectCode)> = sink.rejects.iter().map(|r| (r.row, r.code)).collect();
        assert_eq!(found, wanted, "{name}: {:#?}", sink.rejects);
        answers.push((name, sink.attributes, sink.rejects));
    }
    let (_, first, rejects) = &answers[0];
    for (name, attributes, others) in &answers[1..] {
        assert_eq!(attributes, first, "{name}");
        let reasons = |r: &[seg_ir::outcome::Reject]| -> Vec<(Option<String>, String, String)> {
            r.iter().map(|r| (r.key.clone(), r.field.clone(), r.reason.clone())).collect()
        };
        assert_eq!(reasons(others), reasons(rejects), "{name}");
    }

    let references = References::load(&program, &files.options()).unwrap();
    let decoder = Decoder::new(&program, &references, RequestOptions::default()).unwrap();
    for (i, (row, verdict)) in all.iter().enumerate() {
        let decoded = decoder.decode(&object(row).to_string(), i as u64 + 1, AS_OF);
        assert_eq!(decoded.err().map(|r| r.code), *verdict, "row {}", i + 1);
    }
}

#[test]
fn arrow_types_of_all_widths_are_read() {
    use arrow_array::*;
    use std::sync::Arc;
    let files = Files::new().shop();
    let struct_array =
        StructArray::try_from(vec![("email", Arc::new(BooleanArray::from(vec![Some(true), None])) as ArrayRef)])
            .unwrap();
    let dictionary: DictionaryArray<types::Int8Type> = vec!["gold", "blue"].into_iter().collect();
    let batch = RecordBatch::try_from_iter(vec![
        ("customer_id", Arc::new(UInt64Array::from(vec![7, u64::MAX])) as ArrayRef),
        ("name", Arc::new(StringViewArray::from(vec![Some("Ann"), None]))),
        ("card", Arc::new(dictionary)),
        ("tenure", Arc::new(UInt8Array::from(vec![3, 4]))),
        ("score", Arc::new(Float32Array::from(vec![0.5, 0.25]))),
        ("rate", Arc::new(Decimal128Array::from(vec![1000, 2500]).with_precision_and_scale(10, 4).unwrap())),
        ("premium", Arc::new(Int16Array::from(vec![12, -1]))),
        ("birthday", Arc::new(TimestampSecondArray::from(vec![0, 86_400]))),
        ("joined", Arc::new(TimestampNanosecondArray::from(vec![1_000, -1]).with_timezone("+02:00"))),
        ("consent", Arc::new(struct_array)),
    ])
    .unwrap();
    write_parquet(&files.path("c.parquet"), &batch);
    write_arrow(&files.path("c.arrow"), &batch);
    files.write("orders.csv", "customer_id,placed_at,total,item,note\n7,2026-01-01T00:00:00Z,200,,\n");
    for name in ["c.parquet", "c.arrow"] {
        let mut options = files.options();
        options.bindings.tables.get_mut("Customer").unwrap().files = vec![name.into()];
        let (summary, sink) = run(&shop(), &options);
        assert_eq!(sink.rejects, vec![], "{name}");
        assert_eq!(summary.customers, 2);
        let lines = common::lines(&shop(), &options, &files, "attributes");
        assert_eq!(lines[0]["customer_id"], json!("7"));
        assert_eq!(lines[0]["spent"].to_string(), "200.00");
        assert_eq!(lines[0]["discount"].to_string(), "0.100000");
        assert_eq!(lines[1]["customer_id"], json!("18446744073709551615"));
        assert_eq!(lines[1]["born"], json!("1970-01-02"));
        assert_eq!(lines[1]["member_since"], json!("1969-12-31T23:59:59.999999Z"));
        assert_eq!(lines[1]["last_premium"].to_string(), "-1.00");
    }
}

#[test]
fn floats_that_are_not_finite_are_refused() {
    let files = Files::new().shop();
    files.write(
        "customers.csv",
        "customer_id,name,card,tenure,score,rate,premium,birthday,joined,consent.email\n\
         a,,,NaN,,,,,,\nb,,,,inf,,,,,\nc,,,,,-Infinity,,,,\nd,,,,,,1e999,,,\n",
    );
    let (_, sink) = run(&shop(), &files.options());
    assert_eq!(sink.rejects.iter().map(|r| r.code).collect::<Vec<_>>(), [RejectCode::NotFinite; 4]);
}

#[test]
fn malformed_rows_are_their_own_fault_alone() {
    let files = Files::new().shop();
    files.write("customers.ndjson", "{\"customer_id\": \"a\"}\n\nnot json\n[1]\n{\"customer_id\": \"b\", \"customer_id\": \"c\"}\n{\"customer_id\": \"d\"}\n");
    let mut options = files.options();
    options.bindings.tables.get_mut("Customer").unwrap().files = vec!["customers.ndjson".into()];
    let (summary, sink) = run(&shop(), &options);
    assert_eq!(summary.customers, 2);
    assert_eq!(
        sink.rejects.iter().map(|r| (r.row, r.code)).collect::<Vec<_>>(),
        [3, 4, 5].map(|n| (n, RejectCode::Malformed))
    );
    assert!(sink.rejects[2].reason.contains("twice"), "{}", sink.rejects[2].reason);

    files.write("orders.csv", "customer_id,placed_at,total,item,note\na,2026-01-01T10:00:00Z,60\na,2026-01-01T10:00:00Z,60,,,\na,2026-01-01T10:00:00Z,60,,x\n");
    let (_, sink) = run(&shop(), &files.options());
    assert_eq!(
        sink.rejects.iter().map(|r| (r.row, r.code)).collect::<Vec<_>>(),
        [1, 2].map(|n| (n, RejectCode::Malformed))
    );
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_column() {
    let files = Files::new().shop();
    files.write("makers.csv", "\u{feff}maker_id,maker_name\n1,Cobbler\n2,Hatter\n");
    assert_eq!(run(&shop(), &files.options()).0.rejected, 0);
    files.write("makers.ndjson", "\u{feff}{\"maker_id\": 1, \"maker_name\": \"Cobbler\"}\n");
    let mut options = files.options();
    options.bindings.tables.get_mut("Maker").unwrap().files = vec!["makers.ndjson".into()];
    assert_eq!(run(&shop(), &options).0.rejected, 0);
}

#[test]
fn lists_are_read_from_every_format() {
    use arrow_array::builder::{ListBuilder, StringBuilder};
    use seg_ir::node::{Ir, Op, Scope};
    use seg_ir::schema::{Schema, Table, TableKind};
    use seg_ir::{FieldId, Type};
    use std::sync::Arc;
    let list = Type::List(Box::new(Type::Text));
    let mut schema = Schema::new();
    let tags = seg_ir::schema::Field { max: Some(2), ..common::optional("tags", list.clone()) };
    let fields = vec![common::field("id", Type::Int), tags];
    let kind = TableKind::Profile;
    schema.tables = vec![Table { name: "P".into(), kind, key: Some(FieldId(0)), by: None, at: None, fields }];
    let mut ir = Ir::default();
    let node = ir.add(Op::Field { scope: Scope::Customer, table: common::CUSTOMER, field: FieldId(1) }, list);
    let program = common::program(schema, ir, Vec::new(), vec![("labels", node)]);

    let files = Files::new();
    let mut cells = ListBuilder::new(StringBuilder::new());
    let rows: [Option<Vec<Option<&str>>>; 5] =
        [Some(vec![Some("a"), Some("b")]), Some(vec![]), None, Some(vec![Some("a"), None]), Some(vec![Some("a"); 3])];
    rows.iter().for_each(|row| cells.append_option(row.clone()));
    let batch = RecordBatch::try_from_iter(vec![
        ("id", Arc::new(arrow_array::Int64Array::from_iter_values(1..6)) as ArrayRef),
        ("tags", Arc::new(cells.finish())),
    ])
    .unwrap();
    write_parquet(&files.path("p.parquet"), &batch);
    let texts = [r#"["a","b"]"#, "[]", "null", r#"["a",null]"#, r#"["a","a","a"]"#];
    let ndjson: String =
        texts.iter().enumerate().map(|(i, t)| format!("{{\"id\":{},\"tags\":{t}}}\n", i + 1)).collect();
    files.write("p.ndjson", &ndjson);
    let csv = |t: &&str| if **t == *"null" { String::new() } else { format!("\"{}\"", t.replace('"', "\"\"")) };
    let csv: String = texts.iter().enumerate().map(|(i, t)| format!("{},{}\n", i + 1, csv(t))).collect();
    files.write("p.csv", &format!("id,tags\n{csv}"));
    for name in ["p.parquet", "p.ndjson", "p.csv"] {
        let options = seg_runtime::Options::new(AS_OF, files.bindings().bind("P", name));
        let (_, sink) = run(&program, &options);
        let codes: Vec<_> = sink.rejects.iter().map(|r| (r.row, r.code)).collect();
        assert_eq!(codes, [(4, RejectCode::MissingValue), (5, RejectCode::TooLong)], "{name}");
        let lines = common::lines(&program, &options, &files, "attributes");
        assert_eq!(
            lines,
            [json!({"id": 1, "labels": ["a", "b"]}), json!({"id": 2, "labels": []}), json!({"id": 3, "labels": null})]
        );
    }
}

#[test]
fn times_without_a_zone_are_of_the_playbook_and_offsets_are_read() {
    use arrow_array::{StringArray, TimestampMillisecondArray, new_null_array};
    use arrow_schema::DataType;
    use std::sync::Arc;
    let files = Files::new().shop();
    let noon_ms = 1_751_371_200_000; // 2025-07-01T12:00, summer time in London
    let mut columns: Vec<(&str, ArrayRef, bool)> =
        HEADERS.iter().map(|name| (*name, new_null_array(&DataType::Null, 2), true)).collect();
    columns[0].1 = Arc::new(StringArray::from(vec!["a", "b"]));
    columns[8].1 = Arc::new(TimestampMillisecondArray::from(vec![Some(noon_ms), None]));
    write_arrow(&files.path("c.arrow"), &RecordBatch::try_from_iter_with_nullable(columns).unwrap());
    let csv = |joined: &str| format!("{}\na,,,,,,,,{joined},\nb,,,,,,,,,\n", HEADERS.join(","));
    files.write("civil.csv", &csv("2025-07-01T12:00:00"));
    files.write("offset.csv", &csv("2025-07-01T13:00:00+02:00"));
    for name in ["c.arrow", "civil.csv", "offset.csv"] {
        let mut options = files.options();
        options.bindings.tables.get_mut("Customer").unwrap().files = vec![name.into()];
        let lines = common::lines(&shop(), &options, &files, "attributes");
        assert_eq!(lines[0]["member_since"], json!("2025-07-01T11:00Z"), "{name}");
        assert_eq!(lines[1]["member_since"], Value::Null, "{name}");
    }
}

const HEADERS: [&str; 10] =
    ["customer_id", "name", "card", "tenure", "score", "rate", "premium", "birthday", "joined", "consent.email"];

#[test]
fn a_clock_time_has_whole_seconds_of_one_day() {
    let files = Files::new().shop();
    let mut program = shop();
    program.schema.tables[0].fields[7].ty = seg_ir::Type::TimeOfDay;
    let rows = ["09:00", "23:59:59", "09:00:00.5", "24:00", "soon"];
    let rows: String = rows.iter().enumerate().map(|(i, t)| format!("k{i},,,,,,,{t},,\n")).collect();
    files.write("customers.csv", &format!("{}\n{rows}", HEADERS.join(",")));
    let (_, sink) = run(&program, &files.options());
    let found: Vec<_> = sink.rejects.iter().map(|r| (r.row, r.code)).collect();
    assert_eq!(found, [3, 4, 5].map(|row| (row, RejectCode::WrongType)));
}

#[test]
fn truths_in_text_are_read() {
    let files = Files::new().shop();
    let lines = common::lines(&shop(), &files.options(), &files, "attributes");
    let found: Vec<_> = lines.iter().map(|l| l["may_mail"].clone()).collect();
    assert_eq!(found, [json!(true), Value::Null, json!(false)]);
}
