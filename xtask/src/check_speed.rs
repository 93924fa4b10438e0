//! `cargo xtask check-speed`: how long checking takes, by stage, and how much memory; and how long it takes after a key was
//! pressed in one file of a playbook. The playbooks are generated; docs/performance tells the figures.

use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use seg_tests::bulky;

/// Measures checking, by stage, and the re-check after a change of one file
#[derive(Args)]
pub struct Arguments {
    /// Segments of the large playbook, in 100 files
    #[arg(long, default_value_t = 10_000)]
    segments: usize,
    /// Lines of the playbook in which a key is pressed
    #[arg(long, default_value_t = 5_000)]
    lines: usize,
    /// How many keys
    #[arg(long, default_value_t = 200)]
    keys: usize,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let sources = bulky::playbook(arguments.segments, 100);
    let bytes: usize = sources.files.values().map(String::len).sum();
    println!("{} segments in 100 files, {:.1} MB of text", arguments.segments, bytes as f64 / 1e6);
    let before = memory("VmRSS");
    let mut session = seg::Session::new(seg::Folder::of_sources(sources));
    let mut stages: Vec<(&'static str, f64)> = Vec::new();
    let started = Instant::now();
    let mut last = started;
    let checked = session.check_observed(&mut |stage| {
        stages.push((stage, last.elapsed().as_secs_f64() * 1e3));
        last = Instant::now();
    });
    let all_ms = started.elapsed().as_secs_f64() * 1e3;
    let program = checked.program.ok_or("the generated playbook has errors")?;
    for (stage, elapsed_ms) in &stages {
        println!("  {stage:<10} {elapsed_ms:>8.0} ms");
    }
    println!("  {:<10} {all_ms:>8.0} ms, {} steps, {} nodes", "all", checked.work.total(), program.ir.len());
    if let (Some(before), Some(peak)) = (before, memory("VmHWM")) {
        println!("  peak memory {:.0} MB, {:.0} of them for this", peak / 1e3, (peak - before) / 1e3);
    }
    drop((program, session));
    keys(arguments)
}

/// A session in which keys are pressed in one file after another.
fn keys(arguments: &Arguments) -> Result<ExitCode, String> {
    let sources = bulky::playbook_of_lines(arguments.lines, 20);
    let lines: usize = sources.files.values().map(|text| text.lines().count()).sum();
    let paths: Vec<String> = sources.files.keys().cloned().collect();
    let mut session = seg::Session::new(seg::Folder::of_sources(sources));
    let started = Instant::now();
    session.diagnostics();
    let first_ms = started.elapsed().as_secs_f64() * 1e3;
    let mut all_ms = Vec::new();
    for key in 0..arguments.keys {
        let path = paths.get(key % paths.len()).ok_or("a playbook has files")?;
        let text = session.folder().sources.files.get(path).cloned().unwrap_or_default();
        session.put(path, bulky::pressed(&text, key));
        let started = Instant::now();
        session.diagnostics();
        all_ms.push(started.elapsed().as_secs_f64() * 1e3);
    }
    all_ms.sort_by(f64::total_cmp);
    let at = |share: f64| all_ms.get((all_ms.len() as f64 * share) as usize).or(all_ms.last()).copied().unwrap_or(0.0);
    println!("{lines} lines in {} files, a key in one of them: all diagnostics anew", paths.len());
    println!("  the first time {first_ms:.1} ms; then median {:.1} ms, 95 of 100 within {:.1} ms", at(0.5), at(0.95));
    Ok(if at(0.5) < 50.0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A size in kilobytes that the system tells of this process.
fn memory(what: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(what)?.split_whitespace().nth(1)?.parse().ok())
}
