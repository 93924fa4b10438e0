//! The verifier of a schema: every index, every type, every name. Whoever reads data by a schema relies on it.

use std::collections::HashSet;

use super::value::{Checked, constant, ensure, one_line, prose, well_formed};
use crate::schema::{Collection, Field, PROFILE, Schema, Table, TableKind};
use crate::types::Type;

/// Checks a whole schema but its time zone, which is looked up where one is made. **Errors**: the first fault, with the name of what has it.
pub fn schema(schema: &Schema) -> Checked {
    let built_in = Schema::new().enums;
    ensure(schema.enums.starts_with(&built_in), || "its first enums are not Weekday and Month".into())?;
    let mut names = Names::new("enum");
    for declared in &schema.enums {
        names.take(&declared.name)?;
        ensure(!declared.members.is_empty(), || format!("the enum `{}` has no members", declared.name))?;
        let (mut members, mut values) = (Names::new("member"), HashSet::new());
        for member in &declared.members {
            members.take(&member.name)?;
            ensure(values.insert(&member.value), || format!("the text `{}` is of two members", member.value))?;
        }
    }
    ensure(!schema.tables.is_empty(), || "it has no profile".into())?;
    let mut names = Names::new("table");
    for (id, declared) in schema.table_ids() {
        names.take(&declared.name)?;
        let is_profile = declared.kind == TableKind::Profile;
        ensure(is_profile == (id == PROFILE), || "its first table and no other is the profile".into())?;
        table(schema, declared).map_err(|reason| format!("the table `{}`: {reason}", declared.name))?;
    }
    let (mut names, mut tables) = (Names::new("collection"), HashSet::new());
    for declared in &schema.collections {
        names.take(&declared.name)?;
        ensure(tables.insert(declared.table), || format!("`{}` has its table from another", declared.name))?;
        collection(schema, declared).map_err(|reason| format!("the collection `{}`: {reason}", declared.name))?;
    }
    Ok(())
}

/// Names of one kind, each there once.
struct Names<'a> {
    what: &'static str,
    seen: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    fn new(what: &'static str) -> Names<'a> {
        Names { what, seen: HashSet::new() }
    }

    fn take(&mut self, name: &'a str) -> Checked {
        one_line(name)?;
        ensure(!name.is_empty(), || format!("a {} without a name", self.what))?;
        ensure(self.seen.insert(name), || format!("the {} `{name}` is there twice", self.what))
    }
}

fn table(schema: &Schema, table: &Table) -> Checked {
    let is_event = table.kind == TableKind::Event;
    ensure(table.by.is_some() == is_event, || "an event table, and no other, belongs to customers".into())?;
    ensure(table.by.as_ref().is_none_or(|by| !by.is_empty()), || "the column of its customers has no name".into())?;
    table.by.as_deref().map_or(Ok(()), one_line)?;
    let mut names = Names::new("field");
    for declared in &table.fields {
        names.take(&declared.name)?;
        field(schema, declared).map_err(|reason| format!("the field `{}`: {reason}", declared.name))?;
    }
    let declared = |id: crate::FieldId| table.fields.get(id.0 as usize).ok_or_else(|| "no such field".to_string());
    match table.key {
        None => ensure(table.kind != TableKind::Reference, || "it has no key".into())?,
        Some(key) => {
            let key = declared(key)?;
            let fits = matches!(key.ty, Type::Text | Type::Int) && !key.optional && key.default.is_none();
            ensure(fits && !is_event, || format!("`{}` cannot be its key", key.name))?;
        }
    }
    if let Some(at) = table.at {
        let at = declared(at)?;
        let fits = matches!(at.ty, Type::Timestamp | Type::Date) && !at.optional;
        ensure(fits && is_event, || format!("`{}` cannot be its time", at.name))?;
    }
    Ok(())
}

fn field(schema: &Schema, field: &Field) -> Checked {
    well_formed(schema, &field.ty)?;
    if let Some(default) = &field.default {
        ensure(!field.optional && !default.is_missing(), || "its default says nothing".into())?;
        constant(schema, default, &field.ty)?;
    }
    if let Some(max) = field.max {
        let fits = max > 0 && matches!(field.ty, Type::Text | Type::List(_));
        ensure(fits, || format!("it cannot have a `max` of {max}"))?;
    }
    field.labels.iter().try_for_each(|label| one_line(label))?;
    field.doc.as_deref().map_or(Ok(()), prose)
}

fn collection(schema: &Schema, collection: &Collection) -> Checked {
    let table = schema.tables.get(collection.table.0 as usize).ok_or("no such table")?;
    ensure(table.kind == TableKind::Event, || format!("`{}` is no event table", table.name))?;
    ensure(schema.profile().find(&collection.name).is_none(), || "it has the name of a field".into())?;
    ensure(collection.max != Some(0), || "it cannot have a `max` of 0".into())
}
