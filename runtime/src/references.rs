//! Reference tables: loaded whole, in the order of their keys, so that nothing depends on where a row stood in a file.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::UInt32Array;
use seg_evaluator::{Column, Joined, Table, Tables};
use seg_ir::interpret::Source;
use seg_ir::outcome::{Reject, RejectCode};
use seg_ir::schema::TableKind;
use seg_ir::{Program, Record, Schema, TableId, Type};

use crate::bind::{self, BoundFile};
use crate::build::{concat, pick};
use crate::error::Error;
use crate::fill::Fate;
use crate::key::{self, KeyIndex};
use crate::load::{Judged, RowKeys, Stats, pipeline};
use crate::options::{Options, Stage};
use crate::order;
use crate::rule::{Rule, TableRules, Targets, key_rule};

/// The reference tables of a playbook, for requests and explanations.
#[derive(Debug, Clone, Default)]
pub struct References {
    pub(crate) targets: Targets,
    pub(crate) tables: Arc<Tables>,
    pub(crate) loaded: Vec<Option<Table>>,
    pub(crate) stats: Vec<(TableId, Stats, Vec<BoundFile>)>,
    /// The rows that were refused.
    pub rejects: Vec<Reject>,
    /// Seconds of a core for reading them.
    pub(crate) read_s: f64,
}

impl References {
    /// Loads the reference tables that something points to. **Errors**: one that is not bound, files that cannot be
    /// read, columns that do not fit.
    pub fn load(program: &Program, options: &Options) -> Result<References, Error> {
        let schema = &program.schema;
        let mut references = References { loaded: vec![None; schema.tables.len()], ..References::default() };
        for id in in_order(schema)? {
            references.load_table(program, options, id)?;
        }
        references.tables = Arc::new(Tables::new(schema, references.loaded.clone())?);
        Ok(references)
    }

    /// A record whose pointers lead into these tables.
    pub fn join<'s>(&'s self, record: &'s Record) -> Joined<'s, Record> {
        Joined { record, references: &self.tables }
    }

    /// The tables, to be evaluated over.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    fn load_table(&mut self, program: &Program, options: &Options, id: TableId) -> Result<(), Error> {
        let schema = &program.schema;
        let rules = TableRules::new(schema, &program.zone, id, &self.targets)?;
        key_rule(schema, id, &rules.name, &self.targets)?;
        if !options.bindings.tables.contains_key(&rules.name) {
            return Err(not_bound(schema, id));
        }
        let files = bind::bind(&rules.name, &options.bindings, &rules.fields, None)?;
        let mut loader = Loader {
            parts: vec![Vec::new(); rules.fields.len()],
            origins: Vec::new(),
            keep: Vec::new(),
            stats: Stats::new(&rules),
            rejects: Vec::new(),
        };
        for (number, file) in files.iter().enumerate() {
            self.read_s += pipeline(file, options, |chunk| {
                loader.chunk(&rules, number, Judged::new(chunk, file))?;
                options.report(Stage::Read, &rules.name, loader.stats.rows, file.rows);
                Ok(true)
            })?;
        }
        let (table, index) = loader.finish(&rules, &files)?;
        self.rejects.append(&mut loader.rejects);
        self.targets.insert(id, Arc::new(index));
        if let Some(slot) = self.loaded.get_mut(id.0 as usize) {
            *slot = Some(table);
        }
        self.stats.push((id, loader.stats, files));
        Ok(())
    }
}

struct Loader {
    /// By field, the columns of the chunks.
    parts: Vec<Vec<Column>>,
    /// File and row of each row in the columns.
    origins: Vec<(u32, u64)>,
    keep: Vec<u32>,
    stats: Stats,
    rejects: Vec<Reject>,
}

impl Loader {
    fn chunk(&mut self, rules: &TableRules, file: usize, mut judged: Judged<'_>) -> Result<(), Error> {
        let columns = judged.fields(rules, None)?;
        self.parts.iter_mut().zip(columns).for_each(|(parts, column)| parts.push(column));
        for (row, fate) in judged.fates.iter().enumerate() {
            if *fate == Fate::Keep {
                self.keep.push(self.origins.len() as u32);
            }
            self.origins.push((file as u32, judged.chunk.numbers.of(row)));
        }
        self.stats.add(&judged.stats(rules));
        let at = rules.key.map_or(usize::MAX, |key| key.0 as usize);
        let mut rejects = match (judged.file.places.get(at), rules.fields.get(at)) {
            (Some(place), Some(rule)) => {
                judged.rejects(rules, RowKeys::Column(&bind::column(judged.file, &judged.chunk, place)?, rule))?
            }
            _ => judged.rejects(rules, RowKeys::From(1))?,
        };
        self.rejects.append(&mut rejects);
        Ok(())
    }

