//! Event tables: read, judged and put down by the part of the customers that their rows belong to. What orders them is
//! `parts`.

use std::collections::HashSet;

use seg_evaluator::Column;
use seg_ir::outcome::{Reject, RejectCode};
use seg_ir::schema::PROFILE;
use seg_ir::{FieldId, Op, Program, TableId, fault};

use crate::bind::{self, BoundFile};
use crate::build::Builder;
use crate::clock::Worked;
use crate::error::Error;
use crate::fill::{Fate, RawColumn, Refusal, keys, whole_keys};
use crate::key::KeyIndex;
use crate::load::{Filled, Judged, RowKeys, Stats};
use crate::options::{Options, Stage};
use crate::ordered::{self, ordered};
use crate::profile::Selection;
use crate::read;
use crate::rule::{Rule, TableRules, Targets, key_rule};
use crate::spill::Spill;
use crate::store::{Block, Division, Store};

/// An event table that is bound, before its rows are read.
pub(crate) struct Source {
    pub id: TableId,
    rules: TableRules,
    by: Rule,
    files: Vec<BoundFile>,
    /// What its rows take in memory, estimated.
    pub bytes: u64,
    /// Rows are ordered by all these fields, from the first on; those after them tell no rows apart that anything reads.
    fields: usize,
    used: HashSet<FieldId>,
}

/// An event table that was read.
pub(crate) struct Events {
    pub id: TableId,
    pub at: Option<FieldId>,
    /// How many fields the table has; `used` are those that something reads.
    pub fields: usize,
    /// Columns of no rows, each of the layout of its field, for the fields that are kept.
    pub layout: Vec<Column>,
    pub used: HashSet<FieldId>,
    pub store: Store,
    pub stats: Stats,
    /// Seconds of a core for reading the rows, and for putting them down by part.
    pub read_s: f64,
    pub group_s: f64,
}

/// Whose events are read.
pub(crate) struct Wanted<'p> {
    pub selection: &'p Selection,
    /// The row of each key of the profile.
    pub rows: &'p KeyIndex,
    pub division: Division,
}

/// Takes rejects as they are met, on any thread.
pub(crate) type Rejecting<'r> = &'r mut (dyn FnMut(Reject) -> Result<(), Error> + Send);

/// The customer of a row that belongs to none, or was not kept.
const NOBODY: u32 = u32::MAX;

/// Of files that tell how large their rows are, up to so many times as many are judged at once as there are customers to a
/// batch, as long as they are no more bytes than this: each part gets a longer piece of them.
const BATCHES_AT_ONCE: usize = 8;
const BYTES_AT_ONCE: u64 = 4 << 20;

/// Opens an event table. `None`: it is not bound.
pub(crate) fn open(
    program: &Program,
    options: &Options,
    id: TableId,
    targets: &Targets,
) -> Result<Option<Source>, Error> {
    let schema = &program.schema;
    let declared = schema.table(id);
    if !options.bindings.tables.contains_key(&declared.name) {
        return Ok(None);
    }
    let rules = TableRules::new(schema, &program.zone, id, targets)?;
    let by_name = declared.by.clone().unwrap_or_default();
    let by = key_rule(schema, PROFILE, &by_name, targets)?;
    let files = bind::bind(&rules.name, &options.bindings, &rules.fields, Some(&by))?;
    let bytes = files.iter().map(|f| f.bytes).fold(0, u64::saturating_add);
    let used = used_fields(program, id);
    let fields = used.iter().map(|field| field.0 as usize + 1).max().unwrap_or(0).min(rules.fields.len());
    Ok(Some(Source { id, rules, by, files, bytes, fields, used }))
}

/// Reads an event table, and keeps so many bytes of it in memory. Rows later than the as-of instant and those of customers
/// who are not wanted are dropped.
pub(crate) fn load(
    program: &Program,
    options: &Options,
    source: Source,
    wanted: &Wanted<'_>,
    share_bytes: u64,
    reject: Rejecting<'_>,
) -> Result<Events, Error> {
    let Source { id, rules, by, files, fields, used, .. } = source;
    let today = program.zone.date(options.as_of).unwrap_or(i32::MAX);
    let read = Read { options, rules: &rules, by: &by, wanted, today, fields };
    let layout: Vec<Column> =
        rules.fields.iter().take(fields).map(|rule| Builder::new(&rule.kind, 0).finish()).collect();
    let spill = Spill::new(options.spill_folder(), &rules.name, &layout);
    let done = ordered(
        options.threads(),
        |send| read.chunks(&files, send),
        |(chunk, file)| read.judge(chunk, file),
        |chunks| read.gather(chunks, Store::new(share_bytes), spill, reject),
    )?;
    let (store, stats, arranged_s, stored_s) = done.taken;
    let (read_s, group_s) = (done.made + done.worked_s - arranged_s, arranged_s + stored_s);
    Ok(Events { id, at: rules.at, fields: rules.fields.len(), layout, used, store, stats, read_s, group_s })
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
    wanted: &'r Wanted<'r>,
    today: i32,
    fields: usize,
}

/// A chunk whose cells are judged.
struct Chunk {
    block: Block,
    rejects: Vec<Reject>,
    stats: Stats,
    group_s: f64,
}

