//! `missing-doc`: a segment or an attribute of which nobody wrote down what it is for.

use seg_grammar::{Code, Diagnostic};

use super::{Lint, Playbook};
use crate::config::Level;

pub const LINT: Lint =
    Lint { name: "missing-doc", level: Level::Allow, page: include_str!("../../../docs/lints/missing-doc.md"), check };

fn check(playbook: &Playbook, out: &mut Vec<Diagnostic>) {
    for segment in &playbook.hir.segments {
        if segment.title.is_none() && segment.doc.is_none() {
            let name = &segment.name.text;
            let line = format!("write a title behind the name, `segment {name} \"...\"`, or a line `## ...` above it");
            out.push(
                Diagnostic::warning(
                    Code(LINT.name),
                    segment.name.span,
                    format!("`{name}` has neither a title nor a line that says who is meant"),
                    "reports can show nothing but this name",
                )
                .help(line),
            );
        }
    }
    for attribute in &playbook.hir.attributes {
        if attribute.doc.is_none() {
            let name = &attribute.name.text;
            out.push(
                Diagnostic::warning(
                    Code(LINT.name),
                    attribute.name.span,
                    format!("no line above `{name}` says what it measures"),
                    "reports can show nothing but this name",
                )
                .help("write a line `## ...` above it"),
            );
        }
    }
}
