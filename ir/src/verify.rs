//! The verifier: re-derives what every node claims, trusting nothing that is stored. Iterative and bounded: each node is
//! looked at once. `program` checks what stands around the nodes.

pub mod program;
pub mod schema;
mod value;

mod faults;

use crate::builtin::{Shape, Vocabulary};
use crate::fault;
use crate::node::{Aggregate, AggregateKind, Arithmetic, Comparison, Ir, Node, NodeId, Op, Scope};
use crate::schema::{FieldId, Schema, TableId, TableKind};
use crate::types::Type;
use crate::value::Const;
pub use value::is_instant;
use value::{Checked, ensure};

/// What is wrong with a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub node: NodeId,
    pub reason: String,
}

/// Checks all nodes against the schema and the vocabulary. **Errors**: the first fault.
pub fn verify(ir: &Ir, schema: &Schema, vocabulary: Vocabulary) -> Result<(), Fault> {
    let mut verifier = Verifier { ir, schema, vocabulary, rows: Vec::with_capacity(ir.len()) };
    for (index, node) in ir.nodes.iter().enumerate() {
        let id = NodeId(index as u32);
        verifier.node(id, node).map_err(|reason| Fault { node: id, reason })?;
    }
    Ok(())
}

/// How many nodes hang from one another at most.
pub fn depth(ir: &Ir) -> u32 {
    let mut depths: Vec<u32> = Vec::with_capacity(ir.len());
    for node in &ir.nodes {
        let mut below = 0;
        node.op.for_each_operand(|id| below = below.max(depths.get(id.0 as usize).copied().unwrap_or(0)));
        depths.push(below + 1);
    }
    depths.into_iter().max().unwrap_or(0)
}

struct Verifier<'a> {
    ir: &'a Ir,
    schema: &'a Schema,
    vocabulary: Vocabulary,
    /// By node.
    rows: Vec<Rows>,
}

/// The tables whose rows a node reads from outside of itself: a row, and an inner row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Rows([Option<TableId>; 2]);

impl Rows {
    /// Both together. **Errors**: one row would be of two tables.
    fn and(self, other: Rows) -> Result<Rows, String> {
        let mut both = self;
        for (slot, table) in both.0.iter_mut().zip(other.0) {
            let same = slot.is_none() || table.is_none() || *slot == table;
            ensure(same, || "it reads one row as rows of two tables".into())?;
            *slot = slot.or(table);
        }
        Ok(both)
    }
}

