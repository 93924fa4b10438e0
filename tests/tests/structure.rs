//! The shape of the house: which crate may know which, what every file begins with, and words that stand nowhere.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use seg_compiler::LINTS;
use seg_grammar::codes;

/// Which crates of ours each folder may depend on, and no others; ARCHITECTURE.md says why. The facade `seg` gives its users
/// the words of `ir`.
const EDGES: &[(&str, &[&str])] = &[
    ("grammar", &[]),
    ("ir", &[]),
    ("stdlib", &["ir"]),
    ("compiler", &["grammar", "stdlib", "ir"]),
    ("evaluator", &["ir", "stdlib"]),
    ("runtime", &["ir", "stdlib", "evaluator"]),
    ("seg", &["grammar", "compiler", "runtime"]),
    ("server", &["seg"]),
    ("python", &["seg"]),
    ("lsp", &["seg", "grammar", "compiler"]),
    ("cli", &["seg", "server", "lsp"]),
    ("examples/embed", &["seg"]),
];

/// What tests of a crate may use beyond that.
const EDGES_OF_TESTS: &[(&str, &[&str])] = &[("stdlib", &["grammar"])];

/// Folders that may use everything.
const FREE: &[&str] = &["tests", "bench", "bench/engines", "xtask", "fuzz"];

/// The longest file of code that is no test, in lines.
const LINES_MAX: usize = 800;

const LICENCE: &str = "MIT OR Apache-2.0";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every file of the project as (path from the root, text); what is not text, or is built or fetched, is left out.
fn files() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            if matches!(name.as_str(), "target" | ".git" | ".venv" | "node_modules" | "__pycache__") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let relative = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push((relative, text));
            }
        }
    }
    found.sort();
    found
}

/// The code: every `.rs` file.
fn code() -> Vec<(String, String)> {
    files().into_iter().filter(|(path, _)| path.ends_with(".rs")).collect()
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/")
}

fn manifests() -> BTreeMap<String, toml::Table> {
    let manifests = files().into_iter().filter(|(path, _)| path.ends_with("Cargo.toml"));
    manifests
        .map(|(path, text)| {
            (path.trim_end_matches("Cargo.toml").trim_end_matches('/').to_string(), text.parse().unwrap())
        })
        .collect()
}

/// The folder of one of our packages.
fn folder_of(package: &str) -> Option<&str> {
    match package {
        "seg" => Some("seg"),
        "seg-embed" => Some("examples/embed"),
        other => other.strip_prefix("seg-"),
    }
}

/// Our crates in a section of a manifest, by folder.
fn ours(manifest: &toml::Table, section: &str) -> BTreeSet<String> {
    let table = manifest.get(section).and_then(toml::Value::as_table);
    table.into_iter().flat_map(|t| t.keys()).filter_map(|name| folder_of(name)).map(str::to_string).collect()
}

fn allowed(table: &[(&str, &[&str])], folder: &str) -> BTreeSet<String> {
    let entry = table.iter().find(|(name, _)| *name == folder);
    entry.map_or(BTreeSet::new(), |(_, edges)| edges.iter().map(|e| (*e).to_string()).collect())
}

