//! One decision at a time: a record's text in, values out. By machine code over cells where that pays, else by the
//! interpreter; the values are the same. Memory is taken from a pool and given back, so that a warm decider allocates
//! nothing for a record that is in order.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use seg_evaluator::Method;
use seg_evaluator::record::{self, Buffer, Compiled, Outputs, Scratch};
use seg_ir::interpret::Interpreter;
use seg_ir::outcome::{Reject, RejectCode};
use seg_ir::{NodeId, Op, Program, Reason, Value};

use crate::error::Error;
use crate::references::References;
use crate::request::{Decoder, Reader, RequestOptions, Seen};

/// Records after which compiling has paid, where nobody says how to evaluate.
const PAYS_AFTER: u32 = 64;

/// Decides records of one playbook, at any instant, from any number of threads.
pub struct Decider<'p> {
    program: &'p Program,
    nodes: Vec<NodeId>,
    references: References,
    decoder: Decoder<'p>,
    method: Method,
    decided: AtomicU32,
    machine: OnceLock<Option<Machine<'p>>>,
    pool: Mutex<Vec<Memory>>,
}

struct Machine<'p> {
    code: Compiled<'p>,
    references: record::References,
    reader: Option<Reader>,
}

#[derive(Default)]
struct Memory {
    buffer: Buffer,
    scratch: Scratch,
    seen: Seen,
}

/// What was decided on one record.
pub struct Decision<'d> {
    /// The profile's key; missing for `key row`.
    pub key: Value<'d>,
    /// Events that break the schema and were left out.
    pub rejects: &'d [Reject],
    values: Values<'d>,
}

enum Values<'d> {
    Computed(Outputs<'d>),
    Interpreted(&'d [Value<'d>]),
}

impl<'d> Decision<'d> {
    /// Whether a node is true or false, by its place among those that were asked for; `None` where it is unknown or no
    /// condition. As [`Decision::value`], but for the reason, which takes longer than the answer.
    pub fn truth(&self, at: usize) -> Option<bool> {
        match &self.values {
            Values::Computed(outputs) => outputs.truth(at),
            Values::Interpreted(values) => values.get(at).and_then(Value::as_bool),
        }
    }

    /// Which of the nodes from `first` on are true, a bit each from the lowest on; `first` is a multiple of 64.
    pub fn are_true(&self, first: usize) -> u64 {
        match &self.values {
            Values::Computed(outputs) => outputs.are_true().get(first / 64).copied().unwrap_or(0),
            Values::Interpreted(values) => {
                let bit = |(at, value): (usize, &Value<'_>)| u64::from(value.as_bool() == Some(true)) << at;
                values.iter().skip(first / 64 * 64).take(64).enumerate().map(bit).sum()
            }
        }
    }

    /// The value of a node, by its place among those that were asked for.
    pub fn value(&self, at: usize) -> Value<'d> {
        match &self.values {
            Values::Computed(outputs) => outputs.value(at),
            Values::Interpreted(values) => values.get(at).cloned().unwrap_or(Value::Missing(Reason::NotGiven)),
        }
    }
}

