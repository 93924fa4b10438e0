//! The typed tree to IR. Names disappear: a definition written in place of its name is the same node. What depends on
//! nothing is folded by the interpreter itself, so that folding cannot mean anything else.

mod faults;

use std::collections::{BTreeSet, HashSet};

use seg_ir::interpret::{Context, run_constant};
use seg_ir::limits::{FLAT_MAX, NODES_MAX, OPERANDS_MAX};
use seg_ir::node::{AggregateKind, Arithmetic, Bound, Comparison, Op, Scope, TextTest, Window};
use seg_ir::time::Unit;
use seg_ir::value::{Const, Period, Reason};
use seg_ir::{Ir, NodeId, Type, fault};

use crate::hir::{Aggregate, AttributeId, Cell, Decision, ExprId, Hir, Kind, Pattern, SegmentId, State, ThenNo};
use crate::schema::Schemas;

/// The IR, and the node of each expression.
#[derive(Default)]
pub struct Lowered {
    pub ir: Ir,
    /// By expression. An expression that is never evaluated, or is in error, has the node of a missing constant.
    pub nodes: Vec<NodeId>,
    pub attributes: Vec<NodeId>,
    pub segments: Vec<NodeId>,
    /// The operands of all nodes.
    pub operands: usize,
    /// Where the bounds on nodes and operands were met; what stands behind it has no meaning.
    pub full_at: Option<ExprId>,
}

impl Lowered {
    pub fn node(&self, id: ExprId) -> NodeId {
        // INVARIANT: every expression of the tree was lowered.
        self.nodes[id.0 as usize]
    }
}

/// Lowers everything. `sound`: no error was told, so that every expression has a meaning.
pub fn lower(hir: &Hir, schemas: &Schemas, sound: bool) -> Lowered {
    let mut ir = Ir::default();
    let nothing = ir.add(Op::Constant(Const::Missing(Reason::NoBranch)), Type::Bool);
    let mut lowering =
        Lowering { hir, schemas, ir, nodes: vec![None; hir.exprs.len()], nothing, sound, operands: 0, full_at: None };
    let attributes = (0..hir.attributes.len()).map(|n| lowering.attribute(AttributeId(n as u32))).collect();
    let segments = (0..hir.segments.len()).map(|n| lowering.segment(SegmentId(n as u32))).collect();
    for n in 0..hir.exprs.len() {
        lowering.expr(ExprId(n as u32));
    }
    let nodes = lowering.nodes.iter().map(|n| n.unwrap_or(nothing)).collect();
    let (operands, full_at) = (lowering.operands, lowering.full_at);
    Lowered { ir: lowering.ir, nodes, attributes, segments, operands, full_at }
}

struct Lowering<'a> {
    hir: &'a Hir,
    schemas: &'a Schemas,
    ir: Ir,
    nodes: Vec<Option<NodeId>>,
    nothing: NodeId,
    sound: bool,
    operands: usize,
    full_at: Option<ExprId>,
}

