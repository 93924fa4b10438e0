//! `seg completions` and `seg man`, derived from the command's own definition.

use clap::CommandFactory;

use crate::args::{Args, Completions};
use crate::output::Output;
use crate::{Failure, Status};

pub fn completions(args: &Completions, output: &mut Output) -> Result<Status, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "seg", &mut text);
    std::io::Write::write_all(&mut output.out, &text)?;
    Ok(Status::Done)
}

/// The manual page of the command, then those of its subcommands.
pub fn man(output: &mut Output) -> Result<Status, Failure> {
    let mut text = Vec::new();
    let command = Args::command();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    for subcommand in command.get_subcommands() {
        let name: &'static str = Box::leak(format!("seg-{}", subcommand.get_name()).into_boxed_str());
        clap_mangen::Man::new(subcommand.clone().name(name)).render(&mut text)?;
    }
    std::io::Write::write_all(&mut output.out, &text)?;
    Ok(Status::Done)
}
