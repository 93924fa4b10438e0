//! Event tables: loaded whole, grouped by customer, each customer's rows in canonical order, whatever order the files had.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::UInt32Array;
use seg_evaluator::{Column, Table};
use seg_ir::outcome::{Reject, RejectCode};
use seg_ir::schema::PROFILE;
use seg_ir::{FieldId, Op, Program, TableId, fault};

use crate::bind::{self, BoundFile};
use crate::build::{Builder, pick};
use crate::cell::KeyCell;
use crate::error::Error;
use crate::fill::{Fate, Refusal, Report, keys};
use crate::key::KeyIndex;
use crate::load::{Judged, RowKeys, Stats, pipeline};
use crate::options::{Options, Stage};
use crate::order;
use crate::profile::Selection;
use crate::rule::{Rule, TableRules, Targets, key_rule};

/// An event table in memory.
pub(crate) struct Events {
    pub table: Table,
    /// The group of each customer that has events.
    pub groups: KeyIndex,
    /// Where the rows of group `g` are: from `starts[g]` to `starts[g + 1]`.
    pub starts: Vec<u32>,
    pub stats: Stats,
    pub files: Vec<BoundFile>,
    pub group_s: f64,
}

/// A group that a row does not belong to: it was not kept.
const NO_GROUP: u32 = u32::MAX;

/// Loads one event table. Rows later than the as-of instant and those of customers outside the selection are dropped.
pub(crate) fn load(
    program: &Program,
    options: &Options,
    id: TableId,
    targets: &Targets,
    selection: &Selection,
    reject: &mut dyn FnMut(Reject) -> Result<(), Error>,
) -> Result<Option<Events>, Error> {
    let schema = &program.schema;
    let declared = schema.table(id);
    let Some(binding) = options.bindings.tables.get(&declared.name) else { return Ok(None) };
    let rules = TableRules::new(schema, &program.zone, id, targets)?;
    let by_name = declared.by.clone().unwrap_or_default();
    let by = key_rule(schema, PROFILE, &by_name, targets)?;
    let files = bind::bind(&rules.name, binding, &options.bindings.base, &rules.fields, Some(&by))?;
    check_memory(&rules.name, &files, options)?;
    let mut loader = Loader {
        as_of: options.as_of,
        today: program.zone.date(options.as_of).unwrap_or(i32::MAX),
        builders: rules.fields.iter().map(|rule| Builder::new(&rule.kind)).collect(),
        groups: KeyIndex::default(),
        group_of: Vec::new(),
        stats: Stats::new(&rules),
    };
    let rows = files.iter().map(|f| f.rows).sum::<Option<u64>>();
    for file in &files {
        pipeline(file, options.batch_rows, |chunk| {
            loader.chunk(&rules, &by, Judged::new(&chunk, file), selection, reject)?;
            options.report(Stage::Read, &rules.name, loader.stats.rows, rows);
            Ok(true)
        })?;
    }
    options.report(Stage::Group, &rules.name, 0, Some(loader.stats.rows));
    let started = std::time::Instant::now();
    let used = used_fields(program, id);
    let mut events = loader.finish(&rules, &used, options.threads())?;
    events.files = files;
    events.group_s = started.elapsed().as_secs_f64();
    Ok(Some(events))
}

fn check_memory(table: &str, files: &[BoundFile], options: &Options) -> Result<(), Error> {
    let stored: u64 = files.iter().map(|f| f.bytes).sum();
    let limit_bytes = options.memory_max_bytes.unwrap_or_else(crate::memory::default_limit_bytes);
    // While it is sorted, a table is there twice.
    let estimate_bytes = stored.saturating_mul(2);
    if estimate_bytes > limit_bytes {
        return Err(Error::Memory { table: table.to_string(), estimate_bytes, limit_bytes });
    }
    Ok(())
}

/// The fields that some operation of the program reads; the others order rows and are not kept.
fn used_fields(program: &Program, id: TableId) -> HashSet<FieldId> {
    let nodes = (0..program.ir.len()).map(|i| &program.ir.node(seg_ir::NodeId(i as u32)).op);
    let read = nodes.filter_map(|op| match op {
        Op::Field { table, field, .. } | Op::Lookup { table, field, .. } if *table == id => Some(*field),
        _ => None,
    });
    // Windows find their ends by the time of rows.
    if fault::is("ingest.fields-that-are-read-are-not-kept") {
        return program.schema.table(id).at.into_iter().collect();
    }
    read.chain(program.schema.table(id).at).collect()
}