impl Verifier<'_> {
    fn node(&mut self, id: NodeId, node: &Node) -> Checked {
        let mut order = Ok(());
        node.op.for_each_operand(|operand| {
            if operand.0 >= id.0 && !fault::is("verify.order-is-not-checked") {
                order = Err(format!("operand {} does not stand before it", operand.0));
            }
        });
        order?;
        let scope = self.ir.scope_of(&node.op);
        ensure(scope == node.scope || fault::is("verify.scope-is-not-checked"), || {
            format!("scope is {scope:?}, not {:?}", node.scope)
        })?;
        value::well_formed(self.schema, &node.ty)?;
        if !faults::skips(&node.op) {
            self.op(node)?;
        }
        let rows = self.rows_of(&node.op)?;
        self.rows.push(rows);
        Ok(())
    }

    /// Which rows an operation reads. A fold binds those of its own table, and nothing else of its scope.
    fn rows_of(&self, op: &Op) -> Result<Rows, String> {
        let of = |id: NodeId| self.rows.get(id.0 as usize).copied().unwrap_or_default();
        match op {
            Op::Field { scope: Scope::Row, table, .. } => Ok(Rows([Some(*table), None])),
            Op::Field { scope: Scope::InnerRow, table, .. } => Ok(Rows([None, Some(*table)])),
            Op::Aggregate(aggregate) => {
                let table = self.schema.collections.get(aggregate.collection.0 as usize).map(|c| c.table);
                let inside = aggregate.filter.iter().chain(&aggregate.value);
                let Rows([row, inner]) = inside.map(|id| of(*id)).try_fold(Rows::default(), Rows::and)?;
                let is_inner = aggregate.scope == Scope::InnerRow;
                let (own, outer) = if is_inner { (inner, Rows([row, None])) } else { (row, Rows([None, inner])) };
                ensure(own.is_none() || own == table, || "a fold over another table than its rows are of".into())?;
                ensure(is_inner || inner.is_none(), || "an inner row outside of its fold".into())?;
                let bounds = aggregate.window.iter().flat_map(|w| [w.low, w.high]).flatten();
                bounds.map(|bound| of(bound.at)).try_fold(outer, Rows::and)
            }
            op => {
                let mut rows = Ok(Rows::default());
                op.for_each_operand(|id| {
                    if let Ok(so_far) = rows {
                        rows = so_far.and(of(id));
                    }
                });
                rows
            }
        }
    }

    fn ty(&self, id: NodeId) -> &Type {
        self.ir.ty(id)
    }

    fn op(&self, node: &Node) -> Checked {
        let ty = &node.ty;
        match &node.op {
            Op::Constant(value) => self.constant(value, ty),
            Op::AsOf => is(ty, &Type::Timestamp),
            Op::Field { scope, table, field } => {
                let kind = self.table(*table)?;
                let fits = match scope {
                    Scope::Customer => kind == TableKind::Profile,
                    Scope::Row | Scope::InnerRow => kind == TableKind::Event,
                    Scope::Constant | Scope::Run => false,
                };
                ensure(fits || fault::is("verify.field-of-any-table"), || {
                    "a field of a table that the scope does not have".into()
                })?;
                is(ty, self.field(*table, *field)?)
            }
            Op::Lookup { pointer, table, field } => {
                is(self.ty(*pointer), &Type::Reference(*table))?;
                is(ty, self.field(*table, *field)?)
            }
            Op::Not(a) | Op::IsTrue(a) | Op::IsFalse(a) => self.bools(&[*a], ty),
            Op::And(operands) | Op::Or(operands) => {
                ensure(!operands.is_empty(), || "it has no operands".into())?;
                self.bools(operands, ty)
            }
            Op::IsKnown(_) => is(ty, &Type::Bool),
            Op::Else(a, b) => {
                is(self.ty(*a), ty)?;
                is(self.ty(*b), ty)
            }
            Op::Compare(comparison, a, b) => {
                self.compare(*comparison, self.ty(*a), self.ty(*b))?;
                is(ty, &Type::Bool)
            }
            Op::TextTest { value, with, .. } => {
                is(self.ty(*value), &Type::Text)?;
                is(self.ty(*with), &Type::Text)?;
                is(ty, &Type::Bool)
            }
            Op::Matches { value, pattern, ignoring_case } => {
                is(self.ty(*value), &Type::Text)?;
                if !fault::is("verify.pattern-is-not-tried") {
                    crate::text::pattern(pattern, *ignoring_case).map(|_| ())?;
                }
                is(ty, &Type::Bool)
            }
            Op::InSet { value, set } => {
                self.set(self.ty(*value), set)?;
                is(ty, &Type::Bool)
            }
            Op::ListTest { list, items, .. } => {
                ensure(matches!(self.ty(*list), Type::List(_)), || "tests no list".into())?;
                for item in items {
                    is(&Type::List(Box::new(self.ty(*item).clone())), self.ty(*list))?;
                }
                is(ty, &Type::Bool)
            }
            Op::ListCount(a) => {
                ensure(matches!(self.ty(*a), Type::List(_)), || "counts no list".into())?;
                is(ty, &Type::Int)
            }
            Op::Arithmetic(op, a, b) => {
                let result = arithmetic_type(*op, self.ty(*a), self.ty(*b));
                ensure(result.as_ref() == Some(ty), || "its operands do not give its type".into())
            }
            Op::Negate(a) => {
                let signed = ty.is_numeric() || matches!(ty, Type::Span | Type::Period);
                ensure(signed, || format!("negates {ty:?}"))?;
                is(self.ty(*a), ty)
            }
            Op::PercentOf(a, b) => {
                is(self.ty(*a), &Type::Percent)?;
                let result = percent_of_type(self.ty(*b));
                ensure(result.as_ref() == Some(ty), || "a percentage of what has none".into())
            }
            Op::CivilDate(a) => {
                is(self.ty(*a), &Type::Timestamp)?;
                is(ty, &Type::Date)
            }
            Op::StartOfDay(a) => {
                is(self.ty(*a), &Type::Date)?;
                is(ty, &Type::Timestamp)
            }
            Op::StartOf(_, a) => {
                is(self.ty(*a), &Type::Date)?;
                is(ty, &Type::Date)
            }
            Op::Shift { value, by, .. } => {
                let (value, by) = (self.ty(*value), self.ty(*by));
                let fits = matches!(
                    (value, by),
                    (Type::Date | Type::Timestamp | Type::Period, Type::Period) | (Type::Timestamp, Type::Span)
                );
                ensure(fits, || format!("shifts {value:?} by {by:?}"))?;
                is(ty, value)
            }
            Op::Part(part, a) => {
                let has_part = match self.ty(*a) {
                    Type::Date => *part != crate::time::Part::Hour,
                    of => *of == Type::Timestamp,
                };
                ensure(has_part, || "a part that it does not have".into())?;
                is(ty, &part_type(*part))
            }
            Op::Elapsed(_, a, b) => {
                ensure(matches!(self.ty(*a), Type::Date | Type::Timestamp), || "elapsed from no date".into())?;
                is(self.ty(*b), self.ty(*a))?;
                is(ty, &Type::Int)
            }
            Op::NextAnniversary { date, from } => {
                is(self.ty(*date), &Type::Date)?;
                is(self.ty(*from), &Type::Date)?;
                is(ty, &Type::Date)
            }
            Op::Choose { arms, otherwise } => {
                for (when, value) in arms {
                    ensure(*self.ty(*when) == Type::Bool || fault::is("verify.condition-of-any-type"), || {
                        "a condition that is no Bool".into()
                    })?;
                    is(self.ty(*value), ty)?;
                }
                is(self.ty(*otherwise), ty)
            }
            Op::Call { builtin, arguments } => self.call(*builtin, arguments, ty),
            Op::Aggregate(aggregate) => self.aggregate(aggregate, ty),
        }
    }

    fn table(&self, id: TableId) -> Result<TableKind, String> {
        self.schema.tables.get(id.0 as usize).map(|t| t.kind).ok_or_else(|| "no such table".to_string())
    }

    fn field(&self, table: TableId, field: FieldId) -> Result<&Type, String> {
        let table = self.schema.tables.get(table.0 as usize).ok_or("no such table")?;
        table.fields.get(field.0 as usize).map(|f| &f.ty).ok_or_else(|| "no such field".to_string())
    }

    fn bools(&self, operands: &[NodeId], ty: &Type) -> Checked {
        for operand in operands {
            is(self.ty(*operand), &Type::Bool)?;
        }
        is(ty, &Type::Bool)
    }

    fn constant(&self, value: &Const, ty: &Type) -> Checked {
        value::constant(self.schema, value, ty)
    }

    /// Two values of one type that have an order, or need none; whole numbers and floats compare.
    fn compare(&self, comparison: Comparison, a: &Type, b: &Type) -> Checked {
        let numbers = |t: &Type| matches!(t, Type::Int | Type::Number);
        ensure(a == b || (numbers(a) && numbers(b)), || format!("compares {a:?} with {b:?}"))?;
        let is_ordered = match a {
            Type::Enum(id) => self.schema.enums.get(id.0 as usize).is_some_and(|e| e.ordered),
            ty => ty.is_ordered(),
        };
        let fits = match comparison {
            Comparison::Equal | Comparison::NotEqual => !matches!(a, Type::List(_)),
            _ => is_ordered,
        };
        ensure(fits, || format!("compares values of {a:?}"))
    }

    /// Constants that a value may equal, sorted, each once.
    fn set(&self, ty: &Type, set: &[Const]) -> Checked {
        for item in set {
            ensure(!item.is_missing(), || "its set has a missing value".into())?;
            match item {
                Const::Number(_) if *ty == Type::Int => self.constant(item, &Type::Number)?,
                Const::Int(_) if *ty == Type::Number => {}
                item => self.constant(item, ty)?,
            }
        }
        let sorted = set.is_sorted_by(|a, b| a < b) || fault::is("verify.set-may-be-unsorted");
        ensure(sorted, || "its set is not sorted, or has a value twice".into())
    }

    fn call(&self, builtin: u32, arguments: &[NodeId], ty: &Type) -> Checked {
        let builtin = self.vocabulary.get(builtin).ok_or("no such function")?;
        ensure(builtin.parameters.len() == arguments.len() || fault::is("verify.any-count-of-arguments"), || {
            "a wrong number of arguments".into()
        })?;
        let mut generic: Option<&Type> = None;
        for (parameter, argument) in builtin.parameters.iter().zip(arguments) {
            let given = self.ty(*argument);
            match &parameter.shape {
                Shape::Is(wanted) => is(given, wanted)?,
                Shape::AnyNumeric => {
                    ensure(given.is_numeric(), || "an argument that is no number".into())?;
                    is(given, generic.get_or_insert(given))?;
                }
            }
        }
        match &builtin.result {
            Shape::Is(wanted) => is(ty, wanted),
            Shape::AnyNumeric => ensure(generic == Some(ty), || "a result of another type".into()),
        }
    }

    fn aggregate(&self, aggregate: &Aggregate, ty: &Type) -> Checked {
        let collection = self.schema.collections.get(aggregate.collection.0 as usize).ok_or("no such collection")?;
        ensure(self.table(collection.table)? == TableKind::Event, || "a fold over no events".into())?;
        ensure(
            matches!(aggregate.scope, Scope::Row | Scope::InnerRow) || fault::is("verify.rows-of-any-scope"),
            || "rows of no scope".into(),
        )?;
        if let Some(filter) = aggregate.filter.filter(|_| !fault::is("verify.filter-of-any-type")) {
            is(self.ty(filter), &Type::Bool)?;
        }
        if let Some(window) = aggregate.window {
            let at = self.schema.table(collection.table).at.ok_or("a window over rows without time")?;
            let at = self.field(collection.table, at)?;
            let bounds = [window.low, window.high].into_iter().flatten();
            for bound in bounds.filter(|_| !fault::is("verify.window-of-any-type")) {
                is(self.ty(bound.at), at)?;
            }
        }
        let folds_rows = matches!(
            aggregate.kind,
            AggregateKind::Count | AggregateKind::Share | AggregateKind::Any | AggregateKind::Every
        );
        ensure(folds_rows == aggregate.value.is_none(), || "a value too many, or none".into())?;
        let value = aggregate.value.map(|v| self.ty(v));
        let result = aggregate_type(aggregate.kind, value);
        ensure(result.as_ref() == Some(ty), || format!("{:?} does not give its type", aggregate.kind))
    }
}

