//! The profile: streamed in batches, each customer joined with the place of its events.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::{Int64Array, UInt32Array};
use seg_evaluator::{Batch, Column, Ranges, Table};
use seg_ir::outcome::{Reject, RejectCode};
use seg_ir::schema::{PROFILE, TableKind};
use seg_ir::{Program, TableId};

use crate::bind::{self, BoundFile, Place};
use crate::build::pick;
use crate::cell::{self, KeyCell, Note, Raw};
use crate::clock::Worked;
use crate::error::Error;
use crate::events::{self, Rejecting, Source, Wanted, too_many};
use crate::fill::{Fate, RawColumn, Refusal, Visit, keys, whole_keys};
use crate::key::{KeyIndex, stable_hash};
use crate::load::{Judged, RowKeys, Stats, pipeline};
use crate::memory;
use crate::options::Options;
use crate::parts::{Part, Parts};
use crate::read::Chunk;
use crate::references::References;
use crate::rule::{Rule, TableRules, key_rule};
use crate::store::Division;

/// Which customers are asked for.
#[derive(Debug, Clone)]
pub(crate) enum Selection {
    All,
    Text(String),
    Whole(i64),
    /// Those whose keys hash to this or less.
    Sample(u64),
}

impl Selection {
    pub fn takes(&self, key: &KeyCell<'_>) -> bool {
        match (self, key) {
            (Selection::All, _) => true,
            (Selection::Text(wanted), KeyCell::Text(text)) => text.as_str() == wanted,
            (Selection::Whole(wanted), KeyCell::Whole(whole)) => whole == wanted,
            (Selection::Sample(limit), key) => {
                stable_hash(key) < *limit
                    || (stable_hash(key) == *limit && !seg_ir::fault::is("ingest.sample-is-one-short"))
            }
            (Selection::Text(_), KeyCell::Whole(_)) | (Selection::Whole(_), KeyCell::Text(_)) => false,
        }
    }

    /// The customer of a key as people write it; `None` when it can be no key of this profile.
    pub fn key(text: &str, rule: &Rule, program: &Program) -> Option<Selection> {
        let raw = cell::typed(Raw::Untyped(text), &rule.kind);
        match cell::key(&raw, rule, &program.zone, &mut Note::default()).ok()? {
            KeyCell::Text(text) => Some(Selection::Text(text.as_str().to_string())),
            KeyCell::Whole(whole) => Some(Selection::Whole(whole)),
        }
    }
}

/// Everything that is known before the first customer is decided.
pub(crate) struct Loaded {
    pub rules: TableRules,
    pub key: Rule,
    pub files: Vec<BoundFile>,
    pub parts: Parts,
    pub selection: Selection,
    /// The row of each key, where events asked for it.
    rows: Option<KeyIndex>,
    /// Seconds of a core for reading the keys and the event tables, and for putting events down.
    pub read_s: f64,
    pub group_s: f64,
}

/// Opens the profile, then reads the event tables of its collections. Rejects go out as they are met.
pub(crate) fn load(
    program: &Program,
    options: &Options,
    references: &References,
    selection: impl FnOnce(&Rule, &TableRules, &[BoundFile]) -> Result<Selection, Error>,
    reject: Rejecting<'_>,
) -> Result<Loaded, Error> {
    let schema = &program.schema;
    let rules = TableRules::new(schema, &program.zone, PROFILE, &references.targets)?;
    let name = rules.key.and_then(|key| rules.fields.get(key.0 as usize)).map_or("row", |f| f.name.as_str());
    let key = key_rule(schema, PROFILE, name, &references.targets)?;
    let not_bound = || Error::NotBound { table: rules.name.clone(), because: ", the profile".to_string() };
    options.bindings.tables.get(&rules.name).ok_or_else(not_bound)?;
    let files = bind::bind(&rules.name, &options.bindings, &rules.fields, None)?;
    check_bound(program, options)?;
    let selection = selection(&key, &rules, &files)?;
    let opened = event_tables(program).into_iter().map(|id| events::open(program, options, id, &references.targets));
    let sources: Vec<Source> = opened.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    let mut loaded = Loaded {
        rules,
        key,
        files,
        parts: Parts::new(None, Vec::new(), Arc::clone(&references.tables)),
        selection,
        rows: None,
        read_s: 0.0,
        group_s: 0.0,
    };
    if !sources.is_empty() {
        loaded.events(program, options, sources, references, reject)?;
    }
    Ok(loaded)
}

