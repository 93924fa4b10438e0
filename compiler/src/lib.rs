//! Text to a checked program: modules, names, schema, types, missing values, lints, IR. Pure: files come in as a map that
//! the caller filled; nothing here opens one.

mod check;
mod clauses;
pub mod config;
mod decisions;
mod declare;
mod english;
mod hir;
mod lint;
mod lower;
mod missing;
mod modules;
mod optimise;
mod schema;
pub mod sql;
mod suggest;
mod tests_block;

use seg_grammar::{Diagnostic, Severity, SourceMap, Span, codes};
use seg_ir::{Ir, Program};

pub use config::{Config, Level};
pub use english::{first_moment, last_moment, literal, moment};
pub use lint::{LINTS, Lint};
pub use modules::Sources;
pub use optimise::optimise;

/// What compiling gives.
pub struct Compiled {
    pub sources: SourceMap,
    /// The program, when no diagnostic is an error.
    pub program: Option<Program>,
    /// All findings, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}

/// Compiles a playbook. The order of passes is the order of these lines.
pub fn compile(sources: &Sources, config: &Config) -> Compiled {
    let mut diagnostics = Vec::new();
    let modules = modules::load(sources, &mut diagnostics);
    let names = declare::declare(&modules, &mut diagnostics);
    let schema = schema::build(&modules, &names, sources, &mut diagnostics);
    let hir = check::check(&modules, &names, &schema, sources, &mut diagnostics);
    let typed_cleanly = !diagnostics.iter().any(|d| d.severity == Severity::Error);
    let lowered = lower::lower(&hir, &schema, typed_cleanly);
    let findings = missing::check(&hir, &lowered, &schema.schema, &modules.map, &mut diagnostics);
    decisions::check(&hir, &findings, &schema.schema, &modules.map, &mut diagnostics);
    lint::run(
        &lint::Playbook {
            modules: &modules,
            names: &names,
            schemas: &schema,
            hir: &hir,
            lowered: &lowered,
            findings: &findings,
            config,
        },
        &mut diagnostics,
    );
    let sound = !diagnostics.iter().any(|d| d.severity == Severity::Error);
    drop_echoes(&mut diagnostics);
    diagnostics.sort_by_key(|d| (d.span(), d.code));
    diagnostics.dedup();
    let program = sound.then(|| {
        let mut program = clauses::program(&modules, &schema, &hir, lowered, &findings);
        verified(&program.ir, &program);
        program.optimised = if config.optimise { optimise(&program) } else { program.plain() };
        program
    });
    Compiled { sources: modules.map, program, diagnostics }
}

/// What leaves the compiler keeps to the IR's rules; if not, no decision may be made with it.
#[expect(clippy::panic, reason = "a fault of the compiler's own, which must not become a wrong decision")]
fn verified(ir: &Ir, program: &Program) {
    if let Err(fault) = seg_ir::verify::verify(ir, &program.schema, program.vocabulary) {
        panic!("the compiler made an unsound node {}: {}", fault.node.0, fault.reason);
    }
}

/// Where a letter of another alphabet stands in a name, nothing else is to be said of that name.
fn drop_echoes(diagnostics: &mut Vec<Diagnostic>) {
    let is_letter = |d: &Diagnostic| d.code == codes::LOOK_ALIKE_LETTER;
    let letters: Vec<Span> = diagnostics.iter().filter(|d| is_letter(d)).map(Diagnostic::span).collect();
    let around =
        |span: Span, letter: &Span| span.file == letter.file && span.start <= letter.start && letter.end <= span.end;
    diagnostics.retain(|d| is_letter(d) || !letters.iter().any(|letter| around(d.span(), letter)));
}