fn is(given: &Type, wanted: &Type) -> Checked {
    ensure(given == wanted, || format!("{given:?} where {wanted:?} belongs"))
}

/// The type of a part of a date.
pub fn part_type(part: crate::time::Part) -> Type {
    match part {
        crate::time::Part::Weekday => Type::Enum(crate::schema::WEEKDAY),
        crate::time::Part::Month => Type::Enum(crate::schema::MONTH),
        _ => Type::Int,
    }
}

/// The type of `a op b`; `None` where the language has none. The one home of which types may be combined.
pub fn arithmetic_type(op: Arithmetic, a: &Type, b: &Type) -> Option<Type> {
    use Arithmetic::{Add, Divide, Multiply, Subtract};
    Some(match (a, b) {
        (Type::Int, Type::Int) if op != Divide => Type::Int,
        (Type::Int | Type::Number, Type::Int | Type::Number) => Type::Number,
        (Type::Money(x), Type::Money(y)) if x == y => match op {
            Add | Subtract => a.clone(),
            Divide => Type::Number,
            Multiply => return None,
        },
        (Type::Percent, Type::Percent) | (Type::Span, Type::Span) => match op {
            Add | Subtract => a.clone(),
            Divide => Type::Number,
            Multiply => return None,
        },
        (Type::Money(_) | Type::Percent | Type::Span, Type::Int) if matches!(op, Multiply | Divide) => a.clone(),
        (Type::Int, Type::Money(_) | Type::Percent | Type::Span) if op == Multiply => b.clone(),
        (Type::Timestamp, Type::Timestamp) if op == Subtract => Type::Span,
        _ => return None,
    })
}

