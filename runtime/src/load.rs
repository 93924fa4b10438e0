//! A chunk of a table's rows through all its rules: which rows are kept, which are refused and why, what was done to
//! their cells. Shared by profiles, events and reference tables.

use seg_evaluator::Column;
use seg_ir::outcome::{Reject, RejectCode};

use crate::bind::{BoundFile, column};
use crate::cell::Note;
use crate::clock::Worked;
use crate::error::Error;
use crate::fill::{Fate, RawColumn, Refusal, Report, fill, keys};
use crate::options::Options;
use crate::ordered::joined;
use crate::read::Chunk;
use crate::rule::{Rule, TableRules};
use crate::summary::{DefaultSummary, SourceSummary};

/// A chunk under judgement.
pub(crate) struct Judged<'f> {
    pub chunk: Chunk,
    pub file: &'f BoundFile,
    pub fates: Vec<Fate>,
    refused: Vec<(Refusal, String)>,
    notes: Vec<(usize, Vec<(u32, u8)>)>,
}

/// A field's values in a chunk, and what its cells came to.
pub(crate) type Filled = (Column, Report);

impl<'f> Judged<'f> {
    /// Rows that could not be read are refused at once.
    pub fn new(chunk: Chunk, file: &'f BoundFile) -> Judged<'f> {
        let malformed: Vec<Refusal> = chunk
            .malformed
            .iter()
            .map(|(row, what)| Refusal { row: *row, code: RejectCode::Malformed, reason: what.clone() })
            .collect();
        let fates = vec![Fate::Keep; chunk.rows];
        let mut judged = Judged { chunk, file, fates, refused: Vec::new(), notes: Vec::new() };
        malformed.into_iter().for_each(|refusal| judged.refuse(refusal, ""));
        judged
    }

    /// Refuses a row that is still kept.
    pub fn refuse(&mut self, refusal: Refusal, field: &str) {
        if let Some(fate) = self.fates.get_mut(refusal.row as usize).filter(|fate| **fate == Fate::Keep) {
            *fate = Fate::Rejected;
            self.refused.push((refusal, field.to_string()));
        }
    }

    pub fn set(&mut self, row: usize, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(row).filter(|slot| **slot == Fate::Keep) {
            *slot = fate;
        }
    }

    /// Validates one field's cells. **Errors**: a column that cannot be read.
    pub fn field(&self, rules: &TableRules, index: usize) -> Result<Filled, Error> {
        match (rules.fields.get(index), self.file.places.get(index)) {
            (Some(rule), Some(place)) => {
                let column = column(self.file, &self.chunk, place)?;
                fill(&column, rule, &rules.zone, &self.fates).map_err(|what| Error::read(&self.file.path, what))
            }
            _ => Ok((Column::Unread(self.chunk.rows), Report::default())),
        }
    }

    /// Takes in what a field's cells came to. To be called in the order of declaration, so that a row is refused for the
    /// first of its faults.
    pub fn take(&mut self, rules: &TableRules, index: usize, report: Report) {
        let name = rules.fields.get(index).map_or("", |rule| rule.name.as_str());
        for refusal in report.refusals {
            self.refuse(refusal, name);
        }
        if !report.notes.is_empty() {
            self.notes.push((index, report.notes));
        }
    }

    /// Validates all fields in the order of declaration and gives their values; `done` is one that is there already.
    pub fn fields(&mut self, rules: &TableRules, mut done: Option<(usize, Filled)>) -> Result<Vec<Column>, Error> {
        let mut columns = Vec::with_capacity(rules.fields.len());
        for index in 0..rules.fields.len() {
            let (column, report) = match done.take_if(|(at, _)| *at == index) {
                Some((_, filled)) => filled,
                None => self.field(rules, index)?,
            };
            self.take(rules, index, report);
            columns.push(column);
        }
        Ok(columns)
    }

    /// The keys of refused rows, as text, where they can be read and are not personal; then the rejects in the order of rows.
    pub fn rejects(&self, rules: &TableRules, row_keys: RowKeys<'_>) -> Result<Vec<Reject>, Error> {
        let mut order: Vec<&(Refusal, String)> = self.refused.iter().collect();
        order.sort_by_key(|(refusal, _)| refusal.row);
        let mut names = vec![None; if order.is_empty() { 0 } else { self.fates.len() }];
        match row_keys {
            RowKeys::From(first) => {
                names.iter_mut().zip(first..).for_each(|(name, number): (&mut Option<String>, i64)| {
                    *name = Some(number.to_string());
                });
            }
            RowKeys::Column(column, rule) if !order.is_empty() && !rule.secret => {
                let refused = |fate: &Fate| if *fate == Fate::Rejected { Fate::Keep } else { Fate::Later };
                let fates: Vec<Fate> = self.fates.iter().map(refused).collect();
                keys(column, rule, &rules.zone, &fates, &mut |row, found| {
                    if let (Ok(key), Some(name)) = (found, names.get_mut(row)) {
                        *name = Some(crate::key::show_cell(&key, rule));
                    }
                })
                .map_err(|what| Error::read(&self.file.path, what))?;
            }
            RowKeys::Column(..) => {}
        }
        let make = |(refusal, field): &(Refusal, String)| Reject {
            source: rules.name.clone(),
            file: Some(self.file.label.clone()),
            row: self.chunk.numbers.of(refusal.row as usize),
            key: names.get(refusal.row as usize).cloned().flatten(),
            field: field.clone(),
            code: refusal.code,
            reason: refusal.reason.clone(),
        };
        Ok(order.into_iter().map(make).collect())
    }

    /// What is told of the chunk's rows. To be called when all fates are known.
    pub fn stats(&self, rules: &TableRules) -> Stats {
        let mut stats = Stats { rows: self.fates.len() as u64, ..Stats::new(rules) };
        for fate in &self.fates {
            match fate {
                Fate::Keep => {}
                Fate::Later => stats.later += 1,
                Fate::Outside => stats.outside += 1,
                Fate::Rejected => stats.rejected += 1,
            }
        }
        for (field, notes) in &self.notes {
            let kept = notes.iter().filter(|(row, _)| self.fates.get(*row as usize) == Some(&Fate::Keep));
            for (_, note) in kept {
                stats.gaps += u64::from(note & Note::GAP != 0);
                stats.folds += u64::from(note & Note::FOLD != 0);
                stats.rounded += u64::from(note & Note::ROUNDED != 0);
                if note & Note::DEFAULT != 0
                    && let Some(count) = stats.defaults.get_mut(*field)
                {
                    *count += 1;
                }
            }
        }
        stats
    }
}

/// How the rows of a chunk are named in rejects.
pub(crate) enum RowKeys<'a> {
    Column(&'a RawColumn<'a>, &'a Rule),
    /// By their number, from that of the first.
    From(i64),
}

/// What is told of a table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stats {
    pub rows: u64,
    pub rejected: u64,
    pub later: u64,
    pub outside: u64,
    pub unknown_customers: u64,
    pub gaps: u64,
    pub folds: u64,
    pub rounded: u64,
    pub defaults: Vec<u64>,
}

