//! The optimiser against what it started from: every output has the same value for the same reason, and every fault and
//! skipped value is counted at the node that it comes from.

use std::collections::BTreeMap;
use std::ops::Range;

use seg_ir::interpret::{Interpreter, Source, Tally};
use seg_ir::program::Optimised;
use seg_ir::value::{Const, Reason, Value};
use seg_ir::{CollectionId, FieldId, NodeId, Program, Schema, TableId, Type};

/// What a customer comes to: each output's value, and what was counted, by node of the program's own IR.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub values: Vec<Const>,
    pub faults: BTreeMap<(NodeId, Reason), u64>,
    pub skipped: BTreeMap<NodeId, u64>,
}

/// Evaluates all outputs for customer 0.
pub fn outcome<S: Source>(program: &Program, run: &Optimised, source: &S, as_of: i64) -> Outcome {
    let context = seg_ir::interpret::Context { ir: &run.ir, ..program.context(as_of) };
    let mut interpreter = Interpreter::new(context, source);
    interpreter.customer(0);
    let outputs = run.attributes.iter().chain(&run.segments);
    let values = outputs.map(|id| interpreter.value(*id).to_const()).collect();
    let Tally { faults, skipped, .. } = interpreter.tally;
    Outcome {
        values,
        faults: faults.into_iter().map(|((id, reason), n)| ((run.origin(id), reason), n)).collect(),
        skipped: skipped.into_iter().map(|(id, n)| (run.origin(id), n)).collect(),
    }
}

/// A program's tests give the same with its IR as written and optimised. **Errors**: what differs.
pub fn changes_nothing(program: &Program) -> Result<(), String> {
    let (plain, small) = (program.plain(), seg_compiler::optimise(program));
    for test in &program.tests {
        let record = Filled { inner: &test.record, schema: &program.schema };
        let want = outcome(program, &plain, &record, test.as_of);
        let have = outcome(program, &small, &record, test.as_of);
        if want != have {
            return Err(format!("{}: the optimiser changes {want:?}\nto {have:?}", test.place));
        }
    }
    Ok(())
}

/// A source whose required fields have values, as in data that keep to the schema; a test may leave them out.
pub struct Filled<'s, S> {
    pub inner: &'s S,
    pub schema: &'s Schema,
}

impl<S: Source> Source for Filled<'_, S> {
    fn field(&self, table: TableId, field: FieldId, row: u32) -> Value<'_> {
        let value = self.inner.field(table, field, row);
        let declared = self.schema.field(table, field);
        if value.is_missing() && !declared.optional { something(&declared.ty) } else { value }
    }

    fn events(&self, collection: CollectionId, customer: u32) -> Option<Range<u32>> {
        self.inner.events(collection, customer)
    }
}

fn something(ty: &Type) -> Value<'static> {
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Int => Value::Int(0),
        Type::Number => Value::Number(0.0),
        Type::Percent => Value::Percent(0),
        Type::Money(_) => Value::Money(0),
        Type::Text => Value::Text(""),
        Type::Date => Value::Date(0),
        Type::Timestamp => Value::Timestamp(0),
        Type::TimeOfDay => Value::TimeOfDay(0),
        Type::Span => Value::Span(0),
        Type::Period => Value::Period(seg_ir::value::Period { months: 0, days: 0 }),
        Type::Enum(_) => Value::Enum(0),
        Type::List(_) => Value::List(Vec::new().into()),
        Type::Reference(_) => Value::Reference(0),
    }
}
