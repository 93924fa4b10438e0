//! `seg eval`: JSON records in, JSON decisions out, one a line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use seg::eval::{Evaluator, RequestOptions, UnknownFields};

use super::{now, playbook};
use crate::args::Eval;
use crate::output::Output;
use crate::{Failure, Status};

pub fn eval(args: &Eval, output: &mut Output) -> Result<Status, Failure> {
    let (path, file) = paths(args);
    let playbook = playbook(path.as_deref(), &args.trust, output)?;
    let program = &playbook.program;
    let mut options = seg::run::options(&playbook, &args.data.request(&args.only, None), now())?;
    options.method = args.evaluator.method();
    let unknown_fields = if args.ignore_unknown_fields { UnknownFields::Ignore } else { UnknownFields::Reject };
    let evaluator = Evaluator::new(program, &options, RequestOptions { unknown_fields, ..RequestOptions::default() })?;
    let mut refused = false;
    for (n, line) in input(file.as_deref())?.lines().enumerate() {
        let line = line.map_err(|e| Failure::Told(format!("line {}: {e}", n + 1)))?;
        if line.trim().is_empty() {
            continue;
        }
        let decision = evaluator.decide(&line, n as u64 + 1);
        refused |= decision.get("error").is_some() || decision.get("rejects").is_some();
        output.line(&decision.to_string())?;
        // A service may be waiting for this line.
        std::io::Write::flush(&mut output.out)?;
    }
    Ok(if refused { Status::Findings } else { Status::Done })
}

/// With one path that is no playbook, it is the file of records.
fn paths(args: &Eval) -> (Option<PathBuf>, Option<PathBuf>) {
    match (&args.playbook, &args.file) {
        (Some(only), None) if is_records(only) => (None, Some(only.clone())),
        (playbook, file) => (playbook.clone(), file.clone()),
    }
}

fn is_records(path: &Path) -> bool {
    path.as_os_str() == "-"
        || (path.is_file() && path.extension().is_none_or(|e| e != "seg" && e != "segb") && !path.ends_with("seg.toml"))
}

fn input(file: Option<&Path>) -> Result<Box<dyn BufRead>, Failure> {
    let reader: Box<dyn Read> = match file {
        None => Box::new(std::io::stdin()),
        Some(path) if path.as_os_str() == "-" => Box::new(std::io::stdin()),
        Some(path) => {
            let opened = File::open(path);
            Box::new(opened.map_err(|e| Failure::Told(format!("`{}` cannot be read: {e}", path.display())))?)
        }
    };
    Ok(Box::new(BufReader::new(reader)))
}
