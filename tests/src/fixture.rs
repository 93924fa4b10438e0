//! Fixtures: each file below `cases/eval` is one claim about what the language means, a playbook of its own with `test`
//! blocks. Every evaluator runs every fixture, as written and as formatted; the format has no way to leave one out.

use std::path::{Path, PathBuf};

use seg_compiler::{Compiled, Config, Sources, compile};
use seg_evaluator::{Bulk, Method};
use seg_grammar::Severity;
use seg_grammar::format::{format, laws};
use seg_ir::interpret::Interpreter;
use seg_ir::program::{Test, Want};
use seg_ir::{Const, NodeId, Program};

use crate::batches;
use crate::optimiser;

type Values = fn(&Program, &Test, &[NodeId]) -> Result<Vec<Const>, String>;

/// One way to evaluate a playbook.
pub struct Evaluator {
    pub name: &'static str,
    pub needs: Needs,
    /// The values of nodes for the customer of a test.
    pub values: Values,
}

/// What an evaluator cannot do without, and a build may leave out to show that the others can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Interpreter,
    MachineCode,
    Neither,
}

/// Every evaluator there is.
pub const EVALUATORS: &[Evaluator] = &[
    Evaluator { name: "interpreter over a record", needs: Needs::Interpreter, values: over_record },
    Evaluator {
        name: "interpreter over a batch",
        needs: Needs::Interpreter,
        values: |p, t, n| over_batch(p, t, n, Method::Interp),
    },
    Evaluator { name: "masks", needs: Needs::Neither, values: |p, t, n| over_batch(p, t, n, Method::Masks) },
    Evaluator { name: "gates over masks", needs: Needs::Neither, values: |p, t, n| over_batch(p, t, n, Method::Gates) },
    Evaluator {
        name: "machine code over masks",
        needs: Needs::MachineCode,
        values: |p, t, n| over_batch(p, t, n, Method::Jit),
    },
    Evaluator { name: "compiled record", needs: Needs::MachineCode, values: compiled_record },
];

/// The evaluators of this build; the first is the oracle of the others.
pub fn evaluators() -> impl Iterator<Item = &'static Evaluator> {
    EVALUATORS.iter().filter(|evaluator| match evaluator.needs {
        Needs::Interpreter => !cfg!(feature = "no-interpreter"),
        Needs::MachineCode => !cfg!(feature = "no-jit"),
        Needs::Neither => true,
    })
}

fn over_record(program: &Program, test: &Test, nodes: &[NodeId]) -> Result<Vec<Const>, String> {
    let mut interpreter = Interpreter::new(program.context(test.as_of), &test.record);
    interpreter.customer(0);
    Ok(nodes.iter().map(|node| interpreter.value(*node).to_const()).collect())
}

fn over_batch(program: &Program, test: &Test, nodes: &[NodeId], method: Method) -> Result<Vec<Const>, String> {
    let batch = batches::of_record(&program.schema, &test.record)?;
    let bulk = Bulk::new(program.context(test.as_of), nodes, method);
    match method == Method::Jit && !bulk.is_compiled() {
        true => Err("its conditions are not compiled".to_string()),
        false => Ok(bulk.values(&batch).into_iter().flatten().collect()),
    }
}

fn compiled_record(program: &Program, test: &Test, nodes: &[NodeId]) -> Result<Vec<Const>, String> {
    let compiled = seg_evaluator::record::Compiled::new(program.context(test.as_of), nodes);
    let values = compiled.map_err(|e| e.to_string())?.over_source(&test.record, 0, test.as_of);
    values.map_err(|e| e.to_string())
}

/// A fixture as it was read.
pub struct Fixture {
    pub path: PathBuf,
    /// Its folder and its claim: `kleene/false_decides_and`.
    pub name: String,
    pub text: String,
}

/// What a playbook gives, test by test: each expectation, then each attribute and segment by name.
type Answers = Vec<(String, Const)>;

