//! Compiled playbooks that are kept for ever, one folder a version of the format, each beside what it decided when it was
//! built: every value of every test's record, why, and what its definitions say in plain words.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use seg::Playbook;
use seg_ir::Program;
use seg_ir::interpret::Interpreter;

/// A playbook that golden files are made of: the name of its files, and its sources from the root of the repository.
pub const SOURCES: [(&str, &str); 2] =
    [("complete-journey", "examples/complete-journey"), ("everything", "tests/golden/sources/everything.seg")];

/// The folder of a version of the format.
pub fn folder(root: &Path, format: u16) -> PathBuf {
    root.join(format!("tests/golden/v{format}"))
}

/// The compiled playbook of sources. **Errors**: what the compiler or the encoder says.
pub fn build(path: &Path) -> Result<(Playbook, Vec<u8>), String> {
    let folder = seg::Folder::open(Some(path)).map_err(|e| e.to_string())?;
    let program = seg::check(&folder).program.ok_or("it does not check")?;
    let playbook = Playbook::of(&folder, program);
    let bytes = playbook.encode(None).map_err(|e| e.to_string())?;
    Ok((playbook, bytes))
}

/// All that a program decides about its tests' records, as text: two programs that decide the same give the same.
pub fn decisions(program: &Program) -> String {
    let mut out = String::new();
    for test in &program.tests {
        let mut interpreter = Interpreter::new(program.context(test.as_of), &test.record);
        interpreter.customer(0);
        // Writing to a text cannot fail.
        let _ = writeln!(out, "test {:?}", test.name);
        // What runs, beside what was written, which explanations read.
        let mut running = Interpreter::new(program.running(test.as_of), &test.record);
        running.customer(0);
        let attributes = program.attributes.iter().map(|a| (&a.name, a.node));
        let declared = attributes.chain(program.segments.iter().map(|s| (&s.name, s.node)));
        let run = &program.optimised;
        for ((name, node), stand_in) in declared.zip(run.attributes.iter().chain(&run.segments)) {
            let ty = program.ir.ty(node);
            let shown = seg::render::show_value(program, ty, &running.value(*stand_in));
            let written = seg::render::show_value(program, ty, &interpreter.value(node));
            let _ = writeln!(out, "  {name} = {shown}");
            if shown != written {
                let _ = writeln!(out, "  {name} as written = {written}");
            }
        }
        for expect in &test.expects {
            let _ = writeln!(out, "  {} = {:?}", expect.text, interpreter.value(expect.node).as_bool());
        }
        let verdicts = seg::why::why(program, &test.record, test.as_of, &[]);
        for answer in verdicts.iter().flat_map(|v| &v.clauses) {
            let _ = writeln!(out, "  {} {} {:?} {:?}", answer.place, answer.text, answer.truth, answer.values);
        }
    }
    let as_of = program.tests.first().map_or(0, |t| t.as_of);
    let attributes = program.attributes.iter().map(|a| &a.name);
    for name in program.segments.iter().map(|s| &s.name).chain(attributes) {
        out.push_str(&seg::explain::name(program, name, as_of).unwrap_or_default());
    }
    out
}
