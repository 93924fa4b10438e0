//! What can be missing, and where that is not stated. Flow typing over facts: a guard makes what it asks about known in
//! the rest of its conjunction, in the other sides of its disjunction, and from a branch's condition into its value.
//! Facts are about IR nodes, so a name and what it stands for are the same to them.

use std::collections::HashMap;

use seg_grammar::{Diagnostic, Severity, SourceMap, Span, codes};
use seg_ir::Type;
use seg_ir::node::{AggregateKind, Arithmetic, Comparison, Scope};
use seg_ir::schema::Schema;
use seg_ir::value::Const;

use crate::hir::{Aggregate, AttributeId, Cell, ExprId, Hir, Kind, Pattern, State};
use crate::limits::{MISSING_STEPS_EACH, MISSING_STEPS_MIN};
use crate::lower::Lowered;

mod drops;
mod facts;
mod report;

use drops::Drop;
use facts::{Facts, Keys};

/// What later passes want to know of this one.
#[derive(Default)]
pub struct Findings {
    /// A branch of a choice whose condition can be unknown: the choice, and the condition.
    pub falls: Vec<(ExprId, ExprId)>,
    /// Presence tests and `else`s of what is never missing.
    pub always_known: Vec<ExprId>,
    /// By attribute: whether it can be missing.
    pub optional: Vec<bool>,
    /// What it took to find out.
    pub steps: u64,
}

impl Findings {
    pub fn is_optional(&self, id: AttributeId) -> bool {
        self.optional.get(id.0 as usize).copied().unwrap_or(true)
    }
}

pub fn check(
    hir: &Hir,
    lowered: &Lowered,
    schema: &Schema,
    map: &SourceMap,
    diagnostics: &mut Vec<Diagnostic>,
) -> Findings {
    let mut analysis = Analysis::new(hir, lowered, schema, map);
    let mut found = Vec::new();
    for attribute in &hir.attributes {
        analysis.check(attribute.value, &Facts::default(), &mut found);
    }
    for segment in &hir.segments {
        analysis.check(segment.condition, &Facts::default(), &mut found);
    }
    analysis.findings.optional =
        hir.attributes.iter().map(|a| analysis.may_miss(a.value, &Facts::default()).is_some()).collect();
    if analysis.is_over() {
        found.retain(|d| d.severity != Severity::Error);
        let span = hir.segments.first().map_or(Span::new(seg_grammar::FileId(0), 0, 0), |s| s.name.span);
        found.push(
            Diagnostic::error(
                codes::TOO_DEEP,
                span,
                "the conditions build on each other in too many ways to be checked",
                "in this playbook",
            )
            .help("give the parts of long conditions names of their own"),
        );
    }
    diagnostics.extend(found);
    analysis.findings.falls.sort();
    analysis.findings.falls.dedup();
    analysis.findings.always_known.sort();
    analysis.findings.always_known.dedup();
    analysis.findings.steps = analysis.steps;
    analysis.findings
}

/// Why an expression can be missing: the part that can be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cause {
    /// Where it was written; perhaps in another definition.
    span: Span,
    /// What to ask about in a guard, if a guard can help.
    guard: Option<String>,
    /// In words, behind "when ".
    when: String,
}

struct Analysis<'a> {
    hir: &'a Hir,
    lowered: &'a Lowered,
    schema: &'a Schema,
    map: &'a SourceMap,
    keys: Keys,
    memo: HashMap<(ExprId, u32), Option<Cause>>,
    /// The facts where nothing is known.
    nothing: Facts,
    dropped: HashMap<(ExprId, u32), Option<Drop>>,
    /// What a definition says by being true, or false.
    assumed: HashMap<(ExprId, bool), Facts>,
    /// By place: the first fold there, and its filter.
    folds: HashMap<Span, Option<ExprId>>,
    steps: u64,
    steps_max: u64,
    /// Whether what is unknown at hand reaches an `is` that states what it means.
    stated: bool,
    findings: Findings,
}

