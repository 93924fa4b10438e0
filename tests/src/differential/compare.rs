//! Every way to evaluate a program over the same customers, and whether all say the same.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, DurationMicrosecondType, Float64Type, Int64Type, Time32SecondType,
    TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_select::concat::concat;
use arrow_select::take::take;
use seg_evaluator::{Answers, Batch, Bulk, Counts, Method};
use seg_ir::interpret::{Interpreter, Tally};
use seg_ir::playbook::{Playbook, Settings};
use seg_ir::program::Optimised;
use seg_ir::{Const, NodeId, Program, Reason, Record, Schema, TableId, Type, cost};

use super::adapters::{Columns, record};
use super::data::Data;
use crate::random::Random;

/// What evaluating some outputs for some customers gives, and what was counted, by evaluators that count. **Shape**: a row
/// a customer, a value an output.
pub type Decided = (Vec<Vec<Const>>, Option<Tally>);

type Decide = fn(&Program, i64, &[Record], &[NodeId]) -> Result<Decided, String>;

/// A way to decide customers one by one.
#[derive(Clone, Copy)]
pub struct RecordEvaluator {
    pub name: &'static str,
    pub decide: Decide,
}

/// Every way to decide one record but the interpreter, which is the oracle of all.
pub const EVALUATORS: &[RecordEvaluator] = &[RecordEvaluator { name: "compiled record", decide: compiled_record }];

/// Machine code made once for a playbook, and asked for each customer by itself.
fn compiled_record(program: &Program, as_of: i64, records: &[Record], nodes: &[NodeId]) -> Result<Decided, String> {
    let compiled = seg_evaluator::record::Compiled::new(program.context(as_of), nodes).map_err(|e| e.to_string())?;
    let rows = records.iter().map(|record| compiled.over_source(record, 0, as_of).map_err(|e| e.to_string()));
    Ok((rows.collect::<Result<_, String>>()?, None))
}

/// A program that must decide as the compiled one does: optimised, out of an artefact.
#[derive(Clone, Copy)]
pub struct Variant {
    pub name: &'static str,
    pub of: fn(&Program) -> Result<Varied, String>,
}

/// A program in the place of another.
pub struct Varied {
    pub program: Program,
    /// By node, the node of the other that it comes from; none where counts are not held against it.
    pub origin: Option<Vec<NodeId>>,
}

/// Every variant of a program besides the compiler's own IR.
pub const VARIANTS: &[Variant] = &[
    Variant { name: "optimised", of: |program| Ok(running(program, seg_compiler::optimise(program))) },
    Variant { name: "the artefact", of: from_artefact },
    Variant {
        name: "the artefact, optimised",
        of: |program| from_artefact(program).map(|Varied { program, .. }| running(&program, program.optimised.clone())),
    },
];

/// What a compiled playbook of the program holds.
fn from_artefact(program: &Program) -> Result<Varied, String> {
    let written = Playbook::new(program.clone(), Settings::default(), [7; 32]).encode().map_err(|e| e.to_string())?;
    let read = Playbook::decode(&written, seg_stdlib::VOCABULARY).map_err(|e| e.to_string())?;
    let origin = (0..program.ir.len() as u32).map(NodeId).collect();
    Ok(Varied { program: read.program, origin: Some(origin) })
}

/// The nodes that run, made smaller.
fn running(program: &Program, small: Optimised) -> Varied {
    let mut varied = Program { ir: small.ir, ..program.clone() };
    varied.attributes.iter_mut().zip(&small.attributes).for_each(|(a, node)| a.node = *node);
    varied.segments.iter_mut().zip(&small.segments).for_each(|(s, node)| s.node = *node);
    Varied { program: varied, origin: Some(small.origin) }
}

/// What a campaign compares.
#[derive(Clone, Copy)]
pub struct Ways {
    pub evaluators: &'static [RecordEvaluator],
    pub variants: &'static [Variant],
}

impl Default for Ways {
    fn default() -> Ways {
        Ways { evaluators: EVALUATORS, variants: VARIANTS }
    }
}

/// How customers are dealt out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Layout {
    pub batch_rows: usize,
    pub shuffled: bool,
    pub parts: usize,
    pub threads: usize,
}

const BATCHES: [usize; 5] = [1, 7, 64, 1024, 8192];
const PARTS: [usize; 3] = [1, 2, 16];

