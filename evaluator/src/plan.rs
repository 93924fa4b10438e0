//! What is known of a playbook before any data: which nodes take part, what the run's constants are, the patterns made
//! ready. Made once, shared by all threads.

use std::collections::HashMap;
use std::sync::Arc;

use seg_ir::interpret::Context;
use seg_ir::node::Scope;
use seg_ir::{Const, FieldId, Ir, NodeId, Op, Reason, TableId, text};

use crate::atom::{Atom, Test};
use crate::conditions::{self, Ground, Need, Tested};
use crate::masks::Evaluation;

/// A playbook's nodes, ready for any batch.
pub(crate) struct Plan<'p> {
    pub context: Context<'p>,
    pub outputs: Vec<NodeId>,
    /// The outputs and all that they use, in the order of their ids.
    pub reachable: Vec<NodeId>,
    /// By node: the value of what depends on nothing but the as-of instant.
    pub constants: Vec<Option<Const>>,
    /// Such nodes whose own computation fails.
    pub failed: Vec<(NodeId, Reason)>,
    pub patterns: HashMap<NodeId, regex::Regex>,
    /// By node: the test, where a condition is one of a column against constants of the run.
    pub atoms: Vec<Option<Arc<Atom>>>,
    /// By node: the pointer, where a condition depends on nothing but the reference row that it leads to. It is decided
    /// once for each row of that table.
    pub through: Vec<Option<NodeId>>,
    /// By node: whether it folds rows within rows, which is done only in the lanes where somebody looks.
    pub within_rows: Vec<bool>,
}

impl<'p> Plan<'p> {
    pub fn new(context: Context<'p>, outputs: &[NodeId]) -> Plan<'p> {
        let ir = context.ir;
        let mut takes_part = vec![false; ir.len()];
        let mut stack = outputs.to_vec();
        while let Some(id) = stack.pop() {
            if !std::mem::replace(&mut takes_part[id.0 as usize], true) {
                ir.node(id).op.for_each_operand(|operand| stack.push(operand));
            }
        }
        let reachable: Vec<NodeId> = (0..ir.len() as u32).map(NodeId).filter(|id| takes_part[id.0 as usize]).collect();
        let mut plan = Plan {
            context,
            outputs: outputs.to_vec(),
            patterns: HashMap::new(),
            atoms: vec![None; ir.len()],
            constants: vec![None; ir.len()],
            failed: Vec::new(),
            through: vec![None; ir.len()],
            within_rows: vec![false; ir.len()],
            reachable,
        };
        for id in &plan.reachable {
            if let Op::Matches { pattern, ignoring_case, .. } = &ir.node(*id).op
                && let Ok(regex) = text::pattern(pattern, *ignoring_case)
            {
                plan.patterns.insert(*id, regex);
            }
        }
        for id in &plan.reachable {
            plan.through[id.0 as usize] = through(context, &plan.through, *id);
        }
        for id in &plan.reachable {
            let node = ir.node(*id);
            let mut within = matches!(node.op, Op::Aggregate(_));
            node.op.for_each_operand(|operand| within |= plan.within_rows[operand.0 as usize]);
            plan.within_rows[id.0 as usize] = within && node.scope >= Scope::Row;
        }
        let of_run: Vec<NodeId> =
            plan.reachable.iter().copied().filter(|id| ir.node(*id).scope <= Scope::Run).collect();
        for id in of_run {
            let (value, faults) = Evaluation::constant(&plan, id);
            plan.failed.extend(faults.into_iter().map(|reason| (id, reason)));
            plan.constants[id.0 as usize] = Some(value);
        }
        for id in &plan.reachable {
            plan.atoms[id.0 as usize] = Atom::of(&plan.context, &plan.constants, *id).map(Arc::new);
        }
        plan
    }
}

impl Ground for Plan<'_> {
    type Test = (TableId, FieldId, Test);

    fn ir(&self) -> &Ir {
        self.context.ir
    }

    fn constant(&self, id: NodeId) -> Option<&Const> {
        self.constants[id.0 as usize].as_ref()
    }

    fn is_logic(&self, id: NodeId) -> bool {
        conditions::is_logic(self.context.ir, id) && self.constants[id.0 as usize].is_none()
    }

    fn test(&self, id: NodeId) -> Option<Tested<Self::Test>> {
        self.atoms[id.0 as usize].as_ref().map(|atom| Tested {
            test: (atom.field.table, atom.field.field, atom.test.clone()),
            negated: atom.negated,
            needs: vec![Need { node: atom.field.node, complete: atom.field.complete }],
        })
    }
}

/// The pointer that a node depends on alone, through fields of its target. None of what it may be made of can fail.
fn through(context: Context, known: &[Option<NodeId>], id: NodeId) -> Option<NodeId> {
    let ir = context.ir;
    match &ir.node(id).op {
        Op::Lookup { pointer, .. } => Some(*pointer),
        Op::Not(_)
        | Op::And(_)
        | Op::Or(_)
        | Op::IsKnown(_)
        | Op::IsTrue(_)
        | Op::IsFalse(_)
        | Op::Else(..)
        | Op::Compare(..)
        | Op::TextTest { .. }
        | Op::Matches { .. }
        | Op::InSet { .. } => {
            let mut pointers = Vec::new();
            ir.node(id).op.for_each_operand(|operand| {
                if ir.constant(operand).is_none() {
                    pointers.push(known[operand.0 as usize]);
                }
            });
            let first = *pointers.first()?;
            first.filter(|_| pointers.iter().all(|pointer| *pointer == first))
        }
        _ => None,
    }
}
