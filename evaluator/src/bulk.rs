//! Evaluating many customers: one plan, made once, then any number of batches from any number of threads. Whatever the
//! method, the answers and the tally are the same.

use seg_ir::NodeId;
use seg_ir::interpret::Context;

use crate::batch::Batch;
use crate::output::{Answers, interpret};

/// How expressions are evaluated. The answers do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Compiled where there is enough to do to be worth compiling for.
    #[default]
    Auto,
    /// The reference interpreter, customer by customer.
    Interp,
    /// Kernels write masks of 64 customers a word; conditions are interpreted mask by mask.
    Masks,
    /// As masks, with the conditions compiled to machine code; one record is decided by code of its own.
    Jit,
}

impl Method {
    pub const ALL: [Method; 4] = [Method::Auto, Method::Interp, Method::Masks, Method::Jit];

    pub fn name(self) -> &'static str {
        match self {
            Method::Auto => "auto",
            Method::Interp => "interp",
            Method::Masks => "masks",
            Method::Jit => "jit",
        }
    }
}

/// Evaluates nodes of a playbook over batches.
pub struct Bulk<'p> {
    context: Context<'p>,
    nodes: Vec<NodeId>,
}

impl<'p> Bulk<'p> {
    /// A plan for nodes of scope customer or below.
    pub fn new(context: Context<'p>, nodes: &[NodeId], _method: Method) -> Bulk<'p> {
        Bulk { context, nodes: nodes.to_vec() }
    }

    /// The nodes' values for every customer of a batch. May be called from several threads at once.
    pub fn evaluate(&self, batch: &Batch) -> Answers {
        interpret(self.context, batch, &self.nodes)
    }
}
