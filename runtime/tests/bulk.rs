//! What a bulk run does with good data, odd data and data in any order.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::fs;

use common::{Files, error, lines, run, shop};
use seg_ir::outcome::RejectCode;
use seg_runtime::{Folder, Format, Found, RejectMax, customer};
use serde_json::json;

const HEADER: &str = "customer_id,placed_at,total,item,note\n";

#[test]
fn segments_and_attributes_come_in_the_order_of_the_profile() {
    let files = Files::new().shop();
    let program = shop();
    let segments = lines(&program, &files.options(), &files, "segments");
    assert_eq!(
        segments,
        [
            json!({"customer_id": "a", "Gold": true, "Spends": true}),
            json!({"customer_id": "b", "Gold": null, "Spends": false}),
            json!({"customer_id": "c", "Gold": false, "Spends": false}),
        ]
    );
    let attributes = lines(&program, &files.options(), &files, "attributes");
    assert_eq!(attributes[0]["spent"].to_string(), "105.50");
    assert_eq!(attributes[0]["last_note"], "second");
    assert_eq!(attributes[0]["notes"], json!(["first", "second"]));
    assert_eq!(attributes[0]["last_department"], "headwear");
    assert_eq!(attributes[0]["last_maker"], "Hatter");
    assert_eq!(attributes[1]["spent"].to_string(), "0.00");
    assert_eq!(attributes[1]["tenure_years"], 0);

    let (summary, _) = run(&program, &files.options());
    assert_eq!(summary.customers, 3);
    assert_eq!(summary.skipped.iter().map(|s| s.values).collect::<Vec<_>>(), [1], "an order has no note");
    let gold = &summary.segments[0];
    assert_eq!((gold.counts.inside, gold.counts.out, gold.counts.unknown), (1, 1, 1));
    assert_eq!(summary.sources[0].table, "Customer");
    assert_eq!(summary.sources[0].defaults[0].rows, 1);
    assert_eq!(summary.sources[0].files[0].sha256.len(), 64);
    assert_eq!(summary.as_of, "2026-03-01T00:00Z");
}

/// Many customers with many orders at the same times, some of them twice.
fn crowd(files: &Files) -> Vec<String> {
    let mut customers = "customer_id,name,card,tenure,score,rate,premium,birthday,joined,consent.email\n".to_string();
    let mut orders = Vec::new();
    for c in 0..200 {
        customers.push_str(&format!("k{c},,gold,,,,,,,\n"));
        for o in 0..(c % 23) {
            let note = if o % 3 == 0 { String::new() } else { format!("n{}", o % 7) };
            let item = ["", "shoe", "hat"][o % 3];
            orders.push(format!("k{c},2026-01-{:02}T10:00:00Z,{}.5,{item},{note}\n", 1 + o % 4, o % 5));
        }
    }
    files.write("customers.csv", &customers);
    orders
}

/// A shuffle that is the same every time.
fn shuffle(rows: &mut [String], mut seed: u64) {
    for i in (1..rows.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        rows.swap(i, (seed >> 33) as usize % (i + 1));
    }
}

fn out_bytes(files: &Files, name: &str, options: &seg_runtime::Options, format: Format) -> Vec<Vec<u8>> {
    let out = files.path(name);
    let mut folder = Folder::create(&out, format).unwrap();
    seg_runtime::run(&shop(), options, &mut folder).unwrap();
    let read = |f: &str| fs::read(out.join(format!("{f}.{}", format.extension()))).unwrap();
    vec![read("segments"), read("attributes"), fs::read(out.join("rejects.ndjson")).unwrap()]
}

