//! What hostile or broken input may cost: nothing panics, nothing overflows the stack, everything ends. A shape whose cost
//! doubled with each level would not end at 64 of them, so these tests need no clock.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use seg_grammar::codes;
use seg_grammar::format::{format, laws};
use seg_grammar::{FileId, Severity, parse};
use support::{fixtures, is_sound};

const LEVELS: usize = 64;

/// Shapes that nest: what opens a level, what stands in the innermost one, what closes a level.
const SHAPES: &[(&str, &str, &str)] = &[
    ("(", "1", ")"),
    ("f(", "1", ")"),
    ("f(1, ", "1", ", 2)"),
    ("[", "1", "]"),
    ("-(", "1", ")"),
    ("(not ", "a", ")"),
    ("(not a in [b] and ", "a", ")"),
    ("choose { when a => ", "1", " otherwise => 2 }"),
    ("choose { when ", "a", " => 1 }"),
    ("match a { B => ", "1", " }"),
    ("match (", "a", ") { any => 1 }"),
    ("(a or ", "b", ")"),
    ("(1 + ", "1", ")"),
    ("(1 * 2 - ", "1", " else 3)"),
    ("(a = ", "1", ")"),
    ("(a between ", "1", " and 2)"),
    ("(a since ", "b", ")"),
    ("(a in last 3 days before ", "b", ")"),
    ("(a is ", "b", ")"),
    ("(10% of ", "b", ")"),
    ("(days since ", "b", ")"),
    ("(weekday of ", "b", ")"),
    ("count(a where ", "b", ")"),
    ("count(a in last 3 days where b and ", "b", ")"),
    ("count(a between f(", "b", ") and 1)"),
    ("count(a since ", "b", ")"),
    ("count(a since (", "b", ") where c)"),
    ("count(a in last 3 days before ", "b", ")"),
    ("any(a v where b then no c where ", "d", " within 2 days of v)"),
];

/// Brackets of one kind nested in brackets, so that the bound on depth is reached by levels of the shape alone.
fn nested(levels: usize, (open, inner, close): (&str, &str, &str)) -> String {
    let brackets = open.matches(['(', '[', '{']).count().saturating_sub(open.matches([')', ']', '}']).count());
    let levels = levels / brackets.max(1);
    format!("attribute x = {}{inner}{}\n", open.repeat(levels), close.repeat(levels))
}

#[test]
fn shapes_nested_to_the_bound_parse_and_are_formatted() {
    for shape in SHAPES {
        // Lists and calls within the shape count as a level of their own.
        let source = nested(LEVELS - 2, *shape);
        assert_eq!(support::messages(&source), "", "{source}");
        laws::keeps_meaning(&source).unwrap();
    }
}

#[test]
fn shapes_that_are_broken_inside_end_with_an_error() {
    for shape in SHAPES {
        for broken in ["", "&", "a b", "1 2", ",", "=>", "where", "since"] {
            let source = nested(LEVELS - 2, (shape.0, broken, shape.2));
            let _ = parse(FileId(0), &source);
        }
        let open_only = format!("attribute x = {}", shape.0.repeat(20));
        assert!(!is_sound(&open_only));
    }
}

#[test]
fn deeper_nesting_is_an_error() {
    for depth in [LEVELS + 1, 5_000, 50_000] {
        for shape in SHAPES {
            let source = nested(depth * 4, *shape);
            let (_, diagnostics) = parse(FileId(0), &source);
            let code = diagnostics.iter().find(|d| d.severity == Severity::Error).map(|d| d.code);
            assert!(matches!(code, Some(codes::TOO_DEEP | codes::FILE_TOO_LARGE)), "{code:?} for {shape:?}");
            assert_eq!(format(&source), None);
        }
    }
}

/// What divides is no pattern, in which brackets would count for nothing.
#[test]
fn brackets_count_between_two_divisions() {
    let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    let sources = |depth: usize| {
        let nested = nested(depth);
        [
            format!("attribute x = matches / {nested} / 2\n"),
            format!("segment A when days since matches / {nested} / 2 > 1\n"),
            format!("segment A when a in since matches / {nested} / 2\n"),
        ]
    };
    assert!(sources(LEVELS).iter().all(|source| is_sound(source)));
    for source in [LEVELS + 1, 10_000].into_iter().flat_map(sources) {
        let code = parse(FileId(0), &source).1.first().map(|d| d.code);
        assert_eq!(code, Some(codes::TOO_DEEP), "{code:?}");
    }
}

#[test]
fn long_chains_are_errors_or_flat() {
    for link in [
        "1 + ",
        "1 * ",
        "a else ",
        "not ",
        "days since ",
        "weekday of ",
        "-",
        "10% of ",
        "a and ",
        "a or ",
        "a.",
        "f().",
        "a = ",
    ] {
        for links in [10, 200, 5_000, 50_000] {
            let mut source = String::from("attribute x = ");
            for n in 0..links {
                source.push_str(link);
                if n % 1_000 == 999 {
                    source.push_str("\n  ");
                }
            }
            source.push_str("b\n");
            let _ = parse(FileId(0), &source);
            let _ = format(&source);
        }
    }
}

