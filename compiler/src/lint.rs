//! Lints: what is legal but likely not meant. One file each, holding its name, its level and its check; the list below is
//! the only place that knows them all.

use seg_grammar::ast::ItemKind;
use seg_grammar::{Diagnostic, Severity, Span, codes};

use crate::config::{Config, Level};
use crate::declare::Names;
use crate::hir::Hir;
use crate::lower::Lowered;
use crate::missing::Findings;
use crate::modules::Modules;
use crate::schema::Schemas;
use crate::suggest::nearest;

mod always_known;
mod falls_on_unknown;

/// All lints, by name.
pub const LINTS: &[&Lint] = &[&always_known::LINT, &falls_on_unknown::LINT];

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
    playbook.modules.list.iter().any(|m| m.own && m.file == span.file)
}

/// Whether the declaration around a place allows the lint.
fn is_allowed(playbook: &Playbook, name: &str, span: Span) -> bool {
    playbook.modules.items().any(|(_, _, item)| {
        let around = item.span.file == span.file && item.span.start <= span.start && span.end <= item.span.end;
        around && item.allows.iter().any(|a| a.lint.text == name)
    })
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
