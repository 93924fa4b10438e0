//! What a campaign met: operators, types, folds, builtins, and how the decisions that they took part in came out.

use std::collections::{BTreeMap, BTreeSet};

use seg_ir::node::{AggregateKind, Op};
use seg_ir::{Const, Program, Type};

use super::compare::{Outcome, reached};

/// A kind of thing to be met, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Operator,
    Type,
    Fold,
    Builtin,
    Reason,
}

/// How often something was met. Decisions by how they came out; `value` is a value other than true or false.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub programs: u64,
    pub yes: u64,
    pub no: u64,
    pub value: u64,
    pub missing: u64,
}

#[derive(Debug, Clone, Default)]
pub struct Coverage {
    pub counts: BTreeMap<(Kind, String), Count>,
}

/// Every fold there is.
pub const FOLDS: [(AggregateKind, &str); 15] = [
    (AggregateKind::Count, "count"),
    (AggregateKind::Share, "share"),
    (AggregateKind::Any, "any"),
    (AggregateKind::Every, "every"),
    (AggregateKind::Sum, "sum"),
    (AggregateKind::Mean, "mean"),
    (AggregateKind::Min, "min"),
    (AggregateKind::Max, "max"),
    (AggregateKind::Latest, "latest"),
    (AggregateKind::Earliest, "earliest"),
    (AggregateKind::LatestRow, "latest row"),
    (AggregateKind::EarliestRow, "earliest row"),
    (AggregateKind::Distinct, "distinct"),
    (AggregateKind::MostFrequent, "most_frequent"),
    (AggregateKind::List, "list"),
];

/// Every operator, by [`Op::name`].
pub const OPERATORS: [&str; 30] = [
    "constant",
    "as of",
    "field",
    "lookup",
    "not",
    "and",
    "or",
    "is known",
    "is true",
    "is false",
    "else",
    "compare",
    "text test",
    "matches",
    "in",
    "list test",
    "list count",
    "arithmetic",
    "negate",
    "percent of",
    "civil date",
    "start of day",
    "start of unit",
    "shift",
    "part",
    "elapsed",
    "anniversary",
    "choose",
    "call",
    "aggregate",
];

/// Every type, as the report calls it.
pub const TYPES: [&str; 14] = [
    "Bool",
    "Int",
    "Number",
    "Percent",
    "Money",
    "Text",
    "Date",
    "Timestamp",
    "TimeOfDay",
    "span",
    "period",
    "enum",
    "List",
    "reference",
];

fn type_name(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "Bool",
        Type::Int => "Int",
        Type::Number => "Number",
        Type::Percent => "Percent",
        Type::Money(_) => "Money",
        Type::Text => "Text",
        Type::Date => "Date",
        Type::Timestamp => "Timestamp",
        Type::TimeOfDay => "TimeOfDay",
        Type::Span => "span",
        Type::Period => "period",
        Type::Enum(_) => "enum",
        Type::List(_) => "List",
        Type::Reference(_) => "reference",
    }
}

impl Coverage {
    /// Counts what a program's outputs are made of, and how they were decided.
    pub fn count(&mut self, program: &Program, outcome: &Outcome) {
        let mut met: BTreeMap<(Kind, String), Count> = BTreeMap::new();
        for (output, node) in outcome.nodes.iter().enumerate() {
            let mut own = Count { programs: 1, ..Count::default() };
            for row in &outcome.decided {
                match &row[output] {
                    Const::Bool(true) => own.yes += 1,
                    Const::Bool(false) => own.no += 1,
                    Const::Missing(reason) => {
                        own.missing += 1;
                        met.entry((Kind::Reason, reason.text().to_string())).or_default().missing += 1;
                    }
                    _ => own.value += 1,
                }
            }
            let mut parts = BTreeSet::new();
            for id in reached(program, *node) {
                let node = program.ir.node(id);
                parts.insert((Kind::Operator, node.op.name().to_string()));
                parts.insert((Kind::Type, type_name(&node.ty).to_string()));
                match &node.op {
                    Op::Aggregate(aggregate) => {
                        let name = FOLDS.iter().find(|(kind, _)| *kind == aggregate.kind).map_or("", |(_, name)| name);
                        parts.insert((Kind::Fold, name.to_string()));
                    }
                    Op::Call { builtin, .. } => {
                        let name = program.vocabulary.get(*builtin).map_or("", |b| b.name);
                        parts.insert((Kind::Builtin, name.to_string()));
                    }
                    _ => {}
                }
            }
            for part in parts {
                met.entry(part).or_default().add(&own);
            }
        }
        for (part, mut count) in met {
            count.programs = 1;
            self.counts.entry(part).or_default().add(&count);
        }
    }

    pub fn add(&mut self, other: &Coverage) {
        for (part, count) in &other.counts {
            self.counts.entry(part.clone()).or_default().add(count);
        }
    }

    pub fn of(&self, kind: Kind, name: &str) -> Count {
        self.counts.get(&(kind, name.to_string())).copied().unwrap_or_default()
    }

    /// Everything that a campaign should meet, with what it met of it.
    pub fn all(&self) -> Vec<(Kind, &'static str, Count)> {
        let builtins = seg_stdlib::VOCABULARY.0.iter().map(|b| (Kind::Builtin, b.name));
        let folds = FOLDS.iter().map(|(_, name)| (Kind::Fold, *name));
        let operators = OPERATORS.iter().map(|name| (Kind::Operator, *name));
        let all = operators.chain(TYPES.iter().map(|name| (Kind::Type, *name))).chain(folds).chain(builtins);
        all.map(|(kind, name)| (kind, name, self.of(kind, name))).collect()
    }
}

impl Count {
    fn add(&mut self, other: &Count) {
        self.programs += other.programs;
        self.yes += other.yes;
        self.no += other.no;
        self.value += other.value;
        self.missing += other.missing;
    }

    pub fn decisions(&self) -> u64 {
        self.yes + self.no + self.value + self.missing
    }
}

impl std::fmt::Display for Coverage {
    /// A table: a line for each thing that should be met, and the reasons for which outputs were missing.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{:<9} {:<17} {:>8} {:>10} {:>10} {:>10} {:>10} {:>10}",
            "", "", "programs", "decisions", "true", "false", "value", "missing"
        )?;
        let reasons = self.counts.iter().filter(|((kind, _), _)| *kind == Kind::Reason);
        let reasons = reasons.map(|((kind, name), count)| (*kind, name.as_str(), *count));
        for (kind, name, count) in self.all().into_iter().chain(reasons) {
            let kind = format!("{kind:?}").to_lowercase();
            let Count { programs, yes, no, value, missing } = count;
            let decisions = count.decisions();
            writeln!(
                f,
                "{kind:<9} {name:<17} {programs:>8} {decisions:>10} {yes:>10} {no:>10} {value:>10} {missing:>10}"
            )?;
        }
        Ok(())
    }
}