#[test]
fn neither_the_order_of_events_nor_their_files_nor_threads_matter() {
    let files = Files::new().shop();
    let mut orders = crowd(&files);
    for format in [Format::Parquet, Format::Arrow, Format::Csv, Format::Ndjson] {
        files.write("orders.csv", &(HEADER.to_string() + &orders.concat()));
        let first = out_bytes(&files, "first", &files.options(), format);
        for seed in 1..4 {
            shuffle(&mut orders, seed);
            let cut = orders.len() / 3;
            files.write("o1.csv", &(HEADER.to_string() + &orders[..cut].concat()));
            files.write("o2.csv", &(HEADER.to_string() + &orders[cut..].concat()));
            files.write("items.csv", "item_id,department,maker\nhat,headwear,2\nshoe,footwear,1\n");
            let mut options = files.options();
            options.bindings.tables.get_mut("Order").unwrap().files = vec!["o?.csv".into()];
            options.threads = Some(seed as usize * 2);
            let again = out_bytes(&files, "again", &options, format);
            assert!(first == again, "{format:?}, seed {seed}");
        }
    }
    // The size of batches changes no answer, only how a file is cut.
    let small = seg_runtime::Options { batch_rows: 7, ..files.options() };
    assert_eq!(lines(&shop(), &small, &files, "attributes"), lines(&shop(), &files.options(), &files, "attributes"));
}

#[test]
fn civil_times_in_gaps_and_folds_are_placed_and_counted() {
    let files = Files::new().shop();
    // In London 01:30 on 30 March 2025 does not exist, and on 26 October 2025 it occurs twice.
    files.write(
        "orders.csv",
        &format!("{HEADER}a,2025-03-30T01:30:00,1,,gap\na,2025-10-26T01:30:00,1,,fold\na,2025-07-01T12:00:00,1,,\n"),
    );
    let (summary, sink) = run(&shop(), &files.options());
    let orders = &summary.sources[1];
    assert_eq!((orders.civil.gaps, orders.civil.folds), (1, 1));
    assert_eq!(sink.rejects, vec![]);
}

#[test]
fn later_events_are_never_looked_at() {
    let files = Files::new().shop();
    // The second is a microsecond after the as-of instant, and wrong in every other way.
    files.write(
        "orders.csv",
        &format!("{HEADER}a,2026-03-01T00:00:00Z,7,,\n,2026-03-01T00:00:00.000001Z,what,who,\na,soon,1,,\n"),
    );
    let (summary, sink) = run(&shop(), &files.options());
    let orders = &summary.sources[1];
    assert_eq!((orders.rows, orders.later_than_as_of, orders.rejected), (3, 1, 1));
    assert_eq!(sink.rejects[0].code, RejectCode::WrongType);
    assert_eq!((sink.rejects[0].row, sink.rejects[0].key.as_deref()), (3, Some("a")));
    assert_eq!(lines(&shop(), &files.options(), &files, "attributes")[0]["spent"].to_string(), "7.00");
}

#[test]
fn unknown_customers_double_keys_and_crowds() {
    let files = Files::new().shop();
    files.write(
        "customers.csv",
        "customer_id,name,card,tenure,score,rate,premium,birthday,joined,consent.email\n\
         a,,,,,,,,,\nb,,,,,,,,,\na,,gold,,,,,,,\nd,,,,,,,,,\n",
    );
    let many: String = (0..51).map(|i| format!("d,2026-01-01T00:00:00Z,{i},,\n")).collect();
    files.write(
        "orders.csv",
        &format!("{HEADER}nobody,2026-01-01T00:00:00Z,1,,\nnobody,2026-01-01T00:00:00Z,1,,\n{many}"),
    );
    let mut options = files.options();
    let (summary, sink) = run(&shop(), &options);
    let found: Vec<_> =
        sink.rejects.iter().map(|r| (r.row, r.key.as_deref().unwrap(), r.field.as_str(), r.code)).collect();
    assert_eq!(found, [(3, "a", "customer_id", RejectCode::DuplicateKey), (4, "d", "orders", RejectCode::TooManyRows)]);
    assert_eq!(summary.sources[1].unknown_customers, 2);
    assert_eq!(summary.sources[0].rejected, 2);
    assert!(summary.over_threshold);
    options.reject_max = RejectMax::Fraction(0.5);
    assert!(!run(&shop(), &options).0.over_threshold);
    options.reject_max = "1".parse().unwrap();
    assert!(run(&shop(), &options).0.over_threshold);
}

#[test]
fn amounts_are_rounded_half_even_and_counted() {
    let files = Files::new().shop();
    files.write(
        "orders.csv",
        &format!("{HEADER}a,2026-01-01T00:00:00Z,0.005,,\na,2026-01-01T00:00:00Z,0.015,,\na,2026-01-01T00:00:00Z,0.30000000000000004,,\n"),
    );
    let (summary, _) = run(&shop(), &files.options());
    assert_eq!(summary.sources[1].money_rounded, 2);
    assert_eq!(lines(&shop(), &files.options(), &files, "attributes")[0]["spent"].to_string(), "0.32");
}

