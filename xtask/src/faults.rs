//! Faults planted on purpose: are they found? The tests are built once with the feature `faults`; then every test binary
//! runs with one fault at a time, the quickest first, until one fails. Knows nothing of what a fault does.

mod catalogue;
mod detector;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use catalogue::Fault;
use detector::{Detector, Found};

#[derive(clap::Args)]
pub struct Arguments {
    /// Only faults whose id has one of these in it, divided by commas
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Tells the faults and runs nothing
    #[arg(long)]
    list: bool,
    /// How many run at once
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

/// **Errors**: the tests do not build, or fail without any fault.
pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let root = root();
    let is_wanted =
        |fault: &Fault| arguments.only.is_empty() || arguments.only.iter().any(|part| fault.id.contains(part));
    let faults: Vec<Fault> = catalogue::all(&root)?.into_iter().filter(is_wanted).collect();
    if arguments.list {
        faults.iter().for_each(|fault| println!("{}  {}", fault.id, fault.place));
        println!("faults: {} planted", faults.len());
        return Ok(ExitCode::SUCCESS);
    }
    let detectors = detector::build(&root)?;
    let mut lost = judge(&faults, &detectors, arguments.jobs.max(1));
    lost.sort();
    lost.iter().for_each(|fault| println!("not found: {fault}"));
    println!("faults: {} planted, {} found", faults.len(), faults.len() - lost.len());
    Ok(if lost.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tries all faults and gives those that nothing finds.
fn judge(faults: &[Fault], detectors: &[Detector], jobs: usize) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let lost = Mutex::new(Vec::new());
    // By area: what found its last fault is tried first.
    let lucky: Mutex<HashMap<&str, usize>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let area = fault.id.split('.').next().unwrap_or_default();
                    let first = lucky.lock().ok().and_then(|l| l.get(area).copied()).unwrap_or(0);
                    match detector::find(&fault.id, detectors, first) {
                        Found::By(n, test) => {
                            println!("{}: found by {test}", fault.id);
                            if let Ok(mut lucky) = lucky.lock() {
                                lucky.insert(area, n);
                            }
                        }
                        found => {
                            let why = if matches!(found, Found::Unreached) { "never reached" } else { "no test fails" };
                            println!("{}: {why}", fault.id);
                            if let Ok(mut lost) = lost.lock() {
                                lost.push(format!("{} ({}): {why}", fault.id, fault.place));
                            }
                        }
                    }
                }
            });
        }
    });
    lost.into_inner().unwrap_or_default()
}

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}