#[test]
fn long_lines_and_large_files_are_errors() {
    let line = format!("segment A when a = \"{}\"\n", "x".repeat(1 << 20));
    let file = "segment A when b\n".repeat(600_000);
    for source in [line, file] {
        let (ast, diagnostics) = parse(FileId(0), &source);
        assert!(ast.items.is_empty());
        assert_eq!(diagnostics.first().map(|d| d.code), Some(codes::FILE_TOO_LARGE));
        assert_eq!(diagnostics.len(), 1);
    }
}

#[test]
fn many_declarations_and_many_errors_end() {
    let file = "segment A when b\n  and c # d\n".repeat(20_000);
    assert!(is_sound(&file));
    assert!(format(&file).is_some());
    let broken = "segment A when b &\n".repeat(20_000);
    assert_eq!(parse(FileId(0), &broken).1.len(), 20_000);
    let members = (0..50_000).map(|n| format!("M{n}\n")).collect::<String>();
    laws::keeps_meaning(&format!("enum Big {{\n{members} }}\n")).unwrap();
    let items = "\"item\",\n".repeat(50_000);
    laws::keeps_meaning(&format!("segment A when a in [\n{items} \"last\" ]\n")).unwrap();
    let tests = "  expect in A # why\n".repeat(20_000);
    laws::keeps_meaning(&format!("test \"t\" {{ given {{}} as of 2026-01-01\n{tests} }}\n")).unwrap();
}

/// A multiplicative generator with a fixed seed: the mutants are the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }
}

const MUTANTS: usize = 20_000;

/// Pieces that mean something somewhere, put where they mean nothing or something else.
const PIECES: &[&str] = &[
    "and",
    "or",
    "not",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\"\"\"",
    "#",
    "## doc\n",
    "\n",
    "\r\n",
    ",",
    ".",
    "=",
    "=>",
    "==",
    "|",
    "||",
    "?",
    "@",
    "@allow(a) \"b\"\n",
    "-",
    "/",
    "£",
    "£5",
    "10%",
    "30 days",
    "2026-02-30",
    "2026-01-01T10:00Z",
    "21:00",
    "where",
    "in last 3 days",
    "since",
    "then no",
    "segment B when",
    "\nsegment ",
    "choose {",
    "match",
    "else",
    "is",
    "missing",
    "\u{a0}",
    "“",
    "’",
    "é",
    "\u{202e}",
    "\u{feff}",
    "а",
    "1_",
    "99999999999999999999",
    "\\",
    "matches /",
    "\t",
    "\0",
];

#[test]
fn mutants_never_panic_and_stay_formatted() {
    let sources: Vec<String> = fixtures().into_iter().map(|f| f.text).filter(|t| !t.is_empty()).collect();
    let mut random = Random(2026);
    let mut parsed = 0;
    for n in 0..MUTANTS {
        let mut text = sources.get(n % sources.len()).unwrap().clone();
        for _ in 0..=random.below(3) {
            text = mutant(&text, &mut random);
        }
        let (_, diagnostics) = parse(FileId(0), &text);
        for d in &diagnostics {
            for label in &d.labels {
                assert!(text.get(label.span.range()).is_some(), "{} points into a character:\n{text}", d.message);
            }
            for edit in d.fixes.iter().flat_map(|f| &f.edits) {
                assert!(text.get(edit.span.range()).is_some(), "{} edits half a character:\n{text}", d.message);
            }
        }
        if is_sound(&text) {
            parsed += 1;
            laws::keeps_meaning(&text).unwrap_or_else(|broken| panic!("mutant {n}: {broken}"));
            laws::reads_alike(&text).unwrap_or_else(|broken| panic!("mutant {n}: {broken}"));
        }
    }
    assert!(parsed > MUTANTS / 20, "only {parsed} mutants parse: they say little about the formatter");
}

fn mutant(text: &str, random: &mut Random) -> String {
    let tokens = seg_grammar::lex::lex(text);
    let cut = |random: &mut Random| {
        let mut at = random.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let token = |random: &mut Random| tokens.get(random.below(tokens.len())).map_or(0..0, |t| t.start..t.end);
    let mut out = text.to_string();
    match random.below(8) {
        0 => {
            let from = cut(random);
            let to = text.char_indices().map(|(at, _)| at).find(|at| *at >= from + 1 + random.below(12));
            out.replace_range(from..to.unwrap_or(text.len()), "");
        }
        1 => out.insert_str(cut(random), PIECES.get(random.below(PIECES.len())).unwrap()),
        2 => out.replace_range(token(random), ""),
        3 => {
            let range = token(random);
            let copy = text.get(range.clone()).unwrap().to_string();
            out.insert_str(range.end, &format!(" {copy}"));
        }
        4 | 5 => {
            let (a, b) = (token(random), token(random));
            let (a, b) = if a.start <= b.start { (a, b) } else { (b, a) };
            if a.end <= b.start {
                let (left, right) = (text.get(a.clone()).unwrap(), text.get(b.clone()).unwrap());
                let between = text.get(a.end..b.start).unwrap();
                out.replace_range(a.start..b.end, &format!("{right}{between}{left}"));
            }
        }
        6 => out.replace_range(token(random), PIECES.get(random.below(PIECES.len())).unwrap()),
        _ => {
            let range = token(random);
            out.insert_str(range.end, ["\n", " # c\n", "\n\n", " ", "\n  ## d\n  "].get(random.below(5)).unwrap());
        }
    }
    out
}