impl<'a> Analysis<'a> {
    fn new(hir: &'a Hir, lowered: &'a Lowered, schema: &'a Schema, map: &'a SourceMap) -> Analysis<'a> {
        let mut folds = HashMap::new();
        for expr in &hir.exprs {
            if let Kind::Aggregate(aggregate) = &expr.kind {
                folds.entry(expr.span).or_insert(aggregate.filter);
            }
        }
        Analysis {
            hir,
            lowered,
            schema,
            map,
            keys: Keys::default(),
            memo: HashMap::new(),
            nothing: Facts::default(),
            dropped: HashMap::new(),
            assumed: HashMap::new(),
            folds,
            steps: 0,
            steps_max: MISSING_STEPS_MIN + MISSING_STEPS_EACH * hir.exprs.len() as u64,
            stated: false,
            findings: Findings::default(),
        }
    }

    /// Whether there is no more time for this playbook.
    fn is_over(&self) -> bool {
        self.steps > self.steps_max
    }

    fn key(&mut self, facts: &Facts) -> u32 {
        let (key, steps) = self.keys.of(facts);
        self.steps += steps;
        key
    }

    /// Why the expression can be missing (for a condition: unknown) where the facts hold.
    fn may_miss(&mut self, id: ExprId, facts: &Facts) -> Option<Cause> {
        self.steps += 1;
        if self.is_over() || facts.is_known(self.lowered.node(id)) {
            return None;
        }
        // Facts make nothing missing: what never is need not be asked about again under each set of them.
        if !facts.is_empty() {
            let nothing = self.nothing.clone();
            self.may_miss(id, &nothing)?;
        }
        let key = (id, self.key(facts));
        if let Some(known) = self.memo.get(&key) {
            return known.clone();
        }
        let found = self.may_miss_kind(id, facts);
        self.memo.insert(key, found.clone());
        found
    }

    fn any_misses(&mut self, ids: impl IntoIterator<Item = ExprId>, facts: &Facts) -> Option<Cause> {
        ids.into_iter().find_map(|id| self.may_miss(id, facts))
    }

    fn may_miss_kind(&mut self, id: ExprId, facts: &Facts) -> Option<Cause> {
        let hir = self.hir;
        let expr = hir.expr(id);
        match &expr.kind {
            Kind::Error | Kind::AsOf | Kind::Is { .. } => None,
            Kind::Constant(Const::Missing(_)) => {
                Some(Cause { span: expr.span, guard: None, when: "this result is `missing`".into() })
            }
            Kind::Constant(_) => None,
            Kind::Field { table, field, .. } => {
                let declared = self.schema.field(*table, *field);
                declared.optional.then(|| self.absent(id, expr.span))
            }
            Kind::Lookup { pointer, table, field } => {
                let optional = self.schema.field(*table, *field).optional;
                let through = self.may_miss(*pointer, facts);
                // A guard on the whole path speaks for the pointer as well.
                let through = through.map(|cause| match optional {
                    true => Cause { guard: cause.guard.map(|_| self.path_text(id)), ..cause },
                    false => cause,
                });
                through.or_else(|| optional.then(|| self.absent(id, expr.span)))
            }
            Kind::Attribute(attribute) => {
                let value = hir.attribute(*attribute).value;
                self.may_miss(value, facts)
            }
            Kind::Segment(segment) => {
                let condition = hir.segment(*segment).condition;
                self.may_miss(condition, facts)
            }
            Kind::And(parts) => self.connective(parts, facts, true),
            Kind::Or(parts) => self.connective(parts, facts, false),
            Kind::Else(a, b) => {
                self.may_miss(*a, facts)?;
                self.may_miss(*b, facts)
            }
            Kind::Not(a)
            | Kind::ListCount(a)
            | Kind::Negate(a)
            | Kind::ToNumber(a)
            | Kind::CivilDate(a)
            | Kind::StartOfDay(a)
            | Kind::StartOf(_, a)
            | Kind::Part(_, a)
            | Kind::NextAnniversary(a)
            | Kind::Matches { value: a, .. }
            | Kind::InSet { value: a, .. }
            | Kind::Elapsed { of: a, .. } => self.may_miss(*a, facts),
            Kind::Compare { left: a, right: b, .. }
            | Kind::TextTest { value: a, with: b, .. }
            | Kind::PercentOf(a, b)
            | Kind::Shift { value: a, by: b, .. } => self.any_misses([*a, *b], facts),
            Kind::Arithmetic { op, left, right } => {
                let operands = self.any_misses([*left, *right], facts);
                operands.or_else(|| (*op == Arithmetic::Divide).then(|| self.zero_divisor(*right, facts)).flatten())
            }
            Kind::ListTest { list, items, .. } => {
                self.any_misses([*list].into_iter().chain(items.iter().copied()), facts)
            }
            Kind::Between { value, low, high } => self.any_misses([*value, *low, *high], facts),
            Kind::InWindow { value, window, .. } | Kind::AnniversaryIn { date: value, window, .. } => {
                let bounds = [window.low, window.high].into_iter().flatten().map(|(at, _)| at);
                self.any_misses([*value].into_iter().chain(bounds), facts)
            }
            Kind::Choose { arms, otherwise } => self.choice(expr.span, arms, *otherwise, facts),
            Kind::Match { subject, arms } => self.match_misses(expr.span, *subject, arms, facts),
            Kind::Decide { decision, arguments } => self.decision_misses(*decision, arguments, facts),
            Kind::Call { builtin, arguments } => {
                let operands = self.any_misses(arguments.iter().copied(), facts);
                let partial = seg_stdlib::VOCABULARY.get(*builtin).is_some_and(|b| b.partial);
                operands.or_else(|| partial.then(|| self.absent(id, expr.span)))
            }
            Kind::Aggregate(aggregate) => self.aggregate_misses(id, aggregate, facts),
        }
    }

    /// The cause of something that is simply not there.
    fn absent(&self, id: ExprId, span: Span) -> Cause {
        let text = self.path_text(id);
        Cause { span, when: format!("`{text}` is missing"), guard: Some(text) }
    }

    /// The words with which a guard asks about a value.
    fn path_text(&self, id: ExprId) -> String {
        let expr = self.hir.expr(id);
        match &expr.kind {
            Kind::Field { table, field, .. } => self.schema.field(*table, *field).name.clone(),
            Kind::Lookup { pointer, table, field } => {
                format!("{}.{}", self.path_text(*pointer), self.schema.field(*table, *field).name)
            }
            Kind::Attribute(id) => self.hir.attribute(*id).name.text.clone(),
            _ => fold_space(self.map.text(expr.span)),
        }
    }

    /// A conjunction is unknown when a part is and none is false: a part matters only where the certain others are true.
    /// The least fixpoint makes the order of the parts of no account, and lets no two parts vouch for each other.
    fn connective(&mut self, parts: &[ExprId], facts: &Facts, and: bool) -> Option<Cause> {
        let mut certain = vec![false; parts.len()];
        loop {
            let mut grown = facts.clone();
            for (part, certain) in parts.iter().zip(&certain) {
                if *certain {
                    self.assume(*part, and, &mut grown);
                }
            }
            let mut progress = false;
            let mut cause = None;
            for (n, part) in parts.iter().enumerate() {
                if certain.get(n) == Some(&true) {
                    continue;
                }
                match self.may_miss(*part, &grown) {
                    None => {
                        certain[n] = true;
                        progress = true;
                    }
                    found => cause = cause.or(found),
                }
            }
            if !progress || cause.is_none() {
                return cause;
            }
        }
    }

    fn zero_divisor(&mut self, divisor: ExprId, facts: &Facts) -> Option<Cause> {
        let span = self.hir.expr(divisor).span;
        let nonzero = match self.constant(divisor) {
            Some(Const::Int(v) | Const::Money(v) | Const::Percent(v) | Const::Span(v)) => v != 0,
            Some(Const::Number(bits)) => f64::from_bits(bits) != 0.0,
            _ => facts.is_nonzero(self.lowered.node(divisor)),
        };
        let text = self.path_text(divisor);
        (!nonzero).then(|| Cause { span, guard: None, when: format!("`{text}` is zero") })
    }

    fn constant(&self, id: ExprId) -> Option<Const> {
        self.lowered.ir.constant(self.lowered.node(id)).cloned()
    }

    /// The facts in a branch's condition and value: earlier certain conditions were not true.
    fn branch_facts(&mut self, arms: &[(ExprId, ExprId)], facts: &Facts) -> Vec<Facts> {
        let mut before = facts.clone();
        let mut out = Vec::new();
        for (when, _) in arms {
            out.push(before.clone());
            if self.may_miss(*when, &before).is_none() {
                self.assume(*when, false, &mut before);
            }
        }
        out.push(before);
        out
    }

    fn choice(
        &mut self,
        span: Span,
        arms: &[(ExprId, ExprId)],
        otherwise: Option<ExprId>,
        facts: &Facts,
    ) -> Option<Cause> {
        let before = self.branch_facts(arms, facts);
        for ((when, value), before) in arms.iter().zip(&before) {
            let mut inside = before.clone();
            self.assume(*when, true, &mut inside);
            if let Some(cause) = self.may_miss(*value, &inside) {
                return Some(cause);
            }
        }
        match (otherwise, before.last()) {
            (Some(value), Some(last)) => self.may_miss(value, last),
            _ => Some(Cause { span, guard: None, when: "no branch is true, and there is no `otherwise`".into() }),
        }
    }

    fn match_misses(
        &mut self,
        span: Span,
        subject: ExprId,
        arms: &[crate::hir::MatchArm],
        facts: &Facts,
    ) -> Option<Cause> {
        let covers_missing =
            arms.iter().any(|a| a.patterns.iter().any(|p| matches!(p, Pattern::Missing | Pattern::Otherwise)));
        if !covers_missing && let Some(cause) = self.may_miss(subject, facts) {
            return Some(Cause { span, ..cause });
        }
        for arm in arms {
            let mut inside = facts.clone();
            if arm.patterns.iter().all(|p| matches!(p, Pattern::Value(_) | Pattern::Any)) {
                self.know(subject, &mut inside);
            }
            if let Some(cause) = self.may_miss(arm.value, &inside) {
                return Some(cause);
            }
        }
        None
    }

    fn decision_misses(
        &mut self,
        decision: crate::hir::DecisionId,
        arguments: &[ExprId],
        facts: &Facts,
    ) -> Option<Cause> {
        let hir = self.hir;
        let decision = hir.decision(decision);
        self.steps += (decision.rows.len() * arguments.len()) as u64;
        for (n, argument) in arguments.iter().enumerate() {
            let says = decision.rows.iter().any(|row| row.cells.get(n) == Some(&Cell::Missing));
            if !says && let Some(cause) = self.may_miss(*argument, facts) {
                return Some(cause);
            }
        }
        let missing = decision.rows.iter().find(|row| matches!(self.constant(row.result), Some(Const::Missing(_))));
        missing.map(|row| Cause {
            span: row.span,
            guard: None,
            when: format!("the table `{}` gives `missing`", decision.name.text),
        })
    }

    fn aggregate_misses(&mut self, id: ExprId, aggregate: &Aggregate, facts: &Facts) -> Option<Cause> {
        let span = self.hir.expr(id).span;
        let collection = self.schema.collection(aggregate.collection);
        if collection.optional {
            let name = collection.name.clone();
            return Some(Cause { span, guard: None, when: format!("the events `{name}` are not there") });
        }
        let bounds = aggregate.window.iter().flat_map(|w| [w.low, w.high]).flatten().map(|(at, _)| at);
        if let Some(cause) = self.any_misses(bounds.collect::<Vec<_>>(), facts) {
            return Some(cause);
        }
        let rows = facts.outside(aggregate.scope, &self.lowered.ir);
        match aggregate.kind {
            AggregateKind::Count | AggregateKind::Sum | AggregateKind::Distinct | AggregateKind::List => None,
            AggregateKind::Any => self.test_unknown(aggregate, &rows).map(of_rows),
            AggregateKind::Every | AggregateKind::Share => {
                let empty = self.may_be_empty(id, facts).then(|| self.nothing_there(id, span));
                let every = aggregate.kind == AggregateKind::Every;
                empty.or_else(|| every.then(|| self.test_unknown(aggregate, &rows)).flatten().map(of_rows))
            }
            _ => {
                if self.may_be_empty(id, facts) {
                    return Some(self.nothing_there(id, span));
                }
                let cause = self.value_misses(aggregate, &rows)?;
                Some(Cause { guard: Some(self.path_text(id)), ..cause })
            }
        }
    }

    fn nothing_there(&self, id: ExprId, span: Span) -> Cause {
        let text = self.path_text(id);
        Cause { span, when: format!("there is nothing to take `{text}` from"), guard: Some(text) }
    }

    /// Whether the rows that a fold goes over can be none.
    fn may_be_empty(&self, id: ExprId, facts: &Facts) -> bool {
        !facts.is_nonempty(self.lowered.node(id), &self.lowered.ir)
    }

    /// Why the test of a fold can be unknown for a row.
    fn test_unknown(&mut self, aggregate: &Aggregate, rows: &Facts) -> Option<Cause> {
        if let Some(then) = &aggregate.then_no {
            return Some(Cause {
                span: then.span,
                guard: None,
                when: "the time within which something may follow has not passed".into(),
            });
        }
        aggregate.filter.and_then(|f| self.may_miss(f, rows))
    }

    fn value_misses(&mut self, aggregate: &Aggregate, rows: &Facts) -> Option<Cause> {
        let mut inside = rows.clone();
        if let Some(filter) = aggregate.filter {
            self.assume(filter, true, &mut inside);
        }
        aggregate.value.and_then(|v| self.may_miss(v, &inside))
    }

    /// Walks an expression and tells every place where the unknown is negated or dropped unstated.
    fn check(&mut self, id: ExprId, facts: &Facts, found: &mut Vec<Diagnostic>) {
        self.steps += 1;
        if self.is_over() {
            return;
        }
        let stated = self.stated;
        let kind = &self.hir.expr(id).kind;
        self.stated = matches!(kind, Kind::Is { .. }) || (stated && carries_unknown(kind));
        self.check_kind(id, facts, found);
        self.stated = stated;
    }

    fn check_kind(&mut self, id: ExprId, facts: &Facts, found: &mut Vec<Diagnostic>) {
        let hir = self.hir;
        let expr = hir.expr(id);
        match &expr.kind {
            Kind::Error | Kind::Constant(_) | Kind::AsOf | Kind::Field { .. } => {}
            // Definitions are checked where they stand.
            Kind::Attribute(_) | Kind::Segment(_) => {}
            Kind::Lookup { pointer, .. } => self.check(*pointer, facts, found),
            Kind::And(parts) => self.check_connective(parts, facts, true, found),
            Kind::Or(parts) => self.check_connective(parts, facts, false, found),
            Kind::Not(inner) => {
                self.negation(id, *inner, facts, found);
                self.check(*inner, facts, found);
            }
            Kind::Is { value, state, .. } => {
                self.presence(id, *value, *state, facts, found);
                self.check(*value, facts, found);
            }
            Kind::Else(a, b) => {
                if self.may_miss(*a, &Facts::default()).is_none() {
                    self.findings.always_known.push(id);
                }
                self.check(*a, facts, found);
                self.check(*b, facts, found);
            }
            Kind::Compare { op, left, right } => {
                self.check(*left, facts, found);
                self.check(*right, facts, found);
                if *op == Comparison::NotEqual {
                    self.negative_test(id, facts, found);
                }
                self.compared_drops(id, *op, (*left, *right), facts, found);
            }
            Kind::TextTest { negated, value, with, .. } => {
                self.check_all(&[*value, *with], facts, found);
                if *negated {
                    self.negative_test(id, facts, found);
                }
                self.other_drops(id, &[*value, *with], facts, found);
            }
            Kind::InSet { value, negated, .. } => {
                self.check(*value, facts, found);
                if negated.is_some() {
                    self.negative_test(id, facts, found);
                }
                self.other_drops(id, &[*value], facts, found);
            }
            Kind::ListTest { list, items, negated, .. } => {
                self.check(*list, facts, found);
                self.check_all(items, facts, found);
                if negated.is_some() {
                    self.negative_test(id, facts, found);
                }
                self.other_drops(id, &[*list], facts, found);
            }
            Kind::InWindow { value, window, negated } | Kind::AnniversaryIn { date: value, window, negated } => {
                let bounds: Vec<ExprId> = [window.low, window.high].into_iter().flatten().map(|(at, _)| at).collect();
                self.check(*value, facts, found);
                self.check_all(&bounds, facts, found);
                if negated.is_some() {
                    self.negative_test(id, facts, found);
                }
                self.other_drops(id, &[*value], facts, found);
            }
            Kind::Between { value, low, high } => {
                self.check_all(&[*value, *low, *high], facts, found);
                self.other_drops(id, &[*value, *low, *high], facts, found);
            }
            Kind::Matches { value: a, .. }
            | Kind::ListCount(a)
            | Kind::Negate(a)
            | Kind::ToNumber(a)
            | Kind::CivilDate(a)
            | Kind::StartOfDay(a)
            | Kind::StartOf(_, a)
            | Kind::Part(_, a)
            | Kind::NextAnniversary(a)
            | Kind::Elapsed { of: a, .. } => self.check(*a, facts, found),
            Kind::Arithmetic { left: a, right: b, .. }
            | Kind::PercentOf(a, b)
            | Kind::Shift { value: a, by: b, .. } => {
                self.check_all(&[*a, *b], facts, found);
            }
            Kind::Choose { arms, otherwise } => self.check_choice(id, arms, *otherwise, facts, found),
            Kind::Match { subject, arms } => self.check_match(id, *subject, arms, facts, found),
            Kind::Decide { arguments, .. } | Kind::Call { arguments, .. } => self.check_all(arguments, facts, found),
            Kind::Aggregate(aggregate) => self.check_aggregate(id, aggregate, facts, found),
        }
    }

    fn check_all(&mut self, ids: &[ExprId], facts: &Facts, found: &mut Vec<Diagnostic>) {
        for id in ids {
            self.check(*id, facts, found);
        }
    }

    /// Each part under the facts of the others that stand without it: order makes no difference, and no two parts can
    /// vouch for each other.
    fn check_connective(&mut self, parts: &[ExprId], facts: &Facts, and: bool, found: &mut Vec<Diagnostic>) {
        let mut sound = vec![false; parts.len()];
        loop {
            let mut grown = facts.clone();
            let mut waiting: Vec<ExprId> =
                parts.iter().zip(&sound).filter(|(_, sound)| **sound).map(|(part, _)| *part).collect();
            // In a disjunction only what is never unknown, where the others are false, says something by being false.
            while let Some(n) = waiting.iter().position(|part| and || self.may_miss(*part, &grown).is_none()) {
                self.assume(waiting.remove(n), and, &mut grown);
            }
            let mut progress = false;
            let mut failed = Vec::new();
            for (n, part) in parts.iter().enumerate() {
                if sound.get(n) == Some(&true) {
                    continue;
                }
                let mut here = Vec::new();
                self.check(*part, &grown, &mut here);
                if here.iter().any(|d| d.severity == Severity::Error) {
                    failed.extend(here);
                } else {
                    found.extend(here);
                    sound[n] = true;
                    progress = true;
                }
            }
            if failed.is_empty() {
                return;
            }
            if !progress {
                found.extend(failed);
                return;
            }
        }
    }

    fn presence(&mut self, id: ExprId, value: ExprId, state: State, facts: &Facts, found: &mut Vec<Diagnostic>) {
        if self.may_miss(value, &Facts::default()).is_none() && !matches!(state, State::True | State::False) {
            self.findings.always_known.push(id);
        }
        if state == State::Missing {
            self.missing_of_drop(id, value, facts, found);
        }
    }

    fn check_choice(
        &mut self,
        id: ExprId,
        arms: &[(ExprId, ExprId)],
        otherwise: Option<ExprId>,
        facts: &Facts,
        found: &mut Vec<Diagnostic>,
    ) {
        let weighty =
            matches!(self.hir.expr(id).ty.get(), Some(Type::Bool | Type::Money(_) | Type::Percent | Type::Enum(_)));
        let before = self.branch_facts(arms, facts);
        for ((when, value), before) in arms.iter().zip(&before) {
            self.check(*when, before, found);
            if weighty && self.may_miss(*when, before).is_some() {
                self.findings.falls.push((id, *when));
            }
            let mut inside = before.clone();
            self.assume(*when, true, &mut inside);
            self.check(*value, &inside, found);
        }
        if let (Some(value), Some(last)) = (otherwise, before.last()) {
            self.check(value, last, found);
        }
    }

    fn check_match(
        &mut self,
        id: ExprId,
        subject: ExprId,
        arms: &[crate::hir::MatchArm],
        facts: &Facts,
        found: &mut Vec<Diagnostic>,
    ) {
        self.check(subject, facts, found);
        let covers = arms.iter().any(|a| a.patterns.iter().any(|p| matches!(p, Pattern::Missing | Pattern::Otherwise)));
        if !covers && let Some(cause) = self.may_miss(subject, facts) {
            let span = self.hir.expr(id).span;
            found.push(self.match_without_missing(span, subject, &cause));
        }
        for arm in arms {
            let mut inside = facts.clone();
            if arm.patterns.iter().all(|p| matches!(p, Pattern::Value(_) | Pattern::Any)) {
                self.know(subject, &mut inside);
            }
            self.check(arm.value, &inside, found);
        }
    }

    fn check_aggregate(&mut self, id: ExprId, aggregate: &Aggregate, facts: &Facts, found: &mut Vec<Diagnostic>) {
        let bounds: Vec<ExprId> =
            aggregate.window.iter().flat_map(|w| [w.low, w.high]).flatten().map(|(at, _)| at).collect();
        self.check_all(&bounds, facts, found);
        let rows = facts.outside(aggregate.scope, &self.lowered.ir);
        if let Some(filter) = aggregate.filter {
            self.check(filter, &rows, found);
        }
        if let Some(then) = &aggregate.then_no
            && let Some(filter) = then.filter
        {
            let mut inner = rows.clone();
            if let Some(first) = aggregate.filter {
                self.assume(first, true, &mut inner);
            }
            let inner = inner.outside(Scope::InnerRow, &self.lowered.ir);
            self.check(filter, &inner, found);
            if let Some(cause) = self.may_miss(filter, &inner) {
                found.push(
                    self.unstated(then.span, "`then no`", &cause)
                        .help("say behind its `where` which events are meant, such as `where ... is known and ...`"),
                );
            }
        }
        if let Some(value) = aggregate.value {
            let mut inside = rows.clone();
            if let Some(filter) = aggregate.filter {
                self.assume(filter, true, &mut inside);
            }
            self.check(value, &inside, found);
        }
        if aggregate.none {
            self.none_of_unknown(id, aggregate, &rows, found);
        }
    }
}