impl Read<'_> {
    /// Hands on all chunks, one after another.
    fn chunks<'f>(
        &self,
        files: &'f [BoundFile],
        send: ordered::Hand<'_, (read::Chunk, &'f BoundFile)>,
    ) -> Result<f64, Error> {
        let (mut rows, mut helped_s, started) = (0_u64, 0.0, Worked::now());
        let total = files.iter().map(|f| f.rows).sum::<Option<u64>>();
        for file in files {
            let at_once = self.rows_at_once(file);
            let threads = self.options.threads();
            let mut chunks = read::chunks(&file.path, &file.projection, &file.named, at_once, threads)?;
            for chunk in &mut chunks {
                let chunk = chunk?;
                rows += chunk.rows as u64;
                self.options.report(Stage::Read, &self.rules.name, rows, total);
                if !send((chunk, file)) {
                    return Ok(started.seconds() + helped_s);
                }
            }
            helped_s += chunks.helped_s();
        }
        Ok(started.seconds() + helped_s)
    }

    fn rows_at_once(&self, file: &BoundFile) -> usize {
        let rows_max = self.options.batch_rows.saturating_mul(BATCHES_AT_ONCE);
        let row_bytes = file.rows.filter(|rows| *rows > 0).map_or(u64::MAX, |rows| file.bytes / rows);
        let rows = usize::try_from(BYTES_AT_ONCE / row_bytes.max(1)).unwrap_or(rows_max);
        rows.clamp(self.options.batch_rows, rows_max)
    }

    /// Judges a chunk and puts its rows in the order of parts. May be called from several threads.
    fn judge(&self, chunk: read::Chunk, file: &BoundFile) -> Result<Chunk, Error> {
        let mut judged = Judged::new(chunk, file);
        let timed = self.times(&mut judged)?;
        let mut customers = self.customers(&mut judged)?;
        let mut columns = judged.fields(self.rules, timed)?;
        let mut unknown_customers = 0;
        for (fate, customer) in judged.fates.iter().zip(&mut customers) {
            if *fate != Fate::Keep && !fault::is("ingest.refused-events-are-kept") {
                *customer = NOBODY;
            } else if *customer == NOBODY {
                unknown_customers += 1;
            }
        }
        let rejects = judged.rejects(self.rules, RowKeys::Column(&keys_of(&judged)?, self.by))?;
        let stats = Stats { unknown_customers, ..judged.stats(self.rules) };
        drop(judged);
        let started = Worked::now();
        columns.truncate(self.fields);
        let block = Block::new(self.wanted.division, &customers, &columns)?;
        Ok(Chunk { block, rejects, stats, group_s: started.seconds() })
    }

    /// The profile's row of each event's customer.
    fn customers(&self, judged: &mut Judged<'_>) -> Result<Vec<u32>, Error> {
        let (by, wanted) = (self.by, self.wanted);
        let column = keys_of(judged)?;
        let mut customers = vec![NOBODY; judged.chunk.rows];
        if let (Selection::All, Some(whole)) = (wanted.selection, whole_keys(&column, by)) {
            let is_kept = |row: usize| judged.fates.get(row) == Some(&Fate::Keep);
            wanted.rows.find_all(whole.values(), is_kept, &mut customers);
            return Ok(customers);
        }
        let (mut outside, mut faults) = (Vec::new(), Vec::new());
        let seen = keys(&column, by, &self.rules.zone, &judged.fates, &mut |row, key| match key {
            Ok(key) if !wanted.selection.takes(&key) && !fault::is("ingest.events-outside-the-sample-are-kept") => {
                outside.push(row)
            }
            Ok(key) => {
                if let (Some(slot), Some(found)) = (customers.get_mut(row), wanted.rows.find(&key)) {
                    *slot = found;
                }
            }
            Err((code, reason)) => faults.push(Refusal { row: row as u32, code, reason }),
        });
        seen.map_err(|what| Error::read(&judged.file.path, what))?;
        drop(column);
        outside.into_iter().for_each(|row| judged.set(row, Fate::Outside));
        faults.into_iter().for_each(|fault| judged.refuse(fault, &by.name));
        Ok(customers)
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

    fn gather(
        &self,
        chunks: &mut dyn Iterator<Item = Result<Chunk, Error>>,
        mut store: Store,
        mut spill: Spill<'_>,
        reject: Rejecting<'_>,
    ) -> Result<(Store, Stats, f64, f64), Error> {
        let (mut stats, mut group_s, started) = (Stats::new(self.rules), 0.0, Worked::now());
        for chunk in chunks {
            let chunk = chunk?;
            chunk.rejects.into_iter().try_for_each(&mut *reject)?;
            stats.add(&chunk.stats);
            group_s += chunk.group_s;
            store.push(chunk.block, &mut spill)?;
        }
        store.finish(&mut spill)?;
        Ok((store, stats, group_s, started.seconds()))
    }
}

/// The column of customers' keys.
fn keys_of<'c>(judged: &'c Judged<'_>) -> Result<RawColumn<'c>, Error> {
    let file = judged.file;
    let place = file.by.as_ref().ok_or_else(|| Error::read(&file.path, "it has no column of customers' keys"))?;
    bind::column(file, &judged.chunk, place)
}

/// Whether a row's time is beyond the as-of instant or day.
fn is_later(time: i64, now: i64) -> bool {
    let drops_now = fault::is("ingest.events-of-now-are-dropped");
    (time > now || (drops_now && time == now)) && !fault::is("ingest.later-events-are-kept")
}

/// Why a customer with too many events is refused.
pub(crate) fn too_many(row: u32, name: &str, rows: u32, max: u64) -> (Refusal, String) {
    let reason = format!("the customer has {rows} rows in `{name}`, and at most {max} are allowed");
    (Refusal { row, code: RejectCode::TooManyRows, reason }, name.to_string())
}