impl Stats {
    pub fn new(rules: &TableRules) -> Stats {
        Stats { defaults: vec![0; rules.fields.len()], ..Stats::default() }
    }

    /// Adds what is told of other rows of the table.
    pub fn add(&mut self, other: &Stats) {
        self.rows += other.rows;
        self.rejected += other.rejected;
        self.later += other.later;
        self.outside += other.outside;
        self.unknown_customers += other.unknown_customers;
        self.gaps += other.gaps;
        self.folds += other.folds;
        self.rounded += other.rounded;
        self.defaults.resize(self.defaults.len().max(other.defaults.len()), 0);
        self.defaults.iter_mut().zip(&other.defaults).for_each(|(sum, rows)| *sum += rows);
    }

    pub fn summary(&self, table: &seg_ir::schema::Table) -> SourceSummary {
        let defaults = table.fields.iter().zip(&self.defaults).filter(|(_, rows)| **rows > 0);
        SourceSummary {
            table: table.name.clone(),
            files: Vec::new(),
            rows: self.rows,
            rejected: self.rejected,
            later_than_as_of: self.later,
            unknown_customers: self.unknown_customers,
            outside_sample: self.outside,
            civil: crate::summary::Civil { gaps: self.gaps, folds: self.folds },
            money_rounded: self.rounded,
            defaults: defaults.map(|(f, rows)| DefaultSummary { field: f.name.clone(), rows: *rows }).collect(),
        }
    }
}

/// Reads chunks on threads of their own while `each` judges those before. Gives the seconds of a core that reading took.
/// Stops at the first error.
pub(crate) fn pipeline(
    file: &BoundFile,
    options: &Options,
    mut each: impl FnMut(Chunk) -> Result<bool, Error>,
) -> Result<f64, Error> {
    let (rows, threads) = (options.batch_rows, options.threads());
    let mut chunks = crate::read::chunks(&file.path, &file.projection, &file.named, rows, threads)?;
    std::thread::scope(|scope| {
        let (send, receive) = std::sync::mpsc::sync_channel(1);
        let reader = scope.spawn(move || {
            let started = Worked::now();
            for chunk in &mut chunks {
                let last = chunk.is_err();
                if send.send(chunk).is_err() || last {
                    break;
                }
            }
            started.seconds() + chunks.helped_s()
        });
        for chunk in receive {
            if !each(chunk?)? {
                break;
            }
        }
        Ok(joined(reader.join()))
    })
}