#[test]
fn pointers_without_target_are_missing_or_refused() {
    let files = Files::new().shop();
    files.write("items.csv", "item_id,department,maker\nshoe,footwear,9\nhat,hats,2\nhat,caps,2\n,x,1\n");
    files.write("orders.csv", &format!("{HEADER}a,2026-01-01T00:00:00Z,1,glove,\na,2026-01-02T00:00:00Z,1,hat,\n"));
    let (_, sink) = run(&shop(), &files.options());
    // `caps` sorts before `hats`, wherever it stood.
    let found: Vec<_> = sink.rejects.iter().map(|r| (r.source.as_str(), r.row, r.code)).collect();
    assert_eq!(found, [("Item", 4, RejectCode::MissingValue), ("Item", 2, RejectCode::DuplicateKey)]);
    assert_eq!(lines(&shop(), &files.options(), &files, "attributes")[0]["last_department"], "caps");

    let mut strict = shop();
    strict.schema.tables[1].fields[2].optional = false;
    let (summary, sink) = run(&strict, &files.options());
    assert_eq!(sink.rejects[2].code, RejectCode::NoTarget);
    assert!(sink.rejects[2].reason.contains("`glove`"), "{}", sink.rejects[2].reason);
    assert_eq!(summary.sources[1].rejected, 1);
}

#[test]
fn personal_values_stay_out_of_reasons() {
    let files = Files::new().shop();
    let mut program = shop();
    program.schema.tables[0].fields[2].labels = vec!["@sensitive".into()];
    files.write(
        "customers.csv",
        "customer_id,name,card,tenure,score,rate,premium,birthday,joined,consent.email\n\
         a,Canaryname,,,,,,,,\nb,,canarycard,,,,,,,\nc,,,shown,,,,,,\n",
    );
    let (_, sink) = run(&program, &files.options());
    let reasons: Vec<&str> = sink.rejects.iter().map(|r| r.reason.as_str()).collect();
    assert_eq!(reasons[0], "it has 10 characters, and at most 5 are allowed");
    assert_eq!(reasons[1], "the value is no member of Card (`blue`, `gold`, `platinum`)");
    assert_eq!(reasons[2], "`shown` is not Int");
}

#[test]
fn unbound_tables_are_errors_or_missing() {
    let files = Files::new().shop();
    let mut options = files.options();
    options.bindings.tables.remove("Order");
    let text = error(&shop(), &options);
    assert!(text.contains("no data is bound to `Order`, which `orders` of `Customer` holds"), "{text}");
    let mut program = shop();
    program.schema.collections[0].optional = true;
    let rows = lines(&program, &options, &files, "segments");
    assert_eq!(rows[0]["Spends"], json!(null));

    let mut options = files.options();
    options.bindings.tables.remove("Maker");
    let text = error(&shop(), &options);
    assert!(text.contains("no data is bound to `Maker`, which `maker` of `Item` points to"), "{text}");
}

#[test]
fn rows_without_key_are_numbered_over_all_files() {
    let files = Files::new().shop();
    let mut program = shop();
    program.schema.tables[0].key = None;
    files.write("p1.csv", &fs::read_to_string(files.path("customers.csv")).unwrap());
    files.write(
        "p2.csv",
        "customer_id,name,card,tenure,score,rate,premium,birthday,joined,consent.email\nz,,golld,,,,,,,\nz,,,,,,,,,\n",
    );
    files.write("orders.csv", &format!("{HEADER}5,2026-01-01T00:00:00Z,150,,\n").replace("customer_id", "row"));
    program.schema.tables[1].by = Some("row".into());
    let mut options = files.options();
    options.bindings.tables.get_mut("Customer").unwrap().files = vec!["p*.csv".into()];
    let rows = lines(&program, &options, &files, "segments");
    let keys: Vec<_> = rows.iter().map(|r| (r["row"].to_string(), r["Spends"].clone())).collect();
    assert_eq!(keys, [("1", false), ("2", false), ("3", false), ("5", true)].map(|(k, v)| (k.to_string(), json!(v))));
    let (_, sink) = run(&program, &options);
    let reject = &sink.rejects[0];
    assert_eq!((reject.file.as_deref(), reject.row, reject.key.as_deref()), (Some("p2.csv"), 1, Some("4")));
}

