//! Counts the verdicts, and holds them against the committed files `counts.txt` and `differences.md`.
//! It does not know how a verdict came about.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use super::case::{Case, Verdict};
use super::{Fault, read};

/// The counts of one suite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The same answer.
    pub agree: usize,
    /// They answer null or with an error; the compiler refuses.
    pub rejected: usize,
    /// Another answer.
    pub differ: usize,
    /// Not asked.
    pub not_mapped: usize,
}

/// A case that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The case.
    pub case: String,
    /// What the suite says.
    pub they: String,
    /// What Seg says.
    pub we: String,
}

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The counts by suite.
    pub suites: BTreeMap<String, Counts>,
    /// How many cases are not mapped, by reason.
    pub not_mapped: BTreeMap<String, usize>,
    /// How many cases were rejected, by the codes of the refusal.
    pub codes: BTreeMap<String, usize>,
    /// The cases that differ, in order.
    pub differing: Vec<Difference>,
    /// Files that could not be read.
    pub faults: Vec<Fault>,
}

/// The file of the counts.
pub const COUNTS_FILE: &str = "counts.txt";
/// The file of the differences.
pub const DIFFERENCES_FILE: &str = "differences.md";
const UNARGUED: &str = "?";
const HEADER: &str = "| case | they say | we say | argument |";

impl Report {
    /// Counts the verdict on a case.
    pub fn add(&mut self, case: &Case, verdict: &Verdict) {
        let counts = self.suites.entry(case.suite.clone()).or_default();
        match verdict {
            Verdict::Agree => counts.agree += 1,
            Verdict::Rejected(codes) => {
                counts.rejected += 1;
                *self.codes.entry(codes.join(", ")).or_default() += 1;
            }
            Verdict::Differ(we) => {
                counts.differ += 1;
                let they = case.expected.to_string();
                self.differing.push(Difference { case: case.id.clone(), they, we: we.clone() });
            }
            Verdict::NotMapped(reason) => {
                counts.not_mapped += 1;
                *self.not_mapped.entry((*reason).to_owned()).or_default() += 1;
            }
        }
    }

    /// What the run and the committed files disagree about; nothing where all is as stated.
    pub fn check(&self, dir: &Path) -> Vec<String> {
        let mut wrong: Vec<String> = self.faults.iter().map(ToString::to_string).collect();
        match read(&dir.join(COUNTS_FILE)) {
            Ok(stated) if stated == self.to_string() => {}
            Ok(stated) => wrong.push(format!("{COUNTS_FILE} states\n{stated}\nand the run gives\n{self}")),
            Err(fault) => wrong.push(fault.to_string()),
        }
        match read(&dir.join(DIFFERENCES_FILE)) {
            Ok(text) => self.check_differences(&text, &mut wrong),
            Err(fault) => wrong.push(fault.to_string()),
        }
        wrong
    }

    fn check_differences(&self, text: &str, wrong: &mut Vec<String>) {
        let rows = rows(text);
        let arguments = arguments(text);
        for difference in &self.differing {
            match rows.iter().find(|row| row.difference.case == difference.case) {
                None => wrong.push(format!("differs and is not listed: {}", row_text(difference, UNARGUED))),
                Some(row) if row.difference.cells() != difference.cells() => {
                    wrong.push(format!("listed otherwise: {}", row_text(difference, &row.argument)));
                }
                Some(row) if !arguments.contains(&row.argument) => {
                    wrong.push(format!("no argument `{}` for {}", row.argument, difference.case));
                }
                Some(_) => {}
            }
        }
        let found: BTreeSet<&str> = self.differing.iter().map(|difference| difference.case.as_str()).collect();
        for row in &rows {
            if !found.contains(row.difference.case.as_str()) {
                wrong.push(format!("listed and no longer differs: {}", row.difference.case));
            }
        }
        let used: BTreeSet<&String> = rows.iter().map(|row| &row.argument).collect();
        wrong.extend(
            arguments.iter().filter(|name| !used.contains(name)).map(|name| format!("unused argument `{name}`")),
        );
    }

    /// Writes the committed files anew. What is known of a difference is kept; a new one has the
    /// argument `?`, which `check` does not accept.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn bless(&self, dir: &Path) -> Result<(), Fault> {
        let path = dir.join(DIFFERENCES_FILE);
        let text = read(&path)?;
        let known = rows(&text);
        let head = text.split(HEADER).next().unwrap_or_default();
        let mut written = format!("{head}{HEADER}\n|---|---|---|---|\n");
        for difference in &self.differing {
            let argument =
                known.iter().find(|row| row.difference.case == difference.case).map(|row| row.argument.as_str());
            written.push_str(&row_text(difference, argument.unwrap_or(UNARGUED)));
            written.push('\n');
        }
        write(&path, &written)?;
        write(&dir.join(COUNTS_FILE), &self.to_string())
    }
}

impl Difference {
    /// The cells of its row, which is how the file knows it.
    fn cells(&self) -> [String; 3] {
        [&self.case, &self.they, &self.we].map(|text| cell(text))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<52}{:>8}{:>10}{:>8}{:>12}", "suite", "agree", "rejected", "differ", "not mapped")?;
        let mut total = Counts::default();
        for (suite, counts) in &self.suites {
            write_row(f, suite, counts)?;
            total.agree += counts.agree;
            total.rejected += counts.rejected;
            total.differ += counts.differ;
            total.not_mapped += counts.not_mapped;
        }
        write_row(f, "all", &total)?;
        write_reasons(f, "rejected, by the codes of the refusal", &self.codes)?;
        write_reasons(f, "not mapped, by reason", &self.not_mapped)
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, name: &str, counts: &Counts) -> fmt::Result {
    let Counts { agree, rejected, differ, not_mapped } = counts;
    writeln!(f, "{name:<52}{agree:>8}{rejected:>10}{differ:>8}{not_mapped:>12}")
}

fn write_reasons(f: &mut fmt::Formatter<'_>, title: &str, reasons: &BTreeMap<String, usize>) -> fmt::Result {
    writeln!(f, "\n{title}")?;
    let mut ordered: Vec<_> = reasons.iter().collect();
    ordered.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    for (name, count) in ordered {
        writeln!(f, "{count:>6}  {name}")?;
    }
    Ok(())
}

/// A row of the differences as it stands in the file.
struct Row {
    difference: Difference,
    argument: String,
}

fn rows(text: &str) -> Vec<Row> {
    let table = text.split(HEADER).nth(1).unwrap_or_default();
    table
        .lines()
        .filter(|line| line.starts_with("| "))
        .filter_map(|line| {
            let mut cells = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned());
            let (case, they, we, argument) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
            Some(Row { difference: Difference { case, they, we }, argument })
        })
        .collect()
}

/// The names of the arguments, which are the headings of the second level.
fn arguments(text: &str) -> BTreeSet<String> {
    let head = text.split(HEADER).next().unwrap_or_default();
    head.lines().filter_map(|line| line.strip_prefix("### ")).map(|name| name.trim().to_owned()).collect()
}

fn row_text(difference: &Difference, argument: &str) -> String {
    let [case, they, we] = difference.cells();
    format!("| {case} | {they} | {we} | {argument} |")
}

fn cell(text: &str) -> String {
    text.replace('|', "/").replace('\n', " ").trim().to_owned()
}

fn write(path: &Path, text: &str) -> Result<(), Fault> {
    std::fs::write(path, text).map_err(|error| Fault::new(path, error))
}