impl Layout {
    /// The `n`th layout: over a campaign every one comes round. Batches of 8192 are for few, for they are long.
    pub fn nth(n: usize) -> Layout {
        let mut random = Random::new(n as u64);
        let batch_rows = if n.is_multiple_of(37) { 8192 } else { BATCHES[random.below(4)] };
        Layout { batch_rows, shuffled: random.once_in(2), parts: random.pick(&PARTS), threads: 1 + random.below(2) }
    }

    pub fn all_batches() -> [usize; 5] {
        BATCHES
    }
}

/// Two answers that differ.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// What was compared with the interpreter over records.
    pub way: String,
    /// The attribute or segment, where it is about one.
    pub output: Option<String>,
    /// The customer, where it is about one.
    pub customer: Option<usize>,
    pub says: String,
}

/// What the oracle decided, for whoever counts.
pub struct Outcome {
    pub nodes: Vec<NodeId>,
    pub decided: Vec<Vec<Const>>,
    pub tally: Tally,
    /// Comparisons of a decision with the oracle's.
    pub compared: u64,
    pub layouts: Vec<(&'static str, Layout)>,
}

/// The outputs of a playbook: its segments, then its attributes.
pub fn outputs(program: &Program) -> (Vec<String>, Vec<NodeId>) {
    let segments = program.segments.iter().filter(|s| s.own).map(|s| (s.name.clone(), s.node));
    let attributes = program.attributes.iter().filter(|a| a.own).map(|a| (a.name.clone(), a.node));
    segments.chain(attributes).unzip()
}

/// Evaluates in every way. `number` chooses the layouts. **Errors**: the first disagreement.
pub fn compare(
    program: &Program,
    as_of: i64,
    data: &Data,
    ways: Ways,
    number: usize,
) -> Result<Outcome, Box<Disagreement>> {
    let (names, nodes) = outputs(program);
    let all = Comparison { program, as_of, data, names, nodes, ways, number };
    let caught = catch_unwind(AssertUnwindSafe(|| all.run()));
    caught.unwrap_or_else(|panic| {
        let says = panic.downcast_ref::<String>().cloned();
        let says = says.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_string())).unwrap_or_default();
        Err(all.differs("a panic", None, None, says))
    })
}

struct Comparison<'a> {
    program: &'a Program,
    as_of: i64,
    data: &'a Data,
    names: Vec<String>,
    nodes: Vec<NodeId>,
    ways: Ways,
    number: usize,
}

