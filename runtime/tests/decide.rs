//! A record is decided alike by machine code over cells and by the interpreter over the general decoder's record: records in
//! order, odd ones and broken ones. Warm, the former allocates nothing.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{AS_OF, CUSTOMER, Files, ITEM, MAKER, ORDER, ORDERS, field, optional, program, shop_schema};
use seg_evaluator::{Counting, allocations};
use seg_ir::node::{Aggregate, AggregateKind, Bound, Comparison, Ir, Op, Scope, Window};
use seg_ir::schema::{Collection, Table, TableKind};
use seg_ir::{CollectionId, Const, FieldId, NodeId, Program, TableId, Type};
use seg_runtime::{Decider, Method, References, RequestOptions, UnknownFields};

#[global_allocator]
static COUNTING: Counting = Counting;

const VISIT: TableId = TableId(4);
const VISITS: CollectionId = CollectionId(1);

/// The shop, with tags and visits, and attributes that show every value of a record.
fn wide_shop() -> Program {
    let mut schema = shop_schema();
    let mut tags = optional("tags", Type::List(Box::new(Type::Text)));
    tags.max = Some(3);
    schema.tables[0].fields.push(tags);
    schema.tables.push(Table {
        name: "Visit".into(),
        kind: TableKind::Event,
        key: None,
        by: Some("customer_id".into()),
        at: Some(FieldId(1)),
        fields: vec![optional("page.name", Type::Text), field("day", Type::Date)],
    });
    schema.collections.push(Collection { name: "visits".into(), table: VISIT, optional: true, max: Some(3) });
    let mut ir = Ir::default();
    let mut shown: Vec<NodeId> = Vec::new();
    for (id, declared) in schema.profile().field_ids() {
        let op = Op::Field { scope: Scope::Customer, table: CUSTOMER, field: id };
        shown.push(ir.add(op, declared.ty.clone()));
    }
    let mut folds = |collection: CollectionId, table: TableId| {
        let fold = |ir: &mut Ir, kind, window, value: Option<NodeId>, ty| {
            let aggregate = Aggregate { kind, collection, scope: Scope::Row, window, filter: None, value };
            ir.add(Op::Aggregate(Box::new(aggregate)), ty)
        };
        shown.push(fold(&mut ir, AggregateKind::Count, None, None, Type::Int));
        for (id, declared) in schema.table(table).field_ids() {
            let value = ir.add(Op::Field { scope: Scope::Row, table, field: id }, declared.ty.clone());
            for kind in [AggregateKind::LatestRow, AggregateKind::EarliestRow, AggregateKind::MostFrequent] {
                shown.push(fold(&mut ir, kind, None, Some(value), declared.ty.clone()));
            }
            if !matches!(declared.ty, Type::Reference(_)) {
                let list = Type::List(Box::new(declared.ty.clone()));
                shown.push(fold(&mut ir, AggregateKind::List, None, Some(value), list));
            }
        }
    };
    folds(ORDERS, ORDER);
    folds(VISITS, VISIT);
    let item = ir.add(Op::Field { scope: Scope::Row, table: ORDER, field: FieldId(2) }, Type::Reference(ITEM));
    let maker = ir.add(Op::Lookup { pointer: item, table: ITEM, field: FieldId(2) }, Type::Reference(MAKER));
    let name = ir.add(Op::Lookup { pointer: maker, table: MAKER, field: FieldId(1) }, Type::Text);
    let since = ir.add(Op::Constant(Const::Timestamp(AS_OF - 20 * 86_400_000_000)), Type::Timestamp);
    let window = Window { low: Some(Bound { at: since, inclusive: true }), high: None };
    let aggregate = Aggregate {
        kind: AggregateKind::List,
        collection: ORDERS,
        scope: Scope::Row,
        window: Some(window),
        filter: None,
        value: Some(name),
    };
    shown.push(ir.add(Op::Aggregate(Box::new(aggregate)), Type::List(Box::new(Type::Text))));
    let five = ir.add(Op::Constant(Const::Int(5)), Type::Int);
    let tenure = shown[3];
    let long = ir.add(Op::Compare(Comparison::Greater, tenure, five), Type::Bool);
    let names: Vec<String> = (0..shown.len()).map(|n| format!("a{n}")).collect();
    let attributes = names.iter().map(String::as_str).zip(shown).collect();
    program(schema, ir, vec![("Long", long)], attributes)
}

fn nodes(program: &Program) -> Vec<NodeId> {
    program.optimised.segments.iter().chain(&program.optimised.attributes).copied().collect()
}

fn decider<'p>(program: &'p Program, files: &Files, request: RequestOptions, method: Method) -> Decider<'p> {
    let references = References::load(program, &files.options()).unwrap();
    Decider::new(program, references, request, method, nodes(program)).unwrap()
}

/// Everything that is decided, as text.
fn told(decider: &Decider<'_>, line: &str, row: u64, as_of: i64) -> String {
    let shown = decider.decide(line, row, as_of, |decision| {
        let values: Vec<Const> = (0..64).map(|at| decision.value(at).to_const()).collect();
        format!("{:?} {values:?} {:?}", decision.key.to_const(), decision.rejects)
    });
    shown.unwrap_or_else(|reject| format!("{reject:?}"))
}

