//! `falls-on-unknown`: a choice of weight whose condition can be unknown falls through to the next branch.

use seg_grammar::{Code, Diagnostic};

use super::{Lint, Playbook};
use crate::config::Level;
use crate::missing::fold_space;

pub const LINT: Lint = Lint {
    name: "falls-on-unknown",
    level: Level::Warn,
    page: include_str!("../../../docs/lints/falls-on-unknown.md"),
    check,
};

fn check(playbook: &Playbook, out: &mut Vec<Diagnostic>) {
    for (choice, condition) in &playbook.findings.falls {
        let span = playbook.hir.expr(*condition).span;
        let text = fold_space(playbook.modules.map.text(span));
        out.push(
            Diagnostic::warning(
                Code(LINT.name),
                span,
                format!("where `{text}` is unknown, the next branch is taken"),
                "this can be unknown",
            )
            .label(playbook.hir.expr(*choice).span, "the choice falls through")
            .suggest("state it", span, format!("({text}) is true")),
        );
    }
}