impl Comparison<'_> {
    fn differs(&self, way: &str, output: Option<usize>, customer: Option<usize>, says: String) -> Box<Disagreement> {
        let output = output.and_then(|n| self.names.get(n)).cloned();
        Box::new(Disagreement { way: way.to_string(), output, customer, says })
    }

    fn run(&self) -> Result<Outcome, Box<Disagreement>> {
        let program = self.program;
        let records: Vec<Record> =
            (0..self.data.customers.len()).map(|n| record(program, self.as_of, self.data, n)).collect();
        let (decided, tally) = self.oracle(&records)?;
        let mut compared = 0;
        for evaluator in self.ways.evaluators {
            let found = (evaluator.decide)(program, self.as_of, &records, &self.nodes);
            let (found, other) = found.map_err(|e| self.differs(evaluator.name, None, None, e))?;
            self.same_values(evaluator.name, &decided, &found, true)?;
            if let Some(other) = other {
                self.same_tally(evaluator.name, &tally, &other)?;
            }
            compared += self.decisions();
        }
        let columns =
            Columns::new(program, self.as_of, self.data).map_err(|e| self.differs("the batch", None, None, e))?;
        let whole = self.batch(&columns, &(0..records.len()).collect::<Vec<_>>())?;
        let (found, other) = self.over_batch(&whole);
        self.same_values("interpreter over a batch", &decided, &found, true)?;
        self.same_tally("interpreter over a batch", &tally, &other)?;
        let context = program.context(self.as_of);
        let base = Bulk::new(context, &self.nodes, Method::Interp).evaluate(&whole);
        self.columns_hold(&base, &decided)?;
        compared += 2 * self.decisions();
        let mut layouts = Vec::new();
        let methods = [Method::Masks, Method::Gates, Method::Jit, Method::Auto, Method::Interp];
        for (n, method) in methods.into_iter().enumerate() {
            // The interpreter has been asked already, and `auto` is one of the others: they take turns.
            if (n == 3 && !self.number.is_multiple_of(4)) || (n == 4 && !self.number.is_multiple_of(8)) {
                continue;
            }
            let bulk = Bulk::new(context, &self.nodes, method);
            if n < 3 && self.number % 3 == n {
                self.same_plain(&bulk, method, &whole, &decided)?;
                compared += self.decisions();
            }
            for turn in 0..if n < 3 { 2 } else { 1 } {
                let layout = Layout::nth(self.number * 2 + n * 5 + turn);
                compared += self.by_layout(&bulk, method, layout, &columns, &base, &tally)?;
                layouts.push((method.name(), layout));
            }
        }
        for variant in self.ways.variants {
            let with = Answered { records: &records, batch: &whole, base: &base, decided: &decided, tally: &tally };
            compared += self.variant(variant, &with)?;
        }
        Ok(Outcome { nodes: self.nodes.clone(), decided, tally, compared, layouts })
    }

    fn decisions(&self) -> u64 {
        (self.nodes.len() * self.data.customers.len()) as u64
    }

    fn batch(&self, columns: &Columns, customers: &[usize]) -> Result<Batch, Box<Disagreement>> {
        columns.batch(customers).map_err(|e| self.differs("the batch", None, None, e))
    }

    /// The interpreter over each record by itself, within the static cost.
    fn oracle(&self, records: &[Record]) -> Result<(Vec<Vec<Const>>, Tally), Box<Disagreement>> {
        let program = self.program;
        let worst = cost::cost(&program.ir, &program.schema, program.vocabulary, &self.nodes);
        let (mut rows, mut tally) = (Vec::new(), Tally::default());
        for (n, record) in records.iter().enumerate() {
            let mut interpreter = Interpreter::new(program.context(self.as_of), record);
            interpreter.customer(0);
            rows.push(self.nodes.iter().map(|node| interpreter.value(*node).to_const()).collect());
            let did = interpreter.tally;
            for (what, did, most) in
                [("operations", did.operations, worst.operations), ("events", did.events, worst.events)]
            {
                if most.is_some_and(|most| did > most) {
                    let says = format!("{did} {what}, and at most {most:?} by the static cost");
                    return Err(self.differs("the static cost", None, Some(n), says));
                }
            }
            tally.add(did);
        }
        Ok((rows, tally))
    }

    fn over_batch(&self, batch: &Batch) -> (Vec<Vec<Const>>, Tally) {
        let mut interpreter = Interpreter::new(self.program.context(self.as_of), batch);
        let rows = (0..batch.len() as u32).map(|customer| {
            interpreter.customer(customer);
            self.nodes.iter().map(|node| interpreter.value(*node).to_const()).collect()
        });
        let rows = rows.collect();
        (rows, interpreter.tally)
    }

    /// The same values, and with `reasons` missing for the same reasons.
    fn same_values(
        &self,
        way: &str,
        want: &[Vec<Const>],
        have: &[Vec<Const>],
        reasons: bool,
    ) -> Result<(), Box<Disagreement>> {
        for (customer, (want, have)) in want.iter().zip(have).enumerate() {
            for (output, (want, have)) in want.iter().zip(have).enumerate() {
                if want != have && (reasons || !(want.is_missing() && have.is_missing())) {
                    return Err(self.differs(way, Some(output), Some(customer), format!("{have:?}, not {want:?}")));
                }
            }
        }
        match want.len() == have.len() {
            true => Ok(()),
            false => Err(self.differs(way, None, None, format!("{} customers, not {}", have.len(), want.len()))),
        }
    }

    /// The same faults and skipped values.
    fn same_tally(&self, way: &str, want: &Tally, have: &Tally) -> Result<(), Box<Disagreement>> {
        let counted = |tally: &Tally| -> BTreeMap<(NodeId, Option<Reason>), u64> {
            let faults = tally.faults.iter().map(|((node, reason), count)| ((*node, Some(*reason)), *count));
            let all = faults.chain(tally.skipped.iter().map(|(node, count)| ((*node, None), *count)));
            all.filter(|(_, count)| *count > 0).collect()
        };
        let (want, have) = (counted(want), counted(have));
        let keys = want.keys().chain(have.keys());
        match keys.into_iter().find(|key| want.get(key) != have.get(key)) {
            None => Ok(()),
            Some(key) => {
                let count = |of: &BTreeMap<_, u64>| of.get(key).copied().unwrap_or(0);
                let (node, reason) = key;
                let what = reason.map_or("skipped values", Reason::text);
                let op = self.program.ir.node(*node).op.name();
                let says = format!("{} times {what} in node {} ({op}), not {}", count(&have), node.0, count(&want));
                let output = self.output_of(*node);
                Err(self.differs(&format!("{way}: tally"), output, None, says))
            }
        }
    }

    /// An output that a node takes part in.
    fn output_of(&self, node: NodeId) -> Option<usize> {
        self.nodes.iter().position(|output| reached(self.program, *output).contains(&node))
    }

    /// Plain values, as lists of them are had without columns. Masks do not keep why something is missing.
    fn same_plain(
        &self,
        bulk: &Bulk,
        method: Method,
        batch: &Batch,
        decided: &[Vec<Const>],
    ) -> Result<(), Box<Disagreement>> {
        let by_node = bulk.values(batch);
        let rows = (0..batch.len()).map(|n| by_node.iter().filter_map(|values| values.get(n)).cloned().collect());
        self.same_values(&format!("{} by values", method.name()), decided, &rows.collect::<Vec<Vec<Const>>>(), false)
    }

    fn key_of(&self, table: TableId, row: u32) -> Const {
        let key = self.program.schema.table(table).key.map_or(0, |key| key.0 as usize);
        self.data.references[table.0 as usize][row as usize][key].clone()
    }

    /// The columns hold what was decided.
    fn columns_hold(&self, answers: &Answers, decided: &[Vec<Const>]) -> Result<(), Box<Disagreement>> {
        for (output, column) in answers.columns.iter().enumerate() {
            let ty = self.program.ir.ty(self.nodes[output]);
            for (customer, row) in decided.iter().enumerate() {
                let cell = Cell { schema: &self.program.schema, key: &|table, row| self.key_of(table, row) };
                if !cell.holds(column, customer, ty, &row[output]) {
                    let says = format!("{:?}, not {:?}", column.slice(customer, 1), row[output]);
                    return Err(self.differs("columns of the interpreter", Some(output), Some(customer), says));
                }
            }
        }
        Ok(())
    }

    fn by_layout(
        &self,
        bulk: &Bulk,
        method: Method,
        layout: Layout,
        columns: &Columns,
        base: &Answers,
        tally: &Tally,
    ) -> Result<u64, Box<Disagreement>> {
        let way = format!("{} by {layout:?}", method.name());
        let customers = columns.len();
        let copies = if layout.batch_rows == 8192 { 8200_usize.div_ceil(customers.max(1)) } else { 1 };
        let mut order: Vec<usize> = (0..customers * copies).map(|n| n % customers).collect();
        if layout.shuffled {
            Random::new(self.number as u64).shuffle(&mut order);
        }
        let per_part = order.len().div_ceil(layout.parts).max(1);
        let mut batches = Vec::new();
        for rows in order.chunks(per_part).flat_map(|part| part.chunks(layout.batch_rows)) {
            batches.push(self.batch(columns, rows)?);
        }
        let answers = evaluate(bulk, &batches, layout.threads);
        let counted: Vec<_> = batches.iter().map(|batch| bulk.count(batch)).collect();
        let indices = UInt32Array::from_iter_values(order.iter().map(|n| *n as u32));
        let mut sum = Tally::default();
        answers.iter().for_each(|a| sum.add(a.tally.clone()));
        for (output, base) in base.columns.iter().enumerate() {
            let failed = |e: &dyn std::fmt::Display| self.differs(&way, Some(output), None, e.to_string());
            let want = take(base, &indices, None).map_err(|e| failed(&e))?;
            let pieces: Vec<&dyn Array> =
                answers.iter().filter_map(|a| a.columns.get(output)).map(|c| c.as_ref()).collect();
            if let Some(other) = pieces.iter().find(|p| p.data_type() != want.data_type()) {
                return Err(failed(&format!("a column of {}, not {}", other.data_type(), want.data_type())));
            }
            let have = concat(&pieces).map_err(|e| failed(&e))?;
            self.same_column(&way, output, &order, &want, &have)?;
            let of_answers = answers.iter().map(|answers| answers.counts(output));
            let of_counting = counted.iter().map(|(counts, _)| counts.get(output).copied().flatten());
            for (what, counts) in [("answers", sum_of(of_answers)), ("only counting", sum_of(of_counting))] {
                let truths = want.as_boolean_opt();
                let wanted = truths.map(|all| (all.iter().flatten().filter(|is| *is).count(), all.null_count()));
                if !batches.is_empty() && counts != wanted {
                    return Err(failed(&format!("{what}: {counts:?} are in and unknown, not {wanted:?}")));
                }
            }
        }
        let mut repeated = tally.clone();
        let times = copies as u64;
        repeated.faults.values_mut().chain(repeated.skipped.values_mut()).for_each(|count| *count *= times);
        self.same_tally(&way, &repeated, &sum)?;
        let mut sum = Tally::default();
        counted.into_iter().for_each(|(_, tally)| sum.add(tally));
        self.same_tally(&format!("{way}, only counting"), &repeated, &sum)?;
        Ok(self.decisions() * times)
    }

    fn same_column(
        &self,
        way: &str,
        output: usize,
        order: &[usize],
        want: &ArrayRef,
        have: &ArrayRef,
    ) -> Result<(), Box<Disagreement>> {
        if want.as_ref() == have.as_ref() {
            return Ok(());
        }
        let rows = want.len().min(have.len());
        let row = (0..rows).find(|row| want.slice(*row, 1).as_ref() != have.slice(*row, 1).as_ref());
        let says = match row {
            Some(row) => format!("{:?}, not {:?}", have.slice(row, 1), want.slice(row, 1)),
            None => format!("{} rows, not {}", have.len(), want.len()),
        };
        Err(self.differs(way, Some(output), row.and_then(|row| order.get(row)).copied(), says))
    }

    /// Another program that must give the same columns, over records too, and count the same.
    fn variant(&self, variant: &Variant, with: &Answered) -> Result<u64, Box<Disagreement>> {
        let failed = |e: String| self.differs(variant.name, None, None, e);
        let Varied { program, origin } = (variant.of)(self.program).map_err(failed)?;
        let (names, nodes) = outputs(&program);
        if names != self.names {
            return Err(failed(format!("it gives {names:?}, not {:?}", self.names)));
        }
        let mut compared = 0;
        for method in [Method::ALL[self.number % Method::ALL.len()], Method::Interp] {
            let answers = Bulk::new(program.context(self.as_of), &nodes, method).evaluate(with.batch);
            let order: Vec<usize> = (0..with.batch.len()).collect();
            let way = format!("{} by {}", variant.name, method.name());
            for (output, (want, have)) in with.base.columns.iter().zip(&answers.columns).enumerate() {
                self.same_column(&way, output, &order, want, have)?;
            }
            if let Some(origin) = &origin {
                self.same_tally(&way, with.tally, &moved(&answers.tally, origin))?;
            }
            compared += self.decisions();
        }
        for evaluator in self.ways.evaluators {
            let way = format!("{} by {}", variant.name, evaluator.name);
            let found = (evaluator.decide)(&program, self.as_of, with.records, &nodes);
            let (found, _) = found.map_err(|e| self.differs(&way, None, None, e))?;
            self.same_values(&way, with.decided, &found, true)?;
            compared += self.decisions();
        }
        Ok(compared)
    }
}