struct Loader {
    as_of: i64,
    today: i32,
    builders: Vec<Builder>,
    groups: KeyIndex,
    group_of: Vec<u32>,
    stats: Stats,
}

impl Loader {
    fn chunk(
        &mut self,
        rules: &TableRules,
        by: &Rule,
        mut judged: Judged<'_>,
        selection: &Selection,
        reject: &mut dyn FnMut(Reject) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let timed = self.times(rules, &mut judged)?;
        let (chunk, file) = (judged.chunk, judged.file);
        let place = file.by.as_ref().ok_or_else(|| Error::read(&file.path, "it has no column of customers' keys"))?;
        let customers = bind::column(file, chunk, place)?;
        let first = self.group_of.len();
        self.group_of.resize(first + chunk.rows, NO_GROUP);
        let mut outside = Vec::new();
        let mut faults = Vec::new();
        let fates = judged.fates.clone();
        keys(&customers, by, &rules.zone, &fates, &mut |row, key| match key {
            Ok(key) if !selection.takes(&key) && !fault::is("ingest.events-outside-the-sample-are-kept") => {
                outside.push(row)
            }
            Ok(key) => {
                let next = self.groups.len() as u32;
                if let Some(slot) = self.group_of.get_mut(first + row) {
                    *slot = self.groups.insert(&key, next).0;
                }
            }
            Err((code, reason)) => faults.push(Refusal { row: row as u32, code, reason }),
        });
        outside.into_iter().for_each(|row| judged.set(row, Fate::Outside));
        faults.into_iter().for_each(|fault| judged.refuse(fault, &by.name));
        judged.fields(rules, &mut self.builders, timed)?;
        for (fate, group) in judged.fates.iter().zip(self.group_of.iter_mut().skip(first)) {
            if *fate != Fate::Keep && !fault::is("ingest.refused-events-are-kept") {
                *group = NO_GROUP;
            }
        }
        if u32::try_from(self.group_of.len()).is_err() {
            return Err(Error::read(&file.path, "with it the table has more than 4 billion rows"));
        }
        judged.count(&mut self.stats);
        judged.rejects(rules, RowKeys::Column(&customers, by)).into_iter().try_for_each(reject)
    }

    /// Validates the time of rows before all else: those later than the as-of instant are never looked at.
    fn times(&mut self, rules: &TableRules, judged: &mut Judged<'_>) -> Result<Option<(usize, Report)>, Error> {
        let Some(at) = rules.at.map(|at| at.0 as usize) else { return Ok(None) };
        let first = self.group_of.len();
        let report = judged.field(rules, at, &mut self.builders)?;
        let refused: HashSet<u32> = report.refusals.iter().map(|r| r.row).collect();
        let mut later = Vec::new();
        match self.builders.get(at) {
            Some(Builder::Wide(times, _)) => {
                let new = times.values_slice().iter().skip(first).enumerate();
                later.extend(new.filter(|(_, time)| is_later(**time, self.as_of)).map(|(row, _)| row));
            }
            Some(Builder::Narrow(days, _)) => {
                let new = days.values_slice().iter().skip(first).enumerate();
                later.extend(
                    new.filter(|(_, day)| is_later(i64::from(**day), i64::from(self.today))).map(|(row, _)| row),
                );
            }
            _ => {}
        }
        later.retain(|row| !refused.contains(&(*row as u32)));
        later.into_iter().for_each(|row| judged.set(row, Fate::Later));
        Ok(Some((at, report)))
    }

    fn finish(self, rules: &TableRules, used: &HashSet<FieldId>, threads: usize) -> Result<Events, Error> {
        let columns: Vec<Column> = self.builders.into_iter().map(Builder::finish).collect();
        let (starts, mut order) = by_group(&self.group_of, self.groups.len());
        drop(self.group_of);
        sort_groups(&mut order, &starts, &columns, rules.at, threads);
        let picked = UInt32Array::from(order);
        let mut table = Table { columns: Vec::with_capacity(columns.len()), rows: picked.len() };
        for (index, column) in columns.into_iter().enumerate() {
            let kept = used.contains(&FieldId(index as u32));
            table.columns.push(if kept { pick(&column, &picked)? } else { Column::Unread(picked.len()) });
        }
        Ok(Events { table, groups: self.groups, starts, stats: self.stats, files: Vec::new(), group_s: 0.0 })
    }
}

