//! `near-duplicate-names`: two declarations whose names differ by one letter.

use std::collections::{HashMap, HashSet};

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

fn pairs(names: &[(&'static str, &Ident)], out: &mut Vec<Diagnostic>) {
    let mut earlier = Earlier::default();
    for (kind, name) in names {
        let near = earlier.near(kind, name);
        earlier.add(kind, name);
        let Some(first) = near else { continue };
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

/// The names so far, under everything that a name near to one of them would share with it.
#[derive(Default)]
struct Earlier<'a> {
    names: Vec<&'a Ident>,
    texts: HashSet<(&'static str, &'a str)>,
    of_key: HashMap<(&'static str, String), Vec<usize>>,
}

impl<'a> Earlier<'a> {
    /// The first of the names that is near to another one.
    fn near(&self, kind: &'static str, name: &Ident) -> Option<&'a Ident> {
        let of_key = |key| self.of_key.get(&(kind, key)).into_iter().flatten();
        let near = |n: &&usize| self.names.get(**n).is_some_and(|first| is_near(&first.text, &name.text));
        let first = keys(&name.text).into_iter().filter_map(|key| of_key(key).find(near)).min()?;
        self.names.get(*first).copied()
    }

    fn add(&mut self, kind: &'static str, name: &'a Ident) {
        if !self.texts.insert((kind, &name.text)) {
            return;
        }
        let n = self.names.len();
        self.names.push(name);
        for key in keys(&name.text) {
            self.of_key.entry((kind, key)).or_default().push(n);
        }
    }
}

/// What near names have in common: the name in lower case, and its words with a letter less in one of them. A digit is no
/// such letter, since it does not bring two names near.
fn keys(name: &str) -> HashSet<String> {
    let words = words(name);
    let mut keys = HashSet::from([format!("={}", name.to_ascii_lowercase())]);
    for (at, word) in words.iter().enumerate() {
        let letters = word.char_indices().filter(|(_, c)| !c.is_ascii_digit());
        let shorter = letters
            .map(|(n, c)| format!("{}{}", word.get(..n).unwrap_or(""), word.get(n + c.len_utf8()..).unwrap_or("")));
        for variant in shorter.chain([word.clone()]) {
            let mut parts: Vec<&str> = words.iter().map(String::as_str).collect();
            parts[at] = &variant;
            keys.insert(format!("{at} {}", parts.join(" ")));
        }
    }
    keys
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
