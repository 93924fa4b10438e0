//! A negation never guesses, however it is written: all variants of a condition are accepted, or none is, and those that
//! are accepted answer alike.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use seg_grammar::{Severity, codes};
use seg_ir::Const;
use seg_ir::interpret::Interpreter;
use seg_tests::fixture::compile_text;
use seg_tests::guards::{Condition, FRAMES, Frame, Reach, Style, all, any, fact, known, missing, playbook, test};
use seg_tests::random::Random;

/// Variants of each base, over all places.
const VARIANTS: usize = 300;
const SEED: u64 = 20_260_315;

/// A condition, and what must be said of every variant.
struct Base {
    claim: &'static str,
    condition: Condition,
    accepted: bool,
    /// Whether it is never unknown.
    total: bool,
}

fn accepted(claim: &'static str, condition: Condition) -> Base {
    Base { claim, condition, accepted: true, total: true }
}

/// Accepted, and unknown for some customers: nothing may be negated or dropped around it.
fn accepted_but_open(claim: &'static str, condition: Condition) -> Base {
    Base { claim, condition, accepted: true, total: false }
}

fn refused(claim: &'static str, condition: Condition) -> Base {
    Base { claim, condition, accepted: false, total: false }
}

fn not_gold() -> Condition {
    test("card != Gold", "card = Gold")
}

fn bases() -> Vec<Base> {
    let not_a = || test("not a", "a");
    let not_b = || test("not b", "b");
    let not_four = || test("n != 4", "n = 4");
    vec![
        accepted("a guard leaves the unknown out", all([known("card"), not_gold()])),
        accepted("a guard lets the unknown in", any([missing("card"), not_gold()])),
        accepted("each side has its guard", all([known("a"), known("b"), not_a(), not_b()])),
        accepted("two guards for one comparison", all([known("n"), known("m"), test("n != m", "n = m")])),
        accepted("two guards beside an or", any([missing("n"), missing("m"), test("n != m", "n = m")])),
        accepted("a guard over a disjunction", all([known("n"), any([not_four(), test("n < 10", "n >= 10")])])),
        accepted("an or of guarded parts", any([all([known("a"), not_a()]), all([known("n"), not_four()])])),
        accepted(
            "guards of several kinds",
            all([known("card"), test("card not in [Gold, Blue]", "card in [Gold, Blue]"), known("a"), not_a()]),
        ),
        accepted("a text and a guard", all([known("word"), test("word != \"x\"", "word = \"x\"")])),
        accepted("a date and a guard", any([missing("day"), test("day not in last 30 days", "day in last 30 days")])),
        accepted(
            "what is true states itself",
            all([fact("a is true", "a is not true"), test("a = true", "a = false")]),
        ),
        accepted("an is that states a negation", fact("(card != Gold) is true", "(card != Gold) is not true")),
        accepted_but_open("the true side of a comparison", all([test("n < 10", "n >= 10"), not_four()])),
        accepted_but_open(
            "a comparison of two fields guards both",
            all([test("n > m", "n <= m"), not_four(), test("m != 3", "m = 3")]),
        ),
        accepted_but_open(
            "membership guards",
            all([test("card in [Blue, Platinum]", "card not in [Blue, Platinum]"), not_gold()]),
        ),
        accepted_but_open("a range guards", all([test("n between 1 and 9", "not n between 1 and 9"), not_four()])),
        accepted_but_open(
            "a text test guards",
            all([test("word contains \"o\"", "not word contains \"o\""), test("word != \"x\"", "word = \"x\"")]),
        ),
        accepted_but_open(
            "a condition guards itself",
            all([test("a", "not a"), test("b", "not b"), test("a != false", "a = false")]),
        ),
        refused("nothing guards it", not_gold()),
        refused("a bare not", not_a()),
        refused("a guard on the wrong side of an or", any([known("card"), not_gold()])),
        refused("absence is no guard in a conjunction", all([missing("card"), not_gold()])),
        refused("another field's guard", all([known("b"), not_gold()])),
        refused("one guard for two fields", all([known("n"), test("n != m", "n = m")])),
        refused("a comparison that can be unknown is no guard in an or", any([test("n < 10", "n >= 10"), not_four()])),
        refused("two negations do not vouch for each other", all([not_gold(), test("card != Blue", "card = Blue")])),
        refused("what is not true may be unknown", all([fact("a is not true", "a is true"), not_a()])),
        refused("a guard that holds in one branch only", any([all([known("card"), not_gold()]), not_gold()])),
    ]
}

