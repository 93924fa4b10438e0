//! Hostile playbooks are refused, or cost no more than in proportion to their size: by counted steps, not by the clock. What
//! compiles goes through everything that the commands do with it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg::eval::{Evaluator, RequestOptions, UnknownFields};
use seg::ir::Program;
use seg::run::Request;
use seg::{Folder, Method, Options, Playbook, Severity};
use seg_compiler::{Compiled, Config, Sources, compile};
use seg_tests::hostile::{FAMILIES, Family, Fate, deepest};
use seg_tests::random::Random;
use seg_tests::records;

/// A day in 2026.
const AS_OF: i64 = 1_767_571_200_000_000;

/// Twice the size may take so many times the steps, and so many steps besides.
const GROWTH_MAX: f64 = 2.3;
const STEPS_FREE: u64 = 2_000;

fn compiled(sources: &Sources) -> Compiled {
    compile(sources, &Config::default())
}

/// What is wrong with a family at a size.
fn met(family: &Family, size: usize, compiled: &Compiled) -> Result<(), String> {
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    let told = errors.first().map_or("nothing".to_string(), |d| format!("{}: {}", d.code, d.message));
    match family.fate {
        Fate::Linear if errors.is_empty() => Ok(()),
        Fate::Refused(code) if errors.iter().any(|d| d.code.0 == code) => Ok(()),
        fate => Err(format!("{} of {size}: {fate:?} was expected, and it raises {told}", family.name)),
    }
}

#[test]
fn every_family_meets_its_fate_in_proportion_to_its_size() {
    let mut problems = Vec::new();
    for family in FAMILIES {
        let [once, twice] = [family.size, 2 * family.size].map(|size| {
            let sources = (family.make)(size);
            let compiled = compiled(&sources);
            problems.extend(met(family, size, &compiled).err());
            (compiled.work, sources.files.values().map(String::len).sum::<usize>())
        });
        // A table of twice the columns and twice the rows is a text of four times the length.
        let text = twice.1 as f64 / once.1 as f64;
        let allowed = (GROWTH_MAX / 2.0 * text.max(2.0) * once.0.total() as f64) as u64 + STEPS_FREE;
        if twice.0.total() > allowed {
            problems.push(format!("{}: {:?} become {:?}, allowed are {allowed} steps", family.name, once.0, twice.0));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn what_compiles_goes_through_every_command() {
    for family in FAMILIES.iter().filter(|family| !matches!(family.fate, Fate::Refused(_))) {
        let sources = (family.make)(family.size);
        let program = compiled(&sources).program.unwrap();
        everything(family.name, &sources, program);
    }
}

#[test]
fn the_deepest_that_compiles_needs_half_the_stack_of_a_thread() {
    for (name, sources) in deepest() {
        let program = compiled(&sources).program.unwrap_or_else(|| panic!("{name} is refused"));
        let depth = seg_ir::verify::depth(&program.ir).max(seg_ir::verify::depth(&program.optimised.ir));
        assert!((300..=seg_ir::limits::DEPTH_MAX).contains(&depth), "{name} is {depth} deep");
        let thread = std::thread::Builder::new().stack_size(1 << 20);
        thread.spawn(move || everything(name, &sources, program)).unwrap().join().unwrap();
    }
}

#[test]
fn the_page_of_limits_tells_the_limits() {
    use seg_compiler::limits::*;
    let page = include_str!("../../docs/reference/limits.md");
    let shown = |n: u64| {
        let digits = n.to_string();
        let parts: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|c| std::str::from_utf8(c).unwrap()).collect();
        parts.join(",")
    };
    for (what, limit) in [
        ("definitions that build on each other", DEFINITIONS_MAX as u64),
        ("operations that hang from one another, counted through names", u64::from(DEPTH_MAX)),
        ("all `.seg` files of a playbook", PLAYBOOK_BYTES_MAX as u64 >> 20),
        ("operations of a playbook, equal ones counted once", NODES_MAX as u64),
        ("values that they take together", OPERANDS_MAX as u64),
        ("steps of the proof of a decision table", TABLE_STEPS_MAX),
        ("steps of the analysis of missing values", MISSING_STEPS_MIN),
        ("Misspelt names are compared", SPELLINGS_MAX),
        ("levels deep", REPEATED_LEVELS_MAX as u64),
        ("once each, up to", REPEATED_EXPRESSIONS_MAX as u64),
        ("looks at", READ_MAX as u64),
    ] {
        let line = page.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("nothing on {what}"));
        assert!(line.contains(&shown(limit)), "{what}: {line}, and it is {}", shown(limit));
    }
}

/// Formats, explains, translates, builds, tests and evaluates.
fn everything(name: &str, sources: &Sources, program: Program) {
    for text in sources.files.values() {
        let formatted = seg::format(text).unwrap_or_else(|| panic!("{name} is not formatted"));
        assert_eq!(seg::format(&formatted).as_ref(), Some(&formatted), "{name}");
    }
    let names = program.segments.iter().map(|s| &s.name).chain(program.attributes.iter().map(|a| &a.name));
    for defined in names.take(200) {
        assert!(seg::explain::name(&program, defined, AS_OF).is_some(), "{name}");
    }
    assert!(seg::testing::run(&program).iter().all(|outcome| outcome.failures.is_empty()), "{name}");
    let record = records::record(&program, AS_OF, &mut Random::new(1));
    let some: Vec<String> = program.segments.iter().rev().take(50).map(|s| s.name.clone()).collect();
    assert_eq!(seg::why::why(&program, &record, AS_OF, &some).len(), some.len(), "{name}");
    alike(name, &program);
    let folder = Folder::of_sources(sources.clone());
    let playbook = Playbook::of(&folder, program);
    assert!(!playbook.encode(None).unwrap_or_else(|e| panic!("{name} is not built: {e}")).is_empty());
    let tables = seg::sql::Tables::Expected;
    assert!(seg::sql::duckdb(&playbook, &Request::default(), tables, AS_OF).is_ok(), "{name}");
}

/// Every method decides a few records in the same way.
fn alike(name: &str, program: &Program) {
    let lines = [
        r#"{"customer_id": "a", "score": 3, "name": "item 7", "age": 30, "paid": true, "orders": []}"#,
        r#"{"customer_id": "b", "score": 42, "name": "x",
            "orders": [{"placed_at": "2026-01-01T10:00:00Z", "total": "12.50", "item": "shoe"}]}"#,
    ];
    let ignoring = RequestOptions { unknown_fields: UnknownFields::Ignore, ..RequestOptions::default() };
    let decided = [Method::Interp, Method::Masks, Method::Gates, Method::Jit].map(|method| {
        let mut options = Options::new(AS_OF, seg_runtime::Bindings::default());
        options.method = method;
        let evaluator = Evaluator::new(program, &options, ignoring).unwrap();
        lines.map(|line| evaluator.decide(line, 1).to_string())
    });
    assert!(decided[0].iter().all(|json| !json.contains("\"error\"")), "{name}: {:?}", decided[0]);
    assert!(decided.iter().all(|other| *other == decided[0]), "{name}: the methods differ");
}
