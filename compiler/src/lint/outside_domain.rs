//! `outside-domain`: a comparison with something that the value can never be, such as the 25th hour of a day.

use seg_grammar::{Code, Diagnostic};
use seg_ir::node::{AggregateKind, Comparison, TextTest};
use seg_ir::time::Part;
use seg_ir::{Const, Type};

use super::{Lint, Playbook};
use crate::config::Level;
use crate::hir::{ExprId, Kind};

pub const LINT: Lint = Lint {
    name: "outside-domain",
    level: Level::Warn,
    page: include_str!("../../../docs/lints/outside-domain.md"),
    check,
};

/// Definitions that are looked through, one behind the other.
const NAMES_MAX: usize = 50;

fn check(playbook: &Playbook, out: &mut Vec<Diagnostic>) {
    let look = Look { playbook };
    for (_, expr) in playbook.expressions() {
        let found = match &expr.kind {
            Kind::Compare { op, left, right } => {
                look.number(*op, *left, *right).or_else(|| look.number(mirrored(*op), *right, *left)).or_else(|| {
                    let equality = matches!(op, Comparison::Equal | Comparison::NotEqual);
                    let found = equality.then(|| look.text(*left, *right).or_else(|| look.text(*right, *left)))??;
                    let effect = if *op == Comparison::Equal { NEVER } else { ALWAYS };
                    Some(Found { effect, ..found })
                })
            }
            Kind::Between { value, low, high } => {
                let never = |op, limit| look.number(op, *value, limit).filter(|found| found.effect == NEVER);
                never(Comparison::LessEqual, *high).or_else(|| never(Comparison::GreaterEqual, *low))
            }
            Kind::InSet { value, set, .. } => look.set(*value, set),
            Kind::TextTest { test, value, with, .. } => look.text_test(*test, *value, *with),
            _ => None,
        };
        if let Some(found) = found {
            let text = playbook.text(playbook.hir.expr(found.value).span);
            out.push(
                Diagnostic::warning(
                    Code(LINT.name),
                    expr.span,
                    format!("`{text}` is never {}", found.never),
                    found.effect,
                )
                .help(format!("`{text}` {}", found.domain)),
            );
        }
    }
}

struct Found {
    value: ExprId,
    /// What it never is: `24`, `above 100%`.
    never: String,
    /// What it is instead: `lies between 0 and 23`.
    domain: String,
    /// What that does to the test.
    effect: &'static str,
}

const ALWAYS: &str = "this is always true";
const NEVER: &str = "this is never true";
const IDLE: &str = "this has no part in the test";

/// The least and the greatest that a value can be; whole numbers, or percentages in millionths.
struct Domain {
    low: i64,
    high: Option<i64>,
}

struct Look<'a> {
    playbook: &'a Playbook<'a>,
}

