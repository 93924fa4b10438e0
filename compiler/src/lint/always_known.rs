//! `always-known`: a presence test, or an `else`, over something that is never missing.

use seg_grammar::{Code, Diagnostic};

use super::{Lint, Playbook};
use crate::config::Level;
use crate::hir::Kind;
use crate::missing::fold_space;

pub const LINT: Lint =
    Lint { name: "always-known", level: Level::Warn, page: include_str!("../../../docs/lints/always-known.md"), check };

fn check(playbook: &Playbook, out: &mut Vec<Diagnostic>) {
    for id in &playbook.findings.always_known {
        let expr = playbook.hir.expr(*id);
        let (value, what) = match &expr.kind {
            Kind::Is { value, .. } => (*value, "this test always has the same answer"),
            Kind::Else(value, _) => (*value, "what stands behind `else` is never taken"),
            _ => continue,
        };
        let text = fold_space(playbook.modules.map.text(playbook.hir.expr(value).span));
        out.push(
            Diagnostic::warning(Code(LINT.name), expr.span, format!("`{text}` is never missing"), what)
                .help("remove the test; or, where data can lack the value, declare the field with `?`"),
        );
    }
}
