//! `seg test`: runs the `test` blocks, with coverage of clauses and branches.

use seg::testing::{Coverage, Outcome};
use serde_json::json;

use super::{counted, playbook};
use crate::args::{Test, TestFormat};
use crate::output::{Output, Tint};
use crate::{Failure, Status};

pub fn test(args: &Test, output: &mut Output) -> Result<Status, Failure> {
    let playbook = playbook(args.playbook.as_deref(), &args.trust, output)?;
    let program = &playbook.program;
    let outcomes = seg::testing::run(program);
    let coverage = args.coverage.then(|| seg::testing::coverage(program));
    match args.format {
        TestFormat::Human => human(&outcomes, coverage.as_ref(), output)?,
        TestFormat::Json => {
            let document = json!({ "tests": outcomes, "coverage": coverage });
            output.line(&format!("{document:#}"))?;
        }
        TestFormat::Junit => junit(&program.name, &outcomes, output)?,
    }
    let failed = outcomes.iter().any(|o| !o.passed);
    Ok(if failed { Status::Findings } else { Status::Done })
}

fn human(outcomes: &[Outcome], coverage: Option<&Coverage>, output: &mut Output) -> Result<(), Failure> {
    for outcome in outcomes {
        let mark = if outcome.passed { output.paint("ok    ", Tint::Green) } else { output.paint("FAILED", Tint::Red) };
        output.line(&format!("{mark}  {}", outcome.name))?;
        for failure in &outcome.failures {
            output.line(&format!("        {}: {}", failure.place, failure.expect))?;
            output.line(&format!("          it is {}", failure.found))?;
            for (text, value) in &failure.values {
                output.line(&format!("          {text} is {value}"))?;
            }
        }
    }
    let failed = outcomes.iter().filter(|o| !o.passed).count();
    let passed = outcomes.len() - failed;
    let summary = match (outcomes.len(), failed) {
        (0, _) => "no tests: write one with `test \"...\" { given { ... } as of ... expect ... }`".to_string(),
        (_, 0) => format!("{} passed", counted(passed, "test")),
        _ => format!("{} passed, {failed} failed", counted(passed, "test")),
    };
    output.line(&summary)?;
    if let Some(coverage) = coverage {
        let (seen, all) = (coverage.decided, coverage.total);
        output.line(&format!("{seen} of {all} clauses and branches decided both ways"))?;
        for gap in &coverage.gaps {
            output.line(&format!("  {}: {} ({})", gap.place, gap.text, gap.lacks))?;
        }
    }
    Ok(())
}

/// **Source**: the JUnit XML that CI services read.
fn junit(suite: &str, outcomes: &[Outcome], output: &mut Output) -> Result<(), Failure> {
    let failed = outcomes.iter().filter(|o| !o.passed).count();
    output.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let suite = escape(suite);
    output.line(&format!("<testsuite name=\"{suite}\" tests=\"{}\" failures=\"{failed}\">", outcomes.len()))?;
    for outcome in outcomes {
        let (name, place) = (escape(&outcome.name), escape(&outcome.place));
        if outcome.passed {
            output.line(&format!("  <testcase name=\"{name}\" classname=\"{place}\"/>"))?;
            continue;
        }
        output.line(&format!("  <testcase name=\"{name}\" classname=\"{place}\">"))?;
        for failure in &outcome.failures {
            let values: Vec<String> = failure.values.iter().map(|(t, v)| format!("{t} is {v}")).collect();
            let message = escape(&format!("{}: it is {}", failure.expect, failure.found));
            let body = escape(&format!("{}\n{}", failure.place, values.join("\n")));
            output.line(&format!("    <failure message=\"{message}\">{body}</failure>"))?;
        }
        output.line("  </testcase>")?;
    }
    output.line("</testsuite>")?;
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