impl<'p> Decider<'p> {
    /// Decides nodes of scope customer or below. **Errors**: fields whose types cannot be read, tables that are not
    /// loaded, and with [`Method::Jit`] a processor for which there is no code.
    pub fn new(
        program: &'p Program,
        references: References,
        request: RequestOptions,
        method: Method,
        nodes: Vec<NodeId>,
    ) -> Result<Decider<'p>, Error> {
        let decoder = Decoder::new(program, &references, request)?;
        let decider = Decider {
            program,
            nodes,
            references,
            decoder,
            method,
            decided: AtomicU32::new(0),
            machine: OnceLock::new(),
            pool: Mutex::default(),
        };
        if method == Method::Jit {
            let machine = decider.compile().map_err(|e| Error::NoCode(e.to_string()))?;
            let _ = decider.machine.set(Some(machine));
        }
        Ok(decider)
    }

    fn compile(&self) -> Result<Machine<'p>, seg_evaluator::NoCode> {
        // The instant is given with each record.
        let code = Compiled::new(self.program.running(0), &self.nodes)?;
        let rows = |table| self.references.tables().get(table).map_or(0, |t| u32::try_from(t.rows).unwrap_or(u32::MAX));
        let references = code.references(&self.references, rows);
        let reader = Reader::new(&self.program.schema, &self.decoder);
        Ok(Machine { code, references, reader })
    }

    fn machine(&self) -> Option<&Machine<'p>> {
        match self.method {
            Method::Interp | Method::Masks => None,
            Method::Jit => self.machine.get().and_then(Option::as_ref),
            Method::Auto => {
                let pays = self.decided.load(Ordering::Relaxed) >= PAYS_AFTER
                    || self.decided.fetch_add(1, Ordering::Relaxed) >= PAYS_AFTER;
                // Where there is no code for the processor, the interpreter goes on.
                if pays { self.machine.get_or_init(|| self.compile().ok()).as_ref() } else { None }
            }
        }
    }

    /// Decides one record at an instant, and hands the decision to `show`; `row` is the record's line.
    /// **Errors**: the record breaks the schema; a function of the vocabulary broke down over it.
    pub fn decide<T>(
        &self,
        line: &str,
        row: u64,
        as_of: i64,
        show: impl FnOnce(&Decision<'_>) -> T,
    ) -> Result<T, Box<Reject>> {
        let Some(machine) = self.machine() else { return self.interpret(line, row, as_of, show) };
        let pool = || self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = pool().pop().unwrap_or_default();
        let result = self.compute(machine, &mut memory, line, row, as_of, show);
        pool().push(memory);
        match result {
            Ok(done) => done,
            // Code computes more than the interpreter looks at: whether the fault matters is the interpreter's to say.
            Err(show) => self.interpret(line, row, as_of, show),
        }
    }

    /// By machine code. **Errors**: gives `show` back where a function broke down.
    fn compute<T, F: FnOnce(&Decision<'_>) -> T>(
        &self,
        machine: &Machine<'p>,
        memory: &mut Memory,
        line: &str,
        row: u64,
        as_of: i64,
        show: F,
    ) -> Result<Result<T, Box<Reject>>, F> {
        let Memory { buffer, scratch, seen } = memory;
        let Machine { code, references, reader } = machine;
        if let Some(reader) = reader {
            let mut input = code.input(buffer);
            if let Some(key) = reader.read(&self.decoder, line, as_of, seen, &mut input) {
                let Ok(outputs) = code.evaluate(&input, references, as_of, scratch) else { return Err(show) };
                return Ok(Ok(show(&Decision { key, rejects: &[], values: Values::Computed(outputs) })));
            }
        }
        let decoded = match self.decoder.decode(line, row, as_of) {
            Ok(decoded) => decoded,
            Err(reject) => return Ok(Err(reject)),
        };
        let source = self.references.join(&decoded.record);
        let mut input = code.input(buffer);
        input.fill(&source, 0);
        let Ok(outputs) = code.evaluate(&input, references, as_of, scratch) else { return Err(show) };
        let (key, rejects) = (decoded.key.value(), &*decoded.rejects);
        Ok(Ok(show(&Decision { key, rejects, values: Values::Computed(outputs) })))
    }

    fn interpret<T>(
        &self,
        line: &str,
        row: u64,
        as_of: i64,
        show: impl FnOnce(&Decision<'_>) -> T,
    ) -> Result<T, Box<Reject>> {
        let decoded = self.decoder.decode(line, row, as_of)?;
        let source = self.references.join(&decoded.record);
        let evaluate = |nodes: &[NodeId]| {
            // What a panic leaves behind is thrown away.
            catch_unwind(AssertUnwindSafe(|| {
                let mut interpreter = Interpreter::new(self.program.running(as_of), &source);
                interpreter.customer(0);
                nodes.iter().map(|node| interpreter.value(*node)).collect::<Vec<_>>()
            }))
        };
        let Ok(values) = evaluate(&self.nodes) else {
            let broken = self.calls().find(|(node, _)| evaluate(&[*node]).is_err());
            let name = broken.map_or("an operation", |(_, name)| name);
            return Err(self.broke_down(name, row, decoded.key_text));
        };
        let (key, rejects) = (decoded.key.value(), &*decoded.rejects);
        Ok(show(&Decision { key, rejects, values: Values::Interpreted(&values) }))
    }

    /// The calls outside of rows, and the functions that they call.
    fn calls(&self) -> impl Iterator<Item = (NodeId, &'static str)> + '_ {
        self.program.optimised.ir.nodes.iter().enumerate().filter_map(|(at, node)| match &node.op {
            Op::Call { builtin, .. } if node.scope <= seg_ir::node::Scope::Customer => {
                let builtin = self.program.vocabulary.get(*builtin)?;
                Some((NodeId(at as u32), builtin.name))
            }
            _ => None,
        })
    }

    fn broke_down(&self, name: &str, row: u64, key: Option<String>) -> Box<Reject> {
        let reason = format!(
            "`{name}` broke down while this record was evaluated; that is a fault of the program, not of the record: \
             report it with the record and the playbook"
        );
        let source = self.program.schema.profile().name.clone();
        let code = RejectCode::EvaluationFailed;
        Box::new(Reject { source, file: None, row, key, field: String::new(), code, reason })
    }
}
