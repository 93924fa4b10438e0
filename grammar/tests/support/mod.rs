//! What several tests of the grammar share: the fixtures, recorded outputs, and diagnostics as a user reads them.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use seg_grammar::{Diagnostic, FileId, Severity, SourceMap, parse};

pub struct Fixture {
    pub name: String,
    pub path: PathBuf,
    pub text: String,
}

/// Every `.seg` file of `tests/fixtures`, by name.
pub fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut found: Vec<Fixture> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "seg"))
        .map(|path| Fixture {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
            path,
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(found.len() >= 25, "the fixtures are gone");
    found
}

/// Compares with what was recorded; `SEG_UPDATE=1` records.
pub fn golden(path: &Path, actual: &str) {
    if std::env::var_os("SEG_UPDATE").is_some() {
        std::fs::write(path, actual).unwrap();
        return;
    }
    let recorded = std::fs::read_to_string(path).unwrap_or_default();
    assert!(recorded == actual, "{} is stale; it would be:\n{actual}", path.display());
}

/// The diagnostics of a file, each with its place, labels, help and fixes, as plain lines.
pub fn messages(source: &str) -> String {
    let mut map = SourceMap::default();
    let file = map.add("a.seg", source);
    let (_, diagnostics) = parse(file, source);
    diagnostics.iter().map(|d| rendered(&map, d)).collect()
}

fn rendered(map: &SourceMap, d: &Diagnostic) -> String {
    let place = map.place(d.span());
    let place = place.trim_start_matches("a.seg:");
    let mut out = format!("{} {place} [{}] {}\n", d.severity.name(), d.code, d.message);
    for label in &d.labels {
        out.push_str(&format!("  `{}` {}\n", shortened(map.text(label.span)), label.text));
    }
    if let Some(help) = &d.help {
        out.push_str(&format!("  help: {help}\n"));
    }
    for fix in &d.fixes {
        let kind = if fix.safe { "fix" } else { "maybe" };
        out.push_str(&format!("  {kind}: {}\n", fix.title));
    }
    out
}

fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    if line.chars().count() > 60 { line.chars().take(57).chain("...".chars()).collect() } else { line.to_string() }
}

/// Whether a file parses without errors.
pub fn is_sound(source: &str) -> bool {
    let (_, diagnostics) = parse(FileId(0), source);
    diagnostics.iter().all(|d| d.severity != Severity::Error)
}

/// The source after one of a diagnostic's fixes, its edits applied from the last to the first.
pub fn fixed(source: &str, fix: &seg_grammar::Fix) -> String {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|e| std::cmp::Reverse(e.span.start));
    let mut text = source.to_string();
    for edit in edits {
        text.replace_range(edit.span.range(), &edit.replacement);
    }
    text
}
