//! Long checks that no test run has time for: `cargo xtask COMMAND`. One file a command; nothing here is part of what users
//! get.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod differential;
mod faults;
mod sql;

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
    Sql(sql::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Differential(arguments) => Ok(differential::run(&arguments)),
        Command::Faults(arguments) => faults::run(&arguments),
        Command::Sql(arguments) => sql::run(&arguments),
    };
    done.unwrap_or_else(|what| {
        eprintln!("error: {what}");
        ExitCode::FAILURE
    })
}
