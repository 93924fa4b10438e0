//! Events that are beyond the memory for them: through disk they come to the same results, byte for byte, as in memory.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::fs;
use std::sync::Arc;

use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, Decimal128Array, PrimitiveArray, RecordBatch, StringArray};
use common::{Files, error, shop, write_arrow, write_parquet, write_stream};
use seg_runtime::{Bindings, Elapsed, Folder, Format, Options, RejectMax, Summary};

/// An order: customer, day, amount, item, note.
type Order = (String, u32, i64, &'static str, String);

/// Orders of known and unknown customers, many at the same instant, some twice, some later than the as-of instant, in no
/// order.
fn orders(count: usize) -> Vec<Order> {
    let mut seed = 7_u64;
    let mut below = |limit: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % limit
    };
    let order = |_| {
        let customer = below(330);
        let item = ["", "shoe", "hat"][below(3) as usize];
        let note = if below(3) == 0 { String::new() } else { format!("note {} of long words", below(5)) };
        (format!("k{}", customer * customer / 330), below(65) as u32, below(9) as i64 * 50 - 50, item, note)
    };
    (0..count).map(order).collect()
}

/// Customers in two files, one of them without the rest of a row, and one customer twice.
fn customers(files: &Files) {
    let header = "customer_id,name,card,tenure,score,rate,premium,birthday,joined,consent.email\n";
    let row = |c: usize| format!("k{c},N{},{},,,,,,,\n", c % 9, ["gold", "blue", "tin"][c % 3]);
    let (first, second): (Vec<usize>, Vec<usize>) = (0..300).partition(|c| *c < 77);
    let text = |rows: &[usize]| format!("{header}{}", rows.iter().map(|c| row(*c)).collect::<String>());
    files.write("customers_1.csv", &format!("{}k12,again,,,,,,,,\ncut,short\n", text(&first)));
    files.write("customers_2.csv", &text(&second));
}

/// The orders in a file of each format.
fn files_of_orders(files: &Files, orders: &[Order]) -> Vec<String> {
    let (csv, rest) = orders.split_at(orders.len() / 5);
    let (json, rest) = rest.split_at(rest.len() / 4);
    let (parquet, rest) = rest.split_at(rest.len() / 3);
    let (arrow, stream) = rest.split_at(rest.len() / 2);
    let at = |day: u32| format!("2026-{:02}-{:02}T10:00:00Z", 1 + day / 28, 1 + day % 28);
    let amount = |amount: i64| format!("{}.{:02}", amount / 100, amount.abs() % 100);
    let line = |(who, day, total, item, note): &Order| format!("{who},{},{},{item},{note}\n", at(*day), amount(*total));
    let text: String = csv.iter().map(line).collect();
    files.write(
        "orders.csv",
        &format!("customer_id,placed_at,total,item,note\n{text}k1,never,1,,\n,2026-01-01T00:00Z,1,,\n"),
    );
    let text = |text: &str| (!text.is_empty()).then(|| text.to_string());
    let object = |(who, day, total, item, note): &Order| {
        let record = serde_json::json!({"customer_id": who, "placed_at": at(*day), "total": amount(*total), "item": text(item), "note": text(note)});
        format!("{record}\n")
    };
    files.write("orders.ndjson", &format!("{}no record\n", json.iter().map(object).collect::<String>()));
    let batch = |orders: &[Order]| {
        let instant = |day: u32| {
            let (month, day) = (i64::from(day / 28), i64::from(day % 28));
            ((20_454 + 31 * month + day) * 24 + 10) * 3_600_000_000
        };
        let times: PrimitiveArray<TimestampMicrosecondType> = orders.iter().map(|o| Some(instant(o.1))).collect();
        let totals: Decimal128Array = orders.iter().map(|o| Some(i128::from(o.2))).collect();
        let texts = |of: &dyn Fn(&Order) -> Option<String>| Arc::new(orders.iter().map(of).collect::<StringArray>());
        RecordBatch::try_from_iter_with_nullable(vec![
            ("customer_id", texts(&|o| Some(o.0.clone())) as ArrayRef, true),
            ("placed_at", Arc::new(times.with_timezone("UTC")), true),
            ("total", Arc::new(totals.with_precision_and_scale(12, 2).unwrap()), true),
            ("item", texts(&|o| text(o.3)), true),
            ("note", texts(&|o| text(&o.4)), true),
        ])
    };
    write_parquet(&files.path("orders.parquet"), &batch(parquet).unwrap());
    write_arrow(&files.path("orders.arrow"), &batch(arrow).unwrap());
    write_stream(&files.path("orders.feather"), &batch(stream).unwrap());
    ["csv", "ndjson", "parquet", "arrow", "feather"].map(|ending| format!("orders.{ending}")).to_vec()
}

/// Everything that a run leaves, but for its times; and how much went through disk.
fn result(options: &Options, files: &Files, format: Format) -> (Vec<Vec<u8>>, Summary, u64) {
    let out = files.path("out");
    let mut folder = Folder::create(&out, format).unwrap();
    let mut summary = seg_runtime::run(&shop(), options, &mut folder).unwrap();
    let spilled = std::mem::take(&mut summary.elapsed).spilled_bytes;
    let tables = ["segments", "attributes"].map(|table| format!("{table}.{}", format.extension()));
    let read = |name: &str| fs::read(out.join(name)).unwrap();
    let bytes = tables.iter().map(|name| read(name)).chain([read("rejects.ndjson")]).collect();
    assert_eq!(summary.elapsed, Elapsed::default());
    (bytes, summary, spilled)
}

