//! The campaign: programs one after another, on some threads, each with its own seed, so that any can be had again alone.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use seg_evaluator::Method;

use super::compare::{Disagreement, Layout, Ways, compare};
use super::coverage::Coverage;
use super::data::Data;
use super::playbook::Playbook;
use super::shrink::{Case, shrink};
use super::{files, fixture};
use crate::random::Random;

/// What to run.
#[derive(Clone)]
pub struct Options {
    pub programs: u64,
    /// Customers of each program.
    pub records: usize,
    pub seed: u64,
    pub threads: usize,
    /// The first program's number: with `programs` 1, one program of a campaign again.
    pub first: u64,
    /// Leaves out reading files, and layouts of 8192 rows.
    pub quick: bool,
    pub ways: Ways,
    /// Where fixtures of what disagrees are written; a folder of its own in the system's when none.
    pub folder: Option<PathBuf>,
    /// Told after each program: how many are done.
    pub progress: Option<fn(u64, u64)>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            programs: 500,
            records: 256,
            seed: 1,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            first: 0,
            quick: false,
            ways: Ways::default(),
            folder: None,
            progress: None,
        }
    }
}

/// What a campaign found.
#[derive(Default)]
pub struct Report {
    pub programs: u64,
    pub records: u64,
    /// Programs whose schema was refused, or of which nothing was left.
    pub programs_refused: u64,
    pub declared: u64,
    pub refused: u64,
    /// Why declarations were refused, by code.
    pub codes: BTreeMap<String, u64>,
    /// Decisions: a customer and an output.
    pub decisions: u64,
    /// Decisions compared with the oracle's, over all ways.
    pub compared: u64,
    /// Rows and records judged in files and as requests, and those that both refused.
    pub judged: u64,
    pub rejected: u64,
    pub coverage: Coverage,
    /// How often each layout was met.
    pub layouts: BTreeMap<(&'static str, Layout), u64>,
    pub found: Vec<Found>,
    pub seconds: f64,
}

/// A disagreement, made small.
pub struct Found {
    pub program: u64,
    pub disagreement: Disagreement,
    /// The fixture's text, and where it was written.
    pub fixture: String,
    pub path: Option<PathBuf>,
}

/// More disagreements than this say nothing new.
const FOUND_MAX: usize = 20;

/// Runs a campaign.
pub fn run(options: &Options) -> Report {
    let started = Instant::now();
    let next = AtomicU64::new(options.first);
    let report = Mutex::new(Report { records: options.records as u64, ..Report::default() });
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let enough = report.lock().map_or(true, |r| r.found.len() >= FOUND_MAX);
                    if enough || number >= options.first + options.programs {
                        return;
                    }
                    let one = program(options, number);
                    let Ok(mut all) = report.lock() else { return };
                    all.add(one);
                    if let Some(progress) = options.progress {
                        progress(all.programs, options.programs);
                    }
                }
            });
        }
    });
    let mut report = report.into_inner().unwrap_or_default();
    report.found.sort_by_key(|f| f.program);
    report.seconds = started.elapsed().as_secs_f64();
    report
}

/// The seed of a program of a campaign.
pub(super) fn seed_of(seed: u64, number: u64) -> u64 {
    Random::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ number.rotate_left(32)).next_u64()
}

fn program(options: &Options, number: u64) -> Report {
    let mut report = Report { programs: 1, ..Report::default() };
    let mut random = Random::new(seed_of(options.seed, number));
    let playbook = Playbook::new(&mut random, number);
    let whole = playbook.clone();
    let compiled = std::panic::catch_unwind(|| playbook.compiled());
    let Ok(compiled) = compiled else {
        let says = "the compiler panicked".to_string();
        let disagreement = Disagreement { way: "compiling".into(), output: None, customer: None, says };
        report.found.push(Found { program: number, disagreement, fixture: whole.text(), path: None });
        return report;
    };
    let Ok(compiled) = compiled else {
        report.programs_refused += 1;
        return report;
    };
    report.declared += compiled.declared as u64;
    report.refused += compiled.refused as u64;
    compiled.codes.iter().for_each(|(code, n)| *report.codes.entry(code.clone()).or_default() += *n as u64);
    let (program, as_of) = (&compiled.program, compiled.playbook.world.as_of);
    let data = Data::new(program, as_of, options.records, &mut random);
    let turn = if options.quick { number as usize * 37 + 1 } else { number as usize };
    let outcome = match compare(program, as_of, &data, options.ways, turn) {
        Ok(outcome) => outcome,
        Err(disagreement) => {
            let case = Case { playbook: compiled.playbook.clone(), data, ways: options.ways, turn };
            let small = shrink(case, *disagreement);
            let text = fixture::write(&small.case, &small.disagreement, &program_of(options, number));
            let path = fixture::save(options.folder.as_deref(), number, &text);
            report.found.push(Found { program: number, disagreement: small.disagreement, fixture: text, path });
            return report;
        }
    };
    report.decisions += (outcome.nodes.len() * outcome.decided.len()) as u64;
    report.compared += outcome.compared;
    report.coverage.count(program, &outcome);
    outcome.layouts.into_iter().for_each(|layout| *report.layouts.entry(layout).or_default() += 1);
    if !options.quick && number.is_multiple_of(files::ONCE_IN) {
        match files::compare(program, as_of, &data, &outcome.decided, &mut random, number) {
            Ok(judged) => {
                report.judged += judged.rows;
                report.rejected += judged.rejected;
                report.compared += judged.compared;
            }
            Err(disagreement) => {
                let fixture = compiled.playbook.text();
                report.found.push(Found { program: number, disagreement: *disagreement, fixture, path: None });
            }
        }
    }
    report
}

