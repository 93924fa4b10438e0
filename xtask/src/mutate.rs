//! `cargo xtask mutate`: compiled playbooks with one byte changed, by the million.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use seg_tests::mutate::{bases, run};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many changes
    #[arg(long, default_value_t = 1_000_000)]
    count: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// All of the machine's by default
    #[arg(long)]
    threads: Option<u64>,
}

pub fn mutate(root: &Path, args: &Args) -> Result<ExitCode, String> {
    let bases = bases(root)?;
    let bytes: usize = bases.iter().map(|b| b.bytes.len()).sum();
    println!("{} compiled playbooks of {bytes} bytes, {} changes, seed {}", bases.len(), args.count, args.seed);
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get() as u64));
    let started = Instant::now();
    // A panic is counted and told below; its own words would drown that.
    std::panic::set_hook(Box::new(|_| {}));
    let tally = run(&bases, args.count, args.seed, threads);
    for (check, count) in &tally.refused {
        println!("refused by {check}: {count}");
    }
    for crash in &tally.crashes {
        println!("crash: {crash}");
    }
    println!(
        "{} changes in {:.0} s: {} refused, {} decide the same, {} are other verified programs, {} crashes",
        tally.tried,
        started.elapsed().as_secs_f64(),
        tally.refused(),
        tally.same,
        tally.other,
        tally.crashes.len()
    );
    if tally.crashes.is_empty() { Ok(ExitCode::SUCCESS) } else { Err("a changed playbook crashed".to_string()) }
}
