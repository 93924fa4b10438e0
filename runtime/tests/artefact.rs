//! A compiled playbook decides with nothing but the runtime: no compiler, no sources.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use seg_ir::Const;
use seg_ir::interpret::Interpreter;
use seg_runtime::{Bindings, Decoder, Error, Options, References, RequestOptions, load};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/v1").join(name)
}

#[test]
fn a_golden_playbook_decides_a_record() {
    let playbook = load(&golden("everything.segb"), None).unwrap();
    let program = &playbook.program;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("items.csv"), "item_id,department,own_label\nh,hats,true\n").unwrap();
    let bindings = Bindings { base: folder.path().to_path_buf(), ..Bindings::default() }.bind("Item", "items.csv");
    let options = Options::new(1_773_532_800_000_000, bindings);
    let references = References::load(program, &options).unwrap();
    let decoder = Decoder::new(program, &references, RequestOptions::default()).unwrap();
    let line = r#"{"id": "1", "card": "gold card", "orders": [{"placed_at": "2026-03-01T10:00:00Z", "total": 99.5, "item": "h"}]}"#;
    let decoded = decoder.decode(line, 1, options.as_of).unwrap();
    let source = references.join(&decoded.record);
    let mut interpreter = Interpreter::new(program.context(options.as_of), &source);
    interpreter.customer(0);
    let spend = program.attribute("spend").unwrap().node;
    let favourite = program.attribute("favourite").unwrap().node;
    assert_eq!(interpreter.value(spend).to_const(), Const::Money(9_950));
    assert_eq!(interpreter.value(favourite).to_const(), Const::text("hats"));
    assert_eq!(interpreter.value(program.segment("GoldHolders").unwrap().node).as_bool(), Some(true));
}

#[test]
fn a_file_that_is_none_is_refused_by_name() {
    let Err(Error::Playbook { file, what }) = load(&golden("everything.decisions.txt"), None) else { panic!() };
    assert!(file.ends_with("everything.decisions.txt"));
    assert_eq!(what, seg_ir::playbook::Error::NoPlaybook);
    assert!(matches!(load(&golden("none.segb"), None), Err(Error::Read { .. })));
}
