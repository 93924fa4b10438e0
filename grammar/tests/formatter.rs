//! The laws of the formatter over every fixture, and what it makes of them, as `<name>.formatted` beside each.
//! `SEG_UPDATE=1` rewrites what changed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use seg_grammar::format::{WIDTH, format, laws};
use support::{fixtures, golden};

#[test]
fn every_fixture_parses() {
    for fixture in fixtures() {
        assert_eq!(support::messages(&fixture.text), "", "{}", fixture.name);
    }
}

#[test]
fn formatting_keeps_the_meaning_and_is_stable() {
    for fixture in fixtures() {
        if let Err(broken) = laws::keeps_meaning(&fixture.text) {
            panic!("{}: {broken}", fixture.name);
        }
    }
}

#[test]
fn the_lexer_and_the_grammar_read_the_same_tokens() {
    for fixture in fixtures() {
        if let Err(broken) = laws::reads_alike(&fixture.text) {
            panic!("{}: {broken}", fixture.name);
        }
    }
}

#[test]
fn a_comment_survives_at_every_token_boundary() {
    let mut parsed = 0;
    for fixture in fixtures() {
        match laws::keeps_comments(&fixture.text) {
            Ok(count) => parsed += count,
            Err(broken) => panic!("{}: {broken}", fixture.name),
        }
    }
    assert!(parsed > 9_000, "only {parsed} of the commented texts parse: a rule has become atomic");
}

#[test]
fn fixtures_are_formatted_as_recorded() {
    for fixture in fixtures() {
        let formatted = format(&fixture.text).unwrap_or_default();
        golden(&fixture.path.with_extension("formatted"), &formatted);
    }
}

#[test]
fn lines_that_can_be_broken_fit() {
    for fixture in fixtures() {
        let formatted = format(&fixture.text).unwrap_or_default();
        for line in formatted.lines().filter(|line| !line.starts_with("segment ") && !line.contains('#')) {
            assert!(line.chars().count() <= WIDTH, "{}: {line}", fixture.name);
        }
    }
}

#[test]
fn a_file_that_does_not_parse_is_not_touched() {
    for source in
        ["segment", "segment A when", "segment A when (a", "offer X {}", "  segment A when a", "segment A when a & b"]
    {
        assert_eq!(format(source), None, "{source}");
    }
}

#[test]
fn a_line_that_would_grow_beyond_what_is_read_is_not_joined() {
    let part = "x".repeat(40_000);
    let source = format!("segment A\n  when \"{part}\" =\n \"{part}\"\n");
    assert_eq!(support::messages(&source), "");
    assert_eq!(format(&source), None);
}

/// Where what stands beside each other would be read as something else than what stands there.
#[test]
fn tokens_stay_what_they_are() {
    let fields = |text: &str| format!("profile P key id {{ id Text g {{ {text} }} }}\n");
    let formatted = |text: &str| format!("profile P key id {{\n  id Text\n  g  {{ {text} }}\n}}\n");
    let attribute = |text: &str| format!("attribute a = {text}\n");
    for (source, wanted) in [
        (fields("a Int max 10  day Int?"), formatted("a Int max 10, day Int?")),
        (fields("a Int max 10\tyears Int? max 3"), formatted("a Int max 10, years Int? max 3")),
        (fields("a Number default 1.5  day Int?"), formatted("a Number default 1.5, day Int?")),
        (fields("a Duration default 10  day days Int?"), formatted("a Duration default 10 day, days Int?")),
        (attribute("2026-12-24-3  days"), attribute("2026-12-24 - 3 days")),
        (attribute("2026-12-b-3"), attribute("2026 - 12 - b - 3")),
        (attribute("2026-12- -24"), attribute("2026 - 12 - -24")),
        (attribute("2026-12-245"), attribute("2026 - 12 - 245")),
        (attribute("09:00-3"), attribute("09:00 - 3")),
        (attribute("2026-01-01T09:00Z-1 hour"), attribute("2026-01-01T09:00Z - 1 hour")),
        (attribute("[£1,2345]"), attribute("[£1, 2345]")),
        (attribute("match b { any => 1.5  day => 2 }"), attribute("match b { any => 1.5, day => 2 }")),
        (attribute("matches/2 # (/\n  + b/2"), attribute("matches / 2  # (/\n  + b / 2")),
        (
            "playbook \"P\" { locale en-5  day Sunday }\n".to_string(),
            "playbook \"P\" {\n  locale en-5\n  day    Sunday\n}\n".to_string(),
        ),
        (
            "profile P key id {\n\r ## d\n id Text }\n".to_string(),
            "profile P key id {\n  ## d\n  id Text\n}\n".to_string(),
        ),
        (attribute("\"\"\"a\r\nb\r\r\nc\rd\"\"\""), attribute("\"\"\"a\nb\r\r\nc\rd\"\"\"")),
    ] {
        assert_eq!(support::messages(&source), "", "{source}");
        laws::keeps_meaning(&source).unwrap_or_else(|broken| panic!("{broken}"));
        assert_eq!(format(&source).as_deref(), Some(wanted.as_str()), "{source}");
    }
}