/// **Errors**: a required event table without data.
fn check_bound(program: &Program, options: &Options) -> Result<(), Error> {
    let schema = &program.schema;
    for collection in &schema.collections {
        let table = &schema.table(collection.table).name;
        let must = !collection.optional && !seg_ir::fault::is("ingest.event-tables-may-be-unbound");
        if must && !options.bindings.tables.contains_key(table) {
            let because = format!(
                ", which `{}` of `{}` holds; or declare it `many {table}?`",
                collection.name,
                schema.profile().name
            );
            return Err(Error::NotBound { table: table.clone(), because });
        }
    }
    Ok(())
}

fn event_tables(program: &Program) -> BTreeSet<TableId> {
    let of = program.schema.collections.iter().map(|c| c.table);
    of.filter(|id| program.schema.table(*id).kind == TableKind::Event).collect()
}

/// The largest key hash of a sample of so many customers.
pub(crate) fn sample(
    count: u64,
    key: &Rule,
    rules: &TableRules,
    files: &[BoundFile],
    options: &Options,
) -> Result<Selection, Error> {
    let mut smallest = BTreeSet::new();
    let mut next_row = 1_i64;
    for file in files {
        let file = keys_only(file, rules);
        pipeline(&file, options, |chunk| {
            let first = next_row;
            next_row += chunk.rows as i64;
            with_keys(&chunk, &file, rules, key, first, &vec![Fate::Keep; chunk.rows], &mut |_, found| {
                if let Ok(key) = found {
                    smallest.insert(stable_hash(&key));
                    if smallest.len() as u64 > count {
                        smallest.pop_last();
                    }
                }
            })?;
            Ok(true)
        })?;
    }
    let all = (smallest.len() as u64) < count;
    Ok(Selection::Sample(if all { u64::MAX } else { smallest.last().copied().unwrap_or(0) }))
}

/// A file with nothing to be read but its keys, where its columns are read one by one.
fn keys_only(file: &BoundFile, rules: &TableRules) -> BoundFile {
    let mut only = file.clone();
    if !file.typed {
        return only;
    }
    let at = rules.key.map_or(0, |key| key.0 as usize);
    let root = match only.places.get(at) {
        Some(Place::Column(index, _)) => file.projection.get(*index).copied(),
        _ => None,
    };
    only.projection.retain(|index| Some(*index) == root || root.is_none());
    for (index, place) in only.places.iter_mut().enumerate() {
        if let Place::Column(column, _) = place {
            *column = if index == at { 0 } else { usize::MAX };
        }
    }
    only
}

/// Calls `each` with every kept row's key: that of its column, or its number over all files, the first row's being `first`.
fn with_keys(
    chunk: &Chunk,
    file: &BoundFile,
    rules: &TableRules,
    key: &Rule,
    first: i64,
    fates: &[Fate],
    each: Visit<'_>,
) -> Result<(), Error> {
    match key_column(chunk, file, rules)? {
        Some(column) => {
            keys(&column, key, &rules.zone, fates, each).map_err(|what| Error::read(&file.path, what))?;
        }
        None => {
            for (row, _) in fates.iter().enumerate().filter(|(_, fate)| **fate == Fate::Keep) {
                each(row, Ok(KeyCell::Whole(first + row as i64)));
            }
        }
    }
    Ok(())
}

