//! `of-plus`: `10% of a + b` adds `b` after taking the percentage, and reads as if it were part of it.

use seg_grammar::{Code, Diagnostic};
use seg_ir::node::Arithmetic;

use super::{Lint, Playbook};
use crate::config::Level;
use crate::hir::{Expr, ExprId, Kind};

pub const LINT: Lint =
    Lint { name: "of-plus", level: Level::Warn, page: include_str!("../../../docs/lints/of-plus.md"), check };

fn check(playbook: &Playbook, out: &mut Vec<Diagnostic>) {
    for (_, expr) in playbook.expressions() {
        if let Kind::Arithmetic { op, left, right } = &expr.kind {
            look(playbook, expr, *op, (*left, *right), out);
        }
    }
}

fn look(playbook: &Playbook, sum: &Expr, op: Arithmetic, sides: (ExprId, ExprId), out: &mut Vec<Diagnostic>) {
    let (left, right) = (bare(playbook, sides.0), bare(playbook, sides.1));
    let (sign, does) = match op {
        Arithmetic::Add => ("+", "added"),
        Arithmetic::Subtract => ("-", "taken off"),
        Arithmetic::Multiply | Arithmetic::Divide => return,
    };
    // Two parts of two wholes are a sum to every reader.
    let Kind::PercentOf(_, of) = &left.kind else { return };
    if matches!(right.kind, Kind::PercentOf(..)) {
        return;
    }
    // A span has no parentheses around it: where there are any, the spans of whole and part do not meet.
    let of = playbook.hir.expr(*of).span;
    if left.span.start != sum.span.start || of.end != left.span.end {
        return;
    }
    let rest = seg_grammar::Span { start: right.span.start, end: sum.span.end, ..sum.span };
    let (part, whole, other) = (playbook.text(left.span), playbook.text(of), playbook.text(rest));
    out.push(
        Diagnostic::warning(
            Code(LINT.name),
            sum.span,
            format!("`{other}` is {does} after `{part}` was taken"),
            format!("this is `({part}) {sign} {other}`"),
        )
        .suggest("keep it so, and say so", left.span, format!("({part})"))
        .suggest("take the percentage of the whole sum", of.to(rest), format!("({whole} {sign} {other})")),
    );
}

/// The expression below conversions, which nobody writes.
fn bare<'a>(playbook: &Playbook<'a>, id: ExprId) -> &'a Expr {
    let hir = playbook.hir;
    let mut expr = hir.expr(id);
    while let Kind::ToNumber(inner) = &expr.kind {
        expr = hir.expr(*inner);
    }
    expr
}