/// **Source**: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const ODD: &[&str] = &[
    "null",
    "true",
    "0",
    "-0",
    "1.50",
    "1e2",
    "-7",
    "9223372036854775808",
    "0.30000000000000004",
    "1e999",
    "[]",
    "{}",
    "[1]",
    "\"\"",
    "\"gold\"",
    "\"gol\\u0064\"",
    "\"e\u{301}\"",
    "\"\u{e9}\"",
    "\"a\\nb\"",
    "\"100.005\"",
    "\"2026-02-10\"",
    "\"2026-02-10T10:00:00+0530\"",
    "\"2026-03-29T01:30:00\"",
    "\"2026-02-30\"",
    "01",
    "1.",
    "tru",
    "\"",
    "\"abcdef\"",
    "[\"x\", null]",
    "{\"email\": false}",
    "12345678901234567890123456789012345678901",
    "\"\u{1}\"",
];

const FIELDS: &[(&str, &[&str])] = &[
    ("customer_id", &["\"a\"", "\"b c\"", "7"]),
    ("name", &["\"Ann\"", "\"Zo\u{e9}\"", "null"]),
    ("card", &["\"gold\"", "\"blue\"", "null"]),
    ("tenure", &["3", "0", "6.0", "null"]),
    ("score", &["0.5", "-1.25e3", "12"]),
    ("rate", &["0.1", "0.1234565", "1"]),
    ("premium", &["100.50", "\"7.125\"", "3", "0.015"]),
    ("birthday", &["\"1990-02-28\"", "null"]),
    ("joined", &["\"2020-01-01T00:00:00Z\"", "\"2020-01-01T00:00:00.123456+01:00\"", "\"2020-06-01T00:00\""]),
    ("consent", &["{\"email\": true}", "{}", "null", "{ \"email\" : null }"]),
    ("tags", &["[]", "[\"x\"]", "[ \"x\" , \"y\" ]", "[\"x\", \"y\", \"z\", \"x\"]", "null"]),
];

const ORDER_FIELDS: &[(&str, &[&str])] = &[
    (
        "placed_at",
        &[
            "\"2026-02-20T10:00:00Z\"",
            "\"2026-01-01T10:00:00Z\"",
            "\"2026-03-01T00:00:00Z\"",
            "\"2026-02-28\"",
            "\"2027-01-01T00:00Z\"",
        ],
    ),
    ("total", &["45.5", "60", "\"9.99\"", "-1"]),
    ("item", &["\"hat\"", "\"shoe\"", "null", "\"nothing\""]),
    ("note", &["\"first\"", "\"second\"", "null"]),
];

const VISIT_FIELDS: &[(&str, &[&str])] = &[
    ("page", &["{\"name\": \"home\"}", "{\"name\": null}", "null"]),
    ("day", &["\"2026-02-01\"", "\"2026-03-01\"", "\"2026-03-02\"", "\"2025-12-31\""]),
];

/// An object of those fields, with a wrong value, a field too few or too many, or another order once in so many times.
fn object(random: &mut Random, fields: &[(&str, &[&str])], more: &[(String, String)], wrong: usize) -> String {
    let mut members: Vec<(String, String)> = Vec::new();
    for (name, values) in fields {
        if random.once_in(wrong) && random.once_in(2) {
            continue;
        }
        let value = if random.once_in(wrong) { random.pick(ODD) } else { random.pick(values) };
        members.push(((*name).to_string(), value.to_string()));
    }
    members.extend(more.iter().cloned());
    if random.once_in(wrong) {
        let name =
            random.pick(&["name", "consent.email", "page.name", "nmae", "orders", "total", "t\\u0061gs", "consent"]);
        members.push((name.to_string(), random.pick(ODD).to_string()));
    }
    if random.once_in(3) {
        for end in (1..members.len()).rev() {
            members.swap(end, random.below(end + 1));
        }
    }
    let space = random.pick(&["", " ", "\n\t"]);
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{space}{value}")).collect();
    format!("{{{space}{}}}", members.join(&format!(",{space}")))
}

