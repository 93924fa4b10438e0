//! The finished program: what each declaration is, with its clauses as written, so that explanations need no source.

use seg_grammar::Span;
use seg_ir::Program;
use seg_ir::node::Scope;
use seg_ir::program::{self, Clause, ClauseKind, Place, Want};

use crate::english;
use crate::hir::{Expect, ExprId, Hir, ItemRef, Kind};
use crate::lower::Lowered;
use crate::missing::{Findings, fold_space};
use crate::modules::Modules;
use crate::schema::Schemas;

pub fn program(modules: &Modules, schemas: &Schemas, hir: &Hir, lowered: Lowered, findings: &Findings) -> Program {
    let builder = Builder { modules, hir, lowered: &lowered };
    let attributes = hir
        .attributes
        .iter()
        .zip(&lowered.attributes)
        .map(|(attribute, node)| program::Attribute {
            name: attribute.name.text.clone(),
            ty: lowered.ir.ty(*node).clone(),
            node: *node,
            doc: attribute.doc.clone(),
            place: builder.place(attribute.name.span),
            own: builder.own(attribute.item),
            clause: builder.clause(attribute.value),
            reading: english::attribute(hir, schemas, &lowered, attribute),
        })
        .collect();
    let segments = hir
        .segments
        .iter()
        .zip(&lowered.segments)
        .enumerate()
        .map(|(n, (segment, node))| program::Segment {
            name: segment.name.text.clone(),
            title: segment.title.clone(),
            node: *node,
            doc: segment.doc.clone(),
            place: builder.place(segment.name.span),
            own: builder.own(segment.item),
            clause: builder.segment(segment.name.span, &segment.clauses, segment.condition),
            reading: english::segment(
                hir,
                schemas,
                &lowered,
                segment,
                findings.needs.get(n).cloned().unwrap_or_default(),
            ),
        })
        .collect();
    let tests = hir
        .tests
        .iter()
        .map(|test| program::Test {
            name: test.name.clone(),
            place: builder.place(test.span),
            record: test.record.clone(),
            as_of: test.as_of,
            expects: test.expects.iter().map(|e| builder.expect(e)).collect(),
        })
        .collect();
    let places = builder.places();
    Program {
        name: schemas.name.clone(),
        schema: schemas.schema.clone(),
        zone: schemas.zone.clone(),
        attributes,
        segments,
        tests,
        places,
        ir: lowered.ir,
        optimised: program::Optimised::default(),
        vocabulary: seg_stdlib::VOCABULARY,
    }
}

struct Builder<'a> {
    modules: &'a Modules,
    hir: &'a Hir,
    lowered: &'a Lowered,
}

