//! What the lints report and what they leave alone, one line of the playbook after the other.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg_compiler::{Config, Level, Sources, compile};
use seg_ir::time::{ParsedTime, parse_timestamp};

const TEXT: &str = include_str!("lints/lints.seg");

fn config(as_of: Option<&str>) -> Config {
    let as_of = as_of.map(|text| match parse_timestamp(text) {
        Some(ParsedTime::Instant(instant)) => instant,
        _ => panic!("{text}"),
    });
    let mut config = Config { as_of, ..Config::default() };
    config.lints.insert("unused-attribute".to_string(), Level::Allow);
    config.history_days.insert("Order".to_string(), 365);
    config.history_days.insert("Visit".to_string(), 30);
    config
}

fn found(config: &Config) -> String {
    let mut sources = Sources { name: "lints".to_string(), ..Sources::default() };
    sources.files.insert("lints.seg".to_string(), TEXT.to_string());
    let compiled = compile(&sources, config);
    assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
    let mut out = String::new();
    for (n, line) in TEXT.lines().enumerate() {
        let here =
            |d: &&seg_grammar::Diagnostic| compiled.sources.file(d.span().file).line_column(d.span().start).0 == n + 1;
        let told: Vec<_> = compiled.diagnostics.iter().filter(here).collect();
        if told.is_empty() {
            continue;
        }
        out.push_str(&format!("{line}\n"));
        for diagnostic in told {
            out.push_str(&format!("    {}: {}\n", diagnostic.code, diagnostic.message));
            for fix in &diagnostic.fixes {
                out.push_str(&format!("        {}\n", fix.title));
            }
        }
    }
    out
}

#[test]
fn lints_report_what_is_likely_not_meant() {
    insta::assert_snapshot!(found(&config(Some("2026-03-17T09:00:00Z"))));
}

#[test]
fn without_an_as_of_no_date_is_past() {
    let found = found(&config(None));
    assert!(!found.contains("past-date"), "{found}");
    assert!(found.contains("last 31 days"), "windows that move with time have a length without it:\n{found}");
    assert!(!found.contains("since 2017-01-01"), "{found}");
}

#[test]
fn a_segment_is_tested_through_others() {
    let mut config = config(None);
    config.lints.insert("untested-segment".to_string(), Level::Warn);
    let found = found(&config);
    assert!(found.contains("`Champion`") && !found.contains("who is in `Champions`"), "{found}");
}
