//! The `seg` command: reads its arguments, calls the `seg` library, prints what it gives. Decides nothing itself.

mod args;
mod commands;
mod output;
mod progress;
mod table;

use std::io::Write;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
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
    std::panic::set_hook(Box::new(|panic| {
        if !seg::is_reading() {
            eprintln!("{}", breakdown(panic.location()));
        }
    }));
    let args = Args::parse();
    let mut output = Output::new(args.color, args.quiet, args.verbose);
    let work = || {
        run(args.command, &mut output).and_then(|status| {
            output.out.flush()?;
            Ok(status)
        })
    };
    // What a panic leaves behind is not looked at again; the hook has told of it.
    let Ok(result) = catch_unwind(AssertUnwindSafe(work)) else { return ExitCode::from(2) };
    match result {
        Ok(Status::Done) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Ok(Status::Findings) => ExitCode::from(1),
        Err(Failure::Told(message)) => {
            output.error(&message);
            ExitCode::from(2)
        }
    }
}

/// What is told of a fault of our own: where it is. Its message may quote data, so that is not repeated.
fn breakdown(place: Option<&Location<'_>>) -> String {
    let place = place.map_or_else(|| "an unknown place".to_string(), ToString::to_string);
    format!("seg broke down at {place}; that is a fault of seg, not of your playbook: report it with this line")
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]
mod tests {
    use std::sync::mpsc::channel;

    #[test]
    fn a_breakdown_tells_its_place_and_not_its_message() {
        let (send, receive) = channel();
        std::panic::set_hook(Box::new(move |panic| send.send(super::breakdown(panic.location())).unwrap()));
        let name = String::from("Ännchen");
        let cut = std::panic::catch_unwind(|| name[..1].len());
        let _ = std::panic::take_hook();
        assert!(cut.is_err(), "a text cannot be cut within a character");
        let told = receive.recv().unwrap();
        assert!(told.contains("main.rs") && !told.contains("nnchen"), "{told}");
    }
}
