//! The campaign of every test run: 500 playbooks with 256 customers each, in every way to evaluate them. And that it finds
//! what is wrong.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg_ir::node::{Comparison, Ir, Op};
use seg_ir::{Const, NodeId, Program, Record};
use seg_tests::differential::campaign::{Options, run};
use seg_tests::differential::compare::{Decided, RecordEvaluator, Variant, Varied, Ways};
use seg_tests::differential::coverage::Kind;
use seg_tests::fixture::checked;

/// At least so many playbooks, and so many decisions, for everything that there is to meet.
const PROGRAMS_MIN: u64 = 10;
const DECISIONS_MIN: u64 = 2_000;
/// At most this part of what is generated may be refused by the compiler.
const REFUSED_MAX: f64 = 0.2;

/// Faults that are planted are looked for one by one, each by a short campaign that ends with what it first finds.
const PROGRAMS_PLANTED: u64 = 60;

#[test]
fn every_way_to_evaluate_decides_alike() {
    if seg_ir::fault::PLANTED {
        for first in 0..PROGRAMS_PLANTED {
            let folder = Some(std::env::temp_dir().join("seg-planted"));
            let found =
                run(&Options { programs: 1, records: 64, first, threads: 1, folder, ..Options::default() }).found;
            assert!(found.is_empty(), "{}", found[0].disagreement.way);
        }
        return;
    }
    let options = Options::default();
    assert_eq!((options.programs, options.records), (500, 256));
    let report = run(&options);
    println!("{}\n{}", report.text(&options), report.verdict(&options));
    assert!(report.found.is_empty(), "{}", report.text(&options));
    assert_eq!(report.programs_refused, 0);
    assert!(report.refused_rate() < REFUSED_MAX, "{}", report.refused_rate());
    for (kind, name, count) in report.coverage.all() {
        assert!(count.programs >= PROGRAMS_MIN, "{kind:?} {name}: {} playbooks", count.programs);
        assert!(count.decisions() >= DECISIONS_MIN, "{kind:?} {name}: {} decisions", count.decisions());
        let both = count.yes > 0 && count.no > 0;
        assert!(both || kind == Kind::Builtin, "{kind:?} {name}: conditions came out one way only");
        assert!(count.missing > 0, "{kind:?} {name}: never missing");
    }
    assert!(report.rejected > 0 && report.judged > report.rejected, "{} of {}", report.rejected, report.judged);
    assert!(report.layouts.len() > 50, "{} layouts", report.layouts.len());
}

/// The same program, but that every `<` is `<=`.
fn with_a_wrong_comparison(program: &Program) -> Result<Varied, String> {
    let mut ir = Ir::default();
    let mut moved: Vec<NodeId> = Vec::new();
    for node in &program.ir.nodes {
        let mut op = node.op.map_operands(|id| moved[id.0 as usize]);
        if let Op::Compare(comparison @ Comparison::Less, ..) = &mut op {
            *comparison = Comparison::LessEqual;
        }
        moved.push(ir.add(op, node.ty.clone()));
    }
    let mut wrong = Program { ir, ..program.clone() };
    wrong.attributes.iter_mut().for_each(|a| a.node = moved[a.node.0 as usize]);
    wrong.segments.iter_mut().for_each(|s| s.node = moved[s.node.0 as usize]);
    Ok(Varied { program: wrong, origin: None })
}

const WRONG_VARIANT: &[Variant] = &[Variant { name: "a wrong lowering", of: with_a_wrong_comparison }];

#[test]
fn a_wrong_comparison_is_found_and_made_small() {
    let ways = Ways { variants: WRONG_VARIANT, ..Ways::default() };
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        programs: 40,
        records: 64,
        seed: 3,
        quick: true,
        ways,
        folder: Some(folder.path().to_path_buf()),
        ..Options::default()
    };
    let report = run(&options);
    assert!(!report.found.is_empty(), "nothing was found");
    let smallest = report.found.iter().min_by_key(|f| f.fixture.len()).unwrap();
    println!("{}", smallest.fixture);
    assert!(smallest.disagreement.way.starts_with("a wrong lowering"), "{:?}", smallest.disagreement);
    assert!(smallest.path.as_ref().is_some_and(|path| path.exists()));
    assert!(smallest.fixture.lines().count() < 40, "it is not small");
    let program = checked(&smallest.fixture).unwrap();
    assert_eq!(program.tests.len(), 1, "one customer is enough");
}

/// An evaluator of records that takes the unknown for false.
fn unknown_is_false(program: &Program, as_of: i64, records: &[Record], nodes: &[NodeId]) -> Result<Decided, String> {
    let rows = records.iter().map(|record| {
        let mut interpreter = seg_ir::interpret::Interpreter::new(program.context(as_of), record);
        interpreter.customer(0);
        let row = nodes.iter().map(|node| match interpreter.value(*node).to_const() {
            Const::Missing(_) if *program.ir.ty(*node) == seg_ir::Type::Bool => Const::Bool(false),
            value => value,
        });
        row.collect()
    });
    Ok((rows.collect(), None))
}

const WRONG_EVALUATOR: &[RecordEvaluator] = &[RecordEvaluator { name: "a wrong evaluator", decide: unknown_is_false }];

#[test]
fn a_guess_about_the_unknown_is_found() {
    let ways = Ways { evaluators: WRONG_EVALUATOR, ..Ways::default() };
    let folder = tempfile::tempdir().unwrap();
    let folder = Some(folder.path().to_path_buf());
    let options = Options { programs: 4, records: 32, seed: 5, quick: true, ways, folder, ..Options::default() };
    let report = run(&options);
    assert_eq!(report.found.len(), 4, "every playbook has something unknown");
    assert!(report.found.iter().all(|f| f.disagreement.way == "a wrong evaluator"));
}

#[test]
fn a_seed_makes_the_same_campaign_again() {
    let options = Options { programs: 6, records: 16, seed: 9, ..Options::default() };
    let (first, second) = (run(&options), run(&options));
    assert_eq!(first.coverage.counts, second.coverage.counts);
    assert_eq!((first.decisions, first.compared), (second.decisions, second.compared));
}
