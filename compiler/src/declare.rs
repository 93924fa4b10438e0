//! Collects what a playbook declares: names to ids, duplicates refused. Knows no types.

use std::collections::{HashMap, HashSet};

use seg_grammar::ast::{Ident, ItemKind};
use seg_grammar::{Diagnostic, Span, codes};

use crate::hir::{AttributeId, DecisionId, ItemRef, SegmentId};
use crate::modules::Modules;

/// What a name in the name space of declarations stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Global {
    Segment(SegmentId),
    Enum,
    Profile,
    Event,
    Reference,
    /// A declaration that could not be read; uses of it raise nothing more.
    Broken,
}

/// The declarations of all modules.
#[derive(Default)]
pub struct Names {
    /// Segments, enums, the profile, events and references.
    pub globals: HashMap<String, (Global, Span)>,
    pub attributes: HashMap<String, (AttributeId, Span)>,
    /// Decision tables.
    pub callables: HashMap<String, (DecisionId, Span)>,
    pub attribute_items: Vec<ItemRef>,
    pub segment_items: Vec<ItemRef>,
    pub decision_items: Vec<ItemRef>,
    pub test_items: Vec<ItemRef>,
    pub enum_items: Vec<ItemRef>,
    /// Profile, events and references, the profile first.
    pub table_items: Vec<ItemRef>,
    pub playbook: Option<ItemRef>,
    /// Names of attributes, fields and tables that could not be read.
    pub broken: HashSet<String>,
    /// Whether the profile could not be read, so that any name may be one of its fields.
    pub profile_is_broken: bool,
}

pub fn declare(modules: &Modules, diagnostics: &mut Vec<Diagnostic>) -> Names {
    let mut names = Names::default();
    let mut profile: Option<Span> = None;
    let mut playbook: Option<Span> = None;
    for (at, _, item) in modules.items() {
        match &item.kind {
            ItemKind::Use(_) => {}
            ItemKind::Test(_) => names.test_items.push(at),
            ItemKind::Broken(name) => {
                names.broken(name.as_ref());
                names.profile_is_broken |= modules.map.text(item.span).lines().any(|l| l.starts_with("profile "));
            }
            ItemKind::Playbook(p) => {
                once(&mut playbook, p.title.span, "playbook", diagnostics);
                names.playbook.get_or_insert(at);
            }
            ItemKind::Profile(t) => {
                let first = profile.is_none();
                once(&mut profile, t.name.span, "profile", diagnostics);
                if first {
                    names.global(&t.name, Global::Profile, diagnostics);
                    names.table_items.insert(0, at);
                }
            }
            ItemKind::Event(t) => {
                names.global(&t.name, Global::Event, diagnostics);
                names.table_items.push(at);
            }
            ItemKind::Reference(t) => {
                names.global(&t.name, Global::Reference, diagnostics);
                names.table_items.push(at);
            }
            ItemKind::Enum(e) => {
                names.global(&e.name, Global::Enum, diagnostics);
                names.enum_items.push(at);
            }
            ItemKind::Segment(s) => {
                let id = SegmentId(names.segment_items.len() as u32);
                names.global(&s.name, Global::Segment(id), diagnostics);
                names.segment_items.push(at);
            }
            ItemKind::Attribute(a) => {
                let id = AttributeId(names.attribute_items.len() as u32);
                if let Some((_, first)) = names.attributes.get(&a.name.text) {
                    diagnostics.push(duplicate(&a.name, *first));
                } else {
                    names.attributes.insert(a.name.text.clone(), (id, a.name.span));
                }
                names.attribute_items.push(at);
            }
            ItemKind::DecisionTable(t) => {
                let id = DecisionId(names.decision_items.len() as u32);
                if let Some((_, first)) = names.callables.get(&t.name.text) {
                    diagnostics.push(duplicate(&t.name, *first));
                } else if seg_stdlib::VOCABULARY.find(&t.name.text).is_some() || is_aggregate(&t.name.text) {
                    diagnostics.push(
                        Diagnostic::error(
                            codes::DUPLICATE_NAME,
                            t.name.span,
                            format!("`{}` is a function of the language", t.name.text),
                            "a table cannot have its name",
                        )
                        .help("choose another name for the table"),
                    );
                } else {
                    names.callables.insert(t.name.text.clone(), (id, t.name.span));
                }
                names.decision_items.push(at);
            }
        }
    }
    names
}

/// The names of aggregates, which are called over events.
pub const AGGREGATES: [&str; 14] = [
    "count",
    "sum",
    "mean",
    "min",
    "max",
    "share",
    "any",
    "none",
    "every",
    "latest",
    "earliest",
    "distinct",
    "most_frequent",
    "list",
];

pub fn is_aggregate(name: &str) -> bool {
    AGGREGATES.contains(&name)
}

impl Names {
    fn global(&mut self, name: &Ident, what: Global, diagnostics: &mut Vec<Diagnostic>) {
        match self.globals.get(&name.text) {
            Some((Global::Broken, _)) | None => {
                self.globals.insert(name.text.clone(), (what, name.span));
            }
            Some((_, first)) => diagnostics.push(duplicate(name, *first)),
        }
    }

    fn broken(&mut self, name: Option<&Ident>) {
        let Some(name) = name else { return };
        self.globals.entry(name.text.clone()).or_insert((Global::Broken, name.span));
        self.broken.insert(name.text.clone());
    }

    pub fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }
}

fn duplicate(name: &Ident, first: Span) -> Diagnostic {
    Diagnostic::error(
        codes::DUPLICATE_NAME,
        name.span,
        format!("`{}` is declared twice", name.text),
        "the second declaration of this name",
    )
    .label(first, "the first one")
    .help("give one of the two another name")
}

fn once(seen: &mut Option<Span>, span: Span, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    match *seen {
        None => *seen = Some(span),
        Some(first) => diagnostics.push(
            Diagnostic::error(
                codes::DUPLICATE_NAME,
                span,
                format!("a playbook has one `{what}` declaration"),
                "this is the second",
            )
            .label(first, "the first one")
            .help("remove one of the two"),
        ),
    }
}
