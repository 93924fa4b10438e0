//! What beginners get wrong in names, types and missing data, and what they are told: each file of `cases/errors` is one
//! mistake, its name is the claim, and its snapshot shows the source with the messages below it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use seg::Diagnostic;
use seg::fix::fix;
use seg_compiler::{Compiled, Config, LINTS, Level, Sources, compile};
use seg_grammar::codes;

/// Words that a marketer should not have to know.
const JARGON: [&str; 22] = [
    "operand",
    "token",
    "identifier",
    "aggregate",
    "parse",
    "parsed",
    "scalar",
    "boolean",
    "literal",
    "expression",
    "invalid",
    "illegal",
    "fold",
    "folded",
    "evaluate",
    "predicate",
    "tuple",
    "null",
    "struct",
    "iterator",
    "callee",
    "semantic",
];

/// What only our own code could have brought into a message.
const RUST: [&str; 16] = [
    "Some(", "None", "Option", "Vec<", "Result<", "i64", "u32", "u64", "f64", "usize", "String", "&str", "::", "Const",
    "EnumId", "Err(",
];

/// The files of a case: its own, and the shop that it is about unless it declares its own customers.
fn sources(path: &Path, text: &str) -> Sources {
    let mut sources = Sources { name: "shop".to_string(), ..Sources::default() };
    sources.files.insert("case.seg".to_string(), text.to_string());
    let common = path.parent().unwrap().join("common");
    if !text.contains("profile ") && !text.contains("playbook ") {
        let shop = std::fs::read_to_string(common.join("shop.seg")).unwrap();
        sources.files.insert("shop.seg".to_string(), shop);
    }
    for entry in std::fs::read_dir(&common).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|e| e == "csv") {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            sources.csv.insert(name, std::fs::read_to_string(file).unwrap());
        }
    }
    sources
}

/// What is found by checking; lints have cases of their own.
fn checked(sources: &Sources) -> Compiled {
    let lints = LINTS.iter().map(|lint| (lint.name.to_string(), Level::Allow)).collect();
    compile(sources, &Config { lints, ..Config::default() })
}

/// How often each code is raised.
fn counts(compiled: &Compiled) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for diagnostic in &compiled.diagnostics {
        *counts.entry(diagnostic.code.0).or_insert(0) += 1;
    }
    counts
}

/// The codes of how a file is written: those of the first section.
fn syntax_codes() -> Vec<&'static str> {
    let all = codes::ALL.iter().map(|(code, _)| code.0);
    let last = all.clone().position(|c| c == codes::TEXT_INTERPOLATION.0).unwrap();
    all.take(last + 1).collect()
}

struct Case {
    name: String,
    text: String,
    sources: Sources,
    compiled: Compiled,
}

fn case(path: &Path) -> Case {
    let text = std::fs::read_to_string(path).unwrap();
    let sources = sources(path, &text);
    let compiled = checked(&sources);
    Case { name: path.file_stem().unwrap().to_string_lossy().into_owned(), text, sources, compiled }
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/errors");
    let files = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<_> = files.filter(|f| f.extension().is_some_and(|e| e == "seg")).collect();
    files.sort();
    files.iter().map(|f| case(f)).collect()
}

#[test]
fn messages_are_as_recorded() {
    for case in cases() {
        let shown = format!("{}\n\n{}", case.text.trim_end(), told(&case.compiled));
        insta::with_settings!({
            snapshot_path => "../cases/errors/messages",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(case.name, shown.trim_end());
        });
    }
}

#[test]
fn every_case_is_an_error() {
    let cases = cases();
    assert!(cases.len() >= 90, "only {} cases", cases.len());
    let fine: Vec<&str> = cases.iter().filter(|c| !c.compiled.has_errors()).map(|c| c.name.as_str()).collect();
    assert!(fine.is_empty(), "no error in {fine:?}");
}

/// A message starts low, ends without a stop, speaks no jargon and says how to repair what it is about.
#[test]
fn every_message_reads_well() {
    report(|case, problems| {
        for diagnostic in &case.compiled.diagnostics {
            let first = diagnostic.message.chars().next().unwrap();
            if !first.is_lowercase() && first != '`' {
                problems.push(format!("it starts with `{first}`: {}", diagnostic.message));
            }
            if diagnostic.help.is_none() && diagnostic.fixes.is_empty() {
                problems.push(format!("it says no repair: {}", diagnostic.message));
            }
            let labels = diagnostic.labels.iter().map(|l| &l.text);
            let titles = diagnostic.fixes.iter().map(|f| &f.title);
            for text in [&diagnostic.message].into_iter().chain(labels).chain(&diagnostic.help).chain(titles) {
                wording(text, problems);
            }
        }
    });
}

