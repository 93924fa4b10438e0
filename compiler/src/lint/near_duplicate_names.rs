//! `near-duplicate-names`: two declarations whose names differ by one letter.

use seg_grammar::ast::{Ident, ItemKind};
use seg_grammar::{Code, Diagnostic};

use super::{Lint, Playbook};
use crate::config::Level;

pub const LINT: Lint = Lint {
    name: "near-duplicate-names",
    level: Level::Warn,
    page: include_str!("../../../docs/lints/near-duplicate-names.md"),
    check,
};

/// Names that are looked at; a playbook with more of one kind has other worries, and pairs grow with the square.
const NAMES_MAX: usize = 5_000;

fn check(playbook: &Playbook, out: &mut Vec<Diagnostic>) {
    let mut segments = Vec::new();
    let mut values = Vec::new();
    let mut callables = Vec::new();
    for (_, module, item) in playbook.modules.items() {
        if !module.own {
            continue;
        }
        match &item.kind {
            ItemKind::Segment(segment) => segments.push(("segment", &segment.name)),
            ItemKind::Attribute(attribute) => values.push(("attribute", &attribute.name)),
            ItemKind::DecisionTable(table) => callables.push(("table", &table.name)),
            ItemKind::Enum(declared) => segments.push(("enum", &declared.name)),
            _ => {}
        }
    }
    for names in [segments, values, callables] {
        pairs(&names, out);
    }
}

fn pairs(names: &[(&str, &Ident)], out: &mut Vec<Diagnostic>) {
    for (n, (kind, name)) in names.iter().enumerate().take(NAMES_MAX) {
        let near = names.iter().take(n).find(|(of, first)| of == kind && is_near(&first.text, &name.text));
        let Some((_, first)) = near else { continue };
        out.push(
            Diagnostic::warning(
                Code(LINT.name),
                name.span,
                format!("`{}` and `{}` are easily taken for each other", first.text, name.text),
                format!("this {kind} is one letter away from the other"),
            )
            .label(first.span, "the other one")
            .help("give them names that say how they differ; or keep one, and use it in both places"),
        );
    }
}

/// Whether two names differ by letter case alone, or by one letter within one long word.
fn is_near(a: &str, b: &str) -> bool {
    if a == b || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    if a.eq_ignore_ascii_case(b) {
        return true;
    }
    let (one, two) = (words(a), words(b));
    if one.len() != two.len() {
        return false;
    }
    let mut differing = one.iter().zip(&two).filter(|(x, y)| x != y);
    match (differing.next(), differing.next()) {
        (Some((x, y)), None) => one_letter_apart(x, y),
        _ => false,
    }
}

/// The words of `GoldHolders` or `gold_holders`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut fresh = true;
    for c in name.chars() {
        if c == '_' {
            fresh = true;
            continue;
        }
        match words.last_mut() {
            Some(word) if !fresh && !c.is_uppercase() => word.push(c),
            _ => words.push(c.to_lowercase().collect()),
        }
        fresh = false;
    }
    words
}

/// One letter more, less, other or exchanged. `tier1` and `tier2` are apart on purpose, and short words are other words.
fn one_letter_apart(a: &str, b: &str) -> bool {
    let (one, two): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let head = one.iter().zip(&two).take_while(|(x, y)| x == y).count();
    let most = one.len().min(two.len()) - head;
    let tail = one.iter().rev().zip(two.iter().rev()).take(most).take_while(|(x, y)| x == y).count();
    let rest = |word: &[char]| word.get(head..word.len() - tail).unwrap_or_default().to_vec();
    let (x, y) = (rest(&one), rest(&two));
    if x.iter().chain(&y).any(char::is_ascii_digit) {
        return false;
    }
    let shorter = one.len().min(two.len());
    match (x.as_slice(), y.as_slice()) {
        ([], [_]) | ([_], []) => shorter >= 3,
        ([_], [_]) => shorter >= 6,
        ([a, b], [c, d]) => a == d && b == c && shorter >= 4,
        _ => false,
    }
}
