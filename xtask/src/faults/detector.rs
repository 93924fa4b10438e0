//! Detectors: the test binaries of the workspace, built with the feature `faults`, each run as a process with one fault.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The packages whose tests look for faults. The command line's are left out: they would build the command with faults in
/// the place of the real one.
const PACKAGES: &[&str] = &["seg-ir", "seg-stdlib", "seg-compiler", "seg-evaluator", "seg-runtime", "seg", "seg-tests"];

/// Test binaries that take long and are about text, or about what is refused, where no fault is planted.
const WITHOUT: &[&str] = &[
    "tests/comments",
    "tests/error_pages",
    "tests/guards",
    "tests/lint_pages",
    "tests/structure",
    "tests/suites",
    "compiler/english",
    "compiler/lints",
];

/// A test binary.
#[derive(Debug, Clone)]
pub struct Detector {
    name: String,
    executable: PathBuf,
    folder: PathBuf,
    /// How long it takes without a fault.
    usual: Duration,
}

pub enum Found {
    /// The detector, and its test.
    By(usize, String),
    Missed,
    /// The code that is wrong was never run.
    Unreached,
}

/// What a run came to.
struct Ran {
    passed: bool,
    output: String,
    took: Duration,
}

/// Builds the tests and runs them without a fault, the quickest first. **Errors**: they do not build or do not pass.
pub fn build(root: &Path) -> Result<Vec<Detector>, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args(["test", "--release", "--no-run", "--message-format=json"]);
    cargo.args(["--features", "seg-ir/faults"]);
    for package in PACKAGES {
        cargo.args(["--package", package]);
    }
    let output = cargo.stderr(Stdio::inherit()).output().map_err(|e| format!("cargo does not run: {e}"))?;
    if !output.status.success() {
        return Err("the tests do not build with the feature `faults`".into());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut detectors = Vec::new();
    let chosen = |detector: &Detector| !WITHOUT.contains(&detector.name.as_str());
    for mut detector in messages.lines().filter_map(detector).filter(chosen) {
        let ran = detector.run(None, None);
        if !ran.passed {
            return Err(format!("{} fails without any fault:\n{}", detector.name, ran.output));
        }
        if !ran.output.contains("running 0 tests") {
            detector.usual = ran.took;
            eprintln!("{:>7.2}s  {}", ran.took.as_secs_f64(), detector.name);
            detectors.push(detector);
        }
    }
    detectors.sort_by_key(|d| d.usual);
    Ok(detectors)
}

/// The test binary that a message of cargo tells of.
fn detector(message: &str) -> Option<Detector> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_test = message["reason"] == "compiler-artifact" && message["profile"]["test"] == true;
    let executable = message["executable"].as_str().filter(|_| is_test)?;
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_path_buf();
    let name = format!("{}/{}", folder.file_name()?.to_string_lossy(), message["target"]["name"].as_str()?);
    Some(Detector { name, executable: executable.into(), folder, usual: Duration::from_secs(60) })
}

/// Runs the detectors, one of them and then the quickest first, until one fails.
pub fn find(id: &str, detectors: &[Detector], first: usize) -> Found {
    let mark = std::env::temp_dir().join(format!("seg-fault-{}-{id}", std::process::id()));
    let mut found = None;
    let numbered = || detectors.iter().enumerate();
    for (n, detector) in numbered().filter(|(n, _)| *n == first).chain(numbered().filter(|(n, _)| *n != first)) {
        let ran = detector.run(Some(id), Some(&mark));
        if !ran.passed {
            found = Some(Found::By(n, format!("{} {}", detector.name, failed_test(&ran.output))));
            break;
        }
    }
    let reached = mark.exists();
    let _ = std::fs::remove_file(&mark);
    match found {
        Some(found) if reached => found,
        _ if reached => Found::Missed,
        _ => Found::Unreached,
    }
}

/// The first test that a run tells as failed.
fn failed_test(output: &str) -> &str {
    let failed = output.lines().find_map(|l| l.strip_suffix(" ... FAILED")?.split("test ").last());
    failed.unwrap_or("(it did not end by itself)")
}

impl Detector {
    fn run(&self, fault: Option<&str>, mark: Option<&Path>) -> Ran {
        let mut command = Command::new(&self.executable);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder).env("INSTA_UPDATE", "no");
        command.env("RUST_BACKTRACE", "0").env_remove("SEG_FAULT").stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        if let (Some(id), Some(mark)) = (fault, mark) {
            command.env("SEG_FAULT", id).env("SEG_FAULT_REACHED", mark);
        }
        let started = Instant::now();
        // A fault may make a loop endless.
        let limit = self.usual * 10 + Duration::from_secs(20);
        let (passed, output) = match command.spawn() {
            Ok(child) => ended(child, limit),
            Err(e) => (false, format!("{}: {e}", self.executable.display())),
        };
        Ran { passed, output, took: started.elapsed() }
    }
}

/// Waits for a process, at most so long; whether it succeeded, and what it printed.
fn ended(mut child: std::process::Child, limit: Duration) -> (bool, String) {
    let started = Instant::now();
    let stdout = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What cannot be read is not there; the status decides.
        stdout.map(|mut out| out.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let passed = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status.success(),
            Ok(None) if started.elapsed() < limit => std::thread::sleep(Duration::from_millis(2)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                break false;
            }
        }
    };
    (passed, reader.join().unwrap_or_default())
}