impl Builder<'_> {
    fn place(&self, span: Span) -> Place {
        let file = self.modules.map.file(span.file);
        Place { path: file.path.to_string(), line: file.line_column(span.start).0 as u32 }
    }

    fn own(&self, item: ItemRef) -> bool {
        self.modules.item(item).0.own
    }

    fn text(&self, span: Span) -> String {
        fold_space(self.modules.map.text(span))
    }

    /// Where each node was first written.
    fn places(&self) -> Vec<Option<Place>> {
        let mut places = vec![None; self.lowered.ir.len()];
        for (n, expr) in self.hir.exprs.iter().enumerate() {
            let node = self.lowered.node(ExprId(n as u32));
            if let Some(slot) = places.get_mut(node.0 as usize)
                && slot.is_none()
            {
                *slot = Some(self.place(expr.span));
            }
        }
        places
    }

    fn segment(&self, name: Span, clauses: &[ExprId], condition: ExprId) -> Clause {
        if let [one] = clauses {
            return self.clause(*one);
        }
        let parts = clauses.iter().map(|c| self.clause(*c)).collect();
        Clause {
            text: self.text(name),
            place: self.place(name),
            node: self.lowered.node(condition),
            kind: ClauseKind::All,
            parts,
            operands: Vec::new(),
        }
    }

    fn clause(&self, id: ExprId) -> Clause {
        let expr = self.hir.expr(id);
        let (kind, parts) = match &expr.kind {
            Kind::And(parts) => (ClauseKind::All, parts.iter().map(|p| self.clause(*p)).collect()),
            Kind::Or(parts) => (ClauseKind::AnyOf, parts.iter().map(|p| self.clause(*p)).collect()),
            Kind::Not(inner) => (ClauseKind::Not, vec![self.clause(*inner)]),
            Kind::Segment(segment) => {
                let used = self.hir.segment(*segment);
                let inner = self.segment(used.name.span, &used.clauses, used.condition);
                (ClauseKind::All, vec![inner])
            }
            Kind::Choose { arms, .. } => {
                (ClauseKind::Choice, arms.iter().map(|(when, _)| self.clause(*when)).collect())
            }
            Kind::Is { value, .. } if self.is_logical(*value) => (ClauseKind::Leaf, vec![self.clause(*value)]),
            _ => (ClauseKind::Leaf, Vec::new()),
        };
        let mut operands = Vec::new();
        if kind == ClauseKind::Leaf && parts.is_empty() {
            self.operands(id, true, &mut operands);
        }
        let node = self.lowered.node(id);
        Clause { text: self.text(expr.span), place: self.place(expr.span), node, kind, parts, operands }
    }

    fn is_logical(&self, id: ExprId) -> bool {
        matches!(
            self.hir.expr(id).kind,
            Kind::And(_) | Kind::Or(_) | Kind::Not(_) | Kind::Segment(_) | Kind::Compare { .. } | Kind::InSet { .. }
        )
    }

    /// The values below a leaf that say why it is what it is: what is written by name, and folds.
    fn operands(&self, id: ExprId, top: bool, out: &mut Vec<(String, seg_ir::NodeId)>) {
        let expr = self.hir.expr(id);
        let node = self.lowered.node(id);
        if self.lowered.ir.node(node).scope > Scope::Customer {
            return;
        }
        let mut push = |builder: &Self| {
            let text = builder.text(expr.span);
            if !out.iter().any(|(t, _)| *t == text) {
                out.push((text, node));
            }
        };
        match &expr.kind {
            Kind::Decide { .. } if top => {
                for inner in children(&expr.kind) {
                    self.operands(inner, false, out);
                }
            }
            Kind::Field { .. }
            | Kind::Lookup { .. }
            | Kind::Attribute(_)
            | Kind::Decide { .. }
            | Kind::Elapsed { .. } => push(self),
            Kind::Aggregate(_) | Kind::Part(..) | Kind::Segment(_) if !top => push(self),
            Kind::Aggregate(_) | Kind::Constant(_) | Kind::Error | Kind::AsOf | Kind::Segment(_) => {}
            _ => {
                for inner in children(&expr.kind) {
                    self.operands(inner, false, out);
                }
            }
        }
    }

    fn expect(&self, expect: &Expect) -> program::Expect {
        let mut operands = Vec::new();
        self.operands(expect.condition, true, &mut operands);
        program::Expect {
            text: self.text(expect.span),
            place: self.place(expect.span),
            node: self.lowered.node(expect.condition),
            want: if expect.not_in { Want::NotTrue } else { Want::True },
            operands,
        }
    }
}

/// The expressions right below one.
pub fn children(kind: &Kind) -> Vec<ExprId> {
    match kind {
        Kind::Error | Kind::Constant(_) | Kind::AsOf | Kind::Field { .. } | Kind::Attribute(_) | Kind::Segment(_) => {
            vec![]
        }
        Kind::Lookup { pointer: a, .. }
        | Kind::Not(a)
        | Kind::Is { value: a, .. }
        | Kind::Matches { value: a, .. }
        | Kind::InSet { value: a, .. }
        | Kind::ListCount(a)
        | Kind::Negate(a)
        | Kind::ToNumber(a)
        | Kind::CivilDate(a)
        | Kind::StartOfDay(a)
        | Kind::StartOf(_, a)
        | Kind::Part(_, a)
        | Kind::Elapsed { of: a, .. }
        | Kind::NextAnniversary(a) => vec![*a],
        Kind::Else(a, b)
        | Kind::Compare { left: a, right: b, .. }
        | Kind::TextTest { value: a, with: b, .. }
        | Kind::Arithmetic { left: a, right: b, .. }
        | Kind::PercentOf(a, b)
        | Kind::Shift { value: a, by: b, .. } => vec![*a, *b],
        Kind::And(parts) | Kind::Or(parts) => parts.clone(),
        Kind::ListTest { list, items, .. } => [*list].into_iter().chain(items.iter().copied()).collect(),
        Kind::Between { value, low, high } => vec![*value, *low, *high],
        Kind::InWindow { value, window, .. } | Kind::AnniversaryIn { date: value, window, .. } => {
            [Some(*value), window.low.map(|b| b.0), window.high.map(|b| b.0)].into_iter().flatten().collect()
        }
        Kind::Choose { arms, otherwise } => arms.iter().flat_map(|(c, v)| [*c, *v]).chain(*otherwise).collect(),
        Kind::Match { subject, arms } => [*subject].into_iter().chain(arms.iter().map(|a| a.value)).collect(),
        Kind::Decide { arguments, .. } | Kind::Call { arguments, .. } => arguments.clone(),
        Kind::Aggregate(aggregate) => {
            let bounds = aggregate.window.iter().flat_map(|w| [w.low, w.high]).flatten().map(|(at, _)| at);
            let then = aggregate.then_no.iter().flat_map(|t| [Some(t.from), Some(t.until), t.filter]).flatten();
            bounds.chain(aggregate.filter).chain(aggregate.value).chain(then).collect()
        }
    }
}
