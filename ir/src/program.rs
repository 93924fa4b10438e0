//! A checked playbook, ready to be evaluated: schema, IR, what it declares, and what explanations need. No source text
//! but the clauses as their author wrote them.

use serde::{Deserialize, Serialize};

use crate::builtin::Vocabulary;
use crate::cost::{Cost, cost};
use crate::interpret::Context;
use crate::node::{Ir, NodeId};
use crate::record::Record;
use crate::schema::Schema;
use crate::time::Zone;
use crate::types::Type;

/// Everything that a run needs.
#[derive(Debug, Clone)]
pub struct Program {
    pub name: String,
    pub schema: Schema,
    pub zone: Zone,
    /// Everything that was written, for explanations.
    pub ir: Ir,
    /// What runs.
    pub optimised: Optimised,
    /// In the order of declaration.
    pub attributes: Vec<Attribute>,
    /// In the order of declaration.
    pub segments: Vec<Segment>,
    pub tests: Vec<Test>,
    /// Where each node was first written, by node; for faults and reports.
    pub places: Vec<Option<Place>>,
    pub vocabulary: Vocabulary,
}

/// The nodes that outputs need, made smaller. They give the values and count the faults of the ones they come from.
/// **Shape**: `attributes` and `segments` as the program declares them; `origin[i]` is the node of [`Program::ir`] that
/// node `i` comes from.
#[derive(Debug, Clone, Default)]
pub struct Optimised {
    pub ir: Ir,
    pub attributes: Vec<NodeId>,
    pub segments: Vec<NodeId>,
    pub origin: Vec<NodeId>,
}

impl Optimised {
    /// The node of the program's own IR that a node comes from.
    pub fn origin(&self, id: NodeId) -> NodeId {
        self.origin.get(id.0 as usize).copied().unwrap_or(id)
    }
}

/// A line of the playbook.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub path: String,
    pub line: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attribute {
    pub name: String,
    pub ty: Type,
    pub node: NodeId,
    pub doc: Option<String>,
    pub place: Place,
    /// Whether it is of the playbook itself rather than of a library that it uses.
    pub own: bool,
    pub clause: Clause,
    /// The definition read back in plain words.
    pub reading: Sentence,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Segment {
    pub name: String,
    pub title: Option<String>,
    pub node: NodeId,
    pub doc: Option<String>,
    pub place: Place,
    pub own: bool,
    pub clause: Clause,
    /// The definition read back in plain words.
    pub reading: Sentence,
}

/// A sentence with gaps that only a run can fill: the real dates of its windows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Sentence {
    pub pieces: Vec<Piece>,
    /// What a customer needs to be decided: the fields whose absence can leave it unknown.
    pub needs: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    Words(String),
    /// The value of a node that depends on nothing but the as-of instant.
    Moment(NodeId),
    /// Where a window begins, a moment likewise; readers want the first day, whether or not the bound is included.
    From {
        at: NodeId,
        inclusive: bool,
    },
    /// Where a window ends.
    Until {
        at: NodeId,
        inclusive: bool,
    },
}

/// A condition as its author wrote it, down to the parts that decide.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Clause {
    /// The clause's source, its white space folded.
    pub text: String,
    pub place: Place,
    pub node: NodeId,
    pub kind: ClauseKind,
    #[serde(deserialize_with = "crate::bounded::nested")]
    pub parts: Vec<Clause>,
    /// The values that a leaf looks at, as written, for explanations.
    pub operands: Vec<(String, NodeId)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClauseKind {
    /// All parts must be true.
    All,
    /// One part must be true.
    AnyOf,
    /// The part must be false.
    Not,
    /// Decided by itself.
    Leaf,
    /// A choice or a match: its parts are the conditions of its branches, of which the first true one decides.
    Choice,
}

/// A `test` block.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Test {
    pub name: String,
    pub place: Place,
    pub record: Record,
    pub as_of: i64,
    pub expects: Vec<Expect>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Expect {
    pub text: String,
    pub place: Place,
    pub node: NodeId,
    pub want: Want,
    /// The values that the expectation looks at.
    pub operands: Vec<(String, NodeId)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Want {
    True,
    /// False or unknown.
    NotTrue,
}

impl Program {
    /// What a run at an instant needs besides data: nodes are those of `optimised`.
    pub fn running(&self, as_of: i64) -> Context<'_> {
        Context { ir: &self.optimised.ir, ..self.context(as_of) }
    }

    /// The IR as it is, to be run.
    pub fn plain(&self) -> Optimised {
        Optimised {
            ir: self.ir.clone(),
            attributes: self.attributes.iter().map(|a| a.node).collect(),
            segments: self.segments.iter().map(|s| s.node).collect(),
            origin: (0..self.ir.len() as u32).map(NodeId).collect(),
        }
    }

    /// What an explanation at an instant needs besides data: nodes are those of `ir`.
    pub fn context(&self, as_of: i64) -> Context<'_> {
        Context { ir: &self.ir, schema: &self.schema, zone: &self.zone, vocabulary: self.vocabulary, as_of }
    }

    /// The worst case of deciding one customer by everything that the playbook itself declares.
    pub fn cost(&self) -> Cost {
        let run = &self.optimised;
        let segments = self.segments.iter().zip(&run.segments).filter(|(s, _)| s.own).map(|(_, node)| *node);
        let attributes = self.attributes.iter().zip(&run.attributes).filter(|(a, _)| a.own).map(|(_, node)| *node);
        let outputs: Vec<NodeId> = segments.chain(attributes).collect();
        cost(&run.ir, &self.schema, self.vocabulary, &outputs)
    }

    pub fn segment(&self, name: &str) -> Option<&Segment> {
        self.segments.iter().find(|s| s.name == name)
    }

    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }
}
