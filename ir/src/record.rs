//! One customer as plain values: what a request or a `test` block gives. It is a [`Source`] of one profile row.

use std::cmp::Ordering;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::interpret::Source;
use crate::operation::canonical_order;
use crate::schema::{CollectionId, FieldId, PROFILE, Schema, TableId};
use crate::time::Zone;
use crate::value::{Const, Reason, Value};

/// The rows of a table, one value a field.
type Rows = Vec<Vec<Const>>;

/// **Shape**: `tables[t]` holds the rows of table `t`, one value a field; the profile has one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    tables: Vec<Rows>,
    /// Per collection: its table, and whether it was given.
    collections: Vec<(TableId, bool)>,
}

impl Record {
    /// A record of a profile row without events; every collection counts as given.
    pub fn new(schema: &Schema, profile: Vec<Const>) -> Record {
        let mut tables = vec![Vec::new(); schema.tables.len()];
        if let Some(rows) = tables.get_mut(PROFILE.0 as usize) {
            rows.push(profile);
        }
        Record { tables, collections: schema.collections.iter().map(|c| (c.table, true)).collect() }
    }

    /// Adds a row to a table and returns its number there.
    pub fn push(&mut self, table: TableId, row: Vec<Const>) -> u32 {
        match self.tables.get_mut(table.0 as usize) {
            Some(rows) => {
                rows.push(row);
                (rows.len() - 1) as u32
            }
            None => 0,
        }
    }

    /// What it holds: the rows of each table, and each collection's table with whether it was given.
    pub(crate) fn parts(&self) -> (&[Rows], &[(TableId, bool)]) {
        (&self.tables, &self.collections)
    }

    /// The rows of a table.
    pub fn rows(&self, table: TableId) -> &[Vec<Const>] {
        self.tables.get(table.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Marks a collection as not sent.
    pub fn not_sent(&mut self, collection: CollectionId) {
        if let Some(entry) = self.collections.get_mut(collection.0 as usize) {
            entry.1 = false;
        }
    }

    /// The profile row, to be filled in further.
    pub fn set(&mut self, field: FieldId, value: Const) {
        let row = self.tables.get_mut(PROFILE.0 as usize).and_then(|rows| rows.first_mut());
        if let Some(slot) = row.and_then(|row| row.get_mut(field.0 as usize)) {
            *slot = value;
        }
    }

    /// Drops events later than `as_of` and puts the rest into canonical order. To be called once, when all is pushed.
    pub fn seal(&mut self, schema: &Schema, zone: &Zone, as_of: i64) {
        for (id, table) in schema.table_ids() {
            let event = table.by.is_some();
            let Some(rows) = self.tables.get_mut(id.0 as usize).filter(|_| event) else { continue };
            if let Some(at) = table.at
                && !crate::fault::is("ingest.record-keeps-later-events")
            {
                rows.retain(|row| row.get(at.0 as usize).is_none_or(|v| seen(v, zone, as_of)));
            }
            if !crate::fault::is("ingest.record-keeps-the-order-sent") {
                rows.sort_by(|a, b| row_order(table.at, a, b));
            }
        }
    }
}

/// Whether an event of that time is visible at an instant; a date stands for its first instant.
fn seen(at: &Const, zone: &Zone, as_of: i64) -> bool {
    match at {
        Const::Timestamp(at) => *at < as_of || (*at == as_of && !crate::fault::is("ingest.record-drops-events-of-now")),
        Const::Date(at) => zone.start_of_day(*at).is_none_or(|start| start <= as_of),
        _ => true,
    }
}

/// Time first, then the columns in the order of their declaration, missing first.
fn row_order(at: Option<FieldId>, a: &[Const], b: &[Const]) -> Ordering {
    let cell = |row: &[Const], i: usize| row.get(i).cloned().unwrap_or(Const::Missing(Reason::NotGiven));
    let compare = |i: usize| canonical_order(&cell(a, i).value(), &cell(b, i).value());
    let by_time = at.map_or(Ordering::Equal, |at| compare(at.0 as usize));
    by_time.then_with(|| (0..a.len()).map(compare).find(|o| o.is_ne()).unwrap_or(Ordering::Equal))
}

impl Source for Record {
    fn field(&self, table: TableId, field: FieldId, row: u32) -> Value<'_> {
        let row = self.tables.get(table.0 as usize).and_then(|rows| rows.get(row as usize));
        row.and_then(|row| row.get(field.0 as usize)).map_or(Value::Missing(Reason::NotGiven), Const::value)
    }

    fn events(&self, collection: CollectionId, _customer: u32) -> Option<Range<u32>> {
        let (table, given) = self.collections.get(collection.0 as usize)?;
        given.then(|| 0..self.tables.get(table.0 as usize).map_or(0, Vec::len) as u32)
    }
}
