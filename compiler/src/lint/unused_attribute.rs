//! `unused-attribute`: nothing is built on it.

use std::collections::HashSet;

use seg_grammar::{Code, Diagnostic, SourceMap, Span};

use super::{Lint, Playbook};
use crate::config::Level;
use crate::hir::{AttributeId, Kind};

pub const LINT: Lint = Lint {
    name: "unused-attribute",
    level: Level::Warn,
    page: include_str!("../../../docs/lints/unused-attribute.md"),
    check,
};

fn check(playbook: &Playbook, out: &mut Vec<Diagnostic>) {
    if !playbook.is_whole() {
        return;
    }
    let used: HashSet<AttributeId> = playbook
        .expressions()
        .filter_map(|(_, expr)| match expr.kind {
            Kind::Attribute(id) => Some(id),
            _ => None,
        })
        .collect();
    for (n, attribute) in playbook.hir.attributes.iter().enumerate() {
        if used.contains(&AttributeId(n as u32)) {
            continue;
        }
        let name = &attribute.name.text;
        let declaration = with_doc(&playbook.modules.map, playbook.modules.item(attribute.item).1.span);
        out.push(
            Diagnostic::warning(
                Code(LINT.name),
                attribute.name.span,
                format!("`{name}` is used by no segment, attribute or test"),
                "nothing is built on it",
            )
            .suggest(format!("remove `{name}`"), declaration, "")
            .help(format!(
                "if it is wanted as a column of the output, write `@allow({}) \"a column for ...\"` above it",
                LINT.name
            )),
        );
    }
}

/// A declaration with the `##` lines right above it.
fn with_doc(map: &SourceMap, span: Span) -> Span {
    let text = &map.file(span.file).text;
    let mut start = span.start as usize;
    while let Some(before) = text.get(..start).and_then(|t| t.strip_suffix('\n')) {
        let line = before.rfind('\n').map_or(0, |n| n + 1);
        if !before.get(line..).is_some_and(|l| l.starts_with("##")) {
            break;
        }
        start = line;
    }
    Span::new(span.file, start, span.end as usize)
}
