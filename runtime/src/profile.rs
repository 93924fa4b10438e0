//! The profile: streamed in batches, each customer joined with the place of its events.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::{Int64Array, UInt32Array};
use seg_evaluator::{Batch, Column, Ranges, Table, Tables};
use seg_ir::outcome::{Reject, RejectCode};
use seg_ir::schema::{PROFILE, TableKind};
use seg_ir::{Program, TableId};

use crate::bind::{self, BoundFile, Place};
use crate::build::pick;
use crate::cell::{self, KeyCell, Note, Raw};
use crate::error::Error;
use crate::events::{self, AllEvents, Events, Rejecting, too_many};
use crate::fill::{Fate, RawColumn, Refusal, Visit, keys};
use crate::key::{KeyIndex, stable_hash};
use crate::load::{Judged, RowKeys, Stats, pipeline};
use crate::options::Options;
use crate::read::Chunk;
use crate::references::References;
use crate::rule::{Rule, TableRules, key_rule};

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

/// Everything that is in memory before the first customer is read.
pub(crate) struct Loaded {
    pub rules: TableRules,
    pub key: Rule,
    pub files: Vec<BoundFile>,
    pub events: AllEvents,
    pub tables: Arc<Tables>,
    pub selection: Selection,
    /// Seconds of a core for reading the event tables.
    pub read_s: f64,
}