/// Whether a playbook is accepted; a refusal must be for unstated missing data, and for nothing else.
fn answers(source: &str) -> Option<Vec<Const>> {
    let compiled = compile_text(source);
    let errors: BTreeSet<&str> =
        compiled.diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| d.code.0).collect();
    let Some(program) = &compiled.program else {
        assert_eq!(errors, BTreeSet::from([codes::UNSTATED_MISSING.0]), "{source}\n{:?}", compiled.diagnostics);
        return None;
    };
    let asked = program.segment("Asked").unwrap().node;
    let answer = |test: &seg_ir::program::Test| {
        let mut interpreter = Interpreter::new(program.context(test.as_of), &test.record);
        interpreter.customer(0);
        match interpreter.value(asked).to_const() {
            Const::Missing(_) => Const::Missing(seg_ir::Reason::NotGiven),
            known => known,
        }
    };
    Some(program.tests.iter().map(answer).collect())
}

fn source(frame: &Frame, condition: &Condition) -> String {
    let mut declarations = Vec::new();
    let written = condition.written(&mut declarations);
    // A disjunction or conjunction stays one where a place has words of its own around it.
    playbook(frame, &declarations, &written)
}

#[test]
fn every_variant_of_a_condition_has_the_same_verdict_and_the_same_answers() {
    let mut random = Random::new(SEED);
    let mut wrong = Vec::new();
    let mut tried = 0;
    for base in bases() {
        for frame in FRAMES {
            let accepted = base.accepted && (base.total || frame.reach == Reach::Carried);
            let plain = answers(&source(frame, &base.condition));
            if plain.is_some() != accepted {
                wrong.push(format!("{}: accepted must be {accepted}:\n{}", base.claim, source(frame, &base.condition)));
                continue;
            }
            let style =
                Style { negations: base.total || !base.accepted, names: !frame.of_rows, accepted: base.accepted };
            let mut seen = BTreeSet::new();
            for _ in 0..VARIANTS.div_ceil(FRAMES.len()) {
                let variant = source(frame, &base.condition.varied(&mut random, style));
                if !seen.insert(variant.clone()) {
                    continue;
                }
                tried += 1;
                let found = answers(&variant);
                if found != plain {
                    wrong.push(format!("{}: {found:?}, and {plain:?} for the base:\n{variant}", base.claim));
                }
            }
        }
    }
    let shown: Vec<&String> = wrong.iter().take(5).collect();
    assert!(wrong.is_empty(), "{} of {tried}, seed {SEED}:\n{shown:#?}", wrong.len());
    assert!(tried > 3_000, "only {tried} variants");
    println!("{tried} variants of {} conditions, seed {SEED}", bases().len());
}

/// Wherever a condition alone is refused, `is true` and its like around it say what the unknown is.
#[test]
fn an_is_around_a_condition_states_it() {
    for base in bases() {
        for state in ["is true", "is not true", "is false", "is not false", "is unknown"] {
            let mut declarations = Vec::new();
            let written = format!("({}) {state}", base.condition.written(&mut declarations));
            for frame in FRAMES {
                let source = playbook(frame, &declarations, &written);
                assert!(answers(&source).is_some(), "{}:\n{source}", base.claim);
            }
        }
    }
}
