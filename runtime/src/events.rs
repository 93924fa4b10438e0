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
use crate::build::{concat, pick};
use crate::cell::KeyCell;
use crate::clock::Worked;
use crate::error::Error;
use crate::fill::{Fate, RawColumn, Refusal, keys, whole_keys};
use crate::key::KeyIndex;
use crate::load::{Filled, Judged, RowKeys, Stats, pipeline};
use crate::options::{Options, Stage};
use crate::order;
use crate::ordered::{self, joined, ordered};
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
    /// Seconds of a core for reading the rows, and for putting them in order.
    pub read_s: f64,
    pub group_s: f64,
}

/// Takes rejects as they are met, on any thread.
pub(crate) type Rejecting<'r> = &'r mut (dyn FnMut(Reject) -> Result<(), Error> + Send);

/// A group that a row does not belong to: it was not kept.
const NO_GROUP: u32 = u32::MAX;

/// Loads one event table. Rows later than the as-of instant and those of customers outside the selection are dropped.
pub(crate) fn load(
    program: &Program,
    options: &Options,
    id: TableId,
    targets: &Targets,
    selection: &Selection,
    reject: Rejecting<'_>,
) -> Result<Option<Events>, Error> {
    let schema = &program.schema;
    let declared = schema.table(id);
    let Some(binding) = options.bindings.tables.get(&declared.name) else { return Ok(None) };
    let rules = TableRules::new(schema, &program.zone, id, targets)?;
    let by_name = declared.by.clone().unwrap_or_default();
    let by = key_rule(schema, PROFILE, &by_name, targets)?;
    let files = bind::bind(&rules.name, binding, &options.bindings.base, &rules.fields, Some(&by))?;
    check_memory(&rules.name, &files, options)?;
    let read = Read { options, rules: &rules, by: &by, today: program.zone.date(options.as_of).unwrap_or(i32::MAX) };
    let done = ordered(
        options.threads(),
        |send| read.keys(&files, selection, send),
        |grouped| read.judge(grouped),
        |chunks| read.gather(chunks, reject),
    )?;
    let (groups, read_s) = done.made;
    let mut events = read.finish(groups, done.taken, &used_fields(program, id))?;
    events.files = files;
    events.read_s = read_s + done.worked_s;
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

/// What reading one table needs.
struct Read<'r> {
    options: &'r Options,
    rules: &'r TableRules,
    by: &'r Rule,
    today: i32,
}

/// A chunk whose rows' customers are known.
struct Grouped<'f> {
    judged: Judged<'f>,
    /// The group of each row.
    groups: Vec<u32>,
    timed: Option<(usize, Filled)>,
}

/// A chunk whose cells are judged.
struct Chunk {
    groups: Vec<u32>,
    columns: Vec<Column>,
    rejects: Vec<Reject>,
    stats: Stats,
}

/// All chunks, one after another.
struct Gathered {
    /// The group of each row.
    group_of: Vec<u32>,
    /// By field, the columns of the chunks.
    parts: Vec<Vec<Column>>,
    stats: Stats,
}

