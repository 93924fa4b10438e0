//! Profile rows with their events: what an evaluator sees. Knows how the columns lie, not where they came from.

use std::ops::Range;
use std::sync::Arc;

use arrow_buffer::ScalarBuffer;
use seg_ir::interpret::Source;
use seg_ir::schema::{PROFILE, TableKind};
use seg_ir::{CollectionId, FieldId, Reason, Schema, TableId, Value};

use crate::column::Column;
use crate::guard;

/// A batch that does not keep to its schema: a fault of the program that built it, never of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub String);

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a batch breaks its schema: {}", self.0)
    }
}

impl std::error::Error for Invalid {}

/// Rows of one table. **Shape**: one column a field, in the order of declaration, all of `rows` rows.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: usize,
}

/// Event and reference tables, shared by batches. Validated once.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    tables: Vec<Option<Table>>,
    /// The same for all tables that were made of one by [`Tables::with`]: they share its references.
    references: Arc<References>,
}

/// What tells the reference tables of one run from those of another.
#[derive(Debug, Default)]
pub(crate) struct References;

/// Where each customer's events lie in the event table. **Shape**: one range a customer; half-open.
#[derive(Debug, Clone)]
pub struct Ranges {
    pub starts: ScalarBuffer<u32>,
    pub ends: ScalarBuffer<u32>,
}

/// Customers (rows of the profile), their events in canonical order and none later than the as-of instant, and the
/// reference tables.
#[derive(Debug, Clone)]
pub struct Batch {
    profile: Table,
    keys: Column,
    tables: Arc<Tables>,
    ranges: Vec<Option<Ranges>>,
}

impl Tables {
    /// Takes tables by their id; the profile's place and those of tables that are not bound are empty.
    /// **Errors**: a column that does not fit its field, a pointer without target.
    pub fn new(schema: &Schema, tables: Vec<Option<Table>>) -> Result<Tables, Invalid> {
        let mut checked = Tables { tables, references: Arc::default() };
        schema.table_ids().try_for_each(|(id, _)| checked.check(schema, id))?;
        checked.tables.iter_mut().for_each(fence);
        Ok(checked)
    }

    /// The same reference tables, with some customers' events. **Errors**: a column that does not fit its field.
    pub fn with(&self, schema: &Schema, events: Vec<(TableId, Table)>) -> Result<Tables, Invalid> {
        let mut tables = self.clone();
        tables.tables.resize(schema.tables.len(), None);
        let ids: Vec<TableId> = events.iter().map(|(id, _)| *id).collect();
        for (id, table) in events {
            if let Some(slot) = tables.tables.get_mut(id.0 as usize) {
                *slot = Some(table);
            }
        }
        ids.iter().try_for_each(|id| tables.check(schema, *id))?;
        for id in ids {
            tables.tables.get_mut(id.0 as usize).into_iter().for_each(fence);
        }
        Ok(tables)
    }

    fn check(&self, schema: &Schema, id: TableId) -> Result<(), Invalid> {
        let Some(table) = self.get(id) else { return Ok(()) };
        check(schema, id, table, self)?;
        match u32::try_from(table.rows) {
            Ok(_) => Ok(()),
            Err(_) => Err(Invalid(format!("`{}` has more than 2^32 rows", schema.table(id).name))),
        }
    }

    /// Whose reference tables these are.
    pub(crate) fn references(&self) -> &Arc<References> {
        &self.references
    }

    pub fn get(&self, id: TableId) -> Option<&Table> {
        self.tables.get(id.0 as usize).and_then(Option::as_ref)
    }

    fn rows(&self, id: TableId) -> usize {
        self.get(id).map_or(0, |t| t.rows)
    }
}

