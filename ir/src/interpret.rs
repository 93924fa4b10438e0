//! The reference interpreter: walks the DAG once per customer, lazily, each node at most once per customer or row.
//! It is the oracle of every other evaluator. Knows no columns: data comes through [`Source`].

use std::collections::HashMap;
use std::ops::Range;

use crate::builtin::Vocabulary;
use crate::fault;
use crate::node::{Ir, NodeId, Op, Scope};
use crate::operation;
use crate::schema::{CollectionId, FieldId, Schema, TableId};
use crate::text;
use crate::time::Zone;
use crate::value::{Const, Reason, Value};

mod aggregate;

/// Customers, their events and the reference tables, already validated against the schema.
pub trait Source {
    /// A field of a row of any table.
    fn field(&self, table: TableId, field: FieldId, row: u32) -> Value<'_>;

    /// The rows of a customer in the collection's table, in canonical order, none later than the as-of instant.
    /// `None` when the collection is not bound.
    fn events(&self, collection: CollectionId, customer: u32) -> Option<Range<u32>>;
}

/// What an evaluation needs besides the data.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub ir: &'a Ir,
    pub schema: &'a Schema,
    pub zone: &'a Zone,
    pub vocabulary: Vocabulary,
    /// Microseconds since 1970-01-01T00:00Z.
    pub as_of: i64,
}

/// What an interpreter met and did, to be added up over batches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often a node's own computation failed, by reason.
    pub faults: HashMap<(NodeId, Reason), u64>,
    /// How many missing values an aggregate skipped.
    pub skipped: HashMap<NodeId, u64>,
    /// Operations computed.
    pub operations: u64,
    /// Event rows visited.
    pub events: u64,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        for (key, count) in other.faults {
            *self.faults.entry(key).or_default() += count;
        }
        for (key, count) in other.skipped {
            *self.skipped.entry(key).or_default() += count;
        }
        self.operations += other.operations;
        self.events += other.events;
    }
}

/// Evaluates nodes for one customer after another.
pub struct Interpreter<'a, S: Source> {
    context: Context<'a>,
    source: &'a S,
    memo: Vec<Value<'a>>,
    stamps: Vec<u64>,
    /// The stamp that a memoised value of each scope must bear.
    epochs: [u64; 5],
    last_epoch: u64,
    /// The customer, the row and the inner row at hand.
    rows: [u32; 5],
    patterns: HashMap<NodeId, Option<regex::Regex>>,
    /// The customer (its epoch) that a node of the run failed last.
    failed: HashMap<NodeId, u64>,
    /// Whether a node of the run failed below the node at hand.
    run_fails: bool,
    pub tally: Tally,
}

impl<'a, S: Source> Interpreter<'a, S> {
    /// **Panics**: in a build with the feature `no-interpreter`, which shows that other evaluators do without.
    pub fn new(context: Context<'a>, source: &'a S) -> Self {
        #[cfg(feature = "no-interpreter")]
        #[expect(clippy::panic, reason = "only in builds that show that nobody needs it")]
        {
            let _ = (context, source);
            panic!("this build has no interpreter");
        }
        #[cfg(not(feature = "no-interpreter"))]
        Interpreter::begin(context, source)
    }

    fn begin(context: Context<'a>, source: &'a S) -> Self {
        let len = context.ir.len();
        Interpreter {
            context,
            source,
            memo: vec![Value::Bool(false); len],
            stamps: vec![0; len],
            epochs: [1; 5],
            last_epoch: 1,
            rows: [0; 5],
            patterns: HashMap::new(),
            failed: HashMap::new(),
            run_fails: false,
            tally: Tally::default(),
        }
    }

    /// Makes a customer (a row of the profile) the one that is evaluated next.
    pub fn customer(&mut self, row: u32) {
        if !(row > 0 && fault::is("interpret.second-customer-is-the-first")) {
            self.enter(Scope::Customer, row);
        }
    }

