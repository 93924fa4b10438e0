//! Files in every way that columns are stored, read by every number of threads, hold what the parquet crate finds in them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal64Type, Decimal128Type, Int32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array, PrimitiveArray,
    RecordBatch, StringArray, TimestampMicrosecondArray, TimestampMillisecondArray,
};
use arrow_cast::cast::cast;
use arrow_select::concat::concat;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::data_type::{FixedLenByteArray, FixedLenByteArrayType};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::file::writer::SerializedFileWriter;

use super::*;
use crate::read::{Data, Guarded};

const ROWS: usize = 5_000;

/// Columns of all kinds; every so-manieth row lacks its value.
fn table(missing_each: usize) -> RecordBatch {
    let there = |row: usize| missing_each == 0 || !(row * 7 + row / 100).is_multiple_of(missing_each);
    let number = |row: usize| (row as i64).wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64);
    let each = |few: i64| (0..ROWS).map(move |row| there(row).then(|| number(row) % few));
    let decimals = |precision, few| -> ArrayRef {
        let of = each(few).map(|value| value.map(i128::from)).collect::<PrimitiveArray<Decimal128Type>>();
        Arc::new(of.with_precision_and_scale(precision, 2).unwrap())
    };
    let names = ["north", "s\u{fc}d", "", "a text that is longer than the others"];
    let text = |many: usize| -> StringArray {
        (0..ROWS).map(|row| there(row).then(|| format!("{}{}", names[row % 4], row % many))).collect()
    };
    let dictionary = DictionaryArray::<Int32Type>::from_iter((0..ROWS).map(|row| there(row).then(|| names[row % 3])));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter_values((0..ROWS).map(&number)))),
        ("many", Arc::new(each(i64::MAX).collect::<Int64Array>())),
        ("few", Arc::new(each(9).collect::<Int64Array>())),
        ("narrow", Arc::new(each(3_000).map(|v| v.map(|v| v as i32)).collect::<Int32Array>())),
        ("day", Arc::new(each(70_000).map(|v| v.map(|v| v as i32)).collect::<Date32Array>())),
        ("share", Arc::new(each(1_000).map(|v| v.map(|v| v as f64 / 7.0)).collect::<Float64Array>())),
        ("instant", Arc::new(each(1 << 50).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))),
        ("civil", Arc::new(each(1 << 40).collect::<TimestampMillisecondArray>())),
        ("tiny", decimals(4, 9_999)),
        ("amount", decimals(12, 1_000_000)),
        ("long", decimals(18, i64::MAX / 10)),
        ("wide", decimals(30, i64::MAX)),
        ("yes", Arc::new((0..ROWS).map(|row| there(row).then(|| number(row) % 3 == 0)).collect::<BooleanArray>())),
        ("name", Arc::new(text(3))),
        ("mail", Arc::new(text(ROWS))),
        ("kind", Arc::new(text(2))),
        ("coded", Arc::new(dictionary)),
        (
            "group",
            Arc::new(arrow_array::StructArray::from(vec![(
                Arc::new(Field::new("inner", DataType::Int64, true)),
                Arc::new(each(50).collect::<Int64Array>()) as ArrayRef,
            )])),
        ),
    ];
    // Without missing values, every second column says that it has none.
    let is_optional = |at: usize| at > 0 && (missing_each > 0 || at.is_multiple_of(2));
    let nullable = columns.into_iter().enumerate().map(|(at, (name, array))| (name, array, is_optional(at)));
    RecordBatch::try_from_iter_with_nullable(nullable).unwrap()
}

fn written(name: &str, batch: &RecordBatch, properties: WriterPropertiesBuilder) -> PathBuf {
    let path = std::env::temp_dir().join(format!("seg-parquet-{}-{name}.parquet", std::process::id()));
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties.build())).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    path
}

/// All chunks, each column joined.
fn read(path: &std::path::Path, named: &[usize], rows: usize, threads: usize) -> Result<Vec<ArrayRef>, String> {
    let columns: Vec<usize> = (0..18).collect();
    let helped = Helped::default();
    let mut by_column: Vec<Vec<ArrayRef>> = vec![Vec::new(); 18];
    let mut next = 0;
    for chunk in chunks(path, &columns, named, rows, threads, &helped)? {
        let chunk = chunk?;
        assert_eq!(chunk.numbers.of(0), next + 1);
        next += chunk.rows as u64;
        assert!(chunk.rows == rows || next == ROWS as u64, "chunks are cut where they always are");
        let Data::Arrow(batch) = chunk.data else { return Err("no Arrow".to_string()) };
        by_column.iter_mut().zip(batch.columns()).for_each(|(all, column)| all.push(Arc::clone(column)));
    }
    let plain = |column: &ArrayRef| match column.data_type() {
        DataType::Dictionary(..) => cast(column, &DataType::LargeUtf8).unwrap(),
        _ => Arc::clone(column),
    };
    let all = by_column.iter().map(|all| {
        let all: Vec<ArrayRef> = all.iter().map(plain).collect();
        concat(&all.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>()).unwrap()
    });
    Ok(all.collect())
}