impl Batch {
    /// A batch of the profile's rows, which `keys` name, and the range of each one's events by collection; `None` for
    /// a collection that is not bound. **Errors**: what the schema forbids.
    pub fn new(
        schema: &Schema,
        profile: Table,
        keys: Column,
        tables: Arc<Tables>,
        ranges: Vec<Option<Ranges>>,
    ) -> Result<Batch, Invalid> {
        check(schema, PROFILE, &profile, &tables)?;
        if u32::try_from(profile.rows).is_err() {
            return Err(Invalid("it has more than 2^32 customers".to_string()));
        }
        if keys.len() != profile.rows || ranges.len() != schema.collections.len() {
            return Err(Invalid("keys, ranges and rows differ in number".to_string()));
        }
        for (id, collection) in schema.collection_ids() {
            let Some(Some(of)) = ranges.get(id.0 as usize) else { continue };
            let rows = tables.rows(collection.table);
            let inside = of.starts.iter().zip(&of.ends).all(|(s, e)| s <= e && *e as usize <= rows);
            if of.starts.len() != profile.rows || of.ends.len() != profile.rows || !inside {
                return Err(Invalid(format!("ranges of `{}` lie outside its table", collection.name)));
            }
        }
        let (profile, keys) = (guard::table(profile), guard::column(keys));
        let ranges = ranges.into_iter().map(|of| of.map(guard::ranges)).collect();
        Ok(Batch { profile, keys, tables, ranges })
    }

    /// How many customers.
    pub fn len(&self) -> usize {
        self.profile.rows
    }

    pub fn is_empty(&self) -> bool {
        self.profile.rows == 0
    }

    /// The profile's key, or the row's number for `key row`.
    pub fn keys(&self) -> &Column {
        &self.keys
    }

    pub fn profile(&self) -> &Table {
        &self.profile
    }

    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The values of a field; `None` for a table that is not bound.
    pub fn column(&self, table: TableId, field: FieldId) -> Option<&Column> {
        let rows = if table == PROFILE { Some(&self.profile) } else { self.tables.get(table) };
        rows.and_then(|rows| rows.columns.get(field.0 as usize))
    }

    pub fn ranges(&self, collection: CollectionId) -> Option<&Ranges> {
        self.ranges.get(collection.0 as usize).and_then(Option::as_ref)
    }
}

impl Source for Batch {
    fn field(&self, table: TableId, field: FieldId, row: u32) -> Value<'_> {
        self.column(table, field).map_or(Value::Missing(Reason::NotGiven), |c| c.value(row as usize))
    }

    fn events(&self, collection: CollectionId, customer: u32) -> Option<Range<u32>> {
        let of = self.ranges(collection)?;
        let customer = customer as usize;
        let range = of.starts.get(customer).zip(of.ends.get(customer));
        Some(range.map_or(0..0, |(start, end)| *start..*end))
    }
}

impl Source for Tables {
    fn field(&self, table: TableId, field: FieldId, row: u32) -> Value<'_> {
        let column = self.get(table).and_then(|t| t.columns.get(field.0 as usize));
        column.map_or(Value::Missing(Reason::NotGiven), |c| c.value(row as usize))
    }

    fn events(&self, _: CollectionId, _: u32) -> Option<Range<u32>> {
        None
    }
}

/// Puts a table that was checked beside guard pages, in a build that has them.
fn fence(table: &mut Option<Table>) {
    *table = table.take().map(guard::table);
}

fn check(schema: &Schema, id: TableId, table: &Table, tables: &Tables) -> Result<(), Invalid> {
    let declared = schema.table(id);
    if declared.fields.len() != table.columns.len() {
        return Err(Invalid(format!("`{}` has {} columns", declared.name, table.columns.len())));
    }
    for (field, column) in declared.fields.iter().zip(&table.columns) {
        let place = || format!("`{}` of `{}`", field.name, declared.name);
        if column.len() != table.rows {
            return Err(Invalid(format!("{}: {} rows, not {}", place(), column.len(), table.rows)));
        }
        if let Some(fault) = column.fault(&field.ty, schema, &|t| tables.rows(t)) {
            return Err(Invalid(format!("{}: {fault}", place())));
        }
        let complete =
            field.optional || matches!(column, Column::Unread(_)) || column.nulls().is_none_or(|n| n.null_count() == 0);
        if !complete && declared.kind != TableKind::Reference {
            return Err(Invalid(format!("{}: a required value is missing", place())));
        }
    }
    Ok(())
}