fn wording(text: &str, problems: &mut Vec<String>) {
    if text.ends_with('.') && !text.ends_with("...") {
        problems.push(format!("it ends with a stop: {text}"));
    }
    if !text.matches('`').count().is_multiple_of(2) {
        problems.push(format!("a backtick is open: {text}"));
    }
    // What stands in backticks is the author's, and may be anything.
    let own: String = text.split('`').step_by(2).collect();
    if text.split('`').step_by(2).any(|part| part.contains("  ") || part.contains('\n')) {
        problems.push(format!("it has idle space: {text}"));
    }
    for word in own.split(|c: char| !c.is_alphanumeric()) {
        if JARGON.contains(&word.to_lowercase().trim_end_matches('s')) {
            problems.push(format!("`{word}` is jargon: {text}"));
        }
    }
    for name in RUST {
        if own.contains(name) {
            problems.push(format!("`{name}` is a name of ours: {text}"));
        }
    }
}

/// Each repair, by itself: what it makes can be read, and the finding is not there any more.
#[test]
fn every_repair_repairs() {
    report(|case, problems| {
        for diagnostic in &case.compiled.diagnostics {
            for repair in &diagnostic.fixes {
                let chosen = seg_grammar::Fix { safe: true, ..repair.clone() };
                let only = Diagnostic { fixes: vec![chosen], ..diagnostic.clone() };
                let files = fix(&case.compiled.sources, &[only]).files;
                let mut repaired = case.sources.clone();
                repaired.files.extend(files.clone());
                let after = checked(&repaired);
                let now = counts(&after);
                let was = counts(&case.compiled);
                let of = |counts: &BTreeMap<&str, usize>, code: &str| counts.get(code).copied().unwrap_or(0);
                let text: String = files.into_values().collect();
                if syntax_codes().iter().any(|code| of(&now, code) > of(&was, code)) {
                    problems.push(format!("`{}` makes what cannot be read:\n{text}\n{}", repair.title, told(&after)));
                } else if same(&after, diagnostic) >= same(&case.compiled, diagnostic) {
                    problems.push(format!("`{}` does not repair:\n{text}\n{}", repair.title, told(&after)));
                }
            }
        }
    });
}

/// How many findings say what this one says.
fn same(compiled: &Compiled, finding: &Diagnostic) -> usize {
    compiled.diagnostics.iter().filter(|d| d.code == finding.code && d.message == finding.message).count()
}

/// After the repairs that may be applied unasked, the findings that had one are gone.
#[test]
fn safe_repairs_are_enough() {
    report(|case, problems| {
        let mut expected = counts(&case.compiled);
        for diagnostic in case.compiled.diagnostics.iter().filter(|d| d.fixes.iter().any(|f| f.safe)) {
            expected.entry(diagnostic.code.0).and_modify(|count| *count -= 1);
        }
        let mut repaired = case.sources.clone();
        let mut now = checked(&repaired);
        for _ in 0..5 {
            repaired.files.extend(fix(&now.sources, &now.diagnostics).files);
            now = checked(&repaired);
        }
        let after = counts(&now);
        for (code, count) in expected {
            if after.get(code).is_some_and(|left| *left > count) {
                problems.push(format!("`{code}` is left after the safe repairs:\n{}", told(&now)));
            }
        }
    });
}

/// Looks at every case, and fails with all that was found.
fn report(look: impl Fn(&Case, &mut Vec<String>)) {
    let mut all = String::new();
    for case in cases() {
        let mut problems = Vec::new();
        look(&case, &mut problems);
        for problem in problems {
            all.push_str(&format!("{}: {problem}\n", case.name));
        }
    }
    assert!(all.is_empty(), "\n{all}");
}

fn told(compiled: &Compiled) -> String {
    compiled.diagnostics.iter().map(|d| seg::render::human(&compiled.sources, d, false) + "\n").collect()
}