#[test]
fn what_is_read_is_what_was_written_however_it_is_stored() {
    let plain = WriterProperties::builder;
    let small = || {
        let pages = plain().set_data_page_row_count_limit(300).set_write_batch_size(50);
        pages.set_max_row_group_row_count(Some(1_130))
    };
    let ways = [
        ("pages", small().set_compression(Compression::SNAPPY)),
        ("second", small().set_writer_version(WriterVersion::PARQUET_2_0)),
        ("undictionaried", small().set_dictionary_enabled(false)),
        ("mixed", small().set_dictionary_page_size_limit(400).set_compression(Compression::SNAPPY)),
        ("one", plain()),
        (
            "deltas",
            small().set_dictionary_enabled(false).set_column_encoding("many".into(), Encoding::DELTA_BINARY_PACKED),
        ),
    ];
    for (name, way) in ways {
        for missing_each in [0, 3, 50, 1] {
            let batch = table(missing_each);
            let path = written(&format!("{name}-{missing_each}"), &batch, way.clone());
            for (rows, threads) in [(512, 1), (1_000, 3), (7, 2), (ROWS, 2), (8_192, 9)] {
                let read = read(&path, &[15, 16], rows, threads).unwrap();
                for (at, (read, wrote)) in read.iter().zip(batch.columns()).enumerate() {
                    let wrote = cast(wrote, read.data_type()).unwrap();
                    assert_eq!(read, &wrote, "column {at}, {name}, {missing_each}, {rows} rows, {threads} threads");
                }
            }
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn decimals_of_few_bytes_are_read_where_some_are_missing() {
    let path = std::env::temp_dir().join(format!("seg-parquet-{}-bytes.parquet", std::process::id()));
    let schema = "message m { required fixed_len_byte_array(6) a (DECIMAL(12,2)); \
                  optional fixed_len_byte_array(3) b (DECIMAL(6,1)); }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let bytes = |number: i64, width: usize| number.to_be_bytes()[8 - width..].to_vec();
    let number = |row: i64| row * 7_919 % 100_000 - 50_000;
    for dictionary in [true, false] {
        let properties = WriterProperties::builder().set_dictionary_enabled(dictionary);
        let properties = Arc::new(properties.set_data_page_row_count_limit(300).set_write_batch_size(64).build());
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = SerializedFileWriter::new(file, Arc::clone(&schema), properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        for width in [6, 3] {
            let there = |row: &i64| width == 6 || row % 3 != 0;
            let values: Vec<FixedLenByteArray> =
                (0..1_000).filter(there).map(|row| FixedLenByteArray::from(bytes(number(row), width))).collect();
            let levels: Vec<i16> = (0..1_000).map(|row| i16::from(there(&row))).collect();
            let mut column = group.next_column().unwrap().unwrap();
            let levels = (width == 3).then_some(levels.as_slice());
            column.typed::<FixedLenByteArrayType>().write_batch(&values, levels, None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        writer.close().unwrap();
        let mut read = Vec::new();
        for chunk in chunks(&path, &[0, 1], &[], 130, 2, &Helped::default()).unwrap() {
            let Data::Arrow(batch) = chunk.unwrap().data else { continue };
            let column = |at: usize| batch.column(at).as_primitive::<Decimal64Type>().clone();
            read.extend(column(0).iter().zip(column(1).iter()));
        }
        let wrote = (0..1_000).map(|row| (Some(number(row)), (row % 3 != 0).then(|| number(row))));
        assert_eq!(read, wrote.collect::<Vec<_>>());
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn columns_of_fields_are_read_in_one_step() {
    let path = written("steps", &table(3), WriterProperties::builder());
    let (file, plain) = opened(&path).unwrap();
    let metadata = layouts(plain, &[15, 16]);
    let shared = Arc::new(file);
    let is_flat = |root: &usize| {
        let field = metadata.schema().field(*root);
        leaf(&metadata, *root).and_then(|leaf| Flat::new(&shared, metadata.metadata(), leaf, field)).is_some()
    };
    // Small decimals are stored as numbers of 32 bits, large ones fit into no word, who wants a dictionary of short
    // texts gets it, groups are groups.
    let others: Vec<usize> = (0..18).filter(|root| !is_flat(root)).collect();
    assert_eq!(others, [8, 11, 16, 17]);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_file_that_is_damaged_anywhere_is_an_error_that_names_it_or_a_table_of_as_many_rows() {
    let way = WriterProperties::builder().set_data_page_row_count_limit(300).set_write_batch_size(50);
    let path = written("damaged", &table(3), way.set_compression(Compression::SNAPPY));
    let whole = std::fs::read(&path).unwrap();
    let (mut told, mut step) = (0, 0_usize);
    for at in (4..whole.len()).step_by(whole.len() / 400) {
        let mut bytes = whole.clone();
        step += 1;
        bytes[at] ^= 1 << (step % 8);
        std::fs::write(&path, &bytes).unwrap();
        let columns: Vec<usize> = (0..18).collect();
        let rows = |chunks: Guarded| -> Result<usize, crate::error::Error> {
            chunks.map(|chunk| chunk.map(|chunk| chunk.rows)).sum()
        };
        match crate::read::chunks(&path, &columns, &[15, 16], 512, 2).and_then(rows) {
            Ok(rows) => assert_eq!(rows, ROWS, "byte {at}"),
            Err(error) => {
                told += 1;
                assert!(error.to_string().contains("-damaged.parquet"), "{error}");
            }
        }
    }
    assert!(told > 50, "only {told} were told");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn who_stops_early_stops_all() {
    let path = written("early", &table(3), WriterProperties::builder());
    let helped = Helped::default();
    let mut chunks = chunks(&path, &[0, 1, 2, 3], &[], 100, 3, &helped).unwrap();
    assert_eq!(chunks.next().unwrap().unwrap().rows, 100);
    drop(chunks);
    // Its threads have ended, each of which has it.
    assert_eq!(Arc::strong_count(&helped.0), 1);
    std::fs::remove_file(path).unwrap();
}