fn key_column<'c>(chunk: &'c Chunk, file: &'c BoundFile, rules: &TableRules) -> Result<Option<RawColumn<'c>>, Error> {
    match rules.key.and_then(|key| file.places.get(key.0 as usize)) {
        Some(place) => bind::column(file, chunk, place).map(Some),
        None => Ok(None),
    }
}

/// Numbers the rows of the profile's chunks, and reads their keys where they have to be read one after another; all else can
/// be judged by any thread.
pub(crate) struct Reader<'l> {
    loaded: &'l Loaded,
    seen: KeyIndex,
    next_row: u32,
}

/// A chunk whose place in the profile is known.
pub(crate) struct Keyed<'l> {
    judged: Judged<'l>,
    keys: Option<Keys>,
    first_row: u32,
}

/// The customers of a chunk.
pub(crate) struct Customers {
    pub batch: Batch,
    pub rejects: Vec<Reject>,
    pub stats: Stats,
    /// Their place in the profile: the first row, and how many.
    pub rows: (u32, usize),
    /// Seconds of a core for grouping their events.
    pub group_s: f64,
}

/// What the keys of a chunk's rows say.
struct Keys {
    faults: Vec<Refusal>,
    double: Vec<bool>,
    outside: Vec<bool>,
}

/// Where the rows are that have a key.
enum Known<'k> {
    /// Those before the ones that are asked about, which come to be known as they are.
    Before(&'k mut KeyIndex),
    All(&'k KeyIndex),
    None,
}

impl Known<'_> {
    /// Whether a row before this one has its key.
    fn has_another(&mut self, key: &KeyCell<'_>, row: u32) -> bool {
        let first = match self {
            Known::Before(index) => index.insert(key, row).0,
            Known::All(index) => index.find(key).unwrap_or(row),
            Known::None => row,
        };
        first != row && !seg_ir::fault::is("ingest.double-keys-are-kept")
    }
}

