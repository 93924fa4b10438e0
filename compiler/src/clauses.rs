//! The finished program: what each declaration is, with its clauses as written, so that explanations need no source.

use std::collections::HashSet;

use seg_grammar::Span;
use seg_ir::Program;
use seg_ir::node::Scope;
use seg_ir::program::{self, Clause, ClauseKind, Place, Want};

use crate::english;
use crate::hir::{Expect, ExprId, Hir, ItemRef, Kind, Segment, SegmentId};
use crate::limits::{REPEATED_EXPRESSIONS_MAX, REPEATED_LEVELS_MAX};
use crate::lower::Lowered;
use crate::missing::fold_space;
use crate::modules::Modules;
use crate::schema::Schemas;
use crate::work::Work;

pub fn program(modules: &Modules, schemas: &Schemas, hir: &Hir, lowered: Lowered, work: &mut Work) -> Program {
    let own_clauses = hir.segments.iter().map(|segment| expressions_of(hir, segment)).collect();
    let builder = Builder { modules, hir, lowered: &lowered, own_clauses };
    let reader = english::Reader::new(hir, schemas, &lowered);
    let attributes: Vec<program::Attribute> = hir
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
            clause: Repeated::default().clause(&builder, attribute.value),
            reading: english::attribute(&reader, attribute),
        })
        .collect();
    let segments: Vec<program::Segment> = hir
        .segments
        .iter()
        .zip(&lowered.segments)
        .map(|(segment, node)| program::Segment {
            name: segment.name.text.clone(),
            title: segment.title.clone(),
            node: *node,
            doc: segment.doc.clone(),
            place: builder.place(segment.name.span),
            own: builder.own(segment.item),
            clause: Repeated::default().segment(&builder, segment),
            reading: english::segment(&reader, segment),
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
    let explained = attributes.iter().map(|a| (&a.clause, &a.reading));
    for (clause, reading) in explained.chain(segments.iter().map(|s| (&s.clause, &s.reading))) {
        work.explained += (clauses_of(clause) + reading.pieces.len()) as u64;
    }
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

fn expressions_of(hir: &Hir, segment: &Segment) -> usize {
    let mut open = vec![segment.condition];
    let mut count = 0;
    while let Some(id) = open.pop() {
        count += 1;
        hir.expr(id).kind.each_child(|child| open.push(child));
    }
    count
}

fn clauses_of(clause: &Clause) -> usize {
    let mut open = vec![clause];
    let mut count = 0;
    while let Some(clause) = open.pop() {
        count += 1 + clause.operands.len();
        open.extend(&clause.parts);
    }
    count
}

struct Builder<'a> {
    modules: &'a Modules,
    hir: &'a Hir,
    lowered: &'a Lowered,
    /// By segment: how many expressions its clauses are, without those of other definitions.
    own_clauses: Vec<usize>,
}

impl Builder<'_> {
    fn place(&self, span: Span) -> Place {
        let file = self.modules.map.file(span.file);
        Place { path: file.path.to_string(), line: file.line(span.start) as u32 }
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

    fn is_logical(&self, id: ExprId) -> bool {
        matches!(
            self.hir.expr(id).kind,
            Kind::And(_) | Kind::Or(_) | Kind::Not(_) | Kind::Segment(_) | Kind::Compare { .. } | Kind::InSet { .. }
        )
    }

    /// The values below a leaf that say why it is what it is: what is written by name, and folds.
    fn operands(&self, id: ExprId, top: bool, out: &mut Operands) {
        let expr = self.hir.expr(id);
        let node = self.lowered.node(id);
        if self.lowered.ir.node(node).scope > Scope::Customer {
            return;
        }
        let mut push = |builder: &Self| {
            let text = builder.text(expr.span);
            if out.seen.insert(text.clone()) {
                out.list.push((text, node));
            }
        };
        match &expr.kind {
            Kind::Decide { .. } if top => {
                for inner in expr.kind.children() {
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
                for inner in expr.kind.children() {
                    self.operands(inner, false, out);
                }
            }
        }
    }

    fn expect(&self, expect: &Expect) -> program::Expect {
        let mut operands = Operands::default();
        self.operands(expect.condition, true, &mut operands);
        program::Expect {
            text: self.text(expect.span),
            place: self.place(expect.span),
            node: self.lowered.node(expect.condition),
            want: if expect.not_in { Want::NotTrue } else { Want::True },
            operands: operands.list,
        }
    }
}

/// The values that a leaf looks at, each once.
#[derive(Default)]
struct Operands {
    list: Vec<(String, seg_ir::NodeId)>,
    seen: HashSet<String>,
}

/// The clauses of one definition. Those of the segments that it uses are repeated among them, each segment's once and not
/// without end; beyond that, a segment is told by its name.
#[derive(Default)]
struct Repeated {
    segments: HashSet<SegmentId>,
    expressions: usize,
    levels: usize,
}

impl Repeated {
    fn segment(&mut self, builder: &Builder, segment: &Segment) -> Clause {
        if let [one] = segment.clauses.as_slice() {
            return self.clause(builder, *one);
        }
        let name = segment.name.span;
        let parts = segment.clauses.iter().map(|c| self.clause(builder, *c)).collect();
        Clause {
            text: builder.text(name),
            place: builder.place(name),
            node: builder.lowered.node(segment.condition),
            kind: ClauseKind::All,
            parts,
            operands: Vec::new(),
        }
    }

    fn clause(&mut self, builder: &Builder, id: ExprId) -> Clause {
        let expr = builder.hir.expr(id);
        self.levels += 1;
        let mut all = |parts: &[ExprId]| -> Vec<Clause> { parts.iter().map(|p| self.clause(builder, *p)).collect() };
        let (kind, parts) = match &expr.kind {
            Kind::And(parts) => (ClauseKind::All, all(parts)),
            Kind::Or(parts) => (ClauseKind::AnyOf, all(parts)),
            Kind::Not(inner) => (ClauseKind::Not, all(&[*inner])),
            Kind::Choose { arms, .. } => {
                (ClauseKind::Choice, arms.iter().map(|(when, _)| self.clause(builder, *when)).collect())
            }
            Kind::Is { value, .. } if builder.is_logical(*value) => (ClauseKind::Leaf, all(&[*value])),
            Kind::Segment(used) if self.may_repeat(builder, *used) => {
                (ClauseKind::All, vec![self.segment(builder, builder.hir.segment(*used))])
            }
            _ => (ClauseKind::Leaf, Vec::new()),
        };
        self.levels -= 1;
        let mut operands = Operands::default();
        if kind == ClauseKind::Leaf && parts.is_empty() {
            builder.operands(id, true, &mut operands);
        }
        let (text, place) = (builder.text(expr.span), builder.place(expr.span));
        Clause { text, place, node: builder.lowered.node(id), kind, parts, operands: operands.list }
    }

    fn may_repeat(&mut self, builder: &Builder, segment: SegmentId) -> bool {
        let own = builder.own_clauses.get(segment.0 as usize).copied().unwrap_or(0);
        let fits = self.levels <= REPEATED_LEVELS_MAX && self.expressions + own <= REPEATED_EXPRESSIONS_MAX;
        let repeats = fits && self.segments.insert(segment);
        self.expressions += if repeats { own } else { 0 };
        repeats
    }
}
