//! One record in a request: what it may hold, and the paths of what it may not.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{AS_OF, Files, lines, shop};
use seg_ir::interpret::Interpreter;
use seg_ir::outcome::RejectCode;
use seg_ir::{Const, FieldId};
use seg_runtime::{Decoder, Overlay, References, RequestOptions, UnknownFields};
use serde_json::json;

const GOOD: &str = r#"{"customer_id": "a", "card": "gold", "tenure": 3, "premium": "100.50", "consent": {"email": true},
    "orders": [{"placed_at": "2026-02-01T10:00:00Z", "total": 45.5, "item": "hat", "note": "second"},
               {"placed_at": "2026-01-01T10:00:00Z", "total": 60, "item": "shoe", "note": "first"},
               {"placed_at": "2027-01-01T10:00:00Z", "total": "what"}]}"#;

#[test]
fn a_record_is_decided_as_in_bulk() {
    let files = Files::new().shop();
    let program = shop();
    let references = References::load(&program, &files.options()).unwrap();
    let decoder = Decoder::new(&program, &references, RequestOptions::default()).unwrap();
    let decoded = decoder.decode(GOOD, 1, AS_OF).unwrap();
    assert_eq!((decoded.key, decoded.key_text.as_deref()), (Const::text("a"), Some("a")));
    assert_eq!(decoded.rejects, vec![], "what is later is not looked at");
    let many = vec![r#"{"placed_at": "2026-01-01T00:00Z", "total": 1}"#; 51].join(", ");
    let reject = decoder.decode(&format!(r#"{{"customer_id": "a", "orders": [{many}]}}"#), 1, AS_OF).unwrap_err();
    assert_eq!((reject.field.as_str(), reject.code), ("orders", RejectCode::TooManyRows));
    let source = references.join(&decoded.record);
    let mut interpreter = Interpreter::new(program.context(AS_OF), &source);
    interpreter.customer(0);
    let mut value = |name: &str| interpreter.value(program.attribute(name).unwrap().node).to_const();
    assert_eq!(value("spent"), Const::Money(10_550));
    assert_eq!(value("last_note"), Const::text("second"));
    assert_eq!(value("last_department"), Const::text("headwear"));
    assert_eq!(value("last_maker"), Const::text("Hatter"));
    let bulk = lines(&program, &files.options(), &files, "attributes");
    assert_eq!(bulk[0]["last_maker"], json!("Hatter"));

    let known = Overlay { inner: &source, field: FieldId(2), value: Const::Enum(0) };
    let mut interpreter = Interpreter::new(program.context(AS_OF), &known);
    interpreter.customer(0);
    assert_eq!(interpreter.value(program.segments[0].node).as_bool(), Some(false));
}

#[test]
fn what_breaks_the_schema_is_refused_with_its_path() {
    let files = Files::new().shop();
    let program = shop();
    let references = References::load(&program, &files.options()).unwrap();
    let options = RequestOptions { body_max_bytes: 2_000, ..RequestOptions::default() };
    let decoder = Decoder::new(&program, &references, options).unwrap();
    let deep = format!(r#"{{"customer_id": "a", "x": {}1}}"#, "[".repeat(99));
    let long = format!(r#"{{"customer_id": "{}"}}"#, "a".repeat(3_000));
    let cases = [
        (r#"{"customer_id": "a"}"#, "orders", RejectCode::NotSent),
        (r#"{"customer_id": "a", "orders": {}}"#, "orders", RejectCode::WrongType),
        (r#"{"customer_id": "a", "orders": [5]}"#, "orders[0]", RejectCode::WrongType),
        (r#"{"orders": []}"#, "customer_id", RejectCode::MissingValue),
        (r#"{"customer_id": "a", "crad": "gold", "orders": []}"#, "crad", RejectCode::UnknownField),
        (
            r#"{"customer_id": "a", "consent": {"emial": true}, "orders": []}"#,
            "consent.emial",
            RejectCode::UnknownField,
        ),
        (r#"{"customer_id": "a", "consent": 1, "orders": []}"#, "consent.email", RejectCode::WrongType),
        (r#"{"customer_id": "a", "tenure": 99999999999999999999, "orders": []}"#, "tenure", RejectCode::OutOfRange),
        (r#"{"customer_id": "a", "tenure": "3", "orders": []}"#, "tenure", RejectCode::WrongType),
        (r#"{"customer_id": "a", "tenure": NaN, "orders": []}"#, "tenure", RejectCode::Malformed),
        (r#"{"customer_id": "a", "score": 1e999, "orders": []}"#, "score", RejectCode::NotFinite),
        (r#"{"customer_id": "a", "customer_id": "b", "orders": []}"#, "customer_id", RejectCode::Malformed),
        (
            r#"{"customer_id": "a", "orders": [{"placed_at": "2026-01-01T00:00Z"}]}"#,
            "orders[0].total",
            RejectCode::MissingValue,
        ),
        (
            r#"{"customer_id": "a", "orders": [{"placed_at": "2026-01-01T00:00Z", "total": 1, "sum": 1}]}"#,
            "orders[0].sum",
            RejectCode::UnknownField,
        ),
        ("5", "", RejectCode::Malformed),
        ("{", "", RejectCode::Malformed),
        (
            &deep,
            "x[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]",
            RejectCode::Malformed,
        ),
        (&long, "", RejectCode::Malformed),
    ];
    for (line, field, code) in cases {
        // A fault of the customer refuses the record; one of an event refuses that event, as in bulk.
        let reject = match decoder.decode(line, 3, AS_OF) {
            Err(reject) => *reject,
            Ok(decoded) => {
                assert!(field.starts_with("orders["), "{line}");
                assert_eq!((decoded.rejects.len(), decoded.rejects[0].source.as_str()), (1, "Order"), "{line}");
                decoded.rejects[0].clone()
            }
        };
        assert_eq!((reject.field.as_str(), reject.code, reject.row), (field, code, 3), "{line}: {}", reject.reason);
    }
    let reject = decoder.decode(cases[4].0, 1, AS_OF).unwrap_err();
    assert_eq!(reject.key.as_deref(), Some("a"));
    assert!(reject.reason.contains("did you mean `card`"), "{}", reject.reason);
    let lenient = RequestOptions { unknown_fields: UnknownFields::Ignore, ..RequestOptions::default() };
    let decoder = Decoder::new(&program, &references, lenient).unwrap();
    assert!(decoder.decode(cases[4].0, 1, AS_OF).is_ok());
}
