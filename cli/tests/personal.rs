//! Personal data stays where it is: a canary in every labelled field, of every type and in every format, valid and in every way
//! invalid; every command is run over it, and the canaries are looked for in all that was printed and written.
//!
//! Where they may be: the key and the attributes that an author made of labelled fields, in `segments.*`, `attributes.*` and
//! what `seg eval` decides; and wherever `--show-labelled` was asked for. Nowhere else.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::process::Stdio;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use serde_json::{Map, Value as Json, json};
use support::{Files, seg};

/// A labelled field: where, its name, its type, and what the canary in it looks like.
struct Field {
    table: &'static str,
    name: &'static str,
    ty: &'static str,
    number: u32,
}

const FIELDS: [Field; 21] = [
    Field { table: "Customer", name: "email", ty: "Text max 30", number: 10 },
    Field { table: "Customer", name: "name", ty: "Text? max 30", number: 11 },
    Field { table: "Customer", name: "card", ty: "Card?", number: 12 },
    Field { table: "Customer", name: "visits", ty: "Int?", number: 13 },
    Field { table: "Customer", name: "score", ty: "Number?", number: 14 },
    Field { table: "Customer", name: "rate", ty: "Percent?", number: 15 },
    Field { table: "Customer", name: "income", ty: "Money(GBP)?", number: 16 },
    Field { table: "Customer", name: "birthday", ty: "Date?", number: 17 },
    Field { table: "Customer", name: "joined", ty: "Timestamp?", number: 18 },
    Field { table: "Customer", name: "wakes", ty: "TimeOfDay?", number: 19 },
    Field { table: "Customer", name: "tags", ty: "List(Text)? max 2", number: 20 },
    Field { table: "Customer", name: "agrees", ty: "Bool?", number: 21 },
    Field { table: "Customer", name: "consent.mail", ty: "Text? max 30", number: 22 },
    Field { table: "Customer", name: "home", ty: "Shop?", number: 23 },
    Field { table: "Order", name: "note", ty: "Text? max 30", number: 24 },
    Field { table: "Order", name: "total", ty: "Money(GBP)?", number: 25 },
    Field { table: "Order", name: "ready", ty: "Date?", number: 26 },
    Field { table: "Order", name: "shop", ty: "Shop", number: 27 },
    Field { table: "Shop", name: "owner", ty: "Text? max 30", number: 28 },
    Field { table: "Shop", name: "rent", ty: "Money(GBP)?", number: 29 },
    Field { table: "Shop", name: "code", ty: "Text max 30", number: 30 },
];

/// What a column of a typed file holds.
#[derive(Clone, Copy, PartialEq)]
enum Stored {
    Text,
    Number,
    Bool,
}