impl Lowering<'_> {
    fn attribute(&mut self, id: AttributeId) -> NodeId {
        let value = self.hir.attribute(id).value;
        self.expr(value)
    }

    fn segment(&mut self, id: SegmentId) -> NodeId {
        let condition = self.hir.segment(id).condition;
        self.expr(condition)
    }

    fn expr(&mut self, id: ExprId) -> NodeId {
        if let Some(node) = self.nodes[id.0 as usize] {
            return node;
        }
        if self.full_at.is_some() {
            return self.nothing;
        }
        if self.ir.len() > NODES_MAX || self.operands > OPERANDS_MAX {
            self.full_at = Some(id);
            return self.nothing;
        }
        let expr = self.hir.expr(id);
        let node = match expr.ty.get() {
            Some(ty) => self.kind(&expr.kind, ty),
            // A row by itself: only its presence is asked, and that is its fold's.
            None => match &expr.kind {
                Kind::Aggregate(aggregate) => self.aggregate(aggregate, &Type::Bool),
                _ => self.nothing,
            },
        };
        self.nodes[id.0 as usize] = Some(node);
        node
    }

    fn add(&mut self, op: Op, ty: &Type) -> NodeId {
        op.for_each_operand(|_| self.operands += 1);
        let op = faults::planted(&mut self.ir, &self.schemas.schema, op, ty);
        let node = self.ir.add(op, ty.clone());
        self.folded(node)
    }

    fn bool(&mut self, op: Op) -> NodeId {
        self.add(op, &Type::Bool)
    }

    /// The constant that a node over constants is. A fault is left to the run, which counts it at its line.
    fn folded(&mut self, node: NodeId) -> NodeId {
        let is_open = self.ir.node(node).scope > Scope::Constant || self.ir.constant(node).is_some();
        if is_open || !self.sound {
            return node;
        }
        // The operation by itself, over its operands' constants: folding costs what the operation does, not what the
        // playbook is.
        let mut alone = Ir::default();
        let mut closed = true;
        let op = self.ir.node(node).op.map_operands(|id| match self.ir.constant(id) {
            Some(value) => alone.add(Op::Constant(value.clone()), self.ir.ty(id).clone()),
            // A fault, which was left as it is.
            None => {
                closed = false;
                id
            }
        });
        if !closed {
            return node;
        }
        let ty = self.ir.ty(node).clone();
        let root = alone.add(op, ty.clone());
        let (schema, zone) = (&self.schemas.schema, &self.schemas.zone);
        let context = Context { ir: &alone, schema, zone, vocabulary: seg_stdlib::VOCABULARY, as_of: 0 };
        match run_constant(context, root) {
            None => node,
            Some(Const::Missing(reason)) if reason.is_fault() && !fault::is("lower.constant-fault-is-folded") => node,
            Some(value) => self.ir.add(Op::Constant(value), ty),
        }
    }

    fn constant(&mut self, value: Const, ty: &Type) -> NodeId {
        self.add(Op::Constant(value), ty)
    }

    fn not(&mut self, node: NodeId) -> NodeId {
        match self.ir.node(node).op {
            Op::Not(inner) => inner,
            _ => self.bool(Op::Not(node)),
        }
    }

    fn not_if(&mut self, node: NodeId, negated: bool) -> NodeId {
        if negated { self.not(node) } else { node }
    }

    /// A conjunction or disjunction, flattened, so that how it was parenthesised makes no other node. A long one within
    /// another stays a node: what many definitions share is not written out in each.
    fn connective(&mut self, parts: Vec<NodeId>, and: bool) -> NodeId {
        let mut seen = HashSet::new();
        let mut flat: Vec<NodeId> = Vec::new();
        for part in &parts {
            let inner = match (&self.ir.node(*part).op, and) {
                (Op::And(inner), true) | (Op::Or(inner), false) if inner.len() <= FLAT_MAX => inner.as_slice(),
                _ => std::slice::from_ref(part),
            };
            flat.extend(inner.iter().copied().filter(|id| seen.insert(*id)));
        }
        match flat.as_slice() {
            [one] => *one,
            _ if and => self.bool(Op::And(flat)),
            _ => self.bool(Op::Or(flat)),
        }
    }

    fn compare(&mut self, op: Comparison, a: NodeId, b: NodeId) -> NodeId {
        self.bool(Op::Compare(op, a, b))
    }

    fn now(&mut self) -> NodeId {
        self.ir.add(Op::AsOf, Type::Timestamp)
    }

    fn kind(&mut self, kind: &Kind, ty: &Type) -> NodeId {
        match kind {
            Kind::Error => self.nothing,
            Kind::Constant(value) => self.constant(value.clone(), ty),
            Kind::AsOf => self.now(),
            Kind::Field { scope, table, field } => {
                self.add(Op::Field { scope: *scope, table: *table, field: *field }, ty)
            }
            Kind::Lookup { pointer, table, field } => {
                let pointer = self.expr(*pointer);
                self.add(Op::Lookup { pointer, table: *table, field: *field }, ty)
            }
            Kind::Attribute(id) => self.attribute(*id),
            Kind::Segment(id) => self.segment(*id),
            Kind::Not(a) => {
                let a = self.expr(*a);
                self.not(a)
            }
            Kind::And(parts) => {
                let parts = parts.iter().map(|p| self.expr(*p)).collect();
                self.connective(parts, true)
            }
            Kind::Or(parts) => {
                let parts = parts.iter().map(|p| self.expr(*p)).collect();
                self.connective(parts, false)
            }
            Kind::Is { value, state, negated } => self.is(*value, *state, *negated),
            Kind::Else(a, b) => {
                let (a, b) = (self.expr(*a), self.expr(*b));
                self.add(Op::Else(a, b), ty)
            }
            Kind::Compare { op, left, right } => {
                let (a, b) = (self.expr(*left), self.expr(*right));
                self.compare(*op, a, b)
            }
            Kind::TextTest { test, value, with, ignoring_case, negated } => {
                let (value, with) = (self.expr(*value), self.expr(*with));
                let node = self.text_test(*test, value, with, *ignoring_case);
                self.not_if(node, *negated)
            }
            Kind::Matches { value, pattern, ignoring_case } => {
                let value = self.expr(*value);
                self.bool(Op::Matches { value, pattern: pattern.clone(), ignoring_case: *ignoring_case })
            }
            Kind::InSet { value, set, ignoring_case, negated } => {
                let value = self.expr(*value);
                let node = self.in_set(value, set, *ignoring_case);
                self.not_if(node, negated.is_some())
            }
            Kind::ListTest { list, all, items, negated } => {
                let list = self.expr(*list);
                let items = items.iter().map(|i| self.expr(*i)).collect();
                let node = self.bool(Op::ListTest { list, all: *all, items });
                self.not_if(node, negated.is_some())
            }
            Kind::ListCount(list) => {
                let list = self.expr(*list);
                self.add(Op::ListCount(list), ty)
            }
            Kind::Between { value, low, high } => {
                let (value, low, high) = (self.expr(*value), self.expr(*low), self.expr(*high));
                let from = self.compare(Comparison::GreaterEqual, value, low);
                let until = self.compare(Comparison::LessEqual, value, high);
                self.connective(vec![from, until], true)
            }
            Kind::InWindow { value, window, negated } => {
                let value = self.expr(*value);
                let window = self.window(window);
                let node = self.in_window(value, window);
                self.not_if(node, negated.is_some())
            }
            Kind::AnniversaryIn { date, window, negated } => {
                let date = self.expr(*date);
                let window = self.window(window);
                let node = self.anniversary_in(date, window);
                self.not_if(node, negated.is_some())
            }
            Kind::Arithmetic { op, left, right } => {
                let (a, b) = (self.expr(*left), self.expr(*right));
                self.add(Op::Arithmetic(*op, a, b), ty)
            }
            Kind::Negate(a) => {
                let a = self.expr(*a);
                self.add(Op::Negate(a), ty)
            }
            Kind::PercentOf(a, b) => {
                let (a, b) = (self.expr(*a), self.expr(*b));
                self.add(Op::PercentOf(a, b), ty)
            }
            Kind::ToNumber(a) => {
                // A whole number over one is that number as a Number.
                let a = self.expr(*a);
                let one = self.constant(Const::Int(1), &Type::Int);
                self.add(Op::Arithmetic(Arithmetic::Divide, a, one), ty)
            }
            Kind::CivilDate(a) => {
                let a = self.expr(*a);
                self.add(Op::CivilDate(a), ty)
            }
            Kind::StartOfDay(a) => {
                let a = self.expr(*a);
                self.add(Op::StartOfDay(a), ty)
            }
            Kind::StartOf(unit, a) => {
                let a = self.expr(*a);
                self.add(Op::StartOf(*unit, a), ty)
            }
            Kind::Shift { value, by, back } => {
                let (value, by) = (self.expr(*value), self.expr(*by));
                self.add(Op::Shift { value, by, back: *back }, ty)
            }
            Kind::Part(part, a) => {
                let a = self.expr(*a);
                self.add(Op::Part(*part, a), ty)
            }
            Kind::Elapsed { unit, direction, of } => self.elapsed(*unit, *direction, *of),
            Kind::NextAnniversary(date) => {
                let date = self.expr(*date);
                let now = self.now();
                let from = self.add(Op::CivilDate(now), &Type::Date);
                self.add(Op::NextAnniversary { date, from }, ty)
            }
            Kind::Choose { arms, otherwise } => {
                let arms = arms.iter().map(|(c, v)| (self.expr(*c), self.expr(*v))).collect();
                let otherwise = match otherwise {
                    Some(value) => self.expr(*value),
                    None => self.constant(Const::Missing(Reason::NoBranch), ty),
                };
                self.add(Op::Choose { arms, otherwise }, ty)
            }
            Kind::Match { subject, arms } => self.match_arms(*subject, arms, ty),
            Kind::Decide { decision, arguments } => {
                let arguments: Vec<NodeId> = arguments.iter().map(|a| self.expr(*a)).collect();
                self.decide(self.hir.decision(*decision), &arguments)
            }
            Kind::Call { builtin, arguments } => {
                let arguments = arguments.iter().map(|a| self.expr(*a)).collect();
                self.add(Op::Call { builtin: *builtin, arguments }, ty)
            }
            Kind::Aggregate(aggregate) => self.aggregate(aggregate, ty),
        }
    }

    fn is(&mut self, value: ExprId, state: State, negated: bool) -> NodeId {
        let node = self.expr(value);
        let op = match state {
            State::Known | State::Missing | State::Unknown => Op::IsKnown(node),
            State::True => Op::IsTrue(node),
            State::False => Op::IsFalse(node),
        };
        let test = self.bool(op);
        let opposite =
            matches!(state, State::Missing | State::Unknown) && !fault::is("lower.is-missing-becomes-is-known");
        self.not_if(test, opposite != negated)
    }

    fn text_test(&mut self, test: TextTest, value: NodeId, with: NodeId, ignoring_case: bool) -> NodeId {
        self.bool(Op::TextTest { test, value, with, ignoring_case })
    }

    fn in_set(&mut self, value: NodeId, set: &[Const], ignoring_case: bool) -> NodeId {
        if ignoring_case {
            let tests = set
                .iter()
                .map(|item| {
                    let with = self.constant(item.clone(), &Type::Text);
                    self.text_test(TextTest::Equal, value, with, true)
                })
                .collect();
            return self.connective(tests, false);
        }
        let set: BTreeSet<Const> = set.iter().cloned().collect();
        self.bool(Op::InSet { value, set: set.into_iter().collect() })
    }

    fn window(&mut self, window: &crate::hir::Window) -> Window {
        let mut bound = |b: &Option<(ExprId, bool)>| b.map(|(at, inclusive)| Bound { at: self.expr(at), inclusive });
        Window { low: bound(&window.low), high: bound(&window.high) }
    }

    fn in_window(&mut self, value: NodeId, window: Window) -> NodeId {
        let mut tests = Vec::new();
        if let Some(low) = window.low {
            let op = if low.inclusive != fault::is("lower.in-window-start") {
                Comparison::GreaterEqual
            } else {
                Comparison::Greater
            };
            tests.push(self.compare(op, value, low.at));
        }
        if let Some(high) = window.high {
            let op = if high.inclusive != fault::is("lower.in-window-end") {
                Comparison::LessEqual
            } else {
                Comparison::Less
            };
            tests.push(self.compare(op, value, high.at));
        }
        self.connective(tests, true)
    }

    /// Whether the first anniversary from the window's start on lies within it.
    fn anniversary_in(&mut self, date: NodeId, window: Window) -> NodeId {
        let Some(low) = window.low else { return self.nothing };
        let from = match low.inclusive {
            true => low.at,
            false if fault::is("lower.anniversary-takes-the-day-before") => low.at,
            false => {
                let by = self.constant(Const::Period(Period { months: 0, days: 1 }), &Type::Period);
                self.add(Op::Shift { value: low.at, by, back: false }, &Type::Date)
            }
        };
        let next = self.add(Op::NextAnniversary { date, from }, &Type::Date);
        self.in_window(next, Window { low: None, high: window.high })
    }

    fn elapsed(&mut self, unit: Unit, direction: seg_grammar::ast::Direction, of: ExprId) -> NodeId {
        let moment = self.expr(of);
        let now = self.now();
        let here = match self.ir.ty(moment) {
            Type::Date => self.add(Op::CivilDate(now), &Type::Date),
            _ => now,
        };
        let (from, to) = match direction {
            seg_grammar::ast::Direction::Until if fault::is("lower.until-becomes-since") => (moment, here),
            seg_grammar::ast::Direction::Since => (moment, here),
            seg_grammar::ast::Direction::Until => (here, moment),
        };
        self.add(Op::Elapsed(unit, from, to), &Type::Int)
    }

    fn match_arms(&mut self, subject: ExprId, arms: &[crate::hir::MatchArm], ty: &Type) -> NodeId {
        let subject = self.expr(subject);
        let mut out = Vec::new();
        let mut otherwise = None;
        for arm in arms {
            let value = self.expr(arm.value);
            let mut tests = Vec::new();
            for pattern in &arm.patterns {
                match pattern {
                    Pattern::Value(constant) => tests.push(self.in_set(subject, std::slice::from_ref(constant), false)),
                    // Arms before it took their members; what is left of the known ones is its own.
                    Pattern::Any => tests.push(self.bool(Op::IsKnown(subject))),
                    Pattern::Missing => {
                        let known = self.bool(Op::IsKnown(subject));
                        tests.push(self.not(known));
                    }
                    Pattern::Otherwise => otherwise = Some(value),
                }
            }
            if !tests.is_empty() {
                let test = self.connective(tests, false);
                out.push((test, value));
            }
        }
        // `any` takes what no other arm names, wherever it stands.
        out.sort_by_key(|(test, _)| matches!(self.ir.node(*test).op, Op::IsKnown(_)));
        let otherwise = match otherwise {
            Some(value) => value,
            None => self.constant(Const::Missing(Reason::NoBranch), ty),
        };
        self.add(Op::Choose { arms: out, otherwise }, ty)
    }

    fn decide(&mut self, decision: &Decision, arguments: &[NodeId]) -> NodeId {
        let mut arms = Vec::new();
        for row in &decision.rows {
            let tests: Vec<NodeId> =
                row.cells.iter().zip(arguments).map(|(cell, argument)| self.cell(cell, *argument)).collect();
            let test = self.connective(tests, true);
            arms.push((test, self.expr(row.result)));
        }
        let otherwise = self.constant(Const::Missing(Reason::NoBranch), &decision.result);
        self.add(Op::Choose { arms, otherwise }, &decision.result)
    }

    fn cell(&mut self, cell: &Cell, argument: NodeId) -> NodeId {
        match cell {
            Cell::Any if fault::is("lower.any-cell-takes-missing") => self.constant(Const::Bool(true), &Type::Bool),
            Cell::Any => self.bool(Op::IsKnown(argument)),
            Cell::Missing => {
                let known = self.bool(Op::IsKnown(argument));
                self.not(known)
            }
            Cell::Compare(Comparison::Equal, value) => self.in_set(argument, std::slice::from_ref(value), false),
            Cell::Compare(op, value) => {
                let ty = self.ir.ty(argument).clone();
                let value = self.constant(value.clone(), &ty);
                self.compare(*op, argument, value)
            }
            Cell::Between(low, high) => {
                let ty = self.ir.ty(argument).clone();
                let (low, high) = (self.constant(low.clone(), &ty), self.constant(high.clone(), &ty));
                let from = self.compare(Comparison::GreaterEqual, argument, low);
                let until = self.compare(Comparison::LessEqual, argument, high);
                self.connective(vec![from, until], true)
            }
            Cell::OneOf(values) => self.in_set(argument, values, false),
            Cell::Error => {
                debug_assert!(!self.sound, "an erroneous cell was told");
                self.nothing
            }
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate, ty: &Type) -> NodeId {
        let window = aggregate.window.as_ref().map(|w| self.window(w));
        let mut tests: Vec<NodeId> = aggregate.filter.iter().map(|f| self.expr(*f)).collect();
        if let Some(then) = &aggregate.then_no {
            tests.push(self.then_no(then));
        }
        let filter = (!tests.is_empty()).then(|| self.connective(tests, true));
        let value = aggregate.value.map(|v| self.expr(v));
        let fold = seg_ir::node::Aggregate {
            kind: aggregate.kind,
            collection: aggregate.collection,
            scope: aggregate.scope,
            window,
            filter,
            value,
        };
        let node = self.add(Op::Aggregate(Box::new(fold)), ty);
        self.not_if(node, aggregate.none)
    }

    /// Nothing followed within the time: false as soon as something did, true only once the time has passed.
    fn then_no(&mut self, then: &ThenNo) -> NodeId {
        let from = self.expr(then.from);
        let until = self.expr(then.until);
        let window = Window {
            low: Some(Bound { at: from, inclusive: fault::is("lower.then-no-takes-its-own-instant") }),
            high: Some(Bound { at: until, inclusive: !fault::is("lower.then-no-leaves-its-end") }),
        };
        let followed = seg_ir::node::Aggregate {
            kind: AggregateKind::Any,
            collection: then.collection,
            scope: Scope::InnerRow,
            window: Some(window),
            filter: then.filter.map(|f| self.expr(f)),
            value: None,
        };
        let followed = self.bool(Op::Aggregate(Box::new(followed)));
        let nothing_followed = self.not(followed);
        let now = self.now();
        let is_date = *self.ir.ty(until) == Type::Date;
        // An event of a date stands for that day's first instant, so a day that has begun has brought all of its events.
        let here = if is_date { self.add(Op::CivilDate(now), &Type::Date) } else { now };
        let passed = self.compare(Comparison::GreaterEqual, here, until);
        let yes = self.constant(Const::Bool(true), &Type::Bool);
        let open = self.constant(Const::Missing(Reason::StillOpen), &Type::Bool);
        let over = self.bool(Op::Choose { arms: vec![(passed, yes)], otherwise: open });
        if fault::is("lower.then-no-is-never-open") {
            return nothing_followed;
        }
        self.connective(vec![nothing_followed, over], true)
    }
}