/// The type of `Percent of b`.
pub fn percent_of_type(b: &Type) -> Option<Type> {
    match b {
        Type::Money(_) | Type::Percent => Some(b.clone()),
        Type::Int | Type::Number => Some(Type::Number),
        _ => None,
    }
}

/// The type of an aggregate over values of a type; `None` where the language has none.
pub fn aggregate_type(kind: AggregateKind, value: Option<&Type>) -> Option<Type> {
    Some(match kind {
        AggregateKind::Count => Type::Int,
        AggregateKind::Share => Type::Percent,
        AggregateKind::Any | AggregateKind::Every => Type::Bool,
        AggregateKind::Sum => match value? {
            ty @ (Type::Int | Type::Number | Type::Percent | Type::Money(_) | Type::Span) => ty.clone(),
            _ => return None,
        },
        AggregateKind::Mean => match value? {
            Type::Int | Type::Number => Type::Number,
            ty @ (Type::Percent | Type::Money(_) | Type::Span) => ty.clone(),
            _ => return None,
        },
        AggregateKind::Min | AggregateKind::Max => match value? {
            ty if ty.is_ordered() || matches!(ty, Type::Enum(_)) => ty.clone(),
            _ => return None,
        },
        AggregateKind::Latest | AggregateKind::Earliest | AggregateKind::LatestRow | AggregateKind::EarliestRow => {
            value?.clone()
        }
        AggregateKind::MostFrequent => match value? {
            Type::List(_) => return None,
            ty => ty.clone(),
        },
        AggregateKind::Distinct => match value? {
            Type::List(_) => return None,
            _ => Type::Int,
        },
        AggregateKind::List => match value? {
            Type::List(_) | Type::Reference(_) => return None,
            ty => Type::List(Box::new(ty.clone())),
        },
    })
}
