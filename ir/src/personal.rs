//! Where personal data flows: from fields that bear a label, through all that is computed from them.

use crate::node::{Ir, Op};
use crate::schema::{FieldId, Schema, TableId};
use crate::types::Type;

/// By node: whether a personal value flows into it. A pointer to a row says that row's key.
pub fn personal(ir: &Ir, schema: &Schema) -> Vec<bool> {
    let is_personal = |table: TableId, field: FieldId| schema.field(table, field).is_personal();
    let names_somebody = |ty: &Type| match ty {
        Type::Reference(table) => schema.table(*table).key.is_some_and(|key| is_personal(*table, key)),
        _ => false,
    };
    let mut flows = Vec::with_capacity(ir.len());
    for node in &ir.nodes {
        let mut flow = names_somebody(&node.ty);
        if let Op::Field { table, field, .. } | Op::Lookup { table, field, .. } = node.op {
            flow |= is_personal(table, field);
        }
        // Operands come before what is made of them.
        node.op.for_each_operand(|operand| flow |= flows.get(operand.0 as usize).copied().unwrap_or(true));
        flows.push(flow);
    }
    flows
}