fn record(random: &mut Random) -> String {
    let wrong = [4, 30, 1_000_000][random.below(3)];
    let list = |random: &mut Random, fields| {
        let rows: Vec<String> = (0..random.below(5)).map(|_| object(random, fields, &[], wrong * 3)).collect();
        format!("[{}]", rows.join(", "))
    };
    let mut more = vec![("orders".to_string(), list(random, ORDER_FIELDS))];
    if random.once_in(2) {
        let visits = if random.once_in(4) { "null".to_string() } else { list(random, VISIT_FIELDS) };
        more.push(("visits".to_string(), visits));
    }
    if random.once_in(wrong) {
        more.remove(0);
    }
    let mut text = object(random, FIELDS, &more, wrong);
    if random.once_in(wrong * 2) {
        let mut at = random.below(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        match random.below(3) {
            0 => text.truncate(at),
            1 => text.insert_str(at, random.pick(&["\"", ",", "}", " ", "[", "\\"])),
            _ => text.push_str(random.pick(&[" ", "x", "{}"])),
        }
    }
    text
}

#[test]
fn whatever_the_record_both_ways_decide_alike() {
    let files = Files::new().shop();
    let program = wide_shop();
    let mut accepted = 0;
    const ROUNDS: u64 = 20_000;
    for unknown_fields in [UnknownFields::Reject, UnknownFields::Ignore] {
        let request = RequestOptions { unknown_fields, body_max_bytes: 1_500, ..RequestOptions::default() };
        let of = |method| decider(&program, &files, request, method);
        let (interpreted, compiled, auto) = (of(Method::Interp), of(Method::Jit), of(Method::Auto));
        let mut random = Random(7);
        for row in 0..ROUNDS {
            let line = record(&mut random);
            let as_of = AS_OF + if random.once_in(8) { 86_400_000_000 } else { 0 };
            let want = told(&interpreted, &line, row, as_of);
            assert_eq!(told(&compiled, &line, row, as_of), want, "{line}");
            assert_eq!(told(&auto, &line, row, as_of), want, "{line}");
            accepted += u64::from(!want.starts_with("Reject"));
        }
    }
    let share = accepted * 100 / (2 * ROUNDS);
    assert!((30..=90).contains(&share), "{share} % are accepted: neither good nor broken records should be few");
}

const GOOD: &str = r#"{"customer_id": "a", "name": "Ann", "card": "gold", "tenure": 3, "score": 0.25, "rate": 0.1,
    "premium": "100.50", "birthday": "1990-02-28", "joined": "2020-01-01T00:00:00Z", "consent": {"email": true},
    "tags": ["x", "y"],
    "orders": [{"placed_at": "2026-02-01T10:00:00Z", "total": 45.5, "item": "hat", "note": "second"},
               {"placed_at": "2026-01-01T10:00:00+01:00", "total": 60, "item": "shoe", "note": "first"},
               {"placed_at": "2026-01-01T10:00:00", "total": 60.125},
               {"placed_at": "2027-01-01T10:00:00Z", "total": 1}],
    "visits": [{"page": {"name": "home"}, "day": "2026-02-03"}]}"#;

#[test]
fn a_record_that_is_in_order_allocates_nothing_once_all_is_warm() {
    let files = Files::new().shop();
    let program = wide_shop();
    let decider = decider(&program, &files, RequestOptions::default(), Method::Jit);
    let mut kept = 0;
    let mut decide = || {
        let decided = decider.decide(GOOD, 1, AS_OF, |decision| decision.value(0).as_bool());
        kept += u64::from(decided.unwrap() == Some(false));
    };
    (0..3).for_each(|_| decide());
    let before = allocations();
    assert!(before > 0, "the allocator counts");
    (0..100).for_each(|_| decide());
    assert_eq!(allocations() - before, 0);
    assert_eq!(kept, 103);
}

#[test]
fn records_at_the_edge_of_what_is_allowed_are_decided_alike() {
    let files = Files::new().shop();
    let program = wide_shop();
    let changed = |from: &str, to: &str| {
        assert!(GOOD.contains(from), "{from}");
        GOOD.replacen(from, to, 1)
    };
    let [orders, visits] = ["\"orders\"", "\"visits\""].map(|name| GOOD.find(name).unwrap());
    let consent = r#""consent": {"email": true}"#;
    let edges = [
        (changed(r#"["x", "y"]"#, r#"["x", "y", "z"]"#), true),
        (changed(r#"["x", "y"]"#, r#"["x", "y", "z", "x"]"#), false),
        (changed(r#""tenure": 3"#, r#""tenure": 3."#), false),
        (changed(r#""tenure": 3"#, r#""tenure": 03"#), false),
        (changed("2026-02-01T10:00:00Z", "2026-03-01T00:00:00Z"), true),
        (changed("2026-02-01T10:00:00Z", "2026-03-01T00:00:00.000001Z"), true),
        (changed(consent, r#""consent": {}, "consent": {}"#), false),
        (changed(consent, r#""consent": {"email": true}, "consent": null"#), false),
        (changed(consent, r#""consent": {"email": true, "email": true}"#), false),
        (changed(r#""visits": [{"page": {"name": "home"}, "day": "2026-02-03"}]"#, r#""visits": null"#), true),
        (changed(r#"[{"page": {"name": "home"}, "day": "2026-02-03"}]"#, "[]"), true),
        (format!("{}\"orders\": null, {}", &GOOD[..orders], &GOOD[visits..]), false),
        (format!("{GOOD} x"), false),
        (format!("{GOOD}\n"), true),
    ];
    for (line, is_taken) in &edges {
        for body_max_bytes in [line.len() - 1, line.len()] {
            let request = RequestOptions { body_max_bytes, ..RequestOptions::default() };
            let [want, have] = [Method::Interp, Method::Jit]
                .map(|method| told(&decider(&program, &files, request, method), line, 1, AS_OF));
            assert_eq!(have, want, "{line}");
            assert_eq!(!want.starts_with("Reject"), *is_taken && body_max_bytes == line.len(), "{line}: {want}");
        }
    }
}
