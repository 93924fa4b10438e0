//! Audience sizes, overlaps, and which missing field leaves how many customers undecided.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::ir::interpret::Interpreter;
use crate::ir::outcome::Counts;
use crate::ir::schema::{FieldId, PROFILE};
use crate::ir::{Const, NodeId, Op, Program, Type};
use seg_runtime::{Batch, Options, Overlay};
use serde::Serialize;

/// What `seg stats` shows.
#[derive(Debug, Clone, Serialize)]
pub struct Stats {
    pub customers: u64,
    pub segments: Vec<SegmentStats>,
    /// Customers in both of two segments, for every two that share any, the largest first.
    pub overlaps: Vec<Overlap>,
}

#[derive(Debug, Clone, Serialize)]
pub struct SegmentStats {
    pub name: String,
    pub title: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
    /// The fields whose absence leaves customers unknown, the worst first.
    pub blame: Vec<Blame>,
}

/// How many unknown customers would be decided if one field were known, whatever its value.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Blame {
    pub field: String,
    /// Of the unknown customers, those that lack the field.
    pub lacking: u64,
    /// Of these, those that the field alone would decide.
    pub decided: u64,
}

#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Overlap {
    pub a: String,
    pub b: String,
    pub both: u64,
}

/// Counts over the bound data. **Errors**: what a run has.
pub fn stats(program: &Program, options: &Options) -> Result<Stats, seg_runtime::Error> {
    let chosen: Vec<usize> = (0..program.segments.len())
        .filter(|i| {
            let segment = &program.segments[*i];
            if options.only.is_empty() { segment.own } else { options.only.contains(&segment.name) }
        })
        .collect();
    let nodes: Vec<NodeId> = chosen.iter().map(|i| program.segments[*i].node).collect();
    let mut tally = Tally::new(program, &nodes);
    seg_runtime::scan(program, options, |batch| {
        tally.batch(program, batch, options.as_of, &nodes);
        ControlFlow::Continue(())
    })?;
    Ok(tally.finish(program, &chosen))
}

/// A field that a segment reads and that may be missing, with values that stand for all it can have.
struct Suspect {
    field: FieldId,
    fillings: Vec<Const>,
    lacking: u64,
    decided: u64,
}

struct Tally {
    customers: u64,
    counts: Vec<Counts>,
    both: Vec<Vec<u64>>,
    suspects: Vec<Vec<Suspect>>,
}

impl Tally {
    fn new(program: &Program, nodes: &[NodeId]) -> Tally {
        let n = nodes.len();
        let suspects = nodes.iter().map(|node| suspects(program, *node)).collect();
        Tally { customers: 0, counts: vec![Counts::default(); n], both: vec![vec![0; n]; n], suspects }
    }

    fn batch(&mut self, program: &Program, batch: &Batch, as_of: i64, nodes: &[NodeId]) {
        let context = program.context(as_of);
        let mut interpreter = Interpreter::new(context, batch);
        let mut unknown: Vec<Vec<u32>> = vec![Vec::new(); nodes.len()];
        for row in 0..batch.len() as u32 {
            interpreter.customer(row);
            self.customers += 1;
            let mut inside = Vec::new();
            for (n, node) in nodes.iter().enumerate() {
                let truth = interpreter.value(*node).as_bool();
                self.counts[n].count(truth);
                match truth {
                    Some(true) => inside.push(n),
                    None => unknown[n].push(row),
                    Some(false) => {}
                }
            }
            for (i, a) in inside.iter().enumerate() {
                for b in inside.iter().skip(i + 1) {
                    self.both[*a][*b] += 1;
                }
            }
        }
        for ((node, rows), suspects) in nodes.iter().zip(&unknown).zip(&mut self.suspects) {
            for suspect in suspects {
                suspect.judge(context, batch, *node, rows);
            }
        }
    }

    fn finish(self, program: &Program, chosen: &[usize]) -> Stats {
        let schema = &program.schema;
        let mut segments = Vec::new();
        for ((index, counts), suspects) in chosen.iter().zip(&self.counts).zip(&self.suspects) {
            let segment = &program.segments[*index];
            let mut blame: Vec<Blame> = suspects
                .iter()
                .filter(|s| s.lacking > 0)
                .map(|s| Blame {
                    field: schema.field(PROFILE, s.field).name.clone(),
                    lacking: s.lacking,
                    decided: s.decided,
                })
                .collect();
            blame.sort_by_key(|b| (std::cmp::Reverse((b.decided, b.lacking)), b.field.clone()));
            segments.push(SegmentStats {
                name: segment.name.clone(),
                title: segment.title.clone(),
                counts: *counts,
                blame,
            });
        }
        let name = |i: usize| segments.get(i).map_or(String::new(), |s| s.name.clone());
        let mut overlaps = Vec::new();
        for (a, row) in self.both.iter().enumerate() {
            for (b, both) in row.iter().enumerate().filter(|(_, both)| **both > 0) {
                overlaps.push(Overlap { a: name(a), b: name(b), both: *both });
            }
        }
        overlaps.sort_by(|x, y| y.both.cmp(&x.both).then_with(|| (&x.a, &x.b).cmp(&(&y.a, &y.b))));
        Stats { customers: self.customers, segments, overlaps }
    }
}

