//! Files that are wrong, folders that are not ours, tables that are too large.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::fs;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use common::{Files, error, run, shop, write_arrow, write_parquet};
use seg_runtime::{Folder, Format};

#[test]
fn a_missing_column_is_one_clear_error() {
    let files = Files::new().shop();
    files.write("orders.csv", "customer_id,placed_at,totl,item,note\na,2026-01-01T10:00:00Z,60,shoe,x\n");
    let text = error(&shop(), &files.options());
    let path = files.path("orders.csv").display().to_string();
    assert_eq!(
        text,
        format!(
            "`{path}` has no column `total` for the field `total` of `Order`; did you mean `totl`?; it has \
             `customer_id`, `placed_at`, `totl`, `item`, `note`. Rename it in seg.toml (rename = {{ total = \"...\" }}) \
             or mend the file"
        )
    );
    let mut options = files.options();
    options.bindings = options.bindings.rename("Order", "total", "totl");
    assert_eq!(run(&shop(), &options).0.customers, 3);
    options.bindings = options.bindings.rename("Order", "totals", "totl");
    assert!(error(&shop(), &options).contains("no such field; did you mean `total`?"));
    let mut options = files.options();
    options.bindings = options.bindings.bind("Orders", "orders.csv");
    assert!(error(&shop(), &options).contains("did you mean `Order`?"));
}

#[test]
fn a_column_that_can_never_fit_is_one_error() {
    let files = Files::new().shop();
    let batch = RecordBatch::try_from_iter(vec![
        ("maker_id", Arc::new(StringArray::from(vec!["1"])) as ArrayRef),
        ("maker_name", Arc::new(StringArray::from(vec!["Cobbler"]))),
    ])
    .unwrap();
    write_parquet(&files.path("makers.parquet"), &batch);
    let mut options = files.options();
    options.bindings.tables.get_mut("Maker").unwrap().files = vec!["makers.parquet".into()];
    let text = error(&shop(), &options);
    assert!(text.contains("column `maker_id` of") && text.contains("is of type Utf8, which can never hold"), "{text}");
    assert!(text.ends_with("that is Int"), "{text}");
}

#[test]
fn a_column_that_is_there_twice_is_an_error() {
    let files = Files::new().shop();
    files.write("makers.csv", "maker_id,maker_name,maker_id\n1,Cobbler,2\n");
    assert!(error(&shop(), &files.options()).contains("has the column `maker_id` twice"));
}

#[test]
fn a_damaged_file_is_an_error_of_that_file() {
    let files = Files::new().shop();
    let names: Vec<String> = (0..5000).map(|i| format!("maker number {i}")).collect();
    let batch = RecordBatch::try_from_iter(vec![
        ("maker_id", Arc::new(Int64Array::from_iter_values(0..5000)) as ArrayRef),
        ("maker_name", Arc::new(StringArray::from(names))),
    ])
    .unwrap();
    write_parquet(&files.path("m.parquet"), &batch);
    write_arrow(&files.path("m.arrow"), &batch);
    let mut options = files.options();
    for name in ["m.parquet", "m.arrow"] {
        options.bindings.tables.get_mut("Maker").unwrap().files = vec![name.into()];
        assert_eq!(run(&shop(), &options).0.customers, 3);
        let good = fs::read(files.path(name)).unwrap();
        let mut refused = 0;
        for at in (0..good.len()).step_by(good.len() / 60) {
            let mut bad = good.clone();
            let end = (at + 40).min(bad.len());
            bad[at..end].fill(0xA5);
            fs::write(files.path(name), &bad).unwrap();
            // Some damage only changes values; none may do more than be an error of the file.
            match seg_runtime::run(&shop(), &options, &mut seg_runtime::Nothing) {
                Ok(_) => {}
                Err(error) => {
                    refused += 1;
                    assert!(error.to_string().contains(name), "{error}");
                }
            }
        }
        assert!(refused > 5, "{name}: {refused}");
        fs::write(files.path(name), &good[..good.len() / 2]).unwrap();
        assert!(error(&shop(), &options).contains("cannot be read"));
        fs::write(files.path(name), b"").unwrap();
        assert!(error(&shop(), &options).contains("cannot be read"));
    }
}

#[test]
fn files_that_are_not_there_or_unknown_are_errors() {
    let files = Files::new().shop();
    let mut options = files.options();
    options.bindings.tables.get_mut("Maker").unwrap().files = vec!["nothing/*.csv".into()];
    assert!(error(&shop(), &options).contains("`nothing/*.csv`, bound to `Maker`, matches no file"));
    files.write("makers.xls", "");
    options.bindings.tables.get_mut("Maker").unwrap().files = vec!["makers.xls".into()];
    assert!(error(&shop(), &options).contains("has no known ending"));
}

#[test]
fn output_appears_whole_or_not_at_all() {
    let files = Files::new().shop();
    let out = files.path("out");
    let write = |format| {
        let mut folder = Folder::create(&out, format).unwrap();
        seg_runtime::run(&shop(), &files.options(), &mut folder)
    };
    write(Format::Parquet).unwrap();
    let names = || {
        let mut names: Vec<String> =
            fs::read_dir(&out).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names(), ["attributes.parquet", "rejects.ndjson", "segments.parquet", "summary.json"]);
    write(Format::Csv).unwrap();
    assert_eq!(names(), ["attributes.csv", "rejects.ndjson", "segments.csv", "summary.json"]);

    files.write("orders.csv", "nothing\n1\n");
    assert!(write(Format::Ndjson).is_err());
    assert_eq!(names(), ["attributes.csv", "rejects.ndjson", "segments.csv", "summary.json"]);
    let leftovers = fs::read_dir(files.dir.path())
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().ends_with(".part"));
    assert_eq!(leftovers.count(), 0);

    fs::write(out.join("notes.txt"), "mine").unwrap();
    let text = Folder::create(&out, Format::Csv).err().unwrap().to_string();
    assert!(text.contains("`notes.txt`, which no run wrote"), "{text}");
    assert_eq!(fs::read_to_string(out.join("notes.txt")).unwrap(), "mine");
    let mine = files.path("mine");
    fs::create_dir(&mine).unwrap();
    fs::write(mine.join("segments.csv"), "a").unwrap();
    assert!(Folder::create(&mine, Format::Csv).is_err());
    let empty = files.path("empty");
    fs::create_dir(&empty).unwrap();
    assert!(Folder::create(&empty, Format::Csv).is_ok());
}

#[test]
fn spreadsheets_get_no_formulas() {
    let files = Files::new().shop();
    files.write(
        "orders.csv",
        "customer_id,placed_at,total,item,note\na,2026-01-01T10:00:00Z,-60,,\"=1+2,\"\"x\"\"\"\nb,2026-01-01T10:00:00Z,1,,-2\n",
    );
    let mut folder = Folder::create(&files.path("out"), Format::Csv).unwrap();
    let mut options = files.options();
    options.only = vec!["last_note".into(), "spent".into()];
    seg_runtime::run(&shop(), &options, &mut folder).unwrap();
    let text = fs::read_to_string(files.path("out/attributes.csv")).unwrap();
    assert_eq!(text, "customer_id,spent,last_note\na,-60.00,\"'=1+2,\"\"x\"\"\"\nb,1.00,'-2\nc,0.00,\n");
}
