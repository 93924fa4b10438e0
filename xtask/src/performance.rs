//! Builds `seg` for release and lets bench/run.py measure it; that script knows the contestants and writes the report.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Measures `seg run` against its interpreter, Polars and DuckDB, and writes docs/performance. Options are those of
/// bench/run.py: `--customers N`, `--rounds R`, `--date YYYY-MM-DD`, `--threads N`, `--data DIR`, `--quick`.
#[derive(clap::Args)]
pub struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--release", "--quiet", "--package", "seg-cli"]).current_dir(&root);
    let mut measure = Command::new("python3");
    measure.arg(root.join("bench/run.py")).arg("--seg").arg(target.join("release/seg"));
    measure.arg("--data").arg(target.join("bench")).args(&arguments.options);
    for command in [&mut build, &mut measure] {
        let status = command.status().map_err(|e| format!("{command:?} could not be run: {e}"))?;
        if !status.success() {
            return Err(format!("{command:?} ended with {status}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
