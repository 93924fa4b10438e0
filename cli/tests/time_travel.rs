//! Events after the as-of instant are never seen: a run at an instant over all data is, byte for byte, the run over data
//! that was cut off at that instant.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{BooleanArray, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use seg::ir::{Zone, time};

/// Instants through the year: midnights, clock changes, ends of months, ordinary afternoons.
const INSTANTS: [&str; 20] = [
    "2017-01-01T17:00Z",
    "2017-01-31T23:59:59Z",
    "2017-02-14T15:30Z",
    "2017-03-12T06:59:59Z",
    "2017-03-12T07:00Z",
    "2017-03-12T07:30Z",
    "2017-04-01T04:00Z",
    "2017-04-30T12:00Z",
    "2017-05-29T21:45:10Z",
    "2017-06-30T23:00Z",
    "2017-07-04T16:00Z",
    "2017-08-31T04:00Z",
    "2017-09-15T00:00:01Z",
    "2017-10-31T22:00Z",
    "2017-11-05T05:30Z",
    "2017-11-05T06:30Z",
    "2017-11-23T18:00Z",
    "2017-12-18T14:00Z",
    "2017-12-31T05:00Z",
    "2018-01-01T05:00Z",
];

#[test]
fn a_run_at_an_instant_is_the_run_over_data_cut_off_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/complete-journey");
    let zone = Zone::find("America/New_York").unwrap();
    let tables = [
        ("Transaction", "transactions", "transaction_timestamp"),
        ("Redemption", "coupon_redemptions", "redemption_date"),
    ];
    let data: Vec<(Vec<RecordBatch>, Vec<Vec<i64>>)> = tables
        .iter()
        .map(|(_, file, column)| {
            let batches = read(&root.join(format!("data/{file}.parquet")));
            let moments = batches.iter().map(|b| moments(b, column, &zone)).collect();
            (batches, moments)
        })
        .collect();
    let temporary = tempfile::tempdir().unwrap();
    for instant in INSTANTS {
        let Some(time::ParsedTime::Instant(as_of)) = time::parse_timestamp(instant) else { panic!("{instant}") };
        let mut overrides = Vec::new();
        for ((table, file, _), (batches, moments)) in tables.iter().zip(&data) {
            let cut = temporary.path().join(format!("{file}.parquet"));
            write_until(&cut, batches, moments, as_of);
            overrides.push(format!("{table}={}", cut.display()));
        }
        let whole = run(&root, temporary.path().join("whole"), instant, &[]);
        let cut = run(&root, temporary.path().join("cut"), instant, &overrides);
        for file in ["segments.parquet", "attributes.parquet", "rejects.ndjson"] {
            let (a, b) = (fs::read(whole.join(file)).unwrap(), fs::read(cut.join(file)).unwrap());
            assert!(a == b, "{file} differs as of {instant}");
            assert!(file == "rejects.ndjson" || a.len() > 1000, "{file} is nearly empty as of {instant}");
        }
    }
}

fn read(path: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    reader.with_batch_size(65_536).build().unwrap().map(Result::unwrap).collect()
}

/// The instant of each row's civil time.
fn moments(batch: &RecordBatch, column: &str, zone: &Zone) -> Vec<i64> {
    let micros = arrow_array_micros(batch, column);
    let civil = micros.as_primitive::<TimestampMicrosecondType>();
    let place = |local: i64| {
        let date = i32::try_from(local.div_euclid(time::DAY_US)).unwrap();
        zone.instant(date, local.rem_euclid(time::DAY_US)).unwrap().0
    };
    civil.values().iter().map(|local| place(*local)).collect()
}

fn arrow_array_micros(batch: &RecordBatch, column: &str) -> Arc<dyn arrow_array::Array> {
    let array = batch.column_by_name(column).unwrap();
    let micros = arrow_schema::DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, None);
    arrow_cast::cast(array, &micros).unwrap()
}

fn write_until(path: &Path, batches: &[RecordBatch], moments: &[Vec<i64>], as_of: i64) {
    let schema = batches[0].schema();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), schema, None).unwrap();
    for (batch, moments) in batches.iter().zip(moments) {
        let keep: BooleanArray = moments.iter().map(|m| Some(*m <= as_of)).collect();
        writer.write(&arrow_select::filter::filter_record_batch(batch, &keep).unwrap()).unwrap();
    }
    writer.close().unwrap();
}

fn run(root: &Path, output: PathBuf, as_of: &str, overrides: &[String]) -> PathBuf {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seg"));
    command.arg("run").arg(root).args(["--as-of", as_of, "--quiet", "-o"]).arg(&output);
    for pair in overrides {
        command.args(["--data", pair]);
    }
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    output
}
