//! Builds what bench/run.py measures, for release, and lets it: that script knows the contestants and writes the report.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Measures Seg against the engines, query languages and expression languages that decide the same, and writes
/// docs/performance. Options are those of bench/run.py: `--customers N`, `--customers-max N`, `--rounds R`,
/// `--date YYYY-MM-DD`, `--threads N`, `--only PART,...`, `--data DIR`, `--out DIR`, `--quick`, `--report`.
#[derive(clap::Args)]
pub struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let build = |arguments: &[&str], target: &Path| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--release", "--quiet"]).args(arguments).current_dir(&root);
        command.env("CARGO_TARGET_DIR", target);
        command
    };
    let of_seg = build(&["--package", "seg-cli", "--package", "seg-bench"], &target);
    // A workspace of its own, with a lock file of its own.
    let engines = build(&["--locked", "--manifest-path", "bench/engines/Cargo.toml"], &target.join("engines"));
    let python = std::env::var_os("SEG_JUDGE_PYTHON").unwrap_or_else(|| "python3".into());
    let mut measure = Command::new(python);
    measure.arg(root.join("bench/run.py")).arg("--target").arg(&target).args(&arguments.options);
    for mut command in [of_seg, engines, measure] {
        let status = command.status().map_err(|e| format!("{command:?} could not be run: {e}"))?;
        if !status.success() {
            return Err(format!("{command:?} ended with {status}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
