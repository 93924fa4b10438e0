//! `untested-segment`: no test says of any customer whether they are in.

use std::collections::HashSet;

use seg_grammar::{Code, Diagnostic};

use super::{Lint, Playbook};
use crate::config::Level;
use crate::hir::{AttributeId, ExprId, Kind, SegmentId};

pub const LINT: Lint = Lint {
    name: "untested-segment",
    level: Level::Allow,
    page: include_str!("../../../docs/lints/untested-segment.md"),
    check,
};

fn check(playbook: &Playbook, out: &mut Vec<Diagnostic>) {
    if !playbook.is_whole() {
        return;
    }
    let tested = tested(playbook);
    for (n, segment) in playbook.hir.segments.iter().enumerate() {
        if tested.contains(&SegmentId(n as u32)) {
            continue;
        }
        let name = &segment.name.text;
        out.push(
            Diagnostic::warning(
                Code(LINT.name),
                segment.name.span,
                format!("no test says who is in `{name}`"),
                "a change of its meaning would go unnoticed",
            )
            .help(format!("add a `test` with a customer for whom you know the answer, and `expect in {name}`")),
        );
    }
}

/// The segments that a test asks about, itself or through other definitions.
fn tested(playbook: &Playbook) -> HashSet<SegmentId> {
    let hir = playbook.hir;
    let mut segments = HashSet::new();
    let mut attributes: HashSet<AttributeId> = HashSet::new();
    let mut waiting: Vec<ExprId> = hir.tests.iter().flat_map(|t| &t.expects).map(|e| e.condition).collect();
    while let Some(id) = waiting.pop() {
        match &hir.expr(id).kind {
            Kind::Segment(segment) if segments.insert(*segment) => waiting.push(hir.segment(*segment).condition),
            Kind::Attribute(attribute) if attributes.insert(*attribute) => {
                waiting.push(hir.attribute(*attribute).value);
            }
            kind => kind.each_child(|child| waiting.push(child)),
        }
    }
    segments
}
