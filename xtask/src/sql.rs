//! `cargo xtask sql`: the campaign of generated playbooks and customers, what `seg sql` writes of them judged by DuckDB. Exit
//! status 1 when DuckDB and the interpreter disagree.

use std::process::ExitCode;

use clap::Args;
use seg_tests::differential::sql::{Options, run as campaign};

/// Generates playbooks and customers and holds DuckDB's answers to `seg sql` against the interpreter's
#[derive(Args)]
pub struct Arguments {
    /// How many playbooks
    #[arg(long, default_value_t = 100)]
    programs: u64,
    /// How many customers of each
    #[arg(long, default_value_t = 32)]
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
}

/// **Errors**: no Python has the package `duckdb`.
pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let Arguments { programs, records, seed, first, threads } = arguments;
    let defaults = Options::default();
    let options = Options {
        programs: *programs,
        records: *records,
        seed: *seed,
        first: *first,
        threads: threads.unwrap_or(defaults.threads),
        progress: Some(|done, of| {
            if done.is_multiple_of(100) {
                eprintln!("{done} of {of} programs");
            }
        }),
    };
    let report = campaign(&options).ok_or("no Python with the package `duckdb`: name one in SEG_JUDGE_PYTHON")?;
    println!("{}", report.text(&options));
    Ok(if report.judged.disagreements == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
