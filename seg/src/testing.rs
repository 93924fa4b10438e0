//! Runs the `test` blocks of a playbook.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::interpret::Interpreter;
use crate::ir::node::Scope;
use crate::ir::program::{Clause, Test, Want};
use crate::ir::{NodeId, Op, Program};
use serde::Serialize;

use crate::render::show_value;

/// How one `test` block went.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    pub name: String,
    /// `file.seg:12`
    pub place: String,
    pub passed: bool,
    pub failures: Vec<Failure>,
}

/// An expectation that does not hold.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    pub expect: String,
    pub place: String,
    /// What the condition is instead: `false` or `unknown`, or `true` where it should not be.
    pub found: String,
    /// The values that it looks at.
    pub values: Vec<(String, String)>,
}

/// Runs all tests of the playbook itself and of the library modules that it uses.
pub fn run(program: &Program) -> Vec<Outcome> {
    program.tests.iter().map(|test| one(program, test)).collect()
}

fn one(program: &Program, test: &Test) -> Outcome {
    let mut interpreter = Interpreter::new(program.context(test.as_of), &test.record);
    interpreter.customer(0);
    let mut failures = Vec::new();
    for expect in &test.expects {
        let found = interpreter.value(expect.node).as_bool();
        let holds = match expect.want {
            Want::True => found == Some(true),
            Want::NotTrue => found != Some(true),
        };
        if holds {
            continue;
        }
        let values = expect.operands.iter().map(|(text, node)| {
            let value = interpreter.value(*node);
            (text.clone(), show_value(program, program.ir.ty(*node), &value))
        });
        failures.push(Failure {
            expect: expect.text.clone(),
            place: expect.place.to_string(),
            values: values.collect(),
            found: found.map_or("unknown".to_string(), |b| b.to_string()),
        });
    }
    Outcome { name: test.name.clone(), place: test.place.to_string(), passed: failures.is_empty(), failures }
}

/// Which clauses and branches the tests have decided both ways.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Coverage {
    /// Clauses that were both true and false in some test, and branches that were taken.
    pub decided: usize,
    pub total: usize,
    pub gaps: Vec<Gap>,
}

/// A clause or branch that no test has decided both ways.
#[derive(Debug, Clone, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    pub place: String,
    pub text: String,
    /// `never true`, `never false`, `never taken`
    pub lacks: String,
}

/// What a node came to over all tests.
#[derive(Default, Clone, Copy)]
struct Seen {
    yes: bool,
    no: bool,
}

/// Coverage of the playbook's own segments, and of the branches of its choices and tables.
pub fn coverage(program: &Program) -> Coverage {
    let mut leaves: BTreeMap<(String, String), (NodeId, Seen)> = BTreeMap::new();
    for segment in program.segments.iter().filter(|s| s.own) {
        collect_leaves(&segment.clause, &mut leaves);
    }
    let choices: Vec<NodeId> = (0..program.ir.len() as u32)
        .map(NodeId)
        .filter(|id| {
            let node = program.ir.node(*id);
            let own =
                program.places.get(id.0 as usize).is_some_and(|p| p.as_ref().is_some_and(|p| !p.path.starts_with('<')));
            own && node.scope <= Scope::Customer && matches!(node.op, Op::Choose { .. })
        })
        .collect();
    let mut taken: BTreeSet<(Vec<NodeId>, usize)> = BTreeSet::new();
    for test in &program.tests {
        let mut interpreter = Interpreter::new(program.context(test.as_of), &test.record);
        interpreter.customer(0);
        for (node, seen) in leaves.values_mut() {
            match interpreter.value(*node).as_bool() {
                Some(true) => seen.yes = true,
                Some(false) => seen.no = true,
                None => {}
            }
        }
        for id in &choices {
            if let Op::Choose { arms, .. } = &program.ir.node(*id).op {
                let first = arms.iter().position(|(when, _)| interpreter.value(*when).as_bool() == Some(true));
                taken.insert((results(arms), first.unwrap_or(arms.len())));
            }
        }
    }
    let mut coverage = Coverage::default();
    for ((place, text), (_, seen)) in &leaves {
        coverage.total += 1;
        let lacks = match (seen.yes, seen.no) {
            (true, true) => {
                coverage.decided += 1;
                continue;
            }
            (true, false) => "never false",
            (false, true) => "never true",
            (false, false) => "never true, never false",
        };
        coverage.gaps.push(Gap { place: place.clone(), text: text.clone(), lacks: lacks.to_string() });
    }
    let mut told: BTreeSet<Vec<NodeId>> = BTreeSet::new();
    for id in choices {
        let Op::Choose { arms, .. } = &program.ir.node(id).op else { continue };
        let results = results(arms);
        if !told.insert(results.clone()) {
            continue;
        }
        for n in 0..arms.len() {
            coverage.total += 1;
            if taken.contains(&(results.clone(), n)) {
                coverage.decided += 1;
                continue;
            }
            let place = program.places.get(id.0 as usize).and_then(Option::as_ref);
            coverage.gaps.push(Gap {
                place: place.map_or_else(String::new, ToString::to_string),
                text: format!("branch {}", n + 1),
                lacks: "never taken".to_string(),
            });
        }
    }
    coverage.gaps.sort();
    coverage
}

/// What the branches of a choice give: the same for every use of one decision table.
fn results(arms: &[(NodeId, NodeId)]) -> Vec<NodeId> {
    arms.iter().map(|(_, value)| *value).collect()
}

fn collect_leaves(clause: &Clause, leaves: &mut BTreeMap<(String, String), (NodeId, Seen)>) {
    if clause.parts.is_empty() {
        let key = (clause.place.to_string(), clause.text.clone());
        leaves.entry(key).or_insert((clause.node, Seen::default()));
    }
    for part in &clause.parts {
        collect_leaves(part, leaves);
    }
}