impl Field {
    fn base(&self) -> &'static str {
        self.ty.split(['?', ' ', '(']).next().unwrap()
    }

    fn stored(&self) -> Stored {
        match self.base() {
            "Int" | "Number" | "Percent" | "Money" => Stored::Number,
            "Bool" => Stored::Bool,
            _ => Stored::Text,
        }
    }

    /// The beginnings of its canaries, in all forms in which a value may be shown.
    fn canaries(&self) -> Vec<String> {
        let n = self.number;
        let texts =
            vec![format!("kanari{n}"), format!("7391{n}"), format!("14{n}-"), format!("17:{n}:"), format!("15{n}-")];
        texts.into_iter().chain([format!("7391.{n}"), format!("73.91{n}")]).collect()
    }

    /// A value that keeps to the type, where a value of the type can be told from others.
    fn good(&self) -> Json {
        let n = self.number;
        match self.base() {
            "Text" => json!(format!("kanari{n}ok")),
            "Int" => json!(739_100_000 + u64::from(n) * 1_000),
            "Number" => json!(f64::from(739_100_000 + n * 1_000) + 0.25),
            "Percent" => json!(f64::from(739_100 + n) / 10_000.0),
            "Money" => json!(f64::from(739_100_000 + n * 1_000) + 0.5),
            "Date" => json!(format!("14{n}-03-04")),
            "Timestamp" => json!(format!("15{n}-03-04T05:06:07Z")),
            "TimeOfDay" => json!(format!("17:{n}:44")),
            "List" => json!([format!("kanari{n}ok")]),
            "Card" => json!("Blue"),
            "Bool" => json!(true),
            "Shop" => json!("kanari30ok"),
            other => panic!("{other}"),
        }
    }

    /// Values that break the schema, each in its way.
    fn bad(&self) -> Vec<Json> {
        let n = self.number;
        let text = json!(format!("kanari{n}bad"));
        let long = json!(format!("kanari{n}{}", "x".repeat(40)));
        match self.base() {
            "Text" => vec![long, json!({ format!("kanari{n}key"): 1 }), json!([format!("kanari{n}item")])],
            "Int" => vec![
                text,
                json!(f64::from(7391 * 100 + n) + 0.5),
                json!(format!("7391{n}e300").parse::<f64>().unwrap()),
            ],
            "Number" => vec![text, json!(format!("7391{n}e99999"))],
            "Percent" | "Money" => vec![text, json!(format!("7391{n}e30").parse::<f64>().unwrap())],
            "Date" => vec![text, json!(format!("14{n}-02-30")), json!(format!("14{n}-02-03T04:05:06Z"))],
            "Timestamp" => vec![text, json!(format!("15{n}-02-30T00:00:00Z"))],
            "TimeOfDay" => vec![text, json!(format!("17:{n}:99"))],
            "List" => vec![
                text,
                json!([format!("kanari{n}a"), format!("kanari{n}b"), format!("kanari{n}c")]),
                json!([format!("kanari{n}a"), null]),
                json!([[format!("kanari{n}a")]]),
            ],
            // Near to a member, which a hint would name.
            "Card" => vec![text, json!(format!("kanari{n}Blue"))],
            "Bool" => vec![text],
            "Shop" => vec![text],
            other => panic!("{other}"),
        }
    }
}

/// A playbook whose labelled fields are those of the list, but for one that is not labelled; its key is a number or the email.
fn playbook(key: &str, plain: Option<&str>, attributes: &str) -> String {
    let fields = |table: &str| {
        let of = FIELDS.iter().filter(|f| f.table == table && !f.name.contains('.'));
        let line = |f: &Field| {
            let label = if plain == Some(f.name) {
                ""
            } else {
                ["@pii", "@sensitive", "@own @identifier"][f.number as usize % 3]
            };
            format!("  {} {} {label}\n", f.name, f.ty)
        };
        of.map(line).collect::<String>()
    };
    let mail = if plain == Some("consent.mail") { "" } else { "@pii" };
    format!(
        "playbook \"Canary\" {{ currency GBP }}\n\nenum Card {{ Blue, Gold }}\n\n\
         profile Customer key {key} {{\n  id Int\n{}  consent {{ mail Text? max 30 {mail} }}\n  plain Int?\n  orders many Order max 2\n}}\n\n\
         event Order by {key} at placed_at {{\n  placed_at Timestamp\n  plain Int?\n{}}}\n\n\
         reference Shop key code {{\n{}}}\n\n{attributes}\n\
         ## Those who are called something\nsegment Named\n  when name is known and name <> \"Zacharias\" and income >= £10 and birthday before 2000-01-01\n   and visits > 3 and score > 1 and rate > 1% and joined before 2000-01-01 and agrees and tags contains \"red\"\n   and home.owner = \"Olga\" and consent.mail = \"m\" and card = Blue and sum(orders.total) > £3\n\n\
         ## Plain\nsegment Plain\n  when plain = 3 and count(orders in last 30 days) > 0\n\n\
         test \"nobody\" {{ given {{ plain: 4 }} as of 2026-03-01 expect not in Plain }}\n",
        fields("Customer"),
        fields("Order"),
        fields("Shop"),
    )
}

type Row = Map<String, Json>;

