//! The page of every lint: its example raises exactly that lint, its repair raises nothing, and every repair that the
//! message offers can be read. A `toml` block of a page is its `seg.toml`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg::{Diagnostic, Severity};
use seg_compiler::{Compiled, Config, LINTS, Lint, Sources, compile};

/// The first block of a language behind a heading.
fn block<'a>(page: &'a str, heading: &str, language: &str) -> Option<&'a str> {
    let section = page.split_once(&format!("## {heading}\n"))?.1;
    let section = section.split("\n## ").next()?;
    let block = section.split_once(&format!("```{language}\n"))?.1;
    block.split("```").next()
}

fn settings(lint: &Lint) -> Config {
    let toml = block(lint.page, "Example", "toml").unwrap_or("");
    seg::Settings::parse(toml).unwrap().compiler()
}

fn sources(text: &str) -> Sources {
    let mut sources = Sources { name: "page".to_string(), ..Sources::default() };
    sources.files.insert("page.seg".to_string(), text.to_string());
    sources
}

fn told(compiled: &Compiled) -> String {
    compiled.diagnostics.iter().map(|d| seg::render::human(&compiled.sources, d, false) + "\n").collect()
}

#[test]
fn every_page_begins_with_its_name() {
    for lint in LINTS {
        assert!(lint.page.starts_with(&format!("# {}\n\n", lint.name)), "{}", lint.name);
    }
}

#[test]
fn every_example_raises_its_lint_and_no_other() {
    for lint in LINTS {
        let text = block(lint.page, "Example", "seg").unwrap_or_else(|| panic!("{}: no example", lint.name));
        let compiled = compile(&sources(text), &settings(lint));
        let codes: Vec<&str> = compiled.diagnostics.iter().map(|d| d.code.0).collect();
        assert_eq!(codes, [lint.name], "{}:\n{}", lint.name, told(&compiled));
        assert!(!compiled.has_errors());
    }
}

#[test]
fn every_repair_is_clean() {
    for lint in LINTS {
        let text = block(lint.page, "Repair", "seg").unwrap_or_else(|| panic!("{}: no repair", lint.name));
        let compiled = compile(&sources(text), &settings(lint));
        assert!(compiled.diagnostics.is_empty(), "{}:\n{}", lint.name, told(&compiled));
    }
}

#[test]
fn every_offered_repair_repairs() {
    for lint in LINTS {
        let text = block(lint.page, "Example", "seg").unwrap();
        let compiled = compile(&sources(text), &settings(lint));
        for diagnostic in &compiled.diagnostics {
            for repair in &diagnostic.fixes {
                let chosen = seg_grammar::Fix { safe: true, ..repair.clone() };
                let only = Diagnostic { fixes: vec![chosen], ..diagnostic.clone() };
                let files = seg::fix::fix(&compiled.sources, &[only]).files;
                let after = compile(&sources(&files["page.seg"]), &settings(lint));
                assert!(after.diagnostics.is_empty(), "`{}` of {}:\n{}", repair.title, lint.name, told(&after));
            }
        }
    }
}

#[test]
fn a_lint_can_be_denied_and_allowed() {
    let lint = LINTS.iter().find(|l| l.name == "unused-attribute").unwrap();
    let text = block(lint.page, "Example", "seg").unwrap();
    let mut config = Config::default();
    config.lints.insert(lint.name.to_string(), seg_compiler::Level::Deny);
    let denied = compile(&sources(text), &config);
    assert_eq!(denied.diagnostics.first().map(|d| d.severity), Some(Severity::Error));
    let allowed = text.replace("attribute spent", "@allow(unused-attribute) \"a column\"\nattribute spent");
    let allowed = compile(&sources(&allowed), &config);
    assert!(allowed.diagnostics.is_empty(), "{}", told(&allowed));
}

#[test]
fn messages_are_as_recorded() {
    let mut shown = String::new();
    for lint in LINTS {
        let text = block(lint.page, "Example", "seg").unwrap();
        shown.push_str(&told(&compile(&sources(text), &settings(lint))));
    }
    insta::assert_snapshot!(shown);
}
