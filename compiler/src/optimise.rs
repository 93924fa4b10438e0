//! IR to a smaller IR that gives the same values, with the same reasons, and counts the same faults at the same lines.
//! One file a family of rules. Knows no source text; explanations keep the IR as it was written.
//!
//! What holds a rule back is *noise*: a node is noisy where evaluating it may count a fault or a skipped value. The
//! evaluators are lazy, so a noisy node must stay demanded in exactly the same cases: no rule drops one, moves one, adds a
//! demand, or makes two of them one.

mod aggregates;
mod choices;
mod connectives;
mod facts;
mod presence;
mod sets;

use seg_ir::limits::DEPTH_MAX;
use seg_ir::node::Scope;
use seg_ir::program::Optimised;
use seg_ir::value::Const;
use seg_ir::{Ir, NodeId, Op, Program, Schema, Type, fault};

use crate::work::Work;
use facts::Facts;

/// Rules feed each other; more rounds than this were never needed.
const ROUNDS_MAX: usize = 8;

/// A program's IR made smaller.
pub fn optimise(program: &Program) -> Optimised {
    counted(program, &mut Work::default())
}

/// The same, and what it took.
pub fn counted(program: &Program, work: &mut Work) -> Optimised {
    let mut done = program.plain();
    for _ in 0..ROUNDS_MAX {
        let next = round(program, &done, work);
        crate::verified(&next.ir, program);
        if next.ir.nodes == done.ir.nodes {
            break;
        }
        // Rules put one operation where another was, and rarely one on top; a deep IR can still become too deep.
        if seg_ir::verify::depth(&next.ir) > DEPTH_MAX {
            break;
        }
        done = next;
    }
    done
}

/// Every node that an output needs, made anew by the rules.
fn round(program: &Program, old: &Optimised, work: &mut Work) -> Optimised {
    let uses = uses(old);
    let mut rewriter = Rewriter::new(&program.schema);
    let mut made: Vec<Option<NodeId>> = vec![None; old.ir.len()];
    for (index, node) in old.ir.nodes.iter().enumerate().filter(|(index, _)| uses[*index] > 0) {
        // INVARIANT: operands stand before the node that uses them, and are used.
        let op = node.op.map_operands(|id| made[id.0 as usize].unwrap_or(id));
        rewriter.origin_now = match fault::is("optimise.origin-is-of-this-round") {
            true => NodeId(index as u32),
            false => old.origin[index],
        };
        let id = rewriter.make(op, &node.ty);
        rewriter.uses[id.0 as usize] += uses[index];
        made[index] = Some(id);
    }
    let new = |ids: &[NodeId]| ids.iter().map(|id| made[id.0 as usize].unwrap_or(*id)).collect();
    let (attributes, segments) = (new(&old.attributes), new(&old.segments));
    work.optimised += rewriter.steps;
    Optimised { attributes, segments, ir: rewriter.ir, origin: rewriter.origin }
}

/// How often each node is used by nodes that an output needs, or as an output.
fn uses(optimised: &Optimised) -> Vec<u32> {
    let mut uses = vec![0_u32; optimised.ir.len()];
    optimised.attributes.iter().chain(&optimised.segments).for_each(|id| uses[id.0 as usize] += 1);
    for (index, node) in optimised.ir.nodes.iter().enumerate().rev() {
        if uses[index] > 0 {
            node.op.for_each_operand(|id| uses[id.0 as usize] += 1);
        }
    }
    uses
}

/// What a rule puts in place of an operation.
enum Rewrite {
    Node(NodeId),
    Op(Op),
}

struct Rewriter<'a> {
    schema: &'a Schema,
    ir: Ir,
    /// By node of `ir`.
    origin: Vec<NodeId>,
    facts: Vec<Facts>,
    uses: Vec<u32>,
    /// The unoptimised node that is being made anew.
    origin_now: NodeId,
    /// Nodes and operands that were looked at.
    steps: u64,
}