/// Opens the profile, then loads the event tables of its collections. Rejects go out as they are met.
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
    let binding = options.bindings.tables.get(&rules.name).ok_or_else(not_bound)?;
    let files = bind::bind(&rules.name, binding, &options.bindings.base, &rules.fields, None)?;
    check_bound(program, options)?;
    let selection = selection(&key, &rules, &files)?;
    let mut all: AllEvents = vec![None; schema.tables.len()];
    let mut read_s = 0.0;
    let mut tables = references.loaded.clone();
    tables.resize(schema.tables.len(), None);
    for id in event_tables(program) {
        let loaded = events::load(program, options, id, &references.targets, &selection, reject)?;
        let Some(mut events) = loaded else { continue };
        read_s += events.read_s;
        let table = std::mem::take(&mut events.table);
        if let (Some(slot), Some(place)) = (tables.get_mut(id.0 as usize), all.get_mut(id.0 as usize)) {
            *slot = Some(table);
            *place = Some(Arc::new(events));
        }
    }
    let tables = Arc::new(Tables::new(schema, tables)?);
    Ok(Loaded { rules, key, files, events: all, tables, selection, read_s })
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
        pipeline(&file, options.batch_rows, |chunk| {
            with_keys(&chunk, &file, rules, key, &mut next_row, &vec![Fate::Keep; chunk.rows], &mut |_, found| {
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

/// A file with nothing to be read but its keys.
fn keys_only(file: &BoundFile, rules: &TableRules) -> BoundFile {
    let mut only = file.clone();
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

/// Calls `each` with every kept row's key: that of its column, or its number over all files.
fn with_keys(
    chunk: &Chunk,
    file: &BoundFile,
    rules: &TableRules,
    key: &Rule,
    next_row: &mut i64,
    fates: &[Fate],
    each: Visit<'_>,
) -> Result<(), Error> {
    let first = *next_row;
    *next_row += chunk.rows as i64;
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

/// Reads the keys of the profile's chunks, one after another; whose rows they are can then be judged by any thread.
pub(crate) struct Reader<'l> {
    loaded: &'l Loaded,
    seen: KeyIndex,
    /// By event table: whether a profile row has the group's key.
    known: Vec<Vec<bool>>,
    next_row: i64,
}

/// A chunk whose keys are known.
pub(crate) struct Keyed<'l> {
    judged: Judged<'l>,
    keys: Keys,
    first_row: i64,
}

/// The customers of a chunk.
pub(crate) struct Customers {
    pub batch: Batch,
    pub rejects: Vec<Reject>,
    pub stats: Stats,
}

/// What the keys of a chunk's rows say.
struct Keys {
    faults: Vec<Refusal>,
    double: Vec<bool>,
    outside: Vec<bool>,
    /// By event table, then by row.
    groups: Vec<Option<Vec<Option<u32>>>>,
}

impl<'l> Reader<'l> {
    pub fn new(loaded: &'l Loaded) -> Reader<'l> {
        let known = loaded.events.iter().map(|e| vec![false; e.as_ref().map_or(0, |e| e.groups.len())]).collect();
        Reader { loaded, seen: KeyIndex::default(), known, next_row: 1 }
    }

    /// The keys of a chunk. **Errors**: a column of keys that cannot be read.
    pub fn keys(&mut self, chunk: Chunk, file: &'l BoundFile) -> Result<Keyed<'l>, Error> {
        let first_row = self.next_row;
        let judged = Judged::new(chunk, file);
        let keys = self.keys_of(&judged.chunk, file, &judged.fates)?;
        Ok(Keyed { judged, keys, first_row })
    }

    fn keys_of(&mut self, chunk: &Chunk, file: &BoundFile, fates: &[Fate]) -> Result<Keys, Error> {
        let (rules, loaded) = (&self.loaded.rules, self.loaded);
        let mut found = Keys {
            faults: Vec::new(),
            double: vec![false; chunk.rows],
            outside: vec![!matches!(loaded.selection, Selection::All); chunk.rows],
            groups: loaded.events.iter().map(|e| e.as_ref().map(|_| vec![None; chunk.rows])).collect(),
        };
        let (seen, known) = (&mut self.seen, &mut self.known);
        let numbered = rules.key.is_none();
        with_keys(chunk, file, rules, &loaded.key, &mut self.next_row, fates, &mut |row, key| {
            let key = match key {
                Ok(key) => key,
                Err((code, reason)) => {
                    found.faults.push(Refusal { row: row as u32, code, reason });
                    return;
                }
            };
            let takes = loaded.selection.takes(&key);
            if let Some(outside) = found.outside.get_mut(row) {
                *outside = !takes;
            }
            if !takes {
                return;
            }
            if !numbered && let Some(double) = found.double.get_mut(row) {
                let next = seen.len() as u32;
                *double = !seen.insert(&key, next).1 && !seg_ir::fault::is("ingest.double-keys-are-kept");
            }
            for ((events, groups), known) in loaded.events.iter().zip(&mut found.groups).zip(&mut *known) {
                let (Some(events), Some(groups)) = (events, groups) else { continue };
                let group = events.find(&key);
                if let Some(known) = group.and_then(|g| known.get_mut(g as usize)) {
                    *known = true;
                }
                if let Some(slot) = groups.get_mut(row) {
                    *slot = group;
                }
            }
        })?;
        Ok(found)
    }

    /// Events of customers that no profile row has, by event table. To be called when the profile is read.
    pub fn unknown_customers(&self, id: TableId) -> u64 {
        let at = id.0 as usize;
        let (Some(Some(events)), Some(known)) = (self.loaded.events.get(at), self.known.get(at)) else { return 0 };
        let unknown = known.iter().enumerate().filter(|(_, known)| !**known);
        unknown.map(|(group, _)| events.rows(Some(group as u32))).map(|(start, end)| u64::from(end - start)).sum()
    }
}

impl Keyed<'_> {
    /// Judges all cells. **Errors**: columns that cannot be read.
    pub fn judge(self, program: &Program, loaded: &Loaded) -> Result<Customers, Error> {
        let Keyed { mut judged, keys, first_row } = self;
        let rules = &loaded.rules;
        keys.outside.iter().enumerate().filter(|(_, out)| **out).for_each(|(row, _)| judged.set(row, Fate::Outside));
        let columns = judged.fields(rules, None)?;
        loaded.refuse_by_key(&mut judged, &keys);
        loaded.refuse_crowded(program, &mut judged, &keys);
        let rejects = match key_column(&judged.chunk, judged.file, rules)? {
            Some(column) => judged.rejects(rules, RowKeys::Column(&column, &loaded.key))?,
            None => judged.rejects(rules, RowKeys::From(first_row))?,
        };
        let batch = loaded.batch(program, columns, &judged.fates, &keys, first_row)?;
        Ok(Customers { batch, rejects, stats: judged.stats(rules) })
    }
}

impl Loaded {
    fn refuse_by_key(&self, judged: &mut Judged<'_>, keys: &Keys) {
        keys.faults.iter().for_each(|fault| judged.refuse(fault.clone(), &self.key.name));
        for (row, _) in keys.double.iter().enumerate().filter(|(_, double)| **double) {
            let reason = "a row before this one has the same key; keys name one customer each".to_string();
            judged.refuse(Refusal { row: row as u32, code: RejectCode::DuplicateKey, reason }, &self.key.name);
        }
    }

    fn refuse_crowded(&self, program: &Program, judged: &mut Judged<'_>, keys: &Keys) {
        for collection in &program.schema.collections {
            let Some(max) = collection.max else { continue };
            let table = collection.table.0 as usize;
            let (Some(Some(events)), Some(Some(groups))) = (self.events.get(table), keys.groups.get(table)) else {
                continue;
            };
            for (row, group) in groups.iter().enumerate() {
                let (start, end) = events.rows(*group);
                if u64::from(end - start) > max && !seg_ir::fault::is("ingest.customers-may-have-any-number-of-events")
                {
                    let (refusal, field) = too_many(row as u32, &collection.name, end - start, max);
                    judged.refuse(refusal, &field);
                }
            }
        }
    }

    fn batch(
        &self,
        program: &Program,
        columns: Vec<Column>,
        fates: &[Fate],
        keys: &Keys,
        first_row: i64,
    ) -> Result<Batch, Error> {
        let schema = &program.schema;
        let kept = fates.iter().enumerate().filter(|(_, fate)| **fate == Fate::Keep).map(|(row, _)| row as u32);
        let rows: UInt32Array = kept.collect::<Vec<u32>>().into();
        let columns = match rows.len() == fates.len() {
            true => columns,
            false => columns.iter().map(|column| pick(column, &rows)).collect::<Result<Vec<_>, _>>()?,
        };
        let key =
            match self.rules.key.and_then(|key| columns.get(key.0 as usize)) {
                Some(column) => column.clone(),
                None => Column::Int(Int64Array::from_iter_values(rows.values().iter().map(|r| {
                    first_row + i64::from(*r) + i64::from(seg_ir::fault::is("ingest.row-numbers-are-one-more"))
                }))),
            };
        let ranges = schema.collections.iter().map(|collection| {
            let table = collection.table.0 as usize;
            let events: &Events = self.events.get(table)?.as_ref()?;
            let groups = keys.groups.get(table)?.as_ref()?;
            let places: Vec<(u32, u32)> =
                rows.values().iter().map(|row| events.rows(groups.get(*row as usize).copied().flatten())).collect();
            Some(Ranges { starts: places.iter().map(|p| p.0).collect(), ends: places.iter().map(|p| p.1).collect() })
        });
        let ranges = ranges.collect();
        let table = Table { columns, rows: rows.len() };
        Ok(Batch::new(schema, table, key, self.tables.clone(), ranges)?)
    }
}