/// All fixtures below a folder of areas, in the order of their names. **Errors**: a folder or file that cannot be read.
pub fn all(folder: &Path) -> Result<Vec<Fixture>, String> {
    let mut fixtures = Vec::new();
    for area in entries(folder)? {
        for path in entries(&area)? {
            let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let last = |p: &Path| p.file_stem().map_or(String::new(), |n| n.to_string_lossy().into_owned());
            let name = format!("{}/{}", last(&area), last(&path));
            fixtures.push(Fixture { path, name, text });
        }
    }
    Ok(fixtures)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let read = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

impl Fixture {
    /// Runs the fixture in every evaluator, as written and as formatted. **Errors**: what does not hold.
    pub fn run(&self) -> Result<(), String> {
        self.is_named_like_a_claim()?;
        let program = checked(&self.text)?;
        let answers = run(&program)?;
        if evaluators().any(|evaluator| evaluator.needs == Needs::Interpreter) {
            optimiser::changes_nothing(&program)?;
        }
        laws::keeps_meaning(&self.text)?;
        let formatted = format(&self.text).ok_or("it is not formatted")?;
        let again = checked(&formatted).map_err(|e| format!("formatted:\n{formatted}\n{e}"))?;
        match run(&again)? == answers {
            true => Ok(()),
            false => Err(format!("formatting changes the answers:\n{formatted}")),
        }
    }

    fn is_named_like_a_claim(&self) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '/');
        let is_seg = self.path.extension().is_some_and(|e| e == "seg");
        match is_seg && self.name.chars().all(plain) && self.name.matches('_').count() > 0 {
            true => Ok(()),
            false => Err("a fixture's name is its claim, in small letters and underscores, and ends in `.seg`".into()),
        }
    }
}

/// The program of one file of source text. **Errors**: what the compiler says.
pub fn checked(text: &str) -> Result<Program, String> {
    let compiled = compile_text(text);
    let told = |c: &Compiled| {
        let errors = c.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        errors.map(|d| format!("{} [{}] {}", c.sources.place(d.span()), d.code, d.message)).collect::<Vec<_>>()
    };
    let errors = told(&compiled);
    compiled.program.ok_or_else(|| errors.join("\n"))
}

/// Compiles one file of source text.
pub fn compile_text(text: &str) -> Compiled {
    let mut sources = Sources { name: "fixture".to_string(), ..Sources::default() };
    sources.files.insert("fixture.seg".to_string(), text.to_string());
    compile(&sources, &Config::default())
}

/// Every test in every evaluator: all expectations hold, and all evaluators agree with the first about every value.
fn run(program: &Program) -> Result<Answers, String> {
    if program.tests.iter().map(|t| t.expects.len()).sum::<usize>() == 0 {
        return Err("it expects nothing".into());
    }
    let mut answers = Vec::new();
    for test in &program.tests {
        let mut oracle: Option<Answers> = None;
        for evaluator in evaluators() {
            let found = answers_of(program, test, evaluator)?;
            expectations_hold(test, evaluator, &found)?;
            match &oracle {
                None => oracle = Some(found),
                Some(oracle) => same(test, evaluator, oracle, &found)?,
            }
        }
        answers.extend(oracle.unwrap_or_default());
    }
    Ok(answers)
}

fn answers_of(program: &Program, test: &Test, evaluator: &Evaluator) -> Result<Answers, String> {
    let expects = test.expects.iter().enumerate().map(|(n, e)| (format!("expectation {}", n + 1), e.node));
    let attributes = program.attributes.iter().map(|a| (a.name.clone(), a.node));
    let segments = program.segments.iter().map(|s| (s.name.clone(), s.node));
    let (names, nodes): (Vec<String>, Vec<NodeId>) = expects.chain(attributes).chain(segments).unzip();
    let found = (evaluator.values)(program, test, &nodes);
    let values = found.map_err(|e| format!("{}: {e} in the {}", test.place, evaluator.name))?;
    assert_eq!(values.len(), nodes.len(), "{} gives a value for each node", evaluator.name);
    Ok(names.into_iter().zip(values).collect())
}

fn expectations_hold(test: &Test, evaluator: &Evaluator, found: &Answers) -> Result<(), String> {
    for (expect, (_, value)) in test.expects.iter().zip(found) {
        let is_true = *value == Const::Bool(true);
        let holds = match expect.want {
            Want::True => is_true,
            Want::NotTrue => !is_true,
        };
        if !holds {
            return Err(format!("{}: `{}` gives {value:?} in the {}", expect.place, expect.text, evaluator.name));
        }
    }
    Ok(())
}

fn same(test: &Test, evaluator: &Evaluator, oracle: &Answers, found: &Answers) -> Result<(), String> {
    for ((name, want), (_, have)) in oracle.iter().zip(found) {
        let alike = want == have || (want.is_missing() && have.is_missing());
        if !alike {
            let (place, evaluator) = (&test.place, evaluator.name);
            return Err(format!("{place}: `{name}` is {want:?}, and {have:?} in the {evaluator}"));
        }
    }
    Ok(())
}
