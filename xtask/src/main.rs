//! Long checks that no test run has time for: `cargo xtask COMMAND`. One file a command; nothing here is part of what users
//! get.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod differential;

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
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Differential(arguments) => differential::run(&arguments),
    }
}
