//! Reads one byte past a column on purpose: where something watches over memory, guard pages or the sanitizer, that must end
//! the process. Otherwise a run that reports nothing would show nothing.
#![cfg(any(feature = "guard-pages", seg_asan))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::process::{Command, Output};
use std::sync::Arc;

use arrow_array::{Array, BooleanArray, Int64Array, LargeStringArray};
use cranelift_codegen::ir::types::{I8, I64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData};
use seg_evaluator::{Batch, Builder, Column, Optimise, Ranges, Table, Tables};
use seg_ir::schema::{Collection, Field, PROFILE, Schema, TableKind};
use seg_ir::{CollectionId, FieldId, TableId, Type};

/// Tells the process that this test starts for itself what to read.
const CASE: &str = "SEG_OVERRUN";

/// The buffers of a batch that has one of each kind.
const BUFFERS: [&str; 6] = ["values", "validity", "bits", "offsets", "texts", "ranges"];

fn batch() -> Batch {
    let field = |name: &str, ty: Type| Field {
        name: name.into(),
        ty,
        optional: true,
        default: None,
        max: None,
        labels: Vec::new(),
        doc: None,
    };
    let table = |name: &str, kind, fields| seg_ir::schema::Table {
        name: name.into(),
        kind,
        key: (kind == TableKind::Profile).then_some(FieldId(0)),
        by: None,
        at: None,
        fields,
    };
    let mut schema = Schema::new();
    let fields = vec![field("id", Type::Text), field("age", Type::Int), field("member", Type::Bool)];
    schema.tables =
        vec![table("P", TableKind::Profile, fields), table("E", TableKind::Event, vec![field("paid", Type::Int)])];
    schema.collections = vec![Collection { name: "es".into(), table: TableId(1), optional: false, max: None }];
    let ids = Column::Text(LargeStringArray::from(vec!["ann", "bob", "cy"]));
    let ages = Column::Int(Int64Array::from(vec![Some(1), None, Some(3)]));
    let members = Column::Bool(BooleanArray::from(vec![true, false, true]));
    let events = Table { columns: vec![Column::Int(Int64Array::from(vec![5, 6, 7]))], rows: 3 };
    let tables = Arc::new(Tables::new(&schema, vec![None, Some(events)]).unwrap());
    let profile = Table { columns: vec![ids.clone(), ages, members], rows: 3 };
    let ranges = Ranges { starts: vec![0, 1, 2].into(), ends: vec![1, 2, 3].into() };
    assert_eq!(schema.table(PROFILE).fields.len(), 3);
    Batch::new(&schema, profile, ids, tables, vec![Some(ranges)]).unwrap()
}

/// Where a buffer begins, and its bytes.
fn buffer(batch: &Batch, name: &str) -> (*const u8, usize) {
    let slice = |bytes: &[u8]| (bytes.as_ptr(), bytes.len());
    let [Column::Text(ids), Column::Int(ages), Column::Bool(members)] = &batch.profile().columns[..] else {
        panic!("the batch has other columns")
    };
    match name {
        "values" => slice(ages.values().inner()),
        "validity" => slice(ages.nulls().unwrap().validity()),
        "bits" => slice(members.values().values()),
        "offsets" => slice(ids.offsets().inner().inner()),
        "texts" => slice(ids.value_data()),
        _ => slice(batch.ranges(CollectionId(0)).unwrap().starts.inner()),
    }
}

/// Reads one byte by machine code of the evaluator's own making.
fn read_by_code(at: *const u8) -> u8 {
    let mut builder = Builder::new(Optimise::Speed).unwrap();
    let function = builder
        .define(&[I64, I64], |b, given| {
            let byte = b.ins().load(I8, MemFlagsData::trusted(), given[0], 0);
            b.ins().store(MemFlagsData::trusted(), byte, given[1], 0);
            Ok(())
        })
        .unwrap();
    let code = builder.finish().unwrap();
    let mut out = 0_u8;
    // SAFETY: the function has this signature, its code lives, and `out` may be written. That `at` may be read is what is
    // being tried: where it may not, the process ends here.
    unsafe {
        let address = code.address(function).unwrap();
        std::mem::transmute::<*const u8, unsafe extern "C" fn(*const u8, *mut u8)>(address)(at, &mut out);
    }
    out
}

/// In the process that was started for it: `READER BUFFER DISTANCE`, a distance from the first byte, or from the end when it
/// has a `+`.
fn overrun(case: &str) {
    let words: Vec<&str> = case.split(' ').collect();
    let [reader, name, distance] = words[..] else { panic!("{case}") };
    let batch = batch();
    let (start, bytes) = buffer(&batch, name);
    let from_end = distance.starts_with('+');
    let distance: isize = distance.parse().unwrap();
    let at = start.wrapping_offset(distance + if from_end { bytes as isize } else { 0 });
    let byte = match reader {
        "code" => read_by_code(at),
        // SAFETY: none: where the byte is not the buffer's, it is what is watched over that must end the process.
        _ => unsafe { at.read_volatile() },
    };
    println!("read {byte} and nobody noticed");
}

/// What becomes of a process that reads so.
fn process(case: &str) -> Output {
    let name = "what_is_read_past_a_column_ends_the_process";
    let mut own = Command::new(std::env::current_exe().unwrap());
    own.args(["--exact", name, "--nocapture"]).env(CASE, case).output().unwrap()
}

#[cfg(feature = "guard-pages")]
#[test]
fn what_is_read_past_a_column_ends_the_process() {
    use seg_evaluator::guard::{Place, with};
    use std::os::unix::process::ExitStatusExt;

    if let Ok(case) = std::env::var(CASE) {
        let (place, case) = case.split_once(' ').unwrap();
        let place = if place == "end" { Place::End } else { Place::Start };
        return with(place, 0, || overrun(case));
    }
    for reader in ["rust", "code"] {
        for name in BUFFERS {
            for (within, beyond) in [("end", "+0"), ("start", "-1")] {
                let died = process(&format!("{within} {reader} {name} {beyond}"));
                let signal = died.status.signal();
                // A system says "no such page" by one of two signals.
                assert!(matches!(signal, Some(11 | 10 | 7)), "{within} {reader} {name}: {died:?}");
            }
            let last = buffer(&batch(), name).1 - 1;
            for (place, inside) in [("end", 0), ("end", last), ("start", 0), ("start", last)] {
                let lived = process(&format!("{place} {reader} {name} {inside}"));
                assert!(lived.status.success(), "{place} {reader} {name} {inside}: {lived:?}");
            }
        }
    }
}

#[cfg(all(seg_asan, not(feature = "guard-pages")))]
#[test]
fn what_is_read_past_a_column_ends_the_process() {
    if let Ok(case) = std::env::var(CASE) {
        return overrun(&case);
    }
    // Not "bits" and "validity": Arrow makes their memory larger than what is in it.
    for name in ["values", "ranges"] {
        let died = process(&format!("rust {name} +0"));
        let says = String::from_utf8_lossy(&died.stderr);
        assert!(!died.status.success() && says.contains("heap-buffer-overflow"), "{name}: {died:?}");
        assert!(process(&format!("rust {name} 0")).status.success(), "{name}");
    }
    // Machine code is not instrumented; guard pages are for that.
    assert!(process("code values 0").status.success());
    assert_eq!(BUFFERS.len(), 6);
}
