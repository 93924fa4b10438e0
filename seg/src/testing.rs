//! Runs the `test` blocks of a playbook.

use seg_ir::interpret::Interpreter;
use seg_ir::program::{Test, Want};
use seg_ir::schema::Schema;
use seg_ir::{Program, Type, Value};
use serde::Serialize;

use crate::render::show_value;

/// How one `test` block went.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    pub name: String,
    /// `file.seg:12`
    pub place: String,
    pub passed: bool,
    pub failures: Vec<Failure>,
}

/// An expectation that does not hold.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    pub expect: String,
    pub place: String,
    /// What the condition is instead: `false` or `unknown`, or `true` where it should not be.
    pub found: String,
    /// The values that it looks at.
    pub values: Vec<(String, String)>,
}

/// Runs all tests of the playbook itself and of the library modules that it uses.
pub fn run(program: &Program) -> Vec<Outcome> {
    program.tests.iter().map(|test| one(program, test)).collect()
}

fn one(program: &Program, test: &Test) -> Outcome {
    let mut interpreter = Interpreter::new(program.context(test.as_of), &test.record);
    interpreter.customer(0);
    let mut failures = Vec::new();
    for expect in &test.expects {
        let found = interpreter.value(expect.node).as_bool();
        let holds = match expect.want {
            Want::True => found == Some(true),
            Want::NotTrue => found != Some(true),
        };
        if holds {
            continue;
        }
        let values = expect.operands.iter().map(|(text, node)| {
            let value = interpreter.value(*node);
            (text.clone(), shown(&program.schema, program.ir.ty(*node), &value))
        });
        failures.push(Failure {
            expect: expect.text.clone(),
            place: expect.place.to_string(),
            values: values.collect(),
            found: found.map_or("unknown".to_string(), |b| b.to_string()),
        });
    }
    Outcome { name: test.name.clone(), place: test.place.to_string(), passed: failures.is_empty(), failures }
}

fn shown(schema: &Schema, ty: &Type, value: &Value) -> String {
    show_value(schema, ty, value)
}