#[test]
fn no_edge_runs_back() {
    let mut wrong = Vec::new();
    for (folder, manifest) in manifests().iter().filter(|(f, _)| !f.is_empty() && !FREE.contains(&f.as_str())) {
        assert!(EDGES.iter().any(|(name, _)| name == folder), "`{folder}` is not in the table of edges");
        let edges = allowed(EDGES, folder);
        let of_tests: BTreeSet<String> = allowed(EDGES_OF_TESTS, folder).union(&edges).cloned().collect();
        for (section, edges) in
            [("dependencies", &edges), ("build-dependencies", &edges), ("dev-dependencies", &of_tests)]
        {
            for extra in ours(manifest, section).difference(edges) {
                wrong.push(format!("{folder} -> {extra} in [{section}]"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_runtime_never_sees_source_text() {
    let manifests = manifests();
    let mut reached = BTreeSet::new();
    let mut open = vec!["runtime".to_string()];
    while let Some(folder) = open.pop() {
        let manifest = manifests.get(&folder).unwrap_or_else(|| panic!("no Cargo.toml in {folder}"));
        for next in ours(manifest, "dependencies") {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    assert!(!reached.is_empty());
    assert!(!reached.contains("grammar") && !reached.contains("compiler") && !reached.contains("seg"), "{reached:?}");
}

#[test]
fn every_package_has_the_licence_and_the_lints_of_the_workspace() {
    for (folder, manifest) in manifests() {
        if folder.is_empty() {
            let licence = manifest["workspace"]["package"]["license"].as_str();
            assert_eq!(licence, Some(LICENCE));
            let unsafe_code = manifest["workspace"]["lints"]["rust"]["unsafe_code"].as_str();
            assert_eq!(unsafe_code, Some("forbid"));
            continue;
        }
        let inherits = |table: &toml::Value| table.get("workspace").and_then(toml::Value::as_bool) == Some(true);
        let package = &manifest["package"];
        let licence = package.get("license").unwrap_or_else(|| panic!("{folder} has no licence"));
        assert!(inherits(licence) || licence.as_str() == Some(LICENCE), "{folder}: {licence}");
        // The one home of `unsafe` states its lints itself.
        assert!(folder == "evaluator" || manifest.get("lints").is_some_and(inherits), "{folder} has lints of its own");
    }
}

#[test]
fn every_file_of_code_begins_with_what_it_is_for() {
    let without: Vec<String> =
        code().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path).collect();
    assert!(without.is_empty(), "no `//!` at the top of {without:?}");
}

#[test]
fn no_file_of_code_is_longer_than_one_can_read() {
    let long: Vec<String> = code()
        .into_iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

/// Words as they would stand in a file, put together here so that this file does not hold them.
fn word(parts: &[&str]) -> String {
    parts.concat()
}

fn holding(files: Vec<(String, String)>, words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        for (n, line) in text.lines().enumerate() {
            found
                .extend(words.iter().filter(|w| line.contains(w.as_str())).map(|w| format!("{path}:{}: `{w}`", n + 1)));
        }
    }
    found
}

#[test]
fn unsafe_is_only_in_the_evaluator() {
    let code = code().into_iter().filter(|(path, _)| !path.starts_with("evaluator/")).collect();
    let forms =
        [["unsafe", " {"], ["unsafe", " fn"], ["unsafe", " impl"], ["unsafe", " extern \"C\" {"], ["unsafe", "("]];
    let words: Vec<String> = forms.iter().map(|parts| word(parts)).collect();
    assert_eq!(holding(code, &words), Vec::<String>::new());
}

#[test]
fn nothing_is_left_undone_or_left_out() {
    let words = [word(&["to", "do!("]), word(&["unimplemented", "!("]), word(&["#[ign", "ore"])];
    assert_eq!(holding(code(), &words), Vec::<String>::new());
}

#[test]
fn no_file_names_a_machine() {
    let words = [word(&["/wo", "rk/"]), word(&["/tm", "p/seg"]), word(&["../sh", "ared"]), word(&["/ho", "me/"])];
    assert_eq!(holding(files(), &words), Vec::<String>::new());
}

/// The names of the pages in a folder of the documentation.
fn pages(folder: &str) -> BTreeSet<String> {
    let prefix = format!("docs/{folder}/");
    let pages = files().into_iter().filter_map(|(path, text)| {
        let name = path.strip_prefix(&prefix)?.strip_suffix(".md")?.to_string();
        assert!(text.starts_with(&format!("# {name}\n")), "{path} begins with its name");
        Some(name)
    });
    pages.collect()
}

#[test]
fn every_code_has_its_page_and_every_page_its_code() {
    let known: BTreeSet<String> = codes::ALL.iter().map(|(code, _)| code.0.to_string()).collect();
    assert_eq!(pages("errors"), known);
    assert_eq!(known.len(), codes::ALL.len(), "a code is there twice");
}

#[test]
fn every_lint_has_its_page_and_every_page_its_lint() {
    let known: BTreeSet<String> = LINTS.iter().map(|lint| lint.name.to_string()).collect();
    assert_eq!(pages("lints"), known);
    assert_eq!(known.len(), LINTS.len(), "a lint is there twice");
}

#[test]
fn every_lint_is_a_file_of_its_own() {
    let files: BTreeSet<String> = code()
        .into_iter()
        .filter_map(|(path, _)| Some(path.strip_prefix("compiler/src/lint/")?.strip_suffix(".rs")?.replace('_', "-")))
        .collect();
    assert_eq!(files, LINTS.iter().map(|lint| lint.name.to_string()).collect());
}
