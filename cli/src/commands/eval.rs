//! `seg eval`: JSON records in, JSON decisions out, one a line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use seg::eval::{Evaluator, RequestOptions, UnknownFields};

use super::{now, playbook};
use crate::args::Eval;
use crate::output::Output;
use crate::{Failure, Status};

pub fn eval(args: &Eval, output: &mut Output) -> Result<Status, Failure> {
    let (path, file) = paths(args);
    let mut playbook = playbook(path.as_deref(), &args.trust, output)?;
    if args.sight.show_labelled {
        playbook.reveal();
    }
    let program = &playbook.program;
    let mut options = seg::run::options(&playbook, &args.data.request(&args.only, None), now())?;
    options.method = args.evaluator.method();
    let unknown_fields = if args.ignore_unknown_fields { UnknownFields::Ignore } else { UnknownFields::Reject };
    let request = RequestOptions { unknown_fields, ..RequestOptions::default() };
    let evaluator = Evaluator::new(program, &options, request)?;
    let mut refused = false;
    let mut input = input(file.as_deref())?;
    let mut bytes = Vec::new();
    for row in 1.. {
        let unreadable = |e: std::io::Error| Failure::Told(format!("line {row}: {e}"));
        if !line(&mut *input, request.body_max_bytes, &mut bytes).map_err(unreadable)? {
            break;
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let decision = evaluator.decide_bytes(&bytes, row);
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

/// The next line, or of one beyond the longest record its beginning. Whether there was one.
fn line(input: &mut dyn BufRead, bytes_max: usize, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let read = (&mut *input).take(bytes_max as u64 + 2).read_until(b'\n', line)?;
    if line.len() > bytes_max + 1 {
        input.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

fn input(file: Option<&Path>) -> Result<Box<dyn BufRead>, Failure> {
    let reader: Box<dyn Read> = match file {
        None => Box::new(std::io::stdin()),
        Some(path) if path.as_os_str() == "-" => Box::new(std::io::stdin()),
        Some(path) => {
            let unreadable = |what: String| Failure::Told(format!("`{}` cannot be read: {what}", path.display()));
            // Who names a pipe waits for it; a device may have no end.
            let kind = std::fs::metadata(path).map_err(|e| unreadable(e.to_string()))?.file_type();
            if let Some(what) = seg::files::other(kind).filter(|_| !kind.is_fifo()) {
                return Err(unreadable(format!("it is {what}, not a file")));
            }
            Box::new(File::open(path).map_err(|e| unreadable(e.to_string()))?)
        }
    };
    Ok(Box::new(BufReader::new(reader)))
}