/// The rows of a table: those in order first, then one for each way in which a field can be wrong.
fn rows(table: &str, key: &str) -> Vec<Row> {
    let of: Vec<&Field> = FIELDS.iter().filter(|f| f.table == table).collect();
    let good = |id: usize| {
        let mut row: Row = of.iter().map(|f| (f.name.to_string(), f.good())).collect();
        match table {
            "Customer" => {
                row.insert("id".into(), json!(id));
                row.insert("email".into(), json!(format!("kanari10n{id}")));
                row.insert("plain".into(), json!(3));
            }
            "Order" => {
                let by = if key == "id" { json!(id) } else { json!(format!("kanari10n{id}")) };
                row.insert(key.to_string(), by);
                row.insert("placed_at".into(), json!("2026-03-01T10:00:00Z"));
                row.insert("plain".into(), json!(1));
            }
            _ => {
                row.insert(
                    "code".into(),
                    json!(if id == 0 { "kanari30ok".to_string() } else { format!("kanari30n{id}") }),
                );
            }
        }
        row
    };
    let mut rows: Vec<Row> = (0..3).map(good).collect();
    for field in &of {
        for bad in field.bad() {
            let mut row = good(rows.len());
            row.insert(field.name.to_string(), bad);
            rows.push(row);
        }
    }
    // The same key once more; a field without a label that is wrong, beside all the others; nothing where something must be.
    rows.push(good(1));
    let mut wrong = good(rows.len());
    wrong.insert("plain".into(), json!(0.5));
    rows.push(wrong);
    match table {
        "Order" => {
            // Of a customer that there is not, of one that can be none, of nobody; and more than one customer may have.
            for by in [
                json!(if key == "id" { json!(990_001) } else { json!("kanari10nobody") }),
                json!(if key == "id" { "somebody" } else { "kanari10bad and much longer than a key may be" }),
                Json::Null,
            ] {
                let mut row = good(0);
                row.insert(key.to_string(), by);
                rows.push(row);
            }
            (0..3).for_each(|_| rows.push(good(2)));
        }
        _ => {
            let mut nameless = good(rows.len());
            nameless.insert(if table == "Shop" { "code" } else { key }.to_string(), Json::Null);
            rows.push(nameless);
        }
    }
    rows
}

fn names(rows: &[Row]) -> Vec<String> {
    rows.iter().flat_map(|row| row.keys().cloned()).collect::<BTreeSet<String>>().into_iter().collect()
}

fn csv(rows: &[Row]) -> String {
    let names = names(rows);
    let cell = |value: Option<&Json>| match value {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Array(_) | Json::Object(_)) => format!("\"{}\"", value.unwrap().to_string().replace('"', "\"\"")),
        Some(other) => other.to_string(),
    };
    let line = |row: &Row| names.iter().map(|name| cell(row.get(name))).collect::<Vec<_>>().join(",");
    let lines = rows.iter().map(line).collect::<Vec<_>>().join("\n");
    format!("{}\n{lines}\n", names.join(","))
}

fn ndjson(rows: &[Row]) -> String {
    rows.iter().map(|row| Json::Object(row.clone()).to_string() + "\n").collect()
}

/// The rows as typed columns; what a column cannot hold is missing.
fn batch(rows: &[Row]) -> RecordBatch {
    let stored = |name: &str| match FIELDS.iter().find(|f| f.name == name) {
        Some(field) => field.stored(),
        None if name == "placed_at" => Stored::Text,
        None => Stored::Number,
    };
    let column = |name: &String| -> (String, ArrayRef) {
        let cells = rows.iter().map(|row| row.get(name));
        let array: ArrayRef = match stored(name) {
            Stored::Text => Arc::new(cells.map(|v| v.and_then(Json::as_str)).collect::<StringArray>()),
            Stored::Number => Arc::new(cells.map(|v| v.and_then(Json::as_f64)).collect::<Float64Array>()),
            Stored::Bool => Arc::new(cells.map(|v| v.and_then(Json::as_bool)).collect::<BooleanArray>()),
        };
        (name.clone(), array)
    };
    // Lists are no text; what else there is makes up for them.
    RecordBatch::try_from_iter(names(rows).iter().map(column)).unwrap()
}