#[test]
fn a_sample_is_the_same_customers_in_any_order() {
    let files = Files::new().shop();
    let orders = crowd(&files);
    files.write("orders.csv", &(HEADER.to_string() + &orders.concat()));
    let mut options = files.options();
    options.sample = Some(20);
    let keys = |options: &seg_runtime::Options| {
        let mut keys: Vec<String> =
            lines(&shop(), options, &files, "attributes").iter().map(|r| r.to_string()).collect();
        keys.sort();
        keys
    };
    let first = keys(&options);
    assert_eq!(first.len(), 20);
    let text = fs::read_to_string(files.path("customers.csv")).unwrap();
    let mut rows: Vec<String> = text.lines().skip(1).map(|l| format!("{l}\n")).collect();
    shuffle(&mut rows, 9);
    files.write("customers.csv", &format!("{}\n{}", text.lines().next().unwrap(), rows.concat()));
    assert_eq!(keys(&options), first);
    let (summary, _) = run(&shop(), &options);
    assert_eq!((summary.sources[0].rows, summary.sources[0].outside_sample), (200, 180));
    assert!(summary.sources[1].outside_sample > 1_000, "their events are not kept");
    options.sample = Some(1000);
    assert_eq!(keys(&options).len(), 200);
}

#[test]
fn one_customer_is_found_with_its_events() {
    let files = Files::new().shop();
    let program = shop();
    let Found::Customer(batch) = customer(&program, &files.options(), "a").unwrap() else { panic!("a is there") };
    assert_eq!(batch.len(), 1);
    let answers = seg_evaluator::interpret(program.context(common::AS_OF), &batch, &[program.attributes[0].node]);
    assert_eq!(answers.columns[0].len(), 1);
    assert!(matches!(customer(&program, &files.options(), "zz").unwrap(), Found::Absent));
    files.write(
        "customers.csv",
        "customer_id,name,card,tenure,score,rate,premium,birthday,joined,consent.email\na,,golld,,,,,,,\n",
    );
    let Found::Rejected(reject) = customer(&program, &files.options(), "a").unwrap() else { panic!("a is refused") };
    assert_eq!(reject.code, RejectCode::NoSuchMember);
    assert!(reject.reason.contains("did you mean `gold`"), "{}", reject.reason);
}

#[test]
fn only_what_is_asked_for_is_computed() {
    let files = Files::new().shop();
    let mut options = files.options();
    options.only = vec!["Spends".into(), "spent".into()];
    let (summary, sink) = run(&shop(), &options);
    assert_eq!(summary.segments.len(), 1);
    assert_eq!((sink.segments[0].num_columns(), sink.attributes[0].num_columns()), (2, 2));
    options.only = vec!["Spend".into()];
    assert_eq!(error(&shop(), &options), "there is no segment or attribute `Spend`; did you mean `Spends`?");
}

#[test]
fn a_sample_of_numbered_rows_is_the_same_for_ever() {
    // Written from the definition: FNV-1a over the number's bytes, the lowest first, finished as MurmurHash3 does.
    let hash = |row: i64| {
        let mut h = 0xcbf2_9ce4_8422_2325_u64;
        row.to_le_bytes().iter().for_each(|b| h = (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
        for factor in [0xff51_afd7_ed55_8ccd_u64, 0xc4ce_b9fe_1a85_ec53] {
            h = (h ^ (h >> 33)).wrapping_mul(factor);
        }
        h ^ (h >> 33)
    };
    let files = Files::new().shop();
    crowd(&files);
    files.write("orders.csv", &HEADER.replace("customer_id", "row"));
    let mut program = shop();
    program.schema.tables[0].key = None;
    program.schema.tables[1].by = Some("row".into());
    let options = seg_runtime::Options { sample: Some(5), ..files.options() };
    let found: Vec<i64> =
        lines(&program, &options, &files, "segments").iter().map(|r| r["row"].as_i64().unwrap()).collect();
    let mut wanted: Vec<i64> = (1..=200).collect();
    wanted.sort_by_key(|row| hash(*row));
    wanted.truncate(5);
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}
