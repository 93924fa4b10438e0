//! What holds for every function and every module: names, documentation, examples, templates, and the reference page.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use seg_grammar::ast::{ExprKind, ItemKind};
use seg_grammar::{FileId, parse};
use seg_stdlib::{MODULES, VOCABULARY, reference_markdown};

#[test]
fn names_are_sorted_and_unique() {
    let places: Vec<(&str, &str)> = VOCABULARY.0.iter().map(|b| (b.family, b.name)).collect();
    assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{places:?}");
    let names: BTreeSet<&str> = VOCABULARY.0.iter().map(|b| b.name).collect();
    assert_eq!(names.len(), places.len());
    for (index, builtin) in VOCABULARY.0.iter().enumerate() {
        assert_eq!(VOCABULARY.find(builtin.name).map(|(i, _)| i as usize), Some(index));
    }
    assert!(MODULES.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

/// The file, its place in the list and what it says of itself are one name.
#[test]
fn a_function_is_named_as_its_file() {
    for builtin in VOCABULARY.0 {
        let path = format!("src/functions/{}/{}.rs", builtin.family, builtin.name);
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path).is_file(), "{path}");
    }
}

#[test]
fn no_function_has_the_name_of_an_aggregate() {
    let aggregates = "count sum mean min max share any none every latest earliest distinct most_frequent list date_of";
    for builtin in VOCABULARY.0 {
        assert!(aggregates.split(' ').all(|name| name != builtin.name), "{}", builtin.name);
    }
}

#[test]
fn documentation_is_a_sentence() {
    for builtin in VOCABULARY.0 {
        let doc = builtin.doc;
        assert!(doc.ends_with('.') && !doc.ends_with("..") && doc.trim() == doc, "{doc:?}");
        assert!(doc.starts_with(char::is_uppercase) && !doc.contains("  ") && !doc.contains('\n'), "{doc:?}");
        assert!(builtin.version >= 1 && builtin.cost >= 1, "{}", builtin.name);
    }
}

#[test]
fn examples_call_their_function_and_give_a_literal() {
    for builtin in VOCABULARY.0 {
        assert!(builtin.examples.len() >= 3, "{} has too few examples", builtin.name);
    }
    for (builtin, example) in support::examples() {
        match support::expression(example.expression).kind {
            ExprKind::Call { callee, arguments } => {
                assert_eq!(callee.text, builtin.name);
                assert_eq!(arguments.len(), builtin.parameters.len(), "{}", example.expression);
            }
            other => panic!("{} is {other:?}", example.expression),
        }
        let literal = match support::expression(example.gives).kind {
            ExprKind::Negate(inner) => inner.kind,
            kind => kind,
        };
        assert!(matches!(literal, ExprKind::Literal(_)), "{}", example.gives);
    }
}

/// Every argument stands in the template, and no brace does that is not around one.
#[test]
fn templates_use_every_argument() {
    for builtin in VOCABULARY.0 {
        let mut rest = builtin.sql.to_string();
        for index in 0..builtin.parameters.len() {
            let hole = format!("{{{index}}}");
            assert!(rest.contains(&hole), "{} lacks {hole}", builtin.name);
            rest = rest.replace(&hole, "");
        }
        assert!(!rest.contains(['{', '}']), "{}: {rest}", builtin.name);
        assert_eq!(rest.matches('(').count(), rest.matches(')').count(), "{}: {rest}", builtin.name);
    }
}

#[test]
fn modules_parse_and_document_every_declaration() {
    for (name, source) in MODULES {
        let (tree, diagnostics) = parse(FileId(0), source);
        assert!(diagnostics.is_empty(), "{name}: {diagnostics:?}");
        assert!(tree.items.iter().all(|item| item.doc.is_some()), "{name} has a declaration without documentation");
        assert!(tree.items.iter().all(|item| !matches!(item.kind, ItemKind::Broken(_))), "{name}");
        assert!(source.starts_with("# "), "{name} does not say what it is for");
    }
}

#[test]
fn modules_stand_as_the_formatter_lays_them_out() {
    for (name, source) in MODULES {
        assert_eq!(seg_grammar::format::format(source).as_deref(), Some(*source), "{name}");
    }
}

/// Every table is called by some test of its module.
#[test]
fn modules_test_every_table() {
    for (name, source) in MODULES {
        let (tree, _) = parse(FileId(0), source);
        for item in &tree.items {
            if let ItemKind::DecisionTable(table) = &item.kind {
                let call = format!("expect {}(", table.name.text);
                assert!(source.contains(&call), "{name} does not test `{}`", table.name.text);
            }
        }
    }
}

#[test]
fn the_reference_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/functions.md");
    let page = reference_markdown();
    if std::env::var_os("SEG_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "{} is stale; SEG_UPDATE=1 writes it anew", path.display());
}
