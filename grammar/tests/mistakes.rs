//! What a marketer writes by mistake, and what is said about it: `tests/mistakes/*.txt` hold the source of each case and
//! the message below it. `SEG_UPDATE=1` records.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::path::Path;

use support::{fixed, golden, is_sound, messages};

struct Case {
    title: String,
    source: String,
}

fn cases(text: &str) -> Vec<Case> {
    let text = format!("\n{text}");
    text.split("\n=== ")
        .skip(1)
        .map(|block| {
            let (title, rest) = block.split_once('\n').unwrap();
            let source = rest.rsplit_once("\n---\n").map_or(rest.trim_end(), |(source, _)| source);
            Case { title: title.to_string(), source: format!("{source}\n") }
        })
        .collect()
}

fn files() -> Vec<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn messages_are_as_recorded() {
    let mut count = 0;
    for path in files() {
        let mut out = String::new();
        for case in cases(&std::fs::read_to_string(&path).unwrap()) {
            count += 1;
            out.push_str(&format!("=== {}\n{}\n---\n{}", case.title, case.source.trim_end(), messages(&case.source)));
            let repaired = repaired(&case.source);
            if repaired != case.source {
                let rest = if is_sound(&repaired) { "" } else { ", which is not all" };
                out.push_str(&format!("repaired{rest}: {}\n", repaired.trim_end().replace('\n', " / ")));
            }
            out.push('\n');
        }
        golden(&path, &out);
    }
    assert!(count >= 60, "only {count} cases");
}

#[test]
fn each_message_reads_well_and_says_how_to_repair() {
    for path in files() {
        for case in cases(&std::fs::read_to_string(&path).unwrap()) {
            let mut map = seg_grammar::SourceMap::default();
            let file = map.add("a.seg", &case.source);
            let (_, diagnostics) = seg_grammar::parse(file, &case.source);
            assert!(!diagnostics.is_empty(), "{}: no error", case.title);
            for d in &diagnostics {
                let first = d.message.chars().next().unwrap();
                assert!(!first.is_uppercase(), "{}: {}", case.title, d.message);
                assert!(!d.message.ends_with('.'), "{}: {}", case.title, d.message);
                assert!(d.help.is_some() || !d.fixes.is_empty(), "{}: {} has no repair", case.title, d.message);
                for label in &d.labels {
                    assert!(!label.text.is_empty(), "{}: {}", case.title, d.message);
                }
            }
        }
    }
}

/// A safe fix is applied unasked: applying those of a file must not break anything else, and must end.
#[test]
fn safe_fixes_end() {
    for path in files() {
        for case in cases(&std::fs::read_to_string(&path).unwrap()) {
            let source = repaired(&case.source);
            let (_, diagnostics) = seg_grammar::parse(seg_grammar::FileId(0), &source);
            assert!(
                diagnostics.iter().all(|d| d.fixes.iter().all(|f| !f.safe)),
                "{}: safe fixes never end; at last\n{source}{}",
                case.title,
                messages(&source)
            );
        }
    }
}

/// The source after every safe fix, one at a time.
fn repaired(source: &str) -> String {
    let mut source = source.to_string();
    for _ in 0..20 {
        let (_, diagnostics) = seg_grammar::parse(seg_grammar::FileId(0), &source);
        let Some(fix) = diagnostics.iter().flat_map(|d| &d.fixes).find(|f| f.safe) else { break };
        source = fixed(&source, fix);
    }
    source
}
