//! The campaign by DuckDB: playbooks and customers made at random, and what `seg sql` writes of each, run and held against the
//! interpreter. Knows nothing of how SQL is written.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use seg_compiler::sql::Required;

use super::campaign::seed_of;
use super::data::Data;
use super::playbook::Playbook;
use super::{adapters, fixture};
use crate::random::Random;
use crate::sql_judge::{self, Case, Judge};

/// What to run.
#[derive(Clone)]
pub struct Options {
    pub programs: u64,
    /// Customers of each program.
    pub records: usize,
    pub seed: u64,
    /// The first program's number: with `programs` 1, one program of a campaign again.
    pub first: u64,
    pub threads: usize,
    /// Told after each program: how many are done.
    pub progress: Option<fn(u64, u64)>,
}

impl Default for Options {
    fn default() -> Options {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Options { programs: 100, records: 32, seed: 1, first: 0, threads, progress: None }
    }
}

/// What a campaign found.
#[derive(Default)]
pub struct Report {
    pub programs: u64,
    /// Programs whose schema was refused.
    pub refused: u64,
    pub judged: sql_judge::Report,
    /// Programs with disagreements: their numbers and source texts.
    pub found: Vec<(u64, String)>,
    pub seconds: f64,
}

/// More programs that disagree than this say nothing new.
const FOUND_MAX: usize = 20;

/// Runs a campaign. `None` where no judge can be seated.
pub fn run(options: &Options) -> Option<Report> {
    let started = Instant::now();
    let next = AtomicU64::new(options.first);
    let judges: Option<Vec<Judge>> = (0..options.threads.max(1)).map(|_| Judge::seat()).collect();
    let report = Mutex::new(Report::default());
    std::thread::scope(|scope| {
        for mut judge in judges? {
            let (next, report) = (&next, &report);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let enough = report.lock().map_or(true, |r| r.found.len() >= FOUND_MAX);
                    if enough || number >= options.first + options.programs {
                        return;
                    }
                    let one = program(options, number, &mut judge);
                    let Ok(mut all) = report.lock() else { return };
                    all.add(one);
                    if let Some(progress) = options.progress {
                        progress(all.programs, options.programs);
                    }
                }
            });
        }
        Some(())
    })?;
    let mut report = report.into_inner().unwrap_or_default();
    report.found.sort();
    report.seconds = started.elapsed().as_secs_f64();
    Some(report)
}

/// The same programs and customers as the campaign of evaluators makes of the seed.
fn program(options: &Options, number: u64, judge: &mut Judge) -> Report {
    let mut report = Report { programs: 1, ..Report::default() };
    let mut random = Random::new(seed_of(options.seed, number));
    let Ok(compiled) = Playbook::new(&mut random, number).compiled() else {
        report.refused += 1;
        return report;
    };
    let (program, as_of) = (&compiled.program, compiled.playbook.world.as_of);
    let data = Data::new(program, as_of, options.records, &mut random);
    let records = (0..data.customers.len()).map(|n| adapters::record(program, as_of, &data, n)).collect();
    let name = format!("program {number}");
    // The SQL for runs and the SQL for tests, in turn.
    let required = if number.is_multiple_of(2) { [Required::Present] } else { [Required::MayBeMissing] };
    let case = Case { name, program, as_of, records, conditions: Vec::new(), required: &required };
    judge.judge(&case, &mut report.judged);
    if report.judged.disagreements > 0 {
        report.found.push((number, compiled.playbook.text()));
    }
    report
}

impl Report {
    fn add(&mut self, other: Report) {
        self.programs += other.programs;
        self.refused += other.refused;
        self.judged.add(other.judged);
        self.found.extend(other.found);
    }

    /// Everything, as people read it; the last line is the verdict.
    pub fn text(&self, options: &Options) -> String {
        let judged = &self.judged;
        let mut out = String::new();
        for told in &judged.told {
            out += &format!("{told}\n\n");
        }
        for (number, source) in &self.found {
            let path = fixture::save(None, *number, source);
            let path = path.map_or_else(|| "nowhere".to_string(), |p| p.display().to_string());
            let Options { seed, records, .. } = options;
            out += &format!(
                "program {number} disagrees; its playbook is in {path}\n  cargo xtask sql --seed {seed} --records {records} --first {number} --programs 1\n"
            );
        }
        out += &format!("{} outputs said, {} not:\n", judged.said, judged.unsaid.values().sum::<usize>());
        for (reason, count) in &judged.unsaid {
            out += &format!("  {count:6} {reason}\n");
        }
        let word = if judged.disagreements == 1 { "disagreement" } else { "disagreements" };
        out += &format!(
            "{} values compared in {:.0} s\nsql: {} programs x {} records, {} {word} (seed {})",
            judged.compared, self.seconds, self.programs, options.records, judged.disagreements, options.seed
        );
        out
    }
}
