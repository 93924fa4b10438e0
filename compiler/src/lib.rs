//! Text to a checked program: modules, names, schema, types, missing values, lints, IR. Pure: files come in as a map that
//! the caller filled; nothing here opens one.

mod check;
mod clauses;
pub mod config;
mod decisions;
mod declare;
mod english;
mod hir;
pub mod limits;
mod lint;
mod lower;
mod missing;
mod modules;
mod optimise;
mod schema;
pub mod sql;
mod suggest;
mod tests_block;
mod work;

use seg_grammar::{Diagnostic, Severity, SourceMap, Span, codes};
use seg_ir::{Ir, Program};

pub use config::{Config, Level};
pub use english::{first_moment, last_moment, literal, moment};
pub use lint::{LINTS, Lint};
pub use modules::{Parsed, Sources};
pub use optimise::optimise;
pub use work::Work;

/// What compiling gives.
pub struct Compiled {
    pub sources: SourceMap,
    /// The program, when no diagnostic is an error.
    pub program: Option<Program>,
    /// All findings, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// What each pass did.
    pub work: Work,
}

impl Compiled {
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}

/// What there is to say of a playbook, without the program.
#[derive(Clone)]
pub struct Diagnosed {
    pub sources: SourceMap,
    /// All findings, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles a playbook. Any stack will do: it brings its own.
pub fn compile(sources: &Sources, config: &Config) -> Compiled {
    compile_again(sources, config, &mut Parsed::default(), &mut |_| {})
}

/// Compiles a playbook, parsing only the files that have changed since `parsed` was last used; the result is that of
/// [`compile`]. Each pass is told when it is done.
pub fn compile_again(
    sources: &Sources,
    config: &Config,
    parsed: &mut Parsed,
    done: &mut (dyn FnMut(&'static str) + Send),
) -> Compiled {
    on_own_stack(|| {
        let mut analysed = analyse(sources, config, parsed, done);
        let sound = !analysed.diagnostics.iter().any(|d| d.severity == Severity::Error);
        let program = sound.then(|| {
            let Analysed { modules, schema, hir, lowered, work, .. } = &mut analysed;
            let lowered = std::mem::take(lowered);
            let mut program = clauses::program(modules, schema, hir, lowered, work);
            done("clauses");
            verified(&program.ir, &program);
            done("verify");
            program.optimised = if config.optimise { optimise::counted(&program, work) } else { program.plain() };
            done("optimise");
            program
        });
        let Analysed { modules, diagnostics, work, .. } = analysed;
        Compiled { sources: modules.map, program, diagnostics, work }
    })
}

/// All that is to be said of a playbook, as [`compile_again`] says it, without making the program.
pub fn diagnose(
    sources: &Sources,
    config: &Config,
    parsed: &mut Parsed,
    done: &mut (dyn FnMut(&'static str) + Send),
) -> Diagnosed {
    on_own_stack(|| {
        let analysed = analyse(sources, config, parsed, done);
        Diagnosed { sources: analysed.modules.map, diagnostics: analysed.diagnostics }
    })
}

struct Analysed {
    modules: modules::Modules,
    schema: schema::Schemas,
    hir: hir::Hir,
    lowered: lower::Lowered,
    diagnostics: Vec<Diagnostic>,
    work: Work,
}

/// The passes that find something to say. Their order is the order of these lines.
fn analyse(
    sources: &Sources,
    config: &Config,
    parsed: &mut Parsed,
    done: &mut (dyn FnMut(&'static str) + Send),
) -> Analysed {
    let mut diagnostics = Vec::new();
    let mut work = Work::default();
    let modules = modules::load(sources, parsed, &mut diagnostics);
    done("parse");
    let names = declare::declare(&modules, &mut diagnostics);
    let schema = schema::build(&modules, &names, sources, &mut diagnostics);
    done("schema");
    let (hir, compared) = check::check(&modules, &names, &schema, sources, &mut diagnostics);
    work.expressions = hir.exprs.len() as u64;
    work.names_compared = compared;
    done("check");
    let typed_cleanly = !diagnostics.iter().any(|d| d.severity == Severity::Error);
    let lowered = lower::lower(&hir, &schema, typed_cleanly);
    work.operands = (lowered.ir.len() + lowered.operands) as u64;
    diagnostics.extend(lowered.full_at.map(|id| too_large(&hir, id)));
    done("lower");
    let findings = missing::check(&hir, &lowered, &schema.schema, &modules.map, &mut diagnostics);
    work.missing = findings.steps;
    done("missing");
    work.proofs = decisions::check(&hir, &findings, &schema.schema, &modules.map, &mut diagnostics);
    done("decisions");
    lint::run(
        &lint::Playbook {
            modules: &modules,
            names: &names,
            schemas: &schema,
            hir: &hir,
            lowered: &lowered,
            findings: &findings,
            config,
            reached: lint::reached(&hir),
        },
        &mut diagnostics,
    );
    drop_echoes(&mut diagnostics);
    diagnostics.sort_by_key(|d| (d.span(), d.code));
    diagnostics.dedup();
    done("lint");
    Analysed { modules, schema, hir, lowered, diagnostics, work }
}

fn too_large(hir: &hir::Hir, at: hir::ExprId) -> Diagnostic {
    let (nodes, operands) = (limits::NODES_MAX, limits::OPERANDS_MAX);
    Diagnostic::error(
        codes::TOO_LARGE,
        hir.expr(at).span,
        format!("the playbook comes to more than {nodes} operations, or {operands} values that they take"),
        "the limit is met here",
    )
    .help("use a large table, or a long choice, in one attribute, and that attribute wherever its result is wanted")
}

/// Runs where there is stack enough for everything that the limits allow, whoever calls.
fn on_own_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("seg-compile".to_string()).stack_size(limits::STACK_BYTES);
        match thread.spawn_scoped(scope, work) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(error) => no_thread(&error),
        }
    })
}

#[expect(clippy::panic, reason = "as Rust's own `spawn` does where the system has no thread left")]
fn no_thread(error: &std::io::Error) -> ! {
    panic!("the system gives no thread to compile on: {error}")
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
    let mut letters: Vec<Span> = diagnostics.iter().filter(|d| is_letter(d)).map(Diagnostic::span).collect();
    letters.sort_unstable();
    // Letters do not overlap, so the first that begins in a place is the first that ends there.
    let holds = |span: Span| {
        let first = letters.partition_point(|letter| (letter.file, letter.start) < (span.file, span.start));
        letters.get(first).is_some_and(|letter| letter.file == span.file && letter.end <= span.end)
    };
    diagnostics.retain(|d| is_letter(d) || !holds(d.span()));
}