/// What the program's own nodes gave, for variants to be held against.
struct Answered<'a> {
    records: &'a [Record],
    batch: &'a Batch,
    base: &'a Answers,
    decided: &'a [Vec<Const>],
    tally: &'a Tally,
}

/// What was counted, at the nodes that the counted ones come from.
fn moved(tally: &Tally, origin: &[NodeId]) -> Tally {
    let of = |node: &NodeId| origin.get(node.0 as usize).copied().unwrap_or(*node);
    let mut sum = Tally::default();
    for ((node, reason), count) in &tally.faults {
        *sum.faults.entry((of(node), *reason)).or_default() += count;
    }
    for (node, count) in &tally.skipped {
        *sum.skipped.entry(of(node)).or_default() += count;
    }
    sum
}

/// The nodes that an output is computed from.
pub fn reached(program: &Program, output: NodeId) -> Vec<NodeId> {
    let mut seen = vec![false; program.ir.len()];
    let mut stack = vec![output];
    let mut all = Vec::new();
    while let Some(id) = stack.pop() {
        if !std::mem::replace(&mut seen[id.0 as usize], true) {
            all.push(id);
            program.ir.node(id).op.for_each_operand(|operand| stack.push(operand));
        }
    }
    all
}

/// How many are in and how many unknown, in all batches; none where a batch has no such counts.
fn sum_of(mut counts: impl Iterator<Item = Option<Counts>>) -> Option<(usize, usize)> {
    let add = |(inside, unknown), counts: Counts| (inside + counts.inside as usize, unknown + counts.unknown as usize);
    counts.try_fold((0, 0), |sum, counts| Some(add(sum, counts?)))
}

