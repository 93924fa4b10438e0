//! Lints: what is legal but likely not meant. One file each, holding its name, its level and its check; the list below is
//! the only place that knows them all.

use seg_grammar::ast::ItemKind;
use seg_grammar::{Diagnostic, Severity, Span, codes};
use seg_ir::Const;
use seg_ir::interpret::{Context, run_constant};
use seg_ir::node::Scope;

use crate::config::{Config, Level};
use crate::declare::Names;
use crate::hir::{Expr, ExprId, Hir, ItemRef, Ty};
use crate::lower::Lowered;
use crate::missing::{Findings, fold_space};
use crate::modules::Modules;
use crate::schema::Schemas;
use crate::suggest::nearest;

mod always_known;
mod falls_on_unknown;
mod missing_doc;
mod near_duplicate_names;
mod of_plus;
mod outside_domain;
mod past_date;
mod untested_segment;
mod unused_attribute;
mod window_beyond_history;

/// All lints, by name.
pub const LINTS: &[&Lint] = &[
    &always_known::LINT,
    &falls_on_unknown::LINT,
    &missing_doc::LINT,
    &near_duplicate_names::LINT,
    &of_plus::LINT,
    &outside_domain::LINT,
    &past_date::LINT,
    &untested_segment::LINT,
    &unused_attribute::LINT,
    &window_beyond_history::LINT,
];

/// A lint: everything that is known of it.
pub struct Lint {
    pub name: &'static str,
    /// How it is taken where neither `seg.toml` nor `@allow` says otherwise.
    pub level: Level,
    /// Its page, which `seg explain` shows.
    pub page: &'static str,
    pub check: fn(&Playbook, &mut Vec<Diagnostic>),
}

/// What a lint may look at.
pub struct Playbook<'a> {
    pub modules: &'a Modules,
    pub names: &'a Names,
    pub schemas: &'a Schemas,
    pub hir: &'a Hir,
    pub lowered: &'a Lowered,
    pub findings: &'a Findings,
    pub config: &'a Config,
    /// The expressions of definitions and tests, in the order of the tree.
    pub reached: Vec<ExprId>,
}

/// The expressions of definitions and tests, in the order of the tree.
pub fn reached(hir: &Hir) -> Vec<ExprId> {
    let mut waiting: Vec<ExprId> = hir.attributes.iter().map(|a| a.value).collect();
    waiting.extend(hir.segments.iter().map(|s| s.condition));
    waiting.extend(hir.decisions.iter().flat_map(|d| &d.rows).map(|row| row.result));
    waiting.extend(hir.tests.iter().flat_map(|t| &t.expects).map(|e| e.condition));
    let mut found = vec![false; hir.exprs.len()];
    while let Some(id) = waiting.pop() {
        if let Some(found) = found.get_mut(id.0 as usize).filter(|found| !**found) {
            *found = true;
            hir.expr(id).kind.each_child(|child| waiting.push(child));
        }
    }
    (0..hir.exprs.len() as u32).map(ExprId).filter(|id| found.get(id.0 as usize) == Some(&true)).collect()
}

impl Playbook<'_> {
    /// Whether everything could be read, so that what is not found is not there.
    pub fn is_whole(&self) -> bool {
        let broken = self.modules.items().any(|(_, _, item)| matches!(item.kind, ItemKind::Broken(_)));
        !broken && !self.expressions().any(|(_, expr)| expr.ty == Ty::Error)
    }

    /// The author's words, on one line.
    pub fn text(&self, span: Span) -> String {
        fold_space(self.modules.map.text(span))
    }

    /// Every expression of a definition or a test, in the order of the tree. What checking tried and left aside is not
    /// among them.
    pub fn expressions(&self) -> impl Iterator<Item = (ExprId, &Expr)> {
        self.reached.iter().map(|id| (*id, self.hir.expr(*id)))
    }

    pub fn is_own(&self, item: ItemRef) -> bool {
        self.modules.item(item).0.own
    }

    /// What an expression gives at an instant, when it depends on nothing else.
    pub fn value_at(&self, id: ExprId, as_of: i64) -> Option<Const> {
        let context = Context {
            ir: &self.lowered.ir,
            schema: &self.schemas.schema,
            zone: &self.schemas.zone,
            vocabulary: seg_stdlib::VOCABULARY,
            as_of,
        };
        run_constant(context, self.lowered.node(id)).filter(|value| !value.is_missing())
    }

    /// What an expression depends on.
    pub fn scope(&self, id: ExprId) -> Scope {
        self.lowered.ir.node(self.lowered.node(id)).scope
    }
}

/// Runs all lints, and drops what is allowed where it stands or everywhere.
pub fn run(playbook: &Playbook, diagnostics: &mut Vec<Diagnostic>) {
    unknown_allows(playbook, diagnostics);
    for lint in LINTS {
        let level = playbook.config.lints.get(lint.name).copied().unwrap_or(lint.level);
        if level == Level::Allow {
            continue;
        }
        let mut found = Vec::new();
        (lint.check)(playbook, &mut found);
        for mut diagnostic in found {
            if !is_own(playbook, diagnostic.span()) || is_allowed(playbook, lint.name, diagnostic.span()) {
                continue;
            }
            if level == Level::Deny {
                diagnostic.severity = Severity::Error;
            }
            diagnostics.push(diagnostic);
        }
    }
}

fn is_own(playbook: &Playbook, span: Span) -> bool {
    playbook.modules.of_file(span.file).is_some_and(|module| module.own)
}

/// Whether the declaration around a place allows the lint.
fn is_allowed(playbook: &Playbook, name: &str, span: Span) -> bool {
    let Some(module) = playbook.modules.of_file(span.file) else { return false };
    let behind = module.ast.items.partition_point(|item| item.span.start <= span.start);
    let around = module.ast.items.get(..behind).and_then(|items| items.last());
    around.is_some_and(|item| span.end <= item.span.end && item.allows.iter().any(|a| a.lint.text == name))
}

fn unknown_allows(playbook: &Playbook, diagnostics: &mut Vec<Diagnostic>) {
    for (_, _, item) in playbook.modules.items() {
        if matches!(item.kind, ItemKind::Broken(_)) {
            continue;
        }
        for allow in &item.allows {
            if LINTS.iter().any(|l| l.name == allow.lint.text) {
                continue;
            }
            let diagnostic = Diagnostic::error(
                codes::UNKNOWN_LINT,
                allow.lint.span,
                format!("there is no lint `{}`", allow.lint.text),
                "nothing to allow",
            );
            diagnostics.push(match nearest(&allow.lint.text, LINTS.iter().map(|l| l.name)) {
                Some(near) => diagnostic.suggest(format!("write `{near}`"), allow.lint.span, near),
                None => diagnostic.help("errors cannot be allowed, only lints; `seg explain` shows the page of each"),
            });
        }
    }
}