impl<'a> Rewriter<'a> {
    fn new(schema: &'a Schema) -> Rewriter<'a> {
        let ir = Ir::default();
        Rewriter { schema, ir, origin: vec![], facts: vec![], uses: vec![], origin_now: NodeId(0), steps: 0 }
    }

    /// The node that an operation comes to when no rule has more to say.
    fn make(&mut self, mut op: Op, ty: &Type) -> NodeId {
        loop {
            self.steps += 1;
            op.for_each_operand(|_| self.steps += 1);
            match self.rule(&op, ty) {
                Some(rewrite) if self.leaves_its_rows(&op, &rewrite, ty) => return self.add(op, ty),
                Some(Rewrite::Node(id)) => return id,
                Some(Rewrite::Op(next)) => op = next,
                None => return self.add(op, ty),
            }
        }
    }

    /// Whether a value of a row would become one of its customer: what fails over it is counted for each row, and would
    /// then be counted once.
    fn leaves_its_rows(&self, op: &Op, rewrite: &Rewrite, ty: &Type) -> bool {
        let scope = self.ir.scope_of(op);
        let next = match rewrite {
            Rewrite::Node(id) => self.ir.node(*id).scope,
            Rewrite::Op(next) => self.ir.scope_of(next),
        };
        *ty != Type::Bool && scope >= Scope::Row && next < scope
    }

    fn rule(&mut self, op: &Op, ty: &Type) -> Option<Rewrite> {
        match op {
            Op::Not(a) => self.not(*a),
            Op::And(operands) => self.connective(operands, true),
            Op::Or(operands) => self.connective(operands, false),
            Op::IsKnown(a) => self.is_known(*a),
            Op::IsTrue(a) => self.is_truth(*a, true),
            Op::IsFalse(a) => self.is_truth(*a, false),
            Op::Else(a, b) => self.or_else(*a, *b),
            Op::Compare(..) | Op::InSet { .. } => self.test_of_constants(op),
            Op::Choose { arms, otherwise } => self.choose(arms, *otherwise, ty),
            Op::Aggregate(aggregate) => self.aggregate(aggregate),
            _ => None,
        }
    }

    fn add(&mut self, op: Op, ty: &Type) -> NodeId {
        let facts = Facts::of(self, &op);
        let before = self.ir.len();
        let mut id = self.ir.add(op.clone(), ty.clone());
        let is_shared = (id.0 as usize) < before && self.origin[id.0 as usize] != self.origin_now;
        let counts = facts.counts || (matches!(op, Op::Aggregate(_)) && facts.noisy);
        if is_shared && counts && !fault::is("optimise.nodes-that-count-are-merged") {
            id = self.ir.add_apart(op, ty.clone());
        }
        if self.ir.len() > before {
            self.origin.push(self.origin_now);
            self.facts.push(facts);
            self.uses.push(0);
        }
        id
    }

    fn bool(&mut self, op: Op) -> NodeId {
        self.make(op, &Type::Bool)
    }

    fn truth(&mut self, value: bool) -> NodeId {
        self.bool(Op::Constant(Const::Bool(value)))
    }

    fn facts(&self, id: NodeId) -> Facts {
        self.facts[id.0 as usize]
    }

    /// Whether leaving a node out changes no count.
    fn is_quiet(&self, id: NodeId) -> bool {
        !self.facts(id).noisy || fault::is("optimise.noise-is-not-heard")
    }

    fn is_known_quietly(&self, id: NodeId) -> bool {
        self.facts(id).known && self.is_quiet(id)
    }

    /// The truth of a constant condition; `Some(None)` when it is unknown.
    fn constant_truth(&self, id: NodeId) -> Option<Option<bool>> {
        self.ir.constant(id).map(|c| c.value().as_bool())
    }

    /// Whether nothing else needs the node, so that another in its place costs nothing more.
    fn is_single(&self, id: NodeId) -> bool {
        self.uses[id.0 as usize] <= 1 || fault::is("optimise.shared-nodes-are-copied")
    }
}