/// Every batch by one plan, dealt to threads in turn.
fn evaluate(bulk: &Bulk, batches: &[Batch], threads: usize) -> Vec<Answers> {
    let mut all: Vec<Option<Answers>> = batches.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        let work = (0..threads).map(|thread| {
            scope.spawn(move || {
                let mine = batches.iter().enumerate().skip(thread).step_by(threads);
                mine.map(|(n, batch)| (n, bulk.evaluate(batch))).collect::<Vec<_>>()
            })
        });
        for done in work.collect::<Vec<_>>() {
            match done.join() {
                Ok(done) => done.into_iter().for_each(|(n, answers)| all[n] = Some(answers)),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    all.into_iter().flatten().collect()
}

/// A cell of an Arrow column beside a plain value, written apart from what writes columns.
pub struct Cell<'a> {
    pub schema: &'a Schema,
    /// The key of a row of a reference table.
    pub key: &'a dyn Fn(TableId, u32) -> Const,
}

impl Cell<'_> {
    pub fn holds(&self, column: &ArrayRef, row: usize, ty: &Type, value: &Const) -> bool {
        if column.is_null(row) {
            return value.is_missing();
        }
        match (ty, value) {
            (Type::Bool, Const::Bool(v)) => column.as_boolean().value(row) == *v,
            (Type::Int, Const::Int(v)) => column.as_primitive::<Int64Type>().value(row) == *v,
            (Type::Number, Const::Number(v)) => column.as_primitive::<Float64Type>().value(row).to_bits() == *v,
            (Type::Number, Const::Int(v)) => column.as_primitive::<Float64Type>().value(row) == *v as f64,
            (Type::Percent, Const::Percent(v)) | (Type::Money(_), Const::Money(v)) => {
                column.as_primitive::<Decimal128Type>().value(row) == i128::from(*v)
            }
            (Type::Text, Const::Text(v)) => column.as_string::<i32>().value(row) == &**v,
            (Type::Enum(id), Const::Enum(v)) => {
                column.as_string::<i32>().value(row) == self.schema.enum_type(*id).members[*v as usize].value
            }
            (Type::Date, Const::Date(v)) => column.as_primitive::<Date32Type>().value(row) == *v,
            (Type::Timestamp, Const::Timestamp(v)) => {
                column.as_primitive::<TimestampMicrosecondType>().value(row) == *v
            }
            (Type::TimeOfDay, Const::TimeOfDay(v)) => column.as_primitive::<Time32SecondType>().value(row) == *v,
            (Type::Span, Const::Span(v)) => column.as_primitive::<DurationMicrosecondType>().value(row) == *v,
            (Type::Period, Const::Period(v)) => {
                column.as_string::<i32>().value(row) == format!("P{}M{}D", v.months, v.days)
            }
            (Type::List(item), Const::List(items)) => {
                let held = column.as_list::<i32>().value(row);
                held.len() == items.len() && items.iter().enumerate().all(|(n, v)| self.holds(&held, n, item, v))
            }
            (Type::Reference(table), Const::Reference(v)) => {
                let declared = self.schema.table(*table);
                let ty = declared.key.map(|key| &declared.fields[key.0 as usize].ty);
                ty.is_some_and(|ty| self.holds(column, row, ty, &(self.key)(*table, *v)))
            }
            _ => false,
        }
    }
}
