//! A Rust program that decides customers with a playbook: it loads and checks one, decides a record, explains the
//! decision, and runs over the bound data. `cargo run --release -p seg-embed -- examples/complete-journey`

use std::error::Error;
use std::path::PathBuf;

use seg::eval::{Evaluator, RequestOptions};
use seg::run::Request;
use seg::{Folder, Severity};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("examples/complete-journey"), PathBuf::from);
    let mut out = std::io::stdout().lock();
    report(&path, &mut out)
}

/// Everything that the program prints.
pub fn report(path: &std::path::Path, out: &mut dyn std::io::Write) -> Result<(), Box<dyn Error>> {
    // Check the playbook: findings are data, a program exists only when none is an error.
    let folder = Folder::open(Some(path))?;
    let checked = seg::check(&folder);
    let errors = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    let Some(program) = &checked.program else {
        return Err(format!("{errors} errors in {}", path.display()).into());
    };
    writeln!(out, "{}: {} segments", program.name, program.segments.len())?;

    // Decide one record, as a service would: reference tables are loaded once, then each record takes microseconds.
    let playbook = seg::Playbook::of(&folder, program.clone());
    let options = seg::run::options(&playbook, &Request::default(), 0)?;
    let evaluator = Evaluator::new(program, &options, RequestOptions::default())?;
    let record = r#"{
        "household_id": "9001", "kids": "2", "income": "35-49K",
        "transactions": [], "mailings": [], "redemptions": []
    }"#;
    let decision = evaluator.decide(&record.replace('\n', " "), 1);
    for name in ["FamiliesWithKids", "AskAboutKids", "MarriedAndSettled"] {
        writeln!(out, "9001 in {name}: {}", decision["segments"][name])?;
    }

    // Explain a decision on a customer of the bound data, clause by clause.
    let names = ["FamiliesWithKids".to_string()];
    if let seg::why::Found::Verdicts(verdicts) = seg::why::customer(program, &options, "1", &names)? {
        for clause in verdicts.iter().flat_map(|v| &v.clauses) {
            writeln!(out, "1: {} is {:?}", clause.text, clause.truth)?;
        }
    }

    // Run over everybody.
    let summary = seg::run::run(program, &options, None)?;
    for segment in summary.segments.iter().filter(|s| s.name == "Champions") {
        writeln!(out, "{} of {} customers are {}", segment.counts.inside, summary.customers, segment.name)?;
    }
    Ok(())
}