fn bindings(files: &Files, orders: &[String]) -> Bindings {
    let mut bindings = files.shop_bindings();
    bindings.tables.get_mut("Customer").unwrap().files = vec!["customers_*.csv".into()];
    bindings.tables.get_mut("Order").unwrap().files = orders.to_vec();
    bindings
}

#[test]
fn results_are_the_same_bytes_through_disk_as_in_memory() {
    let files = Files::new().shop();
    customers(&files);
    let all = files_of_orders(&files, &orders(4_000));
    let of = |format, threads, batch_rows, sample, memory_max_bytes| {
        let options = Options::new(common::AS_OF, bindings(&files, &all));
        let threads = Some(threads);
        let reject_max = RejectMax::Rows(9);
        result(&Options { threads, batch_rows, sample, reject_max, memory_max_bytes, ..options }, &files, format)
    };
    for format in [Format::Csv, Format::Parquet, Format::Arrow] {
        for batch_rows in [8192, 100] {
            for sample in [None, Some(40)] {
                let expected = of(format, 1, batch_rows, sample, Some(1 << 30));
                assert_eq!(expected.2, 0);
                let orders = &expected.1.sources[1];
                // One of the rows that are refused is of a customer outside the sample.
                let rejected = if sample.is_some() { 2 } else { 3 };
                assert_eq!((orders.rows, orders.rejected), (4_003, rejected));
                assert!(orders.later_than_as_of > 100, "{orders:?}");
                assert!(sample.is_some() || orders.unknown_customers > 100, "{orders:?}");
                for (threads, memory) in [(1, 0), (2, 0), (1, 20_000), (2, 200_000), (2, 1 << 30)] {
                    let found = of(format, threads, batch_rows, sample, Some(memory));
                    // A sample's events are few.
                    if sample.is_none() || memory == 0 || memory == 1 << 30 {
                        assert_eq!(found.2 > 0, memory < 1 << 30, "{} bytes through disk, {memory} allowed", found.2);
                    }
                    assert_eq!((&found.0, &found.1), (&expected.0, &expected.1), "{threads} threads, {memory} bytes");
                }
            }
        }
    }
}

#[test]
fn customers_are_found_and_refused_as_without_disk() {
    let files = Files::new().shop();
    customers(&files);
    let mut all = orders(900);
    all.extend((0..60).map(|day| ("k99".to_string(), day % 56, 100, "", String::new())));
    let all = files_of_orders(&files, &all);
    let options =
        |memory| Options { memory_max_bytes: Some(memory), ..Options::new(common::AS_OF, bindings(&files, &all)) };
    let (expected, found) = (result(&options(1 << 30), &files, Format::Csv), result(&options(0), &files, Format::Csv));
    assert!(String::from_utf8_lossy(&expected.0[2]).contains("and at most 50 are allowed"));
    assert_eq!((found.0, found.1), (expected.0, expected.1));
    for key in ["k0", "k5", "k12", "k99", "k299", "nobody", "cut"] {
        let [with, without] = [1 << 30, 0].map(|memory| {
            let found = seg_runtime::customer(&shop(), &options(memory), key).unwrap();
            let seg_runtime::Found::Customer(batch) = found else { return format!("{found:?}") };
            let ranges = batch.ranges(common::ORDERS).unwrap();
            format!("{:?} {:?} {:?}", batch.keys(), ranges, batch.tables())
        });
        assert_eq!(with, without, "{key}");
    }
}

#[test]
fn a_folder_that_takes_nothing_is_a_clear_error() {
    let files = Files::new().shop();
    let spill_folder = Some(files.path("nowhere"));
    let options = Options { memory_max_bytes: Some(0), spill_folder, ..files.options() };
    let text = error(&shop(), &options);
    assert!(text.starts_with("the events of `Order` are larger than `memory_max` allows"), "{text}");
    assert!(text.contains("cannot be put on disk in `") && text.contains("nowhere`: No such file"), "{text}");
}

#[test]
fn nothing_is_left_on_disk() {
    let files = Files::new().shop();
    let folder = files.path("spilled");
    fs::create_dir(&folder).unwrap();
    let options = |threads| Options {
        memory_max_bytes: Some(0),
        spill_folder: Some(folder.clone()),
        threads: Some(threads),
        ..files.options()
    };
    assert!(result(&options(2), &files, Format::Csv).2 > 0);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    // An error after rows were put down.
    fs::create_dir(files.path("more")).unwrap();
    let header = "customer_id,placed_at,total,item,note\n";
    files.write("more/orders_1.csv", &format!("{header}a,2026-01-01T10:00:00Z,60,shoe,first\n"));
    files.write("more/orders_2.parquet", "no Parquet");
    let mut broken = options(1);
    broken.bindings.tables.get_mut("Order").unwrap().files = vec!["more/*".into()];
    assert!(error(&shop(), &broken).contains("orders_2.parquet"));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn a_table_without_rows_is_no_table_without_data() {
    let files = Files::new().shop();
    files.write("orders.csv", "customer_id,placed_at,total,item,note\n");
    for memory in [0, 1 << 30] {
        let options = Options { memory_max_bytes: Some(memory), ..files.options() };
        let text = String::from_utf8(result(&options, &files, Format::Csv).0[1].clone()).unwrap();
        assert!(text.lines().nth(1).unwrap().starts_with("a,0.00,0,"), "{text}");
    }
}