impl Suspect {
    /// Re-evaluates the customers that lack the field with each filling in its place.
    fn judge(&mut self, context: crate::ir::interpret::Context, batch: &Batch, node: NodeId, rows: &[u32]) {
        use crate::ir::interpret::Source;
        let lacking: Vec<u32> =
            rows.iter().copied().filter(|row| batch.field(PROFILE, self.field, *row).is_missing()).collect();
        self.lacking += lacking.len() as u64;
        let mut undecided: BTreeSet<u32> = BTreeSet::new();
        for value in &self.fillings {
            let overlay = Overlay { inner: batch, field: self.field, value: value.clone() };
            let mut interpreter = Interpreter::new(context, &overlay);
            for row in &lacking {
                interpreter.customer(*row);
                if interpreter.value(node).is_missing() {
                    undecided.insert(*row);
                }
            }
        }
        self.decided += (lacking.len() - undecided.len()) as u64;
    }
}

/// The optional fields of the profile below a node, each with values that stand for every case the program tells apart.
fn suspects(program: &Program, root: NodeId) -> Vec<Suspect> {
    let mut seen = BTreeSet::new();
    let mut stack = vec![root];
    let mut fields = BTreeSet::new();
    let mut constants: Vec<(Type, Const)> = Vec::new();
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        let node = program.ir.node(id);
        match &node.op {
            Op::Field { table, field, .. } if *table == PROFILE && program.schema.field(*table, *field).optional => {
                fields.insert(*field);
            }
            Op::Constant(value) => constants.push((node.ty.clone(), value.clone())),
            Op::InSet { value, set } => {
                let ty = program.ir.ty(*value).clone();
                constants.extend(set.iter().map(|c| (ty.clone(), c.clone())));
            }
            _ => {}
        }
        node.op.for_each_operand(|operand| stack.push(operand));
    }
    fields
        .into_iter()
        .map(|field| {
            let fillings = fillings(program, &program.schema.field(PROFILE, field).ty, &constants);
            Suspect { field, fillings, lacking: 0, decided: 0 }
        })
        .collect()
}

/// Values of a type: all members of a small domain, else the constants of the program and their neighbours.
pub fn fillings(program: &Program, ty: &Type, constants: &[(Type, Const)]) -> Vec<Const> {
    let mut out: Vec<Const> = match ty {
        Type::Bool => return vec![Const::Bool(true), Const::Bool(false)],
        Type::Enum(id) => {
            return (0..program.schema.enum_type(*id).members.len()).map(|m| Const::Enum(m as u32)).collect();
        }
        Type::Int => vec![Const::Int(0)],
        Type::Number => vec![Const::number(0.0)],
        Type::Percent => vec![Const::Percent(0)],
        Type::Money(_) => vec![Const::Money(0)],
        Type::Date => vec![Const::Date(0), Const::Date(20_000)],
        Type::Timestamp => vec![Const::Timestamp(0)],
        Type::TimeOfDay => vec![Const::TimeOfDay(0)],
        Type::List(_) => vec![Const::List(Vec::new())],
        Type::Reference(_) => vec![Const::Reference(0)],
        Type::Text | Type::Span | Type::Period => vec![Const::text("")],
    };
    for (of, value) in constants {
        if of != ty {
            continue;
        }
        match value {
            Const::Int(v) => out.extend([v.saturating_sub(1), *v, v.saturating_add(1)].map(Const::Int)),
            Const::Money(v) => out.extend([v.saturating_sub(1), *v, v.saturating_add(1)].map(Const::Money)),
            Const::Percent(v) => out.extend([v.saturating_sub(1), *v, v.saturating_add(1)].map(Const::Percent)),
            Const::Date(v) => out.extend([v - 1, *v, v + 1].map(Const::Date)),
            Const::Timestamp(v) => out.extend([v - 1, *v, v + 1].map(Const::Timestamp)),
            Const::Missing(_) => {}
            other => out.push(other.clone()),
        }
    }
    out.sort();
    out.dedup();
    out
}