impl Read<'_> {
    /// Reads the keys of all chunks, one after another, and hands each on.
    fn keys<'f>(
        &self,
        files: &'f [BoundFile],
        selection: &Selection,
        send: ordered::Hand<'_, Grouped<'f>>,
    ) -> Result<(KeyIndex, f64), Error> {
        let mut index = KeyIndex::default();
        let (mut rows, mut read_s, started) = (0_u64, 0.0, Worked::now());
        let total = files.iter().map(|f| f.rows).sum::<Option<u64>>();
        for file in files {
            read_s += pipeline(file, self.options.batch_rows, |chunk| {
                rows += chunk.rows as u64;
                if u32::try_from(rows).is_err() {
                    return Err(Error::read(&file.path, "with it the table has more than 4 billion rows"));
                }
                let grouped = self.chunk(Judged::new(chunk, file), selection, &mut index)?;
                self.options.report(Stage::Read, &self.rules.name, rows, total);
                Ok(send(grouped))
            })?;
        }
        Ok((index, read_s + started.seconds()))
    }

    fn chunk<'f>(
        &self,
        mut judged: Judged<'f>,
        selection: &Selection,
        index: &mut KeyIndex,
    ) -> Result<Grouped<'f>, Error> {
        let by = self.by;
        let timed = self.times(&mut judged)?;
        let customers = customers(&judged)?;
        let mut groups = vec![NO_GROUP; judged.chunk.rows];
        if let (Selection::All, Some(whole)) = (selection, whole_keys(&customers, by)) {
            let is_kept = |row: usize| judged.fates.get(row) == Some(&Fate::Keep);
            index.insert_all(whole.values(), is_kept, &mut groups);
            drop(customers);
            return Ok(Grouped { judged, groups, timed });
        }
        let (mut outside, mut faults) = (Vec::new(), Vec::new());
        let seen = keys(&customers, by, &self.rules.zone, &judged.fates, &mut |row, key| match key {
            Ok(key) if !selection.takes(&key) && !fault::is("ingest.events-outside-the-sample-are-kept") => {
                outside.push(row)
            }
            Ok(key) => {
                let next = index.len() as u32;
                if let Some(slot) = groups.get_mut(row) {
                    *slot = index.insert(&key, next).0;
                }
            }
            Err((code, reason)) => faults.push(Refusal { row: row as u32, code, reason }),
        });
        seen.map_err(|what| Error::read(&judged.file.path, what))?;
        drop(customers);
        outside.into_iter().for_each(|row| judged.set(row, Fate::Outside));
        faults.into_iter().for_each(|fault| judged.refuse(fault, &by.name));
        Ok(Grouped { judged, groups, timed })
    }

    /// Validates the time of rows before all else: those later than the as-of instant are never looked at.
    fn times(&self, judged: &mut Judged<'_>) -> Result<Option<(usize, Filled)>, Error> {
        let Some(at) = self.rules.at.map(|at| at.0 as usize) else { return Ok(None) };
        let (column, report) = judged.field(self.rules, at)?;
        let refused: HashSet<u32> = report.refusals.iter().map(|r| r.row).collect();
        let (as_of, today) = (self.options.as_of, i64::from(self.today));
        let mut later: Vec<usize> = match &column {
            Column::Timestamp(times) => {
                let rows = times.values().iter().enumerate();
                rows.filter(|(_, time)| is_later(**time, as_of)).map(|(row, _)| row).collect()
            }
            Column::Date(days) => {
                let rows = days.values().iter().enumerate();
                rows.filter(|(_, day)| is_later(i64::from(**day), today)).map(|(row, _)| row).collect()
            }
            _ => Vec::new(),
        };
        later.retain(|row| !refused.contains(&(*row as u32)));
        later.into_iter().for_each(|row| judged.set(row, Fate::Later));
        Ok(Some((at, (column, report))))
    }

    /// Judges all other cells. May be called from several threads.
    fn judge(&self, grouped: Grouped<'_>) -> Result<Chunk, Error> {
        let Grouped { mut judged, mut groups, timed } = grouped;
        let columns = judged.fields(self.rules, timed)?;
        for (fate, group) in judged.fates.iter().zip(&mut groups) {
            if *fate != Fate::Keep && !fault::is("ingest.refused-events-are-kept") {
                *group = NO_GROUP;
            }
        }
        let rejects = judged.rejects(self.rules, RowKeys::Column(&customers(&judged)?, self.by))?;
        let stats = judged.stats(self.rules);
        Ok(Chunk { groups, columns, rejects, stats })
    }

    fn gather(
        &self,
        chunks: &mut dyn Iterator<Item = Result<Chunk, Error>>,
        reject: Rejecting<'_>,
    ) -> Result<Gathered, Error> {
        let rules = self.rules;
        let parts = vec![Vec::new(); rules.fields.len()];
        let mut all = Gathered { group_of: Vec::new(), parts, stats: Stats::new(rules) };
        for chunk in chunks {
            let chunk = chunk?;
            chunk.rejects.into_iter().try_for_each(&mut *reject)?;
            all.stats.add(&chunk.stats);
            all.group_of.extend_from_slice(&chunk.groups);
            all.parts.iter_mut().zip(chunk.columns).for_each(|(parts, column)| parts.push(column));
        }
        Ok(all)
    }

    /// Puts the rows in order, by customer and time.
    fn finish(&self, groups: KeyIndex, gathered: Gathered, used: &HashSet<FieldId>) -> Result<Events, Error> {
        let (rules, threads) = (self.rules, self.options.threads());
        let Gathered { group_of, parts, stats } = gathered;
        self.options.report(Stage::Group, &rules.name, 0, Some(stats.rows));
        let started = Worked::now();
        let (columns, joined_s) = ordered::each(threads, parts, |_, parts| concat(&parts))?;
        let (starts, mut order) = by_group(&group_of, groups.len());
        drop(group_of);
        let sorted_s = sort_groups(&mut order, &starts, &columns, rules.at, threads);
        let picked = UInt32Array::from(order);
        let (columns, picked_s) =
            ordered::each(threads, columns, |index, column| match used.contains(&FieldId(index as u32)) {
                true => pick(&column, &picked),
                false => Ok(Column::Unread(picked.len())),
            })?;
        let table = Table { columns, rows: picked.len() };
        let group_s = started.seconds() + joined_s + sorted_s + picked_s;
        Ok(Events { table, groups, starts, stats, files: Vec::new(), read_s: 0.0, group_s })
    }
}

/// The column of customers' keys.
fn customers<'c>(judged: &'c Judged<'_>) -> Result<RawColumn<'c>, Error> {
    let file = judged.file;
    let place = file.by.as_ref().ok_or_else(|| Error::read(&file.path, "it has no column of customers' keys"))?;
    bind::column(file, &judged.chunk, place)
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

/// Sorts the rows of each group: by time, then by the columns in the order of their declaration, missing first. Gives the
/// seconds of a core that it took.
fn sort_groups(order: &mut [u32], starts: &[u32], columns: &[Column], at: Option<FieldId>, threads: usize) -> f64 {
    let time = at.and_then(|at| columns.get(at.0 as usize));
    let all: Vec<&Column> = columns.iter().collect();
    let share = order.len().div_ceil(threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let mut rest = order;
        let mut sorters = Vec::new();
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
            sorters.push(scope.spawn(move || {
                let started = Worked::now();
                sort_part(part, base, bounds, time, all);
                started.seconds()
            }));
            done = end;
        }
        sorters.into_iter().map(|sorter| joined(sorter.join())).sum()
    })
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