impl<'l> Reader<'l> {
    pub fn new(loaded: &'l Loaded) -> Reader<'l> {
        Reader { loaded, seen: KeyIndex::default(), next_row: 0 }
    }

    fn keyed(&mut self, chunk: Chunk, file: &'l BoundFile) -> Result<Keyed<'l>, Error> {
        let (loaded, seen, first_row) = (self.loaded, &mut self.seen, self.next_row);
        self.next_row = after(first_row, chunk.rows, file)?;
        if loaded.parts.rows().is_some_and(|rows| self.next_row > rows) {
            let what = "it changed while it was read; run again when nothing writes to it";
            return Err(Error::read(&file.path, what));
        }
        let judged = Judged::new(chunk, file);
        let keys = match loaded.rows {
            Some(_) => None,
            None => Some(loaded.keys_of(&judged, first_row, Known::Before(seen))?),
        };
        Ok(Keyed { judged, keys, first_row })
    }

    /// Cuts a chunk where parts end and gives `each` its pieces, the last of them told, until it asks for no more. **Errors**: a
    /// column of keys that cannot be read; those of `each`.
    pub fn cut(
        &mut self,
        mut chunk: Chunk,
        file: &'l BoundFile,
        each: &mut dyn FnMut(Keyed<'l>, bool) -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        loop {
            let together = self.loaded.parts.rows_together(self.next_row);
            let rest = (chunk.rows > together).then(|| chunk.split_off(together));
            let more = each(self.keyed(chunk, file)?, rest.is_none())?;
            match rest.filter(|_| more) {
                Some(rest) => chunk = rest,
                None => return Ok(more),
            }
        }
    }
}

/// The row after so many. **Errors**: there are more than can be numbered.
fn after(row: u32, rows: usize, file: &BoundFile) -> Result<u32, Error> {
    let next = u32::try_from(rows).ok().and_then(|rows| row.checked_add(rows));
    next.ok_or_else(|| Error::read(&file.path, "with it the profile has more than 4 billion rows"))
}

impl Keyed<'_> {
    /// Judges all cells. **Errors**: columns that cannot be read.
    pub fn judge(self, program: &Program, loaded: &Loaded) -> Result<Customers, Error> {
        let Keyed { mut judged, keys, first_row } = self;
        let rules = &loaded.rules;
        let keys = match keys {
            Some(keys) => keys,
            None => loaded.keys_of(&judged, first_row, loaded.rows.as_ref().map_or(Known::None, Known::All))?,
        };
        keys.outside.iter().enumerate().filter(|(_, out)| **out).for_each(|(row, _)| judged.set(row, Fate::Outside));
        let columns = judged.fields(rules, None)?;
        loaded.refuse_by_key(&mut judged, &keys);
        let (part, group_s) = loaded.parts.of(&program.schema, first_row)?;
        refuse_crowded(program, &mut judged, &part, first_row);
        let number = i64::from(first_row) + 1;
        let rejects = match key_column(&judged.chunk, judged.file, rules)? {
            Some(column) => judged.rejects(rules, RowKeys::Column(&column, &loaded.key))?,
            None => judged.rejects(rules, RowKeys::From(number))?,
        };
        let batch = loaded.batch(program, columns, &judged.fates, &part, first_row)?;
        let rows = (first_row, judged.chunk.rows);
        Ok(Customers { batch, rejects, stats: judged.stats(rules), rows, group_s })
    }
}

impl Loaded {
    /// Reads the event tables, of which so much stays in memory as may.
    fn events(
        &mut self,
        program: &Program,
        options: &Options,
        sources: Vec<Source>,
        references: &References,
        reject: Rejecting<'_>,
    ) -> Result<(), Error> {
        let (index, rows, read_s) = self.index(options)?;
        self.read_s += read_s;
        let bytes = sources.iter().map(|source| source.bytes).fold(0, u64::saturating_add);
        let plan = memory::plan(options, u64::from(rows), bytes);
        let division = Division::new(rows, plan.part_rows);
        let wanted = Wanted { selection: &self.selection, rows: &index, division };
        let mut free_bytes = plan.held_bytes;
        let mut all = Vec::with_capacity(sources.len());
        let tables = sources.len() as u64;
        for (source, left) in sources.into_iter().zip((1..=tables).rev()) {
            let events = events::load(program, options, source, &wanted, free_bytes / left, reject)?;
            free_bytes = free_bytes.saturating_sub(events.store.held_bytes());
            all.push(events);
        }
        self.parts = Parts::new(Some(division), all, Arc::clone(&references.tables));
        self.rows = Some(index);
        let (read_s, group_s) = self.parts.seconds();
        self.read_s += read_s;
        self.group_s += group_s;
        Ok(())
    }

    /// The row of each key of the profile, the first where several have it; and how many rows there are.
    fn index(&self, options: &Options) -> Result<(KeyIndex, u32, f64), Error> {
        let (mut index, mut rows, mut read_s, started) = (KeyIndex::default(), 0, 0.0, Worked::now());
        for file in &self.files {
            let only = keys_only(file, &self.rules);
            read_s += pipeline(&only, options, |chunk| {
                let first = rows;
                rows = after(first, chunk.rows, file)?;
                self.keys_of(&Judged::new(chunk, &only), first, Known::Before(&mut index))?;
                Ok(true)
            })?;
        }
        Ok((index, rows, read_s + started.seconds()))
    }

