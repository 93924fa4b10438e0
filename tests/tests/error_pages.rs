//! The pages of errors and lints under `docs/`: every one is there, its example raises what the page is about and nothing
//! else, and its repair is right. A block marked `csv file=NAME` is a file beside the example, one of `toml` its `seg.toml`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use seg::{Settings, Severity};
use seg_compiler::{Compiled, LINTS, Sources, compile};
use seg_grammar::Code;
use seg_grammar::codes;
use seg_grammar::format::format;

/// A page, taken apart.
struct Page {
    name: String,
    text: String,
    example: Section,
    repair: Section,
}

/// What is fenced in a section.
#[derive(Default)]
struct Section {
    seg: Option<String>,
    settings: Settings,
    csv: Vec<(String, String)>,
}

fn docs(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(folder)
}

fn page(folder: &str, name: &str) -> Page {
    let text = std::fs::read_to_string(docs(folder).join(format!("{name}.md"))).unwrap_or_default();
    let (_, rest) = text.split_once("\n## Example\n").unwrap_or_default();
    let (example, repair) = rest.split_once("\n## Repair\n").unwrap_or_default();
    let example = section(example);
    let mut repair = section(repair);
    repair.csv.extend(example.csv.clone());
    Page { name: name.to_string(), example, repair, text }
}

fn section(text: &str) -> Section {
    let mut section = Section::default();
    let mut rest = text;
    while let Some((_, fence)) = rest.split_once("```") {
        let (head, after) = fence.split_once('\n').unwrap_or_default();
        let (body, after) = after.split_once("```").unwrap_or_default();
        match head {
            "seg" => section.seg = Some(body.to_string()),
            "toml" => section.settings = Settings::parse(body).unwrap(),
            _ => {
                if let Some(file) = head.strip_prefix("csv file=") {
                    section.csv.push((file.to_string(), body.to_string()));
                }
            }
        }
        rest = after;
    }
    section
}

impl Section {
    fn compiled(&self, text: &str) -> Compiled {
        let mut sources = Sources { name: "example".to_string(), ..Sources::default() };
        sources.files.insert("example.seg".to_string(), text.to_string());
        sources.csv.extend(self.csv.iter().cloned());
        compile(&sources, &self.settings.compiler())
    }
}

fn told(compiled: &Compiled) -> String {
    compiled.diagnostics.iter().map(|d| seg::render::human(&compiled.sources, d, false)).collect()
}

/// Examples that are too long for a page, which shows their beginning.
fn made(code: Code) -> Option<String> {
    if code == codes::FILE_TOO_LARGE {
        let members: String = (0..10_000).map(|n| format!("S{n:05}, ")).collect();
        return Some(format!("enum Shop {{ {members} }}\n"));
    }
    if code == codes::TABLE_TOO_LARGE {
        return Some(seg_tests::hostile::table_of_pairs(22));
    }
    if code == codes::TOO_LARGE {
        return Some(seg_tests::hostile::table_asked_often(3_000, 400));
    }
    None
}

/// What is wrong with the parts that every page has.
fn shape(page: &Page, problems: &mut Vec<String>) {
    let name = &page.name;
    if !page.text.starts_with(&format!("# {name}\n\n")) {
        problems.push(format!("{name}: the page does not begin with its name"));
        return;
    }
    let Some(repair) = &page.repair.seg else {
        problems.push(format!("{name}: there is no repair"));
        return;
    };
    let compiled = page.repair.compiled(repair);
    if compiled.has_errors() {
        problems.push(format!("{name}: the repair has errors\n{}", told(&compiled)));
    } else if format(repair).as_deref() != Some(repair) {
        problems.push(format!("{name}: the repair is formatted as\n{}", format(repair).unwrap_or_default()));
    }
}

#[test]
fn every_error_has_a_page_whose_example_raises_it() {
    let mut problems = Vec::new();
    for (code, _) in codes::ALL {
        let page = page("errors", code.0);
        shape(&page, &mut problems);
        let Some(example) = made(*code).or_else(|| page.example.seg.clone()) else {
            problems.push(format!("{code}: there is no example"));
            continue;
        };
        let compiled = page.example.compiled(&example);
        let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
        if errors.is_empty() || errors.iter().any(|d| d.code != *code) {
            problems.push(format!("{code}: the example raises\n{}", told(&compiled)));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n\n"));
}

#[test]
fn every_lint_has_a_page_whose_example_raises_it() {
    let mut problems = Vec::new();
    for lint in LINTS {
        let page = page("lints", lint.name);
        shape(&page, &mut problems);
        let Some(example) = &page.example.seg else {
            problems.push(format!("{}: there is no example", lint.name));
            continue;
        };
        let compiled = page.example.compiled(example);
        let is_it = |d: &seg::Diagnostic| d.code.0 == lint.name && d.severity == Severity::Warning;
        if compiled.diagnostics.is_empty() || !compiled.diagnostics.iter().all(is_it) {
            problems.push(format!("{}: the example raises\n{}", lint.name, told(&compiled)));
        }
        let repaired = page.repair.seg.as_deref().unwrap_or_default();
        let repaired = Section { settings: page.example.settings.clone(), csv: page.repair.csv.clone(), seg: None }
            .compiled(repaired);
        if repaired.diagnostics.iter().any(is_it) {
            problems.push(format!("{}: the repair raises it\n{}", lint.name, told(&repaired)));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n\n"));
}

/// A page of what is not raised any more would be read as if it were.
#[test]
fn every_page_is_about_something() {
    let pages = |folder: &str| -> Vec<String> {
        let entries = std::fs::read_dir(docs(folder)).unwrap().map(|e| e.unwrap().path());
        entries.map(|f| f.file_stem().unwrap().to_string_lossy().into_owned()).collect()
    };
    for name in pages("errors") {
        assert!(codes::ALL.iter().any(|(code, _)| code.0 == name), "docs/errors/{name}.md is about no error");
    }
    for name in pages("lints") {
        assert!(LINTS.iter().any(|lint| lint.name == name), "docs/lints/{name}.md is about no lint");
    }
}