    /// A node's value for the customer at hand.
    pub fn value(&mut self, id: NodeId) -> Value<'a> {
        let index = id.0 as usize;
        let scope = self.context.ir.nodes[index].scope;
        let epoch = self.epochs[scope as usize];
        if self.stamps[index] == epoch {
            return self.memo[index].clone();
        }
        let failed_before = std::mem::take(&mut self.run_fails);
        let value = self.compute(id);
        self.tally.operations += 1;
        let fails = self.run_fails;
        self.run_fails |= failed_before;
        if scope <= Scope::Run && fails {
            // Not kept: every customer that it fails is counted, so that counts do not depend on how a run is split.
            return value;
        }
        // The epoch is read again: a fold inside may have begun a new one for its own rows.
        self.stamps[index] = self.epochs[scope as usize];
        self.memo[index] = value.clone();
        value
    }

    fn enter(&mut self, scope: Scope, row: u32) {
        self.last_epoch += 1;
        self.rows[scope as usize] = row;
        self.epochs[scope as usize] = self.last_epoch;
    }

    fn compute(&mut self, id: NodeId) -> Value<'a> {
        let ir = self.context.ir;
        let node = &ir.nodes[id.0 as usize];
        match &node.op {
            Op::Constant(value) => value.value(),
            Op::AsOf => Value::Timestamp(self.context.as_of),
            Op::Field { scope, table, field } => self.source.field(*table, *field, self.rows[*scope as usize]),
            Op::Lookup { pointer, table, field } => match self.value(*pointer) {
                Value::Reference(row) => self.source.field(*table, *field, row),
                Value::Missing(reason) => Value::Missing(reason),
                _ => Value::Missing(Reason::NotGiven),
            },
            Op::Not(a) => match self.value(*a) {
                Value::Bool(b) => Value::Bool(!b),
                other => other,
            },
            Op::And(operands) => self.connective(operands, false),
            Op::Or(operands) => self.connective(operands, true),
            Op::IsKnown(a) => Value::Bool(!self.value(*a).is_missing()),
            Op::IsTrue(a) => Value::Bool(self.value(*a).as_bool() == Some(true)),
            Op::IsFalse(a) => Value::Bool(self.value(*a).as_bool() == Some(false)),
            Op::Else(a, b) => match self.value(*a) {
                Value::Missing(_) => self.value(*b),
                known => known,
            },
            Op::Choose { arms, otherwise } => {
                for (when, value) in arms {
                    if self.value(*when).as_bool() == Some(true) {
                        return self.value(*value);
                    }
                }
                self.value(*otherwise)
            }
            Op::Aggregate(aggregate) => self.aggregate(id, aggregate, &node.ty),
            op => self.strict(id, op),
        }
    }

    /// Counts a fault where it arises. What inherits a missing value never comes through here.
    fn counted(&mut self, id: NodeId, value: Value<'a>) -> Value<'a> {
        if let Value::Missing(reason) = value
            && reason.is_fault()
            && self.is_first(id)
            && !fault::is("interpret.faults-are-not-counted")
        {
            *self.tally.faults.entry((id, reason)).or_default() += 1;
        }
        value
    }

    /// Whether a node of the run has not failed this customer before.
    fn is_first(&mut self, id: NodeId) -> bool {
        if self.context.ir.node(id).scope > Scope::Run {
            return true;
        }
        self.run_fails = true;
        let customer = self.epochs[Scope::Customer as usize];
        self.failed.insert(id, customer) != Some(customer)
    }

    /// `and` (decided by false) or `or` (decided by true); the first unknown gives the reason of an unknown result.
    fn connective(&mut self, operands: &[NodeId], decides: bool) -> Value<'a> {
        let mut unknown = None;
        for id in operands {
            match self.value(*id) {
                Value::Bool(b) if b == decides => return Value::Bool(decides),
                Value::Missing(_) if fault::is("interpret.unknown-operands-are-passed-over") => {}
                Value::Missing(reason) if fault::is("interpret.unknown-decides") => return Value::Missing(reason),
                Value::Missing(reason) => unknown = unknown.or(Some(reason)),
                _ => {}
            }
        }
        unknown.map_or(Value::Bool(!decides), Value::Missing)
    }

    /// An operation that is missing when an operand is, with that operand's reason.
    fn strict(&mut self, id: NodeId, op: &'a Op) -> Value<'a> {
        if let Op::ListTest { list, all, items } = op {
            return self.list_test(*list, *all, items);
        }
        // Only calls have more than two operands.
        let is_call = matches!(op, Op::Call { .. });
        let (mut few, mut count, mut many) = ([Value::Bool(false), Value::Bool(false)], 0, Vec::new());
        let mut missing = None;
        op.for_each_operand(|operand| {
            if missing.is_none() {
                let value = self.value(operand);
                missing = value.reason();
                if is_call {
                    many.push(value);
                } else if let Some(slot) = few.get_mut(count) {
                    *slot = value;
                    count += 1;
                }
            }
        });
        if let Some(reason) = missing {
            return Value::Missing(reason);
        }
        let values = if is_call { many.as_slice() } else { few.get(..count).unwrap_or_default() };
        let value = match (op, values) {
            (Op::Matches { pattern, ignoring_case, .. }, [a]) => self.matches(id, a, pattern, *ignoring_case),
            (Op::Call { builtin, .. }, values) => operation::call(*builtin, values, self.context.vocabulary),
            (op, values) => operation::apply(op, values, self.context.zone),
        };
        self.counted(id, value)
    }

    fn matches(&mut self, id: NodeId, value: &Value, pattern: &str, ignoring_case: bool) -> Value<'a> {
        let regex = self.patterns.entry(id).or_insert_with(|| text::pattern(pattern, ignoring_case).ok());
        match (regex, value.as_text()) {
            (Some(regex), Some(text)) => Value::Bool(regex.is_match(text)),
            _ => Value::Missing(Reason::NotGiven),
        }
    }

    fn list_test(&mut self, list: NodeId, all: bool, items: &[NodeId]) -> Value<'a> {
        match self.value(list) {
            Value::List(held) => operation::list_test(&held, all, items.iter().map(|id| self.value(*id))),
            Value::Missing(reason) => Value::Missing(reason),
            _ => Value::Missing(Reason::NotGiven),
        }
    }
}

/// Evaluates a node that depends on nothing but the as-of instant. `None` when it depends on data.
pub fn run_constant(context: Context, id: NodeId) -> Option<Const> {
    struct Nothing;
    impl Source for Nothing {
        fn field(&self, _: TableId, _: FieldId, _: u32) -> Value<'_> {
            Value::Missing(Reason::NotGiven)
        }
        fn events(&self, _: CollectionId, _: u32) -> Option<Range<u32>> {
            None
        }
    }
    (context.ir.node(id).scope <= Scope::Run).then(|| Interpreter::begin(context, &Nothing).value(id).to_const())
}
