//! What the SQL cannot say, node by node, with the reason in words; and what can be missing.

use std::cell::RefCell;
use std::collections::HashMap;

use seg_ir::interpret::run_constant;
use seg_ir::node::{AggregateKind, Op, Scope};
use seg_ir::{Const, NodeId, Program, Type};

use super::{Options, Required, pattern};

/// Looks at nodes once each. What depends on nothing but the instant is a constant here.
pub struct Sayer<'a> {
    pub program: &'a Program,
    pub options: &'a Options<'a>,
    /// The constants that were asked for, and those that are none.
    constants: RefCell<HashMap<NodeId, Option<Const>>>,
    unsaid: HashMap<NodeId, Option<String>>,
    missing: HashMap<NodeId, bool>,
}

impl<'a> Sayer<'a> {
    pub fn new(program: &'a Program, options: &'a Options<'a>) -> Sayer<'a> {
        Sayer {
            program,
            options,
            constants: RefCell::new(HashMap::new()),
            unsaid: HashMap::new(),
            missing: HashMap::new(),
        }
    }

    /// The constant that a node is at the instant, if it depends on no data that is there.
    pub fn constant(&self, id: NodeId) -> Option<Const> {
        let known = self.constants.borrow().get(&id).cloned();
        known.unwrap_or_else(|| {
            let value = self.evaluate(id);
            self.constants.borrow_mut().insert(id, value.clone());
            value
        })
    }

    fn evaluate(&self, id: NodeId) -> Option<Const> {
        let node = self.program.ir.node(id);
        if let Op::Aggregate(aggregate) = &node.op {
            if self.options.unbound.contains(&aggregate.collection) {
                return Some(Const::Missing(seg_ir::Reason::NotBound));
            }
            let bounds = aggregate.window.iter().flat_map(|w| [w.low, w.high]).flatten();
            return bounds.filter_map(|b| self.constant(b.at)).find(Const::is_missing);
        }
        run_constant(self.program.context(self.options.as_of), id)
    }

    /// Why a node cannot be said, if it cannot. Operands come first, so the depth of a program is no matter.
    pub fn unsaid(&mut self, root: NodeId) -> Option<String> {
        let mut stack = vec![(root, false)];
        while let Some((id, ready)) = stack.pop() {
            if self.unsaid.contains_key(&id) {
                continue;
            }
            let mut operands = Vec::new();
            if self.constant(id).is_none() {
                self.program.ir.node(id).op.for_each_operand(|operand| operands.push(operand));
            }
            if !ready {
                stack.push((id, true));
                stack.extend(operands.iter().map(|o| (*o, false)));
                continue;
            }
            let own = self.own_reason(id);
            let inherited = operands.iter().find_map(|o| self.unsaid.get(o).cloned().flatten());
            self.unsaid.insert(id, own.or(inherited));
        }
        self.unsaid.get(&root).cloned().flatten()
    }

    fn own_reason(&self, id: NodeId) -> Option<String> {
        let ir = &self.program.ir;
        let node = ir.node(id);
        if let Some(value) = self.constant(id) {
            // A period is written where it moves a date, and there only.
            let is_period = matches!(node.ty, Type::Period);
            return match super::literal::constant(&self.program.schema, &node.ty, &value) {
                Err(reason) if !is_period => Some(reason),
                _ => None,
            };
        }
        let is_period = |id: NodeId| *ir.ty(id) == Type::Period;
        match &node.op {
            Op::Shift { by, .. } if is_period(*by) && self.constant(*by).is_none() => {
                Some("a calendar period that depends on the customer".into())
            }
            Op::Matches { pattern, ignoring_case, .. } => pattern::translate(pattern, *ignoring_case).err(),
            Op::Aggregate(aggregate) => {
                let folds_twice = matches!(aggregate.kind, AggregateKind::MostFrequent | AggregateKind::List);
                if node.scope >= Scope::Row && folds_twice {
                    return Some("`most_frequent` or `list` within the test of another row".into());
                }
                let list = |id: &NodeId| matches!(ir.ty(*id), Type::List(_));
                if aggregate.value.as_ref().is_some_and(list) && node.scope >= Scope::Row {
                    return Some("a list within the test of another row".into());
                }
                None
            }
            _ if node.ty == Type::Period => Some("a calendar period as a value".into()),
            _ => None,
        }
    }

    /// Whether a node can be missing for some customer or row.
    pub fn may_be_missing(&mut self, id: NodeId) -> bool {
        if let Some(known) = self.missing.get(&id) {
            return *known;
        }
        let node = self.program.ir.node(id);
        let value = match self.constant(id) {
            Some(value) => value.is_missing(),
            None => match &node.op {
                Op::Field { table, field, .. } => self.field_may_be_missing(*table, *field),
                Op::Lookup { pointer, table, field } => {
                    self.may_be_missing(*pointer) || self.field_may_be_missing(*table, *field)
                }
                Op::Not(a) | Op::Matches { value: a, .. } | Op::InSet { value: a, .. } | Op::ListCount(a) => {
                    self.may_be_missing(*a)
                }
                Op::And(operands) | Op::Or(operands) => operands.iter().any(|o| self.may_be_missing(*o)),
                Op::IsKnown(_) | Op::IsTrue(_) | Op::IsFalse(_) => false,
                Op::Else(_, b) => self.may_be_missing(*b),
                Op::Compare(_, a, b) | Op::TextTest { value: a, with: b, .. } => {
                    self.may_be_missing(*a) || self.may_be_missing(*b)
                }
                Op::ListTest { list, items, .. } => {
                    self.may_be_missing(*list) || items.iter().any(|i| self.may_be_missing(*i))
                }
                Op::Choose { arms, otherwise } => {
                    self.may_be_missing(*otherwise) || arms.iter().any(|(_, v)| self.may_be_missing(*v))
                }
                _ => true,
            },
        };
        self.missing.insert(id, value);
        value
    }

    fn field_may_be_missing(&self, table: seg_ir::TableId, field: seg_ir::FieldId) -> bool {
        self.options.required == Required::MayBeMissing || self.program.schema.field(table, field).optional
    }
}
