//! One record at a time: all segments of a customer whose cells are filled in, and from the bytes of a JSON object.

use seg::Method;
use seg_evaluator::record::{Buffer, Compiled, Input, References as Lookups, Scratch};
use seg_runtime::ir::NodeId;
use seg_runtime::{Decider, Decoder, References, RequestOptions};
use serde_json::json;

use crate::playbook::Bound;
use crate::serve::{self, Answers, Failure, Form, Work};

/// Work is repeated for as long before it is believed.
const LEAST_S: f64 = 0.05;

pub fn run(path: &str, records: &str) -> Result<(), Failure> {
    let bound = Bound::open(path, 1, &[])?;
    let program = &bound.program;
    let text = std::fs::read_to_string(records)?;
    let lines: Vec<&str> = text.lines().collect();
    let (as_of, nodes) = (bound.options.as_of, bound.nodes());

    let references = References::load(program, &bound.options)?;
    let decoder = Decoder::new(program, &references, RequestOptions::default())?;
    let decode = |(line, row): (&&str, u64)| decoder.decode(line, row, as_of).map_err(|reject| reject.reason);
    let decoded = lines.iter().zip(1..).map(decode).collect::<Result<Vec<_>, _>>()?;
    let sources: Vec<_> = decoded.iter().map(|decoded| references.join(&decoded.record)).collect();
    let code = Compiled::new(program.running(as_of), nodes)?;
    let rows = |table| references.tables().get(table).map_or(0, |t| t.rows as u32);
    let lookups = code.references(&references, rows);
    let mut buffers: Vec<Buffer> = lines.iter().map(|_| Buffer::default()).collect();
    let fill = |(buffer, source)| {
        let mut input = code.input(buffer);
        input.fill(source, 0);
        input
    };
    let inputs: Vec<Input> = buffers.iter_mut().zip(&sources).map(fill).collect();

    let decider = |method| {
        let references = References::load(program, &bound.options)?;
        Decider::new(program, references, RequestOptions::default(), method, nodes.to_vec())
    };
    let (jit, interpreter) = (decider(Method::Jit)?, decider(Method::Interp)?);
    let of_json = |decider| Json { decider, lines: &lines, as_of, nodes, made: Vec::new() };
    let parsed = Parsed { code: &code, lookups: &lookups, inputs: &inputs, as_of, nodes, made: Vec::new() };
    let forms = vec![
        Form { name: "jit-parsed", kind: "parsed", work: Box::new(parsed) },
        Form { name: "jit-json", kind: "json", work: Box::new(of_json(&jit)) },
        Form { name: "interp-json", kind: "json", work: Box::new(of_json(&interpreter)) },
    ];
    serve::serve(forms, &json!({ "records": lines.len(), "bytes": text.len() }), LEAST_S)
}

/// By record: which segments it is in, a bit each; there are no more than 128.
type In = Vec<u128>;

/// Two words of 64 segments each.
fn bits(low: u64, high: u64) -> u128 {
    u128::from(low) | u128::from(high) << 64
}

fn codes(made: &In, segments: usize) -> Answers {
    Answers::Codes((0..segments).map(|at| made.iter().map(|bits| (bits >> at & 1) as u8).collect()).collect())
}

/// From cells to answers.
struct Parsed<'b, 'p> {
    code: &'b Compiled<'p>,
    lookups: &'b Lookups,
    inputs: &'b [Input<'b, 'b>],
    as_of: i64,
    nodes: &'b [NodeId],
    made: In,
}

impl Work for Parsed<'_, '_> {
    fn run(&mut self) -> Result<(), Failure> {
        let mut scratch = Scratch::default();
        for input in self.inputs {
            let outputs = self.code.evaluate(input, self.lookups, self.as_of, &mut scratch)?;
            let word = |at: usize| outputs.are_true().get(at).copied().unwrap_or(0);
            self.made.push(bits(word(0), word(1)));
        }
        Ok(())
    }

    fn answers(&self) -> Answers {
        codes(&self.made, self.nodes.len())
    }

    fn forget(&mut self) {
        self.made.clear();
    }
}

/// From JSON to answers.
struct Json<'b> {
    decider: &'b Decider<'b>,
    lines: &'b [&'b str],
    as_of: i64,
    nodes: &'b [NodeId],
    made: In,
}

impl Work for Json<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        for (line, row) in self.lines.iter().zip(1..) {
            let decide = |decision: &seg_runtime::Decision| bits(decision.are_true(0), decision.are_true(64));
            let decided = self.decider.decide(line, row, self.as_of, decide);
            self.made.push(decided.map_err(|reject| reject.reason)?);
        }
        Ok(())
    }

    fn answers(&self) -> Answers {
        codes(&self.made, self.nodes.len())
    }

    fn forget(&mut self) {
        self.made.clear();
    }
}
