//! `cargo xtask asan`: the evaluator's tests under AddressSanitizer, which only a nightly toolchain has, in a folder of their
//! own. Machine code of Cranelift's is not instrumented, and neither is the standard library: guard pages watch over what the
//! former reads.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Runs the evaluator's tests under AddressSanitizer, with the nightly toolchain of the machine
#[derive(clap::Args)]
pub struct Arguments {
    /// Also the fixtures of meaning and a short differential campaign
    #[arg(long)]
    campaign: bool,
    /// Only compiles, to tell how long that takes
    #[arg(long)]
    no_run: bool,
}

/// Tests that measure the memory of their process, which the sanitizer keeps for a while after it was freed.
const MEASURES_MEMORY: &str = "code_memory";

/// **Errors**: no nightly toolchain, or one without the sanitizer.
pub fn run(root: &Path, arguments: &Arguments) -> Result<ExitCode, String> {
    let host = nightly()?;
    let own = root.join("evaluator/tests");
    let mut tests = vec!["--package".to_string(), "seg-evaluator".to_string(), "--lib".to_string()];
    for name in names(&own)?.iter().filter(|name| *name != MEASURES_MEMORY) {
        tests.extend(["--test".to_string(), name.clone()]);
    }
    let mut runs = vec![(tests, "quarantine_size_mb=64")];
    let alone = ["--package", "seg-evaluator", "--test", MEASURES_MEMORY].map(str::to_string).to_vec();
    runs.push((alone, "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"));
    if arguments.campaign {
        let wide =
            ["--package", "seg-tests", "--test", "fixtures", "--test", "evaluators", "--test", "compiled_record"];
        runs.push((wide.map(str::to_string).to_vec(), "quarantine_size_mb=64"));
    }
    for (tests, options) in runs {
        let mut test = cargo(root, &host, "test");
        test.args(&tests).env("ASAN_OPTIONS", options);
        if arguments.no_run {
            test.arg("--no-run");
        }
        if !succeeds(&mut test)? {
            return Ok(ExitCode::FAILURE);
        }
    }
    if arguments.campaign && !arguments.no_run {
        let mut campaign = cargo(root, &host, "run");
        campaign.args([
            "--package",
            "seg-xtask",
            "--",
            "differential",
            "--quick",
            "--programs",
            "60",
            "--records",
            "128",
        ]);
        if !succeeds(campaign.env("ASAN_OPTIONS", "quarantine_size_mb=64"))? {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The target that the nightly toolchain builds for, where it has the sanitizer. **Errors**: there is none.
fn nightly() -> Result<String, String> {
    let said = |arguments: &[&str]| -> Result<String, String> {
        let output = Command::new("rustc").arg("+nightly").args(arguments).output();
        let output = output.map_err(|e| format!("rustc could not be run: {e}"))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err("there is no nightly toolchain, and no other has the sanitizer: `rustup toolchain install \
                nightly` installs one. Nothing was checked."
                .to_string()),
        }
    };
    let version = said(&["--version", "--verbose"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_string();
    let library = said(&["--print", "target-libdir"])?;
    let entries = std::fs::read_dir(library.trim()).map_err(|e| format!("{}: {e}", library.trim()))?;
    let has = entries.flatten().any(|entry| entry.file_name().to_string_lossy().contains("rt.asan"));
    match has {
        true => Ok(host),
        false => Err(format!("the nightly toolchain has no AddressSanitizer for {host}. Nothing was checked.")),
    }
}

/// The names of the tests in a folder.
fn names(folder: &Path) -> Result<Vec<String>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let names = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        name.strip_suffix(".rs").map(str::to_string)
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

/// Cargo of the nightly toolchain. Dependencies are instrumented as well, as all code of one program must be, but hardly
/// optimised, which would take three times as long.
fn cargo(root: &Path, host: &str, command: &str) -> Command {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let mut cargo = Command::new("cargo");
    cargo.arg("+nightly").arg(command).args(["--release", "--target", host]).current_dir(root);
    cargo.args(["--config", "profile.release.package.\"*\".opt-level=0", "--config", "profile.release.opt-level=1"]);
    cargo.env("CARGO_TARGET_DIR", target.join("asan"));
    cargo.env("RUSTFLAGS", "-Zsanitizer=address --cfg seg_asan").env_remove("CARGO_ENCODED_RUSTFLAGS");
    // What this process was started with is of another toolchain.
    cargo.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTC");
    cargo
}

fn succeeds(command: &mut Command) -> Result<bool, String> {
    command.status().map(|status| status.success()).map_err(|e| format!("{command:?} could not be run: {e}"))
}
