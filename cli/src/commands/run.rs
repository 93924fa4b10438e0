//! `seg run`: a playbook over all customers; files with `-o`, the audience table without.

use std::path::{Path, PathBuf};

use seg::{Format, Summary};

use super::{now, playbook};
use crate::args::{FileFormat, Run};
use crate::output::Output;
use crate::progress::Bar;
use crate::table::{audiences, thousands};
use crate::{Failure, Status};

pub fn run(args: &Run, output: &mut Output) -> Result<Status, Failure> {
    let mut playbook = playbook(args.playbook.as_deref(), &args.trust, output)?;
    if args.sight.show_labelled {
        playbook.reveal();
    }
    let program = &playbook.program;
    let mut request = args.data.request(&args.only, args.sample);
    request.memory_max = args.memory_max.clone();
    let mut options = seg::run::options(&playbook, &request, now())?;
    if std::env::var_os("TMPDIR").is_none() {
        options.spill_folder = args.output.as_deref().map(beside);
    }
    options.method = args.evaluator.method();
    options.threads = args.threads.map(usize::from);
    let progress = Bar::new(output.quiet);
    options.progress = progress.listener();
    let format = match args.format {
        FileFormat::Parquet => Format::Parquet,
        FileFormat::Arrow => Format::Arrow,
        FileFormat::Ndjson => Format::Ndjson,
        FileFormat::Csv => Format::Csv,
    };
    let target = args.output.as_deref().map(|folder| (folder, format));
    let summary = seg::run::run(program, &options, target)?;
    drop(progress);
    match &args.output {
        None => print(&summary, output)?,
        Some(folder) => output.note(&format!("wrote {}", folder.display())),
    }
    remarks(&summary, output);
    Ok(if summary.over_threshold { Status::Findings } else { Status::Done })
}

/// The folder that a folder is in.
fn beside(folder: &Path) -> PathBuf {
    folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
}

fn print(summary: &Summary, output: &mut Output) -> Result<(), Failure> {
    let customers = thousands(summary.customers);
    output.line(&format!("{}: {customers} customers as of {}", summary.playbook, summary.as_of))?;
    output.line("")?;
    let segments = summary.segments.iter().map(|s| (s.name.as_str(), s.counts));
    for line in audiences(segments, summary.customers, 20, "") {
        output.line(&line)?;
    }
    Ok(())
}

/// What happened to the data on its way, and how long everything took.
fn remarks(summary: &Summary, output: &mut Output) {
    for line in remarks_of(summary, output.verbose) {
        output.note(&line);
    }
    let rows: u64 = summary.sources.iter().map(|s| s.rows).sum();
    let e = &summary.elapsed;
    output.note(&format!(
        "{} rows in {:.1} s (read {:.1}, group {:.1}, evaluate {:.1}, write {:.1})",
        thousands(rows),
        e.total_s,
        e.read_s,
        e.group_s,
        e.evaluate_s,
        e.write_s
    ));
    if e.spilled_bytes > 0 {
        let mib = thousands(e.spilled_bytes.div_ceil(1 << 20));
        output.note(&format!("{mib} MiB of events were beyond the memory for them and went through files on disk"));
    }
    if summary.over_threshold {
        output.error("more rows were rejected than `reject_max` in seg.toml allows");
    }
}

fn remarks_of(summary: &Summary, verbose: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut remark = |lead: &str, count: u64, what: &str, rest: &str| {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            lines.push(format!("{lead}: {} {what}{plural} {rest}", thousands(count)));
        }
    };
    for source in &summary.sources {
        let table = source.table.as_str();
        remark(table, source.rejected, "row", "rejected; run with -o to see each in rejects.ndjson");
        remark(table, source.later_than_as_of, "event", "after the as-of instant, not looked at");
        remark(table, source.unknown_customers, "event", "of customers that the profile does not have");
        remark(table, source.civil.gaps, "time", "that the clocks skipped, moved forward");
        remark(table, source.civil.folds, "time", "that the clocks had twice, taken as the earlier");
        remark(table, source.money_rounded, "amount", "rounded to the smallest coin");
        for default in &source.defaults {
            remark(table, default.rows, "row", &format!("without `{}` took its default", default.field));
        }
    }
    for fault in &summary.faults {
        remark(fault.place.as_deref().unwrap_or("?"), fault.count, "value", &format!("missing by {}", fault.reason));
    }
    for skipped in summary.skipped.iter().filter(|_| verbose) {
        remark(skipped.place.as_deref().unwrap_or("?"), skipped.values, "missing value", "passed over");
    }
    lines
}
