//! The same rows as every evaluator takes them: a record for each customer, and batches over columns.

use std::cmp::Ordering;
use std::sync::Arc;

use seg_evaluator::{Batch, Column, Ranges, Table, Tables};
use seg_ir::operation::canonical_order;
use seg_ir::schema::PROFILE;
use seg_ir::{Const, FieldId, Program, Record, Type};

use super::data::{Data, Row};

/// A customer as a request gives it.
pub fn record(program: &Program, as_of: i64, data: &Data, customer: usize) -> Record {
    let schema = &program.schema;
    let customer = &data.customers[customer];
    let mut record = Record::new(schema, customer.profile.clone());
    for (id, _) in schema.table_ids() {
        for row in &data.references[id.0 as usize] {
            record.push(id, row.clone());
        }
    }
    for (id, collection) in schema.collection_ids() {
        match data.bound[id.0 as usize] {
            true => customer.events[id.0 as usize].iter().for_each(|row| {
                record.push(collection.table, row.clone());
            }),
            false => record.not_sent(id),
        }
    }
    record.seal(schema, &program.zone, as_of);
    record
}

/// All customers as columns, from which batches are cut.
pub struct Columns<'a> {
    program: &'a Program,
    data: &'a Data,
    tables: Arc<Tables>,
    /// By collection, where each customer's events begin, and after the last where they end.
    starts: Vec<Option<Vec<u32>>>,
}

impl<'a> Columns<'a> {
    /// **Errors**: rows that the schema does not allow, which would be a fault of the generator.
    pub fn new(program: &'a Program, as_of: i64, data: &'a Data) -> Result<Columns<'a>, String> {
        let schema = &program.schema;
        let mut tables: Vec<Option<Table>> = vec![None; schema.tables.len()];
        for (id, declared) in schema.table_ids() {
            let rows: Vec<&Row> = data.references[id.0 as usize].iter().collect();
            if !rows.is_empty() {
                tables[id.0 as usize] = Some(table(&declared.fields.iter().map(|f| &f.ty).collect::<Vec<_>>(), &rows));
            }
        }
        let mut starts = Vec::new();
        for (id, collection) in schema.collection_ids() {
            if !data.bound[id.0 as usize] {
                starts.push(None);
                continue;
            }
            let declared = schema.table(collection.table);
            let (mut all, mut begins) = (Vec::new(), vec![0_u32]);
            for customer in &data.customers {
                let mut rows: Vec<&Row> = customer.events[id.0 as usize].iter().collect();
                rows.retain(|row| declared.at.is_none_or(|at| has_happened(program, as_of, &row[at.0 as usize])));
                rows.sort_by(|a, b| order(declared.at, a, b));
                all.extend(rows);
                begins.push(all.len() as u32);
            }
            tables[collection.table.0 as usize] =
                Some(table(&declared.fields.iter().map(|f| &f.ty).collect::<Vec<_>>(), &all));
            starts.push(Some(begins));
        }
        let tables = Tables::new(schema, tables).map_err(|e| e.to_string())?;
        Ok(Columns { program, data, tables: Arc::new(tables), starts })
    }

    /// A batch of some customers, in the order given. **Errors**: as above.
    pub fn batch(&self, customers: &[usize]) -> Result<Batch, String> {
        let schema = &self.program.schema;
        let rows: Vec<&Row> = customers.iter().map(|n| &self.data.customers[*n].profile).collect();
        let types: Vec<&Type> = schema.profile().fields.iter().map(|f| &f.ty).collect();
        let profile = table(&types, &rows);
        let keys = profile.columns[schema.profile().key.map_or(0, |k| k.0 as usize)].clone();
        let ranges = self.starts.iter().map(|starts| {
            let starts = starts.as_ref()?;
            let at = |add: usize| customers.iter().map(|n| starts[n + add]).collect::<Vec<u32>>().into();
            Some(Ranges { starts: at(0), ends: at(1) })
        });
        Batch::new(schema, profile, keys, Arc::clone(&self.tables), ranges.collect()).map_err(|e| e.to_string())
    }

    pub fn len(&self) -> usize {
        self.data.customers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.data.customers.is_empty()
    }

    /// The whole profile's type of a field, for reports.
    pub fn profile_type(&self, field: FieldId) -> &Type {
        &self.program.schema.field(PROFILE, field).ty
    }
}

/// An event of a day later than today, or of an instant later than now, is not seen.
fn has_happened(program: &Program, as_of: i64, at: &Const) -> bool {
    match at {
        Const::Timestamp(at) => *at <= as_of,
        Const::Date(at) => program.zone.date(as_of).is_none_or(|today| *at <= today),
        _ => true,
    }
}

/// By time, then by the columns as they are declared, missing first.
fn order(at: Option<FieldId>, a: &Row, b: &Row) -> Ordering {
    let time = at.map_or(Ordering::Equal, |at| canonical_order(&a[at.0 as usize].value(), &b[at.0 as usize].value()));
    let columns = a.iter().zip(b).map(|(a, b)| canonical_order(&a.value(), &b.value()));
    time.then_with(|| columns.into_iter().find(|o| o.is_ne()).unwrap_or(Ordering::Equal))
}

fn table(types: &[&Type], rows: &[&Row]) -> Table {
    let columns =
        types.iter().enumerate().map(|(n, ty)| column(ty, &rows.iter().map(|row| &row[n]).collect::<Vec<_>>()));
    Table { columns: columns.collect(), rows: rows.len() }
}

/// A column of values of one type.
pub fn column(ty: &Type, values: &[&Const]) -> Column {
    crate::batches::column(ty, values.iter().map(|value| value.value()))
}