impl Look<'_> {
    /// A number against a constant beyond its domain. `count(...) < 0` is within it, and can still never be.
    fn number(&self, op: Comparison, value: ExprId, constant: ExprId) -> Option<Found> {
        let limit = self.constant(constant)?;
        let (at, fraction) = match limit {
            Const::Int(v) | Const::Percent(v) => (*v as f64, false),
            Const::Number(bits) => (f64::from_bits(*bits), f64::from_bits(*bits).fract() != 0.0),
            _ => return None,
        };
        let domain = self.domain(value, NAMES_MAX)?;
        let (low, high) = (domain.low as f64, domain.high.map_or(f64::INFINITY, |h| h as f64));
        let whole = fraction && self.is_whole(value);
        let (never, always) = match op {
            Comparison::Equal => (at < low || at > high || whole, false),
            Comparison::NotEqual => (false, at < low || at > high || whole),
            Comparison::Less => (at <= low, at > high),
            Comparison::LessEqual => (at < low, at > high),
            Comparison::Greater => (at >= high, at < low),
            Comparison::GreaterEqual => (at > high, at < low),
        };
        if !never && !always {
            return None;
        }
        let shown = self.playbook.text(self.playbook.hir.expr(constant).span);
        let never_is = match (op, never) {
            (Comparison::Equal | Comparison::NotEqual, _) => shown,
            (Comparison::Less, true) | (Comparison::GreaterEqual, false) => format!("below {shown}"),
            (Comparison::LessEqual, true) | (Comparison::Greater, false) => format!("as low as {shown}"),
            (Comparison::Greater, true) | (Comparison::LessEqual, false) => format!("above {shown}"),
            (Comparison::GreaterEqual, true) | (Comparison::Less, false) => format!("as high as {shown}"),
        };
        Some(Found {
            value,
            never: never_is,
            domain: self.words(&domain, value),
            effect: if always { ALWAYS } else { NEVER },
        })
    }

    fn set(&self, value: ExprId, set: &[Const]) -> Option<Found> {
        if let Some(max) = self.text_max(value, NAMES_MAX) {
            let long = set.iter().find(|item| matches!(item, Const::Text(t) if characters(t) > max))?;
            return Some(Found { value, never: self.show(value, long), domain: at_most(max), effect: IDLE });
        }
        let domain = self.domain(value, NAMES_MAX)?;
        let beyond = set.iter().find(|item| match item {
            Const::Int(v) | Const::Percent(v) => *v < domain.low || domain.high.is_some_and(|high| *v > high),
            _ => false,
        })?;
        Some(Found { value, never: self.show(value, beyond), domain: self.words(&domain, value), effect: IDLE })
    }

    /// A text that is longer than the field can hold.
    fn text(&self, value: ExprId, constant: ExprId) -> Option<Found> {
        let Const::Text(text) = self.constant(constant)? else { return None };
        let max = self.text_max(value, NAMES_MAX)?;
        (characters(text) > max).then(|| Found {
            value,
            never: self.playbook.text(self.playbook.hir.expr(constant).span),
            domain: at_most(max),
            effect: NEVER,
        })
    }

    fn text_test(&self, test: TextTest, value: ExprId, with: ExprId) -> Option<Found> {
        let found = self.text(value, with)?;
        let verb = match test {
            TextTest::Equal => "",
            TextTest::StartsWith => "a text that starts with ",
            TextTest::EndsWith => "a text that ends with ",
            TextTest::Contains => "a text that contains ",
        };
        Some(Found { never: format!("{verb}{}", found.never), ..found })
    }

    fn constant(&self, id: ExprId) -> Option<&Const> {
        self.playbook.lowered.ir.constant(self.playbook.lowered.node(id))
    }

    fn domain(&self, id: ExprId, names_left: usize) -> Option<Domain> {
        let hir = self.playbook.hir;
        let schema = &self.playbook.schemas.schema;
        let to = |low, high| Some(Domain { low, high: Some(high) });
        match &hir.expr(id).kind {
            Kind::Attribute(attribute) if names_left > 0 => {
                self.domain(hir.attribute(*attribute).value, names_left - 1)
            }
            Kind::ToNumber(inner) => self.domain(*inner, names_left),
            Kind::Part(part, _) => match part {
                Part::Hour => to(0, 23),
                Part::Day => to(1, 31),
                Part::Quarter => to(1, 4),
                Part::Year => to(1, 9999),
                Part::Weekday | Part::Month => None,
            },
            Kind::ListCount(list) => Some(Domain { low: 0, high: self.field_max(*list) }),
            Kind::Call { builtin, arguments } => {
                let name = seg_stdlib::VOCABULARY.get(*builtin)?.name;
                let text = arguments.first().filter(|_| name == "length")?;
                Some(Domain { low: 0, high: self.text_max(*text, names_left) })
            }
            Kind::Aggregate(aggregate) => match aggregate.kind {
                AggregateKind::Count | AggregateKind::Distinct => {
                    let max = schema.collection(aggregate.collection).max;
                    Some(Domain { low: 0, high: max.and_then(|max| i64::try_from(max).ok()) })
                }
                AggregateKind::Share => to(0, 1_000_000),
                _ => None,
            },
            _ => None,
        }
    }

    fn is_whole(&self, id: ExprId) -> bool {
        match &self.playbook.hir.expr(id).kind {
            Kind::ToNumber(_) => true,
            _ => self.playbook.hir.expr(id).ty.is(&Type::Int),
        }
    }

    /// The most characters that a text can have, where its field says so.
    fn text_max(&self, id: ExprId, names_left: usize) -> Option<i64> {
        match &self.playbook.hir.expr(id).kind {
            Kind::Attribute(of) if names_left > 0 => {
                self.text_max(self.playbook.hir.attribute(*of).value, names_left - 1)
            }
            _ if self.playbook.hir.expr(id).ty.is(&Type::Text) => self.field_max(id),
            _ => None,
        }
    }

    fn field_max(&self, id: ExprId) -> Option<i64> {
        match &self.playbook.hir.expr(id).kind {
            Kind::Field { table, field, .. } | Kind::Lookup { table, field, .. } => {
                self.playbook.schemas.schema.field(*table, *field).max.and_then(|max| i64::try_from(max).ok())
            }
            _ => None,
        }
    }

    fn words(&self, domain: &Domain, value: ExprId) -> String {
        let show = |number: i64| match self.playbook.hir.expr(value).ty.get() {
            Some(Type::Percent) => self.show(value, &Const::Percent(number)),
            _ => number.to_string(),
        };
        match domain.high {
            Some(high) => format!("lies between {} and {}", show(domain.low), show(high)),
            None => format!("is a whole number from {} up", show(domain.low)),
        }
    }

    fn show(&self, value: ExprId, constant: &Const) -> String {
        let ty = self.playbook.hir.expr(value).ty.get().unwrap_or(&Type::Int);
        crate::english::literal(&self.playbook.schemas.schema, ty, constant)
    }
}

fn mirrored(op: Comparison) -> Comparison {
    match op {
        Comparison::Equal | Comparison::NotEqual => op,
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
    }
}

fn characters(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

fn at_most(max: i64) -> String {
    format!("holds at most {max} characters")
}
