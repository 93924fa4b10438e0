//! Definitions read back in plain English: every segment and attribute of an example, and one playbook that has
//! everything the language can say.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use seg_compiler::{Config, Sources, compile, first_moment, last_moment, moment};
use seg_ir::Program;
use seg_ir::interpret::run_constant;
use seg_ir::program::{Piece, Sentence};
use seg_ir::time::{ParsedTime, parse_timestamp};

fn collect(root: &Path, folder: PathBuf, sources: &mut Sources) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "data" {
            collect(root, path, sources);
        } else if name.ends_with(".seg") {
            sources.files.insert(name, std::fs::read_to_string(path).unwrap());
        } else if name.ends_with(".csv") {
            sources.csv.insert(name, std::fs::read_to_string(path).unwrap());
        }
    }
}

fn program(folder: &str) -> Program {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut sources = Sources { name: "example".to_string(), ..Sources::default() };
    collect(&root, root.clone(), &mut sources);
    let compiled = compile(&sources, &Config::default());
    let errors: Vec<String> =
        compiled.diagnostics.iter().map(|d| format!("{}: {}", compiled.sources.place(d.span()), d.message)).collect();
    compiled.program.unwrap_or_else(|| panic!("{errors:#?}"))
}

/// As the command shows it, without the line on time zones.
fn sentence(program: &Program, reading: &Sentence, as_of: i64) -> String {
    let at = |node| run_constant(program.context(as_of), node).unwrap();
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Moment(node) => moment(&program.zone, &at(*node)),
        Piece::From { at: node, inclusive } => first_moment(&program.zone, &at(*node), *inclusive),
        Piece::Until { at: node, inclusive } => last_moment(&program.zone, &at(*node), *inclusive),
    };
    reading.pieces.iter().map(piece).collect()
}

fn readings(program: &Program, as_of: &str) -> String {
    let Some(ParsedTime::Instant(as_of)) = parse_timestamp(as_of) else { panic!("{as_of}") };
    let attributes = program.attributes.iter().filter(|a| a.own).map(|a| (&a.clause.text, &a.reading));
    let segments = program.segments.iter().filter(|s| s.own).map(|s| (&s.clause.text, &s.reading));
    let mut out = format!("As of {}\n", moment(&program.zone, &seg_ir::Const::Timestamp(as_of)));
    for (_, reading) in attributes.chain(segments) {
        out.push_str(&format!("\n{}\n", sentence(program, reading, as_of)));
        if !reading.needs.is_empty() {
            out.push_str(&format!("[needs {}]\n", reading.needs.join(", ")));
        }
    }
    out
}

#[test]
fn the_complete_journey_reads_well() {
    let program = program("../examples/complete-journey");
    insta::assert_snapshot!(readings(&program, "2017-12-18T14:00:00Z"));
}

#[test]
fn hillstrom_reads_well() {
    let program = program("../examples/hillstrom");
    insta::assert_snapshot!(readings(&program, "2008-03-20T00:00:00Z"));
}

#[test]
fn everything_can_be_read() {
    let program = program("tests/everything");
    insta::assert_snapshot!(readings(&program, "2026-03-17T09:00:00Z"));
}
