//! Sources over other sources: one field replaced, or a record joined with the reference tables it points to.

use std::ops::Range;

use seg_ir::interpret::Source;
use seg_ir::schema::PROFILE;
use seg_ir::{CollectionId, Const, FieldId, TableId, Value};

use crate::batch::Tables;

/// Every customer of `inner` with one profile field replaced: "what if this were known".
pub struct Overlay<'s, S> {
    pub inner: &'s S,
    pub field: FieldId,
    pub value: Const,
}

impl<S: Source> Source for Overlay<'_, S> {
    fn field(&self, table: TableId, field: FieldId, row: u32) -> Value<'_> {
        if table == PROFILE && field == self.field {
            return self.value.value();
        }
        self.inner.field(table, field, row)
    }

    fn events(&self, collection: CollectionId, customer: u32) -> Option<Range<u32>> {
        self.inner.events(collection, customer)
    }
}

/// A record whose pointers lead into reference tables that it does not hold itself.
pub struct Joined<'s, S> {
    pub record: &'s S,
    pub references: &'s Tables,
}

impl<S: Source> Source for Joined<'_, S> {
    fn field(&self, table: TableId, field: FieldId, row: u32) -> Value<'_> {
        match self.references.get(table) {
            Some(_) => self.references.field(table, field, row),
            None => self.record.field(table, field, row),
        }
    }

    fn events(&self, collection: CollectionId, customer: u32) -> Option<Range<u32>> {
        self.record.events(collection, customer)
    }
}