fn parquet(rows: &[Row]) -> Vec<u8> {
    let batch = batch(rows);
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

const TABLES: [&str; 3] = ["Customer", "Order", "Shop"];

/// A playbook with its data in every format.
fn shop(key: &str, plain: Option<&str>, attributes: &str) -> Files {
    let settings = "[data]\nCustomer = \"customer.csv\"\nOrder = \"order.csv\"\nShop = \"shop.csv\"\n\n[run]\nas_of = \"2026-03-15\"\nreject_max = \"100%\"\n";
    let shop = Files::new(&[("shop.seg", &playbook(key, plain, attributes)), ("seg.toml", settings)]);
    for table in TABLES {
        let (rows, name) = (rows(table, key), table.to_lowercase());
        shop.write(&format!("{name}.csv"), csv(&rows));
        shop.write(&format!("{name}.ndjson"), ndjson(&rows));
        // Typed columns cannot hold lists in texts.
        let typed: Vec<Row> = rows
            .iter()
            .map(|row| row.iter().filter(|(k, _)| *k != "tags").map(|(k, v)| (k.clone(), v.clone())).collect())
            .collect();
        shop.write(&format!("{name}.parquet"), parquet(&typed));
        let batch = batch(&typed);
        let file = File::create(shop.path(&format!("{name}.arrow"))).unwrap();
        let mut writer = arrow_ipc::writer::FileWriter::try_new(file, &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
    }
    shop.write("records.ndjson", records(key));
    let checked = shop.seg(&["check"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    shop
}

/// Records with events within, in order and in every way wrong; and lines that are no records.
fn records(key: &str) -> String {
    let orders = rows("Order", key);
    let event = |row: &Row| -> Json {
        row.iter().filter(|(name, _)| *name != key).map(|(k, v)| (k.clone(), v.clone())).collect::<Row>().into()
    };
    let mut lines = Vec::new();
    for row in rows("Customer", key) {
        let mut row = row;
        row.insert("orders".into(), json!([event(&orders[0])]));
        lines.push(Json::Object(row).to_string());
    }
    let with = |orders: Json| {
        let mut row = rows("Customer", key).swap_remove(0);
        row.insert("orders".into(), orders);
        Json::Object(row).to_string()
    };
    lines.extend(orders.iter().map(|order| with(json!([event(order)]))));
    lines.push(with(json!([event(&orders[0]), event(&orders[0]), event(&orders[0])])));
    lines.push(with(json!("kanari24bad")));
    lines.push(with(json!(["kanari24bad"])));
    lines.push(with(Json::Null));
    lines.extend(malformed());
    // Enough of the same for machine code to take over.
    let good = lines[0].clone();
    lines.extend((0..80).map(|_| good.clone()));
    lines.extend(malformed());
    lines.join("\n") + "\n"
}

/// Lines that are cut off, doubled, too deep or no text, within a labelled field.
fn malformed() -> Vec<String> {
    let deep = format!("{{\"id\": 1, \"name\": {}\"kanari11bad\"{}}}", "[".repeat(60), "]".repeat(60));
    [
        "{\"id\": 1, \"email\": \"kanari10bad",
        "{\"id\": 1, \"email\": \"kanari10bad\", \"name\": \"kanari11bad\\x\"}",
        "{\"id\": 1, \"email\": kanari10bad}",
        "{\"id\": 1, \"visits\": 739113kanari13}",
        "{\"id\": 1, \"name\": \"kanari11bad\", \"name\": \"kanari11worse\"}",
        "{\"id\": 1, \"name\": {\"kanari11bad\": 1, \"kanari11bad\": 2}}",
        "{\"id\": 1, \"orders\": [{\"note\": {\"kanari24bad\": {\"kanari24worse\": NaN}}}]}",
        "{\"id\": 1, \"consent\": {\"mail\": {\"kanari22bad\": 1, \"kanari22bad\": 2}}}",
        "{\"id\": 1, \"email\": \"kanari10bad\"} \"kanari10more\"",
        "\"kanari10bad\"",
        "[\"kanari10bad\"]",
        "kanari10bad,kanari11bad",
        "{\"id\": \"somebody\", \"email\": \"kanari10bad\", \"orders\": []}",
        &deep,
    ]
    .map(String::from)
    .to_vec()
}

/// What a command printed and wrote, by the name of the place.
type Places = BTreeMap<String, String>;

/// Runs a command; adds what it printed, and the files of its output.
fn run(shop: &Files, places: &mut Places, arguments: &[&str], input: Option<&[u8]>) {
    let mut child = seg()
        .current_dir(shop.0.path())
        .args(arguments)
        .env("RUST_BACKTRACE", "full")
        .env("RUST_LOG", "trace")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.unwrap_or_default().to_vec();
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    let name = arguments.join(" ");
    assert!(output.status.code().is_some_and(|code| code <= 2), "{name}: {}", output.status);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("broke down"), "{name}");
    places.insert(format!("{name} > out"), String::from_utf8_lossy(&output.stdout).into_owned());
    places.insert(format!("{name} > errors"), String::from_utf8_lossy(&output.stderr).into_owned());
    let target = shop.path("target");
    if target.is_dir() {
        for entry in fs::read_dir(&target).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            places.insert(format!("{name} > {file}"), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned());
        }
        fs::remove_dir_all(&target).unwrap();
    }
}

/// Every command that reads the playbook or its data, over data in a format.
fn everything(shop: &Files, key: &str, show: bool) -> Places {
    let mut places = Places::new();
    let show: &[&str] = if show { &["--show-labelled"] } else { &[] };
    let mut of = |arguments: &[&str], shown: bool, input: Option<&[u8]>| {
        let all: Vec<&str> = arguments.iter().copied().chain(if shown { show } else { &[] }.iter().copied()).collect();
        run(shop, &mut places, &all, input);
    };
    of(&["check", "--verbose"], false, None);
    of(&["check", "--format", "json"], false, None);
    of(&["test", "--coverage", "--format", "json"], false, None);
    of(&["explain", "Named"], false, None);
    of(&["sql", "--bind"], false, None);
    of(&["build", "-o", "shop.segb", "--verbose"], false, None);
    of(&["inspect", "shop.segb"], false, None);
    of(&["inspect", "shop.segb", "--format", "json"], false, None);
    for ending in ["csv", "ndjson", "parquet", "arrow"] {
        let data: Vec<String> =
            TABLES.iter().map(|table| format!("--data={table}={}.{ending}", table.to_lowercase())).collect();
        let with = |arguments: &[&str]| -> Vec<String> {
            arguments.iter().map(|a| (*a).to_string()).chain(data.clone()).collect()
        };
        let mut over = |arguments: &[&str], shown: bool| {
            let all = with(arguments);
            of(&all.iter().map(String::as_str).collect::<Vec<_>>(), shown, None);
        };
        over(&["run", "--verbose"], true);
        for format in ["csv", "ndjson", "arrow"] {
            over(&["run", "--verbose", "-o", "target", "--format", format], true);
        }
        over(&["run", "--evaluator", "interp", "--sample", "2", "-o", "target", "--format", "csv"], true);
        over(&["stats"], false);
        over(&["stats", "--format", "json", "--verbose"], false);
        let keys: &[&str] = if key == "id" {
            &["1", "2", "8", "99", "somebody"]
        } else {
            &["kanari10n1", "kanari10n2", "kanari10n8", "kanari10none"]
        };
        for customer in keys {
            over(&["why", "--key", customer], true);
            over(&["why", "--key", customer, "--format", "json"], true);
        }
    }
    for evaluator in ["interp", "jit", "auto"] {
        of(&["eval", "records.ndjson", "--evaluator", evaluator, "--verbose"], true, None);
    }
    of(
        &["eval", "shop.segb", "-", "--ignore-unknown-fields"],
        true,
        Some(b"{\"id\": \"kanari10\xff\"}\n{\"kanari10bad\xff\n"),
    );
    places
}

/// Commands over files that are not what they should be.
fn damaged(shop: &Files) -> Places {
    let mut places = Places::new();
    let lines: Vec<String> = fs::read_to_string(shop.path("customer.csv")).unwrap().lines().map(String::from).collect();
    let (header, rest) = (lines[0].clone(), lines[1..].join("\n"));
    shop.write("bad/headerless.csv", &rest);
    shop.write("bad/double.csv", format!("{header},id\n{rest}\n"));
    shop.write("bad/twice.csv", "kanari10bad,kanari10bad\nkanari10bad,kanari10bad\n");
    shop.write("bad/renamed.csv", format!("{}\n{rest}\n", header.replace("email", "e_mail")));
    shop.write(
        "bad/narrow.csv",
        format!("{header}\nkanari10bad,kanari11bad\n{}\n", lines[1].clone() + ",kanari10more"),
    );
    shop.write("bad/quote.csv", format!("{header}\n\"kanari10bad{rest}\n"));
    let latin = [
        header.as_bytes(),
        b"\n",
        lines[1].replace("kanari11ok", "kanari11\u{1}").replace('\u{1}', "").as_bytes(),
        b"\xe9\n",
    ]
    .concat();
    shop.write("bad/latin.csv", latin);
    let utf16: Vec<u8> = lines.join("\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    shop.write("bad/wide.csv", utf16);
    shop.write("bad/lines.ndjson", malformed().join("\n"));
    shop.write("bad/latin.ndjson", b"{\"id\": 1, \"email\": \"kanari10bad\xe9\"}\nkanari10bad\xff\n".as_slice());
    let text = fs::read_to_string(shop.path("customer.csv")).unwrap();
    ["parquet", "arrow", "ndjson"].iter().for_each(|ending| shop.write(&format!("bad/text.{ending}"), &text));
    for ending in ["parquet", "arrow", "csv", "ndjson"] {
        let good = fs::read(shop.path(&format!("customer.{ending}"))).unwrap();
        shop.write(&format!("bad/half.{ending}"), &good[..good.len() / 2]);
        // Bytes of the values themselves are broken, so that texts are no texts any more.
        let at = good.windows(8).position(|w| w == b"kanari10").unwrap_or(good.len() / 3);
        for (n, place) in [at + 8, at + 9, at.saturating_sub(3), good.len() - 20, good.len() / 4, good.len() * 3 / 4]
            .into_iter()
            .enumerate()
        {
            let mut broken = good.clone();
            broken[place] = 0xff;
            shop.write(&format!("bad/broken{n}.{ending}"), broken);
        }
    }
    for name in shop.names("bad") {
        let data = format!("--data=Customer=bad/{name}");
        run(shop, &mut places, &["run", "--verbose", "-o", "target", "--format", "csv", &data], None);
        run(shop, &mut places, &["stats", &data], None);
        run(shop, &mut places, &["why", "--key", "1", &data], None);
    }
    // Tables in place of one another: their columns are of other types, or not there.
    for ending in ["csv", "ndjson", "parquet", "arrow"] {
        for (table, other) in [("Customer", "order"), ("Order", "shop"), ("Shop", "customer")] {
            run(
                shop,
                &mut places,
                &["run", "-o", "target", "--format", "csv", &format!("--data={table}={other}.{ending}")],
                None,
            );
        }
    }
    places
}

/// The places that hold a canary, with the fields whose it is.
fn found(places: &Places) -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut found: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (place, text) in places {
        // Numbers are shown with separators here and there.
        let text = text.replace([',', '_'], "");
        for field in &FIELDS {
            if field.canaries().iter().any(|canary| text.contains(canary.as_str())) {
                found.entry(place.clone()).or_default().insert(field.name);
            }
        }
    }
    found
}

#[test]
fn nothing_of_a_labelled_field_is_told_anywhere() {
    let shop = shop("id", None, "");
    let places = everything(&shop, "id", false);
    assert_eq!(found(&places), BTreeMap::new());
    // All of that was looked at: rejects of every kind, and decisions.
    let all = |ending: &str| {
        places.iter().filter(|(place, _)| place.ends_with(ending)).map(|(_, text)| text.as_str()).collect::<String>()
    };
    for code in [
        "wrong-type",
        "no-such-member",
        "out-of-range",
        "too-long",
        "too-many-rows",
        "duplicate-key",
        "no-target",
        "missing-value",
    ] {
        assert!(all("> rejects.ndjson").contains(code), "{code}");
    }
    assert!(
        all("> out").contains("malformed")
            && all("> out").contains("\"Plain\":true")
            && all("> out").contains("withheld")
    );
    let damaged = damaged(&shop);
    let bytes = places.values().chain(damaged.values()).map(String::len).sum::<usize>();
    println!("{} places with {bytes} bytes hold no canary", places.len() + damaged.len());
    assert_eq!(found(&damaged), BTreeMap::new());
    let told = damaged.values().map(String::as_str).collect::<String>();
    for words in
        ["not shown since it may be data", "cannot be read", "not UTF-8", "has no column", "cells, and the header"]
    {
        assert!(told.contains(words), "{words}");
    }
}

#[test]
fn who_may_see_them_is_shown_labelled_values() {
    let shop = shop("id", None, "");
    let found = found(&everything(&shop, "id", true));
    let fields_in = |part: &str| {
        found
            .iter()
            .filter(|(place, _)| place.contains(part))
            .flat_map(|(_, fields)| fields.iter().copied())
            .collect::<BTreeSet<_>>()
    };
    let all: BTreeSet<&str> = FIELDS.iter().map(|f| f.name).collect();
    // Of texts and lists what is too long is told by its length alone, and a pointer that may be missing is no fault.
    let unquoted = ["email", "name", "consent.mail", "note", "owner", "tags", "home"];
    let quoted: BTreeSet<&str> = all.iter().copied().filter(|name| !unquoted.contains(name)).collect();
    let missing: Vec<_> = quoted.iter().filter(|name| !fields_in("> rejects.ndjson").contains(**name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for name in ["name", "income", "birthday", "visits", "score", "rate", "joined", "owner", "consent.mail"] {
        assert!(fields_in("why --key").contains(name), "{name}: {:?}", fields_in("why --key"));
    }
    assert!(fields_in("eval").contains("income"));
}

/// The search finds what is not withheld: each field in turn without its label.
#[test]
fn a_field_without_its_label_is_found() {
    for field in FIELDS.iter().filter(|f| {
        matches!(f.base(), "Card" | "Int" | "Percent" | "Money" | "Date" | "Timestamp" | "TimeOfDay" | "Bool")
    }) {
        let shop = shop("id", Some(field.name), "");
        let mut places = Places::new();
        run(&shop, &mut places, &["run", "-o", "target", "--format", "csv"], None);
        let found = found(&places);
        let rejects =
            found.iter().find(|(place, _)| place.ends_with("> rejects.ndjson")).map(|(_, fields)| fields.clone());
        assert_eq!(rejects, Some(BTreeSet::from([field.name])), "{found:?}");
        assert_eq!(found.len(), 1, "{found:?}");
    }
}

#[test]
fn a_labelled_key_is_told_where_answers_are_and_nowhere_else() {
    let shop = shop("email", None, "");
    let places = everything(&shop, "email", false);
    for (place, fields) in found(&places) {
        assert_eq!(fields, BTreeSet::from(["email"]), "{place}");
        let is_answer = place.ends_with("> segments.csv")
            || place.ends_with("> segments.ndjson")
            || place.ends_with("> segments.arrow");
        let is_decision = place.starts_with("eval") && place.ends_with("> out");
        assert!(is_answer || is_decision, "{place}:\n{}", places[&place]);
    }
    let decisions = &places["eval records.ndjson --evaluator interp --verbose > out"];
    assert!(decisions.lines().any(|line| line.starts_with("{\"email\":\"kanari10n1\",\"segments\":")), "{decisions}");
    for line in decisions.lines().filter(|line| line.contains("\"error\":")) {
        assert!(line.starts_with("{\"error\":"), "{line}");
        assert!(!line.contains("kanari"), "{line}");
    }
    // Rejects beside a decision hold no key either.
    let with_rejects = decisions
        .lines()
        .filter_map(|line| line.split_once("\"rejects\":"))
        .map(|(_, rejects)| rejects)
        .collect::<String>();
    assert!(with_rejects.contains("wrong-type") && !with_rejects.contains("kanari"), "{with_rejects}");
    assert_eq!(
        found(&damaged(&shop))
            .into_iter()
            .filter(|(place, _)| !place.ends_with("segments.csv"))
            .collect::<BTreeMap<_, _>>(),
        BTreeMap::new()
    );
}

#[test]
fn what_an_author_makes_of_a_labelled_field_is_an_answer() {
    let attributes = "@allow(unused-attribute) \"asked for\"\nattribute called = name\n@allow(unused-attribute) \"asked for\"\nattribute earns = income\n";
    let shop = shop("id", None, attributes);
    let places = everything(&shop, "id", false);
    let found = found(&places);
    assert!(!found.is_empty());
    for (place, fields) in found {
        assert!(fields.is_subset(&BTreeSet::from(["name", "income"])), "{place}: {fields:?}");
        let is_answer = ["csv", "ndjson", "arrow"].iter().any(|e| place.ends_with(&format!("> attributes.{e}")));
        assert!(is_answer || (place.starts_with("eval") && place.ends_with("> out")), "{place}:\n{}", places[&place]);
    }
    let mut places = Places::new();
    run(&shop, &mut places, &["why", "--key", "1", "--of", "called,earns"], None);
    assert!(places.values().any(|text| text.contains("called is withheld")), "{places:?}");
}

/// Nothing is written beside what a command was asked for.
#[test]
fn commands_leave_no_other_files() {
    let shop = shop("id", None, "");
    let before = shop.names(".");
    everything(&shop, "id", false);
    let mut after = shop.names(".");
    after.retain(|name| name != "shop.segb");
    assert_eq!(before, after);
}
