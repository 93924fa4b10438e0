//! Why one customer is in or out: the clauses as their author wrote them, each with what it came to.

use crate::ir::interpret::{Interpreter, Source};
use crate::ir::outcome::Reject;
use crate::ir::personal::personal;
use crate::ir::program::{Clause, ClauseKind};
use crate::ir::schema::PROFILE;
use crate::ir::{NodeId, Program, Type};
use seg_runtime::Options;
use serde::Serialize;

use crate::render::show_value;

/// The verdict on one segment or attribute.
#[derive(Debug, Clone, Serialize)]
pub struct Why {
    pub name: String,
    pub title: Option<String>,
    /// For a segment: in (true), out (false) or unknown (none).
    pub verdict: Option<bool>,
    /// For an attribute: its value.
    pub value: Option<String>,
    pub clauses: Vec<Answer>,
}

/// One clause and what it came to.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    pub text: String,
    pub place: String,
    pub kind: &'static str,
    /// For a condition: true, false or unknown (none).
    pub truth: Option<bool>,
    /// For anything else: its value.
    pub value: Option<String>,
    /// The values that it looks at, as written and as they are.
    pub values: Vec<(String, String)>,
    pub parts: Vec<Answer>,
}

/// A customer's key as it may be told: none where it is personal.
pub fn shown_key<'k>(program: &Program, key: &'k str) -> Option<&'k str> {
    let schema = &program.schema;
    let is_personal = schema.profile().key.is_some_and(|field| schema.field(PROFILE, field).is_personal());
    (!is_personal).then_some(key)
}

/// What looking for a customer and explaining it finds.
#[derive(Debug, Clone)]
pub enum Found {
    Verdicts(Vec<Why>),
    /// The customer's row is refused.
    Rejected(Reject),
    Absent,
}

/// Explains a customer of the bound data, by its key as people write it. **Errors**: what a run has.
pub fn customer(
    program: &Program,
    options: &Options,
    key: &str,
    names: &[String],
) -> Result<Found, seg_runtime::Error> {
    Ok(match seg_runtime::customer(program, options, key)? {
        seg_runtime::Found::Customer(batch) => Found::Verdicts(why(program, &*batch, options.as_of, names)),
        seg_runtime::Found::Rejected(reject) => Found::Rejected(reject),
        seg_runtime::Found::Absent => Found::Absent,
    })
}

/// What is shown in place of a value into which a labelled field flows.
pub const WITHHELD: &str = "withheld";

/// Explains the given segments and attributes, all of the playbook's own segments when none is named.
pub fn why<S: Source>(program: &Program, source: &S, as_of: i64, names: &[String]) -> Vec<Why> {
    let interpreter = Interpreter::new(program.context(as_of), source);
    let mut explainer = Explainer { program, interpreter, personal: personal(&program.ir, &program.schema) };
    explainer.interpreter.customer(0);
    let mut out = Vec::new();
    for segment in &program.segments {
        if names.contains(&segment.name) || (names.is_empty() && segment.own) {
            out.push(Why {
                name: segment.name.clone(),
                title: segment.title.clone(),
                verdict: explainer.interpreter.value(segment.node).as_bool(),
                value: None,
                clauses: explainer.clauses(&segment.clause),
            });
        }
    }
    for attribute in &program.attributes {
        if names.contains(&attribute.name) {
            out.push(Why {
                name: attribute.name.clone(),
                title: None,
                verdict: None,
                value: Some(explainer.shown(attribute.node)),
                clauses: vec![explainer.answer(&attribute.clause)],
            });
        }
    }
    out
}

struct Explainer<'p, S: Source> {
    program: &'p Program,
    interpreter: Interpreter<'p, S>,
    /// The nodes whose values stay with the caller; what conditions came to is the answer, and told.
    personal: Vec<bool>,
}

impl<S: Source> Explainer<'_, S> {
    /// The clauses that a reader counts: those of a conjunction one by one.
    fn clauses(&mut self, clause: &Clause) -> Vec<Answer> {
        match clause.kind {
            ClauseKind::All if clause.parts.len() > 1 => clause.parts.iter().map(|c| self.answer(c)).collect(),
            _ => vec![self.answer(clause)],
        }
    }

    fn answer(&mut self, clause: &Clause) -> Answer {
        let truth = self.interpreter.value(clause.node).as_bool();
        let values = clause.operands.iter().map(|(text, node)| (text.clone(), self.shown(*node))).collect();
        let parts = clause.parts.iter().map(|c| self.answer(c)).collect();
        let kind = match clause.kind {
            ClauseKind::All => "all",
            ClauseKind::AnyOf => "any",
            ClauseKind::Not => "not",
            ClauseKind::Leaf => "leaf",
            ClauseKind::Choice => "choice",
        };
        let is_condition = *self.program.ir.ty(clause.node) == Type::Bool;
        let value = (!is_condition).then(|| self.shown(clause.node));
        Answer { text: clause.text.clone(), place: clause.place.to_string(), kind, truth, value, values, parts }
    }

    fn shown(&mut self, node: NodeId) -> String {
        let value = self.interpreter.value(node);
        if self.personal.get(node.0 as usize).copied().unwrap_or(true) && !value.is_missing() {
            return WITHHELD.to_string();
        }
        show_value(self.program, self.program.ir.ty(node), &value)
    }
}
