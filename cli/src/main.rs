//! The `seg` command: reads its arguments, calls the `seg` library, prints what it gives. Decides nothing itself.

mod args;
mod commands;
mod output;
mod progress;
mod table;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::output::Output;

/// How a command ended: done, or with findings about the playbook or the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Done,
    Findings,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// Told to the user; exit status 2.
    Told(String),
    /// Whoever read the output stopped reading; that is no error.
    ClosedPipe,
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::Told(format!("the output cannot be written: {error}")),
        }
    }
}

impl From<seg::Error> for Failure {
    fn from(error: seg::Error) -> Failure {
        Failure::Told(error.to_string())
    }
}

impl From<seg::RunError> for Failure {
    fn from(error: seg::RunError) -> Failure {
        Failure::Told(error.to_string())
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut output = Output::new(args.color, args.quiet, args.verbose);
    let result = run(args.command, &mut output).and_then(|status| {
        output.out.flush()?;
        Ok(status)
    });
    match result {
        Ok(Status::Done) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Ok(Status::Findings) => ExitCode::from(1),
        Err(Failure::Told(message)) => {
            output.error(&message);
            ExitCode::from(2)
        }
    }
}

fn run(command: Command, output: &mut Output) -> Result<Status, Failure> {
    match command {
        Command::Check(args) => commands::check::check(&args, output),
        Command::Fmt(args) => commands::fmt::fmt(&args, output),
        Command::Test(args) => commands::test::test(&args, output),
        Command::Build(args) => commands::build::build(&args, output),
        Command::Inspect(args) => commands::inspect::inspect(&args, output),
        Command::Run(args) => commands::run::run(&args, output),
        Command::Eval(args) => commands::eval::eval(&args, output),
        Command::Why(args) => commands::why::why(&args, output),
        Command::Sql(args) => commands::sql::sql(&args, output),
        Command::Stats(args) => commands::stats::stats(&args, output),
        Command::Explain(args) => commands::explain::explain(&args, output),
        Command::Completions(args) => commands::shell::completions(&args, output),
        Command::Man => commands::shell::man(output),
    }
}