/// Whether a row's time is beyond the as-of instant or day.
fn is_later(time: i64, now: i64) -> bool {
    let drops_now = fault::is("ingest.events-of-now-are-dropped");
    (time > now || (drops_now && time == now)) && !fault::is("ingest.later-events-are-kept")
}

/// Counts the rows of each group and lines them up, group by group.
fn by_group(group_of: &[u32], groups: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; groups + 1];
    for group in group_of {
        if let Some(count) = starts.get_mut(*group as usize + 1).filter(|_| *group != NO_GROUP) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut next = starts.clone();
    let mut order = vec![0_u32; sum as usize];
    for (row, group) in group_of.iter().enumerate() {
        let Some(at) = next.get_mut(*group as usize).filter(|_| *group != NO_GROUP) else { continue };
        if let Some(slot) = order.get_mut(*at as usize) {
            *slot = row as u32;
        }
        *at += 1;
    }
    (starts, order)
}

/// Sorts the rows of each group: by time, then by the columns in the order of their declaration, missing first.
fn sort_groups(order: &mut [u32], starts: &[u32], columns: &[Column], at: Option<FieldId>, threads: usize) {
    let time = at.and_then(|at| columns.get(at.0 as usize));
    let all: Vec<&Column> = columns.iter().collect();
    let share = order.len().div_ceil(threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let mut rest = order;
        let mut done = 0_usize;
        let mut group = 0_usize;
        while !rest.is_empty() {
            let first = group;
            while group + 1 < starts.len() && starts.get(group).map_or(0, |s| *s as usize) < done + share {
                group += 1;
            }
            let end = starts.get(group).map_or(done, |s| *s as usize).max(done + 1).min(done + rest.len());
            let (part, after) = std::mem::take(&mut rest).split_at_mut(end - done);
            rest = after;
            let bounds = starts.get(first..=group).unwrap_or(&[]);
            let (base, all) = (done, &all);
            scope.spawn(move || sort_part(part, base, bounds, time, all));
            done = end;
        }
    });
}

fn sort_part(part: &mut [u32], base: usize, bounds: &[u32], time: Option<&Column>, columns: &[&Column]) {
    let mut keyed: Vec<(i64, u32)> = Vec::new();
    for pair in bounds.windows(2) {
        let (Some(from), Some(to)) = (pair.first(), pair.get(1)) else { continue };
        let Some(rows) = part.get_mut(*from as usize - base..*to as usize - base) else { continue };
        keyed.clear();
        keyed.extend(rows.iter().map(|row| (time.map_or(0, |t| moment(t, *row as usize)), *row)));
        if fault::is("ingest.events-are-not-sorted") {
            continue;
        }
        keyed.sort_unstable_by(|a, b| match a.0.cmp(&b.0) {
            Ordering::Equal if fault::is("ingest.ties-keep-the-order-of-files") => a.1.cmp(&b.1),
            Ordering::Equal => order::rows(columns, a.1 as usize, b.1 as usize),
            unequal => unequal,
        });
        for (slot, (_, row)) in rows.iter_mut().zip(&keyed) {
            *slot = *row;
        }
    }
}

/// The time of a row as a number that orders as it does; a missing time is first.
fn moment(column: &Column, row: usize) -> i64 {
    if column.nulls().is_some_and(|n| n.is_null(row)) {
        return i64::MIN;
    }
    match column {
        Column::Timestamp(times) => times.values().get(row).copied().unwrap_or(i64::MIN),
        Column::Date(days) => days.values().get(row).map_or(i64::MIN, |d| i64::from(*d)),
        _ => 0,
    }
}

impl Events {
    /// The rows of a customer; none when there are no events.
    pub fn rows(&self, group: Option<u32>) -> (u32, u32) {
        let bound = |g: u32| self.starts.get(g as usize).copied();
        group.and_then(|g| bound(g).zip(bound(g + 1))).unwrap_or((0, 0))
    }

    pub fn find(&self, key: &KeyCell<'_>) -> Option<u32> {
        self.groups.find(key)
    }
}

/// Why a customer with too many events is refused.
pub(crate) fn too_many(row: u32, name: &str, rows: u32, max: u64) -> (Refusal, String) {
    let reason = format!("the customer has {rows} rows in `{name}`, and at most {max} are allowed");
    (Refusal { row, code: RejectCode::TooManyRows, reason }, name.to_string())
}

/// Event tables shared by the batches of a run.
pub(crate) type AllEvents = Vec<Option<Arc<Events>>>;
