//! `seg fmt`: one layout, no options.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::counted;
use crate::args::Fmt;
use crate::output::Output;
use crate::{Failure, Status};

pub fn fmt(args: &Fmt, output: &mut Output) -> Result<Status, Failure> {
    if args.paths.iter().any(|p| p.as_os_str() == "-") {
        return stdin(args, output);
    }
    let here = [PathBuf::from(".")];
    let roots: &[PathBuf] = if args.paths.is_empty() { &here } else { &args.paths };
    let mut files = Vec::new();
    for root in roots {
        collect(root, &mut files)?;
    }
    files.sort();
    files.dedup();
    let (mut changed, mut broken) = (0, 0);
    for file in &files {
        let text = seg::files::source(file)?;
        match seg::format(&text) {
            None => {
                broken += 1;
                output.error(&format!("`{}` does not parse; `seg check` says why", file.display()));
            }
            Some(formatted) if formatted == text => {}
            Some(_) if args.check => {
                changed += 1;
                output.line(&file.display().to_string())?;
            }
            Some(formatted) => {
                changed += 1;
                seg::files::write(file, &formatted)?;
            }
        }
    }
    let verb = if args.check { "not formatted" } else { "formatted" };
    output.note(&format!("{} of {} {verb}", changed, counted(files.len(), "file")));
    Ok(if broken > 0 || (args.check && changed > 0) { Status::Findings } else { Status::Done })
}

fn stdin(args: &Fmt, output: &mut Output) -> Result<Status, Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|e| Failure::Told(format!("standard input: {e}")))?;
    let Some(formatted) = seg::format(&text) else {
        output.error("standard input does not parse; `seg check` says why");
        return Ok(Status::Findings);
    };
    if args.check {
        return Ok(if formatted == text { Status::Done } else { Status::Findings });
    }
    use std::io::Write;
    output.out.write_all(formatted.as_bytes())?;
    Ok(Status::Done)
}

/// The `.seg` files below a path; hidden folders and links are passed over.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        files.push(path.strip_prefix(".").unwrap_or(path).to_path_buf());
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(|e| Failure::Told(format!("`{}` cannot be read: {e}", path.display())))?;
    for entry in entries.filter_map(Result::ok) {
        let inner = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if hidden || inner.is_symlink() {
            continue;
        }
        if inner.is_dir() {
            collect(&inner, files)?;
        } else if inner.extension().is_some_and(|e| e == "seg") {
            files.push(inner.strip_prefix(".").unwrap_or(&inner).to_path_buf());
        }
    }
    Ok(())
}
