//! `cargo xtask differential`: the campaign of generated playbooks and customers, by every evaluator. Exit status 1 when two
//! disagree.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use seg_tests::differential::campaign::{Options, run as campaign};

/// Generates playbooks and customers and compares every way to evaluate them
#[derive(Args)]
pub struct Arguments {
    /// How many playbooks
    #[arg(long, default_value_t = 500)]
    programs: u64,
    /// How many customers of each
    #[arg(long, default_value_t = 256)]
    records: usize,
    /// The same seed makes the same playbooks and customers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of the first playbook; with `--programs 1`, one of a campaign by itself
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Playbooks at a time; as many as the machine has threads by default
    #[arg(long)]
    threads: Option<usize>,
    /// Reads no files, and deals out no batches of 8192 customers
    #[arg(long)]
    quick: bool,
    /// Where fixtures of what disagrees are written
    #[arg(long, value_name = "FOLDER")]
    fixtures: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    let Arguments { programs, records, seed, first, threads, quick, fixtures } = arguments;
    let defaults = Options::default();
    let options = Options {
        programs: *programs,
        records: *records,
        seed: *seed,
        first: *first,
        threads: threads.unwrap_or(defaults.threads),
        quick: *quick,
        folder: fixtures.clone(),
        progress: Some(|done, of| {
            if done.is_multiple_of(100) {
                eprintln!("{done} of {of} programs");
            }
        }),
        ..defaults
    };
    let report = campaign(&options);
    println!("{}", report.text(&options));
    println!("{}", report.verdict(&options));
    if report.found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
