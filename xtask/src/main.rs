//! Long checks that no test run has time for: `cargo xtask COMMAND`. One file a command; nothing here is part of what users
//! get.

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod asan;
mod bench;
mod check_speed;
mod differential;
mod faults;
mod fuzz;
mod golden;
mod mutate;
mod sql;
mod unsafe_page;

// It counts for `fuzz`, and only passes on for all else.
#[global_allocator]
static ALLOCATOR: seg_evaluator::Counting = seg_evaluator::Counting;

/// Long checks of the project.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Differential(differential::Arguments),
    /// Plants every fault, one after another, and tells which test finds it.
    Faults(faults::Arguments),
    /// Changes inputs of everything that reads bytes: no panic, no abort, bounded memory and steps.
    Fuzz(fuzz::Arguments),
    /// Changes single bytes of compiled playbooks: each must be refused, or load as a verified program.
    Mutate(mutate::Args),
    /// Writes the golden playbooks of the format at hand, where they are not there yet.
    Golden,
    Sql(sql::Arguments),
    Asan(asan::Arguments),
    /// Writes docs/unsafe.md: every place of unsafe code, and why it is sound.
    Unsafe,
    Bench(bench::Arguments),
    CheckSpeed(check_speed::Arguments),
}

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let done = match Arguments::parse().command {
        Command::Differential(arguments) => Ok(differential::run(&arguments)),
        Command::Faults(arguments) => faults::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(root, &arguments),
        Command::Mutate(arguments) => mutate::mutate(root, &arguments),
        Command::Golden => golden::golden(root),
        Command::Sql(arguments) => sql::run(&arguments),
        Command::Asan(arguments) => asan::run(root, &arguments),
        Command::Unsafe => unsafe_page::run(root),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::CheckSpeed(arguments) => check_speed::run(&arguments),
    };
    done.unwrap_or_else(|what| {
        eprintln!("error: {what}");
        ExitCode::FAILURE
    })
}
