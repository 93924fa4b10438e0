//! `cargo xtask`: what developers run that is no test and no part of the product. One file a command.

mod faults;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plants every fault, one after another, and tells which test finds it.
    Faults(faults::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Faults(arguments) => faults::run(&arguments),
    };
    match done {
        Ok(code) => code,
        Err(what) => {
            eprintln!("{what}");
            ExitCode::FAILURE
        }
    }
}
