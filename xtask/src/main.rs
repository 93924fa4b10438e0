//! The project's own errands: `cargo xtask ERRAND`. One file an errand; here they are only told apart.

mod golden;
mod mutate;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Errand {
    /// Change single bytes of compiled playbooks: each must be refused, or load as a verified program
    Mutate(mutate::Args),
    /// Write the golden playbooks of the format at hand, where they are not there yet
    Golden,
}

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let done = match Errand::parse() {
        Errand::Mutate(args) => mutate::mutate(root, &args),
        Errand::Golden => golden::golden(root),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            eprintln!("error: {what}");
            ExitCode::FAILURE
        }
    }
}