    /// Sorts by key, then by the other columns, and refuses all but the first row of each key.
    fn finish(&mut self, rules: &TableRules, files: &[BoundFile]) -> Result<(Table, KeyIndex), Error> {
        let parts = std::mem::take(&mut self.parts);
        let columns = parts.iter().map(|parts| concat(parts)).collect::<Result<Vec<Column>, _>>()?;
        let key_at = rules.key.map_or(0, |key| key.0 as usize);
        let (Some(key), Some(rule)) = (columns.get(key_at), rules.fields.get(key_at)) else {
            return Ok((Table::default(), KeyIndex::default()));
        };
        let columns_in_turn: Vec<&Column> = std::iter::once(key).chain(&columns).collect();
        let mut rows = std::mem::take(&mut self.keep);
        if !seg_ir::fault::is("ingest.references-keep-the-order-of-files") {
            rows.sort_by(|a, b| order::rows(&columns_in_turn, *a as usize, *b as usize));
        }
        let mut index = KeyIndex::default();
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            let value = key.value(row as usize);
            let Some(cell) = key::of_value(&value) else {
                let what = "it has no key, so nothing can point to it";
                self.refuse(rules, rule, files, row, None, (RejectCode::MissingValue, what));
                continue;
            };
            if index.insert(&cell, kept.len() as u32).1 || seg_ir::fault::is("ingest.double-reference-keys-are-kept") {
                kept.push(row);
            } else {
                let what = "another row of the table has this key; the one whose other columns sort first is used";
                let key = (!rule.secret).then(|| key::show_cell(&cell, rule));
                self.refuse(rules, rule, files, row, key, (RejectCode::DuplicateKey, what));
            }
        }
        let picked = UInt32Array::from(kept);
        let columns = columns.iter().map(|c| pick(c, &picked)).collect::<Result<Vec<_>, _>>()?;
        Ok((Table { columns, rows: picked.len() }, index))
    }

    /// Refuses a row that was good by itself.
    fn refuse(
        &mut self,
        rules: &TableRules,
        rule: &Rule,
        files: &[BoundFile],
        row: u32,
        key: Option<String>,
        (code, reason): (RejectCode, &str),
    ) {
        let (file, number) = self.origins.get(row as usize).copied().unwrap_or_default();
        self.stats.rejected += 1;
        self.rejects.push(Reject {
            source: rules.name.clone(),
            file: files.get(file as usize).map(|f| f.label.clone()),
            row: number,
            key,
            field: rule.name.clone(),
            code,
            reason: reason.to_string(),
        });
    }
}

/// The reference tables, each after those that it points to. **Errors**: pointers in a circle.
fn in_order(schema: &Schema) -> Result<Vec<TableId>, Error> {
    let mut waiting: Vec<TableId> =
        schema.table_ids().filter(|(_, t)| t.kind == TableKind::Reference).map(|(id, _)| id).collect();
    let mut done = BTreeSet::new();
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let ready = |id: &TableId| pointers(schema, *id).all(|to| done.contains(&to));
        let (now, later): (Vec<_>, Vec<_>) = waiting.iter().partition(|id| ready(id));
        if now.is_empty() {
            let names: Vec<&str> = later.iter().map(|id| schema.table(*id).name.as_str()).collect();
            return Err(Error::ReferenceCycle(names.join(", ")));
        }
        done.extend(now.iter().copied());
        order.extend(now);
        waiting = later;
    }
    Ok(order)
}

fn pointers(schema: &Schema, id: TableId) -> impl Iterator<Item = TableId> + '_ {
    schema.table(id).fields.iter().filter_map(|field| match field.ty {
        Type::Reference(to) => Some(to),
        _ => None,
    })
}

fn not_bound(schema: &Schema, id: TableId) -> Error {
    let pointer = schema.tables.iter().find_map(|t| {
        let field = t.fields.iter().find(|f| f.ty == Type::Reference(id))?;
        Some(format!(", which `{}` of `{}` points to", field.name, t.name))
    });
    Error::NotBound { table: schema.table(id).name.clone(), because: pointer.unwrap_or_default() }
}

impl Source for References {
    fn field(&self, table: TableId, field: seg_ir::FieldId, row: u32) -> seg_ir::Value<'_> {
        self.tables.field(table, field, row)
    }

    fn events(&self, _: seg_ir::CollectionId, _: u32) -> Option<std::ops::Range<u32>> {
        None
    }
}
