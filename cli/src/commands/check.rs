//! `seg check`: diagnostics for people, programs and code hosts; `--fix`; the static cost under `--verbose`.

use std::time::Instant;

use seg::{Checked, Folder, Severity};
use serde_json::json;

use super::{counted, show, worst_case};
use crate::args::{Check, CheckFormat, Deny};
use crate::output::Output;
use crate::{Failure, Status};

/// Passes of `--fix`: a repair may uncover another.
const FIX_PASSES_MAX: usize = 10;

pub fn check(args: &Check, output: &mut Output) -> Result<Status, Failure> {
    let started = Instant::now();
    let mut folder = Folder::open(args.playbook.as_deref())?;
    let mut checked = seg::check(&folder);
    if args.fix {
        (folder, checked) = fix(args, folder, checked, output)?;
    }
    print(args.format, &checked, output)?;
    let count = |severity| checked.diagnostics.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if args.format == CheckFormat::Human {
        let files = counted(folder.sources.files.len(), "file");
        let found = match (errors, warnings) {
            (0, 0) => "nothing to complain about".to_string(),
            (0, w) => counted(w, "warning"),
            (e, 0) => counted(e, "error"),
            (e, w) => format!("{}, {}", counted(e, "error"), counted(w, "warning")),
        };
        let holds = checked.program.as_ref().map_or(String::new(), |p| {
            let own = |own: &[bool]| own.iter().filter(|o| **o).count();
            let segments = own(&p.segments.iter().map(|s| s.own).collect::<Vec<_>>());
            let attributes = own(&p.attributes.iter().map(|a| a.own).collect::<Vec<_>>());
            format!(" ({}, {})", counted(segments, "segment"), counted(attributes, "attribute"))
        });
        output.note(&format!("checked {files}{holds}: {found}"));
    }
    if output.verbose {
        verbose(&checked, started, output)?;
    }
    let denied = args.deny == Some(Deny::Warnings) && warnings > 0;
    Ok(if errors > 0 || denied { Status::Findings } else { Status::Done })
}

fn fix(args: &Check, folder: Folder, checked: Checked, output: &mut Output) -> Result<(Folder, Checked), Failure> {
    let (mut folder, mut checked) = (folder, checked);
    let mut repairs = 0;
    for _ in 0..FIX_PASSES_MAX {
        let fixed = seg::fix::fix(&checked.sources, &checked.diagnostics);
        if fixed.repairs == 0 {
            break;
        }
        for (path, text) in &fixed.files {
            // Files of the standard library are not on disk; nothing is repaired in them.
            if folder.sources.files.contains_key(path) {
                seg::files::write(&folder.root.join(path), text)?;
            }
        }
        repairs += fixed.repairs;
        folder = Folder::open(args.playbook.as_deref())?;
        checked = seg::check(&folder);
    }
    output.note(&format!("repaired {}", counted(repairs, "finding")));
    Ok((folder, checked))
}

fn print(format: CheckFormat, checked: &Checked, output: &mut Output) -> Result<(), Failure> {
    match format {
        CheckFormat::Human => show(checked, output, |_| true),
        CheckFormat::Json => {
            let all: Vec<_> = checked.diagnostics.iter().map(|d| seg::render::json(&checked.sources, d)).collect();
            let count = |severity| checked.diagnostics.iter().filter(|d| d.severity == severity).count();
            let document = json!({
                "diagnostics": all, "errors": count(Severity::Error), "warnings": count(Severity::Warning),
            });
            output.line(&format!("{document:#}"))?;
        }
        CheckFormat::Sarif => {
            let document = seg::render::sarif(&checked.sources, &checked.diagnostics);
            output.line(&format!("{document:#}"))?;
        }
        CheckFormat::Github => {
            for diagnostic in &checked.diagnostics {
                output.line(&seg::render::github(&checked.sources, diagnostic))?;
            }
        }
    }
    Ok(())
}

/// The worst case of one customer, and how long checking took.
fn verbose(checked: &Checked, started: Instant, output: &mut Output) -> Result<(), Failure> {
    if let Some(program) = &checked.program {
        let cost = program.cost();
        let collections: Vec<&str> = program.schema.collections.iter().map(|c| c.name.as_str()).collect();
        for line in worst_case(&cost, &collections, program.ir.len()) {
            output.beside(&line);
        }
        if !cost.unbounded.is_empty() {
            let names = cost.unbounded.join("`, `");
            output.beside(&format!("declare a `max` on `{names}` to bound it"));
        }
    }
    output.beside(&format!("checked in {:.0} ms", started.elapsed().as_secs_f64() * 1e3));
    Ok(())
}