    /// What the keys of a chunk's rows say.
    fn keys_of(&self, judged: &Judged<'_>, first_row: u32, mut known: Known<'_>) -> Result<Keys, Error> {
        let rows = judged.chunk.rows;
        let mut found = Keys {
            faults: Vec::new(),
            double: vec![false; rows],
            outside: vec![!matches!(self.selection, Selection::All); rows],
        };
        if matches!(self.selection, Selection::All)
            && judged.fates.iter().all(|fate| *fate == Fate::Keep)
            && let Some(column) = key_column(&judged.chunk, judged.file, &self.rules)?
            && let Some(whole) = whole_keys(&column, &self.key)
        {
            for ((key, double), row) in whole.values().iter().zip(&mut found.double).zip(first_row..) {
                *double = known.has_another(&KeyCell::Whole(*key), row);
            }
            return Ok(found);
        }
        let number = i64::from(first_row) + 1;
        with_keys(&judged.chunk, judged.file, &self.rules, &self.key, number, &judged.fates, &mut |row, key| {
            let key = match key {
                Ok(key) => key,
                Err((code, reason)) => {
                    found.faults.push(Refusal { row: row as u32, code, reason });
                    return;
                }
            };
            let takes = self.selection.takes(&key);
            if let Some(outside) = found.outside.get_mut(row) {
                *outside = !takes;
            }
            if takes && let Some(double) = found.double.get_mut(row) {
                *double = known.has_another(&key, first_row + row as u32);
            }
        })?;
        Ok(found)
    }

    fn refuse_by_key(&self, judged: &mut Judged<'_>, keys: &Keys) {
        keys.faults.iter().for_each(|fault| judged.refuse(fault.clone(), &self.key.name));
        for (row, _) in keys.double.iter().enumerate().filter(|(_, double)| **double) {
            let reason = "a row before this one has the same key; keys name one customer each".to_string();
            judged.refuse(Refusal { row: row as u32, code: RejectCode::DuplicateKey, reason }, &self.key.name);
        }
    }

    fn batch(
        &self,
        program: &Program,
        columns: Vec<Column>,
        fates: &[Fate],
        part: &Part,
        first_row: u32,
    ) -> Result<Batch, Error> {
        let schema = &program.schema;
        let kept = fates.iter().enumerate().filter(|(_, fate)| **fate == Fate::Keep).map(|(row, _)| row as u32);
        let rows: UInt32Array = kept.collect::<Vec<u32>>().into();
        let columns = match rows.len() == fates.len() {
            true => columns,
            false => columns.iter().map(|column| pick(column, &rows)).collect::<Result<Vec<_>, _>>()?,
        };
        let key = match self.rules.key.and_then(|key| columns.get(key.0 as usize)) {
            Some(column) => column.clone(),
            None => Column::Int(Int64Array::from_iter_values(rows.values().iter().map(|r| {
                let number = i64::from(first_row) + 1 + i64::from(*r);
                number + i64::from(seg_ir::fault::is("ingest.row-numbers-are-one-more"))
            }))),
        };
        let ranges = schema.collections.iter().map(|collection| {
            let table = part.has(collection.table).then_some(collection.table)?;
            let places: Vec<(u32, u32)> = rows.values().iter().map(|row| part.rows(table, first_row + row)).collect();
            Some(Ranges { starts: places.iter().map(|p| p.0).collect(), ends: places.iter().map(|p| p.1).collect() })
        });
        let ranges = ranges.collect();
        let table = Table { columns, rows: rows.len() };
        Ok(Batch::new(schema, table, key, Arc::clone(&part.tables), ranges)?)
    }
}

/// Refuses customers with more events than are allowed.
fn refuse_crowded(program: &Program, judged: &mut Judged<'_>, part: &Part, first_row: u32) {
    for collection in &program.schema.collections {
        let Some(max) = collection.max.filter(|_| part.has(collection.table)) else { continue };
        for row in 0..judged.chunk.rows as u32 {
            let (start, end) = part.rows(collection.table, first_row + row);
            if u64::from(end - start) > max && !seg_ir::fault::is("ingest.customers-may-have-any-number-of-events") {
                let (refusal, field) = too_many(row, &collection.name, end - start, max);
                judged.refuse(refusal, &field);
            }
        }
    }
}