/// Whether an unknown part makes the whole unknown or is of no account, as Kleene's logic has it; nothing is dropped.
fn carries_unknown(kind: &Kind) -> bool {
    match kind {
        Kind::And(_)
        | Kind::Or(_)
        | Kind::Not(_)
        | Kind::Compare { .. }
        | Kind::Between { .. }
        | Kind::TextTest { .. }
        | Kind::Matches { .. }
        | Kind::InSet { .. }
        | Kind::ListTest { .. }
        | Kind::InWindow { .. }
        | Kind::AnniversaryIn { .. } => true,
        Kind::Aggregate(aggregate) => {
            matches!(aggregate.kind, AggregateKind::Any | AggregateKind::Every) && aggregate.then_no.is_none()
        }
        Kind::Error
        | Kind::Constant(_)
        | Kind::AsOf
        | Kind::Field { .. }
        | Kind::Lookup { .. }
        | Kind::Attribute(_)
        | Kind::Segment(_)
        | Kind::Is { .. }
        | Kind::Else(..)
        | Kind::Arithmetic { .. }
        | Kind::PercentOf(..)
        | Kind::Shift { .. }
        | Kind::ListCount(_)
        | Kind::Negate(_)
        | Kind::ToNumber(_)
        | Kind::CivilDate(_)
        | Kind::StartOfDay(_)
        | Kind::StartOf(..)
        | Kind::Part(..)
        | Kind::NextAnniversary(_)
        | Kind::Elapsed { .. }
        | Kind::Choose { .. }
        | Kind::Match { .. }
        | Kind::Decide { .. }
        | Kind::Call { .. } => false,
    }
}

/// A cause inside a fold's rows: a guard outside of the fold cannot ask about it.
fn of_rows(cause: Cause) -> Cause {
    Cause { guard: None, ..cause }
}

/// Source text on one line.
pub fn fold_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