/// The command that runs one program again.
fn program_of(options: &Options, number: u64) -> String {
    let Options { seed, records, .. } = options;
    format!("cargo xtask differential --seed {seed} --records {records} --first {number} --programs 1")
}

impl Report {
    fn add(&mut self, other: Report) {
        self.programs += other.programs;
        self.programs_refused += other.programs_refused;
        self.declared += other.declared;
        self.refused += other.refused;
        self.decisions += other.decisions;
        self.compared += other.compared;
        self.judged += other.judged;
        self.rejected += other.rejected;
        self.coverage.add(&other.coverage);
        other.codes.into_iter().for_each(|(code, n)| *self.codes.entry(code).or_default() += n);
        other.layouts.into_iter().for_each(|(layout, n)| *self.layouts.entry(layout).or_default() += n);
        self.found.extend(other.found);
    }

    /// The part of all declarations that the compiler refused.
    pub fn refused_rate(&self) -> f64 {
        self.refused as f64 / self.declared.max(1) as f64
    }

    /// The last line.
    pub fn verdict(&self, options: &Options) -> String {
        let found = self.found.len();
        let word = if found == 1 { "disagreement" } else { "disagreements" };
        format!(
            "differential: {} programs x {} records, {found} {word} (seed {})",
            self.programs, self.records, options.seed
        )
    }

    /// Everything, as people read it.
    pub fn text(&self, options: &Options) -> String {
        let mut out = format!("seed {}\n\n{}\n", options.seed, self.coverage);
        out += "how batches were dealt out: rows, order, parts, threads\n";
        for method in Method::ALL.map(Method::name) {
            let of_method: Vec<_> = self.layouts.iter().filter(|((name, _), _)| *name == method).collect();
            let count = |pick: &dyn Fn(&Layout) -> bool| -> u64 {
                of_method.iter().filter(|((_, layout), _)| pick(layout)).map(|(_, n)| **n).sum()
            };
            let rows = Layout::all_batches().map(|rows| format!("{rows}: {}", count(&|l| l.batch_rows == rows)));
            let parts = [1, 2, 16].map(|parts| format!("{parts}: {}", count(&|l| l.parts == parts)));
            out += &format!(
                "  {method:<7} rows {{{}}} shuffled {} parts {{{}}} threads {{1: {}, 2: {}}}\n",
                rows.join(", "),
                count(&|l| l.shuffled),
                parts.join(", "),
                count(&|l| l.threads == 1),
                count(&|l| l.threads == 2)
            );
        }
        let codes: Vec<String> = self.codes.iter().map(|(code, n)| format!("{code} {n}")).collect();
        out += &format!(
            "\n{} declarations, {} refused by the compiler ({:.1} %: {}); {} programs refused as a whole\n",
            self.declared,
            self.refused,
            self.refused_rate() * 100.0,
            codes.join(", "),
            self.programs_refused
        );
        out += &format!(
            "{} decisions, compared {} times; {} rows and records judged in files and as requests, {} refused; {:.1} s\n",
            self.decisions, self.compared, self.judged, self.rejected, self.seconds
        );
        for found in &self.found {
            let Disagreement { way, output, customer, says } = &found.disagreement;
            let output = output.as_deref().unwrap_or("everything");
            let customer = customer.map_or(String::new(), |n| format!(", customer {n}"));
            out += &format!("\nprogram {}: {way}: {output}{customer}: {says}\n", found.program);
            out += &format!("  again: {}\n", program_of(options, found.program));
            match &found.path {
                Some(path) => out += &format!("  fixture: {}\n", path.display()),
                None => out += &found.fixture,
            }
        }
        out
    }
}
