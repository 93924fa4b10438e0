//! `seg stats`: sizes with bars, the largest overlaps, and the missing fields that leave customers undecided.

use seg::stats::Stats as Numbers;

use super::{now, playbook};
use crate::args::{Stats, TextFormat};
use crate::output::{Output, Tint};
use crate::progress::Bar;
use crate::table::{Side, audiences, share, table, thousands};
use crate::{Failure, Status};

/// Overlaps shown; all of them are in the JSON.
const OVERLAPS_SHOWN: usize = 15;

pub fn stats(args: &Stats, output: &mut Output) -> Result<Status, Failure> {
    let playbook = playbook(args.playbook.as_deref(), &args.trust, output)?;
    let program = &playbook.program;
    let mut options = seg::run::options(&playbook, &args.data.request(&args.only, args.sample), now())?;
    let progress = Bar::new(output.quiet);
    options.progress = progress.listener();
    let numbers = seg::stats::stats(program, &options)?;
    drop(progress);
    if args.format == TextFormat::Json {
        let document = serde_json::to_value(&numbers).map_err(|e| Failure::Told(e.to_string()))?;
        output.line(&format!("{document:#}"))?;
        return Ok(Status::Done);
    }
    sizes(&numbers, output)?;
    overlaps(&numbers, output)?;
    blame(&numbers, output)?;
    Ok(Status::Done)
}

fn heading(text: &str, output: &mut Output) -> Result<(), Failure> {
    let text = output.paint(text, Tint::Bold);
    output.line(&text)?;
    Ok(())
}

fn sizes(numbers: &Numbers, output: &mut Output) -> Result<(), Failure> {
    heading(&format!("Audiences of {} customers", thousands(numbers.customers)), output)?;
    let segments = numbers.segments.iter().map(|s| (s.name.as_str(), s.counts));
    for line in audiences(segments, numbers.customers, 30, "█ in  ░ unknown") {
        output.line(&line)?;
    }
    Ok(())
}

fn overlaps(numbers: &Numbers, output: &mut Output) -> Result<(), Failure> {
    if numbers.overlaps.is_empty() {
        return Ok(());
    }
    let size = |name: &str| numbers.segments.iter().find(|s| s.name == name).map_or(0, |s| s.counts.inside);
    output.line("")?;
    heading("Largest overlaps", output)?;
    let rows: Vec<Vec<String>> = numbers
        .overlaps
        .iter()
        .take(OVERLAPS_SHOWN)
        .map(|o| {
            vec![o.a.clone(), o.b.clone(), thousands(o.both), share(o.both, size(&o.a)), share(o.both, size(&o.b))]
        })
        .collect();
    let head = [
        ("segment", Side::Left),
        ("and segment", Side::Left),
        ("in both", Side::Right),
        ("of the first", Side::Right),
        ("of the second", Side::Right),
    ];
    for line in table(&head, &rows) {
        output.line(&line)?;
    }
    let more = numbers.overlaps.len().saturating_sub(OVERLAPS_SHOWN);
    if more > 0 {
        output.line(&format!("and {} smaller ones (all with --format json)", thousands(more as u64)))?;
    }
    Ok(())
}

fn blame(numbers: &Numbers, output: &mut Output) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for segment in &numbers.segments {
        for blame in &segment.blame {
            rows.push(vec![
                segment.name.clone(),
                blame.field.clone(),
                thousands(blame.lacking),
                thousands(blame.decided),
            ]);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    output.line("")?;
    heading("Missing data to blame", output)?;
    let head = [
        ("unknown in", Side::Left),
        ("for want of", Side::Left),
        ("customers lacking it", Side::Right),
        ("decided by it alone", Side::Right),
    ];
    for line in table(&head, &rows) {
        output.line(&line)?;
    }
    Ok(())
}
